"""Builds what the pipeline touches from a Config, and closes it: the one place where things are put together."""

import ctypes
import random
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aggregator import __version__, guard
from aggregator.app.rulefiles import read_rules
from aggregator.config import Config
from aggregator.fetch import Fetcher, Times
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.ledger import Ledger
from aggregator.pipeline.rules import Rules, compile_rules
from aggregator.storage import Storage
from aggregator.workers import Workers

WORKERS = 2
# Of the GNU C library's malloc.h, with our values: how large a block must be to be given back to the system alone, how
# much may be left at the end of the heap, how many heaps there are.
_MALLOC: Final = ((-3, 2**20), (-1, 2**23), (-8, 1))


def now() -> datetime:
    """The wall clock; the one place that reads it for the pipeline."""
    return datetime.now(UTC)


def user_agent(config: Config) -> str:
    """Name, version and whom to write to, as publishers expect of a fetcher."""
    return f"aggregator/{__version__} (+{config.contact or config.base_url})"


def rules_of(config: Config) -> Rules:
    """The configured feeds with their compiled rules."""
    return compile_rules(config.feeds, config.drop)


def default_config() -> Config:
    """What holds where no feeds.toml is needed."""
    return Config(path=Path("feeds.toml"))


def open_fetcher(config: Config, hosts: guard.Hosts | None = None, times: Times | None = None) -> Fetcher:
    """A fetcher; with pacing and times of its own for a command that only asks."""
    hosts = hosts or guard.Hosts(config.limits, now=now)
    return Fetcher(guard.transport(config.limits), config.limits, hosts, user_agent(config), now=now, times=times)


@asynccontextmanager
async def open_workers(config: Config) -> AsyncIterator[Workers]:
    """Worker processes, started as they are needed; none is left at the end."""
    limits = config.limits
    workers = Workers(count=WORKERS, timeout=limits.parse_timeout, memory=limits.worker_memory)
    try:
        yield workers
    finally:
        await workers.aclose()


@asynccontextmanager
async def open_edges(config: Config, storage: Storage) -> AsyncIterator[Edges]:
    """Everything the pipeline touches, closed again at the end."""
    _keep_no_memory()
    hosts = guard.Hosts(config.limits, now=now)
    fetcher = open_fetcher(config, hosts)
    database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
    try:
        async with open_workers(config) as workers:
            yield Edges(
                fetcher=fetcher,
                hosts=hosts,
                workers=workers,
                storage=storage,
                db=database,
                ledger=Ledger(storage.together, database),
                limits=config.limits,
                now=now,
                jitter=random.random,
                site_rules=read_rules(config.rules).texts,
            )
    finally:
        await fetcher.aclose()
        database.shutdown(wait=True)


def _keep_no_memory() -> None:
    """Large answers go back to the system when they are done with, whichever thread had them.

    By itself the C library keeps the room of a freed one for the next, in a heap for each thread: after a few large
    feeds a quarter of the process was nobody's. Other C libraries have no such call.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust:
        for what, value in _MALLOC:
            adjust(what, value)
