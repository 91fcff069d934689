"""The site's name beside a flattened text's headline: "The Tolver Gazette: Old mill to become a school".

A part of a headline is the site's name only where the address or the lines around the story call the site so. A place
or a person before a colon is not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aggregator.clean import quality
from aggregator.clean.titles import bare

_LONGEST: Final = 40  # characters of a name
_REST: Final = 3  # words of a headline that says enough by itself
_NAME: Final = 2  # words of what may stand as a line; one may be what kind of story it is: "Live"
_FRONT: Final = re.compile(r"(\S[^:：|–—»]*?)\s*(?:[:|–—»]\s+|：|\s-\s+)(\S.*)")
_BACK: Final = re.compile(r"(.*\S)\s+[|–—«·-]\s+(\S[^|–—«·]*)|(.*\S)\s*[|｜](\S[^|｜]*)")
_OWN: Final = frozenset({"copyright", "newsletter", "consent", "source", "login", "share"})
_ARTICLE: Final = re.compile(
    r"^(?:the|der|die|das|le|la|les|el|los|las|il|lo|gli|o|os|as|de|het|den|det)\s+(?=\S)", re.IGNORECASE
)
_GAPS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line beside the headline. `edge`: nothing stands above it, or nothing below."""

    text: str
    reason: str  # why it is none of the story's, if it isn't
    edge: bool = False


def without_name(headline: str, others: Sequence[Line], url: str) -> str:
    """The headline without the site's name before or behind it."""
    front = _FRONT.fullmatch(headline)
    if front is not None and _is_site(front[1], front[2], others, url):
        return front[2]
    back = _BACK.fullmatch(headline)
    if back is not None:
        rest, name = (back[1], back[2]) if back[1] else (back[3], back[4])
        if _is_site(name, rest, others, url):
            return rest
    return headline


def _is_site(name: str, rest: str, others: Sequence[Line], url: str) -> bool:
    """Is this part of a headline what the site is called?"""
    if len(name) > _LONGEST or quality.length(rest) < _REST:
        return False
    short = _ARTICLE.sub("", name, count=1)
    whole = bare(short)
    if not whole or whole in _labels(url):
        return bool(whole)
    within = f" {_spaced(short)} "
    alone = quality.length(short) >= _NAME
    return any(
        (alone and line.edge and bare(_ARTICLE.sub("", line.text, count=1)) == whole)
        or (line.reason in _OWN and within in f" {_spaced(line.text)} ")
        for line in others
    )


def _labels(url: str) -> frozenset[str]:
    """What the host says of the site's name: of "www.tolver-gazette.example" the letters of "tolver-gazette"."""
    host = (urlsplit(url).hostname or "") if url else ""
    parts = {bare(part) for part in host.split(".")[:-1]} - {"www", "co", "com", "news", "m"}
    return frozenset(parts | {part.removeprefix("the") for part in parts if len(part) > len("the")})


def _spaced(text: str) -> str:
    return _GAPS.sub(" ", text.casefold()).strip()
