"""The bar for politeness, line by line (B1 to B13), held by the real command; days pass on a clock moved by hand."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from faults import Faults, faults, unexpected, until
from world import World, world

from aggregator.model import Feed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLITE = {"per_host_delay": '"0.3s"'}
ONE_WORD = ("429-seconds", "429-date", "429-none", "429-10years", "429-negative", "429-zero", "429-garbage")
ASKED_TO_WAIT = (*ONE_WORD, "429-past-date", "429-overflow", "503-seconds", "503-date")


@dataclass(frozen=True)
class Polls:
    """Three rounds, each in a process of its own."""

    server: Faults
    rows: list[dict[str, dict[str, Any]]]
    entries: list[dict[str, int]]
    begun: datetime
    ended: datetime

    def answers(self, name: str) -> list[int]:
        """The statuses that a scenario's feed answered with, in order."""
        found = [event for event in self.server.events() if event["ev"] == "response" and event["scenario"] == name]
        return [event["status"] for event in found if event["target"] == f"/{name}/feed.xml"]

    def sent(self, name: str, header: str, path: str = "feed.xml") -> list[str | None]:
        """What the requests for a scenario's feed said in a header."""
        asked = self.server.asked(name, path)
        return [{key.lower(): value for key, value in event["headers"]}.get(header) for event in asked]

    def wait(self, name: str) -> tuple[timedelta, timedelta]:
        """How long a feed is left alone from now on: at least and at most, for all that is known of when it began."""
        until = datetime.fromisoformat(self.rows[-1][name]["next_poll"])
        return until - self.ended, until - self.begun


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    with faults(tmp_path_factory.mktemp("web"), "--retry-after", "120") as server:
        yield server


@pytest.fixture
def server(web: Faults, tmp_path: Path) -> Faults:
    return web.beside(tmp_path)


@pytest.fixture(scope="module")
def polls(web: Faults, tmp_path_factory: pytest.TempPathFactory) -> Polls:
    server = web.beside(tmp_path_factory.mktemp("polls"))
    pages = ("article-ok", "article-404", "article-429")
    server.configure("control", "redirect", "polite", "redir-slow-hops", *pages, fetch=POLITE)
    begun, rows, entries = datetime.now(UTC), [], []
    for _ in range(3):
        rows.append(server.poll())
        entries.append(server.entries())
    server.done()
    return Polls(server=server, rows=rows, entries=entries, begun=begun, ended=datetime.now(UTC))


def test_the_server_finds_nothing_impolite(polls: Polls) -> None:
    verdict = polls.server.check("--min-interval", "0.1", "--max-per-host", "2")
    assert verdict.returncode == 0, verdict.stdout
    assert verdict.stdout.count("PASS") == 15
    assert unexpected(polls.server, polls.rows[0]) == []


# -- B1 to B4: validators

ETAGS = ("strong", "weak", "unquoted", "single-quoted", "odd", "gzip-suffix", "long", "injection", "utf8")
DATES = ("rfc1123", "rfc850", "asctime", "iso", "garbage", "offset", "future")
BOTH = ("both-validators", "ok-atom")
VALIDATED = (*(f"etag-{name}" for name in ETAGS), *(f"lm-{name}" for name in DATES), *BOTH)


@pytest.mark.parametrize("name", VALIDATED)
def test_b1_validators_are_opaque(polls: Polls, name: str) -> None:
    assert polls.answers(name) == [200, 304, 304]
    (first, *_) = [event for event in polls.server.events() if event["ev"] == "response" and event["scenario"] == name]
    given = {key.lower(): value for key, value in first["headers"]}
    for header, echo in (("etag", "if-none-match"), ("last-modified", "if-modified-since")):
        sent = given[header].encode().decode("latin-1") if header in given else None  # the server reads Latin-1
        assert polls.sent(name, echo) == [None, sent, sent]
    assert {"etag", "last-modified"} & set(given)
    assert [row[name]["state"] for row in polls.rows] == ["ok"] * 3


