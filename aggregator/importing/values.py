"""What importing gives, what bounds it, and what its readers share."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from aggregator.errors import ImportFailed
from aggregator.model import Document

_NAME_LIMIT: Final = 300
_UNPRINTABLE: Final = re.compile(
    r"[^\S ]|[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an import may cost. Sizes in bytes, after decompression."""

    document: int = 10 * 2**20  # one page, message, line or member
    archive: int = 20 * 2**30  # all that is read out of one archive
    members: int = 1_000_000  # of one archive
    ratio: int = 250  # how many times larger a member may be than it is packed; text reaches 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was come across: a document, or why it is none.

    `name` is the file, with the member of an archive behind it. A file of a kind that isn't read, met in a folder, is
    `skipped`; every other one without a document is a failure, and `problem` says what is wrong.
    """

    name: str
    document: Document | None = None
    problem: str = ""
    error_class: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One open file, for a reader."""

    name: str
    file: IO[bytes]
    bounds: Bounds


# An archive's reader gives its members as further inputs, each to be read by the reader of its own kind.
Reader = Callable[[Input], Iterator[Found | Input]]


def shown(name: str) -> str:
    """A name out of the file system or an archive, fit for one line of a log or a terminal."""
    return _UNPRINTABLE.sub("\ufffd", name)[:_NAME_LIMIT]


def whole(source: Input) -> bytes:
    """All bytes of the file; ImportFailed `too_large` past the limit of a document."""
    body = source.file.read(source.bounds.document + 1)
    if len(body) > source.bounds.document:
        raise too_large(source.name, source.bounds)
    return body


def too_large(name: str, bounds: Bounds) -> ImportFailed:
    """The error for something over the limit of a document."""
    return ImportFailed(
        f"{name}: larger than {bounds.document} bytes, the limit of one document", error_class="too_large"
    )


def failed(error: ImportFailed, name: str) -> Found:
    """The error as a value."""
    return Found(name=name, problem=error.message, error_class=error.error_class)
