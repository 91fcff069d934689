"""The pipeline with everything real but the network (a MockTransport) and the clock (moved by hand)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from aggregator.fetch import Fetcher
from aggregator.guard import Hosts
from aggregator.model import Feed, Limits
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.ledger import Ledger
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.rules import compile_rules
from aggregator.storage import Storage, open_storage
from aggregator.workers import Workers

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


Answer = tuple[int, dict[str, str], bytes] | Exception | Callable[[], Awaitable[httpx.Response]]


@dataclass
class Sky:
    """The web as the pipeline sees it: an answer for each URL, and what was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(
        self,
        url: str,
        body: str | bytes,
        media_type: str = "text/html; charset=utf-8",
        status: int = 200,
        **headers: str,
    ) -> str:
        given = {"content-type": media_type} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[url] = (status, given, body.encode() if isinstance(body, str) else body)
        return url

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if not url.endswith("/robots.txt"):
            self.asked.append(url)
        found = self.answers.get(url)
        if found is None:
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        if isinstance(found, Exception):
            raise found
        if callable(found):
            return await found()
        status, headers, body = found
        if headers.get("etag") and request.headers.get("if-none-match") == headers["etag"]:
            return httpx.Response(304, headers=headers, stream=httpx.ByteStream(b""))
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


@dataclass
class World:
    sky: Sky
    edges: Edges
    storage: Storage
    clock: list[datetime]

    async def round(
        self, feeds: Sequence[Feed], *, drop: Sequence[str] = (), everything: bool = True, first_entries: int = 10
    ) -> dict[str, int]:
        """One round as `aggregator poll` does it."""
        self.storage.sync_feeds(feeds, self.clock[0])
        rounds = Rounds(self.edges, compile_rules(feeds, drop), first_entries=first_entries)
        await rounds.load()
        rounds.start_due(everything=everything)
        await rounds.finish()
        await rounds.close()
        return dict(rounds.counts)

    def later(self, **by: float) -> None:
        self.clock[0] += timedelta(**by)

    def live(self) -> list[str]:
        return [story.title for story in self.storage.live(200, self.clock[0])]


@asynccontextmanager
async def world(folder: Path, sky: Sky | None = None) -> AsyncIterator[World]:
    clock = [START]
    sky = sky or Sky()
    limits = Limits(per_host_delay=0.0, parse_timeout=30.0)
    hosts = Hosts(limits, now=lambda: clock[0])
    workers = Workers(2, timeout=30.0, memory=limits.worker_memory)
    storage = open_storage(f"sqlite:///{folder / 'store.db'}")
    database = ThreadPoolExecutor(max_workers=1)
    fetcher = Fetcher(
        httpx.MockTransport(sky), limits, hosts, "aggregator/test (+https://example.org)", now=lambda: clock[0]
    )
    try:
        yield World(
            sky=sky,
            edges=Edges(
                fetcher=fetcher,
                hosts=hosts,
                workers=workers,
                storage=storage,
                db=database,
                ledger=Ledger(storage.together, database),
                limits=limits,
                now=lambda: clock[0],
                jitter=lambda: 0.5,
                site_rules={},
            ),
            storage=storage,
            clock=clock,
        )
    finally:
        await workers.aclose()
        await fetcher.aclose()
        database.shutdown()
        storage.close()
