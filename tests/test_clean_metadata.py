"""What a page says of its article is weighed against what it shows: dates, authors, titles."""

from datetime import UTC, datetime

import pytest

from aggregator.clean import dates, metadata
from aggregator.clean.decoding import parsed
from aggregator.model import Entry

URL = "https://news.example.org/city/story"
TEXT = "<p>The first paragraph of the story, which is long enough to be one.</p>" * 6


def read(body: str, head: str = "", *, url: str = URL, entry: Entry | None = None, lang: str = "en") -> metadata.Found:
    tree = parsed(f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return metadata.read(tree, url=url, entry=entry)


def day(found: metadata.Found) -> str:
    return found.published.date().isoformat() if found.published else ""


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def story(beside: str = "", after: str = "") -> str:
    return f"<main><article><h1>The bridge is open again</h1>{beside}{TEXT}</article>{after}</main>"


ARTICLE = ld(
    '{"@type":"NewsArticle","datePublished":"2021-03-04T23:30:00-05:00","dateModified":"2024-06-07T08:00:00Z"}'
)
META = '<meta property="article:published_time" content="2021-03-04T23:30:00-05:00">'


@pytest.mark.parametrize(
    ("beside", "head", "expected"),
    [
        ("", META, "2021-03-04"),  # in the page's own zone
        ("", ARTICLE, "2021-03-04"),
        ("<p class=meta>Published 4 March 2021</p>", ARTICLE, "2021-03-04"),
        ("<p>5 March 2021</p>", ARTICLE, "2021-03-04"),  # one moment, two zones
        # a story that was written anew long after, and shows that day alone
        ("<p>Updated June 7, 2024</p>", ARTICLE, "2024-06-07"),
        ("<p>Last updated: <time datetime=2024-06-07>June 7, 2024</time></p>", ARTICLE, "2024-06-07"),
        ("<p>Updated June 7, 2024</p>", META, "2021-03-04"),  # what is written for sharing stands
        ("<p>Updated 20 March 2021</p>", ARTICLE, "2021-03-04"),  # a correction
        ("<p>Published March 4, 2021. Updated June 7, 2024</p>", ARTICLE, "2021-03-04"),
        ("<p>Updated June 7, 2024 | Published March 4, 2021</p>", ARTICLE, "2021-03-04"),
        # a date that stands alone beside the headline is what readers take the story to be of
        ("<div class=date>7 June 2024</div>", ARTICLE, "2024-06-07"),
        ("<div class=date>7 June 2024</div>", META + ARTICLE, "2021-03-04"),
        # one that is neither the shared one nor the last change's was set by hand
        ("<div class=date>9 May 2020</div>", META + ARTICLE, "2020-05-09"),
        ("<div class=date>9 May 2020</div>", META, "2021-03-04"),
        ("<aside><div class=date>7 June 2024</div></aside>", ARTICLE, "2021-03-04"),
        ("<div class='related'><div><span class=date>7 June 2024</span></div></div>", ARTICLE, "2021-03-04"),
        ("<p>The dam broke on 1 May 1995.</p>", ARTICLE, "2021-03-04"),
        ("<time datetime='2024-06-07T10:00+02:00'>Friday</time>", ARTICLE, "2024-06-07"),
    ],
)
def test_a_machines_date_against_the_one_shown(beside, head, expected):
    assert day(read(story(beside), head)) == expected


def test_a_page_that_is_no_article_and_shows_no_day_is_of_none():
    graph = ld('{"@type":"WebPage","datePublished":"2021-03-04T10:00:00Z","dateModified":"2024-06-07T08:00:00Z"}')
    entry = Entry(guid="1", published=datetime(2021, 3, 4, 11, tzinfo=UTC))
    assert day(read(story(), graph)) == ""
    assert day(read(story("<p>4 March 2021</p>"), graph)) == "2021-03-04"
    assert day(read(story(), graph + ARTICLE)) == "2021-03-04"
    assert read(story(), graph, entry=entry).published == datetime(2021, 3, 4, 10, tzinfo=UTC)


def test_the_feed_confirms_a_machines_date():
    entry = Entry(
        guid="1", url=URL, title="The bridge is open again", published=datetime(2021, 3, 5, 4, 31, tzinfo=UTC)
    )
    shown = story("<div class=date>7 June 2024</div>")
    assert day(read(shown, ARTICLE, entry=entry)) == "2021-03-04"
    assert day(read(shown, ARTICLE)) == "2024-06-07"


@pytest.mark.parametrize(
    ("shown", "stated", "expected"),
    [
        ("5 March 2021", "2021-03-04T23:30:00Z", "2021-03-05T00:30:00+01:00"),
        ("3 March 2021", "2021-03-04T02:30:00Z", "2021-03-03T23:30:00-03:00"),
        ("4 March 2021", "2021-03-04T23:30:00Z", "2021-03-04T23:30:00+00:00"),
        ("5 March 2021", "2021-03-04T23:30:00-05:00", "2021-03-04T23:30:00-05:00"),  # its zone is known
        ("5 March 2021", "2021-03-04", "2021-03-04T00:00:00+00:00"),
        ("9 March 2021", "2021-03-04T23:30:00Z", "2021-03-04T23:30:00+00:00"),
    ],
)
def test_a_moment_falls_on_the_day_that_the_page_shows(shown, stated, expected):
    head = f'<meta property="article:published_time" content="{stated}">'
    found = read(story(f"<div class=date>{shown}</div>"), head)
    assert found.published is not None
    assert found.published.isoformat() == expected


def test_a_shown_day_that_markup_knows_to_the_minute():
    found = read(story("<div class=date>7 June 2024</div>"), ARTICLE)
    assert found.published == datetime(2024, 6, 7, 8, tzinfo=UTC)
    assert found.modified is None


@pytest.mark.parametrize(
    ("beside", "after", "url", "expected"),
    [
        ("<p>Posted on 3 May 2024</p>", "", URL, "2024-05-03"),
        ("", "", "https://x.example/2024/05/03/story", "2024-05-03"),
        ("", "", "https://x.example/2024/may/03/story", "2024-05-03"),
        ("", "", "https://x.example/news/03-05-2024-story", "2024-05-03"),
        ("", "", "https://x.example/20240503/story", "2024-05-03"),
        ("", "", "https://x.example/2025/12/small-story", ""),
        ("", "", "https://x.example/2025/13/41/story", ""),
        ("<div class=x>Login 6 May 2024 Home News Sport</div><p>Published: 3 May 2024</p>", "", URL, "2024-05-03"),
        ("", "<footer><p>Last updated: 3 May 2024</p></footer>", URL, "2024-05-03"),
        ("", "<a href=/o>Other<time datetime=2019-01-17>17 Jan</time></a>", URL, ""),
        ("", f"<div>{TEXT * 30}<div><b>Published</b> <time datetime=2024-05-03>3 May</time></div></div>", URL, "2024-05-03"),
        ("", f"<div>{TEXT * 30}<span class=updated title='2024-05-03T10:00:00Z'></span></div>", URL, "2024-05-03"),
        ("", "", URL, ""),
    ],
)  # fmt: skip
def test_without_a_machines_date(beside, after, url, expected):
    assert day(read(story(beside, after), url=url)) == expected


@pytest.mark.parametrize(
    ("lang", "url", "expected"),
    [
        ("en-US", URL, "2024-03-04"),
        ("en", URL, "2024-03-04"),
        ("en-GB", URL, "2024-04-03"),
        ("en", "https://news.example.co.uk/story", "2024-04-03"),
        ("fr", URL, "2024-04-03"),
        ("es-MX", URL, "2024-04-03"),
    ],
)
def test_what_3_4_2024_means(lang, url, expected):
    assert day(read(story("<p class=date>3/4/2024</p>"), lang=lang, url=url)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "May 3, 2024", "Friday, 3rd of May 2024", "3. Mai 2024", "3 mai 2024", "3 de mayo de 2024", "3 maggio 2024",
        "3 mei 2024", "3 maja 2024", "3 мая 2024 г.", "3 травня 2024", "3. května 2024", "3 Mayıs 2024", "3. maj 2024",
        "3. toukokuuta 2024", "3 Μαΐου 2024", "2024年5月3日", "2024년 5월 3일", "2024. 5. 3.", "2024. május 3.",
        "3 tháng 5, 2024", "3 พฤษภาคม 2567", "3 مايو 2024", "3 במאי 2024", "3 मई 2024", "3.5.2024", "03 | 05 | 2024",
        "2024-05-03 10:00", "20240503", "3 Mai 24 or 03.05.24", "03.May.2024", "3/May/2024", "May. 3. 2024", "May 3. 2024",
        "2024-5-3", "2024 m. gegužės 3 d.", "3. maí 2024", "3 May 2024, Friday",
    ],
)  # fmt: skip
def test_days_in_words(text):
    when = dates.worded(text)
    assert when is not None
    assert when.date().isoformat() == "2024-05-03"


