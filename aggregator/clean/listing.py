"""Items of lists that the judge alone is unsure of, kept with their list."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.shapes import Flags, Floats
from aggregator.clean.summaries import listed

_MOST: Final = 0.6  # of a list's items
_ITEM: Final = 0.2  # of an item that is one text
_PART: Final = 0.4  # of a text within an item, which may be its author or a button
_SOME: Final = 0.2  # of a list's items
_DOUBTED: Final = 0.4  # mean score of a list of which some are kept, or
_ANNOUNCED: Final = 0.3  # which the story announces
_AMONG: Final = 0.3  # of an item in such a list
_BEFORE: Final = (":", "：")


def items(blocks: Sequence[Block], keep: Flags, scores: Floats, mark: Callable[[int], bool | None]) -> Iterator[int]:
    """The places of items to be kept beside those that are.

    `mark` tells what a rule has said of an item: None for nothing, else whether it is to stay.
    """
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for at, block in enumerate(blocks):
        item = listed(block)
        if item is not None and item.parent is not None:
            lists[item.parent.index].append(at)
    for places in lists.values():
        kept = int(np.count_nonzero(keep[places]))
        if kept == len(places):
            continue
        least = _least(blocks, places, keep, scores)
        for at in places:
            own, marked = _own(blocks[at], least, kept / len(places)), mark(at)
            if not keep[at] and (scores[at] >= own if marked is None else marked and kept >= _MOST * len(places)):
                yield at


def _own(block: Block, least: float, share: float) -> float:
    """The score from which one item of a list is kept."""
    if share < _MOST:
        return least
    whole = block.place is not None and block.place.tag == "li"
    return min(least, _ITEM if whole else _PART)


def _least(blocks: Sequence[Block], places: Sequence[int], keep: Flags, scores: Floats) -> float:
    """The score from which items of a list of which few are kept are; above 1 where none is, or most are."""
    mean, before = float(scores[places].mean()), places[0] - 1
    if before >= 0 and keep[before] and blocks[before].text.endswith(_BEFORE):
        return _ITEM if mean >= _ANNOUNCED else _AMONG
    some = _SOME <= np.count_nonzero(keep[places]) / len(places) < _MOST
    return _AMONG if some and mean >= _DOUBTED else 2.0
