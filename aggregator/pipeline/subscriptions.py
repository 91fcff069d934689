"""The feeds' subscriptions at their hubs: made, renewed and left as the feeds want it, a few at a time.

What is decided lies in `websub`; here it is stored before it is acted on, so that a restart goes on where it was. The
hub's own requests come in by the web, to `intent` and `deliver`.
"""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Literal

import structlog

from aggregator import polling, urls, websub
from aggregator.errors import FetchError
from aggregator.model import FeedState
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.lanes import Lanes
from aggregator.pipeline.rounds import Rounds
from aggregator.websub import Hub, Subscription

PATH = "/websub/"
AT_ONCE = 4  # hubs asked at the same time
WAITING = 20  # asks that wait for their turn
NEW = 20  # subscriptions made or left in one look
LOOK = 5.0  # seconds between looks at what is due

Delivery = Literal["unknown", "left", "taken"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("aggregator")


class Subscriptions:
    """Keeps subscriptions in step with the feeds. `reachable`: hubs can reach `base_url`; nothing happens otherwise."""

    def __init__(self, edges: Edges, rounds: Rounds, *, base_url: str, reachable: bool) -> None:
        self._edges = edges
        self._rounds = rounds
        self._callbacks = base_url.rstrip("/") + PATH
        self._reachable = reachable
        self._known: dict[str, Subscription] = {}  # by path
        self._paths: dict[str, str] = {}  # of the subscription that a feed has, by the feed's URL
        self._slowed: set[str] = set()  # feeds that may be polled more rarely
        self._lanes: Lanes[str] = Lanes(self._ask, per_host=1, total=AT_ONCE)
        self._next_look = 0.0  # monotonic
        rounds.pushed = self.pushed

    def renew(self, edges: Edges) -> None:
        """Ask hubs through these from now on."""
        self._edges = edges

    async def load(self) -> None:
        """Read what the store has. Where no hub can reach us any more it is forgotten, and polling resumes."""
        stored = await self._edges.stored(self._edges.storage.subscriptions)
        for subscription in stored:
            self._slowed.add(subscription.feed_url)
            if not self._reachable:
                await self._edges.stored(self._edges.storage.forget_subscription, subscription.path)
                continue
            self._known[subscription.path] = subscription
            if subscription.state != "leaving":
                self._paths[subscription.feed_url] = subscription.path

    @property
    def max_bytes(self) -> int:
        """Of one delivery."""
        return self._edges.limits.max_bytes

    @property
    def patience(self) -> float:
        """Seconds that a delivery may take to come in."""
        return self._edges.limits.total_timeout

    def pushed(self, state: FeedState) -> bool:
        """Whether this feed's hub can be relied on to tell of new entries."""
        subscription = self._known.get(self._paths.get(state.url, ""))
        return subscription is not None and websub.delivers(subscription, state, self._edges.now())

    async def advance(self) -> None:
        """For each tick: a look every few seconds. StorageError."""
        clock = asyncio.get_running_loop().time()
        if clock >= self._next_look:
            self._next_look = clock + LOOK
            await self.look()

    async def look(self) -> None:
        """Make, leave and renew what is due, and let feeds be polled at their pace whose hub fell silent."""
        self._lanes.raise_failure()
        if self._reachable:
            await self._align()
            await self._start_due()
        await self._resume()

    async def idle(self) -> None:
        """Until no hub is being asked."""
        await self._lanes.idle()

    async def close(self) -> None:
        """Cancel what runs; it was stored before it began."""
        await self._lanes.close()

    # -- keeping in step with the feeds

    async def _align(self) -> None:
        left = NEW
        for url in {**self._rounds.rules.feeds, **self._paths}:
            feed, state = self._rounds.rules.feeds.get(url), self._rounds.states.get(url)
            wanted = websub.choice(feed, state) if feed is not None else None
            subscription = self._known.get(self._paths.get(url, ""))
            if left and not self._fits(subscription, wanted):
                left -= 1
                await self._change(url, subscription, wanted)

    def _fits(self, subscription: Subscription | None, wanted: Hub | None) -> bool:
        if subscription is None or wanted is None:
            return subscription is None and wanted is None
        same = (subscription.hub, subscription.topic) == (wanted.url, wanted.topic)
        return same and subscription.callback.startswith(self._callbacks)

    async def _change(self, url: str, subscription: Subscription | None, wanted: Hub | None) -> None:
        if subscription is not None:
            del self._paths[url]
            await self._settle(subscription, websub.leave(subscription, self._edges.now()))
        if wanted is not None:
            path = secrets.token_urlsafe(32)
            self._paths[url] = path
            await self._keep(
                Subscription(
                    path=path,
                    feed_url=url,
                    hub=wanted.url,
                    topic=wanted.topic,
                    callback=self._callbacks + path,
                    secret=secrets.token_hex(32),
                    next_try=self._edges.now(),
                )
            )

    async def _settle(self, before: Subscription, after: Subscription | None) -> None:
        if after is None:
            self._known.pop(before.path, None)
            await self._edges.stored(self._edges.storage.forget_subscription, before.path)
        elif after != before:
            await self._keep(after)

    async def _keep(self, subscription: Subscription) -> None:
        self._known[subscription.path] = subscription
        await self._edges.stored(self._edges.storage.save_subscription, subscription)

    async def _start_due(self) -> None:
        now = self._edges.now()
        for subscription in tuple(self._known.values()):
            if websub.is_over(subscription, now):
                await self._settle(subscription, None)
            elif len(self._lanes) < WAITING and websub.is_due(subscription, now):
                self._lanes.put(urls.host(subscription.hub), subscription.path)

    async def _resume(self) -> None:
        states = self._rounds.states
        for url in tuple(self._slowed):
            state = states.get(url)
            if state is None or (not self.pushed(state) and await self._rounds.resume(url)):
                self._slowed.discard(url)
        self._slowed |= {url for url in self._paths if url in states and self.pushed(states[url])}

    # -- asking a hub

    async def _ask(self, path: str) -> None:
        """One request. It is counted before it is made: its answer comes as the hub's own request, maybe never."""
        subscription = self._known.get(path)
        if subscription is None:
            return
        asking = websub.asked(subscription, now=self._edges.now(), jitter=self._edges.jitter())
        await self._keep(asking)
        try:
            await self._edges.fetcher.post_form(asking.hub, websub.form(asking))
        except FetchError as error:
            await self._refused(path, error)
        else:
            log.info("hub asked", hub=asking.hub, feed=asking.feed_url, leaving=asking.state == "leaving")

    async def _refused(self, path: str, error: FetchError) -> None:
        log.warning("hub", error_class=error.error_class, error=error.message)
        subscription, now = self._known.get(path), self._edges.now()
        if subscription is not None:
            wish = polling.retry_after(error.retry_after, now)
            after = websub.refused(subscription, error.error_class, error.message, wish=wish, now=now)
            await self._settle(subscription, after)

    # -- what the hub asks and brings

    async def intent(self, path: str, query: Mapping[str, str]) -> str | None:
        """What to answer a hub that asks whether a subscription is meant, or denies it; None for 404. StorageError."""
        subscription = self._known.get(path)
        if subscription is None:
            return None
        meant = websub.intent(subscription, query, now=self._edges.now(), jitter=self._edges.jitter())
        await self._settle(subscription, meant.subscription)
        if meant.subscription != subscription:
            state = meant.subscription.state if meant.subscription else "left"
            log.info("hub confirmed", hub=subscription.hub, feed=subscription.feed_url, state=state)
        return meant.answer

    def known(self, path: str) -> Delivery:
        """Whether a delivery here would be taken."""
        subscription = self._known.get(path)
        if subscription is None:
            return "unknown"
        return "left" if subscription.state == "leaving" else "taken"

    async def deliver(self, path: str, body: bytes, *, content_type: str, signature: str) -> None:
        """Take a delivery; one that the hub did not sign is left alone. StorageError when it can't be kept."""
        subscription = self._known.get(path)
        if subscription is None or subscription.state == "leaving":
            return
        if not websub.is_signed(subscription, signature, body):
            log.warning("delivery", feed=subscription.feed_url, outcome="ignored", error="its signature is not right")
            return
        refresh = await self._rounds.deliver(subscription.feed_url, body, content_type)
        if refresh is None:
            return
        log.info("delivery", feed=refresh.feed, outcome=refresh.outcome, new=refresh.new, error=refresh.error)
        latest = self._known.get(path)
        if latest is not None and refresh.outcome != "error":
            await self._keep(websub.received(latest, self._edges.now()))
