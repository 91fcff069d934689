"""The pages for people: stories and search, one article, the sources. Markup stands in the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.publish import FORMATS, channel
from aggregator.web.answers import answer, prepare
from aggregator.web.deps import Config, WebDeps
from aggregator.web.door import closed
from aggregator.web.looks import Looks, root_of
from aggregator.web.rows import health_of, source_rows, trouble_first
from aggregator.web.selection import Selection, moment, number, row_number, select

PAGE_SIZE: Final = 30
SOURCES: Final = 200  # on a page
_CACHE: Final = "private, no-cache"  # kept by the browser, asked for again each time
_FIRST_POLL_REFRESH: Final = {"refresh": "20"}  # seconds, only while there is nothing to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a page shows, as a feed: `url` is absolute, `link` relative to the page."""

    label: str
    media_type: str
    url: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The handlers. They are plain functions, so Starlette runs each in a thread."""

    deps: WebDeps
    looks: Looks

    def routes(self) -> list[Route]:
        """Where the pages are."""
        return [
            Route("/", self.stories),
            Route("/articles/{key}", self.article),
            Route("/sources", self.sources),
        ]

    def stories(self, request: Request) -> Response:
        """The latest stories, an output's, or what a search finds; a bad search shows its sentence in place."""
        config = self.deps.config()
        name, search = request.query_params.get("output", ""), request.query_params.get("q", "")
        before = number(request.query_params, "before")
        try:
            wanted, wrong = select(config, name=name, search=search), ""
        except HTTPException as error:
            if error.status_code != 400:
                raise
            wanted, wrong = select(config, name=name), error.detail
        values = self._stories(config, wanted, before, wrong=wrong)
        shown = {"search": search.strip(), **values}
        headers = _FIRST_POLL_REFRESH if values["waiting"] else {}
        response = self._page(request, "stories.html", shown, headers)
        if wrong:
            response.status_code = 400
        return response

    def article(self, request: Request) -> Response:
        """One clean article."""
        key = row_number(request.path_params["key"])
        story = self.deps.storage.story(key) if key else None
        if story is None:
            raise HTTPException(404, "There is no such article.")
        return self._page(request, "article.html", {"story": story, "title": story.title})

    def sources(self, request: Request) -> Response:
        """Every feed's state, trouble first, a few hundred a page."""
        rows, page = source_rows(self.deps), number(request.query_params, "page") or 1
        start = (page - 1) * SOURCES
        if start >= max(len(rows), 1):
            raise HTTPException(404, "There is no such page of sources.")
        values = {
            "rows": sorted(rows, key=trouble_first)[start : start + SOURCES],
            "health": health_of(self.deps),
            "page": page,
            "pages": -(-len(rows) // SOURCES),
            "title": "Sources",
        }
        return self._page(request, "sources.html", values)

    def _stories(self, config: Config, wanted: Selection, before: int | None, *, wrong: str) -> dict[str, Any]:
        now, find = moment(self.deps.now()), self.deps.storage.search
        found = () if wrong else find(wanted.query, limit=PAGE_SIZE + 1, now=now, before=before, live=not wanted.search)
        shown, health = found[:PAGE_SIZE], health_of(self.deps)
        older = shown[-1].number if len(found) > PAGE_SIZE else 0
        nothing = not shown and not wrong and wanted.everything and before is None
        return {
            "title": wanted.output.title if wanted.output else config.title,
            "wrong": wrong,
            "searched": wanted.search,
            "stories": channel.arranged(shown),
            "older": _link(wanted, before=older) if older else "",
            "newest": _link(wanted) if before is not None else "",
            "output": wanted.output,
            "outputs": config.outputs,
            "subscribe": subscriptions(config, wanted),
            "health": health,
            "nothing": nothing,
            "waiting": nothing and health["waiting"],
        }

    def _page(
        self, request: Request, template: str, values: Mapping[str, Any], headers: dict[str, str] | None = None
    ) -> Response:
        config = self.deps.config()
        common = {"site": config, "root": root_of(request), "now": self.deps.now(), "locked": closed(config)}
        body = self.looks.render(template, {**common, **values})
        return answer(request, prepare(body, "text/html; charset=utf-8"), cache=_CACHE, headers=headers)


def subscriptions(config: Config, wanted: Selection) -> list[Subscription]:
    """What is shown, in every format."""
    name = wanted.output.name if wanted.output else ""
    place = channel.Place(title="", base_url=config.base_url, instance="", name=name, query=wanted.search)
    return [
        Subscription(
            label=form.label,
            media_type=form.media_type,
            url=place.url(form.suffix),
            link=place.url(form.suffix).removeprefix(f"{place.base}/"),
        )
        for form in FORMATS.values()
    ]


def _link(wanted: Selection, before: int | None = None) -> str:
    named = {"output": wanted.output.name if wanted.output else "", "q": wanted.search, "before": before}
    query = urlencode({name: value for name, value in named.items() if value})
    return f"?{query}" if query else "./"
