"""A story over several pages: the rest of it is read and put together, page by page.

Bounded: MAX_PAGES, no further one once MAX_BYTES have come, each address once. Where a page can't be had, the story is
what came before it and is called a part; where there is no such page, it is whole.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from aggregator import urls
from aggregator.errors import AggregatorError, CleanError, FetchError
from aggregator.model import Cleaned, Document, Entry, FetchResult
from aggregator.workers import Remote, Workers

MAX_PAGES: Final = 10  # of one story
MAX_BYTES: Final = 8 * 2**20  # of all its pages
JOINED: Final[Remote[Cleaned | None]] = Remote("aggregator.clean", "joining.joined", "ready_for_documents")
ON_ONE_PAGE: Final[Remote[Cleaned | None]] = Remote("aggregator.clean", "joining.on_one_page", "ready_for_documents")

_NO_PAGE: Final = frozenset({404, 410})

Use = Literal["taken", "asked again", "ignored"]  # what becomes of a page that is stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How pages are had. `fetch` raises FetchError, `clean` AggregatorError; `save` keeps what was fetched.

    `fetch` is given the page that is stored, if any, and gives it back where the site says that it is still the same.
    `further` says what stored further pages are good for.
    """

    stored: Callable[[str], Awaitable[Document | None]]
    fetch: Callable[[str, Document | None], Awaitable[Document]]
    save: Callable[[str, Document], Awaitable[object]]
    clean: Callable[[Document, Entry | None], Awaitable[Cleaned]]
    workers: Workers
    further: Use = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The story as far as it could be read, and why no further."""

    cleaned: Cleaned
    error: AggregatorError | None = None


def as_document(answer: FetchResult) -> Document:
    """A page that was fetched, to be cleaned."""
    kind = answer.headers.get("content-type", "")
    return Document(
        kind="page",
        body=answer.body,
        url=answer.final_url,
        content_type=kind,
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
    )


async def had(reader: Reader, url: str, use: Use) -> tuple[Document, bool]:
    """A page, from the store or fetched, and whether it is to be stored now. FetchError."""
    stored = None if use == "ignored" else await reader.stored(url)
    if stored is not None and use == "taken":
        return stored, False
    document = await reader.fetch(url, stored)
    return document, document is not stored


async def whole_story(reader: Reader, first: Cleaned, entry: Entry | None, *, size: int) -> Whole:
    """The story that `first` is the first page of, which had `size` bytes. What a page does wrong is in the result."""
    article, further = first.article, first.further
    begins = further.stated or further.number <= 1  # an entry that names page 3 means that one
    if article.origin != "page" or article.quality not in {"full", "teaser"} or not begins:
        return Whole(cleaned=first)
    whole = await _on_one_page(reader, first, entry) if further.whole else Whole(cleaned=first)
    if whole.cleaned is not first or not further.following:
        return whole
    return await _followed(reader, first, size)


async def _on_one_page(reader: Reader, first: Cleaned, entry: Entry | None) -> Whole:
    try:
        page, _ = await _read(reader, first.further.whole, entry)
        whole = await reader.workers.run(ON_ONE_PAGE, first, page)
    except AggregatorError as error:
        return _ended(first, error) if not first.further.following else Whole(cleaned=first)
    return Whole(cleaned=whole or first)


async def _followed(reader: Reader, story: Cleaned, size: int) -> Whole:
    seen = {urls.canonical(story.article.url)}
    for _ in range(MAX_PAGES - 1):
        url = story.further.following
        if not url or urls.canonical(url) in seen or size > MAX_BYTES:
            break
        try:
            page, read = await _read(reader, url, None)
            came = urls.canonical(page.article.url)
            if came in seen:
                break
            seen |= {urls.canonical(url), came}
            size += read
            longer = await reader.workers.run(JOINED, story, page) if page.article.text else None
        except AggregatorError as error:
            return _ended(story, error)
        if longer is None:
            break
        story = longer
    return Whole(cleaned=story)


async def _read(reader: Reader, url: str, entry: Entry | None) -> tuple[Cleaned, int]:
    """A clean page and its bytes. A wall is no page: it may be gone later, and isn't kept."""
    document, new = await had(reader, url, reader.further)
    page = await reader.clean(document, entry)
    if page.article.quality in {"blocked", "failed"}:
        raise CleanError(f"{url}: a page of the story, of which nothing could be read")
    if new:
        await reader.save(url, document)
    return page, len(document.body)


def _ended(story: Cleaned, error: AggregatorError) -> Whole:
    """The story up to a page that wasn't had: all of it when there is no such page, else a part."""
    if isinstance(error, FetchError) and error.status in _NO_PAGE:
        return Whole(cleaned=story)
    return Whole(cleaned=replace(story, article=replace(story.article, quality="teaser")), error=error)
