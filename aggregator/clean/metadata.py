"""Title, author, dates, language, picture and address of a page, by what the page states and what the feed says."""

from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from aggregator.model import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a page says of its article. Empty where it says nothing that can be trusted."""

    title: str = ""
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""  # as declared
    direction: str = ""  # as declared
    image: str = ""
    canonical_url: str = ""
    site_name: str = ""
    description: str = ""
    free: bool | None = None  # JSON-LD isAccessibleForFree
    paid_selectors: tuple[str, ...] = ()  # CSS, of the parts that aren't


def read(tree: HtmlElement, *, url: str, entry: Entry | None) -> Found:
    """The page's metadata, with the feed's entry as evidence."""
    return Found(title=" ".join((tree.findtext(".//h1") or tree.findtext(".//title") or "").split()), canonical_url=url)
