"""The service among everything that is hostile, for ten rounds: nothing else is polled late, nothing grows."""

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import psutil
import pytest
from faults import Faults, faults, unexpected

pytestmark = pytest.mark.soak

ROUNDS = 10
INTERVAL = 30
MIB = 2**20
SIZES = ("--bomb", str(2**28), "--drip", "0.5", "--stall", "60", "--entries", "20000", "--max-seconds", "1800")
SETTINGS = {
    "total_timeout": '"8s"',
    "max_bytes": '"10MiB"',
    "parse_timeout": '"10s"',
    "per_host_delay": '"1s"',
    "interval": f'"{INTERVAL}s"',
}


@dataclass(frozen=True)
class Sample:
    moment: float
    pss: int
    files: int
    threads: int


@dataclass
class Soak:
    server: Faults
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    health: list[int] = field(default_factory=list)

    def polled(self) -> list[float]:
        """When `ok-rss` was asked, but for the requests to which `redir-auth-leak` leads in between."""
        moments: list[float] = []
        for event in self.server.asked("ok-rss"):
            if not moments or event["t"] - moments[-1] > 0.9 * INTERVAL:
                moments.append(event["t"])
        return moments

    def during(self, number: int) -> list[Sample]:
        """What was seen in one round of `ok-rss`, the first being 1."""
        moments = self.polled()
        return [sample for sample in self.samples if moments[number - 1] <= sample.moment < moments[number]]


def look(process: psutil.Process) -> Sample:
    pss = 0
    for one in (process, *process.children(recursive=True)):
        try:
            pss += one.memory_full_info().pss
        except psutil.Error:  # a worker that has just ended
            continue
    return Sample(time.time(), pss, process.num_fds(), process.num_threads())


@pytest.fixture(scope="module")
def soak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soak]:
    with faults(tmp_path_factory.mktemp("soak"), *SIZES) as server:
        server.configure(*server.scenarios, fetch=SETTINGS)
        seen = Soak(server=server)
        deadline = time.monotonic() + 2.5 * ROUNDS * INTERVAL
        with server.running(SSL_CERT_FILE=server.ca_file) as process:
            while len(seen.polled()) < ROUNDS + 1:
                assert time.monotonic() < deadline, f"{len(seen.polled())} rounds only"
                seen.samples.append(look(process))
                seen.health.append(server.get("/healthz")[0])
                time.sleep(1)
            seen.rows = server.feeds()
        yield seen


def test_every_scenario_ends_as_it_must(soak: Soak) -> None:
    assert len(soak.rows) > 360
    assert unexpected(soak.server, soak.rows) == []


def test_the_healthy_feed_is_polled_on_time_in_every_round(soak: Soak) -> None:
    assert soak.rows["ok-rss"]["state"] == "ok"
    gaps = [later - sooner for sooner, later in pairwise(soak.polled())]
    sys.stdout.write(f"seconds between its polls: {', '.join(f'{gap:.1f}' for gap in gaps)}\n")
    assert len(gaps) >= ROUNDS
    assert [gap for gap in gaps if not INTERVAL <= gap <= 1.1 * INTERVAL] == []


def test_nothing_forbidden_was_asked_and_nothing_was_impolite(soak: Soak) -> None:
    assert soak.server.canary() == 0
    verdict = soak.server.check("--max-per-host", "2")
    assert verdict.returncode == 0, verdict.stdout


def test_memory_files_and_threads_do_not_grow(soak: Soak) -> None:
    peak = max(sample.pss for sample in soak.samples)
    assert peak < 600 * MIB
    second, tenth = (statistics.median(sample.pss for sample in soak.during(number)) for number in (2, ROUNDS))
    sys.stdout.write(
        f"MiB in the second round {second / MIB:.0f}, in the tenth {tenth / MIB:.0f}, peak {peak / MIB:.0f}\n"
    )
    assert tenth <= 1.1 * second
    for what in ("files", "threads"):
        second, tenth = (max(getattr(sample, what) for sample in soak.during(number)) for number in (2, ROUNDS))
        assert tenth <= second + 5


def test_it_was_in_good_health_throughout(soak: Soak) -> None:
    assert set(soak.health) == {200}
    log = (soak.server.folder / "log.jsonl").read_text().splitlines()
    assert log
    assert max(map(len, log)) < 4096
    assert not [line for line in log if "Traceback" in line]
