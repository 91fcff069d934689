"""A page to a clean article: parsed once, read by trafilatura once, its blocks judged, the kept ones put out.

When the judge comes out with too little, others stand in, in this order: a site rule, trafilatura's own text, the
feed's content. Nothing is fetched or stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from aggregator import urls
from aggregator.clean import metadata, quality, sitechrome, siterules
from aggregator.clean.blocks import Block, page_blocks
from aggregator.clean.decoding import decoded, parsed
from aggregator.clean.fragment import clean_markup
from aggregator.clean.judge import Evidence, Label, Model, label
from aggregator.clean.render import plain, render
from aggregator.model import Article, Cleaned, Document, Entry, Quality, Removed, Site
from aggregator.sanitize import clean_text, sanitize, text_of

MAX_ELEMENTS: Final = 25_000  # of a page; trafilatura is quadratic in paragraphs, and no article has as many
MAX_BLOCKS: Final = 8_000
_MIN_WORDS: Final = 25  # a text below this may be a caption or a notice
_ENOUGH: Final = 0.5  # of the words that another way of reading the page gives
_SAMPLE: Final = 300  # characters of a block that are shown to people


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to read the page. `shown` are the blocks it keeps, for those made of blocks."""

    layer: str
    text: str
    html: str
    shown: tuple[bool, ...] = ()

    @property
    def words(self) -> int:
        """Its length; a character of a script without spaces counts as half a word."""
        return quality.length(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is known of the page before anything is decided."""

    tree: HtmlElement
    base: str
    found: metadata.Found
    blocks: tuple[Block, ...]
    labels: tuple[Label, ...]
    entry: Entry | None
    body: Candidate | None  # trafilatura's own, when it took text that stands in no block


def clean_page(
    document: Document, entry: Entry | None, site: Site, model: Model, *, rule: str = "", explain: bool = True
) -> Cleaned:
    """The article of a whole HTML page. `rule` is a FiveFilters site rule's text for its host, or empty."""
    tree = parsed(decoded(document.body, document.content_type))
    if tree is None:
        return _without_page(document, entry)
    page = _read(tree, document, entry, site=site, model=model)
    rules = siterules.parse_rules(rule) if rule else None
    chosen = _choose(page, _candidates(page, rules))
    return _cleaned(page, chosen, document, explain=explain)


def trafilatura_text(tree: HtmlElement, url: str) -> str:
    """trafilatura's plain text of a tree, a block a line. The tree is left as it is."""
    read = _trafilatura(tree, url)
    return read.text if read else ""


@dataclass(frozen=True, slots=True)
class _Extracted:
    text: str
    body: HtmlElement


def _trafilatura(tree: HtmlElement, url: str) -> _Extracted | None:
    """One run of the library; it copies a tree that it is given. None when it finds nothing, or the page is too big."""
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return None
    read = bare_extraction(tree, url=url or None, include_comments=False, include_tables=True)
    return _Extracted(read.text or "", read.body) if read is not None else None


def _read(tree: HtmlElement, document: Document, entry: Entry | None, *, site: Site, model: Model) -> Page:
    found = metadata.read(tree, url=document.url, entry=entry)
    extracted = _trafilatura(tree, document.url)
    kept_text = extracted.text if extracted else ""
    blocks = page_blocks(tree, kept_text)[:MAX_BLOCKS]
    evidence = Evidence(
        title=found.title,
        summary=entry.text if entry else "",
        description=found.description,
        language=found.language,
        site=site,
        kind="page",
    )
    labels = sitechrome.apply(blocks, label(blocks, evidence, model), site, entry)
    base = urls.resolve(document.url, tree.xpath("string(//base/@href)")) or document.url
    return Page(
        tree=tree,
        base=base,
        found=found,
        blocks=blocks,
        labels=labels,
        entry=entry,
        body=_own_text(kept_text, blocks),
    )


def _own_text(kept_text: str, blocks: Sequence[Block]) -> Candidate | None:
    """trafilatura's text where it didn't come from the page's elements but, say, from its JSON-LD."""
    in_blocks = sum(len(block.text) for block in blocks if block.kept)
    if len(kept_text) < 2 * in_blocks + 200:
        return None
    paragraphs = [line.strip() for line in kept_text.splitlines() if line.strip()]
    return Candidate(layer="trafilatura", text="\n\n".join(paragraphs), html=plain(paragraphs))


def _candidates(page: Page, rules: siterules.Rules | None) -> list[Candidate]:
    """In the order of trust, those that found something."""
    offers = [
        _from_blocks(page, "judge", [each.keep for each in page.labels]),
        _from_rule(page, rules) if rules else None,
        _from_blocks(page, "trafilatura", [block.kept for block in page.blocks]),
        page.body,
        _from_feed(page.entry, page.base),
    ]
    return [offer for offer in offers if offer is not None and offer.text]


def _from_blocks(page: Page, layer: str, keep: Sequence[bool]) -> Candidate:
    shown = tuple(keep)
    texts = [block.text for block, kept in zip(page.blocks, shown, strict=True) if kept]
    return Candidate(layer=layer, text="\n\n".join(texts), html="", shown=shown)


def _from_rule(page: Page, rules: siterules.Rules) -> Candidate | None:
    body = siterules.body_html(page.tree, rules)
    return Candidate(layer="site rule", text=text_of(body), html=body) if body else None


def _from_feed(entry: Entry | None, base: str) -> Candidate | None:
    longest = max((entry.content, entry.summary), key=len) if entry else ""
    if not longest or entry is None:
        return None
    markup = clean_markup(longest, title=entry.title, base=entry.url or base)
    return Candidate(layer="feed content", text=markup.text, html=markup.html)


def _choose(page: Page, offers: Sequence[Candidate]) -> Candidate:
    """The first offer that no later one shows to be a part of the story only."""
    if not offers:
        return Candidate(layer="", text="", html="")
    best = offers[0]
    for other in offers[1:]:
        if _beats(other, best, page):
            best = other
    return best


def _beats(other: Candidate, best: Candidate, page: Page) -> bool:
    if other.words < _MIN_WORDS and best.words >= other.words:
        return False
    if other.layer == "feed content":
        return best.words < 0.8 * other.words or not quality.speaks_of(best.text, page.entry)
    return best.words < _ENOUGH * other.words and (best.words < 150 or quality.speaks_of(other.text, page.entry))


def _cleaned(page: Page, chosen: Candidate, document: Document, *, explain: bool) -> Cleaned:
    html = chosen.html or (render(page.blocks, chosen.shown, page.base) if chosen.shown else "")
    found = page.found
    article = Article(
        title=clean_text(found.title or document.title, 500),
        html=sanitize(html, base=page.base),
        text=chosen.text,
        url=document.url,
        canonical_url=found.canonical_url,
        author=found.author or clean_text(document.author, 300),
        published=_time(found.published, document.published),
        modified=found.modified,
        language=found.language,
        direction=found.direction,
        summary=found.description,
        image=found.image,
        site_name=found.site_name,
        origin="feed" if chosen.layer == "feed content" else "page",
    )
    state = _quality(page, chosen)
    return Cleaned(
        article=replace(article, quality=state),
        removed=tuple(_removed(page, chosen.shown, keep=False)),
        observed=sitechrome.observed(page.blocks),
        layer=chosen.layer,
        kept=tuple(_removed(page, chosen.shown, keep=True)) if explain else (),
    )


def _quality(page: Page, chosen: Candidate) -> Quality:
    read = "" if chosen.layer == "feed content" else chosen.text
    shown = "\n".join(block.text for block in page.blocks)
    paid = quality.paid_part(page.tree, page.found.paid_selectors)
    return quality.of_page(
        text=read or chosen.text, shown=shown, entry=page.entry, free=page.found.free, paid_words=paid
    )


def _time(found: datetime | None, given: datetime | None) -> datetime | None:
    return found or given


def _removed(page: Page, shown: Sequence[bool], *, keep: bool) -> list[Removed]:
    if not shown:
        return []
    return [
        Removed(text=block.text[:_SAMPLE], reason=each.reason, score=each.score)
        for block, each, kept in zip(page.blocks, page.labels, shown, strict=True)
        if kept is keep
    ]


def _without_page(document: Document, entry: Entry | None) -> Cleaned:
    """A document without any markup in it: what the feed says, if that."""
    feed = _from_feed(entry, document.url)
    article = Article(
        title=clean_text((entry.title if entry else "") or document.title, 500),
        html=sanitize(feed.html, base=document.url) if feed else "",
        text=feed.text if feed else "",
        url=document.url,
        quality="empty",
        origin="feed" if feed else "page",
    )
    return Cleaned(article=article, layer=feed.layer if feed else "")
