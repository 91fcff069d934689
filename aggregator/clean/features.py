"""Blocks as rows of numbers for the judge: what a text looks like, where it stands, what stands around it.

Nothing here knows a language but through the word lists, so that a language without a list is judged by the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from aggregator.clean import places as dom
from aggregator.clean.blocks import Block, Place
from aggregator.clean.shapes import Char, Flags, Floats, Ints, Shapes, shapes
from aggregator.clean.words import function_words, phrases

_SHOWN = 10  # kinds of phrases whose coverage of the neighbours and of the last heading counts
_CARRIED = (
    "share",
    "newsletter",
    "related",
    "navigation",
    "comments",
    "tags",
    "byline",
    "promotion",
    "contents",
    "source",
)
_KINDS = ("paragraph", "heading", "list item", "quote", "table row", "code", "caption", "other")


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What is known beside the blocks, as plain text."""

    title: str = ""
    summary: str = ""


class Table:
    """Columns by name, in order."""

    def __init__(self) -> None:
        self.columns: dict[str, Floats] = {}

    def __setitem__(self, name: str, values: Floats | Flags | Ints) -> None:
        self.columns[name] = values.astype(np.float32)

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def matrix(self) -> Floats:
        return np.column_stack(list(self.columns.values()))


def features(blocks: Sequence[Block], around: Around, *, page: bool) -> Table:
    """The table of a page's or a text's blocks: at least one."""
    text = shapes([block.text for block in blocks])
    table = Table()
    own = _own(table, text)
    _kinds(table, blocks) if page else _gaps(table, blocks, own)
    _evidence(table, text, own, around)
    linked = np.array([block.linked for block in blocks])
    own.prose[linked > 0.6] = 0
    _position(table, own)
    _neighbours(table, own)
    _headings(table, own, blocks)
    _repetition(table, text, own)
    if page:
        kept = np.array([block.kept for block in blocks], dtype=np.float64)
        place = dom.places(blocks)
        _links(table, blocks, linked)
        _verdict(table, kept, own)
        _dom(table, place)
        _containers(table, place, own, linked, kept)
        _grouped(table, place, own, linked, kept)
    return table


