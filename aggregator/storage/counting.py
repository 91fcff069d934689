"""The store's counters: what is rolled back was never counted, so that numbers have no gaps."""

from typing import Literal

from sqlalchemy import Connection, select, update

from aggregator.storage.schema import counters

Counter = Literal["entered", "changes", "probe"]


def count(connection: Connection, name: Counter) -> int:
    """Move a counter on by one and give its new value."""
    statement = update(counters).where(counters.c.name == name).values(value=counters.c.value + 1)
    return int(connection.execute(statement.returning(counters.c.value)).scalar_one())


def value(connection: Connection, name: Counter) -> int:
    """A counter's value."""
    return int(connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one())
