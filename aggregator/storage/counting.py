"""The store's counters: what is rolled back was never counted, so that numbers have no gaps."""

from typing import Final, Literal

from sqlalchemy import Connection, bindparam, select, update

from aggregator.storage import prepared
from aggregator.storage.schema import counters

Counter = Literal["entered", "changes", "probe"]

_COUNT: Final = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
_VALUE: Final = select(counters.c.value).where(counters.c.name == bindparam("counter"))


def count(connection: Connection, name: Counter) -> int:
    """Move a counter on by one and give its new value."""
    return int(prepared.run(connection, _COUNT, {"counter": name}).fetchone()[0])


def value(connection: Connection, name: Counter) -> int:
    """A counter's value."""
    return int(connection.execute(_VALUE, {"counter": name}).scalar_one())
