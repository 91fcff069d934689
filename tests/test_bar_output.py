"""What readers get, whatever feeds, pages, imports and requests carry: markup that can't act, text that is text,
headers that hold, logs and terminals that stay whole. The real service over the hostile web of faultserver.py."""

import io
import json
import re
import shutil
import socket
import stat
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.parsers import expat

import feedparser
import html5lib
import psutil
import pytest
import warm
from demo import NOW, Shelf, settings
from faults import SMALL, Faults, faults
from faultserver import OWN_PAYLOADS, xml_ok
from living import Answer, Living, living
from loopback import serving
from ports import free_port
from starlette.testclient import TestClient
from xss_oracle import violations, walk

from aggregator.config import load
from aggregator.web import Health, WebDeps, create_app

GROUPS = ("output", "article", "content", "entries", "etag-injection", "redir-crlf", "header-obsfold-nul")
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
PAYLOADS = [xml_ok(payload.replace("@N@", str(number))) for number, payload in enumerate(OWN_PAYLOADS)]
HOST = "127.1.200.1"  # of the feeds that have each payload in a story of its own


def words(number: int) -> str:
    return " ".join(f"word{number}x{place}" for place in range(30))


def payload_rss(base: str) -> str:
    """A payload in each text field of each item, the texts all different, so that none is a copy of another."""
    items = []
    for number, payload in enumerate(PAYLOADS):
        text, cdata = escape(payload), payload.replace("]]>", "]]]]><![CDATA[>")
        items.append(
            f"<item><title>{number} {text}</title><link>{base}/p/{number}?x={escape(quote(payload))}</link>"
            f"<guid isPermaLink='false'>{text}</guid><dc:creator>{text}</dc:creator><category>{text}</category>"
            f"<source url='{text}'>{text}</source><comments>{text}</comments>"
            f"<enclosure url='{base}/{text}' type='{text}' length='{text}'/><media:thumbnail url='{text}'/>"
            f"<description>{escape('before ' + payload + ' after ' + words(number))}</description>"
            f"<content:encoded><![CDATA[<p>before {cdata} after</p><p>{words(number)}</p>]]></content:encoded></item>"
        )
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:media='http://search.yahoo.com/mrss/'><channel>"
        f"<title>{escape(PAYLOADS[0])}</title><link>javascript:pwn(1)</link><language>{escape(PAYLOADS[0])}</language>"
        f"<description>{escape(PAYLOADS[6])}</description>{''.join(items)}</channel></rss>"
    )


