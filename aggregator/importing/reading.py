"""From what the user names to a stream of `Found`: opens each file, tells its kind, lets the kind's reader read it."""

import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from aggregator.errors import ImportFailed
from aggregator.importing.kinds import HEAD, KINDS, OTHERS, kind_of
from aggregator.importing.values import Bounds, Found, Input, failed, shown, too_large
from aggregator.importing.walking import Place, walk

_IN_MEMORY: Final = 16 * 2**20  # bytes of standard input before it goes to a temporary file
_CHUNK: Final = 2**20


def documents(paths: Sequence[str], *, bounds: Bounds | None = None, stdin: BinaryIO | None = None) -> Iterator[Found]:
    """Everything that the paths hold, streamed in order; "-" is standard input. Nothing a file holds raises."""
    limits = bounds or Bounds()
    for path in paths:
        if path == "-":
            yield from _standard_input(stdin or sys.stdin.buffer, limits)
        else:
            yield from _path(Path(path), limits)


def is_feed_list(path: str) -> bool:
    """Is this a file with a list of feeds (OPML)? It holds no article, but feeds.toml can take its feeds."""
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return kind_of(path, file.read(HEAD), guess=True) == "opml"
    except OSError:  # told when it is read with the others
        return False


def _path(path: Path, bounds: Bounds) -> Iterator[Found]:
    unread: list[OSError] = []
    try:
        for place in walk(path, unread.append):
            yield from _file(place, bounds)
    except OSError as error:
        yield _unreadable(str(path), error)
    for folder in unread:
        yield _unreadable(str(folder.filename), folder)


def _file(place: Place, bounds: Bounds) -> Iterator[Found]:
    name = shown(str(place.path))
    try:
        if not stat.S_ISREG(place.path.stat().st_mode):
            yield Found(name=name, problem=f"{name}: not a regular file", error_class="import")
            return
        with place.path.open("rb") as file:
            yield from _open(Input(name=name, file=file, bounds=bounds), named=place.named)
    except OSError as error:
        yield _unreadable(name, error)


def _unreadable(name: str, error: OSError) -> Found:
    return Found(
        name=shown(name), problem=f"{shown(name)}: can't be read: {error.strerror or error}", error_class="import"
    )


def _standard_input(stdin: BinaryIO, bounds: Bounds) -> Iterator[Found]:
    """Kept in a temporary file, for archives are read out of order."""
    name = "standard input"
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
        size = 0
        while chunk := stdin.read(_CHUNK):
            size += len(chunk)
            if size > bounds.archive:
                yield failed(too_large(name, bounds), name)
                return
            file.write(chunk)
        file.seek(0)
        yield from _open(Input(name=name, file=file, bounds=bounds), named=True)


def _open(source: Input, *, named: bool, member: bool = False) -> Iterator[Found]:
    try:
        for item in _read(source, named=named, member=member):
            if isinstance(item, Found):
                yield item
            else:
                yield from _open(item, named=False, member=True)
    except ImportFailed as error:
        yield failed(error, source.name)


def _read(source: Input, *, named: bool, member: bool) -> Iterator[Found | Input]:
    head = source.file.read(HEAD)
    source.file.seek(0)
    kind = kind_of(source.name, head, guess=named)
    if member and kind == "zip":
        raise ImportFailed(f"{source.name}: an archive inside of an archive; unpack the outer one first")
    if kind in KINDS:
        yield from KINDS[kind].read(source)
        return
    known = ", ".join(suffix for each in KINDS.values() for suffix in each.suffixes)
    problem = OTHERS.get(kind, f"of a kind that can't be imported (known: {known})")
    yield Found(name=source.name, problem=f"{source.name}: {problem}", error_class="import", skipped=not named)
