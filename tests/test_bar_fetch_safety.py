"""The bar for safe fetching, line by line (A1 to A15), held by the real command against the hostile web.

Most of it is one round over everything that is hostile on the way: connections, redirects, encodings, addresses.
"""

import contextlib
import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faults import EAVESDROP, Faults, Published, Watch, faults, unexpected

STALL = 60  # seconds that the server keeps silent; the deadline of these tests is 4
MAX_BYTES = 10 * 2**20  # what is set when nothing is set
SIZES = ("--big", str(2**28), "--bomb", str(2**28), "--drip", "0.3", "--stall", str(STALL))
LIMITS = {"max_bytes": '"10MiB"'}

PAGES = ("article-30mb", "article-endless", "article-bomb", "article-frames")
DOCUMENTS = ("xml-xxe-file", "xml-xxe-http", "xml-external-dtd", "xml-xinclude")
ODD = [
    "decimal",
    "hex",
    "hex-dotted",
    "octal",
    "short",
    "fullwidth",
    "idn-dot",
    "localhost-dot",
    "zone",
    "userinfo",
    "backslash",
    "zero-short",
]
SCHEMES = ["file", "file-host", "ftp", "gopher", "data", "unix", "javascript"]


@dataclass(frozen=True)
class Round:
    """What one round came to."""

    server: Faults
    rows: dict[str, dict[str, Any]]
    entries: dict[str, int]
    published: Published
    events: list[dict[str, Any]]
    heard: set[str]
    ordinary: int  # the most memory of a process in a round over harmless feeds and pages
    largest: int
    canary: int

    def kind(self, name: str) -> str:
        return str(self.rows[name]["error_class"])

    def named(self, pattern: str) -> list[str]:
        found = [name for name in self.rows if re.fullmatch(pattern, name)]
        assert found, pattern
        return found

    def answers(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["ev"] == "response" and event["scenario"] == name]


