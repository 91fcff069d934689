"""One request after another until there is an answer: redirects, one deadline, bounds, and the host's wishes."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import urlencode

import httpx

from aggregator import polling
from aggregator.errors import FetchError
from aggregator.fetch import answers, body
from aggregator.fetch.robots import ROBOTS_BYTES, Robots
from aggregator.fetch.shared import Shared
from aggregator.fetch.timing import Times
from aggregator.guard import Hosts, HungUp, Slot, Target, failure, refuse_literal, shown, target, transport
from aggregator.model import Document, Feed, FeedState, FetchResult, Limits

PAGE_BYTES: Final = 4 * 2**20

_ACCEPT_FEED: Final = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
_ACCEPT_PAGE: Final = b"text/html, application/xhtml+xml, */*;q=0.5"
_FORM: Final = b"application/x-www-form-urlencoded"
_OURS: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"connection", b"accept-encoding", b"te"})
_EMPTY: Final = httpx.ByteStream(b"")

_NO_BODY: Final = body.Body(b"", 0)
_NOTHING: Final = 2**16  # a 304 has no body; what a mock or a strange server sends with it is not worth an error
_USABLE: Final = frozenset({200, 203, 226})

Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What one fetch is: where, with which headers, and what will do as an answer."""

    url: str
    accept: bytes
    limit: int
    feed: Feed | None = None
    conditions: Mapping[str, str]
    validated: str = ""  # the hop that the conditions are for; empty is the first
    page: bool = False  # robots.txt counts, and only HTML will do
    force: bool = False
    cut: bool = False  # give the beginning of what is too large
    form: bytes = b""  # to be posted; whatever is answered, its body is not read


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    head: dict[str, str]
    body: body.Body


@dataclass(slots=True)
class _Journey:
    """How far the redirects have led, and the seconds of network time that are left."""

    url: httpx.URL
    left: float
    permanent: bool = True
    seen: list[httpx.URL] = field(default_factory=list)

    def turn(self, answer: _Answer, limit: int) -> None:
        """Goes on to where a redirect leads. FetchError; `redirect_limit` at a circle or past the limit."""
        url = answers.next_hop(self.url, answer.status, answer.head)
        self.seen.append(self.url)
        if url in self.seen or len(self.seen) > limit:
            what = "in a circle" if url in self.seen else f"more than {limit} times"
            raise FetchError(f"{shown(str(self.seen[0]))} redirects {what}", error_class="redirect_limit")
        self.permanent = self.permanent and answer.status in answers.PERMANENT
        self.url = url

    def named(self, error: FetchError) -> FetchError:
        """The same error, its sentence naming the address, and the one that led to it."""
        message, here, first = error.message, shown(str(self.url)), shown(str([*self.seen, self.url][0]))
        if here not in message:
            message = f"{here}: {message}"
        if first not in message:
            message = f"{message} ({first} led there)"
        if message == error.message:
            return error
        return FetchError(
            message,
            error_class=error.error_class,
            status=error.status,
            retry_after=error.retry_after,
            unsent=error.unsent,
        )


class _Headers:
    """The request headers of one fetch; what is secret goes to the feed's own origin only."""

    def __init__(self, ask: _Ask, first: httpx.URL, own: Target, agent: bytes) -> None:
        feed = ask.feed
        named = feed.user_agent.encode("latin-1", "ignore") if feed else b""
        self._base = [
            (b"User-Agent", named or agent),
            (b"Accept", ask.accept),
            (b"Accept-Encoding", b"gzip, deflate"),
        ]
        if ask.form:
            self._base += [(b"Content-Type", _FORM), (b"Content-Length", b"%d" % len(ask.form))]
        self._common = feed is not None and not (named or feed.proxy)
        self._conditions = [(name.encode(), value.encode("latin-1")) for name, value in ask.conditions.items()]
        self._validated = ask.validated or str(first)
        self._own = own.url
        self._secret = _secret(feed, own)

    def conditional(self, url: httpx.URL) -> bool:
        """Whether a hop is asked with conditions: validators mean something to the address alone that gave them."""
        return bool(self._conditions) and str(url) == self._validated

    def ordinary(self, url: httpx.URL) -> bool:
        """Whether any other feed would be given the same answer at this hop."""
        return self._common and not self.conditional(url) and not (self._secret and _same_origin(self._own, url))

    def to(self, url: httpx.URL) -> Pairs:
        """The headers for one hop."""
        pairs = [(b"Host", url.netloc), *self._base]
        if self.conditional(url):
            pairs += self._conditions
        if not self._secret or not _same_origin(self._own, url):
            return pairs
        replaced = {name.lower() for name, _ in self._secret}
        return [*(pair for pair in pairs if pair[0].lower() not in replaced), *self._secret]


