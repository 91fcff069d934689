"""The web over a store in memory: what is answered, with which headers, and what no request can do."""

import asyncio
import base64
import gzip
import json
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import quote

import feedparser
import html5lib
import pytest
from demo import NOW, Output, Settings, Shelf, settings, shelf, story
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from starlette.testclient import TestClient
from xss_oracle import violations

from aggregator import dedup
from aggregator.model import Article, Cleaned, Entry, Source
from aggregator.publish import FORMATS, channel
from aggregator.storage import Storage, open_storage
from aggregator.storage.records import Addition
from aggregator.web import Health, WebDeps, create_app
from aggregator.web.answers import prepare
from aggregator.web.renderings import MAX_ENTRIES, Renderings, Threads

BASE = "http://127.0.0.1:8080"
FEEDS = [f"/feed.{form.suffix}" for form in FORMATS.values()]
PAGES = ["/", "/sources", "/articles/10", "/?q=archive", "/?output=prague"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE articles; --",
    "\x00\x1b[31m\x85\u2028",
    "../../../../etc/passwd",
    "(" * 400,
    "-" * 400,
    '"' * 399,
    "/(a+)+$/",
    "1" * 400,
    "%0d%0aX-Evil: 1",
    "١٢٣",
]


class Bench:
    """The app with the hands on everything that it was given."""

    def __init__(self, store: Shelf | Storage | None = None, config: Settings | None = None) -> None:
        self.store = store or shelf()
        self.config = config or settings()
        self.health = Health(ok=True, last_tick=NOW)
        self.now = NOW
        deps = WebDeps(
            storage=self.store,
            config=lambda: self.config,
            health=lambda: self.health,
            now=lambda: self.now,
            fresh=0,
        )
        self.app = create_app(deps)
        self.client = TestClient(self.app, base_url=BASE, raise_server_exceptions=False)

    def get(self, path: str, **headers):
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def bench():
    return Bench()


# -- feeds


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_a_feed_has_the_headers_of_its_format(bench, form):
    answer = bench.get(f"/feed.{form.suffix}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{form.media_type}; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"].endswith(" GMT")


def test_the_feed_is_what_the_store_holds(bench):
    parsed = feedparser.parse(bench.get("/feed.atom").content)
    assert [entry.id for entry in parsed.entries] == [one.id for one in channel.arranged(bench.store.stories)]
    assert parsed.feed.links[0].href == f"{BASE}/feed.atom"


@pytest.mark.parametrize("path", [*FEEDS, "/feeds/prague.rss", "/feed.rss?q=archive", "/archive/1.atom", "/opml.xml"])
def test_unchanged_is_304_and_the_same_bytes(bench, path):
    first = bench.get(path)
    bench.now += timedelta(minutes=29)
    assert bench.get(path).content == first.content
    assert Bench().get(path).headers["etag"] == first.headers["etag"]  # another process gives the same
    tag = first.headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", W/{tag}', f'"a","b",{tag}', "*"):
        answer = bench.get(path, if_none_match=asked)
        assert (answer.status_code, answer.content) == (304, b""), asked
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"]
        assert "content-type" not in answer.headers
    assert bench.get(path, if_none_match='"other"').status_code == 200


def test_if_modified_since_counts_only_without_if_none_match(bench):
    first = bench.get("/feed.atom")
    stamp = first.headers["last-modified"]
    assert bench.get("/feed.atom", if_modified_since=stamp).status_code == 304
    assert bench.get("/feed.atom", if_modified_since=format_datetime(NOW, usegmt=True)).status_code == 304
    for stale in (
        format_datetime(NOW - timedelta(days=90), usegmt=True),
        "garbage",
        "",
        "Sat, 99 Foo 2026 25:00:00 GMT",
    ):
        assert bench.get("/feed.atom", if_modified_since=stale).status_code == 200, stale
    assert bench.get("/feed.atom", if_modified_since=stamp, if_none_match='"x"').status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_gzip_when_accepted(bench, path):
    plain = bench.get(path, accept_encoding="identity")
    zipped = bench.get(path, accept_encoding="br;q=1, GZIP;q=0.5")
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content  # the client has unpacked it
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.headers["etag"] != plain.headers["etag"]
    for refused in ("gzip;q=0", "gzip; q=0.000", "identity", "", "br"):
        assert "content-encoding" not in bench.get(path, accept_encoding=refused).headers, refused
    assert bench.get(path, accept_encoding="gzip", if_none_match=zipped.headers["etag"]).status_code == 304
    assert bench.get(path, accept_encoding="*").headers["content-encoding"] == "gzip"


