"""Fetching over a faked transport: conditions, redirects, bounds, robots.txt, and what each failure is called."""

import asyncio
import base64
import gzip
import pickle
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch import PAGE_BYTES, Fetcher, answers, body
from aggregator.fetch.timing import Spent
from aggregator.guard import Hosts, HungUp
from aggregator.guard.hosts import sent
from aggregator.model import Feed, FeedState, Limits

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example/feed"
AGENT = "aggregator/0.1 (+https://example.org/about)"
FEED = Feed(url=URL, name="News")
STATE = FeedState(url=URL)


class Site:
    """A faked web: answers by URL, each a response, a list of responses in turn, an exception, or a function."""

    def __init__(self, answers_by_url, **limits):
        self.answers = answers_by_url
        self.requests = []
        self.now = NOW
        self.limits = Limits(**({"per_host_delay": 0.0} | limits))
        self.hosts = Hosts(self.limits, lambda: self.now)
        self.proxies = []
        self.fetcher = Fetcher(
            httpx.MockTransport(self._answer),
            self.limits,
            self.hosts,
            AGENT,
            proxied=self._proxied,
            now=lambda: self.now,
        )

    def _proxied(self, proxy):
        self.proxies.append(proxy)
        return httpx.MockTransport(self._answer)

    async def _answer(self, request):
        self.requests.append(request)
        answer = self.answers.get(str(request.url), httpx.Response(404))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return await answer(request) if callable(answer) else answer

    @property
    def urls(self):
        return [str(request.url) for request in self.requests]

    async def feed(self, feed=FEED, state=STATE):
        return await self.fetcher.feed(feed, state, now=NOW)


class Stream(httpx.AsyncByteStream):
    """A body in pieces that tells how much of it was read."""

    def __init__(self, *parts, then=None):
        self.parts = parts
        self.then = then
        self.given = 0
        self.closed = False

    async def __aiter__(self):
        for part in self.parts:
            self.given += 1
            yield part
        if self.then is not None:
            raise self.then

    async def aclose(self):
        self.closed = True


def ok(content=b"<rss/>", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=names, stream=Stream(content))


def redirect(to, status=302):
    return httpx.Response(status, headers={"Location": to}, stream=Stream(b"never read"))


async def failed(action):
    with pytest.raises(FetchError) as caught:
        await action
    assert caught.value.message.isprintable()
    return caught.value


# ---- requests


async def test_a_first_request_says_who_we_are_and_nothing_else():
    site = Site({URL: ok(etag='"1"')})
    result = await site.feed()
    assert (result.status, result.body, result.headers["etag"], result.wire_bytes) == (200, b"<rss/>", '"1"', 6)
    assert (result.url, result.final_url, result.moved_to) == (URL, URL, "")
    sent = {name.lower(): value for name, value in site.requests[0].headers.raw}
    assert set(sent) == {b"host", b"user-agent", b"accept", b"accept-encoding"}
    assert sent[b"user-agent"] == AGENT.encode()
    assert sent[b"accept-encoding"] == b"gzip, deflate"
    assert site.requests[0].method == "GET"


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', "abc", "'abc'", '"a b,c\\"d;e=f"', '"\xe9\xe2\x82\xac"'])
async def test_validators_go_back_byte_for_byte(etag):
    site = Site({URL: httpx.Response(304, headers=[(b"ETag", b'"2"')], stream=Stream())})
    state = FeedState(url=URL, etag=etag, last_modified="yesterday-ish", last_full=NOW)
    result = await site.feed(state=state)
    assert (result.status, result.body, result.headers["etag"]) == (304, b"", '"2"')
    sent = dict(site.requests[0].headers.raw)
    assert sent[b"If-None-Match"] == etag.encode("latin-1")
    assert sent[b"If-Modified-Since"] == b"yesterday-ish"


async def test_an_unasked_304_is_an_error():
    error = await failed(Site({URL: httpx.Response(304)}).feed())
    assert error.error_class == "protocol"


async def test_validators_go_to_the_address_alone_that_gave_them():
    new = "https://news.example/new"
    state = FeedState(url=URL, etag='"new"', last_full=NOW, validators_url=new)
    site = Site({URL: redirect("/new"), new: httpx.Response(304, stream=Stream())})
    assert (await site.feed(state=state)).status == 304
    assert [request.headers.get("if-none-match") for request in site.requests] == [None, '"new"']
    elsewhere = Site({URL: redirect("/other"), "https://news.example/other": ok()})
    assert (await elsewhere.feed(state=state)).status == 200
    assert not any("if-none-match" in request.headers for request in elsewhere.requests)
    unasked = Site({URL: httpx.Response(304, stream=Stream())})
    assert (await failed(unasked.feed(state=state))).error_class == "protocol"


