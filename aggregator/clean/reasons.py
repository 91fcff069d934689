"""Why a block is no part of the story, in a word for people. Whether it is one is the judge's matter, not decided here."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from aggregator.clean.blocks import Block
from aggregator.clean.shapes import Floats

OUTSIDE: Final = "outside the article"
HEADLINE: Final = "headline"
_OF_PHRASES: Final[Mapping[str, str]] = {
    "search form": "search form",
    "consent": "consent",
    "newsletter": "newsletter",
    "share": "share",
    "follow": "share",
    "comments": "comments",
    "contents": "table of contents",
    "source": "source",
    "copyright": "copyright",
    "login": "login",
    "related": "related",
    "promotion": "promotion",
    "tags": "tags",
    "caption": "caption",
    "byline": "byline",
    "date": "date",
    "navigation": "navigation",
}
_OF_NAMES: Final = (
    ("comment", "comments"),
    ("consent", "consent"),
    ("newsletter", "newsletter"),
    ("share", "share"),
    ("contents", "table of contents"),
    ("related", "related"),
    ("navigation", "navigation"),
    ("ad", "promotion"),
    ("tag", "tags"),
    ("author", "byline"),
    ("form", "search form"),
    ("foot", "navigation"),
    ("side", "navigation"),
    ("caption", "caption"),
    ("date", "date"),
    ("head", "navigation"),
)
_STRONG: Final = 0.45  # of a block's words; phrases that cover as much of it say what it is
_WEAK: Final = 0.12
_CARRIES: Final = 12  # blocks that a heading speaks for
_CARRIED: Final = ("related", "newsletter", "comments", "tags", "share", "promotion", "contents", "byline")


def reasons(blocks: Sequence[Block], columns: Mapping[str, Floats], wanted: Sequence[int]) -> dict[int, str]:
    """A reason for each block in `wanted`, from the judge's columns."""
    names = list(_OF_PHRASES)
    shares = np.stack([columns[name] for name in names])
    near = [(f"near .{name}", reason) for name, reason in _OF_NAMES if f"near .{name}" in columns]
    found: dict[int, str] = {}
    for index in wanted:
        found[index] = (
            _phrase(shares[:, index], names, _STRONG)
            or _carried(columns, index)
            or next((reason for name, reason in near if columns[name][index]), "")
            or _phrase(shares[:, index], names, _WEAK)
            or _shape(blocks[index], columns, index)
        )
    return found


def _phrase(shares: Floats, names: Sequence[str], least: float) -> str:
    best = int(np.argmax(shares))
    return _OF_PHRASES[names[best]] if shares[best] >= least else ""


def _carried(columns: Mapping[str, Floats], index: int) -> str:
    if not 0 < columns["after heading"][index] <= _CARRIES or columns["heading words"][index] > _CARRIES:
        return ""
    return next((_OF_PHRASES[name] for name in _CARRIED if columns[f"heading {name}"][index] >= _STRONG), "")


def _shape(block: Block, columns: Mapping[str, Floats], index: int) -> str:
    if block.kind == "caption":
        return "caption"
    if block.linked > 0.6:
        return "related" if columns["words"][index] >= 4 else "navigation"
    return OUTSIDE
