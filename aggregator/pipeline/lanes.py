"""Jobs by host: at most `per_host` of one host and `total` of all run at once, the rest wait in their host's lane.

A host with a thousand feeds so never takes the places of the others. What a job does is not known here.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from aggregator.guard import Places

K = TypeVar("K", bound=Hashable)


class Lanes(Generic[K]):
    """Runs `job(key)` for each key put in, each key once at a time. A job's exception is kept for `idle` to raise."""

    def __init__(self, job: Callable[[K], Awaitable[None]], *, per_host: int, total: int) -> None:
        self._job = job
        self._per_host = per_host
        self._places = Places(total)
        self._waiting: dict[str, deque[K]] = {}
        self._running: dict[str, int] = {}
        self._keys: set[K] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    @property
    def keys(self) -> frozenset[K]:
        """What waits or runs."""
        return frozenset(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, host: str, key: K) -> bool:
        """Queue a job; False when the same key waits or runs already."""
        if key in self._keys:
            return False
        self._keys.add(key)
        self._waiting.setdefault(host, deque()).append(key)
        self._open(host, 1)
        return True

    def resize(self, *, per_host: int, total: int) -> None:
        """Other numbers from now on. What runs goes on."""
        self._per_host = per_host
        self._places.resize(total)
        for host, waiting in self._waiting.items():
            self._open(host, len(waiting))

    def _open(self, host: str, lanes: int) -> None:
        running = self._running.get(host, 0)
        for _ in range(min(lanes, self._per_host - running)):
            self._running[host] = self._running.get(host, 0) + 1
            task = asyncio.create_task(self._lane(host))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _lane(self, host: str) -> None:
        waiting = self._waiting[host]
        try:
            while waiting and self._running[host] <= self._per_host:
                async with self._places:
                    if not waiting:  # the host's other lane took the last one
                        break
                    await self._run(waiting.popleft())
        finally:
            self._running[host] -= 1
            if not self._running[host]:
                del self._running[host]
                if not self._waiting.get(host):
                    self._waiting.pop(host, None)

    async def _run(self, key: K) -> None:
        try:
            await self._job(key)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # a bug or a lost store: handed to whoever waits for the lanes
            self._failure = self._failure or error
        finally:
            self._keys.discard(key)

    async def idle(self) -> None:
        """Wait until nothing waits or runs; raise the first exception that a job let out since the last call."""
        while self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise the first exception that a job let out, once."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Cancel what runs and forget what waits."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._keys.clear()
        self._waiting.clear()
