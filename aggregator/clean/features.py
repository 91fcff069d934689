"""Blocks as rows of numbers for the judge: what a text looks like, where it stands, what stands around it.

Nothing here knows a language but through word lists and the lexicon, so that a language without them is judged by the
rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from aggregator.clean.blocks import Block, Place
from aggregator.clean.columns import Table
from aggregator.clean.containers import markup
from aggregator.clean.lexicon import Lexicon, empty, lexical
from aggregator.clean.looks import gaps, kinds, looks, repetition
from aggregator.clean.position import headings, neighbours, position
from aggregator.clean.shapes import Shapes, shapes
from aggregator.clean.words import function_words

NOWHERE = -9999.0


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What is known of the story beside its blocks, as plain text."""

    title: str = ""
    summary: str = ""


def features(blocks: Sequence[Block], around: Around, lexicon: Lexicon, *, page: bool) -> Table:
    """The whole table of a page's or a text's blocks: at least one.

    The lexicon is for texts: of a page's blocks markup says more than words do.
    """
    table, text = base(blocks, page=page)
    told(table, text, around)
    if not page:
        lexical(table, text, lexicon)
    return table


def base(blocks: Sequence[Block], *, page: bool) -> tuple[Table, Shapes]:
    """What can be said without knowing the story or the lexicon."""
    text = shapes([block.text for block in blocks])
    table = Table(len(blocks))
    linked = np.array([block.linked for block in blocks])
    seen = looks(table, text, linked)
    core = position(table, seen)
    repetition(table, seen, core)
    neighbours(table, seen)
    headings(table, seen, blocks)
    if page:
        kinds(table, blocks)
        markup(table, blocks, seen, linked)
    else:
        gaps(table, blocks, seen)
    return table, text


def told(table: Table, text: Shapes, around: Around) -> None:
    """How the blocks agree with the story's title and summary; -1 where these are unknown."""
    of_known = shapes([" ".join(known.split()) for known in (around.title, around.summary)])
    _, is_function = function_words().share(text)
    for number, name in enumerate(("title", "summary")):
        other = np.unique(of_known.pairs[of_known.text_of == number])
        share, back = np.full(text.size, -1.0), np.full(text.size, -1.0)
        if len(other):
            place = np.minimum(np.searchsorted(other, text.pairs), len(other) - 1)
            hit = other[place] == text.pairs
            share = text.total(hit * text.weights) / np.maximum(text.total(text.weights), 0.2)
            back = text.total(hit & ~is_function) / len(other)
        table[name] = share
        table[f"of {name}"] = back
    index = np.arange(text.size)
    agree = np.minimum(table["title"], 1) * np.minimum(table["of title"], 1)
    table["from title"] = index - int(np.argmax(agree)) if around.title else np.full(text.size, NOWHERE)


@cache
def names(*, page: bool) -> tuple[str, ...]:
    """The columns of the tables of pages or of texts."""
    root = Place(index=0, parent=None, tag="p", depth=0, kind="paragraph")
    block = Block(text="-", place=root if page else None)
    return features([block], Around(), empty(), page=page).names()
