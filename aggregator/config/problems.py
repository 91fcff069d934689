"""What is wrong with feeds.toml, in a sentence with file, line and key. Reads nothing and decides nothing."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from aggregator.config.positions import KeyPath, locate
from aggregator.config.tables import DefaultsTable, FeedTable, FetchTable, File, OutputTable, Table
from aggregator.errors import ConfigError

# Pydantic's stable error types; what isn't here falls back to pydantic's own words.
_SENTENCES: Final = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "value_error": "{error}",
}
_TABLES: Final[Mapping[str, type[Table]]] = {
    "": File,
    "fetch": FetchTable,
    "defaults": DefaultsTable,
    "feeds": FeedTable,
    "outputs": OutputTable,
}
_HEADINGS: Final = {
    "": "at the top of the file, before the first [table]",
    "fetch": "in [fetch]",
    "defaults": "in [defaults]",
    "feeds": "in [[feeds]]",
    "outputs": "in [[outputs]]",
}
_SYNTAX_POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values came from: the file's path and text, and the keys that environment variables set instead."""

    path: Path
    text: str
    environment: Mapping[str, str]  # key -> name of the variable


def problem(origin: Origin, path: KeyPath, sentence: str, *, inside: int | None = None) -> ConfigError:
    """The error for the value at `path`; `inside` counts characters into its string."""
    variable = origin.environment.get(str(path[0]))
    if variable:
        return ConfigError(f"the environment variable {variable} {sentence}")
    place = locate(origin.text, path, inside=inside)
    where = f":{place.line}" if place else ""
    if place and inside is not None:
        where += f":{place.column}"
    return ConfigError(f"{origin.path}{where}: key {_dotted(path)}: {sentence}")


def line_of(origin: Origin, path: KeyPath) -> int:
    """The line of the value at `path`, from 1; 0 when it is not in the file."""
    place = locate(origin.text, path)
    return place.line if place else 0


def refused(origin: Origin, error: ValidationError) -> ConfigError:
    """The first of pydantic's findings, by their order in the file, and how many more there are."""
    found = [(_place(origin, item["loc"]), item["loc"], _sentence(item)) for item in error.errors(include_url=False)]
    _, path, sentence = min(found, key=lambda item: item[0])
    more = f" (and {len(found) - 1} more to correct)" if len(found) > 1 else ""
    return problem(origin, path, sentence + more)


def syntax(origin: Origin, error: ValueError | RecursionError) -> ConfigError:
    """The error for a text that is no TOML."""
    words = "lists or tables are nested too deeply" if isinstance(error, RecursionError) else str(error)
    match = _SYNTAX_POSITION.search(words)
    where = f":{match[1]}:{match[2]}" if match and match[1] else f":{origin.text.count(chr(10)) + 1}"
    return ConfigError(f"{origin.path}{where}: not valid TOML: {_SYNTAX_POSITION.sub('', words)}; correct this line")


def _place(origin: Origin, path: KeyPath) -> tuple[int, int]:
    place = locate(origin.text, path)
    return (place.line, place.column) if place else (0, 0)


def _sentence(item: Mapping[str, object]) -> str:
    path, kind = item["loc"], str(item["type"])
    if kind == "extra_forbidden" and isinstance(path, tuple):
        return _unknown(path)
    if kind == "list_type" and path in {("feeds",), ("outputs",)} and isinstance(path, tuple):
        return f"must be written with double brackets, [[{path[0]}]], once for each"
    context = item.get("ctx")
    template = _SENTENCES.get(kind, str(item["msg"]))
    return template.format(**context) if isinstance(context, dict) and kind in _SENTENCES else template


def _unknown(path: KeyPath) -> str:
    key, table = str(path[-1]), str(path[0]) if len(path) > 1 else ""
    known = _TABLES.get(table, File).model_fields
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f'is unknown; did you mean "{close[0]}"?'
    homes = [place for place, model in _TABLES.items() if key in model.model_fields]
    if homes:
        return f"is unknown here; it belongs {_HEADINGS[homes[0]]}"
    return f"is unknown; remove it ({_HEADINGS.get(table, 'here')}: {', '.join(known)})"


def _dotted(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def parse(origin: Origin) -> dict[str, object]:
    """The text as tomllib reads it, or the ConfigError for what is wrong."""
    try:
        return tomllib.loads(origin.text)
    except (ValueError, RecursionError) as error:
        raise syntax(origin, error) from None