def test_gzip_bytes_carry_no_time():
    one, two = prepare(b"x" * 5000, "text/plain"), prepare(b"x" * 5000, "text/plain")
    assert one.zipped == two.zipped
    assert gzip.decompress(one.zipped) == one.body


@pytest.mark.parametrize("path", [*FEEDS, *PAGES, "/opml.xml", "/archive/1.rss", "/static/style.css"])
def test_head_is_get_without_a_body(bench, path):
    get, head = bench.get(path), bench.client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers == get.headers


def test_a_change_in_the_store_shows_at_once(bench):
    first = bench.get("/feed.atom")
    bench.store.edit(10, title="Another headline", updated=NOW)
    second = bench.get("/feed.atom", if_none_match=first.headers["etag"])
    assert second.status_code == 200
    assert "Another headline" in second.text
    assert second.headers["last-modified"] == format_datetime(NOW, usegmt=True)


def test_a_reloaded_title_shows_without_a_change_in_the_store(bench):
    bench.get("/feed.atom")
    bench.config = replace(bench.config, title="Renamed")
    assert feedparser.parse(bench.get("/feed.atom").content).feed.title == "Renamed"


def test_unchanged_feeds_are_not_read_again(bench):
    for path in FEEDS:
        bench.get(path)
    before = bench.store.reads
    for _ in range(5):
        for path in FEEDS:
            assert bench.get(path).status_code == 200
    assert bench.store.reads == before


def test_outputs_and_searches_select(bench):
    named = feedparser.parse(bench.get("/feeds/prague.atom").content)
    assert named.feed.title == "The Prague Spring in the news"
    assert [entry.title for entry in named.entries] == [
        "The archive of August opens, and the queue goes around the block"
    ]
    asked = feedparser.parse(
        bench.get(
            "/feed.atom",
        ).content
    )
    assert len(asked.entries) == len(bench.store.stories)
    found = json.loads(bench.get("/feed.json?q=tag:history").content)
    assert {item["tags"][0] for item in found["items"]} == {"history"}
    assert found["feed_url"] == f"{BASE}/feed.json?q=tag%3Ahistory"
    assert json.loads(bench.get("/feeds/prague.json?q=tag:software").content)["items"] == []
    assert json.loads(bench.get("/feed.json?q=%20").content)["feed_url"] == f"{BASE}/feed.json"


def test_an_output_may_use_regex_and_a_search_may_not(bench):
    bench.config = replace(bench.config, outputs=(Output("r", "R", "title:/arch[a-z]+ve/ OR tag:nothing"),))
    assert len(json.loads(bench.get("/feeds/r.json").content)["items"]) == 1
    assert len(json.loads(bench.get("/feeds/r.json?q=queue").content)["items"]) == 1
    assert json.loads(bench.get("/feeds/r.json?q=mailbox").content)["items"] == []
    assert bench.get("/feeds/r.json?q=title:/x/").status_code == 400


def test_ages_are_judged_again_hourly():
    store = Shelf()
    store.add(story(1, published=NOW - timedelta(hours=23)))
    bench = Bench(store, Settings(outputs=(Output("new", "New", "age<1d"),)))
    assert len(json.loads(bench.get("/feeds/new.json").content)["items"]) == 1
    bench.now += timedelta(hours=2)
    assert json.loads(bench.get("/feeds/new.json").content)["items"] == []


def test_a_searched_feed_keeps_two_days_when_that_is_more():
    store = Shelf()
    store.add(*(story(number, entered_at=NOW - timedelta(hours=1)) for number in range(1, 31)))
    bench = Bench(store, Settings(limit=5))
    assert len(json.loads(bench.get("/feed.json?q=story").content)["items"]) == 30


@pytest.mark.parametrize(
    "path",
    ["/feed.xml", "/feed.", "/feeds/nope.atom", "/feeds/prague.html", "/feeds/..%2Ffeed.atom", "/archive/0.atom"],
)
def test_unknown_feeds_are_404(bench, path):
    assert bench.get(path).status_code == 404


