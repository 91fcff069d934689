"""What a page shows beside its headline: who wrote the story and when, by markup, class names and bylines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from lxml.html import HtmlElement

from aggregator.clean import authors
from aggregator.clean.stated import Stated, marks

_MOST_TEXT: Final = 200  # characters that are read of an element's text
_MARKED: Final = re.compile(r"author|byline|by-line|autor|auteur|writer|contributor|redakt", re.IGNORECASE)
_NOT_MARKED: Final = re.compile(
    r"social|avatar|image|img|photo|bio|desc|box|list|related|comment|count|date|time|share|follow|card-|widget"
    r"|tooltip|icon|footer|authoriz",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"(?<![a-z])(?:related|recommend\w*|comments?|sidebar|footer|(?<!elementor-)widget|latest|recent|popular|trending|more-"
    r"|next-|prev\w*|nav|menu|teaser|carousel|slider)",
    re.IGNORECASE,
)
_OF_STORY: Final = re.compile(r"(?:article|post|entry|story|content)-?_*(?:meta|info|details|byline)", re.IGNORECASE)
_BEFORE: Final = 40  # elements before the headline and after it in which bylines stand
_AFTER: Final = 120
_LEAD: Final = 30  # characters of "By", "Written by" and their like
_MOST_CHILDREN: Final = 8  # of an element that is a line
_NO_LINES: Final = frozenset({"script", "style", "noscript", "option", "svg", "path"})
_LINE: Final = 160  # characters of a line that may be a byline


@dataclass(frozen=True, slots=True)
class Line:
    """An element with a short text, so many elements after the headline."""

    element: HtmlElement
    text: str
    offset: int


Lines = Sequence[Line]


def lines_beside(page: Stated, place: int) -> Lines:
    """Elements beside the headline with their short texts: those after it first."""
    if place < 0:
        first = next((index for index, each in enumerate(page.elements) if each.tag in {"article", "main", "body"}), 0)
        window = list(range(first, min(len(page.elements), first + _AFTER)))
    else:
        near = range(max(0, place - _BEFORE), min(len(page.elements), place + _AFTER))
        window = sorted(near, key=lambda index: index - place if index > place else 3 * (place - index))
    return tuple(_short(page.elements, window, max(place, 0)))


def _short(elements: Sequence[HtmlElement], window: Sequence[int], start: int) -> Iterator[Line]:
    for index in window:
        each = elements[index]
        inside = len(each)
        if inside > _MOST_CHILDREN or not (inside or each.text) or each.tag in _NO_LINES:
            continue
        text = short_text(each)
        if 2 < len(text) <= _LINE:
            yield Line(each, text, index - start)


def short_text(element: HtmlElement) -> str:
    """All text of an element, "" when it's long. Elements that touch are parted: "Jane Doe | 3 May"."""
    found: list[str] = []
    size = 0
    for piece in element.itertext():
        size += len(piece.strip()) + 1  # an empty one counts too: pages may be made of them
        if size > _MOST_TEXT:
            return ""
        found.append(piece)
    unseen = {each.text for each in element.iter("script", "style")}
    pieces: list[str] = []
    for piece in found:
        if piece in unseen:
            continue
        if pieces and _touch(pieces[-1], piece):
            pieces.append(" | ")
        pieces.append(piece)
    return " ".join("".join(pieces).split())


def _touch(one: str, other: str) -> bool:
    """Two texts that no space parts, and that are no halves of a word with a decorated initial."""
    return one[-1:].isalnum() and other[:1].isalnum() and len(other) > 1 and len(one) > 1 and one[-2] != " "


def is_elsewhere(element: HtmlElement, *, lists: bool = True) -> bool:
    """In a list of other stories, comments, the page's foot. `lists`: every list is taken for one."""
    for holder in (element, *element.iterancestors()):
        if holder.tag in {"nav", "footer"} or (lists and holder.tag == "li"):
            return True
        if holder.tag == "aside" and not _OF_STORY.search(marks(holder)):
            return True
        if holder.tag in {"article", "main", "body"}:
            return False
        if _ELSEWHERE.search(marks(holder)):
            return True
    return False


def author(page: Stated, lines: Lines) -> str:
    """Whom markup, a byline or a class name beside the headline calls the author; else one marked elsewhere.

    Beside the headline the site may be its own author; elsewhere its name is only its name.
    """
    return _marked_authors(lines) or _byline(lines) or _class_author(page, lines) or _anywhere(page)


def _marked_authors(lines: Lines) -> str:
    """The first author marked by the standards, with those a comma or an "and" joins to them."""
    for line in lines:
        name = authors.joined([_first_line(line.element)]) if _is_author(line.element) else ""
        if name:
            return ", ".join(dict.fromkeys((name, *islice(_joined_to(line.element), authors.MOST))))
    return ""


def _joined_to(element: HtmlElement) -> Iterator[str]:
    following = element.getnext()
    while following is not None and authors.joins(element.tail or "") and _is_author(following):
        yield from authors.split(_first_line(following))
        element, following = following, following.getnext()


def _anywhere(page: Stated) -> str:
    for each in (*page.marked("author"), *page.tagged("a")):
        if _is_author(each) and not is_elsewhere(each):
            name = authors.joined([_first_line(each)], page.names)
            if name:
                return name
    return ""


def _byline(lines: Lines) -> str:
    """A line beside the headline that begins as bylines do, or the one after such a beginning."""
    led = False
    for text in (line.text for line in lines):
        if led and authors.looks_like_person(authors.cleaned(text)):
            return authors.cleaned(text)
        name = authors.byline(text)
        if name:
            return name
        led = len(text) < _LEAD and authors.is_lead(text)
    return ""


def _is_author(element: HtmlElement) -> bool:
    """Marked as an author by the standards: rel, itemprop, or a link to an author's page."""
    if element.tag == "a":
        href = element.get("href") or ""
        if "author" in (element.get("rel") or "").split() or re.search(
            r"/(?:author|authors|autor|auteur|profile/author)/[^/]+", href
        ):
            return True
    return "author" in (element.get("itemprop") or "").split() and element.tag != "meta"


def _class_author(page: Stated, lines: Lines) -> str:
    """By class names, which also stand on boxes, pictures and lists."""
    near = {line.element: None for line in lines}
    beside = (each for each in near if _MARKED.search(marks(each)))
    for each in chain(beside, page.called(_MARKED)):
        if len(each) > 8 or (each not in near and (_NOT_MARKED.search(marks(each)) or is_elsewhere(each))):
            continue
        name = authors.joined([_first_line(each)], () if each in near else page.names)
        if name and authors.looks_like_person(name.split(", ", 1)[0]):
            return name
    return ""


def _first_line(element: HtmlElement) -> str:
    """The first piece of text in an element that can be a name: roles and dates follow in elements of their own."""
    for piece in element.itertext():
        text = " ".join(piece.split())
        if text and authors.split(text):
            return text
    return ""
