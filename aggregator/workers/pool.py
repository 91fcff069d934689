"""Gives tasks to worker processes, one each at a time: starts them at need, kills and replaces them."""

import asyncio
import contextlib
import io
import pickle
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, Final, TypeVar

from aggregator.errors import AggregatorError, WorkerError
from aggregator.workers.processes import Nursery, Remote, Worker, failure

T = TypeVar("T")

_TASKS: Final = 5000  # of one process; then it is replaced, whatever it may have leaked goes with it
_PATIENCE: Final = 1.0  # seconds that a task waits before one more process is started
_GROWTH: Final = 4  # the part of a task's memory by which a process may have grown, by a language detector for one
_IDLE_SECONDS: Final = 10.0  # after which a process that has nothing to do gives its memory back
_NURSERY: Final = 6  # times as long without any worker, and the nursery ends: a new one costs half a second
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "builtins": frozenset({"set", "frozenset", "complex"}),
    "datetime": frozenset({"datetime", "date", "time", "timedelta", "timezone"}),
    "collections": frozenset({"OrderedDict"}),
    "aggregator.errors": frozenset({"_rebuild"}),
}


class _Unpickler(pickle.Unpickler):
    """A worker reads hostile bytes: should it be taken over, its answers still can make values and errors only."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module.partition(".")[0] == "aggregator":
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, (AggregatorError, Enum))):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not a value that a worker may give")


class Workers:
    """At most `count` processes, started at need. `timeout` in seconds and `memory` in bytes are a task's own.

    A further process is started when a task has waited `patience` seconds for one. A process ends when it had `tasks`,
    or nothing to do for `idle` seconds, or has grown. Linux only: rests on /proc, resource limits and prctl.
    """

    def __init__(
        self,
        count: int = 2,
        *,
        timeout: float,
        memory: int,
        tasks: int = _TASKS,
        idle: float = _IDLE_SECONDS,
        patience: float = _PATIENCE,
    ) -> None:
        self._timeout = timeout
        self._memory = memory
        self._count = max(1, count)
        self._free = asyncio.Semaphore(self._count)
        self._nursery: Nursery | None = None
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._starting = 0
        self._endings: set[asyncio.Task[Any]] = set()
        self._tasks = tasks
        self._idle_seconds = idle
        self._patience = patience
        self._change = asyncio.Event()  # set when a process comes free or ends
        self._timer: asyncio.TimerHandle | None = None
        self._used = 0.0  # when a process was last needed, by the loop's clock
        self._closed = False

    def adopt(self, *, timeout: float, memory: int) -> None:
        """Other bounds, for tasks that begin from now on."""
        self._timeout, self._memory = timeout, memory
        for worker in [worker for worker in self._idle if worker.memory != memory]:
            self._drop(worker)

    async def run(
        self,
        function: Callable[..., T] | Remote[T],
        *args: object,
        timeout: float | None = None,  # noqa: ASYNC109 - the task's time, kept by killing it
        **named: object,
    ) -> T:
        """Calls a module-level function in a worker. Its AggregatorErrors come back as they are.

        WorkerError `timeout`, `out_of_memory`, `too_large` (its result), or `crashed` with what is known of the cause.
        """
        remote = function if isinstance(function, Remote) else _by_name(function)
        task = pickle.dumps((remote.module, remote.name, pickle.dumps((args, named), protocol=5)), protocol=5)
        due = asyncio.get_running_loop().time() + self._patience
        async with self._free:
            worker = await self._take(remote, due)
            seconds = self._timeout if timeout is None else timeout
            try:
                kind, content = await worker.ask(task, seconds)
            except TimeoutError:
                self._drop(worker)
                raise WorkerError(
                    f"{remote.name} did not end within {seconds:g} seconds", error_class="timeout"
                ) from None
            except EOFError:
                raise await self._death(worker, remote.name) from None
            except BaseException:
                self._drop(worker)
                raise
            self._give_back(worker, healthy=kind in b"REX")
        result: T = _read(remote.name, kind, content)
        return result

    async def aclose(self) -> None:
        """Kills what runs; no process is left. Tasks under way fail with `crashed`."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for worker in [*self._idle, *self._busy]:
            self._drop(worker)
        self._leave_nursery()
        for _ in range(self._count):
            await self._free.acquire()
        for _ in range(self._count):
            self._free.release()
        while self._endings:
            await asyncio.wait(self._endings)

    async def _take(self, remote: Remote[T], due: float) -> Worker:
        await self._wait(due)
        fit = next((worker for worker in reversed(self._idle) if remote.needs in worker.ready), None)
        if fit is not None:
            self._idle.remove(fit)
        elif not self._closed:
            fit = await self._started(remote)
        if self._closed or fit is None:
            if fit is not None:
                self._drop(fit)
            raise WorkerError(f"{remote.name} was not begun: the program is ending", error_class="crashed")
        self._busy.add(fit)
        return fit

    async def _wait(self, due: float) -> None:
        """Until a process is free, none is left, or it is time to start one more."""
        while (self._busy or self._starting) and not self._idle and not self._closed:
            self._change.clear()
            try:
                async with asyncio.timeout_at(due):
                    await self._change.wait()
            except TimeoutError:
                return

    async def _started(self, remote: Remote[T]) -> Worker:
        """A new process, in the place of an idle one if there is any: that lacks what the task needs."""
        if self._idle:
            self._drop(self._idle[0])
        self._starting += 1
        start = asyncio.ensure_future(self._born(remote))
        try:
            return await asyncio.shield(start)
        except asyncio.CancelledError:
            self._later(self._unwanted(start))
            raise
        finally:
            self._starting -= 1
            self._change.set()

    async def _born(self, remote: Remote[T]) -> Worker:
        try:
            if self._nursery is None or not self._nursery.alive:
                self._leave_nursery()
                self._nursery = Nursery()
            return await self._nursery.worker(remote, self._memory)
        except OSError as error:
            raise WorkerError(f"no process can be started: {error.strerror}", error_class="crashed") from error

    async def _unwanted(self, start: "asyncio.Future[Worker]") -> None:
        with contextlib.suppress(WorkerError):
            await (await start).end()

    def _give_back(self, worker: Worker, *, healthy: bool) -> None:
        bounded = worker.memory == self._memory and worker.grown <= self._memory // _GROWTH
        if self._closed or not healthy or worker.tasks >= self._tasks or not bounded:
            self._drop(worker)
            return
        self._busy.discard(worker)
        self._idle.append(worker)
        self._change.set()
        worker.since = self._used = asyncio.get_running_loop().time()
        self._look_again(self._idle_seconds)

    def _look_again(self, seconds: float) -> None:
        if self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._retire)

    def _retire(self) -> None:
        """End what has been idle for long: the last one given back is the first one taken, so few tasks need few."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for worker in [worker for worker in self._idle if now - worker.since >= self._idle_seconds]:
            self._drop(worker)
        if self._idle:
            self._look_again(self._idle[0].since + self._idle_seconds - now)
        elif self._busy or self._starting or now - self._used < _NURSERY * self._idle_seconds:
            self._look_again(self._idle_seconds)
        else:
            self._leave_nursery()

    async def _death(self, worker: Worker, name: str) -> WorkerError:
        kind, how = await self._drop(worker)
        if self._closed:
            return WorkerError(f"{name} was broken off: the program is ending", error_class="crashed")
        return failure(f"the process of {name} {how.partition(chr(10))[0]}", kind, note=how)

    def _drop(self, worker: Worker) -> "asyncio.Task[tuple[str, str]]":
        """Ends a process, in the background; gives why it had died."""
        self._busy.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        self._change.set()
        self._look_again(self._idle_seconds)
        worker.ending = worker.ending or self._later(worker.end())
        return worker.ending

    def _leave_nursery(self) -> None:
        if self._nursery is not None:
            self._later(self._nursery.aclose())
            self._nursery = None

    def _later(self, ending: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """In a task of its own, for answers come in the order of what was asked, and nobody may give up in between."""
        task = asyncio.ensure_future(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        return task


def _by_name(function: Callable[..., T]) -> Remote[T]:
    module, name = function.__module__, function.__qualname__
    if module == "__main__" or "<" in name:
        raise ValueError(f"{module}.{name} can't be found by name in another process")
    return Remote(module, name)


def _read(name: str, kind: bytes, content: bytes) -> Any:
    if kind == b"M":
        raise WorkerError(f"{name} wanted more memory than a worker has", error_class="out_of_memory")
    if kind == b"L":
        raise WorkerError(f"the result of {name} is too large ({content.decode()} bytes)", error_class="too_large")
    if kind == b"X":
        trace = content.decode("utf-8", "replace").strip()
        raise failure(f"{name} failed: {trace.rpartition(chr(10))[2]}", "crashed", note=trace)
    try:
        value = _Unpickler(io.BytesIO(content)).load()
    except Exception as error:  # a damaged pickle can raise anything
        raise WorkerError(f"the result of {name} cannot be read: {error!a:.300}", error_class="crashed") from None
    if kind == b"E":
        raise value if isinstance(value, AggregatorError) else WorkerError(f"{name} failed", error_class="crashed")
    return value
