"""The service as a process that is left alone for years: it ends when told, one feed never stops others, it doesn't
grow, says how it is, stands hostile clients, and takes no wrong configuration."""

import contextlib
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import feedparser
import psutil
import pytest
import warm
from faults import SMALL, Faults, faults
from living import PATIENCE, Living, living
from loopback import serving
from ports import free_port

from aggregator.app.service import OVERDUE, PROBE, Service
from aggregator.config import Config
from aggregator.storage import open_storage
from aggregator.trouble import FAILURES
from aggregator.web.connections import REQUEST

INTERVAL = 3.0  # seconds between polls of the healthy feed
ROUNDS = 6
LONG_ROUNDS = 40
TROUBLE = (
    *("slow-headers", "drip-headers", "drip-body", "drip-chunked", "stall-mid-body", "endless-body", "big-undeclared"),
    *("bomb-gzip", "cl-too-long", "reset-mid-body", "reset-at-once", "bad-status-line", "header-flood", "http09"),
    *("status-500", "status-404", "429-seconds", "503-seconds", "redir-loop", "redir-slow-hops", "tls-stall"),
    *("xml-billion-laughs", "xml-quadratic", "xml-deep-100k", "html-adoption", "html-amplify", "xml-entity-flood"),
    *("html-login", "binary", "unclosed-tags", "article-deep", "article-regex", "article-slow", "article-endless"),
    *("content-changing", "guid-changing", "etag-changes-each", "entries-vanish", "feed-empties"),
)


@contextmanager
def world(
    folder: Path, *names: str, interval: str = "1h", server: tuple[str, ...] = SMALL, **fetch: str
) -> Iterator[tuple[Living, Faults]]:
    """The service over these scenarios, started."""
    with faults(folder, *server) as web:
        web.listen = free_port()
        web.configure(*names, fetch={"interval": f'"{interval}"', **fetch})
        with living(folder, web.listen) as service:
            yield service, web


# -- F1: the end