async def test_what_a_user_sets_for_a_feed_is_sent():
    feed = Feed(
        url=URL,
        name="N",
        username="mé",
        password="p:w",
        cookie="sid=1",
        user_agent="other/1 (+https://x.example)",
        headers=(("X-Key", "k"), ("Accept", "text/xml"), ("Host", "evil.example"), ("accept-encoding", "br")),
    )
    site = Site({URL: ok()})
    await site.feed(feed)
    sent = site.requests[0].headers
    assert sent["authorization"] == "Basic " + base64.b64encode("mé:p:w".encode()).decode()
    assert (sent["cookie"], sent["x-key"], sent["accept"]) == ("sid=1", "k", "text/xml")
    assert (sent["host"], sent["accept-encoding"]) == ("news.example", "gzip, deflate")
    assert sent["user-agent"] == "other/1 (+https://x.example)"


async def test_a_login_in_the_url_becomes_a_header_and_is_never_shown():
    feed = Feed(url="https://me:s3cret@news.example/feed", name="N")
    site = Site({URL: [httpx.Response(401), httpx.ConnectError("me:s3cret"), ok()]})
    for _ in range(2):
        error = await failed(site.feed(feed, FeedState(url=feed.url)))
        assert "https://news.example/feed" in error.message
    assert site.requests[0].headers["authorization"] == "Basic bWU6czNjcmV0"
    result = await site.feed(feed, FeedState(url=feed.url))
    assert "s3cret" not in result.final_url


async def test_a_proxy_is_used_by_the_feed_that_names_it_alone():
    site = Site({URL: [ok(), ok(), ok()]})
    proxied = Feed(url=URL, name="P", proxy="http://proxy.example:3128")
    for feed in (FEED, proxied, proxied):
        await site.feed(feed)
    assert site.proxies == ["http://proxy.example:3128"]
    await site.fetcher.aclose()


# ---- redirects


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 302), False),
        ((307, 301), False),
    ],
)
async def test_only_an_unbroken_permanent_chain_is_a_move(statuses, moved):
    steps = [URL, *(f"https://new.example/{n}" for n in range(len(statuses)))]
    site = Site({step: redirect(steps[n + 1], statuses[n]) for n, step in enumerate(steps[:-1])} | {steps[-1]: ok()})
    result = await site.feed()
    assert result.final_url == steps[-1]
    assert result.moved_to == (steps[-1] if moved else "")


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("new.xml", "https://news.example/new.xml"),
        ("/a?b=c#d", "https://news.example/a?b=c"),
        ("//other.example/x", "https://other.example/x"),
        ("HTTP://OTHER.example:80/x", "http://other.example/x"),
        ("https://news.example/n\xc3\xa9w feed", "https://news.example/n%C3%A9w%20feed"),
        ("https://me:pw@other.example/", "https://other.example/"),
        ("/x%0d%0aX-Injected:%201", "https://news.example/x%0d%0aX-Injected:%201"),
        ("\\x\\y", "https://news.example/x/y"),
    ],
)
async def test_locations_of_all_kinds_are_understood(location, to):
    answer = httpx.Response(302, headers=[(b"Location", location.encode("latin-1"))], stream=Stream())
    site = Site({URL: answer, to: ok()})
    assert (await site.feed()).final_url == to


async def test_the_body_of_a_redirect_is_not_read():
    stream = Stream(b"x" * 100, b"y" * 100)
    answer = httpx.Response(302, headers={"Location": "/new", "Content-Encoding": "gzip"}, stream=stream)
    await Site({URL: answer, "https://news.example/new": ok()}).feed()
    assert (stream.given, stream.closed) == (0, True)


@pytest.mark.parametrize("location", [None, "", "  "])
async def test_a_redirect_to_nowhere_is_an_error(location):
    headers = {} if location is None else {"Location": location}
    error = await failed(Site({URL: httpx.Response(302, headers=headers, stream=Stream())}).feed())
    assert error.error_class == "protocol"


@pytest.mark.parametrize(
    "location",
    [
        *("file:///etc/passwd", "ftp://x.example/", "javascript:alert(1)", "data:,x", "http:///etc/passwd"),
        *(
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "//169.254.169.254/",
        ),
        *("http://0177.1/", "https://10.0.0.1:8443/x", "http://x.example:25/"),
    ],
)
async def test_a_redirect_to_where_nobody_may_go_is_blocked(location):
    site = Site({URL: redirect(location, 301)})
    assert (await failed(site.feed())).error_class == "blocked_address"
    assert site.urls == [URL]


