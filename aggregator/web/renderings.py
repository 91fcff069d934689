"""Keeps what was rendered until the store changes. Renders each thing once however many ask at the same time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from anyio import CapacityLimiter, to_thread

from aggregator.errors import StorageError
from aggregator.web.answers import Rendering

MAX_ENTRIES = 64
MAX_BYTES = 32 * 2**20

T = TypeVar("T")
log: structlog.stdlib.BoundLogger = structlog.get_logger("aggregator.web")


@dataclass(frozen=True, slots=True)
class _Held:
    version: tuple[int, object]
    rendering: Rendering
    since: datetime  # the second in which its bytes last changed


class Threads:
    """Runs blocking calls beside the event loop, a few at a time."""

    def __init__(self, count: int) -> None:
        self._limiter = CapacityLimiter(count)

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result, from a thread."""
        return await to_thread.run_sync(function, limiter=self._limiter)


class Renderings:
    """A bounded cache, used from one event loop. While the store can't be read it gives what it last had.

    What it renders is dated by when it first had these bytes: the stories' own dates don't tell of a copy that was
    found, of a story that was deleted or of another title. A date counts in seconds (RFC 9110, section 8.8.2), so what
    changes twice in one has none.
    """

    def __init__(
        self, version: Callable[[], int], threads: Threads, *, fresh: float, now: Callable[[], datetime]
    ) -> None:
        self._read_version = version
        self._threads = threads
        self._fresh = fresh
        self._now = now
        self._version = -1
        self._asking: asyncio.Task[int] | None = None
        self._known_until = 0.0
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()
        self._running: dict[Hashable, asyncio.Task[Rendering]] = {}

    async def get(self, key: Hashable, render: Callable[[], Rendering], *, moment: object = None) -> Rendering:
        """What `render` gives for the present state of the store, called in a thread; again for another `moment`."""
        try:
            version = (await self._current(), moment)
            held = self._held.get(key)
            if held is not None and held.version == version:
                self._held.move_to_end(key)
                return held.rendering
            return await self._rendered(key, version, render)
        except StorageError as error:
            held = self._held.get(key)
            if held is None:
                raise
            log.warning("store_unreadable_serving_last", reason=error.message)
            return held.rendering

    async def _current(self) -> int:
        if time.monotonic() < self._known_until:
            return self._version
        if self._asking is None:
            self._asking = asyncio.create_task(self._threads.run(self._read_version))
            self._asking.add_done_callback(self._told)
        return await asyncio.shield(self._asking)

    def _told(self, task: asyncio.Task[int]) -> None:
        self._asking = None
        if task.cancelled() or task.exception() is not None:  # whoever waits gets the exception
            return
        self._version = task.result()
        self._known_until = time.monotonic() + self._fresh

    async def _rendered(self, key: Hashable, version: tuple[int, object], render: Callable[[], Rendering]) -> Rendering:
        """The version was read before the stories, so what is kept is never newer in name than in content."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._dated(key, render))
            self._running[key] = task
            task.add_done_callback(partial(self._done, key, version))
        return await asyncio.shield(task)

    async def _dated(self, key: Hashable, render: Callable[[], Rendering]) -> Rendering:
        rendering = await self._threads.run(render)
        held, now = self._held.get(key), self._now().replace(microsecond=0)
        if held is None:
            return replace(rendering, modified=now)
        same = held.rendering.etag == rendering.etag
        return replace(rendering, modified=held.rendering.modified if same else now if now > held.since else None)

    def _done(self, key: Hashable, version: tuple[int, object], task: asyncio.Task[Rendering]) -> None:
        del self._running[key]
        if task.cancelled() or task.exception() is not None:  # whoever waits gets the exception
            return
        rendering, held = task.result(), self._held.get(key)
        since = rendering.modified or (held.since if held else self._now())
        self._held[key] = _Held(version, rendering, since)
        self._held.move_to_end(key)
        while len(self._held) > MAX_ENTRIES or (len(self._held) > 1 and self._bytes() > MAX_BYTES):
            self._held.popitem(last=False)

    def _bytes(self) -> int:
        return sum(held.rendering.size for held in self._held.values())
