"""The service's clock: APScheduler ticks, each tick starts what is due; once an hour the store is tidied.

What is due lives in the store, not in APScheduler's jobs. A monotonic watchdog notices a jump of the wall clock, which
APScheduler 3 does not survive (it stands still after the clock goes back), and sets the jobs anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from aggregator.errors import StorageError
from aggregator.pipeline.rounds import Rounds

TICK = 1.0  # seconds
WATCH = 5.0  # seconds between looks at the two clocks
JUMP = 30.0  # seconds by which they may part before it is called a jump
LOOK = 5.0  # seconds between looks whether this process still is the store's poller
# Seconds without new polls after the store failed, doubling: an answer that can't be kept isn't asked for.
FIRST_HOLD, LONGEST_HOLD = 2.0, 30.0
HOUSEKEEPING = 3600.0  # seconds

log: structlog.stdlib.BoundLogger = structlog.get_logger("aggregator")


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So many seconds from now on. APScheduler's own interval walks through all the runs that a jump of the clock left
    out: a year of seconds takes it minutes.
    """

    def __init__(self, seconds: float) -> None:
        self._gap = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:  # noqa: ARG002 - its signature
        return now + self._gap


class Scheduler:
    """Ticks until stopped. `tidy` is the hourly housekeeping; `writable` raises StorageError while the store isn't.

    `held` raises it when another process has become the store's poller. `subscribe` is called with each tick, to make
    and renew what is due at hubs.
    """

    def __init__(
        self,
        rounds: Rounds,
        *,
        tidy: Callable[[], Awaitable[None]],
        writable: Callable[[], Awaitable[None]],
        held: Callable[[], Awaitable[None]],
        subscribe: Callable[[], Awaitable[None]],
    ) -> None:
        self._rounds = rounds
        self._subscribe = subscribe
        self._tidy = tidy
        self._writable = writable
        self._held = held
        self._next_look = 0.0
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._watchdog: asyncio.Task[None] | None = None
        self._last_tick = time.monotonic()
        self._held_until = 0.0
        self._hold = 0.0
        self.trouble = ""  # why the last tick failed; empty when it didn't

    def start(self) -> None:
        """Begin to tick."""
        self._set_jobs()
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())

    def since_tick(self) -> float:
        """Seconds since the last tick that went through."""
        return time.monotonic() - self._last_tick

    async def stop(self) -> None:
        """Stop ticking. Does not wait for what runs: AsyncIOScheduler can't, so the rounds drain themselves."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _set_jobs(self) -> None:
        for name, job, seconds in (("tick", self._tick, TICK), ("tidy", self._run_tidy, HOUSEKEEPING)):
            self._scheduler.add_job(job, _Every(seconds), id=name, replace_existing=True)

    async def _tick(self) -> None:
        try:
            await self._advance()
        except StorageError as error:
            self._hold_back()
            self._say(error.message)
        except Exception as error:
            log.exception("tick failed")
            self._say(f"a fault in aggregator itself: {type(error).__name__}; the log has it")

    def _hold_back(self) -> None:
        moment = time.monotonic()
        lately = moment - self._held_until < LONGEST_HOLD
        self._hold = min(2 * self._hold, LONGEST_HOLD) if lately and self._hold else FIRST_HOLD
        self._held_until = moment + self._hold

    async def _advance(self) -> None:
        if time.monotonic() < self._held_until:
            return
        if self.trouble:
            await self._writable()
            await self._overcome()
        if time.monotonic() >= self._next_look:
            await self._held()
            self._next_look = time.monotonic() + LOOK
        await self._rounds.flush()
        self._rounds.start_due(paced=True)
        await self._rounds.start_work()
        await self._subscribe()
        self._last_tick = time.monotonic()
        if self.trouble:
            log.info("recovered", was=self.trouble)
            self.trouble = ""

    async def _overcome(self) -> None:
        """The store is back: what failed for want of it, feeds and stories, is due again and no further trouble."""
        for _ in range(2):  # a failure of each is kept
            with suppress(StorageError):  # a new one is met once more
                await self._rounds.flush()

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:  # a full disk is reported once, not once a second
            log.error("trouble", error=trouble)
        self.trouble = trouble

    async def _run_tidy(self) -> None:
        try:
            await self._tidy()
        except StorageError as error:
            log.error("housekeeping", error=error.message)
        except Exception:
            log.exception("housekeeping failed")

    async def _bring_back(self) -> None:
        try:
            await self._rounds.bring_back()
        except StorageError as error:  # the next start does it
            self._say(error.message)

    async def _watch(self) -> None:
        wall, steady = time.time(), time.monotonic()
        while True:
            await asyncio.sleep(WATCH)
            drift = (time.time() - wall) - (time.monotonic() - steady)
            wall, steady = time.time(), time.monotonic()
            if abs(drift) > JUMP:
                log.warning("clock jumped", seconds=round(drift))
                self._set_jobs()
                if drift > 0:
                    self._rounds.spread()
                else:
                    await self._bring_back()
