"""A page to a clean article: parsed once, read by trafilatura, its blocks judged, the kept ones put out.

When the judge comes out with too little, others stand in, in this order: a site rule, trafilatura's own text, the
feed's content. Nothing is fetched or stored.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import compress, islice
from typing import Final

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document as ReadDocument

from aggregator import urls
from aggregator.clean import (
    authors,
    dates,
    formulas,
    metadata,
    paging,
    pictorial,
    quality,
    sitechrome,
    siterules,
    titles,
)
from aggregator.clean.blocks import HEADING_TAGS, Block, page_blocks
from aggregator.clean.decoding import decoded, parsed
from aggregator.clean.explained import Reading, explained
from aggregator.clean.fragment import clean_markup
from aggregator.clean.judge import Evidence, Model, label
from aggregator.clean.labels import Label
from aggregator.clean.language import direction, settled
from aggregator.clean.render import plain, render
from aggregator.model import Article, Cleaned, Document, Entry, Quality, Site
from aggregator.sanitize import clean_text, sanitize, text_of

MAX_ELEMENTS: Final = 15_000  # of a page; trafilatura is quadratic in paragraphs, and no article has as many
MAX_BLOCKS: Final = 8_000
MAX_COMPARED: Final = 3_000  # elements of a page that trafilatura reads with the help of others
_SMALL: Final = 2_000  # elements of a page over which it may then go several times
_PARAGRAPHS: Final = ("p", "li", "div", "td", "blockquote", "h2", "h3", "span")
_PARAGRAPH: Final = 80  # characters
_POOR: Final = 0.3  # of the characters of a page's paragraphs, in trafilatura's text
_SIGNS: Final = frozenset({"¶", "#", "§", "🔗", "link"})
_MIN_WORDS: Final = 30  # a text below this may be a caption or a notice
_ENOUGH: Final = 0.8  # of the words that the feed itself has
_CLEARLY: Final = 0.25  # more of the feed's words: one reading has the story, the other hasn't
_TOP: Final = 6  # blocks in which the headline may be repeated
_LAST: Final = 3  # blocks at whose place a paywall says how to read on
_TOLD: Final = 100  # words; a page behind an entry that is a picture tells a story from so many on
_TOLD_DOUBTFULLY: Final = 300  # words; where the judge found no story in them


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to read the page. `shown` are the blocks it keeps, for those made of blocks."""

    layer: str
    text: str
    html: str = ""
    shown: tuple[bool, ...] = ()

    @property
    def words(self) -> int:
        """Its length; a character of a script without spaces counts as half a word."""
        return quality.length(self.text)


_NOTHING: Final = Candidate(layer="", text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is known of the page before anything is decided."""

    tree: HtmlElement
    base: str
    found: metadata.Found
    blocks: tuple[Block, ...]
    labels: tuple[Label, ...]
    entry: Entry | None
    site: Site
    body: Candidate | None  # trafilatura's own, when it took text that stands in no block


def clean_page(document: Document, entry: Entry | None, site: Site, model: Model, *, rule: str = "") -> Cleaned:
    """The article of a whole HTML page. `rule` is a FiveFilters site rule's text for its host, or empty."""
    rules = siterules.parse_rules(rule) if rule else None
    source = decoded(document.body, document.content_type)
    tree = parsed(siterules.replaced(source, rules) if rules else source)
    if tree is None:
        return _without_page(document, entry, site)
    if rules and not rules.body:
        siterules.strip(tree, rules)
    elements = list(tree.iter())  # kept: lxml makes a proxy anew each time an element is asked for that nobody holds
    _drop_signs(elements)
    formulas.spell_out(elements)
    further = paging.further(tree, document.url, rules)
    big = len(elements) > MAX_ELEMENTS
    page = _read(tree, document, entry, site=site, model=model, engine=not big)
    if rules:
        page = replace(page, found=_ruled(page, rules))
    offers = _candidates(page, rules, document.url)
    chosen, state = _choose(page, offers)
    if (picture := _pictured(page, offers, chosen, state)) is not None:
        chosen, state = picture, "full"
    return replace(_cleaned(page, chosen, state, document), further=further)


def _drop_signs(elements: Sequence[HtmlElement]) -> None:
    """Takes the signs out of headings that give their own address to whoever points at them: "Setting up¶"."""
    for heading in elements:
        for link in heading.findall(".//a") if heading.tag in HEADING_TAGS else ():
            if (link.get("href") or "").startswith("#") and "".join(link.itertext()).strip() in _SIGNS:
                link.drop_tree()


def _ruled(page: Page, rules: siterules.Rules) -> metadata.Found:
    """The metadata, with what the site's rule points at put first."""
    title = siterules.text_at(page.tree, rules.title)
    author = authors.joined([siterules.text_at(page.tree, rules.author)])
    published = dates.stated(siterules.text_at(page.tree, rules.date))
    found = page.found
    return replace(
        found, title=title or found.title, author=author or found.author, published=published or found.published
    )


def trafilatura_text(tree: HtmlElement, url: str) -> str:
    """trafilatura's plain text of a tree, a block a line; the library copies a tree it is given.

    It is asked to keep what it doubts, of which the judge knows more, and without the extractors it compares itself
    with: these are its dearest part on large pages, and one is quadratic in short lines. A page of which little comes
    out so is read with them, unless it is large; where it isn't small, what is doubtful is kept, or trafilatura would
    go over it up to three times.
    """
    text = _read_by_it(tree, url, fast=True, doubtful=True)
    found = [size for each in tree.iter(*_PARAGRAPHS) if (size := len((each.text or "").strip())) >= _PARAGRAPH]
    if len(text) >= _POOR * sum(found):
        return text
    elements = sum(1 for _ in islice(tree.iter(), MAX_COMPARED + 1))
    return text if elements > MAX_COMPARED else _read_by_it(tree, url, fast=False, doubtful=elements > _SMALL)


def _read_by_it(tree: HtmlElement, url: str, *, fast: bool, doubtful: bool) -> str:
    if next(tree.iter("rt"), None) is not None:
        tree = deepcopy(tree)  # said twice, a word isn't found again among the blocks
        etree.strip_elements(tree, "rt", "rtc", "rp", with_tail=False)
    read = bare_extraction(
        tree, url=url or None, include_comments=False, include_tables=True, fast=fast, favor_recall=doubtful
    )
    return (read.text or "") if isinstance(read, ReadDocument) else ""


def _read(
    tree: HtmlElement, document: Document, entry: Entry | None, *, site: Site, model: Model, engine: bool
) -> Page:
    found = metadata.read(tree, url=document.url, entry=entry)
    kept_text = trafilatura_text(tree, document.url) if engine else ""
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
        site=site,
        body=_own_text(kept_text, blocks, site),
    )


