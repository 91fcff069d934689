"""What is remembered of feeds: their configuration's label, their state between polls, the hosts that want a pause.

The state is in two tables, since hundreds of 304s are stored at a time: `polls` has what changes with each poll,
`feeds` what changes with the feed's content, and is written only where it did.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aggregator.errors import StorageError
from aggregator.model import Feed, FeedState, Glance
from aggregator.storage import prepared
from aggregator.storage.codec import at, at_or_none, clean, json_text, ms, ms_or_none, seconds, span
from aggregator.storage.database import upsert
from aggregator.storage.schema import feeds, hosts, polls

CHUNK: Final = 500  # URLs in one IN list
POLL_FIELDS: Final = tuple(column.name for column in polls.c if column.name != "feed")
FEED_FIELDS: Final = tuple(
    column.name
    for column in feeds.c
    if column.name not in {"id", "url", "active", "name", "tags", "priority", "articles"}
)

STATE_FIELDS: Final = ("url", *POLL_FIELDS, *FEED_FIELDS, "articles")
TIMES: Final = ("moved_since", "last_attempt", "last_success", "last_changed", "last_full", "next_poll")

_STATE_COLUMNS: Final = (
    feeds.c.url,
    *(polls.c[name] for name in POLL_FIELDS),
    *(feeds.c[name] for name in FEED_FIELDS),
    feeds.c.articles,
)
_ALL_STATES: Final = (
    select(*_STATE_COLUMNS).join(polls, polls.c.feed == feeds.c.id).where(feeds.c.active == 1).order_by(feeds.c.id)
)
_GLANCES: Final = (
    select(feeds.c.url, polls.c.status, polls.c.last_attempt, polls.c.next_poll)
    .join(polls, polls.c.feed == feeds.c.id)
    .where(feeds.c.active == 1)
)
_KNOWN_CONTENT: Final = select(feeds.c.id, feeds.c.url, *(feeds.c[name] for name in FEED_FIELDS)).where(
    feeds.c.url.in_(bindparam("given", expanding=True))
)
_SAVE_POLL: Final = (
    update(polls).where(polls.c.feed == bindparam("row")).values({name: bindparam(name) for name in POLL_FIELDS})
)
_SAVE_CONTENT: Final = (
    update(feeds).where(feeds.c.id == bindparam("row")).values({name: bindparam(name) for name in FEED_FIELDS})
)
_CONFIGURED: Final = select(feeds.c.url, feeds.c.id, feeds.c.active, feeds.c.name, feeds.c.tags, feeds.c.priority)
_RELABEL: Final = (
    update(feeds)
    .where(feeds.c.id == bindparam("row"))
    .values(active=bindparam("active"), name=bindparam("name"), tags=bindparam("tags"), priority=bindparam("priority"))
)


def _poll_row(state: FeedState) -> dict[str, Any]:
    """The columns of `polls`, spelt out: this runs for every feed of every round."""
    return {
        "status": state.status,
        "validators_url": state.validators_url,
        "etag": clean(state.etag),
        "last_modified": clean(state.last_modified),
        "error_class": state.error_class,
        "error": clean(state.error),
        "failures": state.failures,
        "last_attempt": ms_or_none(state.last_attempt),
        "last_success": ms_or_none(state.last_success),
        "next_poll": ms_or_none(state.next_poll),
        "rhythm": seconds(state.rhythm),
        "silence": seconds(state.silence),
        "trouble": state.trouble,
        "polls": state.polls,
        "not_modified": state.not_modified,
        "bytes_in": state.bytes_in,
    }


def _content_row(state: FeedState) -> dict[str, Any]:
    """Likewise the columns of `feeds`, in the order of FEED_FIELDS."""
    return {
        "adopted_url": state.adopted_url,
        "moved_to": state.moved_to,
        "moved_since": ms_or_none(state.moved_since),
        "moved_polls": state.moved_polls,
        "feed_id": clean(state.feed_id),
        "title": clean(state.title),
        "site_url": clean(state.site_url),
        "author": clean(state.author),
        "language": clean(state.language),
        "hub_url": clean(state.hub_url),
        "self_url": clean(state.self_url),
        "hint": seconds(state.hint),
        "skip_hours": json_text(state.skip_hours) if state.skip_hours else "[]",
        "skip_days": json_text(state.skip_days) if state.skip_days else "[]",
        "last_changed": ms_or_none(state.last_changed),
        "last_full": ms_or_none(state.last_full),
        "body_hash": state.body_hash,
        "items": state.items,
    }


def _state(row: tuple[Any, ...]) -> FeedState:
    values = dict(zip(STATE_FIELDS, row, strict=True))
    for name in TIMES:
        if values[name] is not None:
            values[name] = at(values[name])
    for name in ("hint", "rhythm", "silence"):
        values[name] = span(values[name])
    for name in ("skip_hours", "skip_days"):
        values[name] = () if values[name] == "[]" else tuple(json.loads(values[name]))
    return FeedState(**values)


def states(connection: Connection) -> dict[str, FeedState]:
    """The states of the feeds in feeds.toml, by configured URL, in the order they first came."""
    return {row[0]: _state(row) for row in prepared.run(connection, _ALL_STATES, {}).fetchall()}


def glances(connection: Connection) -> dict[str, Glance]:
    """Of the same feeds: with ten thousand of them a page can't wait for their whole states."""
    return {
        url: Glance(status=status, asked=attempt is not None, next_poll=at_or_none(next_poll))
        for url, status, attempt, next_poll in prepared.run(connection, _GLANCES, {}).fetchall()
    }


