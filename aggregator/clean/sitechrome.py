"""What the other pages of a site tell: which blocks stand in many of its articles.

Repetition alone is no proof (recipes, series and refrains repeat too), so it is evidence for the judge, and a verdict
of its own only where nothing speaks for the block. The memory comes in and goes out as values; storage keeps it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from aggregator.clean.blocks import Block
from aggregator.clean.labels import Label
from aggregator.model import REPEATED, Entry, Site, SiteBlock
from aggregator.tokens import runs

MAX_OBSERVED: Final = 200  # blocks remembered of one article
_SAMPLE: Final = 120  # characters
_TELLING: Final = re.compile(r"(?:[\W_]*[^\W_]){3}")  # a page number repeats everywhere
_SHORT: Final = 400  # characters
_MANY: Final = 4  # different articles
_SHARE: Final = 0.1  # of the articles remembered
_OFTEN: Final = 0.25  # of the articles remembered: enough inside a story, wherever else it was last seen
_ALWAYS: Final = 0.5  # of them: the site says so of everything
_WORDY: Final = 6  # words; shorter lines are headings, ingredients, refrains
_LINKED: Final = 0.5  # of an item's characters
_PARTS: Final = frozenset({"heading", "table row", "code", "quote"})  # of a story, whatever repeats
_ITEM: Final = re.compile(r"[-–*•·▪●]\s+\S|\d|[½¼¾⅓⅔]")
_WORD: Final[Mapping[str, str]] = {"keep": "kept by your word", "remove": "removed by your word"}
_NUMBER: Final = re.compile(r"\d+")


def fingerprint(text: str) -> int:
    """A block's identity within its site: 64 bits, signed; case, punctuation and numbers make no difference."""
    return _remembered(text) if len(text) <= _SHORT else _digest(text)


@lru_cache(maxsize=1 << 12)  # a site's pages have most of their short blocks in common, and each is asked for often
def _remembered(text: str) -> int:
    return _digest(text)


