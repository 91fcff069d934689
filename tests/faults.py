"""The hostile web of faultserver.py as a process, and the real command run against it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("faultserver.py")
PYTHON = sys.executable

# Limits small enough that a scenario which runs into them costs seconds.
FETCH = {
    "allow_networks": '["127.1.0.0/16"]',
    "total_timeout": '"4s"',
    "max_bytes": '"2MiB"',
    "parse_timeout": '"5s"',
    "per_host_delay": '"0s"',
    "interval": '"1h"',
}
SMALL = ("--big", str(2**26), "--bomb", str(2**26), "--article-mb", "6", "--title-mb", "3", "--entries", "20000")


def free_ports() -> int:
    """The first of two free ports in a row: the scenarios', and the control's."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@dataclass
class Faults:
    """A running fault server and a folder with a feeds.toml for some of its scenarios."""

    folder: Path
    port: int
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "requests.jsonl"

    @property
    def ca_file(self) -> str:
        return self._said.partition("CA ")[2].strip()

    def _list(self, *arguments: str) -> str:
        command = [PYTHON, str(SERVER), "--port", str(self.port), *self.options, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self) -> None:
        self.scenarios = {row["name"]: row for row in json.loads(self._list("--list-json"))}
        command = [PYTHON, str(SERVER), "--port", str(self.port), "--log", str(self.log), *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=self.folder)
        assert self.process.stdout is not None
        self._said = self.process.stdout.readline().decode()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def configure(self, *names: str, head: str = "", fetch: dict[str, str] | None = None) -> None:
        """A feeds.toml with these scenarios or groups, and always the healthy one."""
        settings = FETCH | (fetch or {})
        lines = [
            f'contact = "https://example.org/about"\n{head}\n[fetch]',
            *(f"{k} = {v}" for k, v in settings.items()),
        ]
        feeds = self._list("--feeds-toml", *dict.fromkeys([*names, "ok-rss"]))
        (self.folder / "feeds.toml").write_text("\n".join(lines) + "\n" + feeds)

    def run(self, *arguments: str, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
        """The real command in the folder."""
        return subprocess.run(
            [PYTHON, "-m", "aggregator", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")} | environment,
        )

    def poll(self, *feeds: str, **environment: str) -> dict[str, dict[str, Any]]:
        """One round; gives `feeds --json` by name."""
        done = self.run("poll", *(feeds or ("--all",)), "--json", **environment)
        assert done.returncode in {0, 1}, done.stderr[-3000:]
        return self.feeds()

    def feeds(self) -> dict[str, dict[str, Any]]:
        done = self.run("feeds", "--json")
        assert done.returncode == 0, done.stderr[-3000:]
        return {row["name"]: row for row in json.loads(done.stdout)}

    def control(self, what: str = "state") -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1}/ctl/{what}", timeout=10) as answer:
            return json.loads(answer.read())

    def canary(self) -> int:
        """Requests that reached an address which must not be asked."""
        return len([event for event in self.events() if event["ev"] == "canary"])

    def events(self) -> list[dict[str, Any]]:
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()]

    def requests(self, scenario: str) -> list[dict[str, Any]]:
        return [event for event in self.events() if event["ev"] == "request" and event.get("scenario") == scenario]

    def check(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The server's own verdict on politeness."""
        return subprocess.run(
            [PYTHON, str(SERVER), "--port", str(self.port), "--check", str(self.log), *options],
            capture_output=True,
            text=True,
        )


@contextmanager
def faults(folder: Path, *options: str) -> Iterator[Faults]:
    server = Faults(folder=folder, port=free_ports(), options=options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def unexpected(server: Faults, rows: dict[str, dict[str, Any]]) -> list[str]:
    """Scenarios whose feeds ended otherwise than a correct aggregator's would."""
    wrong = []
    for name, row in rows.items():
        scenario = server.scenarios.get(name) or server.scenarios.get(name.rpartition("-")[0])
        assert scenario is not None, name
        healthy = row["state"] == "ok"
        if scenario["expect"] != "either" and healthy != (scenario["expect"] == "ok"):
            wrong.append(f"{name}: {row['state']} {row['error_class']} {row['error']} (must: {scenario['must']})")
    return wrong


def until(true: Any, *, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)
