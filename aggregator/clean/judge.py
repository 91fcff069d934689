"""Labels a page's or a text's blocks: which belong to the story, and why the others don't.

The blocks and the evidence come in, labels go out; nothing is parsed, moved or put out here. What decides is a boosting
of small trees over what features.py reads in the blocks; data/MODEL.md says what it was trained on and how.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.blocks import Block, letters
from aggregator.clean.columns import Table
from aggregator.clean.counts import counted
from aggregator.clean.features import Around, base, told
from aggregator.clean.headline import headline
from aggregator.clean.labels import Label
from aggregator.clean.lexicon import Lexicon, lexical
from aggregator.clean.lines import added, ended, taken
from aggregator.clean.reasons import HEADLINE, VOTES, Reasons
from aggregator.clean.rules import SURE, code, overruled
from aggregator.clean.sections import Verdict, carried
from aggregator.clean.shapes import Floats
from aggregator.clean.trees import Trees, trees
from aggregator.model import Site

_SUMMARY: Final = 80  # words; a feed's whole text would be like every block
_TITLE_PART: Final = 16  # letters by which a heading is the title without the site's name behind it
_SHARPER: Final = 1.15  # the scores' log odds are a little too timid


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of the story besides its blocks. Texts are plain; empty where unknown."""

    title: str = ""
    summary: str = ""
    description: str = ""  # the page's own, from its metadata
    language: str = ""
    site: Site = field(default_factory=Site)
    kind: Literal["page", "text"] = "page"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The trained judge: for pages, for flattened text, and to find the headline of the latter."""

    page: Trees
    text: Trees
    words: Lexicon
    headline: Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Labels in the blocks' order, and where the headline stands, if anywhere."""

    labels: tuple[Label, ...]
    headline: int | None = None


@cache
def load_model() -> Model:
    """The model that is shipped beside this module."""
    path = resources.files("aggregator.clean").joinpath("data", "model.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return model_of(dict(stored))


def model_of(arrays: Mapping[str, NDArray[Any]]) -> Model:
    """The model in the arrays that benchmarks/cleaning/train.py writes."""
    words = arrays["text_lexicon"].astype(np.float32) / np.float32(arrays["lexicon_steps"])
    return Model(
        page=trees(arrays, "page_"),
        text=trees(arrays, "text_"),
        words=Lexicon(words),
        headline=trees(arrays, "headline_"),
    )


def label(blocks: Sequence[Block], evidence: Evidence, model: Model) -> tuple[Label, ...]:
    """One label for each block, in order."""
    return judged(blocks, evidence, model).labels


def judged(blocks: Sequence[Block], evidence: Evidence, model: Model) -> Judged:
    """The labels, and the headline's place: where the title stands, else, in a text, the likeliest line."""
    if not blocks:
        return Judged(labels=())
    page = evidence.kind == "page"
    table, text = base(blocks, page=page)
    title, headlines = _headlines(blocks, table, evidence, model)
    first = min(headlines, default=None)
    summary = " ".join((evidence.description or evidence.summary).split()[:_SUMMARY])
    told(table, text, Around(title, summary))
    if not page:
        lexical(table, text, model.words)
    scores = (model.page if page else model.text).probabilities(table.matrix())
    least = limit(scores, table["words"])
    keep = scores >= least
    if page:
        keep[code(blocks, keep)] = True
    else:
        keep |= added(blocks, table, scores / least, keep, first)
    reasons = Reasons(blocks, table, page=page)
    alone = dict.fromkeys(counted(blocks), VOTES) if page else taken(blocks, table, scores, first, reasons)
    why = alone | overruled(blocks, table, scores)
    why |= {index: HEADLINE for index in headlines if page or evidence.title or scores[index] < SURE}
    keep[list(why)] = False
    if page:
        keep[carried(blocks, Verdict(scores, least, keep, why=why, phrases=reasons.told_by_phrases))] = True
    why |= {index: reasons.of(index) for index in np.flatnonzero(~keep).tolist() if index not in why}
    if not page:
        why |= ended(blocks, table, keep, why)
        keep[list(why)] = False
    found = enumerate(zip(keep.tolist(), scores.tolist(), strict=True))
    labels = (Label(keep=kept, score=round(p, 4), reason="article" if kept else why[at]) for at, (kept, p) in found)
    return Judged(labels=tuple(labels), headline=first)


def _headlines(blocks: Sequence[Block], table: Table, evidence: Evidence, model: Model) -> tuple[str, set[int]]:
    """What the judge is told of the title, and the places of the headline and its copies.

    Of a text without a stated title it is told the likeliest line, as the trees learnt with it, headline or not.
    """
    if evidence.title or evidence.kind == "page":
        return evidence.title, titles(blocks, evidence.title)
    chances = model.headline.probabilities(table.matrix())
    place = headline(blocks, table, chances)
    copies = set() if place is None else {at for at, each in enumerate(blocks) if each.text == blocks[place].text}
    return blocks[int(np.argmax(chances))].text, copies


def limit(scores: Floats, words: Floats) -> float:
    """By which probability to keep a block, for the best F1 that is to be expected of the whole.

    Where the judge is sure that is one half; the less sure it is, the more doubtful blocks are worth keeping.
    """
    odds = np.clip(scores, 1e-6, 1 - 1e-6)
    sharper = 1 / (1 + (1 / odds - 1) ** _SHARPER)
    size = np.maximum(words, 0.3)
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum((sharper * size)[order])
    return float(np.max(found / (np.cumsum(size[order]) + (sharper * size).sum())))


def titles(blocks: Sequence[Block], title: str) -> set[int]:
    """The places where the story's title stands, or the title without what a site puts behind it."""
    whole = letters(title)
    if not whole:
        return set()
    found = set()
    for index, block in enumerate(blocks):
        if len(block.text) <= len(title) + 8:
            bare = letters(block.text)
            if bare == whole or (len(bare) >= _TITLE_PART and whole.startswith(bare)):
                found.add(index)
    return found
