"""A piece of HTML out of a feed, cleaned of what feeds add: footers, share rows, "Continue reading", tracking pixels.

A feed's content is the article already, so nothing is extracted: only what is known to be chrome goes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.clean import pictorial, quality, sitechrome
from aggregator.clean.blocks import Block, fold, page_blocks
from aggregator.clean.decoding import decoded, parsed
from aggregator.clean.formulas import spell_out
from aggregator.clean.labels import Label
from aggregator.clean.language import direction, settled
from aggregator.clean.render import pictures, render
from aggregator.model import Article, Cleaned, Document, Entry, Removed, Site
from aggregator.sanitize import clean_text, sanitize

_SHORT: Final = 30  # words; a longer block is somebody's sentence, whatever words it begins with
_FOOTER: Final = re.compile(
    r"^the post .{1,300} (?:appeared first|first appeared) on .{1,200}$|^(?:der beitrag|"
    r"(?:el artículo|la entrada|el post)|l['’]article"
    r"|cet article|"
    r"l['’]articolo|o post|het bericht|wpis|artykuł) .{1,300} (?:erschien zuerst|se publicó primero"
    r"|est apparu en premier|"
    r"proviene da|apareceu primeiro|verscheen eerst|pochodzi z serwisu) .{1,200}$|^(?:originally"
    r"|first) (?:published|appeared) "
    r"(?:at|on|in) .{1,200}$|^via (?:rss|feed)\b.*|^this (?:post|article) (?:was )?(?:originally"
    r"|first) (?:published|appeared).*",
    re.IGNORECASE,
)
_MORE: Final = re.compile(
    r"^\W*(?:continue reading|read more|read (?:the )?(?:full|rest|whole)[^.]{0,60}|keep reading|more\W*$"
    r"|(?:click )?here to read[^.]{0,60}"
    r"|view (?:the )?(?:full|original) [^.]{0,40}|weiterlesen|mehr lesen|zum artikel|lire la suite|en savoir plus"
    r"|seguir leyendo|leer más|"
    r"continua a leggere|leggi tutto|lees (?:verder|meer)|czytaj (?:dalej|więcej)|читать (?:далее|полностью)"
    r"|続きを読む|阅读(?:更多|全文)|"
    r"continuar lendo|leia mais|läs mer|číst dál|devamını oku|اقرأ المزيد|קרא עוד)(?:[\s\W].{0,150})?$",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(
    r"(?:share (?:this|on|via|to)|tweet|email this|blog ?this|share to (?:x|facebook|twitter|pinterest)|facebook"
    r"|twitter|linkedin|"
    r"whatsapp|pinterest|reddit|telegram|tumblr|mastodon|bluesky|pocket|e-?mail|print|digg|delicious|stumbleupon"
    r"|flattr|"
    r"click to (?:share|print|email)[^|•]{0,60}|\(opens in new window\)|like this:?|like|loading\W*|copy link"
    r"|teilen|partager|compartir|"
    r"condividi|delen|udostępnij|поделиться|共有|分享|sdílet|dela|paylaş|comments?|\d+ comments?|permalink"
    r"|leave a comment)"
)  # of lower-case text: among so many words, looking for either case takes four times as long
_BETWEEN: Final = re.compile(r"[\s|•·,/&+\-–—:()\[\]<>»]*")
_FEED_LINKS: Final = (
    "feeds.feedburner.com/~",
    "feeds.wordpress.com",
    "api.follow.it",
    "feedproxy.google",
    "feedblitz.com",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """A cleaned piece: `html` is not sanitised yet. `blocks` and `labels` are of one length."""

    html: str
    text: str
    blocks: tuple[Block, ...] = ()
    labels: tuple[Label, ...] = ()


def clean_fragment(document: Document, entry: Entry | None, site: Site) -> Cleaned:
    """The article in a feed's own content. `entry` supplies title, author, dates; the document's own go before."""
    source = decoded(document.body, document.content_type)
    title = clean_text(document.title or (entry.title if entry else ""), 500)
    markup = clean_markup(source, title=title, base=document.url, site=site)
    language = settled(markup.text, page="", feed=entry.language if entry else "")
    html = sanitize(_pictured(markup, entry, title), base=document.url)
    article = Article(
        title=title,
        html=html,
        text=markup.text,
        url=document.url,
        author=clean_text(document.author or (entry.author if entry else ""), 300),
        published=document.published or (entry.published if entry else None),
        language=language,
        direction=direction("", language, markup.text),
        image=entry.image if entry else "",
        quality=quality.of_feed(markup.text, bool(entry and not entry.content), pictured="<img" in html),
        origin="feed",
    )
    explained = [
        (label.keep, Removed(text=block.text[:300], reason=label.reason, score=label.score, place=place))
        for place, (block, label) in enumerate(zip(markup.blocks, markup.labels, strict=True))
    ]
    return Cleaned(
        article=article,
        removed=tuple(block for kept, block in explained if not kept),
        observed=sitechrome.observed(markup.blocks, [label.keep for label in markup.labels]),
        layer="feed content" if markup.text or html else "",
        kept=tuple(block for kept, block in explained if kept),
    )


def _pictured(markup: Markup, entry: Entry | None, title: str) -> str:
    """The markup; of an entry that says nothing, the picture that comes with it besides."""
    if entry is None or not entry.image or "<img" in markup.html or not quality.wordless(markup.text):
        return markup.html
    return pictorial.figure(entry.image, title) + markup.html


def clean_markup(source: str, *, title: str, base: str, site: Site | None = None) -> Markup:
    """The piece without its headline and without what feeds add."""
    tree = parsed(f"<div>{source}</div>") if "<" in source else parsed(_paragraphs(source))
    if tree is None:
        return Markup(html="", text="")
    spell_out(list(tree.iter("math")))
    blocks = page_blocks(tree)
    labels = [_label(block, place, len(blocks), title) for place, block in enumerate(blocks)]
    judged = sitechrome.apply(blocks, labels, site, None) if site else tuple(labels)
    keep = [label.keep for label in judged]
    text = "\n\n".join(block.text for block, kept in zip(blocks, keep, strict=True) if kept)
    html = render(blocks, keep, base) if any(keep) else pictures(tree, base)
    return Markup(html=html, text=text, blocks=blocks, labels=judged)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", text))


def _label(block: Block, place: int, total: int, title: str) -> Label:
    reason = _reason(block, place, total, title)
    return Label(keep=not reason, score=0.0 if reason else 1.0, reason=reason or "article")


def _reason(block: Block, place: int, total: int, title: str) -> str:
    """Why a block of a feed's content is none of the article, or ""."""
    text = block.text
    if place < 3 and title and text.casefold() == fold(title).casefold():
        return "headline"
    if len(text.split()) > _SHORT:
        return "promotion" if _FOOTER.match(text) and place >= total - 3 else ""
    if _FOOTER.match(text):
        return "promotion"
    if _MORE.match(text) and (block.linked > 0.5 or place >= total - 2):
        return "promotion"
    if block.linked > 0.5 and _feed_link(block):
        return "share"
    return "share" if (block.linked > 0.3 or place >= total - 6) and _only_share(text) else ""


def _only_share(text: str) -> bool:
    """Nothing but the names of networks and what to do there."""
    rest = _SHARE.sub(" ", text.lower())
    return len(text) > 3 and bool(_BETWEEN.fullmatch(rest))


def _feed_link(block: Block) -> bool:
    element = block.element
    if element is None:
        return False
    links: Sequence[str] = [link.get("href") or "" for link in element[block.start : block.stop] if link.tag == "a"]
    return bool(links) and all(any(part in link for part in _FEED_LINKS) for link in links)
