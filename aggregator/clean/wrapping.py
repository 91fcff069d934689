"""Text that was broken into lines of one width, as in old mail and archives: its paragraphs as one line each.

Lines are joined only where the next word wouldn't have fitted and most lines go on amid a sentence. Nothing is judged.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

_WIDTH: Final = range(50, 101)  # characters of the longest line; longer ones nobody broke
_GOING_ON: Final = 0.5  # of the lines after the first: those that begin with a small letter


def unwrapped(text: str) -> str:
    """The text with each broken paragraph in one line, everything else as it is."""
    lines = text.splitlines()
    groups = [list(group) for _, group in groupby(lines, key=lambda line: bool(line.strip()))]
    width = max((len(line.rstrip()) for group in groups if _goes_on(group) for line in group), default=0)
    if width not in _WIDTH:
        return text
    return "\n".join(line for group in groups for line in _joined(group, width))


def _joined(group: Sequence[str], width: int) -> Iterator[str]:
    if _goes_on(group) and all(_is_full(line, after, width) for line, after in pairwise(group)):
        yield " ".join(line.strip() for line in group)
    else:
        yield from group


def _goes_on(group: Sequence[str]) -> bool:
    """Do most lines of a paragraph begin with a small letter?"""
    begins = [line.lstrip()[:1].islower() for line in group[1:]]
    return len(begins) > 0 and sum(begins) > _GOING_ON * len(begins)


def _is_full(line: str, after: str, width: int) -> bool:
    """Was there no room left for the next line's first word?"""
    first, *_ = after.split()
    return len(line.rstrip()) + 1 + len(first) > width
