"""A list of feeds (OPML) as other readers write it: addresses, names, and folders as tags. Fetches nothing."""

from dataclasses import dataclass
from typing import Any, Final

import listparser

from aggregator.parse import document
from aggregator.parse.text import line

MOST: Final = 50_000  # feeds of one list
_NAME: Final = 300  # characters, as in feeds.toml
_TAGS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A feed of the list; `url` as it stands there, be it an address or not."""

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()


def feeds(body: bytes) -> tuple[Listed, ...]:
    """The feeds of an OPML document, each address once, in its order; none where it is no list. ParseError encoding.

    Entities that it declares are left as they are, and nothing that it refers to is read.
    """
    found = listparser.parse(document.cleaned(document.utf8(body)))
    return tuple(map(_listed, found.feeds[:MOST]))


def _listed(feed: Any) -> Listed:
    folders = dict.fromkeys(line(name, _NAME) for path in feed.get("categories", ()) for name in path)
    return Listed(
        url=feed["url"],
        name=line(feed.get("title", ""), _NAME),
        tags=tuple(filter(None, folders))[:_TAGS],
    )
