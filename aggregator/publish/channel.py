"""The head of an output feed: which addresses it has, its permanent id, its date, and what an archive page covers.

An archive page covers a fixed range of `entered` numbers, so that a closed page never changes (RFC 5005, section 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid5

from aggregator.model import Channel, Story
from aggregator.publish.notation import language

SUFFIXES: Final = ("atom", "rss", "json")
PAGE_SIZE: Final = 100  # numbers in an archive page; changing it would change closed pages
WINDOW: Final = timedelta(days=2)
MOST: Final = 1000  # stories in a live feed, however many came in WINDOW
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An output: the feed of everything (no name, no query), a named one, or what a query selects of either.

    `instance` is the store's UUID: ids come from it, so that a moved or renamed service stays the same feed.
    """

    title: str
    base_url: str
    instance: str
    name: str = ""
    query: str = ""

    @property
    def base(self) -> str:
        """The base URL without its trailing slash."""
        return self.base_url.rstrip("/")

    @property
    def id(self) -> str:
        """The feed's permanent id, whatever its address and format."""
        own = UUID(self.instance)
        if self.name:
            own = uuid5(own, f"output:{self.name}")
        return f"urn:uuid:{uuid5(own, f'query:{self.query}') if self.query else own}"

    def url(self, suffix: str) -> str:
        """This feed's absolute address in a format."""
        path = f"/feeds/{quote(self.name, safe='')}.{suffix}" if self.name else f"/feed.{suffix}"
        return self.base + path + (f"?q={quote(self.query, safe='')}" if self.query else "")

    def home(self) -> str:
        """The absolute address of the page that shows the same stories to people."""
        named = {"output": self.name, "q": self.query}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in named.items() if value)
        return f"{self.base}/{f'?{query}' if query else ''}"


def arranged(stories: Sequence[Story]) -> tuple[Story, ...]:
    """The order readers get: newest first by the story's date, then by id."""
    return tuple(sorted(sorted(stories, key=lambda story: story.id), key=lambda story: story.published, reverse=True))


def window(stories: Sequence[Story], limit: int, now: datetime) -> tuple[Story, ...]:
    """The `limit` newest by number, or all that entered within WINDOW before now if that is more, at most MOST."""
    newest = sorted(stories, key=lambda story: story.number, reverse=True)[: max(limit, MOST)]
    since = now - WINDOW
    return tuple(story for place, story in enumerate(newest) if place < limit or story.entered_at >= since)


def live(place: Place, stories: Sequence[Story], *, archives: int) -> Channel:
    """The head of a live feed. The feed of everything points to its archive, others have none.

    `archives` is the number of closed pages. The newest of them follows, or an open one that holds older stories.
    """
    oldest = min((story.number for story in stories), default=1)
    previous = 0 if place.name or place.query else max(archives, page_of(oldest - 1))
    return Channel(
        id=place.id,
        title=place.title,
        base_url=place.base,
        urls={suffix: place.url(suffix) for suffix in SUFFIXES},
        home_url=place.home(),
        language=_common_language(stories),
        updated=_updated(stories),
        prev_archive=_archive_urls(place, previous),
    )


def archive(place: Place, page: int, stories: Sequence[Story], *, archives: int) -> Channel:
    """The head of the archive page of that number, counted from 1, the oldest; `archives` of them are closed."""
    return Channel(
        id=place.id,
        title=place.title,
        base_url=place.base,
        urls=_archive_urls(place, page),
        home_url=place.home(),
        language=_common_language(stories),
        updated=_updated(stories),
        prev_archive=_archive_urls(place, page - 1),
        next_archive=_archive_urls(place, page + 1 if page < archives else 0),
        current={suffix: place.url(suffix) for suffix in SUFFIXES},
        archive=True,
    )


def page_of(number: int) -> int:
    """The archive page that holds this `entered` number; 0 for the number 0."""
    return (number - 1) // PAGE_SIZE + 1


def _archive_urls(place: Place, page: int) -> Mapping[str, str]:
    return {suffix: f"{place.base}/archive/{page}.{suffix}" for suffix in SUFFIXES} if page > 0 else {}


def _updated(stories: Sequence[Story]) -> datetime:
    return max((story.updated for story in stories), default=_NEVER)


def _common_language(stories: Sequence[Story]) -> str:
    found = {language(story.language) for story in stories}
    return found.pop() if len(found) == 1 else ""
