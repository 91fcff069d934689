"""What of a feed's state its owner should be told: one event when trouble begins, one when it is over, none between.

Decides only, from the state before a poll and after it; time is an argument. `FeedState.trouble` says what has been
told and is not over, so state and event have to be stored together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from aggregator import urls
from aggregator.model import Feed, FeedState

Kind = Literal["broken", "gone", "silent", "moved", "back"]

FAILURES: Final = 4  # in a row; with the pauses between them about seven hours for a feed that is asked hourly
INTERVALS: Final = 3  # of the feed's own without success, however often it was asked by hand
SILENT: Final = timedelta(days=14)  # at least, however busy a feed was
RHYTHMS: Final = 8  # of the feed's own time between stories
PAUSES: Final = 2  # of the longest that it has made before
_YEAR: Final = timedelta(days=365)

_LOOK: Final = "Open the address in a browser. `aggregator add` with the site's home page finds where its feed is now."
_WRITE: Final = "Write to the site: the feed is broken for every reader."
_HINTS: Final[Mapping[str, str]] = {
    "dns": "Look whether the site still has this name; if it moved, change the address in feeds.toml.",
    "http_4xx": _LOOK,
    "not_a_feed": _LOOK,
    "parse_error": _WRITE,
    "encoding": _WRITE,
    "tls": "Open the address in a browser: if it warns of the certificate too, this is the site's to mend.",
    "blocked_address": "If the feed is on a network of your own, name that under allow_networks in feeds.toml.",
    "too_large": "If the feed is meant to be that large, raise max_bytes under [fetch] in feeds.toml.",
    "redirect_limit": "Open the address in a browser and write the one where it ends into feeds.toml.",
    "timeout": "If the site is only slow, raise total_timeout under [fetch] in feeds.toml.",
}
_PASSES: Final = "This is the site's to mend; nothing needs doing unless it lasts."


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What is told, as plain text; `text` is paragraphs parted by an empty line. `number` is given by the store."""

    feed_url: str  # as configured
    kind: Kind
    at: datetime
    title: str
    text: str
    number: int = 0


def judge(before: FeedState, after: FeedState, feed: Feed, *, now: datetime) -> tuple[FeedState, tuple[Event, ...]]:
    """The state after a poll, with what is told of it now; mostly nothing."""
    pause = _longest_pause(before, after)
    if pause != after.silence:
        after = replace(after, silence=pause)
    kinds = _kinds(before, after, feed, now)
    if not kinds:
        return after, ()
    events = tuple(
        Event(
            feed_url=feed.url,
            kind=kind,
            at=now,
            title=f"{name_of(feed, after)} {_HEADLINES[kind]}",
            text="\n\n".join(_text(kind, before, after, now)),
        )
        for kind in kinds
    )
    return replace(after, trouble=_open(before, kinds)), events


def name_of(feed: Feed, state: FeedState) -> str:
    """What to call a feed: its configured name, else its title, else its host; never an address with a password."""
    if feed.name != feed.url:
        return feed.name
    return state.title or urls.host(feed.url) or "A feed"


def _kinds(before: FeedState, after: FeedState, feed: Feed, now: datetime) -> list[Kind]:
    if after.status == "gone":
        return [] if before.trouble == "gone" else ["gone"]
    if after.error_class:
        told = before.trouble in {"broken", "gone"}
        return ["broken"] if not told and _broken(after, feed, now) else []
    kinds: list[Kind] = []
    if _over(before, after):
        kinds.append("back")
    if after.adopted_url not in {"", before.adopted_url}:
        kinds.append("moved")
    if not before.trouble and _silent(after, now):
        kinds.append("silent")
    return kinds


def _over(before: FeedState, after: FeedState) -> bool:
    if before.trouble == "silent":
        return after.last_changed != before.last_changed
    return bool(before.trouble)


def _broken(state: FeedState, feed: Feed, now: datetime) -> bool:
    lasted = state.last_success is None or now - state.last_success >= INTERVALS * feed.interval
    return state.failures >= FAILURES and lasted


def _silent(state: FeedState, now: datetime) -> bool:
    if state.rhythm is None or state.last_changed is None:
        return False
    usual = max(SILENT, RHYTHMS * state.rhythm, PAUSES * (state.silence or timedelta(0)))
    return now - state.last_changed > usual


def _longest_pause(before: FeedState, after: FeedState) -> timedelta | None:
    """Between two polls that brought something: who writes ten stories once a month is not silent in between."""
    if before.last_changed is None or after.last_changed is None or after.last_changed <= before.last_changed:
        return after.silence
    pause = min(after.last_changed - before.last_changed, _YEAR)
    return max(pause, before.silence or pause)


def _open(before: FeedState, kinds: list[Kind]) -> Literal["", "broken", "gone", "silent"]:
    for kind in ("gone", "broken", "silent"):
        if kind in kinds:
            return kind
    return "" if "back" in kinds else before.trouble


_HEADLINES: Final[Mapping[Kind, str]] = {
    "broken": "is failing",
    "gone": "is gone",
    "silent": "has been silent for unusually long",
    "moved": "has moved",
    "back": "is back",
}


def _text(kind: Kind, before: FeedState, after: FeedState, now: datetime) -> tuple[str, ...]:
    """What happened, and what to do, in paragraphs."""
    return _back_text(before, now) if kind == "back" else _TEXTS[kind](after)


def _broken_text(state: FeedState) -> tuple[str, ...]:
    since = f"since {_day(state.last_success)}" if state.last_success else "so far"
    return (
        f"No poll went well {since}; {state.failures} failed in a row.",
        f"The last one: {state.error}",
        f"{_HINTS.get(state.error_class, _PASSES)} It is asked again by itself, once a day at least.",
    )


def _gone_text(_: FeedState) -> tuple[str, ...]:
    return (
        "The server says that this feed was taken away for good (410). It is asked no more; its stories stay.",
        "`aggregator add` with the site's home page finds another, if there is one. This one can leave feeds.toml.",
    )


def _silent_text(state: FeedState) -> tuple[str, ...]:
    return (
        f"No new story since {_day(state.last_changed)}, where one came every {_span(state.rhythm)} or so.",
        "The feed answers without an error. Look whether the site publishes elsewhere now.",
    )


def _moved_text(state: FeedState) -> tuple[str, ...]:
    address = urls.without_login(state.adopted_url)
    return (
        f"Its old address has been sending on for good for days; {address} is asked from now on.",
        "Nothing needs doing: the stories and their ids stay. A new address in feeds.toml would begin a new feed.",
    )


def _back_text(before: FeedState, now: datetime) -> tuple[str, ...]:
    silent = before.trouble == "silent"
    last = before.last_changed if silent else before.last_success
    since = f", after {_span(now - last)}" if last else ""
    return (f"{'New stories come' if silent else 'It answers'} again{since}.",)


_TEXTS: Final[Mapping[str, Callable[[FeedState], tuple[str, ...]]]] = {
    "broken": _broken_text,
    "gone": _gone_text,
    "silent": _silent_text,
    "moved": _moved_text,
}


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else "the beginning"


def _span(length: timedelta | None) -> str:
    hours = round((length or timedelta(0)) / timedelta(hours=1))
    count, unit = (hours // 24, "day") if hours >= 48 else (max(hours, 1), "hour")
    return f"{count} {unit}{'s' if count > 1 else ''}"
