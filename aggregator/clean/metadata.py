"""Title, author, dates, language, picture and address of a page: what it states, checked against what it shows.

Nothing is guessed: a date comes from markup, from the address or from a line beside the headline, or there is none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import authors, dates, jsonld, titles
from aggregator.clean.language import code
from aggregator.model import Entry
from aggregator.sanitize import clean_text

_MARKED: Final = re.compile(r"author|byline|by-line|autor|auteur|writer|contributor|redakt", re.IGNORECASE)
_NOT_MARKED: Final = re.compile(
    r"social|avatar|image|img|photo|bio|desc|box|list|related|comment|count|date|time|share|follow|card-|widget|tooltip|icon|footer|authoriz", re.IGNORECASE
)
_DATED: Final = re.compile(r"date|time|publi|posted|meta|byline|datum|fecha|info|stamp", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"(?<![a-z])(?:related|recommend\w*|comments?|sidebar|footer|widget|latest|recent|popular|trending|more-|next-|prev\w*|nav|menu|teaser|carousel|slider)",
    re.IGNORECASE,
)
_PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "og:publish_date", "datepublished",
    "parsely-pub-date", "sailthru.date", "cxenseparse:publishtime", "publish-date", "publish_date", "publication_date",
    "publicationdate", "publisheddate", "published", "citation_publication_date", "citation_online_date", "dc.date.issued",
    "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created", "dc.date.created", "pubdate", "article.published",
    "w-published-date", "bt:pubdate", "article_date_original", "originalpublicationdate", "date",
)  # fmt: skip
_MODIFIED: Final = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod")
_AUTHORS: Final = (
    "author", "sailthru.author", "parsely-author", "cxenseparse:author", "article:author_name", "dc.creator", "dcterms.creator",
    "citation_author", "byl", "dc.contributor", "article:author", "branch:deeplink:authorname1",
)  # fmt: skip
_TITLES: Final = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title", "sailthru.title")
_IMAGES: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "parsely-image-url")
_LABELLED: Final = re.compile(
    r"(?:posted|published|publish date|date published|last (?:updated|modified|reviewed)|page last|updated on|veröffentlicht|erschienen|stand:"
    r"|publié|mis en ligne|publicado|pubblicato|gepubliceerd|opublikowano|опубликовано|publicerad|yayın)",
    re.IGNORECASE,
)
_BEFORE: Final = 40  # elements before the headline and after it in which bylines stand
_AFTER: Final = 120
_LINE: Final = 160  # characters of a line that may be a byline
_HEADINGS: Final = 12


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """The page's own words about itself, gathered in one pass."""

    url: str
    elements: Sequence[HtmlElement]
    meta: dict[str, list[str]]
    nodes: tuple[jsonld.Node, ...]
    articles: tuple[jsonld.Node, ...]  # of the nodes, the likeliest first
    names: tuple[str, ...]  # what the site may be called


def read(tree: HtmlElement, *, url: str, entry: Entry | None) -> Found:
    """The page's metadata, with the feed's entry as evidence and to fill gaps."""
    page = _gathered(tree, url)
    title, place = _title(page, entry)
    lines = _lines(page, place)
    published = _published(page, lines)
    modified = _first_date(page, "dateModified", _MODIFIED)
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
        site_name=clean_text(_value(page, "og:site_name") or (page.names[0] if page.names else ""), 200),
        description=clean_text(_value(page, "og:description", "description", "twitter:description"), 1000),
        free=_free(page),
        paid_selectors=tuple(_paid(page)),
    )


def _gathered(tree: HtmlElement, url: str) -> _Stated:
    elements = [each for each in tree.iter() if isinstance(each.tag, str)]
    meta: dict[str, list[str]] = {}
    for each in elements:
        if each.tag == "meta" and each.get("content"):
            name = each.get("property") or each.get("name") or each.get("itemprop") or ""
            meta.setdefault(name.strip().lower(), []).append(each.get("content") or "")
    nodes = jsonld.nodes(tree)
    page = _Stated(url=url, elements=elements, meta=meta, nodes=nodes, articles=jsonld.articles(nodes), names=())
    return _Stated(url=url, elements=elements, meta=meta, nodes=nodes, articles=page.articles, names=tuple(_names(page)))


