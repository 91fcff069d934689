"""`aggregator run`: the scheduler, the web and the watch over feeds.toml, from start to SIGTERM.

What only the service needs is imported when it starts, so that a poll or a search pays nothing for it.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog
from watchfiles import awatch

from aggregator import guard, polling, websub
from aggregator.app.build import now, open_edges, open_fetcher, rules_of
from aggregator.app.rulefiles import read_rules
from aggregator.config import Config, load
from aggregator.errors import ConfigError, StorageError
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.rejudge import rejudge
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.subscriptions import Subscriptions
from aggregator.scheduler import Scheduler
from aggregator.storage import Storage
from aggregator.web.deps import Health, WebDeps
from aggregator.web.server import Server

DRAIN = 6.0  # seconds that what runs has to come to an end after SIGTERM
PROBE = 2.0  # seconds that the store is believed to be as it was found
OVERDUE = 30.0  # seconds without a tick before /healthz says so
REST = 0.5  # seconds that a changed feeds.toml keeps still before it is read
WATCH_MS = 10_000  # between looks at feeds.toml's own stamp, for file systems that announce no changes

AT_START = ("listen_host", "listen_port", "store", "base_url")  # of a Config; the rest is taken up by a reload

log: structlog.stdlib.BoundLogger = structlog.get_logger("aggregator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What runs together."""

    rounds: Rounds
    hubs: Subscriptions
    scheduler: Scheduler


