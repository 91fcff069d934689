"""The one way out: addresses by what they are, names by what they resolve to, hosts by their turns."""

import asyncio
import contextlib
import ipaddress
import itertools
import random
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.guard import Hosts, HungUp, Places, allowed, failure, refuse_literal, shown, target, told, transport
from aggregator.model import Limits

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEST_NET = ("127.1.0.0/16",)

REFUSED = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1"),
    *("168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1"),
    *("192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1"),
    *(
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ),
    *(
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
    ),
    *("2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1"),
    *("fe80::1%eth0", "2606:4700::1%lo", "", "example.org", "127.1", "1.2.3.4.5", "0x7f000001"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1"]
PUBLIC += ["2606:4700:4700::1111", "2a00:1450:4001::5", "2400:cb00::1", "223.255.255.254", "192.167.1.1"]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address):
    assert not allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address):
    assert allowed(address)


@given(st.ip_addresses())
def test_nothing_that_python_calls_special_gets_through(ip):
    special = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved
    assert not (allowed(str(ip)) and (special or ip.is_unspecified))


@given(st.ip_addresses(v=4))
def test_ipv4_inside_ipv6_is_always_refused(ip):
    packed = int(ip)
    for wrapped in (
        packed,  # compatible
        0xFFFF << 32 | packed,  # mapped
        0x64FF9B << 96 | packed,  # NAT64
        0x2002 << 112 | packed << 80,  # 6to4
        0x20010000 << 96 | (packed ^ 0xFFFFFFFF),  # Teredo
    ):
        assert not allowed(str(ipaddress.IPv6Address(wrapped)))


def test_allowed_networks_open_exactly_themselves():
    assert allowed("127.1.2.3", TEST_NET)
    assert not allowed("127.0.0.1", TEST_NET)
    assert not allowed("::ffff:127.1.2.3", TEST_NET)
    assert allowed("fd00::5", ("fd00::/64",))
    assert not allowed("fd01::5", ("fd00::/64",))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.org/feed", "example.org"),
        ("HTTP://EXAMPLE.org./feed", "example.org"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://0x7f.0.0.1/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://127.0.1/", "127.0.0.1"),
        ("http://0/", "0.0.0.0"),
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://127．0．0．1/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://%31%32%37.0.0.1/", "127.0.0.1"),
        ("http://127.1.0.1:80@127.0.0.1/", "127.0.0.1"),
        ("http://a@b@127.0.0.1/", "127.0.0.1"),
        ("http://127.0.0.1\\@example.org/", "127.0.0.1"),
        ("http:\\\\127.0.0.1\\x", "127.0.0.1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://[::1]:8080/", "::1"),
        ("http://bücher.example/", "bücher.example"),
        ("http://example.org#@127.0.0.1/", "example.org"),
        ("http://example.org?@127.0.0.1/", "example.org"),
    ],
)
def test_every_spelling_of_a_host_is_read_as_one(url, host):
    assert target(url).url.host == host


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "file://localhost/etc/passwd", "ftp://example.org/x", "gopher://example.org/_GET", ""),
        *("data:text/html,x", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", "javascript:alert(1)", "//example.org/"),
        *(
            "example.org/feed",
            "http:///etc/passwd",
            "http://",
            "http:example.org",
            "http://@/",
            "https://?x",
            "http://.",
        ),
        *("http://[::1%25lo]/", "http://[::1%eth0]/", "http://[nonsense]/", "http://[::1/", "http://425.510.425.510/"),
        *("http://1.2.3.4.5/", "http://256.1/", "http://4294967296/", "http://0x1ffffffff/", "http://08.1.1.1/"),
        *("http://example.org:22/", "http://example.org:25/x", "http://example.org:99999/", "http://example.org:x/"),
        *("http://exa mple.org/", "http://example.org\t.evil/", "http://a..b\u0000/", "http://example.org/\r\nX-A: 1"),
        *("http://" + "9" * 5000 + "/", "http://example.org/" + "x" * 9000, "http://\ud800.example/"),
    ],
)
def test_what_is_no_address_of_a_web_page_is_refused(url):
    with pytest.raises(FetchError) as caught:
        target(url)
    assert caught.value.error_class == "blocked_address"
    assert caught.value.message.isprintable()


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http:\\\\", "http://a@", "http://["]))
def test_no_text_at_all_does_more_than_refuse(text, start):
    try:
        read = target(start + text)
    except FetchError as error:
        assert error.error_class == "blocked_address"  # noqa: PT017 - either way is right, this is what one must be
    else:
        assert read.url.scheme in ("http", "https")
        assert read.url.host
        assert not read.url.userinfo