async def test_too_many_redirects_and_circles_end():
    site = Site({f"https://news.example/{n}": redirect(f"/{n + 1}") for n in range(20)}, max_redirects=5)
    feed = Feed(url="https://news.example/0", name="N")
    assert (await failed(site.feed(feed, FeedState(url=feed.url)))).error_class == "redirect_limit"
    assert len(site.requests) == 6
    circle = Site({URL: redirect("/b"), "https://news.example/b": redirect("/feed")})
    assert "circle" in (await failed(circle.feed())).message
    assert len(circle.requests) == 2


@pytest.mark.parametrize(
    ("start", "to", "kept"),
    [
        ("https://news.example/feed", "https://news.example/new", True),
        ("http://news.example/feed", "https://news.example/feed", True),
        ("https://news.example/feed", "https://other.example/feed", False),
        ("https://news.example/feed", "https://sub.news.example/feed", False),
        ("https://news.example/feed", "http://news.example/feed", False),
        ("https://news.example/feed", "https://news.example:8443/feed", False),
        ("http://news.example:8080/feed", "https://news.example:8443/feed", False),
    ],
)
async def test_secrets_go_to_their_own_origin_only(start, to, kept):
    feed = Feed(url=start, name="N", username="me", password="pw", cookie="c=1", headers=(("X-Key", "k"),))
    site = Site({start: redirect(to), to: ok()})
    await site.feed(feed, FeedState(url=start))
    first, last = (request.headers for request in site.requests)
    for name in ("authorization", "cookie", "x-key"):
        assert name in first
        assert (name in last) == kept


async def test_an_adopted_address_gets_no_secrets_of_the_old_one():
    feed = Feed(url="https://me:pw@news.example/feed", name="N")
    site = Site({"https://new.example/f": ok()})
    await site.feed(feed, FeedState(url=feed.url, adopted_url="https://new.example/f"))
    assert site.urls == ["https://new.example/f"]
    assert "authorization" not in site.requests[0].headers


async def test_cookies_that_a_site_sets_are_forgotten():
    site = Site(
        {
            URL: [httpx.Response(302, headers={"Location": "/x", "Set-Cookie": "a=1"}, stream=Stream()), ok()],
            "https://news.example/x": ok(),
        }
    )
    await site.feed()
    await site.feed()
    assert not any("cookie" in request.headers for request in site.requests)


# ---- statuses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "http_4xx"),
        (401, "http_4xx"),
        (404, "http_4xx"),
        (410, "gone"),
        (418, "http_4xx"),
        (429, "http_4xx"),
        (500, "http_5xx"),
        (503, "http_5xx"),
        (599, "http_5xx"),
        (999, "protocol"),
        (204, "protocol"),
        (206, "protocol"),
        (300, "protocol"),
        (305, "protocol"),
    ],
)
async def test_each_refusal_has_its_class_and_its_body_is_left_alone(status, kind):
    stream = Stream(b"x" * 1000)
    site = Site({URL: httpx.Response(status, headers={"Retry-After": "30"}, stream=stream)})
    error = await failed(site.feed())
    assert (error.error_class, error.status, error.retry_after) == (kind, status, "30")
    assert error.message.startswith(f"{URL} answered {status}")
    assert (stream.given, stream.closed) == (0, True)


async def test_a_part_of_a_feed_is_given_as_such():
    assert (await Site({URL: httpx.Response(226, stream=Stream(b"<rss/>"))}).feed()).status == 226
    assert (await Site({URL: httpx.Response(203, stream=Stream(b"<rss/>"))}).feed()).status == 200


async def test_cloudflares_challenge_is_told_apart():
    site = Site({URL: httpx.Response(403, headers={"cf-mitigated": "challenge"}, stream=Stream())})
    assert "Cloudflare" in (await failed(site.feed())).message


@pytest.mark.parametrize(
    ("after", "date", "told"),
    [
        ("120", None, "120"),
        ("120", "Sun, 22 Nov 2026 12:00:00 GMT", "120"),
        ("soon\x1b", None, "soon"),
        ("Sun, 22 Nov 2026 12:01:00 GMT", "Sun, 22 Nov 2026 12:00:00 GMT", "60"),
        ("Sun, 22 Nov 2026 12:01:00 GMT", "Sun, 22 Nov 2026 13:00:00 GMT", "0"),
        ("Sun, 22 Nov 2026 12:01:00 GMT", None, "Sun, 22 Nov 2026 12:01:00 GMT"),
    ],
)
def test_retry_after_as_a_date_is_meant_by_the_servers_clock(after, date, told):
    head = {"retry-after": after.replace("\x1b", "")} | ({"date": date} if date else {})
    assert answers.refusal(httpx.URL(URL), 429, head).retry_after == told


