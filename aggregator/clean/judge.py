"""Labels a page's or a text's blocks: which belong to the story, and why the others don't.

The blocks and the evidence come in, labels go out; nothing is parsed, moved or put out here. What decides is a boosting
of small trees over what features.py reads in the blocks; data/MODEL.md says what it was trained on and how.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final, Literal

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.features import Around, features
from aggregator.clean.reasons import HEADLINE, reasons
from aggregator.clean.trees import Trees, trees
from aggregator.model import Site

_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_LIMITS: Final = {"page": 0.5, "text": 0.4}  # of the probability, by which a block is kept
_SUMMARY: Final = 80  # words; a feed's whole text would be like every block
_TITLE_PART: Final = 16  # letters by which a heading is the title without the site's name behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of the story besides its blocks. Texts are plain; empty where unknown."""

    title: str = ""
    summary: str = ""
    description: str = ""  # the page's own, from its metadata
    language: str = ""
    site: Site = field(default_factory=Site)
    kind: Literal["page", "text"] = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What became of a block. `score` is the judge's probability that it belongs to the story."""

    keep: bool
    score: float
    reason: str = ""  # of a block that's kept "article"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The trained judge: one forest for pages, one for flattened text."""

    page: Trees
    text: Trees


@cache
def load_model() -> Model:
    """The model that is shipped beside this module."""
    path = resources.files("aggregator.clean").joinpath("data", "model.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = dict(stored)
    return Model(trees(arrays, "page_"), trees(arrays, "text_"))


def label(blocks: Sequence[Block], evidence: Evidence, model: Model) -> tuple[Label, ...]:
    """One label for each block, in order."""
    if not blocks:
        return ()
    page = evidence.kind == "page"
    summary = " ".join((evidence.description or evidence.summary).split()[:_SUMMARY])
    table = features(blocks, Around(evidence.title, summary), page=page)
    scores = (model.page if page else model.text).probabilities(table.matrix())
    keep = scores >= _LIMITS[evidence.kind]
    headlines = {index for index, block in enumerate(blocks) if is_title(block.text, evidence.title)}
    keep[list(headlines)] = False
    why = reasons(blocks, table.columns, np.flatnonzero(~keep).tolist())
    return tuple(
        Label(
            keep=bool(kept),
            score=round(float(score), 4),
            reason="article" if kept else HEADLINE if index in headlines else why[index],
        )
        for index, (kept, score) in enumerate(zip(keep, scores, strict=True))
    )


def is_title(text: str, title: str) -> bool:
    """Is this the story's title, or the title without what a site puts behind it?"""
    if not title or len(text) > len(title) + 8:
        return False
    bare, whole = _NOT_LETTERS.sub("", text.lower()), _NOT_LETTERS.sub("", title.lower())
    return bool(bare) and (bare == whole or (len(bare) >= _TITLE_PART and whole.startswith(bare)))
