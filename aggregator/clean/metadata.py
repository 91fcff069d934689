"""Title, author, dates, language, picture and address of a page: what it states, checked against what it shows.

Nothing is guessed: a date comes from markup, from the address or from a line beside the headline, or there is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import authors, jsonld, shown, titles
from aggregator.clean import published as when
from aggregator.clean.language import code
from aggregator.clean.stated import Stated, declared_language, gathered, text_of
from aggregator.model import Entry
from aggregator.sanitize import clean_text

_AUTHORS: Final = (
    "author", "sailthru.author", "parsely-author", "cxenseparse:author", "article:author_name", "dc.creator",
    "dcterms.creator", "citation_author", "citation_authors", "byl", "dc.contributor", "article:author",
    "branch:deeplink:authorname1",
)  # fmt: skip
_TITLES: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title")
_IMAGES: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_HEADINGS: Final = 12
_LESSER: Final = ("h2", "h3")
_LONG_WORD: Final = re.compile(r"[^\W_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a page says of its article. Empty where it says nothing that can be trusted."""

    title: str = ""
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""  # as declared
    direction: str = ""  # as declared
    image: str = ""
    canonical_url: str = ""
    site_name: str = ""
    description: str = ""
    free: bool | None = None  # JSON-LD isAccessibleForFree
    paid_selectors: tuple[str, ...] = ()  # CSS, of the parts that aren't


def read(tree: HtmlElement, *, url: str, entry: Entry | None) -> Found:
    """The page's metadata, with the feed's entry as evidence and to fill gaps."""
    page = gathered(tree, url)
    title, place = _title(page, entry)
    lines = shown.lines_beside(page, place)
    dated = lines if place >= 0 else shown.lines_beside(page, _akin(page, title))
    published = when.published(page, dated, entry.published if entry else None)
    modified = when.modified(page)
    node = page.articles[0] if page.articles else {}
    return Found(
        title=clean_text(title, 500),
        author=clean_text(_author(page, lines, entry), 300),
        published=published or (entry.published if entry else None),
        modified=modified if modified and (not published or modified > published + timedelta(minutes=1)) else None,
        language=_language(tree, page, node),
        direction=(tree.get("dir") or _body(tree, "dir")).strip().lower(),
        image=_image(page, node),
        canonical_url=_canonical(page),
        site_name=clean_text(page.site_name, 200),
        description=clean_text(page.value("og:description", "description", "twitter:description"), 1000),
        free=_free(page),
        paid_selectors=tuple(_paid(page)),
    )


def _title(page: Stated, entry: Entry | None) -> tuple[str, int]:
    """The title, and the place of its headline among the elements (-1 when it's shown nowhere)."""
    marked = (each for each in page.marked("headline") if each.tag != "meta")
    offers = (*islice(marked, 2), *islice(page.tagged("h1"), _HEADINGS))
    headings = [(each, text) for each in offers if (text := text_of(each))]
    headlines = [text for _, text in headings if len(text) <= 300]
    stated = [page.value(name) for name in _TITLES[:1]]
    stated += [jsonld.text(node.get("headline")) for node in page.articles[:2]]
    title_element = next((text_of(each) for each in page.tagged("title")), "")
    stated += [title_element, *(page.value(name) for name in _TITLES[1:])]
    title = titles.best(headlines, stated, page.names, entry.title if entry else "")
    place = next((each for each, text in headings if title in text or text in title), None)
    place = _heading_like(page, title) if place is None else place
    return title, -1 if place is None else page.elements.index(place)


def _heading_like(page: Stated, title: str) -> HtmlElement | None:
    """Where the title stands though no h1 holds it."""
    start = title[:40]
    places = page.tagged(*_LESSER, "div", "p", "span") if title else iter(())
    return next((each for each in places if start in (text_of(each) if each.tag in _LESSER else each.text or "")), None)