async def test_a_host_that_had_enough_is_left_alone_by_everything():
    site = Site({URL: httpx.Response(429, headers={"Retry-After": "600"}, stream=Stream())}, robots=False)
    await failed(site.feed())
    assert site.hosts.paused_until("news.example") == NOW + timedelta(seconds=600)
    error = await failed(site.fetcher.page("https://news.example/story"))
    assert (error.error_class, error.status) == ("http_4xx", 429)
    assert "left alone" in error.message
    assert len(site.requests) == 1
    with pytest.raises(FetchError, match="429 Too Many"):
        await site.fetcher.feed(FEED, STATE, now=NOW, force=True)
    assert len(site.requests) == 2


# ---- failures of the network


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused\r\nX: 1"), "connect"),
        (httpx.ReadTimeout(""), "timeout"),
        (httpx.RemoteProtocolError("illegal status line"), "protocol"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "connect"),
        (FetchError("the name has no address", error_class="dns"), "dns"),
    ],
)
async def test_failures_name_the_address_and_what_happened(error, kind):
    told = await failed(Site({URL: error}).feed())
    assert told.error_class == kind
    assert URL in told.message


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.RemoteProtocolError("incomplete chunked read")])
async def test_a_transfer_that_breaks_off_gives_nothing(error):
    stream = Stream(b"<rss>", then=error)
    told = await failed(Site({URL: httpx.Response(200, stream=stream)}).feed())
    assert told.error_class == "truncated"
    assert stream.closed


async def test_one_deadline_covers_everything_but_our_own_waiting():
    async def slowly(request):
        await asyncio.sleep(0.06)
        return redirect(f"{request.url}x")

    site = Site({URL + "x" * n: slowly for n in range(10)}, total_timeout=0.15, max_redirects=9)
    error = await failed(site.feed())
    assert error.error_class == "timeout"
    assert len(site.requests) < 4
    patient = Site({URL: redirect("/b"), "https://news.example/b": ok()}, total_timeout=0.7, per_host_delay=0.8)
    assert (await patient.feed()).status == 200


async def test_where_a_kept_connection_was_gone_another_is_tried_once():
    gone, refused = HungUp("gone", error_class="connect"), FetchError("nobody there", error_class="connect")
    assert (await Site({URL: [gone, ok()]}).feed()).status == 200
    for answers_given, asked in (([gone, gone, ok()], 2), ([refused, ok()], 1)):
        site = Site({URL: answers_given})
        assert (await failed(site.feed())).error_class == "connect"
        assert len(site.requests) == asked


async def test_time_on_the_network_is_told_by_feed_and_kind():
    """Of failures too, and once for a way over several addresses; nobody's time is spent where nobody was asked."""

    async def late(request):
        await asyncio.sleep(0.02)
        return httpx.Response(302 if request.url.path == "/feed" else 200, headers={"Location": "/b"})

    site = Site({URL: late, "https://news.example/b": late, "https://news.example/page": httpx.ConnectError("no")})
    await site.fetcher.feed(FEED, STATE, now=NOW)
    assert site.fetcher.times.feeds[URL].seconds >= 0.04
    with pytest.raises(FetchError):
        await site.fetcher.page("https://news.example/page", feed=FEED)
    with pytest.raises(FetchError):
        await site.fetcher.feed(Feed(url="http://127.0.0.1/", name="Own"), FeedState(url="http://127.0.0.1/"), now=NOW)
    await site.fetcher.get("https://news.example/b")
    assert {kind: sum(spent.counts) for kind, spent in site.fetcher.times.kinds.items()} == {"feed": 1, "page": 1}
    assert set(site.fetcher.times.feeds) == {URL}


def test_what_takes_longer_than_any_class_falls_into_the_last():
    assert Spent().more(0.1).more(31).counts == (1, *(0,) * 7, 1)


async def test_a_deadline_met_before_the_request_left_may_be_our_own_networks_fault():
    async def swallowed(request):
        await asyncio.sleep(60)

    async def slow(request):
        sent()  # as the connection does it
        await asyncio.sleep(60)

    for answer, unsent in ((swallowed, True), (slow, False)):
        site = Site({URL: answer}, total_timeout=0.02)
        error = await failed(site.feed())
        assert (error.error_class, error.unsent) == ("timeout", unsent)
        assert pickle.loads(pickle.dumps(error)).unsent is unsent


