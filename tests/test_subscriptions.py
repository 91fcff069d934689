"""Subscriptions at a hub of our own, from the feed that names it to the story in /feed.atom that no poll brought."""

import hmac
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import feedparser
import httpx
import pytest
import pytest_asyncio
from loopback import PARAGRAPHS, Web
from ports import free_port
from test_service import Running
from world import Sky, World, world

from aggregator.config import Config
from aggregator.model import Feed
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.rules import compile_rules
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.web.app import create_app
from aggregator.web.deps import Health, WebDeps

BASE = "https://reader.example.org"
HUB = "https://hub.example.net/ask"
SITE = "https://news.example"
FEED = Feed(url=f"{SITE}/feed.xml", name="News", full_text="never", interval=timedelta(hours=1))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def entry(name: str, text: str) -> str:
    return (
        f"<entry><id>urn:x:{name}</id><title>The {name}</title><link href='{SITE}/{name}'/>"
        f"<updated>2026-11-21T10:00:00Z</updated><content type='html'>&lt;p&gt;{text}&lt;/p&gt;</content></entry>"
    )


def atom(*entries: str, hub: str = HUB, me: str = FEED.url, feed_id: str = "urn:x:news") -> bytes:
    links = f"<link rel='self' href='{me}'/>" + (f"<link rel='hub' href='{hub}'/>" if hub else "")
    head = f"<id>{feed_id}</id><title>News</title><updated>2026-11-21T10:00:00Z</updated>{links}"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{head}{''.join(entries)}</feed>".encode()


TANKS, BRIDGE, GARDEN = (entry(name, " ".join(PARAGRAPHS[name])) for name in ("tanks", "bridge", "garden"))


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@dataclass
class HubSky(Sky):
    """The web with a hub in it, which confirms at once, before it answers, when it is given an `app` to ask."""

    forms: list[dict[str, str]] = field(default_factory=list)
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    lease: str = "864000"
    reader: "Callable[[], httpx.AsyncClient] | None" = None
    confirmed: list[httpx.Response] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return await super().__call__(request)
        assert str(request.url) == HUB
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        form = dict(parse_qsl((await request.aread()).decode(), strict_parsing=True))
        self.forms.append(form)
        if self.reader is not None:
            await self.confirm(form)
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(b""))

    async def confirm(self, form: dict[str, str], **changes: str) -> httpx.Response:
        assert self.reader is not None
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "a challenge"}
        query |= {"hub.lease_seconds": self.lease} | {f"hub.{name}": value for name, value in changes.items()}
        async with self.reader() as client:
            answer = await client.get(form["hub.callback"], params=query)
        self.confirmed.append(answer)
        return answer


@dataclass
class Life:
    """The service without its scheduler: what a tick does is done by hand."""

    place: World
    sky: HubSky
    feeds: list[Feed]
    reachable: bool = True
    base: str = BASE
    rounds: Any = None
    hubs: Any = None
    app: Any = None

    async def start(self) -> None:
        self.place.storage.sync_feeds(self.feeds, self.place.clock[0])
        self.rounds = Rounds(self.place.edges, compile_rules(self.feeds, ()), first_entries=10)
        await self.rounds.load()
        self.hubs = Subscriptions(self.place.edges, self.rounds, base_url=self.base, reachable=self.reachable)
        await self.hubs.load()
        config = Config(
            path=Path("feeds.toml"), base_url=BASE, feeds=tuple(self.feeds), token="a token", listen_host="0.0.0.0"
        )
        self.app = create_app(
            WebDeps(
                storage=self.place.storage,
                config=lambda: config,
                health=lambda: Health(ok=True),
                now=lambda: self.place.clock[0],
                hubs=self.hubs,
                fresh=0,
            )
        )

    async def stop(self) -> None:
        await self.hubs.close()
        await self.rounds.close()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE)

    async def configure(self, *feeds: Feed) -> None:
        self.feeds = list(feeds)
        self.rounds.rules = compile_rules(self.feeds, ())
        self.place.storage.sync_feeds(self.feeds, self.place.clock[0])
        await self.rounds.load()

    async def poll(self) -> None:
        self.rounds.start_due()
        await self.rounds.finish()

    async def look(self) -> None:
        await self.hubs.look()
        await self.hubs.idle()
        await self.hubs.look()

    async def push(self, body: bytes, *, header: str | None = None, number: int = -1, **more: str) -> int:
        """Deliver as the hub does, at the callback and with the secret of one of the subscriptions it was asked for."""
        form = [form for form in self.sky.forms if "hub.secret" in form][number]
        headers = {"content-type": "application/atom+xml"} | {name.replace("_", "-"): v for name, v in more.items()}
        headers["x-hub-signature"] = signature(form["hub.secret"], body) if header is None else header
        async with self.client() as client:
            answer = await client.post(form["hub.callback"], content=body, headers=headers)
        await self.rounds.finish()
        return answer.status_code

    async def titles(self) -> list[str]:
        async with self.client() as client:
            answer = await client.get("/feed.atom?token=a token")
        return sorted(entry.title for entry in feedparser.parse(answer.content).entries)

    @property
    def state(self) -> Any:
        return self.rounds.states[FEED.url]

    @property
    def kept(self) -> list[Any]:
        return self.place.storage.subscriptions()

    @property
    def polls(self) -> int:
        return self.sky.asked.count(FEED.url)

    @property
    def wait(self) -> timedelta:
        return self.state.next_poll - self.place.clock[0]


