"""Adding a story: it is an edit of an article, a copy of one, or a new article. One transaction decides and does it.

The survivor among copies, its public id and its source never change; title and link are those of the copy whose text
is shown. A text never gives way to one of lower quality. `updated` moves when what is read has changed, EDITS times at
most.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from aggregator import dedup, urls
from aggregator.model import Removed, Verdict
from aggregator.query import Subject
from aggregator.storage import duplicates, entries, origins, prepared, sites, stories, words
from aggregator.storage.arrival import QUALITY, Incoming, candidate, entered, guid_id, prepare, tag_id, trusted
from aggregator.storage.codec import clean, json_text, ms, pack, strings, unpack, url_key
from aggregator.storage.counting import count
from aggregator.storage.database import upsert
from aggregator.storage.records import Added, Addition
from aggregator.storage.schema import articles, copies, feeds, imports, meta, removed, sources
from aggregator.storage.schema import entries as entry_rows
from aggregator.storage.schema import urls as url_rows

EDITS: Final = 24
COPIES: Final = 50  # of one article
REMOVED: Final = 200  # blocks of one article
REMOVED_TEXT: Final = 1000  # characters of one

_NAMES: Final = (sources.c.name.label("source_name"), sources.c.title.label("source_title"))
_STORED: Final = (
    select(articles, sources.c.key.label("source_key"), *_NAMES)
    .join(sources, sources.c.id == articles.c.source)
    .where(articles.c.key == bindparam("given"))
)
_IMPORTED: Final = select(imports.c.article).where(imports.c.key == bindparam("given"))
_STANDING: Final = select(entry_rows.c.article, entry_rows.c.deleted).where(entry_rows.c.id == bindparam("given"))
_OWNER: Final = select(articles.c.entry).where(articles.c.key == bindparam("given"))
_INSTANCE: Final = select(meta.c.value).where(meta.c.name == "instance")
_COUNT_FEED: Final = update(feeds).where(feeds.c.url == bindparam("given")).values(articles=feeds.c.articles + 1)
_PUT: Final = insert(articles)
# What readers see.
_READ: Final = ("title", "url", "author", "language", "direction", "image", "quality", "tags", "published")
_CONTENT: Final = ("html", "text", "summary")
_OF_TEXT: Final = ("quality", "origin", "layer", "text_hash", "fingerprint", "priority", "direction")
_WITH_TEXT: Final = ("title", "url", "author", "language")  # likewise, where the copy says anything


def add(connection: Connection, addition: Addition, now: datetime) -> Added:
    """Add one story. The caller holds the write lock."""
    known = imported(connection, addition.import_key)
    incoming = prepare(addition, now)
    if known is not None:
        return (
            _again(connection, incoming, known) if known and addition.again else Added(key=known, outcome="unchanged")
        )
    article, deleted = _standing(connection, addition.entry_id)
    if article is not None:
        added = _again(connection, incoming, article)
    elif deleted or duplicates.buried(connection, incoming.claimed):
        added = Added(key=0, outcome="unchanged")
    else:
        original = duplicates.find(connection, candidate(incoming), incoming.keys)
        added = _insert(connection, incoming) if original is None else _attach(connection, incoming, original)
    _settle(connection, addition, added)
    return added


def imported(connection: Connection, key: bytes) -> int | None:
    """The article that a source with this hash became, 0 for a deleted one, None when it was never imported."""
    if not key:
        return None
    found: int | None = connection.execute(_IMPORTED, {"given": key}).scalar()
    return found


def _standing(connection: Connection, entry_id: int | None) -> tuple[int | None, bool]:
    if entry_id is None:
        return None, False
    article, deleted = prepared.run(connection, _STANDING, {"given": entry_id}).fetchone()
    return article, bool(deleted)


def _settle(connection: Connection, addition: Addition, added: Added) -> None:
    if addition.import_key:
        connection.execute(insert(imports), {"key": addition.import_key, "article": added.key})
    if addition.entry_id is None:
        return
    if added.key == 0:
        entries.settle(connection, addition, verdict="rejected", article=None)
        return
    own = added.outcome == "stored" or connection.execute(_OWNER, {"given": added.key}).scalar() == addition.entry_id
    verdict: Verdict = "stored" if own else "duplicate"
    entries.settle(connection, addition, verdict=verdict, article=added.key)


def _insert(connection: Connection, incoming: Incoming) -> Added:
    addition = incoming.addition
    key = count(connection, "entered")
    row = {
        **incoming.columns,
        **entered(incoming),
        "key": key,
        "public_id": _public_id(connection, addition),
        "source": origins.save(connection, addition.feed_url, addition.source),
    }
    prepared.run(connection, _PUT, row)
    words.put_last(connection, key, words.parts(row, incoming.body, clean(addition.source.name)))
    duplicates.remember(connection, key, trusted(incoming))
    duplicates.index_text(connection, key, incoming.keys)
    _keep_removed(connection, key, addition.cleaned.removed)
    sites.observe(connection, addition.site_key or urls.site(row["url"]), addition.cleaned.observed, incoming.now)
    if addition.feed_url:
        prepared.run(connection, _COUNT_FEED, {"given": addition.feed_url})
    count(connection, "changes")
    return Added(key=key, outcome="stored")


def _public_id(connection: Connection, addition: Addition) -> str:
    """The feed's id where it is fit and free, else one of ours; never changed afterwards."""
    own = guid_id(addition)
    if own and stories.by_id(connection, own) is None:
        return own
    instance = connection.execute(_INSTANCE).scalar_one()
    made = wanted = tag_id(addition, instance)
    turn = 1
    while stories.by_id(connection, made) is not None:
        turn += 1
        made = f"{wanted}-{turn}"
    return made


