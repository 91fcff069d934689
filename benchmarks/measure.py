"""What the benchmarks share: CPU and memory of a process tree, the farm beside it, and the table at the end."""

import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
AGGREGATOR = [sys.executable, "-m", "aggregator"]


@dataclass(frozen=True)
class Run:
    cpu: float  # seconds, user and system, of the process and all it waited for
    wall: float  # seconds
    output: str


def run(command: Sequence[str], *, folder: Path) -> Run:
    """Run a command to its end. SystemExit when it fails as a whole."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, as httpx beside it is
    with (folder / "stderr.log").open("w") as errors:
        done = subprocess.run(
            command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True, check=False
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or not done.stdout:
        log = (folder / "stderr.log").read_text()[-2000:]
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{log}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Run(cpu=cpu, wall=time.monotonic() - started, output=done.stdout)


def pss(pid: int) -> int:
    """Proportional set size of a process and all below it, in bytes; what has just ended counts nothing."""
    total = 0
    try:
        own = psutil.Process(pid)
        processes = [own, *own.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


@contextmanager
def farm(*, feeds: int, entries: int, full: int = 0, pages: str = "") -> Iterator[int]:
    """A running farm, each `full`th of whose feeds carries whole stories; gives its port."""
    options = [f"--feeds={feeds}", f"--entries={entries}", f"--full={full}", f"--pages={pages}"]
    server = subprocess.Popen([sys.executable, str(HERE / "farm.py"), *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def stats(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return json.load(answer)


def bump(port: int) -> None:
    """One new entry on top of each feed."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/bump") as answer:
        answer.read()


def configuration(
    folder: Path,
    urls: Sequence[str],
    *,
    match: str = "",
    listen: str = "127.0.0.1:0",
    entries: int = 1000,
    pages: bool = True,
) -> Path:
    """A feeds.toml for feeds on loopback, each on a host of its own; of each the newest `entries` are taken.

    `pages`: whether those of teasers are fetched.
    """
    feeds = "".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls)
    full_text = '"auto"' if pages else "false"
    path = folder / "feeds.toml"
    path.write_text(
        f'listen = "{listen}"\nfirst_entries = 1000\n[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n'
        f"max_entries = {entries}\n"
        f'[defaults]\nmatch = "{match}"\nfull_text = {full_text}\n{feeds}'
    )
    return path


def table(heading: str, rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows)
    print(f"\n{heading}")
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