@asynccontextmanager
async def living(folder: Path, **options: Any) -> AsyncIterator[Life]:
    sky = HubSky()
    sky.put(FEED.url, atom(TANKS), "application/atom+xml", etag='"1"', last_modified="Sat, 21 Nov 2026 10:00:00 GMT")
    async with world(folder, sky) as place:
        life = Life(place=place, sky=sky, feeds=[FEED], **options)
        sky.reader = life.client
        await life.start()
        yield life
        await life.stop()


@pytest_asyncio.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with living(tmp_path) as life:
        await life.poll()
        await life.look()
        yield life


async def test_a_story_that_the_hub_brings_is_in_the_feed_without_a_poll(life: Life) -> None:
    (form,) = life.sky.forms
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == FEED.url
    path = form["hub.callback"].removeprefix(f"{BASE}/websub/")
    assert len(path) >= 40
    assert len(form["hub.secret"]) < 200
    (confirmed,) = life.sky.confirmed
    assert (confirmed.status_code, confirmed.text) == (200, "a challenge")
    assert confirmed.headers["content-type"].startswith("text/plain")
    (subscription,) = life.kept
    assert (subscription.state, subscription.lease_end) == ("active", life.place.clock[0] + 10 * DAY)
    before = life.state
    life.place.later(minutes=10)
    assert await life.push(atom(BRIDGE)) == 204
    assert await life.titles() == ["The bridge", "The tanks"]
    assert life.polls == 1
    changed = {"last_changed": life.state.last_changed, "rhythm": life.state.rhythm}
    assert life.state == replace(before, **changed, silence=life.state.silence)
    assert life.state.last_changed == life.place.clock[0]
    assert life.place.storage.feed_states()[FEED.url].etag == '"1"'
    life.place.later(hours=1)
    await life.poll()  # the validators still hold: a 304, though a delivery came in between
    assert (life.state.not_modified, life.state.polls) == (1, 2)
    assert await life.push(atom(BRIDGE)) == 204  # once more
    assert await life.titles() == ["The bridge", "The tanks"]


@pytest.mark.parametrize("method", ["sha1", "sha384", "sha512"])
async def test_every_method_of_signing_is_taken(life: Life, method: str) -> None:
    body = atom(BRIDGE)
    assert await life.push(body, header=signature(life.sky.forms[0]["hub.secret"], body, method)) == 204
    assert await life.titles() == ["The bridge", "The tanks"]


async def test_what_the_hub_did_not_sign_is_answered_and_left_alone(life: Life) -> None:
    body = atom(BRIDGE)
    good = signature(life.sky.forms[0]["hub.secret"], body)
    for header in ("", "sha256=" + "0" * 64, signature("another", body), "md5=" + "0" * 32, good + "0", good[7:]):
        assert await life.push(body, header=header) == 204, header
    assert await life.push(atom(GARDEN), header=good) == 204
    assert await life.titles() == ["The tanks"]
    assert life.kept[0].delivered is None


async def test_strangers_find_nothing(life: Life) -> None:
    callback = life.sky.forms[0]["hub.callback"]
    topic = {"hub.topic": FEED.url, "hub.challenge": "x", "hub.lease_seconds": "9"}
    async with life.client() as client:
        for url in (f"{BASE}/websub/", f"{BASE}/websub/x", callback[:-1], callback + "x", callback + "/x"):
            assert (await client.post(url, content=b"x" * 10)).status_code == 404, url
            assert (await client.get(url, params=topic | {"hub.mode": "subscribe"})).status_code == 404, url
        before = life.kept
        for query in ({}, topic, topic | {"hub.mode": "unsubscribe"}, {"hub.mode": "subscribe", "hub.challenge": "x"}):
            assert (await client.get(callback, params=query)).status_code == 404, query
        other = topic | {"hub.mode": "subscribe", "hub.topic": f"{SITE}/other.xml"}
        assert (await client.get(callback, params=other)).status_code == 404
        assert (await client.put(callback, content=b"x")).status_code == 405
    assert life.kept == before


