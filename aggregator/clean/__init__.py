"""A page, a piece of a feed or a flattened text to a clean article. Nothing is fetched, stored or read from files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from aggregator.clean.fragment import clean_fragment
from aggregator.clean.html import clean_page
from aggregator.clean.judge import Model, load_model
from aggregator.clean.text import clean_text
from aggregator.dedup import fingerprint
from aggregator.model import Cleaned, Document, DocumentKind, Entry, Site

__all__ = ["Model", "clean", "load_model", "work"]


def clean(document: Document, entry: Entry | None, site: Site, model: Model, *, rule: str = "") -> Cleaned:
    """The article in a document, whatever its kind.

    `entry` is what a feed says of the story, `site` the memory of its host, `rule` the text of a FiveFilters rule for
    that host. Hostile input gives an empty or escaped article, not an exception.
    """
    cleaned = _KINDS[document.kind](document, entry, site, model, rule)
    text = cleaned.article.text
    return replace(cleaned, article=replace(cleaned.article, fingerprint=fingerprint(text) if text else b""))


def work(document: Document, entry: Entry | None, site: Site, rule: str = "") -> Cleaned:
    """`clean` with the shipped model: what a worker process is asked for."""
    return clean(document, entry, site, load_model(), rule=rule)


def _page(document: Document, entry: Entry | None, site: Site, model: Model, rule: str) -> Cleaned:
    return clean_page(document, entry, site, model, rule=rule)


def _fragment(document: Document, entry: Entry | None, site: Site, _model: Model, _rule: str) -> Cleaned:
    return clean_fragment(document, entry, site)


def _text(document: Document, entry: Entry | None, site: Site, model: Model, _rule: str) -> Cleaned:
    return clean_text(document, entry, site, model)


_KINDS: Final[Mapping[DocumentKind, Callable[[Document, Entry | None, Site, Model, str], Cleaned]]] = {
    "page": _page,
    "fragment": _fragment,
    "text": _text,
}
