"""Bytes of RSS, Atom, RDF or JSON Feed to ParsedFeed. Fetches nothing, sanitises nothing, knows no clock.

Text fields come out as plain text; `summary` and `content` are HTML as the feed has it, and must be sanitised.
"""

from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.model import ParsedFeed
from aggregator.parse import document, entries, identity, incremental, json_feed
from aggregator.parse.discovery import FeedLink, find_feeds
from aggregator.parse.text import plain
from aggregator.parse.xmlfeed import VERSION, parse_xml

__all__ = ["FeedLink", "find_feeds", "parse", "plain"]


def parse(
    body: bytes, *, url: str = "", content_type: str = "", known: bytes = b"", max_entries: int = 1000
) -> ParsedFeed:
    """One feed document as it came.

    `url` is where it was found, after redirects: relative addresses are resolved against it. `known` is
    ParsedFeed.items of the last answer that was stored: entries whose bytes are the same are counted in `unchanged`
    and left out. The entries are those of the newest `max_entries` items, oldest first.

    Raises ParseError: not_a_feed, parse_error, or encoding.
    """
    text = document.utf8(document.unpacked(body), content_type)
    if not text:
        raise ParseError("the answer is empty: no feed came", error_class="not_a_feed")
    most = max(1, max_entries)
    if text.startswith((b"{", b"[")):
        return _parse_json(text, url=url, known=known, max_entries=most)
    return parse_xml(document.cleaned(text), url=url, known=known, max_entries=most)


def _parse_json(text: bytes, *, url: str, known: bytes, max_entries: int) -> ParsedFeed:
    found = json_feed.load(text)
    listed = json_feed.items(found)
    kept = listed[:max_entries]
    feed = json_feed.head(found, url)
    marks = incremental.split_marks(known)
    keys = [json_feed.key(item, VERSION + url.encode()) for item in kept]
    day_first = json_feed.day_first(kept, text, feed.language)
    drafts = [json_feed.draft(item, feed.url or url, day_first=day_first) for item in kept]
    stored = {number for number, item_key in enumerate(keys) if item_key in marks}
    shared = identity.shared_ids(drafts, before=incremental.split_shared(known), stored=stored)
    finished = entries.finished(drafts, shared)
    new = [entry for key, (_, entry) in zip(keys, finished, strict=True) if entry and key not in marks]
    unchanged = sum(1 for key in keys if key in marks)
    return replace(
        feed,
        entries=tuple(reversed(new)),
        unchanged=unchanged,
        dropped=len(listed) - len(kept),
        items=incremental.joined(
            (
                (key, identity.mark(claim) if entry else None)
                for key, (claim, entry) in zip(keys, finished, strict=True)
            ),
            shared,
        ),
    )