def test_b2_validators_outlive_the_process_and_are_never_invented(polls: Polls) -> None:
    """Each of the three rounds was a process of its own."""
    for name in (*VALIDATED, "304-with-new-etag", "cache-max-age", "rss-ttl-1440"):
        assert polls.sent(name, "if-none-match")[0] is polls.sent(name, "if-modified-since")[0] is None
    for name in ("etag-empty", "ua-check"):
        assert set(polls.sent(name, "if-none-match")) <= {None, ""}
        assert set(polls.sent(name, "if-modified-since")) == {None}
    assert polls.sent("etag-strong", "if-modified-since") == [None] * 3
    assert polls.sent("lm-iso", "if-none-match") == [None] * 3
    # the address that a redirect leads to gave them, so it gets them; the first address never does
    assert polls.sent("redir-302", "if-none-match") == [None] * 3
    assert polls.sent("redir-302", "if-none-match", "new.xml") == [None, '"new"', '"new"']


def test_b2_the_newest_validator_is_sent(polls: Polls) -> None:
    assert polls.sent("etag-changes-each", "if-none-match") == [None, '"v1"', '"v2"']
    assert [entries["etag-changes-each"] for entries in polls.entries] == [3, 3, 3]


def test_b3_what_could_not_be_read_leaves_no_validators(polls: Polls) -> None:
    assert polls.rows[0]["etag-after-parse-error"]["error_class"] == "not_a_feed"
    assert polls.answers("etag-after-parse-error") == [200, 200, 304]
    assert polls.sent("etag-after-parse-error", "if-none-match") == [None, None, '"e1"']
    assert polls.rows[1]["etag-after-parse-error"]["state"] == "ok"
    assert polls.entries[1]["etag-after-parse-error"] == 3


def test_b4_304_in_all_its_forms(polls: Polls) -> None:
    # 304 to a question that named no version: an error, asked anew without conditions
    assert [row["304-cold"]["error_class"] for row in polls.rows] == ["protocol"] * 3
    assert set(polls.sent("304-cold", "if-none-match")) == {None}
    # a 304 may bring a new validator
    assert polls.sent("304-with-new-etag", "if-none-match") == [None, '"n0"', '"n2"']
    # the body that a 304 must not have is nobody's answer
    assert polls.answers("304-with-body") == [200, 304, 304]
    assert [row["304-with-body"]["state"] for row in polls.rows] == ["ok"] * 3
    assert polls.entries[2]["304-with-body"] == 3
    assert b"WRONG" not in polls.server.publish().rss


def test_b5_requests_say_who_asks_and_nothing_else(polls: Polls) -> None:
    asked = [event for event in polls.server.events() if event["ev"] == "request"]
    assert len(asked) > 200
    names = Counter(key.lower() for event in asked for key, _ in event["headers"])
    known = {"host", "user-agent", "accept", "accept-encoding", "connection", "if-none-match", "if-modified-since"}
    assert set(names) <= known
    assert {event["method"] for event in asked} == {"GET"}
    agents = {value for event in asked for key, value in event["headers"] if key.lower() == "user-agent"}
    (agent,) = agents
    assert agent.startswith("aggregator/") and agent.endswith(" (+https://example.org/about)")
    for name in ("ua-check", "set-cookie"):
        assert [row[name]["state"] for row in polls.rows] == ["ok"] * 3
    assert not [event["target"] for event in asked if "?" in event["target"]]


# -- B6: Retry-After


@pytest.mark.parametrize("name", ASKED_TO_WAIT)
def test_b6_who_asks_for_time_gets_it_over_restarts(polls: Polls, name: str) -> None:
    assert len(polls.server.requests(name)) == 1
    least, most = polls.wait(name)
    assert most >= HOUR
    assert least <= 7 * DAY
    assert polls.rows[2][name]["error_class"] == ("http_5xx" if name.startswith("503") else "http_4xx")


def test_b6_a_huge_wish_is_granted_for_a_week(polls: Polls) -> None:
    for name in ("429-10years", "429-overflow"):
        least, most = polls.wait(name)
        assert least <= 7 * DAY <= most + timedelta(seconds=1)


def test_b6_pages_too_and_their_whole_host(polls: Polls) -> None:
    """The page's 429 was the host's word, so its feed isn't asked either."""
    assert [event["target"] for event in polls.server.requests("article-429")] == [
        "/article-429/feed.xml",
        "/article-429/a/1",
    ]
    assert polls.rows[2]["article-429"]["state"] == "ok"
    assert polls.entries[2]["article-429"] == 1


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


URL = "https://news.example/feed.xml"
FEED = Feed(url=URL, name="News")
RSS = "application/rss+xml"


