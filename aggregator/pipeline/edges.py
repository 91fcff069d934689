"""What the pipeline's steps touch of the world, as one value that app.py builds."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, ParamSpec, TypeVar

from aggregator import urls
from aggregator.fetch import Fetcher
from aggregator.guard import Hosts
from aggregator.model import Cleaned, Document, Limits, ParsedFeed
from aggregator.pipeline.ledger import Ledger
from aggregator.pipeline.recent import Recent
from aggregator.storage import Storage
from aggregator.workers import Remote, Workers

# Named, not imported: only workers load the parser, the cleaner and their libraries.
_CLEAN_FRAGMENT: Final[Remote[Cleaned]] = Remote("aggregator.clean", "work", "ready_for_fragments")
_CLEAN_DOCUMENT: Final[Remote[Cleaned]] = Remote("aggregator.clean", "work", "ready_for_documents")
PARSE: Final[Remote[ParsedFeed]] = Remote("aggregator.parse", "parse")

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """`db` is an executor of one thread: the store has one writer, and the event loop never waits for a disk.

    `ledger` works in that thread too.
    """

    fetcher: Fetcher
    hosts: Hosts
    workers: Workers
    storage: Storage
    db: Executor
    ledger: Ledger
    limits: Limits
    now: Callable[[], datetime]
    jitter: Callable[[], float]  # in [0, 1)
    site_rules: Mapping[str, str]
    recent: Recent = field(default_factory=Recent)

    def rules_for(self, url: str) -> str:
        """The site rule for an address, or none."""
        return site_rule(self.site_rules, url)

    async def stored(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the store in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self.db, partial(function, *args, **kwargs))

    async def joined(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a short one of which many may wait: those share a transaction. Durable when this returns."""
        return await self.ledger.do(partial(function, *args, **kwargs))


def cleaner(document: Document) -> Remote[Cleaned]:
    """The task that cleans it: the content of feeds needs a smaller process than pages and texts do."""
    return _CLEAN_FRAGMENT if document.kind == "fragment" else _CLEAN_DOCUMENT


def site_rule(rules: Mapping[str, str], url: str) -> str:
    """Of rules by file name: that of the host, else the nearest .example.org, which holds for all below example.org."""
    if not rules:
        return ""
    host = urls.host(url).removeprefix("www.")
    parts = host.split(".")
    above = (".".join(["", *parts[start:]]) for start in range(len(parts)))
    return next((rules[name] for name in (host, urls.site(url), *above) if name in rules), "")
