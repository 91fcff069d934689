"""How much each word speaks for a story or for what stands around it, learnt from many sites.

Words are known by a few bits of their hash alone. A word that was never met speaks for neither side, so that texts in
another language are judged by the rest of what is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.columns import Table, Windows, shift
from aggregator.clean.shapes import Floats, Hashes, Ints, Shapes

BITS = 15
_SHORT = 8  # words; in a line this short a word says another thing than in a paragraph
_CAP = 6.0  # of what a whole block may say


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Log odds of content by hash: of single words, and of pairs of neighbours."""

    words: NDArray[np.float32]
    pairs: NDArray[np.float32]


def empty() -> Lexicon:
    """One that knows no word."""
    return Lexicon(np.zeros(1 << BITS, dtype=np.float32), np.zeros(1 << BITS, dtype=np.float32))


def word_keys(text: Shapes) -> tuple[Ints, Ints]:
    """Of each word: the text it stands in, its place in the lexicon."""
    count = np.bincount(text.text_of, minlength=text.size)
    short = np.where(count[text.text_of] <= _SHORT, np.uint64(0x1234567), np.uint64(0))
    return text.text_of, _bits((text.hashes ^ short) * np.uint64(0x9E3779B97F4A7C15))


def pair_keys(text: Shapes) -> tuple[Ints, Ints]:
    """Likewise of each word together with the next one of the same text."""
    same = text.text_of[1:] == text.text_of[:-1]
    mixed = (text.hashes[:-1] * np.uint64(3) + text.hashes[1:]) * np.uint64(0xD6E8FEB86659FD93)
    return text.text_of[:-1][same], _bits(mixed[same])


def _bits(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


def lexical(table: Table, text: Shapes, lexicon: Lexicon) -> None:
    """What the words of each block and of its neighbours say."""
    total = np.zeros(text.size)
    for name, (of, keys), odds in (
        ("word", word_keys(text), lexicon.words),
        ("pair", pair_keys(text), lexicon.pairs),
    ):
        said = odds[keys].astype(np.float64)
        summed = np.bincount(of, weights=said, minlength=text.size)
        low, high = np.zeros(text.size), np.zeros(text.size)
        np.minimum.at(low, of, said)
        np.maximum.at(high, of, said)
        table[f"{name} odds"] = summed / np.maximum(np.bincount(of, minlength=text.size), 1)
        table[f"{name} odds sum"] = summed
        table[f"{name} odds low"] = low
        table[f"{name} odds high"] = high
        total += summed
    _near(table, np.clip(total, -_CAP, _CAP), table["word odds"] + table["pair odds"])


def _near(table: Table, total: Floats, mean: Floats) -> None:
    windows = Windows(total)
    for radius in (2, 5, 12):
        table[f"odds within {radius}"] = windows.around(radius)
    for step in (-2, -1, 1, 2):
        table[f"odds {step:+d}"] = shift(mean, step)