@pytest.mark.parametrize(
    "text", ["", "May 2024", "31.31.2024", "1.2.3.2024", "in 5 of 2024", "9 mai 1066", "3 Foo 2024"]
)
def test_what_is_no_day(text):
    assert dates.worded(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("06.18.2025", "2025-06-18"), ("18.06.2025", "2025-06-18"), ("06.07.2025", "2025-07-06"),
     ("8 desember 2025", "2025-12-08"), ("8 Agustus 2025", "2025-08-08"), ("8. avgust 2025", "2025-08-08")],
)  # fmt: skip
def test_days_in_numbers_and_further_languages(text, expected):
    when = dates.worded(text)
    assert when is not None
    assert when.date().isoformat() == expected


ROW = "<p>On behalf of the law firm of Meadows and Daughters | 3 May 2024 | Products, and who is liable for them</p>"
CARDS = "".join(
    f"<div class=card><div class=top><span class=date>{day} June 2024</span></div><b>Another story</b></div>"
    for day in (7, 8, 9)
)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (ROW, "2024-05-03"),
        (CARDS, ""),  # each entry of a list has its own day
        ("<div class=date>3 May 2024</div>" + CARDS, "2024-05-03"),
        ("<aside class=article-meta><time datetime=2024-05-03>3 May</time></aside>", "2024-05-03"),
        ("<p>Received 3 May 2024; accepted 7 June 2024</p>", ""),
        ("<div><span class=updated>7 June 2024</span></div><div><span class=day>3 May 2024</span></div>", "2024-05-03"),
        ("<time class=updated itemprop=dateModified datetime=2024-06-07>7 June 2024</time><p>3 May 2024</p>", "2024-05-03"),
        ("<div class=updated>7 June 2024</div>", "2024-06-07"),  # for want of another
        ("<div class=when><time datetime=2024-05-03>7 June 2024</time></div>", "2024-05-03"),
    ],
)  # fmt: skip
def test_which_of_the_dates_shown(beside, expected):
    assert day(read(story(beside))) == expected


