"""The configured feeds beside what is remembered of them, as pages, API and metrics show them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from aggregator.model import Feed, FeedState, FeedStatus, Glance
from aggregator.publish import notation
from aggregator.web.deps import WebDeps
from aggregator.websub import Standing, standings


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One configured feed with what is remembered of it. `address` carries no password."""

    name: str
    address: str
    tags: tuple[str, ...]
    status: FeedStatus
    state: FeedState
    hub: Standing | None = None  # None: the feed names no hub


def source_rows(deps: WebDeps) -> list[SourceRow]:
    """Every configured feed, in the order of the file."""
    states = deps.storage.feed_states()
    hubs = standings(states, deps.storage.subscriptions(), deps.now())
    return [source_row(feed, states.get(feed.url), hubs.get(feed.url)) for feed in deps.config().feeds]


def source_row(feed: Feed, state: FeedState | None, hub: Standing | None = None) -> SourceRow:
    """The two halves of a feed, as the pages and the API show them."""
    known = state or FeedState(url=feed.url)
    address = notation.address(feed.url)
    name = (known.title or address) if feed.name == feed.url else feed.name
    status: FeedStatus = "paused" if feed.paused else known.status
    return SourceRow(name=name or "unnamed", address=address, tags=feed.tags, status=status, state=known, hub=hub)


def label_of(feed: Feed) -> str:
    """A feed's configured name, which no other has, else its address without a password: the same for ever."""
    return feed.name if feed.name != feed.url else notation.address(feed.url) or "unnamed"


def health_of(deps: WebDeps) -> dict[str, Any]:
    """A summary: how many feeds, fine ones, failing ones ...; the next poll; whether one was never asked yet."""
    glances = deps.storage.glances()
    feeds = deps.config().feeds
    polled = [glances.get(feed.url, Glance()) for feed in feeds if not feed.paused]
    counts = Counter(glance.status for glance in polled)
    polls = [glance.next_poll for glance in polled if glance.next_poll and glance.status != "gone"]
    return {
        "feeds": len(feeds),
        "ok": counts["ok"],
        "failing": counts["error"] + counts["backing_off"] + counts["gone"],
        "paused": len(feeds) - len(polled),
        "new": counts["new"],
        "waiting": not all(glance.asked for glance in polled),
        "next_poll": min(polls, default=None),
    }


def trouble_first(row: SourceRow) -> tuple[int, str]:
    """Sorts what needs looking at to the top, then by name."""
    order = {"gone": 0, "error": 1, "backing_off": 2, "new": 3, "ok": 4, "paused": 5}
    return order[row.status], row.name.casefold()
