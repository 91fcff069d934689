"""What a page says about itself, gathered once: its elements, meta elements, JSON-LD, and what its site is called."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree
from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import jsonld
from aggregator.clean.language import code

_SITES = frozenset({"WebSite", "Organization", "NewsMediaOrganization", "Corporation", "Blog"})
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One page's own words. Names of meta elements are lower case."""

    url: str
    elements: Sequence[HtmlElement]
    microdata: Sequence[HtmlElement]  # those of the elements that have an itemprop
    meta: dict[str, list[str]]
    nodes: tuple[jsonld.Node, ...]
    articles: tuple[jsonld.Node, ...]  # of the nodes, the likeliest first
    site_name: str = ""  # what the site calls itself
    names: tuple[str, ...] = ()  # what it may be called: that, and parts of its host

    def value(self, *names: str) -> str:
        """The first meta element of these names that says anything."""
        return next((value for name in names for value in self.meta.get(name, ()) if value.strip()), "")

    def values(self, names: Iterable[str]) -> list[str]:
        """What each of these meta elements says, in the order of the names."""
        return [self.value(name) for name in names if name in self.meta]

    def tagged(self, *tags: str) -> Iterator[HtmlElement]:
        """The elements of these tags, in document order."""
        return self.elements[0].iter(*tags) if self.elements else iter(())

    def marked(self, itemprop: str) -> Iterator[HtmlElement]:
        """The elements that microdata call so."""
        return (each for each in self.microdata if itemprop in (each.get("itemprop") or "").split())

    def called(self, pattern: re.Pattern[str]) -> Iterator[HtmlElement]:
        """The elements whose class and id match."""
        known: dict[str, bool] = {}  # most names stand on many elements
        for each in self.elements:
            name = marks(each)
            if name not in known:
                known[name] = pattern.search(name) is not None
            if known[name]:
                yield each


def gathered(tree: HtmlElement, url: str) -> Stated:
    """Each kind of element is looked for once, by libxml2."""
    meta: dict[str, list[str]] = {}
    for each in tree.iter("meta"):
        if each.get("content"):
            name = each.get("property") or each.get("name") or each.get("itemprop") or each.get("http-equiv") or ""
            meta.setdefault(name.strip().lower(), []).append(each.get("content") or "")
    nodes = jsonld.nodes(tree)
    page = Stated(
        url=url,
        elements=list(tree.iter(etree.Element)),
        microdata=tree.xpath("//*[@itemprop]"),
        meta=meta,
        nodes=nodes,
        articles=jsonld.articles(nodes),
    )
    stated = tuple(filter(None, _names(page)))
    return replace(page, site_name=stated[0] if stated else "", names=(*stated, *_host_names(url)))


def text_of(element: HtmlElement) -> str:
    """All text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def marks(element: HtmlElement) -> str:
    """What its author calls an element: class and id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def declared_language(page: Stated) -> str:
    """The root element's, as a tag."""
    root = page.elements[0] if page.elements else None
    return code(root.get("lang") or root.get(_XML_LANG) or "") if root is not None else ""


def _names(page: Stated) -> Iterator[str]:
    yield from (page.meta.get("og:site_name") or ())[:2]
    yield from (page.meta.get("application-name") or ())[:1]
    for node in page.nodes[:40]:
        if jsonld.types(node) & _SITES:
            yield jsonld.text(node.get("name"))
        if "publisher" in node:
            yield jsonld.text(node["publisher"])


def _host_names(url: str) -> tuple[str, ...]:
    site = urls.site(url)
    labels = site.split(".")
    return tuple(filter(None, (labels[-2] if len(labels) > 1 else "", site, labels[0] if len(labels) > 2 else "")))
