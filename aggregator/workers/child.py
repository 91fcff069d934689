"""What runs in the processes of `pool`: the nursery, which loads what tasks need, and the workers it forks.

Run as a script, never imported, and importing nothing of the project itself: a task's own module says what is needed.
The nursery reads nothing but its parent's requests, a message each: b"fork module function", with a worker's socket
and its file for errors, and b"end pid". It answers b"+number" (a process id, an exit code) or b"-" and a trace.

A worker takes a task off its socket, does it, answers, until the socket ends. Frames are eight bytes of length and as
many of content; the first byte of an answer is its kind: R result, E one of our errors, X any other exception as text,
M out of memory, L result too large; the next eight tell by how many bytes the process has grown.
"""

import ctypes
import gc
import importlib
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final

_LENGTH: Final = 8
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NAME: Final = 15
# Of standard error, and of anything a task might want to write: py3langid unpacks its model, 65 MiB, to a file.
_FILE_BYTES: Final = 2**27
_JUMP: Final = 2**25  # bytes; a process that grows by more gives back to the system what it can
_REQUEST: Final = 2**12
_TRACE: Final = 8000
_AT_ONCE: Final = 2**16  # bytes; what is larger isn't copied to be sent in one piece
_COLLECTED: Final = (10_000, 20, 20)  # a document is thousands of objects, and hardly any is garbage while it is read
_STATM: Final = "/proc/self/statm"


def _receive(link: socket.socket) -> bytes | None:
    """One frame; None when the parent has gone."""
    head = _exactly(link, _LENGTH)
    return None if head is None else _exactly(link, int.from_bytes(head, "big"))


def _exactly(link: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        part = link.recv(min(size - len(data), 2**20))
        if not part:
            return None
        data += part
    return bytes(data)


def _send(link: socket.socket, content: bytes) -> None:
    head = len(content).to_bytes(_LENGTH, "big")
    if len(content) <= _AT_ONCE:  # each piece wakes the parent
        link.sendall(head + content)
    else:
        link.sendall(head)
        link.sendall(content)


def _shield(parent: int, name: bytes) -> None:
    """The parent alone decides when this process ends; when it dies, so does this one, even in the midst of C code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(_PR_SET_NAME, name, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))


def _sizes(statm: int) -> tuple[int, int]:
    """Address space and resident memory of this process, in bytes."""
    total, resident = os.pread(statm, 200, 0).split()[:2]
    return int(total) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _limit(total: int, resident: int, memory: int) -> None:
    """Address space for a task on top of what is mapped already: libraries reserve far more than they touch.

    What the process holds in memory counts, but half of the bound is the task's in any case.
    """
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (total + max(memory - resident, memory // 2), hard))


def _find(module: str, name: str) -> Callable[..., Any]:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    function: Callable[..., Any] = found
    return function


def _is_ours(error: BaseException) -> bool:
    return any(kind.__module__ == "aggregator.errors" for kind in type(error).__mro__)


def _do(task: bytes, *, largest: int) -> tuple[bytes, bytes]:
    try:
        module, name, arguments = pickle.loads(task)  # noqa: S301 - the parent's own
        function = _find(module, name)
        args, named = pickle.loads(arguments)  # noqa: S301 - likewise
        result = pickle.dumps(function(*args, **named), protocol=5)
    except MemoryError:
        return b"M", b""
    except BaseException as error:  # whatever a task raises is an answer; the process goes on
        return _failed(error)
    return (b"R", result) if len(result) <= largest else (b"L", str(len(result)).encode())


def _failed(error: BaseException) -> tuple[bytes, bytes]:
    if _is_ours(error):
        return b"E", pickle.dumps(error, protocol=5)
    return b"X", _trace(error)


def _trace(error: BaseException) -> bytes:
    return "".join(traceback.format_exception(error, limit=-20))[-_TRACE:].encode("utf-8", "backslashreplace")


def _work(link: socket.socket) -> None:
    """A worker's life: serves tasks on its socket."""
    hello = _receive(link)
    if hello is None:
        return
    memory, largest = pickle.loads(hello)  # noqa: S301 - the parent's own
    statm = os.open(_STATM, os.O_RDONLY | os.O_CLOEXEC)  # kept, for each task asks twice
    first, kept = _sizes(statm)[1], 0
    library = ctypes.CDLL(None)
    while (task := _receive(link)) is not None:
        _limit(*_sizes(statm), memory)
        kind, content = _do(task, largest=largest)
        del task
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        grown = _sizes(statm)[1] - first
        if grown > kept + _JUMP:
            gc.collect()
            library.malloc_trim(0)
            kept = grown = _sizes(statm)[1] - first
        grown = max(0, grown)
        _send(link, kind + grown.to_bytes(_LENGTH, "big") + content)


def _become_worker(link: socket.socket, given: list[int], parent: int) -> None:
    link.close()  # a worker reads hostile bytes, and must not give orders to the nursery
    os.setsid()
    _shield(parent, b"worker")
    os.dup2(given[1], 2)
    os.close(given[1])
    _work(socket.socket(fileno=given[0]))


def _load(module: str, function: str, ready: set[tuple[str, str]]) -> None:
    """Import the module, call its function, if one is named, and keep what that made from the collector's eyes.

    The collector would write to every object that it looks at, and its page would be shared no more.
    """
    if (module, function) in ready:
        return
    importlib.import_module(module)
    if function:
        _find(module, function)()
    ready.add((module, function))
    gc.collect()
    gc.freeze()


def _end(pid: int) -> bytes:
    """How the worker ended; one that goes on is killed. Nobody else waits for it, so the number is still its own."""
    os.kill(pid, signal.SIGKILL)
    return b"+%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """The nursery's life: serves requests on the socket whose number is the first argument."""
    _shield(int(sys.argv[2]), b"nursery")
    gc.set_threshold(*_COLLECTED)
    link = socket.socket(fileno=int(sys.argv[1]))
    sys.path[:] = pickle.loads(link.recv(2**17) or pickle.dumps([]))  # noqa: S301 - the parent's own
    ready: set[tuple[str, str]] = set()
    parent = os.getpid()
    while True:
        request, given, _, _ = socket.recv_fds(link, _REQUEST, 2)
        if not request:
            return
        order, *names = request.decode().split(" ")
        if order == "end":
            link.send(_end(int(names[0])))
            continue
        try:
            _load(names[0], names[1], ready)
            pid = os.fork()
        except BaseException as error:  # a module can raise anything as it loads; the parent tells
            link.send(b"-" + _trace(error))
        else:
            if not pid:
                _become_worker(link, given, parent)
                return
            link.send(b"+%d" % pid)
        for one in given:
            os.close(one)


if __name__ == "__main__":
    main()
