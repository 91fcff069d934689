"""Bench files as rows to learn from: a page's blocks, their features, and which of them belong to its gold text."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import numpy as np
from labels import align, from_snippets
from trafilatura import bare_extraction

from aggregator.clean.blocks import Block, fold, page_blocks, text_blocks
from aggregator.clean.features import Around, base
from aggregator.clean.shapes import Shapes

_LISTED = frozenset({"li", "tr", "td", "dd", "dt", "div", "span", "a"})
_SUFFIXES = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go", "gob", "gouv", "nom"})
_LETTERS = re.compile(r"[\W_]+")


@dataclass
class Page:
    """One bench line, read. Rows of `matrix` are blocks; `labels` are shares of content, nan where nothing is known."""

    id: str
    source: str  # the bench file's name
    site: str
    gold: str
    wanted: list[str]
    unwanted: list[str]
    texts: list[str]
    kept: np.ndarray
    matrix: np.ndarray  # features.base
    shapes: Shapes
    labels: np.ndarray
    engine: str = ""  # what trafilatura gives
    around: Around | None = None  # what a page says of itself, which stands in for what a feed would say
    headline: str = ""  # the title by the bench
    lang: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Tells the page from all others."""
        return self.source, self.id


def lines(path: Path) -> Iterator[dict]:
    """The JSON objects of a bench file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def site_of(url: str) -> str:
    """The registered domain, near enough: pages of one site must not stand on both sides of a fold."""
    if url.startswith("hard::"):  # a file's name: "dw.com.colonial.html"
        return ".".join(url[6:].replace("-", ".").split(".")[:2])
    parts = (urlsplit(url).hostname or url).split(".")
    return ".".join(parts[-3:] if len(parts) > 2 and parts[-2] in _SUFFIXES else parts[-2:])


def own_words(tree: lxml.html.HtmlElement) -> Around:
    """The page's title and description, as its metadata give them."""

    def meta(*names: str) -> str:
        for name in names:
            for element in tree.iter("meta"):
                if name in (element.get("property"), element.get("name")) and element.get("content"):
                    return fold(element.get("content"))
        return ""

    title = meta("og:title", "twitter:title") or fold(tree.findtext(".//title") or "")
    return Around(title=title, summary=" ".join(meta("og:description", "description").split()[:80]))


def same(one: str, other: str) -> bool:
    """The same letters?"""
    return bool(one) and _LETTERS.sub("", one.lower()) == _LETTERS.sub("", other.lower())


def trafilatura_text(line: dict) -> str:
    """The engine's verdict with all it has to offer: the cleaner asks for less, by NOTES.md at no loss."""
    found = bare_extraction(line["html"], url=line["url"], include_comments=False, include_tables=True)
    return found.text or "" if found is not None else ""


def flattened(html: str) -> str:
    """A page as people save it: a line a block, an empty line around paragraphs and headings."""
    out: list[str] = []
    before = None
    for block in page_blocks(lxml.html.fromstring(html)):
        place = block.place
        alike = before is not None and place is not None and place.tag in _LISTED and before == (place.tag, place.depth)
        if out and not alike:
            out.append("")
        out.append(block.text)
        before = (place.tag, place.depth) if place is not None else None
    return "\n".join(out)


def labelled(texts: list[str], line: dict) -> np.ndarray:
    """The share of each block that is content, by the gold text or, without one, by the snippets."""
    if line.get("gold"):
        return align(texts, line["gold"])
    return from_snippets(texts, line.get("with") or [], line.get("without") or [])


def page(line: dict, source: str, engine: str) -> Page | None:
    """A page with its features; None when it has no blocks."""
    tree = lxml.html.fromstring(line["html"])
    return _read(line, source, page_blocks(tree, engine), own_words(tree), engine)


def text(line: dict, source: str) -> Page | None:
    """A flattened text with its features; None when it is empty."""
    return _read(line, source, text_blocks(line["text"]), None, "")


def read_blocks(page: Page, blocks: tuple[Block, ...], labels: np.ndarray, headline: str) -> Page:
    """A text that was put together from a page's, with its features."""
    table, shapes = base(blocks, page=False)
    return replace(
        page,
        source="invented",
        texts=[block.text for block in blocks],
        kept=np.zeros(len(blocks), dtype=bool),
        matrix=table.matrix(),
        shapes=shapes,
        labels=labels,
        around=None,
        headline=headline,
    )


def _read(line: dict, source: str, blocks: tuple[Block, ...], around: Around | None, engine: str) -> Page | None:
    if not blocks:
        return None
    texts = [block.text for block in blocks]
    table, shapes = base(blocks, page=around is not None)
    return Page(
        id=line["id"],
        source=source,
        site=site_of(line["url"]),
        gold=line.get("gold") or "",
        wanted=line.get("with") or [],
        unwanted=line.get("without") or [],
        texts=texts,
        kept=np.array([block.kept for block in blocks]),
        matrix=table.matrix(),
        shapes=shapes,
        labels=labelled(texts, line),
        engine=engine,
        around=around,
        headline=line.get("title") or "",
        lang=line.get("lang") or "",
    )
