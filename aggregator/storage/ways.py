"""The way of one story, for `aggregator why`: the entries it came in, its article, its copies, what was taken out."""

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, or_, select

from aggregator import urls
from aggregator.model import Removed
from aggregator.storage import stories
from aggregator.storage.codec import at, at_or_none, blob_entry, guid_key, unpack, url_key
from aggregator.storage.records import ArticlePath, EntryPath, StoryPath
from aggregator.storage.schema import articles, entries, feeds, removed

MOST: Final = 100  # entries told of
NUMBER: Final = 18  # digits

_ENTRIES: Final = (
    select(entries, feeds.c.url.label("feed_url"), feeds.c.name.label("feed_name"))
    .join(feeds, feeds.c.id == entries.c.feed)
    .order_by(entries.c.id)
    .limit(MOST)
)
_ARTICLE: Final = select(articles.c.edits, articles.c.live, articles.c.origin, articles.c.layer).where(
    articles.c.key == bindparam("given")
)
_REMOVED: Final = select(removed.c.blocks).where(removed.c.article == bindparam("given"))


def tell(connection: Connection, asked: str) -> StoryPath | None:
    """All that is known of an address, a public id, an article's number or a feed's guid; None for nothing."""
    key = _article_of(connection, asked)
    keys = (url_key(urls.canonical(asked)), guid_key(asked))
    wanted = or_(entries.c.url_key == keys[0], entries.c.guid_key == keys[1])
    if key is not None:
        wanted = or_(wanted, entries.c.article == key)
    found = tuple(_entry(row) for row in connection.execute(_ENTRIES.where(wanted)))
    if key is None:
        key = next((entry.article_key for entry in found if entry.article_key is not None), None)
    if key is None and not found:
        return None
    return StoryPath(asked=asked, entries=found, article=None if key is None else _article(connection, key))


def _article_of(connection: Connection, asked: str) -> int | None:
    if asked.isascii() and asked.isdigit() and len(asked) <= NUMBER:
        statement = select(articles.c.key).where(articles.c.key == int(asked))
        number: int | None = connection.execute(statement).scalar()
        return number
    return stories.by_id(connection, asked) or stories.by_address(connection, asked)


def _entry(row: Row[Any]) -> EntryPath:
    entry = blob_entry(row.body, row.hash) if row.body is not None else None
    return EntryPath(
        entry_id=row.id,
        feed_url=urls.without_login(row.feed_url),
        feed_name=row.feed_name,
        guid=entry.guid if entry else "",
        url=entry.url if entry else "",
        title=entry.title if entry else "",
        verdict=row.verdict,
        rule=row.rule,
        first_seen=at(row.first_seen),
        next_try=at_or_none(row.next_try),
        attempts=row.attempts,
        changes=row.changes,
        error_class=row.error_class,
        article_key=row.article,
    )


def _article(connection: Connection, key: int) -> ArticlePath | None:
    (story,) = stories.given(connection, [key]) or (None,)
    if story is None:
        return None
    row = connection.execute(_ARTICLE, {"given": key}).one()
    blob = connection.execute(_REMOVED, {"given": key}).scalar()
    blocks = unpack(blob) if blob is not None else []
    return ArticlePath(
        key=key,
        id=story.id,
        title=story.title,
        url=story.url,
        source=story.source,
        quality=story.quality,
        origin=row.origin,
        layer=row.layer,
        live=bool(row.live),
        published=story.published,
        updated=story.updated,
        entered_at=story.entered_at,
        edits=row.edits,
        copies=story.copies,
        removed=tuple(Removed(text=text, reason=reason, score=score) for text, reason, score in blocks),
    )
