"""So many at once, where that number may change. Knows nothing of what is done in a place."""

import asyncio
from collections import deque


class Places:
    """Like asyncio.Semaphore, first come, first served; but `size` may change while places are taken.

    Who takes several is let in once they are all free; one who wants more than there are, once nobody else is there.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    def resize(self, size: int) -> None:
        """From now on so many. Whoever has a place keeps it."""
        self._size = size
        self._fill()

    async def acquire(self, places: int = 1) -> None:
        """Wait for a place and take it, or for several."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, places))
        self._fill()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting = deque(other for other in self._waiting if other[0] is not turn)
            else:  # it was given a place in the very moment
                self.release(places)
            raise

    def release(self, places: int = 1) -> None:
        """Give back what was taken."""
        self._taken -= places
        self._fill()

    def _fill(self) -> None:
        while self._waiting:
            turn, places = self._waiting[0]
            if not turn.cancelled():
                if self._taken and self._taken + places > self._size:
                    break
                self._taken += places
                turn.set_result(None)
            self._waiting.popleft()

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()
