"""The parent's side: starts worker processes at need, gives them one task each, kills and replaces them."""

import asyncio
import contextlib
import io
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from aggregator.errors import AggregatorError, WorkerError

T = TypeVar("T")

MAX_RESULT: Final = 64 * 2**20  # bytes of one pickled result

_LENGTH: Final = 8
_TASKS: Final = 5000  # of one process; then it is replaced, whatever it may have leaked goes with it
_PATIENCE: Final = 1.0  # seconds that a task waits before one more process is started: that costs more than most tasks
_IDLE_SECONDS: Final = 60.0  # after which a process that has nothing to do gives its memory back
_START_SECONDS: Final = 60.0  # to start Python and import the task's module on a busy machine
_END_SECONDS: Final = 5.0
_TAIL: Final = 2000
_AT_ONCE: Final = 2**16  # bytes read from a worker, if there are so many
_CHILD: Final = Path(__file__).with_name("child.py")
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHOME")
# Each library's thread pool would reserve address space for a machine full of cores, and one task uses one core.
_ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "builtins": frozenset({"set", "frozenset", "complex"}),
    "datetime": frozenset({"datetime", "date", "time", "timedelta", "timezone"}),
    "collections": frozenset({"OrderedDict"}),
    "aggregator.errors": frozenset({"_rebuild"}),
}


@dataclass(frozen=True, slots=True)
class Remote(Generic[T]):
    """A worker's function by name: the parent then needs none of the libraries that only workers use."""

    module: str
    name: str


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


class _Child:
    """One worker process and the socket to it."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.tasks = 0
        self.since = 0.0  # when it became idle, by the loop's clock
        self._resident = 0
        self._first_resident = 0
        self._confused = False
        self._loaded: set[str] = set()  # modules of tasks
        self._come = bytearray()  # read from the socket, and not asked for yet
        self._loop = asyncio.get_running_loop()
        self._errors = os.fdopen(os.memfd_create("worker-errors"), "w+b")  # no disk: containers may have none to write
        self._link, theirs = socket.socketpair()
        # Signals wait until the child ignores them: one to the whole group must not end a worker as it starts.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-P", "-X", "faulthandler", str(_CHILD), str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )
        except BaseException:
            self._link.close()
            self._errors.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        self._link.setblocking(False)
        self._hello = _frame(pickle.dumps((sys.path, memory, MAX_RESULT)))

    async def ask(self, task: bytes, module: str, seconds: float) -> tuple[bytes, bytes]:
        """Hands a task over and waits for its end. TimeoutError past the time, EOFError when the process dies.

        The time begins once the task's module is loaded, which the child tells the first time.
        """
        self.tasks += 1
        try:
            async with asyncio.timeout(seconds if module in self._loaded else _START_SECONDS):
                await self._loop.sock_sendall(self._link, self._hello + _frame(task))
                self._hello = b""
                kind, content = await self._answer()
            if kind == b"S":
                self._loaded.add(module)
                async with asyncio.timeout(seconds):
                    kind, content = await self._answer()
        except (ConnectionError, BrokenPipeError) as error:
            raise EOFError from error
        self._resident = int.from_bytes(content[:_LENGTH], "big")
        self._first_resident = self._first_resident or self._resident
        return kind, content[_LENGTH:]

    def grown(self) -> int:
        """By how many bytes of memory the process has grown since its first task, which loaded the libraries."""
        return self._resident - self._first_resident

    def kill(self) -> None:
        """Ends the process, whatever it is doing. The socket stays: somebody may be waiting for the end of it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def gone(self) -> bool:
        """Whether the process has ended; asking lets the system forget it. For nobody's child any more."""
        if self._process.poll() is None:
            return False
        self._link.close()
        self._errors.close()
        return True

    async def cause(self) -> tuple[str, str]:
        """Why the process died: an error class, and what can be said of it."""
        self._link.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._process.wait), _END_SECONDS)
        if self._confused:
            return "crashed", "answered nonsense"
        code = self._process.returncode
        self._errors.seek(max(0, self._errors.seek(0, io.SEEK_END) - _TAIL))
        tail = self._errors.read(_TAIL).decode("utf-8", "backslashreplace").strip()
        if code == -signal.SIGKILL or "memory allocation of" in tail or "MemoryError" in tail:
            return "out_of_memory", "was ended for want of memory"
        how = f"died of signal {signal.Signals(-code).name}" if code and code < 0 else f"ended with code {code}"
        return "crashed", f"{how}\n{tail}".strip()

    async def _answer(self) -> tuple[bytes, bytes]:
        size = int.from_bytes(await self._exactly(_LENGTH), "big")
        if not 1 <= size <= MAX_RESULT + 2 * _LENGTH:
            self._confused = True
            self.kill()
            raise EOFError
        content = await self._exactly(size)
        return content[:1], content[1:]

    async def _exactly(self, size: int) -> bytes:
        """So many bytes, and what has come with them is kept: an answer is several small pieces, sent at once."""
        while len(self._come) < size:
            part = await self._loop.sock_recv(self._link, max(_AT_ONCE, min(size - len(self._come), 2**20)))
            if not part:
                raise EOFError
            self._come += part
        found = bytes(self._come[:size])
        del self._come[:size]
        return found