def test_a_bad_search_is_400_with_sentence_and_place(bench):
    answer = bench.get("/feed.atom?q=prague+(spring")
    assert answer.status_code == 400
    assert "character 8" in answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert bench.get("/feed.atom?q=" + "a" * 501).status_code == 400


def test_archives_chain_from_the_live_feed_to_the_first_story():
    store = Shelf()
    store.add(*(story(number) for number in range(1, 276)))
    bench = Bench(store, Settings(limit=30))
    path, numbers = "/feed.json", []
    while path:
        answer = bench.get(path)
        assert answer.status_code == 200
        feed = json.loads(answer.content)
        numbers += [int(item["id"].rsplit("/", 1)[1]) for item in feed["items"]]
        path = feed.get("next_url", "").removeprefix(BASE)
    assert set(numbers) == set(range(1, 276))
    assert bench.get("/archive/1.atom").headers["cache-control"] == "public, max-age=86400"
    assert bench.get("/archive/3.atom").status_code == 200
    for page in ("4", "99999999999999999999999", "-1", "x"):
        assert bench.get(f"/archive/{page}.atom").status_code == 404


def test_the_last_feed_is_served_while_the_store_cannot_be_read(bench):
    first = bench.get("/feed.rss")
    bench.store.broken = "the disk is full"
    again = bench.get("/feed.rss")
    assert (again.status_code, again.content) == (200, first.content)
    unseen = bench.get("/feed.json")
    assert unseen.status_code == 503
    assert unseen.headers["retry-after"] == "30"
    assert "the disk is full" in unseen.text
    assert bench.get("/", accept="text/html").status_code == 503
    bench.store.broken = ""
    assert bench.get("/feed.json").status_code == 200


# -- the cache


async def test_a_hundred_at_once_render_once():
    made = []

    def render():
        made.append(1)
        return prepare(b"x" * 100, "text/plain")

    renderings = Renderings(lambda: 1, Threads(2), fresh=60)
    found = await asyncio.gather(*(renderings.get("key", render) for _ in range(100)))
    assert len(made) == 1
    assert len({one.etag for one in found}) == 1


async def test_the_cache_is_bounded():
    made = []

    def render():
        made.append(1)
        return prepare(b"x", "text/plain")

    renderings = Renderings(lambda: 1, Threads(2), fresh=60)
    for number in range(MAX_ENTRIES + 1):
        await renderings.get(number, render)
    await renderings.get(MAX_ENTRIES, render)
    assert len(made) == MAX_ENTRIES + 1
    await renderings.get(0, render)  # the oldest had to go
    assert len(made) == MAX_ENTRIES + 2


async def test_a_failed_rendering_is_tried_again():
    made = []

    def render():
        made.append(1)
        if len(made) == 1:
            raise RuntimeError("once")
        return prepare(b"x", "text/plain")

    renderings = Renderings(lambda: 1, Threads(2), fresh=60)
    with pytest.raises(RuntimeError):
        await renderings.get("key", render)
    assert (await renderings.get("key", render)).body == b"x"


async def test_the_counter_is_believed_for_a_while():
    asked = []
    renderings = Renderings(lambda: len(asked.append(1) or asked), Threads(2), fresh=60)
    for _ in range(10):
        await renderings.get("key", lambda: prepare(b"x", "text/plain"))
    assert len(asked) == 1


# -- the door


EVERYWHERE = [*FEEDS, *PAGES, "/opml.xml", "/healthz", "/metrics", "/api/stories", "/static/style.css"]
ERRORS = ["/nope", "/feed.atom?q=(", "/?q=(", "/?before=x", "/articles/999", "/api/nope", "/api/stories?limit=0"]


def check_headers(answer):
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers.get_list("content-security-policy", split_commas=False) == [policy]


@pytest.mark.parametrize("path", [*EVERYWHERE, *ERRORS])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_is_guarded(bench, path, accept):
    answer = bench.get(path, accept=accept)
    check_headers(answer)
    assert answer.status_code == 200 if path in EVERYWHERE else 400 <= answer.status_code < 500
    assert bench.client.post(path).status_code in {404, 405}
    check_headers(bench.client.delete(path))