def _value(page: _Stated, *names: str) -> str:
    return next((value for name in names for value in page.meta.get(name, ()) if value.strip()), "")


def _names(page: _Stated) -> Iterator[str]:
    yield from (page.meta.get("og:site_name") or ())[:2]
    yield from (page.meta.get("application-name") or ())[:1]
    for node in page.nodes[:40]:
        kinds = jsonld.types(node)
        if kinds & {"WebSite", "Organization", "NewsMediaOrganization", "Corporation", "Blog"}:
            yield jsonld.text(node.get("name"))
        if "publisher" in node:
            yield jsonld.text(node["publisher"])
    labels = urls.site(page.url).split(".")
    yield labels[-2] if len(labels) > 1 else ""
    yield urls.site(page.url)
    if len(labels) > 2:
        yield labels[0]


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _title(page: _Stated, entry: Entry | None) -> tuple[str, int]:
    """The title, and the place of its headline among the elements (-1 when it's shown nowhere)."""
    shown = [(place, _text(each)) for place, each in enumerate(page.elements) if each.tag == "h1"][:_HEADINGS]
    marked = [
        (place, _text(each))
        for place, each in enumerate(page.elements)
        if "headline" in (each.get("itemprop") or "").split() and each.tag != "meta"
    ][:2]
    headlines = [text for _, text in [*marked, *shown] if 0 < len(text) <= 300]
    stated = [_value(page, name) for name in _TITLES[:1]]
    stated += [jsonld.text(node.get("headline")) for node in page.articles[:2]]
    title_element = next((_text(each) for each in page.elements if each.tag == "title"), "")
    stated += [title_element, *(_value(page, name) for name in _TITLES[1:])]
    title = titles.best(headlines, stated, page.names, entry.title if entry else "")
    place = next((place for place, text in [*marked, *shown] if text and (title in text or text in title)), -1)
    return title, place if place >= 0 else _heading_like(page, title)


def _heading_like(page: _Stated, title: str) -> int:
    """Where the title stands though no h1 holds it."""
    if not title:
        return -1
    for place, each in enumerate(page.elements):
        if each.tag in {"h2", "h3", "div", "p", "span"} and title[:40] in (each.text or ""):
            return place
    return -1


def _lines(page: _Stated, place: int) -> list[tuple[HtmlElement, str]]:
    """Elements beside the headline with their short texts: those after it first."""
    if place < 0:
        first = next((index for index, each in enumerate(page.elements) if each.tag in {"article", "main", "body"}), 0)
        window = list(range(first, min(len(page.elements), first + _AFTER)))
    else:
        near = range(max(0, place - _BEFORE), min(len(page.elements), place + _AFTER))
        window = sorted(near, key=lambda index: index - place if index > place else 3 * (place - index))
    return list(_short(page.elements, window))


def _short(elements: Sequence[HtmlElement], window: Sequence[int]) -> Iterator[tuple[HtmlElement, str]]:
    for index in window:
        each = elements[index]
        if each.tag in {"script", "style", "noscript", "option", "svg", "path"} or len(each) > 8:
            continue
        text = _text(each) if sum(1 for _ in each.iter()) < 25 else ""
        if 2 < len(text) <= _LINE:
            yield each, text


def _first_date(page: _Stated, field: str, names: Sequence[str]) -> datetime | None:
    for node in page.articles[:3]:
        when = dates.stated(jsonld.text(node.get(field)))
        if when:
            return when
    for name in names:
        when = dates.stated(_value(page, name))
        if when:
            return when
    return None


