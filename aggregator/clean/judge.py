"""Labels a page's or a text's blocks: which belong to the story, and why the others don't.

The blocks and the evidence come in, labels go out; nothing is parsed, moved or put out here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from aggregator.clean.blocks import Block
from aggregator.model import Site


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
    reason: str = ""  # what the block is: of one that's kept "article" or "headline"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The trained judge."""


@cache
def load_model() -> Model:
    """The model that is shipped beside this module."""
    return Model()


def label(blocks: Sequence[Block], evidence: Evidence, model: Model) -> tuple[Label, ...]:  # noqa: ARG001 - seam
    """One label for each block, in order."""
    return tuple(_plain(block, evidence) for block in blocks)


def _plain(block: Block, evidence: Evidence) -> Label:
    words = len(block.text.split())
    keep = block.kept if evidence.kind == "page" else words > 9 or (words > 4 and block.text[-1] in '.!?”"')
    if evidence.title and block.text == evidence.title:
        return Label(keep=False, score=0.5, reason="headline")
    return Label(keep=keep, score=float(keep), reason="article" if keep else "outside the article")
