"""What a page shows beside its headline: who wrote the story and when, by markup, class names and bylines."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from lxml.html import HtmlElement

from aggregator.clean import authors, dates
from aggregator.clean.stated import Stated, declared_language, marks, text_of

Lines = Sequence[tuple[HtmlElement, str]]

_MARKED: Final = re.compile(r"author|byline|by-line|autor|auteur|writer|contributor|redakt", re.IGNORECASE)
_NOT_MARKED: Final = re.compile(
    r"social|avatar|image|img|photo|bio|desc|box|list|related|comment|count|date|time|share|follow|card-|widget"
    r"|tooltip|icon|footer|authoriz",
    re.IGNORECASE,
)
_DATED: Final = re.compile(r"date|time|publi|posted|meta|byline|datum|fecha|info|stamp", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"(?<![a-z])(?:related|recommend\w*|comments?|sidebar|footer|widget|latest|recent|popular|trending|more-"
    r"|next-|prev\w*|nav|menu|teaser|carousel|slider)",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(
    r"(?:posted|published|publish date|date published|last (?:updated|modified|reviewed)|page last|updated on"
    r"|veröffentlicht|erschienen|stand:"
    r"|publié|mis en ligne|publicado|pubblicato|gepubliceerd|opublikowano|опубликовано|publicerad|yayın)",
    re.IGNORECASE,
)
_BEFORE: Final = 40  # elements before the headline and after it in which bylines stand
_AFTER: Final = 120
_LINE: Final = 160  # characters of a line that may be a byline


def lines_beside(page: Stated, place: int) -> Lines:
    """Elements beside the headline with their short texts: those after it first."""
    if place < 0:
        first = next((index for index, each in enumerate(page.elements) if each.tag in {"article", "main", "body"}), 0)
        window = list(range(first, min(len(page.elements), first + _AFTER)))
    else:
        near = range(max(0, place - _BEFORE), min(len(page.elements), place + _AFTER))
        window = sorted(near, key=lambda index: index - place if index > place else 3 * (place - index))
    return tuple(_short(page.elements, window))


def _short(elements: Sequence[HtmlElement], window: Sequence[int]) -> Iterator[tuple[HtmlElement, str]]:
    for index in window:
        each = elements[index]
        if each.tag in {"script", "style", "noscript", "option", "svg", "path"} or len(each) > 8:
            continue
        text = text_of(each) if sum(1 for _ in each.iter()) < 25 else ""
        if 2 < len(text) <= _LINE:
            yield each, text


def date(page: Stated, lines: Lines) -> datetime | None:
    """The date beside the headline: a time element's, else a line's; what says "updated" only for want of another."""
    english = not (declared_language(page) or "en").startswith(("en-GB", "en-AU", "en-NZ", "en-IN", "en-IE"))
    later: datetime | None = None
    for each, text in lines:
        when = dates.stated(each.get("datetime") or "") if each.tag == "time" else None
        when = when or (dates.worded(text, month_first=english) if _may_date(each, text) else None)
        if when and not re.search(r"updat|modif|aktualis|mis à jour|actualiz|review", text, re.IGNORECASE):
            return when
        later = later or when
    return later or _time_element(page) or _marked_date(page, month_first=english)


def _may_date(element: HtmlElement, text: str) -> bool:
    """A line that is a date and little else, or one that its markup or its words call one."""
    if not re.search(r"\d", text):
        return False
    marked = marks(element)
    return len(text) < 60 or element.tag == "time" or bool(_DATED.search(marked)) or bool(authors.byline(text))


def _time_element(page: Stated) -> datetime | None:
    """The first time element that isn't part of a list of other stories."""
    for each in page.elements:
        if each.tag == "time" and each.get("datetime") and not _is_elsewhere(each):
            return dates.stated(each.get("datetime") or "")
    return None


def _marked_date(page: Stated, *, month_first: bool) -> datetime | None:
    """The first short line anywhere that is named as a date and is one."""
    for each in page.elements:
        marked = marks(each)
        if (
            not re.search(r"date|publi|posted|datum|fecha|stamp|meta", marked, re.IGNORECASE)
            or len(each) > 4
            or _is_elsewhere(each)
        ):
            continue
        text = text_of(each) if sum(1 for _ in each.iter()) < 15 else ""
        when = dates.worded(text, month_first=month_first) if len(text) < 80 and re.search(r"\d", text) else None
        if when:
            return when
    return None


def labelled_date(page: Stated) -> datetime | None:
    """A date that a line anywhere calls that of publication, or of the last change: at the foot of some pages."""
    for each in page.elements:
        if len(each) <= 3 and _LABELLED.match((each.text or "").strip()):
            text = text_of(each)
            when = dates.worded(text) if len(text) < 80 else None
            if when:
                return when
    return None


def _is_elsewhere(element: HtmlElement) -> bool:
    """Inside a list of other stories, comments, the page's foot."""
    for holder in element.iterancestors():
        if holder.tag in {"aside", "nav", "footer", "li"}:
            return True
        if holder.tag in {"article", "main", "body"}:
            return False
        if _ELSEWHERE.search(marks(holder)):
            return True
    return False


def author(page: Stated, lines: Lines) -> str:
    """Whom markup, a byline or a class name beside the headline calls the author; else one marked elsewhere."""
    for each, _ in lines:
        if _is_author(each):
            name = authors.joined([_first_line(each)], page.names)
            if name:
                return name
    return _byline(page, lines) or _class_author(page, lines) or _anywhere(page)


def _anywhere(page: Stated) -> str:
    for each in page.elements:
        if _is_author(each) and not _is_elsewhere(each):
            name = authors.joined([_first_line(each)], page.names)
            if name:
                return name
    return ""


def _byline(page: Stated, lines: Lines) -> str:
    """A line beside the headline that begins as bylines do, or the one after such a beginning."""
    led = False
    for _, text in lines:
        if led and authors.looks_like_person(authors.cleaned(text)):
            return authors.cleaned(text)
        name = authors.byline(text)
        if name and authors.joined([name], page.names):
            return name
        led = authors.is_lead(text)
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
    everywhere = ((each, "") for each in page.elements)
    near = {each for each, _ in lines}
    for each, _ in (*lines, *everywhere):
        marked = marks(each)
        if (
            not _MARKED.search(marked)
            or len(each) > 8
            or (each not in near and (_is_elsewhere(each) or _NOT_MARKED.search(marked)))
        ):
            continue
        name = authors.joined([_first_line(each)], page.names)
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