async def test_a_body_that_drips_meets_the_deadline():
    class Drip(Stream):
        async def __aiter__(self):
            while True:
                yield b"x"
                await asyncio.sleep(0.01)

    stream = Drip()
    error = await failed(Site({URL: httpx.Response(200, stream=stream)}, total_timeout=0.1).feed())
    assert error.error_class == "timeout"
    assert stream.closed


# ---- bodies


@pytest.mark.parametrize("length", ["7", "5"])
async def test_a_body_of_another_length_than_stated_is_truncated(length):
    assert (await failed(Site({URL: ok(b"<rss/>", content_length=length)}).feed())).error_class == "truncated"


async def test_a_stated_length_over_the_limit_is_refused_unread():
    stream = Stream(b"x")
    answer = httpx.Response(200, headers={"Content-Length": "2000000000"}, stream=stream)
    error = await failed(Site({URL: answer}, max_bytes=1000).feed())
    assert (error.error_class, stream.given) == ("too_large", 0)


async def test_an_endless_body_is_left_at_the_limit():
    stream = Stream(*[b"x" * 100] * 1000)
    error = await failed(Site({URL: httpx.Response(200, stream=stream)}, max_bytes=1000).feed())
    assert (error.error_class, stream.given) == ("too_large", 11)


@pytest.mark.parametrize("header", ["br", "zstd", "gzip, gzip", "gzip, br", ", ".join(["gzip"] * 200), "x-foo", "\x1b"])
async def test_codings_that_were_not_offered_are_refused_unread(header):
    stream = Stream(b"x")
    error = await failed(Site({URL: httpx.Response(200, headers={"Content-Encoding": header}, stream=stream)}).feed())
    assert (error.error_class, stream.given) == ("encoding", 0)


def _raw(data):
    compress = zlib.compressobj(wbits=-15)
    return compress.compress(data) + compress.flush()


PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "Deflate": _raw}


@pytest.mark.parametrize("name", PACKERS)
async def test_what_was_offered_is_decoded(name):
    packed = PACKERS[name](b"<rss/>" * 100)
    result = await Site({URL: ok(packed, content_encoding=name, content_length=str(len(packed)))}).feed()
    assert (result.body, result.wire_bytes) == (b"<rss/>" * 100, len(packed))


async def _pieces(data, size):
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKERS)), st.integers(1, 500))
def test_decoding_does_not_depend_on_the_pieces(data, name, size):
    packed = PACKERS[name](data)
    read = asyncio.run(body.read(_pieces(packed, size), encoded=body.coding(name), limit=10**6))
    assert (read.data, read.wire_bytes) == (data, len(packed))


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(1, 50))
def test_any_bytes_decode_or_have_a_class(data, encoded, size):
    try:
        read = asyncio.run(body.read(_pieces(data, size), encoded=encoded, limit=1000))
    except FetchError as error:
        assert error.error_class in ("encoding", "truncated", "too_large")  # noqa: PT017 - both ways are right
    else:
        assert len(read.data) <= 1000


@pytest.mark.parametrize("name", ["gzip", "deflate", "Deflate"])
@pytest.mark.parametrize("cut", [1, 9, 40])
async def test_compressed_data_that_stops_early_is_truncated(name, cut):
    packed = PACKERS[name](bytes(range(256)) * 4)[:-cut]
    assert (await failed(Site({URL: ok(packed, content_encoding=name)}).feed())).error_class == "truncated"


async def test_damaged_and_mislabelled_data_is_told():
    packed = gzip.compress(b"<rss/>")
    for data in (packed[:-8] + b"\0" * 8, b"<rss/>", b"\x1f\x8b\x08" + b"\xff" * 20):
        assert (await failed(Site({URL: ok(data, content_encoding="gzip")}).feed())).error_class == "encoding"


async def test_gzip_in_several_members_and_padding_are_read():
    several = gzip.compress(b"<rss>") + gzip.compress(b"</rss>") + b"\0" * 10
    assert (await Site({URL: ok(several, content_encoding="gzip")}).feed()).body == b"<rss></rss>"
    many = gzip.compress(b"") * 1002
    assert (await failed(Site({URL: ok(many, content_encoding="gzip")}).feed())).error_class == "encoding"
    assert (await Site({URL: ok(b"", content_encoding="gzip")}).feed()).body == b""


