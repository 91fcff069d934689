"""Jobs by host: at most `per_host` of one host and `total` of all run at once, the rest wait in their host's lane.

A host with a thousand feeds so never takes the places of the others. What a job does is not known here.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from aggregator.guard import Places

K = TypeVar("K", bound=Hashable)


class Lanes(Generic[K]):
    """Runs `job(key)` for each key put in, each key once at a time. A job's exception is kept for `idle` to raise.

    A job may `leave` its place to the next one and go on without.
    """

    def __init__(self, job: Callable[[K], Awaitable[None]], *, per_host: int, total: int) -> None:
        self._job = job
        self._per_host = per_host
        self._places = Places(total)
        self._waiting: dict[str, deque[K]] = {}
        self._running: dict[str, int] = {}
        self._keys: set[K] = set()
        self._held: dict[K, asyncio.Future[None]] = {}  # places, by who holds them
        self._tasks: set[asyncio.Task[None]] = set()  # lanes and jobs
        self._rest = asyncio.Event()  # set while there are no tasks
        self._rest.set()
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
            self._start(self._lane(host))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        self._rest.clear()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self._rest.set()

    def leave(self, key: K) -> None:
        """For a job that runs: what it still does needs no place."""
        held = self._held.pop(key, None)
        if held is not None and not held.done():
            held.set_result(None)

    async def _lane(self, host: str) -> None:
        waiting = self._waiting[host]
        try:
            while waiting and self._running[host] <= self._per_host:
                async with self._places:
                    if not waiting:  # the host's other lane took the last one
                        break
                    key = waiting.popleft()
                    self._held[key] = held = asyncio.get_running_loop().create_future()
                    self._start(self._run(key))
                    await held
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
            self.leave(key)

    async def idle(self) -> None:
        """Wait until nothing waits or runs; raise the first exception that a job let out since the last call."""
        await self._rest.wait()
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
