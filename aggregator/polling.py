"""When to ask a feed again, and what is remembered of an answer. Decides only: time and chance are arguments.

The interval is the user's own, raised by what the feed, its server or its host wishes for, and by what its own rhythm
makes pointless; errors back off to a day and never give up. All clamps are here, so that no header can stop polling.
"""

import hashlib
import re
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from aggregator.errors import AggregatorError, FetchError
from aggregator.model import Entry, Feed, FeedState, FetchResult, ParsedFeed

DAY: Final = timedelta(days=1)
LONGEST_PAUSE: Final = timedelta(days=7)  # a server may well mean a week; ten years are a mistake
FULL_EVERY: Final = timedelta(days=30)  # some servers answer 304 for ever
ADOPT_POLLS: Final = 3
ADOPT_AFTER: Final = timedelta(days=3)

_ZERO: Final = timedelta(0)
_LEEWAY: Final = timedelta(minutes=1)  # a clock that is set right by less has not gone back
_SHORTEST: Final = timedelta(seconds=1)
_FIRST_RETRY: Final = timedelta(seconds=10)  # however short the interval: an error is never answered by hammering
_HOST_PAUSE: Final[Mapping[int, timedelta]] = {429: timedelta(minutes=15), 503: timedelta(minutes=2)}
_JITTER: Final = 0.05
_GROWN_UP: Final = 10  # polls, before a feed's habits count
_CHECKS_PER_ENTRY: Final = 8  # asking more often than this between two entries finds nothing
_RHYTHM_FACTOR: Final = 4
_ENTRIES_PER_POLL: Final = 5  # few enough not to fall out of the feed unseen
_SMOOTHING: Final = 0.3
_PUSHED_FACTOR: Final = 4  # a feed whose hub tells of new entries is still looked at, in case the hub missed one
_LONGEST_RHYTHM: Final = timedelta(days=365)
_SLOW_DOWN: Final = frozenset({"http_4xx", "not_a_feed", "blocked_address", "robots"})
_PASSING: Final = frozenset({"dns", "connect", "timeout", "http_5xx", "truncated", "tls"})
_UNTOLD: Final = frozenset({"blocked_address", "timeout", "robots"})  # say nothing of our own network
_TOO_MANY: Final = 3  # hosts that are silent at once by chance
_MAX_ERROR: Final = 500
_HEADER_VALUE: Final = re.compile("[\t\x20-\x7e\x80-\xff]+")
_SECONDS: Final = re.compile(r"(\d+)(?:\.\d*)?")
_MAX_AGE: Final = re.compile(r"(?:^|[\s,;])max-age\s*=\s*\"?(\d+)")
_NOT_KEPT: Final = re.compile(r"(?:^|[\s,;])no-(?:store|cache(?!\s*=))")  # no-cache="Set-Cookie" is about that header


def body_hash(body: bytes) -> bytes:
    """What tells an answer from the one before it."""
    return hashlib.blake2b(body, digest_size=16).digest()


def request_headers(state: FeedState, feed: Feed, now: datetime) -> dict[str, str]:
    """The validators as they came, latin-1; none when the feed ignores them or an unconditional request is owed."""
    owed = state.last_full is None or not -DAY < now - state.last_full < FULL_EVERY
    if feed.ignore_validators or owed:
        return {}
    return conditions(state.etag, state.last_modified)


def conditions(etag: str, last_modified: str) -> dict[str, str]:
    """Validators as request headers; one that no header can carry is left out."""
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in wanted.items() if _HEADER_VALUE.fullmatch(value)}


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether a feed's time has come. One that was asked in the future is due too: the clock went back."""
    if state.status == "gone":
        return False
    if state.next_poll is None or state.next_poll <= now:
        return True
    if state.last_attempt is None:
        return state.next_poll - now > LONGEST_PAUSE + _LEEWAY
    return state.last_attempt - now > _LEEWAY


