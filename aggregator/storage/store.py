"""The store as the rest of the program sees it. Each method is one short transaction; the SQL is in the other modules.

Synchronous, and to be used from any thread: writers take turns, readers see the last commit and wait for nobody.
Every method raises StorageError, with a sentence that names the store and what to do, and nothing else of the
database's.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, TypeVar

from sqlalchemy import Connection, select

from aggregator.model import Document, Feed, FeedState, Glance, Site, Story
from aggregator.query import Query
from aggregator.storage import (
    articles,
    entries,
    feeds,
    finding,
    origins,
    schema,
    sites,
    stories,
    subscriptions,
    tidying,
    troubles,
    ways,
)
from aggregator.storage.counting import count, value
from aggregator.storage.database import Database, Place
from aggregator.storage.pages import Pages
from aggregator.storage.records import (
    Added,
    Addition,
    EntryMark,
    Judged,
    NewEntry,
    Saved,
    StoryPath,
    Verdicts,
    Work,
)
from aggregator.trouble import Event
from aggregator.websub import Subscription

T = TypeVar("T")

STEPS: Final = 100  # transactions of one kind in one tidying: the rest waits for the next one


class Storage:
    """An open store."""

    def __init__(self, database: Database, place: Place) -> None:
        self._database = database
        self._pages = Pages(place.open_pages)
        self._place = place
        self._read = database.read
        self._write = database.write

    def close(self) -> None:
        """Give back the files or connections. The store may not be used afterwards."""
        self._pages.close()
        self._database.close()

    @property
    def name(self) -> str:
        """The file, or the address without its password."""
        return self._database.kind.name

    @cached_property
    def instance_id(self) -> str:
        """The UUID that this store was given when it was made: the authority of ids, whatever its address."""
        with self._read() as connection:
            statement = select(schema.meta.c.value).where(schema.meta.c.name == "instance")
            return str(connection.execute(statement).scalar_one())

    def changes(self) -> int:
        """A number that grows with each transaction that changed what readers see."""
        with self._read() as connection:
            return value(connection, "changes")

    def writable(self) -> None:
        """Write one row, to see that it can be done. Raises StorageError."""
        with self._write() as connection:
            count(connection, "probe")

    def poller_lock(self) -> AbstractContextManager[Callable[[], None]]:
        """Hold the right to poll into this store; StorageError names whoever holds it.

        Gives what is to be called now and then: a server that was restarted has forgotten who held it. Then it is
        taken anew, or StorageError says who was faster.
        """
        return self._place.poller_lock()

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Call methods of this store in one transaction; what each gave, or raised. All is durable when this returns.

        When one of them fails, none stands, and each is called once more by itself: it takes no others along.
        """
        if len(calls) == 1:
            return [_attempt(calls[0])]
        done: list[T | Exception] = []
        calling = False
        try:
            with self._database.together() as finish:
                calling = True
                done.extend(call() for call in calls)
                finish()
                calling = False
        except Exception as error:
            return [_attempt(call) for call in calls] if calling else [error] * len(calls)
        return done

    # -- feeds

    def sync_feeds(self, configured: Sequence[Feed], now: datetime) -> None:
        """Make these the store's active feeds. Others keep their state and stories and are polled no more."""
        with self._write() as connection:
            feeds.forget_pauses(connection, now)
            renamed = feeds.sync(connection, configured)
            seen = sum(origins.rename(connection, url, name) for url, name in renamed)
            if seen:
                count(connection, "changes")

    def feed_states(self) -> dict[str, FeedState]:
        """The states of the active feeds by configured URL."""
        with self._read() as connection:
            return feeds.states(connection)

    def glances(self) -> dict[str, Glance]:
        """A summary's share of the same."""
        with self._read() as connection:
            return feeds.glances(connection)

    def save_states(self, states: Sequence[FeedState], events: Sequence[Event] = ()) -> None:
        """Store states and what is told of them in one transaction. Those of feeds not known are passed over."""
        if states:
            with self._write() as connection:
                known = feeds.save(connection, states)
                troubles.add(connection, [event for event in events if event.feed_url in known])

    def save_poll(self, state: FeedState, new: Sequence[NewEntry], events: Sequence[Event] = ()) -> Saved:
        """Store what a poll brought, the feed's state with its validators and what is told of it, all or nothing."""
        with self._write() as connection:
            troubles.add(connection, events)
            return entries.save(connection, feeds.save_one(connection, state), new)

    def troubles(self, limit: int) -> list[Event]:
        """What was told of feeds' trouble, the newest first."""
        with self._read() as connection:
            return troubles.newest(connection, limit)

    def host_pauses(self) -> dict[str, datetime]:
        """Until when hosts asked to be left alone."""
        with self._read() as connection:
            return feeds.pauses(connection)

    def save_host_pause(self, host: str, until: datetime) -> None:
        """Remember what a host asked for."""
        with self._write() as connection:
            feeds.save_pause(connection, host, until)

    def subscriptions(self) -> list[Subscription]:
        """The feeds' subscriptions at hubs, those of feeds no longer configured too."""
        with self._read() as connection:
            return subscriptions.given(connection)

    def save_subscription(self, subscription: Subscription) -> None:
        """Store a subscription, new or changed."""
        with self._write() as connection:
            subscriptions.save(connection, subscription)

    def forget_subscription(self, path: str) -> None:
        """Drop a subscription."""
        with self._write() as connection:
            subscriptions.forget(connection, path)

    # -- entries

    def known(self, feed_url: str, guids: Sequence[str]) -> dict[str, EntryMark]:
        """What is known of these guids of a feed; http and https in them are one."""
        with self._read() as connection:
            return entries.known(connection, feed_url, guids)

    def work(self, now: datetime, limit: int, *, exclude: Collection[int] = ()) -> list[Work]:
        """Entries whose next try has come, each feed in turn, oldest first; without those in `exclude`."""
        with self._read() as connection:
            return entries.due(connection, now, limit, exclude)

    def reject(self, entry_id: int, *, rule: str, rule_hash: bytes) -> None:
        """Remember that a rule dropped this entry."""
        with self._write() as connection:
            entries.reject(connection, entry_id, rule=rule, rule_hash=rule_hash)

    def postpone(self, entry_id: int, *, next_try: datetime | None, attempts: int, error_class: str) -> None:
        """Leave an entry as it is until `next_try`, or for good with None."""
        with self._write() as connection:
            entries.postpone(connection, entry_id, next_try=next_try, attempts=attempts, error_class=error_class)

    def bring_back(self, now: datetime) -> int:
        """Make due the entries that wait further away than any wait is long: the clock went back. Their number."""
        with self._write() as connection:
            return entries.bring_back(connection, now)

    def rejecting_rules(self, since: datetime) -> set[tuple[str, bytes]]:
        """The feeds' URLs, each with the hash of a rule that rejected entries first seen since then."""
        with self._read() as connection:
            return entries.rejecting_rules(connection, since)

    def rejected(
        self, feed_url: str, since: datetime, *, not_by: bytes, after: int = 0, limit: int = 500
    ) -> list[Judged]:
        """A feed's entries first seen since then that another rule rejected, by id, from above `after` on."""
        with self._read() as connection:
            return entries.rejected(connection, feed_url, since, not_by=not_by, after=after, limit=limit)

    def set_verdicts(self, verdicts: Sequence[Verdicts], *, now: datetime) -> None:
        """Store what a changed rule says of rejected entries."""
        with self._write() as connection:
            entries.set_verdicts(connection, verdicts, now)

    # -- articles

    def add_article(self, addition: Addition, *, now: datetime) -> Added:
        """Add a story: judge whether it is a copy, and store it, in one transaction."""
        with self._write() as connection:
            return articles.add(connection, addition, now)

    def imported(self, import_key: bytes) -> int | None:
        """The article that a source with this hash became; 0 when that was deleted, None when it is new."""
        with self._read() as connection:
            return articles.imported(connection, import_key)

    def live(self, limit: int, now: datetime) -> list[Story]:
        """The live feed: the newest `limit` by number, or two days' worth up to 1,000 when that is more; by date."""
        with self._read() as connection:
            return stories.in_order(stories.given(connection, stories.live_keys(connection, limit, now)))

    def story(self, key: int) -> Story | None:
        """One story."""
        with self._read() as connection:
            return next(iter(stories.given(connection, [key])), None)

    def by_url(self, url: str) -> Story | None:
        """The newest story known under this address."""
        with self._read() as connection:
            key = stories.by_address(connection, url)
            return None if key is None else next(iter(stories.given(connection, [key])), None)

    def last_number(self) -> int:
        """The newest `entered` number given."""
        with self._read() as connection:
            return value(connection, "entered")

    def archives(self) -> int:
        """How many archive pages are closed: their numbers are all given, so that no story joins them any more."""
        return self.last_number() // stories.ARCHIVE

    def archive(self, page: int) -> list[Story]:
        """The stories of one archive page, counted from 0, the newest number first."""
        with self._read() as connection:
            return stories.given(connection, stories.archive_keys(connection, page))

    def search(
        self,
        query: Query,
        *,
        limit: int,
        now: datetime,
        before: int | None = None,
        live: bool = False,
        scan: int = finding.SCAN,
    ) -> list[Story]:
        """What a query selects, newest number first, numbers below `before` only; of the newest `scan` candidates.

        `live` leaves out what never entered a live feed: old entries of a new source, and most of a bulk import.
        """
        with self._read() as connection:
            bounds = finding.Bounds(limit=limit, before=before, live=live, scan=scan)
            return finding.search(connection, query, bounds, now=now)

    def why(self, asked: str) -> StoryPath | None:
        """The way of one story: by its address, an article's number or id, or a feed's guid. None: nothing is known."""
        with self._read() as connection:
            path = ways.tell(connection, asked)
        if path is None:
            return None
        addresses = (path.article.url if path.article else "", *(entry.url for entry in path.entries))
        fetched = (self._pages.fetched(url) for url in dict.fromkeys(addresses) if url)
        return replace(path, page_fetched=next((moment for moment in fetched if moment), None))

    def recleanable(self, since: datetime | None, *, after: int = 0, limit: int = 100) -> list[Work]:
        """Entries whose article may be cleaned again from the stored page, by id from above `after` on."""
        with self._read() as connection:
            return entries.recleanable(connection, since, after=after, limit=limit)

    # -- raw pages

    def page(self, url: str) -> Document | None:
        """The page that was fetched from this address, when it is still kept."""
        return self._pages.get(url)

    def save_page(self, url: str, document: Document, *, now: datetime) -> str:
        """Keep a page. Raises nothing: gives a sentence when it can't be kept, and an empty one when it is."""
        return self._pages.put(url, document, now)

    # -- upkeep

    def prune(
        self, now: datetime, *, keep_articles: timedelta | None, keep_pages: timedelta | None, max_pages: int
    ) -> dict[str, int]:
        """Take out what is no longer kept; None keeps for ever. In short transactions. Gives what went."""
        gone = {"articles": 0}
        if keep_articles is not None:
            gone["articles"] = self._in_steps(
                lambda connection: tidying.delete_articles(connection, now - keep_articles)
            )
        gone["texts of old entries"] = self._in_steps(lambda connection: tidying.drop_bodies(connection, now))
        self._in_steps(lambda connection: tidying.drop_bands(connection, now))
        oldest = None if keep_pages is None else now - keep_pages
        gone["pages"] = self._pages.prune(oldest=oldest, most=max_pages)
        return {what: number for what, number in gone.items() if number}

    def _in_steps(self, step: Callable[[Connection], int]) -> int:
        total = 0
        for _ in range(STEPS):
            with self._write() as connection:
                removed = step(connection)
            if not removed:
                break
            total += removed
        return total

    def backup(self, path: Path) -> None:
        """A consistent copy in a new file, also while others write. Raw pages are not in it."""
        self._place.backup(path)

    def check(self) -> list[str]:
        """Look at all that is stored. Gives notes on what should be known; raises StorageError for damage."""
        notes = self._place.check()
        self._pages.fetched("")  # opens them
        return [*notes, *filter(None, [self.pages_problem()])]

    def facts(self) -> dict[str, str]:
        """The database's kind, version and settings, for people."""
        return self._place.facts()

    def pages_problem(self) -> str:
        """Why raw pages can't be kept or read just now; empty while they can."""
        return self._pages.problem

    # -- sites

    def site(self, host: str) -> Site:
        """What is known of a site's pages."""
        with self._read() as connection:
            return sites.load(connection, host)

    def known_sites(self) -> list[tuple[str, int]]:
        """The sites remembered, by host or "folder:NAME", with how many articles each gave, the biggest first."""
        with self._read() as connection:
            return sites.known_hosts(connection)

    def set_override(
        self, host: str, fingerprint: int, override: Literal["", "keep", "remove"], *, sample: str = ""
    ) -> None:
        """What the user says of a block; empty takes it back."""
        with self._write() as connection:
            sites.set_override(connection, host, fingerprint, override, sample=sample)


def _attempt(call: Callable[[], T]) -> T | Exception:
    try:
        return call()
    except Exception as error:
        return error
