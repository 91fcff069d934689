"""So many at once, where that number may change. Knows nothing of what is done in a place."""

import asyncio
from collections import deque


class Places:
    """Like asyncio.Semaphore, first come, first served; but `size` may change while places are taken."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def resize(self, size: int) -> None:
        """From now on so many. Whoever has a place keeps it."""
        self._size = size
        self._fill()

    async def acquire(self) -> None:
        """Wait for a place and take it."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._fill()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting = deque(other for other in self._waiting if other is not turn)
            else:  # it was given a place in the very moment
                self.release()
            raise

    def release(self) -> None:
        """Give a place back."""
        self._taken -= 1
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self._taken < self._size:
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._taken += 1
                turn.set_result(None)

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()