class Service:
    """`aggregator run`: polls, works, serves, and takes a changed feeds.toml as it comes."""

    def __init__(self, path: Path, environ: Mapping[str, str], config: Config, storage: Storage) -> None:
        self._path = path
        self._environ = environ
        self.config = config
        self._storage = storage
        self._stop = asyncio.Event()
        self._probe = (0.0, "")  # until when the store's last answer is believed, and what it was

    async def run(self, *, started: Callable[[str], None]) -> None:
        """Until SIGTERM or SIGINT. `started` is told the address once it answers; a second signal ends at once."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._signalled)
        with self._storage.poller_lock() as held:
            async with open_edges(self.config, self._storage) as edges:
                rules = rules_of(self.config)
                await edges.stored(self._storage.sync_feeds, self.config.feeds, now())
                rounds = Rounds(edges, rules, first_entries=self.config.first_entries)
                await rounds.load()
                hubs = Subscriptions(edges, rounds, base_url=self.config.base_url, reachable=self._reachable())
                await hubs.load()
                scheduler = Scheduler(
                    rounds,
                    tidy=lambda: self._tidy(edges),
                    writable=lambda: edges.stored(self._storage.writable),
                    held=lambda: edges.stored(held),
                    subscribe=hubs.advance,
                )
                try:
                    await self._serve(Parts(rounds=rounds, hubs=hubs, scheduler=scheduler), started)
                finally:
                    await rounds.edges.fetcher.aclose()  # a reload may have changed it

    def _reachable(self) -> bool:
        """Whether hubs can be expected to reach us; `allow_networks` says what we may reach, not who reaches us."""
        return websub.reachable(self.config.base_url, guard.allowed)

    def _signalled(self) -> None:
        if self._stop.is_set():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        self._stop.set()

    async def _serve(self, parts: Parts, started: Callable[[str], None]) -> None:
        scheduler = parts.scheduler
        deps = WebDeps(
            storage=self._storage,
            config=lambda: self.config,
            health=lambda: self._health(scheduler),
            now=now,
            hubs=parts.hubs,
            times=parts.rounds.edges.fetcher.times,
        )
        server = Server(deps, host=self.config.listen_host, port=self.config.listen_port)
        tasks = [asyncio.create_task(server.serve()), asyncio.create_task(self._watch(parts))]
        try:
            await server.ready()
            started(self.config.base_url)
            scheduler.start()
            log.info("started", address=server.address, feeds=len(self.config.feeds))
            await asyncio.wait([asyncio.create_task(self._stop.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            log.info("stopping")
            await scheduler.stop()
            server.stop()
            await parts.hubs.close()
            await self._drain(parts.rounds)
            tasks[1].cancel()
            await asyncio.wait(tasks, timeout=2)
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    async def _drain(self, rounds: Rounds) -> None:
        """What came of the polls is kept where the store takes it; what isn't will be polled again."""
        try:
            await asyncio.wait_for(rounds.close(), DRAIN)
        except (TimeoutError, StorageError) as error:
            log.error("not everything was kept", error=str(error) or "it took too long")

    def _health(self, scheduler: Scheduler) -> Health:
        """Well when the scheduler ticked lately and the store takes what it is given."""
        silent = scheduler.since_tick()
        last_tick = now() - timedelta(seconds=silent)
        if scheduler.trouble:
            return Health(ok=False, reason="polling is held up; the log says why", last_tick=last_tick)
        if silent > OVERDUE:
            return Health(ok=False, reason=f"no tick for {silent:.0f} s", last_tick=last_tick)
        reason = self._unwritable()
        return Health(ok=not reason, reason=reason, last_tick=last_tick)

    def _unwritable(self) -> str:
        """Why the store takes nothing. Believed for PROBE seconds: whoever may ask may not make the disk work."""
        if time.monotonic() >= self._probe[0]:
            try:
                self._storage.writable()
                reason = ""
            except StorageError as error:
                log.error("store can't be written", error=error.message)
                reason = "the store can't be written; the log says why"
            self._probe = (time.monotonic() + PROBE, reason)
        return self._probe[1]

    async def _revive(self, rounds: Rounds) -> None:
        """Judge again under today's rules; what a failing store leaves undone is done at the next start or reload."""
        try:
            revived = await rejudge(rounds.edges, rounds.rules)
        except StorageError as error:
            log.error("entries are not judged again", error=error.message)
            return
        if revived:
            log.info("rules changed", judged_again=revived)

    async def _tidy(self, edges: Edges) -> None:
        config = self.config
        await edges.stored(
            self._storage.prune,
            now(),
            keep_articles=config.keep_articles,
            keep_pages=config.keep_pages,
            max_pages=config.max_pages,
        )

    async def _watch(self, parts: Parts) -> None:
        """Notice a changed feeds.toml, by the folder's news and by looking at the file itself now and then."""
        seen = self._stamp()
        await self._revive(parts.rounds)
        async for _ in self._news():
            if self._stamp() == seen:
                continue
            stamp = await self._at_rest()
            try:
                await self._reload(parts)
                seen = stamp
            except StorageError as error:  # tried again at the next look
                log.error("feeds.toml has changed, but the store can't take it up yet", error=error.message)

    async def _news(self) -> AsyncIterator[None]:
        """When to look at feeds.toml: on its folder's news, and now and then anyway."""
        try:
            async for _ in awatch(
                self._path.parent, stop_event=self._stop, recursive=False, rust_timeout=WATCH_MS, yield_on_timeout=True
            ):
                yield
        except (OSError, RuntimeError) as error:  # this machine has no watches left, or the folder went away
            log.warning("changes of feeds.toml are noticed some seconds later", error=str(error))
        while not self._stop.is_set():
            await asyncio.sleep(WATCH_MS / 1000)
            yield

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    async def _at_rest(self) -> tuple[int, int, int]:
        """The file's stamp once it keeps still: many editors empty a file before they write it."""
        stamp = self._stamp()
        while True:
            await asyncio.sleep(REST)
            before, stamp = stamp, self._stamp()
            if stamp == before:
                return stamp

    async def _reload(self, parts: Parts) -> None:
        """Swap feeds, rules, outputs and limits; a file that is wrong changes nothing."""
        rounds, before = parts.rounds, self.config
        try:
            config = await asyncio.to_thread(load, self._path, self._environ)
        except ConfigError as error:
            log.error("feeds.toml is wrong; the old configuration goes on", error=error.message)
            return
        for key in AT_START:
            if getattr(config, key) != getattr(before, key):
                log.warning("needs a restart", key=key)
        for sentence in set(config.warnings) - set(before.warnings):
            log.warning("note", text=sentence)
        self.config = config = replace(config, **{key: getattr(before, key) for key in AT_START})
        rules = await asyncio.to_thread(read_rules, config.rules)
        await self._renew(parts, config, rules.texts, outward=_outward(config) != _outward(before))
        rounds.rules = rules_of(config)
        rounds.first_entries = config.first_entries
        await rounds.edges.stored(self._storage.sync_feeds, config.feeds, now())
        await rounds.load()
        await self._hasten(rounds, before)
        log.info("reloaded", feeds=len(config.feeds))
        await self._revive(rounds)

    async def _hasten(self, rounds: Rounds, before: Config) -> None:
        """A shorter interval counts from now on, not only after the longer one that a feed still waits for."""
        old, states = {feed.url: feed for feed in before.feeds}, rounds.states
        both = [(old[feed.url], feed) for feed in self.config.feeds if feed.url in old and feed.url in states]
        sooner = [new.url for was, new in both if polling.is_hastened(states[new.url], was, new)]
        await asyncio.gather(*map(rounds.resume, sooner))

    async def _renew(self, parts: Parts, config: Config, site_rules: Mapping[str, str], *, outward: bool) -> None:
        """Other site rules, and limits when those are `outward`, for what begins from now on; what runs ends with the
        ones that it began with.
        """
        old, limits = parts.rounds.edges, config.limits
        edges = replace(old, site_rules=site_rules)
        if outward:
            old.hosts.adopt(limits)
            old.workers.adopt(timeout=limits.parse_timeout, memory=limits.worker_memory)
            edges = replace(edges, fetcher=open_fetcher(config, old.hosts, old.fetcher.times), limits=limits)
        parts.rounds.renew(edges)
        parts.hubs.renew(edges)
        if outward:
            await old.fetcher.retire()


def _outward(config: Config) -> tuple[object, ...]:
    """What of a Config the fetcher, the workers and the turns at hosts are built from."""
    return config.limits, config.contact