def after_success(  # noqa: PLR0913 - one answer with all that is known of it, by name
    state: FeedState,
    feed: Feed,
    result: FetchResult,
    parsed: ParsedFeed | None,
    *,
    now: datetime,
    jitter: float,
    new_entries: int,
    taken: Container[str] = (),
    pushed: bool = False,
    digest: bytes | None = None,
) -> FeedState:
    """The state after a usable answer. `parsed` is None for a 304 or the same body; `taken` are other feeds' URLs.

    `pushed`: a hub tells of new entries, so that the feed is asked more rarely. `digest`: the hash of
    the feed's whole document as it now is, empty where that isn't known; None has it made of the body.
    """
    changes = {
        "status": "ok",
        "error_class": "",
        "error": "",
        "failures": 0,
        "last_attempt": now,
        "last_success": now,
        "polls": state.polls + 1,
        "not_modified": state.not_modified + (result.status == 304),
        "bytes_in": state.bytes_in + result.wire_bytes,
        **_validators(state, result, now, digest),
        **({} if parsed is None else _told(state, result, parsed)),
        **_move(state, feed, result.moved_to, now=now, taken=taken),
        **_rhythm(state, parsed, new_entries, now),
    }
    state = replace(state, **changes)
    return replace(state, next_poll=_next(state, feed, result.headers, now=now, jitter=jitter, pushed=pushed))


def after_push(state: FeedState, parsed: ParsedFeed, *, now: datetime, new_entries: int) -> FeedState:
    """The state after a hub delivered entries. It was no poll: validators, titles and the next poll stay."""
    return replace(state, **_rhythm(state, parsed, new_entries, now))


def resumed(state: FeedState, feed: Feed, *, now: datetime, jitter: float) -> FeedState:
    """The state once no hub tells of new entries any more, or once the interval is shorter: due when it would have been
    without the hub, or with that interval.
    """
    if state.status != "ok" or state.next_poll is None or state.last_attempt is None:
        return state
    usual = _next(state, feed, {}, now=state.last_attempt, jitter=jitter)
    return replace(state, next_poll=min(state.next_poll, max(usual, now)))


def is_hastened(state: FeedState, before: Feed, after: Feed) -> bool:
    """Whether a feed's interval was made shorter while it waited for nothing but the longer one.

    What is later than the old interval explains was a wish of the feed or its server, and stays.
    """
    if after.interval >= before.interval or state.next_poll is None or state.last_attempt is None:
        return False
    return state.next_poll <= _next(state, before, {}, now=state.last_attempt, jitter=1.0)


def after_error(state: FeedState, feed: Feed, error: AggregatorError, *, now: datetime, jitter: float) -> FeedState:
    """The state after a failure: validators, entries and titles stay as they are, the next poll moves away."""
    failures = state.failures + 1
    own = _own(feed)
    delay = max(_backoff(own, failures, error.error_class), _wished(error, now, own))
    state = replace(
        state,
        status="backing_off" if delay > own else "error",
        error_class=error.error_class,
        error=error.message[:_MAX_ERROR],
        failures=failures,
        last_attempt=now,
        polls=state.polls + 1,
        next_poll=now + _spread(delay, jitter),
    )
    if error.error_class not in _PASSING:
        state = replace(state, moved_to="", moved_since=None, moved_polls=0)
    if state.adopted_url and error.error_class not in _PASSING and (failures >= 3 or error.error_class == "gone"):
        # The address that was adopted has failed: the configured one is the user's word.
        return replace(state, adopted_url="", etag="", last_modified="", validators_url="", last_full=None)
    return replace(state, status="gone", next_poll=None) if error.error_class == "gone" else state


def after_offline(state: FeedState, feed: Feed, *, now: datetime, jitter: float) -> FeedState:
    """The state when this machine's network was down: nothing is held against the feed, it is asked again soon."""
    return replace(state, next_poll=now + _spread(min(_own(feed), timedelta(minutes=5)), jitter))


def silent(error: AggregatorError | None) -> bool:
    """Whether nobody answered: the site may be down, or our own network."""
    return isinstance(error, FetchError) and error.unsent


def answered(error: AggregatorError | None) -> bool:
    """Whether a host gave any answer, None for a good one, so that our own network is up."""
    return error is None or not (silent(error) or error.error_class in _UNTOLD)


def network_down(hosts: Collection[str]) -> bool:
    """Whether it is our own network that is down, by the hosts that were silent since any other answered."""
    return len(set(hosts)) >= _TOO_MANY


