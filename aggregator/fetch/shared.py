"""Answers of the last minute, for feeds whose redirects lead to one address: it is asked once for all of them.

An answer serves each feed once, so that a feed's own next poll is never given what it had before.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_KEPT: Final = timedelta(minutes=1)
_LARGEST: Final = 2**19  # bytes of one answer
_ALL: Final = 2**22  # bytes of all that are kept


@dataclass(slots=True)
class _Kept(Generic[T]):
    answer: T
    size: int
    since: datetime
    served: set[str] = field(default_factory=set)


class Shared(Generic[T]):
    """Bounded memory of answers by address. `now` gives the aware UTC time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._answers: dict[str, _Kept[T]] = {}
        self._size = 0
        self._asking: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """One at a time for each address: who waited may find the answer there."""
        lock, waiting = self._asking.get(url, (asyncio.Lock(), 0))
        self._asking[url] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            waiting = self._asking[url][1] - 1
            if waiting:
                self._asking[url] = (lock, waiting)
            else:
                del self._asking[url]

    def get(self, url: str, reader: str) -> T | None:
        """The answer of the last minute from this address that `reader` has not had yet."""
        kept = self._answers.get(url)
        if kept is None or reader in kept.served or not timedelta(0) <= self._now() - kept.since < _KEPT:
            return None
        kept.served.add(reader)
        return kept.answer

    def keep(self, url: str, reader: str, answer: T, size: int) -> None:
        """Remember what `reader` was given; large answers are not kept, old ones make room."""
        self._forget(url)
        if size > _LARGEST:
            return
        self._answers[url] = _Kept(answer, size, self._now(), {reader})
        self._size += size
        while self._size > _ALL:
            self._forget(next(iter(self._answers)))

    def _forget(self, url: str) -> None:
        gone = self._answers.pop(url, None)
        self._size -= gone.size if gone else 0
