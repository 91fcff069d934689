"""The bar for durability where the store lies in PostgreSQL (E13): its server stops and starts as the service runs."""

import os
import random
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults import PYTHON, Faults, faults, until
from storing_postgres import Server, running
from test_bar_durability import QUICK, Running, contiguous, ledger, service

from aggregator.storage.postgres import POLLING

POLLER = (
    "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) "
    f"WHERE locktype = 'advisory' AND granted AND objid = {POLLING} "
    "AND application_name LIKE 'aggregator process {process} %'"
)


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture
def web(tmp_path: Path, database: Server) -> Iterator[Faults]:
    """A fault server and a folder whose store is a new database."""
    with faults(tmp_path) as server:
        server.configure("ledger", head=f'store = "{database.fresh()}"', fetch=QUICK)
        yield server


@contextmanager
def away(database: Server, mode: str) -> Iterator[None]:
    database.control("stop", "-m", mode)
    try:
        yield
    finally:
        database.start()


def complete(web: Faults) -> None:
    """Every story of the ledger is there, once, whatever happened; what was still waiting is worked off."""
    assert web.poll("ledger")["ledger"]["state"] == "ok"
    numbers = ledger(web)
    assert numbers
    assert contiguous(numbers)


def goes_on(running: Running) -> None:
    until(lambda: running.get("/healthz")[0] == 200)
    seen = running.polls()
    until(lambda: running.polls() > seen + 1)


def test_e13_the_server_may_be_away_for_a_while(web: Faults, database: Server) -> None:
    with service(web) as running:
        until(lambda: running.get("/feed.rss")[1].count(b"<item>") > 3)
        with away(database, "immediate"):
            until(lambda: running.get("/healthz")[0] == 503)
            reason = running.get("/healthz")[1]
            assert b"tester" not in reason and str(database.folder).encode() not in reason
            assert web.run("feeds").returncode == 1
        goes_on(running)
        assert running.get("/feed.rss")[0] == 200
        running.stop()
    complete(web)


def test_e13_a_restart_that_nobody_notices_takes_no_right_to_poll_away(web: Faults, database: Server) -> None:
    with service(web) as running:
        until(lambda: running.polls() >= 2)
        with away(database, "fast"):
            pass
        goes_on(running)

        def polls_again() -> bool:  # asked of the server: another `poll` might be the faster one
            return bool(database.sql(POLLER.format(process=running.process.pid)))

        until(polls_again)
        other = web.run("poll", "ledger")
        assert (other.returncode, f"aggregator process {running.process.pid} " in other.stderr) == (1, True)
        running.stop()
    complete(web)


def test_e13_who_was_faster_after_a_restart_is_the_poller(web: Faults, database: Server) -> None:
    """The first service says so and stands still for as long as the other one runs."""
    with service(web) as first:
        until(lambda: first.polls() >= 2)
        first.process.send_signal(signal.SIGSTOP)
        with away(database, "immediate"):
            pass
        with service(web) as second:
            first.process.send_signal(signal.SIGCONT)
            until(lambda: first.get("/healthz")[0] == 503)
            assert re.search(
                f"polled by another aggregator already .aggregator process {second.process.pid} ", first.log()
            )
            goes_on(second)
            second.stop()
        goes_on(first)
        first.stop()
    complete(web)


def interrupted(web: Faults, database: Server, times: int) -> None:
    chance = random.Random("postgres")
    with service(web) as running:
        for _ in range(times):
            until(lambda: running.get("/healthz")[0] == 200)
            seen = running.polls() + chance.randint(1, 3)
            until(lambda seen=seen: running.polls() >= seen)
            with away(database, chance.choice(["immediate", "fast"])):
                pass
        goes_on(running)
        running.stop()
    complete(web)


def test_e13_interrupted_again_and_again_it_loses_and_repeats_nothing(web: Faults, database: Server) -> None:
    interrupted(web, database, 3)


@pytest.mark.soak
def test_e13_interrupted_many_times_it_loses_and_repeats_nothing(web: Faults, database: Server) -> None:
    interrupted(web, database, 12)


def test_e1_kill_9_with_a_store_in_postgres(web: Faults) -> None:
    chance = random.Random("killed")
    for _ in range(4):
        process = subprocess.Popen(
            [PYTHON, "-m", "aggregator", "poll", "ledger"],
            cwd=web.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR")},
        )
        try:
            process.wait(chance.uniform(0.5, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    complete(web)
