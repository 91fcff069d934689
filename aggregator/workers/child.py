"""What runs inside a worker process: takes a task off its socket, does it, answers, until the socket ends.

Run as a script by `pool`, never imported by it, and importing nothing of the project itself: a task's own module says
what is needed. Frames are eight bytes of length and as many of content; the first byte of an answer is its kind:
S started (told of a module's first task: loading takes long), R result, E one of our errors, X any other exception as
text, M out of memory, L result too large.
"""

import ctypes
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
# Of standard error, and of anything a task might want to write: py3langid unpacks its model, 65 MiB, to a file.
_FILE_BYTES: Final = 2**27
_TRACE: Final = 8000
_AT_ONCE: Final = 2**16  # bytes; what is larger isn't copied to be sent in one piece
_STATM: Final = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)  # kept, for each task asks twice


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


def _send(link: socket.socket, kind: bytes, content: bytes = b"") -> None:
    head = (1 + len(content)).to_bytes(_LENGTH, "big") + kind
    if len(content) <= _AT_ONCE:  # each piece wakes the parent
        link.sendall(head + content)
    else:
        link.sendall(head)
        link.sendall(content)


def _shield(parent: int) -> None:
    """The parent alone decides when this process ends; when it dies, so does this one, even in the midst of C code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))


def _sizes() -> tuple[int, int]:
    """Address space and resident memory of this process, in bytes."""
    total, resident = os.pread(_STATM, 200, 0).split()[:2]
    return int(total) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _limit(memory: int) -> None:
    """Address space for a task on top of what is mapped already: libraries reserve far more than they touch.

    What the process holds in memory counts, but half of the bound is the task's in any case.
    """
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    total, resident = _sizes()
    resource.setrlimit(resource.RLIMIT_AS, (total + max(memory - resident, memory // 2), hard))


def _find(module: str, name: str) -> Callable[..., Any]:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    function: Callable[..., Any] = found
    return function


def _is_ours(error: BaseException) -> bool:
    return any(kind.__module__ == "aggregator.errors" for kind in type(error).__mro__)


def _do(link: socket.socket, task: bytes, loaded: set[str], *, memory: int, largest: int) -> tuple[bytes, bytes]:
    try:
        module, name, arguments = pickle.loads(task)  # noqa: S301 - the parent's own
        function = _find(module, name)
        args, named = pickle.loads(arguments)  # noqa: S301 - likewise
        if module not in loaded:
            loaded.add(module)
            _send(link, b"S")
        _limit(memory)
        result = pickle.dumps(function(*args, **named), protocol=5)
    except MemoryError:
        return b"M", b""
    except BaseException as error:  # whatever a task raises is an answer; the process goes on
        return _failed(error)
    return (b"R", result) if len(result) <= largest else (b"L", str(len(result)).encode())


def _failed(error: BaseException) -> tuple[bytes, bytes]:
    if _is_ours(error):
        return b"E", pickle.dumps(error, protocol=5)
    text = "".join(traceback.format_exception(error, limit=-20))
    return b"X", text[-_TRACE:].encode("utf-8", "backslashreplace")


def main() -> None:
    """Serves tasks on the socket whose number is the first argument."""
    _shield(int(sys.argv[2]))
    link = socket.socket(fileno=int(sys.argv[1]))
    hello = _receive(link)
    if hello is None:
        return
    path, memory, largest = pickle.loads(hello)  # noqa: S301 - the parent's own
    sys.path[:] = path
    loaded: set[str] = set()
    while (task := _receive(link)) is not None:
        kind, content = _do(link, task, loaded, memory=memory, largest=largest)
        del task
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        _send(link, kind, _sizes()[1].to_bytes(_LENGTH, "big") + content)


if __name__ == "__main__":
    main()
