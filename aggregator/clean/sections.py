"""Headings and list items that the judge alone is unsure of, kept with the section or the list that they belong to.

A heading speaks for what stands below it: where that is the story's, so is the heading, whatever words are in it. The
same holds for an item whose list is kept but for it. Nothing is taken off here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final

from aggregator.clean import summaries
from aggregator.clean.blocks import HEADING_TAGS, Block, letters
from aggregator.clean.listing import items
from aggregator.clean.reasons import HEADLINE, VOTES
from aggregator.clean.shapes import Flags, Floats

_LEAST: Final = 0.15  # of a heading that is no link; what the judge is surer of than that isn't the story's is not
_FIRST: Final = 0.25  # of one above the story's first line, where sites have their own
_LINK: Final = 0.4  # of one that is a link: the headline of another story has a teaser below it
_ALIKE: Final = 0.35  # of one of a kind that is kept elsewhere on the page
_CALLED: Final = 0.7  # of a name that is a call to share as well: a story may be about "TikTok"
_NEAR: Final = 3  # blocks at the head of a section, in which a rating may stand first
_FAR: Final = 40  # blocks of a section
_OFTEN: Final = 0.75  # of the headings of a kind
_KIND: Final = 3  # headings, at least
_NAME: Final = 8  # letters
_SPOKEN: Final = 12  # words of a text that speaks of something
_LINKED: Final = 0.5  # of a heading's characters
_NUMBER: Final = re.compile(r"\W?(\d{1,2})[.):]\s")
_ASKED: Final = 2  # questions below a heading
_QUESTION: Final = ("?", "？", "؟")
_CALLS: Final = frozenset({"share", "login", VOTES})  # whatever stands below these
_CHROME: Final = _CALLS | {
    "newsletter",
    "promotion",
    "related",
    "copyright",
    "byline",
    "comments",
    "search form",
    "source",
}
_DOUBTED: Final = frozenset({"related", "promotion"})  # "Learn more" may stand above the story's own


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What has been decided of a page's blocks: `scores` and `keep` in their order, the reasons by place."""

    scores: Floats
    least: float  # the score from which the judge keeps a block
    keep: Flags
    _: KW_ONLY
    why: Mapping[int, str]  # of those that a rule has taken off
    phrases: Callable[[int], str]  # what the words of a block say that it is, or ""


def carried(blocks: Sequence[Block], verdict: Verdict) -> list[int]:
    """The places of blocks to be kept beside those that are."""
    keep = verdict.keep.tolist()
    first = keep.index(True) if True in keep else len(blocks)
    listed = items(blocks, verdict.keep, verdict.scores, _marks(verdict))
    summed = [at for at in summaries.boxes(blocks, first) if verdict.why.get(at) not in _CALLS]
    return [*_headings(blocks, verdict, first), *listed, *summed]


def _marks(verdict: Verdict) -> Callable[[int], bool | None]:
    """Of an item: may the judge's score count (None), or has a rule taken it off rightly (False) or wrongly?"""

    def mark(at: int) -> bool | None:
        reason = verdict.why.get(at, "")
        return None if not reason else bool(reason not in {*_CALLS, HEADLINE} and verdict.scores[at] >= verdict.least)

    return mark


def _headings(blocks: Sequence[Block], verdict: Verdict, first: int) -> Iterator[int]:
    keep = verdict.keep.tolist()
    begun = next((at for at, block in enumerate(blocks) if keep[at] and block.kind != "heading"), len(blocks))
    last = len(keep) - 1 - keep[::-1].index(True) if True in keep else -1
    often, numbers = _often(blocks, keep), _numbers(blocks, keep)
    for at, section in _lost(blocks, keep):
        overruled = verdict.why.get(at, HEADLINE) != HEADLINE
        led = any(section) if overruled else any(section[:1])
        stays = led and _stays(blocks[at], at, verdict, first=first, begun=begun)
        if stays or (
            first < at < last
            and not verdict.why.get(at)
            and (_belongs(blocks, at, verdict, often) or _counts(blocks[at], verdict.scores[at], numbers))
        ):
            yield at


