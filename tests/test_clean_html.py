"""A page comes out as its article: markup kept, chrome gone, and the feed's words used where the page has less."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import xss_oracle

from aggregator.clean import clean, load_model, work
from aggregator.clean.decoding import decoded, parsed
from aggregator.clean.html import MAX_COMPARED, trafilatura_text
from aggregator.dedup import fingerprint
from aggregator.model import Cleaned, Document, Entry, Site
from aggregator.sanitize import sanitize, text_of

PAGES = Path(__file__).parent / "pages"
URL = "https://news.example.org/city/harbour-bridge-reopens"
CONTENT = "".join(
    f"<p>Paragraph {n} of the story that the feed carries whole, with enough words in it to be read as an article.</p>"
    for n in ("one", "two", "three", "four", "five", "six")
)


def page(name: str, encoding: str = "utf-8", url: str = URL, content_type: str = "text/html") -> Document:
    body = (PAGES / f"{name}.html").read_text(encoding="utf-8").encode(encoding)
    return Document(kind="page", body=body, url=url, content_type=content_type)


def cleaned(document: Document, entry: Entry | None = None, rule: str = "") -> Cleaned:
    return clean(document, entry, Site(), load_model(), rule=rule)


@pytest.fixture(scope="module")
def news() -> Cleaned:
    return cleaned(page("news"))


def test_the_text_is_the_article_and_nothing_else(news):
    paragraphs = news.article.text.split("\n\n")
    assert paragraphs[0].startswith("The bridge over the old harbour")
    assert paragraphs[-1].startswith("The bridge will be closed again")
    assert "What was done" in paragraphs
    for chrome in ("Home", "Facebook", "Ferry", "Related", "All rights", "By Ada", "Photo: Lena", "reopens after"):
        assert chrome not in news.article.text


@pytest.mark.parametrize(
    "markup",
    [
        "<h2>What was done</h2>",
        "<ul><li>All sixteen bearings",
        "from a boat.</li><li>The northern pier was cut free",
        "<blockquote><p>We knew what we would find",
        "<strong>northern pier</strong>",
        '<a href="https://news.example.org/reports/pier.pdf" rel="noopener noreferrer nofollow">the largest repair</a>',
        "<table><tbody><tr><th>Year</th><th>Cars a day</th></tr><tr><td>2021</td>",
        '<pre><code class="language-python">load = 27_500\nprint(load * 2)</code></pre>',
        "<figcaption>The bridge at dusk. Photo: Lena Fors</figcaption>",
        '<a href="https://www.youtube.com/watch?v=abcDEF12345" rel="noopener noreferrer nofollow">Lifting the pier</a>',
        '<img src="https://news.example.org/img/pier-900.webp" alt="The pier">',
    ],
)
def test_markup_is_kept(news, markup):
    assert markup in news.article.html


def test_the_lead_picture_stands_once_and_others_are_left_out(news):
    assert news.article.html.count("bridge-1200.jpg") == 1
    assert "ferry.jpg" not in news.article.html
    assert "pixel.example.net" not in news.article.html


def test_the_html_is_sanitised_and_says_what_the_text_says(news):
    html = news.article.html
    assert xss_oracle.violations(html) == []
    assert sanitize(html) == html
    assert "<p></p>" not in html
    for paragraph in text_of(html).split("\n\n"):
        assert paragraph


def test_metadata_stands_in_the_article(news):
    article = news.article
    assert article.title == "Harbour bridge reopens after two years of repairs"
    assert article.author == "Ada Mirren, Tom Okoro"
    assert article.published == datetime(2024, 3, 5, 23, 30, tzinfo=timezone(timedelta(hours=2)))
    assert article.published.utcoffset() == timedelta(hours=2)
    assert article.language == "en-GB"
    assert article.image == "https://news.example.org/img/bridge-1200.jpg"
    assert article.canonical_url == URL
    assert article.site_name == "The Estuary Post"
    assert article.quality == "full"
    assert article.fingerprint == fingerprint(article.text)


def test_what_was_removed_is_named_with_a_reason(news):
    reasons = {removed.text: removed.reason for removed in news.removed}
    assert reasons["Facebook"]
    assert reasons["Harbour bridge reopens after two years of repairs"] == "headline"
    assert all(removed.reason for removed in (*news.removed, *news.kept))
    assert news.layer == "judge"
    caption, first = news.kept[:2]
    assert (caption.text, caption.reason) == ("The bridge at dusk. Photo: Lena Fors", "caption of a picture")
    assert caption.text in news.article.html
    assert caption.text not in news.article.text
    assert first.text.startswith("The bridge over")


def test_a_caption_whose_picture_goes_is_removed():
    text = CONTENT * 3
    figure = '<figure><img src="/img/site-logo.gif" width=20><figcaption>The bridge at dusk.</figcaption></figure>'
    body = f"<html><body><article><h1>The bridge</h1>{text}{figure}{text}</article></body></html>"
    found = cleaned(Document(kind="page", body=body, url=URL))
    assert "The bridge at dusk." not in found.article.html
    assert "The bridge at dusk." in {block.text for block in found.removed}


def test_a_caption_of_several_lines_is_said_to_be_kept():
    text = CONTENT * 3
    caption = "The bridge at dusk.<br>Photo: Lena Fors"
    figure = f'<figure><img src="/img/bridge.jpg" width=800><figcaption>{caption}</figcaption></figure>'
    body = f"<html><body><article><h1>The bridge</h1>{text}{figure}{text}</article></body></html>"
    found = cleaned(Document(kind="page", body=body, url=URL))
    assert "The bridge at dusk. Photo: Lena Fors" in {block.text for block in found.kept}


def test_a_heading_loses_the_sign_that_links_to_it():
    sign = '<a class="headerlink" href="#open">¶</a>'
    told = '<a href="#open">An open bridge</a>'
    body = f"<h1>The bridge{sign}</h1>{CONTENT}<h2>When it opens {sign}</h2>{CONTENT}<h2>{told}</h2>{CONTENT}"
    article = cleaned(
        Document(kind="page", body=f"<html><body><article>{body}</article></body></html>", url=URL)
    ).article
    assert article.title == "The bridge"
    assert "<h2>When it opens</h2>" in article.html.replace(" </h2>", "</h2>")
    assert "An open bridge</a></h2>" in article.html


def test_a_german_page_in_latin_1_with_a_byline():
    article = cleaned(page("german", "latin-1", content_type="")).article
    assert article.title == "Neue Brücke über den Mühlbach eröffnet"
    assert article.author == "Jörg Weißmüller"
    assert article.published == datetime(2024, 3, 3, tzinfo=UTC)
    assert article.language == "de"
    assert "Geländern" in article.text
    assert "Impressum" not in article.text


def test_a_page_from_right_to_left():
    article = cleaned(page("arabic")).article
    assert (article.language, article.direction) == ("ar", "rtl")
    assert len(article.text.split("\n\n")) == 3


@pytest.mark.parametrize("name", ["consent", "challenge"])
def test_a_wall_is_never_an_article(name):
    alone = cleaned(page(name)).article
    assert (alone.quality, alone.text, alone.html) == ("blocked", "", "")
    entry = Entry(guid="1", url=URL, title="The story", content=CONTENT, text=text_of(CONTENT))
    helped = cleaned(page(name), entry)
    assert (helped.article.quality, helped.article.origin) == ("full", "feed")
    assert helped.article.title == "The story"
    assert helped.article.text.startswith("Paragraph one")
    assert helped.layer == "feed content"
    teased = cleaned(page(name), replace(entry, content="", summary="Two words of it.", text="Two words of it."))
    assert (teased.article.quality, teased.article.text) == ("blocked", "Two words of it.")


def test_a_page_with_less_than_the_feed_does_not_replace_it():
    entry = Entry(guid="1", url=URL, title="Why the river changed its course", content=CONTENT, text=text_of(CONTENT))
    result = cleaned(page("paywall"), entry)
    assert (result.layer, result.article.origin) == ("feed content", "feed")
    assert "Paragraph six" in result.article.text


def test_a_page_with_more_than_the_feed_is_used():
    entry = Entry(
        guid="1", url=URL, title="Harbour bridge reopens", summary="The bridge over the old harbour was opened."
    )
    result = cleaned(page("news"), replace(entry, text=entry.summary))
    assert (result.layer, result.article.origin) == ("judge", "page")


def test_the_feed_fills_what_the_page_does_not_say():
    entry = Entry(
        guid="1",
        url=URL,
        author="Layla Haddad",
        published=datetime(2024, 1, 2, tzinfo=UTC),
        image="https://x.example/i.jpg",
    )
    article = cleaned(page("arabic"), entry).article
    assert article.author == "Layla Haddad"
    assert article.published == datetime(2024, 1, 2, tzinfo=UTC)
    assert article.image == "https://x.example/i.jpg"


RULE = "body: //div[@id='odd']\nstrip: //span[@class='x']\ntitle: //b[@id='t']\nauthor: //i[@id='a']\n"
ODD = (
    "<html lang=en><body><b id=t>The real title</b><i id=a>By Mona Lund</i><div id=odd>"
    + "".join(
        f"<a href='/w/{n}'>linked words {n} of a story that is made of links and nothing else at all,</a><br>"
        for n in range(30)
    )
    + "<span class=x>strip me</span></div><div><p>A long paragraph about something else entirely, which any extractor"
    " would take for the article since it reads like one.</p><p>And another one of the same kind, so that there is no"
    " doubt whatever about which part of this page looks like prose.</p></div></body></html>"
)


def test_a_site_rule_stands_in_where_extraction_does_worse():
    document = Document(kind="page", body=ODD, url="https://odd.example/1")
    ruled = cleaned(document, rule=RULE)
    assert ruled.layer == "site rule"
    assert "linked words 29" in ruled.article.text
    assert "strip me" not in ruled.article.html
    assert (ruled.article.title, ruled.article.author) == ("The real title", "Mona Lund")


def test_a_bad_rule_changes_nothing():
    document = page("news")
    assert cleaned(document, rule="body: //[[[\nnonsense\nstrip: ///").article == cleaned(document).article


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01\x02\xff\xfe" * 500,
        b"%PDF-1.4 not a page",
        "just words, no markup",
        "<html><body></body></html>",
        "<div>" * 50_000 + "deep",
        "<p>x</p>" * 60_000,
        "<a href=/x>y</a>" * 30_000,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script><p>x",
        '<script type="application/ld+json">{"@type":"NewsArticle","author":{"@id":"#a"},"image":{"url":[1]},'
        '"hasPart":7,"datePublished":{"a":1},"headline":["x",2],"isAccessibleForFree":{}}</script><p>x',
        "<table>" * 3_000 + "x",
        "<h1></h1><time datetime=x></time><img><picture></picture><iframe></iframe><video><source></video><p>word",
        "<p>\ud800 lone</p>",
    ],
    ids=range(13),
)
def test_hostile_pages_give_an_article_or_an_empty_one(body):
    article = cleaned(Document(kind="page", body=body, url="https://h.example/")).article
    assert xss_oracle.violations(article.html[:20_000]) == []
    assert article.quality


def test_a_fragment_loses_what_feeds_add():
    html = (
        "<h1>The story</h1>" + CONTENT + '<p><a href="https://news.example.org/s">Continue reading</a></p>'
        '<p><a href="https://facebook.com/x">Share on Facebook</a> | <a href="https://x.com">Tweet</a></p>'
        '<p>The post <a href="/s">The story</a> appeared first on <a href="/">Example</a>.</p>'
        '<img src="https://feeds.feedburner.com/~r/x/~4/1" width="1" height="1">'
    )
    entry = Entry(guid="1", url=URL, title="The story", content=html, language="en", author="Ann Bo")
    result = cleaned(Document(kind="fragment", body=html, url=URL), entry)
    assert result.article.text == text_of(CONTENT)
    assert result.article.html == CONTENT
    assert (result.article.origin, result.article.quality, result.article.author) == ("feed", "full", "Ann Bo")
    assert {removed.reason for removed in result.removed} == {"headline", "promotion", "share"}


@pytest.mark.parametrize(
    "line",
    [
        "Der Beitrag Die Brücke erschien zuerst auf Talbote.",
        "Cet article Le pont est apparu en premier sur Exemple.",
        "La entrada El puente se publicó primero en Ejemplo.",
        "L'articolo Il ponte proviene da Esempio.",
        "Weiterlesen",
        "Lire la suite",
        "続きを読む",
        "Читать далее",
        "Teilen | Facebook | Twitter",
    ],
)
def test_feed_chrome_in_other_languages(line):
    result = cleaned(Document(kind="fragment", body=f"{CONTENT}<p>{line}</p>", url=URL))
    assert line not in result.article.text
    assert "Paragraph six" in result.article.text


@pytest.mark.parametrize(
    "line",
    [
        "The post office appeared in the first film that was shot on the island.",
        "Read more books, my teacher said, and write fewer letters.",
    ],
)
def test_sentences_that_look_like_feed_chrome_stay(line):
    result = cleaned(Document(kind="fragment", body=f"<p>{line}</p>{CONTENT}", url=URL))
    assert line in result.article.text


def test_a_fragment_of_a_picture_alone_keeps_it():
    result = cleaned(Document(kind="fragment", body='<img src="/comic.png" alt="Panel">', url=URL))
    assert result.article.html == '<p><img src="https://news.example.org/comic.png" alt="Panel"></p>'


def test_a_plain_text_fragment_is_paragraphs():
    result = cleaned(Document(kind="fragment", body="One line & more.\n\nAnother line.", url=URL))
    assert result.article.text == "One line & more.\n\nAnother line."


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Größe".encode("latin-1"), "text/html; charset=iso-8859-1", "Größe"),
        ("Größe".encode(), "text/html; charset=iso-8859-1", "Größe"),
        ("\ufeffGröße".encode("utf-16-le"), "", "Größe"),
        (b'<meta charset="windows-1251">' + "мир".encode("cp1251"), "", '<meta charset="windows-1251">мир'),
        ("日本語のページ".encode("shift_jis"), "text/html; charset=Shift_JIS", "日本語のページ"),
        (b"a\x00b\x0bc", "", "abc"),
    ],
)
def test_character_sets(body, content_type, text):
    assert decoded(body, content_type) == text


def test_a_worker_needs_no_model_handed_in():
    assert work(page("arabic"), None, Site()).article == cleaned(page("arabic")).article


def test_the_feeds_words_choose_among_readings():
    words = "Nothing of this long note stands on the page behind its link, which shows another story; neither subject "
    words += (
        "nor names agree, so whoever subscribed to these notes would rather read what was sent to them by the feed."
    )
    entry = Entry(guid="1", url=URL, title="A note", text=words, summary=f"<p>{words}</p>")
    unlike = cleaned(page("news"), entry)
    assert unlike.layer == "feed content"
    assert (unlike.article.title, unlike.article.text) == ("A note", words)


def test_pages_full_of_payloads_leave_nothing_active():
    body = "".join(
        f"<p>Paragraph {n} of an article that carries a payload among its words. {payload} And goes on after it.</p>"
        for n, payload in enumerate(
            [
                "<img src=x onerror=pwn()>",
                '<a href="javascript:pwn()">x</a>',
                "<svg onload=pwn()></svg>",
                "<b onclick=pwn()>b</b>",
            ]
            * 5
        )
    )
    article = cleaned(Document(kind="page", body=f"<article><h1>T</h1>{body}</article>", url=URL)).article
    assert "Paragraph 19" in article.text
    assert xss_oracle.violations(article.html) == []


def test_an_element_with_very_many_attributes_is_not_parsed():
    story = (
        "<p>The bridge was opened again on Monday, said the mayor of the town, after two years of work on it.</p>" * 5
    )
    attributes = " ".join(f"a{number}=1" for number in range(60_000))
    entry = Entry(guid="1", title="The bridge", content=story)
    cleaned = work(Document(kind="page", body=f"<article>{story}<div {attributes}>", url=URL), entry, Site())
    assert cleaned.article.origin == "feed"
    data = " ".join(f"number {number}" for number in range(60_000))
    cleaned = work(Document(kind="page", body=f"<article data-of='{data}'>{story}</article>", url=URL), None, Site())
    assert cleaned.article.origin == "page"


def test_trafilatura_is_helped_where_it_keeps_little_of_a_page_that_is_not_large():
    told = "The river rose in the night, and by the morning the old bridge at the mill was gone. "
    box = "".join(f"<p>{number} {told * 4}</p>" for number in range(20))
    greeting = f"<article><p>{'A short word of greeting from the editor, who is away. ' * 6}</p></article>"
    page = f"<html><body>{greeting}<div class='promo'>{box}</div>%s</body></html>"
    assert told.strip() in trafilatura_text(parsed(page % ""), "")
    assert told.strip() not in trafilatura_text(parsed(page % ("<i>x</i>" * MAX_COMPARED)), "")