def _own_text(kept_text: str, blocks: Sequence[Block], site: Site) -> Candidate | None:
    """trafilatura's text where it didn't come from the page's elements but, say, from its JSON-LD."""
    in_blocks = sum(len(block.text) for block in blocks if block.kept)
    if len(kept_text) < 2 * in_blocks + 200:
        return None
    lines = [line.strip() for line in kept_text.splitlines() if line.strip()]
    paragraphs = list(compress(lines, sitechrome.overruled(lines, [True] * len(lines), site)))
    return Candidate(layer="trafilatura", text="\n\n".join(paragraphs), html=plain(paragraphs))


def _candidates(page: Page, rules: siterules.Rules | None, url: str) -> list[Candidate]:
    """In the order of trust, those that found something."""
    judged = _from_blocks(page, "judge", [each.keep for each in page.labels])
    ruled = _from_rule(page, rules) if rules else None
    if ruled and rules and siterules.does_better(rules, ruled.text, judged.text, url):
        offers = [ruled, judged]
    else:
        offers = [judged]
    texts = [block.text for block in page.blocks]
    theirs = sitechrome.overruled(texts, [block.kept for block in page.blocks], page.site)
    fallbacks = [_from_blocks(page, "trafilatura", theirs), page.body, _from_feed(page.entry, page.base, page.site)]
    return [offer for offer in (*offers, *fallbacks) if offer is not None and offer.text]


def _from_blocks(page: Page, layer: str, keep: Sequence[bool]) -> Candidate:
    headline = _headline(page, keep)
    kept = [place for place, kept in enumerate(keep) if kept and place not in headline]
    closed = quality.gate([page.blocks[place].text for place in kept[-_LAST:]])
    story = frozenset(kept[: len(kept) - closed])
    shown = tuple(place in story for place in range(len(keep)))
    texts = [block.text for block, kept in zip(page.blocks, shown, strict=True) if kept]
    return Candidate(layer=layer, text="\n\n".join(texts), shown=shown)


def _headline(page: Page, keep: Sequence[bool]) -> frozenset[int]:
    """The places of blocks at the top that say the title over again."""
    title = titles.bare(page.found.title)
    first = [place for place, kept in enumerate(keep) if kept][:_TOP]
    return frozenset(place for place in first if title and titles.bare(page.blocks[place].text) == title)


def _from_rule(page: Page, rules: siterules.Rules) -> Candidate | None:
    body = siterules.body_html(page.tree, rules)
    tree = parsed(f"<div>{body}</div>") if body else None
    if tree is None:
        return None
    blocks = page_blocks(tree)
    title = titles.bare(page.found.title)
    story = [place >= _TOP or not title or titles.bare(block.text) != title for place, block in enumerate(blocks)]
    keep = sitechrome.overruled([block.text for block in blocks], story, page.site)
    html = body if all(keep) else render(blocks, keep, page.base)
    return Candidate(layer="site rule", text=text_of(html), html=html)


def _from_feed(entry: Entry | None, base: str, site: Site) -> Candidate | None:
    longest = max((entry.content, entry.summary), key=len) if entry else ""
    if not longest or entry is None:
        return None
    markup = clean_markup(longest, title=entry.title, base=entry.url or base, site=site)
    return Candidate(layer="feed content", text=markup.text, html=markup.html)


