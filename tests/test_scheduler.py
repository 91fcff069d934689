"""The service's clock, when the store fails and comes back."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest_asyncio
from loopback import PARAGRAPHS, page
from world import World, world

from aggregator.model import Feed
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.rules import compile_rules
from aggregator.scheduler import Scheduler

SITE = "https://news.example"
FEEDS = [Feed(url=f"{SITE}/{name}.xml", name=name) for name in ("one", "two")]
ITEM = "<item><guid isPermaLink='false'>{0}</guid><title>On {0}</title><link>{1}/{0}</link></item>"


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        for feed, name in zip(FEEDS, ("tanks", "bridge"), strict=True):
            body = f"<rss version='2.0'><channel><title>T</title>{ITEM.format(name, SITE)}</channel></rss>"
            made.sky.put(feed.url, body, "application/rss+xml")
            made.sky.put(f"{SITE}/{name}", page(f"On {name}", PARAGRAPHS[name]))
        yield made


async def again(begin: Callable[[], Awaitable[int]]) -> None:
    """Begin something, and begin it once more, which it can be when it has ended."""
    for _ in range(2):
        while not await begin():
            await asyncio.sleep(0.01)


async def test_feeds_and_stories_that_met_one_outage_are_one_trouble(place: World, tmp_path: Path) -> None:
    place.storage.sync_feeds(FEEDS, place.clock[0])
    rounds = Rounds(place.edges, compile_rules(FEEDS, ()), first_entries=10)
    await rounds.load()
    rounds.start_due(only=[FEEDS[0].url])
    while not place.storage.work(place.clock[0], 10):
        await asyncio.sleep(0.01)

    async def poll() -> int:
        return rounds.start_due(only=[FEEDS[1].url])

    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as store:
        for table in ("articles", "entries"):
            store.execute(f"CREATE TRIGGER away_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'away'); END")
        await again(rounds.start_work)
        await again(poll)
        for table in ("articles", "entries"):
            store.execute(f"DROP TRIGGER away_{table}")

    looked = []

    async def nothing() -> None:
        pass

    async def writable() -> None:
        looked.append(scheduler.trouble)

    scheduler = Scheduler(rounds, tidy=nothing, writable=writable, held=nothing, subscribe=nothing)
    scheduler.start()
    while not scheduler.trouble:
        await asyncio.sleep(0.01)
    while sorted(place.live()) != ["On bridge", "On tanks"]:  # both are due again
        await asyncio.sleep(0.01)
    assert not scheduler.trouble
    assert len(looked) == 1, looked
    await scheduler.stop()
    await rounds.close()
