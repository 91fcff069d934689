"""What each block looks like by itself, and what it shares with the other blocks' words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table
from aggregator.clean.shapes import CHARS, Char, Flags, Floats, Shapes
from aggregator.clean.words import function_words, phrases

_KINDS: Final = ("paragraph", "heading", "list item", "quote", "table row", "code", "caption", "other")
_PER_WORD: Final = ("COMMA", "COLON", "QUOTE", "BAR", "DASH", "OPENING", "SYMBOL", "AT")
_COUNTED: Final = ("COPYRIGHT", "CURRENCY", "QUESTION", "EXCLAMATION")
_LEAST: Final = 0.2  # words; the weight of one character of a script without spaces


def _order(*groups: tuple[int, ...]) -> Floats:
    """Chars ranked by group, so that a tree can part the groups by one threshold."""
    rank = np.zeros(CHARS)
    for value, group in enumerate(groups, start=1):
        rank[list(group)] = value
    return rank


_LETTERS: Final = (Char.UPPER, Char.UNCASED, Char.IDEOGRAPH, Char.UNSPACED)
_FIRST: Final = _order(_LETTERS, (Char.QUOTE,), (Char.LOWER,), (Char.DIGIT,), (Char.OPENING,))
_LAST: Final = _order(
    (Char.LOWER, *_LETTERS),
    (Char.DIGIT,),
    (Char.CLOSING,),
    (Char.COMMA,),
    (Char.COLON,),
    (Char.ELLIPSIS,),
    (Char.EXCLAMATION,),
    (Char.QUESTION,),
    (Char.QUOTE,),
    (Char.STOP,),
)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What other columns are made of."""

    text: Shapes
    words: Floats
    ends: Floats  # as a sentence does
    function: Floats  # share of function words
    chrome: Floats  # share of words in the phrases that sites use
    prose: Floats  # words that read as running text
    phrases: Mapping[str, Floats]  # by category: the share of words in its phrases
    content: Flags  # [word] not a function word
    capital: Floats


def looks(table: Table, text: Shapes, linked: Floats) -> Looks:
    """Reads the blocks and notes it in the table. `linked` are shares of characters inside links."""
    words = text.total(text.weights)
    least = np.maximum(words, _LEAST)
    function, is_function = function_words().share(text)
    ends = (text.last >= Char.STOP) & (text.last <= Char.ELLIPSIS)
    capital = text.total(text.capital) / least
    table["words"] = words
    table["sentences"] = text.sentences
    table["sentence length"] = words / np.maximum(text.sentences, 1)
    table["function"] = function
    table["capital words"] = capital
    _characters(table, text, least)
    shares = phrases().coverage(text) / least
    by_name = dict(zip(phrases().categories, shares, strict=True))
    for name, share in by_name.items():
        table[name] = share
    chrome = np.minimum(shares.max(axis=0), 1.0)
    table["chrome"] = chrome
    prose = np.where((words >= 9) | ((words >= 4) & ends), words, 0.0) * (chrome < 0.4) * (linked <= 0.6)
    return Looks(text, words, ends.astype(np.float64), function, chrome, prose, by_name, ~is_function, capital)


def _characters(table: Table, text: Shapes, least: Floats) -> None:
    counts = text.counts
    letters = np.maximum(counts[:, Char.LOWER : Char.UNSPACED + 1].sum(axis=1), 1)
    table["characters"] = np.maximum(counts.sum(axis=1) - 1, 1)
    table["word length"] = letters / least
    table["capitals"] = counts[:, Char.UPPER] / letters
    table["digits"] = counts[:, Char.DIGIT] / letters
    table["uncased"] = counts[:, Char.UNCASED : Char.UNSPACED + 1].sum(axis=1) / letters
    for name in _PER_WORD:
        table[name] = counts[:, getattr(Char, name)] / least
    for name in _COUNTED:
        table[name] = counts[:, getattr(Char, name)]
    table["first"] = _FIRST[text.first]
    table["last"] = _LAST[text.last]


def kinds(table: Table, blocks: Sequence[Block]) -> None:
    """A page's blocks by kind."""
    for kind in _KINDS:
        table[kind] = np.array([block.kind == kind for block in blocks])


def gaps(table: Table, blocks: Sequence[Block], seen: Looks) -> None:
    """Empty lines part a text's lines into groups."""
    gap = np.array([block.gap for block in blocks])
    group = np.cumsum(gap > 0)
    size = np.bincount(group)[group]
    table["gap"] = np.minimum(gap, 5)
    table["gap after"] = np.minimum(np.append(gap[1:], 5), 5)
    table["group size"] = size
    table["group index"] = np.arange(len(blocks)) - np.searchsorted(group, group)
    for name in ("words", "prose", "function", "chrome", "capital"):
        table[f"group {name}"] = np.bincount(group, getattr(seen, name))[group] / size
    table["gaps"] = np.full(len(blocks), float(np.mean(gap > 0)))


def repetition(table: Table, seen: Looks, core: tuple[int, int]) -> None:
    """The same text or the same beginning elsewhere, and words shared with the rest of the running text."""
    text = seen.text
    _copies(table, text)
    _, word = np.unique(text.pairs, return_inverse=True)
    _, back, own = np.unique(word * text.size + text.text_of, return_inverse=True, return_counts=True)
    index = np.arange(text.size)
    content = (seen.content & (text.weights > 0.1)) * text.weights
    contents = np.maximum(text.total(content), _LEAST)
    inside = (index >= core[0]) & (index <= core[1]) & (seen.prose > 0)
    for name, marked in (("topic", seen.prose > 0), ("core topic", inside)):
        spread = np.bincount(word, weights=marked[text.text_of], minlength=1)
        elsewhere = np.maximum(spread[word] - own[back] * marked[text.text_of], 0)
        table[name] = text.total((elsewhere > 0) * content) / contents
        table[f"{name} often"] = text.total(np.log1p(elsewhere) * content) / contents
    table["words once"] = text.total((np.bincount(word)[word] == own[back]) * content) / contents


def _copies(table: Table, text: Shapes) -> None:
    _, which, times = np.unique(text.text_hash, return_inverse=True, return_counts=True)
    table["copies"] = times[which]
    first = np.zeros(len(times), dtype=np.int64)
    first[which[::-1]] = np.arange(text.size)[::-1]
    table["copy before"] = np.arange(text.size) - first[which]
    counted = np.bincount(text.text_of, minlength=text.size)
    starts = np.cumsum(counted) - counted
    for name, at in (("first word", starts), ("last word", starts + counted - 1), ("second word", starts + 1)):
        there = (counted > 1) & (at < len(text.hashes))
        hashes = text.hashes[np.where(there, at, 0)] if len(text.hashes) else np.zeros(text.size, dtype=np.uint64)
        _, same, often = np.unique(np.where(there, hashes, 0), return_inverse=True, return_counts=True)
        table[f"same {name}"] = np.where(there, often[same], 0)
        table[f"same {name} next"] = there & np.append(same[1:] == same[:-1], False)
        table[f"same {name} before"] = there & np.append(False, same[1:] == same[:-1])