def test_a_bug_is_a_500_that_tells_nothing(bench):
    bench.store.story = lambda key: {}[f"secret {key}"]
    for accept in ("text/html", "*/*"):
        answer = bench.get("/articles/1", accept=accept)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        check_headers(answer)


@pytest.mark.parametrize(
    ("host", "listen", "base_url", "status"),
    [
        ("127.0.0.1:8080", "127.0.0.1", BASE, 200),
        ("localhost", "127.0.0.1", BASE, 200),
        ("LOCALHOST:9", "127.0.0.1", BASE, 200),
        ("[::1]:8080", "127.0.0.1", BASE, 200),
        ("news.example.org", "127.0.0.1", "https://news.example.org/feeds", 200),
        ("news.example.org.", "127.0.0.1", "https://news.example.org", 200),
        ("evil.example", "127.0.0.1", BASE, 400),
        ("127.0.0.1.evil.example", "127.0.0.1", BASE, 400),
        ("localhost.evil.example", "0.0.0.0", BASE, 400),
        ("evil.example", "0.0.0.0", BASE, 400),
        ("192.168.1.7:8080", "0.0.0.0", BASE, 200),
        ("192.168.1.7:8080", "127.0.0.1", BASE, 400),
        ("192.168.1.7", "192.168.1.7", BASE, 200),
        ("[2001:db8::1]", "::", BASE, 200),
        ("user@localhost", "127.0.0.1", BASE, 200),
        ("[", "127.0.0.1", BASE, 400),
        ("<script>", "127.0.0.1", BASE, 400),
        ("", "127.0.0.1", BASE, 400),
    ],
)
def test_only_known_names_are_answered(bench, host, listen, base_url, status):
    bench.config = replace(bench.config, listen_host=listen, base_url=base_url)
    answer = bench.get("/feed.atom", host=host)
    assert answer.status_code == status
    assert "script" not in answer.text or status == 200
    check_headers(answer)
    assert bench.get("/healthz", host=host).status_code == 200


