"""Parsing only the unknown items gives what parsing the whole gives: over generated feeds and every case file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse import parse, xmlfeed
from aggregator.parse.document import cleaned, unpacked, utf8
from aggregator.parse.incremental import joined, keys, scan, scan_rest, split_marks, split_shared, without

URL = "https://feeds.example/feed.xml"
FEEDS = Path(__file__).parent / "feeds"
CASES = sorted(
    path
    for path in (*FEEDS.glob("*.xml"), *FEEDS.glob("*.rdf"))
    if "error" not in json.loads(path.with_name(path.name + ".expected.json").read_text())
)

WORDS = st.text(st.sampled_from("abcäöß日本 <>&\"'\n;#x123"), max_size=12)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cdata(text):
    return f"<![CDATA[{text.replace(']]>', ']] >')}]]>"


TEXT = WORDS.flatmap(
    lambda text: st.sampled_from([escaped(text), cdata(text), escaped(escaped(text)), cdata(f"<p>{text}</p>")])
)
NUMBER = st.integers(0, 5)
DATES = st.sampled_from(
    ["Mon, 02 Nov 2026 10:00:00 GMT", "2026-11-03T00:00:00Z", "yesterday", "Tue, 03 Nov 2026 10:00:00 +0200"]
)
RUBBISH = st.sampled_from(["", "\n  ", "<!-- <item> <entry> -->", "<?php <item> ?>", "<!--]]>-->", "\t"])
LANGUAGES = st.sampled_from(
    ["", ' xml:lang="de"', ' xml:lang=""', ' xml:base="https://base.example/x/"', ' xml:base="sub/"']
)

RSS_FIELDS = st.one_of(
    TEXT.map("<title>{}</title>".format),
    NUMBER.map("<link>https://e.example/{}?utm_source=rss</link>".format),
    NUMBER.map("<link>story/{}</link>".format),
    NUMBER.map("<guid>{}</guid>".format),
    NUMBER.map('<guid isPermaLink="false">tag:{}</guid>'.format),
    TEXT.map("<description>{}</description>".format),
    TEXT.map("<content:encoded>{}</content:encoded>".format),
    DATES.map("<pubDate>{}</pubDate>".format),
    TEXT.map("<dc:creator>{}</dc:creator>".format),
    TEXT.map("<author>a@b.example ({})</author>".format),
    TEXT.map("<category>{}</category>".format),
    NUMBER.map('<enclosure url="/f{}.mp3" type="audio/mpeg" length="5"/>'.format),
    TEXT.map('<media:content url="/1.jpg"><media:description a="1">{}</media:description></media:content>'.format),
    TEXT.map("<itunes:summary>{}</itunes:summary>".format),
    TEXT.map('<x:thing xmlns:x="urn:unknown"><x:a>{}</x:a></x:thing>'.format),
    TEXT.map('<m:title xmlns:m="http://search.yahoo.com/mrss/">{}</m:title>'.format),
    TEXT.map('<body xmlns="http://www.w3.org/1999/xhtml"><p>In <b>line</b></p>{}</body>'.format),
    TEXT.map("<source url='https://s.example/'>{}</source>".format),
    TEXT.map("<image><url>https://i.example/i.png</url><title>{}</title></image>".format),
    TEXT.map("<unknown a='1'>{}</unknown>".format),
    RUBBISH,
)
ATOM_FIELDS = st.one_of(
    TEXT.map("<title>{}</title>".format),
    TEXT.map('<title type="html">{}</title>'.format),
    NUMBER.map("<id>tag:{}</id>".format),
    NUMBER.map('<link href="https://e.example/{}"/>'.format),
    NUMBER.map('<link rel="enclosure" href="f{}.pdf"/>'.format),
    TEXT.map("<summary>{}</summary>".format),
    TEXT.map('<content type="html" xml:base="https://c.example/">{}</content>'.format),
    TEXT.map(
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><a href="r">x</a>{}</div></content>'.format
    ),
    TEXT.map("<author><name>{}</name><email>a@b.example</email></author>".format),
    TEXT.map("<source><title>{}</title><id>urn:s</id></source>".format),
    NUMBER.map('<category term="t{}"/>'.format),
    st.just("<updated>2026-11-03T00:00:00Z</updated>"),
    TEXT.map("<media:group><media:title>{}</media:title></media:group>".format),
    RUBBISH,
)

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
SHAPES = {
    "rss": (
        "item",
        RSS_FIELDS,
        f'<rss version="2.0" {NAMESPACES}%s><channel%s><title>T</title><link>https://e.example/</link>',
        "</channel></rss>",
    ),
    "atom": (
        "entry",
        ATOM_FIELDS,
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}%s><!--%s--><title>T</title>',
        "</feed>",
    ),
    "rdf": (
        "item",
        RSS_FIELDS,
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f"{NAMESPACES}%s>"
        "<channel%s><title>T</title></channel>",
        "</rdf:RDF>",
    ),
}


@st.composite
def two_documents(draw):
    """Two states of one feed, sharing some items byte for byte."""
    name, fields, head, tail = SHAPES[draw(st.sampled_from(sorted(SHAPES)))]
    opening = st.builds(f"<{name}{{}}>".format, LANGUAGES)
    item = st.builds("{0}{1}</{2}>".format, opening, st.lists(fields, max_size=6).map("".join), st.just(name))
    pool = draw(st.lists(item, min_size=1, max_size=6))
    start = head % (draw(LANGUAGES), "" if name == "entry" else draw(LANGUAGES))
    between = draw(RUBBISH)

    def document(items):
        return ("<?xml version='1.0'?>" + start + between.join(["", *items, ""]) + tail).encode()

    old, new = (draw(st.lists(st.sampled_from(pool), max_size=6)) for _ in range(2))
    return document(old), document(new)


def remembered(items):
    """What ParsedFeed.items holds beside the items: the ids that several stories have."""
    return joined((), split_shared(items))


def told_apart(before, whole, part):
    """No entry lost, none different, none in another order: what was left out is what the earlier parse gave.

    But for its guid: the earlier document may not have shown yet that one guid stands for all items.
    """
    assert part.items == whole.items
    given = [replace(entry, guid="") for entry in before.entries]
    left_out = [entry for entry in whole.entries if entry not in part.entries]
    assert [entry for entry in whole.entries if entry in part.entries] == list(part.entries)
    assert [replace(entry, guid="") for entry in left_out if replace(entry, guid="") not in given] == []
    for field in ("kind", "title", "url", "feed_id", "author", "language", "self_url", "hub_url", "ttl", "dropped"):
        assert getattr(part, field) == getattr(whole, field)


@settings(max_examples=400, deadline=None)
@given(two_documents())
def test_the_unknown_items_alone_give_what_the_whole_gives(documents):
    old, new = documents
    before = parse(old, url=URL)
    part = parse(new, url=URL, known=before.items)
    whole = parse(new, url=URL, known=remembered(part.items))
    told_apart(before, whole, part)


@settings(max_examples=400, deadline=None)
@given(two_documents())
def test_items_that_are_not_read_again_lie_where_a_whole_pass_finds_them(documents):
    old, new = (cleaned(document) for document in documents)
    earlier, whole = scan(old), scan(new)
    marks = dict.fromkeys(keys(old, earlier, b"salt"), b"") if not earlier.error and not earlier.unsafe else {}
    rest = scan_rest(new, b"salt", marks)
    if rest is not None:
        assert replace(rest, keys={}) == whole
        assert keys(new, rest, b"salt") == keys(new, whole, b"salt")
        assert set(rest.keys) <= set(whole.spans)


@settings(max_examples=200, deadline=None)
@given(two_documents())
def test_a_feed_that_did_not_change_has_no_unknown_item(documents):
    whole = parse(documents[0], url=URL)
    again = parse(documents[0], url=URL, known=whole.items)
    assert again.items == whole.items
    if whole.items and bytes(16) not in [whole.items[at : at + 16] for at in range(0, len(whole.items), 16)]:
        assert again.entries == ()
        assert again.unchanged == (len(whole.items) - len(remembered(whole.items))) // 16


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_every_case_file_in_halves(path):
    document = cleaned(utf8(unpacked(path.read_bytes())))
    layout = scan(document)
    if layout.error or layout.unsafe or not layout.spans:
        assert parse(path.read_bytes(), url=URL, known=b"\1" * 16) == parse(path.read_bytes(), url=URL)
        return
    for parity in (0, 1):
        half = without(document, layout.spans[parity::2])
        before = parse(half, url=URL)
        part = parse(document, url=URL, known=before.items)
        whole = parse(document, url=URL, known=remembered(part.items))
        told_apart(before, whole, part)
        assert part.unchanged == sum(1 for key in split_marks(before.items) if any(key))


def rss(*items, head="", root='<rss version="2.0">'):
    return (f"{root}<channel><title>T</title>{head}{''.join(items)}</channel></rss>").encode()


def item(number, title="t", extra=""):
    return f"<item><guid isPermaLink='false'>{number}</guid><title>{title}</title>{extra}</item>"


def test_one_new_of_many():
    before = parse(rss(*(item(number) for number in range(20))), url=URL)
    part = parse(rss(item(20), *(item(number) for number in range(19))), url=URL, known=before.items)
    assert [entry.guid for entry in part.entries] == ["20"]
    assert part.unchanged == 19
    assert len(part.items) == 16 * 20


def test_known_items_are_not_read_again_but_where_they_declare_a_namespace():
    plain, declaring = item(1), item(2, extra='<m:x xmlns:m="http://search.yahoo.com/mrss/">x</m:x>')
    before = parse(rss(plain, declaring), url=URL)
    marks = split_marks(before.items)
    document = cleaned(rss(item(3), plain, declaring))
    rest = scan_rest(document, xmlfeed.salt(URL, ""), marks)
    assert [document[slice(*span)].decode() for span in rest.keys] == [plain]
    assert len(rest.spans) == 3


@pytest.mark.parametrize(
    "quoting",
    [
        "<!-- {} -->",
        "<item><guid isPermaLink='false'>5</guid><title>q</title><description><![CDATA[{}]]></description></item>",
        "<item><guid isPermaLink='false'>5</guid><title>q</title><x>{}</x></item>",
        "<image>{}</image>",
        "<?php {} ?>",
        "<?known-item?>{}",
    ],
)
def test_a_known_item_is_one_only_where_items_stand(quoting):
    before = parse(rss(item(1), item(2)), url=URL)
    for document in (rss(quoting.format(item(1)), item(2)), rss(item(2), quoting.format(item(1)))):
        whole = parse(document, url=URL)
        part = parse(document, url=URL, known=before.items)
        told_apart(before, whole, part)
        assert part.problems == whole.problems


def test_an_item_edited_and_edited_back_is_seen_twice():
    first, second = rss(item(1, "A")), rss(item(1, "B"))
    one = parse(first, url=URL)
    two = parse(second, url=URL, known=one.items)
    three = parse(first, url=URL, known=two.items)
    assert [entry.title for feed in (one, two, three) for entry in feed.entries] == ["A", "B", "A"]


def test_a_second_item_with_a_known_guid_does_not_win():
    before = parse(rss(item(1, "first"), item(0)), url=URL)
    part = parse(rss(item(1, "first"), item(1, "second"), item(0)), url=URL, known=before.items)
    assert part.entries == ()
    after = parse(rss(item(1, "second"), item(0)), url=URL, known=part.items)
    assert [entry.title for entry in after.entries] == ["second"]


def test_one_guid_for_all_stays_told_apart_by_link():
    def same(*numbers):
        return rss(*(item("same", str(number), f"<link>https://e.example/{number}</link>") for number in numbers))

    before = parse(same(1, 2), url=URL)
    part = parse(same(3, 1, 2), url=URL, known=before.items)
    assert [entry.guid for entry in part.entries] == ["https://e.example/3"]


def test_a_guid_that_no_longer_stands_for_all_items_still_tells_nothing():
    before = parse(rss(item("same", "a"), item("same", "b")), url=URL)
    assert len(before.entries) == 2
    after = parse(rss(item("other"), item("same", "c"), item("same", "b")), url=URL, known=before.items)
    assert [entry.title for entry in after.entries] == ["c", "t"]
    assert "same" not in {entry.guid for entry in (*before.entries, *after.entries)}


@pytest.mark.parametrize(
    "changed",
    [
        {"root": '<rss version="2.0" xml:base="https://other.example/">'},
        {"root": '<rss version="2.0" xml:lang="de">'},
        {"url": "https://moved.example/feed.xml"},
    ],
)
def test_what_gives_items_their_meaning_is_part_of_their_hash(changed):
    before = parse(rss(item(1)), url=URL)
    body = rss(item(1), root=changed.get("root", '<rss version="2.0">'))
    assert len(parse(body, url=changed.get("url", URL), known=before.items).entries) == 1


@pytest.mark.parametrize("change", ["<lastBuildDate>Mon, 02 Nov 2026 10:00:00 GMT</lastBuildDate>", "<!-- 0.1 s -->"])
def test_a_changed_head_alone_gives_no_entries(change):
    before = parse(rss(item(1)), url=URL)
    assert parse(rss(item(1), head=change), url=URL, known=before.items).entries == ()


@pytest.mark.parametrize(
    "document",
    [
        rss(item(1), item(2)) + b"<junk",
        rss(item(1, extra="<item><title>inner</title></item>"), item(2)),
        rss(item(1), "<item/>"),
        b"<rss version='2.0'><channel><title>T</title></channel>" + item(1).encode() + b"</rss>",
        b"<rss version='2.0'><channel>"
        + item(1).encode()
        + b"</channel><channel a='1'>"
        + item(2).encode()
        + b"</channel></rss>",
        b"<!DOCTYPE rss [<!ENTITY e 'x'>]>" + rss(item(1), item(2)),
        rss(item(1, extra="<x:a xmlns:x='urn:x'>1</x:a>"), item(2)),
        rss(
            item(1, extra="<m:title xmlns:m='http://search.yahoo.com/mrss/'/>"), item(2, extra="<m:a xmlns:m='urn:m'/>")
        ),
        rss(item(1).replace("<item>", "<item xmlns='urn:foreign'>"), item(2)),
    ],
)
def test_an_unsafe_document_is_parsed_whole(document):
    whole = parse(document, url=URL)
    assert len(whole.entries) >= 1
    again = parse(document, url=URL, known=whole.items)
    assert again.entries == whole.entries or again.problems == whole.problems
    if not document.endswith(b"<junk"):
        assert again.entries == whole.entries
        assert again.unchanged == 0
        assert "always parsed whole" in " ".join(again.problems)


def test_known_bytes_from_elsewhere_know_nothing():
    for known in (b"x", b"x" * 16, bytes(16), b"\xff" * 33):
        assert len(parse(rss(item(1)), url=URL, known=known).entries) == 1


def test_json_items_are_known_whatever_the_order_of_their_members():
    head = '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[%s]}'
    before = parse((head % '{"id":"1","content_text":"a"}').encode(), url=URL)
    part = parse(
        (head % '{"content_text":"a","id":"1"},{"id":"2","content_text":"b"}').encode(), url=URL, known=before.items
    )
    assert [entry.guid for entry in part.entries] == ["2"]
    assert part.unchanged == 1
