"""The sources that stories name: one row a feed, as it stood when its last story was stored."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from aggregator.model import Source
from aggregator.query import Subject
from aggregator.storage import prepared, stories, words
from aggregator.storage.codec import clean, ms_or_none
from aggregator.storage.schema import articles, sources

CHUNK: Final = 200  # articles indexed anew at a time
_FIELDS: Final = ("feed_url", "name", "title", "site_url", "feed_id", "language", "updated")
_FOUND: Final = (sources.c.id, *(sources.c[name] for name in _FIELDS))
_WITH_KEY: Final = select(*_FOUND).where(sources.c.key == bindparam("given"))
_PUT: Final = insert(sources).returning(sources.c.id)
_CHANGE: Final = (
    update(sources).where(sources.c.id == bindparam("row")).values({name: bindparam(name) for name in _FIELDS})
)


def save(connection: Connection, feed_url: str, source: Source, *, without: int = 0) -> int:
    """Store where a story comes from; gives the row. `without` is an article that is not in the index just now."""
    key = feed_url or f"import:{source.name}"
    values = _columns(source)
    row = prepared.run(connection, _WITH_KEY, {"given": key}).fetchone()
    if row is None:
        return int(prepared.run(connection, _PUT, {"key": key, **values}).fetchone()[0])
    found, *before = row
    if before[_FIELDS.index("name")] != values["name"]:
        rename(connection, key, values["name"], without=without)
    if before != [values[name] for name in _FIELDS]:
        prepared.run(connection, _CHANGE, {"row": found, **values})
    return int(found)


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
        words.drop(connection, _subjects(connection, chunk))
    connection.execute(update(sources).where(sources.c.id == row).values(name=name))
    for chunk in chunks:
        words.put(connection, _subjects(connection, chunk))
    return True


def _subjects(connection: Connection, keys: Sequence[int]) -> list[tuple[int, Subject]]:
    return [(story.key, words.subject(story)) for story in stories.given(connection, keys)]