def test_a_date_at_the_foot_is_not_that_of_a_change():
    hidden = "<span class='updated hidden'>2024-06-07T13:00:39+00:00</span><span>May 3rd, 2024</span>"
    assert day(read(story(after=f"<div>{TEXT * 30}<div class=post-meta>{hidden}</div></div>"))) == "2024-05-03"
    assert day(read(story(after=f"<div>{TEXT * 30}<div>Post time: 05-03-2024</div></div>"))) == "2024-05-03"


def test_the_address_tells_days_from_months():
    url = "https://news.example.org/2024/may/03/story"
    assert day(read(story("<p class=date>03/05/2024</p>"), url=url)) == "2024-05-03"
    assert day(read(story("<p class=date>03/05/2024</p>"), url=URL)) == "2024-03-05"


def test_a_date_stands_beside_the_headline_that_says_the_title_in_other_words():
    links = "<p><a href=/x>Menu</a></p>" * 130
    body = f"<main>{links}<h1>How the harbour learnt to love its ferries</h1><p>3 May 2024</p>{TEXT}</main>"
    assert day(read(body, "<title>Ferries and the harbour they cross</title>")) == "2024-05-03"
    assert day(read(body, "<title>Something else</title>")) == ""


def test_private_names_of_meta_elements():
    assert day(read(story(), "<meta name=acme-publisheddate content=20240503>")) == "2024-05-03"
    assert day(read(story(), "<meta name=acme-build content=2024-05-03>")) == ""


def person(name: str) -> str:
    return ld(f'{{"@type":"NewsArticle","author":{{"@type":"Person","name":"{name}"}}}}')


