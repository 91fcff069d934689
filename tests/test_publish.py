"""Each format against the rules of its specification, and against what a reader makes of it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import pytest
from demo import INSTANCE, NOW, settings, shelf, story
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Copy, Enclosure, Feed, FeedState, Source, Story
from aggregator.publish import FORMATS, channel, notation, opml
from aggregator.publish.channel import Place

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)
PLACE = Place(title="My news", base_url="https://news.example.org/", instance=INSTANCE)
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def rendered(name: str, *stories: Story, place: Place = PLACE) -> bytes:
    return FORMATS[name].render(channel.live(place, stories, archives=0), stories)


def absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and url.isascii() and not re.search(r"\s", url)


def check_atom(body: bytes) -> etree._Element:
    """RFC 4287 section 4, as far as a machine can tell."""
    feed = etree.fromstring(body)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1, name
    assert absolute(next(link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"))
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    for entry in feed.findall(f"{ATOM}entry"):
        _check_atom_entry(entry)
    for element in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        assert RFC3339.fullmatch(element.text)
    for link in feed.iter(f"{ATOM}link"):
        assert absolute(link.get("href")), link.get("href")
    for node in (feed, *feed.iterdescendants(f"{ATOM}source")):
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in node.findall(f"{ATOM}link")
            if link.get("rel") == "alternate"
        ]
        assert len(alternates) == len(set(alternates))
    return feed


def _check_atom_entry(entry: etree._Element) -> None:
    for name in ("id", "title", "updated"):
        assert len(entry.findall(f"{ATOM}{name}")) == 1, name
    assert entry.findtext(f"{ATOM}title").strip()
    assert entry.findtext(f"{ATOM}author/{ATOM}name").strip()
    assert len(entry.findall(f"{ATOM}published")) <= 1
    assert len(entry.findall(f"{ATOM}summary")) <= 1
    assert len(entry.findall(f"{ATOM}source")) <= 1
    assert len([link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
    assert all(term.get("term").strip() for term in entry.findall(f"{ATOM}category"))
    content, summary = entry.find(f"{ATOM}content"), entry.findtext(f"{ATOM}summary")
    assert content is not None or summary.strip()
    if content is not None:
        assert content.get("type") == "html"
        assert len(content) == 0
        assert content.text.strip()
        assert summary != content.text
    source = entry.find(f"{ATOM}source")
    if source is not None:
        assert source.findtext(f"{ATOM}id").strip()
        assert source.findtext(f"{ATOM}title") is not None
        assert len(source.findall(f"{ATOM}updated")) == 1


def check_rss(body: bytes) -> etree._Element:
    """RSS 2.0 and the profile of the RSS Advisory Board."""
    root = etree.fromstring(body)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    head = root.find("channel")
    for name in ("title", "link", "description", "lastBuildDate", "docs"):
        assert len(head.findall(name)) == 1, name
    assert head.findtext("description").strip()
    own = [link for link in head.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [absolute(link.get("href")) for link in own] == [True]
    assert own[0].get("type") == "application/rss+xml"
    assert RFC822.fullmatch(head.findtext("lastBuildDate"))
    assert head.find("ttl") is None
    guids = [item.findtext("guid") for item in head.findall("item")]
    assert len(guids) == len(set(guids))
    for item in head.findall("item"):
        _check_item(item)
    return head


def _check_item(item: etree._Element) -> None:
    allowed = {"title", "link", "guid", "pubDate", "category", "description", "enclosure", "source"}
    assert {child.tag for child in item if not child.tag.startswith("{")} <= allowed
    for name in allowed - {"category"}:
        assert len(item.findall(name)) <= 1, name
    assert item.findtext("title").strip()
    assert absolute(item.findtext("link"))
    guid = item.find("guid")
    assert guid.get("isPermaLink") == ("true" if guid.text == item.findtext("link") else "false")
    assert RFC822.fullmatch(item.findtext("pubDate"))
    assert RFC3339.fullmatch(item.findtext(f"{ATOM}updated"))
    assert item.findtext(f"{DC}creator").strip()
    assert item.find("author") is None  # it would have to be a mail address
    children = [child.tag for child in item]
    if f"{CONTENT}encoded" in children:
        assert children.index("description") < children.index(f"{CONTENT}encoded")
    for enclosure in item.findall("enclosure"):
        assert absolute(enclosure.get("url"))
        assert enclosure.get("length").isdigit()
        assert re.fullmatch(r"[^/\s]+/[^/\s]+", enclosure.get("type"))
    for source in item.findall("source"):
        assert absolute(source.get("url"))
        assert source.text.strip()


FEED_KEYS = {"version", "title", "home_page_url", "feed_url", "next_url", "language", "items"}
ITEM_KEYS = {
    *("id", "url", "title", "content_html", "content_text", "summary", "image", "date_published", "date_modified"),
    *("authors", "tags", "language", "attachments", "_source", "_also_in"),
}


def check_json(body: bytes) -> dict:
    """JSON Feed 1.1."""
    assert not body.startswith(b"\xef\xbb\xbf")
    feed = json.loads(body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed.keys() <= FEED_KEYS
    assert feed["title"].strip()
    assert absolute(feed["home_page_url"])
    assert absolute(feed["feed_url"])
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        assert item.keys() <= ITEM_KEYS
        assert isinstance(item["id"], str)
        assert absolute(item["url"])
        assert ("content_html" in item) != ("content_text" in item)
        assert all(RFC3339.fullmatch(item[name]) for name in ("date_published", "date_modified"))
        assert all(author.keys() <= {"name", "url", "avatar"} and author["name"] for author in item["authors"])
        assert all(absolute(one["url"]) and "/" in one["mime_type"] for one in item.get("attachments", ()))
        assert all(isinstance(item.get(name, {}), dict) for name in ("_source", "_also_in"))
    return feed


CHECKS = {"atom": check_atom, "rss": check_rss, "json": check_json}

FULL = story(
    7,
    id="tag:example.org,2026:7",
    title="Fish & chips: a < b",
    url="https://example.org/a?b=1&c=2",
    author="Jane Doe",
    published=datetime(2026, 11, 20, 8, 5, tzinfo=UTC),
    updated=datetime(2026, 11, 21, 9, 6, tzinfo=UTC),
    language="de",
    html='<p>Whole <a href="https://example.org/x?a=1&amp;b=2">text</a> &amp; more</p>',
    text="Whole text & more",
    summary="The gist, 1 < 2",
    image="https://example.org/lead.jpg",
    tags=("mine", "News"),
    categories=("news", "Politics & co"),
    enclosures=(
        Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=1234),
        Enclosure(url="https://example.org/b.bin"),
    ),
    source=Source(
        feed_url="https://example.org/rss.xml",
        name="Ex",
        title="The Example",
        site_url="https://example.org/",
        feed_id="urn:example:feed",
        language="de",
        updated=datetime(2026, 11, 21, tzinfo=UTC),
    ),
    copies=(Copy(url="https://other.example/a", source="Other & sons"), Copy(url="https://third.example/a")),
)


@pytest.mark.parametrize("name", FORMATS)
def test_a_shelf_of_stories_is_valid(name):
    stories = channel.arranged(shelf().live(50, NOW))
    CHECKS[name](rendered(name, *stories))


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_feed_is_valid(name):
    CHECKS[name](rendered(name))


@pytest.mark.parametrize("name", FORMATS)
def test_a_bare_story_is_valid(name):
    bare = story(1, html="", text="", title="", source=Source(), url="", language="")
    CHECKS[name](rendered(name, bare))


@pytest.mark.parametrize("name", FORMATS)
def test_same_input_same_bytes(name):
    assert rendered(name, FULL, story(1)) == rendered(name, FULL, story(1))


def test_atom_says_all_there_is():
    feed = check_atom(rendered("atom", FULL))
    entry = feed.find(f"{ATOM}entry")
    assert feed.findtext(f"{ATOM}id") == f"urn:uuid:{INSTANCE}"
    assert feed.findtext(f"{ATOM}updated") == "2026-11-21T09:06:00Z"
    assert entry.findtext(f"{ATOM}id") == "tag:example.org,2026:7"
    assert entry.findtext(f"{ATOM}title") == "Fish & chips: a < b"
    assert entry.findtext(f"{ATOM}published") == "2026-11-20T08:05:00Z"
    assert entry.findtext(f"{ATOM}updated") == "2026-11-21T09:06:00Z"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Jane Doe"
    assert entry.findtext(f"{ATOM}summary") == "The gist, 1 < 2"
    assert entry.findtext(f"{ATOM}content").startswith(FULL.html)
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["news", "Politics & co", "mine"]
    links = {(link.get("rel"), link.get("href"), link.get("length")) for link in entry.findall(f"{ATOM}link")}
    assert links == {
        ("alternate", "https://example.org/a?b=1&c=2", None),
        ("enclosure", "https://example.org/a.mp3", "1234"),
        ("enclosure", "https://example.org/b.bin", None),
        ("related", "https://other.example/a", None),
        ("related", "https://third.example/a", None),
    }
    assert entry.find(f"{MEDIA}thumbnail").get("url") == "https://example.org/lead.jpg"


def test_atom_names_the_source_as_stored():
    source = check_atom(rendered("atom", FULL)).find(f"{ATOM}entry/{ATOM}source")
    assert source.findtext(f"{ATOM}id") == "urn:example:feed"
    assert source.findtext(f"{ATOM}title") == "The Example"
    assert source.findtext(f"{ATOM}updated") == "2026-11-21T00:00:00Z"
    links = {link.get("rel"): link.get("href") for link in source.findall(f"{ATOM}link")}
    assert links == {"self": "https://example.org/rss.xml", "alternate": "https://example.org/"}


def test_rss_says_all_there_is():
    item = check_rss(rendered("rss", FULL)).find("item")
    assert item.findtext("guid") == "tag:example.org,2026:7"
    assert item.findtext("title") == "Fish & chips: a < b"
    assert item.findtext("pubDate") == "Fri, 20 Nov 2026 08:05:00 GMT"
    assert item.findtext(f"{DC}creator") == "Jane Doe"
    assert item.findtext("description") == "The gist, 1 &lt; 2"  # a description is HTML
    assert item.findtext(f"{CONTENT}encoded").startswith(FULL.html)
    assert [one.text for one in item.findall("category")] == ["news", "Politics & co", "mine"]
    assert dict(item.find("enclosure").attrib) == {
        "url": "https://example.org/a.mp3",
        "length": "1234",
        "type": "audio/mpeg",
    }
    assert item.find(f"{MEDIA}content").get("url") == "https://example.org/b.bin"
    assert (item.find("source").get("url"), item.findtext("source")) == ("https://example.org/rss.xml", "The Example")


def test_json_says_all_there_is():
    item = check_json(rendered("json", FULL))["items"][0]
    assert item["id"] == "tag:example.org,2026:7"
    assert item["url"] == "https://example.org/a?b=1&c=2"
    assert item["title"] == "Fish & chips: a < b"
    assert item["content_html"].startswith(FULL.html)
    assert item["summary"] == "The gist, 1 < 2"
    assert item["image"] == "https://example.org/lead.jpg"
    assert item["authors"] == [{"name": "Jane Doe"}]
    assert item["tags"] == ["news", "Politics & co", "mine"]
    assert (item["date_published"], item["date_modified"]) == ("2026-11-20T08:05:00Z", "2026-11-21T09:06:00Z")
    assert item["attachments"][0] == {
        "url": "https://example.org/a.mp3",
        "mime_type": "audio/mpeg",
        "size_in_bytes": 1234,
    }
    assert item["_source"] == {
        "id": "urn:example:feed",
        "title": "The Example",
        "url": "https://example.org/rss.xml",
        "home_page_url": "https://example.org/",
    }
    assert item["_also_in"] == {
        "https://other.example/a": "Other & sons",
        "https://third.example/a": "https://third.example/a",
    }


@pytest.mark.parametrize(("name", "body"), [("atom", f"{ATOM}content"), ("rss", f"{CONTENT}encoded")])
def test_copies_stand_at_the_end_of_the_text(name, body):
    text = next(etree.fromstring(rendered(name, FULL)).iter(body)).text
    assert text.endswith(
        '<p><small>Also in: <a href="https://other.example/a" rel="noopener noreferrer nofollow">Other &amp; sons</a>, '
        '<a href="https://third.example/a" rel="noopener noreferrer nofollow">https://third.example/a</a></small></p>'
    )


def test_a_new_copy_changes_bytes_but_no_date():
    one, two = replace(FULL, copies=()), FULL
    for name, pattern in (
        ("atom", rb"<updated>[^<]*"),
        ("rss", rb"<lastBuildDate>[^<]*"),
        ("json", rb'modified":"[^"]*'),
    ):
        first, second = rendered(name, one), rendered(name, two)
        assert first != second
        assert re.findall(pattern, first) == re.findall(pattern, second)


def test_direction_and_language_travel():
    arabic = story(2, language="ar", direction="rtl", html="<p>نص</p>")
    feed = check_atom(rendered("atom", arabic, story(1)))
    assert feed.get(LANG) is None  # the stories differ
    assert [entry.get(LANG) for entry in feed.findall(f"{ATOM}entry")] == ["ar", "en"]
    assert feed.findtext(f"{ATOM}entry/{ATOM}content") == '<div dir="rtl" lang="ar"><p>نص</p></div>'
    assert check_atom(rendered("atom", story(1), story(2))).get(LANG) == "en"
    assert check_rss(rendered("rss", arabic)).findtext("language") == "ar"
    assert check_json(rendered("json", arabic, story(1)))["items"][0]["language"] == "ar"


def test_summary_is_left_out_when_it_repeats_the_text():
    same = story(1, summary="All  there is.", text="All there is.", html="<p>All there is.</p>")
    assert check_atom(rendered("atom", same)).find(f"{ATOM}entry/{ATOM}summary") is None
    assert "summary" not in check_json(rendered("json", same))["items"][0]


def test_the_source_stands_in_for_an_author():
    nameless = story(1, author=" ")
    assert check_atom(rendered("atom", nameless)).findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name") == "The Example"
    imported = story(1, author="", source=Source())
    assert check_rss(rendered("rss", imported)).findtext(f"item/{DC}creator") == "My news"


def test_an_import_links_to_its_own_page_and_names_no_source():
    imported = story(12, url="", id="tag:x,2026:12", source=Source(name="letters"))
    entry = check_atom(rendered("atom", imported)).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}link").get("href") == "https://news.example.org/articles/12"
    assert entry.find(f"{ATOM}source") is None
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "letters"
    assert check_rss(rendered("rss", imported)).find("item/source") is None


def test_plain_text_becomes_paragraphs():
    plain = story(1, html="", text="One & two.\n\nThree <b>.")
    content = check_atom(rendered("atom", plain)).findtext(f"{ATOM}entry/{ATOM}content")
    assert content == "<p>One &amp; two.</p><p>Three &lt;b&gt;.</p>"


def test_the_lead_image_is_told_only_when_the_text_has_none():
    with_picture = story(1, image="https://example.org/i.jpg", html='<p><img src="https://example.org/j.jpg"></p>')
    assert b"media:thumbnail" not in rendered("atom", with_picture)
    assert b"media:thumbnail" not in rendered("rss", with_picture)


def test_a_password_never_leaves():
    secret = story(
        1,
        url="https://user:pa55@example.org/a",
        source=Source(feed_url="https://user:pa55@example.org/rss", feed_id="https://user:pa55@example.org/rss"),
    )
    for name in FORMATS:
        assert b"pa55" not in rendered(name, secret)
    assert b"pa55" not in opml.render([Feed(url="https://user:pa55@example.org/rss", name="x")], {}, "t")


def test_titles_are_cut_from_the_text_when_there_is_none():
    untitled = story(1, title=" \x00 ", summary="", text="Word " * 60)
    title = check_atom(rendered("atom", untitled)).findtext(f"{ATOM}entry/{ATOM}title")
    assert title.startswith("Word Word")
    assert title.endswith("Word…")
    assert len(title) <= 81


@pytest.mark.parametrize(
    ("given_url", "written"),
    [
        ("https://example.org/ä b", "https://example.org/%C3%A4%20b"),
        ("https://example.org/a#b#c", "https://example.org/a#b%23c"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/%7Ea?q=%20", "https://example.org/%7Ea?q=%20"),
        ("https://example.org/?a[]=1|2", "https://example.org/?a%5B%5D=1%7C2"),
        ("HTTP://BÜCHER.example:8080/a", "http://xn--bcher-kva.example:8080/a"),
        ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
        ("https://u:p@example.org/a@b", "https://example.org/a@b"),
        ("https://example.org", "https://example.org"),
        ("javascript:alert(1)", ""),
        ("//example.org/a", ""),
        ("https://", ""),
        ("https://[", ""),
        ("https://[::1::2]/", ""),
        ("https://a..ü/", ""),
        ("https://exa mple.org/", ""),
        ("https://exa<b>mple.org/", ""),
        ("", ""),
    ],
)
def test_addresses(given_url, written):
    assert notation.address(given_url) == written
    assert notation.address(written) == written


def test_dates():
    moment = datetime(2026, 3, 5, 23, 59, 58, 999999, tzinfo=UTC) + timedelta(hours=1)
    assert notation.rfc3339(moment) == "2026-03-06T00:59:58Z"
    assert notation.rfc822(moment) == "Fri, 06 Mar 2026 00:59:58 GMT"
    assert notation.rfc3339(datetime(12, 1, 1, tzinfo=UTC)) == "0012-01-01T00:00:00Z"
    assert notation.rfc822(datetime(812, 1, 1, tzinfo=UTC)) == "Sun, 01 Jan 0812 00:00:00 GMT"


# -- feedparser reads it as it was meant


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_round_trip(name):
    stories = [FULL, *(one for one in channel.arranged(shelf().live(50, NOW)) if "<b>" not in one.title)]
    parsed = feedparser.parse(rendered(name, *stories))
    assert not parsed.bozo
    assert len(parsed.entries) == len(stories)
    for entry, one in zip(parsed.entries, stories, strict=True):
        assert entry.id == one.id
        assert entry.link == one.url
        assert entry.title == one.title
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == one.published.replace(microsecond=0)
        assert datetime(*entry.updated_parsed[:6], tzinfo=UTC) == one.updated.replace(microsecond=0)
        assert entry.source.title == one.source.title
        assert one.source.feed_url in {entry.source.get("href"), *(link.href for link in entry.source.get("links", ()))}
        assert entry.author == (one.author or one.source.title)
    assert parsed.entries[0].enclosures[0].href == "https://example.org/a.mp3"


# -- archives


def test_archive_pages_are_chained():
    place = PLACE
    live = channel.live(place, [story(number) for number in range(151, 251)], archives=2)
    assert live.prev_archive["atom"] == "https://news.example.org/archive/2.atom"
    page = channel.archive(place, 2, [story(101)], archives=2)
    head = check_atom(FORMATS["atom"].render(page, [story(101)]))
    links = {link.get("rel"): link.get("href") for link in head.findall(f"{ATOM}link") if "archive" in link.get("href")}
    assert head.find(f"{HISTORY}archive") is not None
    assert links == {
        "self": "https://news.example.org/archive/2.atom",
        "alternate": "https://news.example.org/archive/2.json",  # the last of the alternates
        "prev-archive": "https://news.example.org/archive/1.atom",
    }
    assert page.current["atom"] == "https://news.example.org/feed.atom"
    first = channel.archive(place, 1, [story(1)], archives=2)
    assert not first.prev_archive
    assert first.next_archive["rss"] == "https://news.example.org/archive/2.rss"
    rss = check_rss(FORMATS["rss"].render(first, [story(1)]))
    assert rss.find(f"{HISTORY}archive") is not None
    assert {link.get("rel") for link in rss.findall(f"{ATOM}link")} == {"self", "current", "next-archive"}


@given(limit=st.integers(1, 120), total=st.integers(1, 420))
def test_live_feed_and_archives_together_hold_every_story(limit, total):
    numbers = set(range(max(1, total - limit + 1), total + 1))
    archives = total // channel.PAGE_SIZE
    head = channel.live(PLACE, [story(number) for number in sorted(numbers)], archives=archives)
    while head.prev_archive:
        page = int(re.search(r"/archive/(\d+)\.atom", head.prev_archive["atom"])[1])
        first = (page - 1) * channel.PAGE_SIZE + 1
        numbers |= set(range(first, min(first + channel.PAGE_SIZE, total + 1)))
        head = channel.archive(PLACE, page, [], archives=archives)
    assert numbers == set(range(1, total + 1))


def test_only_the_feed_of_everything_has_archives():
    for place in (replace(PLACE, name="prague"), replace(PLACE, query="tanks")):
        assert not channel.live(place, [story(500)], archives=4).prev_archive


def test_ids_and_addresses_of_outputs():
    named, asked = replace(PLACE, name="prague"), replace(PLACE, query="tanks & co")
    ids = {PLACE.id, named.id, asked.id, replace(named, query="tanks").id}
    assert len(ids) == 4
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert replace(named, base_url="https://moved.example", title="Other").id == named.id
    assert named.url("rss") == "https://news.example.org/feeds/prague.rss"
    assert asked.url("json") == "https://news.example.org/feed.json?q=tanks%20%26%20co"
    assert named.home() == "https://news.example.org/?output=prague"


def test_window_keeps_two_days_when_that_is_more():
    old = [story(number, entered_at=NOW - timedelta(days=9)) for number in range(1, 11)]
    new = [story(number, entered_at=NOW - timedelta(hours=1)) for number in range(11, 21)]
    assert [one.number for one in channel.window(old, 3, NOW)] == [10, 9, 8]
    assert [one.number for one in channel.window([*old, *new], 3, NOW)] == list(range(20, 10, -1))
    assert [one.number for one in channel.window([*old, *new], 12, NOW)] == list(range(20, 8, -1))


def test_arranged_by_date_then_id():
    moment = NOW - timedelta(days=1)
    stories = [story(1, id="b", published=moment), story(2, id="a", published=moment), story(3, published=NOW)]
    assert [one.number for one in channel.arranged(stories)] == [3, 2, 1]


# -- hostile texts

NASTY = st.text(alphabet=st.characters(), max_size=60) | st.sampled_from(
    [
        "]]>",
        "<![CDATA[",
        "&amp;&#0;&#xD800;",
        "\ud800",
        "\udfff\ud83d",
        "\x00\x08\x0b\x0c\x1b[31m",
        "\x85\u2028\u2029\ufeff",
        "\ufffe\uffff",
        "مرحبا \u202eabc",
        "👩‍👩‍👧‍👦 🔥",
        "<script>alert(1)</script>",
        "\"' onload=x",
        "\r\nX-Header: 1",
        "-->",
        "a" * 200,
    ]
)
NASTY_URLS = NASTY | NASTY.map("https://example.org/{}".format) | NASTY.map("https://{}/x".format)
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001 - as it asks
STORIES = st.builds(
    story,
    st.integers(1, 10**4),
    title=NASTY,
    url=NASTY_URLS,
    author=NASTY,
    language=NASTY | st.sampled_from(["en", "pt_BR", "zh-Hant"]),
    direction=st.sampled_from(["", "rtl"]),
    html=NASTY,
    text=NASTY,
    summary=NASTY,
    image=NASTY_URLS,
    tags=st.lists(NASTY, max_size=3).map(tuple),
    categories=st.lists(NASTY, max_size=3).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
    enclosures=st.lists(
        st.builds(Enclosure, url=NASTY_URLS, type=NASTY, length=st.integers(-5, 10**12)), max_size=2
    ).map(tuple),
    source=st.builds(
        Source,
        feed_url=NASTY_URLS,
        name=NASTY,
        title=NASTY,
        site_url=NASTY_URLS,
        feed_id=NASTY_URLS,
        language=NASTY,
        updated=st.none() | MOMENTS,
    ),
    copies=st.lists(st.builds(Copy, url=NASTY_URLS, source=NASTY), max_size=2).map(tuple),
)


@given(STORIES, NASTY)
@effort(max_examples=300)
def test_any_story_gives_valid_feeds(one, title):
    for name, check in CHECKS.items():
        body = rendered(name, one, place=replace(PLACE, title=title, query="ü <"))
        check(body)
        assert not ILLEGAL.search(body.decode())


@given(st.builds(Feed, url=NASTY_URLS, name=NASTY, tags=st.lists(NASTY, max_size=2).map(tuple)), NASTY)
def test_any_feed_gives_valid_opml(feed, text):
    body = opml.render([feed], {feed.url: FeedState(url=feed.url, title=text, site_url=text, language=text)}, text)
    root = etree.fromstring(body)
    assert root.get("version") == "2.0"
    for outline in root.iter("outline"):
        assert absolute(outline.get("xmlUrl"))
        assert outline.get("text").strip()


@pytest.mark.parametrize("name", FORMATS)
def test_a_megabyte_of_text_comes_through_whole(name):
    text = "]]> & <p> é 漢 👍\n" * 60_000
    long = story(1, html=f"<p>{text}</p>", text=text)
    body = rendered(name, long)
    CHECKS[name](body)
    assert body.count("👍".encode()) >= 60_000


def test_opml_lists_feeds_in_order():
    feeds = settings().feeds
    root = etree.fromstring(opml.render(feeds, shelf().states, "My news"))
    outlines = root.findall("body/outline")
    assert [one.get("text") for one in outlines] == [feed.name for feed in feeds]
    assert outlines[0].get("xmlUrl") == "https://courier.example/feed"
    assert outlines[0].get("htmlUrl") == "https://courier.example/"
    assert outlines[1].get("category") == "news,de"
    assert root.findtext("head/title") == "My news"
