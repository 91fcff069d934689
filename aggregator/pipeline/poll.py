"""The first half of the way, feed by feed: fetch.feed | parse | match | storage.save_poll.

Entries and the validators of the answer they came in are committed together, so that a crash between them costs one
more poll and never a story. No page is fetched here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Literal

from aggregator import polling, trouble, websub
from aggregator.errors import AggregatorError, FetchError, ParseError, WorkerError
from aggregator.model import Entry, Feed, FeedState, FetchResult, ParsedFeed, Refresh
from aggregator.pipeline.edges import PARSE, Edges
from aggregator.pipeline.rules import Rules, judge, subject
from aggregator.pipeline.teaser import wants_page
from aggregator.storage.records import NewEntry

FIRST_PAGES = 100  # pages fetched for a feed's first answer; an archive of years would flood its site


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a poll came to. `saved` is False when `state` is still to be stored: 304s and errors go in batches."""

    refresh: Refresh
    state: FeedState
    saved: bool = False
    error: AggregatorError | None = None
    events: tuple[trouble.Event, ...] = ()  # to be stored with the state


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a poll is made: `first_entries` of a new feed enter the live feed; `force` asks even a host on pause.

    `pushed`: a hub tells of new entries, so that the next poll can wait. `hold` is entered with the size of an answer
    that is to be parsed and stored, when nothing more will be asked of the network.
    """

    first_entries: int
    force: bool = False
    pushed: bool = False
    hold: Callable[[int], AbstractAsyncContextManager[object]] = lambda _: nullcontext()


async def poll_feed(edges: Edges, rules: Rules, feed: Feed, state: FeedState, asking: Asking) -> Polled:
    """Poll one feed once. What the feed or its site does wrong comes back as its state; only StorageError is raised."""
    try:
        result = await edges.fetcher.feed(feed, state, now=edges.now(), force=asking.force)
        digest = _standing(state, result)
        after = partial(
            polling.after_success,
            state,
            feed,
            result,
            jitter=edges.jitter(),
            taken=rules.feeds,
            pushed=asking.pushed,
            digest=digest,
        )
        if result.status == HTTPStatus.NOT_MODIFIED or (digest and digest == state.body_hash):
            return _unchanged(edges, feed, state, after)
        async with asking.hold(len(result.body)):
            parsed = websub.announced(
                await _parsed(edges, state, result), result.headers.get("link", ""), result.final_url
            )
            answer = Answer(parsed=parsed, first_entries=asking.first_entries, after=partial(after, parsed))
            return await _save(edges, rules, feed, state, answer)
    except (FetchError, ParseError, WorkerError) as error:
        return failed(edges, feed, state, error)


def _standing(state: FeedState, result: FetchResult) -> bytes:
    """The hash of the feed's whole document as it now is; empty where but a part of it came (226)."""
    if result.status == HTTPStatus.NOT_MODIFIED:
        return state.body_hash
    return polling.body_hash(result.body) if result.status == HTTPStatus.OK else b""


async def take_push(edges: Edges, rules: Rules, feed: Feed, state: FeedState, result: FetchResult) -> Polled:
    """Take what a hub delivered for this feed as a poll's entries. Of the feed's state only its rhythm changes.

    It may hold the new entries alone, so it says nothing of the feed's document; and whatever feed it says it is, its
    entries are this one's.
    """
    try:
        parsed = await _parsed(edges, state, result)
    except (ParseError, WorkerError) as error:
        return Polled(refresh=_refused(feed, error), state=state, error=error)

    after = partial(polling.after_push, state, parsed)
    return await _save(edges, rules, feed, state, Answer(parsed=parsed, first_entries=0, after=after))


async def _parsed(edges: Edges, state: FeedState, result: FetchResult) -> ParsedFeed:
    return await edges.workers.run(
        PARSE,
        result.body,
        url=result.final_url,
        content_type=result.headers.get("content-type", ""),
        known=state.items,
        max_entries=edges.limits.max_entries,
    )


def failed(edges: Edges, feed: Feed, state: FeedState, error: AggregatorError) -> Polled:
    """The poll's error as the feed's next state."""
    now = edges.now()
    after = polling.after_error(state, feed, error, now=now, jitter=edges.jitter())
    after, events = trouble.judge(state, after, feed, now=now)
    return Polled(refresh=_refused(feed, error), state=after, error=error, events=events)


def _refused(feed: Feed, error: AggregatorError) -> Refresh:
    return Refresh(feed=feed.name, url=feed.url, outcome="error", error_class=error.error_class, error=error.message)


def _unchanged(edges: Edges, feed: Feed, state: FeedState, success: Callable[..., FeedState]) -> Polled:
    now = edges.now()
    after, events = trouble.judge(state, success(None, now=now, new_entries=0), feed, now=now)
    return Polled(refresh=Refresh(feed=feed.name, url=feed.url, outcome="unchanged"), state=after, events=events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A feed's answer, read. `after` gives the state after it, from `now` and `new_entries`, how many were new."""

    parsed: ParsedFeed
    first_entries: int
    after: Callable[..., FeedState]


async def _save(edges: Edges, rules: Rules, feed: Feed, state: FeedState, answer: Answer) -> Polled:
    now = edges.now()
    entries = answer.parsed.entries
    marks = await edges.joined(edges.storage.known, feed.url, [entry.guid for entry in entries])
    changed = [entry for entry in entries if entry.guid not in marks or marks[entry.guid].hash != entry.hash]
    new = sum(entry.guid not in marks for entry in changed)
    first = state.last_success is None
    newest = _newest_first(changed) if first else ()
    fresh = {entry.guid for entry in newest[: answer.first_entries]}
    paged = {entry.guid for entry in newest[:FIRST_PAGES]}
    rows = [
        _judged(
            rules,
            feed,
            entry,
            now=now,
            page=not first or entry.guid in paged,
            live=not first or entry.guid in fresh,
        )
        for entry in changed
    ]
    after, events = trouble.judge(state, answer.after(now=now, new_entries=new), feed, now=now)
    await edges.joined(edges.storage.save_poll, after, rows, events)
    outcome: Literal["updated", "unchanged"] = "updated" if rows else "unchanged"
    rejected = sum(row.verdict == "rejected" for row in rows)
    changes = len(changed) - new
    refresh = Refresh(feed=feed.name, url=feed.url, outcome=outcome, new=new, changed=changes, rejected=rejected)
    return Polled(refresh=refresh, state=after, saved=True)


def _newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """By the feed's own dates; entries without one keep the document's order, which `parse` gives oldest first."""
    order = {entry.guid: place for place, entry in enumerate(entries)}

    def key(entry: Entry) -> tuple[float, int]:
        return (entry.published.timestamp() if entry.published else float("-inf"), order[entry.guid])

    return sorted(entries, key=key, reverse=True)


def _judged(rules: Rules, feed: Feed, entry: Entry, *, now: datetime, page: bool, live: bool) -> NewEntry:
    wanted = page and wants_page(feed, entry)
    about = subject(feed, entry, text=None if wanted else entry.text, first_seen=now)
    judgement = judge(rules, feed, about, now=now)
    rejected = judgement.keep is False
    return NewEntry(
        entry=entry,
        verdict="rejected" if rejected else "pending",
        rule=judgement.rule,
        rule_hash=rules.hash(feed.url),
        next_try=None if rejected else now,
        first_seen=now,
        page=wanted,
        live=live,
    )
