"""Renderings are made once, kept within bounds, and tried again after a failure."""

import asyncio
import time

import pytest
from demo import NOW
from webbench import Bench

from aggregator.web.answers import prepare
from aggregator.web.renderings import MAX_ENTRIES, Renderings, Threads


@pytest.fixture
def bench():
    return Bench()


async def test_a_hundred_at_once_render_once():
    made = []

    def render():
        made.append(1)
        return prepare(b"x" * 100, "text/plain")

    def version():
        asked.append(1)
        time.sleep(0.001)
        return 1

    asked = []
    renderings = Renderings(version, Threads(2), fresh=60, now=lambda: NOW)
    found = await asyncio.gather(*(renderings.get("key", render) for _ in range(100)))
    assert (len(asked), len(made)) == (1, 1)
    assert len({one.etag for one in found}) == 1


async def test_the_cache_is_bounded():
    made = []

    def render():
        made.append(1)
        return prepare(b"x", "text/plain")

    renderings = Renderings(lambda: 1, Threads(2), fresh=60, now=lambda: NOW)
    for number in range(MAX_ENTRIES + 1):
        await renderings.get(number, render)
    await renderings.get(MAX_ENTRIES, render)
    assert len(made) == MAX_ENTRIES + 1
    await renderings.get(0, render)  # the oldest had to go
    assert len(made) == MAX_ENTRIES + 2


async def test_a_failed_rendering_is_tried_again():
    made = []

    def render():
        made.append(1)
        if len(made) == 1:
            raise RuntimeError("once")
        return prepare(b"x", "text/plain")

    renderings = Renderings(lambda: 1, Threads(2), fresh=60, now=lambda: NOW)
    with pytest.raises(RuntimeError):
        await renderings.get("key", render)
    assert (await renderings.get("key", render)).body == b"x"


async def test_the_counter_is_believed_for_a_while():
    asked = []
    renderings = Renderings(lambda: len(asked.append(1) or asked), Threads(2), fresh=60, now=lambda: NOW)
    for _ in range(10):
        await renderings.get("key", lambda: prepare(b"x", "text/plain"))
    assert len(asked) == 1
