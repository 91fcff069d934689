"""Disclaimers in flattened text: whose opinion it is, that it is no advice, what is earned by it, who may print it.

They are whole sentences in the words of the story and stand next to it, so that neither looks nor place give them away.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.rules import ends, lead
from aggregator.clean.shapes import Flags, Floats, shapes
from aggregator.clean.words import disclaimers

_WHOLE: Final = 0.99  # of a line's words
_LABEL: Final = 6  # words of a line that says "Disclaimer" and no more
_SAID: Final = 0.3  # of a paragraph's words in what disclaimers say
_LABELLED: Final = 0.1  # the same, where it is called one
_LEAST: Final = 4.5  # words of these
_LABELLED_LEAST: Final = 2.0
_LONGEST: Final = 120  # words; a longer paragraph tells of such things
_PART: Final = 0.5  # of the text; where more of it sounds so it is about law or money


def found(blocks: Sequence[Block], keep: Flags) -> list[int]:
    """The places of disclaimers among the kept blocks, with the line that names them."""
    kept = np.flatnonzero(keep).tolist()
    if not kept:
        return []
    said, called, words = _read([blocks[at].text for at in kept])
    label = (called >= _WHOLE * words) & (words <= _LABEL)
    opened = np.array([_opens(blocks[at].text) for at in kept])
    named = opened | np.append(False, label[:-1])
    tells = opened | np.array([ends(blocks[at].text) for at in kept])
    enough = said >= np.where(named, np.maximum(_LABELLED_LEAST, _LABELLED * words), np.maximum(_LEAST, _SAID * words))
    hit = enough & tells & (words <= _LONGEST)
    hit |= label & np.append(hit[1:], False)
    if words[hit].sum() > _PART * words.sum():
        return []
    return [at for at, says in zip(kept, hit.tolist(), strict=True) if says]


def _read(texts: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Of each text the words in what disclaimers say, in what they are called, and all of its words."""
    known, text = disclaimers(), shapes(texts)
    covered = dict(zip(known.categories, known.coverage(text), strict=True))
    return covered["disclaimer"], covered["label"], text.total(text.weights)


def _opens(text: str) -> bool:
    """Does it begin with "Disclaimer:"?"""
    name = lead(text)
    if not name:
        return False
    _, called, words = _read([name])
    return bool(called[0] >= _WHOLE * words[0])
