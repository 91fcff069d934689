"""A page or a flattened text as a sequence of blocks: one per paragraph, heading, list item, table row and so on.

A block of a page is a run of inline content inside one element; which nodes it came from stays known, so that what is
kept can be put out with its markup. Nothing is judged here and nothing is left out but what no reader sees as text:
scripts, styles, templates, form menus.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lxml.html import HtmlElement

Kind = Literal["paragraph", "heading", "list item", "quote", "table row", "code", "caption", "other"]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


BLOCK_TAGS = _words(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre search section summary "
    "table tbody td tfoot th thead tr ul"
)
SKIPPED_TAGS = _words(
    "script style template noscript head title meta link base select option optgroup datalist textarea input iframe "
    "object embed applet audio video canvas svg math map area picture source track noframes frameset frame param "
    "img rp rt rtc wbr"
)
HEADING_TAGS = _words("h1 h2 h3 h4 h5 h6")
_EMPHASIS = _words("b strong em i u mark")
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(HEADING_TAGS, "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list item"),
    **dict.fromkeys(("td", "th", "tr"), "table row"),
    **dict.fromkeys(("caption", "figcaption"), "caption"),
    **dict.fromkeys(("button", "summary", "legend", "address"), "other"),
    "blockquote": "quote",
    "pre": "code",
}
_INHERITED = frozenset({"list item", "quote", "code", "caption", "heading", "other"})
_MAX_DEPTH = 200  # a subtree below this is one block: no hand-written page nests so far
_MAX_INLINE = 100  # likewise, of inline elements in one another
_NOT_WORD = re.compile(r"[\W_]+")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NAMING = ("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label")
_SHORT = 100  # characters
_EXACT_BELOW = 16  # letters; shorter text may stand inside an unrelated sentence
_MARK = 8  # letters: trafilatura's text in pieces, one of which stands whole in each stretch of it of _MARKED letters
_MARKED = 2 * _MARK - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """An element that holds blocks, as the judge sees it. The places of a page are numbered in document order."""

    index: int
    parent: "Place | None"
    tag: str
    depth: int
    kind: Kind
    names: str = ""  # its class, id, role and the like, lower case, space-joined
    hidden: bool = False  # by itself or by an ancestor
    linked: bool = False  # inside a link


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A run of text, its white space folded.

    Of a page's block, `element` is the element it stands in; the block is the text before child `start`, the children
    from `start` up to but not including `stop`, and the text after each of them. `linked` and `marked` are shares of
    its characters, 0 to 1.
    """

    text: str
    kind: Kind = "paragraph"
    element: HtmlElement | None = None
    start: int = 0
    stop: int = 0
    place: Place | None = None
    linked: float = 0.0  # inside links
    marked: float = 0.0  # inside emphasis
    kept: bool = False  # by trafilatura
    gap: int = 0  # of a line of text: the empty lines before it


def page_blocks(tree: HtmlElement, kept_text: str = "") -> tuple[Block, ...]:
    """The page's blocks in document order.

    `kept_text` is trafilatura's plain text, a block a line, asked for without comments, links, images or formatting:
    with these it keeps other blocks than without.
    """
    walker = _Walker(tree, _Kept(kept_text))
    walker.visit(_Spot(tree, None))
    return tuple(walker.blocks)


def text_blocks(text: str) -> tuple[Block, ...]:
    """One block for each line that isn't empty."""
    return tuple(_lines(text))


def fold(text: str) -> str:
    """Each run of white space as one space, none at the ends."""
    return " ".join(text.split())


