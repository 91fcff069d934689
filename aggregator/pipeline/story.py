"""The second half of the way, story by story: fetch.page | clean | match | dedup | storage.add.

A story whose page can't be had is published with what its feed carries, marked so, and its page is tried again with
growing gaps. A story that a rule drops is remembered with the rule. Each step may be lost to a crash and done again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import Literal

from aggregator import sanitize, urls
from aggregator.errors import AggregatorError, FetchError, WorkerError
from aggregator.model import Article, Cleaned, Document, Entry, Feed, Source
from aggregator.pipeline.edges import Edges, cleaner
from aggregator.pipeline.pages import Reader, Use, as_document, had, whole_story
from aggregator.pipeline.rules import Judgement, Rules, judge, subject
from aggregator.pipeline.teaser import wants_page
from aggregator.storage.records import Addition, Work

# When a page is tried again: after the first failure, the second ... and then no more.
RETRIES = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12), timedelta(days=2), timedelta(days=7))
# A page that will not come back is not asked for again.
FINAL = frozenset({"gone", "not_html", "robots", "blocked_address", "too_large"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one story."""

    outcome: Literal["stored", "updated", "duplicate", "unchanged", "rejected", "postponed"]
    feed_url: str
    error_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is to clean, and why it isn't the page when it isn't."""

    document: Document
    error: AggregatorError | None = None


async def work_story(edges: Edges, rules: Rules, work: Work, *, source: Source) -> Done:
    """Take one story as far as it goes today."""
    feed = rules.feeds.get(work.feed_url) or Feed(url=work.feed_url, name=work.feed_url)
    source = replace(source, name=feed.name)
    page = work.page and wants_page(feed, work.entry)
    early = _judge(rules, feed, work, None if page else work.entry.text)
    if early.keep is False and work.article_key is None:
        return await _reject(edges, rules, work, early)
    found, cleaned = await _read(edges, feed, work, source.language, page=page)
    next_try = _next_try(work, cleaned.article, found.error, now=edges.now()) if page else None
    verdict = _judge(rules, feed, work, f"{cleaned.article.title}\n{cleaned.article.text}\n{work.entry.text}")
    if verdict.keep is False and work.article_key is None:
        if next_try and early.keep is None and found.error:
            return await postpone(edges, work, next_try, found.error)
        return await _reject(edges, rules, work, verdict)
    added = await edges.joined(
        edges.storage.add_article,
        Addition(
            entry_id=work.entry_id,
            entry=work.entry,
            cleaned=cleaned,
            feed_url=work.feed_url,
            tags=feed.tags,
            priority=feed.priority,
            source=source,
            first_seen=work.first_seen,
            next_try=next_try,
            attempts=work.attempts + 1,
            live=work.live,
            error_class=found.error.error_class if found.error else "",
        ),
        now=edges.now(),
    )
    if added.outcome == "stored":
        await _learn(edges, work, cleaned, source)
    return Done(outcome=added.outcome, feed_url=work.feed_url)


async def _learn(edges: Edges, work: Work, cleaned: Cleaned, source: Source) -> None:
    """Clean the feed's last stories once more where they hold what this one has shown to be the site's chrome."""
    for entry_id in edges.recent.holding(work.feed_url, cleaned):
        for earlier in await edges.stored(edges.storage.recleanable, None, after=entry_id - 1, limit=1):
            if earlier.entry_id == entry_id:
                await reclean(edges, earlier, source=source)
    edges.recent.note(work.feed_url, work.entry_id, cleaned)


async def reclean(edges: Edges, work: Work, *, source: Source) -> str:
    """Clean the stored page of a story again, or its feed's words; gives what became of the article."""
    document = await edges.stored(edges.storage.page, work.entry.url)
    if work.origin == "feed" and document is None:
        document = _from_feed(work.entry, work.feed_url)
    if document is None:
        return "no page"
    first = await _clean(edges, work.entry, Found(document=document), source.language)
    whole = await whole_story(_reader(edges, None), first, work.entry, size=len(document.body))
    further = whole.cleaned.further
    if (further.following or further.whole) and not await _reaches_as_far(edges, work, whole.cleaned):
        return "pages missing"
    cleaned = _as_fed(whole.cleaned, work.entry)
    addition = Addition(
        entry_id=work.entry_id,
        entry=work.entry,
        cleaned=cleaned,
        feed_url=work.feed_url,
        source=source,
        first_seen=work.first_seen,
        live=work.live,
    )
    return (await edges.stored(edges.storage.add_article, addition, now=edges.now())).outcome


def _judge(rules: Rules, feed: Feed, work: Work, text: str | None) -> Judgement:
    return judge(rules, feed, subject(feed, work.entry, text=text, first_seen=work.first_seen), now=work.first_seen)


async def _reject(edges: Edges, rules: Rules, work: Work, judgement: Judgement) -> Done:
    await edges.joined(edges.storage.reject, work.entry_id, rule=judgement.rule, rule_hash=rules.hash(work.feed_url))
    return Done(outcome="rejected", feed_url=work.feed_url)


async def postpone(edges: Edges, work: Work, next_try: datetime, error: AggregatorError) -> Done:
    """Leave the story pending until `next_try`."""
    await edges.joined(
        edges.storage.postpone,
        work.entry_id,
        next_try=next_try,
        attempts=work.attempts + 1,
        error_class=error.error_class,
    )
    return Done(outcome="postponed", feed_url=work.feed_url, error_class=error.error_class)


