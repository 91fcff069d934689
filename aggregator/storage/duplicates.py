"""Which stored article a new story is a copy of: the index gathers candidates, `dedup.judge` decides.

Candidates share an address, the exact text, a band of the fingerprint or the title. Bands of templates are shared by
many: only the articles that share most are looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, select

from aggregator import dedup
from aggregator.storage import prepared
from aggregator.storage.codec import at, clean, unpack, url_key
from aggregator.storage.database import upsert
from aggregator.storage.schema import articles, bands, tombstones, urls

BY_ADDRESS: Final = 32
BY_TEXT: Final = 32
BY_BAND: Final = 64
TEXTS: Final = 16  # read for one story

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
    articles.c.key,
    articles.c.title,
    articles.c.quality,
    articles.c.priority,
    articles.c.published,
    articles.c.fingerprint,
).where(articles.c.key.in_(bindparam("given", expanding=True)))
_BODIES: Final = select(articles.c.key, articles.c.body).where(articles.c.key.in_(bindparam("given", expanding=True)))
_FORGET: Final = delete(bands).where(
    bands.c.article == bindparam("of"), bands.c.band.in_(bindparam("given", expanding=True))
)
_BURIED: Final = select(tombstones.c.key).where(tombstones.c.key.in_(bindparam("given", expanding=True))).limit(1)
_ADDRESSES: Final = select(urls.c.article, urls.c.url).where(urls.c.article.in_(bindparam("given", expanding=True)))


def find(connection: Connection, candidate: dedup.Known, shared: Sequence[int]) -> int | None:
    """The article that this story is a copy of. The caller holds the write lock, so that it stays the only one."""
    keys = _candidates(connection, candidate, shared)
    if not keys:
        return None
    original = dedup.judge(candidate, _with_texts(connection, candidate, known(connection, keys)))
    return None if original is None else original.key


def teases(connection: Connection, candidate: dedup.Known, stored: dedup.Known) -> bool:
    """Whether one of a story and an article is a teaser of the other."""
    return dedup.teases(candidate, *_with_texts(connection, candidate, [stored]))


def _with_texts(connection: Connection, candidate: dedup.Known, found: Sequence[dedup.Known]) -> list[dedup.Known]:
    """The same, the newest that may be a teaser or its story with their texts."""
    wanted = sorted((other.key for other in found if dedup.may_tease(candidate, other)), reverse=True)[:TEXTS]
    rows = prepared.run(connection, _BODIES, {"given": wanted}).fetchall() if wanted else []
    texts = {key: unpack(body)["text"] for key, body in rows}
    return [replace(other, text=texts[other.key]) if other.key in texts else other for other in found]


def _candidates(connection: Connection, candidate: dedup.Known, shared: Sequence[int]) -> list[int]:
    found: dict[int, None] = {}
    if candidate.canonical:
        wanted = [url_key(url) for url in candidate.canonical]
        found.update(_first(connection, _BY_ADDRESS, wanted))
    if candidate.fingerprint:
        digest = dedup.text_hash(candidate.fingerprint)
        found.update(_first(connection, _BY_TEXT, digest))
    if shared:
        found.update(_first(connection, _BY_BAND, list(shared)))
    return list(found)


def _first(connection: Connection, statement: Select[Any], given: object) -> dict[int, None]:
    return dict.fromkeys(key for (key,) in prepared.run(connection, statement, {"given": given}).fetchall())


def known(connection: Connection, keys: Sequence[int]) -> list[dedup.Known]:
    """These articles as the judge of duplicates sees them."""
    under: dict[int, list[str]] = {key: [] for key in keys}
    for article, url in prepared.run(connection, _ADDRESSES, {"given": list(keys)}).fetchall():
        under[article].append(url)
    found = prepared.run(connection, _KNOWN, {"given": list(keys)}).fetchall()
    return [
        dedup.Known(
            key=key,
            fingerprint=fingerprint,
            canonical=tuple(under[key]),
            title=title,
            quality=quality,
            priority=priority,
            published=at(published),
        )
        for key, title, quality, priority, published, fingerprint in found
    ]


@cache
def _put(dialect: str, table: Table) -> Any:
    return upsert(dialect, table).on_conflict_do_nothing()


def remember(connection: Connection, key: int, canonical: Iterable[str]) -> None:
    """Note addresses that an article is known under."""
    rows = [{"key": url_key(url), "article": key, "url": clean(url)} for url in canonical]
    if rows:
        prepared.many(connection, _put(connection.dialect.name, urls), rows)


def index_text(connection: Connection, key: int, shared: Sequence[int]) -> None:
    """Make an article findable by its text and title: `shared` is what `dedup.keys` gives for them."""
    if shared:
        rows = [{"band": band, "article": key} for band in sorted(shared)]
        prepared.many(connection, _put(connection.dialect.name, bands), rows)


def forget_text(connection: Connection, key: int, fingerprint: bytes, title: str) -> None:
    """Make it findable by its text and title no more."""
    shared = dedup.keys(fingerprint, title)
    if shared:
        connection.execute(_FORGET, {"of": key, "given": list(shared)})


def buried(connection: Connection, canonical: Sequence[str]) -> bool:
    """Whether a story under one of these addresses was deleted and is not to come back."""
    if not canonical:
        return False
    keys = [url_key(url) for url in canonical]
    return prepared.run(connection, _BURIED, {"given": keys}).fetchone() is not None
