"""why"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Final

import typer

from aggregator.cli.frame import (
    SOME_FAILED,
    ConfigOption,
    JsonOption,
    configuration,
    emit,
    note,
    out,
    shown,
    store,
    when,
)
from aggregator.storage.records import ArticlePath, EntryPath, StoryPath

_ORIGINS: Final = {"page": "from its page", "feed": "from the feed's own text", "text": "from a text"}
_SAMPLE: Final = 160  # characters of a removed block


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(why)


def why(
    story: Annotated[str, typer.Argument(help="its address, or an article's number or id")],
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """The way of one story: fetched, matched, cleaned, duplicate of, published.

    Example: aggregator why https://example.org/2024/03/tanks
    """
    settings = configuration(config)
    with store(settings) as storage:
        path = storage.why(story)
    if path is None:
        note(f"nothing is known of {story}: no feed has named it, and nothing like it was imported")
        raise typer.Exit(SOME_FAILED)
    if json:
        emit(asdict(path))
        return
    for line in _told(path):
        out(shown(line) if not line.startswith(" ") else f"  {shown(line)}")


def _told(path: StoryPath) -> Iterator[str]:
    """The story's way, line by line; what belongs to the line above is indented."""
    for entry in path.entries:
        yield from _entry(entry, path.article)
    if not path.entries:
        yield "imported: no feed has named it"
    if path.page_fetched:
        yield f"page: fetched {when(path.page_fetched)}, kept for `aggregator reclean`"
    if path.article:
        yield from _article(path.article)


def _entry(entry: EntryPath, article: ArticlePath | None) -> Iterator[str]:
    yield f"named by {entry.feed_name}: {entry.title or 'without a title'}, first seen {when(entry.first_seen)}"
    if entry.url:
        yield f" address: {entry.url}"
    if entry.guid and entry.guid != entry.url:
        yield f" guid: {entry.guid}"
    yield f" {_verdict(entry, article)}"
    if entry.error_class:
        yield f" the last of {entry.attempts} attempts failed: {entry.error_class}"
    if entry.next_try:
        yield f" is tried again {when(entry.next_try)}"


def _verdict(entry: EntryPath, article: ArticlePath | None) -> str:
    if entry.verdict == "rejected":
        kind, _, rule = entry.rule.partition(" ")
        return f"rejected: dropped by {rule}" if kind == "drop" else f"rejected: does not match {rule or entry.rule}"
    if entry.verdict == "duplicate":
        where = f", which is shown from {article.source.name or 'an import'}" if article else ""
        return f"duplicate: the same story as article {entry.article_key}{where}"
    return "pending: not cleaned yet" if entry.verdict == "pending" else f"stored: article {entry.article_key}"


def _article(article: ArticlePath) -> Iterator[str]:
    yield f"article {article.key}: {article.title}"
    yield f" id: {article.id}"
    if article.url:
        yield f" address: {article.url}"
    origin = _ORIGINS.get(article.origin, article.origin)
    yield f" cleaned: {article.quality}, {origin}, decided by {article.layer or 'nothing'}"
    for block in article.removed:
        yield f"   - {block.reason}: {shown(block.text)[:_SAMPLE]}"
    for copy in article.copies:
        yield f" also in {copy.source or 'an import'}: {copy.url}"
    place = "in the live feed's order" if article.live else "in search and archives alone"
    edits = f", edited {article.edits} times since" if article.edits else ""
    yield f" published: {when(article.published)}; entered {when(article.entered_at)} {place}{edits}"
