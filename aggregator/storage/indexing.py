"""Keeps the index of words good for today's tokeniser: when that makes other tokens, everything is indexed anew."""

from typing import Final

from sqlalchemy import select

from aggregator.storage import stories, words
from aggregator.storage.database import Database, upsert
from aggregator.storage.schema import articles, meta

CHUNK: Final = 200
_NAME: Final = "words"


def ensure(database: Database) -> None:
    """Index all articles anew if the index was made by another tokeniser. One transaction; seconds per 10,000."""
    version = words.version()
    with database.read() as connection:
        found = connection.execute(select(meta.c.value).where(meta.c.name == _NAME)).scalar()
    if found == version:
        return
    with database.write() as connection:
        words.clear(connection)
        keys = list(connection.execute(select(articles.c.key).order_by(articles.c.key)).scalars())
        for start in range(0, len(keys), CHUNK):
            chunk = stories.given(connection, keys[start : start + CHUNK])
            words.put(connection, [(story.key, words.subject(story)) for story in chunk])
        statement = upsert(connection.dialect.name, meta).values(name=_NAME, value=version)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        )
