"""Headings and list items that the judge alone is unsure of, kept with the section or the list that they belong to.

A heading speaks for what stands below it: where that is the story's, so is the heading, whatever words are in it. The
same holds for an item whose list is kept but for it. Nothing is taken off here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block, letters
from aggregator.clean.reasons import HEADLINE, VOTES
from aggregator.clean.shapes import Flags, Floats

_LEAST: Final = 0.15  # of a heading that is no link; what the judge is surer of than that isn't the story's is not
_LINK: Final = 0.4  # of one that is: the headline of another story has a teaser below it
_NEAR: Final = 3  # blocks at the head of a section, in which a caption or a rating may stand first
_ITEM: Final = 0.2
_MOST: Final = 0.6  # of a list's items
_LINKED: Final = 0.5  # of a heading's characters
_LISTS: Final = frozenset({"ul", "ol", "menu"})
_CALLS: Final = frozenset({"share", "login", VOTES})  # whatever stands below these
_CHROME: Final = _CALLS | {
    "newsletter",
    "promotion",
    "related",
    "copyright",
    "byline",
    "comments",
    "search form",
    "source",
}


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What has been decided of a page's blocks: `scores` and `keep` in their order, the reasons by place."""

    scores: Floats
    least: float  # the score from which the judge keeps a block
    keep: Flags
    _: KW_ONLY
    why: Mapping[int, str]  # of those that a rule has taken off
    phrases: Callable[[int], str]  # what the words of a block say that it is, or ""


def carried(blocks: Sequence[Block], verdict: Verdict) -> list[int]:
    """The places of blocks to be kept beside those that are."""
    return [*_headings(blocks, verdict), *_items(blocks, verdict)]


def _headings(blocks: Sequence[Block], verdict: Verdict) -> Iterator[int]:
    keep = verdict.keep.tolist()
    first = keep.index(True) if True in keep else len(blocks)
    begun = next((at for at, block in enumerate(blocks) if keep[at] and block.kind != "heading"), len(blocks))
    for at, section in _lost(blocks, keep):
        overruled = verdict.why.get(at, HEADLINE) != HEADLINE
        led = any(section) if overruled else any(section[:1]) and at > first
        if led and _stays(blocks[at], at, verdict, within=at > begun):
            yield at


def _lost(blocks: Sequence[Block], keep: Sequence[bool]) -> Iterator[tuple[int, list[bool]]]:
    """Headings that aren't kept, the last first, and which blocks at the head of their section are."""
    headings = [at for at, block in enumerate(blocks) if block.kind == "heading"]
    if all(keep[at] for at in headings):
        return
    contents = {letters(blocks[at].text) for at in headings}
    section: list[bool] = []
    for at in range(len(blocks) - 1, -1, -1):
        if blocks[at].kind == "heading":
            if not keep[at]:
                yield at, section
        else:
            led = keep[at] and letters(blocks[at].text) not in contents  # a table of contents repeats them
            follows = at + 1 < len(blocks) and blocks[at + 1].kind != "heading"
            section = [led, *(section[: _NEAR - 1] if follows else [])]


def _stays(block: Block, at: int, verdict: Verdict, *, within: bool) -> bool:
    score, reason = verdict.scores[at], verdict.why.get(at, "")
    if reason:
        known = within if reason == HEADLINE else reason not in _CALLS
        return bool(known and score >= verdict.least)
    enough = _LINK if block.linked >= _LINKED else _LEAST
    return bool(score >= enough and verdict.phrases(at) not in _CHROME)


def _items(blocks: Sequence[Block], verdict: Verdict) -> Iterator[int]:
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for at, block in enumerate(blocks):
        place = block.place
        if place is not None and place.tag == "li" and place.parent is not None and place.parent.tag in _LISTS:
            lists[place.parent.index].append(at)
    for items in lists.values():
        kept = int(np.count_nonzero(verdict.keep[items]))
        if _MOST * len(items) <= kept < len(items):
            yield from (at for at in items if not verdict.keep[at] and _listed(at, verdict))


def _listed(at: int, verdict: Verdict) -> bool:
    reason = verdict.why.get(at, "")
    if reason:
        return bool(reason not in {*_CALLS, HEADLINE} and verdict.scores[at] >= verdict.least)
    return bool(verdict.scores[at] >= _ITEM)
