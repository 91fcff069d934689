"""The feeds' subscriptions at hubs, by the path that only the hub knows. A feed may be leaving one for another."""

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from aggregator.errors import StorageError
from aggregator.storage.codec import at_or_none, clean, ms_or_none
from aggregator.storage.database import upsert
from aggregator.storage.schema import feeds, subscriptions
from aggregator.websub import Subscription

TEXTS: Final = ("hub", "topic", "callback", "secret", "state", "error_class", "error")
TIMES: Final = ("lease_end", "delivered", "next_try")

_ALL: Final = (
    select(feeds.c.url.label("feed_url"), *(column for column in subscriptions.c if column.name != "feed"))
    .join(feeds, feeds.c.id == subscriptions.c.feed)
    .order_by(subscriptions.c.path)
)


def given(connection: Connection) -> list[Subscription]:
    """All of them, those of feeds that are no longer configured too."""
    return [_subscription(row) for row in connection.execute(_ALL)]


def _subscription(row: Row[Any]) -> Subscription:
    values = row._asdict()
    return Subscription(**{**values, **{name: at_or_none(values[name]) for name in TIMES}})


def save(connection: Connection, subscription: Subscription) -> None:
    """Store one, new or changed."""
    feed = connection.execute(select(feeds.c.id).where(feeds.c.url == subscription.feed_url)).scalar()
    if feed is None:
        raise StorageError(f"{subscription.feed_url} is not among the feeds of the store")
    values: dict[str, Any] = {
        "feed": feed,
        "failures": subscription.failures,
        **{name: clean(getattr(subscription, name)) for name in TEXTS},
        **{name: ms_or_none(getattr(subscription, name)) for name in TIMES},
    }
    statement = upsert(connection.dialect.name, subscriptions).values(path=subscription.path, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=values))


def forget(connection: Connection, path: str) -> None:
    """Drop one."""
    connection.execute(delete(subscriptions).where(subscriptions.c.path == path))
