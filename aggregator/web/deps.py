"""What the web needs of the rest, as protocols and one value that app.py fills in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from aggregator.fetch import Times
from aggregator.model import Feed, FeedState, Glance, Story
from aggregator.query import Query
from aggregator.trouble import Event
from aggregator.websub import Subscription


class Storage(Protocol):
    """The reading half of the store. Called from several threads at once; raises StorageError with a sentence."""

    @property
    def instance_id(self) -> str:
        """A UUID made once with the store."""

    def changes(self) -> int:
        """A counter that grows with every change that readers can see; cheap, asked twice a second under load."""

    def live(self, limit: int, now: datetime) -> Sequence[Story]:
        """The stories of the live feed: the newest `limit`, or two days' worth if that is more."""

    def search(
        self, query: Query, *, limit: int, now: datetime, before: int | None = None, live: bool = False
    ) -> Sequence[Story]:
        """What a query selects, newest `entered` number first, numbers below `before` only."""

    def story(self, key: int) -> Story | None:
        """One story by its row."""

    def last_number(self) -> int:
        """The highest `entered` number given so far; 0 when there is none."""

    def archives(self) -> int:
        """How many archive pages are closed."""

    def archive(self, page: int) -> Sequence[Story]:
        """The stories of an archive page, counted from 0, the oldest: `channel.PAGE_SIZE` numbers each."""

    def feed_states(self) -> Mapping[str, FeedState]:
        """What is remembered of each configured feed, by its configured URL."""

    def glances(self) -> Mapping[str, Glance]:
        """As much of the same as a summary needs."""

    def troubles(self, limit: int) -> Sequence[Event]:
        """What was told of the feeds' own trouble, the newest first."""

    def subscriptions(self) -> Sequence[Subscription]:
        """The feeds' subscriptions at hubs, those of feeds no longer configured too."""


class Output(Protocol):
    """A configured feed beside the one of everything."""

    @property
    def name(self) -> str:
        """Names it in addresses."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def query(self) -> str:
        """Selects its stories; may hold /regex/; empty selects everything."""


class Config(Protocol):
    """The keys of feeds.toml that the web reads."""

    @property
    def title(self) -> str:
        """Of the combined feed."""

    @property
    def base_url(self) -> str:
        """Where readers find it, without a trailing slash."""

    @property
    def listen_host(self) -> str:
        """The address it listens on."""

    @property
    def token(self) -> str:
        """Closes reading on a public address; empty leaves it open."""

    @property
    def limit(self) -> int:
        """Stories of a live feed."""

    @property
    def feeds(self) -> Sequence[Feed]:
        """In the order of the file."""

    @property
    def outputs(self) -> Sequence[Output]:
        """In the order of the file."""


class Hubs(Protocol):
    """The feeds' subscriptions at hubs. Called in the event loop; raises StorageError."""

    @property
    def max_bytes(self) -> int:
        """Of one delivery."""

    @property
    def patience(self) -> float:
        """Seconds that a delivery may take to come in."""

    def known(self, path: str) -> Literal["unknown", "left", "taken"]:
        """Whether a delivery at this path would be taken."""

    async def intent(self, path: str, query: Mapping[str, str]) -> str | None:
        """What to answer a hub that verifies or denies a subscription; None when it is not meant."""

    async def deliver(self, path: str, body: bytes, *, content_type: str, signature: str) -> None:
        """Take a delivery, or leave it alone when its signature is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the service does its work. `reason` is a sentence without secrets, empty when ok."""

    ok: bool
    reason: str = ""
    last_tick: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """All that `create_app` is given. The callables are cheap and may be called from any thread."""

    storage: Storage
    config: Callable[[], Config]  # the one in force: a reload swaps it
    health: Callable[[], Health]
    now: Callable[[], datetime]
    hubs: Hubs | None = None  # None: nothing is at /websub/
    times: Times = field(default_factory=Times)
    fresh: float = 0.5  # seconds that the store's change counter is believed without asking again