def payload_json(base: str) -> str:
    items = [
        {
            "id": f"json {number}",
            "url": payload if number % 2 else f"{base}/j/{number}",
            "title": f"{number} {payload}",
            "summary": payload,
            "image": payload,
            "tags": [payload],
            "authors": [{"name": payload, "url": payload, "avatar": payload}],
            "content_html": f"<div>{payload}</div><p>json {words(1000 + number)}</p>",
            "attachments": [{"url": payload, "mime_type": payload, "title": payload}],
        }
        for number, payload in enumerate(PAYLOADS)
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": PAYLOADS[6], "home_page_url": "javascript:pwn(2)"}
    return json.dumps({**head, "items": items})


@dataclass
class Shown:
    """The service after it polled everything, with what it gave."""

    service: Living
    server: Faults

    @cached_property
    def feeds(self) -> dict[str, Answer]:
        """Everything that is a feed, by path."""
        paths = [f"/feed.{suffix}" for suffix in ("atom", "rss", "json")]
        number = 1
        while self.service.ask(f"/archive/{number}.atom").status == 200:
            paths += [f"/archive/{number}.{suffix}" for suffix in ("atom", "rss", "json")]
            number += 1
        return {path: self.service.ask(path) for path in [*paths, "/health.atom", "/opml.xml"]}

    def xml(self, *suffixes: str) -> Iterator[tuple[str, ET.Element]]:
        for path, answer in self.feeds.items():
            if path.endswith(suffixes):
                yield path, ET.fromstring(answer.body)

    @cached_property
    def stories(self) -> list[dict[str, object]]:
        return [
            item for path, answer in self.feeds.items() if path.endswith(".json") for item in answer.json()["items"]
        ]

    @cached_property
    def contents(self) -> set[str]:
        """The HTML of every entry in every format."""
        found = {str(story.get("content_html", "")) for story in self.stories}
        for _, root in self.xml(".atom"):
            found |= {node.text or "" for node in root.iter(f"{ATOM}content")}
        for _, root in self.xml(".rss"):
            found |= {node.text or "" for node in root.iter(CONTENT)}
            found |= {node.text or "" for node in root.iter("description")}
        return found

    @cached_property
    def pages(self) -> dict[str, ET.Element]:
        """Every page for people, as a browser builds it."""
        keys = [row[0] for row in self.service.rows("SELECT key FROM articles")]
        paths = ["/", "/sources", "/?q=before", f"/?q={quote('<script>')}", *(f"/articles/{key}" for key in keys)]
        newest = max(keys) + 1
        paths += [f"/?before={number}" for number in range(newest, 0, -30)]
        parsed = {}
        for path in paths:
            answer = self.service.ask(path, accept="text/html")
            assert answer.status in {200, 400}, (path, answer.status)
            parsed[path] = html5lib.parse(answer.text, namespaceHTMLElements=False)
        return parsed


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("shown")
    with serving(HOST) as web:
        web.put("/rss.xml", payload_rss(web.base), "application/rss+xml")
        web.put("/feed.json", payload_json(web.base), "application/feed+json")
        saved = folder / "saved"
        saved.mkdir()
        for number, payload in enumerate(PAYLOADS):
            page = f"<title>{payload}</title><h1>{payload}</h1><p>{payload} {words(2000 + number)} {words(3000 + number)}</p>"
            (saved / f"{number}.html").write_text(page)
        with faults(folder, *SMALL) as server:
            head = 'title = "The <b>shelf</b> & more"\nlimit = 1000\nfirst_entries = 1000\nimport_entries = 200\n'
            own = "".join(
                f'[[feeds]]\nurl = "{web.base}/{name}"\nfull_text = false\ntags = ["<i>"]\n'
                for name in ("rss.xml", "feed.json")
            )
            server.listen = free_port()
            server.configure(*GROUPS, head=head, more=own)
            with living(folder, server.listen, "--verbose") as service:
                service.until(service.idle, seconds=240)
                imported = server.run("import", str(saved), "--json")
                assert json.loads(imported.stdout)["counts"]["stored"] > 100, imported.stdout
                yield Shown(service, server)
                assert service.stop() == 0
                assert service.sound()


def test_the_hostile_web_was_read(shown: Shown) -> None:
    """What follows would hold of an empty shelf too."""
    assert shown.server.canary() == 0
    assert len(shown.stories) > 3 * len(PAYLOADS)
    titles = " ".join(str(story.get("title")) for story in shown.stories)
    assert len(set(re.findall(r"pwn\((\d+)\)", titles))) > 90


# -- D1, D10: markup


def test_d1_no_entry_of_any_feed_can_act(shown: Shown) -> None:
    assert len(shown.contents) > 2 * len(PAYLOADS)
    assert {html: found for html in shown.contents if (found := violations(html))} == {}


def test_d1_no_page_can_act(shown: Shown) -> None:
    """A page has no more that could act than its own search field, its style sheet and its feeds' addresses."""
    own = {"<form>", "<input>", "<button>", "<link>", "<meta>", "<title>", "<svg>"}
    for path, root in shown.pages.items():
        found = walk(root)
        assert {what for _, what in found if not (what in own or "/svg:" in what)} == set(), path
        assert len(root.findall(".//form")) == 1, path
        assert len(root.findall(".//main//svg")) + len(root.findall(".//main//input")) == 0, path


def test_d10_no_embedded_things_are_left(shown: Shown) -> None:
    forbidden = re.compile(r"<(?i:script|style|iframe|object|embed|form|input|svg|math|link|meta|base)\b|(?i:\sstyle=)")
    assert [html for html in shown.contents if forbidden.search(html)] == []
    pixels = [html for html in shown.contents if re.search(r'<img[^>]*\b(?:width|height)="?[01]"?\b', html)]
    assert pixels == []


# -- D2: text


def test_d2_titles_are_text_on_the_pages(shown: Shown) -> None:
    titles = {str(story["id"]): " ".join(str(story["title"]).split()) for story in shown.stories}
    seen = set()
    for path, root in shown.pages.items():
        for heading in [*root.findall(".//article//h3/a"), *root.findall(".//main//article/header//h1")]:
            assert list(heading) == [], (path, heading)
            seen.add(" ".join("".join(heading.itertext()).split()))
    shown_payloads = {title for title in titles.values() if re.match(r"\d+ ", title) and "pwn(" in title}
    assert len(shown_payloads) > 90
    assert shown_payloads - seen == set()


def test_d2_sources_and_states_are_text(shown: Shown) -> None:
    root = shown.pages["/sources"]
    cells = [node for kind in ("th", "td") for node in root.findall(f".//tbody/tr/{kind}")]
    elements = {child.tag for cell in cells for child in cell.iter()}
    assert elements <= {"th", "td", "span", "bdi", "a", "time"}
    names = [" ".join("".join(node.itertext()).split()) for node in root.findall(".//span[@class='name']")]
    assert PAYLOADS[0] in names


def test_d2_feeds_say_text_where_they_mean_text(shown: Shown) -> None:
    for _, root in shown.xml(".atom"):
        for tag in ("title", "summary", "name"):
            for node in root.iter(f"{ATOM}{tag}"):
                assert node.get("type", "text") == "text"
                assert len(node) == 0
    for _, root in shown.xml(".rss"):
        for item in root.iter("item"):
            assert all(len(node) == 0 for node in item)


# -- D3: addresses


def addresses(shown: Shown) -> Iterator[tuple[str, str]]:
    """Every address in every feed, with where it stands."""
    for path, root in shown.xml(".atom", ".rss", "/opml.xml"):
        for node in root.iter():
            for name in ("href", "src", "url", "uri", "xmlUrl", "htmlUrl"):
                if node.get(name) is not None:
                    yield path, str(node.get(name))
            if node.tag in {"link", "comments", f"{ATOM}uri"} and node.text:
                yield path, node.text
    for story in shown.stories:
        for name in ("url", "external_url", "image", "banner_image"):
            if name in story:
                yield f"{story['id']} {name}", str(story[name])
        for item in story.get("attachments", []):
            yield f"{story['id']} attachment", item["url"]
        for author in story.get("authors", []):
            if "url" in author:
                yield f"{story['id']} author", author["url"]


def sound_address(url: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s/?#@]+(?:[/?#][!-~]*)?", url)) and len(url) <= 2048


def test_d3_every_address_is_absolute_http(shown: Shown) -> None:
    found = list(addresses(shown))
    assert len(found) > 1000
    assert [(where, url) for where, url in found if not sound_address(url)] == []


def test_d3_links_in_entries_lead_outside(shown: Shown) -> None:
    links = []
    for html in shown.contents:
        for node in html5lib.parse(html, namespaceHTMLElements=False).iter():
            links += [(node, str(node.get(name))) for name in ("href", "src", "cite") if node.get(name) is not None]
    assert len(links) > 20
    for node, url in links:
        assert sound_address(url) or (node.tag == "a" and re.fullmatch(r"mailto:[!-~]{1,2000}", url)), url
        assert urlsplit(url).netloc != urlsplit(shown.service.base).netloc
        if node.tag == "a":
            assert set(str(node.get("rel")).split()) >= {"noopener", "noreferrer", "nofollow"}


def test_d3_links_on_pages_lead_outside_or_to_our_own_pages(shown: Shown) -> None:
    own = re.compile(
        r"(?:\.\./|\./)*(?:#[\w-]+|\?[!-~]*|(?:articles/\d+|sources|opml\.xml|health\.atom|feeds?[./][\w./-]+|"
        r"api/openapi\.json|static/[\w.]+)?(?:\?[!-~]*)?(?:#\w+)?)"
    )
    for path, root in shown.pages.items():
        for node in root.iter():
            for name in ("href", "src", "action"):
                url = node.get(name)
                assert url is None or own.fullmatch(url) or sound_address(url) or url.startswith("mailto:"), (path, url)


# -- D4, D5: headers

POLICY = {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"}
KINDS = {
    "/": "text/html; charset=utf-8",
    "/sources": "text/html; charset=utf-8",
    "/feed.atom": "application/atom+xml; charset=utf-8",
    "/feed.rss": "application/rss+xml; charset=utf-8",
    "/feed.json": "application/feed+json; charset=utf-8",
    "/archive/1.rss": "application/rss+xml; charset=utf-8",
    "/health.atom": "application/atom+xml; charset=utf-8",
    "/opml.xml": "text/x-opml; charset=utf-8",
    "/healthz": "application/json",
    "/api/stories": "application/json",
    "/static/style.css": "text/css; charset=utf-8",
}


def holds(headers: object) -> None:
    policy = headers["content-security-policy"]
    assert {part.strip() for part in policy.split(";")} >= POLICY
    assert "unsafe" not in policy and "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers.get("set-cookie") is None


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        *((path, "GET", 200) for path in KINDS),
        ("/nope", "GET", 404),
        ("/articles/999999999", "GET", 404),
        ("/feeds/nope.atom", "GET", 404),
        ("/feed.html", "GET", 404),
        ("/feed.atom?q=(", "GET", 400),
        ("/?q=(", "GET", 400),
        ("/?before=x", "GET", 400),
        ("/sources?page=-1", "GET", 400),
        ("/api/stories?limit=0", "GET", 422),
        ("/feed.atom", "POST", 405),
        ("/", "DELETE", 405),
    ],
)
def test_d4_every_answer_has_the_headers(shown: Shown, path: str, method: str, status: int) -> None:
    answer = shown.service.ask(path, method, accept="text/html")
    assert answer.status == status
    holds(answer.headers)


def test_d4_answers_that_never_reach_the_program_have_them(shown: Shown) -> None:
    for request in (b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"GET /" + b"a" * 10**6):
        answer = shown.service.raw(request).decode()
        if request != b"GET /" + b"a" * 10**6 or answer:  # a client that still sends may lose the answer
            assert answer.startswith("HTTP/1.1 400")
            assert "content-security-policy: default-src 'none'" in answer
            assert "x-content-type-options: nosniff" in answer
    foreign = shown.service.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").decode()
    assert foreign.startswith("HTTP/1.1 400")
    assert "frame-ancestors 'none'" in foreign


class Broken(Shelf):
    """A store whose every look at the stories is a fault of the program."""

    def search(self, *_: object, **__: object) -> list[object]:
        raise ZeroDivisionError("secret detail")

    live = search


@pytest.mark.parametrize("path", ["/", "/feed.rss", "/api/stories"])
def test_d4_a_fault_of_ours_has_them_too_and_says_nothing(path: str) -> None:
    deps = WebDeps(storage=Broken(), config=settings, health=lambda: Health(ok=True), now=lambda: NOW)
    client = TestClient(create_app(deps), base_url="http://127.0.0.1:8080", raise_server_exceptions=False)
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 500
    holds(answer.headers)
    assert "secret detail" not in answer.text and "ZeroDivision" not in answer.text


def test_d5_feeds_say_what_they_are(shown: Shown) -> None:
    for path, kind in KINDS.items():
        answer = shown.service.ask(path)
        assert answer.headers["content-type"] == kind, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        if path.endswith((".atom", ".rss", ".xml")):
            assert b"<?xml-stylesheet" not in answer.body
            assert b"<!DOCTYPE" not in answer.body


# -- D6: well-formed


def test_d6_every_feed_is_well_formed(shown: Shown) -> None:
    assert len(shown.feeds) > 8
    for path, answer in shown.feeds.items():
        if path.endswith(".json"):
            assert json.loads(answer.body.decode("utf-8", "strict"))["version"].startswith("https://jsonfeed.org/")
            continue
        parser = expat.ParserCreate("utf-8")
        parser.Parse(answer.body, True)
        if not path.endswith("opml.xml"):
            parsed = feedparser.parse(answer.body)
            assert not parsed.bozo, (path, parsed.get("bozo_exception"))


def test_d6_what_ends_cdata_came_through(shown: Shown) -> None:
    titles = [str(story["title"]) for story in shown.stories]
    assert [title for title in titles if "]]>" in title]


# -- D7: lines


@pytest.mark.parametrize(
    "path",
    [
        "/?x=%0d%0aX-Injected:1",
        "/?q=%0d%0aX-Injected:%201",
        "/feed.atom?q=a%0d%0aX-Injected:1",
        "/feeds/a%0d%0aX-Injected:1.atom",
        "/articles/%0d%0aX-Injected:1",
        "/static/%0d%0aX-Injected:1",
        "/?output=%0d%0aX-Injected:1",
        "/%0d%0aX-Injected:1",
        "/feed.atom?token=%E2%80%A8%0aX-Injected:1",
    ],
)
def test_d7_no_header_can_be_injected(shown: Shown, path: str) -> None:
    head = shown.service.raw(
        f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: "a\x9b"\r\nConnection: close\r\n\r\n'.encode(
            "latin-1"
        )
    ).partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 ")
    assert not re.search(rb"(?m)^x-injected", head, re.IGNORECASE)
    assert b"\n" not in head.replace(b"\r\n", b"")