@cache
def names(*, page: bool) -> tuple[str, ...]:
    """The columns of the tables of pages or of texts."""
    root = Place(index=0, parent=None, tag="p", depth=0, kind="paragraph")
    return features([Block(text="-", place=root if page else None)], Around(), page=page).names()


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What other features are made of."""

    words: Floats
    ends: Floats  # as a sentence does
    function: Floats  # share of function words
    chrome: Floats  # share of words in phrases of sites
    prose: Floats  # words that read as running text
    phrases: dict[str, Floats]
    content: Flags  # [word] not a function word
    capital: Floats


def _own(table: Table, text: Shapes) -> Own:
    words = text.total(text.weights)
    least = np.maximum(words, 0.2)
    counts = text.counts
    characters = np.maximum(counts.sum(axis=1) - 1, 1)
    letters = np.maximum(counts[:, Char.LOWER : Char.UNSPACED + 1].sum(axis=1), 1)
    function, is_function = function_words().share(text)
    ends = (text.last >= Char.STOP) & (text.last <= Char.ELLIPSIS)
    table["words"] = words
    table["characters"] = characters
    table["word length"] = letters / least
    table["capitals"] = counts[:, Char.UPPER] / letters
    table["capital words"] = text.total(text.capital) / least
    table["digits"] = counts[:, Char.DIGIT] / letters
    table["uncased"] = counts[:, Char.UNCASED : Char.UNSPACED + 1].sum(axis=1) / letters
    table["sentences"] = text.sentences
    table["sentence length"] = words / np.maximum(text.sentences, 1)
    table["function"] = function
    for kind in (Char.COMMA, Char.COLON, Char.QUOTE, Char.BAR, Char.DASH, Char.OPENING, Char.SYMBOL, Char.AT):
        table[kind.name] = counts[:, kind] / least
    table["COPYRIGHT"] = counts[:, Char.COPYRIGHT]
    table["CURRENCY"] = counts[:, Char.CURRENCY]
    table["QUESTION"] = counts[:, Char.QUESTION]
    table["EXCLAMATION"] = counts[:, Char.EXCLAMATION]
    table["first"] = _FIRST[text.first]
    table["last"] = _LAST[text.last]
    covered = phrases().coverage(text)
    shares = covered / least
    by_name = dict(zip(phrases().categories, shares, strict=True))
    for name, share in by_name.items():
        table[name] = share
    chrome = np.minimum(shares.max(axis=0), 1.0)
    table["chrome"] = chrome
    prose = np.where((words >= 9) | ((words >= 4) & ends), words, 0.0) * (chrome < 0.4)
    return Own(
        words, ends.astype(np.float64), function, chrome, prose, by_name, ~is_function, text.total(text.capital) / least
    )


def _order(*groups: tuple[Char, ...]) -> Floats:
    """Chars ranked by group, so that a tree can part the groups by one threshold."""
    rank = np.zeros(len(Char))
    for value, group in enumerate(groups, start=1):
        rank[list(group)] = value
    return rank


_FIRST = _order(
    (Char.UPPER, Char.UNCASED, Char.IDEOGRAPH, Char.UNSPACED),
    (Char.QUOTE,),
    (Char.LOWER,),
    (Char.DIGIT,),
    (Char.OPENING,),
)
_LAST = _order(
    (Char.LOWER, Char.UPPER, Char.UNCASED, Char.IDEOGRAPH, Char.UNSPACED), (Char.DIGIT,), (Char.CLOSING,), (Char.COMMA,),
    (Char.COLON,), (Char.ELLIPSIS,), (Char.EXCLAMATION,), (Char.QUESTION,), (Char.QUOTE,), (Char.STOP,),
)  # fmt: skip


def _kinds(table: Table, blocks: Sequence[Block]) -> None:
    for kind in _KINDS:
        table[kind] = np.array([block.kind == kind for block in blocks])


def _gaps(table: Table, blocks: Sequence[Block], own: Own) -> None:
    """Empty lines part a text's lines into groups."""
    gap = np.array([block.gap for block in blocks])
    group = np.cumsum(gap > 0)
    size = np.bincount(group)[group]
    first = np.searchsorted(group, group)
    table["gap"] = np.minimum(gap, 5)
    table["gap after"] = np.minimum(np.append(gap[1:], 5), 5)
    table["group size"] = size
    table["group index"] = np.arange(len(blocks)) - first
    table["group words"] = np.bincount(group, own.words)[group] / size
    table["group prose"] = np.bincount(group, own.prose > 0)[group] / size
    table["group function"] = np.bincount(group, own.function)[group] / size
    table["group chrome"] = np.bincount(group, own.chrome)[group] / size
    table["gaps"] = np.full(len(blocks), float(np.mean(gap > 0)))


def _evidence(table: Table, text: Shapes, own: Own, around: Around) -> None:
    for name, known in (("title", around.title), ("summary", around.summary)):
        share, back = np.full(text.size, -1.0), np.full(text.size, -1.0)
        if known:
            other = np.unique(shapes([known.replace("\n", " ")]).pairs)
            hit = np.isin(text.pairs, other)
            least = np.maximum(text.total(text.weights), 0.2)
            share = text.total(hit * text.weights) / least
            back = text.total(hit & own.content) / max(len(other), 1)
        table[name] = share
        table[f"of {name}"] = back
    if around.title:
        at = int(np.argmax(np.minimum(table["title"], 1) * np.minimum(table["of title"], 1)))
        table["from title"] = np.arange(text.size) - at
    else:
        table["from title"] = np.full(text.size, -9999.0)


