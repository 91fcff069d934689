"""What became of each block of a page and why, told to people: `clean --explain`, and what the store keeps of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

from aggregator.clean import quality, titles
from aggregator.clean.blocks import Block, fold
from aggregator.clean.decoding import parsed
from aggregator.clean.labels import Label
from aggregator.model import Removed

SAMPLE: Final = 300  # characters of a block that are shown to people
CAPTION: Final = "caption of a picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page that was read: its blocks, what the judge says of each, and which ones `layer` shows."""

    blocks: Sequence[Block]
    labels: Sequence[Label]
    shown: Sequence[bool]
    layer: str
    title: str


def explained(read: Reading, html: str) -> tuple[tuple[Removed, ...], tuple[Removed, ...]]:
    """The blocks that are in the article's `html` and those that aren't, each with its reason.

    A caption is no part of the text, but is kept where it stands below its picture.
    """
    captions = _captions(html)
    below = [not shown and _stands_in(block, captions) for block, shown in zip(read.blocks, read.shown, strict=True)]
    kept: list[Removed] = []
    removed: list[Removed] = []
    for place, (block, label) in enumerate(zip(read.blocks, read.labels, strict=True)):
        keep = read.shown[place] or below[place]
        reason = CAPTION if below[place] else _reason(read, block, label, keep=keep)
        told = Removed(text=block.text[:SAMPLE], reason=reason, score=label.score, place=place)
        (kept if keep else removed).append(told)
    return tuple(kept), tuple(removed)


def _reason(read: Reading, block: Block, label: Label, *, keep: bool) -> str:
    """The judge's own where it had the same opinion."""
    if label.keep is keep:
        return label.reason
    if titles.bare(block.text) == titles.bare(read.title):
        return "headline"
    if quality.gate([block.text]):
        return "paywall"
    if keep:
        return f"kept by {read.layer}"
    return f"not in {read.layer}" if read.layer else "no story"


def _captions(html: str) -> frozenset[str]:
    tree = parsed(html) if "<figcaption" in html else None
    return frozenset(_text(each) for each in tree.iter("figcaption")) if tree is not None else frozenset()


def _stands_in(block: Block, captions: Collection[str]) -> bool:
    """Is it, or its own figcaption, one of the captions? Parts aren't looked for: pages have thousands of each."""
    element = block.element
    if element is None or not captions:
        return False
    own = element if element.tag == "figcaption" else next(element.iterancestors("figcaption"), None)
    return own is not None and (block.text in captions or _text(own) in captions)


def _text(element: HtmlElement) -> str:
    return fold("".join(element.itertext()))