def _lost(blocks: Sequence[Block], keep: Sequence[bool]) -> Iterator[tuple[int, list[bool]]]:
    """Headings, and names of summaries, that aren't kept, the last first; which blocks at the head of a section are."""
    headings = [at for at, block in enumerate(blocks) if block.kind == "heading" or summaries.names(block)]
    if all(keep[at] for at in headings):
        return
    contents = {letters(blocks[at].text) for at in headings if blocks[at].kind == "heading"}
    speaking = frozenset(headings)
    section: list[bool] = []
    for at in range(len(blocks) - 1, -1, -1):
        if at in speaking:
            if not keep[at]:
                yield at, section
        elif blocks[at].kind != "caption":
            led = keep[at] and letters(blocks[at].text) not in contents  # a table of contents repeats them
            follows = at + 1 < len(blocks) and at + 1 not in speaking
            section = [led, *(section[: _NEAR - 1] if follows else [])]


def _stays(block: Block, at: int, verdict: Verdict, *, first: int, begun: int) -> bool:
    """Is a heading whose section is kept the story's too?"""
    score, reason = verdict.scores[at], verdict.why.get(at, "")
    if summaries.names(block):
        return bool(score >= _LEAST)
    if reason == HEADLINE:
        return at > begun and bool(score >= _LEAST)
    if reason:
        return bool(score >= (_CALLED if reason == "share" else verdict.least) and reason not in {"login", VOTES})
    if at < first and block.place is not None and block.place.tag == "h1":
        return False
    said = verdict.phrases(at)
    least = _LINK if block.linked >= _LINKED or said in _DOUBTED else _FIRST if at < first else _LEAST
    return bool(score >= least and (said not in _CHROME or said in _DOUBTED))


def _belongs(blocks: Sequence[Block], at: int, verdict: Verdict, often: frozenset[tuple[str, ...]]) -> bool:
    """Does the story speak of what a heading names, or keep nearly all headings of its kind?"""
    score, block = verdict.scores[at], blocks[at]
    if score < _LEAST or verdict.phrases(at) in _CHROME:
        return False
    alike = score >= _ALIKE and block.linked < _LINKED and _kind(block) in often
    return bool(alike or _spoken(blocks, at, verdict.keep))


def _often(blocks: Sequence[Block], keep: Sequence[bool]) -> frozenset[tuple[str, ...]]:
    """The kinds of headings of which most are kept."""
    kinds = [(_kind(block), kept) for block, kept in zip(blocks, keep, strict=True) if block.kind == "heading"]
    every, kept = Counter(kind for kind, _ in kinds), Counter(kind for kind, own in kinds if own)
    return frozenset(kind for kind, count in kept.items() if count >= max(_KIND, _OFTEN * every[kind]))


def _kind(block: Block) -> tuple[str, ...]:
    """What a heading and two elements around it are called."""
    names: list[str] = [block.place.tag] if block.place is not None else []
    place = block.place
    for _ in range(3):
        names.append(place.names if place is not None else "")
        place = place.parent if place is not None else None
    return tuple(names)


def _spoken(blocks: Sequence[Block], at: int, keep: Flags) -> bool:
    """Does a kept text of a heading's section name what the heading names, or does it hold kept questions?"""
    name, asked = letters(blocks[at].text), 0
    for below in _section(blocks, at):
        block = blocks[below]
        if keep[below] and block.kind == "heading":
            asked += block.text.endswith(_QUESTION)
        elif keep[below] and len(name) >= _NAME and name in letters(block.text):
            return len(block.text.split()) >= _SPOKEN
    return asked >= _ASKED


def _section(blocks: Sequence[Block], at: int) -> Iterator[int]:
    """The places below a heading, down to the next one of its level or a higher one."""
    level = _level(blocks[at])
    for below in range(at + 1, min(len(blocks), at + _FAR)) if level else ():
        if blocks[below].kind == "heading" and "" < _level(blocks[below]) <= level:
            return
        yield below


def _numbers(blocks: Sequence[Block], keep: Sequence[bool]) -> frozenset[tuple[str, int]]:
    """The numbers of the headings that are kept, each with its level."""
    found = ((_level(block), _number(block)) for block, own in zip(blocks, keep, strict=True) if own)
    return frozenset((level, number) for level, number in found if level and number)


def _counts(block: Block, score: float, kept: frozenset[tuple[str, int]]) -> bool:
    """Does a numbered heading continue the numbers of those that are kept?"""
    level, number = _level(block), _number(block)
    if not number or (level, number) in kept:
        return False
    return bool(score >= _LEAST) and not kept.isdisjoint({(level, number - 1), (level, number + 1)})


def _number(block: Block) -> int:
    found = _NUMBER.match(block.text) if block.kind == "heading" else None
    return int(found[1]) if found is not None else 0


def _level(block: Block) -> str:
    """The tag of a heading, or "" of one that has none: a lower one is above."""
    tag = block.place.tag if block.place is not None else ""
    return tag if tag in HEADING_TAGS else ""
