"""Tasks that workers are given in tests: found by name in the child, so they stand in a module of their own."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import ParseError
from aggregator.model import Enclosure


class Unknown:
    """Not a value that a worker may give."""


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


@dataclass(frozen=True)
class Foreign:
    """A dataclass, but not one of the project's."""


_READY: list[int] = []  # the process in which each call came


def make_ready():
    _READY.append(os.getpid())


def made_ready():
    return _READY


def load_slowly():
    time.sleep(0.5)


def fail_to_load():
    raise RuntimeError("not today")


def echo(value):
    return value


def sleep(seconds):
    time.sleep(seconds)
    return os.getpid()


def spin():
    while True:
        pass


def refuse(text):
    raise ParseError(text, error_class="not_a_feed")


def fail(text):
    raise RuntimeError(text)


def leave(code):
    sys.exit(code)


def die(number):
    os.kill(os.getpid(), number)
    time.sleep(30)


def crash():
    ctypes.string_at(0)


def recurse(n=0):
    return recurse(n + 1)


def grow(size):
    return len(bytearray(size))


def hoard(size, _kept=[]):  # noqa: B006 - a leak is what this is
    _kept.append(b"x" * size)
    return os.getpid()


def scatter(count, _kept=[]):  # noqa: B006 - a little that stays is what keeps the heap from shrinking
    """Fills 100 MB and more in small pieces, and keeps some of them."""
    _kept.extend([bytes([n % 256]) * 1000 for n in range(count)][::1000])
    return os.getpid()


def result(size):
    return b"x" * size


def value(name):
    return {
        "unknown": Unknown,
        "evil": Evil,
        "foreign": Foreign,
        "function": lambda: os.getcwd,
        "ours": lambda: Enclosure(url="https://x.example/"),
    }[name]()


def garbage():
    """Writes what is no answer onto the socket to the parent."""
    os.write(int(sys.argv[1]), b"\xff" * 64)
    time.sleep(30)


def facts():
    return {
        "modules": sorted(sys.modules),
        "environment": dict(os.environ),
        "files": sorted(str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()),
        "terminates": signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN,
        "session": os.getsid(0),
        "pid": os.getpid(),
    }


def survive_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    time.sleep(0.05)
    return "alive"


def write(path):
    """Asks for a file past what a worker may write: more than the language model that it unpacks."""
    with Path(path).open("wb") as file:
        file.truncate(2**27 + 1)


def start(argv):
    return subprocess.run(argv, check=False).returncode