@pytest.mark.parametrize("name", ["gzip", "deflate", "Deflate"])
async def test_a_bomb_is_stopped_inside_the_decoder(name):
    packed = PACKERS[name](b"\0" * 20_000_000)
    decoder = body._Decoder(body.coding(name), 1000)
    assert len(decoder.decode(packed)) == 1001
    site = Site({URL: ok(packed, content_encoding=name)}, max_bytes=100_000)
    assert (await failed(site.feed())).error_class == "too_large"


async def test_headers_are_bounded_lower_case_and_joined_where_lists():
    raw = [(b"ETag", b'"1"'), (b"etag", b'"2"'), (b"Cache-Control", b"a"), (b"cache-control", b"b")]
    answer = httpx.Response(200, headers=[*raw, (b"X-Big", b"z" * 9000)], stream=Stream(b"x"))
    headers = (await Site({URL: answer}).feed()).headers
    assert headers == {"etag": '"1"', "cache-control": "a, b"}


# ---- pages

PAGE = "https://news.example/story"
ROBOTS = "https://news.example/robots.txt"
HTML = b"<!doctype html><html><p>Story</p></html>"


def page(content=HTML, kind="text/html; charset=utf-8", **headers):
    return ok(content, **({"content_type": kind} if kind else {}), **headers)


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "", "text/plain", "TEXT/HTML;charset=x"])
async def test_a_page_is_fetched_after_its_robots_txt(kind):
    site = Site({PAGE: page(kind=kind)})
    result = await site.fetcher.page(PAGE)
    assert (result.status, result.body) == (200, HTML)
    assert site.urls == [ROBOTS, PAGE]
    assert not any(name in site.requests[1].headers for name in ("if-none-match", "referer", "cookie"))


@pytest.mark.parametrize("kind", ["application/pdf", "video/mp4", "image/png", "application/json", "\x1b[2J/x"])
async def test_what_is_surely_no_page_is_not_read(kind):
    stream = Stream(b"x")
    answer = httpx.Response(200, headers={"Content-Type": kind}, stream=stream)
    error = await failed(Site({PAGE: answer}).fetcher.page(PAGE))
    assert (error.error_class, stream.given) == ("not_html", 0)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x00\x01\x02" * 50, "text/html"),
        (b"just text", "text/plain"),
        (b"<rss>", "text/xml"),
        (b"\x1f\x8b\x08", "text/html"),
        (b"", ""),
    ],
)
async def test_what_turns_out_to_be_no_page_is_told(content, kind):
    assert (await failed(Site({PAGE: page(content, kind)}).fetcher.page(PAGE))).error_class == "not_html"


async def test_pages_in_wide_characters_are_pages():
    wide = "<html>é</html>".encode("utf-16")
    assert (await Site({PAGE: page(wide)}).fetcher.page(PAGE)).body == wide


async def test_a_page_has_a_limit_of_its_own():
    site = Site({PAGE: page(HTML + b"x" * PAGE_BYTES)})
    assert (await failed(site.fetcher.page(PAGE))).error_class == "too_large"


async def test_robots_txt_is_obeyed_and_asked_once_a_day():
    rules = b"User-agent: *\nDisallow: /private\nCrawl-delay: 0.05\n\nUser-agent: other\nDisallow: /\n"
    site = Site({ROBOTS: ok(rules), PAGE: lambda _: _page_again()})
    await asyncio.gather(*(site.fetcher.page(PAGE) for _ in range(3)))
    error = await failed(site.fetcher.page("https://news.example/private/x"))
    assert error.error_class == "robots"
    assert "robots.txt forbids" in error.message
    assert site.urls == [ROBOTS, PAGE, PAGE, PAGE]
    site.now = NOW + timedelta(days=1, seconds=1)
    site.answers[ROBOTS] = ok(b"User-agent: aggregator\nDisallow: /\n")
    assert (await failed(site.fetcher.page(PAGE))).error_class == "robots"


async def _page_again():
    return page()


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.Response(403), httpx.ConnectError("x")])
async def test_without_a_robots_txt_everything_is_permitted(answer):
    assert (await Site({ROBOTS: answer, PAGE: page()}).fetcher.page(PAGE)).status == 200


async def test_a_robots_txt_in_trouble_closes_the_site_for_a_while_only():
    site = Site({ROBOTS: [httpx.Response(500) for _ in range(9)], PAGE: page()})
    for hour in (0, 0.5, 2, 23):
        site.now = NOW + timedelta(hours=hour)
        assert (await failed(site.fetcher.page(PAGE))).error_class == "robots"
    assert len(site.requests) == 3
    site.now = NOW + timedelta(hours=25)
    assert (await site.fetcher.page(PAGE)).status == 200


