"""What place and form tell of a flattened text's lines, whatever the language, where the judge is unsure of them.

It learnt from long articles in few languages: in short ones, and in languages that it hasn't met, all its scores are
low.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from aggregator.clean import disclaimers
from aggregator.clean.blocks import Block, letters
from aggregator.clean.columns import Table
from aggregator.clean.reasons import AGAIN, DISCLAIMER, TWICE, Reasons
from aggregator.clean.rules import CLOSING, NOTICE, SURE, ends, led
from aggregator.clean.shapes import Flags, Floats

_CAPTION: Final = (3, 25)  # words
_CAPTION_SURE: Final = 0.8
_LISTED: Final = re.compile(r"[-–*•·▪●]|\d|[½¼¾⅓⅔]")
_VERSE: Final = (3, 2)  # lines of a group, and how many of them end amid a sentence
_NUMBER: Final = re.compile(r"\d")
_AMID: Final = (",", ";", "،", "，", "、", "；", "؛")
_PARAGRAPH: Final = 9  # words
_FULL: Final = 12
_DOUBTFUL: Final = 0.6  # of what a block is kept at
_WITHIN: Final = 0.4
_LEAD: Final = 0.15
_BETWEEN: Final = 12  # words
_APART: Final = 2  # lines
_POINTS: Final = ("related", "source", "caption", "byline")
_POINTER: Final = 25  # words
_COPYRIGHT: Final = re.compile(r"(?:©|\(c\)\s*\d{4}|copyright\s*(?:©|\(c\)|\d{4}))", re.IGNORECASE)
_STOPS: Final = (".", "。", "।", "۔")
_TELLING: Final = 4  # words of a headline that says enough to be known again
_LAST: Final = 2  # paragraphs
_NAMED: Final = 0.3  # of a line's words that say it is something else than a caption
_MORE: Final = 8  # words
_LONG: Final = 20  # words; shorter ones may be a refrain


def added(blocks: Sequence[Block], columns: Table, odds: Floats, keep: Flags, headline: int | None) -> Flags:
    """What the judge doesn't keep and yet is the story's. `odds`: the scores as shares of what a block is kept at."""
    return _beside(blocks, columns, odds, keep, headline) | _verse(blocks, columns)


def taken(
    blocks: Sequence[Block], columns: Table, scores: Floats, headline: int | None, reasons: Reasons
) -> dict[int, str]:
    """What the judge isn't sure of and surely is chrome, with the reason."""
    found = _pointers(blocks, columns, scores)
    for index in np.flatnonzero(columns["words"] <= _POINTER).tolist():
        if _COPYRIGHT.match(blocks[index].text):
            found[index] = "copyright"
    if headline is not None:
        found |= dict.fromkeys(_echoes(blocks, columns, blocks[headline].text), AGAIN)
        for index in _captions(blocks, columns, scores, headline):
            found.setdefault(index, reasons.told_by_phrases(index, _NAMED) or "caption")
    return found


def ended(blocks: Sequence[Block], columns: Table, keep: Flags, why: Mapping[int, str]) -> dict[int, str]:
    """Of what is kept, what is no story beside the rest of it; `why` are the reasons of what isn't kept."""
    twice = dict.fromkeys(_again(blocks, columns, keep), TWICE)
    safe = dict.fromkeys(disclaimers.found(blocks, keep), DISCLAIMER)
    return twice | safe | dict.fromkeys(_biographies(blocks, keep, why), "byline")


def _beside(blocks: Sequence[Block], columns: Table, odds: Floats, keep: Flags, headline: int | None) -> Flags:
    """Of a text, paragraphs in whole sentences next to a kept one, unless the judge is sure that they are chrome.

    Between two kept ones, or below the headline, less is asked; and there an advertisement or two may stand between.
    """
    stops = np.array([ends(block.text) for block in blocks])
    told = stops & (columns["words"] >= _FULL) & (columns["chrome"] < NOTICE)
    firm = keep & stops & (columns["words"] >= _PARAGRAPH)
    near = np.append(firm[1:], False) | np.append(False, firm[:-1])
    between = columns["words"] <= _BETWEEN
    before, after = _reached(firm, told, between), _reached(firm[::-1], told[::-1], between[::-1])[::-1]
    if headline is not None:
        before |= (np.arange(len(blocks)) > headline) & (np.cumsum(firm) == 0)
    lead = np.cumsum(firm) == 0
    found: Flags = told & ((near & (odds >= _DOUBTFUL)) | (before & after & (odds >= np.where(lead, _LEAD, _WITHIN))))
    return found


