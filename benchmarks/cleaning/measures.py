"""What a cleaned text is measured by.

word F1     of the bags of words of text and gold, the mean over the pages that have a gold text
snippet F   of all snippets of all pages: those that must be there and are, against those missing and those that must
            not be there and are
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

_WORD = re.compile(r"\w+")


def words(text: str) -> Counter[str]:
    """A bag of lower-case words."""
    return Counter(_WORD.findall(text.lower()))


def word_f1(text: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1; two empty texts agree."""
    found, wanted = words(text), words(gold)
    if not found or not wanted:
        return (1.0, 1.0, 1.0) if not found and not wanted else (0.0, 0.0, 0.0)
    both = (found & wanted).total()
    precision, recall = both / found.total(), both / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0


@dataclass
class Tally:
    """The measures of one cleaner on one file."""

    word: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # by page
    found: int = 0
    missing: int = 0
    wrong: int = 0
    empty: int = 0
    pages: int = 0
    seconds: float = 0.0  # of processor time

    def add(self, page: dict, text: str) -> None:
        """Counts one page's text."""
        self.pages += 1
        self.empty += not text.strip()
        if page.get("gold"):
            self.word[page["id"]] = word_f1(text, page["gold"])
        flat = " ".join(text.split())
        wanted = [" ".join(snippet.split()) for snippet in page.get("with") or []]
        found = sum(snippet in flat for snippet in wanted)
        self.found += found
        self.missing += len(wanted) - found
        self.wrong += sum(" ".join(snippet.split()) in flat for snippet in page.get("without") or [])

    def mean(self, which: int) -> float:
        """Precision, recall or F1 over the pages with a gold text."""
        return float(np.mean([each[which] for each in self.word.values()])) if self.word else float("nan")

    @property
    def snippet_f(self) -> float:
        """F1 of the snippets."""
        return 2 * self.found / max(2 * self.found + self.missing + self.wrong, 1)


def interval(better: Tally, worse: Tally, rounds: int = 2000) -> tuple[float, float]:
    """95 % interval of the difference of word F1, by drawing the pages that both have again and again."""
    gain = np.array([better.word[page][2] - worse.word[page][2] for page in better.word])
    drawn = np.random.default_rng(1).choice(gain, size=(rounds, len(gain))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def shown(values: Sequence[float]) -> str:
    """Cells of a table row."""
    return " | ".join("" if value != value else f"{value:.4f}" for value in values)  # noqa: PLR0124 - nan alone differs
