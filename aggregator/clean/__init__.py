"""A page, a piece of a feed or a flattened text to a clean article. Nothing is fetched, stored or read from files.

What a kind of document needs is loaded when the first one of that kind comes, or by `ready_for_*` before: a feed's own
content needs neither trafilatura nor the model, whose loading costs more than a hundred such pieces do.
"""
# ruff: noqa: PLC0415 - the imports within functions are what is said above

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aggregator.dedup import fingerprint
from aggregator.model import Cleaned, Document, Entry, Site

if TYPE_CHECKING:
    from aggregator.clean.judge import Model

_WORDS: Final = "What the libraries need is loaded when they are asked for the first time, and that is to be here. " * 3
# Most of it at the foot: where trafilatura finds little, it asks others, and those load the most.
_PAGE: Final = f"<html><body><article><p>{_WORDS}</p></article><footer>{f'<p>{_WORDS}</p>' * 9}</footer></body></html>"

__all__ = ["clean", "load_model", "ready_for_documents", "ready_for_fragments", "work"]


def clean(document: Document, entry: Entry | None, site: Site, model: "Model", *, rule: str = "") -> Cleaned:
    """The article in a document, whatever its kind.

    `entry` is what a feed says of the story, `site` the memory of its host, `rule` the text of a FiveFilters rule for
    that host. Hostile input gives an empty or escaped article, not an exception.
    """
    return _finished(document, entry, site, lambda: model, rule)


def work(document: Document, entry: Entry | None, site: Site, rule: str = "") -> Cleaned:
    """`clean` with the shipped model: what a worker process is asked for."""
    return _finished(document, entry, site, load_model, rule)


def ready_for_fragments() -> None:
    """Loads what `work` needs for the content of feeds."""
    work(Document(kind="fragment", body=f"<p>{_WORDS}</p>"), None, Site())


def ready_for_documents() -> None:
    """Loads what `work` and `joining` need for pages and texts, the model included."""
    import aggregator.clean.joining  # noqa: F401 - for its tasks, which are found by name

    ready_for_fragments()
    work(Document(kind="page", body=_PAGE), None, Site())
    work(Document(kind="text", body=_WORDS), None, Site())


def load_model() -> "Model":
    """The model that is shipped, loaded once."""
    from aggregator.clean import judge

    return judge.load_model()


def _finished(document: Document, entry: Entry | None, site: Site, model: "Callable[[], Model]", rule: str) -> Cleaned:
    cleaned = _cleaned(document, entry, site, model, rule)
    text = cleaned.article.text
    return replace(cleaned, article=replace(cleaned.article, fingerprint=fingerprint(text) if text else b""))


def _cleaned(document: Document, entry: Entry | None, site: Site, model: "Callable[[], Model]", rule: str) -> Cleaned:
    if document.kind == "fragment":
        from aggregator.clean.fragment import clean_fragment

        return clean_fragment(document, entry, site)
    if document.kind == "text":
        from aggregator.clean.text import clean_text

        return clean_text(document, entry, site, model())
    from aggregator.clean.html import clean_page

    return clean_page(document, entry, site, model(), rule=rule)