def _secret(feed: Feed | None, own: Target) -> Pairs:
    """What the user set for this feed: own headers, login, cookie."""
    username, password = (feed.username, feed.password) if feed and feed.username else (own.username, own.password)
    pairs: Pairs = []
    if username or password:
        pairs.append((b"Authorization", b"Basic " + base64.b64encode(f"{username}:{password}".encode())))
    if feed is None:
        return pairs
    if feed.cookie:
        pairs.append((b"Cookie", feed.cookie.encode("latin-1", "ignore")))
    mine = ((name.encode("latin-1", "ignore"), value.encode("latin-1", "ignore")) for name, value in feed.headers)
    return pairs + [(name, value) for name, value in mine if name.lower() not in _OURS]


def _same_origin(own: httpx.URL, url: httpx.URL) -> bool:
    """The same scheme, host and port; or the same host's change to https, both on their usual ports."""
    if own.host != url.host:
        return False
    upgraded = own.scheme == "http" and url.scheme == "https" and own.port is None
    return (own.scheme == url.scheme or upgraded) and own.port == url.port


class Fetcher:
    """Fetches over one transport. All waiting is for network and turns; every failure is a FetchError.

    `proxied` makes the transport for a feed that names a proxy, `now` gives the aware UTC time, `times` adds up.
    """

    def __init__(  # noqa: PLR0913 - what it works with, one each, the rarer by name
        self,
        way: httpx.AsyncBaseTransport,
        limits: Limits,
        hosts: Hosts,
        user_agent: str,
        *,
        proxied: Callable[[str], httpx.AsyncBaseTransport] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        times: Times | None = None,
    ) -> None:
        self.times = times or Times()
        self._way = way
        self._limits = limits
        self._hosts = hosts
        self._agent = user_agent.encode("latin-1", "ignore")
        self._proxied = proxied or (lambda proxy: transport(limits, proxy=proxy))
        self._proxies: dict[str, httpx.AsyncBaseTransport] = {}
        self._running = 0  # fetches, those of robots.txt too
        self._retired = False
        self._now = now
        self._shared: Shared[_Answer] = Shared(now)
        self._robots = Robots(self._robots_text, user_agent.partition("/")[0] or "aggregator", now)

    async def feed(self, feed: Feed, state: FeedState, *, now: datetime, force: bool = False) -> FetchResult:
        """Polls a feed: 200, 226 or 304. `force` asks a host even while it wants to be left alone."""
        return await self._fetch(
            _Ask(
                url=state.adopted_url or feed.url,
                accept=_ACCEPT_FEED,
                limit=self._limits.max_bytes,
                feed=feed,
                conditions=polling.request_headers(state, feed, now),
                validated=state.validators_url,
                force=force,
            )
        )

    async def page(self, url: str, *, feed: Feed | None = None, kept: Document | None = None) -> FetchResult:
        """A story's page, at most PAGE_BYTES. FetchError `robots` when it is not ours to ask, `not_html` for others.

        Status 304 says that the page is still as `kept`.
        """
        ask = _Ask(
            url=url,
            accept=_ACCEPT_PAGE,
            limit=min(PAGE_BYTES, self._limits.max_bytes),
            feed=feed,
            conditions=polling.conditions(kept.etag, kept.last_modified) if kept else {},
            validated=kept.url if kept else "",
            page=True,
        )
        return await self._fetch(ask)

    async def get(self, url: str) -> FetchResult:
        """Whatever is at an address that the user named."""
        return await self._fetch(
            _Ask(url=url, accept=_ACCEPT_FEED, limit=self._limits.max_bytes, conditions={}, force=True)
        )

    async def post_form(self, url: str, fields: Mapping[str, str]) -> FetchResult:
        """Posts a form; any 2xx will do, and its body is not read. FetchError, also for a redirect but 307 and 308."""
        return await self._fetch(
            _Ask(url=url, accept=b"*/*", limit=_NOTHING, conditions={}, form=urlencode(fields).encode("ascii"))
        )

    async def retire(self) -> None:
        """Closes all connections as soon as nothing is being fetched; another fetcher has taken over."""
        self._retired = True
        if not self._running:
            await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        for way in (self._way, *self._proxies.values()):
            await way.aclose()

    async def _robots_text(self, url: str) -> bytes:
        ask = _Ask(url=url, accept=b"text/plain, */*;q=0.5", limit=ROBOTS_BYTES, conditions={}, cut=True)
        return (await self._fetch(ask)).body

    async def _fetch(self, ask: _Ask) -> FetchResult:
        first = target(ask.url)
        journey = _Journey(first.url, self._limits.total_timeout)
        self._running += 1
        try:
            return await self._follow(ask, first, journey)
        finally:
            self._note(ask, self._limits.total_timeout - journey.left)
            self._running -= 1
            if self._retired and not self._running:
                await self.aclose()

    def _note(self, ask: _Ask, seconds: float) -> None:
        if ask.feed is not None and seconds > 0:  # else nobody was asked
            self.times.add("page" if ask.page else "feed", ask.feed.url, seconds)

    async def _follow(self, ask: _Ask, first: Target, journey: _Journey) -> FetchResult:
        """Follows an address to its answer. The deadline runs while the network is used, not while it waits."""
        own = target(ask.feed.url) if ask.feed is not None and ask.feed.url != ask.url else first
        headers = _Headers(ask, first.url, own, self._agent)
        while True:
            try:
                answer = await self._answer(ask, journey, headers)
                if answer.status not in answers.REDIRECTS:
                    return _result(ask, journey, answer)
                journey.turn(answer, self._limits.max_redirects)
            except FetchError as error:
                raise journey.named(error) from error

    async def _answer(self, ask: _Ask, journey: _Journey, headers: _Headers) -> _Answer:
        """One hop's answer: the one that another feed has just been given, where it would be the same."""
        if ask.feed is None or ask.page or not headers.ordinary(journey.url):
            return await self._hop(ask, journey, headers)
        url, reader = str(journey.url), ask.feed.url
        async with self._shared.turn(url):
            known = self._shared.get(url, reader)
            if known is not None:
                return _Answer(known.status, known.head, body.Body(known.body.data, 0))
            answer = await self._hop(ask, journey, headers)
            if answer.status == HTTPStatus.OK:
                self._shared.keep(url, reader, answer, len(answer.body.data))
            return answer

    async def _hop(self, ask: _Ask, journey: _Journey, headers: _Headers) -> _Answer:
        """One address of the way. What is refused in any case is refused before it waits for a turn."""
        url = journey.url
        refuse_literal(url.host, self._limits.allow_networks)
        if ask.page and self._limits.robots and (delay := await self._robots.check(url)):
            self._hosts.space(url.host, delay)
        try:
            return await self._in_turn(ask, journey, headers)
        except HungUp:
            return await self._in_turn(ask, journey, headers)

    async def _in_turn(self, ask: _Ask, journey: _Journey, headers: _Headers) -> _Answer:
        async with self._hosts.slot(journey.url, force=ask.force) as slot:
            return await self._in_time(ask, journey, headers, slot)

    async def _in_time(self, ask: _Ask, journey: _Journey, headers: _Headers, slot: Slot) -> _Answer:
        clock = asyncio.get_running_loop().time
        start = clock()
        try:
            async with asyncio.timeout(journey.left):
                return await self._exchange(ask, journey.url, headers)
        except TimeoutError:
            seconds = f"{self._limits.total_timeout:g} seconds"
            raise FetchError(
                f"{shown(str(journey.url))} gave no whole answer within {seconds}; it will be asked again later",
                error_class="timeout",
                unsent=not slot.has_sent,
            ) from None
        finally:
            journey.left -= clock() - start

    async def _exchange(self, ask: _Ask, url: httpx.URL, headers: _Headers) -> _Answer:
        """One request and one answer; what is not going to be used of it is not read."""
        method, stream = ("POST", httpx.ByteStream(ask.form)) if ask.form else ("GET", _EMPTY)
        request = httpx.Request(method, url, headers=headers.to(url), stream=stream)
        try:
            response = await self._route(ask.feed).handle_async_request(request)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise failure(error, str(url), answered=False) from error
        head = answers.headers(response.headers.raw)
        kept = response.status_code == 304 and headers.conditional(url)
        try:
            return _Answer(response.status_code, head, await self._content(ask, url, response, head, kept=kept))
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise failure(error, str(url), answered=True) from error
        finally:
            await response.aclose()

    async def _content(
        self, ask: _Ask, url: httpx.URL, response: httpx.Response, head: dict[str, str], *, kept: bool
    ) -> body.Body:
        status, stream = response.status_code, cast("httpx.AsyncByteStream", response.stream)
        if kept:
            return await body.read(stream, encoded="", limit=_NOTHING)
        if status in (answers.REPEATED if ask.form else answers.REDIRECTS):
            return _NO_BODY
        if ask.form and 200 <= status < 300:
            return _NO_BODY
        if status not in _USABLE:
            raise self._refused(url, status, head)
        return await _read(ask, url, stream, head)

    def _refused(self, url: httpx.URL, status: int, head: dict[str, str]) -> FetchError:
        """A host that says it is asked too much is left alone from this moment on, by whatever else waits for it."""
        error = answers.refusal(url, status, head)
        if (until := polling.host_pause(error, self._now())) is not None:
            self._hosts.pause(url.host, until)
        return error

    def _route(self, feed: Feed | None) -> httpx.AsyncBaseTransport:
        if feed is None or not feed.proxy:
            return self._way
        if feed.proxy not in self._proxies:
            self._proxies[feed.proxy] = self._proxied(feed.proxy)
        return self._proxies[feed.proxy]


async def _read(ask: _Ask, url: httpx.URL, stream: httpx.AsyncByteStream, head: dict[str, str]) -> body.Body:
    """The body of a usable answer, whole or not at all."""
    if ask.page:
        answers.refuse_media(url, head)
    encoded = body.coding(head.get("content-encoding", ""))
    length = None if "transfer-encoding" in head else body.declared(head.get("content-length", ""))
    if not ask.cut:
        body.refuse_declared(length, ask.limit)
    read = await body.read(stream, encoded=encoded, limit=ask.limit, cut=ask.cut)
    if length is not None and read.wire_bytes != length and not ask.cut:
        raise FetchError(f"the transfer was cut off after {read.wire_bytes} of {length} bytes", error_class="truncated")
    if ask.page:
        answers.refuse_binary(url, head, read.data)
    return read


def _result(ask: _Ask, journey: _Journey, answer: _Answer) -> FetchResult:
    return FetchResult(
        url=ask.url,
        final_url=str(journey.url),
        status=200 if answer.status == 203 else answer.status,
        body=answer.body.data if answer.status != 304 else b"",
        headers=answer.head,
        moved_to=str(journey.url) if journey.permanent and journey.seen else "",
        wire_bytes=answer.body.wire_bytes,
    )
