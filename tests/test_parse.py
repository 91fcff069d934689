"""aggregator.parse: every case file beside its expected result, limits, hostile input, and properties of any bytes."""

import dataclasses
import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import ParsedFeed
from aggregator.parse import FeedLink, entries, find_feeds, parse, plain

CASES = sorted(path for path in (Path(__file__).parent / "feeds").iterdir() if not path.name.endswith(".expected.json"))
URL = "https://feeds.example/dir/feed.xml"
SY = 'xmlns:u="http://purl.org/rss/1.0/modules/syndication/"'
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
STRANGE = (
    r"< > & &#0; &#xD800; &nbsp; ]]> <![CDATA[ <!-- <?x <item> </item> <entry/> <channel> </channel> <rss> </rss> "
    r"<html> <a:b> ' <author>a@b <link> <guid> { \ud800 /> &a; xml:base='/x' xmlns='u' <content <source> <title>"
)
DIRT = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([word.encode() for word in re.split(" ", STRANGE)]),
    st.sampled_from([b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\x1f\x8b", b"<!DOCTYPE x [", b'<!ENTITY a "b">']),
)


def stated(value):
    """A frozen value as JSON, without what is empty, what is opaque, and what only says how it was parsed."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: stated(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: each for name, each in fields.items() if each not in ("", 0, None, [], b"") and name != "text"}
    if isinstance(value, tuple):
        return [stated(each) for each in value]
    if isinstance(value, datetime):
        assert value.tzinfo is UTC
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.0f} s"
    return None if isinstance(value, bytes) else value


def attempt(body, **options):
    try:
        return parse(body, url=URL, **options)
    except ParseError as error:
        return error


def outcome(body):
    found = attempt(body)
    return {"error": found.error_class, "message": found.message} if isinstance(found, ParseError) else stated(found)


def rss(*items, head=""):
    return f'<rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'.encode()


def only(body, **options):
    (entry,) = parse(body, url=URL, **options).entries
    return entry


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_case(path):
    expected = json.loads(path.with_name(path.name + ".expected.json").read_text(encoding="utf-8"))
    assert outcome(path.read_bytes()) == expected


def check(body, **options):
    """Whatever the bytes: a feed that is what every feed must be, or an error that says what."""
    feed = attempt(body, **options)
    if isinstance(feed, ParseError):
        assert feed.error_class in {"not_a_feed", "parse_error", "encoding"}
        assert "\n" not in feed.message
        return
    assert isinstance(feed, ParsedFeed)
    guids = [entry.guid for entry in feed.entries]
    assert len(set(guids)) == len(guids)
    for entry in feed.entries:
        assert 0 < len(entry.guid.encode()) <= 1000
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        for text in (entry.guid, entry.title, entry.author, entry.summary, entry.content, entry.text):
            assert not ILLEGAL.search(text)
        assert not re.search(r"[\n\r\t]", entry.title + entry.author + "".join(entry.categories))
        assert entry.published is None or 1995 <= entry.published.year <= 2100
        assert len(entry.hash) == 16


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_case_cut_off_anywhere_raises_nothing_strange(path):
    body = path.read_bytes()
    for end in range(0, len(body), max(1, len(body) // 40)):
        check(body[:end])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_a_case_with_strange_bytes_in_it_raises_nothing_strange(path, data):
    body = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body = body[:at] + data.draw(DIRT) + body[at + data.draw(st.integers(0, 30)) :]
    check(body, content_type=data.draw(st.sampled_from(["", "text/xml; charset=koi8-r", "a;charset=zlib", ";;="])))


@given(st.one_of(st.binary(), st.lists(DIRT, max_size=12).map(b"".join)))
def test_any_bytes_raise_nothing_strange(body):
    check(body)


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("title", entries.TITLE),
        ("author", entries.AUTHOR),
        ("description", entries.CONTENT),
        ("category", entries.CATEGORY),
    ],
)
def test_long_fields_are_cut(field, limit):
    entry = only(rss(f"<item><link>https://e.example/</link><{field}>{'x' * 600_000}</{field}></item>"))
    value = {"description": entry.summary, "category": "".join(entry.categories)}.get(field) or getattr(
        entry, field, ""
    )
    assert len(value) <= limit
    assert len(entry.text) <= entries.TEXT


def test_a_long_guid_becomes_its_hash_and_stays_the_same():
    one, other = (
        only(rss(f"<item><guid isPermaLink='false'>{'g' * 10**6}{end}</guid><title>t</title></item>")) for end in "ab"
    )
    assert one.guid.startswith("urn:blake2b:")
    assert one.guid == only(rss(f"<item><guid isPermaLink='false'>{'g' * 10**6}a</guid><title>new</title></item>")).guid
    assert one.guid != other.guid


def test_a_long_link_is_left_out_with_the_entry_kept():
    assert only(rss(f"<item><title>t</title><link>https://e.example/{'l' * 10**6}</link></item>")).url == ""


def test_cut_content_does_not_end_within_a_tag():
    markup = "x" * (entries.CONTENT - 10) + '&lt;a href="https://e.example/long"&gt;link&lt;/a&gt;'
    assert only(rss(f"<item><description>{markup}</description></item>")).summary == "x" * (entries.CONTENT - 10)


def test_numbers_of_categories_and_enclosures_are_bounded():
    parts = "".join(f"<category>c{n}</category><enclosure url='/{n}.mp3'/>" for n in range(500))
    entry = only(rss(f"<item>{parts}</item>"))
    assert len(entry.categories) == entries.CATEGORIES
    assert len(entry.enclosures) == entries.ENCLOSURES


def dated(number):
    date = f"<pubDate>{number:02} Nov 2026 00:00:00 GMT</pubDate>"
    return f"<item><title>t</title><guid isPermaLink='false'>{number}</guid>{date}</item>"


@pytest.mark.parametrize("order", [range(9, 0, -1), range(1, 10)])
def test_the_newest_are_kept_and_the_oldest_come_first(order):
    feed = parse(rss(*map(dated, order)), url=URL, max_entries=3)
    assert [entry.guid for entry in feed.entries] == ["7", "8", "9"]
    assert feed.dropped == 6


def test_the_cap_holds_for_broken_xml_and_json_too():
    items = [f"<item><title>{n}</title></item>" for n in range(9)]
    broken = parse(rss(*items, "<b>"), url=URL, max_entries=3)
    assert [entry.title for entry in broken.entries] == ["2", "1", "0"]
    assert broken.dropped == 6
    listed = ",".join(f'{{"id": {n}, "content_text": "x"}}' for n in range(9))
    feed = parse(f'{{"items": [{listed}]}}'.encode(), max_entries=3)
    assert [entry.guid for entry in feed.entries] == ["2", "1", "0"]
    assert feed.dropped == 6


def test_a_body_that_is_gzip_is_unpacked_within_bounds():
    body = rss("<item><title>t</title></item>")
    assert only(gzip.compress(body)).title == "t"
    for bad in (gzip.compress(body)[:-20], b"\x1f\x8b" + b"x" * 50, gzip.compress(bytes(64 * 2**20))):
        with pytest.raises(ParseError) as raised:
            parse(bad)
        assert raised.value.error_class == "parse_error"


@pytest.mark.parametrize(
    ("content_type", "coding", "declared"),
    [
        ("application/rss+xml; charset=iso-8859-1", "utf-8", 'encoding="utf-8"'),
        ("text/xml", "utf-8", ""),
        ('text/xml; charset="windows-1251"', "cp1251", ""),
        ("text/xml; charset=iso-8859-1", "koi8-r", 'encoding="koi8-r"'),
        ("application/xml; charset=x-klingon", "utf-8", 'encoding="x-klingon"'),
        ("text/xml; charset=unicode_escape", "utf-8", 'encoding="utf-7"'),
        ("", "utf-16-le", 'encoding="utf-16"'),
        ("", "utf-32", 'encoding="utf-32"'),
        ("", "utf-8-sig", ""),
    ],
)
def test_character_sets(content_type, coding, declared):
    declaration = f"<?xml version='1.0' {declared}?>" if declared else ""
    text = declaration + rss("<item><title>Привет</title></item>").decode()
    assert only(text.encode(coding), content_type=content_type).title == "Привет"


def test_utf7_makes_no_markup():
    body = b'<?xml version="1.0" encoding="utf-7"?>' + rss("<item><title>+ADw-script+AD4-</title></item>")
    assert only(body, content_type="text/xml; charset=utf-7").title == "+ADw-script+AD4-"


def test_references_to_no_character_lose_no_entry_even_in_broken_xml():
    bad = "<item><title>x&#xD800;&#1114112;&#xFFFFFFFFFF;y</title><b></item>"
    feed = parse(rss(bad, "<item><title>other</title></item>"), url=URL)
    assert [entry.title for entry in feed.entries] == ["other", "xy"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<item " + " ".join(f'a{n}="1"' for n in range(100_000)) + "><title>t</title></item>",
        "<item " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(20_000)) + "><title>t</title></item>",
        "<item>" + "<a>" * 100_000 + "</a>" * 100_000 + "</item>",
    ],
    ids=["attributes", "namespaces", "nesting"],
)
def test_floods_are_refused(hostile):
    with pytest.raises(ParseError) as raised:
        parse(rss(hostile), url=URL)
    assert raised.value.error_class == "parse_error"


def test_an_author_made_for_a_quadratic_expression_is_left_out():
    entry = only(rss(f"<item><title>t</title><author>a@{'a.' * 100_000}!</author></item>"))
    assert (entry.title, entry.author) == ("t", "")


def test_what_feedparser_raises_on_is_a_broken_feed():
    body = '<r:RDF xmlns:r="a\xa0b"><item><title>t</title></item></r:RDF>'.encode()
    with pytest.raises(ParseError, match="can't be parsed: ValueError") as raised:
        parse(body)
    assert raised.value.error_class == "parse_error"


def test_external_entities_are_not_read():
    body = b'<!DOCTYPE rss [\n<!ENTITY f SYSTEM "file:///etc/hostname">\n]>' + rss("<item><title>x&f;x</title></item>")
    assert only(body).title in {"xx", "x&f;x"}


def test_a_body_that_is_an_address_or_a_path_is_no_feed():
    for body in (b"http://127.0.0.1:1/feed", b"/etc/passwd"):
        with pytest.raises(ParseError) as raised:
            parse(body)
        assert raised.value.error_class == "not_a_feed"


BASE_ITEM = (
    "<item><guid>https://e.example/1</guid><title>Title</title><link>https://e.example/1?utm_source=a</link>"
    "<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><enclosure url='https://e.example/1.mp3?token=1'/>"
    "<description><![CDATA[<p class='a'>Some <b>text</b> <a href='https://e.example/x'>link</a></p>"
    "<img src='https://i.example/1.jpg?sig=1'>]]></description></item>"
)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Mon, 02", "Tue, 03", True),
        ("utm_source=a", "utm_source=b", True),
        ("token=1", "token=2", True),
        ("class='a'", "class='b' id='c'", True),
        ("jpg?sig=1", "jpg?sig=2", True),
        ("https://", "http://", True),
        ("<b>text</b>", "<i>text</i>", True),
        ("example/x'", "example/x?fbclid=1'", True),
        ("Title", "Titel", False),
        ("text", "words", False),
        ("example/x'", "example/y'", False),
        ("1.jpg", "2.jpg", False),
        ("1.mp3", "2.mp3", False),
        ("/1?utm", "/2?utm", False),
    ],
)
def test_the_hash_is_of_what_a_reader_sees(before, after, same):
    changed = BASE_ITEM.replace(before, after)
    assert changed != BASE_ITEM
    assert (only(rss(BASE_ITEM)).hash == only(rss(changed)).hash) is same


def test_text_is_the_plain_text_of_the_longer_field():
    entry = only(rss("<item><description>short &amp;lt; &lt;b&gt;one&lt;/b&gt;</description></item>"))
    assert entry.text == "short < one"


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>" + "9" * 500 + "</ttl>", None),
        ("<ttl>999999</ttl>", timedelta(days=366)),
        (f"<u:updatePeriod {SY}>weekly</u:updatePeriod>", timedelta(weeks=1)),
        (
            f"<u:updatePeriod {SY}>daily</u:updatePeriod><u:updateFrequency {SY}>0</u:updateFrequency>",
            timedelta(days=1),
        ),
        (f"<ttl>5</ttl><u:updatePeriod {SY}>hourly</u:updatePeriod>", timedelta(hours=1)),
    ],
)
def test_the_interval_that_a_feed_wishes(head, ttl):
    assert parse(rss(head=head), url=URL).ttl == ttl


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain &amp; simple", "plain & simple"),
        ("<p>One</p><p>Two<br>three<br><br>four</p>", "One\n\nTwo three\n\nfour"),
        ("a<script>alert('<p>')</script>b<style>x{}</style>c<!-- no > --> d", "abc d"),
        ("<ul><li>x<li>y</ul>", "x\n\ny"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("<a title='a>b' href=x>link</a>", "link"),
        ("&lt;b&gt;shown&lt;/b&gt;", "<b>shown</b>"),
        ("wo<b>rd</b>&nbsp;&#8212;&#1;", "word —"),
        ("<![CDATA[inside]]>after", "inside"),
        ("<!-- never closed <p>x</p>", ""),
        ("smart \x93quotes\x94\x00", "smart “quotes”"),
        ("<ruby>橋<rp>(</rp><rt lang=ja>はし</rt><rp>)</rp></ruby>を渡る", "橋を渡る"),
        ("<RUBY><rb>漢<rt>かん<rb>字<rt>じ</RUBY>と<ruby>名<rt>めい<p>後</p>", "漢字と名\n\n後"),
        ("how <rt>one</rt> is used", "how one is used"),
    ],
)
def test_plain(markup, text):
    assert plain(markup) == text


def test_a_titles_readings_are_no_part_of_it():
    word = "<ruby>橋<rp>(</rp><rt>はし</rt><rp>)</rp></ruby>を渡る"
    for written in (f"<![CDATA[{word}]]>", word.replace("<", "&lt;")):
        assert only(rss(f"<item><title>{written}</title></item>")).title == "橋を渡る"
    assert only(rss("<item><title>How &lt;rt&gt; is used</title></item>")).title == "How <rt> is used"


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "<p", "<!--", "-->", "'", '"', "&#x", "&amp;", "</", "a", " ", "<script>", "\x00", "\ud800"]
        )
    )
)
def test_plain_takes_anything(parts):
    assert not ILLEGAL.search(plain("".join(parts)))


PAGE = b"""<!doctype html><html><head><base href="/x/">
<link rel=alternate type="application/rss+xml" title="A &amp; B" href="/feed">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
<link rel="alternate" type="text/xml+oembed" href="/oembed">
<link rel="alternate stylesheet" type="text/css" href="/feed.css">
<link href="https://a.example/atom.xml" type="application/atom+xml; charset=utf-8" rel="ALTERNATE">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
</head><a href="/blog/rss.xml">News</a><a href=about>x</a><!-- <a href=/rss> --> <a href="feed/"><b>F</b></a>
<a href="/seafeed">no</a><a href="/feed">again</a>"""


def test_feeds_of_a_page():
    assert find_feeds(PAGE, "https://e.example/dir/page") == (
        FeedLink(url="https://e.example/feed", title="A & B", type="rss"),
        FeedLink(url="https://a.example/atom.xml", title="", type="atom"),
        FeedLink(url="https://e.example/blog/rss.xml", title="News", type=""),
        FeedLink(url="https://e.example/x/feed/", title="", type=""),
        FeedLink(url="https://e.example/comments/feed", title="Comments", type="rss"),
    )


def test_feeds_of_a_page_are_bounded():
    page = b"".join(b"<a href='/%d/rss.xml'>" % number for number in range(1000))
    assert len(find_feeds(page, "https://e.example/")) == 20


@given(st.lists(st.sampled_from([PAGE[n : n + 30] for n in range(0, len(PAGE), 10)])), st.text())
def test_no_page_makes_the_search_raise(parts, url):
    for feed in find_feeds(b"".join(parts), url):
        assert feed.url.startswith(("http://", "https://"))


def test_of_a_feed_that_breaks_off_no_half_entry_is_read():
    """Its beginning would pass for an edit of the entry that was whole yesterday."""
    whole = (
        b"<rss version='2.0'><channel><title>T</title><item><title>One</title><guid>1</guid>"
        b"<description>The words of one</description></item><item><title>Two</title><guid>2</guid>"
        b"<description>The words of two</description></item></channel></rss>"
    )
    first, second = whole.index(b"</item>"), whole.rindex(b"</item>")
    for end in range(whole.index(b"<item>") + 6, len(whole)):
        try:
            read = [entry.text for entry in parse(whole[:end], url="https://e.example/").entries]
        except ParseError:
            read = []
        wanted = [] if end < first + 7 else ["The words of one"]
        assert sorted(read) == (wanted if end < second + 7 else ["The words of one", "The words of two"]), end