def _digest(text: str) -> int:
    digest = blake2b(_folded(text).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def observed(blocks: Sequence[Block], kept: Sequence[bool] = ()) -> Mapping[int, str]:
    """Fingerprints of one article's blocks with a sample of each: kept blocks first, MAX_OBSERVED at most."""
    marks = kept or [True] * len(blocks)
    order = sorted(range(len(blocks)), key=lambda index: not marks[index])
    found: dict[int, str] = {}
    for index in order:
        text = blocks[index].text
        if _TELLING.match(text):
            found.setdefault(fingerprint(text), text[:_SAMPLE])
        if len(found) >= MAX_OBSERVED:
            break
    return found


def seen(text: str, site: Site) -> tuple[int, float]:
    """In how many articles of the site the block stood, and their share of those remembered."""
    known = site.blocks.get(fingerprint(text)) if site.blocks else None
    if known is None or not site.articles:
        return 0, 0.0
    return known.articles, min(1.0, known.articles / site.articles)


def apply(blocks: Sequence[Block], labels: Sequence[Label], site: Site, entry: Entry | None) -> tuple[Label, ...]:
    """The judge's labels with the user's word on the site's blocks, and with what repeats beyond doubt off."""
    if not site.blocks:
        return tuple(labels)
    goes = _goes(blocks, labels, site, _folded(f"{entry.title}\n{entry.text}") if entry else "")
    result = []
    for block, label, gone in zip(blocks, labels, goes, strict=True):
        override = _override(block.text, site)
        if override:
            result.append(Label(keep=override == "keep", score=label.score, reason=_WORD[override]))
        elif gone:
            result.append(Label(keep=False, score=label.score, reason=REPEATED))
        else:
            result.append(label)
    return tuple(result)


def _goes(blocks: Sequence[Block], labels: Sequence[Label], site: Site, own: str) -> list[bool]:
    """Which of the kept blocks are the site's and not the article's."""
    repeats = [_repeats(block.text, site, own) for block in blocks]
    inner = _inner(labels, repeats)
    if not inner:  # nothing is this article's own: the same story under many addresses
        return [False] * len(blocks)
    again, items = _refrains(blocks, labels), _items(blocks)
    closing = _closing(blocks, items, repeats)
    newest = max(block.last_seen for block in site.blocks.values())

    def sure(place: int) -> bool:
        block = blocks[place]
        if place not in inner:
            always = seen(block.text, site)[1] >= _ALWAYS
            return not items[place] and (always or not closing[place])
        sentence = len(block.text.split()) >= _WORDY and block.kind not in _PARTS and not items[place]
        return sentence and _constant(block.text, site, newest)

    return [
        label.keep and repeats[place] and fingerprint(blocks[place].text) not in again and sure(place)
        for place, label in enumerate(labels)
    ]


def overruled(texts: Sequence[str], keep: Sequence[bool], site: Site) -> list[bool]:
    """Which blocks are kept, by the user's word on them, else as before: for what the judge had no part in."""
    words = [_override(text, site) for text in texts]
    return [word == "keep" if word else kept for word, kept in zip(words, keep, strict=True)]


def becomes(block: SiteBlock, site: Site) -> str:
    """What the site's memory does with a block, for people: one of the user's words, "goes" or "judged"."""
    if block.override:
        return block.override
    return "goes" if _many(block.articles, block.articles / max(1, site.articles)) else "judged"


def _many(count: int, share: float) -> bool:
    return count >= _MANY and share >= _SHARE


def _override(text: str, site: Site) -> str:
    known = site.blocks.get(fingerprint(text)) if site.blocks else None
    return known.override if known is not None else ""


def _repeats(text: str, site: Site, own: str) -> bool:
    count, share = seen(text, site)
    return _many(count, share) and _folded(text) not in own


def _inner(labels: Sequence[Label], repeats: Sequence[bool]) -> range:
    """From the first to the last block that is kept and stands in this article alone."""
    unique = [index for index, label in enumerate(labels) if label.keep and not repeats[index]]
    return range(unique[0], unique[-1] + 1) if unique else range(0)


def _refrains(blocks: Sequence[Block], labels: Sequence[Label]) -> set[int]:
    """Blocks that are kept twice or more in this one article: a chorus, not chrome."""
    once: set[int] = set()
    again: set[int] = set()
    for block, label in zip(blocks, labels, strict=True):
        if label.keep:
            key = fingerprint(block.text)
            (again if key in once else once).add(key)
    return again


def _items(blocks: Sequence[Block]) -> list[bool]:
    """What may be a list of the story's own, as of ingredients or results: its items, and a short line before them.

    Chrome's lists are links, but for those that the judge alone knows.
    """
    items = [
        block.linked < _LINKED and (block.kind in {"list item", "table row"} or bool(_ITEM.match(block.text)))
        for block in blocks
    ]
    heads = [block.linked < _LINKED and len(block.text.split()) < _WORDY for block in blocks]
    after = [*items[1:], False]
    return [item or (head and follows) for item, head, follows in zip(items, heads, after, strict=True)]


def _closing(blocks: Sequence[Block], items: Sequence[bool], repeats: Sequence[bool]) -> list[bool]:
    """What stands right below such a list: "Serve hot." is said of many dishes."""
    found: list[bool] = []
    for place, (block, item, again) in enumerate(zip(blocks, items, repeats, strict=True)):
        below = place > 0 and (items[place - 1] or found[place - 1])
        found.append(below and again and not item and block.linked < _LINKED)
    return found


def _constant(text: str, site: Site, newest: datetime) -> bool:
    """Does a sentence stand on page after page, and not only in one story of several, as a step of recipes does?"""
    known = site.blocks[fingerprint(text)]
    return known.last_seen >= newest or known.articles >= _OFTEN * site.articles


def _folded(text: str) -> str:
    """Letters alone, numbers as 0: dates and counters in a line don't make it another."""
    bare = unicodedata.normalize("NFKC", text).casefold()
    return " ".join([run if run.isalpha() else _NUMBER.sub("0", run) for run in runs(bare)])