async def test_bodies_are_bounded(life: Life) -> None:
    size = life.place.edges.limits.max_bytes
    assert await life.push(b" " * (size + 1)) == 413
    assert await life.push(atom(BRIDGE), content_encoding="gzip") == 415
    assert await life.titles() == ["The tanks"]


async def test_what_is_no_feed_changes_nothing(life: Life) -> None:
    before = life.state
    for body in (b"", b"<html>no</html>", b"\0" * 100, b"{"):
        assert await life.push(body) == 204
    assert life.state == before
    assert life.kept[0].delivered is None


async def test_a_delivery_is_its_own_feeds_whatever_it_says_it_is(tmp_path: Path) -> None:
    other = Feed(url="https://other.example/feed.xml", name="Other", full_text="never")
    async with living(tmp_path) as life:
        life.sky.put(other.url, atom(GARDEN, hub="", me=other.url, feed_id="urn:x:other"), "application/atom+xml")
        await life.configure(FEED, other)
        await life.poll()
        await life.look()
        before = dict(life.rounds.states)
        assert len(life.sky.forms) == 1
        forged = atom(BRIDGE, hub="https://evil.example/", me=other.url, feed_id="urn:x:other")
        assert await life.push(forged) == 204
        assert life.rounds.states[other.url] == before[other.url]
        after, was = life.state, before[FEED.url]
        assert (after.feed_id, after.self_url, after.hub_url) == (was.feed_id, was.self_url, was.hub_url)
        story = life.place.storage.by_url(f"{SITE}/bridge")
        assert (story.source.feed_url, story.source.feed_id) == (FEED.url, "urn:x:news")
        await life.look()
        assert len(life.sky.forms) == 1


async def test_a_lease_is_renewed_before_it_ends(life: Life) -> None:
    first = life.kept[0]
    life.place.later(days=6)
    await life.look()
    assert len(life.sky.forms) == 1
    life.place.later(days=1)
    await life.look()
    assert [form["hub.mode"] for form in life.sky.forms] == ["subscribe"] * 2
    assert life.sky.forms[0] == life.sky.forms[1]  # the same callback and secret
    assert life.kept[0].lease_end == first.lease_end + 7 * DAY
    await life.look()
    assert len(life.sky.forms) == 2


async def test_polling_slows_down_while_the_hub_delivers_and_is_back_when_it_does_not(life: Life) -> None:
    assert HOUR <= life.wait < 1.1 * HOUR
    life.place.later(hours=2)
    await life.push(atom(BRIDGE))
    await life.poll()
    assert 4 * HOUR <= life.wait < 4.4 * HOUR
    await life.look()
    life.sky.reader, life.sky.status = None, 503
    while life.kept[0].lease_end > life.place.clock[0]:
        await life.poll()
        life.place.later(hours=5)
        await life.look()
    assert life.kept[0].error_class == "http_5xx"
    assert life.wait <= timedelta(0)
    await life.poll()
    assert HOUR <= life.wait < 4.4 * HOUR  # a quiet feed's own pace, not the hub's
    assert life.state.status == "ok"
    sub = life.kept[0]
    assert sub.next_try - life.place.clock[0] <= 1.1 * DAY


async def test_a_hub_that_misses_stories_is_not_relied_on(life: Life) -> None:
    life.place.later(hours=2)
    await life.push(atom(BRIDGE))
    await life.poll()
    await life.look()
    life.place.later(hours=5)
    life.sky.put(FEED.url, atom(TANKS, BRIDGE, GARDEN), "application/atom+xml", etag='"2"')
    await life.poll()
    assert life.wait > 3 * HOUR
    await life.look()
    assert HOUR <= life.wait < 1.1 * HOUR
    assert life.place.storage.feed_states()[FEED.url].next_poll == life.state.next_poll
    assert await life.titles() == ["The bridge", "The garden", "The tanks"]


