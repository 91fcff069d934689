"""What a judge trained on pages can't know of a line, but every reader does: told by rule, whatever the language.

A rule only takes away, and only what the judge itself isn't sure to be the story's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table
from aggregator.clean.shapes import Floats

SURE: Final = 0.85  # a block that the judge is surer of stays, whatever words are in it
_WHOLE: Final[Mapping[str, str]] = {
    "search form": "search form",
    "share": "share",
    "follow": "share",
    "consent": "consent",
    "newsletter": "newsletter",
    "comments": "comments",
    "login": "login",
    "source": "source",
    "related": "related",
    "contents": "table of contents",
    "promotion": "promotion",
}
_SHORT: Final = 8  # words
_MOST: Final = 0.99  # of a line's words
_NOTICE: Final = 0.25  # of a paragraph's words, in phrases of consent and of newsletters
_NOTICE_WORDS: Final = 60  # a longer paragraph is about such things
_NOTICE_SURE: Final = 0.95
_CAPTION: Final = (3, 25)  # words
_CAPTION_SURE: Final = 0.8
_PARAGRAPH: Final = 9  # words
_SENTENCE_END: Final = (".", "!", "?", "…", "。", "！", "？", "।", "۔", "؟", ":", "：")
_CLOSING: Final = "\"'”’»」』)]）"
_TAGGED: Final = re.compile(r"\S\s*[\[【［]\s*([^\[\]【】［］]{2,24})\s*[\]】］]\s*$")
_TAG_WORDS: Final = 3
_LISTED: Final = re.compile(r"[^\s:：]+(?: [^\s:：]+)?\s*[:：]\s*\S")  # "Filed under: gardens, seeds"
_LIST_WORDS: Final = 15
_PROSE: Final = 20  # words of a paragraph that its neighbours may speak for
_DOUBTED: Final = 0.35


def overruled(blocks: Sequence[Block], columns: Table, scores: Floats) -> dict[int, str]:
    """Blocks to be taken off, with the reason, by their index."""
    found: dict[int, str] = {}
    short = (scores < SURE) & (columns["words"] <= _SHORT)
    for category, reason in _WHOLE.items():
        for index in np.flatnonzero(short & (columns[category] >= _MOST)).tolist():
            found.setdefault(index, reason)
    notice = columns["consent"] + columns["newsletter"]
    asking = (notice >= _NOTICE) & (columns["words"] <= _NOTICE_WORDS) & (scores < _NOTICE_SURE)
    for index in np.flatnonzero(asking).tolist():
        found.setdefault(index, "consent" if columns["consent"][index] > 0 else "newsletter")
    for index in np.flatnonzero((columns["tags"] > 0) & (columns["words"] <= _LIST_WORDS) & (scores < SURE)).tolist():
        if _LISTED.match(blocks[index].text) and not blocks[index].text.endswith(_SENTENCE_END):
            found.setdefault(index, "tags")
    return found | dict.fromkeys(tagged(blocks), "related")


def given_back(blocks: Sequence[Block], columns: Table, scores: Floats, keep: NDArray[np.bool_]) -> list[int]:
    """Blocks that the judge doubts and others speak for: whole sentences beside the story's, code within it."""
    found: list[int] = []
    prose = (columns["words"] >= _PROSE) & (scores >= _DOUBTED) & (columns["chrome"] < _NOTICE) & ~keep
    for index in np.flatnonzero(prose).tolist():
        beside = keep[max(0, index - 1) : index + 2].any()
        if beside and blocks[index].text.rstrip(_CLOSING).endswith(_SENTENCE_END):
            found.append(index)
    shown = np.flatnonzero(keep)
    within = range(shown[0], shown[-1]) if len(shown) else range(0)
    return found + [index for index in within if blocks[index].kind == "code" and not keep[index]]


def captions(blocks: Sequence[Block], columns: Table, scores: Floats, headline: int) -> list[int]:
    """Of a text, lines without an end between the headline and the first paragraph, if the judge isn't sure of them."""
    found: list[int] = []
    for index in range(headline + 1, len(blocks)):
        words = columns["words"][index]
        if blocks[index].text.rstrip(_CLOSING).endswith(_SENTENCE_END):
            if words >= _PARAGRAPH and columns["chrome"][index] < _NOTICE:
                return found
        elif _CAPTION[0] <= words <= _CAPTION[1] and scores[index] < _CAPTION_SURE:
            found.append(index)
        elif words > _CAPTION[1]:
            return found
    return []


def tagged(blocks: Sequence[Block]) -> list[int]:
    """Headlines of other stories with a tag behind them: "Storm hits the coast [LIVE]".

    The tag is in capitals. Of scripts without capitals it is one only where another such line stands next to it.
    """
    tags = [_tag(block.text) for block in blocks]
    capital = [bool(tag) and tag.upper() == tag != tag.lower() for tag in tags]
    uncased = [bool(tag) and tag.upper() == tag.lower() and not any(sign.isdigit() for sign in tag) for tag in tags]
    beside = [any(uncased[near] for near in (at - 1, at + 1) if 0 <= near < len(tags)) for at in range(len(tags))]
    return [at for at in range(len(tags)) if capital[at] or (uncased[at] and beside[at])]


def _tag(text: str) -> str:
    found = _TAGGED.search(text) if text[-1:] in "]】］" else None
    return found[1] if found is not None and len(found[1].split()) <= _TAG_WORDS else ""
