"""The hostile web of faultserver.py as a process, and the real command run against it."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import feedparser
import psutil
import warm
from ports import free_port

from aggregator.app.commands import poll_round
from aggregator.cli.feeds import feed_row
from aggregator.config import load
from aggregator.model import FeedState
from aggregator.storage import open_storage

SERVER = Path(__file__).with_name("faultserver.py")
PYTHON = sys.executable
PATIENCE = 120.0  # seconds for something to come about; never a measure of speed

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


# Notes each connection that Python opens and each look into /etc/passwd, in every process of the program.
EAVESDROP = """
import os, sys
def hook(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        note(f"connect {arguments[1][0]}")
    elif event == "open" and str(arguments[0]).startswith("/etc/passwd"):
        note(f"open {arguments[0]}")
def note(line):
    os.write(notes, f"{line}\\n".encode())
notes = os.open(f"{FOLDER}/{os.getpid()}.heard", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
sys.addaudithook(hook)
"""


@dataclass
class Faults:
    """A running fault server and a folder with a feeds.toml for some of its scenarios."""

    folder: Path
    port: int
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: Path = Path()
    heard_before: int = 0  # lines of the log that are another test's
    heard_after: int | None = None
    said: str = ""
    listen: int = 0  # the port of `aggregator run`

    @property
    def ca_file(self) -> str:
        return self.said.partition("CA ")[2].strip()

    def beside(self, folder: Path) -> "Faults":
        """The same server for another test: a folder of its own, and only the requests from now on."""
        folder.mkdir(exist_ok=True)
        return replace(self, folder=folder, listen=0, heard_before=len(self.log.read_text().splitlines()))

    def anew(self, folder: Path) -> "Faults":
        """The same server for another test, its feeds as if nobody had asked for them yet."""
        self.control("reset")
        return self.beside(folder)

    def done(self) -> None:
        """Requests from now on are another test's."""
        self.heard_after = len(self.log.read_text().splitlines())

    def _list(self, *arguments: str) -> str:
        command = [PYTHON, str(SERVER), "--port", str(self.port), *self.options, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self) -> None:
        self.log = self.folder / "requests.jsonl"
        command = [PYTHON, str(SERVER), "--port", str(self.port), "--log", str(self.log), *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=self.folder)
        self.scenarios = {row["name"]: row for row in json.loads(self._list("--list-json"))}
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().decode()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def configure(self, *names: str, head: str = "", fetch: dict[str, str] | None = None, more: str = "") -> None:
        """A feeds.toml with these scenarios or groups, always the healthy one, and the feeds of `more`."""
        settings = FETCH | (fetch or {})
        self.listen = self.listen or free_port()
        lines = [
            f'contact = "https://example.org/about"\nlisten = "127.0.0.1:{self.listen}"\n{head}\n[fetch]',
            *(f"{k} = {v}" for k, v in settings.items()),
        ]
        feeds = self._list("--feeds-toml", *dict.fromkeys([*names, "ok-rss"]))
        whole = self.folder / "feeds.toml.new"  # a running service may look at any time
        whole.write_text("\n".join(lines) + "\n" + feeds + more)
        whole.replace(self.folder / "feeds.toml")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """The real command in the folder; one that is given an environment starts with Python itself."""
        if not environment:
            return warm.call(*arguments, cwd=self.folder)
        return subprocess.run(
            [PYTHON, "-m", "aggregator", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            env={key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")} | environment,
        )

    def poll(self, *feeds: str, **environment: str) -> dict[str, dict[str, Any]]:
        """One round of all that may be asked, or of these feeds; gives `feeds --json` by name."""
        self.round(*(feeds or ("--all",)), **environment)
        return self.feeds()

    def force(self, name: str, times: int) -> None:
        """Poll one feed so often, by what the command calls."""
        config = load(self.folder / "feeds.toml", {})
        only = {feed.url for feed in config.feeds if feed.name == name}
        with closing(open_storage(config.store)) as storage:
            for _ in range(times):
                asyncio.run(poll_round(config, storage, only=only, everything=False, told=lambda _: None))

    def round(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """`aggregator poll` as it is; gives what it says."""
        done = self.run("poll", *arguments, "--json", **environment)
        assert done.returncode in {0, 1}, done.stderr[-3000:]
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    @contextmanager
    def running(self, **environment: str) -> "Iterator[psutil.Popen]":
        """`aggregator run` from when it answers until it has ended by SIGTERM; its log is `log.jsonl`."""
        with (self.folder / "log.jsonl").open("ab") as log:
            process = psutil.Popen(
                [PYTHON, "-m", "aggregator", "run"],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")} | environment,
            )
        try:
            until(lambda: self.get("/healthz")[0] == 200)
            yield process
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def get(self, path: str) -> tuple[int, bytes]:
        """What the running service answers; status 0 when nobody does."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.listen}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def publish(self, folder: str = "public") -> "Published":
        """What readers get: the live feed and the archive pages."""
        done = self.run("publish", folder, "--base-url", "https://news.example.org")
        assert done.returncode == 0, done.stderr[-3000:]
        return Published(self.folder / folder)

    def entries(self) -> dict[str, int]:
        """How many entries are known of each feed, by its name, whether a story of their own or another's copy."""
        (store,) = [path for path in (self.folder / "store").glob("*.db") if "pages" not in path.name]
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            query = "SELECT feeds.name, count(entries.id) FROM feeds LEFT JOIN entries ON feed = feeds.id GROUP BY 1"
            found = dict(connection.execute(query).fetchall())
        connection.close()
        return found

    def feeds(self) -> dict[str, dict[str, Any]]:
        """What `feeds --json` says, by name; made by its own function, since starting Python takes longer than that."""
        config = load(self.folder / "feeds.toml", {})
        with closing(open_storage(config.store)) as storage:
            states = storage.feed_states()
        rows = [feed_row(feed, states.get(feed.url, FeedState(url=feed.url))) for feed in config.feeds]
        return {row["name"]: row for row in json.loads(json.dumps(rows, default=datetime.isoformat))}

    def said_feeds(self) -> dict[str, dict[str, Any]]:
        """What the command says."""
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
        return [json.loads(line) for line in self._lines()]

    def _lines(self) -> list[str]:
        """Of the log, what is this test's, but for a line that is still being written."""
        lines = self.log.read_text().split("\n")[:-1] if self.log.exists() else []
        return lines[self.heard_before : self.heard_after]

    def at(self, scenario: str, path: str = "feed.xml") -> str:
        """An address of a scenario."""
        return str(self.scenarios[scenario]["urls"][0]).rpartition("/")[0] + "/" + path

    def requests(self, scenario: str) -> list[dict[str, Any]]:
        return [event for event in self.events() if event["ev"] == "request" and event.get("scenario") == scenario]

    def asked(self, scenario: str, path: str = "feed.xml") -> list[dict[str, Any]]:
        """The requests for one address of a scenario."""
        return [event for event in self.requests(scenario) if event["target"] == f"/{scenario}/{path}"]

    def check(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The server's own verdict on politeness."""
        log = self.folder / "checked.jsonl"
        log.write_text("".join(f"{line}\n" for line in self._lines()))
        return subprocess.run(
            [PYTHON, str(SERVER), "--port", str(self.port), "--check", str(log), *options],
            capture_output=True,
            text=True,
        )


class Published:
    """The files of `aggregator publish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rss = (folder / "feed.rss").read_bytes()
        self.live = json.loads((folder / "feed.json").read_bytes())["items"]
        pages = sorted(folder.glob("archive/*.json"))
        self.items = self.live + [item for page in pages for item in json.loads(page.read_bytes())["items"]]

    def of(self, scenario: str) -> list[dict[str, Any]]:
        """The stories of a scenario's feed, each once."""
        items = {item["id"]: item for item in self.items if f"/{scenario}/" in item["_source"]["url"]}
        return list(items.values())

    def titles(self, scenario: str) -> set[str]:
        return {item["title"] for item in self.of(scenario)}

    def parsed(self) -> Any:
        """The RSS feed as a reader sees it."""
        return feedparser.parse(self.rss)


class Watch:
    """Looks at this process's descendants now and then: the most memory that all of them held at once, the most that one
    did, which doesn't depend on how many workers it took, and the time.
    """

    def __init__(self) -> None:
        self.peak = 0
        self.largest = 0
        self.seconds = 0.0
        self._stop = threading.Event()
        self._before = {child.pid for child in psutil.Process().children(recursive=True)}
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            total = 0
            for child in psutil.Process().children(recursive=True):
                if child.pid not in self._before:
                    with suppress(psutil.Error):  # it has just ended
                        held = child.memory_info().rss
                        total += held
                        self.largest = max(self.largest, held)
            self.peak = max(self.peak, total)

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._start
        self._stop.set()
        self._thread.join()


def resident(process: psutil.Process) -> int:
    """Bytes that a process and its descendants hold in memory."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.Error:  # it has just ended
        pass
    return total


@contextmanager
def faults(folder: Path, *options: str) -> Iterator[Faults]:
    server = Faults(folder=folder, port=free_port(neighbours=1), options=options)
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


def until(true: Any, *, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)