async def test_feeds_named_addresses_and_a_setting_are_beyond_robots_txt():
    site = Site({ROBOTS: ok(b"User-agent: *\nDisallow: /"), URL: [ok(), ok()]})
    await site.feed()
    await site.fetcher.get(URL)
    assert site.urls == [URL, URL]
    open_site = Site({PAGE: page()}, robots=False)
    await open_site.fetcher.page(PAGE)
    assert open_site.urls == [PAGE]


async def test_each_hop_of_a_page_is_looked_up_in_its_robots_txt():
    other = "https://other.example/robots.txt"
    site = Site({PAGE: redirect("https://other.example/x"), other: ok(b"User-agent: *\nDisallow: /")})
    assert (await failed(site.fetcher.page(PAGE))).error_class == "robots"
    assert site.urls == [ROBOTS, PAGE, other]


async def test_a_giant_robots_txt_is_cut_and_costs_little():
    giant = b"".join(b"User-agent: a%d\n" % n for n in range(10**5)) + b"Disallow: /\n" * 10**5
    stream = Stream(*[giant[n : n + 65536] for n in range(0, len(giant), 65536)])
    site = Site({ROBOTS: httpx.Response(200, stream=stream), PAGE: page()})
    assert (await asyncio.wait_for(site.fetcher.page(PAGE), 20)).status == 200
    assert stream.given <= 9


async def test_rules_for_others_leave_room_for_ours():
    others = b"User-agent: other\n" + b"Disallow: /x\n" * 6000
    rules = others + b"User-agent: third\nUser-agent: *\nDisallow: /private\n" + others
    site = Site({ROBOTS: ok(rules), PAGE: page()})
    assert (await failed(site.fetcher.page("https://news.example/private/x"))).error_class == "robots"
    assert (await site.fetcher.page(PAGE)).status == 200


async def test_a_pages_feed_lends_its_login_on_its_own_origin():
    feed = Feed(url=URL, name="N", cookie="subscriber=1", user_agent="x/1 (+https://x.example)")
    elsewhere = "https://other.example/story"
    site = Site({PAGE: page(), elsewhere: page()}, robots=False)
    await site.fetcher.page(PAGE, feed=feed)
    await site.fetcher.page(elsewhere, feed=feed)
    assert [request.headers.get("cookie") for request in site.requests] == ["subscriber=1", None]
    assert {request.headers["user-agent"] for request in site.requests} == {"x/1 (+https://x.example)"}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/", "http://10.1/", "feed", "http://[::1]/"])
async def test_what_may_not_be_asked_is_not_asked(url):
    site = Site({})
    feed = Feed(url=url, name="N")
    asked = [site.feed(feed, FeedState(url=url)), site.fetcher.page(url), site.fetcher.get(url)]
    for action in asked:
        assert (await failed(action)).error_class == "blocked_address"
    assert site.requests == []


# ---- feeds that lead to one address


OLD = "https://old.example/feed"
OTHER = Feed(url=OLD, name="Old address")


@pytest.mark.parametrize("feeds", [(FEED, OTHER), (OTHER, FEED)])
async def test_feeds_that_lead_to_one_address_ask_it_once(feeds):
    site = Site({URL: ok(etag='"1"'), OLD: redirect(URL)})
    results = await asyncio.gather(*(site.feed(feed, FeedState(url=feed.url)) for feed in feeds))
    assert site.urls.count(URL) == 1
    assert [(result.body, result.headers["etag"], result.final_url) for result in results] == [
        (b"<rss/>", '"1"', URL)
    ] * 2
    assert sorted(result.wire_bytes for result in results) == [0, 6]


async def test_a_feed_is_never_given_its_own_last_answer_again():
    site = Site({URL: [ok(b"<rss>1</rss>"), ok(b"<rss>2</rss>")], OLD: [redirect(URL), redirect(URL)]})
    assert [(await site.feed()).body for _ in range(2)] == [b"<rss>1</rss>", b"<rss>2</rss>"]
    assert (await site.feed(OTHER, FeedState(url=OLD))).body == b"<rss>2</rss>"


