"""Searching: the index narrows, `query.matches` decides, the newest number comes first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from aggregator import query
from aggregator.model import Story
from aggregator.storage import stories, words

BATCH: Final = 250  # stories at a time, at most
SCAN: Final = 5000  # stories read whole for one search, at most: a query that nothing matches must come to an end
HEADS: Final = 200_000  # stories of which titles, dates and the like are looked at
_PAST_ALL: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many stories are wanted, from which number on, of how many candidates; `live`: of live feeds only."""

    limit: int
    before: int | None = None
    live: bool = False
    scan: int = SCAN


def search(connection: Connection, asked: query.Query, bounds: Bounds, *, now: datetime) -> list[Story]:
    """Up to `limit` stories that match, newest number first, numbers below `before` only.

    What the index finds is judged by its head first: reading a text costs ten times as much, and ages, titles and
    feeds need none.
    """
    narrow = query.narrow(asked)
    found: list[Story] = []
    below, size = bounds.before or _PAST_ALL, min(bounds.limit + 10, BATCH)
    heads, whole = HEADS, bounds.scan
    while len(found) < bounds.limit and heads > 0 and whole > 0:
        keys = words.find(connection, narrow, before=below, size=size)
        candidates = _candidates(connection, keys, asked, bounds, now=now)[:whole]
        read = stories.given(connection, candidates)
        found.extend(story for story in read if query.matches(asked, words.subject(story), now=now))
        if len(keys) < size:
            break
        heads, whole = heads - len(keys), whole - len(candidates)
        below, size = keys[-1], min(size * 2, BATCH)
    return found[: bounds.limit]


def _candidates(
    connection: Connection, keys: list[int], asked: query.Query, bounds: Bounds, *, now: datetime
) -> list[int]:
    """Those that may match by all that is known without their texts."""
    return [
        head.key
        for head in stories.heads(connection, keys)
        if (head.live or not bounds.live) and query.matches(asked, words.head(head), now=now) is not False
    ]