def _keep_removed(connection: Connection, key: int, blocks: Sequence[Removed]) -> None:
    rows = [[clean(block.text[:REMOVED_TEXT]), clean(block.reason), block.score] for block in blocks[:REMOVED]]
    prepared.run(connection, _put_removed(connection.dialect.name), {"article": key, "blocks": pack(rows)})


@cache
def _put_removed(dialect: str) -> Any:
    statement = upsert(dialect, removed)
    return statement.on_conflict_do_update(index_elements=["article"], set_={"blocks": statement.excluded.blocks})


def _again(connection: Connection, incoming: Incoming, key: int) -> Added:
    """A story that came before: the article's own entry may edit it, a copy's entry only better it."""
    stored = connection.execute(_STORED, {"given": key}).one()
    if stored.entry != incoming.addition.entry_id:
        return _attach(connection, incoming, key)
    before = unpack(stored.body)
    if incoming.rank < QUALITY[stored.quality] or (before["text"] and not incoming.body["text"]):
        return Added(key=key, outcome="unchanged")
    columns = _edited(incoming, stored)
    if before == incoming.body and all(columns[name] == getattr(stored, name) for name in _READ):
        return Added(key=key, outcome="unchanged")
    edited = columns["title"] != stored.title or _reads_otherwise(before, incoming.body)
    _rewrite(connection, stored, columns, incoming, edited=edited)
    return Added(key=key, outcome="updated")


def _edited(incoming: Incoming, stored: Row[Any]) -> dict[str, Any]:
    """The columns after an edit. What it is silent on stays: a file imported again comes without the first import's
    options, and what is cleaned again from the store without tags."""
    columns, tags = dict(incoming.columns), incoming.addition.tags
    for name in ("title", "url", "priority"):
        columns[name] = columns[name] or getattr(stored, name)
    if incoming.addition.again or not tags:
        columns["tags"] = clean(json_text(list(dict.fromkeys([*strings(stored.tags), *tags]))))
    dated = not incoming.addition.again or stored.published != stored.entered_at
    columns["published"] = stored.published if dated else min(stored.published, ms(incoming.published))
    return columns


