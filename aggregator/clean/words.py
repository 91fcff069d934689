"""Word lists by language: the function words that running text is made of, and what sites write around stories.

The lists stand in data/*.txt, which say how they are written. Looking up goes by word hashes, for whole pages at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.shapes import Floats, Hashes, Ints, Shapes, prefix_hashes, shapes

_MOST_WORDS = 24  # of a phrase; of scripts without spaces, characters
_BITMAP = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """The phrase lists, ready to be looked up. `categories` are in the file's order."""

    categories: tuple[str, ...]
    starts: NDArray[np.bool_]  # by the low bits of a word's hash: may a phrase begin with it?
    prefixes: Hashes  # sorted: of each phrase's first words, and of whole phrases
    masks: NDArray[np.int64]  # by prefix: the categories of the phrase that ends there
    longer: NDArray[np.bool_]  # by prefix: does a longer phrase begin so?

    def coverage(self, text: Shapes) -> Floats:
        """Of each text, the weight of the words that phrases of a category cover: [category, text]."""
        bits = np.arange(len(self.categories))[:, None]
        edges = np.zeros((len(self.categories), len(text.hashes) + 1), dtype=np.int32)
        for at, words, masks in self._matches(text):
            category, which = np.nonzero((masks >> bits) & 1)
            np.add.at(edges, (category, at[which]), 1)
            np.subtract.at(edges, (category, at[which] + words), 1)
        covered = (np.cumsum(edges, axis=1)[:, :-1] > 0) * text.weights
        return text.totals(covered)

    def _matches(self, text: Shapes) -> Iterator[tuple[Ints, int, Ints]]:
        """Start, number of words and categories of what is found, a length at a time."""
        at = np.flatnonzero(self.starts[(text.hashes % _BITMAP).astype(np.int64)])
        running = text.hashes[at]
        for words in range(1, _MOST_WORDS + 1):
            if not len(at):
                return
            where = np.minimum(np.searchsorted(self.prefixes, running), len(self.prefixes) - 1)
            found = self.prefixes[where] == running
            masks = np.where(found, self.masks[where], 0)
            yield at[masks > 0], words, masks[masks > 0]
            going = found & self.longer[where]
            at, running = at[going], running[going]
            inside = at + words < len(text.hashes)
            at, running = at[inside], running[inside]
            same = text.text_of[at] == text.text_of[at + words]
            at, running = at[same], running[same]
            running = prefix_hashes(running) + text.hashes[at + words]


@dataclass(frozen=True, slots=True, eq=False)
class FunctionWords:
    """Hashes of each language's function words."""

    languages: tuple[str, ...]
    hashes: Hashes  # sorted
    member: NDArray[np.bool_]  # [language, hash]

    def share(self, text: Shapes) -> tuple[Floats, NDArray[np.bool_]]:
        """Of each text, the share of function words of the whole's likeliest language; and which words they are."""
        where = np.minimum(np.searchsorted(self.hashes, text.hashes), len(self.hashes) - 1)
        known = self.hashes[where] == text.hashes
        per_language = self.member @ np.bincount(where[known], minlength=len(self.hashes))
        hit = known & self.member[int(np.argmax(per_language)), where]
        return text.total(hit * text.weights) / np.maximum(text.total(text.weights), 0.2), hit


@cache
def phrases() -> Phrases:
    """The shipped phrase lists."""
    return _read("phrases.txt")


@cache
def disclaimers() -> Phrases:
    """What disclaimers are called, and what they say."""
    return _read("disclaimers.txt")


@cache
def listed_phrases(category: str, language: str) -> tuple[str, ...]:
    """The phrases of one category in one language, without their stars."""
    inside = False
    for line in _lines("phrases.txt"):
        inside = line == f"[{category}]" if line.startswith("[") else inside
        if inside and line.startswith(f"{language}: "):
            phrases = (phrase.rstrip("*") for phrase in line[len(language) + 2 :].split("|"))
            return tuple(phrase for phrase in phrases if "*" not in phrase)
    return ()


@cache
def function_words() -> FunctionWords:
    """The shipped lists of function words."""
    listed = [line.partition(": ") for line in _lines("function_words.txt")]
    languages = tuple(language for language, _, _ in listed)
    read = shapes([words for _, _, words in listed])
    hashes, where = np.unique(read.hashes, return_inverse=True)
    member = np.zeros((len(languages), len(hashes)), dtype=np.bool_)
    member[read.text_of, where] = True
    return FunctionWords(languages, hashes, member)


def _read(name: str) -> Phrases:
    category = ""
    categories: list[str] = []
    listed: list[str] = []
    masks: list[int] = []
    for line in _lines(name):
        if line.startswith("["):
            category = line.strip("[]")
            categories.append(category)
            continue
        found = [phrase for phrase in line.partition(": ")[2].split("|") if "*" not in phrase[:-1]]
        listed += found
        masks += [1 << categories.index(category)] * len(found)
    return _phrases(tuple(categories), listed, masks)


def _phrases(categories: tuple[str, ...], listed: Sequence[str], masks: Sequence[int]) -> Phrases:
    read = shapes(listed)
    table: dict[int, list[int]] = {}  # prefix -> its categories, whether longer ones begin so
    lengths = np.bincount(read.text_of, minlength=len(listed))
    begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    running = np.zeros(len(listed), dtype=np.uint64)
    for step in range(min(_MOST_WORDS, int(lengths.max()))):
        going = np.flatnonzero((lengths > step) & (lengths <= _MOST_WORDS))
        running[going] = (prefix_hashes(running[going]) if step else 0) + read.hashes[begins[going] + step]
        for index, prefix in zip(going.tolist(), running[going].tolist(), strict=True):
            entry = table.setdefault(prefix, [0, 0])
            entry[0] |= masks[index] if lengths[index] == step + 1 else 0
            entry[1] |= lengths[index] > step + 1
    order = sorted(table)
    starts = np.zeros(_BITMAP, dtype=np.bool_)
    starts[(read.hashes[begins[lengths > 0]] % _BITMAP).astype(np.int64)] = True
    return Phrases(
        categories,
        starts,
        np.array(order, dtype=np.uint64),
        np.array([table[prefix][0] for prefix in order], dtype=np.int64),
        np.array([table[prefix][1] for prefix in order], dtype=np.bool_),
    )


def _lines(name: str) -> list[str]:
    text = resources.files("aggregator.clean").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
