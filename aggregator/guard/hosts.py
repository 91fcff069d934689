"""How often and how many at once one host is asked, over everything that this process fetches. Opens no connection.

What a host asks for belongs to the host: one 429 pauses all feeds and pages that live there.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from aggregator.errors import FetchError
from aggregator.guard.addresses import shown, target
from aggregator.model import Limits

# Requests are spaced where they start; the way to the server takes a little longer for one than for the next.
_MARGIN: Final = 1.05
_IDLE_HOSTS: Final = 2048


class _Host:
    __slots__ = ("next", "requests", "turns")

    def __init__(self, per_host: int) -> None:
        self.turns = asyncio.Semaphore(per_host)
        self.next = 0.0  # monotonic: the earliest start of the next request
        self.requests = 0  # running or waiting


class Hosts:
    """Turns at hosts. One instance for a process; `now` gives the aware UTC time that pauses are compared with."""

    def __init__(self, limits: Limits, now: Callable[[], datetime]) -> None:
        self._now = now
        self._per_host = max(1, limits.per_host)
        self._delay = limits.per_host_delay
        self._all = asyncio.Semaphore(max(1, limits.concurrency))
        self._hosts: dict[str, _Host] = {}
        self._spacing: dict[str, float] = {}
        self._pauses: dict[str, datetime] = {}

    def slot(self, url: str | httpx.URL, *, force: bool = False) -> "Slot":
        """`async with hosts.slot(url)`: waits for this host's turn and holds it.

        FetchError `http_4xx` with status 429 when the host asked to be left alone, unless `force`.
        """
        return Slot(self, url, force=force)

    def pause(self, host: str, until: datetime) -> None:
        """Leaves a host alone until then; a pause is never shortened."""
        self._pauses[host] = max(until, self._pauses.get(host, until))

    def paused_until(self, host: str) -> datetime | None:
        """Until when a host is to be left alone; None when it may be asked."""
        until = self._pauses.get(host)
        if until is not None and until <= self._now():
            del self._pauses[host]
            return None
        return until

    def pauses(self) -> dict[str, datetime]:
        """The hosts that are to be left alone, for keeping over a restart."""
        return {host: until for host in list(self._pauses) if (until := self.paused_until(host)) is not None}

    def space(self, host: str, seconds: float) -> None:
        """Asks a host at most every so many seconds (robots.txt crawl-delay); never more often than the setting."""
        if len(self._spacing) >= _IDLE_HOSTS:
            self._spacing.pop(next(iter(self._spacing)))
        self._spacing[host] = seconds

    async def enter(self, host: str) -> _Host:
        """For Slot alone: waits for a turn. Spacing is kept by when requests start, whatever else they wait for."""
        turn = self._hosts.get(host)
        if turn is None:
            self._prune()
            turn = self._hosts[host] = _Host(self._per_host)
        turn.requests += 1
        try:
            await turn.turns.acquire()
        except BaseException:
            turn.requests -= 1
            raise
        try:
            await self._start(turn, max(self._delay, self._spacing.get(host, 0.0)) * _MARGIN)
        except BaseException:
            self._give_back(turn)
            raise
        return turn

    async def _start(self, turn: _Host, spacing: float) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            if (wait := turn.next - clock()) > 0:
                await asyncio.sleep(wait)
                continue
            await self._all.acquire()
            if turn.next <= clock():
                break
            self._all.release()  # another request to this host started while this one waited for its place
        turn.next = clock() + spacing

    def leave(self, turn: _Host) -> None:
        """For Slot alone: gives the turn back."""
        self._all.release()
        self._give_back(turn)

    def _give_back(self, turn: _Host) -> None:
        turn.requests -= 1
        turn.turns.release()

    def _prune(self) -> None:
        if len(self._hosts) < _IDLE_HOSTS:
            return
        now = asyncio.get_running_loop().time()
        for host in [host for host, turn in self._hosts.items() if not turn.requests and turn.next <= now]:
            del self._hosts[host]


class Slot:
    """One turn at one host."""

    __slots__ = ("_force", "_host", "_hosts", "_turn", "_url")

    def __init__(self, hosts: Hosts, url: str | httpx.URL, *, force: bool) -> None:
        self._hosts = hosts
        self._url = url
        self._host = (target(url).url if isinstance(url, str) else url).host
        self._force = force
        self._turn: _Host | None = None

    async def __aenter__(self) -> None:
        self._refuse_if_paused()
        self._turn = await self._hosts.enter(self._host)
        try:
            self._refuse_if_paused()  # the request before this one may have been told to stay away
        except FetchError:
            self._hosts.leave(self._turn)
            raise

    async def __aexit__(self, *_: object) -> None:
        if self._turn is not None:
            self._hosts.leave(self._turn)

    def _refuse_if_paused(self) -> None:
        until = None if self._force else self._hosts.paused_until(self._host)
        if until is not None:
            raise FetchError(
                f"{shown(str(self._url))} was not asked: {self._host} asked to be left alone "
                f"until {until:%Y-%m-%d %H:%M} UTC",
                error_class="http_4xx",
                status=429,
                retry_after=until.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            )
