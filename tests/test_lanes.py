"""Lanes: bounds per host and in all, each key once, failures handed on."""

import asyncio
from collections import Counter

import pytest

from aggregator.pipeline.lanes import Lanes


class Watch:
    """A job that notes how many of it run at once."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.ran: list[str] = []

    async def __call__(self, key: str) -> None:
        host = key.split("/", maxsplit=1)[0]
        for name in (host, "all"):
            self.now[name] += 1
            self.most[name] = max(self.most[name], self.now[name])
        await asyncio.sleep(0.001)
        self.ran.append(key)
        for name in (host, "all"):
            self.now[name] -= 1


async def test_bounds_per_host_and_in_all() -> None:
    watch = Watch()
    lanes: Lanes[str] = Lanes(watch, per_host=2, total=5)
    for host in "abcdef":
        for number in range(10):
            assert lanes.put(host, f"{host}/{number}")
    await lanes.idle()
    assert sorted(watch.ran) == sorted(f"{host}/{number}" for host in "abcdef" for number in range(10))
    assert max(watch.most[host] for host in "abcdef") == 2
    assert watch.most["all"] == 5
    assert len(lanes) == 0


async def test_a_key_is_taken_once_at_a_time() -> None:
    watch = Watch()
    lanes: Lanes[str] = Lanes(watch, per_host=1, total=1)
    assert lanes.put("a", "a/1")
    assert not lanes.put("a", "a/1")
    await lanes.idle()
    assert lanes.put("a", "a/1")
    await lanes.idle()
    assert watch.ran == ["a/1", "a/1"]


async def test_a_busy_host_does_not_hold_up_the_others() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def job(key: str) -> None:
        if key.startswith("slow"):
            await gate.wait()
        done.append(key)
        if key == "quick/4":
            gate.set()

    lanes: Lanes[str] = Lanes(job, per_host=2, total=4)
    for number in range(20):
        lanes.put("slow", f"slow/{number}")
    for number in range(5):
        lanes.put("quick", f"quick/{number}")
    await lanes.idle()
    assert done[:5] == [f"quick/{number}" for number in range(5)]


async def test_a_failure_is_raised_once_and_stops_no_other_job() -> None:
    done: list[str] = []

    async def job(key: str) -> None:
        if key == "b":
            raise OSError("disk full")
        done.append(key)

    lanes: Lanes[str] = Lanes(job, per_host=1, total=3)
    for key in "abc":
        lanes.put(key, key)
    with pytest.raises(OSError, match="disk full"):
        await lanes.idle()
    await lanes.idle()
    assert sorted(done) == ["a", "c"]


async def test_close_cancels_what_runs() -> None:
    async def job(key: str) -> None:
        await asyncio.Event().wait()

    lanes: Lanes[str] = Lanes(job, per_host=2, total=2)
    for number in range(5):
        lanes.put("a", str(number))
    await asyncio.sleep(0)
    await lanes.close()
    assert len(lanes) == 0


async def test_bounds_may_change_while_jobs_run() -> None:
    gate, running, most = asyncio.Event(), 0, 0

    async def job(key: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    lanes: Lanes[str] = Lanes(job, per_host=1, total=1)
    for number in range(12):
        lanes.put("a", str(number))
    async with asyncio.timeout(10):
        while running < 1:
            await asyncio.sleep(0)
        lanes.resize(per_host=4, total=3)
        while running < 3:
            await asyncio.sleep(0)
        lanes.resize(per_host=1, total=1)
        assert (running, most) == (3, 3)
        gate.set()
        await lanes.idle()
    assert most == 3
    assert len(lanes) == 0
    gate.clear()
    for number in range(3):
        lanes.put("a", str(number))
    for _ in range(20):
        await asyncio.sleep(0)
    assert running == 1
    gate.set()
    await lanes.idle()


async def test_a_job_that_leaves_its_place_goes_on_beside_the_next_ones() -> None:
    gate = asyncio.Event()
    begun: list[str] = []

    async def job(key: str) -> None:
        begun.append(key)
        if key != "c":
            lanes.leave(key)
            await gate.wait()

    lanes: Lanes[str] = Lanes(job, per_host=1, total=1)
    for key in "abc":
        lanes.put("host", key)
    while len(begun) < 3:
        await asyncio.sleep(0)
    assert not lanes.put("host", "a")  # it is still under way
    idle = asyncio.create_task(lanes.idle())
    await asyncio.sleep(0)
    assert not idle.done()
    gate.set()
    await idle
    assert begun == ["a", "b", "c"]
    assert lanes.put("host", "a")
    await lanes.idle()


async def test_a_failure_after_leaving_is_raised_too() -> None:
    async def job(key: str) -> None:
        lanes.leave(key)
        await asyncio.sleep(0)
        raise OSError("disk full")

    lanes: Lanes[str] = Lanes(job, per_host=1, total=1)
    lanes.put("host", "a")
    with pytest.raises(OSError, match="disk full"):
        await lanes.idle()
    await lanes.close()
