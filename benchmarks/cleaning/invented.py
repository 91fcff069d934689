"""Flattened texts put together from what the bench pages are made of, of the kind that people save from news sites.

The bench has few short stories with other stories' headlines in between, and next to none that aren't English. So
paragraphs of a gold text are taken as they stand and what sites put around them is added: rows of sharing, search
forms, contents, captions, tagged headlines, calls to subscribe, in any language of the phrase lists. Some are put into
a language that doesn't exist: each letter another one, the same way throughout, so that no word is known.
"""

import random
from collections.abc import Sequence
from functools import cache

import numpy as np
from dataset import Page, read_blocks
from learn import fold_of

from aggregator.clean.blocks import Block
from aggregator.clean.words import listed_phrases

_ENGLISH = 0.4  # of the texts get English chrome
_CODED = 0.35  # of the texts are in a language that doesn't exist
_TAGS = ("LIVE", "REPORT", "INSIGHT", "WATCH", "ANALYSIS", "VIDEO", "PHOTOS", "OPINION", "EXCLUSIVE", "UPDATE")
_TOP = ("navigation", "search form", "login", "follow")
_BELOW_TITLE = ("share", "share", "contents", "byline", "date", "follow")
_END = ("newsletter", "related", "comments", "tags", "copyright", "source", "share", "promotion", "login")


class Writer:
    """One text, line by line. `keep` says of each line whether it is the story's."""

    def __init__(self, chance: random.Random, language: str, code: dict[int, str]) -> None:
        self._chance = chance
        self._language = language
        self.code = code
        self._chrome_code = code if chance.random() < 0.4 else {}
        self._apart = chance.random()  # how often chrome lines are parted by empty lines
        self.lines: list[tuple[str, int, bool]] = []  # text, empty lines before, keep

    def story(self, text: str) -> None:
        self.lines.append((text.translate(self.code), 1, True))

    def other(self, text: str, *, coded: bool = True, gap: int | None = None) -> None:
        apart = int(self._chance.random() < self._apart) if gap is None else gap
        self.lines.append((text.translate(self.code) if coded else text, apart, False))

    def phrases(self, category: str, most: int) -> None:
        """Some phrases of a category."""
        known = listed_phrases(category, self._language) or listed_phrases(category, "en")
        for number in range(self._chance.randint(1, most)):
            phrase = self._chance.choice(known)
            phrase = phrase.upper() if self._chance.random() < 0.1 else phrase[:1].upper() + phrase[1:]
            self.other(phrase.translate(self._chrome_code), coded=False, gap=1 if number == 0 else None)

    def headlines(self, pool: Sequence[str], most: int) -> None:
        """Headlines of other stories, all tagged or none."""
        tagged = self._chance.random() < 0.35
        for number in range(self._chance.randint(1, most)):
            tag = f" [{self._chance.choice(_TAGS)}]" if tagged else ""
            self.other(self._chance.choice(pool) + tag, gap=1 if number == 0 else None)


def invented(pages: Sequence[Page], seed: int = 1) -> list[Page]:
    """One text for each page that has a gold text and a title."""
    whole = [page for page in pages if page.gold and page.headline]
    pools: dict[int, list[str]] = {}
    notices: dict[int, list[str]] = {}
    for page in whole:
        pools.setdefault(fold_of(page.site), []).append(page.headline)
        notices.setdefault(fold_of(page.site), []).extend(_notices(page))
    return [
        _invent(page, pools[fold_of(page.site)], notices[fold_of(page.site)], random.Random(f"{seed} {page.id}"))
        for page in whole
    ]


def _notices(page: Page) -> list[str]:
    """Paragraphs of consent and of newsletters, which are none of the gold text."""
    sure = ("cookie", "privacy policy", "unsubscribe", "terms of", "newsletter")
    return [
        text
        for text, share in zip(page.texts, page.labels, strict=True)
        if share == 0 and 10 <= len(text.split()) <= 60 and sum(word in text.lower() for word in sure) >= 1
    ]


def _invent(page: Page, pool: list[str], notices: list[str], chance: random.Random) -> Page:
    languages = ("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "cs", "sv", "tr")
    language = "en" if chance.random() < _ENGLISH else chance.choice(languages)
    writer = Writer(chance, language, _code(chance) if chance.random() < _CODED else {})
    for category in _TOP:
        if chance.random() < 0.3:
            writer.phrases(category, 5)
    writer.other(page.headline, gap=1)
    _below_title(writer, chance, pool, notices)
    _body(writer, chance, page, pool)
    for category in _END:
        if chance.random() < 0.35:
            writer.phrases(category, 2)
            if category == "related":
                writer.headlines(pool, 6)
    blocks = tuple(Block(text=text, gap=gap) for text, gap, _ in writer.lines if text)
    labels = np.array([float(keep) for text, _, keep in writer.lines if text])
    return read_blocks(page, blocks, labels, page.headline.translate(writer.code))


def _below_title(writer: Writer, chance: random.Random, pool: list[str], notices: list[str]) -> None:
    for category in _BELOW_TITLE:
        if chance.random() < 0.3:
            writer.phrases(category, 3)
    if chance.random() < 0.35:
        known = listed_phrases("caption", "en")
        writer.other(
            (f"{chance.choice(known).capitalize()} " if chance.random() < 0.4 else "") + chance.choice(pool), gap=1
        )
    if chance.random() < 0.35 and notices:
        writer.other(chance.choice(notices), gap=1)


def _body(writer: Writer, chance: random.Random, page: Page, pool: list[str]) -> None:
    """The story's first paragraphs, with interruptions."""
    lines = [" ".join(line.split()) for line in page.gold.splitlines() if line.strip()]
    size = chance.randint(3, 16)
    paragraphs = lines[:size] if len(lines) <= size + 2 else lines[: max(2, size)]
    for number, line in enumerate(paragraphs):
        if number and chance.random() < 0.22:
            if chance.random() < 0.6:
                writer.phrases(chance.choice(("related", "related", "promotion", "newsletter", "share")), 1)
            writer.headlines(pool, 3)
        writer.story(line)


@cache
def _alphabets() -> tuple[str, str]:
    return "aeiouy", "bcdfghjklmnpqrstvwxz"


def _code(chance: random.Random) -> dict[int, str]:
    """Vowels for vowels and consonants for consonants, so that words keep their looks."""
    table: dict[int, str] = {}
    for letters in _alphabets():
        mixed = list(letters)
        chance.shuffle(mixed)
        table |= {ord(old): new for old, new in zip(letters, mixed, strict=True)}
        table |= {ord(old.upper()): new.upper() for old, new in zip(letters, mixed, strict=True)}
    return table
