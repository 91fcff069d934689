"""The feeds: of everything, named outputs, searches, archive pages, and the list of feeds as OPML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.model import Channel, Story
from aggregator.publish import FORMATS, Format, channel, health, opml
from aggregator.publish.channel import Place
from aggregator.web.answers import Rendering, answer, prepare
from aggregator.web.deps import Config, WebDeps
from aggregator.web.door import closed
from aggregator.web.renderings import Renderings, Threads
from aggregator.web.selection import MAX_NUMBER, Selection, moment, row_number, select

MAX_AGE: Final = 300  # seconds
ARCHIVE_MAX_AGE: Final = 86400  # seconds: only an edited story changes a closed page
_CORS: Final = {"access-control-allow-origin": "*"}
_SUFFIXES: Final = {form.suffix: form for form in FORMATS.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """The handlers. Each answer comes out of the cache unless the store has changed."""

    deps: WebDeps
    renderings: Renderings
    threads: Threads

    def routes(self) -> list[Route]:
        """Where the feeds are."""
        return [
            Route("/feed.{suffix}", self.feed),
            Route("/feeds/{name}.{suffix}", self.feed),
            Route("/archive/{page}.{suffix}", self.archive),
            Route("/opml.xml", self.opml),
            Route(f"/{health.PATH}", self.health),
        ]

    async def feed(self, request: Request) -> Response:
        """A live feed in one of the formats, narrowed by ?q=."""
        form = _format(request)
        config = self.deps.config()
        wanted = select(config, name=request.path_params.get("name", ""), search=request.query_params.get("q", ""))
        key = ("feed", form.suffix, wanted.search, *_head_of(config, wanted))
        rendering = await self.renderings.get(
            key, partial(live_rendering, self.deps, config, form, wanted), moment=moment(self.deps.now())
        )
        return answer(request, rendering, cache=_cache(config, MAX_AGE), headers=_CORS)

    async def archive(self, request: Request) -> Response:
        """A page of the archive of everything, by number from the oldest."""
        form, page = _format(request), row_number(request.path_params["page"])
        if not 1 <= page <= MAX_NUMBER // channel.PAGE_SIZE:
            raise HTTPException(404, "There is no such archive page.")
        config = self.deps.config()
        key = ("archive", form.suffix, page, config.title, config.base_url)
        rendering = await self.renderings.get(key, partial(archive_rendering, self.deps, config, form, page))
        return answer(request, rendering, cache=_cache(config, ARCHIVE_MAX_AGE), headers=_CORS)

    async def opml(self, request: Request) -> Response:
        """The configured feeds, to take them elsewhere."""
        config = self.deps.config()
        rendering = await self.threads.run(partial(self._subscriptions, config))
        named = {"content-disposition": 'attachment; filename="feeds.opml"', **_CORS}
        return answer(request, rendering, cache=_cache(config, MAX_AGE), headers=named)

    async def health(self, request: Request) -> Response:
        """What there is to tell of the sources' own trouble, as Atom."""
        config = self.deps.config()
        key = ("health", config.title, config.base_url)
        rendering = await self.renderings.get(key, partial(health_rendering, self.deps, config))
        return answer(request, rendering, cache=_cache(config, MAX_AGE), headers=_CORS)

    def _subscriptions(self, config: Config) -> Rendering:
        body = opml.render(config.feeds, self.deps.storage.feed_states(), config.title)
        return prepare(body, "text/x-opml; charset=utf-8")


def live_rendering(deps: WebDeps, config: Config, form: Format, wanted: Selection) -> Rendering:
    """A live feed in one format."""
    stories = channel.arranged(live_stories(deps, config, wanted))
    place = Place(
        title=title_of(config, wanted),
        base_url=config.base_url,
        instance=deps.storage.instance_id,
        name=wanted.output.name if wanted.output else "",
        query=wanted.search,
    )
    return _rendered(form, channel.live(place, stories, archives=deps.storage.archives()), stories)


def archive_rendering(deps: WebDeps, config: Config, form: Format, page: int) -> Rendering:
    """An archive page of everything in one format, counted from 1, the oldest; HTTPException 404 past the newest."""
    storage = deps.storage
    if page > channel.page_of(storage.last_number()):
        raise HTTPException(404, "There is no such archive page.")
    stories = channel.arranged(storage.archive(page - 1))
    place = Place(title=config.title, base_url=config.base_url, instance=storage.instance_id)
    return _rendered(form, channel.archive(place, page, stories, archives=storage.archives()), stories)


def health_rendering(deps: WebDeps, config: Config) -> Rendering:
    """The feed of the sources' own trouble."""
    events = deps.storage.troubles(health.SHOWN)
    body = health.render(
        events, title=config.title, base_url=config.base_url.rstrip("/"), instance=deps.storage.instance_id
    )
    return prepare(body, "application/atom+xml; charset=utf-8")


def live_stories(deps: WebDeps, config: Config, wanted: Selection) -> Sequence[Story]:
    """The stories of a live feed: the newest `limit`, or two days' worth if that is more."""
    now = moment(deps.now())
    if wanted.everything:
        return deps.storage.live(config.limit, now)
    find: Callable[..., Sequence[Story]] = partial(deps.storage.search, wanted.query, now=now, live=True)
    found = find(limit=config.limit)
    more = len(found) == config.limit < channel.MOST and found[-1].entered_at >= now - channel.WINDOW
    return channel.window(find(limit=channel.MOST), config.limit, now) if more else found


def title_of(config: Config, wanted: Selection) -> str:
    """The feed's title: the configured one, with the search behind it."""
    title = wanted.output.title if wanted.output else config.title
    return f"{title}: {wanted.search}" if wanted.search else title


def _head_of(config: Config, wanted: Selection) -> tuple[object, ...]:
    """What of the configuration shows in a feed: a reload changes it without changing the store."""
    output = wanted.output
    return config.title, config.base_url, config.limit, output and (output.name, output.title, output.query)


def _rendered(form: Format, head: Channel, stories: Sequence[Story]) -> Rendering:
    return prepare(form.render(head, stories), f"{form.media_type}; charset=utf-8")


def _format(request: Request) -> Format:
    form = _SUFFIXES.get(request.path_params["suffix"])
    if form is None:
        raise HTTPException(404, "There are feeds in the formats atom, rss and json.")
    return form


def _cache(config: Config, seconds: int) -> str:
    return f"{'private' if closed(config) else 'public'}, max-age={seconds}"