def basic(password: str, user: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_public_address_with_a_token_asks_for_it(bench):
    bench.config = replace(bench.config, listen_host="0.0.0.0", token="tökén&1")
    for path in [*FEEDS, *PAGES, "/metrics", "/api/stories", "/opml.xml", "/nope"]:
        answer = bench.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic ")
        check_headers(answer)
    assert bench.get("/healthz").status_code == 200
    assert bench.get("/static/style.css").status_code == 200
    assert bench.get("/feed.atom?token=t%C3%B6k%C3%A9n%261").status_code == 200
    assert bench.get("/feed.atom", authorization=basic("tökén&1", "anybody")).status_code == 200
    answer = bench.client.get("/feed.atom", headers={"authorization": "Bearer tökén&1".encode()})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert b"token" not in answer.content
    wrong = ["Bearer", "Bearer x", basic("x"), "Basic ???", "Basic é", "Digest tökén&1", basic("tökén&1")[:-2]]
    for value in wrong:
        answer = bench.client.get("/feed.atom", headers={"authorization": value.encode()})
        assert answer.status_code == 401, value
    for query in ("token=", "token=x", "token=%FF", "Token=x", "token=x&token=t%C3%B6k%C3%A9n%261"):
        assert bench.get(f"/feed.atom?{query}").status_code == 401, query
    assert "add <code>?token=" in bench.get("/", authorization=basic("tökén&1")).text


@pytest.mark.parametrize("listen", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_loopback_is_open(bench, listen):
    bench.config = replace(bench.config, listen_host=listen, token="secret")
    assert bench.get("/feed.atom").status_code == 200


# -- pages


def page(answer):
    """The page as a browser builds it; what a strict parser complains about fails."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(answer.text)


def texts(root, path: str) -> list[str]:
    return [" ".join("".join(node.itertext()).split()) for node in root.findall(path)]


@pytest.mark.parametrize("path", [*PAGES, "/?q=nothinglikethis", "/articles/7", "/articles/2", "/nope", "/?q=("])
def test_pages_are_proper_html(bench, path):
    root = page(bench.get(path, accept="text/html"))
    assert root.get("lang") == "en"
    assert len(root.findall(".//main")) == 1
    assert len(root.findall(".//h1")) == (0 if path == "/?q=(" else 1)
    assert root.findall(".//script") == []
    assert [node for node in root.iter() if any(name.startswith("on") or name == "style" for name in node.attrib)] == []
    for field in root.findall(".//input"):
        assert field.get("type") == "hidden" or root.find(f".//label[@for='{field.get('id')}']") is not None
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_the_page_lists_the_latest_stories_by_day(bench):
    root = page(bench.get("/"))
    assert texts(root, ".//section[@class='day']/h2") == [
        "Today",
        "Yesterday",
        "Friday 20 November",
        "18 October 2025",
    ]
    titles = texts(root, ".//article/h3")
    assert titles == [one.title for one in channel.arranged(bench.store.stories)]
    assert "<b>tags</b>" in titles[8]
    assert texts(root, ".//code[@class='copy']") == [f"{BASE}{path}" for path in FEEDS]
    assert root.find(".//article/h3[@lang='ar']").get("dir") == "auto"


def test_pages_turn(bench):
    bench.store.stories = []
    bench.store.add(*(story(number) for number in range(1, 71)))
    seen, path = [], "/"
    while path:
        root = page(bench.get(path))
        seen.append(texts(root, ".//article/h3"))
        older = root.find(".//nav[@class='pager']/a[@rel='next']")
        path = None if older is None else f"/{older.get('href')}"
    assert [len(titles) for titles in seen] == [30, 30, 10]
    assert len({title for titles in seen for title in titles}) == 70
    assert root.find(".//nav[@class='pager']/a[@rel='first']").get("href") == "./"


def test_search_keeps_its_words_in_links(bench):
    bench.store.stories = []
    bench.store.add(*(story(number, title=f"fish & chips {number}") for number in range(1, 41)))
    root = page(bench.get("/?q=fish+%26+chips"))
    assert root.find(".//input[@id='q']").get("value") == "fish & chips"
    assert root.find(".//a[@rel='next']").get("href") == "?q=fish+%26+chips&before=11"
    assert texts(root, ".//code[@class='copy']")[0] == f"{BASE}/feed.atom?q=fish%20%26%20chips"
    assert len(texts(page(bench.get("/?q=fish+%26+chips&before=11")), ".//article")) == 10


def test_an_output_has_a_page(bench):
    root = page(bench.get("/?output=prague"))
    assert texts(root, ".//h1") == ["The Prague Spring in the news"]
    assert len(texts(root, ".//article")) == 1
    assert texts(root, ".//code[@class='copy']")[0] == f"{BASE}/feeds/prague.atom"
    assert bench.get("/?output=nope").status_code == 404


@pytest.mark.parametrize(
    ("store", "config", "says"),
    [
        (Shelf(), Settings(), "aggregator add https://example.org/"),
        (Shelf(), settings(), "first poll of 9 sources is running"),
        (
            Shelf(states={url: replace(one, status="error") for url, one in shelf().states.items()}),
            replace(settings(), feeds=settings().feeds[:6]),
            "No source could be read so far",
        ),
        (Shelf(states=shelf().states), replace(settings(), feeds=settings().feeds[:6]), "no story matched"),
    ],
)
def test_an_empty_shelf_says_what_comes_next(store, config, says):
    answer = Bench(store, config).get("/")
    assert says in " ".join(page(answer).find(".//main").itertext())
    assert ("refresh" in answer.headers) == ("first poll" in says)


def test_a_bad_search_shows_its_sentence_and_keeps_what_was_typed(bench):
    answer = bench.get("/?q=" + "%22%3E%3Cb%3E(", accept="text/html")
    root = page(answer)
    assert answer.status_code == 400
    assert root.find(".//p[@role='alert']").text.startswith("The search can't be read, at character ")
    assert root.find(".//input[@id='q']").get("value") == '"><b>('


def test_an_article_says_where_it_is_from(bench):
    root = page(bench.get("/articles/10"))
    assert texts(root, ".//h1") == ["The archive of August opens, and the queue goes around the block"]
    assert texts(root, ".//footer[@class='whence']//dt") == ["Original", "Also in", "Tags"]
    assert root.find(".//footer[@class='whence']//a").get("rel") == "noopener noreferrer nofollow"
    assert "only the beginning" in bench.get("/articles/5").text
    rtl = page(bench.get("/articles/7")).find(".//article")
    assert (rtl.get("dir"), rtl.get("lang")) == ("rtl", "ar")


@pytest.mark.parametrize("key", ["0", "999", "99999999999999999999999", "-1", "x", "1/2"])
def test_unknown_articles_are_404(bench, key):
    assert bench.get(f"/articles/{key}").status_code == 404


def test_sources_show_trouble_first_and_no_password(bench):
    root = page(bench.get("/sources"))
    names = texts(root, ".//span[@class='name']")
    assert names[:3] == ["Old friend", "Wire", "Новости долины"]
    assert names[-1] == "Quiet"
    rows = texts(root, ".//tbody/tr")
    assert "gone.example was not found by name" in rows[0]
    assert "19 days ago" in rows[0]
    assert "in 21 hours" in rows[0]
    for path in ("/sources", "/opml.xml", "/api/feeds", "/metrics"):
        assert "secret" not in bench.get(path).text


def test_texts_of_strangers_stay_text():
    evil = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"
    store = Shelf()
    source = Source(feed_url="https://e.example/f", name=evil, title=evil, site_url="javascript:alert(1)")
    store.add(
        story(
            1,
            title=evil,
            author=evil,
            summary=evil,
            text=evil,
            html="",
            tags=(evil,),
            source=source,
            url="javascript:a",
        )
    )
    config = settings(title=evil)
    store.states = {
        feed.url: replace(shelf().states["https://wire.example/feed"], url=feed.url, error=evil, title=evil)
        for feed in config.feeds
    }
    bench = Bench(store, config)
    for path in ("/", "/articles/1", "/sources", "/nope", "/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E"):
        text = bench.get(path, accept="text/html").text
        assert [found for found in violations(text) if found[0] == "exec"] == []
        assert page(bench.get(path, accept="text/html")).findall(".//img") == []
        assert "javascript:" not in text


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("path", ["/", *FEEDS, "/api/stories", "/feeds/prague.atom"])
@pytest.mark.parametrize("name", ["q", "before", "output", "limit", "token"])
def test_hostile_parameters_do_no_harm(bench, path, name, value):
    answer = bench.client.get(path, params={name: value}, headers={"accept": "text/html"})
    assert answer.status_code in {200, 400, 404, 422}
    if answer.headers["content-type"].startswith("text/html"):
        assert [found for found in violations(answer.text) if found[0] == "exec"] == []
    assert "x-evil" not in answer.headers
    check_headers(answer)


@given(path=st.text(max_size=30), query=st.text(max_size=60))
@effort(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_request_gets_an_answer(bench, path, query):
    answer = bench.client.get("/" + quote(path), params={"q": query, "before": query})
    assert answer.status_code in {200, 400, 404, 405, 422}
    check_headers(answer)


@pytest.mark.parametrize("value", ["0", "-1", "x", "1e3", "9" * 30, "٣", "1.5", "9223372036854775808"])
def test_numbers_are_checked(bench, value):
    answer = bench.get(f"/?before={value}")
    assert answer.status_code == 400
    assert "whole number" in answer.text


# -- machines


def test_health(bench):
    good = bench.get("/healthz")
    assert (good.status_code, good.json()) == (200, {"status": "ok"})
    bench.health = Health(ok=False, reason="the scheduler has not ticked for 90 s")
    bad = bench.get("/healthz")
    assert bad.status_code == 503
    assert bad.json() == {"status": "failing", "reason": "the scheduler has not ticked for 90 s"}
    assert bad.headers["cache-control"] == "no-store"


def test_metrics(bench):
    lines = bench.get("/metrics").text.splitlines()
    assert 'aggregator_feeds{state="ok"} 5.0' in lines
    assert 'aggregator_feeds{state="gone"} 0.0' in lines
    assert "aggregator_polls_total 280.0" in lines
    assert "aggregator_polls_not_modified_total 217.0" in lines
    assert "aggregator_articles 351.0" in lines
    assert "aggregator_healthy 1.0" in lines
    ticks = [line.split()[1] for line in lines if line.startswith("aggregator_last_tick_timestamp_seconds ")]
    assert [float(tick) for tick in ticks] == [NOW.timestamp()]


def test_the_api_reads(bench):
    first = bench.get("/api/stories?limit=4").json()
    assert [one["key"] for one in first["stories"]] == [10, 9, 8, 7]
    assert first["next_before"] == 7
    rest = bench.get("/api/stories?limit=100&before=7").json()
    assert [one["key"] for one in rest["stories"]] == [6, 5, 4, 3, 2, 1]
    assert rest["next_before"] is None
    assert [one["key"] for one in bench.get("/api/stories?q=tag:history").json()["stories"]] == [10, 7]
    assert [one["key"] for one in bench.get("/api/stories?output=prague").json()["stories"]] == [10]
    whole = bench.get("/api/stories/10").json()
    assert whole["html"] == bench.store.story(10).html
    assert whole["also_in"][0] == {"name": "Wire", "url": "https://wire.example/a1"}
    assert {one["name"]: one["state"] for one in bench.get("/api/feeds").json()}["Quiet"] == "paused"


def test_the_api_refuses_in_json(bench):
    bad = bench.get("/api/stories?q=(a")
    assert (bad.status_code, bad.headers["content-type"]) == (400, "application/json")
    assert "character 1" in bad.json()["detail"]
    assert bench.get("/api/stories?output=nope").status_code == 404
    assert bench.get("/api/stories/999").status_code == 404
    assert bench.get("/api/stories/99999999999999999999").status_code == 422
    assert bench.get("/api/stories?limit=101").status_code == 422
    bench.store.broken = "locked"
    assert bench.get("/api/stories").json() == {"detail": "locked"}
    assert bench.get("/api/stories").status_code == 503


def test_the_api_describes_itself(bench):
    described = bench.get("/api/openapi.json").json()
    assert set(described["paths"]) == {"/stories", "/stories/{key}", "/feeds"}
    assert {method for path in described["paths"].values() for method in path} == {"get"}


def test_links_work_below_a_prefix(bench):
    assert 'href="static/style.css"' in bench.get("/").text
    assert 'href="../static/style.css"' in bench.get("/articles/10").text
    assert 'href="../../static/style.css"' in bench.get("/a/b/c", accept="text/html").text


# -- over a real store


@pytest.fixture
def stored(tmp_path):
    storage = open_storage(f"sqlite:///{tmp_path}/aggregator.db")
    for number in range(1, 131):
        moment = NOW - timedelta(minutes=200 - number)
        text = f"Number {number} tells of the {'archive' if number % 10 == 0 else 'river'}. " * 5
        article = Article(
            title=f"Story {number}",
            html=f"<p>{text}</p>",
            text=text,
            url=f"https://example.org/{number}",
            language="en",
            fingerprint=dedup.fingerprint(f"{text} {number**9}" + " ".join(str(number * step) for step in range(60))),
        )
        source = Source(feed_url="https://example.org/rss", name="Example", title="The Example")
        addition = Addition(
            entry=Entry(guid=article.url, url=article.url, title=article.title, published=moment),
            cleaned=Cleaned(article=article),
            source=source,
            first_seen=moment,
            import_key=str(number).encode(),
        )
        assert storage.add_article(addition, now=moment).outcome == "stored"
    yield storage
    storage.close()


def test_over_a_real_store(stored):
    bench = Bench(stored, Settings(limit=20, outputs=(Output("archive", "Archive", "archive"),)))
    feed = feedparser.parse(bench.get("/feed.atom").content)
    assert [entry.title for entry in feed.entries] == [f"Story {number}" for number in range(130, 0, -1)]  # two days
    assert all(entry.source.title == "The Example" for entry in feed.entries)
    named = json.loads(bench.get("/feeds/archive.json").content)
    assert [item["title"] for item in named["items"]] == [f"Story {number}" for number in range(130, 0, -10)]
    asked = json.loads(bench.get("/feed.json?q=archive+title:20").content)
    assert [item["title"] for item in asked["items"]] == ["Story 20"]
    assert texts(page(bench.get("/")), ".//article/h3")[0] == "Story 130"
    assert texts(page(bench.get(f"/articles/{stored.last_number()}")), ".//h1") == ["Story 130"]
    assert len(json.loads(bench.get("/archive/1.json").content)["items"]) == channel.PAGE_SIZE
    assert bench.get("/api/stories?limit=100").json()["next_before"] == 31
    for path in ("/sources", "/metrics", "/opml.xml"):
        assert bench.get(path).status_code == 200
