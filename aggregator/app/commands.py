"""What commands do that ends by itself: a round, an import, a second cleaning, a look at feeds and pages."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aggregator import urls
from aggregator.app.build import now, open_edges, open_fetcher, open_workers, rules_of
from aggregator.app.rulefiles import read_rules
from aggregator.config import Config
from aggregator.errors import AggregatorError, ConfigError, FetchError, ParseError
from aggregator.model import Cleaned, Document, Entry, Feed, FeedState, FetchResult, ParsedFeed, Refresh, Site
from aggregator.pipeline.backfill import Imported, Options, import_found, site_key, window
from aggregator.pipeline.edges import PARSE, cleaner, site_rule
from aggregator.pipeline.pages import Reader, Whole, as_document, whole_story
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.rules import judge, subject
from aggregator.storage import Storage
from aggregator.workers import Remote, Workers

if TYPE_CHECKING:  # the readers of mail and archives are loaded by who reads them
    from aggregator.importing import Found

FIND_FEEDS: Final[Remote[tuple[Any, ...]]] = Remote("aggregator.parse", "find_feeds")
PROBES = 5  # candidates that `add` looks at before it gives up


async def poll_round(
    config: Config,
    storage: Storage,
    *,
    only: Collection[str] | None,
    everything: bool,
    told: Callable[[Refresh], None],
) -> dict[str, int]:
    """One round; counts of feeds by outcome (`feeds_...`) and of stories by what became of them."""
    with storage.poller_lock():
        async with open_edges(config, storage) as edges:
            await edges.stored(storage.sync_feeds, config.feeds, now())
            rounds = Rounds(edges, rules_of(config), first_entries=config.first_entries, on_refresh=told)
            await rounds.load()
            rounds.start_due(only=only, everything=everything)
            try:
                await rounds.finish()
            finally:
                await rounds.close()
            return dict(rounds.counts)


async def import_paths(
    config: Config, storage: Storage, paths: Sequence[str], options: Options, *, told: Callable[[Imported], None]
) -> None:
    """Import files and folders, one document after another, in order of their names."""
    from aggregator import importing

    found = importing.documents(paths)
    dates = [story.published for story in storage.live(config.limit, now=now())]
    places = window(options.live_limit, dates, config.limit)
    async with open_edges(config, storage) as edges:
        while (one := await asyncio.to_thread(next, found, None)) is not None:
            told(await import_found(edges, one, options, places))


async def reclean_pages(
    config: Config, storage: Storage, since: datetime | None, *, told: Callable[[], None]
) -> dict[str, int]:
    """Clean the stored pages again with today's cleaner; articles are updated in place. Nothing is fetched."""
    from aggregator.pipeline.story import reclean

    counts: Counter[str] = Counter()
    async with open_edges(config, storage) as edges:
        after = 0
        while batch := await edges.stored(storage.recleanable, since, after=after, limit=100):
            after = batch[-1].entry_id
            for work in batch:
                story = await edges.stored(storage.story, work.article_key or 0)
                if story is not None:  # else pruned since the batch was read
                    counts[await reclean(edges, work, source=story.source)] += 1
                told()
    return dict(counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A feed that `add` found."""

    url: str
    title: str
    entries: int


async def discover(config: Config, url: str) -> Discovered:
    """The feed at an address, or the first one that the page there names. The body that was fetched is used."""
    if not urls.is_http(url):
        raise ConfigError(f"{url!r} is no web address: it must begin with https:// or http://")
    fetcher = open_fetcher(config)
    try:
        async with open_workers(config) as workers:
            answer = await fetcher.get(url)
            try:
                return _discovered(answer, await _parse(workers, answer))
            except ParseError as error:
                return await _behind_page(workers, fetcher.get, answer, error)
    finally:
        await fetcher.aclose()


async def _parse(workers: Workers, answer: FetchResult) -> ParsedFeed:
    return await workers.run(
        PARSE,
        answer.body,
        url=answer.final_url,
        content_type=answer.headers.get("content-type", ""),
    )


def _discovered(answer: FetchResult, parsed: ParsedFeed) -> Discovered:
    url = answer.moved_to or answer.url
    return Discovered(url=url, title=parsed.title, entries=len(parsed.entries))


async def _behind_page(workers: Workers, get: Any, answer: FetchResult, reason: ParseError) -> Discovered:
    links = await workers.run(FIND_FEEDS, answer.body, answer.final_url)
    for link in links[:PROBES]:
        try:
            candidate = await get(link.url)
            return _discovered(candidate, await _parse(workers, candidate))
        except (FetchError, ParseError):
            continue  # the next candidate may be one; if none is, the error below says so
    named = f"{len(links)} feeds, of which none can be read" if links else "no feed: look for its address on the site"
    said = reason.message.partition(";")[0]  # what is behind it sends to this very command
    raise FetchError(f"{answer.url}: {said}; it names {named}", error_class="not_a_feed")


async def try_feeds(config: Config, *, told: Callable[[], None]) -> list[dict[str, Any]]:
    """Ask each feed once, storing nothing: entries, how many would be kept so far as titles tell, or the error."""
    fetcher = open_fetcher(config)
    rules = rules_of(config)
    places = asyncio.Semaphore(config.limits.concurrency)

    async def ask(workers: Workers, feed: Feed) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": feed.name,
            "url": urls.without_login(feed.url),
            "entries": 0,
            "kept": 0,
            "error_class": "",
            "error": "",
        }
        try:
            async with places:
                answer = await fetcher.feed(feed, FeedState(url=feed.url), now=now())
                parsed = await _parse(workers, answer)
            moment = now()
            verdicts = [
                judge(rules, feed, subject(feed, entry, text=None, first_seen=moment), now=moment)
                for entry in parsed.entries
            ]
            row |= {"entries": len(verdicts), "kept": sum(verdict.keep is not False for verdict in verdicts)}
        except AggregatorError as error:
            row |= {"error_class": error.error_class, "error": error.message}
        told()
        return row

    try:
        async with open_workers(config) as workers:
            return await asyncio.gather(*(ask(workers, feed) for feed in config.feeds))
    finally:
        await fetcher.aclose()


def look_at_rules(folder: Path | None) -> tuple[list[str], list[str]]:
    """The folder of site rules: what is wrong in it, by file and line, and what the files use without effect."""
    from aggregator.clean.siterules import parse_rules

    files = read_rules(folder)
    wrong, ignored = list(files.problems), []
    for host, text in files.texts.items():
        rules = parse_rules(text)
        wrong += [f"{files.paths[host]}, {problem}" for problem in rules.problems]
        ignored += [f"{files.paths[host]}, {line}" for line in rules.ignored]
    return wrong, ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A document that was cleaned to be shown, or why there is none: `skipped` is of a kind that holds no article."""

    name: str
    whole: Whole | None = None
    problem: str = ""
    skipped: bool = False


async def clean_all(
    config: Config, path: str, *, memory: Callable[[str], Site], told: Callable[[Looked], None]
) -> None:
    """Clean what a file, a folder or standard input holds, one after another, or an address with what follows it.

    `memory` gives what is known of a site. FetchError when the address gives nothing.
    """
    rules = read_rules(config.rules).texts
    async with open_workers(config) as workers:

        async def clean(document: Document, entry: Entry | None) -> Cleaned:
            site = memory(site_key(document, document.url))
            return await workers.run(cleaner(document), document, entry, site, site_rule(rules, document.url))

        if urls.is_http(path):
            told(Looked(name=path, whole=await _fetched(config, workers, path, clean)))
            return
        from aggregator import importing

        found = importing.documents([path])
        while (one := await asyncio.to_thread(next, found, None)) is not None:
            told(await _looked(one, clean))


async def _fetched(
    config: Config, workers: Workers, url: str, clean: Callable[[Document, Entry | None], Awaitable[Cleaned]]
) -> Whole:
    fetcher = open_fetcher(config)

    async def fetch(address: str, _: Document | None = None) -> Document:
        return as_document(await fetcher.page(address))

    try:
        document = await fetch(url)
        reader = Reader(stored=_nothing, fetch=fetch, save=_nothing, clean=clean, workers=workers)
        return await whole_story(reader, await clean(document, None), None, size=len(document.body))
    finally:
        await fetcher.aclose()


async def _looked(found: "Found", clean: Callable[[Document, Entry | None], Awaitable[Cleaned]]) -> Looked:
    if found.document is None:
        return Looked(name=found.name, problem=found.problem, skipped=found.skipped)
    try:
        return Looked(name=found.name, whole=Whole(cleaned=await clean(found.document, None)))
    except AggregatorError as error:
        return Looked(name=found.name, problem=f"{found.name}: {error.message}")


async def _nothing(*_: object) -> None:
    """What is cleaned to be shown is neither looked for in the store nor kept."""
