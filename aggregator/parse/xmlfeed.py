"""An XML feed, from UTF-8 bytes to ParsedFeed: checked and repaired, cut down to its unknown items, read, finished."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final
from xml.parsers.expat import errors

from aggregator.errors import ParseError
from aggregator.model import Entry, ParsedFeed
from aggregator.parse import entries, identity, incremental, repair, rss, text
from aggregator.parse.dates import parse_date
from aggregator.parse.draft import Draft
from aggregator.parse.incremental import Layout

VERSION: Final = b"1"  # of everything that decides what an item's bytes become; another one parses all items again

_ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel", "entry", "item"})
_OTHERS: Final = {
    "html": "it is a web page; `aggregator add` finds the feeds that a page names",
    "opml": "it is a list of feeds (OPML); save it, and `aggregator import` adds its feeds",
    "urlset": "it is a sitemap",
    "sitemapindex": "it is an index of sitemaps",
    "svg": "it is a picture",
}
_ITEM_START: Final = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_DATE: Final = re.compile(rb"<(?:pubDate|published|updated|dc:date|issued)\b[^<>]*>([^<>]{6,80})<")


def _codes(*messages: str) -> frozenset[int]:
    return frozenset(errors.codes[message] for message in messages)


_BAD_CHARACTERS: Final = _codes(
    errors.XML_ERROR_INVALID_TOKEN, errors.XML_ERROR_UNDEFINED_ENTITY, errors.XML_ERROR_BAD_CHAR_REF
)
_BROKEN_OFF: Final = _codes(
    errors.XML_ERROR_NO_ELEMENTS,
    errors.XML_ERROR_UNCLOSED_TOKEN,
    errors.XML_ERROR_PARTIAL_CHAR,
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
)
_JUNK_BEHIND: Final = _codes(errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
_BOMBS: Final = _codes(errors.XML_ERROR_RECURSIVE_ENTITY_REF) | {43}  # 43: expat's guard against amplification


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A document on its way."""

    document: bytes
    layout: Layout
    url: str
    base: str = ""
    problems: tuple[str, ...] = ()


def parse_xml(document: bytes, *, url: str, known: bytes, max_entries: int) -> ParsedFeed:
    """Raises ParseError not_a_feed or parse_error."""
    base = rss.base_for(document, url)
    layout = incremental.scan_rest(document, salt(url, base), incremental.split_marks(known))
    source = _Source(document=document, layout=layout or incremental.scan(document), url=url, base=base)
    if not layout:
        source = _repaired(source)
        _refuse(source)
    found = None
    if not source.layout.error and not source.layout.unsafe and source.layout.root in _ROOTS:
        found = _by_items(source, known, max_entries)
    return found or _whole(source, incremental.split_shared(known), max_entries)


def salt(url: str, base: str) -> bytes:
    """What, beside its bytes and those around it, decides what becomes of an item."""
    return b"\0".join((VERSION, url.encode(), base.encode()))


def _repaired(source: _Source) -> _Source:
    """The source after as many repairs as help, each recorded as a problem."""
    for _ in range(4):
        step = _next_repair(source)
        if not step:
            break
        problem, document = step
        if document == source.document:
            break
        layout = incremental.scan(document)
        base = rss.base_for(document, source.url)
        problems = (*source.problems, problem)
        source = replace(source, document=document, layout=layout, base=base, problems=problems)
    return source


def _next_repair(source: _Source) -> tuple[str, bytes] | None:
    document, layout = source.document, source.layout
    if layout.excess or not layout.error or layout.error in _BOMBS:
        return None
    if layout.root not in _ROOTS:
        started = b"" if layout.entities else repair.from_start(document)
        return ("something stands before the feed", started) if started else None
    if layout.error in _JUNK_BEHIND:
        return "something stands behind the feed", document[: layout.error_at]
    if layout.error in _BROKEN_OFF and layout.spans and not layout.unsafe:
        return "the feed breaks off: its last, half entry is left out", incremental.closed(document, layout)
    if layout.error in _BAD_CHARACTERS:
        return "bare ampersands, undefined entities or control characters", repair.characters(document)
    return None


