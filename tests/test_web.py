"""What feeds answer, from the cache or not: headers, 304, selections, archives; and over a real store."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import feedparser
import pytest
from demo import NOW, Output, Settings, Shelf, story
from webbench import BASE, FEEDS, PAGES, Bench, page, texts

from aggregator import dedup
from aggregator.model import Article, Cleaned, Copy, Entry, Source
from aggregator.publish import FORMATS, channel
from aggregator.storage import open_storage
from aggregator.storage.records import Addition
from aggregator.web.answers import prepare


@pytest.fixture
def bench():
    return Bench()


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
    assert one.zipped[4:8] == bytes(4)  # RFC 1952: the time field
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
    bench.now += timedelta(minutes=1)
    second = bench.get("/feed.atom", if_none_match=first.headers["etag"])
    assert second.status_code == 200
    assert "Another headline" in second.text
    assert second.headers["last-modified"] == format_datetime(bench.now, usegmt=True)


CHANGES = {
    "a copy": lambda bench: bench.store.edit(10, copies=(Copy(url="https://late.example/a", source="Late"),)),
    "a title": lambda bench: setattr(bench, "config", replace(bench.config, title="Another title")),
    "a deleted story": lambda bench: bench.store.delete(10),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_either_validator_changes_with_the_bytes_whatever_changed_them(bench, change):
    first = bench.get("/feed.atom")
    before = bench.now
    change(bench)
    bench.now += timedelta(minutes=1)
    second = bench.get("/feed.atom", if_modified_since=first.headers["last-modified"])
    assert second.status_code == 200
    assert second.content != first.content
    assert second.headers["etag"] != first.headers["etag"]
    stamp = second.headers["last-modified"]
    assert stamp == format_datetime(before + timedelta(minutes=1), usegmt=True)
    bench.now += timedelta(minutes=40)
    assert bench.get("/feed.atom", if_modified_since=stamp).status_code == 304


def test_what_changes_twice_in_a_second_has_no_date(bench):
    first = bench.get("/feed.atom").headers["last-modified"]
    bench.store.edit(10, title="Another headline")
    second = bench.get("/feed.atom", if_modified_since=first)
    assert (second.status_code, second.headers.get("last-modified")) == (200, None)
    assert bench.get("/feed.atom", if_modified_since=first).status_code == 200
    bench.now += timedelta(seconds=1)
    bench.store.edit(10, title="A third headline")
    assert bench.get("/feed.atom").headers["last-modified"] == format_datetime(bench.now, usegmt=True)


def test_a_restart_takes_no_old_date_for_new_bytes(bench):
    stamp = bench.get("/feed.atom").headers["last-modified"]
    restarted = Bench(config=replace(bench.config, title="Another title"))
    restarted.now = bench.now - timedelta(hours=1)
    assert restarted.get("/feed.atom", if_modified_since=stamp).status_code == 200


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
    for number in ("4", "99999999999999999999999", "-1", "x"):
        assert bench.get(f"/archive/{number}.atom").status_code == 404


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
