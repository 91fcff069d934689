"""What waits to be done in the store is done together: one transaction, one wait for the disk. Knows no SQL."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Final, TypeVar

T = TypeVar("T")

MOST: Final = 32  # in one transaction, so that other writers don't wait long
GATHER: Final = 0.02  # seconds until the first one is done: a transaction costs as much as several stories in it

Together = Callable[[Sequence[Callable[[], Any]]], Sequence[Any]]


class Ledger:
    """Gives what waits to `together`, in `db`'s thread, which gives for each call its value or its exception.

    Nothing is answered before all that it was done with is durable.
    """

    def __init__(self, together: Together, db: Executor) -> None:
        self._together = together
        self._db = db
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def do(self, call: Callable[[], T]) -> T:
        """Do this, with whatever else waits; its value, or its own exception."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            if len(self._waiting) < MOST:
                await asyncio.sleep(GATHER)
            taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            batch = [(call, answer) for call, answer in taken if not answer.cancelled()]
            results: Sequence[Any]
            try:
                results = await loop.run_in_executor(self._db, self._together, [call for call, _ in batch])
            except Exception as error:  # told to each that waits for it
                results = [error] * len(batch)
            for (_, answer), result in zip(batch, results, strict=True):
                _settle(answer, result)


def _settle(answer: asyncio.Future[Any], result: Any) -> None:
    if answer.done():  # who asked was cancelled meanwhile
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
