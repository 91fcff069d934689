"""For machines that look after the service: health and metrics. Says nothing secret."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aggregator.fetch import BOUNDS, Times
from aggregator.model import FeedState, FeedStatus
from aggregator.web.deps import Health, WebDeps
from aggregator.web.renderings import Threads
from aggregator.web.rows import label_of
from aggregator.websub import Standing, standings

STATES: Final[tuple[FeedStatus, ...]] = ("new", "ok", "error", "backing_off", "paused", "gone")
_UNCACHED: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The handlers. Health has threads of its own, so that slow searches don't make the service look ill."""

    deps: WebDeps
    threads: Threads
    health_threads: Threads

    def routes(self) -> list[Route]:
        """Where they are."""
        return [Route("/healthz", self.healthz), Route("/metrics", self.metrics)]

    async def healthz(self, _request: Request) -> Response:
        """200 when the service does its work, 503 with a sentence when it doesn't."""
        health = await self.health_threads.run(self.deps.health)
        if health.ok:
            return JSONResponse({"status": "ok"}, headers=_UNCACHED)
        return JSONResponse({"status": "failing", "reason": health.reason}, status_code=503, headers=_UNCACHED)

    async def metrics(self, _request: Request) -> Response:
        """The Prometheus text format."""
        body = await self.threads.run(self._metrics)
        return Response(body, headers={"content-type": CONTENT_TYPE_LATEST, **_UNCACHED})

    def _metrics(self) -> bytes:
        registry = CollectorRegistry()
        states = self.deps.storage.feed_states()
        labels = {feed.url: label_of(feed) for feed in self.deps.config().feeds}
        named = {label: states.get(url, FeedState(url=url)) for url, label in labels.items()}
        hubs = standings(states, self.deps.storage.subscriptions(), self.deps.now())
        registry.register(_Snapshot(tuple(states.values()), self.deps.health()))
        registry.register(_Feeds(named))
        registry.register(_Fetches(self.deps.times, labels))
        registry.register(_Hubs({labels[url]: standing for url, standing in hubs.items() if url in labels}))
        return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Snapshot(Collector):
    states: tuple[FeedState, ...]
    health: Health

    def collect(self) -> Iterator[Metric]:
        """Sums over the configured feeds."""
        counts = Counter(state.status for state in self.states)
        feeds = GaugeMetricFamily("aggregator_feeds", "Configured feeds by state.", labels=["state"])
        for name in STATES:
            feeds.add_metric([name], counts[name])
        yield feeds
        for metric, help_text, field in (
            ("aggregator_polls", "Polls of the configured feeds.", "polls"),
            ("aggregator_polls_not_modified", "Polls answered by 304.", "not_modified"),
            ("aggregator_received_bytes", "Bytes of feeds received.", "bytes_in"),
        ):
            yield CounterMetricFamily(metric, help_text, value=sum(getattr(state, field) for state in self.states))
        yield GaugeMetricFamily(
            "aggregator_articles", "Articles of the configured feeds.", value=sum(s.articles for s in self.states)
        )
        yield GaugeMetricFamily("aggregator_healthy", "1 when /healthz answers 200.", value=float(self.health.ok))
        if self.health.last_tick is not None:
            seconds = self.health.last_tick.timestamp()
            yield GaugeMetricFamily(
                "aggregator_last_tick_timestamp_seconds", "The scheduler's last tick.", value=seconds
            )


@dataclass(frozen=True, slots=True, eq=False)  # the registry hashes it, and a dict has no hash
class _Feeds(Collector):
    states: Mapping[str, FeedState]

    def collect(self) -> Iterator[Metric]:
        """The same by feed, under the names of feeds.toml."""
        for metric, help_text, field in (
            ("aggregator_feed_polls", "Polls of a feed.", "polls"),
            ("aggregator_feed_polls_not_modified", "Polls of a feed answered by 304.", "not_modified"),
            ("aggregator_feed_received_bytes", "Bytes of a feed received.", "bytes_in"),
        ):
            counter = CounterMetricFamily(metric, help_text, labels=["feed"])
            for name, state in self.states.items():
                counter.add_metric([name], getattr(state, field))
            yield counter
        failures = GaugeMetricFamily("aggregator_feed_failures", "Failed polls of a feed in a row.", labels=["feed"])
        for name, state in self.states.items():
            failures.add_metric([name], state.failures)
        yield failures


@dataclass(frozen=True, slots=True, eq=False)  # as above
class _Fetches(Collector):
    times: Times
    labels: Mapping[str, str]

    def collect(self) -> Iterator[Metric]:
        """How long fetches took since the start, failed ones too."""
        total = HistogramMetricFamily(
            "aggregator_fetch_seconds",
            "Time on the network of one fetch, redirects and failures included.",
            labels=["kind"],
        )
        names = [*map(str, BOUNDS), "+Inf"]
        for kind, spent in self.times.kinds.copy().items():
            total.add_metric([kind], list(zip(names, accumulate(spent.counts), strict=True)), spent.seconds)
        feeds = SummaryMetricFamily("aggregator_feed_fetch_seconds", "The same of one feed's polls.", labels=["feed"])
        for url, spent in self.times.feeds.copy().items():
            if url in self.labels:
                feeds.add_metric([self.labels[url]], sum(spent.counts), spent.seconds)
        yield total
        yield feeds


@dataclass(frozen=True, slots=True, eq=False)  # as above
class _Hubs(Collector):
    standings: Mapping[str, Standing]

    def collect(self) -> Iterator[Metric]:
        """How the feeds that name a hub stand with it."""
        hubs = GaugeMetricFamily(
            "aggregator_feed_hub", "1 for the state that a feed's hub is in.", labels=["feed", "state"]
        )
        delivered = GaugeMetricFamily(
            "aggregator_feed_hub_delivered_timestamp_seconds",
            "When a feed's hub last brought something.",
            labels=["feed"],
        )
        for name, standing in self.standings.items():
            hubs.add_metric([name, standing.state], 1)
            if standing.delivered is not None:
                delivered.add_metric([name], standing.delivered.timestamp())
        yield hubs
        yield delivered
