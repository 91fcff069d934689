"""What was told of feeds' trouble: kept in the order it came, the newest KEPT."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from aggregator.storage.codec import at, clean, ms
from aggregator.storage.counting import count
from aggregator.storage.schema import troubles
from aggregator.trouble import Event

KEPT: Final = 500


def add(connection: Connection, events: Sequence[Event]) -> None:
    """Store events, beside the states that they were judged from."""
    if not events:
        return
    connection.execute(insert(troubles), [_row(event) for event in events])
    last = connection.execute(select(func.max(troubles.c.number))).scalar_one()
    connection.execute(delete(troubles).where(troubles.c.number <= last - KEPT))
    count(connection, "changes")


def newest(connection: Connection, limit: int) -> list[Event]:
    """The newest events, the last one first."""
    rows = connection.execute(select(troubles).order_by(troubles.c.number.desc()).limit(limit))
    return [Event(**{**row._asdict(), "at": at(row.at)}) for row in rows]


def _row(event: Event) -> dict[str, object]:
    return {
        "feed_url": clean(event.feed_url),
        "kind": event.kind,
        "at": ms(event.at),
        "title": clean(event.title),
        "text": clean(event.text),
    }