def test_d7_the_log_is_one_line_an_event(shown: Shown) -> None:
    lines = (shown.service.folder / "log.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) > 200
    for line in lines:
        text = line.decode()
        assert text.endswith("\n")
        event = json.loads(text)
        assert {"event", "level", "timestamp"} <= set(event)
        assert len(line) < 4096, text[:300]
        assert not CONTROL.search(text[:-1]), text
    assert not any(secret in "".join(map(bytes.decode, lines)) for secret in ("user:pass@", "short text from the feed"))


@pytest.mark.parametrize(
    "command",
    [
        ("feeds",),
        ("feeds", "--json"),
        ("search", "before OR entry OR short", "--limit", "1000"),
        ("search", "before", "--limit", "1000", "--json"),
        ("why", "1"),
        ("why", "nothing \x1b[31m like \x9b2J this"),
        ("check",),
        ("check", "--online"),
        ("poll", "text-injection"),
        ("clean", "saved/6.html", "--explain"),
        ("import", "no-such-\x1b]0;x\x07-file"),
        ("add", "http://127.1.255.254:9/\x1b[31m"),
    ],
)
def test_d7_the_terminal_gets_no_control_characters(shown: Shown, command: tuple[str, ...]) -> None:
    done = warm.call(*command, cwd=shown.service.folder)
    printed = done.stdout + done.stderr
    assert printed.strip()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", printed), printed[:500]
    assert "Traceback" not in printed


# -- D8: parameters

VALUES = [
    *PAYLOADS[::4],
    *(
        "' OR 1=1 --",
        "'; DROP TABLE articles; --",
        "%",
        "_",
        "\x00",
        "\ud800",
        "(",
        '"',
        "title:",
        "age<9999999d",
        "a*b*",
    ),
    *("-1", "0", "1e9", str(10**30), "-" + str(10**30), "0x10", "NaN", "١", "²", " 1 ", "1" * 5000),
    *("(" * 400, "a OR " * 99 + "a", "x" * 100_000, "/(a+)+$/", "../../etc/passwd"),
]


@pytest.mark.parametrize(
    "template",
    [
        *(
            "/?q={}",
            "/?before={}",
            "/?output={}",
            "/?{}=1",
            "/feed.rss?q={}",
            "/feed.atom?q={}&x={}",
            "/sources?page={}",
        ),
        *(
            "/feeds/{}.rss",
            "/articles/{}",
            "/archive/{}.atom",
            "/static/{}",
            "/api/stories?limit={}",
            "/api/stories/{}",
        ),
        *("/api/stories?before={}", "/api/stories?q={}", "/{}", "/feed.{}"),
    ],
)
def test_d8_no_parameter_breaks_or_comes_back_as_markup(shown: Shown, template: str) -> None:
    before = state_of(shown)
    for value in VALUES:
        coded = quote(value.encode("utf-8", "surrogatepass"), safe="")
        path = template.replace("{}", coded)
        answer = shown.service.ask(path, accept="text/html")
        if len(path) > 9_000:
            assert answer.status in {0, 400, 414}  # 0: the connection went before the answer was read
            continue
        assert answer.status in {200, 400, 404, 422}, (path[:200], answer.status)
        if re.search("[<>]", value):
            kind = answer.headers["content-type"]
            assert value not in answer.text or not kind.startswith("text/html"), path[:200]
            if kind.startswith("text/html"):
                assert [found for found in walk(html5lib.parse(answer.text)) if found[0] == "exec"] == []
    assert state_of(shown) == before


@pytest.mark.parametrize("value", ["-1", "0", str(10**30), "NaN", "x", "1.5", "' OR 1=1"])
def test_d8_numbers_that_are_none_are_refused(shown: Shown, value: str) -> None:
    for template in ("/?before={}", "/sources?page={}", "/api/stories?limit={}", "/api/stories?before={}"):
        assert 400 <= shown.service.ask(template.format(quote(value))).status < 500


# -- D9: imports


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@dataclass
class Ground:
    """A place to import at: `named` is imported, `data` holds the store, all else has to stay as it is."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("named", "data", "outside", "tmp"):
            (self.folder / name).mkdir()
        (self.folder / "outside" / "secret.html").write_text("<h1>Secret</h1><p>the password is hunter2</p>" * 20)
        (self.folder / "data" / "feeds.toml").write_text('contact = "me@example.org"\n')

    @property
    def named(self) -> Path:
        return self.folder / "named"

    def run(self) -> dict[str, object]:
        before = self.elsewhere()
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder / "outside"),
            "TMPDIR": str(self.folder / "tmp"),
        }
        done = warm.call("import", str(self.named), "--json", cwd=self.folder / "data", env=environment)
        assert done.returncode in {0, 1}, done.stderr
        assert self.elsewhere() == before
        assert not CONTROL.search(done.stdout.replace("\n", ""))
        return dict(json.loads(done.stdout))

    def elsewhere(self) -> dict[str, tuple[int, int, int]]:
        return {
            path: about[:1] if path == "tmp" else about  # temporary files come, and have to go again
            for path, about in snapshot(self.folder).items()
            if not path.startswith("data/store") and path != "data"
        }

    def stored(self) -> str:
        listed = warm.call("search", "", "--limit", "1000", "--json", cwd=self.folder / "data")
        assert listed.returncode == 0, listed.stderr
        return listed.stdout


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "ground" if (tmp_path / "ground").mkdir() is None else tmp_path)


def article(name: str) -> str:
    return f"<title>{name}</title><h1>{name}</h1>" + "".join(
        f"<p>{name} says {words(zlib.crc32(name.encode()) + place)}</p>" for place in range(3)
    )


def test_d9_a_zip_stays_inside(ground: Ground) -> None:
    with zipfile.ZipFile(ground.named / "slip.zip", "w") as archive:
        for name in ("../slip.html", "/tmp/slip-absolute.html", "..\\slip.html", "a/../../slip.html", "C:\\slip.html"):
            archive.writestr(name, article("Slipped"))
        archive.writestr("good.html", article("A good one"))
        link = zipfile.ZipInfo("link.html")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(ground.folder / "outside" / "secret.html"))
    result = ground.run()
    assert result["counts"]["stored"] >= 1
    assert result["counts"]["failed"] >= 5
    assert "A good one" in ground.stored()
    assert "hunter2" not in ground.stored()
    assert not Path("/tmp/slip-absolute.html").exists()


def test_d9_a_zip_bomb_is_refused_in_bounds(ground: Ground) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.html", b"<p>" + b"a" * 200_000_000)
    with zipfile.ZipFile(ground.named / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("direct.html", b"<p>" + b"b" * 200_000_000)
        for number in range(20):
            archive.writestr(f"{number}.zip", inner.getvalue())
    result = ground.run()
    assert result["counts"].get("stored", 0) == 0
    assert sum(path.stat().st_size for path in (ground.folder / "data").rglob("*") if path.is_file()) < 5 * 2**20


def test_d9_xml_is_not_resolved(ground: Ground) -> None:
    secret = ground.folder / "outside" / "secret.html"
    (ground.named / "feeds.opml").write_text(
        f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file://{secret}">]>'
        '<opml version="2.0"><body><outline text="&x;"/></body></opml>'
    )
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    (ground.named / "laughs.xhtml").write_text(
        f'<!DOCTYPE html [<!ENTITY l0 "lol">{laughs}]><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"<h1>Laughs</h1><p>&l11; {words(1)}</p></body></html>"
    )
    (ground.named / "xxe.html").write_text(
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>'
        f"<html><body><h1>X</h1><p>&x; {words(2)}</p></body></html>"
    )
    ground.run()
    stored = ground.stored()
    assert "hunter2" not in stored
    assert "lollol" not in stored
    assert len(stored) < 10**6


def test_d9_a_list_of_feeds_resolves_nothing(ground: Ground) -> None:
    secret = ground.folder / "outside" / "secret.html"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    given = (
        f'<!DOCTYPE opml [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY l0 "lol">{laughs}]>'
        '<opml version="2.0"><body><outline text="&x; &l11;" xmlUrl="https://a.example/rss"/></body></opml>'
    )
    for name, text in (("8.opml", given.encode()), ("16.opml", given.replace("a.ex", "b.ex").encode("utf-16"))):
        (ground.named / name).write_bytes(text)
        done = warm.call("import", str(ground.named / name), "--json", cwd=ground.folder / "data")
        assert json.loads(done.stdout)["counts"] == {"added": 1}
    written = (ground.folder / "data" / "feeds.toml").read_text()
    assert "hunter2" not in written
    assert "lollol" not in written
    assert len(written) < 1000


def test_d9_links_and_strange_files_lead_nowhere(ground: Ground) -> None:
    outside = ground.folder / "outside"
    (ground.named / "link.html").symlink_to(outside / "secret.html")
    (ground.named / "folder").symlink_to(outside, target_is_directory=True)
    (ground.named / "loop").symlink_to(ground.named, target_is_directory=True)
    (ground.named / "passwd.txt").symlink_to("/etc/passwd")
    shutil.os.mkfifo(ground.named / "fifo.html")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(ground.named / "socket.html"))
        (ground.named / "good.html").write_text(article("The good one"))
        ground.run()
    stored = ground.stored()
    assert "The good one" in stored
    assert "hunter2" not in stored
    assert "root:x:0" not in stored


def test_d9_names_from_content_are_not_paths(ground: Ground) -> None:
    hostile = [
        "../../../../tmp/pwned",
        "/etc/pwned",
        "..\\..\\x",
        "line1\r\nline2",
        "a" * 300 + "/" + "b" * 300,
        "\x9b2J",
    ]
    with (ground.named / "lines.jsonl").open("w") as file:
        for number, name in enumerate(hostile):
            given = {"id": name, "url": f"https://x.example/{name}", "title": name, "html": article(f"Named {number}")}
            file.write(json.dumps(given) + "\n")
    (ground.named / "evil\x1b[31m\x9b name.html").write_text(article("Terminal"))
    result = ground.run()
    assert result["counts"]["stored"] >= len(hostile)
    assert not Path("/tmp/pwned").exists()


# -- D11: caches


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.rss", "/feed.json", "/archive/1.atom", "/health.atom"])
def test_d11_readers_can_ask_cheaply(shown: Shown, path: str) -> None:
    whole = shown.service.ask(path)
    assert "max-age=" in whole.headers["cache-control"]
    again = shown.service.ask(path, If_None_Match=whole.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    zipped = shown.service.ask(path, Accept_Encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip" or len(whole.body) < 500
    assert shown.service.ask(path, If_None_Match=zipped.headers["etag"]).status == 304
    head = shown.service.ask(path, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))
    assert shown.service.ask(path).body == whole.body


# -- D12: nothing changes state


def state_of(shown: Shown) -> dict[str, object]:
    """All that is stored but the probe of /healthz, and the files beside the store."""
    tables = [row[0] for row in shown.service.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    plain = [name for name in tables if not name.startswith(("words", "sqlite_")) and name != "counters"]
    stored: dict[str, object] = {name: hash(tuple(shown.service.rows(f"SELECT * FROM {name}"))) for name in plain}
    stored["counters"] = shown.service.rows("SELECT * FROM counters WHERE name <> 'probe' ORDER BY name")
    stored["feeds.toml"] = (shown.service.folder / "feeds.toml").read_bytes()
    return stored


ROUTES = [*KINDS, "/metrics", "/articles/1", "/api/feeds", "/api/stories/1", "/api/openapi.json", "/nope"]


def test_d12_no_request_changes_state(shown: Shown) -> None:
    before = state_of(shown)
    cross = {"Origin": "https://evil.example", "Content_Type": "text/plain", "Sec_Fetch_Site": "cross-site"}
    for path in ROUTES:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = shown.service.ask(path, method, **cross)
            assert answer.status < 500
            assert answer.headers.get("access-control-allow-credentials") is None
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert shown.service.ask(path, method, b'{"a": 1}', **cross).status in {400, 404, 405}, (path, method)
    assert state_of(shown) == before


def test_d12_it_listens_on_loopback_unless_told_otherwise(shown: Shown, tmp_path: Path) -> None:
    listening = {
        link.laddr.ip
        for process in shown.service.tree()
        for link in process.net_connections(kind="inet")
        if link.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    (tmp_path / "feeds.toml").write_text("")
    assert load(tmp_path / "feeds.toml", {}).listen_host == "127.0.0.1"


def test_d12_a_foreign_name_reads_nothing(shown: Shown) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1"):
        answer = shown.service.raw(f"GET /feed.atom HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400"), host
        assert b"<entry" not in answer
