"""The JSON API below /api, described by /api/openapi.json. Reads only."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from aggregator.errors import StorageError
from aggregator.model import FeedStatus, Quality, Story
from aggregator.publish import entry, notation
from aggregator.web.deps import WebDeps
from aggregator.web.rows import SourceRow, source_rows
from aggregator.web.selection import MAX_NUMBER, MAX_QUERY, moment, select
from aggregator.websub import Step


class Place(BaseModel):
    """A name with an address."""

    name: str
    url: str


class Source(BaseModel):
    """The feed and site that a story came from; empty for an import."""

    title: str
    feed_url: str
    site_url: str


class Attachment(BaseModel):
    """A file that comes with a story. `length` is in bytes, 0 when unknown."""

    url: str
    type: str
    length: int


class StoryHead(BaseModel):
    """A story without its text. `number` grows in the order of arrival."""

    key: int
    id: str
    number: int
    title: str
    url: str = Field(description="where to read it; empty for an import without an address")
    author: str
    published: datetime
    updated: datetime
    language: str
    summary: str
    image: str
    quality: Quality
    tags: list[str]
    categories: list[str]
    source: Source


class StoryWhole(StoryHead):
    """A story with its clean text."""

    html: str = Field(description="sanitised")
    text: str = Field(description="paragraphs parted by an empty line")
    attachments: list[Attachment]
    also_in: list[Place]


class StoryPage(BaseModel):
    """Stories, newest first by number. `next_before` asks for the next page; null on the last."""

    stories: list[StoryHead]
    next_before: int | None


class HubView(BaseModel):
    """How a feed stands with the hub that it names."""

    url: str
    state: Step = Field(description="`unused`, `asked`, `confirmed`, `delivers` (it is polled more rarely) or `denied`")
    lease_end: datetime | None
    delivered: datetime | None = Field(description="when it last brought something")
    error_class: str
    error: str


class FeedView(BaseModel):
    """A configured feed and what is remembered of it."""

    name: str
    url: str
    tags: list[str]
    state: FeedStatus
    error_class: str
    error: str
    failures: int
    last_success: datetime | None
    next_poll: datetime | None
    articles: int
    polls: int
    not_modified: int = Field(description="polls answered by 304")
    bytes: int = Field(description="received, as sent over the wire")
    hub: HubView | None = Field(description="null: the feed names none")


Search = Annotated[str, Query(max_length=MAX_QUERY, description="the search language of the page")]
Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="only numbers below this")]
OutputName = Annotated[str, Query(max_length=200, description="only what this output of feeds.toml selects")]
Key = Annotated[int, Path(ge=1, le=MAX_NUMBER)]


def create_api(deps: WebDeps) -> FastAPI:
    """The FastAPI application, to be mounted. Its endpoints run in threads."""
    api = FastAPI(title="aggregator", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    api.add_exception_handler(StorageError, _unavailable)

    @api.get("/stories", summary="The newest stories, or what a search selects")
    def stories(q: Search = "", output: OutputName = "", limit: Limit = 30, before: Before = None) -> StoryPage:
        wanted = select(deps.config(), name=output, search=q)
        now = moment(deps.now())
        found = deps.storage.search(wanted.query, limit=limit + 1, now=now, before=before)
        shown = found[:limit]
        return StoryPage(
            stories=[StoryHead.model_validate(_head(story)) for story in shown],
            next_before=shown[-1].number if len(found) > limit else None,
        )

    @api.get("/stories/{key}", summary="One story with its text")
    def story(key: Key) -> StoryWhole:
        found = deps.storage.story(key)
        if found is None:
            raise HTTPException(404, "There is no such story.")
        return _whole(found)

    @api.get("/feeds", summary="The configured feeds and their states")
    def feeds() -> list[FeedView]:
        return [_feed(row) for row in source_rows(deps)]

    return api


def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"retry-after": "30"})


def _head(story: Story) -> dict[str, object]:
    origin = entry.origin(story.source)
    return {
        "key": story.key,
        "id": story.id,
        "number": story.number,
        "title": entry.title(story),
        "url": entry.address(story),
        "author": story.author,
        "published": story.published,
        "updated": story.updated,
        "language": story.language,
        "summary": entry.summary(story),
        "image": notation.address(story.image),
        "quality": story.quality,
        "tags": list(story.tags),
        "categories": list(story.categories),
        "source": Source(title=origin.title, feed_url=origin.feed_url, site_url=origin.site_url),
    }


def _whole(story: Story) -> StoryWhole:
    files = [Attachment(url=item.url, type=item.type, length=item.length) for item in entry.enclosures(story)]
    places = [Place(name=name, url=url) for url, name in entry.copies(story)]
    return StoryWhole.model_validate(
        {**_head(story), "html": story.html, "text": story.text, "attachments": files, "also_in": places}
    )


def _feed(row: SourceRow) -> FeedView:
    state = row.state
    return FeedView(
        name=row.name,
        url=row.address,
        tags=list(row.tags),
        state=row.status,
        error_class=state.error_class,
        error=state.error,
        failures=state.failures,
        last_success=state.last_success,
        next_poll=state.next_poll,
        articles=state.articles,
        polls=state.polls,
        not_modified=state.not_modified,
        bytes=state.bytes_in,
        hub=HubView.model_validate(asdict(row.hub)) if row.hub else None,
    )