def test_credentials_come_apart_from_the_address():
    read = target("http://me%40home:s%3Acret@example.org/feed#part")
    assert (read.username, read.password, str(read.url)) == ("me@home", "s:cret", "http://example.org/feed")
    assert shown("http://me:secret@example.org/\x1b[2J\r\nx") == "http://example.org/[2Jx"
    assert shown("http://me:sec\\ret@example.org/") == "http://example.org/"
    assert shown("http://me:se/c?r#et@example.org/") == "http://example.org/"
    assert shown("https://social.example:8443/@name.rss") == "https://social.example:8443/@name.rss"
    assert told("a\r\nb\x00\u2028c" + "d" * 500).startswith("a b c")
    assert len(told("d" * 500)) == 200


def test_a_literal_is_refused_without_any_connection():
    with pytest.raises(FetchError, match="allow_networks"):
        refuse_literal("10.0.0.1")
    refuse_literal("127.1.0.9", TEST_NET)
    for name in ("localhost", "nas1"):
        refuse_literal(name)  # judged by its addresses


@pytest.mark.parametrize(
    ("error", "answered", "kind"),
    [
        (httpx.ConnectError("x"), False, "connect"),
        (httpx.ConnectTimeout("x"), False, "timeout"),
        (httpx.ReadError("x"), False, "connect"),
        (httpx.ReadError("x"), True, "truncated"),
        (httpx.RemoteProtocolError("peer closed connection without sending complete message body"), True, "truncated"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), False, "connect"),
        (httpx.RemoteProtocolError("illegal status line"), False, "protocol"),
        (httpx.LocalProtocolError("illegal header"), False, "protocol"),
        (httpx.ProxyError("403 Forbidden"), False, "connect"),
        (httpx.UnsupportedProtocol("x"), False, "protocol"),
        (httpx.StreamClosed(), True, "truncated"),
        (ssl.SSLError("x"), False, "tls"),
        (OSError("x"), False, "connect"),
    ],
)
def test_a_librarys_exception_becomes_an_error_class(error, answered, kind):
    told_error = failure(error, "http://me:pw@example.org/\n", answered=answered)
    assert told_error.error_class == kind
    assert "http://example.org/" in told_error.message
    assert "pw" not in told_error.message


# ---- connections


@contextlib.asynccontextmanager
async def _served(address="127.1.9.9", *, answers=1000):
    """A loopback server that answers everything with "hi": its port, and what it was sent. On one connection it gives
    so many answers and then hangs up on the question.
    """
    seen, tasks, writers = [], [], []

    async def handle(reader, writer):
        tasks.append(asyncio.current_task())
        writers.append(writer)
        given = 0
        while data := await reader.read(65536):
            seen.append(data)
            if given >= answers:
                writer.close()
                return
            given += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            await writer.drain()

    server = await asyncio.start_server(handle, address, 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


async def _ask(way, url):
    request = httpx.Request("GET", url, headers={"Host": httpx.URL(url).netloc.decode()}, stream=httpx.ByteStream(b""))
    response = await way.handle_async_request(request)
    try:
        return response.status_code, b"".join([part async for part in response.stream])
    finally:
        await response.aclose()


def _resolver(*answers):
    """Gives each look-up the next of the answers, the last one for ever."""
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    getaddrinfo.asked = asked
    return getaddrinfo


async def test_the_host_header_keeps_the_name_and_connections_are_used_again():
    async with _served() as (port, seen):
        names = _resolver(["127.1.9.9"])
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=names)
        url = f"http://news.test:{port}/feed"
        assert [await _ask(way, url), await _ask(way, url)] == [(200, b"hi")] * 2
        await way.aclose()
        assert names.asked == ["news.test"]
        assert f"Host: news.test:{port}".encode() in seen[0]


async def test_a_connection_that_hangs_up_when_it_is_used_again_is_told_from_a_server_that_does():
    async with _served(answers=1) as (port, seen):
        way = transport(Limits(allow_networks=TEST_NET))
        url = f"http://127.1.9.9:{port}/feed"
        assert await _ask(way, url) == (200, b"hi")
        with pytest.raises(HungUp):
            await _ask(way, url)
        assert await _ask(way, url) == (200, b"hi")
        assert len(seen) == 3
        await way.aclose()
    async with _served(answers=0) as (port, seen):
        way = transport(Limits(allow_networks=TEST_NET))
        with pytest.raises(FetchError) as caught:
            await _ask(way, f"http://127.1.9.9:{port}/feed")
        assert (type(caught.value), caught.value.error_class) == (FetchError, "connect")
        await way.aclose()