def host_pause(answer: AggregatorError | FetchResult, now: datetime) -> datetime | None:
    """Until when the host of this answer is to be left alone by all feeds and pages; None when it may be asked."""
    if not isinstance(answer, FetchError) or answer.status not in _HOST_PAUSE:
        return None
    wish = retry_after(answer.retry_after, now)
    return now + (min(wish, LONGEST_PAUSE) if wish else _HOST_PAUSE[answer.status])


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Retry-After as a time from now, seconds or an HTTP date; None when absent, past, zero or no such thing."""
    text = header.strip()
    if match := _SECONDS.fullmatch(text):
        wish = _seconds(match[1])
    else:
        date = http_date(text)
        wish = min(date - now, LONGEST_PAUSE) if date else _ZERO
    return wish if wish > _ZERO else None


def http_date(text: str) -> datetime | None:
    """A date of HTTP in any of its three forms, aware and UTC; None for anything else."""
    try:
        date = parsedate_to_datetime(text[:100])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _validators(state: FeedState, result: FetchResult, now: datetime, digest: bytes | None) -> dict[str, Any]:
    """A whole answer replaces both validators, also by nothing; a 304 refreshes what it names (RFC 9111, 3.2)."""
    etag, last_modified = result.headers.get("etag", ""), result.headers.get("last-modified", "")
    if result.status == 304:
        return {"etag": etag or state.etag, "last_modified": last_modified or state.last_modified}
    answer = {"etag": etag, "last_modified": last_modified, "validators_url": result.final_url}
    # 226 names the whole document's validators but brings a part of it only (RFC 3229, 10.4.1).
    if result.status == 226:
        return answer if digest is None else answer | {"body_hash": digest}
    return answer | {"last_full": now, "body_hash": body_hash(result.body) if digest is None else digest}


def _told(state: FeedState, result: FetchResult, parsed: ParsedFeed) -> dict[str, Any]:
    """What the document says of the feed."""
    return {
        "items": state.items if result.status == 226 else parsed.items,
        "feed_id": parsed.feed_id or state.feed_id,
        "title": parsed.title or state.title,
        "site_url": parsed.url or state.site_url,
        "author": parsed.author or state.author,
        "language": parsed.language or state.language,
        "hub_url": parsed.hub_url,
        "self_url": parsed.self_url,
        "hint": parsed.ttl,
        "skip_hours": parsed.skip_hours,
        "skip_days": parsed.skip_days,
    }


def _move(state: FeedState, feed: Feed, moved_to: str, *, now: datetime, taken: Container[str]) -> dict[str, Any]:
    """A permanent redirect is believed once it has said the same for days; anything else in between starts anew."""
    if not moved_to and not state.moved_to:
        return {}
    if not moved_to or moved_to in taken:
        return {"moved_to": "", "moved_since": None, "moved_polls": 0}
    if moved_to != state.moved_to or state.moved_since is None or state.moved_since > now:
        return {"moved_to": moved_to, "moved_since": now, "moved_polls": 1}
    polls = state.moved_polls + 1
    if polls < ADOPT_POLLS or now - state.moved_since < ADOPT_AFTER:
        return {"moved_polls": polls}
    adopted = "" if moved_to == feed.url else moved_to
    return {"adopted_url": adopted, "moved_to": "", "moved_since": None, "moved_polls": 0}


def _rhythm(state: FeedState, parsed: ParsedFeed | None, new_entries: int, now: datetime) -> dict[str, Any]:
    """Smooths the time between new entries; the first poll takes it from the entries' own dates."""
    if new_entries <= 0:
        return {}
    if state.last_changed is None:
        rhythm = _dated_rhythm(parsed.entries if parsed else (), now)
    else:
        gap = min(max(now - state.last_changed, _ZERO) / new_entries, _LONGEST_RHYTHM)
        rhythm = gap if state.rhythm is None else state.rhythm + (gap - state.rhythm) * _SMOOTHING
    return {"last_changed": now, "rhythm": rhythm}


def _dated_rhythm(entries: Iterable[Entry], now: datetime) -> timedelta | None:
    dates = sorted(entry.published for entry in entries if entry.published is not None and entry.published <= now)
    if len(dates) < 4:
        return None
    return min((dates[-1] - dates[0]) / (len(dates) - 1), _LONGEST_RHYTHM)