def eavesdrop(folder: Path) -> dict[str, str]:
    """The environment in which the program's processes note what they connect to."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        f"FOLDER = {str(folder)!r}\n" + EAVESDROP.replace("{FOLDER!r}", "{FOLDER}")
    )
    return {"PYTHONPATH": str(folder)}


def heard(folder: Path) -> set[str]:
    return {line for notes in folder.glob("*.heard") for line in notes.read_text().splitlines()}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    with faults(tmp_path_factory.mktemp("web"), *SIZES) as server:
        yield server


@pytest.fixture
def server(web: Faults, tmp_path: Path) -> Faults:
    return web.beside(tmp_path)


@pytest.fixture(scope="module")
def harmless(web: Faults, tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """What a round over harmless feeds and pages takes."""
    server = web.beside(tmp_path_factory.mktemp("harmless"))
    server.configure("ok-rss", "ok-atom", "redir-302", "article-ok", "both-validators", "ct-text-plain")
    with Watch() as watch:
        server.round("--all")
    return watch


@pytest.fixture(scope="module")
def hostile(web: Faults, tmp_path_factory: pytest.TempPathFactory, harmless: Watch) -> Round:
    server = web.beside(tmp_path_factory.mktemp("hostile"))
    server.configure("control", "fetch", "redirect", "ssrf", "tls", *PAGES, *DOCUMENTS, fetch=LIMITS)
    environment = eavesdrop(server.folder / "ears") | {"SSL_CERT_FILE": server.ca_file}
    with Watch() as watch:
        server.round("--all", **environment)
    return Round(
        server=server,
        rows=server.feeds(),
        entries=server.entries(),
        published=server.publish(),
        events=server.events(),
        heard=heard(server.folder / "ears"),
        ordinary=harmless.largest,
        largest=watch.largest,
        canary=server.canary(),
    )


def test_every_scenario_ends_as_it_must_and_the_healthy_feed_is_healthy(hostile: Round) -> None:
    assert unexpected(hostile.server, hostile.rows) == []
    assert hostile.rows["ok-rss"]["state"] == "ok"
    assert hostile.entries["ok-rss"] == 3


# -- A1 to A3: which addresses are asked


def test_a1_only_http_and_https_at_configuration_redirect_and_article(hostile: Round) -> None:
    direct = [name for scheme in SCHEMES for name in [f"ssrf-direct-{scheme}"] if name in hostile.rows]
    for name in [*(f"ssrf-redir-{scheme}" for scheme in SCHEMES), *direct]:
        assert hostile.kind(name) == "blocked_address", name
        assert hostile.entries[name] == 0
    assert len(direct) == 5
    assert not [item for item in hostile.published.of("ssrf-article-link") if "file:" in json.dumps(item)]
    secret = Path("/etc/passwd").read_bytes().splitlines()[0]
    stored = [path for path in hostile.server.folder.rglob("*") if path.is_file()]
    assert len(stored) > 5
    assert [path for path in stored if secret in path.read_bytes()] == []
    assert not [line for line in hostile.heard if line.startswith("open")]


def test_a2_no_connection_to_an_address_that_is_not_public(hostile: Round) -> None:
    blocked = [name for name in hostile.named("ssrf-(direct|redir)-.*") if not re.search("nip|port-22", name)]
    assert len(blocked) > 80
    assert {hostile.kind(name) for name in blocked} == {"blocked_address"}
    assert {hostile.kind(name) for name in hostile.named("ssrf-.*-nip")} <= {"blocked_address", "dns"}
    assert hostile.canary == 0
    connected = {line.removeprefix("connect ") for line in hostile.heard if line.startswith("connect ")}
    assert len(connected) > 100
    assert [address for address in connected if not address.startswith("127.1.")] == []


def test_a2_refusing_takes_no_time(server: Faults) -> None:
    """A connection that nobody answers would cost the whole deadline of each."""
    server.configure("ssrf-direct-[!n]*", fetch={"total_timeout": '"120s"'})
    with Watch() as watch:
        said = server.round("--all")
    assert len(said["feeds"]) > 40
    assert watch.seconds < 120


@pytest.mark.parametrize("spelling", ODD)
def test_a3_odd_spellings_are_the_same_address(hostile: Round, spelling: str) -> None:
    for name in (f"ssrf-direct-{spelling}", f"ssrf-redir-{spelling}"):
        assert hostile.kind(name) == "blocked_address"
        assert hostile.entries[name] == 0


# -- A4 to A7: what is asked along the way


def test_a4_every_hop_is_checked_and_a_redirects_body_is_never_read(hostile: Round) -> None:
    for name in ("redir-chain-50", "redir-loop", "redir-301-loop", "redir-endless-growing"):
        assert hostile.kind(name) == "redirect_limit"
        assert len(hostile.server.requests(name)) <= 6
    for name in ("redir-empty", "redir-none"):
        assert hostile.kind(name) == "protocol"
    for name in ("redir-301", "redir-302", "redir-303", "redir-307", "redir-308", "redir-chain-5", "redir-relative"):
        assert hostile.entries[name] == 3
    (first, second) = hostile.server.asked("redir-crlf") + [
        event for event in hostile.server.requests("redir-crlf") if "Injected" in event["target"]
    ]
    assert not [header for event in (first, second) for header in event["headers"] if header[0] == "X-Injected"]
    assert hostile.entries["redir-refresh"] == 0
    # not decoded, and no more of it taken than was under way
    assert hostile.entries["bomb-in-redirect"] == hostile.entries["endless-redirect-body"] == 3
    assert hostile.largest < hostile.ordinary + 100 * 2**20


def test_a4_bodies_of_redirects_cost_no_memory(server: Faults, harmless: Watch) -> None:
    server.configure("bomb-in-redirect", "endless-redirect-body")
    with Watch() as watch:
        rows = server.poll()
    assert unexpected(server, rows) == []
    assert watch.largest < harmless.largest + 50 * 2**20


def test_a5_article_links_go_the_same_guarded_way(hostile: Round) -> None:
    for name in ("ssrf-article-link", "ssrf-article-redirect", "article-frames"):
        assert hostile.rows[name]["state"] == "ok"
    assert hostile.entries["ssrf-article-link"] == 5
    assert hostile.entries["ssrf-article-redirect"] == 3
    assert hostile.canary == 0


def test_a6_nothing_else_that_is_named_is_fetched(hostile: Round) -> None:
    for name in ("ssrf-aux-urls", "ssrf-autodiscovery", *DOCUMENTS):
        paths = {event["target"] for event in hostile.server.requests(name)}
        assert paths <= {f"/{name}/feed.xml", f"/{name}/a/0", f"/{name}/a/1", f"/{name}/a/2"}
    asked = [event for event in hostile.events if event["ev"] == "request"]
    assert len(asked) > 200
    led = {
        re.sub(r"^http://[^/]*", "", value)
        for event in hostile.events
        if event["ev"] == "response" and 300 <= event["status"] < 400
        for key, value in event["headers"]
        if key.lower() == "location"
    }
    known = re.compile(r"/robots\.txt|/[\w-]+/(feed\.xml|\d+\.xml|a/\d+|consent\?continue=x)")
    others = [e["target"] for e in asked if not known.fullmatch(e["target"]) and e["target"] not in led]
    assert [target for target in others if not re.match("/redir-(relative|utf8|endless-growing)/", target)] == []
    assert hostile.canary == 0


def test_a7_the_parser_gets_bytes_and_never_an_address(hostile: Round) -> None:
    for name in ("ssrf-body-is-url", "ssrf-body-is-path"):
        assert hostile.kind(name) == "not_a_feed"
    assert hostile.canary == 0
    assert [line for line in hostile.heard if line.startswith("open")] == []


# -- A8: names

REBIND = """
import socket
answers = {"rebind.test": [["127.1.0.1"], ["127.0.0.1"]], "later.test": [["127.1.0.1"], ["127.1.0.1"], ["127.0.0.1"]],
           "mixed.test": [["127.1.0.1", "127.0.0.1"]], "mixed6.test": [["127.1.0.1", "::1"]]}
