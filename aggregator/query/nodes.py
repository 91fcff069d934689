"""What a query means, as a tree of frozen values. No parsing and no matching here."""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

FIELDS: Final = ("title", "text", "author", "url", "feed", "tag", "lang")


class QueryError(ValueError):
    """A query that can't be read. `message` says what to do, `position` is the 0-based character it is about."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return f"{self.message} (at character {self.position + 1})"


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; without parts, anything does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The part doesn't hold."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens next to each other, the last one perhaps only begun; `field` None is title, text and tags."""

    field: str | None
    tokens: tuple[str, ...]
    prefix: bool = False
    needle: str = dataclasses.field(init=False, compare=False, repr=False)  # the tokens as a field's view joins them

    def __post_init__(self) -> None:
        object.__setattr__(self, "needle", f" {' '.join(self.tokens)}" + ("" if self.prefix else " "))


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, searched for in the unfolded text without regard to case."""

    field: str | None
    source: str
    compiled: Any = dataclasses.field(compare=False, repr=False)  # regex.Pattern; the package ships no types


@dataclass(frozen=True, slots=True)
class Age:
    """Time since publication, compared to `limit`."""

    operator: Literal["<", "<=", ">", ">="]
    limit: timedelta


Node = Every | Either | Without | Words | Regex | Age
