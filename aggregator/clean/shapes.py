"""The texts of many blocks as arrays of characters and words, so that what is counted in them is counted at once.

A word is a run of letters and digits; of scripts written without spaces each character is one, for a share of a word.
Words are known by 64-bit hashes of their lower-case letters, the same in each run and on each machine.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


class Char:
    """What a character is to a judge of texts. Plain numbers: an Enum's members cost more than their use."""

    OTHER: Final = 0
    LOWER: Final = 1
    UPPER: Final = 2
    DIGIT: Final = 3
    UNCASED: Final = 4
    MARK: Final = 5
    IDEOGRAPH: Final = 6  # and kana: a word is about two of them
    UNSPACED: Final = 7  # Thai, Lao, Khmer, Burmese: a word is about five of them
    SPACE: Final = 8
    NEWLINE: Final = 9
    COMMA: Final = 10
    STOP: Final = 11
    QUESTION: Final = 12
    EXCLAMATION: Final = 13
    ELLIPSIS: Final = 14
    COLON: Final = 15
    QUOTE: Final = 16
    OPENING: Final = 17
    CLOSING: Final = 18
    BAR: Final = 19
    AT: Final = 20
    CURRENCY: Final = 21
    COPYRIGHT: Final = 22
    DASH: Final = 23
    SYMBOL: Final = 24


CHARS = Char.SYMBOL + 1
_LISTED = {
    Char.NEWLINE: "\n",
    Char.COMMA: ",;،؛、，；",
    Char.STOP: ".。．｡।۔።",
    Char.QUESTION: "?？؟;",
    Char.EXCLAMATION: "!！",
    Char.ELLIPSIS: "…",
    Char.COLON: ":：",
    Char.QUOTE: "\"'“”„‟‘’‚«»「」『』＂",
    Char.OPENING: "([{（［【〈《",
    Char.CLOSING: ")]}）］】〉》",
    Char.BAR: "|/\\›‹>→←↑↓•·●▪►▶▸◄◀|／+",
    Char.AT: "@#＠＃",
    Char.COPYRIGHT: "©®™℗",
}
_CATEGORIES = {
    "Ll": Char.LOWER, "Lu": Char.UPPER, "Lt": Char.UPPER, "Lo": Char.UNCASED, "Lm": Char.UNCASED,
    "Nd": Char.DIGIT, "Nl": Char.DIGIT, "No": Char.DIGIT, "Mn": Char.MARK, "Mc": Char.MARK, "Me": Char.MARK,
    "Zs": Char.SPACE, "Zl": Char.SPACE, "Zp": Char.SPACE, "Cc": Char.SPACE, "Sc": Char.CURRENCY, "Pd": Char.DASH,
    "Ps": Char.OPENING, "Pe": Char.CLOSING, "Pi": Char.QUOTE, "Pf": Char.QUOTE, "So": Char.SYMBOL,
}  # fmt: skip
_IDEOGRAPHS = ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_LAST = 0xFFFF  # of the table; what lies above is a symbol
_STEP = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE = pow(_STEP, -1, 2**64)
_WEIGHTS = {Char.IDEOGRAPH: 0.6, Char.UNSPACED: 0.2}


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Counts over `size` texts. Arrays of words are in reading order; `text_of` says which text a word stands in."""

    size: int
    counts: Ints  # [text, Char]
    first: Ints  # Char of each text's first character
    last: Ints  # Char of its last one but closing quotes and brackets
    text_hash: Hashes
    hashes: Hashes  # of words
    pairs: Hashes  # likewise, but a character of a script without spaces goes with the next one
    text_of: Ints
    weights: Floats  # a word's share of a word
    capital: Flags  # begins with a capital letter
    sentences: Ints  # sentence ends in each text

    def total(self, values: NDArray[Any]) -> Floats:
        """The sum, in each text, of a value that each word has."""
        return np.bincount(self.text_of, weights=values, minlength=self.size)[: self.size].astype(np.float64)

    def totals(self, values: NDArray[Any]) -> Floats:
        """The same of several values at once: [value, word] to [value, text]."""
        sums = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
        edges = np.searchsorted(self.text_of, np.arange(self.size + 1))
        return np.round(np.diff(sums[:, edges], axis=1), 9)


def shapes(texts: Sequence[str]) -> Shapes:
    """Reads texts that hold no line break."""
    joined = "".join(text + "\n" for text in texts)
    kinds = _table()[np.minimum(_codes(joined), _LAST)]
    lower = _codes(_lower(joined))
    breaks = np.flatnonzero(kinds == Char.NEWLINE)
    begins = np.concatenate(([0], breaks[:-1] + 1)) if len(breaks) else breaks
    size = len(texts)
    row = np.repeat(np.arange(size), breaks - begins + 1)
    hashing = _Hashing(lower)
    starts, ends = _words(kinds)
    unspaced = (kinds[starts] == Char.IDEOGRAPH) | (kinds[starts] == Char.UNSPACED)
    hashes = hashing.of(starts, ends)
    return Shapes(
        size=size,
        counts=np.bincount(row * CHARS + kinds, minlength=size * CHARS).reshape(size, CHARS),
        first=kinds[begins].astype(np.int64),
        last=_last(kinds, begins, breaks),
        text_hash=hashing.of(begins, breaks),
        hashes=hashes,
        pairs=np.where(unspaced, hashing.of(starts, np.minimum(ends + 1, len(lower) - 1)), hashes),
        text_of=row[starts],
        weights=_word_weights()[kinds[starts]],
        capital=kinds[starts] == Char.UPPER,
        sentences=np.bincount(row[_sentence_ends(kinds)], minlength=size)[:size],
    )


def prefix_hashes(hashes: Hashes) -> Hashes:
    """Step of a hash over several words: `prefix_hashes(whole) + next word` is the hash of one word more."""
    return (hashes ^ (hashes >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)


class _Hashing:
    """Hashes of any stretch of a text, from running sums; arithmetic is modulo 2**64."""

    def __init__(self, codes: NDArray[np.uint32]) -> None:
        powers = _powers(_STEP, len(codes))
        self._sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(codes.astype(np.uint64) * powers)))
        self._back = _powers(_INVERSE, len(codes))

    def of(self, starts: Ints, ends: Ints) -> Hashes:
        if not len(starts):
            return np.zeros(0, np.uint64)
        raw = (self._sums[ends] - self._sums[starts]) * self._back[starts]
        mixed: Hashes = (raw ^ (raw >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        return mixed


def _powers(base: int, size: int) -> Hashes:
    powers = np.full(size, base, dtype=np.uint64)
    powers[:1] = 1
    return np.cumprod(powers)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _lower(text: str) -> str:
    return text.replace("\u0130", "i").lower()  # U+0130 alone becomes two characters


def _words(kinds: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Where words start, and where they end: the character after the last."""
    inside = (kinds >= Char.LOWER) & (kinds <= Char.UNSPACED)
    single = (kinds == Char.IDEOGRAPH) | (kinds == Char.UNSPACED)
    joined = inside[1:] & inside[:-1] & ~single[1:] & ~single[:-1]
    starts = np.flatnonzero(inside & np.concatenate(([True], ~joined)))
    ends = np.flatnonzero(inside & np.concatenate((~joined, [True]))) + 1
    return starts, ends


