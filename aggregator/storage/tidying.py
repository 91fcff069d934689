"""What is not kept for ever, taken out a little at a time, so that no writer waits long.

A deleted article leaves its number unused, its entries marked and its addresses on a list, so that it does not come
back with the next poll. Bodies of entries go after ENTRY_BODIES; what an entry was judged stays.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select, update

from aggregator.storage import duplicates, stories, words
from aggregator.storage.codec import ms
from aggregator.storage.counting import count
from aggregator.storage.database import upsert
from aggregator.storage.schema import (
    articles,
    copies,
    entries,
    feeds,
    imports,
    meta,
    removed,
    sources,
    tombstones,
    urls,
)

ENTRY_BODIES: Final = timedelta(days=90)
BANDS: Final = timedelta(days=60)  # near-identical texts are looked for among articles this young; same ones for ever
ARTICLES: Final = 50  # deleted in one transaction
BODIES: Final = 1000
SKETCHES: Final = 500
_BANDS_DONE: Final = "bands dropped up to"

_OLD: Final = (
    select(articles.c.key, articles.c.title, articles.c.fingerprint, articles.c.source, articles.c.entry)
    .where(articles.c.entered_at < bindparam("before"))
    .order_by(articles.c.entered_at)
    .limit(ARTICLES)
)


def delete_articles(connection: Connection, before: datetime) -> int:
    """Delete some of the articles that entered before then; gives how many, 0 when none is left."""
    rows = connection.execute(_OLD, {"before": ms(before)}).all()
    keys = [row.key for row in rows]
    if not keys:
        return 0
    words.drop(connection, [(story.key, words.subject(story)) for story in stories.given(connection, keys)])
    for row in rows:
        duplicates.forget_text(connection, row.key, row.fingerprint, row.title)
    _uncount(connection, keys)
    _bury(connection, keys)
    for table in (urls, copies, removed):
        connection.execute(delete(table).where(table.c.article.in_(keys)))
    connection.execute(delete(articles).where(articles.c.key.in_(keys)))
    count(connection, "changes")
    return len(keys)


def _uncount(connection: Connection, keys: Sequence[int]) -> None:
    """Feeds tell how many articles they have."""
    statement = (
        select(sources.c.key, func.count())
        .join(articles, articles.c.source == sources.c.id)
        .where(articles.c.key.in_(keys))
        .group_by(sources.c.key)
    )
    for url, number in connection.execute(statement).all():
        connection.execute(update(feeds).where(feeds.c.url == url).values(articles=feeds.c.articles - number))


def _bury(connection: Connection, keys: Sequence[int]) -> None:
    known = select(urls.c.key).where(urls.c.article.in_(keys)).distinct()
    rows = [{"key": key} for key in connection.execute(known).scalars()]
    if rows:
        connection.execute(upsert(connection.dialect.name, tombstones).on_conflict_do_nothing(), rows)
    connection.execute(update(imports).where(imports.c.article.in_(keys)).values(article=0))
    gone: dict[str, Any] = {
        "article": None,
        "deleted": 1,
        "body": None,
        "next_try": None,
        "verdict": "rejected",
        "rule": "its story was deleted",
    }
    connection.execute(update(entries).where(entries.c.article.in_(keys)).values(gone))


def drop_bodies(connection: Connection, now: datetime) -> int:
    """Empty some old entries on which nothing is left to do."""
    old = (
        select(entries.c.id)
        .where(entries.c.first_seen < ms(now - ENTRY_BODIES), entries.c.body.is_not(None), entries.c.next_try.is_(None))
        .order_by(entries.c.first_seen)
        .limit(BODIES)
    )
    return int(connection.execute(update(entries).where(entries.c.id.in_(old)).values(body=None)).rowcount)


def drop_bands(connection: Connection, now: datetime) -> int:
    """Take some articles that are too old to be looked at out of the bands. Remembers how far it came."""
    done = connection.execute(select(meta.c.value).where(meta.c.name == _BANDS_DONE)).scalar()
    rows = connection.execute(
        select(articles.c.key, articles.c.title, articles.c.fingerprint)
        .where(articles.c.key > int(done or 0), articles.c.entered_at < ms(now - BANDS))
        .order_by(articles.c.key)
        .limit(SKETCHES)
    ).all()
    for row in rows:
        duplicates.forget_text(connection, row.key, row.fingerprint, row.title)
    if rows:
        statement = upsert(connection.dialect.name, meta).values(name=_BANDS_DONE, value=str(rows[-1].key))
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        )
    return len(rows)