async def test_a_name_that_changes_between_look_ups_gains_nothing():
    async with _served("127.0.0.1") as (port, seen):
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=_resolver(["127.1.9.8"], ["127.0.0.1"]))
        with pytest.raises(FetchError) as first:
            await _ask(way, f"http://rebind.test:{port}/")
        assert first.value.error_class == "connect"  # the address that was checked, and there is nobody
        with pytest.raises(FetchError) as second:
            await _ask(way, f"http://rebind.test:{port}/")
        assert second.value.error_class == "blocked_address"
        assert seen == []
        await way.aclose()


@pytest.mark.parametrize("answers", [["127.1.9.9", "127.0.0.1"], ["127.0.0.1", "127.1.9.9"], ["127.1.9.9", "::1"]])
async def test_one_bad_address_among_the_answers_blocks_all(answers):
    async with _served() as (port, seen):
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=_resolver(answers))
        with pytest.raises(FetchError) as caught:
            await _ask(way, f"http://mixed.test:{port}/")
        assert caught.value.error_class == "blocked_address"
        assert seen == []
        await way.aclose()


async def test_the_next_address_is_tried_when_one_is_dead():
    async with _served() as (port, _):
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=_resolver(["127.1.9.8", "127.1.9.9"]))
        assert await _ask(way, f"http://two.test:{port}/") == (200, b"hi")
        await way.aclose()


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_a_name_without_address_is_a_dns_error(error):
    def getaddrinfo(*_, **__):
        raise error

    way = transport(Limits(), getaddrinfo=getaddrinfo)
    with pytest.raises(FetchError) as caught:
        await _ask(way, "http://nowhere.test/")
    assert caught.value.error_class == "dns"
    assert "nowhere.test" in caught.value.message
    await way.aclose()


async def test_look_ups_that_hang_hold_up_nobody_else():
    hang = threading.Event()

    def getaddrinfo(host, port, **_):
        if host != "quick.test":
            hang.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.1.9.9", port))]

    async with _served() as (port, _):
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=getaddrinfo)
        slow = [asyncio.create_task(_ask(way, f"http://slow{n}.test:{port}/")) for n in range(10)]
        assert await asyncio.wait_for(_ask(way, f"http://quick.test:{port}/"), 10) == (200, b"hi")
        for task in slow:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*slow, return_exceptions=True)
        )
        hang.set()
        await way.aclose()


async def test_the_environments_proxy_is_not_asked(monkeypatch):
    async with _served("127.0.0.1") as (port, seen):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        way = transport(Limits(allow_networks=TEST_NET), getaddrinfo=_resolver(["127.1.9.7"]))
        with pytest.raises(FetchError):
            await _ask(way, f"http://direct.test:{port}/")
        assert seen == []
        await way.aclose()


async def test_a_feeds_own_proxy_is_trusted_and_what_it_shall_reach_is_not():
    async with _served("127.0.0.1") as (port, seen):
        way = transport(Limits(), proxy=f"http://me:pw@127.0.0.1:{port}")
        assert await _ask(way, "http://example.org/feed") == (200, b"hi")
        assert seen[0].startswith(b"GET http://example.org/feed HTTP/1.1")
        assert b"Proxy-Authorization: Basic bWU6cHc=" in seen[0]
        for url in ("http://127.0.0.1/", "http://169.254.169.254/", "http://localhost/", "http://printer.local/"):
            with pytest.raises(FetchError) as caught:
                await _ask(way, url)
            assert caught.value.error_class == "blocked_address"
        assert len(seen) == 1
        await way.aclose()


def test_a_proxy_of_another_kind_is_refused():
    with pytest.raises(FetchError, match="http://"):
        transport(Limits(), proxy="https://proxy.example:3128")


async def test_a_missing_ca_file_is_named():
    async with _served() as (port, _):
        way = transport(Limits(allow_networks=TEST_NET, ca_file="/nowhere/ca.pem"))
        with pytest.raises(FetchError, match=r"/nowhere/ca\.pem") as caught:
            await _ask(way, f"https://127.1.9.9:{port}/")
        assert caught.value.error_class == "tls"
        await way.aclose()


