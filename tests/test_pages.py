"""Stories over several pages, with the real fetcher, cleaner and store: what is asked, joined, bounded and kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from loopback import CHROME, PARAGRAPHS, page
from world import World, world

from aggregator.model import Feed, Story
from aggregator.pipeline import story as pipeline
from aggregator.pipeline.pages import MAX_PAGES
from aggregator.pipeline.rounds import source_of
from aggregator.pipeline.rules import compile_rules

SITE = "https://news.example"
FEED = Feed(url=f"{SITE}/feed.xml", name="News")
TITLE = "Fifty-five years since that August"
PARTS = [PARAGRAPHS["tanks"], PARAGRAPHS["bridge"], PARAGRAPHS["garden"]]
WHOLE = [line for part in PARTS for line in part]


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def feed(place: World, teaser: str = "Part one …", etag: str = '"1"') -> None:
    item = f"<item><guid isPermaLink='false'>t</guid><title>{TITLE}</title><link>{SITE}/t</link><description>{teaser}</description></item>"
    body = f"<rss version='2.0'><channel><title>The News</title><link>{SITE}/</link>{item}</channel></rss>"
    place.sky.put(FEED.url, body, "application/rss+xml", etag=etag)


def address(number: int) -> str:
    return f"{SITE}/t" if number == 1 else f"{SITE}/t?page={number}"


def put(
    place: World, number: int, paragraphs: list[str], *, onward: str | None = None, more: str = "", etag: str = ""
) -> None:
    link = address(number + 1) if onward is None else onward
    pager = f'<p class=pager><a rel="next" href="{link}">next</a></p>' if link else ""
    html = page(TITLE, paragraphs).replace("</article>", f"{pager}{more}</article>")
    place.sky.put(address(number), html, etag=etag)


def three(place: World) -> None:
    feed(place)
    for number, part in enumerate(PARTS, 1):
        put(place, number, part, onward="" if number == 3 else None)


def only(place: World) -> Story:
    (story,) = place.storage.live(10, place.clock[0])
    return story


def lines(place: World) -> list[str]:
    return only(place).text.split("\n\n")


def pages_asked(place: World) -> list[str]:
    return [url for url in place.sky.asked if url != FEED.url]


def ruled(place: World, text: str) -> World:
    return replace(place, edges=replace(place.edges, site_rules={"news.example": text}))


async def recleaned(place: World) -> str:
    (work,) = place.storage.recleanable(None)
    state = place.storage.feed_states()[FEED.url]
    return await pipeline.reclean(place.edges, work, source=source_of(state))


async def test_a_story_of_three_pages_is_one_article(place: World) -> None:
    three(place)
    assert (await place.round([FEED]))["stored"] == 1
    assert lines(place) == WHOLE
    assert only(place).quality == "full"
    assert only(place).url == f"{SITE}/t"
    assert not [line for line in CHROME if line in only(place).html]
    assert pages_asked(place) == [address(1), address(2), address(3)]
    assert place.storage.site("news.example").articles == 1


async def test_the_stored_pages_give_the_same_again(place: World) -> None:
    three(place)
    await place.round([FEED])
    before, asked = only(place), list(place.sky.asked)
    assert await recleaned(place) == "unchanged"
    assert only(place) == before
    assert place.sky.asked == asked


async def test_a_story_of_its_feeds_words_alone_is_cleaned_again_from_them(place: World) -> None:
    feed(place)
    place.sky.put(f"{SITE}/t", b"", status=404)
    await place.round([FEED])
    before, asked = only(place), list(place.sky.asked)
    assert await recleaned(place) == "unchanged"
    assert only(place) == before
    assert place.sky.asked == asked


async def test_without_its_later_pages_an_article_is_left_as_it_is(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0])
    put(place, 2, PARTS[1], onward="")
    await place.round([FEED])
    before = only(place)
    first = place.storage.page(address(1))
    place.later(days=2)
    place.storage.prune(place.clock[0], keep_articles=None, keep_pages=timedelta(days=1), max_pages=2**30)
    place.storage.save_page(address(1), first, now=place.clock[0])
    assert await recleaned(place) == "pages missing"
    assert only(place) == before


async def test_a_page_that_fails_leaves_what_came_before_and_is_tried_again(place: World) -> None:
    three(place)
    place.sky.put(address(3), b"", status=503)
    assert (await place.round([FEED]))["stored"] == 1
    assert lines(place) == [*PARTS[0], *PARTS[1]]
    assert only(place).quality == "teaser"
    assert place.storage.why(address(1)).entries[0].error_class == "http_5xx"
    put(place, 3, PARTS[2], onward="")
    place.later(hours=1)
    assert (await place.round([FEED]))["updated"] == 1
    assert lines(place) == WHOLE
    assert only(place).quality == "full"
    assert pages_asked(place).count(address(2)) == 1, "what was read is not asked for again"


async def test_of_an_edited_entry_the_later_pages_are_asked_for_again(place: World) -> None:
    feed(place)
    for number, part in enumerate(PARTS, 1):
        put(place, number, part, onward="" if number == 3 else None, etag=f'"{number}"')
    await place.round([FEED])
    feed(place, "Part one, put right …", etag='"2"')
    put(place, 2, PARTS[1][:1], etag='"new"')
    put(place, 3, PARTS[0], onward="", etag='"3"')  # 304 to who knows that one
    place.later(hours=2)
    assert (await place.round([FEED]))["updated"] == 1
    assert lines(place) == [*PARTS[0], PARTS[1][0], *PARTS[2]]
    assert pages_asked(place) == [address(1), address(2), address(3)] * 2
    assert place.storage.page(address(2)).etag == '"new"'


async def test_a_page_that_is_not_there_ends_the_story(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0])
    await place.round([FEED])
    assert lines(place) == PARTS[0]
    assert only(place).quality == "full"
    place.later(days=10)
    await place.round([FEED])
    assert pages_asked(place) == [address(1), address(2)]


async def test_a_wall_on_a_later_page_is_not_kept(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0])
    wall = "<html><body><h1>Checking your browser</h1><p>Verify you are human to continue. Enable JavaScript and cookies.</p></body></html>"
    place.sky.put(address(2), wall)
    await place.round([FEED])
    assert (lines(place), only(place).quality) == (PARTS[0], "teaser")
    assert place.storage.page(address(2)) is None
    put(place, 2, PARTS[1], onward="")
    place.later(hours=1)
    await place.round([FEED])
    assert lines(place) == [*PARTS[0], *PARTS[1]]


async def test_pages_that_go_in_a_circle_or_on_for_ever_are_bounded(place: World) -> None:
    feed(place)
    for number in range(1, 40):
        put(place, number, [f"{line} This is the part with the number {'i' * number}." for line in PARTS[number % 3]])
    await place.round([FEED])
    assert pages_asked(place) == [address(number) for number in range(1, MAX_PAGES + 1)]
    rule = "next_page_link: //p[@class='pager']/a/@href"
    circle = ruled(place, rule)
    put(circle, 1, PARTS[0], onward=address(2))
    put(circle, 2, PARTS[1], onward=address(1))
    circle.sky.asked.clear()
    (work,) = circle.storage.recleanable(None)
    again = replace(work, attempts=1)
    source = source_of(circle.storage.feed_states()[FEED.url])
    await pipeline.work_story(circle.edges, compile_rules([FEED], ()), again, source=source)
    assert pages_asked(circle) == [address(1)], "the second is stored, and leads back"


async def test_robots_txt_holds_for_later_pages(place: World) -> None:
    three(place)
    place.sky.put(f"{SITE}/robots.txt", "User-agent: *\nDisallow: /t?page=\n", "text/plain")
    await place.round([FEED])
    assert lines(place) == PARTS[0]
    assert pages_asked(place) == [address(1)]
    place.later(days=1)
    await place.round([FEED])
    assert pages_asked(place) == [address(1)], "it is not ours to ask, today or tomorrow"


async def test_a_next_link_to_another_article_is_not_followed(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0], onward=f"{SITE}/the-next-article")
    await place.round([FEED])
    assert (lines(place), pages_asked(place)) == (PARTS[0], [address(1)])


async def test_a_rule_leads_wherever_it_points_to_on_its_site(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0], onward=f"{SITE}/continued")
    put(place, 2, PARTS[1], onward="https://elsewhere.example/steals")
    place.sky.answers[f"{SITE}/continued"] = place.sky.answers.pop(address(2))
    await ruled(place, "next_page_link: //p[@class='pager']/a/@href").round([FEED])
    assert lines(place) == [*PARTS[0], *PARTS[1]]
    assert pages_asked(place) == [address(1), f"{SITE}/continued"]


async def test_a_single_page_saves_the_others(place: World) -> None:
    feed(place)
    put(place, 1, PARTS[0], more=f'<p><a class=all href="{SITE}/t?view=all">On one page</a></p>')
    place.sky.put(f"{SITE}/t?view=all", page(TITLE, WHOLE))
    await place.round([FEED])
    assert lines(place) == WHOLE
    assert pages_asked(place) == [address(1), f"{SITE}/t?view=all"]
    assert await recleaned(place) == "unchanged"


async def test_a_single_page_with_less_is_not_taken(place: World) -> None:
    three(place)
    put(place, 1, PARTS[0], more=f'<p><a href="{SITE}/t/print">print</a></p>')
    place.sky.put(f"{SITE}/t/print", page(TITLE, PARTS[0][:1]))
    rule = "single_page_link: //a[contains(@href, '/print')]\nnext_page_link: //p[@class='pager']/a/@href"
    await ruled(place, rule).round([FEED])
    assert lines(place) == WHOLE
    assert pages_asked(place) == [address(1), f"{SITE}/t/print", address(2), address(3)]


async def test_no_more_is_read_once_the_pages_are_too_large_together(place: World) -> None:
    feed(place)
    for number in range(1, 7):
        lines = [f"{line} This is the part with the number {'i' * number}." for line in PARTS[number % 3]]
        put(place, number, lines, more=f"<!-- {'x' * 3 * 2**20} -->")
    await place.round([FEED])
    assert pages_asked(place) == [address(1), address(2), address(3)]
    assert only(place).quality == "full"
