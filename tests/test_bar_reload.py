"""A changed feeds.toml while the service runs: what it changes counts from then on, what runs ends as it began."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import SMALL, Faults, faults
from living import Living, living
from loopback import Web, serving
from ports import free_port


@pytest.fixture
def web() -> Iterator[Web]:
    with serving("127.1.203.1") as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Faults]:
    with faults(tmp_path, *SMALL) as server:
        server.listen = free_port()
        yield server


def feed(web: Web, name: str) -> str:
    return f'[[feeds]]\nurl = "{web.base}/{name}.xml"\nname = "{name}"\nfull_text = false\n'


def rss(words: int = 20) -> str:
    text = " ".join(f"word{number}" for number in range(words))
    item = f"<item><title>One</title><guid>1</guid><description>{text}</description></item>"
    return f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>"


def told(service: Living, name: str) -> dict[str, Any]:
    (row,) = [row for row in service.ask("/api/feeds").json() if row["name"] == name]
    found: dict[str, Any] = row
    return found


def reloads(service: Living) -> int:
    return service.log().count('"event": "reloaded"')


def test_f7_changed_limits_count_without_a_restart(web: Web, server: Faults, tmp_path: Path) -> None:
    web.put("/large.xml", rss(words=30_000), "application/rss+xml")
    quick = {"interval": '"1s"'}
    server.configure(more=feed(web, "large"), fetch=quick | {"max_bytes": '"64KiB"'})
    with living(tmp_path, server.listen) as service:
        service.until(lambda: told(service, "large")["error_class"] == "too_large")
        server.configure(more=feed(web, "large"), fetch=quick | {"max_bytes": '"4MiB"'})
        service.until(lambda: told(service, "large")["state"] == "ok")
        server.configure(more=feed(web, "large"), fetch=quick | {"allow_networks": "[]"})
        service.until(lambda: told(service, "large")["error_class"] == "blocked_address")
        server.configure(more=feed(web, "large"), fetch=quick)
        service.until(lambda: told(service, "large")["state"] == "ok")
        assert "allow_networks" in service.log()  # what it opens is said again when it is opened again
        assert "needs a restart" not in service.log()
        assert service.stop() == 0


def test_f7_what_runs_ends_with_the_limits_that_it_began_with(web: Web, server: Faults, tmp_path: Path) -> None:
    web.put("/slow.xml", rss(), "application/rss+xml")
    web.gate.clear()
    server.configure(more=feed(web, "slow"), fetch={"total_timeout": '"50s"', "interval": '"1s"'})
    with living(tmp_path, server.listen) as service:
        service.until(lambda: web.waiting == 1)
        server.configure(more=feed(web, "slow"), fetch={"total_timeout": '"1s"', "interval": '"1s"'})
        service.until(lambda: reloads(service) == 1)
        healthy = len(server.asked("ok-rss"))
        service.until(lambda: len(server.asked("ok-rss")) > healthy + 2)  # more time than it would have now
        assert told(service, "slow")["polls"] == 0
        web.gate.set()
        service.until(lambda: told(service, "slow")["state"] == "ok")
        web.gate.clear()
        service.until(lambda: told(service, "slow")["error_class"] == "timeout")
        assert service.stop() == 0


def test_f7_a_host_that_asked_to_be_left_alone_still_is(server: Faults, tmp_path: Path) -> None:
    server.configure("429-seconds", fetch={"interval": '"1s"', "per_host": "1"})
    address = server.at("429-seconds", "another.xml")
    another = f'[[feeds]]\nurl = "{address}"\nname = "another"\nfull_text = false\n'
    with living(tmp_path, server.listen) as service:
        service.until(lambda: told(service, "429-seconds")["error_class"] == "http_4xx")
        server.configure("429-seconds", more=another, fetch={"interval": '"1s"', "per_host": "2"})
        service.until(lambda: reloads(service) == 1)
        healthy = len(server.asked("ok-rss"))
        service.until(lambda: len(server.asked("ok-rss")) > healthy + 2)
        assert [event["target"] for event in server.requests("429-seconds")] == ["/429-seconds/feed.xml"]
        assert told(service, "another")["state"] == "new"
        assert service.stop() == 0


def test_f7_address_and_store_wait_for_a_restart(server: Faults, tmp_path: Path) -> None:
    """And until then nothing of them counts: a token goes on closing what is open to the network."""
    closed = 'token = "a-secret-token-of-some-length"\n'
    text = re.sub(r'listen = "127.0.0.1:', 'listen = "0.0.0.0:', configured(server, closed))
    (tmp_path / "feeds.toml").write_text(text)
    with living(tmp_path, server.listen) as service:
        assert service.ask("/feed.atom").status == 401
        changed = text.replace("0.0.0.0:", "127.0.0.1:").replace(closed, f'{closed}store = "sqlite:///other.db"\n')
        (tmp_path / "feeds.toml.new").write_text(changed)
        (tmp_path / "feeds.toml.new").replace(tmp_path / "feeds.toml")
        service.until(lambda: reloads(service) == 1)
        assert re.findall('"key": "(.*?)"', service.log()) == ["listen_host", "store"]
        assert service.ask("/feed.atom").status == 401
        assert not (tmp_path / "other.db").exists()
        assert service.stop() == 0


def configured(server: Faults, head: str) -> str:
    server.configure(head=head)
    return (server.folder / "feeds.toml").read_text()


def test_f7_a_shorter_interval_counts_from_now_on(web: Web, server: Faults, tmp_path: Path) -> None:
    """And not only after the longer one that the feed still waits for; what a server wished for stays."""
    web.put("/daily.xml", rss(), "application/rss+xml")
    server.configure("cache-max-age", more=feed(web, "daily"), fetch={"interval": '"30m"'})
    with living(tmp_path, server.listen) as service:
        service.until(lambda: told(service, "daily")["polls"] == told(service, "cache-max-age")["polls"] == 1)
        wished = told(service, "cache-max-age")["next_poll"]
        server.configure("cache-max-age", more=feed(web, "daily"), fetch={"interval": '"1s"'})
        service.until(lambda: told(service, "daily")["polls"] > 2)
        assert told(service, "cache-max-age")["next_poll"] == wished
        assert told(service, "cache-max-age")["polls"] == 1
        assert service.stop() == 0
