"""Many feeds and stories at once: what is due is put into lanes by host, what comes of it is stored in batches.

Used by `aggregator poll` for one round and by the scheduler for ever. The one mutable object of the pipeline: it holds
the feeds' states between polls, whose truth lies in the store.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from weakref import WeakValueDictionary

import structlog

from aggregator import polling, urls
from aggregator.errors import AggregatorError, StorageError, WorkerError
from aggregator.guard import Places
from aggregator.model import Feed, FeedState, FetchResult, Refresh, Source
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.lanes import Lanes
from aggregator.pipeline.poll import Asking, Polled, failed, poll_feed, take_push
from aggregator.pipeline.rules import Rules
from aggregator.pipeline.story import Done, postpone, work_story
from aggregator.storage.records import Work

TICK = timedelta(seconds=1)  # from one paced start to the next
PACE = 5  # feeds that may be asked in one second without a thought for how many they are
BATCH = 200  # states stored in one transaction, at most
WORK_BATCH = 64  # stories taken from the store at a time
STORIES = 16  # pages fetched and cleaned at once; the workers bound the cleaning
ANSWERS = 16 * 2**20  # bytes of answers that wait for a worker, or are with one
LEAST = 2**16  # what the smallest of them counts
BUG_RETRY = timedelta(days=1)

log: structlog.stdlib.BoundLogger = structlog.get_logger("aggregator")


class Rounds:
    """Polls what is due and works on what waits. `on_refresh` and `on_done` are told what became of each."""

    def __init__(
        self,
        edges: Edges,
        rules: Rules,
        *,
        first_entries: int,
        on_refresh: Callable[[Refresh], None] = lambda _: None,
        on_done: Callable[[Done], None] = lambda _: None,
    ) -> None:
        self._edges = edges
        self.rules = rules
        self.first_entries = first_entries
        self._on_refresh = on_refresh
        self._on_done = on_done
        self._states: dict[str, FeedState] = {}
        self._work: dict[int, Work] = {}
        self._pauses: dict[str, datetime] = {}  # of hosts, as the store has them
        self.pushed: Callable[[FeedState], bool] = lambda _: False  # whether a hub tells of this feed's new entries
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of feeds polled or delivered to
        self._named: frozenset[str] = frozenset()  # feeds that the user named: asked even while their host is paused
        self._pages: set[str] = set()  # addresses of the stories under way
        self._unsaved: list[Polled] = []
        self._suspects: list[tuple[float, Polled]] = []  # began then, met silence: the site's fault, or our network's
        self._silent: set[str] = set()  # hosts that gave no answer since any other did
        self._answered = 0.0  # when a host last gave any answer, by the loop's clock
        self._feeds: Lanes[str] = Lanes(self._poll, per_host=edges.limits.per_host, total=edges.limits.concurrency)
        self._answers = Places(ANSWERS)
        self._stories: Lanes[int] = Lanes(self._story, per_host=edges.limits.per_host, total=STORIES)
        self._timers: list[asyncio.TimerHandle] = []  # feeds that fall due before the next tick
        self.counts: Counter[str] = Counter()

    @property
    def edges(self) -> Edges:
        """What polls and stories that begin now touch."""
        return self._edges

    def renew(self, edges: Edges) -> None:
        """Begin with these from now on, their limits too. What runs ends with the ones that it began with."""
        self._edges = edges
        per_host = edges.limits.per_host
        self._feeds.resize(per_host=per_host, total=edges.limits.concurrency)
        self._stories.resize(per_host=per_host, total=STORIES)

    async def load(self) -> None:
        """Read the feeds' states from the store: at the start, and after the configuration changed."""
        await self.flush()
        self._states = await self._edges.stored(self._edges.storage.feed_states)
        self._pauses = await self._edges.stored(self._edges.storage.host_pauses)
        for host, until in self._pauses.items():
            self._edges.hosts.pause(host, until)
        await self.bring_back()

    @property
    def states(self) -> dict[str, FeedState]:
        """The feeds' states as they are now, by configured URL."""
        return self._states

    def start_due(self, *, only: Collection[str] | None = None, everything: bool = False, paced: bool = False) -> int:
        """Put feeds into the lanes: those due, all that aren't paused or gone (`everything`), or just `only`.

        Feeds never polled go first, then the longest overdue. Hosts that asked to be left alone are, unless a feed was
        named. `paced`: called once a second, so that a second's share goes, and what falls due soon then.
        """
        now = self._edges.now()
        self._named = frozenset(only or ())
        chosen = [state for state in self._states.values() if self._wanted(state, now, only, everything=everything)]
        if chosen:
            under_way = self._feeds.keys | {polled.state.url for _, polled in self._suspects}
            chosen = [state for state in chosen if state.url not in under_way]
        chosen.sort(key=lambda state: (state.next_poll is not None, state.next_poll or now))
        if paced:
            chosen = chosen[: self._share(len(chosen))]
            self._start_later(now)
        return sum(self._feeds.put(urls.host(state.adopted_url or state.url), state.url) for state in chosen)

    def _wanted(self, state: FeedState, now: datetime, only: Collection[str] | None, *, everything: bool) -> bool:
        feed = self.rules.feeds.get(state.url)
        if feed is None:
            return False
        if only is not None:
            return state.url in only
        if feed.paused or state.status == "gone":
            return False
        if everything:
            return not self._left_alone(state, now)
        return polling.is_due(state, now) and not self._paused(state, now)

    def _start_later(self, now: datetime) -> None:
        """A short interval is kept to the tenth of a second, not to the next tick."""
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        for state in self._states.values():
            if state.next_poll is not None and now < state.next_poll <= now + TICK:
                wait = (state.next_poll - now).total_seconds() + 0.01
                self._timers.append(loop.call_later(wait, self._start_one, state.url))

    def _start_one(self, url: str) -> None:
        state = self._states.get(url)
        if state is not None and self._wanted(state, self._edges.now(), None, everything=False):
            self._feeds.put(urls.host(state.adopted_url or url), url)

    def _share(self, due: int) -> int:
        """How many feeds go in one second, of those due: after a start or a sleep that is all of them at once.

        Twice what the intervals come to, so that none is late for it, and enough to be through in some minutes.
        """
        if due <= PACE:
            return due
        usual = sum(1 / max(feed.interval.total_seconds(), 1.0) for feed in self.rules.feeds.values())
        return max(PACE, ceil(2 * usual), due // 60)

    def _left_alone(self, state: FeedState, now: datetime) -> bool:
        """Whether the host asked for it, or the feed's errors did."""
        backing_off = state.status == "backing_off" and not polling.is_due(state, now)
        return backing_off or self._paused(state, now)

    def _paused(self, state: FeedState, now: datetime) -> bool:
        hosts = self._edges.hosts
        until = hosts.paused_until(urls.host(state.adopted_url or state.url)) if hosts.any_paused else None
        return until is not None and until > now

    async def bring_back(self) -> None:
        """After the clock went back, nothing waits for a time that is further away than any wait is long."""
        now = self._edges.now()
        self._edges.hosts.forget_beyond(now + polling.LONGEST_PAUSE)
        back = await self._edges.stored(self._edges.storage.bring_back, now)
        if back:
            log.info("stories brought back", entries=back)

    def spread(self) -> None:
        """After the clock went forward everything looks due at once: spread it over each feed's own interval."""
        now = self._edges.now()
        for url, state in self._states.items():
            feed = self.rules.feeds.get(url)
            if feed is not None and state.last_attempt is not None and polling.is_due(state, now):
                self._states[url] = replace(state, next_poll=now + feed.interval * self._edges.jitter())

    async def start_work(self) -> int:
        """Put stories that wait for their page or for cleaning into the lanes."""
        if len(self._stories) >= WORK_BATCH // 2:
            return 0
        found = await self._edges.stored(
            self._edges.storage.work, self._edges.now(), WORK_BATCH, exclude=self._stories.keys
        )
        started = 0
        for work in found:
            if work.entry.url in self._pages:
                continue  # its page is being fetched for another feed's entry; then it comes from the store
            if work.entry.url:
                self._pages.add(work.entry.url)
            self._work[work.entry_id] = work
            started += self._stories.put(urls.host(work.entry.url), work.entry_id)
        return started

    async def finish(self) -> None:
        """Until nothing is left to do now: one round, for `aggregator poll`."""
        await self._feeds.idle()
        await self.flush(last=True)
        while await self.start_work():
            await self._stories.idle()

    async def flush(self, *, last: bool = False) -> None:
        """Store the states that came together; decide whether failures to connect were ours."""
        self._feeds.raise_failure()
        self._stories.raise_failure()
        self._settle(last=last or not len(self._feeds))
        while self._unsaved:
            batch, self._unsaved = self._unsaved[:BATCH], self._unsaved[BATCH:]
            await self._save(batch)
        await self._keep_pauses()

    async def _save(self, batch: list[Polled]) -> None:
        events = [event for polled in batch for event in polled.events]
        try:
            await self._edges.stored(self._edges.storage.save_states, [polled.state for polled in batch], events)
        except StorageError:  # the next flush tries again, but for feeds that were polled once more meanwhile
            self._unsaved[:0] = [polled for polled in batch if self._states.get(polled.state.url) is polled.state]
            raise

    async def _keep_pauses(self) -> None:
        """A 429 or 503 is the host's word and outlives a restart; the fetcher noted it for the host that gave it."""
        for host, until in self._edges.hosts.pauses().items():
            if self._pauses.get(host) != until:
                self._pauses[host] = until
                await self._edges.stored(self._edges.storage.save_host_pause, host, until)
                log.warning("host paused", host=host, until=until.isoformat())

    def _settle(self, *, last: bool) -> None:
        """A host was silent though another answered meanwhile: its fault. All were: nobody's, and soon tried again."""
        waiting, self._suspects = self._suspects, []
        offline = 0
        for began, polled in waiting:
            if began < self._answered or (last and not polling.network_down(self._silent)):
                self._keep(polled)
            elif last:
                offline += 1
                self._excuse(polled)
            else:
                self._suspects.append((began, polled))
        if offline:
            log.warning("network down", feeds=offline, hint="no feed's failure is counted")

    def _excuse(self, polled: Polled) -> None:
        feed, before = self.rules.feeds.get(polled.state.url), self._states.get(polled.state.url)
        if feed is not None and before is not None:
            state = polling.after_offline(before, feed, now=self._edges.now(), jitter=self._edges.jitter())
            self._keep(replace(polled, state=state, events=()))

    def _keep(self, polled: Polled) -> None:
        if polled.state.url in self._states:  # else the feed was removed while it was being polled
            self._states[polled.state.url] = polled.state
            self._unsaved.append(polled)

    async def _poll(self, url: str) -> None:
        async with self._turn(url):
            feed, state = self.rules.feeds.get(url), self._states.get(url)
            if feed is None or state is None:
                return
            began = asyncio.get_running_loop().time()
            polled = await self._polled(feed, state)
            self._heard(url, polled.error)
            if polled.saved:
                self._states[url] = polled.state
            elif polling.silent(polled.error):
                self._suspects.append((began, polled))
            else:
                self._keep(polled)
        self._tell(feed, polled.refresh)
        if len(self._unsaved) >= BATCH:
            await self.flush()

    def _heard(self, url: str, error: AggregatorError | None) -> None:
        if polling.answered(error):
            self._answered = asyncio.get_running_loop().time()
            self._silent.clear()
        elif polling.silent(error):
            self._silent.add(urls.host(url))

    def _turn(self, url: str) -> asyncio.Lock:
        """A poll and a delivery of one feed would each store a state without what the other brought."""
        return self._turns.setdefault(url, asyncio.Lock())

    async def deliver(self, url: str, body: bytes, content_type: str) -> Refresh | None:
        """Take what a hub delivered for a feed; None when the feed is no longer there. StorageError."""
        async with self._turn(url):
            feed, state = self.rules.feeds.get(url), self._states.get(url)
            if feed is None or state is None:
                return None
            base = state.validators_url or state.adopted_url or url
            headers = {"content-type": content_type}
            result = FetchResult(url=base, final_url=base, status=200, body=body, headers=headers)
            polled = await take_push(self._edges, self.rules, feed, state, result)
            if polled.saved:
                self._supersede(polled.state)
        return polled.refresh

    async def resume(self, url: str) -> bool:
        """Poll a feed at its own pace: no hub slows it down now, or it has another interval. False while it runs."""
        turn, feed, state = self._turn(url), self.rules.feeds.get(url), self._states.get(url)
        if turn.locked():
            return False
        async with turn:
            if feed is None or state is None:
                return True
            sooner = polling.resumed(state, feed, now=self._edges.now(), jitter=self._edges.jitter())
            if sooner != state:
                self._supersede(sooner)
                await self._edges.joined(self._edges.storage.save_states, [sooner])
        return True

    def _supersede(self, state: FeedState) -> None:
        """The state is stored by other ways than a flush: what waits for one carries it instead of an older one."""
        self._states[state.url] = state
        self._unsaved = [
            replace(polled, state=state) if polled.state.url == state.url else polled for polled in self._unsaved
        ]

    async def _polled(self, feed: Feed, state: FeedState) -> Polled:
        """A bug met on one feed's way is logged whole and costs that feed this poll; a lost store stops the round."""
        try:
            named, pushed = feed.url in self._named, self.pushed(state)
            hold = partial(self._hold, feed.url)
            asking = Asking(first_entries=self.first_entries, force=named, pushed=pushed, hold=hold)
            return await poll_feed(self._edges, self.rules, feed, state, asking)
        except StorageError:
            raise
        except Exception as error:
            log.exception("poll", feed=feed.name, outcome="bug")
            return failed(self._edges, feed, state, _bug(error))

    @asynccontextmanager
    async def _hold(self, url: str, size: int) -> AsyncIterator[None]:
        """While a feed waits for a worker, others are asked in its place; but only as many as there is memory for."""
        places = max(size, LEAST)
        await self._answers.acquire(places)
        try:
            self._feeds.leave(url)
            yield
        finally:
            self._answers.release(places)

    def _tell(self, feed: Feed, refresh: Refresh) -> None:
        self.counts += Counter({f"feeds_{refresh.outcome}": 1, "rejected": refresh.rejected})
        self._on_refresh(refresh)
        if refresh.outcome == "error":
            log.warning("poll", feed=feed.name, outcome="error", error_class=refresh.error_class, error=refresh.error)
        elif refresh.outcome == "updated":
            log.info("poll", feed=feed.name, outcome="updated", new=refresh.new, changed=refresh.changed)
        else:
            log.debug("poll", feed=feed.name, outcome=refresh.outcome)

    async def _story(self, entry_id: int) -> None:
        work = self._work.pop(entry_id)
        state = self._states.get(work.feed_url, FeedState(url=work.feed_url))
        try:
            done = await self._worked(work, source_of(state))
        finally:
            self._pages.discard(work.entry.url)
        self.counts[done.outcome] += 1
        self._on_done(done)
        log.info("story", outcome=done.outcome, url=work.entry.url, title=work.entry.title[:100])

    async def _worked(self, work: Work, source: Source) -> Done:
        """As `_polled`: a bug met on one story's way puts that story off by a day."""
        try:
            return await work_story(self._edges, self.rules, work, source=source)
        except StorageError:
            raise
        except Exception as error:
            log.exception("story", outcome="bug", url=work.entry.url)
            return await postpone(self._edges, work, self._edges.now() + BUG_RETRY, _bug(error))

    async def close(self) -> None:
        """Cancel what runs, keep what came of the rest."""
        for timer in self._timers:
            timer.cancel()
        await self._feeds.close()
        await self._stories.close()
        await self.flush(last=True)


def _bug(error: Exception) -> WorkerError:
    return WorkerError(f"a fault in aggregator itself: {type(error).__name__}; the log has it", error_class="crashed")


def source_of(state: FeedState) -> Source:
    """Where stories of this feed say they come from."""
    return Source(
        feed_url=urls.without_login(state.self_url or state.adopted_url or state.url),
        title=state.title,
        site_url=state.site_url,
        feed_id=state.feed_id,
        language=state.language,
        updated=state.last_changed,
    )
