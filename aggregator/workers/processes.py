"""The parent's side of the processes: the nursery that forks workers, and a worker's socket."""

import asyncio
import contextlib
import io
import os
import pickle
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from aggregator.errors import WorkerError

T = TypeVar("T")

MAX_RESULT: Final = 64 * 2**20  # bytes of one pickled result

_LENGTH: Final = 8
_START_SECONDS: Final = 60.0  # to start Python and load what a task needs, on a busy machine
_END_SECONDS: Final = 5.0
_ANSWER: Final = 2**16
_TAIL: Final = 2000
_AT_ONCE: Final = 2**16  # bytes read from a worker, if there are so many
_CHILD: Final = Path(__file__).with_name("child.py")
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHOME")
# Each library's thread pool would reserve address space for a machine full of cores, one task uses one core, and a
# process with threads can't be forked.
_ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# A large block goes back to the system when it is freed, whatever came before it.
_ONE_HEAP: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**23),
}
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Remote(Generic[T]):
    """A worker's function by name: the parent then needs none of the libraries that only workers use.

    `ready`, a function of the same module, is called once before workers are forked that do such tasks: they then
    share what it has loaded.
    """

    module: str
    name: str
    ready: str = ""

    @property
    def needs(self) -> tuple[str, str]:
        """What has to be loaded."""
        return self.module, self.ready


