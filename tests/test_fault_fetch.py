"""The fetcher against a hostile web on loopback: every scenario of the groups that are the fetcher's own."""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from ports import free_port

from aggregator import polling
from aggregator.errors import FetchError
from aggregator.fetch import Fetcher
from aggregator.guard import Hosts, transport
from aggregator.model import Feed, FeedState, FetchResult, Limits

SERVER = str(Path(__file__).with_name("faultserver.py"))
LIST = json.loads(subprocess.run([sys.executable, SERVER, "--list-json"], capture_output=True, check=True).stdout)
ROUGH, QUIET = ("fetch", "ssrf"), ("control", "redirect", "polite", "tls")
LEAK = "redir-auth-leak"  # leads to another scenario's address: has a test of its own
SCENARIOS = {found["name"]: found for found in LIST if found["group"] in ROUGH + QUIET and found["name"] != LEAK}
# Their bytes arrive as they should; that they are no feed is for the parser to say.
FOR_THE_PARSER = {"redir-301-to-login", "redir-refresh", "ssrf-body-is-url", "ssrf-body-is-path", "ssrf-autodiscovery"}
DEADLINE = 2.0
SPACING = 0.3
MAX_BYTES = 2 * 2**20
AGENT = "aggregator/0.1 (+https://example.org/about)"

CLASSES = {
    "timeout": r"slow-headers|drip-.*|early-hints-flood|stall-mid-body|redir-slow-hops|tls-stall",
    "too_large": r"endless-(body|chunked)|big-.*|cl-lie-2gb|bomb-(gzip|deflate|deflate-raw)",
    "encoding": r"bomb-(brotli|zstd|gzip-gzip)|encoding-.*|gzip-(badcrc|mislabelled)",
    "truncated": r"gzip-truncated|cl-too-long|chunk-(huge-size|no-end)|reset-mid-body",
    "protocol": r"header-(flood|1mib|obsfold-nul)|chunk-bad-size|bad-status-line|status-(999|101|204|206)"
    r"|redir-(empty|none)|304-cold|cl-(negative|conflict)",
    "connect": r"http09|close-at-once|reset-at-once",
    "redirect_limit": r"redir-(chain-50|loop|301-loop|endless-growing)",
    "http_4xx": r"bomb-in-404|redir-301-to-404|429-.*|status-4(?!10).*",
    "http_5xx": r"503-.*|status-5.*|flaky",
    "gone": r"status-410",
    "tls": r"tls-(selfsigned|wronghost|expired|plaintext)",
    "blocked_address": r"ssrf-(redir|direct)-(?!nip).*",
}


@dataclass(frozen=True)
class Outcome:
    error: FetchError | None
    result: FetchResult | None
    seconds: float


@dataclass(frozen=True)
class Run:
    first: dict[str, Outcome]
    second: dict[str, Outcome]
    canary: int
    sent: dict[str, int]
    grown: int
    seconds: float
    log: Path


@contextlib.contextmanager
def _server(port, log):
    sizes = ["--big", str(2**28), "--bomb", str(2**28), "--drip", "0.3", "--stall", "60", "--max-seconds", "240"]
    command = [sys.executable, SERVER, "--port", str(port), "--log", str(log), *sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().rpartition("CA ")[2].strip()
        finally:
            process.terminate()


def _fetcher(ca_file):
    def now():
        return datetime.now(UTC)

    limits = Limits(
        allow_networks=("127.1.0.0/16",),
        total_timeout=DEADLINE,
        max_bytes=MAX_BYTES,
        per_host_delay=SPACING,
        ca_file=ca_file,
    )
    return Fetcher(transport(limits), limits, Hosts(limits, now), AGENT, now=now)


async def _poll(fetcher, url, state):
    start = time.monotonic()
    try:
        result = await fetcher.feed(Feed(url=url, name="N"), state, now=datetime.now(UTC))
    except FetchError as error:
        return Outcome(error, None, time.monotonic() - start)
    return Outcome(None, result, time.monotonic() - start)


def _after(url, outcome):
    now = datetime.now(UTC)
    state, feed = FeedState(url=url), Feed(url=url, name="N")
    return polling.after_success(state, feed, outcome.result, None, now=now, jitter=0.0, new_entries=0)


def _urls(name, port):
    found = next(found for found in LIST if found["name"] == name)
    return [url.replace(":8900", f":{port}") for url in found["urls"]]


async def _rounds(port, ca_file, groups):
    """Everything of these groups at once, then all that went well a second time with what was learnt."""
    names = [name for name, found in SCENARIOS.items() if found["group"] in groups]
    pairs = [(name, url) for name in names for url in _urls(name, port)]
    fetcher = _fetcher(ca_file)
    ends = await asyncio.gather(*(_poll(fetcher, url, FeedState(url=url)) for _, url in pairs))
    done = [(name, url, end) for (name, url), end in zip(pairs, ends, strict=True)]
    good = [(name, url, end) for name, url, end in done if end.result is not None]
    again = await asyncio.gather(*(_poll(fetcher, url, _after(url, end)) for _, url, end in good))
    await fetcher.aclose()
    second = {name: end for (name, _, _), end in zip(good, again, strict=True)}
    return {name: end for name, _, end in done}, second


class _Peak:
    """The largest resident memory of this process while it runs, over what it was before."""

    def __enter__(self):
        self.start = self.peak = psutil.Process().memory_info().rss
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self):
        while not self.stop.wait(0.02):
            self.peak = max(self.peak, psutil.Process().memory_info().rss)

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def _canary(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/ctl/state", timeout=10) as answer:
        return json.load(answer)["canary"]


def _run(log, groups):
    port = free_port(neighbours=1)
    with _server(port, log) as ca_file:
        start = time.monotonic()
        with _Peak() as memory:
            first, second = asyncio.run(_rounds(port, ca_file, groups))
        seconds = time.monotonic() - start
        canary = _canary(port)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    sent = {event["scenario"]: event["sent"] for event in events if event["ev"] == "response"}
    return Run(first, second, canary, sent, memory.peak - memory.start, seconds, log)


@pytest.fixture(scope="module")
def rough(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("rough") / "requests.jsonl", ROUGH)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("quiet") / "requests.jsonl", QUIET)


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_ends_as_it_must(rough, quiet, name):
    end, expected = (rough.first | quiet.first)[name], SCENARIOS[name]["expect"]
    if name in FOR_THE_PARSER:
        expected = "ok"
    if expected != "either":
        assert ("error" if end.error else "ok") == expected
    for kind, names in CLASSES.items():
        if re.fullmatch(names, name):
            assert end.error.error_class == kind
    if end.error:
        assert end.error.message.isprintable()
        assert "://127." in end.error.message or "-direct-" in name


