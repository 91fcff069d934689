"""When to ask again: every header, hint, failure and clock that a feed's next poll depends on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import polling
from aggregator.errors import ERROR_CLASSES, FetchError, ParseError, WorkerError
from aggregator.model import Entry, Feed, FeedState, FetchResult, ParsedFeed

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # a Sunday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
URL = "https://news.example/feed"
FEED = Feed(url=URL, name="News", interval=HOUR)
STATE = FeedState(url=URL)
PARSED = ParsedFeed(kind="rss20", feed_id="id", title="News", items=b"i" * 16, ttl=None)


def answer(status=200, moved_to="", body=b"<rss/>", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return FetchResult(
        url=URL, final_url=moved_to or URL, status=status, body=body, headers=named, moved_to=moved_to, wire_bytes=10
    )


def success(state=STATE, result=None, *, feed=FEED, parsed=PARSED, now=NOW, jitter=0.0, new_entries=0, taken=()):
    result = result or answer()
    return polling.after_success(
        state, feed, result, parsed, now=now, jitter=jitter, new_entries=new_entries, taken=taken
    )


def error(kind="http_5xx", status=500, retry_after=""):
    return FetchError("https://news.example/feed answered", error_class=kind, status=status, retry_after=retry_after)


def failure(state=STATE, fault=None, *, feed=FEED, now=NOW, jitter=0.0):
    return polling.after_error(state, feed, fault or error(), now=now, jitter=jitter)


def wait(state, now=NOW):
    return state.next_poll - now


# ---- validators


def test_validators_go_back_as_they_came():
    state = FeedState(url=URL, etag='W/"a,b"', last_modified="yesterday-ish", last_full=NOW - DAY)
    assert polling.request_headers(state, FEED, NOW) == {
        "If-None-Match": 'W/"a,b"',
        "If-Modified-Since": "yesterday-ish",
    }


@pytest.mark.parametrize(
    ("state", "feed"),
    [
        (STATE, FEED),
        (FeedState(url=URL, etag='"1"', last_full=NOW - timedelta(days=30)), FEED),
        (FeedState(url=URL, etag='"1"', last_full=NOW + timedelta(days=2)), FEED),
        (FeedState(url=URL, etag='"1"'), FEED),
        (FeedState(url=URL, etag='"1"', last_full=NOW), replace(FEED, ignore_validators=True)),
        (FeedState(url=URL, etag='"1\r\nX: 1"', last_modified="\x00", last_full=NOW), FEED),
    ],
)
def test_no_validators_when_there_are_none_or_a_whole_answer_is_owed(state, feed):
    assert polling.request_headers(state, feed, NOW) == {}


def test_a_200_replaces_validators_as_a_set():
    old = FeedState(url=URL, etag='"1"', last_modified="Mon", last_full=NOW - DAY)
    state = success(old, answer(etag='"2"'))
    assert (state.etag, state.last_modified, state.last_full) == ('"2"', "", NOW)
    assert state.validators_url == URL
    assert state.body_hash == polling.body_hash(b"<rss/>")


def test_a_304_refreshes_what_it_names_and_clears_nothing():
    old = FeedState(url=URL, etag='"1"', last_modified="Mon", last_full=NOW - DAY, body_hash=b"h", items=b"i")
    state = success(old, answer(304, etag='"2"', body=b""), parsed=None)
    assert (state.etag, state.last_modified, state.last_full) == ('"2"', "Mon", NOW - DAY)
    assert (state.body_hash, state.items, state.not_modified) == (b"h", b"i", 1)


def test_a_part_of_a_feed_does_not_stand_for_the_whole():
    old = FeedState(url=URL, etag='"1"', last_full=NOW - DAY, body_hash=b"h", items=b"i", title="Old")
    state = success(old, answer(226, etag='"2"'))
    assert (state.etag, state.last_full, state.body_hash, state.items) == ('"2"', NOW - DAY, b"h", b"i")
    assert state.title == "News"


def test_what_a_feed_says_of_itself_replaces_what_it_said_and_what_it_leaves_out_stays():
    said = {"feed_id": "id", "title": "News", "author": "Ann", "language": "de"}
    state = success(
        parsed=ParsedFeed(kind="rss20", url="https://news.example/", hub_url="https://hub.example/", **said)
    )
    assert {name: getattr(state, name) for name in said} == said
    assert (state.site_url, state.hub_url) == ("https://news.example/", "https://hub.example/")
    silent = success(state, parsed=ParsedFeed(kind="rss20"))
    assert {name: getattr(silent, name) for name in said} == said
    assert (silent.site_url, silent.hub_url) == ("https://news.example/", "")
    new = {name: f"{value} now" for name, value in said.items()}
    renamed = success(state, parsed=ParsedFeed(kind="rss20", url="https://new.example/", **new))
    assert {name: getattr(renamed, name) for name in new} == new
    assert renamed.site_url == "https://new.example/"


def test_a_failure_keeps_everything_but_the_time():
    old = success(result=answer(etag='"1"', last_modified="Mon"), new_entries=3)
    state = failure(old, ParseError("no feed", error_class="not_a_feed"))
    kept = ("etag", "last_modified", "body_hash", "items", "title", "last_success", "last_full", "last_changed")
    assert all(getattr(state, name) == getattr(old, name) for name in kept)
    assert (state.error_class, state.error, state.failures) == ("not_a_feed", "no feed", 1)
    assert state.polls == old.polls + 1


def test_a_success_forgets_the_failures():
    state = success(failure(failure()))
    assert (state.status, state.failures, state.error_class, state.error) == ("ok", 0, "", "")
    assert (state.last_success, state.last_attempt, state.polls, state.bytes_in) == (NOW, NOW, 3, 10)


# ---- the interval


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, HOUR),
        ({"cache_control": "max-age=60"}, HOUR),
        ({"cache_control": "public, max-age=7200"}, 2 * HOUR),
        ({"cache_control": 'MAX-AGE="7200"'}, 2 * HOUR),
        ({"cache_control": "max-age=7200", "age": "1800"}, 1.5 * HOUR),
        ({"cache_control": "s-maxage=7200"}, HOUR),
        ({"cache_control": "max-age=7200, no-cache"}, HOUR),
        ({"cache_control": "no-store, max-age=7200"}, HOUR),
        ({"cache_control": 'no-cache="set-cookie", max-age=7200'}, 2 * HOUR),
        ({"cache_control": "public;max-age=7200"}, 2 * HOUR),
        ({"cache_control": "s-maxage=7200, x-max-age=7200"}, HOUR),
        ({"cache_control": "max-age=315360000"}, DAY),
        ({"cache_control": "max-age=1" + "0" * 30}, DAY),
        ({"cache_control": "max-age=-5"}, HOUR),
        ({"expires": "0"}, HOUR),
        ({"expires": "-1"}, HOUR),
        ({"expires": "Sun, 22 Nov 2026 15:30:00 GMT"}, 3 * HOUR),
        ({"expires": "Sun, 22 Nov 2026 15:30:00 GMT", "date": "Sun, 22 Nov 2026 13:30:00 GMT"}, 2 * HOUR),
        ({"expires": "Sun, 22 Nov 2020 15:30:00 GMT", "date": "Sun, 22 Nov 2020 13:30:00 GMT"}, 2 * HOUR),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, DAY),
        ({"expires": "Sun, 22 Nov 2026 15:30:00 GMT", "cache_control": "max-age=60"}, HOUR),
        ({"retry_after": "10800"}, 3 * HOUR),
        ({"retry_after": "259200"}, 3 * DAY),
        ({"retry_after": "1" + "0" * 30}, 7 * DAY),
        ({"retry_after": "soon"}, HOUR),
    ],
)
def test_what_the_answer_says_raises_the_interval(headers, expected):
    assert wait(success(result=answer(**headers))) == expected


def test_what_the_feed_says_raises_the_interval_to_a_day_and_is_remembered():
    state = success(parsed=replace(PARSED, ttl=timedelta(hours=3)))
    assert wait(state) == 3 * HOUR
    assert wait(success(state, answer(304), parsed=None)) == 3 * HOUR
    assert wait(success(parsed=replace(PARSED, ttl=timedelta(days=30)))) == DAY
    assert wait(success(state)) == HOUR  # the feed no longer says so


def test_the_users_own_interval_is_never_shortened():
    weekly = replace(FEED, interval=timedelta(days=7))
    assert wait(success(feed=weekly, parsed=replace(PARSED, ttl=HOUR))) == 7 * DAY
    assert wait(failure(feed=weekly)) == 7 * DAY


def test_jitter_spreads_a_little():
    assert HOUR < wait(success(jitter=0.99)) < HOUR * 1.1


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ((13, 14), (), NOW.replace(hour=15, minute=0)),
        ((), (6,), datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        (tuple(range(24)), (), NOW + HOUR),
        ((), tuple(range(7)), NOW + HOUR),
        ((), (6, 0, 1), NOW + DAY),
        ((99, -1), (12,), NOW + HOUR),
    ],
)
def test_hours_and_days_to_skip_move_a_poll_by_a_day_at_most(hours, days, expected):
    assert success(parsed=replace(PARSED, skip_hours=hours, skip_days=days)).next_poll == expected


def _polled(times, *, state=STATE, every=timedelta(hours=2), result=None, new_every=0, feed=FEED):
    """The state after so many polls, with a new entry at each `new_every`-th one."""
    now = NOW
    for n in range(times):
        now += every
        fresh = 1 if new_every and n % new_every == 0 else 0
        state = success(state, result or answer(etag='"1"'), feed=feed, now=now, new_entries=fresh)
    return state, now


def test_a_quiet_feed_is_asked_less_often_but_not_much():
    young, now = _polled(9, new_every=9)
    assert wait(young, now) == HOUR
    grown, now = _polled(60, every=timedelta(hours=12), new_every=60)
    assert wait(grown, now) == 4 * HOUR
    lively, now = _polled(60, every=HOUR, new_every=1)
    assert wait(lively, now) == HOUR
    impatient = replace(FEED, interval=timedelta(seconds=30))
    minutes, now = _polled(60, every=timedelta(seconds=30), new_every=60, feed=impatient)
    assert wait(minutes, now) == impatient.interval
    daily = replace(FEED, interval=timedelta(hours=12))
    assert wait(_polled(99, every=timedelta(days=9), new_every=99, feed=daily)[0], NOW + 99 * timedelta(days=9)) == DAY


def test_the_first_poll_takes_the_rhythm_from_the_entries():
    dated = tuple(Entry(guid=str(n), published=NOW - n * 10 * DAY) for n in range(5))
    future = Entry(guid="f", published=NOW + 900 * DAY)
    state = success(parsed=replace(PARSED, entries=(*dated, future)), new_entries=6)
    assert state.rhythm == 10 * DAY
    assert success(parsed=replace(PARSED, entries=dated[:3]), new_entries=3).rhythm is None


def test_a_feed_without_validators_is_asked_less_and_less_down_to_once_a_day():
    waits = []
    state, now = STATE, NOW
    for _ in range(60):
        state = success(state, answer(), now=now)
        waits.append(wait(state, now))
        now = state.next_poll
    assert waits == sorted(waits)
    assert (waits[0], waits[9], waits[-1]) == (HOUR, HOUR, DAY)
    assert wait(success(state, answer(etag='"1"'), now=now), now) == HOUR
    assert wait(success(replace(state, not_modified=1), now=now), now) == HOUR  # it does give them, only not just now


def test_a_lively_feed_without_validators_is_not_asked_so_rarely_that_entries_are_lost():
    state, now = _polled(80, every=timedelta(minutes=30), result=answer(), new_every=1)
    assert wait(state, now) < 3 * HOUR


# ---- another interval

DAILY = replace(FEED, interval=DAY)


def test_a_shorter_interval_counts_at_once_where_nothing_else_was_waited_for():
    waiting = success(feed=DAILY)
    assert polling.is_hastened(waiting, DAILY, FEED)
    assert polling.resumed(waiting, FEED, now=NOW, jitter=0.0).next_poll == NOW + HOUR
    assert polling.resumed(waiting, FEED, now=NOW + 5 * HOUR, jitter=0.0).next_poll == NOW + 5 * HOUR
    assert not polling.is_hastened(waiting, DAILY, DAILY)
    assert not polling.is_hastened(success(), FEED, DAILY)
    assert not polling.is_hastened(STATE, DAILY, FEED)


def test_a_shorter_interval_breaks_no_wish():
    soon = replace(FEED, interval=timedelta(minutes=5))
    asked = success(result=answer(cache_control="max-age=36000"))
    assert wait(asked) == 10 * HOUR
    assert not polling.is_hastened(asked, FEED, soon)
    told = success(parsed=replace(PARSED, ttl=10 * HOUR))  # the state knows it, so that it holds for any interval
    assert polling.resumed(told, soon, now=NOW, jitter=0.0).next_poll == NOW + 10 * HOUR


# ---- failures


def test_failures_back_off_doubling_to_a_day_and_never_give_up():
    state, waits = STATE, []
    for _ in range(30):
        state = failure(state, error("connect", 0), jitter=0.5)
        waits.append(wait(state))
        assert state.status in ("error", "backing_off")
    assert waits == sorted(waits)
    assert waits[0] < 1.1 * HOUR
    assert 1.9 < waits[1] / waits[0] < 2.1
    assert DAY <= waits[-1] <= 1.1 * DAY
    assert state.failures == 30


@pytest.mark.parametrize("status", [403, 404])
def test_what_will_not_pass_by_itself_slows_down_faster(status):
    missing, broken = STATE, STATE
    for _ in range(3):
        missing, broken = failure(missing, error("http_4xx", status)), failure(broken)
    assert wait(missing) > wait(broken)


def test_a_short_interval_does_not_make_failures_a_hammer():
    hasty = replace(FEED, interval=timedelta(seconds=1))
    state, total = STATE, timedelta(0)
    for _ in range(3):
        state = failure(state, feed=hasty)
        total += wait(state)
    assert total >= timedelta(seconds=30)


def test_gone_is_gone_but_not_because_of_an_adopted_address():
    state = failure(fault=error("gone", 410))
    assert (state.status, state.next_poll, polling.is_due(state, NOW + 900 * DAY)) == ("gone", None, False)
    adopted = failure(FeedState(url=URL, adopted_url="https://new.example/", etag='"1"'), error("gone", 410))
    assert (adopted.adopted_url, adopted.etag, adopted.status) == ("", "", "error")
    assert polling.is_due(adopted, adopted.next_poll)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7200", 2 * HOUR),
        ("60", HOUR),
        ("259200", 3 * DAY),
        ("315360000", 7 * DAY),
        ("1" + "0" * 30, 7 * DAY),
        ("Sun, 22 Nov 2026 16:30:00 GMT", 4 * HOUR),
        ("Sunday, 22-Nov-26 16:30:00 GMT", 4 * HOUR),
        ("Sun Nov 22 16:30:00 2026", 4 * HOUR),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * DAY),
        *(
            (bad, HOUR)
            for bad in ("", "-5", "0", "soon", "Wed, 01 Jan 2020 00:00:00 GMT", "\u0663", "1e9", "99999999999999Z")
        ),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_within_reason(header, expected, status):
    fault = error("http_4xx" if status == 429 else "http_5xx", status, header)
    assert wait(failure(fault=fault)) == expected


def test_a_host_is_paused_by_what_belongs_to_the_host():
    assert polling.host_pause(error("http_4xx", 429, "600"), NOW) == NOW + timedelta(seconds=600)
    assert polling.host_pause(error("http_5xx", 503, "99999999999"), NOW) == NOW + 7 * DAY
    assert NOW < polling.host_pause(error("http_4xx", 429, "0"), NOW) < NOW + HOUR
    assert NOW < polling.host_pause(error("http_5xx", 503), NOW) < NOW + HOUR
    assert polling.host_pause(error("http_5xx", 500, "600"), NOW) is None
    assert polling.host_pause(ParseError("x", error_class="parse_error"), NOW) is None
    assert polling.host_pause(answer(), NOW) is None


# ---- moves

NEW = "https://new.example/feed"


def _moving(days, *, to=NEW, state=STATE, taken=()):
    for day in days:
        state = success(state, answer(moved_to=to), now=NOW + day * DAY, taken=taken)
    return state


def test_a_permanent_move_is_adopted_after_days_of_agreement():
    assert _moving((0, 1, 2)).adopted_url == ""
    assert _moving((0, 3)).adopted_url == ""
    moved = _moving((0, 1, 3))
    assert (moved.adopted_url, moved.moved_to, moved.moved_polls, moved.moved_since) == (NEW, "", 0, None)


def test_a_304_at_the_new_address_agrees_too():
    state = _moving((0, 1))
    assert success(state, answer(304, moved_to=NEW), parsed=None, now=NOW + 4 * DAY).adopted_url == NEW


def test_flapping_starts_anew():
    state = success(_moving((0, 1)), answer(), now=NOW + 2 * DAY)
    assert (state.moved_to, state.moved_polls) == ("", 0)
    assert _moving((3, 4), state=state).adopted_url == ""
    elsewhere = _moving((3,), to="https://third.example/", state=_moving((0, 1)))
    assert (elsewhere.adopted_url, elsewhere.moved_to, elsewhere.moved_polls) == ("", "https://third.example/", 1)


def test_a_move_that_fails_is_not_believed_and_a_passing_failure_does_not_matter():
    state = _moving((0, 1))
    assert failure(state, ParseError("a login page", error_class="not_a_feed")).moved_to == ""
    assert failure(state, error("http_4xx", 404)).moved_to == ""
    assert failure(state, error("timeout", 0)).moved_polls == 2


def test_another_feeds_address_is_never_adopted():
    assert _moving((0, 1, 3, 9), taken={NEW}).adopted_url == ""


def test_an_adopted_address_that_fails_for_good_is_given_back():
    state = FeedState(url=URL, adopted_url=NEW, etag='"1"', last_full=NOW)
    for _ in range(2):
        state = failure(state, error("http_4xx", 404))
        assert state.adopted_url == NEW
    state = failure(state, error("http_4xx", 404))
    assert (state.adopted_url, polling.request_headers(state, FEED, NOW)) == ("", {})
    offline = FeedState(url=URL, adopted_url=NEW, failures=9)
    assert failure(offline, error("connect", 0)).adopted_url == NEW


def test_a_move_back_needs_no_second_address():
    state = FeedState(url=URL, adopted_url=NEW)
    assert _moving((0, 1, 3), to=URL, state=state).adopted_url == ""


# ---- due


def test_what_is_due():
    assert polling.is_due(STATE, NOW)
    state = success()
    assert not polling.is_due(state, NOW + timedelta(minutes=59))
    assert polling.is_due(state, NOW + HOUR)


def test_a_clock_that_went_back_does_not_stop_polling():
    state = success()
    assert polling.is_due(state, NOW - DAY)
    assert not polling.is_due(state, NOW - timedelta(seconds=30))
    assert polling.is_due(FeedState(url=URL, next_poll=NOW + 8 * DAY), NOW)
    assert not polling.is_due(FeedState(url=URL, next_poll=NOW + 6 * DAY), NOW)
    long = success(result=answer(retry_after="604800"))
    assert not polling.is_due(long, NOW + DAY)


def test_a_network_that_is_down_is_told_from_servers_that_are():
    kinds = ("http_5xx", "dns", "connect", "timeout", "blocked_address", "robots", "not_a_feed")
    told = {kind: FetchError("no", error_class=kind) for kind in kinds} | {"": None}
    told["unsent"] = FetchError("no", error_class="timeout", unsent=True)
    told["worker"] = WorkerError("no", error_class="timeout")
    assert {kind for kind, one in told.items() if polling.answered(one)} == {"", "http_5xx", "not_a_feed"}
    assert {kind for kind, one in told.items() if polling.silent(one)} == {"dns", "connect", "unsent"}
    assert polling.network_down(["a", "b", "c"])
    assert not polling.network_down(["a", "b", "a"])
    assert not polling.network_down([])


def test_nothing_is_held_against_a_feed_when_the_network_was_down():
    state = polling.after_offline(success(), FEED, now=NOW, jitter=0.0)
    assert (state.status, state.failures, wait(state)) == ("ok", 0, timedelta(minutes=5))


# ---- properties

times = st.integers(946684800, 4102444800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
gaps = st.timedeltas(timedelta(0), timedelta(days=400))
header_text = (
    st.text(max_size=40)
    | st.integers(-(10**30), 10**30).map(str)
    | times.map(lambda t: t.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)
headers_of_any_kind = st.dictionaries(
    st.sampled_from(["cache-control", "expires", "date", "age", "retry-after", "etag", "last-modified"]),
    header_text | header_text.map(lambda text: f"max-age={text}"),
)
feeds = st.builds(Feed, url=st.just(URL), name=st.just("N"), interval=st.timedeltas(timedelta(0), timedelta(days=4000)))
jitters = st.floats(0, 1, exclude_max=True)
states = st.builds(
    FeedState,
    url=st.just(URL),
    polls=st.integers(0, 10**6),
    failures=st.integers(0, 10**6),
    not_modified=st.integers(0, 3),
    hint=st.none() | gaps,
    rhythm=st.none() | gaps,
    last_changed=st.none() | times,
    skip_hours=st.lists(st.integers(-5, 30)).map(tuple),
    skip_days=st.lists(st.integers(-2, 8)).map(tuple),
)


@given(states, feeds, headers_of_any_kind, jitters, times, st.integers(0, 50))
def test_the_next_poll_is_never_before_the_interval_nor_past_the_cap(state, feed, headers, jitter, now, new):
    result = FetchResult(url=URL, final_url=URL, status=200, headers=headers)
    after = polling.after_success(state, feed, result, None, now=now, jitter=jitter, new_entries=new)
    own = min(max(feed.interval, timedelta(seconds=1)), timedelta(days=365))
    assert own <= after.next_poll - now <= max(own, polling.LONGEST_PAUSE) * 1.1
    assert not polling.is_due(after, now)
    assert polling.is_due(after, after.next_poll)


@given(states, feeds, st.sampled_from(sorted(ERROR_CLASSES - {"gone"})), header_text, jitters, times)
def test_a_failure_never_stops_a_feed(state, feed, kind, header, jitter, now):
    after = polling.after_error(state, feed, error(kind, 503, header), now=now, jitter=jitter)
    own = min(max(feed.interval, timedelta(seconds=1)), timedelta(days=365))
    assert own <= after.next_poll - now <= max(own, polling.LONGEST_PAUSE) * 1.1
    again = polling.after_error(after, feed, error(kind, 503), now=now, jitter=jitter)
    bare = polling.after_error(state, feed, error(kind, 503), now=now, jitter=jitter)
    assert again.next_poll >= bare.next_poll


@given(header_text, times)
def test_any_retry_after_is_a_time_to_come_or_nothing(header, now):
    wish = polling.retry_after(header, now)
    assert wish is None or wish > timedelta(0)
