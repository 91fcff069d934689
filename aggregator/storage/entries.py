"""Entries: what feeds carried, what was decided of each, and which of them are due for work.

An entry is known by its feed and guid, whatever became of it, so that none is worked on twice. One whose hash keeps
changing is followed MAX_CHANGES times and then left as it is.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, literal, select, update

from aggregator import urls
from aggregator.model import Verdict
from aggregator.storage import prepared
from aggregator.storage.codec import at, blob_entry, clean, entry_blob, guid_key, ms, ms_or_none, url_key
from aggregator.storage.records import Addition, EntryMark, Judged, NewEntry, Saved, Verdicts, Work
from aggregator.storage.schema import articles, entries, feeds

MAX_CHANGES: Final = 24
FAIR: Final = 5000  # the oldest due entries, among which each feed gets its turn
FURTHEST: Final = timedelta(days=8)  # no entry is ever told to wait longer
CHUNK: Final = 500

_OF_FEED: Final = feeds.c.id == entries.c.feed
_FEED: Final = select(feeds.c.id).where(feeds.c.url == bindparam("given"))
_MARKS: Final = select(
    entries.c.id, entries.c.guid_key, entries.c.hash, entries.c.verdict, entries.c.changes, entries.c.deleted
).where(entries.c.feed == bindparam("of"), entries.c.guid_key.in_(bindparam("keys", expanding=True)))
_PUT: Final = insert(entries)

_CHANGED: Final = (
    update(entries)
    .where(entries.c.id == bindparam("row"))
    .values(
        {
            "changes": entries.c.changes + 1,
            "attempts": 0,
            "error_class": "",
            **{
                name: bindparam(name)
                for name in ("url_key", "hash", "verdict", "rule", "rule_hash", "next_try", "page", "body")
            },
        }
    )
)


def known(connection: Connection, feed_url: str, guids: Sequence[str]) -> dict[str, EntryMark]:
    """What is known of these guids of a feed. An entry whose story was deleted counts as rejected."""
    keys = {guid: guid_key(guid) for guid in guids}
    feed = prepared.run(connection, _FEED, {"given": feed_url}).fetchone() if keys else None
    if feed is None:
        return {}
    rows = {key: mark for key, mark, _ in _marks(connection, feed[0], list(keys.values()))}
    return {guid: rows[key] for guid, key in keys.items() if key in rows}


def _marks(connection: Connection, feed: int, keys: Sequence[bytes]) -> Iterator[tuple[bytes, EntryMark, bool]]:
    """Guid, what is known of it, and whether its story was deleted."""
    for start in range(0, len(keys), CHUNK):
        rows = prepared.run(connection, _MARKS, {"of": feed, "keys": list(keys[start : start + CHUNK])})
        for key, guid, digest, verdict, changes, deleted in rows.fetchall():
            yield guid, EntryMark(id=key, hash=digest, verdict=verdict, changes=changes), bool(deleted)


def save(connection: Connection, feed: int, given: Sequence[NewEntry]) -> Saved:
    """Insert what is new, follow what changed; of guids that differ in http and https alone the first one counts."""
    by_key: dict[bytes, NewEntry] = {}
    for item in given:
        by_key.setdefault(guid_key(item.entry.guid), item)
    there = {key: (mark, deleted) for key, mark, deleted in _marks(connection, feed, list(by_key))}
    new = [_row(feed, key, item) for key, item in by_key.items() if key not in there]
    changed = [
        {"row": there[key][0].id, **_content(item)}
        for key, item in by_key.items()
        if key in there and _follows(*there[key], item)
    ]
    if new:
        prepared.many(connection, _PUT, new)
    if changed:
        prepared.many(connection, _CHANGED, changed)
    return Saved(new=len(new), changed=len(changed))


def _follows(mark: EntryMark, deleted: bool, item: NewEntry) -> bool:
    return mark.hash != item.entry.hash and mark.changes < MAX_CHANGES and not deleted


def _row(feed: int, key: bytes, item: NewEntry) -> dict[str, Any]:
    return {
        "feed": feed,
        "guid_key": key,
        "first_seen": ms(item.first_seen),
        "live": int(item.live),
        **_content(item),
    }


def _content(item: NewEntry) -> dict[str, Any]:
    return {
        "url_key": url_key(urls.canonical(item.entry.url)) if item.entry.url else 0,
        "hash": item.entry.hash,
        "verdict": item.verdict,
        "rule": clean(item.rule),
        "rule_hash": item.rule_hash,
        "next_try": ms_or_none(item.next_try),
        "page": int(item.page),
        "body": entry_blob(item.entry),
    }


_WORK_COLUMNS: Final = (
    entries.c.id,
    feeds.c.url,
    entries.c.hash,
    entries.c.body,
    entries.c.first_seen,
    entries.c.attempts,
    entries.c.article,
    entries.c.verdict,
    entries.c.page,
    entries.c.live,
)


def _due(limit: int) -> Select[Any]:
    """Each feed's first due entry, then each one's second ... ; oldest first within a turn."""
    oldest = (
        select(entries.c.id, entries.c.feed, entries.c.next_try)
        .where(entries.c.next_try <= bindparam("now"), entries.c.id.not_in(bindparam("busy", expanding=True)))
        .order_by(entries.c.next_try, entries.c.id)
        .limit(FAIR)
        .subquery()
    )
    turn = func.row_number().over(partition_by=oldest.c.feed, order_by=(oldest.c.next_try, oldest.c.id))
    turns = select(oldest.c.id, oldest.c.next_try, turn.label("turn")).subquery()
    return (
        select(*_WORK_COLUMNS)
        .join(turns, turns.c.id == entries.c.id)
        .join(feeds, _OF_FEED)
        .order_by(turns.c.turn, turns.c.next_try, turns.c.id)
        .limit(limit)
    )


def due(connection: Connection, now: datetime, limit: int, busy: Collection[int]) -> list[Work]:
    """The entries to be worked on now, without those in `busy`."""
    rows = connection.execute(_due(limit), {"now": ms(now), "busy": list(busy)})
    return [_work(row) for row in rows if row.body is not None]


def _work(row: Row[Any]) -> Work:
    return Work(
        entry_id=row.id,
        feed_url=row.url,
        entry=blob_entry(row.body, row.hash),
        first_seen=at(row.first_seen),
        attempts=row.attempts,
        article_key=row.article,
        verdict=row.verdict,
        page=bool(row.page),
        live=bool(row.live),
        origin=getattr(row, "origin", ""),
    )


def bring_back(connection: Connection, now: datetime) -> int:
    """Make due what waits longer than anything is ever told to: the clock has gone back since."""
    late = update(entries).where(entries.c.next_try > ms(now + FURTHEST)).values(next_try=ms(now))
    return connection.execute(late).rowcount


def set_row(connection: Connection, entry_id: int, **values: Any) -> None:
    """Change some columns of one entry."""
    connection.execute(update(entries).where(entries.c.id == entry_id).values(values))


_SETTLE: Final = (
    update(entries)
    .where(entries.c.id == bindparam("row"))
    .values(
        {
            name: bindparam(name)
            for name in ("verdict", "rule", "article", "deleted", "next_try", "attempts", "error_class")
        }
    )
)


def settle(connection: Connection, addition: Addition, *, verdict: Verdict, article: int | None) -> None:
    """Note what an entry has become. Without an article: its story was deleted, and it is not to come back."""
    values = {
        "row": addition.entry_id,
        "verdict": verdict,
        "rule": "" if article else "its story was deleted",
        "article": article,
        "deleted": int(article is None),
        "next_try": ms_or_none(addition.next_try) if article else None,
        "attempts": addition.attempts,
        "error_class": addition.error_class,
    }
    prepared.run(connection, _SETTLE, values)


def reject(connection: Connection, entry_id: int, *, rule: str, rule_hash: bytes) -> None:
    """Remember the rule that dropped an entry. An article that it may have become stays."""
    set_row(connection, entry_id, verdict="rejected", rule=clean(rule), rule_hash=rule_hash, next_try=None)


def postpone(
    connection: Connection, entry_id: int, *, next_try: datetime | None, attempts: int, error_class: str
) -> None:
    """Note a failed attempt and when the next one is."""
    set_row(connection, entry_id, next_try=ms_or_none(next_try), attempts=attempts, error_class=error_class)


def rejecting_rules(connection: Connection, since: datetime) -> set[tuple[str, bytes]]:
    """Feed by feed, the hashes of the rules that rejected entries first seen since then. Reads no entry's content."""
    rules = select(feeds.c.url, entries.c.rule_hash).where(*_rejected(since)).distinct()
    return {(url, rule) for url, rule in connection.execute(rules.join_from(entries, feeds, _OF_FEED))}


