"""What a judge trained on pages can't know of a line, but every reader does: told by rule, whatever the language.

A rule takes away only what the judge itself isn't sure to be the story's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table
from aggregator.clean.shapes import Flags, Floats, shapes
from aggregator.clean.words import phrases

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
NOTICE: Final = 0.25  # of a paragraph's words, in phrases of consent and of newsletters
_NOTICE_WORDS: Final = 60  # a longer paragraph is about such things
_NOTICE_SURE: Final = 0.95
_SENTENCE_END: Final = (".", "!", "?", "…", "。", "！", "？", "।", "۔", "؟", ":", "：")
CLOSING: Final = "\"'”’»」』)]）"
_TAGGED: Final = re.compile(r"\S\s*[\[【［]\s*([^\[\]【】［］]{2,24})\s*[\]】］]\s*$")
_TAG_WORDS: Final = 3
_TAG_LIST: Final = 20  # words
_LEAD: Final = re.compile(r"([^:：]{2,30})[:：]\s*\S")
_LABEL: Final = re.compile(r"[\[【［(（<＜■▶►]\s*([^\[\]【】［］()（）<>＜＞]{2,24})[\]】］)）>＞]\s*\S")


def overruled(blocks: Sequence[Block], columns: Table, scores: Floats) -> dict[int, str]:
    """Blocks to be taken off, with the reason, by their index."""
    found: dict[int, str] = {}
    short = (scores < SURE) & (columns["words"] <= _SHORT)
    for category, reason in _WHOLE.items():
        for index in np.flatnonzero(short & (columns[category] >= _MOST)).tolist():
            found.setdefault(index, reason)
    notice = columns["consent"] + columns["newsletter"]
    asking = (notice >= NOTICE) & (columns["words"] <= _NOTICE_WORDS) & (scores < _NOTICE_SURE)
    for index in np.flatnonzero(asking).tolist():
        found.setdefault(index, "consent" if columns["consent"][index] > 0 else "newsletter")
    listed = (scores < SURE) & (columns["tags"] > 0) & (columns["words"] <= _TAG_LIST)
    for index in np.flatnonzero(listed).tolist():
        if not ends(blocks[index].text) and led(blocks[index].text, "tags"):
            found.setdefault(index, "tags")
    return found | dict.fromkeys(tagged(blocks), "related")


def led(text: str, category: str) -> bool:
    """Does it begin with a phrase of the category and a colon, "Tags: rain", or in brackets: "[Video] Dawn"?"""
    name = lead(text)
    if not name:
        return False
    known, read = phrases(), shapes([name])
    covered = known.coverage(read)[known.categories.index(category), 0]
    return bool(covered > _MOST * read.weights.sum())


def lead(text: str) -> str:
    """What stands before a line's first colon, or in brackets at its beginning; "" where nothing short does."""
    opening = _LEAD.match(text) or _LABEL.match(text)
    return opening[1] if opening is not None else ""


def code(blocks: Sequence[Block], keep: Flags) -> list[int]:
    """Code between blocks that are kept: nobody puts a listing around a story."""
    shown = np.flatnonzero(keep)
    within = range(shown[0], shown[-1]) if len(shown) else range(0)
    return [index for index in within if blocks[index].kind == "code"]


def ends(text: str) -> bool:
    """Does it end as a sentence, or before what it announces?"""
    return text.rstrip(CLOSING).endswith(_SENTENCE_END)


def tagged(blocks: Sequence[Block]) -> list[int]:
    """Headlines of other stories with a tag behind them: "Storm hits the coast [LIVE]".

    The tag is in capitals. Of scripts without capitals it is one only where another such line stands next to it.
    """
    tags = [_tag(block.text) for block in blocks]
    if not any(tags):
        return []
    capital = [bool(tag) and tag.upper() == tag != tag.lower() for tag in tags]
    uncased = [bool(tag) and tag.upper() == tag.lower() and not any(sign.isdigit() for sign in tag) for tag in tags]
    beside = [any(uncased[near] for near in (at - 1, at + 1) if 0 <= near < len(tags)) for at in range(len(tags))]
    return [at for at in range(len(tags)) if capital[at] or (uncased[at] and beside[at])]


def _tag(text: str) -> str:
    found = _TAGGED.search(text) if text[-1:] in "]】］" else None
    return found[1] if found is not None and len(found[1].split()) <= _TAG_WORDS else ""
