"""WebSub's decisions: reachability, hubs as announced, intents, leases, signatures, and whom polling relies on."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import guard, polling, websub
from aggregator.model import Feed, FeedState, FetchResult, ParsedFeed
from aggregator.websub import Hub, Subscription

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL, HUB = "https://news.example/feed.xml", "https://hub.example/"
FEED = Feed(url=URL, name="News")
STATE = FeedState(url=URL, status="ok", hub_url=HUB, self_url=URL)
FRESH = Subscription(
    path="p" * 43,
    feed_url=URL,
    hub=HUB,
    topic=URL,
    callback="https://reader.example.org/websub/" + "p" * 43,
    secret="s" * 64,
    next_try=NOW,
)
ACTIVE = replace(FRESH, state="active", lease_end=NOW + DAY, next_try=NOW + 16 * HOUR)
LEAVING = replace(ACTIVE, state="leaving", next_try=NOW)


def ask(subscription, mode="subscribe", now=NOW, jitter=0.0, **changes):
    query = {"mode": mode, "topic": URL, "challenge": "a challenge", "lease_seconds": "86400"} | changes
    given = {f"hub.{name}": value for name, value in query.items() if value is not None}
    return websub.intent(subscription, given, now=now, jitter=jitter)


@pytest.mark.parametrize(
    "base",
    [
        "https://reader.example.org",
        "http://reader.example.org:8080/news",
        "https://93.184.215.14",
        "https://[2606:2800:21f::1]:443",
        "https://bücher.de",
    ],
)
def test_a_public_name_or_address_can_be_reached(base):
    assert websub.reachable(base, guard.allowed)


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://reader.localhost",
        "http://[::1]:8080",
        "http://192.168.1.5",
        "http://100.64.0.1",
        "http://[fd00::1]",
        "http://nas",
        "http://nas.local",
        "http://NAS.LAN.",
        "http://reader.home.arpa",
        "http://reader.internal",
        "http://0x7f.1",
        "http://127.1",
        "http://[broken",
        "",
    ],
)
def test_anything_else_switches_it_off(base):
    assert not websub.reachable(base, guard.allowed)


def test_the_link_header_counts_before_the_document():
    parsed = ParsedFeed(kind="rss20", hub_url="https://old.example/", self_url="https://old.example/feed")
    header = f'<{HUB}>; title="a, b"; rel="hub", </feed.xml>; rel=self; type="application/rss+xml", <x>; rel=next'
    found = websub.announced(parsed, header, "https://news.example/redirected")
    assert (found.hub_url, found.self_url) == (HUB, URL)
    assert websub.announced(parsed, "", URL) == parsed
    assert websub.announced(parsed, "<https://x.example/>; rel=preload, nonsense <", URL) == parsed
    both = websub.announced(parsed, f'<{HUB}>; rel="self HUB", <https://second.example/>; rel=hub', URL)
    assert (both.hub_url, both.self_url) == (HUB, HUB)
    assert websub.announced(parsed, "<javascript:x>; rel=hub", URL).hub_url == "https://old.example/"


def test_a_feed_that_names_hub_and_self_is_subscribed_to():
    assert websub.choice(FEED, STATE) == Hub(url=HUB, topic=URL)


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (FEED, None),
        (FEED, replace(STATE, hub_url="")),
        (FEED, replace(STATE, self_url="")),
        (FEED, replace(STATE, status="gone")),
        (replace(FEED, paused=True), STATE),
        (replace(FEED, username="me"), STATE),
        (replace(FEED, cookie="a=b"), STATE),
        (replace(FEED, headers=(("x-key", "1"),)), STATE),
        (replace(FEED, proxy="http://proxy.example"), STATE),
        (replace(FEED, url="https://me:word@news.example/feed.xml"), STATE),
    ],
)
def test_other_feeds_are_not_and_private_ones_are_told_to_nobody(feed, state):
    assert websub.choice(feed, state) is None


def test_what_is_asked_of_the_hub():
    fields = websub.form(FRESH)
    assert fields.pop("hub.lease_seconds") == "864000"
    assert fields == {
        "hub.callback": FRESH.callback,
        "hub.mode": "subscribe",
        "hub.topic": URL,
        "hub.verify": "async",
        "hub.secret": FRESH.secret,
    }
    goodbye = websub.form(LEAVING)
    assert goodbye["hub.mode"] == "unsubscribe"
    assert "hub.secret" not in goodbye


def test_a_hub_that_confirms_gets_its_challenge_and_the_lease_is_kept():
    meant = ask(FRESH)
    assert meant.answer == "a challenge"
    assert meant.subscription == replace(ACTIVE, next_try=NOW + 16 * HOUR)
    assert websub.is_active(meant.subscription, NOW + 23 * HOUR)
    assert not websub.is_active(meant.subscription, NOW + 24 * HOUR)


@pytest.mark.parametrize(
    ("seconds", "lease"),
    [
        *(("86400", DAY), ("10", 5 * HOUR / 60), ("0", 5 * HOUR / 60), ("9" * 12, 30 * DAY), ("9" * 40, DAY)),
        *((None, DAY), ("-5", DAY), ("1e9", DAY), ("٣", 5 * HOUR / 60), ("", DAY)),
    ],
)
def test_leases_are_clamped(seconds, lease):
    assert ask(FRESH, lease_seconds=seconds).subscription.lease_end == NOW + lease


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 10**12))
def test_a_lease_is_renewed_at_two_thirds_or_a_little_before(jitter, seconds):
    after = ask(FRESH, lease_seconds=str(seconds), jitter=jitter).subscription
    lease = after.lease_end - NOW
    assert lease * 0.59 < after.next_try - NOW <= lease * 0.67
    assert not websub.is_due(after, after.next_try - timedelta(seconds=1))
    assert websub.is_due(after, after.next_try)


@pytest.mark.parametrize(
    ("subscription", "query"),
    [
        (FRESH, {"topic": "https://news.example/other.xml"}),
        (FRESH, {"topic": None}),
        (FRESH, {"mode": "unsubscribe"}),
        (ACTIVE, {"mode": "unsubscribe"}),
        (FRESH, {"mode": "publish"}),
        (FRESH, {"mode": ""}),
        (FRESH, {"challenge": None}),
        (FRESH, {"challenge": ""}),
        (FRESH, {"challenge": "x" * 5000}),
        (LEAVING, {"mode": "subscribe"}),
        (ACTIVE, {"mode": "denied", "topic": "https://news.example/other.xml"}),
    ],
)
def test_what_we_do_not_mean_is_not_confirmed_and_changes_nothing(subscription, query):
    meant = ask(subscription, **query)
    assert (meant.answer, meant.subscription) == (None, subscription)


def test_leaving_is_confirmed_and_ends_it():
    meant = ask(LEAVING, mode="unsubscribe")
    assert (meant.answer, meant.subscription) == ("a challenge", None)


def test_a_denial_ends_the_lease_and_the_hub_is_left_alone_for_a_day():
    meant = ask(ACTIVE, mode="denied", challenge=None, reason="not\nyou " + "x" * 2000)
    assert meant.answer == ""
    denied = meant.subscription
    assert denied.error.startswith("the hub denies the subscription: not you xxx")
    assert len(denied.error) <= 500
    assert not websub.is_active(denied, NOW)
    assert not websub.is_due(denied, NOW + 23 * HOUR)
    assert websub.is_due(denied, NOW + DAY)
    assert ask(denied).subscription.state == "active"  # it may think better of it
    assert ask(LEAVING, mode="denied").subscription is None


def test_a_hub_that_does_not_confirm_is_asked_later_each_time():
    subscription, gaps = FRESH, []
    for _ in range(14):
        subscription = websub.asked(subscription, now=NOW, jitter=0.0)
        gaps.append(subscription.next_try - NOW)
    assert gaps[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == DAY


def test_an_error_is_kept_as_the_subscriptions_own_and_moves_the_next_try():
    asking = websub.asked(ACTIVE, now=NOW, jitter=0.0)
    down = websub.refused(asking, "connect", "hub.example: the connection failed", wish=None, now=NOW)
    assert (down.error_class, down.error) == ("connect", "hub.example: the connection failed")
    assert down.next_try == asking.next_try
    assert websub.is_active(down, NOW)  # what was promised is not taken back by a failed renewal
    busy = websub.refused(asking, "http_5xx", "busy", wish=2 * HOUR, now=NOW)
    assert busy.next_try == NOW + 2 * HOUR
    assert websub.refused(asking, "http_4xx", "no", wish=None, now=NOW).next_try == NOW + DAY
    assert websub.refused(asking, "http_4xx", "no", wish=900 * DAY, now=NOW).next_try == NOW + 30 * DAY
    assert websub.refused(ACTIVE, "timeout", "late", wish=None, now=NOW) == ACTIVE  # it has confirmed meanwhile
    assert ask(down).subscription.error == ""


def test_a_clock_that_went_back_strands_nothing():
    early = NOW - 365 * DAY
    assert websub.is_due(ACTIVE, early)
    assert not websub.is_active(ACTIVE, early)


def test_who_goes_says_so_a_few_times():
    assert websub.leave(FRESH, NOW) is None
    leaving = websub.leave(replace(ACTIVE, failures=5, error="old"), NOW)
    assert (leaving.state, leaving.failures, leaving.error) == ("leaving", 0, "")
    for _ in range(3):
        assert not websub.is_over(leaving, NOW)
        leaving = websub.asked(leaving, now=NOW, jitter=0.0)
    assert not websub.is_over(leaving, NOW)  # the third ask may yet be answered
    assert websub.is_over(leaving, leaving.next_try)
    assert websub.is_over(LEAVING, NOW + DAY)  # the lease has ended by itself
    assert not websub.is_over(replace(ACTIVE, failures=9), NOW + 9 * DAY)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures_of_all_four_methods(method):
    digest = hmac.new(FRESH.secret.encode(), b"body", method).hexdigest()
    assert websub.is_signed(FRESH, f"{method}={digest}", b"body")
    assert websub.is_signed(FRESH, f" {method.upper()}={digest.upper()} ", b"body")
    assert not websub.is_signed(FRESH, f"{method}={digest}", b"body ")
    assert not websub.is_signed(FRESH, f"{method}={digest[:-1]}", b"body")
    assert not websub.is_signed(FRESH, digest, b"body")
    assert not websub.is_signed(replace(FRESH, secret="t" * 64), f"{method}={digest}", b"body")


@pytest.mark.parametrize(
    "header", ["", "=", "sha256", "sha256=", "sha256=é", "md5=" + "0" * 32, "sha3_256=" + "0" * 64]
)
def test_no_signature_is_no_signature(header):
    assert not websub.is_signed(FRESH, header, b"body")


def test_md5_is_not_taken_even_when_it_is_right():
    digest = hmac.new(FRESH.secret.encode(), b"body", hashlib.md5).hexdigest()
    assert not websub.is_signed(FRESH, f"md5={digest}", b"body")


@given(st.text(max_size=200), st.binary(max_size=50))
def test_any_header_is_answered(header, body):
    assert not websub.is_signed(FRESH, header, body)


def test_secrets_are_not_shown():
    assert FRESH.path not in repr(FRESH)
    assert FRESH.secret not in repr(FRESH)


def test_a_hub_is_relied_on_once_it_delivered_and_until_a_poll_finds_what_it_did_not():
    assert not websub.delivers(ACTIVE, STATE, NOW)
    told = websub.received(ACTIVE, NOW)
    assert websub.delivers(told, STATE, NOW)
    assert websub.delivers(told, replace(STATE, last_changed=NOW), NOW)
    assert not websub.delivers(told, replace(STATE, last_changed=NOW + HOUR), NOW + HOUR)
    assert not websub.delivers(told, STATE, NOW + DAY)  # the lease ended
    assert not websub.delivers(replace(told, state="denied"), STATE, NOW)


# -- the pace of polling


def polled(interval, *, pushed, headers=None, state=STATE):
    result = FetchResult(url=URL, final_url=URL, status=304, headers=headers or {})
    feed = replace(FEED, interval=interval)
    after = polling.after_success(state, feed, result, None, now=NOW, jitter=0.0, new_entries=0, pushed=pushed)
    return after.next_poll - NOW


def test_a_feed_whose_hub_delivers_is_polled_four_times_more_rarely_but_daily():
    assert polled(HOUR, pushed=False) == HOUR
    assert polled(HOUR, pushed=True) == 4 * HOUR
    assert polled(8 * HOUR, pushed=True) == DAY
    assert polled(3 * DAY, pushed=True) == 3 * DAY  # the user's own is never shortened
    assert polled(HOUR, pushed=True, headers={"cache-control": "max-age=36000"}) == 10 * HOUR


def test_without_the_hub_it_is_due_when_it_would_have_been():
    state = replace(STATE, last_attempt=NOW, next_poll=NOW + 4 * HOUR)
    for later, due in ((timedelta(0), HOUR), (HOUR / 2, HOUR), (2 * HOUR, 2 * HOUR)):
        assert polling.resumed(state, FEED, now=NOW + later, jitter=0.0).next_poll == NOW + due
    soon = replace(state, next_poll=NOW + HOUR / 4)
    assert polling.resumed(soon, FEED, now=NOW, jitter=0.0) == soon
    for left in (replace(state, status="backing_off"), replace(state, next_poll=None), FeedState(url=URL)):
        assert polling.resumed(left, FEED, now=NOW, jitter=0.0) == left


def test_a_delivery_changes_the_rhythm_alone():
    state = replace(STATE, etag='"1"', last_modified="x", body_hash=b"h", items=b"i", last_changed=NOW - DAY, polls=3)
    parsed = ParsedFeed(
        kind="atom10", feed_id="urn:another", title="Another", self_url="https://x.example/", items=b"j"
    )
    after = polling.after_push(state, parsed, now=NOW, new_entries=2)
    assert after == replace(state, last_changed=NOW, rhythm=DAY / 2)
    assert polling.after_push(state, parsed, now=NOW, new_entries=0) == state


@pytest.mark.parametrize(
    ("subscription", "step"),
    [
        (None, "unused"),
        (LEAVING, "unused"),
        (FRESH, "asked"),
        (replace(ACTIVE, lease_end=NOW - HOUR), "asked"),
        (ACTIVE, "confirmed"),
        (replace(ACTIVE, delivered=NOW - HOUR), "delivers"),
        (replace(FRESH, state="denied", error_class="http_4xx", error="no"), "denied"),
    ],
)
def test_how_a_feed_stands_with_its_hub(subscription, step):
    states = {URL: STATE, "https://other.example/": FeedState(url="https://other.example/")}
    (found,) = websub.standings(states, [subscription] if subscription else [], NOW).items()
    assert (found[0], found[1].url, found[1].state) == (URL, HUB, step)
    assert found[1].error == ("no" if step == "denied" else "")
    assert found[1].delivered == (NOW - HOUR if step == "delivers" else None)


def test_a_hub_that_delivered_but_left_something_out_only_promised():
    states = {URL: replace(STATE, last_changed=NOW)}
    assert websub.standings(states, [replace(ACTIVE, delivered=NOW - HOUR)], NOW)[URL].state == "confirmed"


def test_a_login_in_a_hubs_address_is_not_shown():
    states = {URL: replace(STATE, hub_url="https://me:s3cret@hub.example/x")}
    assert websub.standings(states, [], NOW)[URL].url == "https://hub.example/x"
