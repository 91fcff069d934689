"""Texts of strangers in every field: each format stays valid, and nothing is lost of a long one."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from demo import PLACE, rendered, story
from feedrules import CHECKS, absolute
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Copy, Enclosure, Feed, FeedState, Source
from aggregator.publish import FORMATS, opml

ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

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
