"""A site with chrome that reads like its articles, polled by the real pipeline: what is stored in the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from test_sitechrome import NEW, OLD, page, spelt, story
from world import World, world

from aggregator.model import REPEATED, Article, Cleaned, Feed, Removed
from aggregator.pipeline.recent import FEEDS, STORIES, Recent

FEED = Feed(url="https://town.example/feed.xml", name="Town", full_text="always")
STORIES_IN_ALL, FIRST_POLL, REDESIGN = 50, 20, 30


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def publish(place: World, numbers: range) -> None:
    items = []
    for number in numbers:
        document = page(number, OLD if number < REDESIGN else NEW)
        place.sky.put(document.url, document.body)
        items.append(
            f"<item><guid>{document.url}</guid><title>Story {spelt(number)} of the town</title>"
            f"<link>{document.url}</link><description>A teaser …</description></item>"
        )
    body = f"<rss version='2.0'><channel><title>Town</title>{''.join(items)}</channel></rss>"
    place.sky.put(FEED.url, body, "application/rss+xml")


def left(place: World) -> dict[int, int]:
    """The lines of chrome in each stored story; every story must have all of its own lines."""
    texts = {each.url: each.text for each in place.storage.live(200, place.clock[0])}
    found = {}
    for number in range(STORIES_IN_ALL):
        text = texts.get(f"https://town.example/story-{number}")
        if text is not None:
            assert [line for line in story(number) if text.count(line) != story(number).count(line)] == []
            found[number] = sum(line in text for line in (*OLD, *NEW))
    return found


async def test_the_first_poll_leaves_no_chrome_and_neither_does_a_redesign(place: World) -> None:
    publish(place, range(FIRST_POLL))
    await place.round([FEED], first_entries=FIRST_POLL)
    assert left(place) == dict.fromkeys(range(FIRST_POLL), 0)
    for start in range(FIRST_POLL, STORIES_IN_ALL, 5):
        place.later(hours=2)
        publish(place, range(start, start + 5))
        await place.round([FEED])
    assert left(place) == dict.fromkeys(range(STORIES_IN_ALL), 0)
    assert {each.source.name for each in place.storage.live(200, place.clock[0])} == {"Town"}
    asked = [url for url in place.sky.asked if url != FEED.url]
    assert len(asked) == len(set(asked)) == STORIES_IN_ALL, "what is cleaned once more is not asked for once more"


async def test_what_the_judge_alone_leaves_in(place: World) -> None:
    publish(place, range(3))
    await place.round([FEED])
    assert sum(left(place).values()) > 0, "or the test above shows nothing"


def cleaned(kept: str, removed: str = "", reason: str = REPEATED) -> Cleaned:
    gone = (Removed(text=removed, reason=reason),) if removed else ()
    return Cleaned(
        article=Article(title="", html="", text=""), kept=(Removed(text=kept, reason="article"),), removed=gone
    )


def test_only_what_repetition_took_out_is_looked_for_and_once() -> None:
    recent = Recent()
    recent.note("feed", 1, cleaned("a line"))
    recent.note("other", 2, cleaned("a line"))
    assert recent.holding("feed", cleaned("", "a line", "promotion")) == []
    assert recent.holding("feed", cleaned("", "another line")) == []
    assert recent.holding("feed", cleaned("", "a line")) == [1]
    assert recent.holding("feed", cleaned("", "a line")) == []
    assert recent.holding("nobody", cleaned("", "a line")) == []


def test_it_is_bounded() -> None:
    recent = Recent()
    for number in range(STORIES + 1):
        recent.note("feed", number, cleaned("a line"))
    assert recent.holding("feed", cleaned("", "a line")) == list(range(1, STORIES + 1))
    recent.note("quiet", 1, cleaned("a line"))
    for number in range(FEEDS):
        recent.note("feed", STORIES + 1, cleaned("a line"))
        recent.note(f"feed {number}", 1, cleaned("a line"))
    assert recent.holding("quiet", cleaned("", "a line")) == []
    assert recent.holding("feed", cleaned("", "a line")), "whoever has stories is no quiet feed"