def rejected(
    connection: Connection, feed_url: str, since: datetime, *, not_by: bytes, after: int, limit: int
) -> list[Judged]:
    """What another rule rejected of a feed's entries first seen since then, with an id above `after`, by id."""
    statement = (
        select(*_WORK_COLUMNS)
        .join(feeds, _OF_FEED)
        .where(feeds.c.url == feed_url, entries.c.id > after, entries.c.rule_hash != not_by, *_rejected(since))
        .order_by(entries.c.id)
        .limit(limit)
    )
    return [
        Judged(
            entry_id=row.id,
            entry=blob_entry(row.body, row.hash),
            first_seen=at(row.first_seen),
            page=bool(row.page),
        )
        for row in connection.execute(statement)
    ]


def _rejected(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those whose content is still there, and whose story was not deleted."""
    return (
        entries.c.first_seen >= ms(since),
        entries.c.verdict == literal("rejected"),
        entries.c.deleted == 0,
        entries.c.body.is_not(None),
    )


_SET_VERDICT: Final = (
    update(entries)
    .where(entries.c.id == bindparam("row"), entries.c.verdict == "rejected")
    .values({name: bindparam(name) for name in ("verdict", "rule", "rule_hash", "next_try")} | {"attempts": 0})
)


def set_verdicts(connection: Connection, given: Sequence[Verdicts], now: datetime) -> None:
    """What a changed rule says of rejected entries; one that may match now waits for work from `now` on."""
    rows = [
        {
            "row": item.entry_id,
            "verdict": "pending" if item.pending else "rejected",
            "rule": clean(item.rule),
            "rule_hash": item.rule_hash,
            "next_try": ms(now) if item.pending else None,
        }
        for item in given
    ]
    if rows:
        connection.execute(_SET_VERDICT, rows)


def recleanable(connection: Connection, since: datetime | None, *, after: int, limit: int) -> list[Work]:
    """Entries, by id from above `after` on, that are an article which entered since then."""
    statement: Select[Any] = (
        select(*_WORK_COLUMNS, articles.c.origin)
        .join(feeds, _OF_FEED)
        .join(articles, articles.c.key == entries.c.article)
        .where(
            entries.c.id > after,
            articles.c.entry == entries.c.id,
            articles.c.entered_at >= (0 if since is None else ms(since)),
            entries.c.body.is_not(None),
        )
        .order_by(entries.c.id)
        .limit(limit)
    )
    return [_work(row) for row in connection.execute(statement)]
