"""The real service as a process against a loopback site, subscribed to over HTTP as a reader does."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser
import psutil
import pytest
from loopback import CHROME, PARAGRAPHS, Web, page
from ports import free_port

PATIENCE = 120.0  # seconds for something to come about; never a measure of speed


def rss(web: Web) -> str:
    """Teasers: one story that matches by its text alone, one that doesn't match at all."""
    web.put("/tanks.html", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    web.put("/bridge.html", page("Railway bridge to close", PARAGRAPHS["bridge"]))
    items = "".join(
        f"<item><title>{title}</title><link>{web.base}/{name}.html?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{name}-1</guid><description>A short teaser …</description>"
        f"<pubDate>Wed, 2{place} Aug 2026 08:00:00 GMT</pubDate></item>"
        for place, (name, title) in enumerate(
            [("tanks", "Fifty-five years since that August"), ("bridge", "Railway bridge to close")]
        )
    )
    return f"<rss version='2.0'><channel><title>Teasers</title><link>{web.base}/</link>{items}</channel></rss>"


def atom(web: Web) -> str:
    """Full content."""
    content = "".join(f"&lt;p&gt;{paragraph}&lt;/p&gt;" for paragraph in PARAGRAPHS["garden"] * 2)
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x:gardens</id><title>Gardens</title>"
        "<updated>2026-08-20T10:00:00Z</updated><entry><id>urn:x:tulips</id><title>Tulips for the tower</title>"
        f"<link href='{web.base}/garden.html'/><updated>2026-08-20T10:00:00Z</updated>"
        f"<author><name>Ines Moreau</name></author><content type='html'>{content}</content></entry></feed>"
    )


def jsonfeed(web: Web) -> str:
    """The tanks story once more, as another site's copy."""
    html = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS["tanks"])
    item = {"id": "copy", "url": f"{web.base}/copy.html", "title": "Fifty-five years since that August"}
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Copies",
            "items": [item | {"content_html": html, "date_published": "2026-08-22T08:00:00Z"}],
        }
    )


