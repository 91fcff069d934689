"""The pages as a browser builds them."""

from dataclasses import replace

import pytest
from demo import Settings, Shelf, settings, shelf, story
from webbench import BASE, FEEDS, PAGES, Bench, page, texts
from xss_oracle import violations

from aggregator.model import Enclosure, Feed, FeedState, Source
from aggregator.publish import channel


@pytest.fixture
def bench():
    return Bench()


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


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        (
            Enclosure(url="https://cdn.example.org/ep/talk%20one.mp3?x=1", type="audio/mpeg", length=12345678),
            "talk one.mp3 audio/mpeg, 12 MB, cdn.example.org",
        ),
        (Enclosure(url="https://www.example.org/%E6%A9%8B.pdf"), "橋.pdf example.org"),
        (Enclosure(url="https://example.org/", length=900), "example.org 900 B, example.org"),
        (Enclosure(url="https://example.org/a%00%0a%E2%80%AE3pm.exe"), "a 3pm.exe example.org"),
        (Enclosure(url="https://example.org/%3Cb%3E%FF"), "<b>\ufffd example.org"),
        (Enclosure(url=f"https://example.org/{'n' * 2000}"), f"{'n' * 120} example.org"),
    ],
)
def test_files_are_told_by_name_type_and_size(bench, file, shown):
    bench.store.edit(10, enclosures=(file, replace(file, url="https://example.org/second.zip")))
    root = page(bench.get("/articles/10"))
    found = texts(root, ".//footer[@class='whence']//dd/p")
    assert (len(found), found[0]) == (2, shown)
    assert found[1].startswith("second.zip ")


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


RESTING = Feed(url="https://resting.example/feed", name="Resting", paused=True)


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
        (Shelf(states=shelf().states), replace(settings(), feeds=(*settings().feeds[:6], RESTING)), "no story matched"),
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


def test_links_work_below_a_prefix(bench):
    assert 'href="static/style.css"' in bench.get("/").text
    assert 'href="../static/style.css"' in bench.get("/articles/10").text
    assert 'href="../../static/style.css"' in bench.get("/a/b/c", accept="text/html").text


def test_thousands_of_sources_are_paged_with_trouble_first(bench):
    feeds = tuple(Feed(url=f"https://{number}.example/rss", name=f"Feed {number:04}") for number in range(450))
    bench.config = replace(bench.config, feeds=feeds)
    bench.store.states = {
        feed.url: FeedState(url=feed.url, status="ok", polls=8, not_modified=6, bytes_in=1_234_567) for feed in feeds
    }
    broken = feeds[-1].url
    bench.store.states[broken] = FeedState(url=broken, status="backing_off", error="it broke", failures=4)
    names, path = [], "/sources"
    while path:
        root = page(bench.get(path))
        names.append(texts(root, ".//tbody/tr/th/span[@class='name']"))
        following = root.find(".//nav[@class='pager']/a[@rel='next']")
        path = None if following is None else f"/sources{following.get('href')}"
    assert [len(one) for one in names] == [200, 200, 50]
    assert names[0][:2] == ["Feed 0449", "Feed 0000"]
    assert len({name for one in names for name in one}) == 450
    assert texts(root, ".//tbody/tr[1]/td[@data-label='Unchanged']") == ["75 %"]
    assert texts(root, ".//tbody/tr[1]/td[@data-label='Received']") == ["1.2 MB"]
    assert bench.get("/sources?page=4").status_code == 404
    assert bench.get("/sources?page=0").status_code == 400
    assert root.find(".//a[@href='health.atom']") is not None