def _choose(page: Page, offers: Sequence[Candidate]) -> tuple[Candidate, Quality]:
    """The first offer that no later one shows to be a part of the story only, and what it's worth.

    What stands on a wall is nobody's article, nor are a word or two: there the feed's words stand in, or nothing.
    """
    best = offers[0] if offers else _NOTHING
    for other in offers[1:]:
        if _beats(other, best, page):
            best = other
    state = _quality(page, best)
    feed = next((offer for offer in offers if offer.layer == "feed content"), _NOTHING)
    if state in {"blocked", "empty", "failed"} and best is not feed:
        return feed, state
    if best is feed and state != "full":  # why there is no more than this
        read = next((offer for offer in offers if offer is not feed), _NOTHING)
        seen = _quality(page, read)
        state = seen if seen in {"blocked", "paywalled"} else state
    return best, state


def _pictured(page: Page, offers: Sequence[Candidate], best: Candidate, state: Quality) -> Candidate | None:
    """The picture that is all of the story, with the few words its feed has; None where there is more to it.

    It stands in the feed, or by itself on a page without text. The little text around a comic is its site's.
    """
    own = next((offer for offer in offers if offer.layer != "feed content"), _NOTHING)
    told = best.words >= (_TOLD if best.layer in {"judge", "site rule"} else _TOLD_DOUBTFULLY)
    if told or state in {"blocked", "paywalled"}:
        return None
    feed = _from_feed(page.entry, page.base, page.site) or Candidate(layer="feed content", text="")
    empty = _quality(page, own) == "empty"
    if "<img" in feed.html:
        return feed if empty or quality.wordless(feed.text) else None
    found = pictorial.alone(page.tree, page.base, page.found.image) if empty else ""
    return Candidate(layer="picture", text=feed.text, html=found + feed.html) if found else None


def _beats(other: Candidate, best: Candidate, page: Page) -> bool:
    """Is `other` surely the fuller reading of the story? Length alone proves it only against next to nothing."""
    if other.words < _MIN_WORDS and best.words >= other.words:
        return False
    if other.layer == "feed content":
        return best.words < _ENOUGH * other.words or not quality.speaks_of(best.text, page.entry)
    if best.words < _MIN_WORDS:
        return other.words > 2 * best.words
    known = page.entry.text if page.entry else ""
    return quality.share_of(best.text, known) + _CLEARLY < quality.share_of(other.text, known)


def _quality(page: Page, chosen: Candidate) -> Quality:
    if chosen.layer == "feed content":
        return quality.of_feed(chosen.text, bool(page.entry and not page.entry.content), pictured="<img" in chosen.html)
    return quality.of_page(
        text=chosen.text,
        shown="\n".join(block.text for block in page.blocks),
        title=page.found.title,
        entry=page.entry,
        free=page.found.free,
        paid_words=quality.paid_part(page.tree, page.found.paid_selectors),
    )


def _cleaned(page: Page, chosen: Candidate, state: Quality, document: Document) -> Cleaned:
    html = chosen.html or (render(page.blocks, chosen.shown, page.base, lead=page.found.image) if chosen.shown else "")
    found, entry = page.found, page.entry
    language = settled(chosen.text, page=found.language, feed=entry.language if entry else "")
    from_feed = chosen.layer == "feed content"
    told = clean_text(entry.title, 500) if entry and from_feed else ""
    article = Article(
        title=told or found.title or clean_text(document.title, 500),
        html=sanitize(html, base=page.base),
        text=chosen.text,
        url=document.url,
        canonical_url=found.canonical_url,
        author=found.author or clean_text(document.author, 300),
        published=found.published or document.published,
        modified=found.modified,
        language=language,
        direction=direction(found.direction, language, chosen.text),
        summary=found.description,
        image=found.image or (entry.image if entry else ""),
        site_name=found.site_name,
        quality=state,
        origin="feed" if from_feed else "page",
    )
    lines = frozenset(chosen.text.split("\n\n"))
    shown = chosen.shown or tuple(block.text in lines for block in page.blocks)
    read = Reading(blocks=page.blocks, labels=page.labels, shown=shown, layer=chosen.layer, title=found.title)
    kept, removed = explained(read, article.html)
    return Cleaned(
        article=article,
        removed=removed,
        observed=sitechrome.observed(page.blocks, shown),
        layer=chosen.layer,
        kept=kept,
    )


def _without_page(document: Document, entry: Entry | None, site: Site) -> Cleaned:
    """A document without any markup in it: what the feed says, if that."""
    feed = _from_feed(entry, document.url, site)
    article = Article(
        title=clean_text((entry.title if entry else "") or document.title, 500),
        html=sanitize(feed.html, base=document.url) if feed else "",
        text=feed.text if feed else "",
        url=document.url,
        quality="empty",
        origin="feed" if feed else "page",
    )
    return Cleaned(article=article, layer=feed.layer if feed else "")