@pytest.mark.parametrize(
    "feed",
    [
        Feed(url=URL + "?", name="N", user_agent="Browser/1.0"),
        Feed(url=URL + "?", name="N", cookie="a=1"),
        Feed(url=URL + "?", name="N", proxy="http://proxy.example:3128"),
        Feed(url=URL + "?", name="N", username="u", password="p"),
    ],
)
async def test_what_may_differ_for_one_feed_is_not_shared(feed):
    site = Site({URL: [ok(b"<rss>1</rss>"), ok(b"<rss>2</rss>")], URL + "?": redirect(URL)})
    assert (await site.feed()).body == b"<rss>1</rss>"
    assert (await site.feed(feed, FeedState(url=feed.url))).body == b"<rss>2</rss>"


async def test_answers_are_shared_for_a_minute_and_large_ones_not_at_all():
    large = b"<rss>" + b" " * 2**20 + b"</rss>"
    site = Site({URL: [ok(), ok(large), ok()], OLD: [redirect(URL)] * 3, "https://c.example/": redirect(URL)})
    await site.feed()
    site.now += timedelta(seconds=61)
    assert (await site.feed(OTHER, FeedState(url=OLD))).body == large
    assert (
        await site.feed(Feed(url="https://c.example/", name="C"), FeedState(url="https://c.example/"))
    ).body == b"<rss/>"


HUB = "https://hub.example/ask"
FORM = {"hub.mode": "subscribe", "hub.topic": f"{URL}?a=b&c=ü"}


async def test_a_form_is_posted_and_the_answers_body_is_not_read():
    stream = Stream(b"x" * 2**20)
    site = Site({HUB: httpx.Response(202, stream=stream)})
    assert (await site.fetcher.post_form(HUB, FORM)).status == 202
    (request,) = site.requests
    assert request.method == "POST"
    assert dict(parse_qsl((await request.aread()).decode("ascii"))) == FORM
    assert request.headers["content-length"] == str(len(request.content))
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not {"cookie", "authorization", "if-none-match"} & set(request.headers)
    assert (stream.given, stream.closed) == (0, True)


@pytest.mark.parametrize("status", [307, 308])
async def test_a_form_is_posted_again_where_a_redirect_keeps_the_method(status):
    site = Site({HUB: redirect("https://other.example/ask", status), "https://other.example/ask": httpx.Response(204)})
    assert (await site.fetcher.post_form(HUB, FORM)).final_url == "https://other.example/ask"
    assert [request.method for request in site.requests] == ["POST", "POST"]
    assert site.requests[0].content == site.requests[1].content


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (redirect("https://other.example/", 302), "protocol"),
        (redirect("https://other.example/", 301), "protocol"),
        (redirect("https://other.example/", 303), "protocol"),
        (redirect("http://127.0.0.1/admin", 307), "blocked_address"),
        (redirect("http://[::ffff:10.0.0.1]/", 308), "blocked_address"),
        (redirect("file:///etc/passwd", 307), "blocked_address"),
        (redirect(HUB, 307), "redirect_limit"),
        (httpx.Response(404), "http_4xx"),
        (httpx.Response(304), "protocol"),
        (httpx.ConnectError("no"), "connect"),
    ],
)
async def test_a_form_goes_nowhere_else(answer, kind):
    site = Site({HUB: answer})
    error = await failed(site.fetcher.post_form(HUB, FORM))
    assert error.error_class == kind
    assert site.urls == [HUB]


async def test_a_form_to_a_private_address_is_not_sent_and_a_busy_hub_is_left_alone():
    site = Site({HUB: httpx.Response(429, headers={"Retry-After": "3600"})})
    assert (await failed(site.fetcher.post_form("http://192.168.1.1/", FORM))).error_class == "blocked_address"
    assert (await failed(site.fetcher.post_form(HUB, FORM))).retry_after == "3600"
    assert (await failed(site.fetcher.post_form(HUB, FORM))).status == 429
    assert site.urls == [HUB]


async def test_a_fetcher_that_is_replaced_ends_what_it_began_and_then_closes():
    gate, asked, closed = asyncio.Event(), asyncio.Event(), []

    class Way(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            asked.set()
            await gate.wait()
            assert not closed
            return httpx.Response(200, text="<rss/>")

        async def aclose(self):
            closed.append(True)

    fetcher = Fetcher(Way(), Limits(), Hosts(Limits(per_host_delay=0.0), lambda: NOW), AGENT)
    running = asyncio.create_task(fetcher.feed(FEED, STATE, now=NOW))
    await asked.wait()
    await fetcher.retire()
    assert not closed
    gate.set()
    assert (await running).body == b"<rss/>"
    assert closed
    idle = Fetcher(Way(), Limits(), Hosts(Limits(), lambda: NOW), AGENT)
    closed.clear()
    await idle.retire()
    assert closed