def _position(table: Table, own: Own) -> None:
    size = len(own.words)
    index = np.arange(size)
    total, prose = max(own.words.sum(), 1), max(own.prose.sum(), 1)
    before = np.cumsum(own.prose) - own.prose
    table["index"] = index
    table["to end"] = size - index
    table["part"] = index / size
    table["words before"] = (np.cumsum(own.words) - own.words) / total
    table["prose before"] = before / prose
    table["prose before, words"] = before
    table["prose after, words"] = prose - before - own.prose
    table["prose"] = own.prose
    table["all prose"] = np.full(size, prose)
    table["prose share"] = np.full(size, prose / total)
    table["blocks"] = np.full(size, float(size))
    is_prose = own.prose > 0
    table["after prose"] = _since(is_prose)
    table["until prose"] = _since(is_prose[::-1])[::-1]
    long = own.prose >= 20
    table["after long"] = _since(long)
    table["until long"] = _since(long[::-1])[::-1]
    for name, cost in (("core", 4.0), ("wide core", 1.0), ("tight core", 12.0)):
        first, last = _core(own.prose - cost * (~is_prose) - 0.3 * own.words * (~is_prose))
        table[f"{name} start"] = index - first
        table[f"{name} stop"] = index - last
        table[f"in {name}"] = (index >= first) & (index <= last)


def _since(marked: Flags) -> Floats:
    """How many rows ago the last marked one was; 999 when there was none."""
    index = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, index, -1))
    return np.where(last < 0, 999, np.minimum(index - last, 999)).astype(np.float64)


def _core(scores: Floats) -> tuple[int, int]:
    """First and last row of the stretch with the greatest sum."""
    sums = np.cumsum(scores)
    lowest = np.minimum.accumulate(np.concatenate(([0.0], sums[:-1])))
    last = int(np.argmax(sums - lowest))
    start = np.concatenate(([0.0], sums[:last]))
    return int(len(start) - 1 - np.argmin(start[::-1])), last


def _shift(values: Floats, by: int) -> Floats:
    """The value `by` rows on; -1 past the ends."""
    moved = np.full(len(values), -1.0)
    if by > 0:
        moved[:-by] = values[by:]
    else:
        moved[-by:] = values[:by]
    return moved


def _around(values: Floats, radius: int) -> Floats:
    """The mean over the rows within `radius`, without the row itself."""
    size = len(values)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(size)
    low, high = np.maximum(index - radius, 0), np.minimum(index + radius + 1, size)
    return (sums[high] - sums[low] - values) / np.maximum(high - low - 1, 1)


def _side(values: Floats, length: int) -> Floats:
    """The mean over the `length` rows after each (before it, when negative)."""
    size = len(values)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(size)
    low = np.minimum(index + 1, size) if length > 0 else np.maximum(index + length, 0)
    high = np.minimum(index + 1 + length, size) if length > 0 else index
    return (sums[high] - sums[low]) / np.maximum(high - low, 1)


def _neighbours(table: Table, own: Own) -> None:
    by = {"words": own.words, "ends": own.ends, "function": own.function, "chrome": own.chrome, "capital": own.capital}
    for name, values in by.items():
        for step in (-3, -2, -1, 1, 2, 3) if name in {"words", "ends"} else (-2, -1, 1, 2):
            table[f"{name} {step:+d}"] = _shift(values, step)
    wide = {"prose": np.minimum(own.prose, 60), "function": own.function, "chrome": own.chrome, "ends": own.ends}
    for name, values in wide.items():
        for radius in (2, 5, 15):
            table[f"{name} within {radius}"] = _around(values, radius)
        for length in (-8, -3, 3, 8):
            table[f"{name} side {length:+d}"] = _side(values, length)
    short = np.minimum(own.words, 60)
    table["words within 4"] = _around(short, 4)
    table["length alike"] = np.abs(own.words - _around(own.words, 3)) / (own.words + 1)


