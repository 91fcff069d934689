"""The way of an imported document: clean | match when asked | dedup | storage.add. Feeds' rules don't apply.

The same file twice adds nothing; an import that was cut off goes on where it stopped, since what is stored is known
by the document's own hash.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import heappush, heappushpop
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from aggregator import query, urls
from aggregator.errors import AggregatorError
from aggregator.model import Cleaned, Document, Entry, Source
from aggregator.pipeline.edges import Edges, cleaner
from aggregator.storage.records import Addition

if TYPE_CHECKING:  # the readers of mail and archives are loaded by who reads them
    from aggregator.importing import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says of all documents of one import."""

    url: str = ""
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    match: query.Query | None = None
    live_limit: int = 20  # undated documents that enter the live feed
    again: bool = False  # also what was imported before: by today's cleaner and what the user says of a site


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one document, or of one feed of a list: `added` to feeds.toml or `known` to it."""

    name: str
    outcome: Literal["stored", "updated", "duplicate", "unchanged", "rejected", "failed", "skipped", "added", "known"]
    key: int | None = None
    error_class: str = ""
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Window:
    """How many more undated documents may enter the live feed, and the dates of what stands in it, the oldest first."""

    undated: int
    dates: list[datetime]  # a heap
    size: int

    def admits(self, published: datetime | None) -> bool:
        """Whether a document enters the live feed; an undated one uses up a place, a dated one pushes out an older."""
        if published is None:
            self.undated -= 1
            return self.undated >= 0
        if len(self.dates) < self.size:
            heappush(self.dates, published)
            return True
        return published > heappushpop(self.dates, published)


async def import_found(edges: Edges, found: "Found", options: Options, window: Window) -> Imported:
    """Clean and store one document. Its errors come back as its outcome."""
    document = found.document
    if document is None:
        outcome: Literal["skipped", "failed"] = "skipped" if found.skipped else "failed"
        return Imported(name=found.name, outcome=outcome, error_class=found.error_class, error=found.problem)
    key = _import_key(document)
    known = await edges.stored(edges.storage.imported, key)
    if known is not None and not options.again:
        return Imported(name=found.name, outcome="unchanged", key=known)
    url = options.url or document.url
    site = await edges.stored(edges.storage.site, site_key(document, url))
    try:
        evidence = _evidence(document, url)
        cleaned = await edges.workers.run(cleaner(document), document, evidence, site, edges.rules_for(url))
    except AggregatorError as error:
        return Imported(name=found.name, outcome="failed", error_class=error.error_class, error=error.message)
    ready = Prepared(document=document, key=key, cleaned=cleaned, url=url, known=known is not None)
    return await _add(edges, ready, options, window)


def _import_key(document: Document) -> bytes:
    body = document.body if isinstance(document.body, bytes) else document.body.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(body, digest_size=16, person=b"import").digest()


def site_key(document: Document, url: str) -> str:
    """Texts of one folder are taken for one site's when nothing says where they come from."""
    return urls.site(url) if url else f"folder:{PurePath(document.name).parent.name}"


def _evidence(document: Document, url: str) -> Entry | None:
    """What whoever saved the document said of it, told to the cleaner as a feed would tell it."""
    if not (document.title or document.author or document.published):
        return None
    return Entry(guid="", url=url, title=document.title, author=document.author, published=document.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A cleaned document on its way to the store."""

    document: Document
    key: bytes
    cleaned: Cleaned
    url: str
    known: bool  # from an earlier import: it takes no place in the live feed again


async def _add(edges: Edges, ready: Prepared, options: Options, window: Window) -> Imported:
    document, article, name = ready.document, ready.cleaned.article, ready.document.name
    published = options.published or document.published or article.published
    if not article.text:
        return Imported(name=name, outcome="failed", error_class="clean", error=f"{name}: no article found in it")
    now = edges.now()
    if options.match is not None and not _matches(options, ready, published, now):
        return Imported(name=name, outcome="rejected")
    entry = Entry(
        guid="", url=ready.url or article.url, title=article.title, author=article.author, published=published
    )
    addition = Addition(
        entry_id=None,
        entry=entry,
        cleaned=ready.cleaned,
        tags=(*options.tags, *document.tags),
        source=Source(),
        first_seen=now,
        import_key=ready.key,
        live=not ready.known and window.admits(published),
        again=options.again,
        site_key=site_key(document, ready.url),
    )
    added = await edges.stored(edges.storage.add_article, addition, now=now)
    return Imported(name=name, outcome=added.outcome, key=added.key)


def _matches(options: Options, ready: Prepared, published: datetime | None, now: datetime) -> bool:
    article = ready.cleaned.article
    about = query.Subject(
        title=article.title,
        text=article.text,
        author=article.author,
        url=ready.url,
        feed="",
        tags=(*options.tags, *ready.document.tags),
        language=article.language,
        published=published or now,
    )
    return options.match is None or query.matches(options.match, about, now=now) is True


def window(undated: int, live_dates: Iterable[datetime], limit: int) -> Window:
    """The live feed as it stands: once it is full, a dated document older than all of it stays out."""
    dates = sorted(live_dates)  # which is a heap
    return Window(undated=undated, dates=dates, size=max(limit, len(dates)))