def _own(feed: Feed) -> timedelta:
    return min(max(feed.interval, _SHORTEST), _LONGEST_RHYTHM)


def _next(
    state: FeedState,
    feed: Feed,
    headers: Mapping[str, str],
    *,
    now: datetime,
    jitter: float,
    pushed: bool = False,
) -> datetime:
    own = _own(feed)
    wishes = (_freshness(headers, now), state.hint or _ZERO)
    habits = (_by_rhythm(state, own, now), _by_validators(state, own), own * _PUSHED_FACTOR if pushed else _ZERO)
    interval = max(own, min(max(*wishes, *habits), DAY))
    wish = retry_after(headers.get("retry-after", ""), now)
    interval = max(interval, min(wish, LONGEST_PAUSE)) if wish else interval
    return _skipping(state, now + _spread(interval, jitter), now=now, jitter=jitter)


def _freshness(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the answer says it stays fresh; nothing when it also asks not to be kept (RFC 9111, 5.2.2.4)."""
    control = headers.get("cache-control", "").lower()
    if _NOT_KEPT.search(control):
        return _ZERO
    if match := _MAX_AGE.search(control):
        age = _SECONDS.fullmatch(headers.get("age", "").strip())
        return max(_seconds(match[1]) - (_seconds(age[1]) if age else _ZERO), _ZERO)
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return _ZERO
    served = http_date(headers.get("date", "")) or now
    return max(expires - served, _ZERO)


def _by_rhythm(state: FeedState, own: timedelta, now: datetime) -> timedelta:
    """A feed that speaks once a month need not be asked each hour, but no more rarely than a few times the interval."""
    if state.polls < _GROWN_UP or state.last_changed is None:
        return _ZERO
    quiet = max(state.rhythm or _ZERO, now - state.last_changed)
    if quiet < DAY:
        return _ZERO  # nothing pointless in that, however short the interval that the user wants
    return min(quiet / _CHECKS_PER_ENTRY, own * _RHYTHM_FACTOR)


def _by_validators(state: FeedState, own: timedelta) -> timedelta:
    """A feed without validators costs its server everything each time: it is asked less and less, down to once a day.

    Not so rarely, though, that entries could leave the feed unseen.
    """
    if state.etag or state.last_modified or state.not_modified or state.polls < _GROWN_UP:
        return _ZERO
    slow: timedelta = min(own * 2.0 ** min((state.polls - _GROWN_UP) / 5, 20), DAY)
    return slow if state.rhythm is None else min(slow, state.rhythm * _ENTRIES_PER_POLL)


def _skipping(state: FeedState, when: datetime, *, now: datetime, jitter: float) -> datetime:
    """Moves a poll out of the hours and days (GMT) that the feed wants skipped, by a day at most."""
    hours = frozenset(state.skip_hours) & frozenset(range(24))
    days = frozenset(state.skip_days) & frozenset(range(7))
    if not (hours or days) or len(hours) == 24 or len(days) == 7:
        return when
    moved, latest = when, max(when, now + DAY)
    while (moved.hour in hours or moved.weekday() in days) and moved < latest:
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, minutes=20 * jitter)
    return min(moved, latest)


def _spread(delay: timedelta, jitter: float) -> timedelta:
    """A little more than the delay, but nothing on top of the longest."""
    return min(delay * (1 + _JITTER * jitter), max(delay, LONGEST_PAUSE))


def _backoff(own: timedelta, failures: int, error_class: str) -> timedelta:
    """Doubles with each failure, twice as fast for what is not going to pass by itself, to a day."""
    speed = 2 if error_class in _SLOW_DOWN else 1
    factor = 1 << min((failures - 1) * speed, 20)
    return max(own, min(max(own, _FIRST_RETRY) * factor, DAY))


def _wished(error: AggregatorError, now: datetime, own: timedelta) -> timedelta:
    if not isinstance(error, FetchError):
        return _ZERO
    wish = retry_after(error.retry_after, now)
    return min(max(wish, own), max(LONGEST_PAUSE, own)) if wish else _ZERO


def _seconds(digits: str) -> timedelta:
    """Any number of seconds, up to a length that dates can bear."""
    return timedelta(seconds=min(int(digits), 10**9) if len(digits) < 12 else 10**9)