def _headings(table: Table, own: Own, blocks: Sequence[Block]) -> None:
    """What the last heading says: a list below "Related" is not the story's."""
    heading = np.array([block.kind == "heading" for block in blocks])
    if not heading.any():
        gap = np.array([block.gap for block in blocks]) > 0
        heading = (own.words <= 9) & (own.ends == 0) & gap
    index = np.arange(len(blocks))
    last = np.maximum.accumulate(np.where(heading, index, -1))
    there = last >= 0
    table["after heading"] = np.where(there, index - last, 999)
    table["heading words"] = np.where(there, own.words[last], -1)
    prose = np.cumsum(own.prose)
    table["prose since heading"] = np.where(
        there, prose - own.prose - prose[last] + own.prose[last] * (last == index), -1
    )
    for name in _CARRIED:
        table[f"heading {name}"] = np.where(there, own.phrases[name][last], 0)
    strong = (own.chrome >= 0.5) & (own.words <= 12)
    table["after chrome"] = _since(strong)
    table["until chrome"] = _since(strong[::-1])[::-1]
    for name in ("related", "comments", "newsletter", "tags", "byline", "source"):
        hit = (own.phrases[name] >= 0.6) & (own.words <= 8)
        table[f"after {name}"] = _since(hit)
        table[f"until {name}"] = _since(hit[::-1])[::-1]


def _repetition(table: Table, text: Shapes, own: Own) -> None:
    """The same text elsewhere, the same beginning elsewhere, and words shared with the rest of the running text."""
    _, which, times = np.unique(text.text_hash, return_inverse=True, return_counts=True)
    table["copies"] = times[which]
    first = np.zeros(len(times), dtype=np.int64)
    first[which[::-1]] = np.arange(text.size)[::-1]
    table["copy before"] = np.arange(text.size) - first[which]
    _, word = np.unique(text.pairs, return_inverse=True)
    prose_of = own.prose > 0
    in_prose = np.bincount(word, weights=prose_of[text.text_of], minlength=1)
    pair, back, counted = np.unique(word * text.size + text.text_of, return_inverse=True, return_counts=True)
    elsewhere = in_prose[word] - counted[back] * prose_of[text.text_of]
    content = own.content & (text.weights > 0.1)
    contents = np.maximum(text.total(content * text.weights), 0.2)
    table["topic"] = text.total((elsewhere > 0) * content * text.weights) / contents
    table["topic often"] = text.total(np.log1p(np.maximum(elsewhere, 0)) * content * text.weights) / contents
    everywhere = np.bincount(word)
    table["words once"] = text.total((everywhere[word] == counted[back]) * content * text.weights) / contents


def _links(table: Table, blocks: Sequence[Block], linked: Floats) -> None:
    table["linked"] = linked
    table["marked"] = np.array([block.marked for block in blocks])
    for step in (-2, -1, 1, 2):
        table[f"linked {step:+d}"] = _shift(linked, step)
    for radius in (2, 6):
        table[f"linked within {radius}"] = _around(linked, radius)


def _verdict(table: Table, kept: Floats, own: Own) -> None:
    """What trafilatura kept, here and around."""
    size = len(kept)
    index = np.arange(size)
    where = np.flatnonzero(kept)
    first, last = (int(where[0]), int(where[-1])) if len(where) else (size, -1)
    table["kept"] = kept
    for step in (-3, -2, -1, 1, 2, 3):
        table[f"kept {step:+d}"] = _shift(kept, step)
    for radius in (2, 5, 15):
        table[f"kept within {radius}"] = _around(kept, radius)
    table["from first kept"] = np.clip(index - first, -999, 999)
    table["from last kept"] = np.clip(index - last, -999, 999)
    words = np.cumsum(kept * own.words)
    table["kept before"] = words - kept * own.words
    table["kept after"] = words[-1] - words
    table["all kept"] = np.full(size, words[-1] / max(own.words.sum(), 1))
    table["kept prose"] = np.full(size, (kept * own.prose).sum() / max(own.prose.sum(), 1))


