"""A source appended to feeds.toml by a program, with every byte that people wrote left as it is."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from aggregator.config.loading import build, read
from aggregator.errors import ConfigError
from aggregator.replacing import replaced


def append_feed(path: Path, *, url: str, name: str = "", match: str = "") -> None:
    """Append a [[feeds]] table, as `append_feeds` does."""
    append_feeds(path, [{"url": url, "name": name, "match": match}])


def append_feeds(path: Path, feeds: Sequence[Mapping[str, str | list[str]]]) -> None:
    """Append [[feeds]] tables, without the keys that have no value. The new file is checked whole before it replaces
    the old one at once.

    ConfigError when the file would be wrong with it (the address stands there already, the query is none) or can't be
    written; then nothing has changed.
    """
    target = path.resolve()
    try:
        with _locked(target.parent):
            old = target.read_bytes() if target.exists() else b""
            new = old + _tables(old, feeds)
            build(path, new.decode("utf-8-sig"), {})
            _replace(target, new)
    except OSError as error:
        raise ConfigError(f"{path}: can't be written: {error.strerror}; nothing was added") from None
    except UnicodeDecodeError:
        read(path)  # raises the error with its line
        raise


def _tables(old: bytes, given: Sequence[Mapping[str, str | list[str]]]) -> bytes:
    """The text to append: a blank line, then the tables, in the file's own line ends."""
    import tomlkit  # noqa: PLC0415 - a tenth of a command's start, and `add` alone needs it

    feeds = tomlkit.aot()
    for values in given:
        table = tomlkit.table()
        for key, value in values.items():
            if value:
                table.add(key, value)
        feeds.append(table)
    document = tomlkit.document()
    document.add("feeds", feeds)
    gap = "" if not old else "\n" if old.endswith(b"\n") else "\n\n"
    text = gap + tomlkit.dumps(document).strip("\n") + "\n"
    return text.replace("\n", "\r\n" if b"\r\n" in old else "\n").encode()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time; the folder holds the lock, for the file itself is replaced."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(target: Path, content: bytes) -> None:
    """The old file or the new one, never a part, also when the power fails."""
    with replaced(target) as file:
        file.write(content)
        file.flush()
        _keep_owner(target, file.fileno())
        os.fsync(file.fileno())
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_owner(target: Path, handle: int) -> None:
    if not target.exists():
        os.fchmod(handle, 0o644)
        return
    status = target.stat()
    os.fchmod(handle, status.st_mode & 0o7777)
    if os.geteuid() == 0:
        os.fchown(handle, status.st_uid, status.st_gid)