real = socket.getaddrinfo
def getaddrinfo(host, port, *arguments, **named):
    name = host.decode() if isinstance(host, bytes) else host
    turns = answers.get(name)
    if turns is None:
        return real(host, port, *arguments, **named)
    with open(FOLDER + "/names", "a") as notes:
        notes.write(name + "\\n")
    found = turns.pop(0) if len(turns) > 1 else turns[0]
    return [one for address in found for one in real(address, port, *arguments, **named)]
socket.getaddrinfo = getaddrinfo
"""


def test_a8_the_checked_address_is_the_one_connected_to(server: Faults) -> None:
    """The first answer is harmless and every later one leads to the canary; or both stand in one answer."""
    ears = eavesdrop(server.folder / "ears")
    with (server.folder / "ears" / "sitecustomize.py").open("a") as customize:
        customize.write(REBIND)
    feeds = {
        "rebind": f"http://rebind.test:{server.port}/etag-strong/feed.xml",
        "later": f"http://later.test:{server.port}/redir-relative/feed.xml",
        "mixed": f"http://mixed.test:{server.port}/etag-weak/feed.xml",
        "mixed6": f"http://mixed6.test:{server.port}/etag-odd/feed.xml",
    }
    more = "".join(f'[[feeds]]\nname = "{name}"\nurl = "{url}"\n' for name, url in feeds.items())
    server.configure("ok-rss", more=more)
    rows = server.poll(**ears)
    assert {name: row["state"] for name, row in rows.items() if row["error_class"] != "blocked_address"} == {
        "ok-rss": "ok",
        "rebind": "ok",
        "later": "ok",
    }
    looked_up = (server.folder / "ears" / "names").read_text().split()
    assert looked_up.count("rebind") + looked_up.count("rebind.test") == 1
    assert {"mixed.test", "mixed6.test", "later.test"} <= set(looked_up)
    # once more, in a process in which the first answer of rebind.test is taken by somebody else
    custom = server.folder / "ears" / "sitecustomize.py"
    custom.write_text(custom.read_text() + 'answers["rebind.test"] = [["127.0.0.1"]]\n')
    assert server.poll(**ears)["rebind"]["error_class"] == "blocked_address"
    assert server.canary() == 0
    assert not [line for line in heard(server.folder / "ears") if not line.startswith("connect 127.1.")]


# -- A9 to A12: time, size, damage


def test_a9_one_deadline_over_everything(hostile: Round) -> None:
    slow = "slow-headers drip-headers drip-body drip-chunked stall-mid-body redir-slow-hops early-hints-flood tls-stall"
    for name in slow.split():
        assert hostile.kind(name) == "timeout"
        assert hostile.entries[name] == 0
    for name in slow.split()[:-1]:
        assert sum(event["secs"] for event in hostile.answers(name)) < STALL / 2


def test_a10_bytes_are_bounded_on_the_wire_and_decoded(hostile: Round) -> None:
    plain = "endless-body endless-chunked big-declared big-undeclared cl-lie-2gb"
    for name in [*plain.split(), "bomb-gzip", "bomb-deflate", "bomb-deflate-raw"]:
        assert hostile.kind(name) == "too_large", name
        assert hostile.entries[name] == 0
    for name in [*plain.split(), "article-30mb", "article-endless"]:
        assert sum(event["sent"] for event in hostile.answers(name)) < 3 * MAX_BYTES
    for name in PAGES[:3]:
        assert hostile.rows[name]["state"] == "ok"
        assert hostile.entries[name] == 1
        assert [item["content_html"] for item in hostile.published.of(name)] in (
            [],
            ["<p>short text from the feed</p>"],
        )
    assert hostile.largest < hostile.ordinary + 100 * 2**20


def test_a11_only_what_is_decoded_with_a_bound_is_offered(hostile: Round) -> None:
    offered = {
        value
        for event in hostile.events
        if event["ev"] == "request"
        for key, value in event["headers"]
        if key.lower() == "accept-encoding"
    }
    assert offered == {"gzip, deflate"}
    for name in ("bomb-brotli", "bomb-zstd", "bomb-gzip-gzip", "encoding-chain-200", "encoding-unknown"):
        assert hostile.kind(name) == "encoding"


def test_a12_a_damaged_transfer_stores_nothing(hostile: Round) -> None:
    cut = "cl-too-long chunk-no-end reset-mid-body gzip-truncated stall-mid-body chunk-huge-size chunk-bad-size"
    for name in cut.split():
        assert hostile.rows[name]["state"] == "error"
        assert hostile.entries[name] == 0
        assert hostile.rows[name]["last_success"] is None


def rss(numbers: range) -> bytes:
    items = "".join(
        f"<item><title>Story {number}</title><guid isPermaLink='false'>{number}</guid>"
        f"<description>Story {number} in a few words</description></item>"
        for number in numbers
    )
    return f"<rss version='2.0'><channel><title>Turning</title>{items}</channel></rss>".encode()


OLD, NEW = rss(range(3)), rss(range(40))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
DAMAGED: dict[str, Callable[[], tuple[bytes, str]]] = {
    "too-long": lambda: (HEAD + b"Content-Length: %d\r\n\r\n" % (2 * len(NEW)) + NEW, "close"),
    "no-last-chunk": lambda: (HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(NEW), NEW), "close"),
    "reset": lambda: (HEAD + b"Content-Length: %d\r\n\r\n" % len(NEW) + NEW[:2000], "reset"),
    "gzip-cut": lambda: (
        HEAD
        + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(gzip.compress(NEW)) - 9)
        + gzip.compress(NEW)[:-9],
        "close",
    ),
    "stall": lambda: (HEAD + b"Content-Length: %d\r\n\r\n" % len(NEW) + NEW[:2000], "stall"),
    "gzip-no-length": lambda: (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(NEW)[:-12], "close"),
}


@dataclass
class Turning:
    """A server on raw sockets whose feeds are whole at first, then damaged, then whole again."""

    phase: str = "whole"
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.1.200.1", 0), backlog=50))

    @property
    def base(self) -> str:
        return f"http://127.1.200.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            name = request.split(b" ")[1].decode().strip("/")
            self.asked.append((name, request))
            content, end = self._content(name)
            connection.sendall(content)
            if end == "stall":
                time.sleep(30)
            elif end == "reset":
                time.sleep(0.05)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def _content(self, name: str) -> tuple[bytes, str]:
        if self.phase == "damaged":
            return DAMAGED[name]()
        body = OLD if self.phase == "whole" else NEW
        etag = b'ETag: "%d"\r\nConnection: close\r\n' % len(body)
        return HEAD + etag + b"Content-Length: %d\r\n\r\n" % len(body) + body, "close"


def test_a12_damage_after_a_good_poll_changes_nothing(server: Faults) -> None:
    turning = Turning()
    threading.Thread(target=turning.serve, daemon=True).start()
    more = "".join(f'[[feeds]]\nname = "{name}"\nurl = "{turning.base}/{name}"\n' for name in DAMAGED)
    server.configure(more=more, fetch={"interval": '"1s"'})
    server.poll()
    before = server.entries()
    assert {before[name] for name in DAMAGED} == {3}
    stories = server.publish().rss

    turning.phase = "damaged"
    time.sleep(1.2)
    rows = server.poll()
    assert {name: (rows[name]["state"], rows[name]["last_success"] is None) for name in DAMAGED} == dict.fromkeys(
        DAMAGED, ("backing_off", False)
    )
    assert {rows[name]["error_class"] for name in DAMAGED} == {"truncated", "timeout"}
    assert server.entries() == before
    assert server.publish().rss == stories

    # the validators are those of the answer that was whole, and what was missed is brought by the next one
    turning.phase = "whole again"
    turning.asked.clear()
    server.poll(*DAMAGED)
    assert {name for name, request in turning.asked if b'if-none-match: "%d"' % len(OLD) in request.lower()} == set(
        DAMAGED
    )
    after = server.entries()
    assert {after[name] for name in DAMAGED} == {40}
    turning.listener.close()


# -- A13 to A15: trust


def test_a13_certificates_are_verified_and_nothing_is_downgraded(hostile: Round, server: Faults) -> None:
    for name in ("tls-selfsigned", "tls-wronghost", "tls-expired", "tls-plaintext"):
        assert hostile.kind(name) == "tls"
        assert hostile.server.requests(name) == []
    assert hostile.entries["tls-good"] == 3
    server.configure("tls-good")
    assert server.poll()["tls-good"]["error_class"] == "tls"
    (server.folder / "ca.pem").write_bytes(Path(server.ca_file).read_bytes())
    server.configure("tls-good", fetch={"ca_file": '"ca.pem"'})
    assert server.poll("tls-good")["tls-good"]["state"] == "ok"


def test_a14_no_proxy_netrc_or_cookie_of_the_environment(server: Faults) -> None:
    home = server.folder / "home"
    home.mkdir()
    hosts = ("machine 127.1.0.1", "machine 127.1.0.193", "default")
    entries = "".join(
        f"machine {host} login me password secret\n".replace("machine default", "default") for host in hosts
    )
    (home / ".netrc").write_text(entries)
    (home / ".netrc").chmod(0o600)
    server.configure("ok-rss", "set-cookie")
    proxy = f"http://127.0.0.1:{server.port}"
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    environment = dict.fromkeys(names, proxy) | {"HOME": str(home), "NETRC": str(home / ".netrc"), "NO_PROXY": ""}
    for _ in range(2):
        rows = server.poll(**environment)
    assert {row["state"] for row in rows.values()} == {"ok"}
    assert server.canary() == 0
    sent = {key.lower() for event in server.events() if event["ev"] == "request" for key, _ in event["headers"]}
    assert "user-agent" in sent
    assert not sent & {"authorization", "proxy-authorization", "cookie", "referer"}


def test_a15_credentials_go_to_their_origin_only_and_are_shown_nowhere(server: Faults) -> None:
    url = server.at("redir-auth-leak").replace("http://", "http://some-user:s3cr3t@")
    own = server.at("status-403").replace("http://", "http://some-user:s3cr3t@")
    more = f'[[feeds]]\nname = "leak"\nurl = "{url}"\n[[feeds]]\nurl = "{own}"\n'  # the second has no name
    server.configure("ok-rss", more=more)
    said = [
        server.run("poll", "--all", "--json"),
        server.run("poll"),
        server.run("feeds"),
        server.run("feeds", "--json"),
        server.run("check", "--online"),
        server.run("why", server.at("ok-rss", "a/0")),
    ]
    files = server.publish().folder
    basic = {
        event["scenario"]: dict(event["headers"]).get("Authorization")
        for event in server.events()
        if event["ev"] == "request"
    }
    assert basic["redir-auth-leak"] == "Basic c29tZS11c2VyOnMzY3IzdA=="
    assert basic["ok-rss"] is None
    shown = "".join(one.stdout + one.stderr for one in said)
    assert "leak" in shown
    for secret in ("s3cr3t", "some-user", "c29tZS11c2VyOnMzY3IzdA"):
        assert secret not in shown
        assert [path.name for path in files.rglob("*") if path.is_file() and secret in path.read_text()] == []
