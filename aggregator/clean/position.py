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
_NEARER: Final = (-2, -1, 1, 2)
_NEAR: Final = (-3, *_NEARER, 3)
_RADII: Final = (2, 5, 15)
_SIDES: Final = (-8, -3, 3, 8)
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
    for names, steps in ((("words", "ends"), _NEAR), (("function", "chrome", "capital"), _NEARER)):
        values = np.stack([getattr(seen, name) for name in names])
        moved = np.stack([shift(values, step) for step in steps], axis=1)
        table.add_all((f"{name} {step:+d}" for name in names for step in steps), moved)
    wide = {"prose": np.minimum(seen.prose, _CAP), "function": seen.function, "chrome": seen.chrome, "ends": seen.ends}
    _means(table, list(wide), np.stack(list(wide.values())))
    _means(table, ["core topic"], table["core topic"][None])  # apart: these are sums of 32-bit numbers
    table["words within 4"] = Windows(np.minimum(seen.words, _CAP)).around(4)
    table["length alike"] = np.abs(seen.words - Windows(seen.words).around(3)) / (seen.words + 1)


def _means(table: Table, names: Sequence[str], values: Floats) -> None:
    """What is around each row, and what is on either side: [name, row]."""
    windows = Windows(values)
    means = [*map(windows.around, _RADII), *map(windows.side, _SIDES)]
    kinds = [*(f"within {radius}" for radius in _RADII), *(f"side {length:+d}" for length in _SIDES)]
    table.add_all((f"{name} {kind}" for name in names for kind in kinds), np.stack(means, axis=1))


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
    said = np.stack([seen.phrases[name] for name in _CARRIED])[:, last]
    table.add_all((f"heading {name}" for name in _CARRIED), np.where(there, said, 0))
    strong = (seen.chrome >= 0.5) & (seen.words <= 12)
    felt = [(seen.phrases[name] >= 0.6) & (seen.words <= 8) for name in _FELT]
    hits = np.stack([strong, *felt])
    names = (f"{side} {name}" for name in ("chrome", *_FELT) for side in ("after", "until"))
    table.add_all(names, np.stack([since(hits), until(hits)], axis=1))
