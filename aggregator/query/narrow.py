"""What an index may look for in place of a query: all it finds is then judged by `matches`. Runs no search itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregator.query.nodes import Either, Every, Node, Words
from aggregator.query.syntax import Query

_COLUMNS: Final = {"tag": "tags"}


@dataclass(frozen=True, slots=True)
class Term:
    """A row with this token in `column`; None is any of title, text and tags."""

    column: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A row with a token that begins so."""

    column: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row with these tokens next to each other within one column."""

    column: str | None
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Rows that all parts find; at least two of them."""

    parts: tuple["Narrow", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Rows that any part finds; at least two of them."""

    parts: tuple["Narrow", ...]


Narrow = Term | Prefix | Phrase | And | Or


def narrow(query: Query) -> Narrow | None:
    """Give what every row of `index_row` has whose story matches, or None when the index can't narrow the search.

    A superset: the positive words alone. What is negated, ages and regular expressions don't narrow, and an OR does
    only if each of its branches does.
    """
    return _narrow(query.root)


def _narrow(node: Node) -> Narrow | None:
    match node:
        case Words():
            return _words(node)
        case Every():
            return _joined(part for part in map(_narrow, node.parts) if part is not None)
        case Either():
            parts = tuple(map(_narrow, node.parts))
            sure = tuple(part for part in parts if part is not None)
            return Or(sure) if len(sure) == len(parts) else None
        case _:
            return None


def _joined(parts: Iterable[Narrow]) -> Narrow | None:
    found = tuple(parts)
    return And(found) if len(found) > 1 else next(iter(found), None)


def _words(node: Words) -> Narrow | None:
    """A phrase's last word, if it is only begun, is looked for anywhere: not each index knows such phrases."""
    column = None if node.field is None else _COLUMNS.get(node.field, node.field)
    words = tuple(word for word in node.tokens if word != "/")
    whole = words[:-1] if node.prefix else words
    begun = (Prefix(column, words[-1]),) if node.prefix else ()
    if not whole:
        return _joined(begun)
    return _joined((Term(column, whole[0]) if len(whole) == 1 else Phrase(column, whole), *begun))
