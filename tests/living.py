"""`aggregator run` as a process in a folder of its own: started, asked, looked into and stopped."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PATIENCE = 120.0  # seconds for something to come about; never a measure of speed


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Any

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Living:
    """The service over the feeds.toml in `folder`, which has to name `port`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> Path:
        return self.folder / "store" / "aggregator.db"

    def start(self, *options: str) -> None:
        with (self.folder / "log.jsonl").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "run", *options],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")},
            )
        self.until(lambda: self.ask("/healthz").status in {200, 503})

    def log(self) -> str:
        return (self.folder / "log.jsonl").read_text()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, data=body, headers=named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), error.headers)
        except OSError:
            return Answer(0, b"", {})

    def raw(self, request: bytes, seconds: float = 20.0) -> bytes:
        """What comes back for these bytes, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
            received = bytearray()
            try:
                link.sendall(request)
                while part := link.recv(2**16):
                    received += part
            except ConnectionError:
                pass
            return bytes(received)

    def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"it did not come about; the log:\n{self.log()[-3000:]}"
            assert self.process is not None and self.process.poll() is None, f"ended:\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def until_log(self, event: str) -> None:
        end = time.monotonic() + PATIENCE
        while f'"event": "{event}"' not in self.log():
            assert time.monotonic() < end, self.log()[-3000:]
            time.sleep(0.02)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as raw:
            return raw.execute(statement).fetchall()

    def idle(self) -> bool:
        """Whether every feed was asked and no story waits to be worked on now."""
        return not self.rows("SELECT 1 FROM polls WHERE last_attempt IS NULL LIMIT 1") and not self.rows(
            f"SELECT 1 FROM entries WHERE next_try <= {time.time() * 1000:.0f} LIMIT 1"
        )

    def tree(self) -> list[psutil.Process]:
        assert self.process is not None
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it; gives the exit code. No child may be left."""
        assert self.process is not None
        children = self.tree()[1:]
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        psutil.wait_procs(children, timeout=PATIENCE)
        assert not [child for child in children if child.is_running()], "a child process was left behind"
        return code

    def sound(self) -> bool:
        with closing(sqlite3.connect(self.store)) as raw:
            return raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextmanager
def living(folder: Path, port: int, *options: str) -> Iterator[Living]:
    service = Living(folder, port)
    service.start(*options)
    try:
        yield service
    finally:
        assert service.process is not None
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
