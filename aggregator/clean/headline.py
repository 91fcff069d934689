"""Which line of a flattened text is its headline, where nobody has said what it is.

A small model says how likely each line is; what it can't have learnt from the sites that it knows is told here by place
and form, whatever the language.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table
from aggregator.clean.rules import CLOSING, led
from aggregator.clean.shapes import Floats

_WHOLE: Final = 0.99  # of a line's words, in phrases that sites use: "Advertisement"
_CALLS: Final = ("share", "follow", "newsletter", "consent", "login")
_MOSTLY: Final = 0.6
_WITHIN: Final = 0.02  # of its likelihood is left to a line within the running text
_RUNS: Final = tuple(".。．｡।۔።,،、，;；")  # a headline may ask or call, but hardly ever ends so


def headline(blocks: Sequence[Block], table: Table, chances: Floats) -> int | None:
    """The place of the likeliest line; where nothing is running text, of the first.

    None where every line is running text, stands behind it, or is known chrome.
    """
    runs = np.array([block.text.rstrip(CLOSING).endswith(_RUNS) and not block.text.endswith("...") for block in blocks])
    told = table["prose after, words"]
    listed = told.max() <= 1  # nothing in it is running text
    may_be = ~runs & (told > 0) & (table["core stop"] <= 0) & ((table["chrome"] < _WHOLE) | listed)
    may_be &= np.max([table[name] for name in _CALLS], axis=0) < _MOSTLY
    may_be[[led(block.text, "caption") for block in blocks]] = False
    likely = np.where(may_be, chances * np.where(table["tight core start"] > 0, _WITHIN, 1.0), -1.0)
    best = int(np.argmax(may_be if listed else likely))
    return best if may_be[best] else None