def _refuse(source: _Source) -> None:
    """What is no feed, or no feed that may be read."""
    layout = source.layout
    if layout.excess:
        raise ParseError(f"the feed is refused: {layout.excess}", error_class="parse_error")
    if layout.error in _BOMBS or (layout.error and layout.entities):
        message = "the feed is refused: it declares entities of its own, which are broken or expand without end"
        raise ParseError(message, error_class="parse_error")
    begun = layout.error in _BROKEN_OFF and not layout.spans and not layout.unsafe
    if begun and len(list(islice(_ITEM_START.finditer(source.document), 2))) == 1:
        message = "the feed breaks off within its first entry: nothing of it is whole"
        raise ParseError(message, error_class="parse_error")
    if layout.root in _ROOTS or layout.unsafe:
        return
    if layout.error and repair.from_start(source.document):
        return
    page = layout.root == "html" or (layout.error and repair.is_page(source.document))
    reason = _OTHERS.get("html" if page else layout.root, "it is neither RSS, Atom nor JSON Feed")
    raise ParseError(f"the answer is not a feed: {reason}", error_class="not_a_feed")


def _by_items(source: _Source, known: bytes, max_entries: int) -> ParsedFeed | None:
    """Only the unknown items are read. None when feedparser doesn't see the items that lie in the bytes."""
    spans = source.layout.spans
    ascending = _ascending(source.document, spans)
    kept = spans[-max_entries:] if ascending else spans[:max_entries]
    layout = replace(source.layout, spans=kept)
    keys = incremental.keys(source.document, layout, salt(source.url, source.base))
    marks = incremental.split_marks(known)
    fresh = [number for number, key in enumerate(keys) if key not in marks]
    shared = incremental.split_shared(known)
    read = _read_items(source, kept, fresh, _Before(shared=shared))
    if read and _repeats([marks[key] for key in keys if key in marks] + read.marks):
        stored = {number for number, key in enumerate(keys) if key in marks}
        before = _Before(shared=shared, stored=stored)
        read = _read_items(source, kept, range(len(kept)), before)  # only all of them together tell which counts
    if not read:
        return None
    fields = [marks.get(key) for key in keys]
    for number, (claim, entry) in read.results.items():
        fields[number] = identity.mark(claim) if entry else None
    new = [entry for number in fresh if (entry := read.results[number][1])]
    return replace(
        read.feed,
        entries=tuple(new if ascending else reversed(new)),
        unchanged=len(kept) - len(fresh),
        dropped=len(spans) - len(kept),
        items=incremental.joined(zip(keys, fields, strict=True), read.shared),
        problems=(*source.problems, *read.problems)[: entries.PROBLEMS],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What earlier documents told: the ids that several stories have, and which of the items they held too."""

    shared: identity.Shared
    stored: Collection[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Items that were read: by their number in the document, the identity each claims and its entry, if it has one."""

    feed: ParsedFeed
    results: dict[int, tuple[str, Entry | None]]
    shared: identity.Shared
    problems: tuple[str, ...]

    @property
    def marks(self) -> list[bytes]:
        return [identity.mark(claim) for claim, _ in self.results.values() if claim]


def _repeats(marks: list[bytes]) -> bool:
    return len(set(marks)) < len(marks)


def _read_items(
    source: _Source, kept: Sequence[tuple[int, int]], numbers: Sequence[int], before: _Before
) -> _Read | None:
    """The items of these numbers; None when feedparser counts them otherwise."""
    wanted = {kept[number] for number in numbers}
    document = incremental.without(source.document, (span for span in source.layout.spans if span not in wanted))
    raw = _raw(document, source.base)
    if len(raw.entries) != len(numbers):
        return None
    feed = rss.head(raw, source.document, source.url)
    drafts, problems = _drafts(raw, feed, source)
    shared = before.shared
    if len(numbers) == len(kept):
        shared = identity.shared_ids(drafts, before=shared, stored=before.stored)
    results = dict(zip(numbers, entries.finished(drafts, shared), strict=True))
    return _Read(feed=feed, results=results, shared=shared, problems=problems)


def _whole(source: _Source, shared: identity.Shared, max_entries: int) -> ParsedFeed:
    """The whole document at once, by feedparser's loose parser if need be; no item of it will be known next time."""
    starts = _ITEM_START.finditer(source.document)
    beyond = next(islice(starts, max_entries, None), None)
    document = source.document[: beyond.start()] if beyond else source.document
    raw = _raw(document, source.base)
    feed = rss.head(raw, document, source.url)
    drafts, problems = _drafts(raw, feed, source)
    shared = identity.shared_ids(drafts, before=shared, stored=())
    found = [entry for _, entry in entries.finished(drafts, shared) if entry]
    if not raw.entries and source.layout.error:
        message = f"the feed is broken XML, and no entry can be read: {errors.messages[source.layout.error]}"
        raise ParseError(message, error_class="parse_error")
    if not raw.entries and not raw.version:
        raise ParseError("the answer is not a feed: it is neither RSS, Atom nor JSON Feed", error_class="not_a_feed")
    dated = [entry.published for entry in (found[:1] + found[-1:]) if entry.published]
    ascending = len(dated) > 1 and dated[0] < dated[-1]
    return replace(
        feed,
        entries=tuple(found if ascending else reversed(found)),
        dropped=1 + sum(1 for _ in starts) if beyond else 0,
        items=incremental.joined((), shared),
        problems=(*source.problems, *problems, *_reason(source))[: entries.PROBLEMS],
    )


def _reason(source: _Source) -> tuple[str, ...]:
    if source.layout.error:
        return (f"not well-formed: {errors.messages[source.layout.error]}",)
    return (f"always parsed whole: {source.layout.unsafe}",) if source.layout.unsafe else ()


def _raw(document: bytes, base: str) -> rss.Raw:
    """feedparser's reading; a document that it raises on is tried once more without what it is known to raise on."""
    try:
        return _attempted(document, base)
    except ParseError:
        cleaner = repair.no_numeric(document)
        if cleaner == document:
            raise
    return _attempted(cleaner, base)


def _attempted(document: bytes, base: str) -> rss.Raw:
    try:
        return rss.read(document, base)
    except MemoryError:  # the worker's limit, which has an error of its own
        raise
    except Exception as error:  # whatever else feedparser raises, it is this document's fault
        message = f"the feed can't be parsed: {type(error).__name__}: {text.line(str(error), 200)}"
        raise ParseError(message, error_class="parse_error") from error


def _drafts(raw: rss.Raw, feed: ParsedFeed, source: _Source) -> tuple[list[Draft], tuple[str, ...]]:
    """Each of feedparser's entries, and the problems; one that can't be read loses itself alone."""
    base = source.url if feed.kind.startswith("atom") else feed.url or source.url
    day_first = rss.day_first(raw, source.document, feed.language)  # of all of it, since known items are left out
    drafts: list[Draft] = []
    problems: list[str] = []
    for number, entry in enumerate(raw.entries):
        try:
            drafts.append(rss.draft(raw, entry, base, day_first=day_first))
        except MemoryError:
            raise
        except Exception as error:  # hostile fields must not lose the other entries; the problem is reported
            drafts.append(Draft())
            problems.append(f"entry {number + 1} is left out: {type(error).__name__}: {text.line(str(error), 100)}")
    return drafts, tuple(problems)


def _ascending(document: bytes, spans: Sequence[tuple[int, int]]) -> bool:
    """Does the oldest item stand first? Most feeds begin with the newest."""
    if len(spans) < 2:
        return False
    ends = [_DATE.search(document, *span) for span in (spans[0], spans[-1])]
    first, last = (parse_date(found[1].decode("utf-8", "replace")) if found else None for found in ends)
    return bool(first and last and first < last)