@pytest.mark.parametrize(
    ("beside", "head", "expected"),
    [
        ("<p>By Jane Doe</p>", "", "Jane Doe"),
        ("<p>By Jane Doe and Tom Okoro | 3 May 2024</p>", "", "Jane Doe and Tom Okoro"),
        ("<p>By <span>Jane Doe</span><span>Published 3 May 2024</span></p>", "", "Jane Doe"),
        ("<p>Von Jörg Weiß</p>", "", "Jörg Weiß"),
        ("<p>After Effects Training</p>", "", ""),  # no byline in Danish
        ("<a rel=author href=/a>Jane Doe</a>, <a rel=author href=/b>Tom Okoro</a>", "", "Jane Doe, Tom Okoro"),
        ("<a rel=author href=/a>Jane Doe</a> Thanks to <a rel=author href=/b>Tom Okoro</a>", "", "Jane Doe"),
        ("<p>By The Estuary Post</p>", '<meta property="og:site_name" content="The Estuary Post">', "The Estuary Post"),
        ("", person("Linny &amp; Peter"), "Linny & Peter"),
        ("", person("Linny and Peter"), "Linny and Peter"),
        ("", person("Jane Doe, Trial Attorney"), "Jane Doe"),
        ("", person("Jane Doe, PhD"), "Jane Doe, PhD"),
        ("", person("“Jane Doe”"), "Jane Doe"),
        ("", person("jane.doe2"), "jane.doe2"),
        ("<p>By Tom Okoro</p>", person("jane.doe2"), "Tom Okoro"),  # a login is no name
        ("<p>By Tom Okoro</p>", person("Jane Doe"), "Jane Doe"),
        ("<p class=author>Jane</p>", person("Jane Doe") + '<meta name=application-name content="Jane Doe">', "Jane Doe"),
        ("", "<meta name=citation_authors content='Jane Doe'><meta name=citation_authors content='Tom Okoro'>",
         "Jane Doe, Tom Okoro"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_authors(beside, head, expected):
    assert read(story(beside), head).author == expected


def test_names_with_endless_spaces_are_read_in_time():
    found = read(story(f"<a rel=author href=/a>Jane Doe</a>{' ' * 50_000}x<a rel=author href=/b>Tom Okoro</a>"))
    assert found.author == "Jane Doe"


def test_a_day_known_to_the_pages_scripts_alone():
    data = '<script>state = {"post": {"published_at": "2024-05-03T06:22:28+01:00"}}</script>'
    assert day(read(story(), data)) == "2024-05-03"
    assert day(read(story(), data + data.replace("05-03", "06-07"))) == ""


def test_a_moment_kept_in_an_attribute():
    assert day(read(story("<span class=ago title='2024-05-03T10:00:00Z'>an hour ago</span>"))) == "2024-05-03"


@pytest.mark.parametrize(
    "page",
    [
        story("<time datetime=2024-05-03>x</time>" * 20_000),
        story("<p class=date>Published</p>" * 20_000),
        story(after="<a rel=author href=/author/x>,</a>" * 20_000),
        story("<span title='2024-05-03T10:00:00Z'>" * 3_000),
        "<div class=author>" * 5_000 + "Jane",
        ld('{"@type":"Article","author":[' + '{"name":"A B"},' * 100_000 + '{"name":"C D"}]}') + story(),
        ld('{"a":' * 50_000) + story(),
        story("<p>" + "3 " * 70 + "</p>" + "<p>By " + "von " * 70 + "</p>"),
    ],
    ids=["times", "dates", "authors", "titles", "classes", "nodes", "nested", "bylines"],
)
def test_hostile_pages_are_read_to_an_end(page):
    assert len(read(page).author) <= 300


@pytest.mark.parametrize(
    ("h1", "title", "shared", "expected"),
    [
        ("The bridge is open", "The bridge is open | The Estuary Post", "Bridge open - news", "The bridge is open"),
        ("Estuary Notes", "Estuary Notes: The lean harbour", "The lean harbour", "The lean harbour"),  # as Blogger does
        ("Which boat for which sea?", "Which boat for which sea? - Boatyard", "Boatyard", "Which boat for which sea?"),
        ("", "The bridge is open | The Estuary Post", "", "The bridge is open"),
        ("The bridge is open", "", "", "The bridge is open"),
        ("", "", "", ""),
    ],
)
def test_titles(h1, title, shared, expected):
    head = f'<title>{title}</title><meta property="og:site_name" content="The Estuary Post">'
    head += f'<meta property="og:title" content="{shared}">'
    url = "https://boatyard.example/which" if "boat" in h1 else URL
    assert read(f"<h1>{h1}</h1>{TEXT}", head, url=url).title == expected
