"""Where a block stands: in its document, between running text and chrome, below which heading."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.columns import Table, Windows, heaviest, shift, since, until
from aggregator.clean.looks import Looks
from aggregator.clean.shapes import Floats

_CARRIED: Final = (
    "share", "newsletter", "related", "navigation", "comments", "tags", "byline", "promotion", "contents", "source",
)  # fmt: skip
_FELT: Final = ("related", "comments", "newsletter", "tags", "byline", "source")
_CORES: Final[Mapping[str, float]] = {
    "core": 4.0,
    "wide core": 1.0,
    "tight core": 12.0,
}  # words that a line of chrome costs
_LONG: Final = 20  # words
_HEADING: Final = 9  # words at most, where no markup tells
_CAP: Final = 60  # words; past it a paragraph is a paragraph


def position(table: Table, seen: Looks) -> tuple[int, int]:
    """Notes each block's place; first and last block of the core, the stretch with most running text in it."""
    size = len(seen.words)
    index = np.arange(size)
    total, prose = max(seen.words.sum(), 1), max(seen.prose.sum(), 1)
    before = np.cumsum(seen.prose) - seen.prose
    table["index"] = index
    table["to end"] = size - index
    table["part"] = index / size
    table["words before"] = (np.cumsum(seen.words) - seen.words) / total
    table["prose before"] = before / prose
    table["prose before, words"] = before
    table["prose after, words"] = prose - before - seen.prose
    table["prose"] = seen.prose
    table["all prose"] = np.full(size, prose)
    table["prose share"] = np.full(size, prose / total)
    table["blocks"] = np.full(size, float(size))
    for name, marked in (("prose", seen.prose > 0), ("long", seen.prose >= _LONG)):
        table[f"after {name}"] = since(marked)
        table[f"until {name}"] = until(marked)
    return _cores(table, seen)


def _cores(table: Table, seen: Looks) -> tuple[int, int]:
    index = np.arange(len(seen.words))
    other = seen.prose == 0
    found = []
    for name, cost in _CORES.items():
        first, last = heaviest(seen.prose - (cost + 0.3 * seen.words) * other)
        table[f"{name} start"] = index - first
        table[f"{name} stop"] = index - last
        table[f"in {name}"] = (index >= first) & (index <= last)
        found.append((first, last))
    return found[0]


def neighbours(table: Table, seen: Looks) -> None:
    """What the blocks before and after look like, near and further off."""
    for name in ("words", "ends", "function", "chrome", "capital"):
        values: Floats = getattr(seen, name)
        for step in (-3, -2, -1, 1, 2, 3) if name in {"words", "ends"} else (-2, -1, 1, 2):
            table[f"{name} {step:+d}"] = shift(values, step)
    wide = {
        "prose": np.minimum(seen.prose, _CAP),
        "function": seen.function,
        "chrome": seen.chrome,
        "ends": seen.ends,
        "core topic": table["core topic"],
    }
    for name, values in wide.items():
        windows = Windows(values)
        for radius in (2, 5, 15):
            table[f"{name} within {radius}"] = windows.around(radius)
        for length in (-8, -3, 3, 8):
            table[f"{name} side {length:+d}"] = windows.side(length)
    table["words within 4"] = Windows(np.minimum(seen.words, _CAP)).around(4)
    table["length alike"] = np.abs(seen.words - Windows(seen.words).around(3)) / (seen.words + 1)


def headings(table: Table, seen: Looks, blocks: Sequence[Block]) -> None:
    """What the last heading says: a list below "Related" is not the story's."""
    heading = np.array([block.kind == "heading" for block in blocks])
    if not heading.any():
        gap = np.array([block.gap for block in blocks]) > 0
        heading = (seen.words <= _HEADING) & (seen.ends == 0) & gap
    index = np.arange(len(blocks))
    last = np.maximum.accumulate(np.where(heading, index, -1))
    there = last >= 0
    prose = np.cumsum(seen.prose)
    table["after heading"] = np.where(there, index - last, 999)
    table["heading words"] = np.where(there, seen.words[last], -1)
    table["prose since heading"] = np.where(there, prose - prose[last], -1)
    for name in _CARRIED:
        table[f"heading {name}"] = np.where(there, seen.phrases[name][last], 0)
    strong = (seen.chrome >= 0.5) & (seen.words <= 12)
    for name, hit in (("chrome", strong), *((name, (seen.phrases[name] >= 0.6) & (seen.words <= 8)) for name in _FELT)):
        table[f"after {name}"] = since(hit)
        table[f"until {name}"] = until(hit)
