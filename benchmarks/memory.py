"""Peak memory (PSS) of the service's whole process tree while it takes in many feeds for the first time.

    python benchmarks/memory.py [--feeds 1000] [--entries 10] [--pages articles.jsonl.gz]

The floor beside it is a Python that has imported what the service is built on and does nothing.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure
from farm import Farm, urls

SAMPLE = 0.1  # seconds between two looks
QUIET = 8.0  # seconds without a request after which the work counts as done
LIBRARIES = "import apscheduler, fastapi, feedparser, httpx, lxml, sqlalchemy, trafilatura, uvicorn"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def floor(folder: Path) -> int:
    code = f"{LIBRARIES}\nimport time\nprint(1, flush=True)\ntime.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        process.stdout.readline()
        return measure.pss(process.pid)
    finally:
        process.kill()
        process.wait()


def watch(process: subprocess.Popen[bytes], port: int, feeds: int, limit: float) -> tuple[int, float]:
    """The peak, and the seconds until the farm had been asked for everything and was left alone."""
    peak, started, looked = 0, time.monotonic(), 0.0
    while time.monotonic() - started < limit:
        if process.poll() is not None:
            raise SystemExit("the service ended by itself; see stderr.log")
        peak = max(peak, measure.pss(process.pid))
        if time.monotonic() - looked > 1:
            looked = time.monotonic()
            seen = measure.stats(port)
            if seen["feeds"] >= feeds and seen["idle"] > QUIET:
                return peak, time.monotonic() - started - QUIET
        time.sleep(SAMPLE)
    raise SystemExit(f"not done after {limit:.0f} s: {measure.stats(port)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=3)
    parser.add_argument("--pages", default="")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which to give up")
    asked = parser.parse_args()
    pages = str(Path(asked.pages).resolve()) if asked.pages else ""
    with (
        tempfile.TemporaryDirectory() as name,
        measure.farm(feeds=asked.feeds, entries=asked.entries, pages=pages) as port,
    ):
        folder = Path(name)
        addresses = urls(Farm(asked.feeds, asked.entries, full=0), port)
        measure.configuration(folder, addresses, listen=f"127.0.0.1:{free_port()}")
        bare = floor(folder)
        environ = {**os.environ, "PYTHONPATH": str(measure.HERE.parent)}
        with (folder / "stderr.log").open("wb") as log:
            service = subprocess.Popen(
                [*measure.AGGREGATOR, "run"], cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=log
            )
        try:
            peak, seconds = watch(service, port, asked.feeds, asked.limit)
            rest = measure.pss(service.pid)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(timeout=30)
        seen = measure.stats(port)
    measure.table(
        f"Memory of the service with {asked.feeds} feeds, {asked.entries} stories each, MiB of PSS",
        [
            ("floor: its libraries imported, one process", f"{bare / 2**20:.0f}"),
            ("service, peak of the process tree", f"{peak / 2**20:.0f}"),
            ("service, when all is taken in", f"{rest / 2**20:.0f}"),
            ("pages fetched and cleaned meanwhile", f"{seen['pages']:.0f} in {seconds:.0f} s"),
        ],
    )


if __name__ == "__main__":
    main()
