"""Turns a channel and its stories into the bytes of a feed. Reads no clock and no store; knows nothing of HTTP.

The same channel and stories give the same bytes, at any time and in any process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aggregator.model import Channel, Story
from aggregator.publish import atom, jsonfeed, opml, rss

__all__ = ["FORMATS", "Format", "opml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One feed format. `suffix` ends its file names, without the dot."""

    media_type: str
    suffix: str
    label: str  # for people
    render: Callable[[Channel, Sequence[Story]], bytes]


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "atom": Format(media_type="application/atom+xml", suffix="atom", label="Atom", render=atom.render),
        "rss": Format(media_type="application/rss+xml", suffix="rss", label="RSS", render=rss.render),
        "json": Format(media_type="application/feed+json", suffix="json", label="JSON Feed", render=jsonfeed.render),
    }
)
