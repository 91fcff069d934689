"""The sources that stories name: one row a feed, as it stood when its last story was stored."""

from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from aggregator.model import Source
from aggregator.storage import stories, words
from aggregator.storage.codec import clean, ms_or_none
from aggregator.storage.schema import articles, sources

CHUNK: Final = 200  # articles indexed anew at a time


def save(connection: Connection, feed_url: str, source: Source, *, without: int = 0) -> int:
    """Store where a story comes from; gives the row. `without` is an article that is not in the index just now."""
    key = feed_url or f"import:{source.name}"
    values = _columns(source)
    row = connection.execute(select(sources).where(sources.c.key == key)).first()
    if row is None:
        made = connection.execute(insert(sources).values(key=key, **values).returning(sources.c.id))
        return int(made.scalar_one())
    if row.name != values["name"]:
        rename(connection, key, values["name"], without=without)
    if any(getattr(row, name) != value for name, value in values.items()):
        connection.execute(update(sources).where(sources.c.id == row.id).values(values))
    return int(row.id)


def _columns(source: Source) -> dict[str, Any]:
    return {
        "feed_url": clean(source.feed_url),
        "name": clean(source.name),
        "title": clean(source.title),
        "site_url": clean(source.site_url),
        "feed_id": clean(source.feed_id),
        "language": clean(source.language),
        "updated": ms_or_none(source.updated),
    }


def rename(connection: Connection, key: str, name: str, *, without: int = 0) -> bool:
    """Give a source another name. Its stories are indexed by it, so they are indexed anew. False: there is none."""
    row = connection.execute(select(sources.c.id).where(sources.c.key == key)).scalar()
    if row is None:
        return False
    found = connection.execute(select(articles.c.key).where(articles.c.source == row, articles.c.key != without))
    keys = list(found.scalars())
    chunks = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
    for chunk in chunks:
        words.drop(connection, stories.given(connection, chunk))
    connection.execute(update(sources).where(sources.c.id == row).values(name=name))
    for chunk in chunks:
        words.put(connection, stories.given(connection, chunk))
    return True