def _open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_requests_broken_off_at_any_moment_leave_nothing_behind():
    """A pool that lost count of its connections would one day answer nobody."""
    chance = random.Random(1)

    async def broken_off(way, url):
        try:
            async with asyncio.timeout(chance.uniform(0, 0.02)):
                await _ask(way, url)
        except (TimeoutError, FetchError):
            pass

    async with _served() as (port, _):
        names = _resolver(["127.1.9.9"])
        way = transport(Limits(allow_networks=TEST_NET, concurrency=8), getaddrinfo=names)
        before = _open_files()
        for _ in range(10):
            await asyncio.gather(*(broken_off(way, f"http://h{n % 9}.test:{port}/") for n in range(40)))
        for _ in range(20):
            async with asyncio.timeout(10):
                assert await _ask(way, f"http://well.test:{port}/") == (200, b"hi")
        await way.aclose()
        async with asyncio.timeout(20):
            while way._busy:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(20):
        while _open_files() > before:
            await asyncio.sleep(0.01)


# ---- turns


def _hosts(**limits):
    return Hosts(Limits(**({"per_host_delay": 0.0} | limits)), lambda: NOW)


async def test_a_host_is_asked_by_few_at_once_and_others_do_not_wait_for_it():
    hosts = _hosts(per_host=2)
    running, most, order = 0, 0, []

    async def one(url):
        nonlocal running, most
        async with hosts.slot(url) as slot:
            slot.sent()
            running += url.startswith("http://a")
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= url.startswith("http://a")
        order.append(url)

    await asyncio.gather(*(one(f"http://a.example/{n}") for n in range(8)), one("http://b.example/"))
    assert most == 2
    assert order.index("http://b.example/") < 3


async def test_starts_at_one_host_are_spaced_whatever_else_they_wait_for():
    hosts = _hosts(per_host=4, per_host_delay=0.05, concurrency=1)
    starts = []

    async def one(url):
        async with hosts.slot(url):
            starts.append((url, asyncio.get_running_loop().time()))
            await asyncio.sleep(0.005)

    await asyncio.gather(*(one(f"http://{host}.example/{n}") for n in range(4) for host in "ab"))
    for host in "ab":
        times = [at for url, at in starts if f"//{host}." in url]
        assert all(later - earlier > 0.03 for earlier, later in itertools.pairwise(times))  # noted a little late, maybe


async def test_spacing_counts_from_when_a_request_has_left():
    hosts = _hosts(per_host=2, per_host_delay=0.05)
    clock = asyncio.get_running_loop().time
    left = []

    async def one(n):
        async with hosts.slot(f"http://a.example/{n}") as slot:
            await asyncio.sleep(0.1)  # connecting takes its time
            left.append(clock())
            slot.sent()
            slot.sent()
            while len(left) < 2:  # and not from when it was answered
                await asyncio.sleep(0.01)

    async with asyncio.timeout(20):
        await asyncio.gather(*(one(n) for n in range(3)))
    assert all(later - earlier > 0.12 for earlier, later in itertools.pairwise(left))


async def test_all_hosts_together_are_bounded():
    hosts = _hosts(concurrency=3)
    running = most = 0

    async def one(n):
        nonlocal running, most
        async with hosts.slot(f"http://h{n}.example/"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(one(n) for n in range(12)))
    assert most == 3


async def test_a_cancelled_wait_leaves_its_turn_to_others():
    hosts = _hosts(per_host=1, concurrency=1)
    async with hosts.slot("http://a.example/"):
        waiting = asyncio.create_task(hosts.slot("http://a.example/2").__aenter__())
        elsewhere = asyncio.create_task(hosts.slot("http://b.example/").__aenter__())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        elsewhere.cancel()
        ended = await asyncio.gather(waiting, elsewhere, return_exceptions=True)
        assert [type(each) for each in ended] == [asyncio.CancelledError] * 2
    for url in ("http://a.example/3", "http://b.example/3"):
        async with asyncio.timeout(5), hosts.slot(url):
            pass