class Nursery:
    """A process that loads what tasks need, once, reads nothing from outside, and forks the workers.

    A worker is there in milliseconds, shares the memory of the libraries with the others, and is as cheap to replace.
    """

    def __init__(self) -> None:
        self._ready: frozenset[tuple[str, str]] = frozenset()
        self._gone = False
        self._turn = asyncio.Lock()
        with contextlib.ExitStack() as opened:
            self._errors = opened.enter_context(_memory_file())
            self._link, theirs = map(opened.enter_context, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            self._process = _nursery(theirs, self._errors)
            theirs.close()
            opened.pop_all()
        self._link.setblocking(False)
        self._link.send(pickle.dumps(sys.path))

    @property
    def alive(self) -> bool:
        """Whether it can be asked for workers."""
        return not self._gone and self._process.poll() is None

    async def worker(self, remote: Remote[T], memory: int) -> "Worker":
        """A new one that has what the function needs. WorkerError `crashed` when that can't be loaded."""
        with contextlib.ExitStack() as opened:
            errors = opened.enter_context(_memory_file())
            link, theirs = map(opened.enter_context, socket.socketpair())
            request = f"fork {remote.module} {remote.ready}".encode()
            pid = _number(await self._asked(request, theirs.fileno(), errors.fileno()), remote.module)
            theirs.close()
            opened.pop_all()
        self._ready |= {remote.needs, (remote.module, "")}
        return Worker(self, pid, link, errors, memory=memory, ready=self._ready)

    async def end(self, pid: int) -> int:
        """Kills a worker, if it lives, and gives its exit code."""
        try:
            return int((await self._asked(b"end %d" % pid))[1:])
        except WorkerError:
            return -signal.SIGKILL  # as all of them end with the nursery

    async def aclose(self) -> None:
        """Ends it, after what it was asked before; what workers there are die too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS), self._turn:
                pass
        self._process.kill()
        await asyncio.to_thread(self._process.wait)
        async with self._turn:  # who still waits for an answer has seen the end
            self._link.close()
            self._errors.close()

    async def _asked(self, request: bytes, *descriptors: int) -> bytes:
        """The answer to a request, one at a time. Must not be cancelled: the next one would get its answer."""
        async with self._turn:
            try:
                async with asyncio.timeout(_START_SECONDS):
                    socket.send_fds(self._link, [request], descriptors)
                    answer = await asyncio.get_running_loop().sock_recv(self._link, _ANSWER)
            except TimeoutError:
                self._process.kill()
                answer = b""
            except OSError:
                answer = b""
        if not answer:
            self._gone = True
            raise failure("the process that starts workers is gone", "crashed", note=_tail(self._errors))
        return answer


class Worker:
    """One worker process and the socket to it. `ready` is what it has loaded, `memory` the bytes a task may take."""

    def __init__(
        self,
        nursery: Nursery,
        pid: int,
        link: socket.socket,
        errors: io.BufferedRandom,
        *,
        memory: int,
        ready: frozenset[tuple[str, str]],
    ) -> None:
        self.memory = memory
        self.ready = ready
        self.tasks = 0
        self.grown = 0  # bytes of memory since it was forked
        self.since = 0.0  # when it became idle, by the loop's clock
        self.ending: asyncio.Task[tuple[str, str]] | None = None
        self._nursery = nursery
        self._pid = pid
        self._link = link
        self._errors = errors
        self._confused = False
        self._turn = asyncio.Lock()  # at the socket
        self._come = bytearray()  # read from the socket, and not asked for yet
        self._loop = asyncio.get_running_loop()
        self._hello = _frame(pickle.dumps((memory, MAX_RESULT)))
        link.setblocking(False)

    async def ask(self, task: bytes, seconds: float) -> tuple[bytes, bytes]:
        """Hands a task over and waits for its end. TimeoutError past the time, EOFError when the process dies."""
        self.tasks += 1
        try:
            async with self._turn, asyncio.timeout(seconds):
                await self._loop.sock_sendall(self._link, self._hello + _frame(task))
                self._hello = b""
                kind, content = await self._answer()
        except (ConnectionError, BrokenPipeError) as error:
            raise EOFError from error
        self.grown = int.from_bytes(content[:_LENGTH], "big")
        return kind, content[_LENGTH:]

    async def end(self) -> tuple[str, str]:
        """Kills the process if it lives. Why it died otherwise: an error class, and what can be said of it."""
        code = await self._nursery.end(self._pid)
        tail = _tail(self._errors)
        async with self._turn:  # who waits for an answer sees its end, which may come after that of the process
            self._link.close()
        self._errors.close()
        if self._confused:
            return "crashed", "answered nonsense"
        if code == -signal.SIGKILL or "memory allocation of" in tail or "MemoryError" in tail:
            return "out_of_memory", "was ended for want of memory"
        how = f"died of signal {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return "crashed", f"{how}\n{tail}".strip()

    async def _answer(self) -> tuple[bytes, bytes]:
        size = int.from_bytes(await self._exactly(_LENGTH), "big")
        if not 1 + _LENGTH <= size <= MAX_RESULT + 2 * _LENGTH:
            self._confused = True
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


def _number(answer: bytes, module: str) -> int:
    if answer.startswith(b"+"):
        return int(answer[1:])
    trace = answer[1:].decode("utf-8", "replace").strip()
    raise failure(f"{module} can't be loaded: {trace.rpartition(chr(10))[2]}", "crashed", note=trace)


def failure(message: str, kind: str, *, note: str) -> WorkerError:
    """One line for people; the whole trace goes along as a note, for the log."""
    line = "".join(char if char.isprintable() else " " for char in message)
    error = WorkerError(line[:300], error_class=kind)
    error.add_note(note)
    return error


def _nursery(link: socket.socket, errors: io.BufferedRandom) -> "subprocess.Popen[bytes]":
    # Signals wait until the child ignores them: one to the whole group must not end it as it starts.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", "-X", "faulthandler", str(_CHILD), str(link.fileno()), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(link.fileno(),),
            env=_environment(),
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _environment() -> dict[str, str]:
    """No secrets of ours in a process that reads hostile bytes.

    It may keep the bytecode of what it imports where its parent may: nobody else imports the libraries that it needs,
    and compiling them costs as much as loading them.
    """
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if sys.dont_write_bytecode:
        kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return kept | dict.fromkeys(_ONE_THREAD, "1") | _ONE_HEAP


def _memory_file() -> io.BufferedRandom:
    """For a process's standard error: no disk, for containers may have none to write."""
    return os.fdopen(os.memfd_create("worker-errors"), "w+b")


def _tail(file: io.BufferedRandom) -> str:
    if file.closed:
        return ""
    file.seek(max(0, file.seek(0, io.SEEK_END) - _TAIL))
    return file.read(_TAIL).decode("utf-8", "backslashreplace").strip()


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH, "big") + content
