"""How much each word speaks for a story or for what stands around it: a linear model, learnt from many sites.

Words are known by a few bits of their hash alone. A word that was never met speaks for neither side, so that texts in
another language are judged by the rest of what is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.columns import Table, Windows, shift
from aggregator.clean.shapes import Floats, Hashes, Ints, Shapes

BITS = 15
TABLES = 4  # for words, pairs of neighbours, first words of a block, last words
_SHORT = 8  # words; in a line this short a word says another thing than in a paragraph
_CAP = 4.0  # of what a whole block may say
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What a key adds to the log odds of content, before the sum is divided by the root of the number of keys."""

    weights: NDArray[np.float32]  # [key]: the tables one after the other, each by hash


def empty() -> Lexicon:
    """One that knows no word."""
    return Lexicon(np.zeros(TABLES << BITS, dtype=np.float32))


def keys(text: Shapes) -> tuple[Ints, Ints]:
    """What is looked up in the lexicon: the text each key stands for, and the key."""
    count = np.bincount(text.text_of, minlength=text.size)
    ends = np.cumsum(count)[count > 0]
    first, last = ends - count[count > 0], ends - 1
    short = np.where(count[text.text_of] <= _SHORT, np.uint64(0x1234567), np.uint64(0))
    same = np.flatnonzero(text.text_of[1:] == text.text_of[:-1])
    hashes = text.hashes
    pairs = (hashes[same] * np.uint64(3) + hashes[same + 1]) * np.uint64(0xD6E8FEB86659FD93)
    tables = ((hashes ^ short) * _MIX, pairs, hashes[first] * _MIX, hashes[last] * _MIX)
    of = (text.text_of, text.text_of[same], text.text_of[first], text.text_of[last])
    return np.concatenate(of), np.concatenate([_key(mixed, number) for number, mixed in enumerate(tables)])


def _key(hashes: Hashes, table: int) -> Ints:
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64) + (table << BITS)


def lexical(table: Table, text: Shapes, lexicon: Lexicon) -> None:
    """What the words of each block and of its neighbours say."""
    of, key = keys(text)
    count = np.bincount(of, minlength=text.size)
    summed = np.bincount(of, weights=lexicon.weights[key], minlength=text.size)
    said: Floats = np.clip(summed / np.sqrt(np.maximum(count, 1)), -_CAP, _CAP)
    table["said"] = said
    for step in (-1, 1):
        table[f"said {step:+d}"] = shift(said, step)
    windows = Windows(said)
    for radius in (2, 5, 12):
        table[f"said within {radius}"] = windows.around(radius)
