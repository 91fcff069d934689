"""Flattened text, where no markup is left to judge: a saved story's lines in, a clean article out.

Lines stand as they came, but for paragraphs that were broken into lines of one width: each is a paragraph, a heading or
a list item of its own. What is a heading is told from its length and from the empty lines around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby, pairwise
from typing import Final

from aggregator.clean import quality, sitechrome
from aggregator.clean.blocks import Block, fold, text_blocks
from aggregator.clean.decoding import decoded
from aggregator.clean.judge import Evidence, Judged, Model, judged
from aggregator.clean.labels import Label
from aggregator.clean.language import direction, settled
from aggregator.clean.mastheads import Line, without_name
from aggregator.clean.reasons import HEADLINE, OUTSIDE
from aggregator.clean.wrapping import unwrapped
from aggregator.model import Article, Cleaned, Document, Entry, Removed, Site
from aggregator.sanitize import clean_text as plain_line
from aggregator.sanitize import sanitize

_MAX_LINES: Final = 20_000
_SAMPLE: Final = 300  # characters of a line that are shown to people
_MIN_WORDS: Final = 25  # of an article; with fewer kept, the lines that aren't known chrome are it
_SENTENCE: Final = 5  # words
_SHOUTED: Final = 12  # words; a headline in capitals is shorter
_WEAK: Final = frozenset({OUTSIDE, "date", "byline", "caption", "navigation"})  # reasons that a short text may disprove
_ITEM: Final = re.compile(r"^(?:[-–*•·▪●◦‣]|\d{1,3}[.)])\s+(?=\S)")
_NUMBERED: Final = re.compile(r"^\d")
_SENTENCE_END: Final = re.compile(r"[.!?…:;,。！？：；，、।؟]['\"”’»」』)\]]*$")
_HEADING_WORDS: Final = 14


def clean_text(document: Document, entry: Entry | None, site: Site, model: Model) -> Cleaned:
    """The story in a document of kind "text"."""
    body = unwrapped(decoded(document.body, document.content_type))
    blocks = text_blocks(body)[:_MAX_LINES]
    title = fold((entry.title if entry else "") or document.title)
    found = judged(
        _calmed(blocks), Evidence(title=title, summary=entry.text if entry else "", site=site, kind="text"), model
    )
    labels = sitechrome.apply(blocks, _enough(blocks, found if title else _told_alone(blocks, found)), site, entry)
    kept = [block for block, label in zip(blocks, labels, strict=True) if label.keep]
    text = "\n\n".join(block.text for block in kept)
    language = settled(text, page="", feed=entry.language if entry else "")
    article = Article(
        title=plain_line(title or _headline(blocks, found, document.url), 500),
        html=sanitize("".join(_markup(kept)), base=document.url),
        text=text,
        url=document.url,
        author=plain_line(document.author or (entry.author if entry else ""), 300),
        published=document.published or (entry.published if entry else None),
        language=language,
        direction=direction("", language, text),
        quality=quality.of_page(
            text=text, shown="\n".join(block.text for block in blocks), entry=entry, free=None, paid_words=0
        ),
        origin="text",
    )
    return Cleaned(
        article=article,
        removed=tuple(_shown(blocks, labels, keep=False)),
        observed=sitechrome.observed(blocks, [label.keep for label in labels]),
        layer="judge",
        kept=tuple(_shown(blocks, labels, keep=True)),
    )


def _headline(blocks: Sequence[Block], found: Judged, url: str) -> str:
    """The line that is the headline, without the site's name; "" where there is none."""
    if found.headline is None:
        return ""
    others = [
        Line(block.text, label.reason, edge=place in (0, len(blocks) - 1))
        for place, (block, label) in enumerate(zip(blocks, found.labels, strict=True))
        if label.reason != HEADLINE
    ]
    return without_name(blocks[found.headline].text, others, url)


def _calmed(blocks: Sequence[Block]) -> list[Block]:
    """The blocks as the judge reads them: long lines in capitals as others, or they would count as calls to buy."""
    loud = [block.text.isupper() and quality.length(block.text) >= _SHOUTED for block in blocks]
    return [
        replace(block, text=block.text.capitalize()) if cry else block for block, cry in zip(blocks, loud, strict=True)
    ]


def _told_alone(blocks: Sequence[Block], found: Judged) -> Judged:
    """Where a sentence that was taken for the headline is all that would be left, it is the story."""
    if found.headline is None or any(label.keep for label in found.labels):
        return found
    told = found.labels[found.headline]
    if told.reason != HEADLINE or quality.length(blocks[found.headline].text) < _SENTENCE:
        return found
    labels = list(found.labels)
    labels[found.headline] = Label(keep=True, score=told.score, reason="article")
    return Judged(labels=tuple(labels), headline=found.headline)


def _enough(blocks: Sequence[Block], found: Judged) -> tuple[Label, ...]:
    """The labels; but where next to nothing is kept, everything that isn't known chrome."""
    kept = " ".join(block.text for block, label in zip(blocks, found.labels, strict=True) if label.keep)
    doubted = [
        label.reason == OUTSIDE or (label.reason in _WEAK and _tells(block.text))
        for block, label in zip(blocks, found.labels, strict=True)
    ]
    if quality.length(kept) >= _MIN_WORDS or not any(doubted):
        return found.labels
    return tuple(
        Label(keep=True, score=label.score, reason="article") if doubt else label
        for label, doubt in zip(found.labels, doubted, strict=True)
    )


def _tells(text: str) -> bool:
    """Is it a sentence?"""
    return bool(_SENTENCE_END.search(text)) and quality.length(text) >= _SENTENCE


def _shown(blocks: Sequence[Block], labels: Sequence[Label], *, keep: bool) -> Iterator[Removed]:
    """The blocks kept or taken out. The headline is neither: it is the title."""
    for place, (block, label) in enumerate(zip(blocks, labels, strict=True)):
        if label.keep is keep and label.reason != HEADLINE:
            yield Removed(text=block.text[:_SAMPLE], reason=label.reason, score=label.score, place=place)


def _markup(blocks: Sequence[Block]) -> Iterator[str]:
    """HTML of the kept lines."""
    tags = [_tag(block, after) for block, after in pairwise([*blocks, None]) if block is not None]
    for tag, group in groupby(zip(tags, blocks, strict=True), key=lambda pair: pair[0]):
        texts = [
            escape(_ITEM.sub("", block.text) if tag in {"ul", "ol"} else block.text, quote=False) for _, block in group
        ]
        if tag in {"ul", "ol"}:
            yield f"<{tag}>{''.join(f'<li>{text}</li>' for text in texts)}</{tag}>"
        else:
            yield from (f"<{tag}>{text}</{tag}>" for text in texts)


def _tag(block: Block, after: Block | None) -> str:
    """ul or ol for an item; h2 for a short line, set apart, without an end, before a longer one; else p."""
    if _ITEM.match(block.text):
        return "ol" if _NUMBERED.match(block.text) else "ul"
    short = quality.length(block.text) <= _HEADING_WORDS and not _SENTENCE_END.search(block.text)
    before_text = after is not None and quality.length(after.text) > quality.length(block.text)
    return "h2" if short and block.gap > 0 and before_text else "p"
