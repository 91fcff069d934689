"""What is remembered of each site's pages: in how many articles each block stood, and what the user said of it.

The memory is bounded: past BLOCKS blocks a site forgets those seen once, the longest unseen first.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, delete, func, select, update

from aggregator.model import Site, SiteBlock
from aggregator.storage import prepared
from aggregator.storage.codec import at, clean, ms
from aggregator.storage.database import upsert
from aggregator.storage.schema import blocks, sites

LOADED: Final = 2000  # blocks given to the cleaner: the ones seen most, and more than once
WINDOW: Final = 64  # articles; past it counts are halved: old templates fade, and a redesign is learnt in a few pages
BLOCKS: Final = 6000  # blocks kept of a site
OBSERVED: Final = 400  # blocks of one article
SAMPLE: Final = 200  # characters
EVERY: Final = 32  # articles between two looks at a site's size

_SITE: Final = select(sites.c.id, sites.c.articles).where(sites.c.host == bindparam("given"))
_LOAD: Final = (
    select(blocks.c.fingerprint, blocks.c.articles, blocks.c.last_seen, blocks.c.sample, blocks.c.override)
    .where(blocks.c.site == bindparam("of"), (blocks.c.articles > 1) | (blocks.c.override != ""))
    .order_by((blocks.c.override != "").desc(), blocks.c.articles.desc(), blocks.c.last_seen.desc())
    .limit(LOADED)
)


def load(connection: Connection, host: str) -> Site:
    """The site's memory; an empty one for a site never seen."""
    found = prepared.run(connection, _SITE, {"given": host}).fetchone()
    if found is None:
        return Site(host=host)
    site, articles = found
    rows = prepared.run(connection, _LOAD, {"of": site}).fetchall()
    known = {
        fingerprint: SiteBlock(
            fingerprint=fingerprint, articles=count, last_seen=at(last_seen), sample=sample, override=override
        )
        for fingerprint, count, last_seen, sample, override in rows
    }
    return Site(host=host, articles=articles, blocks=known)


def observe(connection: Connection, host: str, observed: Mapping[int, str], now: datetime) -> None:
    """Add the blocks of one new article to its site's memory."""
    if not host or not observed:
        return
    site, count = _counted(connection, host)
    rows = [
        {"site": site, "fingerprint": fingerprint, "articles": 1, "last_seen": ms(now), "sample": clean(text[:SAMPLE])}
        for fingerprint, text in list(observed.items())[:OBSERVED]
    ]
    prepared.many(connection, _observed(connection.dialect.name), rows)
    if count > WINDOW:
        _halve(connection, site)
    if count % EVERY == 0:
        _forget(connection, site)


def _counted(connection: Connection, host: str) -> tuple[int, int]:
    row = {"host": clean(host), "articles": 1}
    site, articles = prepared.run(connection, _seen(connection.dialect.name), row).fetchone()
    return site, articles


@cache
def _seen(dialect: str) -> Any:
    counted = upsert(dialect, sites).on_conflict_do_update(
        index_elements=["host"], set_={"articles": sites.c.articles + 1}
    )
    return counted.returning(sites.c.id, sites.c.articles)


@cache
def _observed(dialect: str) -> Any:
    statement = upsert(dialect, blocks)
    return statement.on_conflict_do_update(
        index_elements=["site", "fingerprint"],
        set_={"articles": blocks.c.articles + 1, "last_seen": statement.excluded.last_seen},
    )


def _halve(connection: Connection, site: int) -> None:
    connection.execute(update(sites).where(sites.c.id == site).values(articles=sites.c.articles // 2))
    mine = blocks.c.site == site
    connection.execute(update(blocks).where(mine).values(articles=blocks.c.articles // 2))
    connection.execute(delete(blocks).where(mine, blocks.c.articles == 0, blocks.c.override == ""))


def _forget(connection: Connection, site: int) -> None:
    mine = blocks.c.site == site
    over = connection.execute(select(func.count()).select_from(blocks).where(mine)).scalar_one() - BLOCKS
    if over <= 0:
        return
    rare = (
        select(blocks.c.fingerprint)
        .where(mine, blocks.c.override == "")
        .order_by(blocks.c.articles, blocks.c.last_seen)
        .limit(over + BLOCKS // 10)
    )
    connection.execute(delete(blocks).where(mine, blocks.c.fingerprint.in_(rare)))


def set_override(
    connection: Connection, host: str, fingerprint: int, override: Literal["", "keep", "remove"], *, sample: str
) -> None:
    """What the user says of a block: keep it, remove it, or judge it like any other. It may be one not seen yet."""
    statement = upsert(connection.dialect.name, sites).values(host=clean(host), articles=0)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["host"]))
    site = connection.execute(select(sites.c.id).where(sites.c.host == clean(host))).scalar_one()
    row = upsert(connection.dialect.name, blocks).values(
        site=site, fingerprint=fingerprint, articles=0, override=override, sample=clean(sample[:SAMPLE])
    )
    connection.execute(
        row.on_conflict_do_update(index_elements=["site", "fingerprint"], set_={"override": row.excluded.override})
    )


def known_hosts(connection: Connection) -> list[tuple[str, int]]:
    """The sites remembered, with how many articles each gave, the biggest first."""
    rows = connection.execute(select(sites.c.host, sites.c.articles).order_by(sites.c.articles.desc(), sites.c.host))
    return [(row.host, row.articles) for row in rows]
