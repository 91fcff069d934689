"""What a site's memory takes off: fifty articles of one site, its chrome sentences like any other, one redesign at 30.

    python benchmarks/chrome.py

Lines of chrome that are left (of 100) and lines of the articles that are lost (of 300): by the judge alone, with the
memory as each article was cleaned first, and in the store in the end, where the last stories are cleaned once more as
soon as more is known. The site is the one of tests/test_sitechrome.py.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_recent import FEED, FIRST_POLL, REDESIGN, STORIES_IN_ALL, publish
from test_sitechrome import NEW, NOW, OLD, Memory, memory_in, page, story, text
from world import world

from aggregator.clean import clean, load_model
from aggregator.model import Site

ARTICLES = range(STORIES_IN_ALL)


def counted(texts: Iterator[str]) -> tuple[int, int]:
    left = lost = 0
    for number, body in zip(ARTICLES, texts, strict=True):
        own = story(number)
        left += sum(line in body for line in (*OLD, *NEW))
        lost += sum(max(0, own.count(line) - body.count(line)) for line in set(own))
    return left, lost


def cleaned(make, memory: Memory | None = None) -> Iterator[str]:
    model = load_model()
    for number in ARTICLES:
        site = memory.site() if memory else Site()
        result = clean(make(number, OLD if number < REDESIGN else NEW), None, site, model)
        if memory:
            memory.learn(result.observed, NOW + timedelta(hours=number))
        yield result.article.text


def remembering(make) -> tuple[int, int]:
    with tempfile.TemporaryDirectory() as folder, memory_in(Path(folder)) as memory:
        return counted(cleaned(make, memory))


async def stored(folder: Path) -> list[str]:
    """As a service would have it: a first poll of twenty stories, then five at a time."""
    async with world(folder) as place:
        publish(place, range(FIRST_POLL))
        await place.round([FEED], first_entries=FIRST_POLL)
        for start in range(FIRST_POLL, STORIES_IN_ALL, 5):
            place.later(hours=2)
            publish(place, range(start, start + 5))
            await place.round([FEED])
        found = {each.url: each.text for each in place.storage.live(200, place.clock[0])}
    return [found[f"https://town.example/story-{number}"] for number in ARTICLES]


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows = [
        ("pages, the judge alone", counted(cleaned(page))),
        ("pages, with memory, as first cleaned", remembering(page)),
        ("texts of one folder, the judge alone", counted(cleaned(text))),
        ("texts of one folder, with memory", remembering(text)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows.append(("pages, polled, as stored in the end", counted(iter(asyncio.run(stored(Path(folder)))))))
    print(f"{'':40} chrome left of 100, own lines lost of {sum(len(story(number)) for number in ARTICLES)}")
    for name, (left, lost) in rows:
        print(f"{name:40} {left:5} {lost:5}")


if __name__ == "__main__":
    main()
