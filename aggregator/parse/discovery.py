"""The feeds that a web page names. Fetches nothing and guesses no addresses: what the page doesn't link isn't found."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aggregator import urls
from aggregator.parse import document, text

MOST: Final = 20
_SEARCHED: Final = 2**20  # characters of the page
_TAG: Final = re.compile(r"<(link|a|base)\s([^<>]{1,4000})>([^<]{0,200})", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z-]{1,20})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SILENT: Final = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_TYPES: Final = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rdf",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/x-rss+xml": "rss",
    "application/json": "json",
}
_FEED_PATH: Final = re.compile(
    r"(?:^|[/._-])(?:rss2?|atom|feeds?|rdf)(?:[._-]?(?:xml|rdf|json|php|atom|rss))?/?\Z|/index\.(?:xml|rdf|atom)\Z|"
    r"\.(?:rss|atom|rdf)\Z",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(r"comment", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page names. `type` is rss, atom, json, rdf, xml, or empty when the page doesn't say."""

    url: str
    title: str = ""
    type: str = ""


def find_feeds(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """The feeds named in a page found at `url`: stated ones first, then plain links; feeds of comments last."""
    source = _SILENT.sub(" ", document.utf8(page[: 4 * _SEARCHED]).decode("utf-8", "replace")[:_SEARCHED])
    base = url
    stated: list[FeedLink] = []
    linked: list[FeedLink] = []
    for name, attributes, words in _tags(source):
        address = urls.resolve(base, attributes.get("href", ""))
        if name == "base":
            base = address or base
        elif address and name == "link":
            stated.extend(_stated(attributes, address))
        elif address and _FEED_PATH.search(address.partition("?")[0].partition("://")[2].partition("/")[2]):
            linked.append(FeedLink(url=address, title=text.title(attributes.get("title") or words, 200)))
    found: dict[str, FeedLink] = {}
    for feed in (*stated, *linked):
        found.setdefault(feed.url, feed)
    ordered = sorted(found.values(), key=lambda feed: bool(_COMMENTS.search(feed.url + feed.title)))
    return tuple(ordered[:MOST])


def _tags(source: str) -> Iterator[tuple[str, dict[str, str], str]]:
    for tag in _TAG.finditer(source):
        attributes = {
            found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "")
            for found in _ATTRIBUTE.finditer(tag[2])
        }
        yield tag[1].lower(), attributes, tag[3]


def _stated(attributes: dict[str, str], address: str) -> Iterator[FeedLink]:
    """`rel=alternate` with a feed's type; plain JSON only where it is named a feed, since WordPress states its API."""
    kind = _TYPES.get(attributes.get("type", "").partition(";")[0].strip().lower(), "")
    title = text.title(attributes.get("title", ""), 200)
    rel = attributes.get("rel", "").lower().split()
    general = kind == "json" and not attributes["type"].lower().startswith("application/feed")
    if kind and {"alternate", "feed"} & set(rel) and (not general or "feed" in (address + title).lower()):
        yield FeedLink(url=address, title=title, type=kind)
