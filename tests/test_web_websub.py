"""The hubs' side of the web, over subscriptions that do as they are told."""

import asyncio
from dataclasses import dataclass, field, replace

import httpx
import pytest
from demo import NOW, settings, shelf

from aggregator.errors import StorageError
from aggregator.web import Health, WebDeps, create_app
from aggregator.web.websub import AT_ONCE

BASE = "http://127.0.0.1:8080"


@dataclass
class Hubs:
    max_bytes: int = 100
    patience: float = 20.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list = field(default_factory=list)
    failing: bool = False

    def known(self, path):
        return {"here": "taken", "going": "left"}.get(path, "unknown")

    async def intent(self, path, query):
        return query.get("hub.challenge") if path == "here" else None

    async def deliver(self, path, body, *, content_type, signature):
        await self.gate.wait()
        if self.failing:
            raise StorageError("the disk is full")
        self.taken.append((path, body, content_type, signature))


def client(hubs):
    config, store = settings(), shelf()
    deps = WebDeps(storage=store, config=lambda: config, health=lambda: Health(ok=True), now=lambda: NOW, hubs=hubs)
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(deps)), base_url=BASE)


@pytest.fixture
def hubs():
    hubs = Hubs()
    hubs.gate.set()
    return hubs


async def test_a_delivery_reaches_the_subscription_whole(hubs):
    async def parts():
        for part in (b"a" * 60, b"", b"b" * 40):
            yield part

    headers = {"content-type": "application/rss+xml", "X-Hub-Signature": "sha1=abc"}
    async with client(hubs) as hub:
        answer = await hub.post("/websub/here", content=parts(), headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert hubs.taken == [("here", b"a" * 60 + b"b" * 40, "application/rss+xml", "sha1=abc")]


async def test_what_is_too_large_for_nobody_or_compressed_is_refused_unread(hubs):
    async def endless():
        while True:
            yield b"x" * 50

    async with client(hubs) as hub:
        for path, status in (("here", 413), ("going", 410), ("gone", 404)):
            assert (await hub.post(f"/websub/{path}", content=endless())).status_code == status
        headers = {"content-encoding": "gzip"}
        assert (await hub.post("/websub/here", content=endless(), headers=headers)).status_code == 415
    assert hubs.taken == []


async def test_a_delivery_that_does_not_come_to_its_end_is_given_up(hubs):
    async def stalled():
        yield b"x"
        await asyncio.Event().wait()

    async with client(replace(hubs, patience=0.05)) as hub:
        assert (await hub.post("/websub/here", content=stalled())).status_code == 408


async def test_only_so_many_deliveries_at_a_time(hubs):
    hubs.gate.clear()
    async with client(hubs) as hub:
        waiting = [asyncio.create_task(hub.post("/websub/here", content=b"x")) for _ in range(AT_ONCE)]
        for _ in range(50):
            await asyncio.sleep(0)
        more = await hub.post("/websub/here", content=b"x")
        assert (more.status_code, more.headers["retry-after"]) == (503, "60")
        hubs.gate.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {204}
        assert (await hub.post("/websub/here", content=b"x")).status_code == 204


async def test_what_can_not_be_stored_is_not_acknowledged(hubs):
    hubs.failing = True
    async with client(hubs) as hub:
        assert (await hub.post("/websub/here", content=b"x")).status_code == 503


async def test_a_challenge_comes_back_as_plain_text(hubs):
    async with client(hubs) as hub:
        answer = await hub.get("/websub/here", params={"hub.challenge": "<script>ü"})
        assert (answer.status_code, answer.text) == (200, "<script>ü")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert (await hub.get("/websub/other", params={"hub.challenge": "x"})).status_code == 404
        assert (await hub.get("/websub/here")).status_code == 404


async def test_without_subscriptions_nothing_is_there():
    async with client(None) as hub:
        assert (await hub.get("/websub/here")).status_code == 404
        assert (await hub.post("/websub/here", content=b"x")).status_code == 404
