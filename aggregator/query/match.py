"""Does a story match a query, from what is known of it so far? Pure: the time is an argument."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from aggregator.query.fields import url_tokens, url_words
from aggregator.query.nodes import Age, Either, Every, Node, Regex, Without, Words
from aggregator.query.syntax import Query
from aggregator.tokens import tokens

REGEX_TIMEOUT: Final = 0.1  # seconds for one regular expression on one field
BARE_FIELDS: Final = ("title", "text", "tag")  # where a term without a field is looked for

_COMPARE: Final[dict[str, Callable[[timedelta, timedelta], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class _View:
    """A field as it is matched: its tokens joined by single spaces, with one at both ends, and as a set."""

    joined: str
    words: frozenset[str]


@dataclass(frozen=True, kw_only=True)  # no slots: the views of its fields are kept with the value
class Subject:
    """What a query is asked about. A field that is None isn't known yet; one that is empty is known to be empty.

    `feed` is what the user calls the feed, `published` what the story says or else when it was first seen. Where
    `partial` is set, `text` is a teaser: what stands in it counts, what doesn't may still stand in the whole text.
    """

    title: str | None = None
    text: str | None = None
    author: str | None = None
    url: str | None = None
    feed: str | None = None
    tags: tuple[str, ...] | None = None
    language: str | None = None
    published: datetime | None = None
    partial: bool = False

    @cached_property
    def _views(self) -> dict[str, _View]:
        """Tokens of the fields that were asked for so far: a thousand rules look at a story, it is split once."""
        return {}

    def values(self, field: str) -> tuple[str, ...] | None:
        """Give a field by its name in the language, as one text, or one per tag; None when it isn't known."""
        if field == "tag":
            return self.tags
        value: str | None = getattr(self, "language" if field == "lang" else field)
        return None if value is None else (value,)

    def view(self, field: str) -> "_View | None":
        """Give a field as `matches` sees it, split at the first look; None when it isn't known."""
        values = self.values(field)
        if values is None:
            return None
        if field not in self._views:
            self._views[field] = _view(field, values)
        return self._views[field]


def matches(query: Query, subject: Subject, *, now: datetime) -> bool | None:
    """Answer True, False, or None when that depends on what isn't known yet (Kleene's three-valued logic).

    With all fields known the answer is never None. A regular expression that runs out of time counts as not found.
    """
    return _value(query.root, subject, now)


def index_row(subject: Subject) -> dict[str, str]:
    """Give column -> tokens joined by spaces, for an index that `narrow` searches; unknown fields are empty."""
    row = {
        field: " ".join(tokens(" ".join(subject.values(field) or ())))
        for field in ("title", "text", "author", "feed", "lang")
    }
    tags = " ".join(word for tag in subject.tags or () for word in tokens(tag))
    return {**row, "tags": tags, "url": " ".join(url_tokens(subject.url or ""))}


def _value(node: Node, subject: Subject, now: datetime) -> bool | None:
    match node:
        case Words():
            return _any(_words_in(node, field, subject) for field in _fields(node.field))
        case Every():
            return _negated(_any(_negated(_value(part, subject, now)) for part in node.parts))
        case Either():
            return _any(_value(part, subject, now) for part in node.parts)
        case Without():
            return _negated(_value(node.part, subject, now))
        case Regex():
            return _any(_regex_in(node, field, subject) for field in _fields(node.field))
        case Age():
            return _age(node, subject, now)


def _fields(field: str | None) -> tuple[str, ...]:
    return BARE_FIELDS if field is None else (field,)


def _any(values: Iterable[bool | None]) -> bool | None:
    unknown = False
    for value in values:
        if value:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _words_in(words: Words, field: str, subject: Subject) -> bool | None:
    view = subject.view(field)
    if view is None:
        return None
    return _found(words, field, view) or _unless_partial(field, subject)


def _found(words: Words, field: str, view: _View) -> bool:
    if field == "lang":
        return view.joined.startswith(words.needle)
    if words.prefix:
        return words.needle in view.joined
    if len(words.tokens) == 1:
        return words.tokens[0] in view.words
    return words.tokens[0] in view.words and words.needle in view.joined


def _unless_partial(field: str, subject: Subject) -> bool | None:
    return None if field == "text" and subject.partial else False


def _view(field: str, values: tuple[str, ...]) -> _View:
    if field == "url":
        found = (*url_words(values[0]), "/")  # a path may leave out its last one
        return _View(f" {' '.join(found)} ", frozenset(found))
    split = [tokens(value) for value in values]
    # the line feed stands between tags, so that no phrase reaches from one into the next
    joined = " \n ".join(" ".join(found) for found in split)
    return _View(f" {joined} ", frozenset().union(*split))


def _regex_in(node: Regex, field: str, subject: Subject) -> bool | None:
    values = subject.values(field)
    if values is None:
        return None
    return any(_searched(node, value) for value in values) or _unless_partial(field, subject)


def _searched(node: Regex, text: str) -> bool:
    try:
        return node.compiled.search(text, timeout=REGEX_TIMEOUT) is not None
    except TimeoutError:
        return False


def _age(node: Age, subject: Subject, now: datetime) -> bool | None:
    if subject.published is None:
        return None
    return _COMPARE[node.operator](now - subject.published, node.limit)
