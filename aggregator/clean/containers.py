"""What a page's markup tells of its blocks: links, names and tags around them, what shares their containers, and
what trafilatura kept of it all."""

from collections.abc import Sequence

import numpy as np

from aggregator.clean import places as dom
from aggregator.clean.blocks import Block
from aggregator.clean.columns import FAR, Table, Windows, shift
from aggregator.clean.looks import Looks
from aggregator.clean.shapes import Floats

_LEVELS = 5
_PARTS = (0.5, 0.8, 0.95)


def markup(table: Table, blocks: Sequence[Block], seen: Looks, linked: Floats) -> None:
    """All columns that need the page's elements."""
    kept = np.array([block.kept for block in blocks], dtype=np.float64)
    place = dom.places(blocks)
    _links(table, blocks, linked)
    _verdict(table, kept, seen)
    _names(table, place)
    _around(table, place, seen, linked, kept)
    _alike(table, place, seen, linked, kept)


def _links(table: Table, blocks: Sequence[Block], linked: Floats) -> None:
    table["linked"] = linked
    table["marked"] = np.array([block.marked for block in blocks])
    for step in (-2, -1, 1, 2):
        table[f"linked {step:+d}"] = shift(linked, step)
    windows = Windows(linked)
    for radius in (2, 6):
        table[f"linked within {radius}"] = windows.around(radius)


def _verdict(table: Table, kept: Floats, seen: Looks) -> None:
    """What trafilatura kept, here and near."""
    size = len(kept)
    index = np.arange(size)
    where = np.flatnonzero(kept)
    first, last = (int(where[0]), int(where[-1])) if len(where) else (size, -1)
    table["kept"] = kept
    for step in (-3, -2, -1, 1, 2, 3):
        table[f"kept {step:+d}"] = shift(kept, step)
    windows = Windows(kept)
    for radius in (2, 5, 15):
        table[f"kept within {radius}"] = windows.around(radius)
    table["from first kept"] = np.clip(index - first, -FAR, FAR)
    table["from last kept"] = np.clip(index - last, -FAR, FAR)
    words = np.cumsum(kept * seen.words)
    table["kept before"] = words - kept * seen.words
    table["kept after"] = words[-1] - words
    table["all kept"] = np.full(size, words[-1] / max(seen.words.sum(), 1))
    table["kept prose"] = np.full(size, (kept * seen.prose).sum() / max(seen.prose.sum(), 1))


def _names(table: Table, place: dom.Places) -> None:
    of = place.of
    for name, values in (("", place.names), ("near ", place.near_names), ("in ", place.all_names)):
        table.add_all((f"{name}.{value}" for value in dom.NAMES), dom.bits(values[of], len(dom.NAMES)))
    table.add_all((f"in <{tag}>" for tag in dom.TAGS), dom.bits(place.all_tags[of], len(dom.TAGS)))
    table["tag"] = place.tag[of]
    table["parent tag"] = place.tag[place.parent[of]]
    table["grandparent tag"] = place.tag[place.parent[place.parent[of]]]
    table["depth"] = place.depth[of]
    table["hidden"] = place.hidden[of]


def _around(table: Table, place: dom.Places, seen: Looks, linked: Floats, kept: Floats) -> None:
    """Of the containers around a block, each wider than the one before: what is in them."""
    values = np.stack([seen.words, seen.prose, linked * seen.words, kept, seen.chrome])
    sums = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
    inside = sums[:, place.stop] - sums[:, place.start]
    sizes = np.maximum(place.stop - place.start, 1)
    prose, all_kept = max(seen.prose.sum(), 1.0), max(kept.sum(), 1.0)
    levels = [place.of]
    for _ in range(1, _LEVELS):
        levels.append(place.wider[levels[-1]])
    at = np.stack(levels)
    index = np.arange(at.shape[1])
    words, size = np.maximum(inside[0, at], 0.2), sizes[at]
    told = {
        "blocks": size,
        "words": inside[0, at],
        "prose": inside[1, at] / prose,
        "prose share": inside[1, at] / words,
        "linked": inside[2, at] / words,
        "kept": inside[3, at] / size,
        "of kept": inside[3, at] / all_kept,
        "chrome": inside[4, at] / size,
        "index": index - place.start[at],
        "rest": place.stop[at] - index,
    }
    names = (f"container {level} {name}" for level in range(_LEVELS) for name in told)
    table.add_all(names, np.stack(list(told.values()), axis=1))
    _main(table, place, inside[1] / prose, "")
    _main(table, place, inside[3] / all_kept, "kept ")


def _main(table: Table, place: dom.Places, share: Floats, name: str) -> None:
    """The smallest containers with most of the running text: how far is the block from them?"""
    index = np.arange(len(place.of))
    for part in _PARTS:
        enough = np.flatnonzero(share >= part)
        best = int(enough[np.argmin((place.stop - place.start)[enough])]) if len(enough) else 0
        table[f"{name}main {part} from"] = np.clip(index - place.start[best], -FAR, FAR)
        table[f"{name}main {part} to"] = np.clip(index - place.stop[best], -FAR, FAR)
        table[f"{name}main {part} depth"] = place.depth[place.of] - place.depth[best]


def _alike(table: Table, place: dom.Places, seen: Looks, linked: Floats, kept: Floats) -> None:
    """Blocks of the same make, wherever they stand."""
    group = place.group
    size = np.bincount(group)
    of = size[group]
    table["alike"] = of
    averaged = {"words": seen.words, "prose": seen.prose, "linked": linked, "kept": kept, "chrome": seen.chrome}
    averaged |= {"ends": seen.ends, "topic": table["topic"]}
    for name, values in averaged.items():
        table[f"alike {name}"] = np.bincount(group, values)[group] / of
    table["alike prose part"] = np.bincount(group, seen.prose)[group] / max(seen.prose.sum(), 1)
    index = np.arange(len(group))
    low, high = np.full(len(size), len(group)), np.zeros(len(size), dtype=np.int64)
    np.minimum.at(low, group, index)
    np.maximum.at(high, group, index)
    table["alike before"] = index - low[group]
    table["alike after"] = high[group] - index