def _akin(page: Stated, title: str) -> int:
    """The place of the heading that says the title in other words, by the longer words they share; -1 without one."""
    told = set(_LONG_WORD.findall(title.casefold()))
    headings = tuple(islice(page.tagged("h1"), _HEADINGS)) if told else ()
    shared = [len(told & set(_LONG_WORD.findall(text_of(each)[:300].casefold()))) for each in headings]
    most = max(shared, default=0)
    return page.elements.index(headings[shared.index(most)]) if most else -1


def _author(page: Stated, lines: shown.Lines, entry: Entry | None) -> str:
    """The first author named by: JSON-LD, meta; what is shown beside the headline; the feed.

    A login, or the site's own name, is taken from markup only when nothing else is found.
    """
    persons, teams = _stated_authors(page)
    named = [value for value in persons if not authors.is_handle(value)]
    found = next(filter(None, (authors.joined([value], page.names) for value in named)), "")
    found = found or shown.author(page, lines)
    if not found and entry and entry.author:
        found = authors.joined([entry.author], page.names)
    offers = (authors.joined([value]) for value in (*persons, *teams))
    whole = [offer for offer in offers if offer and (not found or offer.startswith(f"{found} "))]
    return whole[0] if whole else found


def _stated_authors(page: Stated) -> tuple[list[str], list[str]]:
    """What JSON-LD and meta elements call the author, persons and organisations apart, the most trusted first."""
    persons: list[str] = []
    teams: list[str] = []
    for node in page.articles[:3]:
        names, others = jsonld.people(node.get("author") or node.get("creator"), page.nodes)
        persons += ["; ".join(map(authors.turned, names))] if names else []
        teams += others
    for name in _AUTHORS:
        values = [value for value in page.meta.get(name, ()) if not value.startswith("http")]
        persons += ["; ".join(map(authors.turned, dict.fromkeys(values)))] if values else []
    return persons, teams


def _language(tree: HtmlElement, page: Stated, node: jsonld.Node) -> str:
    offers = (
        declared_language(page),
        _body(tree, "lang"),
        page.value("og:locale"),
        page.value("content-language", "dc.language", "language"),
        jsonld.text(node.get("inLanguage")),
    )
    return next(filter(None, map(code, offers)), "")


def _body(tree: HtmlElement, name: str) -> str:
    body = tree.find("body")
    return (body.get(name) or "") if body is not None else ""


def _image(page: Stated, node: jsonld.Node) -> str:
    offers = [page.value(name) for name in _IMAGES]
    given = node.get("image")
    offers.append(jsonld.text(given.get("url") if isinstance(given, dict) else given))
    return next(filter(None, (urls.resolve(page.url, offer) for offer in offers if offer)), "")


def _canonical(page: Stated) -> str:
    """The address the page calls its own, when it's one of this site and not its front page."""
    links = (each.get("href") or "" for each in page.tagged("link") if each.get("rel") == "canonical")
    for offer in (next(links, ""), page.value("og:url")):
        target = urls.resolve(page.url, offer) if offer else ""
        is_front = re.fullmatch(r"https?://[^/]+/?", target)
        if target and not (is_front and not re.fullmatch(r"https?://[^/]+/?", page.url)):
            return target
    return urls.strip_tracking(page.url)


def _free(page: Stated) -> bool | None:
    for node in page.articles:
        value = node.get("isAccessibleForFree")
        if value is not None:
            return not _denied(value)
    return None


def _denied(value: object) -> bool:
    """False in the spellings that schema.org's Boolean has in the wild, "http://schema.org/False" among them."""
    return str(value).strip().lower().rsplit("/", 1)[-1] in {"false", "0", "no"}


def _paid(page: Stated) -> Iterator[str]:
    for node in page.articles[:3]:
        parts = node.get("hasPart") or ()
        for part in parts if isinstance(parts, list) else (parts,):
            if isinstance(part, dict) and _denied(part.get("isAccessibleForFree")):
                selector = part.get("cssSelector")
                yield from (
                    [selector] if isinstance(selector, str) else [s for s in selector or () if isinstance(s, str)]
                )
