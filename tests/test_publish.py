"""Each format against the rules of its specification, and against what a reader makes of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from demo import INSTANCE, NOW, rendered, settings, shelf, story
from feedrules import ATOM, CHECKS, CONTENT, DC, LANG, MEDIA, check_atom, check_json, check_rss
from lxml import etree

from aggregator.model import Copy, Enclosure, Feed, Source
from aggregator.publish import FORMATS, channel, notation, opml

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


def test_links_come_without_tracking_and_ids_as_they_were():
    tracked = "https://example.org/1?utm_source=rss&id=7"
    twice = (Copy(url="https://b.example/?gclid=1", source="B"), Copy(url="https://b.example/?gclid=2", source="B"))
    places = (Copy(url="https://example.org/1?id=7&fbclid=x"), *twice)
    told = story(1, url=tracked, id=tracked, copies=places)
    entry = check_atom(rendered("atom", told)).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}link").get("href") == "https://example.org/1?id=7"
    assert entry.findtext(f"{ATOM}id") == tracked
    assert entry.findtext(f"{ATOM}content").count("https://b.example/") == 1
    item = check_rss(rendered("rss", told)).find("item")
    assert item.findtext("link") == "https://example.org/1?id=7"
    assert (item.findtext("guid"), item.find("guid").get("isPermaLink")) == (tracked, "false")
    written = check_json(rendered("json", told))["items"][0]
    assert (written["id"], written["url"]) == (tracked, "https://example.org/1?id=7")
    assert written["_also_in"] == {"https://b.example/": "B"}


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
    alike = check_atom(rendered("atom", story(1), story(2)))
    assert alike.get(LANG) == "en"
    assert [entry.get(LANG) for entry in alike.findall(f"{ATOM}entry")] == [None, None]
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
    untitled = story(1, author="", source=Source(feed_url="https://e.example/feed"))
    assert check_rss(rendered("rss", untitled)).findtext(f"item/{DC}creator") == "https://e.example/feed"


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


def test_opml_lists_feeds_in_order():
    feeds = settings().feeds
    root = etree.fromstring(opml.render(feeds, shelf().states, "My news"))
    outlines = root.findall("body/outline")
    assert [one.get("text") for one in outlines] == [feed.name for feed in feeds]
    assert outlines[0].get("xmlUrl") == "https://courier.example/feed"
    assert outlines[0].get("htmlUrl") == "https://courier.example/"
    assert outlines[1].get("category") == "news,de"
    assert root.findtext("head/title") == "My news"