def test_nothing_ever_reached_the_canary(rough, quiet):
    assert (rough.canary, quiet.canary) == (0, 0)


def test_everything_ended_in_time_and_memory(rough):
    assert rough.seconds < 60
    assert rough.grown < 100 * 2**20
    for name, size in rough.sent.items():
        if name and re.fullmatch(r"endless-.*|big-.*", name):
            assert size < 3 * MAX_BYTES + 16 * 2**20  # what lies in the kernel's buffers was sent, too


def test_what_had_validators_is_not_sent_twice(quiet):
    for name in ("ok-rss", "etag-odd", "lm-garbage", "both-validators", "304-with-new-etag", "redir-301", "redir-302"):
        assert quiet.second[name].result.status == 304
    assert quiet.second["etag-empty"].result.status == 200


def test_permanent_moves_are_reported_and_others_are_not(quiet):
    moved = {name for name, end in quiet.first.items() if end.result and end.result.moved_to}
    assert moved == {"redir-301", "redir-308", "redir-flap", "redir-301-to-login"}


def test_the_log_of_the_server_shows_a_polite_client(quiet):
    interval = str(SPACING / 2)
    command = [sys.executable, SERVER, "--check", str(quiet.log), "--min-interval", interval, "--max-per-host", "2"]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout


async def test_the_certificate_counts_and_secrets_stay_at_home(tmp_path):
    port, log = free_port(neighbours=1), tmp_path / "log"
    with _server(port, log) as ca_file:
        good, leak = _urls("tls-good", port)[0], _urls(LEAK, port)[0]
        knowing, blind = _fetcher(ca_file), _fetcher("")
        assert (await _poll(knowing, good, FeedState(url=good))).result.status == 200
        assert (await _poll(blind, good, FeedState(url=good))).error.error_class == "tls"
        secret = leak.replace("http://", "http://me:s3cret@")
        end = await _poll(blind, secret, FeedState(url=secret))
        await knowing.aclose()
        await blind.aclose()
    assert "s3cret" not in end.result.final_url
    asked = [event for event in map(json.loads, log.read_text().splitlines()) if event["ev"] == "request"]
    sent = {event["scenario"]: {name.lower() for name, _ in event["headers"]} for event in asked}
    assert "authorization" in sent[LEAK]
    assert not {"authorization", "cookie"} & sent["ok-rss"]


# ---- pages

PAGES = {
    "article-ok": "ok",
    "article-frames": "ok",
    "article-charset": "ok",
    "article-consent-redirect": "ok",
    "article-empty": "ok",
    "article-30mb": "too_large",
    "article-endless": "too_large",
    "article-bomb": "too_large",
    "article-pdf": "not_html",
    "article-pdf-as-html": "not_html",
    "article-mp4": "not_html",
    "article-binary": "not_html",
    "article-slow": "timeout",
    "article-404": "http_4xx",
    "article-429": "http_4xx",
    "ssrf-article-redirect": "blocked_address",
}


async def test_pages_meet_the_same_bounds(tmp_path):
    port = free_port(neighbours=1)
    with _server(port, tmp_path / "log"):
        fetcher = _fetcher("")

        async def one(name):
            try:
                return str((await fetcher.page(_urls(name, port)[0].replace("feed.xml", "a/1"))).status)
            except FetchError as error:
                return error.error_class

        found = await asyncio.gather(*(one(name) for name in PAGES))
        await fetcher.aclose()
        assert _canary(port) == 0
    assert dict(zip(PAGES, found, strict=True)) == {
        name: "200" if kind == "ok" else kind for name, kind in PAGES.items()
    }