async def _read(edges: Edges, feed: Feed, work: Work, language: str, *, page: bool) -> tuple[Found, Cleaned]:
    """The clean story, of all its pages when it has several, and what it was made of. `language` is the feed's."""
    found = Found(document=_from_feed(work.entry, feed.url))
    if not page:
        return found, _as_fed(await _clean(edges, work.entry, found, language), work.entry)
    # A page that had nothing whole is asked for anew. Of an edited entry all pages may have changed too.
    edited = work.article_key is not None and not work.attempts
    reader = _reader(edges, feed, further="asked again" if edited else "taken")
    found = await _find(reader, work.entry.url, "ignored" if work.attempts else reader.further, otherwise=found)
    first = await _clean(edges, work.entry, found, language)
    if found.error:
        return found, _as_fed(first, work.entry)
    whole = await whole_story(reader, first, work.entry, size=len(found.document.body))
    return replace(found, error=whole.error), _as_fed(whole.cleaned, work.entry)


async def _find(reader: Reader, url: str, use: Use, *, otherwise: Found) -> Found:
    """The first page, or what the feed carries."""
    try:
        document, new = await had(reader, url, use)
    except FetchError as error:
        return replace(otherwise, error=error)
    if new:
        await reader.save(url, document)
    return Found(document=document)


def _reader(edges: Edges, feed: Feed | None, *, further: Use = "taken") -> Reader:
    """A story's pages from the store and from the network; without a feed nothing is fetched."""
    storage = edges.storage

    async def stored(url: str) -> Document | None:
        return await edges.stored(storage.page, url)

    async def fetch(url: str, kept: Document | None) -> Document:
        answer = await edges.fetcher.page(url, feed=feed, kept=kept)
        return kept if kept is not None and answer.status == HTTPStatus.NOT_MODIFIED else as_document(answer)

    async def save(url: str, document: Document) -> object:
        return await edges.stored(storage.save_page, url, document, now=edges.now())

    async def clean(document: Document, entry: Entry | None) -> Cleaned:
        return await _cleaned(edges, document, entry)

    return Reader(
        stored=stored,
        fetch=fetch if feed else _not_stored,
        save=save,
        clean=clean,
        workers=edges.workers,
        further=further,
    )


async def _not_stored(url: str, _: Document | None) -> Document:
    raise FetchError(f"{url}: not stored, and nothing is fetched", error_class="http_4xx", status=404)


async def _reaches_as_far(edges: Edges, work: Work, cleaned: Cleaned) -> bool:
    """Does a story, of which a page is stored no longer, hold the end of what the article has?"""
    story = await edges.stored(edges.storage.story, work.article_key) if work.article_key else None
    ends = story.text.split("\n\n")[-3:] if story else []
    return not ends or any(end in cleaned.article.text for end in ends)


def _from_feed(entry: Entry, feed_url: str) -> Document:
    body, url = entry.content or entry.summary, entry.url or feed_url
    return Document(kind="fragment", body=body, url=url, published=entry.published)


async def _cleaned(edges: Edges, document: Document, entry: Entry | None) -> Cleaned:
    site = await edges.joined(edges.storage.site, urls.site(document.url))
    return await edges.workers.run(cleaner(document), document, entry, site, edges.rules_for(document.url))


async def _clean(edges: Edges, entry: Entry, found: Found, language: str) -> Cleaned:
    """The article; a page that kills its worker costs only itself, and the entry's plain text stands in for it.

    `language`: the feed's, which an entry is in unless it says otherwise.
    """
    try:
        known = entry if entry.language or not language else replace(entry, language=language)
        return await _cleaned(edges, found.document, known)
    except (WorkerError, AggregatorError) as error:
        return plain_article(entry, error)


def _as_fed(cleaned: Cleaned, entry: Entry) -> Cleaned:
    """A story goes by the title that its feed gives it, and by its page's where that one is none or cut off.

    Where the feed's words stand, the feed's address does too: the login that its page led to is many stories' address,
    and an entry without a link has none at all.
    """
    article = cleaned.article
    if article.origin == "feed":
        article = replace(article, url=entry.url, canonical_url="")
    cut_off = entry.title.endswith(("…", "...")) and article.title.startswith(entry.title.rstrip(" .…"))
    if entry.title and not cut_off:
        article = replace(article, title=entry.title)
    return cleaned if article == cleaned.article else replace(cleaned, article=article)


def plain_article(entry: Entry, error: AggregatorError) -> Cleaned:
    """The entry's words without any markup: for what no cleaner survives."""
    paragraphs = [part.strip() for part in sanitize.legal(entry.text).split("\n") if part.strip()]
    article = Article(
        title=entry.title,
        html="".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs),
        text="\n\n".join(paragraphs),
        url=entry.url,
        author=entry.author,
        published=entry.published,
        quality="failed",
        origin="feed",
    )
    return Cleaned(article=article, layer=f"plain text, because cleaning failed: {error.error_class}")


def _next_try(work: Work, article: Article, error: AggregatorError | None, *, now: datetime) -> datetime | None:
    """When the page is asked for again: never when it was had whole, is gone for good, or was tried often enough."""
    if error is None and article.quality in {"full", "paywalled"}:
        return None
    if (error and error.error_class in FINAL) or work.attempts >= len(RETRIES):
        return None
    if isinstance(error, FetchError) and error.status == 404 and work.attempts >= 1:
        return None
    return now + RETRIES[work.attempts]