def hang(service: Living, web: Faults) -> list[psutil.Process]:
    """Stops every worker, as a library does that never comes back, until one of them holds up what was asked for."""
    workers: dict[int, psutil.Process] = {}
    held = 0

    def stuck() -> bool:
        nonlocal held
        for worker in service.tree()[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                # A worker stopped before it has set its bounds could not hear of its parent's end.
                if worker.rlimit(psutil.RLIMIT_FSIZE)[0] != psutil.RLIM_INFINITY:
                    workers[worker.pid] = worker
                    worker.suspend()
        held = held + 1 if len(web.requests("content-changing")) > stored_polls(service, "content-changing") else 0
        return held > 20

    service.until(lambda: stored_polls(service, "content-changing") > 0)
    service.until(stuck)
    return list(workers.values())


def stored_polls(service: Living, name: str) -> int:
    statement = f"SELECT p.polls FROM polls p JOIN feeds f ON f.id = p.feed WHERE f.name = '{name}'"
    return int(service.rows(statement)[0][0])


IN_FLIGHT = ("slow-headers", "drip-body", "content-changing", "article-slow")
PATIENT = {"total_timeout": '"60s"', "parse_timeout": '"60s"'}


def test_f1_sigterm_ends_it_with_everything_in_flight(tmp_path: Path) -> None:
    with world(tmp_path, *IN_FLIGHT, interval="2s", **PATIENT) as (service, web):
        service.until(lambda: bool(web.requests("slow-headers") and web.requests("drip-body")))
        workers = hang(service, web)
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(40) == 0  # less than anything under way would take
        assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
        assert service.sound()
        lines = [json.loads(line) for line in service.log().splitlines()]
        assert not [line for line in lines if "exception" in line]


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_f1_a_second_signal_ends_it_at_once(tmp_path: Path, second: int) -> None:
    with world(tmp_path, *IN_FLIGHT, interval="2s", **PATIENT) as (service, web):
        workers = hang(service, web)
        assert service.process is not None
        with closing(sqlite3.connect(service.store, isolation_level=None, timeout=PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")  # what came of the polls can't be stored, so the first signal takes long
            service.process.send_signal(signal.SIGTERM)
            service.until_log("stopping")
            service.process.send_signal(second)
            assert service.process.wait(60) == -signal.SIGTERM  # by the signal, not by having come to an end
        _, alive = psutil.wait_procs(workers, timeout=60)
        assert not [worker for worker in alive if worker.status() != psutil.STATUS_ZOMBIE]
        assert service.sound()


# -- F2, F3, F4: rounds


@dataclass
class Sample:
    """What the service's own process holds, how many it has started, and the bytes of all of them."""

    files: int
    threads: int
    children: int
    own: int  # bytes
    memory: int  # bytes


def sample(service: Living) -> Sample:
    tree = service.tree()
    memory = 0
    for process in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            memory += process.memory_full_info().pss
    own = tree[0]
    return Sample(own.num_fds(), own.num_threads(), len(tree) - 1, own.memory_info().rss, memory)


def least(looks: list[Sample]) -> Sample:
    """What is held in any case: connections and workers come and go, what leaks stays."""
    rows = [(look.files, look.threads, look.children, look.own, look.memory) for look in looks]
    return Sample(*map(min, zip(*rows, strict=True)))


@dataclass
class Run:
    """Rounds of the healthy feed among all the trouble, with what the service held in the first two and the last two."""

    service: Living
    web: Faults
    times: list[float] = field(default_factory=list)
    early: Sample | None = None
    late: Sample | None = None
    peak: int = 0

    def through(self, rounds: int) -> None:
        """From when everything was asked and worked on once: only then has the program loaded all that it needs."""
        self.service.until(self.service.idle, seconds=240)
        done = len(self._asked())
        looks: dict[int, list[Sample]] = {}
        for number in (2, rounds - 2, rounds):
            looks[number] = [sample(self.service)]
            end = time.monotonic() + PATIENCE + 4 * INTERVAL * number
            while len(self._asked()) < done + number:
                assert time.monotonic() < end, self.service.log()[-2000:]
                looks[number].append(sample(self.service))
                time.sleep(0.5)
        self.early, self.late = least(looks[2]), least(looks[rounds])
        self.peak = max(look.memory for some in looks.values() for look in some)
        self.times = self._asked()[done:]

    def _asked(self) -> list[float]:
        return [event["t"] for event in self.web.requests("ok-rss") if event["target"].endswith("feed.xml")]


@contextmanager
def rounds(folder: Path, count: int, *names: str) -> Iterator[Run]:
    with world(folder, *names, interval=f"{INTERVAL:.0f}s", per_host_delay='"0s"') as (service, web):
        run = Run(service, web)
        run.through(count)
        yield run
        assert service.stop() == 0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with rounds(tmp_path_factory.mktemp("rounds"), ROUNDS, *TROUBLE) as run:
        yield run


def check_rounds(run: Run) -> None:
    """A feed that waited for all the others' deadlines and workers would miss its turn by a minute."""
    gaps = [late - early for early, late in zip(run.times, run.times[1:], strict=False)]
    assert len(gaps) >= ROUNDS - 1
    assert max(gaps) < 8 * INTERVAL
    rows = run.web.feeds()
    assert rows["ok-rss"]["state"] == "ok"
    assert rows["ok-rss"]["failures"] == 0
    assert len([row for row in rows.values() if row["error_class"]]) > 15


def check_growth(run: Run) -> None:
    early, late = run.early, run.late
    assert early is not None and late is not None
    assert late.files <= early.files + 10
    assert late.threads <= early.threads + 4
    assert late.children <= max(early.children, 2)
    assert late.own <= 1.1 * early.own + 40 * 2**20
    assert run.peak < 600 * 2**20


def test_f2_one_feed_never_stops_others(run: Run) -> None:
    check_rounds(run)
    assert run.web.canary() == 0


def test_f3_memory_is_bounded(run: Run) -> None:
    check_growth(run)


def test_f4_files_threads_and_children_do_not_grow(run: Run) -> None:
    check_growth(run)
    owned = [link for link in run.service.tree()[0].net_connections() if link.status == psutil.CONN_ESTABLISHED]
    assert len(owned) < 40


@pytest.mark.soak
def test_f2_f3_f4_trouble_for_long(tmp_path: Path) -> None:
    with rounds(tmp_path, LONG_ROUNDS, *TROUBLE) as run:
        sys.stdout.write(f"after two rounds {run.early}, after {LONG_ROUNDS} {run.late}, at most {run.peak} bytes\n")
        check_rounds(run)
        check_growth(run)
        assert run.web.canary() == 0


# -- F5: how it is


def test_f5_healthz_says_when_the_store_takes_nothing_and_when_it_does_again(tmp_path: Path) -> None:
    with world(tmp_path, "content-changing", interval="2s") as (service, web):
        service.until(lambda: service.ask("/healthz").status == 200)
        service.until(service.idle)
        with closing(sqlite3.connect(service.store, isolation_level=None, timeout=PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")
            service.until(lambda: service.ask("/healthz").status == 503)
            reason = service.ask("/healthz").json()["reason"]
            assert re.search("store|polling", reason)
            assert str(tmp_path) not in reason
            assert service.ask("/feed.atom").status == 200
            other.execute("ROLLBACK")
        service.until(lambda: service.ask("/healthz").status == 200)
        asked = len(web.requests("content-changing"))
        service.until(lambda: len(web.requests("content-changing")) > asked)
        assert service.stop() == 0
        assert service.sound()


def test_f5_healthz_says_when_the_tick_stands_still(tmp_path: Path) -> None:
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        service = Service(tmp_path / "feeds.toml", {}, Config(path=tmp_path / "feeds.toml"), storage)
        scheduler = SimpleNamespace(trouble="", since_tick=lambda: OVERDUE + 1)
        stuck = service._health(scheduler)
        assert (stuck.ok, stuck.reason) == (False, "no tick for 31 s")
        scheduler.since_tick = lambda: 1.0
        assert service._health(scheduler).ok


def test_f5_asking_often_writes_little(tmp_path: Path) -> None:
    with world(tmp_path) as (service, _):
        service.until(service.idle)

        def probes() -> int:
            return int(service.rows("SELECT value FROM counters WHERE name = 'probe'")[0][0])

        before, start = probes(), time.monotonic()
        for _ in range(100):
            service.ask("/healthz")
        assert probes() - before <= (time.monotonic() - start) / PROBE + 1


# -- F6: clients


def open_sockets(port: int, count: int, say: bytes) -> list[socket.socket]:
    links = []
    for _ in range(count):
        link = socket.create_connection(("127.0.0.1", port), timeout=20)
        link.sendall(say)
        links.append(link)
    return links


def ended(link: socket.socket) -> bool:
    """Whether the other side closed the connection."""
    link.settimeout(REQUEST + 30)
    try:
        while link.recv(2**16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def test_f6_hostile_clients_cost_little_and_polls_go_on(tmp_path: Path) -> None:
    with world(tmp_path, "entries", interval="2s") as (service, web):
        service.until(lambda: service.ask("/feed.rss").body.count(b"<item>") > 3)
        before = sample(service)
        asked = len(web.requests("ok-rss"))
        slow = open_sockets(service.port, 400, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        silent = open_sockets(service.port, 100, b"")
        deaf = open_sockets(service.port, 50, b"GET /feed.rss HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        greedy = [threading.Thread(target=service.ask, args=("/feed.rss",)) for _ in range(40)]
        for thread in greedy:
            thread.start()
        answers = [service.ask("/feed.atom").status for _ in range(30)]
        for _ in range(5):
            service.raw(b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\n\r\n")
            service.raw(b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 2**17 + b"\r\n")
        for thread in greedy:
            thread.join()
        assert set(answers) == {200}
        service.until(lambda: len(web.requests("ok-rss")) > asked + 2)
        assert all(ended(link) for link in (*slow, *silent))
        for link in (*slow, *silent, *deaf):
            link.close()
        service.until(lambda: sample(service).files <= before.files + 20)
        assert sample(service).own < before.own + 80 * 2**20
        assert service.ask("/healthz").status == 200
        assert service.stop() == 0


def test_f6_who_takes_nothing_is_cut_off_and_costs_no_copies(tmp_path: Path) -> None:
    """A hundred clients ask for a large feed and read nothing of it."""
    with serving("127.1.201.1") as web:
        items = "".join(
            f"<item><title>Story {number}</title><guid>{number}</guid><description>"
            f"{' '.join(f'w{number}x{place}' for place in range(3000))}</description></item>"
            for number in range(50)
        )
        web.put(
            "/big.xml", f"<rss version='2.0'><channel><title>Big</title>{items}</channel></rss>", "application/rss+xml"
        )
        with faults(tmp_path, *SMALL) as server:
            server.listen = free_port()
            own = f'[[feeds]]\nurl = "{web.base}/big.xml"\nfull_text = false\n'
            server.configure(head="limit = 1000\nfirst_entries = 1000\n", more=own, fetch={"max_bytes": '"8MiB"'})
            with living(tmp_path, server.listen) as service:
                service.until(lambda: service.ask("/feed.rss").body.count(b"<item>") > 50)
                size = len(service.ask("/feed.rss").body)
                assert size > 2**20
                before = sample(service).own
                request = b"GET /feed.rss HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20  # the kernel takes the first few
                deaf = open_sockets(service.port, 100, request)
                service.until(lambda: service.ask("/feed.rss").status == 200)
                time.sleep(2)
                assert sample(service).own < before + 100 * size / 4
                for link in deaf:
                    link.close()
                assert service.stop() == 0


# -- F7: configuration

FEED = '[[feeds]]\nurl = "http://127.1.0.1:9/feed.xml"\n'
WRONG: dict[str, tuple[bytes, str]] = {
    "unknown key": (b"titel = 'x'\n", r"feeds\.toml:1.*titel"),
    "unknown key of a feed": (FEED.encode() + b"macht = 'x'\n", r"feeds\.toml:3.*macht"),
    "no scheme": (b"[[feeds]]\nurl = 'example.org/rss'\n", r"feeds\.toml:2.*url.*scheme"),
    "no host": (b"[[feeds]]\nurl = 'http:///rss'\n", r"feeds\.toml:2.*url.*host"),
    "no url": (b"[[feeds]]\nname = 'x'\n", r"feeds\.toml:1.*url.*missing"),
    "twice the same url": (FEED.encode() * 2, r"feeds\.toml:4.*same"),
    "twice the same name": (
        FEED.encode() + b"name = 'n'\n[[feeds]]\nurl = 'http://b.example/'\nname = 'n'\n",
        r"feeds\.toml:6.*name.*same",
    ),
    "not UTF-8": (b"title = 'x'\ncontact = '\xff'\n", r"feeds\.toml:2.*UTF-8"),
    "no TOML": (b"title = \n", r"feeds\.toml:1"),
    "a bad query": (FEED.encode() + b"match = '(prague'\n", r"feeds\.toml:3.*query"),
    "a bad output": (b"[[outputs]]\nname = '../x'\n", r"feeds\.toml:2.*name"),
    "a bad interval": (b"[fetch]\ninterval = 'soon'\n", r"feeds\.toml:2.*interval"),
    "an open network": (b"[fetch]\nallow_networks = ['0.0.0.0/0']\n", r"feeds\.toml:2.*allow_networks"),
    "a header of the poller's": (FEED.encode() + b"headers = {Host = 'x'}\n", r"feeds\.toml:3.*Host"),
    "a wrong type": (b"limit = 'many'\n", r"feeds\.toml:1.*limit"),
    "a port that is none": (b"listen = '127.0.0.1:99999'\n", r"feeds\.toml:1.*listen"),
}


def test_f7_there_are_fifteen_kinds_of_wrong() -> None:
    assert len(WRONG) >= 15


@pytest.mark.parametrize("name", WRONG)
def test_f7_a_bad_configuration_is_refused_before_anything_is_touched(tmp_path: Path, name: str) -> None:
    content, message = WRONG[name]
    (tmp_path / "feeds.toml").write_bytes(content)
    done = command(tmp_path, "run")
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.toml"]
    assert (tmp_path / "feeds.toml").read_bytes() == content


@pytest.mark.parametrize("words", [("run",), ("poll",), ("import", "x.html"), ("publish", "out")])
def test_f7_a_missing_file_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = command(tmp_path, *words)
    assert done.returncode == 2
    assert "feeds.toml" in done.stderr
    assert list(tmp_path.iterdir()) == []


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return warm.call(*words, cwd=folder)


def test_f7_a_bad_reload_keeps_the_old_one(tmp_path: Path) -> None:
    with world(tmp_path, "content-changing", interval="2s") as (service, web):
        service.until(service.idle)
        path, right = tmp_path / "feeds.toml", (tmp_path / "feeds.toml").read_bytes()
        for number, name in enumerate(("unknown key", "no host", "not UTF-8", "no TOML"), start=1):
            content, message = WRONG[name]
            replaced(path, content)
            service.until(lambda: refusals(service) >= number)  # noqa: B023 - called before the next round
            assert re.search(message, service.log())
            assert {feed["name"] for feed in service.ask("/api/feeds").json()} == {"content-changing", "ok-rss"}
        path.unlink()
        service.until(lambda: refusals(service) >= 5)
        asked = len(web.requests("content-changing"))
        service.until(lambda: len(web.requests("content-changing")) > asked + 1)
        assert service.ask("/healthz").status == 200
        replaced(path, right + b'\n[[feeds]]\nurl = "http://127.1.0.1:9/x.xml"\nname = "Added"\n')
        service.until(lambda: "Added" in {feed["name"] for feed in service.ask("/api/feeds").json()})
        assert service.stop() == 0


def replaced(path: Path, content: bytes) -> None:
    """Written at once, for the service may look at any time."""
    path.with_name("feeds.toml.new").write_bytes(content)
    path.with_name("feeds.toml.new").replace(path)


def refusals(service: Living) -> int:
    return service.log().count("the old configuration goes on")


# -- F8: what is said of feeds


def test_f8_state_by_feed(run: Run) -> None:
    rows = run.web.said_feeds()
    healthy, failing = rows["ok-rss"], rows["status-500"]
    assert healthy["polls"] >= ROUNDS
    assert healthy["not_modified"] >= ROUNDS - 2
    assert healthy["unchanged"] > 0.5
    assert healthy["bytes"] > 100
    assert healthy["last_success"] and healthy["next_poll"]
    assert (failing["error_class"], failing["last_success"]) == ("http_5xx", None)
    assert failing["failures"] >= 1 and failing["error"] and failing["next_poll"]
    table = run.web.run("feeds").stdout
    assert re.search(r"^ok-rss +ok +\d+ .* \d+ % +[\d.]+ k?B", table, re.MULTILINE)
    metrics = run.service.ask("/metrics").text
    assert re.search(r'^aggregator_feed_polls_not_modified_total\{feed="ok-rss"\} \d', metrics, re.MULTILINE)
    told = dict(re.findall(r"^(aggregator_feed_fetch_seconds_\w+\{.*?\}) (\S+)", metrics, re.MULTILINE))
    assert float(told['aggregator_feed_fetch_seconds_count{feed="ok-rss"}']) >= ROUNDS
    for name in ("ok-rss", "status-500"):  # failed ones too
        assert float(told[f'aggregator_feed_fetch_seconds_sum{{feed="{name}"}}']) > 0
    page = run.service.ask("/sources").text
    assert 'data-label="Unchanged"' in page


@dataclass
class Told:
    """The feed of trouble, read by a reader."""

    titles: list[str]
    ids: list[str]
    body: bytes


def told(service: Living) -> Told:
    answer = service.ask("/health.atom")
    parsed = feedparser.parse(answer.body)
    assert not parsed.bozo
    return Told([entry.title for entry in parsed.entries], [entry.id for entry in parsed.entries], answer.body)


def test_f8_trouble_is_told_once_each(tmp_path: Path) -> None:
    with serving("127.1.202.1") as web:
        good = (
            "<rss version='2.0'><channel><title>T</title><item><title>One</title><guid>1</guid></item></channel></rss>"
        )
        web.put("/shaky.xml", good, "application/rss+xml")
        with faults(tmp_path, *SMALL) as server:
            server.listen = free_port()
            own = f'[[feeds]]\nurl = "{web.base}/shaky.xml"\nname = "Shaky"\nfull_text = false\n'
            server.configure("status-410", more=own, fetch={"interval": '"1s"'})
            server.run("poll", "Shaky", "status-410")
            del web.pages["/shaky.xml"]
            time.sleep(3)  # three intervals without success are owed
            server.force("Shaky", FAILURES)
            with living(tmp_path, server.listen) as service:
                found = told(service)
                assert sorted(found.titles) == ["Shaky is failing", "status-410 is gone"]
                assert server.feeds()["Shaky"]["failures"] >= FAILURES
                assert b"is failing" not in service.ask("/feed.atom").body
                assert b"health.atom" in service.ask("/sources").body
                server.run("publish", "public", "--base-url", service.base)
                assert (tmp_path / "public" / "health.atom").read_bytes() == found.body
                assert service.stop() == 0
            server.force("Shaky", 1)
            web.put("/shaky.xml", good, "application/rss+xml")
            server.run("poll", "Shaky")
            with living(tmp_path, server.listen) as service:
                after = told(service)
                assert after.titles[0] == "Shaky is back"
                assert after.ids[1:] == found.ids
                assert service.stop() == 0
