"""Where a story goes on: the address of its next page, or of all of it on one page.

A site's rule says so for certain. Without one a page is believed only where address and link agree: the same host, path
and parameters with a page number one higher. `rel=next` alone mostly leads to the next article. Nothing is fetched.
"""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import siterules
from aggregator.model import Further

MAX_LINKS: Final = 5000  # of a page that are looked at
_PAGE: Final = r"(?:page|seite|pagina|página|strona|strana|side|sida|sivu|sayfa|stranica|pg)"
_PARAMETER: Final = re.compile(rf"{_PAGE}=(\d{{1,2}})", re.IGNORECASE)
_NAMED: Final = re.compile(rf"(?:/|[-_,.])(?:{_PAGE}[-_/]?|p)(\d{{1,2}})(?=(?:\.\w{{2,5}})?/?$)", re.IGNORECASE)
_BARE: Final = re.compile(r"/(\d{1,2})(?=/?$)")
_ALL: Final = re.compile(
    r"(?:page|seite|view|show|mode|pagewanted)=(?:all|full|single|single_?page|komplett|complete|whole)"
    r"|(?:single_?page|view_?all|show_?all|all_?pages|full_?page)(?:=(?:1|true|yes|all)?)?"
    r"|/(?:all|single-?page|view-?all|all-?pages|komplettansicht)",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(r"comment|kommentar|respond|related|recommend|archive", re.IGNORECASE)
_NEXT: Final = "next"
_WORDS: Final = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class _Numbered:
    """An address without its page number, which is 1 when the address has none. `bare`: no word says "page"."""

    stem: str
    number: int
    bare: bool = False


def further(tree: HtmlElement, url: str, rules: siterules.Rules | None) -> Further:
    """Where the story at `url` goes on, by the site's rule, else by what the page itself shows."""
    if rules is not None and (rules.next_page_link or rules.single_page_link):
        return Further(
            whole=siterules.link(tree, rules, url, whole=True),
            following=siterules.link(tree, rules, url, whole=False),
            stated=True,
        )
    following = _following(tree, url) if urls.host(url) else ""
    return Further(whole=_whole(tree, url) if following else "", following=following, number=_read(url).number)


def same_story(first: str, other: str) -> bool:
    """Do two addresses differ by a page number at most?"""
    return _read(first).stem == _read(other).stem or urls.canonical(first) == urls.canonical(other)


def _following(tree: HtmlElement, url: str) -> str:
    base, here = _base(tree, url), _read(url)
    offers = {_NEXT, str(here.number + 1)}
    for element in islice(tree.iter("link", "a"), MAX_LINKS):
        if _says_next(element) not in offers:
            continue
        target = urls.resolve(base, element.get("href") or "").partition("#")[0]
        if target and _follows(_read(target), here) and not _beside(element):
            return target
    return ""


def _whole(tree: HtmlElement, url: str) -> str:
    base = _base(tree, url)
    for element in islice(tree.iter("a"), MAX_LINKS):
        link = element.get("href") or ""
        if _ALL.search(link):
            target = urls.resolve(base, link).partition("#")[0]
            if _is_whole(target, url):
                return target
    return ""


def _base(tree: HtmlElement, url: str) -> str:
    return urls.resolve(url, tree.xpath("string(//base/@href)")) or url


def _says_next(element: HtmlElement) -> str:
    """_NEXT for a link that calls itself the next one, a number for one that shows only that, else ""."""
    told = (element.get("rel"), element.get("class"), element.get("aria-label"))
    if any(_NEXT in _WORDS.split(each.lower()) for each in told if each and _NEXT in each.lower()):
        return _NEXT
    if element.tag != "a":
        return ""
    shown = "".join(element.itertext()).strip() if len(element) else (element.text or "").strip()
    return shown if len(shown) <= 2 and shown.isdecimal() else ""


def _beside(element: HtmlElement) -> bool:
    """Does the link page through something beside the story: its comments, other stories?"""
    above = (each for each in element.iterancestors() if each.tag not in {"html", "body"})
    return any(_OTHERS.search(f"{each.get('class') or ''} {each.get('id') or ''}") for each in above)


def _follows(there: _Numbered, here: _Numbered) -> bool:
    if here.bare and here.number < 2:  # /articles/1 and /articles/2 are two articles
        return False
    anywhere = not here.stem.endswith(":?")  # a site's front page goes on with other stories
    return anywhere and here.stem == there.stem and there.number == here.number + 1


def _is_whole(target: str, url: str) -> bool:
    here, there = _plain(url), _plain(target)
    rest = there.removeprefix(here)
    return there.startswith(here) and bool(
        _ALL.fullmatch(rest.removeprefix(rest[:1] if rest[:1] in {"?", "&"} else ""))
    )


def _plain(url: str) -> str:
    """Scheme and host variants folded, the rest as it is: canonical() would drop what tells pages apart."""
    parts = urlsplit(urls.resolve("", url))
    query = f"?{parts.query}" if parts.query else ""
    return f"{urls.site(url)}:{parts.port or ''}{unquote(parts.path).rstrip('/')}{query}"


def _read(url: str) -> _Numbered:
    address, _, query = _plain(url).partition("?")
    kept, number = [], 0
    for part in query.split("&") if query else ():
        found = _PARAMETER.fullmatch(part)
        if found and not number:
            number = int(found[1])
        else:
            kept.append(part)
    stem = f"{address}?{'&'.join(kept)}"
    if number:
        return _Numbered(stem, number)
    named, bare = _NAMED.search(address), _BARE.search(address)
    last = named or bare
    if last is None:
        return _Numbered(stem, 1)
    rest = address[: last.start()] + address[last.end() :]
    return _Numbered(f"{rest.rstrip('/')}?{'&'.join(kept)}", int(last[1]), bare=named is None)
