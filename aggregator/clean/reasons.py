"""Why a block is no part of the story, in a word for people. Whether it is one is the judge's matter."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table

OUTSIDE: Final = "outside the article"
HEADLINE: Final = "headline"
AGAIN: Final = "repeats the headline"
TWICE: Final = "stands here twice"
VOTES: Final = "votes"
DISCLAIMER: Final = "disclaimer"
_OF_PHRASES: Final[Mapping[str, str]] = {  # where several cover as much, the first counts
    "search form": "search form",
    "consent": "consent",
    "newsletter": "newsletter",
    "share": "share",
    "follow": "share",
    "comments": "comments",
    "contents": "table of contents",
    "source": "source",
    "copyright": "copyright",
    "login": "login",
    "related": "related",
    "promotion": "promotion",
    "tags": "tags",
    "caption": "caption",
    "byline": "byline",
    "date": "date",
    "navigation": "navigation",
}
_WORDS_FOR: Final = tuple(_OF_PHRASES.values())
_OF_NAMES: Final = (
    ("comment", "comments"),
    ("consent", "consent"),
    ("newsletter", "newsletter"),
    ("share", "share"),
    ("contents", "table of contents"),
    ("related", "related"),
    ("navigation", "navigation"),
    ("ad", "promotion"),
    ("tag", "tags"),
    ("author", "byline"),
    ("form", "search form"),
    ("foot", "navigation"),
    ("side", "navigation"),
    ("caption", "caption"),
    ("date", "date"),
    ("head", "navigation"),
)
_NOTICE: Final = "©"
_STRONG: Final = 0.45  # of a block's words; phrases that cover as much of it say what it is
_WEAK: Final = 0.12
_SENTENCE: Final = 6  # looks.py ranks last characters; from here on they end a sentence
_HEADLINE: Final = 25  # words
_WORDY: Final = 4
_LINKED: Final = 0.6  # of a block's characters
_CARRIES: Final = 12  # blocks that a heading speaks for
_FOLLOWS: Final = 6  # blocks that a line like "Read more" speaks for
_CARRIED: Final = ("related", "newsletter", "comments", "tags", "share", "promotion", "contents", "byline")


class Reasons:
    """The reasons for a document's blocks, from the judge's columns."""

    def __init__(self, blocks: Sequence[Block], columns: Table, *, page: bool) -> None:
        self._blocks = blocks
        self._page = page
        shares = np.stack([columns[name] for name in _OF_PHRASES])
        self._share = shares.max(axis=0)
        self._phrase = [_WORDS_FOR[best] for best in shares.argmax(axis=0).tolist()]
        signed = (columns["COPYRIGHT"] > 0) & (columns["words"] <= _HEADLINE)  # or a trade mark, as products have
        self._copyright = [bool(some) and _NOTICE in block.text for some, block in zip(signed, blocks, strict=True)]
        self._carried = _carried(columns)
        self._named = _named(columns) if page else [""] * len(blocks)
        self._place = _place(columns)

    def of(self, index: int) -> str:
        """Why this block is no part of the story."""
        return (
            self.told_by_phrases(index)
            or self._carried[index]
            or self._named[index]
            or self.told_by_phrases(index, _WEAK)
            or (self._shape(index) if self._page else self._place[index])
        )

    def told_by_phrases(self, index: int, least: float = _STRONG) -> str:
        """What the phrases in a block say that it is, if they are the `least` share of its words."""
        if self._copyright[index]:
            return "copyright"
        return self._phrase[index] if self._share[index] >= least else ""

    def _shape(self, index: int) -> str:
        block = self._blocks[index]
        if block.kind == "caption":
            return "caption"
        if block.linked > _LINKED:
            return "related" if len(block.text.split()) >= _WORDY else "navigation"
        return OUTSIDE


def _carried(columns: Table) -> list[str]:
    """What the heading, or a line like "Read more", says of the lines below it."""
    words = columns["words"]
    near = (columns["after related"] <= _FOLLOWS) & (columns["last"] < _SENTENCE) & (words <= _HEADLINE)
    found = np.where(near, "related", "").astype(object)
    below = (columns["after heading"] > 0) & (columns["after heading"] <= _CARRIES)
    below &= columns["heading words"] <= _CARRIES
    for name in reversed(_CARRIED):
        found[below & (columns[f"heading {name}"] >= _STRONG)] = _OF_PHRASES[name]
    return [str(reason) for reason in found]


def _named(columns: Table) -> list[str]:
    """What the names of the elements around say."""
    found = np.full(len(columns["words"]), "", dtype=object)
    for name, reason in reversed(_OF_NAMES):
        found[columns[f"near .{name}"] > 0] = reason
    return [str(reason) for reason in found]


def _place(columns: Table) -> list[str]:
    """Of lines without a mark: a headline behind the story is another story's, a few words before it a menu's."""
    words = columns["words"]
    plain = (columns["last"] < _SENTENCE) & (words <= _HEADLINE)
    found = np.full(len(words), OUTSIDE, dtype=object)
    found[plain & (words < _WORDY) & (columns["core start"] < 0)] = "navigation"
    found[plain & (words >= _WORDY) & (columns["core stop"] > 0)] = "related"
    return [str(reason) for reason in found]