def _published(page: _Stated, lines: Sequence[tuple[HtmlElement, str]]) -> datetime | None:
    """A machine's date, meta elements'; else the one shown; else what a CMS prints into JSON-LD in words, the address's."""
    given = [jsonld.text(node.get("datePublished")) for node in page.articles[:3]]
    meta = [_value(page, name) for name in _PUBLISHED]
    marked = [each for each in page.elements if "datePublished" in (each.get("itemprop") or "") or each.get("pubdate") is not None]
    loose = [*given, *(each.get("datetime") or each.get("content") or _text(each) for each in marked[:3])]
    return (
        next(filter(None, (dates.stated(offer) for offer in (*given, *meta, *loose) if dates.is_exact(offer))), None)
        or next(filter(None, map(dates.stated, meta)), None)
        or _shown_date(page, lines)
        or next(filter(None, map(dates.stated, loose)), None)
        or dates.in_url(page.url)
        or _labelled_date(page)
    )


def _shown_date(page: _Stated, lines: Sequence[tuple[HtmlElement, str]]) -> datetime | None:
    """The date beside the headline: a time element's, else a line's; what says "updated" only for want of another."""
    english = not (_declared(page) or "en").startswith(("en-GB", "en-AU", "en-NZ", "en-IN", "en-IE"))
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
    marked = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(text) < 60 or element.tag == "time" or bool(_DATED.search(marked)) or bool(authors.byline(text))


def _time_element(page: _Stated) -> datetime | None:
    """The first time element that isn't part of a list of other stories."""
    for each in page.elements:
        if each.tag == "time" and each.get("datetime") and not _is_elsewhere(each):
            return dates.stated(each.get("datetime") or "")
    return None


def _marked_date(page: _Stated, *, month_first: bool) -> datetime | None:
    """The first short line anywhere that is named as a date and is one."""
    for each in page.elements:
        marked = f"{each.get('class') or ''} {each.get('id') or ''}"
        if not re.search(r"date|publi|posted|datum|fecha|stamp|meta", marked, re.IGNORECASE) or len(each) > 4 or _is_elsewhere(each):
            continue
        text = _text(each) if sum(1 for _ in each.iter()) < 15 else ""
        when = dates.worded(text, month_first=month_first) if len(text) < 80 and re.search(r"\d", text) else None
        if when:
            return when
    return None


def _labelled_date(page: _Stated) -> datetime | None:
    """A date that a line anywhere calls that of publication, or of the last change: at the foot of some pages."""
    for each in page.elements:
        if len(each) <= 3 and _LABELLED.match((each.text or "").strip()):
            text = _text(each)
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
        if _ELSEWHERE.search(f"{holder.get('class') or ''} {holder.get('id') or ''}"):
            return True
    return False


def _author(page: _Stated, lines: Sequence[tuple[HtmlElement, str]], entry: Entry | None) -> str:
    """The first person named by: JSON-LD, meta, marked elements, bylines, the feed; else whom the page calls its author."""
    persons, teams = _stated_authors(page)
    found = authors.joined(persons[:1], page.names) if persons else ""
    for value in () if found else persons[1:]:
        found = found or authors.joined([value], page.names)
    found = found or _marked_author(page, lines)
    if not found and entry and entry.author:
        found = authors.joined([entry.author], page.names)
    return found or next(filter(None, (authors.joined([value]) for value in (*persons, *teams))), "")


def _stated_authors(page: _Stated) -> tuple[list[str], list[str]]:
    """What JSON-LD and meta elements call the author, persons and organisations apart, the most trusted first."""
    persons: list[str] = []
    teams: list[str] = []
    for node in page.articles[:3]:
        names, others = jsonld.people(node.get("author") or node.get("creator"), page.nodes)
        persons += ["; ".join(names)] if names else []
        teams += others
    for name in _AUTHORS:
        values = [value for value in page.meta.get(name, ()) if not value.startswith("http")]
        persons += ["; ".join(dict.fromkeys(values))] if values else []
    return persons, teams


