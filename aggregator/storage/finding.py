"""Searching: the index narrows, `query.matches` decides, the newest number comes first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from aggregator import query
from aggregator.model import Story
from aggregator.storage import stories, words

BATCH: Final = 250  # stories read at a time, at most
SCAN: Final = 20_000  # stories looked at for one search, at most: a query that nothing matches must come to an end
_PAST_ALL: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many stories are wanted, from which number on, of how many candidates; `live`: of live feeds only."""

    limit: int
    before: int | None = None
    live: bool = False
    scan: int = SCAN


def search(connection: Connection, asked: query.Query, bounds: Bounds, *, now: datetime) -> list[Story]:
    """Up to `limit` stories that match, newest number first, numbers below `before` only."""
    limit = bounds.limit
    narrow = query.narrow(asked)
    found: list[Story] = []
    below, size, left = bounds.before or _PAST_ALL, min(limit + 10, BATCH), bounds.scan
    while len(found) < limit and left > 0:
        keys = words.find(connection, narrow, before=below, size=min(size, left))
        candidates = stories.given(connection, stories.live_of(connection, keys) if bounds.live else keys)
        found.extend(story for story in candidates if query.matches(asked, words.subject(story), now=now))
        if len(keys) < min(size, left):
            break
        below, left, size = keys[-1], left - len(keys), min(size * 2, BATCH)
    return found[:limit]