class Workers:
    """At most `count` processes, started at need. `timeout` in seconds and `memory` in bytes are a task's own.

    A further process is started when a task has waited `patience` seconds for one. A process ends when it had `tasks`,
    or nothing to do for `idle` seconds. Linux only: rests on /proc, resource limits and prctl.
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
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._dying: list[_Child] = []
        self._tasks = tasks
        self._idle_seconds = idle
        self._patience = patience
        self._change = asyncio.Event()  # set when a process comes free or ends
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def adopt(self, *, timeout: float, memory: int) -> None:
        """Other bounds, for tasks that begin from now on."""
        self._timeout, self._memory = timeout, memory
        for child in [child for child in self._idle if child.memory != memory]:
            self._drop(child)

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
            child = await self._take(remote.name, due)
            seconds = self._timeout if timeout is None else timeout
            try:
                kind, content = await child.ask(task, remote.module, seconds)
            except TimeoutError:
                self._drop(child)
                raise WorkerError(
                    f"{remote.name} did not end within {seconds:g} seconds", error_class="timeout"
                ) from None
            except EOFError:
                raise await self._death(child, remote.name) from None
            except BaseException:
                self._drop(child)
                raise
            self._give_back(child, healthy=kind in b"REX")
        result: T = _read(remote.name, kind, content)
        return result

    async def aclose(self) -> None:
        """Kills what runs; no child is left. Tasks under way fail with `crashed`."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for child in self._busy:
            child.kill()
        for child in list(self._idle):
            self._drop(child)
        for _ in range(self._count):
            await self._free.acquire()
        for _ in range(self._count):
            self._free.release()
        for child in self._dying:
            await child.cause()
        self._reap()

    async def _take(self, name: str, due: float) -> _Child:
        self._reap()
        await self._wait(due)
        if self._closed:
            raise WorkerError(f"{name} was not begun: the program is ending", error_class="crashed")
        child = self._idle.pop() if self._idle else _Child(self._memory)
        self._busy.add(child)
        return child

    async def _wait(self, due: float) -> None:
        """Until a process is free, none is left, or it is time to start one more."""
        while self._busy and not self._idle and not self._closed:
            self._change.clear()
            try:
                async with asyncio.timeout_at(due):
                    await self._change.wait()
            except TimeoutError:
                return

    def _give_back(self, child: _Child, *, healthy: bool) -> None:
        self._busy.discard(child)
        bounded = child.memory == self._memory and child.grown() <= self._memory // 4
        if self._closed or not healthy or child.tasks >= self._tasks or not bounded:
            self._drop(child)
        else:
            self._idle.append(child)
            self._change.set()
            child.since = asyncio.get_running_loop().time()
            if self._timer is None:
                self._look_again(self._idle_seconds)

    def _look_again(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._retire)

    def _retire(self) -> None:
        """End what has been idle for long: the last one given back is the first one taken, so few tasks need few."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for child in [child for child in self._idle if now - child.since >= self._idle_seconds]:
            self._drop(child)
        self._reap()
        if self._idle:
            self._look_again(self._idle[0].since + self._idle_seconds - now)
        elif self._dying:
            self._look_again(1.0)  # to let the system forget them

    async def _death(self, child: _Child, name: str) -> WorkerError:
        if self._closed:
            self._drop(child)
            return WorkerError(f"{name} was broken off: the program is ending", error_class="crashed")
        kind, how = await child.cause()
        self._drop(child)
        return _error(f"the process of {name} {how.partition(chr(10))[0]}", kind, note=how)

    def _drop(self, child: _Child) -> None:
        child.kill()
        self._busy.discard(child)
        self._change.set()
        if child in self._idle:
            self._idle.remove(child)
        if child not in self._dying:
            self._dying.append(child)

    def _reap(self) -> None:
        self._dying = [child for child in self._dying if not child.gone()]


def _environment() -> dict[str, str]:
    """No secrets of ours in a process that reads hostile bytes.

    It may keep the bytecode of what it imports where its parent may: nobody else imports the libraries that it needs,
    and compiling them costs each new process as much as loading them.
    """
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if sys.dont_write_bytecode:
        kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return kept | dict.fromkeys(_ONE_THREAD, "1") | {"MALLOC_ARENA_MAX": "1"}


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH, "big") + content


def _by_name(function: Callable[..., T]) -> Remote[T]:
    module, name = function.__module__, function.__qualname__
    if module == "__main__" or "<" in name:
        raise ValueError(f"{module}.{name} can't be found by name in another process")
    return Remote(module, name)


def _error(message: str, kind: str, *, note: str) -> WorkerError:
    """One line for people; the whole trace goes along as a note, for the log."""
    line = "".join(char if char.isprintable() else " " for char in message)
    error = WorkerError(line[:300], error_class=kind)
    error.add_note(note)
    return error


def _read(name: str, kind: bytes, content: bytes) -> Any:
    if kind == b"M":
        raise WorkerError(f"{name} wanted more memory than a worker has", error_class="out_of_memory")
    if kind == b"L":
        raise WorkerError(f"the result of {name} is too large ({content.decode()} bytes)", error_class="too_large")
    if kind == b"X":
        trace = content.decode("utf-8", "replace").strip()
        raise _error(f"{name} failed: {trace.rpartition(chr(10))[2]}", "crashed", note=trace)
    try:
        value = _Unpickler(io.BytesIO(content)).load()
    except Exception as error:  # a damaged pickle can raise anything
        raise WorkerError(f"the result of {name} cannot be read: {error!a:.300}", error_class="crashed") from None
    if kind == b"E":
        raise value if isinstance(value, AggregatorError) else WorkerError(f"{name} failed", error_class="crashed")
    return value