def _marked_author(page: _Stated, lines: Sequence[tuple[HtmlElement, str]]) -> str:
    for each, _ in lines:
        if _is_author(each):
            name = authors.joined([_first_line(each)], page.names)
            if name:
                return name
    return _byline(page, lines) or _class_author(page, lines) or _anywhere(page)


def _anywhere(page: _Stated) -> str:
    for each in page.elements:
        if _is_author(each) and not _is_elsewhere(each):
            name = authors.joined([_first_line(each)], page.names)
            if name:
                return name
    return ""


def _byline(page: _Stated, lines: Sequence[tuple[HtmlElement, str]]) -> str:
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
        if "author" in (element.get("rel") or "").split() or re.search(r"/(?:author|authors|autor|auteur|profile/author)/[^/]+", href):
            return True
    return "author" in (element.get("itemprop") or "").split() and element.tag != "meta"


def _class_author(page: _Stated, lines: Sequence[tuple[HtmlElement, str]]) -> str:
    """By class names, which also stand on boxes, pictures and lists."""
    everywhere = ((each, "") for each in page.elements)
    near = {each for each, _ in lines}
    for each, _ in (*lines, *everywhere):
        marked = f"{each.get('class') or ''} {each.get('id') or ''}"
        if not _MARKED.search(marked) or len(each) > 8 or (each not in near and (_is_elsewhere(each) or _NOT_MARKED.search(marked))):
            continue
        name = authors.joined([_first_line(each)], page.names)
        if name and all(authors.looks_like_person(one) for one in name.split(", ")):
            return name
    return ""


def _first_line(element: HtmlElement) -> str:
    """The first piece of text in an element that can be a name: roles and dates follow in elements of their own."""
    for piece in element.itertext():
        text = " ".join(piece.split())
        if text and authors.split(text):
            return text
    return ""


def _declared(page: _Stated) -> str:
    root = page.elements[0] if page.elements else None
    return code(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "") if root is not None else ""


def _language(tree: HtmlElement, page: _Stated, node: jsonld.Node) -> str:
    offers = (
        _declared(page),
        _body(tree, "lang"),
        _value(page, "og:locale"),
        _value(page, "content-language", "dc.language", "language"),
        jsonld.text(node.get("inLanguage")),
    )
    return next(filter(None, map(code, offers)), "")


def _body(tree: HtmlElement, name: str) -> str:
    body = tree.find("body")
    return (body.get(name) or "") if body is not None else ""


def _image(page: _Stated, node: jsonld.Node) -> str:
    offers = [_value(page, name) for name in _IMAGES]
    given = node.get("image")
    offers.append(jsonld.text(given.get("url") if isinstance(given, dict) else given))
    return next(filter(None, (urls.resolve(page.url, offer) for offer in offers if offer)), "")


def _canonical(page: _Stated) -> str:
    """The address the page calls its own, when it's one of this site and not its front page."""
    stated = [each.get("href") or "" for each in page.elements if each.tag == "link" and each.get("rel") == "canonical"]
    for offer in (*stated[:1], _value(page, "og:url")):
        target = urls.resolve(page.url, offer) if offer else ""
        is_front = re.fullmatch(r"https?://[^/]+/?", target)
        if target and not (is_front and not re.fullmatch(r"https?://[^/]+/?", page.url)):
            return target
    return page.url


def _free(page: _Stated) -> bool | None:
    for node in page.articles:
        value = node.get("isAccessibleForFree")
        if value is not None:
            return str(value).strip().lower() not in {"false", "0", "no"}
    return None


def _paid(page: _Stated) -> Iterator[str]:
    for node in page.articles[:3]:
        parts = node.get("hasPart") or ()
        for part in parts if isinstance(parts, list) else (parts,):
            if isinstance(part, dict) and str(part.get("isAccessibleForFree")).lower() in {"false", "0", "no"}:
                selector = part.get("cssSelector")
                yield from [selector] if isinstance(selector, str) else [s for s in selector or () if isinstance(s, str)]
