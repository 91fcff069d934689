"""schema.org metadata of a page: JSON-LD as one flat list of nodes, broken JSON read as far as it goes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml.html import HtmlElement

Node = Mapping[str, Any]

_MAX_SCRIPT: Final = 400_000  # characters
_MAX_NODES: Final = 600
_WRAPPED: Final = re.compile(r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$")
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_FIELD: Final = re.compile(
    r'"(headline|datePublished|dateModified|isAccessibleForFree)"\s*:\s*"?((?:[^"\\\n]|\\.){1,400})'
)
_AUTHOR: Final = re.compile(r'"author"\s*:\s*\[?\s*\{[^{}]*?"name"\s*:\s*"([^"\\]{2,80})"')
_ARTICLES: Final = re.compile(
    r"(?:Article|Posting|Report|Recipe|Review|Essay|CreativeWork|ImageGallery|VideoObject|PodcastEpisode"
    r"|NewsMediaObject|Chapter)$"
)
_WEAK: Final = frozenset(
    {"WebPage", "ItemPage", "AboutPage", "FAQPage", "Thing", "VideoObject", "Review", "CreativeWork"}
)


def nodes(tree: HtmlElement) -> tuple[Node, ...]:
    """All typed or named objects in the page's JSON-LD, in document order."""
    found: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            found += _flat(_loaded(script.text[:_MAX_SCRIPT]), _MAX_NODES - len(found))
    return tuple(found)


def types(node: Node) -> frozenset[str]:
    """The names of a node's types, without their vocabulary."""
    given = node.get("@type", "")
    listed = given if isinstance(given, list) else [given]
    return frozenset(each.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for each in listed if isinstance(each, str))


def articles(found: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes that describe an article, the likeliest first; a page's own node where there is no article."""
    strong, weak = [], []
    for node in found:
        kinds = types(node)
        if kinds & _WEAK:
            weak.append(node)
        elif any(_ARTICLES.search(kind) for kind in kinds):
            strong.append(node)
    return (*strong, *weak)


def text(value: Any) -> str:
    """A value as text: a string itself, an object by its name or @value, a list by its first."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("url") or ""
        value = value[0] if isinstance(value, list) and value else value
    return " ".join(value.split()) if isinstance(value, str) else ""


def people(value: Any, found: Sequence[Node]) -> tuple[list[str], list[str]]:
    """The names of persons and of organisations in an author value; references are followed."""
    persons: list[str] = []
    others: list[str] = []
    for each in value[:12] if isinstance(value, list) else [value]:
        whole = _referred(each, found)
        names = whole.get("name") or _two_part(whole) if isinstance(whole, dict) else whole
        for name in filter(None, map(text, names if isinstance(names, list) else [names])):
            organisation = isinstance(whole, dict) and "Organization" in " ".join(types(whole))
            (others if organisation else persons).append(name)
    return persons, others


def _two_part(node: Node) -> str:
    return " ".join(filter(None, (text(node.get("givenName")), text(node.get("familyName")))))


def _referred(value: Any, found: Sequence[Node]) -> Any:
    if isinstance(value, dict) and "name" not in value and "@id" in value:
        for node in found:
            if node.get("@id") == value["@id"] and "name" in node:
                return node
    return value


def _loaded(source: str) -> Any:
    bare = _WRAPPED.sub("", _WRAPPED.sub("", source)).strip()
    for attempt in (bare, _TRAILING_COMMA.sub(r"\1", bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):  # broken, or nested to do harm
            continue
    return _salvaged(bare)


def _salvaged(source: str) -> Node:
    """The fields that matter, by pattern, out of JSON no parser takes."""
    node: dict[str, Any] = {"@type": "Article"}
    for name, value in _FIELD.findall(source):
        node.setdefault(name, value.replace('\\"', '"').replace("\\/", "/"))
    authors = _AUTHOR.findall(source)
    return {**node, "author": authors[:1]} if authors else node


def _flat(value: Any, room: int) -> list[Node]:
    """The objects inside a value, outermost first, without recursion."""
    found: list[Node] = []
    waiting: list[Any] = [value]
    while waiting and len(found) < room:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(reversed(each[:200]))
        elif isinstance(each, dict):
            found.append(each)
            waiting.extend(reversed(list(_inner(each))))
    return found


def _inner(node: Node) -> Iterator[Any]:
    for value in node.values():
        if isinstance(value, dict | list):
            yield value
