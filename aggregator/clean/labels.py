"""What becomes of a block: the judge's word on a page's, a feed's content's by what is known to be chrome."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What became of a block. `score` is the judge's probability that it belongs to the story."""

    keep: bool
    score: float
    reason: str = ""  # of a block that's kept "article"