class Running:
    """The program, its folder and its address."""

    def __init__(self, folder: Path, feeds: str, *, port: int) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self.configure(feeds)

    def configure(self, feeds: str) -> None:
        text = (
            f'title = "Test"\nlisten = "127.0.0.1:{self.port}"\ncontact = "https://example.org/about"\n'
            '[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\ninterval = "1h"\n' + feeds
        )
        temporary = self.folder / "feeds.toml.new"
        temporary.write_text(text)
        temporary.replace(self.folder / "feeds.toml")

    def start(self) -> None:
        with (self.folder / "log.jsonl").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "run"],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")},
            )
        self.until(lambda: self.get("/healthz")[0] in {200, 503})

    def log(self) -> str:
        return (self.folder / "log.jsonl").read_text()

    def get(self, path: str, **headers: str) -> tuple[int, bytes, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers
        except OSError:
            return 0, b"", {}

    def titles(self) -> list[str]:
        return sorted(entry.title for entry in feedparser.parse(self.get("/feed.atom")[1]).entries)

    def idle(self) -> bool:
        """Whether every feed was asked, and no story waits to be worked on now."""
        with closing(sqlite3.connect(self.folder / "store" / "aggregator.db")) as store:
            asked = "SELECT count(*) FROM polls WHERE last_attempt IS NULL"
            worked = f"SELECT count(*) FROM entries WHERE next_try <= {time.time() * 1000:.0f}"
            return not any(store.execute(statement).fetchone()[0] for statement in (asked, worked))

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"it did not come about; the log:\n{self.log()[-3000:]}"
            assert self.process is not None and self.process.poll() is None, f"ended:\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def stop(self, name: int = signal.SIGTERM) -> int:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(name)
        code = self.process.wait(PATIENCE)
        psutil.wait_procs(children, timeout=PATIENCE)
        assert not [child for child in children if child.is_running()], "a child process was left behind"
        return code


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    service = Running(tmp_path, "", port=free_port())
    yield service
    if service.process is not None and service.process.poll() is None:
        service.process.kill()
        service.process.wait()


def test_from_feeds_to_one_clean_feed(web: Web, running: Running) -> None:
    web.put("/teasers.xml", rss(web), "application/rss+xml")
    web.put("/gardens.xml", atom(web), "application/atom+xml")
    web.put("/copies.json", jsonfeed(web), "application/feed+json")
    running.configure(
        f'[[feeds]]\nurl = "{web.base}/teasers.xml"\nname = "Teasers"\nmatch = "politburo OR tulips"\n'
        f'[[feeds]]\nurl = "{web.base}/copies.json"\nname = "Copies"\nfull_text = false\n'
    )
    running.start()
    running.until(running.idle)
    assert running.titles() == ["Fifty-five years since that August"]
    status, body, headers = running.get("/feed.atom")
    assert status == 200
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    content = parsed.entries[0].content[0].value
    for paragraph in PARAGRAPHS["tanks"]:
        assert paragraph in content
    for line in CHROME:
        assert line not in content
    assert running.get("/feed.atom", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert web.times("/bridge.html?utm_source=rss") == 1  # fetched once, judged on its text, and remembered

    # a source added while it runs appears without a restart
    feeds = (running.folder / "feeds.toml").read_text().split('interval = "1h"\n')[1]
    running.configure(feeds + f'[[feeds]]\nurl = "{web.base}/gardens.xml"\nname = "Gardens"\n')
    running.until(lambda: "Tulips for the tower" in running.titles() and running.idle())
    assert running.get("/feed.atom", **{"If-None-Match": headers["ETag"]})[0] == 200
    assert running.stop() == 0

    # a restart polls nothing that isn't due
    before = len(web.asked)
    running.start()
    running.until(lambda: running.get("/healthz")[0] == 200)
    time.sleep(2)  # for what must not happen
    assert len(web.asked) == before
    assert running.titles() == ["Fifty-five years since that August", "Tulips for the tower"]
    assert running.stop() == 0


def test_kill_in_the_middle_of_a_poll_loses_and_repeats_nothing(web: Web, running: Running) -> None:
    feeds = ""
    for number in range(6):
        items = "".join(
            f"<item><title>Story {number}.{place}</title><guid isPermaLink='false'>{number}.{place}</guid>"
            f"<link>{web.base}/{number}/{place}</link><description>{number * 100 + place} "
            f"words of its own: {' '.join(f'word{number}x{place}x{word}' for word in range(40))}</description></item>"
            for place in range(8)
        )
        web.put(
            f"/{number}.xml",
            f"<rss version='2.0'><channel><title>F{number}</title>{items}</channel></rss>",
            "application/rss+xml",
        )
        feeds += f'[[feeds]]\nurl = "{web.base}/{number}.xml"\nname = "F{number}"\nfull_text = false\n'
    running.configure(feeds)
    web.delay = 0.05
    for pause in (0.3, 0.8, 1.5):
        running.start()
        time.sleep(pause)
        assert running.process is not None
        running.process.kill()
        running.process.wait()
    running.start()
    wanted = sorted(f"Story {number}.{place}" for number in range(6) for place in range(8))
    running.until(lambda: len(running.titles()) >= len(wanted) and running.idle())
    assert running.titles() == wanted
    ids = [entry.id for entry in feedparser.parse(running.get("/feed.rss")[1]).entries]
    assert len(ids) == len(set(ids))
    assert running.stop() == 0


def test_a_second_service_on_the_same_store_is_refused(web: Web, running: Running) -> None:
    running.start()
    other = subprocess.run(
        [sys.executable, "-m", "aggregator", "run"], cwd=running.folder, capture_output=True, text=True, timeout=60
    )
    assert other.returncode != 0
    assert running.process is not None
    assert str(running.process.pid) in other.stderr or "listen" in other.stderr
    assert running.stop() == 0


def test_a_bad_feeds_toml_keeps_the_old_one(web: Web, running: Running) -> None:
    web.put("/gardens.xml", atom(web), "application/atom+xml")
    running.configure(f'[[feeds]]\nurl = "{web.base}/gardens.xml"\nname = "Gardens"\n')
    running.start()
    running.until(lambda: running.titles() == ["Tulips for the tower"])
    running.configure('[[feeds]]\nurl = "nowhere"\n')
    running.until(lambda: "the old configuration goes on" in running.log())
    assert running.titles() == ["Tulips for the tower"]
    assert running.get("/healthz")[0] == 200
    assert running.stop() == 0