async def test_a_pause_belongs_to_the_host_and_ends():
    now = NOW
    hosts = Hosts(Limits(per_host_delay=0.0), lambda: now)
    hosts.pause("a.example", NOW + timedelta(minutes=5))
    hosts.pause("a.example", NOW + timedelta(minutes=1))  # never shortened
    with pytest.raises(FetchError) as caught:
        async with hosts.slot("http://a.example/x"):
            pass
    assert (caught.value.error_class, caught.value.status) == ("http_4xx", 429)
    assert caught.value.retry_after == "Sun, 22 Nov 2026 12:05:00 GMT"
    async with hosts.slot("http://a.example/x", force=True), hosts.slot("http://b.example/"):
        pass
    assert hosts.pauses() == {"a.example": NOW + timedelta(minutes=5)}
    now = NOW + timedelta(minutes=6)
    assert hosts.paused_until("a.example") is None
    assert hosts.pauses() == {}
    async with hosts.slot("http://a.example/x"):
        pass


async def test_who_waits_for_a_host_hears_of_its_pause():
    hosts = _hosts(per_host=1, per_host_delay=0.2)

    async def second(n):
        async with hosts.slot(f"http://a.example/{n}"):
            pass

    async with hosts.slot("http://a.example/1"):
        waiting = [asyncio.create_task(second(n)) for n in range(100)]
        await asyncio.sleep(0)
        hosts.pause("a.example", NOW + timedelta(hours=1))
    ends = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)  # at once, not one by one
    assert all("left alone" in end.message for end in ends)


async def test_a_sites_own_spacing_is_kept():
    hosts = _hosts()
    hosts.space("a.example", 0.05)
    clock = asyncio.get_running_loop().time
    starts = []
    for n in range(2):
        async with hosts.slot(f"http://a.example/{n}"):
            starts.append(clock())
    assert starts[1] - starts[0] > 0.03


async def test_many_hosts_do_not_pile_up():
    hosts = _hosts()
    for n in range(5000):
        async with hosts.slot(httpx.URL(f"http://h{n}.example/")):
            pass
    assert len(hosts._hosts) <= 2048


async def test_other_limits_count_from_then_on_and_pauses_and_turns_stay():
    hosts = _hosts(per_host=1, concurrency=1)
    hosts.pause("b.example", NOW + timedelta(hours=1))
    running, most, gate = 0, 0, asyncio.Event()

    async def one(n):
        nonlocal running, most
        async with hosts.slot(f"http://a.example/{n}") as slot:
            slot.sent()
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1

    asked = [asyncio.create_task(one(n)) for n in range(9)]
    async with asyncio.timeout(10):
        while not running:
            await asyncio.sleep(0)
        hosts.adopt(Limits(per_host_delay=0.0, per_host=3, concurrency=8))
        while running < 3:
            await asyncio.sleep(0)
        hosts.adopt(Limits(per_host_delay=0.0, per_host=2, concurrency=8))
        assert running == 3  # who has a turn keeps it
        gate.set()
        await asyncio.gather(*asked)
    assert most == 3
    with pytest.raises(FetchError, match="left alone"):
        async with hosts.slot("http://b.example/"):
            pass


async def test_places_may_become_more_and_fewer():
    places = Places(1)
    await places.acquire()
    waiting = [asyncio.create_task(places.acquire()) for _ in range(3)]
    await asyncio.sleep(0)
    places.resize(3)
    await asyncio.sleep(0)
    assert [task.done() for task in waiting] == [True, True, False]
    places.resize(1)
    for _ in range(2):
        places.release()
        await asyncio.sleep(0)
    assert not waiting[2].done()
    places.release()
    await waiting[2]


async def test_who_takes_several_places_waits_for_them_all_and_is_not_passed_by():
    places = Places(10)
    await places.acquire(6)
    many, few = asyncio.create_task(places.acquire(5)), asyncio.create_task(places.acquire(1))
    await asyncio.sleep(0)
    assert not many.done() and not few.done()
    places.release(6)
    await asyncio.gather(many, few)
    more = asyncio.create_task(places.acquire(50))
    await asyncio.sleep(0)
    places.release(1)
    await asyncio.sleep(0)
    assert not more.done()
    places.release(5)
    await asyncio.wait_for(more, 10)  # nobody else is there


@pytest.mark.parametrize("given", [False, True])
async def test_who_gives_up_waiting_takes_no_place(given):
    places = Places(1)
    await places.acquire()
    first, second = asyncio.create_task(places.acquire()), asyncio.create_task(places.acquire())
    await asyncio.sleep(0)
    if given:
        places.release()  # the first one's, which it doesn't know yet
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    if not given:
        places.release()
    await asyncio.wait_for(second, 10)
    places.release()
    await asyncio.wait_for(places.acquire(), 10)
