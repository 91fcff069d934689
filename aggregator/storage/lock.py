"""One poller a store: a lock file beside the database, held by the kernel for as long as its process lives.

A process that is killed leaves the file and no lock, so nothing is ever stale. The file says who holds it.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import StorageError


@contextmanager
def file_lock(path: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock of the store in `path`. Raises StorageError naming the owner's process id.

    Gives what raises it once the files have other names or none: what is written into them then, nobody will find.
    """
    name = path.with_name(path.name + ".lock")
    try:
        handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(f"the lock {name} cannot be opened: {error.strerror or error}") from error
    try:
        _take(handle, path)
        names = {one: _file(one) for one in (name, path)}
        yield lambda: _refuse_if_moved(path, names)
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StorageError(
            f"{path} is polled by another aggregator already ({_owner(handle)}): stop that one"
        ) from error
    except OSError as error:
        raise StorageError(f"the lock beside {path} cannot be taken: {error.strerror or error}") from error
    owner = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(owner).encode(), 0)
    except OSError as error:
        raise StorageError(f"the lock beside {path} cannot be written: {error.strerror or error}") from error


def _refuse_if_moved(path: Path, names: Mapping[Path, tuple[int, int] | None]) -> None:
    if any(_file(name) != file for name, file in names.items()):
        raise StorageError(f"{path} was removed or replaced while it was in use: put it back, or restart aggregator")


def _file(name: Path) -> tuple[int, int] | None:
    try:
        found = name.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _owner(handle: int) -> str:
    try:
        owner = json.loads(os.pread(handle, 1000, 0))
        return f"process {int(owner['pid'])}, since {owner['since']}"
    except (ValueError, KeyError, TypeError):  # it has only just taken the lock
        return "its process id is not known yet"
