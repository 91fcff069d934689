"""Flattened text, where no markup is left to judge: a saved story's lines in, a clean article out."""

from html import escape

from aggregator.clean.blocks import fold, text_blocks
from aggregator.clean.judge import Evidence, Model, label
from aggregator.model import Article, Cleaned, Document, Entry, Removed, Site


def clean_text(document: Document, entry: Entry | None, site: Site, model: Model) -> Cleaned:
    """The story in a document of kind "text". Lines stand as they came: each is a paragraph of its own."""
    body = document.body if isinstance(document.body, str) else document.body.decode("utf-8", "replace")
    blocks = text_blocks(body)
    title = fold(entry.title if entry else "") or fold(document.title) or (blocks[0].text if blocks else "")
    evidence = Evidence(title=title, summary=entry.text if entry else "", site=site, kind="text")
    pairs = list(zip(blocks, label(blocks, evidence, model), strict=True))
    kept = [block.text for block, verdict in pairs if verdict.keep]
    removed = tuple(
        Removed(text=block.text, reason=verdict.reason, score=verdict.score)
        for block, verdict in pairs
        if not verdict.keep and verdict.reason != "headline"
    )
    html = "".join(f"<p>{escape(line, quote=False)}</p>" for line in kept)
    article = Article(title=title, html=html, text="\n\n".join(kept), origin="text")
    return Cleaned(article=article, removed=removed, layer="judge")
