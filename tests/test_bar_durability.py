"""The bar for durability: the real command and service, killed, starved, locked out and led astray by the clock."""

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import PATIENCE, PYTHON, Faults, faults, until
from ports import free_port

from aggregator.storage import building, schema, sqlite
from tests import released

ROOT = Path(__file__).parent.parent
SAMPLES = Path(__file__).with_name("samples")
QUICK = {"interval": '"1s"', "per_host_delay": '"0s"'}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    with faults(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture
def web(server: Faults, tmp_path: Path) -> Faults:
    return server.anew(tmp_path)


def store(folder: Path) -> Path:
    return folder / "store" / "aggregator.db"


def polls(server: Faults) -> int:
    """How often the ledger feed was asked for; its articles' pages don't count."""
    return sum(event["target"].endswith("feed.xml") for event in server.requests("ledger"))


def integrity(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return found


def ledger(server: Faults) -> list[int]:
    """The numbers of the stored ledger stories."""
    done = server.run("search", "title:ledger", "--limit", "1000", "--json")
    assert done.returncode == 0, done.stderr
    return sorted(int(story["title"].split()[1]) for story in json.loads(done.stdout))


def contiguous(numbers: list[int]) -> bool:
    return numbers == list(range(1, len(numbers) + 1))


def killed(server: Faults, after: float, *arguments: str) -> None:
    process = subprocess.Popen(
        [PYTHON, "-m", "aggregator", *arguments],
        cwd=server.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def kills(server: Faults, times: int, seed: int) -> None:
    server.configure("ledger", fetch=QUICK)
    pauses = random.Random(seed)
    for _ in range(times):
        killed(server, pauses.uniform(0.3, 3.0), "poll", "ledger")
    rows = server.poll("ledger")
    assert rows["ledger"]["state"] == "ok"
    numbers = ledger(server)
    assert numbers, "nothing was stored"
    assert contiguous(numbers)
    assert integrity(store(server.folder)) == "ok"


def test_e1_kill_9_loses_and_repeats_nothing(web: Faults) -> None:
    kills(web, 5, seed=1)


@pytest.mark.soak
def test_e1_a_hundred_kills_lose_and_repeat_nothing(web: Faults) -> None:
    kills(web, 100, seed=2)


CHECK = """
import json, subprocess, sqlite3, sys
command, wanted, revision = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
done = subprocess.run(command, capture_output=True, text=True)
assert done.returncode == 0, done.stderr[-2000:]
with sqlite3.connect("store/aggregator.db") as store:
    stories = store.execute("SELECT key, public_id FROM articles ORDER BY key").fetchall()
    assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert store.execute("SELECT version_num FROM alembic_version").fetchall() == [(revision,)]
assert [key for key, _ in stories] == list(range(1, wanted + 1)), stories
assert len({name for _, name in stories}) == wanted
"""
EACH = {"pwrite64": 5, "fdatasync": 1, "ftruncate": 1, "rename": 1, "unlink": 1}  # every so many calls


def crash_points(server: Faults, command: list[str], *, stories: int, seed: Path | None = None) -> None:
    """Kill the command at its n-th write, for each n; then it must go through and give what one clean run gives.

    Of the writes to the log between two commits every fifth will do: none of them counts before the next fdatasync.
    """
    (server.folder / "check.py").write_text(CHECK)
    again = json.dumps([PYTHON, "-m", "aggregator", *command])
    setup = "rm -rf store" + (f" && cp -r {seed} store" if seed else "")
    said = ""
    for syscall, step in EACH.items():
        done = subprocess.run(
            [
                *(PYTHON, str(Path(__file__).with_name("crashpoints.py")), "--setup", setup),
                *("--check", f"{PYTHON} check.py '{again}' {stories} {schema.REVISIONS[-1]}"),
                *("--syscalls", syscall, "--step", str(step), "--", PYTHON, "-m", "aggregator", *command),
            ],
            cwd=server.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
        said += f"{syscall}: {done.stdout}"
    sys.stdout.write(said)
    assert int(re.findall(r"(\d+) crash points, 0 bad", said)[0]) > 3


@pytest.mark.soak
def test_e2_e4_every_crash_point_of_a_first_poll(web: Faults) -> None:
    web.configure(fetch=QUICK)
    crash_points(web, ["poll", "ok-rss"], stories=3)


@pytest.mark.soak
def test_e2_every_crash_point_of_a_later_poll(web: Faults) -> None:
    web.configure("bump", fetch=QUICK)
    web.poll("bump")
    web.control("bump?scenario=bump&by=3")
    seed = web.folder / "seed"
    shutil.copytree(web.folder / "store", seed)
    crash_points(web, ["poll", "bump"], seed=seed, stories=4)


@pytest.mark.soak
def test_e3_every_crash_point_of_an_import(web: Faults) -> None:
    web.configure()
    crash_points(web, ["import", str(SAMPLES)], stories=2)


def test_e3_an_import_that_was_cut_off_goes_on_and_adds_nothing_twice(web: Faults) -> None:
    web.configure()
    for after in (0.6, 1.2, 2.0):
        killed(web, after, "import", str(SAMPLES))
    for _ in range(2):
        done = web.run("import", str(SAMPLES), "--json")
        assert done.returncode == 0, done.stderr
        assert "failed" not in json.loads(done.stdout)["counts"]
    assert len(json.loads(web.run("search", "", "--json").stdout)) == 2
    assert integrity(store(web.folder)) == "ok"


def test_e5_commits_are_durable_and_a_faulty_sqlite_is_named(web: Faults) -> None:
    web.configure()
    done = web.run("check", "--json")
    assert done.returncode == 0, done.stderr
    version = sqlite3.sqlite_version_info[:3]
    faulty = version < (3, 51, 3) and version[:2] not in {(3, 44), (3, 50)}
    assert any("WAL" in line for line in json.loads(done.stdout)["notes"]) is faulty
    with contextlib.closing(sqlite3.connect(store(web.folder))) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_e5_each_commit_is_synced(tmp_path: Path) -> None:
    """Before a story is acknowledged, the kernel was told to write the log to the disk."""
    trace = tmp_path / "trace"
    child = [PYTHON, "-m", "tests.storing_child", "add", str(tmp_path / "store.db"), "0", "20"]
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-e", "trace=fdatasync,fsync,write", "-o", str(trace)]
    done = subprocess.run([*strace, *child], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if " " in line]) == 20
    synced = acknowledged = 0
    for line in trace.read_text().splitlines():
        synced += "store.db-wal" in line and "sync(" in line
        if re.search(r'write\(1<.*"\d+ \d+', line):
            acknowledged += 1
            assert synced >= acknowledged
    assert acknowledged == 20


class Running:
    """The service in a fault server's folder."""

    def __init__(self, server: Faults, port: int, *, log_to: str = "log.jsonl", **environment: str) -> None:
        self.server = server
        self.port = port
        with (server.folder / log_to).open("ab") as log:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "aggregator", "run"],
                cwd=server.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=os.environ | {"AGGREGATOR_LISTEN": f"127.0.0.1:{port}"} | environment,
            )

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def log(self) -> str:
        return (self.server.folder / "log.jsonl").read_text()

    def polls(self) -> int:
        return polls(self.server)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.log()[-3000:]


@contextlib.contextmanager
def service(server: Faults, *, log_to: str = "log.jsonl", **environment: str) -> Iterator[Running]:
    running = Running(server, free_port(), log_to=log_to, **environment)
    try:
        until(lambda: running.get("/healthz")[0] == 200)
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()


def test_e6_a_log_on_a_full_disk_stops_nothing(web: Faults) -> None:
    web.configure("ledger", fetch=QUICK)
    with service(web, log_to="/dev/full") as running:
        until(lambda: running.get("/feed.rss")[1].count(b"<item>") > 3)
        assert running.get("/healthz")[0] == 200
        running.stop()


def test_e6_a_full_disk_is_said_and_left_behind_when_there_is_space_again(web: Faults) -> None:
    web.configure("ledger", fetch=QUICK)
    (web.folder / "log.jsonl").write_text("\n" * 4096)  # so that the log has as little room as the store
    with service(web) as running:
        until(lambda: running.get("/feed.rss")[1].count(b"<item>") > 3)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        until(lambda: running.get("/healthz")[0] == 503)
        assert running.get("/feed.rss")[0] == 200
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until(lambda: running.get("/healthz")[0] == 200)
        seen = running.polls()
        until(lambda: running.polls() > seen + 1)
        assert "lines of this log are missing here" in running.log()
        running.stop()
    assert web.poll("ledger")["ledger"]["state"] == "ok"  # also works off what was still waiting
    assert contiguous(ledger(web))
    assert integrity(store(web.folder)) == "ok"


CRAMPED = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
runpy.run_module("aggregator", run_name="__main__")
"""


def test_e6_a_store_that_finds_no_room_is_not_begun(web: Faults) -> None:
    web.configure()
    command = [PYTHON, "-c", CRAMPED, "poll", "ok-rss"]
    done = subprocess.run(command, cwd=web.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "aggregator.db" in done.stderr and "Traceback" not in done.stderr
    assert list((web.folder / "store").iterdir()) == []
    assert web.poll("ok-rss")["ok-rss"]["state"] == "ok"


def test_e7_a_locked_store_is_waited_for(web: Faults) -> None:
    web.configure()
    web.poll("ok-rss")
    blocker = sqlite3.connect(store(web.folder), isolation_level=None, timeout=PATIENCE)
    blocker.execute("BEGIN EXCLUSIVE")
    process = subprocess.Popen(
        [PYTHON, "-m", "aggregator", "poll", "ok-rss"], cwd=web.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(3)
    blocker.execute("ROLLBACK")
    blocker.close()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_e7_a_store_that_stays_locked_is_said_and_no_poll_is_lost(web: Faults) -> None:
    web.configure()
    web.run("feeds")
    with contextlib.closing(sqlite3.connect(store(web.folder), isolation_level=None, timeout=PATIENCE)) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        done = web.run("poll", "ok-rss")
        assert done.returncode == 1
        assert "is locked by another program" in done.stderr
        assert "Traceback" not in done.stderr
        blocker.execute("ROLLBACK")
    assert web.poll("ok-rss")["ok-rss"]["state"] == "ok"
    assert web.entries()["ok-rss"] == 3


@pytest.mark.parametrize("damage", ["header", "middle", "truncated", "text", "empty"])
def test_e8_a_damaged_store_is_named_and_left_as_it_is(web: Faults, damage: str) -> None:
    web.configure()
    web.poll("ok-rss")
    path = store(web.folder)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    broken = {
        "header": b"x" * 100 + whole[100:],
        "middle": whole[:4096] + b"\xff" * (len(whole) // 2) + whole[4096 + len(whole) // 2 :],
        "truncated": whole[: len(whole) // 2 + 77],
        "text": b"not a database at all\n" * 50,
        "empty": b"",
    }[damage]
    for extra in path.parent.glob("aggregator.db-*"):
        extra.unlink()
    path.write_bytes(broken)
    done = web.run("poll", "ok-rss")
    assert done.returncode != 0
    assert "aggregator.db" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == broken


def test_e8_a_store_that_is_taken_away_while_it_is_used_is_said(web: Faults) -> None:
    """What is written into files without a name is lost, however well the writing goes."""
    web.configure("ledger", fetch=QUICK)
    with service(web) as running:
        until(lambda: running.polls() >= 2)
        (web.folder / "store").rename(web.folder / "elsewhere")
        until(lambda: running.get("/healthz")[0] == 503)
        assert "removed or replaced" in running.log()
        assert not (web.folder / "store").exists()
        (web.folder / "elsewhere").rename(web.folder / "store")
        until(lambda: running.get("/healthz")[0] == 200)
        seen = running.polls()
        until(lambda: running.polls() > seen)
        running.stop()
    assert web.poll("ledger")["ledger"]["state"] == "ok"  # also works off what was still waiting
    assert contiguous(ledger(web))


def test_e9_one_poller_a_store_and_no_stale_lock(web: Faults) -> None:
    web.configure("ledger", fetch=QUICK)
    with service(web) as running:
        second = web.run("poll", "ledger")
        assert second.returncode != 0
        assert str(running.process.pid) in second.stderr
        running.process.kill()
        running.process.wait()
    assert web.run("poll", "ledger").returncode == 0
    assert contiguous(ledger(web))


def test_e10_the_clock_may_jump_while_the_program_is_away(web: Faults) -> None:
    """A year forward and back again: the feed is polled each time its turn comes, once, and the order is kept."""
    web.configure("ledger", fetch=QUICK | {"interval": '"1h"'})
    faketime = ["faketime", "-f"]
    for jump in ("+0", "+1y", "-1d", "+0"):
        before = polls(web)
        done = subprocess.run(
            [*faketime, jump, PYTHON, "-m", "aggregator", "poll"],
            cwd=web.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert polls(web) - before in ({0, 1} if jump == "-1d" else {1}), jump
    assert contiguous(ledger(web))


def test_e10_the_clock_may_jump_while_the_service_runs(web: Faults) -> None:
    web.configure("ledger", fetch=QUICK | {"interval": '"2s"'})
    clock = web.folder / "clock"
    clock.write_text("+0")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    faked = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with service(web, **faked) as running:
        until(lambda: running.polls() >= 2)
        for jump in ("-1d", "+1y", "+0"):
            seen = running.polls()
            clock.write_text(jump)
            until(lambda seen=seen: running.polls() >= seen + 2)
        assert running.get("/healthz")[0] == 200
        running.stop()
    assert web.poll("ledger")["ledger"]["state"] == "ok"  # also works off what was still waiting
    assert contiguous(ledger(web))


@pytest.mark.soak
@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_e11_every_crash_point_of_a_migration(web: Faults, revision: str) -> None:
    """Of the store that each earlier release left, and of an empty one."""
    web.configure()
    seed = web.folder / "seed"
    seed.mkdir()
    if revision:
        released.restore(revision, seed / "aggregator.db")
    else:
        with contextlib.closing(sqlite3.connect(seed / "aggregator.db")) as raw, raw:
            raw.execute(f"PRAGMA application_id={sqlite.APPLICATION_ID}")
            raw.execute(building.ALEMBIC_VERSION)
    crash_points(web, ["feeds"], seed=seed, stories=released.expected(revision)["last"] if revision else 0)


def test_e11_a_newer_store_is_refused(web: Faults) -> None:
    web.configure()
    web.poll("ok-rss")
    with contextlib.closing(sqlite3.connect(store(web.folder))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = web.run("poll", "ok-rss")
    assert done.returncode != 0
    assert "newer" in done.stderr
    assert "aggregator.db" in done.stderr


def test_e12_a_backup_while_polling_restores_to_a_consistent_store(web: Faults) -> None:
    web.configure("ledger", fetch=QUICK)
    with service(web) as running:
        until(lambda: running.polls() >= 2)
        before = ledger(web)
        for number in range(3):
            done = web.run("backup", str(web.folder / f"{number}.db"))
            assert done.returncode == 0, done.stderr
        running.stop()
    shutil.rmtree(web.folder / "store")
    (web.folder / "store").mkdir()
    shutil.copy(web.folder / "2.db", store(web.folder))
    assert integrity(store(web.folder)) == "ok"
    saved = ledger(web)  # stories are finished side by side: one may be in before its elder, none twice
    assert len(set(saved)) == len(saved)
    assert set(before) <= set(saved)
    assert web.poll("ledger")["ledger"]["state"] == "ok"
    assert contiguous(ledger(web))
