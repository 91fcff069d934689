"""Which stored article a new story is a copy of: the index gathers candidates, `dedup.judge` decides.

Candidates share an address, the exact text or a band of the fingerprint. Bands of templates are shared by many: only
the articles that share most are looked at.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, select

from aggregator import dedup
from aggregator.model import Article
from aggregator.storage.codec import at, clean, url_key
from aggregator.storage.database import upsert
from aggregator.storage.schema import articles, bands, tombstones, urls

BY_ADDRESS: Final = 32
BY_TEXT: Final = 32
BY_BAND: Final = 64

_BY_ADDRESS: Final = (
    select(urls.c.article)
    .where(urls.c.key.in_(bindparam("given", expanding=True)))
    .order_by(urls.c.article.desc())
    .limit(BY_ADDRESS)
)
_BY_TEXT: Final = (
    select(articles.c.key)
    .where(articles.c.text_hash == bindparam("given"))
    .order_by(articles.c.key.desc())
    .limit(BY_TEXT)
)
_BY_BAND: Final = (
    select(bands.c.article)
    .where(bands.c.band.in_(bindparam("given", expanding=True)))
    .group_by(bands.c.article)
    .order_by(func.count().desc(), bands.c.article.desc())
    .limit(BY_BAND)
)
_KNOWN: Final = select(
    articles.c.key, articles.c.title, articles.c.priority, articles.c.published, articles.c.fingerprint
).where(articles.c.key.in_(bindparam("given", expanding=True)))
_ADDRESSES: Final = select(urls.c.article, urls.c.url).where(urls.c.article.in_(bindparam("given", expanding=True)))


def find(connection: Connection, candidate: dedup.Known) -> int | None:
    """The article that this story is a copy of. The caller holds the write lock, so that it stays the only one."""
    keys = _candidates(connection, candidate)
    if not keys:
        return None
    original = dedup.judge(candidate, _known(connection, keys))
    return None if original is None else original.key


def _candidates(connection: Connection, candidate: dedup.Known) -> list[int]:
    found: dict[int, None] = {}
    if candidate.canonical:
        wanted = [url_key(url) for url in candidate.canonical]
        found.update(dict.fromkeys(connection.execute(_BY_ADDRESS, {"given": wanted}).scalars()))
    if candidate.fingerprint:
        digest = dedup.text_hash(candidate.fingerprint)
        found.update(dict.fromkeys(connection.execute(_BY_TEXT, {"given": digest}).scalars()))
        shared = list(dedup.bands(candidate.fingerprint))
        if shared:
            found.update(dict.fromkeys(connection.execute(_BY_BAND, {"given": shared}).scalars()))
    return list(found)


def _known(connection: Connection, keys: Sequence[int]) -> list[dedup.Known]:
    under: dict[int, list[str]] = {key: [] for key in keys}
    for article, url in connection.execute(_ADDRESSES, {"given": keys}):
        under[article].append(url)
    return [
        dedup.Known(
            key=row.key,
            fingerprint=row.fingerprint,
            canonical=tuple(under[row.key]),
            title=row.title,
            priority=row.priority,
            published=at(row.published),
        )
        for row in connection.execute(_KNOWN, {"given": keys})
    ]


def remember(connection: Connection, key: int, canonical: Iterable[str]) -> None:
    """Note addresses that an article is known under."""
    rows = [{"key": url_key(url), "article": key, "url": clean(url)} for url in canonical]
    if rows:
        connection.execute(upsert(connection, urls).on_conflict_do_nothing(), rows)


def index_text(connection: Connection, key: int, article: Article, *, before: bytes = b"") -> None:
    """Make an article findable by its text; `before` is the fingerprint it was found by until now."""
    if before == article.fingerprint:
        return
    if before:
        forget_text(connection, key, before)
    rows = [{"band": band, "article": key} for band in sorted(set(_bands(article.fingerprint)))]
    if rows:
        connection.execute(upsert(connection, bands).on_conflict_do_nothing(), rows)


def forget_text(connection: Connection, key: int, fingerprint: bytes) -> None:
    """Take an article's bands out."""
    connection.execute(delete(bands).where(bands.c.article == key, bands.c.band.in_(_bands(fingerprint))))


def _bands(fingerprint: bytes) -> tuple[int, ...]:
    return tuple(dedup.bands(fingerprint)) if fingerprint else ()


def buried(connection: Connection, canonical: Sequence[str]) -> bool:
    """Whether a story under one of these addresses was deleted and is not to come back."""
    if not canonical:
        return False
    keys = [url_key(url) for url in canonical]
    return connection.execute(select(tombstones.c.key).where(tombstones.c.key.in_(keys)).limit(1)).first() is not None
