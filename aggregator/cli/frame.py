"""What all commands share: their options, their exit codes, and how results are printed."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from aggregator import sanitize, urls
from aggregator.config import Config, find, load
from aggregator.errors import AggregatorError, ConfigError
from aggregator.query import Query
from aggregator.storage import Storage, open_storage

DONE, SOME_FAILED, WRONG_USE = 0, 1, 2

_ACTING: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

ConfigOption = Annotated[
    str, typer.Option("--config", metavar="FILE", help="feeds.toml; default $AGGREGATOR_CONFIG, else ./feeds.toml")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print the result as JSON, for programs")]


def configuration(argument: str, *, warn: Callable[[str], object] | None = None) -> Config:
    """The configuration; `warn` takes its warnings, which `check` and what fetches by itself tell, and no other."""
    config = load(find(argument, os.environ), os.environ)
    if warn is not None:
        for warning in config.warnings:
            warn(warning)
    return config


def config_path(argument: str) -> Path:
    """Where feeds.toml is, or would be."""
    return find(argument, os.environ)


def parsed(source: str, *, regex: bool = False) -> Query:
    """A query out of the command line; ConfigError with the column where it goes wrong."""
    from aggregator import query

    try:
        return query.parse(source, regex=regex)
    except query.QueryError as error:
        raise ConfigError(f"query, column {error.position + 1}: {error.message}") from None


def date(option: str, text: str) -> datetime | None:
    """A date out of the command line, in UTC where it names no zone; ConfigError when it is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} {text!r}: not a date; write 2024-03-05 or 2024-03-05T10:00:00+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def web_address(option: str, text: str) -> str:
    """A web address out of the command line, or nothing; ConfigError for anything else."""
    if text and not urls.is_http(text):
        raise ConfigError(f"{option} {text!r} is no web address: it must begin with https:// or http://")
    return text


@contextmanager
def store(config: Config) -> Iterator[Storage]:
    """The store, opened and closed."""
    storage = open_storage(config.store)
    try:
        yield storage
    finally:
        storage.close()


def explain(error: AggregatorError) -> int:
    """Print an error as a sentence; gives the exit code."""
    note(error.message)
    return WRONG_USE if isinstance(error, ConfigError) else SOME_FAILED


def note(message: str) -> None:
    """A line for people on standard error."""
    print(f"aggregator: {shown(message)}", file=sys.stderr)


def shown(value: object) -> str:
    """A value as one line without control characters: names, titles and errors come from outside."""
    return sanitize.clean_text(str(value), 2000)


def out(line: str = "") -> None:
    """A line of the result. What is printed with it has been through `shown`."""
    print(line)


def emit(value: Any) -> None:
    """The result as JSON; datetimes as RFC 3339."""
    print(as_json(value, indent=2))


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON with every character as it is but those that act on a terminal, which a text may hold: they are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _ACTING.sub(lambda char: f"\\u{ord(char[0]):04x}", text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as they need; without their heads where no terminal reads them. Programs ask for JSON."""
    texts = [[shown(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        for row in texts:
            out("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    # Folded: an address or an error that is cut off is of no use.
    columns = (Column(name, overflow="fold") for name in head)
    grid = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in texts:
        grid.add_row(*(Text(cell) for cell in row))
    Console().print(grid)


def counted(number: int, one: str, many: str) -> str:
    """How many there are, in words for people."""
    return f"{number} {one if number == 1 else many}"


def when(moment: datetime | None) -> str:
    """A time for people, in their own zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"


@contextmanager
def progress(label: str, total: int | None, *, quiet: bool) -> Iterator["Bar"]:
    """A progress bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield Bar(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        task = bars.add_task(label, total=total)
        yield Bar(lambda: bars.advance(task))


class Bar:
    """What a command tells of its progress."""

    def __init__(self, advance: Any) -> None:
        self._advance = advance

    def step(self, _: object = None) -> None:
        """One more is done."""
        if self._advance is not None:
            self._advance()