def _dom(table: Table, place: dom.Places) -> None:
    of = place.of
    for name, values in (("", place.names), ("near ", place.near_names), ("in ", place.all_names)):
        for column, value in zip(dom.bits(values[of], len(dom.NAMES)).T, dom.NAMES, strict=True):
            table[f"{name}.{value}"] = column
    for column, tag in zip(dom.bits(place.all_tags[of], len(dom.TAGS)).T, dom.TAGS, strict=True):
        table[f"in <{tag}>"] = column
    table["tag"] = place.tag[of]
    table["parent tag"] = place.tag[place.parent[of]]
    table["grandparent tag"] = place.tag[place.parent[place.parent[of]]]
    table["depth"] = place.depth[of]
    table["hidden"] = place.hidden[of]


def _containers(table: Table, place: dom.Places, own: Own, linked: Floats, kept: Floats) -> None:
    """Of the containers around a block, each wider than the one before: what is in them."""
    values = np.stack([own.words, own.prose, linked * own.words, kept, own.chrome, (own.prose > 0).astype(np.float64)])
    sums = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
    inside = sums[:, place.stop] - sums[:, place.start]
    sizes = np.maximum(place.stop - place.start, 1)
    prose = max(own.prose.sum(), 1.0)
    all_kept = max(kept.sum(), 1.0)
    at = place.of
    index = np.arange(len(at))
    for level in range(5):
        words = np.maximum(inside[0, at], 0.2)
        table[f"container {level} blocks"] = sizes[at]
        table[f"container {level} words"] = inside[0, at]
        table[f"container {level} prose"] = inside[1, at] / prose
        table[f"container {level} prose share"] = inside[1, at] / words
        table[f"container {level} linked"] = inside[2, at] / words
        table[f"container {level} kept"] = inside[3, at] / sizes[at]
        table[f"container {level} of kept"] = inside[3, at] / all_kept
        table[f"container {level} chrome"] = inside[4, at] / sizes[at]
        table[f"container {level} index"] = index - place.start[at]
        table[f"container {level} rest"] = place.stop[at] - index
        at = place.wider[at]
    _main(table, place, inside[1] / prose, own)
    _main(table, place, inside[3] / all_kept, own, "kept ")


def _main(table: Table, place: dom.Places, share: Floats, own: Own, name: str = "") -> None:
    """The smallest containers with most of the running text: is the block in them, how far is it from them?"""
    index = np.arange(len(place.of))
    for part in (0.5, 0.8, 0.95):
        enough = np.flatnonzero(share >= part)
        best = int(enough[np.argmin((place.stop - place.start)[enough])]) if len(enough) else 0
        first, stop = place.start[best], place.stop[best]
        table[f"{name}main {part} from"] = np.clip(index - first, -999, 999)
        table[f"{name}main {part} to"] = np.clip(index - stop, -999, 999)
        table[f"{name}main {part} depth"] = place.depth[place.of] - place.depth[best]


def _grouped(table: Table, place: dom.Places, own: Own, linked: Floats, kept: Floats) -> None:
    """Blocks of the same make, wherever they stand."""
    group = place.group
    size = np.bincount(group)
    of = size[group]
    table["alike"] = of
    for name, values in (
        ("words", own.words), ("prose", own.prose), ("linked", linked), ("kept", kept), ("chrome", own.chrome),
        ("ends", own.ends), ("topic", table["topic"]),
    ):  # fmt: skip
        table[f"alike {name}"] = np.bincount(group, values)[group] / of
    table["alike prose part"] = np.bincount(group, own.prose)[group] / max(own.prose.sum(), 1)
    index = np.arange(len(group))
    low = np.full(len(size), len(group))
    np.minimum.at(low, group, index)
    high = np.zeros(len(size), dtype=np.int64)
    np.maximum.at(high, group, index)
    table["alike before"] = index - low[group]
    table["alike after"] = high[group] - index
