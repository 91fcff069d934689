"""Which stories a request asks for: an output's name and a search, validated, as one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException

from aggregator import query as language
from aggregator.query import Query
from aggregator.web.deps import Config, Output

MAX_QUERY: Final = 500  # characters
MAX_NUMBER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for. `output` is None for the feed of everything; `query` wants what it and the search want."""

    output: Output | None
    search: str
    query: Query

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.query.source


def select(config: Config, *, name: str = "", search: str = "") -> Selection:
    """The selection; HTTPException 404 for an unknown output, 400 with sentence and position for a bad search."""
    output = _output(config, name)
    search = search.strip()
    if len(search) > MAX_QUERY:
        raise HTTPException(400, f"The search is too long: {MAX_QUERY} characters are the most.")
    try:
        wanted = language.parse(search)
    except language.QueryError as error:
        raise HTTPException(400, bad_search(error)) from error
    own = language.parse(output.query.strip() if output else "", regex=True)
    return Selection(output=output, search=search, query=language.both(own, wanted))


def moment(now: datetime) -> datetime:
    """The time to judge ages by: whole hours, so that what is rendered stays the same in between."""
    return now.replace(minute=0, second=0, microsecond=0)


def bad_search(error: language.QueryError) -> str:
    """The sentence with its place, counted from 1 as people do."""
    return f"The search can't be read, at character {error.position + 1}: {error.message}"


def number(parameters: Mapping[str, str], name: str) -> int | None:
    """A positive whole number out of the query string; None when absent, HTTPException 400 when it is no such thing."""
    value = parameters.get(name, "").strip()
    if not value:
        return None
    if found := row_number(value):
        return found
    raise HTTPException(400, f"“{name}” has to be a whole number from 1 on.")


def row_number(value: str) -> int:
    """A whole number from 1 to MAX_NUMBER out of an address; 0 for anything else, however long."""
    plain = value.isascii() and value.isdigit() and len(value) <= len(str(MAX_NUMBER))
    return int(value) if plain and int(value) <= MAX_NUMBER else 0


def _output(config: Config, name: str) -> Output | None:
    if not name:
        return None
    for output in config.outputs:
        if output.name == name:
            return output
    raise HTTPException(404, "There is no output of this name.")