def rss(*names: str, link: str = "https://news.example") -> str:
    items = "".join(
        f"<item><title>Story {name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<description>The words of story {name}.</description></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>News</title><link>{link}</link>{items}</channel></rss>"


async def until_asked(place: World, feed: Feed = FEED) -> timedelta:
    """Let time pass until the feed is due, ask what is due, and tell how long it took."""
    start = place.clock[0]
    due = place.storage.feed_states()[feed.url].next_poll
    assert due is not None
    place.clock[0] = due - timedelta(seconds=1)
    asked = len(place.sky.asked)
    await place.round([feed], everything=False)
    assert len(place.sky.asked) == asked  # not a second too early
    place.clock[0] = due
    await place.round([feed], everything=False)
    assert len(place.sky.asked) > asked
    return due - start


async def test_b6_when_the_time_is_over_it_is_asked_again(place: World) -> None:
    place.sky.put(URL, "", status=429, **{"retry-after": str(5 * 3600)})
    await place.round([FEED])
    place.sky.put(URL, rss("1"), RSS)
    gap = await until_asked(place)
    assert timedelta(hours=5) <= gap <= timedelta(hours=6)
    assert place.live() == ["Story 1"]


@pytest.mark.parametrize("wish", ["0", "-5", "soon", "", "Wed, 01 Jan 2020 00:00:00 GMT", "1" + "0" * 30, "315360000"])
@pytest.mark.parametrize("status", [429, 503])
async def test_b6_no_wish_stops_polling_or_speeds_it_up(place: World, status: int, wish: str) -> None:
    place.sky.put(URL, "", status=status, **{"retry-after": wish})
    await place.round([FEED])
    for _ in range(3):
        assert HOUR <= await until_asked(place) <= 7 * DAY


# -- B7, B8: failures


@pytest.mark.parametrize("status", [500, 502, 403, 404, 401, 400, "reset"])
async def test_b7_failures_back_off_to_a_day_and_never_give_up(place: World, status: int | str) -> None:
    if isinstance(status, int):
        place.sky.put(URL, "an error", status=status)
    else:
        place.sky.answers[URL] = httpx.ReadError("connection reset by peer")
    await place.round([FEED])
    gaps = [await until_asked(place) for _ in range(10)]
    assert len(place.sky.asked) == 11
    assert gaps == sorted(gaps)
    assert gaps[0] >= HOUR
    assert all(later >= 1.5 * sooner or later >= DAY for sooner, later in pairwise(gaps))
    assert DAY <= gaps[-1] <= 1.1 * DAY
    place.sky.put(URL, rss("1"), RSS, etag='"1"')
    await until_asked(place)
    assert place.live() == ["Story 1"]
    assert HOUR <= await until_asked(place) <= 1.1 * HOUR


SWALLOWED = """
import socket, time
real = socket.getaddrinfo
def getaddrinfo(host, *arguments, **named):
    if str(host).endswith("swallowed.test"):
        time.sleep(600)
    return real(host, *arguments, **named)
socket.getaddrinfo = getaddrinfo
"""


def test_b7_a_network_that_swallows_everything_is_held_against_no_feed(server: Faults) -> None:
    """No refusal, no error, no answer: all that is seen of it are deadlines. Once somebody answers, they count."""
    (server.folder / "net").mkdir()
    (server.folder / "net" / "sitecustomize.py").write_text(SWALLOWED)
    names = [f"{letter}.swallowed.test" for letter in "abcd"]
    more = "".join(f'[[feeds]]\nname = "{name}"\nurl = "http://{name}/feed.xml"\n' for name in names)
    server.configure(more=more, fetch={"total_timeout": '"2s"'})
    rows = server.poll(*names, PYTHONPATH=str(server.folder / "net"))
    assert {(rows[name]["state"], rows[name]["failures"]) for name in names} == {("new", 0)}
    rows = server.poll(*names, "ok-rss", PYTHONPATH=str(server.folder / "net"))
    assert {(rows[name]["error_class"], rows[name]["failures"]) for name in names} == {("timeout", 1)}


async def test_b8_a_feed_that_is_gone_is_not_asked_again_and_keeps_its_stories(place: World) -> None:
    place.sky.put(URL, rss("1", "2"), RSS)
    await place.round([FEED])
    place.sky.put(URL, "", status=410)
    place.later(hours=2)
    await place.round([FEED])
    asked = len(place.sky.asked)
    for _ in range(5):
        place.later(days=3)
        await place.round([FEED])
        await place.round([FEED], everything=False)
    assert len(place.sky.asked) == asked
    state = place.storage.feed_states()[URL]
    assert (state.status, state.error_class, state.next_poll) == ("gone", "gone", None)
    assert "remove the feed" in state.error
    assert sorted(place.live()) == ["Story 1", "Story 2"]


async def test_b8_a_feed_that_is_not_found_is_asked_again_and_keeps_its_stories(place: World) -> None:
    place.sky.put(URL, rss("1", "2"), RSS)
    await place.round([FEED])
    place.sky.put(URL, "", status=404)
    place.later(hours=2)
    await place.round([FEED])
    assert await until_asked(place) >= HOUR
    assert sorted(place.live()) == ["Story 1", "Story 2"]


def test_b8_gone_and_not_found_are_told(polls: Polls) -> None:
    assert [row["status-410"]["state"] for row in polls.rows] == ["gone"] * 3
    assert polls.rows[0]["status-410"]["next_poll"] is None
    assert polls.answers("status-410") == [410]
    assert polls.rows[2]["status-404"]["error_class"] == "http_4xx"
    assert polls.rows[2]["status-404"]["next_poll"] is not None


# -- B9: redirects


def test_b9_no_address_is_taken_over_within_minutes(polls: Polls) -> None:
    for name in ("redir-301", "redir-308", "redir-302", "redir-303", "redir-307"):
        assert len(polls.server.asked(name)) == 3
        assert len(polls.server.asked(name, "new.xml")) == 3
        assert [entries[name] for entries in polls.entries] == [3, 3, 3]
    assert len(polls.server.asked("redir-flap")) == 3
    assert [entries["redir-flap"] for entries in polls.entries] == [3, 3, 3]
    for name in ("redir-301-to-404", "redir-301-to-login", "redir-301-loop"):
        assert polls.server.asked(name)
        assert polls.rows[2][name]["url"].endswith(f"/{name}/feed.xml")


MOVED = "https://new.example/feed.xml"


@pytest.mark.parametrize("status", [301, 308, 302, 303, 307])
async def test_b9_a_permanent_move_is_believed_after_days(place: World, status: int) -> None:
    place.sky.put(MOVED, rss("1", "2", "3"), RSS, etag='"1"')
    place.sky.put(URL, "", status=status, location=MOVED)
    straight = []
    for _ in range(16):
        asked = len(place.sky.asked)
        await place.round([FEED])
        straight.append(place.sky.asked[asked:] == [MOVED])
        place.later(hours=12)
    if status in {301, 308}:
        assert 3 <= straight.index(True) * 12 / 24 <= 7  # days
        assert all(straight[straight.index(True) :])
    else:
        assert not any(straight)
    assert sorted(place.live()) == ["Story 1", "Story 2", "Story 3"]


@pytest.mark.parametrize("end", ["flap", "not found", "login", "another"])
async def test_b9_what_does_not_hold_is_never_taken_over(place: World, end: str) -> None:
    other = Feed(url=MOVED, name="Another")
    place.sky.put(MOVED, rss("1"), RSS)
    if end == "not found":
        place.sky.put(MOVED, "", status=404)
    elif end == "login":
        place.sky.put(MOVED, "<!doctype html><title>Log in</title><form><input type=password></form>")
    for turn in range(20):
        if end == "flap" and turn % 2:
            place.sky.put(URL, rss("1"), RSS)
        else:
            place.sky.put(URL, "", status=301, location=MOVED)
        asked = len(place.sky.asked)
        await place.round([FEED, other] if end == "another" else [FEED])
        assert URL in place.sky.asked[asked:] or len(place.sky.asked) == asked
        place.later(hours=26)
    assert place.storage.feed_states()[URL].adopted_url == ""
    assert place.sky.asked.count(URL) >= 10


# -- B10, B11: how many at once, and how often


def test_b10_one_host_is_asked_by_two_at_most_and_spaced(server: Faults) -> None:
    server.configure("ok-keepalive-20", fetch={"per_host_delay": '"0.5s"'})
    rows = server.poll()
    assert {row["state"] for row in rows.values()} == {"ok"}
    assert len(rows) == 21
    verdict = server.check("--min-interval", "0.3", "--max-per-host", "2")
    assert verdict.returncode == 0, verdict.stdout


def test_b10_what_is_due_at_once_is_spread(server: Faults) -> None:
    """Sixty feeds on as many hosts, all of them new to a service that starts."""
    feeds = "".join(
        f'[[feeds]]\nname = "F{number}"\nfull_text = false\n'
        f'url = "http://127.1.0.{number}:{server.port}/etag-strong/feed.xml?{number}"\n'
        for number in range(5, 65)
    )
    server.configure("ok-rss", more=feeds)
    with server.running():
        until(lambda: len(server.requests("etag-strong")) == 60)
        until(lambda: all(row["next_poll"] for row in server.feeds().values()))
    times = [event["t"] for event in server.requests("etag-strong")]
    assert len(times) == 60
    assert (
        max(Counter(int(moment) for moment in times).values()) <= 30
    )  # not all at once, though a busy machine may be late with some
    assert times[-1] - times[0] > 8
    waits = [datetime.fromisoformat(row["next_poll"]).timestamp() for row in server.feeds().values()]
    assert max(waits) - min(waits) > 60  # and the next time they are further apart


def test_b11_a_restart_asks_for_nothing_that_is_not_due(server: Faults) -> None:
    server.configure("ok-rss", "ok-atom", "etag-strong", "ua-check", "status-500", "redir-301", "article-ok")
    server.round()
    first = Counter(event["target"] for event in server.events() if event["ev"] == "request")
    for _ in range(3):
        assert server.round()["feeds"] == []
    for _ in range(2):
        with server.running():
            time.sleep(3)
    again = Counter(event["target"] for event in server.events() if event["ev"] == "request")
    assert again == first
    assert {count for target, count in again.items() if target != "/robots.txt"} == {1}


# -- B12, B13


def test_b12_what_feed_and_server_wish_raises_the_interval(polls: Polls) -> None:
    longest = {"cache-max-age": HOUR, "cache-expires": 2 * HOUR, "cache-max-age-10y": DAY, "rss-ttl-1440": DAY}
    for name, wish in longest.items():
        least, most = polls.wait(name)
        assert wish - (polls.ended - polls.begun) - timedelta(minutes=1) <= most
        assert least <= 1.1 * wish + HOUR  # an hour that is to be skipped may come on top


def test_b13_a_page_is_fetched_once(polls: Polls) -> None:
    assert len(polls.server.asked("article-ok")) == 3
    assert len(polls.server.asked("article-ok", "a/1")) == 1
    assert len(polls.server.asked("article-404", "a/1")) == 1
    for name in ("ok-rss", "ok-atom", "redir-302"):
        assert [len(polls.server.asked(name, f"a/{place}")) for place in range(3)] == [1, 1, 1]


async def test_b13_a_page_that_fails_is_tried_again_a_few_times(place: World) -> None:
    page = "https://news.example/1"
    text = rss("1").replace("<guid", f"<link>{page}</link><guid")
    place.sky.put(URL, text, RSS)
    place.sky.put(page, "", status=500)
    for _ in range(40):
        await place.round([FEED])
        place.later(hours=13)
    assert 2 <= place.sky.asked.count(page) <= 6
    assert place.live() == ["Story 1"]


async def test_b13_a_site_that_moves_to_https_is_not_read_anew(place: World) -> None:
    """Every guid, link and picture of its feed changes at once, and no word of any story."""
    feed = Feed(url="http://news.example/feed.xml", name="News")
    item = (
        "<item><title>Story {0}</title><link>{1}://news.example/{0}</link><guid>{1}://news.example/?p={0}</guid>"
        "<description>Words of story {0} &lt;img src='{1}://news.example/{0}.png'&gt;</description></item>"
    )
    page = "<html><body><article><p>" + "The whole of story {0} has these words and many others. " * 30
    for scheme in ("http", "https"):
        body = "".join(item.format(number, scheme) for number in "123")
        place.sky.put(feed.url, f"<rss version='2.0'><channel><title>News</title>{body}</channel></rss>", RSS)
        for number in "123":
            place.sky.put(f"{scheme}://news.example/{number}", page.format(number))
        await place.round([feed])
        place.later(hours=2)
    pages = [url for url in place.sky.asked if url != feed.url]
    assert sorted(pages) == [f"http://news.example/{number}" for number in "123"]
    stories = place.storage.live(10, place.clock[0])
    assert sorted(story.title for story in stories) == ["Story 1", "Story 2", "Story 3"]
    assert all(story.updated < place.clock[0] - timedelta(hours=3) for story in stories)
