"""Kept blocks back to markup: headings, lists, tables, quotes, code, links and pictures as the page had them.

The page's wrappers go, its meaning stays. What comes out still has to be sanitised.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from itertools import islice
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import formulas, images
from aggregator.clean.blocks import Block, fold, letters
from aggregator.clean.sources import picture_key

_KEPT_TAGS: Final = {
    **{
        name: name
        for name in ("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "figure", "figcaption", "details")
    },
    **{name: name for name in ("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "p", "summary", "hr")},
    **{f"h{level}": f"h{level}" for level in range(2, 7)},
    "h1": "h2",
    "menu": "ul",
    "address": "p",
    "legend": "p",
}
_LEAVES: Final = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "pre", "figcaption", "summary", "caption", "dt"})
_HOLDERS: Final = frozenset({"li", "dd", "td", "th"})  # may hold bare text as well as paragraphs
_INSIDE: Final = {
    "li": ("ul", "ol"),
    "tr": ("table", "tbody", "thead", "tfoot"),
    **dict.fromkeys(("dt", "dd"), ("dl",)),
    **dict.fromkeys(("td", "th"), ("tr",)),
    **dict.fromkeys(("caption", "thead", "tbody", "tfoot"), ("table",)),
}
_NO_LIST: Final = frozenset({*_LEAVES, "dl", "table", "thead", "tbody", "tfoot", "tr"})
_TEXT: Final = frozenset({"paragraph", "heading", "quote", "code"})
_MAX_LINKS: Final = 2_000
_ATTRIBUTES: Final = ("dir", "lang", "colspan", "rowspan", "start", "reversed", "type", "value", "cite", "scope")
_PARTS: Final = {  # where no picture may stand by itself; what is opened here closes with its parent
    **dict.fromkeys(("ul", "ol"), "<li>"),
    **dict.fromkeys(("table", "tbody", "thead", "tfoot"), "<tr><td>"),
    "tr": "<td>",
    "dl": "<dd>",
}
_CORE_SHARE: Final = 0.8  # of the kept words: the element that holds them is the article's body
_CAPTION_WORDS: Final = 80
_CODE_CLASS: Final = re.compile(r"(?:language|lang|brush|highlight-source)[-:]\s?[\w+#]+")
_SPACE: Final = re.compile(r"[ \t\n]+")
_EMPTY: Final = re.compile(r"<(b|strong|em|i|u|span|font|small|sup|sub)(?: [^<>]*)?></\1>")
_OPENING: Final = re.compile(r"\s*<(?:figure|img|p><img)", re.IGNORECASE)  # a story that begins with a picture
_IMAGES: Final = ("img", "amp-img")
_SHOWN: Final = frozenset({*_IMAGES, "figure", "picture"})
_SKIPPED: Final = frozenset({"script", "style", "template", "head", "form", "button", "nav"})


def render(blocks: Sequence[Block], kept: Sequence[bool], base: str, *, lead: str = "") -> str:
    """HTML of the blocks marked kept and of the pictures and players among them. Addresses of pictures are absolute.

    `lead` is the picture that the page states as its own: it comes first where the page shows it above the story, and
    within the story whatever it is a link to.
    """
    return _Writer(blocks, kept, base, picture_key(lead) if lead else "").written()


def pictures(tree: HtmlElement, base: str) -> str:
    """HTML of the pictures and players of a piece without words: a comic, a photograph, a video."""
    return _Writer((), (), base, "").media(tree)


def plain(texts: Sequence[str]) -> str:
    """HTML of bare paragraphs."""
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


class _Writer:
    """Writes one page. Elements are asked, never changed."""

    def __init__(self, blocks: Sequence[Block], kept: Sequence[bool], base: str, lead: str) -> None:
        self._base = base
        self._stated = lead  # its key
        self._out: list[str] = []
        self._runs: defaultdict[HtmlElement, list[tuple[Block, bool]]] = defaultdict(list)
        self._words: dict[HtmlElement, int] = {}  # characters kept in an element, for each that holds any
        self._pictures: set[str] = set()
        self._links: frozenset[str] | None = None
        self._left = sum(map(bool, kept))  # blocks to be written
        self._begun = False
        self._reached = False  # the core
        self._stray = -1  # where the list was closed that stray items got
        top: HtmlElement | None = None
        for block, keep in zip(blocks, kept, strict=True):
            if block.element is None:
                continue
            self._runs[block.element].append((block, keep))
            if keep:
                top = self._count(block.element, len(block.text))
        self.top = top
        self._core = self._find_core(top) if top is not None else None
        self._first = self._first_in(self._core) if self._core is not None else None

    def _first_in(self, core: HtmlElement) -> HtmlElement | None:
        """The first element of the body that holds kept text: a standfirst may stand above the lead picture."""
        return next((each for each in core.iter() if any(keep for _, keep in self._runs.get(each, ()))), None)

    def _count(self, element: HtmlElement, size: int) -> HtmlElement:
        """Adds to the element and all above it; gives back the topmost."""
        holder, above = element, element
        while above is not None:
            self._words[above] = self._words.get(above, 0) + size
            holder, above = above, above.getparent()
        return holder

    def _find_core(self, top: HtmlElement) -> HtmlElement:
        core, found = top, True
        while found:
            found = False
            for child in core:
                if self._words.get(child, 0) >= _CORE_SHARE * self._words[core]:
                    core, found = child, True
                    break
        return self._widened(core)

    def _widened(self, core: HtmlElement) -> HtmlElement:
        """The article element around the core: lead pictures stand beside the body text."""
        if core.tag in _KEPT_TAGS and core.getparent() is not None:
            core = core.getparent()
        for holder in core.iterancestors("article", "main"):
            return holder
        return core

    def written(self) -> str:
        """The whole page's markup."""
        if self.top is not None:
            self._element(self.top, "", in_core=self.top is self._core)
        html = "".join(self._out)
        return ("" if _OPENING.match(html) else self._lead()) + html

    def _lead(self) -> str:
        """The stated picture above the first line of the story, or the first with a caption below the headline."""
        key, first, below = self._stated, self._first, False
        for element in first.getroottree().getroot().iter(*_IMAGES, "h1", first.tag) if first is not None else ():
            if element is first or key in self._pictures:
                break
            below |= element.tag == "h1"
            figure = next(element.iterancestors("figure"), element)
            if element.tag in _IMAGES and (key or below):
                found = images.picture(element, self._base)
                own = self._is_stated(element)
                if found and (own or (below and _caption(figure))) and self._leads(element):
                    return f"<figure>{found}{_caption(figure)}</figure>"
        return ""

    def _leads(self, image: HtmlElement) -> bool:
        """May a picture above the story be its lead: is it shown nowhere else, and no way to another page?"""
        again = picture_key(images.address(image, self._base)) in self._pictures
        return not again and not images.leads_away(image, self._base) and self._belongs(image)

    def _belongs(self, image: HtmlElement, *, told: bool = False) -> bool:
        if images.belongs(image, self._base, self._words, self._linked, told=told):
            return True
        return self._is_stated(image) and not images.stands_apart(image, self._base, self._words)

    def _is_stated(self, image: HtmlElement) -> bool:
        if not self._stated or self._stated in self._pictures or image.tag not in _IMAGES:
            return False  # no picture is shown twice: once it is, it need not be found
        return picture_key(images.address(image, self._base)) == self._stated

    def _element(self, element: HtmlElement, parent: str, *, in_core: bool) -> None:
        """An element that holds kept text, or is the top: itself when it means something, and its content."""
        self._reached |= element is self._core
        tag = _KEPT_TAGS.get(element.tag, "")
        if tag == "li" and parent not in _INSIDE["li"] and parent not in _NO_LIST:
            self._stray_item(element, in_core=in_core)
            return
        if tag == "table" and self._lays_out(element):
            tag = ""
        if tag in _INSIDE and parent not in _INSIDE[tag]:
            plain = tag in {"li", "dt", "dd", "caption"} and not self._has_blocks(element)
            tag = "p" if plain else ""
        if tag == "p" and (parent in _LEAVES or self._has_blocks(element)):
            tag = ""
        if tag:
            self._out.append(f"<{tag}{_attributes(element)}>")
        self._content(element, tag or parent, in_core=in_core, own=tag)
        if tag:
            self._out.append(f"</{tag}>")

    def _stray_item(self, element: HtmlElement, *, in_core: bool) -> None:
        """A list item without a list, as browsers show it. Neighbours come into one."""
        if self._stray == len(self._out):
            self._out.pop()
        else:
            self._out.append("<ul>")
        self._element(element, "ul", in_core=in_core)
        self._out.append("</ul>")
        self._stray = len(self._out)

    def _lays_out(self, table: HtmlElement) -> bool:
        """Does a table merely give text its place? One of data has several cells a row, or names its columns."""
        rows = [row for part in (table, *table.iterchildren("tbody")) for row in part.iterchildren("tr")]
        if any(next(table.iterchildren(name), None) is not None for name in ("caption", "thead")):
            return False
        if any(cell.tag == "th" for row in rows for cell in row):
            return False
        if all(self._filled(row) < 2 for row in rows):
            return True
        cells = (cell for row in rows for cell in row if cell in self._words)
        texts = [cell for cell in cells if self._paragraphs(cell) > 1]
        return sum(self._words[cell] for cell in texts) > self._words[table] / 2

    def _filled(self, row: HtmlElement) -> int:
        """The number of cells with kept text: a row may be one block, or its cells have blocks."""
        whole = any(keep for _, keep in self._runs.get(row, ()))
        return sum(1 for cell in row if cell in self._words or (whole and "".join(cell.itertext()).strip()))

    def _paragraphs(self, cell: HtmlElement) -> int:
        """The kept paragraphs and headings of a cell, without those of lists and tables in it."""
        runs = ((each is cell, block, keep) for each in cell.iter() for block, keep in self._runs.get(each, ()))
        return sum(1 for own, block, keep in runs if keep and (own or block.kind in _TEXT))

    def _has_blocks(self, element: HtmlElement) -> bool:
        return any(child in self._words for child in element)

    def _content(self, element: HtmlElement, parent: str, *, in_core: bool, own: str) -> None:
        """Runs of text and child elements, in order. `parent` is the nearest element that's written."""
        children = list(element)
        runs = iter(self._runs.get(element, ()))
        run = next(runs, None)
        index = 0
        while run is not None or index < len(children):
            if run is not None and run[0].start <= index:
                self._run(run, children, parent, in_core=in_core, own=own)
                index = max(index, run[0].stop)
                run = next(runs, None)
                continue
            child = children[index]
            if child in self._words:
                self._element(child, parent, in_core=in_core or child is self._core)
            elif isinstance(child.tag, str) and (in_core or (child.tag in _SHOWN and self._above())):
                self._media(child, parent)
            index += 1

    def _above(self) -> bool:
        """Between a first line of the story and its body."""
        return self._begun and not self._reached

    def _run(
        self, run: tuple[Block, bool], children: Sequence[HtmlElement], parent: str, *, in_core: bool, own: str
    ) -> None:
        block, keep = run
        inside = children[block.start : block.stop]
        if not keep:
            for child in inside if in_core and own != "figcaption" else ():
                self._media(child, parent)
            return
        self._begun, self._left = True, self._left - 1
        if block.element is not None and block.element.tag == "tr" and own != "tr":
            texts = (escape(cell.text or "", quote=False) + "".join(map(self._inline, cell)) for cell in inside)
            self._out += [f"<p>{text.strip()}</p>" for text in texts if text.strip()]
            return
        several = block.element is not None and len(self._runs[block.element]) > 1
        bare = own in _LEAVES or own == "tr" or (own in _HOLDERS and not several) or parent in _LEAVES
        element = block.element
        before = (element.text if element is not None else "") if block.start == 0 else children[block.start - 1].tail
        inline = escape(before or "", quote=False) + "".join(map(self._inline, inside))
        if "pre" not in (own, parent):
            if "\n" in inline or "  " in inline or "\t" in inline:  # most lines have none
                inline = _SPACE.sub(" ", inline)
            inline = _EMPTY.sub("", inline)
        elif block.start > 0:
            inline = "\n" + inline
        self._out.append(inline if bare else f"<p>{inline.strip()}</p>")

    def _inline(self, child: HtmlElement) -> str:
        """An element within a line of text, and the text after it."""
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            if child.tag not in images.MEDIA and next(child.iter(*images.MEDIA), None) is None:
                return str(etree.tostring(child, encoding="unicode", method="html"))
            return self._with_media(child) + escape(child.tail or "", quote=False)
        return escape(child.tail or "", quote=False)

    def _with_media(self, child: HtmlElement) -> str:
        """An inline element with a picture in it: its text, linked as it was, and the picture."""
        text = fold("".join(child.itertext())) if child.tag not in images.MEDIA else ""
        if child.find(f".//span[@{formulas.MARK}]") is not None and _pictured(child, text):
            text = ""
        shown = escape(text, quote=False)
        href = child.get("href") if child.tag == "a" and text else None
        return (f'<a href="{escape(href)}">{shown}</a>' if href else shown) + "".join(self._pictures_of(child))

    def media(self, tree: HtmlElement) -> str:
        """All pictures and players of a tree."""
        found = self._pictures_of(tree)
        return "".join(f"<p>{each}</p>" if each.startswith("<img") else each for each in found)

    def _media(self, element: HtmlElement, parent: str) -> None:
        """The pictures and players of an element without kept text."""
        if element.tag in _SKIPPED:
            return
        if element.tag == "hr" and parent == "":
            self._out.append("<hr>")
            return
        found = "".join(self._pictures_of(element))
        if found and "<img" in found and parent not in _LEAVES and parent != "figure":
            found = f"<figure>{found}{_caption(element)}</figure>"
        if found and parent in _PARTS:
            found = f"{_PARTS[parent]}{found}"
        self._out.append(found)

    def _pictures_of(self, element: HtmlElement) -> list[str]:
        written: list[str] = []
        done: HtmlElement | None = None  # the parent whose picture was good, so that its noscript twin is left
        for image in element.iter(*images.MEDIA):
            holder = _outside_noscript(image)
            if done is not None and holder is not image.getparent() and holder is done:
                continue
            told = self._begun and self._left > 0
            if not self._belongs(image, told=told):
                continue
            found = self._medium(image, told=told)
            if found:
                done = holder
                written.append(found)
        return written

    def _linked(self) -> frozenset[str]:
        """The pages that the story's text links to."""
        if self._links is None:
            found = (
                link
                for element, runs in self._runs.items()
                for children in (list(element),)
                for block, keep in runs
                if keep and block.linked
                for child in children[block.start : block.stop]
                for link in child.iter("a")
            )
            hrefs = (urls.resolve(self._base, link.get("href") or "") for link in islice(found, _MAX_LINKS))
            self._links = frozenset(map(urls.canonical, filter(None, hrefs)))
        return self._links

    def _medium(self, element: HtmlElement, *, told: bool) -> str:
        if element.tag in images.PLAYERS:
            found = images.player(element, self._base)
            key = found
        else:
            found = images.picture(element, self._base, told=told)
            key = picture_key(images.address(element, self._base)) if found else ""
        if not found or key in self._pictures:
            return ""
        self._pictures.add(key)
        return found


def _pictured(element: HtmlElement, formula: str) -> bool:
    """Does a picture in the element show the formula that is its text?"""
    return any(letters(image.get("alt") or "").endswith(letters(formula)) for image in element.iter(*_IMAGES))


def _outside_noscript(image: HtmlElement) -> HtmlElement | None:
    holder = image.getparent()
    while holder is not None and holder.tag in {"noscript", "picture"}:
        holder = holder.getparent()
    return holder


def _caption(element: HtmlElement) -> str:
    """The figcaption that belongs to a picture; the judge takes captions for no part of the story's text."""
    for caption in element.iter("figcaption"):
        text = fold("".join(caption.itertext()))
        if text and len(text.split()) <= _CAPTION_WORDS:
            return f"<figcaption>{escape(text, quote=False)}</figcaption>"
    return ""


def _attributes(element: HtmlElement) -> str:
    if not element.attrib:
        return ""
    found = [f' {name}="{escape(element.get(name) or "")}"' for name in _ATTRIBUTES if element.get(name)]
    code = _CODE_CLASS.search(element.get("class") or "") if element.tag == "pre" else None
    if code:
        found.append(f' class="{escape(code[0])}"')
    return "".join(found)