def _last(kinds: NDArray[np.uint8], begins: Ints, breaks: Ints) -> Ints:
    at = np.maximum(breaks - 1, begins)
    for _ in range(2):
        closing = (kinds[at] == Char.QUOTE) | (kinds[at] == Char.CLOSING)
        inner = np.maximum(at - 1, begins)
        ends_inside = (kinds[inner] >= Char.STOP) & (kinds[inner] <= Char.ELLIPSIS)
        deeper = (kinds[inner] == Char.QUOTE) | (kinds[inner] == Char.CLOSING)
        at = np.where(closing & (ends_inside | deeper), inner, at)
    return kinds[at].astype(np.int64)


def _sentence_ends(kinds: NDArray[np.uint8]) -> Ints:
    ends = (kinds[:-1] >= Char.STOP) & (kinds[:-1] <= Char.ELLIPSIS)
    following = kinds[1:]
    wide = (following == Char.IDEOGRAPH) | (following == Char.UNCASED)
    return np.flatnonzero(
        ends & ((following >= Char.SPACE) & (following <= Char.NEWLINE) | (following == Char.QUOTE) | wide)
    )


@cache
def _table() -> NDArray[np.uint8]:
    """Char of each character of the basic plane."""
    table = np.array([_CATEGORIES.get(unicodedata.category(chr(code)), Char.OTHER) for code in range(_LAST + 1)])
    table[_LAST] = Char.SYMBOL
    for kind, ranges in ((Char.IDEOGRAPH, _IDEOGRAPHS), (Char.UNSPACED, _UNSPACED)):
        for first, last in ranges:
            table[first : last + 1] = kind
    for kind, characters in _LISTED.items():
        table[[ord(character) for character in characters]] = kind
    return table.astype(np.uint8)


@cache
def _word_weights() -> Floats:
    return np.array([_WEIGHTS.get(kind, 1.0) for kind in range(CHARS)])
