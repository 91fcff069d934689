"""An entry as a format's reader found it: its fields, not judged and not bounded yet."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Enclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`link` is absolute or empty; `summary` and `content` are HTML."""

    id: str = ""
    link: str = ""
    title: str = ""
    author: str = ""
    summary: str = ""
    content: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    language: str = ""
