"""Health, metrics and the API, for machines."""

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from demo import NOW
from webbench import BASE, Bench, check_headers, page, texts
from xss_oracle import violations

from aggregator.trouble import Event
from aggregator.web import Health
from aggregator.websub import Subscription


@pytest.fixture
def bench():
    return Bench()


def test_health(bench):
    good = bench.get("/healthz")
    assert (good.status_code, good.json()) == (200, {"status": "ok"})
    bench.health = Health(ok=False, reason="the scheduler has not ticked for 90 s")
    bad = bench.get("/healthz")
    assert bad.status_code == 503
    assert bad.json() == {"status": "failing", "reason": "the scheduler has not ticked for 90 s"}
    assert bad.headers["cache-control"] == "no-store"


def test_metrics(bench):
    lines = bench.get("/metrics").text.splitlines()
    assert 'aggregator_feeds{state="ok"} 5.0' in lines
    assert 'aggregator_feeds{state="gone"} 0.0' in lines
    assert "aggregator_polls_total 280.0" in lines
    assert "aggregator_polls_not_modified_total 217.0" in lines
    assert "aggregator_articles 351.0" in lines
    assert "aggregator_healthy 1.0" in lines
    assert 'aggregator_feed_polls_not_modified_total{feed="Wire"} 31.0' in lines
    assert len([line for line in lines if line.startswith("aggregator_feed_received_bytes_total{")]) == 9
    ticks = [line.split()[1] for line in lines if line.startswith("aggregator_last_tick_timestamp_seconds ")]
    assert [float(tick) for tick in ticks] == [NOW.timestamp()]


def test_metrics_of_fetch_time(bench):
    assert "aggregator_feed_fetch_seconds_count" not in bench.get("/metrics").text
    for seconds in (0.1, 0.2, 31.5):
        bench.times.add("feed", WIRE, seconds)
    bench.times.add("page", WIRE, 2.0)
    bench.times.add("feed", "https://removed.example/", 2.0)
    lines = bench.get("/metrics").text.splitlines()
    counted = [line for line in lines if line.startswith('aggregator_fetch_seconds_bucket{kind="feed",')]
    assert [float(line.split()[1]) for line in counted] == [1, 2, 2, 2, 3, 3, 3, 3, 4]
    assert 'le="0.1"' in counted[0] and 'le="+Inf"' in counted[-1]
    assert 'aggregator_fetch_seconds_count{kind="page"} 1.0' in lines
    assert [line for line in lines if line.startswith("aggregator_feed_fetch_seconds_")] == [
        'aggregator_feed_fetch_seconds_count{feed="Wire"} 3.0',
        'aggregator_feed_fetch_seconds_sum{feed="Wire"} 31.8',
    ]


def test_the_api_reads(bench):
    first = bench.get("/api/stories?limit=4").json()
    assert [one["key"] for one in first["stories"]] == [10, 9, 8, 7]
    assert first["next_before"] == 7
    rest = bench.get("/api/stories?limit=100&before=7").json()
    assert [one["key"] for one in rest["stories"]] == [6, 5, 4, 3, 2, 1]
    assert rest["next_before"] is None
    assert [one["key"] for one in bench.get("/api/stories?q=tag:history").json()["stories"]] == [10, 7]
    assert [one["key"] for one in bench.get("/api/stories?output=prague").json()["stories"]] == [10]
    whole = bench.get("/api/stories/10").json()
    assert whole["html"] == bench.store.story(10).html
    assert whole["also_in"][0] == {"name": "Wire", "url": "https://wire.example/a1"}
    assert {one["name"]: one["state"] for one in bench.get("/api/feeds").json()}["Quiet"] == "paused"


@pytest.mark.parametrize("path", ["/api/stories?limit=4", "/api/stories/10", "/api/feeds", "/api/openapi.json"])
def test_the_api_answers_head_as_get_without_the_body(bench, path):
    got, head = bench.get(path), bench.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
    assert bench.client.head("/api/stories/999").status_code == 404


def test_the_api_refuses_in_json(bench):
    bad = bench.get("/api/stories?q=(a")
    assert (bad.status_code, bad.headers["content-type"]) == (400, "application/json")
    assert "character 1" in bad.json()["detail"]
    assert bench.get("/api/stories?output=nope").status_code == 404
    assert bench.get("/api/stories/999").status_code == 404
    assert bench.get("/api/stories/99999999999999999999").status_code == 422
    assert bench.get("/api/stories?limit=101").status_code == 422
    bench.store.broken = "locked"
    assert bench.get("/api/stories").json() == {"detail": "locked"}
    assert bench.get("/api/stories").status_code == 503