async def test_without_a_hub_polling_goes_on_as_ever(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        life.sky.reader, life.sky.status = None, 500
        for _ in range(30):
            await life.poll()
            await life.look()
            assert HOUR <= life.wait < 1.1 * HOUR or life.state.polls > 9
            life.place.later(hours=1, minutes=10)
        assert life.polls >= 15
        assert life.kept[0].state == "wanted"
        assert life.kept[0].error_class == "http_5xx"
        assert len(life.sky.forms) < 12  # later each time
        assert await life.titles() == ["The tanks"]


async def test_a_hub_that_confirms_and_then_answers_with_an_error_counts_as_confirmed(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        life.sky.status = 504
        await life.poll()
        await life.look()
        assert (life.kept[0].state, life.kept[0].failures, life.kept[0].error) == ("active", 0, "")


async def test_a_denial_is_remembered(life: Life) -> None:
    answer = await life.sky.confirm(life.sky.forms[0], mode="denied", reason="no more")
    assert answer.status_code == 200
    assert (life.kept[0].state, life.kept[0].error) == ("denied", "the hub denies the subscription: no more")
    await life.look()
    assert len(life.sky.forms) == 1
    life.place.later(days=1)
    await life.look()
    assert life.kept[0].state == "active"


async def test_a_removed_feed_is_unsubscribed_from(life: Life) -> None:
    life.sky.reader = None
    await life.configure()
    await life.look()
    assert [form["hub.mode"] for form in life.sky.forms] == ["subscribe", "unsubscribe"]
    assert life.sky.forms[1]["hub.callback"] == life.sky.forms[0]["hub.callback"]
    assert life.kept[0].state == "leaving"
    assert await life.push(atom(BRIDGE)) == 410
    life.sky.reader = life.client
    assert (await life.sky.confirm(life.sky.forms[0])).status_code == 404  # not subscribed to again by a late question
    assert (await life.sky.confirm(life.sky.forms[1])).text == "a challenge"
    assert life.kept == []
    assert await life.push(atom(BRIDGE)) == 404
    assert await life.titles() == ["The tanks"]
    await life.configure(FEED)
    await life.look()
    assert life.sky.forms[2]["hub.callback"] != life.sky.forms[0]["hub.callback"]
    assert life.sky.forms[2]["hub.secret"] != life.sky.forms[0]["hub.secret"]


async def test_a_hub_that_does_not_let_go_is_forgotten(life: Life) -> None:
    life.sky.reader, life.sky.status = None, 500
    await life.configure()
    for _ in range(6):
        await life.look()
        life.place.later(hours=1)
    assert [form["hub.mode"] for form in life.sky.forms] == ["subscribe"] + ["unsubscribe"] * 3
    assert life.kept == []


async def test_a_feed_that_names_another_hub_leaves_the_first(life: Life) -> None:
    life.sky.put(FEED.url, atom(TANKS, me=f"{SITE}/new.xml"), "application/atom+xml", etag='"2"')
    life.place.later(hours=2)
    await life.poll()
    await life.look()
    asked = {(form["hub.mode"], form["hub.topic"]) for form in life.sky.forms}
    assert asked == {("subscribe", FEED.url), ("unsubscribe", FEED.url), ("subscribe", f"{SITE}/new.xml")}
    assert [(sub.state, sub.topic) for sub in life.kept] == [("active", f"{SITE}/new.xml")]


async def test_a_restart_keeps_subscriptions(life: Life) -> None:
    life.place.later(hours=2)
    await life.push(atom(BRIDGE))
    before = life.kept
    await life.stop()
    await life.start()
    await life.look()
    assert len(life.sky.forms) == 1
    assert life.kept == before
    assert await life.push(atom(GARDEN)) == 204
    assert await life.titles() == ["The bridge", "The garden", "The tanks"]
    await life.poll()
    assert life.wait > 3 * HOUR  # and what is known of the hub


async def test_where_no_hub_can_reach_us_nothing_is_asked_and_what_was_is_forgotten(life: Life) -> None:
    life.place.later(hours=2)
    await life.push(atom(BRIDGE))
    await life.poll()
    assert life.wait > 3 * HOUR
    await life.stop()
    life.reachable = False
    await life.start()
    await life.look()
    assert len(life.sky.forms) == 1
    assert life.kept == []
    assert HOUR <= life.wait < 1.1 * HOUR
    assert await life.push(atom(GARDEN)) == 404


async def test_a_changed_base_url_is_subscribed_under_and_the_old_one_is_left(life: Life) -> None:
    await life.stop()
    life.base = f"{BASE}/moved"
    life.sky.reader = None
    await life.start()
    await life.look()
    asked = [(form["hub.mode"], form["hub.callback"].rpartition("/")[0]) for form in life.sky.forms[1:]]
    assert sorted(asked) == [("subscribe", f"{BASE}/moved/websub"), ("unsubscribe", f"{BASE}/websub")]


async def test_a_hub_in_the_link_header_is_as_good(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        link = f'<{HUB}>; rel="hub", <{FEED.url}>; rel="self"'
        life.sky.put(FEED.url, atom(TANKS, hub=""), "application/atom+xml", link=link)
        await life.poll()
        await life.look()
        assert life.kept[0].state == "active"


async def test_a_hub_on_a_private_address_is_not_asked(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        life.sky.put(FEED.url, atom(TANKS, hub="http://169.254.169.254/latest"), "application/atom+xml")
        await life.poll()
        await life.look()
        assert life.sky.forms == []
        assert life.kept[0].error_class == "blocked_address"
        assert life.state.status == "ok"


# -- the whole service as a process


@dataclass
class LoopbackHub:
    """A hub as a server: takes the request, then asks back from a thread of its own, then delivers.

    The callbacks are under a public name, which stands for the service's port here.
    """

    port: int
    forms: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def confirm(self, form: dict[str, str]) -> None:
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "a challenge"}
        self.answers.append(self._ask(f"{form['hub.callback']}?{urlencode(query)}&hub.lease_seconds=600"))

    def deliver(self, body: bytes, secret: str = "") -> int:
        signed = signature(secret or self.forms[0]["hub.secret"], body, "sha512")
        return self._ask(self.forms[0]["hub.callback"], body, {"X-Hub-Signature": signed})[0]

    def _ask(self, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        assert url.startswith(f"{BASE}/websub/")
        given = {"Host": "reader.example.org"} | (headers or {})
        request = urllib.request.Request(url.replace(BASE, f"http://127.0.0.1:{self.port}"), body, given)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()


def hub_server(hub: LoopbackHub) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/moved":
                self._answer(307, {"Location": "/ask"})
                return
            form = dict(parse_qsl(body.decode(), strict_parsing=True))
            hub.forms.append(form)
            self._answer(202, {})
            threading.Thread(target=hub.confirm, args=(form,)).start()

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


class Public(Running):
    """The service under a public name."""

    def configure(self, feeds: str) -> None:
        text = (
            f'base_url = "{BASE}"\nlisten = "127.0.0.1:{self.port}"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n{feeds}'
        )
        (self.folder / "new").write_text(text)
        (self.folder / "new").replace(self.folder / "feeds.toml")

    def get(self, path: str, **headers: str) -> tuple[int, bytes, Any]:
        return super().get(path, Host="reader.example.org", **headers)


def test_the_service_subscribes_takes_what_comes_and_leaves(web: Web, tmp_path: Path) -> None:
    service = Public(tmp_path, "", port=free_port())
    hub = LoopbackHub(port=service.port)
    server = hub_server(hub)
    asking = f"http://127.0.0.1:{server.server_address[1]}/moved"
    url = web.put("/feed.xml", atom(TANKS, hub=asking, me=f"{web.base}/feed.xml"), "application/atom+xml")
    service.configure(f'[[feeds]]\nurl = "{url}"\nname = "News"\nfull_text = false\n')
    service.start()
    try:
        service.until(lambda: hub.answers == [(200, b"a challenge")])
        assert hub.deliver(atom(GARDEN), secret="another") == 204
        assert hub.deliver(atom(BRIDGE)) == 204
        service.until(lambda: service.titles() == ["The bridge", "The tanks"])
        assert service.process is not None
        service.process.kill()
        service.process.wait()
        service.start()
        assert hub.deliver(atom(GARDEN)) == 204
        service.until(lambda: service.titles() == ["The bridge", "The garden", "The tanks"])
        assert web.times("/feed.xml") == 1
        service.configure("")
        service.until(lambda: [form["hub.mode"] for form in hub.forms] == ["subscribe", "unsubscribe"])
        service.until(lambda: len(hub.answers) == 2)
        assert hub.answers[1] == (200, b"a challenge")
        with pytest.raises(urllib.error.HTTPError, match="404") as gone:
            hub.deliver(atom(GARDEN))
        gone.value.close()
        assert service.stop() == 0
        for secret in (hub.forms[0]["hub.secret"], hub.forms[0]["hub.callback"].rpartition("/")[2]):
            assert secret not in service.log()
    finally:
        if service.process is not None and service.process.poll() is None:
            service.process.kill()
            service.process.wait()
        server.shutdown()
        server.server_close()