def letters(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return _short_letters(text) if len(text) <= _SHORT else _NOT_WORD.sub("", text.lower())


@lru_cache(maxsize=1 << 12)  # menus: the same lines on page after page, and asked for twice on each
def _short_letters(text: str) -> str:
    return _NOT_WORD.sub("", text.lower())


def _lines(text: str) -> Iterator[Block]:
    gap = 0
    for line in text.splitlines():
        folded = fold(line)
        if folded:
            yield Block(text=folded, gap=gap)
            gap = 0
        else:
            gap += 1


class _Kept:
    """Tells whether a block stands in trafilatura's text: by letters and digits alone, so that markup is no matter."""

    def __init__(self, text: str) -> None:
        lines = [letters(line) for line in text.splitlines()]
        self._lines = frozenset(lines)
        self._all = "".join(lines)
        self._marks = frozenset(self._all[at : at + _MARK] for at in range(0, len(self._all), _MARK))

    def __contains__(self, text: str) -> bool:
        bare = letters(text) if self._all else ""
        if not bare:
            return False
        if len(bare) < _EXACT_BELOW:
            return bare in self._lines
        return self._holds(bare) or self._mostly(bare)

    def _mostly(self, bare: str) -> bool:
        step = max(_EXACT_BELOW, len(bare) // 8)
        pieces = [bare[i : i + step] for i in range(0, len(bare) - step // 2, step)]
        return sum(map(self._holds, pieces)) * 2 > len(pieces)

    def _holds(self, piece: str) -> bool:
        """Does the piece stand in the text? One that does and is long enough contains a mark: most others have none."""
        if len(piece) >= _MARKED and self._marks.isdisjoint([piece[at : at + _MARK] for at in range(_MARK)]):
            return False
        return piece in self._all


class _Spot:
    """An element that is being walked; it becomes a Place when a block is found in it."""

    __slots__ = ("depth", "element", "parent", "place")

    def __init__(self, element: HtmlElement, parent: "_Spot | None") -> None:
        self.element = element
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.place: Place | None = None


class _Run:
    """Inline content being collected into one block."""

    __slots__ = ("linked", "marked", "parts", "start")

    def __init__(self, start: int = 0) -> None:
        self.start = start
        self.parts: list[str] = []
        self.linked = 0
        self.marked = 0

    def add(self, text: str | None, *, linked: bool, marked: bool) -> None:
        if text:
            self.parts.append(text)
            if linked or marked:
                size = len(text.strip())
                self.linked += size if linked else 0
                self.marked += size if marked else 0

    def add_inline(
        self, element: HtmlElement, tag: str, depth: int = 0, *, linked: bool = False, marked: bool = False
    ) -> None:
        if depth > _MAX_INLINE:
            self._add_deep(element)
            return
        linked = linked or tag == "a"
        marked = marked or tag in _EMPHASIS
        if tag in BLOCK_TAGS:  # cells of a row that is one block
            self.parts.append(" ")
        self.add(element.text, linked=linked, marked=marked)
        for child in element:
            inner = child.tag
            if inner == "br":
                self.parts.append(" ")
            elif isinstance(inner, str) and inner not in SKIPPED_TAGS:
                self.add_inline(child, inner, depth + 1, linked=linked, marked=marked)
            self.add(child.tail, linked=linked, marked=marked)

    def _add_deep(self, element: HtmlElement) -> None:
        """The text of a subtree too deep to be walked, unless there is something in it that isn't text."""
        if next(element.iter(*SKIPPED_TAGS), None) is None:
            self.parts.append("".join(element.itertext()))


class _Walker:
    """Collects the blocks of one page."""

    def __init__(self, tree: HtmlElement, kept: _Kept) -> None:
        self.blocks: list[Block] = []
        self._kept = kept
        self._holders = _holders(tree)
        self._places = 0

    def visit(self, spot: _Spot) -> None:
        """Adds the blocks of an element that may hold several."""
        element = spot.element
        run = _Run()
        run.add(element.text, linked=False, marked=False)
        holders = self._holders if spot.depth < _MAX_DEPTH else frozenset()
        opening = BLOCK_TAGS if spot.depth < _MAX_DEPTH else frozenset()
        if element.tag == "tr" and not any(cell in holders for cell in element):
            opening = frozenset()
        for index, child in enumerate(element):
            tag = child.tag
            if not isinstance(tag, str) or tag in SKIPPED_TAGS:
                pass
            elif tag in opening or child in holders:
                self._flush(run, spot, index)
                self.visit(_Spot(child, spot))
                run = _Run(index + 1)
            elif tag != "br":
                run.add_inline(child, tag)
            elif _doubled(child):
                self._flush(run, spot, index)
                run = _Run(index + 1)
            else:
                run.parts.append(" ")
            if child.tail:
                run.parts.append(child.tail)
        self._flush(run, spot, len(element))

    def _flush(self, run: _Run, spot: _Spot, stop: int) -> None:
        text = fold("".join(run.parts)) if run.parts else ""
        if not text:
            return
        place = self._place(spot)
        block = Block(
            text=text,
            kind=place.kind,
            element=spot.element,
            start=run.start,
            stop=stop,
            place=place,
            linked=1.0 if place.linked else min(1.0, run.linked / len(text)),
            marked=min(1.0, run.marked / len(text)),
            kept=text in self._kept,
        )
        self.blocks.append(block)

    def _place(self, spot: _Spot) -> Place:
        if spot.place is not None:
            return spot.place
        parent = self._place(spot.parent) if spot.parent is not None else None
        tag = str(spot.element.tag)
        spot.place = Place(
            index=self._places,
            parent=parent,
            tag=tag,
            depth=spot.depth,
            kind=_kind(tag, parent),
            names=_names(spot.element),
            hidden=_hides(spot.element) or bool(parent and parent.hidden),
            linked=tag == "a" or bool(parent and parent.linked),
        )
        self._places += 1
        return spot.place


def _holders(tree: HtmlElement) -> set[HtmlElement]:
    """The elements that hold a block-level element, or a pair of line breaks, somewhere inside."""
    holders: set[HtmlElement] = set()
    for element in tree.iter("br", *BLOCK_TAGS):
        if element.tag != "br" or _doubled(element):
            parent = element.getparent()
            while parent is not None and parent not in holders:
                holders.add(parent)
                parent = parent.getparent()
    return holders


def _doubled(br: HtmlElement) -> bool:
    """Is this line break followed at once by another: an empty line?"""
    tail = br.tail
    if tail and not tail.isspace():
        return False
    following = br.getnext()
    return following is not None and following.tag == "br"


def _kind(tag: str, parent: Place | None) -> Kind:
    own = _KINDS.get(tag)
    if own is not None:
        return own
    return parent.kind if parent is not None and parent.kind in _INHERITED else "paragraph"


def _names(element: HtmlElement) -> str:
    attributes = element.attrib
    if not attributes:
        return ""
    return " ".join(attributes[name] for name in _NAMING if name in attributes).lower()


def _hides(element: HtmlElement) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return style is not None and _HIDING.search(style) is not None
