"""How often and how many at once one host is asked, over everything that this process fetches. Opens no connection.

What a host asks for belongs to the host: one 429 pauses all feeds and pages that live there.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Final, Self

import httpx

from aggregator.errors import FetchError
from aggregator.guard.addresses import shown, target
from aggregator.guard.places import Places
from aggregator.model import Limits

# The way to the server takes a little longer for one request than for the next.
_MARGIN: Final = 1.05
_IDLE_HOSTS: Final = 2048


# Spacing is counted from when a request leaves, and the stream that sends it knows the task but not the turn.
_CURRENT: Final[ContextVar["Slot | None"]] = ContextVar("slot", default=None)


def sent() -> None:
    """For streams: what this task holds a turn for has left."""
    if (slot := _CURRENT.get()) is not None:
        slot.sent()


class _Host:
    __slots__ = ("gate", "next", "requests", "turns")

    def __init__(self, per_host: int) -> None:
        self.turns = Places(per_host)
        self.gate = asyncio.Lock()  # held from a turn's beginning until its request has left
        self.next = 0.0  # monotonic: the earliest beginning of the next turn
        self.requests = 0  # running or waiting


class Hosts:
    """Turns at hosts. One instance for a process; `now` gives the aware UTC time that pauses are compared with."""

    def __init__(self, limits: Limits, now: Callable[[], datetime]) -> None:
        self._now = now
        self._per_host = max(1, limits.per_host)
        self._delay = limits.per_host_delay
        self._all = Places(max(1, limits.concurrency))
        self._hosts: dict[str, _Host] = {}
        self._spacing: dict[str, float] = {}
        self._pauses: dict[str, datetime] = {}

    def adopt(self, limits: Limits) -> None:
        """Other limits from now on. Pauses and spacing stay, and whoever has a turn keeps it."""
        self._per_host = max(1, limits.per_host)
        self._delay = limits.per_host_delay
        self._all.resize(max(1, limits.concurrency))
        for turn in self._hosts.values():
            turn.turns.resize(self._per_host)

    def slot(self, url: str | httpx.URL, *, force: bool = False) -> "Slot":
        """`async with hosts.slot(url)`: waits for this host's turn and holds it.

        FetchError `http_4xx` with status 429 when the host asked to be left alone, unless `force`.
        """
        return Slot(self, url, force=force)

    def pause(self, host: str, until: datetime) -> None:
        """Leaves a host alone until then; a pause is never shortened."""
        self._pauses[host] = max(until, self._pauses.get(host, until))

    @property
    def any_paused(self) -> bool:
        """Whether any host may want to be left alone: mostly none does, and nobody needs to look."""
        return bool(self._pauses)

    def paused_until(self, host: str) -> datetime | None:
        """Until when a host is to be left alone; None when it may be asked."""
        until = self._pauses.get(host)
        if until is not None and until <= self._now():
            del self._pauses[host]
            return None
        return until

    def forget_beyond(self, furthest: datetime) -> None:
        """Drops the pauses that end later than that: the clock has gone back since they were noted."""
        self._pauses = {host: until for host, until in self._pauses.items() if until <= furthest}

    def pauses(self) -> dict[str, datetime]:
        """The hosts that are to be left alone, for keeping over a restart."""
        return {host: until for host in list(self._pauses) if (until := self.paused_until(host)) is not None}

    def space(self, host: str, seconds: float) -> None:
        """Asks a host at most every so many seconds (robots.txt crawl-delay); never more often than the setting."""
        if len(self._spacing) >= _IDLE_HOSTS:
            self._spacing.pop(next(iter(self._spacing)))
        self._spacing[host] = seconds

    async def enter(self, host: str) -> _Host:
        """For Slot alone: waits for a turn, and keeps the gate until `leave_gate`."""
        turn = self._hosts.get(host)
        if turn is None:
            self._prune()
            turn = self._hosts[host] = _Host(self._per_host)
        turn.requests += 1
        try:
            await turn.turns.acquire()
            try:
                await self._begin(turn)
            except BaseException:
                turn.turns.release()
                raise
        except BaseException:
            turn.requests -= 1
            raise
        return turn

    async def _begin(self, turn: _Host) -> None:
        clock = asyncio.get_running_loop().time
        await turn.gate.acquire()
        try:
            if (wait := turn.next - clock()) > 0:
                await asyncio.sleep(wait)
            await self._all.acquire()
        except BaseException:
            turn.gate.release()
            raise

    def leave_gate(self, host: str, turn: _Host, *, used: bool) -> None:
        """For Slot alone: the request has left, or there will be none."""
        if used:
            spacing = max(self._delay, self._spacing.get(host, 0.0)) * _MARGIN
            turn.next = asyncio.get_running_loop().time() + spacing
        turn.gate.release()

    def leave(self, turn: _Host) -> None:
        """For Slot alone: gives the turn back."""
        self._all.release()
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

    __slots__ = ("_force", "_host", "_hosts", "_sent", "_turn", "_url")

    def __init__(self, hosts: Hosts, url: str | httpx.URL, *, force: bool) -> None:
        self._hosts = hosts
        self._url = url
        self._host = (target(url).url if isinstance(url, str) else url).host
        self._force = force
        self._turn: _Host | None = None
        self._sent = False

    async def __aenter__(self) -> Self:
        self._refuse_if_paused()
        self._turn = await self._hosts.enter(self._host)
        try:
            self._refuse_if_paused()  # the request before this one may have been told to stay away
        except FetchError:
            self._end(used=False)
            raise
        _CURRENT.set(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        _CURRENT.set(None)
        self._end(used=True)

    @property
    def has_sent(self) -> bool:
        """Whether a connection came about and the request left."""
        return self._sent

    def sent(self, *, used: bool = True) -> None:
        """The request has left: the time to the next one counts from here. Only the first call matters."""
        if self._turn is not None and not self._sent:
            self._sent = True
            self._hosts.leave_gate(self._host, self._turn, used=used)

    def _end(self, *, used: bool) -> None:
        if self._turn is not None:
            self.sent(used=used)
            self._hosts.leave(self._turn)
            self._turn = None

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
