"""What a page says of its article, from each place it can say it, and that nothing is made up where it says nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean import authors, dates, language, metadata, titles
from aggregator.clean.decoding import parsed
from aggregator.model import Entry

URL = "https://www.example.org/2023/stories/bridge"


def read(head="", body="", url=URL, entry=None, lang="en"):
    tree = parsed(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return metadata.read(tree, url=url, entry=entry)


def json_ld(content):
    return f'<script type="application/ld+json">{content}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>The bridge opens | Example News</title>", "<h1>The bridge opens</h1>", "The bridge opens"),
        ("<title>The bridge opens | Example News</title>", "", "The bridge opens"),
        ("<title>Example: The bridge opens today</title><meta property=og:title content='The bridge opens today'>",
         "<h1>Example</h1><h2>Menu</h2>", "The bridge opens today"),
        ("<title>The bridge opens - Example</title>", "<h1>Example</h1><h1>The bridge opens</h1>", "The bridge opens"),
        ("<meta property=og:title content='Bridge opens: what to know'>", "<h1>Subscribe to our newsletter</h1>",
         "Bridge opens: what to know"),
        ("<title>Nord - Süd – eine Brücke – Example News</title><meta property=og:site_name content='Example News'>",
         "",
         "Nord - Süd – eine Brücke"),
        ("<title>Rock &amp; roll | A history | Example</title>", "<h1>Rock &amp; roll | A history</h1>",
         "Rock & roll | A history"),
        (json_ld('{"@type":"NewsArticle","headline":"From the data"}'), "", "From the data"),
        ("<title>橋が開通した - 例新聞</title><meta property=og:site_name content='例新聞'>",
         "<h1>橋が開通した</h1>", "橋が開通した"),
        ("", "<p>no title at all</p>", ""),
    ],
)  # fmt: skip
def test_titles(head, body, title):
    assert read(head, body).title == title


def test_the_feeds_title_decides_among_headlines():
    entry = Entry(guid="1", title="The bridge opens at last")
    body = "<h1>Most read this week in town</h1><h1>The bridge opens, at last</h1>"
    assert read("", body, entry=entry).title == "The bridge opens, at last"
    assert read("<title>Just a moment...</title>", "", entry=entry).title == "The bridge opens at last"


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        (json_ld('{"@type":"NewsArticle","author":{"@type":"Person","name":"Jane Doe"}}'), "", "Jane Doe"),
        (json_ld('{"@type":"BlogPosting","author":["Jane Doe",{"name":"John Roe"}]}'), "", "Jane Doe, John Roe"),
        (json_ld('{"@graph":[{"@type":"Article","author":{"@id":"#p"}},{"@id":"#p","name":"Jane Doe"}]}'),
         "", "Jane Doe"),
        (json_ld('{"@type":"NewsArticle","author":{"@type":"Person","name":"Jane Doe"},}'), "", "Jane Doe"),
        (json_ld('{"@type":"NewsArticle", broken "author": {"@type": "Person", "name": "Jane Doe"}'), "", "Jane Doe"),
        ("<meta name=author content='By Jane Doe'>", "", "Jane Doe"),
        ("<meta name=author content='jane@example.org'>", "", ""),
        ("<meta property=article:author content='https://facebook.com/jane'>", "", ""),
        ("<meta name=author content='Example News'><meta property=og:site_name content='Example News'>",
         "<h1>T</h1><p class=byline>By Jane Doe</p>", "Jane Doe"),
        ("", "<h1>T</h1><p>By <a rel=author href=/x>Jane Doe</a></p>", "Jane Doe"),
        ("", "<h1>T</h1><p>Written by</p><p>Jane Doe</p>", "Jane Doe"),
        ("", "<h1>T</h1><p>Von Jörg Weißmüller</p>", "Jörg Weißmüller"),
        ("", "<h1>T</h1><p>Par Hélène Dubois et Luc Martin</p>", "Hélène Dubois et Luc Martin"),
        ("", "<h1>T</h1><div class=author-name>Jane Doe, PhD</div>", "Jane Doe, PhD"),
        ("", "<h1>T</h1><p>By Jane Doe, Senior Editor | 5 March 2024 | 4 min read</p>", "Jane Doe"),
        ("", "<h1>T</h1><p>By the time the bridge opened, everybody had forgotten about it.</p>", ""),
        ("", "<h1>T</h1><aside><a rel=author href=/y>Someone Else</a></aside>" + "<p>text</p>" * 200
         + "<div class='related'><a rel=author href=/z>Other Person</a></div>", "Someone Else"),
    ],
)  # fmt: skip
def test_authors(head, body, author):
    assert read(head, body).author == author


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (json_ld('{"@type":"NewsArticle","datePublished":"2024-03-05T10:00:00+01:00"}'), "",
         "2024-03-05T10:00:00+01:00"),
        ("<meta property=article:published_time content='2024-03-05T10:00:00Z'>", "", "2024-03-05T10:00:00+00:00"),
        ("", "<h1>T</h1><time datetime='2024-03-05'>yesterday</time>", "2024-03-05T00:00:00+00:00"),
        ("", "<h1>T</h1><p>Published on March 5th, 2024 by Jane</p>", "2024-03-05T00:00:00+00:00"),
        ("", "<h1>T</h1><p class=date>5. März 2024</p>", "2024-03-05T00:00:00+00:00"),
        ("", "<h1>T</h1><p>Updated 9 March 2024</p><p>5 March 2024</p>", "2024-03-05T00:00:00+00:00"),
        ("", "<h1>T</h1><p>It was closed on 1 May 2020.</p><p>Fay Meadows | 5 March 2024 | City</p>",
         "2024-03-05T00:00:00+00:00"),
        ("", "<span itemprop=datePublished content=2024-03-05>x</span>", "2024-03-05T00:00:00+00:00"),
        # what a CMS prints into JSON-LD in words is often the day of the last build
        (json_ld('{"@type":"BlogPosting","datePublished":"Nov 21, 2025"}'), "<h1>T</h1><p>August 25, 2024</p>",
         "2024-08-25T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_dates_of_pages(head, body, published):
    assert read(head, body).published == datetime.fromisoformat(published)


def test_the_day_in_the_address_is_used_for_want_of_another():
    assert read(url="https://example.org/2024/03/05/bridge").published == datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        "<h1>T</h1><p>In the spring of 12 May 1911 the old bridge was opened by the king himself, in front of a crowd"
        " that had come from all over the country to see it.</p>",
        "<h1>T</h1><footer>Copyright 2024 Example</footer>",
        "<h1>T</h1>" + "<p>text</p>" * 200 + "<aside class=related><time datetime=2024-03-05>5 March</time></aside>",
        "<h1>T</h1><p>no date anywhere</p>",
    ],
)
def test_no_date_is_made_up(body):
    assert read(body=body).published is None


def test_the_feeds_words_fill_gaps_only():
    entry = Entry(guid="1", author="Fay Meadows", published=datetime(2020, 1, 1, tzinfo=UTC))
    bare = read(entry=entry)
    assert (bare.author, bare.published) == ("Fay Meadows", entry.published)
    said = read("<meta name=author content='Paige Turner'><meta name=date content=2024-03-05>", entry=entry)
    assert (said.author, said.published) == ("Paige Turner", datetime(2024, 3, 5, tzinfo=UTC))


def test_the_rest_of_what_pages_state():
    found = read(
        "<meta property=og:image content=/i.jpg><meta property=og:site_name content='Example News'>"
        "<meta name=description content='About a bridge.'><link rel=canonical href='/stories/bridge'>"
        + json_ld(
            '{"@type":"NewsArticle","datePublished":"2024-03-05","dateModified":"2024-03-07",'
            '"isAccessibleForFree":"False","hasPart":[{"isAccessibleForFree":false,"cssSelector":".paid"}]}'
        )
    )
    assert found.image == "https://www.example.org/i.jpg"
    assert found.site_name == "Example News"
    assert found.description == "About a bridge."
    assert found.canonical_url == "https://www.example.org/stories/bridge"
    assert found.modified == datetime(2024, 3, 7, tzinfo=UTC)
    assert (found.free, found.paid_selectors) == (False, (".paid",))
    assert found.language == "en"


def test_a_canonical_address_of_the_front_page_is_not_the_articles():
    assert read("<link rel=canonical href='https://www.example.org/'>").canonical_url == URL


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("March 5, 2024", (2024, 3, 5)), ("5 Mar 2024", (2024, 3, 5)), ("5th of March 2024", (2024, 3, 5)),
        ("5 de marzo de 2024", (2024, 3, 5)), ("5 mars 2024", (2024, 3, 5)), ("5 août 2023", (2023, 8, 5)),
        ("17 grudnia 2025", (2025, 12, 17)), ("5 мая 2022 г.", (2022, 5, 5)), ("2024年3月5日", (2024, 3, 5)),
        ("2024년 3월 5일", (2024, 3, 5)), ("05.03.2024", (2024, 3, 5)), ("3/5/2024", (2024, 3, 5)), ("25/3/2024", (2024,
         3, 25)),
        ("2024-03-05", (2024, 3, 5)), ("20240305", (2024, 3, 5)), ("2024/3/5", (2024, 3, 5)), ("12. července 2021",
         (2021, 7, 12)),
        ("3 listopada 2020", (2020, 11, 3)), ("Tue, 05 Mar 2024 10:00:00 GMT", (2024, 3, 5)),
        ("Sat, 20 Dec, 2025 - 06:36", (2025, 12, 20)),
    ],
)  # fmt: skip
def test_dates_in_words(text, day):
    found = dates.stated(text)
    assert found is not None
    assert (found.year, found.month, found.day) == day


@pytest.mark.parametrize(
    "text", ["", "2024", "March 2024", "99.99.2024", "1.2.3.4", "in 1234", "31 February 2024", "0000-00-00"]
)
def test_what_is_no_date(text):
    assert dates.stated(text) is None


def test_offsets_are_kept():
    found = dates.stated("2024-03-05T10:20:30.123-0730")
    assert found is not None
    assert found.utcoffset() == -timedelta(hours=7, minutes=30)
    assert dates.stated("2024-03-05T10:20:30+99:00") is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=100))
def test_no_text_breaks_the_readers(text):
    found = dates.stated(text)
    assert found is None or found.tzinfo is not None
    assert authors.joined([text]) == ", ".join(authors.split(authors.joined([text]))) or authors.joined([text])
    assert isinstance(titles.best([text], [text], [text]), str)
    assert language.code(text) == language.code(language.code(text))


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("en_US", "en-US"),
        ("de", "de"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("en-us, de", "en-US"),
        ("english!", ""),
        ("", ""),
    ],
)
def test_language_tags(declared, tag):
    assert language.code(declared) == tag


GERMAN = "Die Brücke ist nach langer Zeit wieder offen und das ist für die Stadt nicht nur ein Fest, " * 4
ENGLISH = "The bridge is open again and that is a day for the town to remember with its people and guests, " * 4


@pytest.mark.parametrize(
    ("text", "page", "feed", "told"),
    [
        (GERMAN, "de-AT", "", "de-AT"),
        (GERMAN, "en", "de", "de"),  # a template's lang that nobody changed
        (GERMAN, "en-US", "", "de"),
        (ENGLISH, "", "en", "en"),
        ("これは橋についての記事です。" * 10, "en", "", "ja"),
        ("short", "pt-br", "", "pt-BR"),
        ("", "", "", ""),
    ],
)
def test_the_language_is_declared_unless_the_text_denies_it(text, page, feed, told):
    assert language.settled(text, page=page, feed=feed) == told


def test_direction():
    assert language.direction("", "ar", "نص عربي") == "rtl"
    assert language.direction("rtl", "en", ENGLISH) == ""
    assert language.direction("ltr", "he", "") == ""
    assert language.direction("", "en", ENGLISH) == ""
