"""The clean pages of one story to one article: bodies in order, what each page repeats at its edges only once.

Each page has been cleaned by itself. Nothing is fetched and nothing judged again but whether a page goes on with the
story at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregator import dedup, urls
from aggregator.clean import paging, sitechrome, titles
from aggregator.clean.blocks import Block, page_blocks
from aggregator.clean.decoding import parsed
from aggregator.clean.render import render
from aggregator.model import Article, Cleaned, Further
from aggregator.sanitize import sanitize

EDGE: Final = 3  # blocks at each end of a page in which headline, byline, notes and the author's lines repeat
_NEW: Final = 0.5  # of a page's letters; one that has less to add shows the same story under another address
_ALIKE: Final = 0.5  # of the words of the shorter title
_SAMPLE: Final = 300  # characters of a block that are shown to people
AGAIN: Final = "repeated on the story's pages"
_WORD: Final = re.compile(r"\w+")


def joined(story: Cleaned, page: Cleaned) -> Cleaned | None:
    """The story with one more page; None when that page adds nothing to it, or tells another story.

    What follows next is the page's. A block that both end with stays with the later one, at the end of the whole.
    """
    if not (story.further.stated or _same(story.article, page.article)):
        return None
    before, after = _blocks(story.article), _blocks(page.article)
    known = {sitechrome.fingerprint(block.text) for block in before}
    new = sum(len(block.text) for block in after if sitechrome.fingerprint(block.text) not in known)
    if not new or new < _NEW * sum(len(block.text) for block in after):
        return None
    ends = _marks(before[-EDGE:]) & _marks(after[-EDGE:])
    first = _Part(story.article, before, _kept(before, top=set(), end=ends))
    second = _Part(page.article, after, _kept(after, top=_top(story.article, before), end=set()))
    again = {text[:_SAMPLE] for text in (*first.dropped(), *second.dropped())}
    behind = 1 + max((block.place for block in (*story.kept, *story.removed)), default=-1)
    kept = (*story.kept, *(replace(block, place=block.place + behind) for block in page.kept))
    gone = (*story.removed, *(replace(block, place=block.place + behind) for block in page.removed))
    return replace(
        story,
        article=_article(first, second),
        removed=(*gone, *(replace(block, reason=AGAIN) for block in kept if block.text in again)),
        kept=tuple(block for block in kept if block.text not in again),
        observed={**page.observed, **story.observed},
        further=replace(page.further, stated=story.further.stated),
        pages=(*(story.pages or (story.article.url,)), page.article.url),
    )


def on_one_page(story: Cleaned, whole: Cleaned) -> Cleaned | None:
    """The story as its single page has it, by the first page's title, author and dates; None when that has less."""
    if whole.article.quality == "blocked" or len(whole.article.text) < len(story.article.text):
        return None
    first, read = story.article, whole.article
    article = replace(
        read,
        title=first.title or read.title,
        url=first.url,
        canonical_url=first.canonical_url,
        author=first.author or read.author,
        published=first.published or read.published,
        image=first.image or read.image,
    )
    return replace(whole, article=article, pages=(first.url, read.url), further=Further())


def _same(story: Article, page: Article) -> bool:
    """Does the page say that it is of the same story: by its title, and by the address it calls its own?"""
    own = page.canonical_url
    if own and urls.canonical(own) != urls.canonical(story.canonical_url) and not paging.same_story(own, page.url):
        return False
    ours, theirs = (set(_WORD.findall(each.title.casefold())) for each in (story, page))
    least = min(len(ours), len(theirs))
    return not least or len(ours & theirs) >= _ALIKE * least


def _blocks(article: Article) -> tuple[Block, ...]:
    tree = parsed(f"<div>{article.html}</div>")
    return page_blocks(tree) if tree is not None else ()


def _marks(blocks: Sequence[Block]) -> set[int]:
    return {sitechrome.fingerprint(block.text) for block in blocks}


def _top(story: Article, blocks: Sequence[Block]) -> set[int]:
    """What the next page repeats at its top: this one's top and end, headline and byline."""
    said = {story.title, titles.bare(story.title), story.author, f"by {story.author}"}
    return _marks([*blocks[:EDGE], *blocks[-EDGE:]]) | {sitechrome.fingerprint(each) for each in said if each}


def _kept(blocks: Sequence[Block], *, top: set[int], end: set[int]) -> tuple[bool, ...]:
    last = len(blocks) - EDGE
    marks = enumerate(sitechrome.fingerprint(block.text) for block in blocks)
    return tuple(not (place < EDGE and mark in top) and not (place >= last and mark in end) for place, mark in marks)


@dataclass(frozen=True, slots=True)
class _Part:
    """An article on its way into a longer one, and which of its blocks go with it."""

    article: Article
    blocks: tuple[Block, ...]
    kept: tuple[bool, ...]

    def dropped(self) -> list[str]:
        return [block.text for block, kept in zip(self.blocks, self.kept, strict=True) if not kept]

    def html(self) -> str:
        if all(self.kept):
            return self.article.html
        return sanitize(render(self.blocks, self.kept, self.article.url), base=self.article.url)

    def text(self) -> str:
        if all(self.kept):
            return self.article.text
        return "\n\n".join(block.text for block, kept in zip(self.blocks, self.kept, strict=True) if kept)


def _article(first: _Part, second: _Part) -> Article:
    text = "\n\n".join(filter(None, (first.text(), second.text())))
    dates = [each for each in (first.article.modified, second.article.modified) if each is not None]
    return replace(
        first.article,
        html=first.html() + second.html(),
        text=text,
        author=first.article.author or second.article.author,
        published=first.article.published or second.article.published,
        modified=max(dates, default=None),
        image=first.article.image or second.article.image,
        quality=second.article.quality,  # how the story ends: cut off, before a wall, or whole
        fingerprint=dedup.fingerprint(text),
    )