def _reads_otherwise(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return any(before[name] != after[name] for name in ("html", "text"))


def _attach(connection: Connection, incoming: Incoming, key: int) -> Added:
    """Note a copy: "also in" when it stands at another address, its text, title and link when its text is better."""
    stored = connection.execute(_STORED, {"given": key}).one()
    noted = _note_copy(connection, incoming, key)  # first: the article is not known under this address yet
    if _betters(connection, stored, incoming):
        before = unpack(stored.body)
        body = before | {name: incoming.body[name] for name in _CONTENT if incoming.body.get(name)}
        columns = {name: incoming.columns[name] for name in _OF_TEXT} | {"body": pack(body)} | _beside_text(incoming)
        if urls.canonical(columns.get("url", stored.url)) == urls.canonical(stored.url):
            columns["url"] = stored.url  # the same place by another spelling
        else:
            _put_copy(
                connection, key, entry=stored.entry, url=stored.url, source=stored.source_name or stored.source_title
            )
        edited = _reads_otherwise(before, body) or columns.get("title", stored.title) != stored.title
        _rewrite(connection, stored, columns, incoming, edited=edited)
    if noted:
        count(connection, "changes")
    duplicates.remember(connection, key, trusted(incoming))
    return Added(key=key, outcome="duplicate")


def _beside_text(incoming: Incoming) -> dict[str, Any]:
    return {name: incoming.columns[name] for name in _WITH_TEXT if incoming.columns[name]}


def _betters(connection: Connection, stored: Row[Any], incoming: Incoming) -> bool:
    """Whether a copy's text is to be shown in place of the article's.

    When it is another text under the same address, only the story's own site has a say: else any feed could name a
    stranger's address and put its own words there.
    """
    home = urls.site(stored.url)
    page, feed = incoming.columns["url"], incoming.addition.feed_url
    at_home = (incoming.article.origin == "page" and urls.site(page) == home) or urls.site(feed) == home
    new, (old,) = candidate(incoming), duplicates.known(connection, [stored.key])
    alike = dedup.similarity(old.fingerprint, new.fingerprint) >= dedup.SIMILAR
    if not alike and not (home and at_home) and not duplicates.teases(connection, new, old):
        return False
    rank = QUALITY[stored.quality]
    if incoming.rank != rank:
        return incoming.rank > rank
    was_at_home = stored.origin == "page" or urls.site(stored.source_key) == home
    return (at_home and not was_at_home) or dedup.better(old, new) is new


def _note_copy(connection: Connection, incoming: Incoming, key: int) -> bool:
    url = incoming.columns["url"]
    if not url:
        return False
    known = select(url_rows.c.key).where(url_rows.c.article == key, url_rows.c.key == url_key(urls.canonical(url)))
    listed = select(func.count()).select_from(copies).where(copies.c.article == key)
    if connection.execute(known).first() or connection.execute(listed).scalar_one() >= COPIES:
        return False
    source = incoming.addition.source
    return _put_copy(
        connection, key, entry=incoming.addition.entry_id, url=url, source=clean(source.name or source.title)
    )


def _put_copy(connection: Connection, key: int, *, entry: int | None, url: str, source: str) -> bool:
    """List a place of an article; whether it was not listed. The place that it links to is left out by who reads."""
    row = {"article": key, "entry": entry, "url": url, "source": source}
    put = upsert(connection.dialect.name, copies).values(row).on_conflict_do_nothing()
    return bool(url and connection.execute(put).rowcount)


def _rewrite(
    connection: Connection, stored: Row[Any], columns: dict[str, Any], incoming: Incoming, *, edited: bool
) -> None:
    """Change an article in place, and everything that was derived from it."""
    key, own = stored.key, stored.entry == incoming.addition.entry_id
    words.drop(connection, _subject(connection, key))
    if edited and stored.edits < EDITS:
        columns = {**columns, "edits": stored.edits + 1, "updated": max(ms(incoming.now), stored.updated)}
    if own:
        origins.save(connection, incoming.addition.feed_url, incoming.addition.source, without=key)
    connection.execute(update(articles).where(articles.c.key == key).values(columns))
    words.put(connection, _subject(connection, key))
    duplicates.remember(connection, key, trusted(incoming))
    fingerprint, title = incoming.article.fingerprint, columns.get("title", stored.title)
    if (stored.fingerprint, stored.title) != (fingerprint, title):
        duplicates.forget_text(connection, key, stored.fingerprint, stored.title)
        duplicates.index_text(connection, key, dedup.keys(fingerprint, title))
    _keep_removed(connection, key, incoming.addition.cleaned.removed)
    count(connection, "changes")


def _subject(connection: Connection, key: int) -> list[tuple[int, Subject]]:
    return [(key, words.subject(story)) for story in stories.given(connection, [key])]