def test_the_api_describes_itself(bench):
    described = bench.get("/api/openapi.json").json()
    assert set(described["paths"]) == {"/stories", "/stories/{key}", "/feeds"}
    assert {method for path in described["paths"].values() for method in path} == {"get"}


EVENTS = (
    Event(
        number=2,
        feed_url="https://me:s3cret@quiet.example/rss",
        kind="back",
        at=NOW,
        title="Quiet is back",
        text="It answers again.",
    ),
    Event(
        number=1,
        feed_url="https://quiet.example/rss",
        kind="broken",
        at=NOW - timedelta(days=2),
        title="Quiet <b>is failing",
        text="No poll went well.\n\nThe last one: <script>pwn()</script>",
    ),
)


def test_trouble_is_a_feed_of_its_own(bench):
    empty = bench.get("/health.atom")
    assert feedparser.parse(empty.content).entries == []
    bench.store.events += EVENTS
    bench.store.change += 1
    told = bench.get("/health.atom")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    check_headers(told)
    parsed = feedparser.parse(told.content, sanitize_html=False)
    assert not parsed.bozo
    assert (
        parsed.feed.id
        == feedparser.parse(empty.content).feed.id
        != feedparser.parse(bench.get("/feed.atom").content).feed.id
    )
    assert parsed.feed.links[0].href == f"{BASE}/health.atom"
    assert [entry.title for entry in parsed.entries] == ["Quiet is back", "Quiet <b>is failing"]
    assert parsed.entries[0].link == "https://quiet.example/rss"
    assert len({entry.id for entry in parsed.entries}) == 2
    assert all(violations(entry.content[0].value) == [] for entry in parsed.entries)
    assert b"s3cret" not in told.content
    assert bench.get("/health.atom", if_none_match=told.headers["etag"]).status_code == 304
    bench.store.change += 1
    assert bench.get("/health.atom").content == told.content
    for path in ("/feed.atom", "/feed.rss", "/feed.json", "/"):
        assert b"is failing" not in bench.get(path).content


WIRE = "https://wire.example/feed"
HUB = "https://hub.example/"


def test_how_feeds_stand_with_their_hubs_is_shown(bench):
    assert "aggregator_feed_hub{" not in bench.get("/metrics").text
    bench.store.states[WIRE] = replace(bench.store.states[WIRE], hub_url=HUB, self_url=WIRE, last_changed=NOW)
    assert 'aggregator_feed_hub{feed="Wire",state="unused"} 1.0' in bench.get("/metrics").text
    assert b"hub.example" not in bench.get("/sources").content
    delivered = NOW + timedelta(hours=1)
    bench.now = NOW + timedelta(hours=2)
    bench.store.subscribed.append(
        Subscription(
            path="the-path",
            feed_url=WIRE,
            hub=HUB,
            topic=WIRE,
            callback=f"{BASE}/websub/the-path",
            secret="the-secret",
            state="active",
            lease_end=NOW + timedelta(days=3),
            delivered=delivered,
        )
    )
    metrics = bench.get("/metrics").text
    assert 'aggregator_feed_hub{feed="Wire",state="delivers"} 1.0' in metrics
    (line,) = [line for line in metrics.splitlines() if line.startswith("aggregator_feed_hub_delivered_timestamp_")]
    assert line.startswith('aggregator_feed_hub_delivered_timestamp_seconds{feed="Wire"} ')
    assert float(line.split()[1]) == delivered.timestamp()
    hubs = {feed["name"]: feed["hub"] for feed in bench.get("/api/feeds").json()}
    assert (hubs["Wire"]["url"], hubs["Wire"]["state"]) == (HUB, "delivers")
    assert {name for name, hub in hubs.items() if hub} == {"Wire"}
    root = page(bench.get("/sources"))
    assert texts(root, ".//span[@class='hint hub']") == ["Hub hub.example: delivers, last 1 hour ago"]
    for path in ("/metrics", "/api/feeds", "/sources"):
        assert b"the-secret" not in bench.get(path).content
        assert b"the-path" not in bench.get(path).content