def _reached(firm: Flags, told: Flags, between: Flags) -> Flags:
    """What follows a firm paragraph, but for a few short lines and other paragraphs."""
    found, gap = np.zeros(len(firm), dtype=np.bool_), _APART + 1
    for at, (is_firm, tells, short) in enumerate(zip(firm.tolist(), told.tolist(), between.tolist(), strict=True)):
        found[at] = gap <= _APART
        if is_firm or (tells and found[at]):
            gap = 0
        else:
            gap += 1 if short else _APART + 1
    return found


def _verse(blocks: Sequence[Block], columns: Table) -> Flags:
    """Of a text, groups of lines some of which end amid a sentence: stanzas, or text that was broken into lines."""
    group = np.cumsum([block.gap > 0 for block in blocks])
    amid = np.bincount(group, [block.text.endswith(_AMID) and not _NUMBER.search(block.text) for block in blocks])[
        group
    ]
    alike = (np.bincount(group)[group] >= _VERSE[0]) & (amid >= _VERSE[1])
    found: Flags = alike & (columns["chrome"] < NOTICE)
    return found


def _pointers(blocks: Sequence[Block], columns: Table, scores: Floats) -> dict[int, str]:
    """Of a text, lines that say what they are before they say it: "Read also: ...", "[Related] ...", "Video: ..."."""
    found: dict[int, str] = {}
    for category in _POINTS:
        named = (columns[category] > 0) & (columns["words"] <= _POINTER) & (scores < SURE)
        for index in np.flatnonzero(named).tolist():
            text = blocks[index].text
            if not text.rstrip(CLOSING).endswith(_STOPS) and led(text, category):
                found.setdefault(index, category)
    return found


def _echoes(blocks: Sequence[Block], columns: Table, headline: str) -> list[int]:
    """Of a text, lines that hold the whole headline and little else: "3 thoughts on ...", "You are here: ...".

    A sentence is one only as the last: "The post ... appeared first on ...".
    """
    bare, words = letters(headline), len(headline.split())
    if words < _TELLING:
        return []
    last = (columns["prose after, words"] < 1) & (columns["prose before, words"] >= _LONG)
    near = np.flatnonzero(columns["words"] <= words + _MORE).tolist()
    lines = ((at, letters(blocks[at].text)) for at in near if last[at] or not ends(blocks[at].text))
    return [at for at, line in lines if bare in line and bare != line]


def _captions(blocks: Sequence[Block], columns: Table, scores: Floats, headline: int) -> list[int]:
    """Of a text, lines without an end between the headline and the first paragraph, if the judge isn't sure of them."""
    found: list[int] = []
    for index in range(headline + 1, len(blocks)):
        words = columns["words"][index]
        if ends(blocks[index].text):
            if words >= _PARAGRAPH and columns["chrome"][index] < NOTICE:
                return found
        elif (
            _CAPTION[0] <= words <= _CAPTION[1]
            and scores[index] < _CAPTION_SURE
            and not _LISTED.match(blocks[index].text)
        ):
            found.append(index)
        elif words > _CAPTION[1]:
            return found
    return []


def _again(blocks: Sequence[Block], columns: Table, keep: Flags) -> list[int]:
    """Of a text, kept paragraphs that have stood there before: pages hold a lead twice, nobody tells it twice."""
    known: set[str] = set()
    found = []
    for at in np.flatnonzero(keep & (columns["copies"] > 1) & (columns["words"] >= _LONG)).tolist():
        if blocks[at].text in known:
            found.append(at)
        known.add(blocks[at].text)
    return found


def _biographies(blocks: Sequence[Block], keep: Flags, why: Mapping[int, str]) -> list[int]:
    """Of a text, paragraphs at its end that begin with the name in a byline above."""
    shown = np.flatnonzero(keep).tolist()
    named = (
        [f" {blocks[at].text} " for at, reason in why.items() if reason == "byline" and at < shown[0]] if shown else []
    )
    return [at for at in shown[-_LAST:] if any(f" {_name(blocks[at].text)} " in line for line in named)]


def _name(text: str) -> str:
    """Its first two words, if these may be somebody's name."""
    words = text.split(maxsplit=2)[:2]
    return " ".join(words) if len(words) == 2 and all(word[0].isupper() for word in words) else "\0"
