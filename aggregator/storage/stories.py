"""Articles as readers get them: the newest, one by its key or address, archive pages, any given ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select

from aggregator import urls as addresses
from aggregator.model import Copy, Source, Story
from aggregator.storage import prepared
from aggregator.storage.codec import at, at_or_none, enclosures_in, ms, strings, unpack, url_key
from aggregator.storage.schema import articles, copies, sources, urls

CHUNK: Final = 500
WINDOW: Final = timedelta(days=2)
WINDOW_CAP: Final = 1000  # stories of a live feed, at most
ARCHIVE: Final = 100  # numbers in an archive page

_SOURCE: Final = tuple(
    sources.c[name].label(f"source_{name}")
    for name in ("feed_url", "name", "title", "site_url", "feed_id", "language", "updated")
)
COLUMNS: Final = (*(column for column in articles.c if column.name not in {"fingerprint", "text_hash"}), *_SOURCE)
_GIVEN: Final = (
    select(*COLUMNS)
    .join(sources, sources.c.id == articles.c.source)
    .where(articles.c.key.in_(bindparam("given", expanding=True)))
)
_HEADS: Final = (
    select(
        articles.c.key,
        articles.c.live,
        articles.c.published,
        articles.c.title,
        articles.c.url,
        articles.c.author,
        articles.c.language,
        sources.c.name.label("source_name"),
    )
    .join(sources, sources.c.id == articles.c.source)
    .where(articles.c.key.in_(bindparam("given", expanding=True)))
)
_COPIES: Final = (
    select(copies.c.article, copies.c.url, copies.c.source)
    .where(copies.c.article.in_(bindparam("given", expanding=True)))
    .order_by(copies.c.id)
)
_NEWEST: Final = (
    select(articles.c.key, articles.c.entered_at)
    .where(articles.c.live == 1)
    .order_by(articles.c.key.desc())
    .limit(bindparam("count"))
)
_AT: Final = select(func.max(urls.c.article)).where(urls.c.key == bindparam("given"))
_WITH_ID: Final = select(articles.c.key).where(articles.c.public_id == bindparam("given"))


def source_of(row: Row[Any]) -> Source:
    """The source's columns of a row of COLUMNS."""
    return Source(
        feed_url=row.source_feed_url,
        name=row.source_name,
        title=row.source_title,
        site_url=row.source_site_url,
        feed_id=row.source_feed_id,
        language=row.source_language,
        updated=at_or_none(row.source_updated),
    )


def story_of(row: Row[Any], found: Sequence[Copy] = ()) -> Story:
    """A row of COLUMNS, with the places where it stands besides the one that it links to, as a story."""
    body = unpack(row.body)
    return Story(
        key=row.key,
        id=row.public_id,
        number=row.key,
        title=row.title,
        url=row.url,
        author=row.author,
        published=at(row.published),
        updated=at(row.updated),
        entered_at=at(row.entered_at),
        language=row.language,
        direction=row.direction,
        html=body["html"],
        text=body["text"],
        summary=body.get("summary", ""),
        image=row.image,
        quality=row.quality,
        tags=strings(row.tags),
        categories=tuple(body.get("categories", ())),
        enclosures=enclosures_in(body.get("enclosures", ())),
        source=source_of(row),
        copies=tuple(copy for copy in found if copy.url != row.url),
    )


def given(connection: Connection, keys: Sequence[int]) -> list[Story]:
    """The articles with these keys, in this order; what is not there is left out."""
    stories: dict[int, Story] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        elsewhere = _copies(connection, chunk)
        for row in connection.execute(_GIVEN, {"given": chunk}):
            stories[row.key] = story_of(row, elsewhere.get(row.key, ()))
    return [stories[key] for key in keys if key in stories]


def _copies(connection: Connection, keys: Sequence[int]) -> dict[int, list[Copy]]:
    found: dict[int, list[Copy]] = defaultdict(list)
    for article, url, source in connection.execute(_COPIES, {"given": keys}):
        found[article].append(Copy(url=url, source=source))
    return found


def live_keys(connection: Connection, limit: int, now: datetime) -> list[int]:
    """The newest `limit` of the live articles by number, or two days' worth (up to WINDOW_CAP) when that is more."""
    rows = connection.execute(_NEWEST, {"count": max(limit, WINDOW_CAP)}).all()
    recent = sum(entered_at >= ms(now - WINDOW) for _, entered_at in rows[:WINDOW_CAP])
    return [key for key, _ in rows[: max(limit, recent)]]


def heads(connection: Connection, keys: Sequence[int]) -> list[Any]:
    """What can be told of these articles without reading them, in the same order."""
    rows: dict[int, Any] = {row.key: row for row in connection.execute(_HEADS, {"given": keys})}
    return [rows[key] for key in keys if key in rows]


def in_order(stories: Iterable[Story]) -> list[Story]:
    """As a feed shows them: newest first by date, then by id, so that the order never depends on chance."""
    by_id = sorted(stories, key=lambda story: story.id)
    return sorted(by_id, key=lambda story: story.published, reverse=True)


def by_address(connection: Connection, url: str) -> int | None:
    """The newest article known under this address."""
    found: int | None = connection.execute(_AT, {"given": url_key(addresses.canonical(url))}).scalar()
    return found


def by_id(connection: Connection, public_id: str) -> int | None:
    """The article with this public id."""
    row = prepared.run(connection, _WITH_ID, {"given": public_id}).fetchone()
    return None if row is None else int(row[0])


def archive_keys(connection: Connection, page: int) -> list[int]:
    """The numbers of archive page `page`, counted from 0, newest first. Numbers of pruned articles are missing."""
    first = page * ARCHIVE
    statement = (
        select(articles.c.key).where(articles.c.key > first, articles.c.key <= first + ARCHIVE).order_by(articles.c.key)
    )
    return list(connection.execute(statement).scalars())[::-1]