def save(connection: Connection, given: Sequence[FeedState]) -> dict[str, int]:
    """Store states; a feed not configured any more keeps its own. Gives the rows of `feeds` by URL."""
    rows: dict[str, int] = {}
    for chunk in _chunks(given):
        found = prepared.run(connection, _KNOWN_CONTENT, {"given": [state.url for state in chunk]}).fetchall()
        known = {row[1]: row for row in found}
        there = [(known[state.url], state) for state in chunk if state.url in known]
        if there:
            prepared.many(connection, _SAVE_POLL, [{"row": row[0], **_poll_row(state)} for row, state in there])
        changed = [{"row": row[0], **content} for row, state in there if (content := _changed(row, state))]
        if changed:
            prepared.many(connection, _SAVE_CONTENT, changed)
        rows.update((url, row[0]) for url, row in known.items())
    return rows


def _chunks(given: Sequence[FeedState]) -> Iterator[Sequence[FeedState]]:
    for start in range(0, len(given), CHUNK):
        yield given[start : start + CHUNK]


def _changed(row: tuple[Any, ...], state: FeedState) -> dict[str, Any]:
    """The content columns when any of them differs from what is stored, else nothing."""
    content = _content_row(state)
    return content if tuple(content.values()) != row[2:] else {}


def save_one(connection: Connection, state: FeedState) -> int:
    """Store one state; gives the feed's row."""
    row = save(connection, [state]).get(state.url)
    if row is None:
        raise StorageError(f"{state.url} is not among the feeds of the store: its configuration was not stored first")
    return row


def sync(connection: Connection, configured: Sequence[Feed]) -> list[tuple[str, str]]:
    """Make the store know just these feeds as active. Gives (url, name) of those whose name changed."""
    wanted = {feed.url: _label(feed) for feed in configured}
    known = {row[0]: row for row in prepared.run(connection, _CONFIGURED, {}).fetchall()}
    new = [{"url": url, **label} for url, label in wanted.items() if url not in known]
    if new:
        _insert(connection, new)
    changed, renamed = [], []
    for url, row, active, name, tags, priority in known.values():
        label = wanted.get(url) or {"active": 0, "name": name, "tags": tags, "priority": priority}
        if (active, name, tags, priority) != tuple(label.values()):
            changed.append({"row": row, **label})
            if name != label["name"]:
                renamed.append((url, str(label["name"])))
    if changed:
        connection.execute(_RELABEL, changed)
    return renamed


def _label(feed: Feed) -> dict[str, Any]:
    tags = json_text(feed.tags) if feed.tags else "[]"
    return {"active": 1, "name": clean(feed.name), "tags": tags, "priority": feed.priority}


def _insert(connection: Connection, new: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(insert(feeds), [{**row, "body_hash": b"", "items": b""} for row in new])
    missing = select(feeds.c.id).where(feeds.c.id.not_in(select(polls.c.feed)))
    connection.execute(insert(polls).from_select(["feed"], missing))


def pauses(connection: Connection) -> dict[str, datetime]:
    """Until when hosts asked to be left alone."""
    rows = connection.execute(select(hosts.c.host, hosts.c.paused_until))
    return {host: moment for host, until in rows if (moment := at_or_none(until))}


def save_pause(connection: Connection, host: str, until: datetime) -> None:
    """Remember what a host asked for; its last word counts."""
    statement = upsert(connection.dialect.name, hosts).values(host=host, paused_until=ms(until))
    connection.execute(
        statement.on_conflict_do_update(index_elements=["host"], set_={"paused_until": statement.excluded.paused_until})
    )


def forget_pauses(connection: Connection, now: datetime) -> None:
    """Drop the pauses that are over."""
    connection.execute(delete(hosts).where(hosts.c.paused_until < ms(now)))
