"""import, search, clean, publish"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.cli import logs
from aggregator.cli.frame import (
    DONE,
    SOME_FAILED,
    WRONG_USE,
    ConfigOption,
    JsonOption,
    configuration,
    date,
    emit,
    note,
    out,
    parsed,
    progress,
    shown,
    store,
    table,
    web_address,
    when,
)
from aggregator.config import Config
from aggregator.errors import ConfigError
from aggregator.model import Cleaned, Site
from aggregator.publish import channel, entry
from aggregator.storage import exists

_LINE = 160  # characters of a block's line where no terminal says how many
_LOOKED_AT = 1000  # of the articles found, those that came in last; the newest by date are shown


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(name="import")(import_)
    app.command(context_settings={"ignore_unknown_options": True})(search)  # a query may begin with a minus
    for command in (clean, publish):
        app.command()(command)


def import_(
    path: Annotated[list[str], typer.Argument(help="files, folders, or - for standard input")],
    url: Annotated[str, typer.Option("--url", help="where the article stood")] = "",
    published: Annotated[str, typer.Option("--published", help="its date, as 2024-03-05 or RFC 3339")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="a tag for all of them; may be repeated")] = None,
    match: Annotated[str, typer.Option("--match", help="import only what matches this query")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="clean once more what was imported before; keeps its address and tags")
    ] = False,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Backfill saved articles: flattened text, HTML, zip, WARC, JSON Lines, mail. The same file twice adds nothing.

    An OPML file's feeds are added to feeds.toml. Example: aggregator import ~/saved-articles --tag archive
    """
    from aggregator.app.commands import import_paths
    from aggregator.app.lists import take_lists
    from aggregator.importing import is_feed_list
    from aggregator.pipeline.backfill import Imported, Options

    logs.configure_quiet()
    settings = configuration(config)
    _check_named(path, url)
    options = Options(
        url=url,
        published=date("--published", published),
        tags=tuple(tag or ()),
        match=parsed(match) if match else None,
        live_limit=settings.import_entries,
        again=again,
    )
    lists = [one for one in path if is_feed_list(one)]
    if lists and (url or published or match or again):
        raise ConfigError(f"{lists[0]} is a list of feeds (OPML): of the options --tag alone means something for it")
    rows = asyncio.run(take_lists(settings, lists, options.tags)) if lists else []
    documents = [one for one in path if one not in lists]
    with store(settings) as storage, progress("importing", None, quiet=json) as bar:

        def told(row: Imported) -> None:
            rows.append(row)
            bar.step()

        asyncio.run(import_paths(settings, storage, documents, options, told=told))
    counts = Counter(row.outcome for row in rows)
    if json:
        emit({"counts": counts, "files": [asdict(row) for row in rows]})
    else:
        for row in rows:
            if row.outcome == "failed":
                out(f"failed: {shown(row.error)}")
        out(", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "nothing to import")
        if counts["added"]:
            out("a running service takes the feeds up by itself")
    raise typer.Exit(SOME_FAILED if counts["failed"] else DONE)


def _check_named(paths: list[str], url: str) -> None:
    """ConfigError for what would import something else than was meant."""
    if "" in paths:
        raise ConfigError("an empty path names nothing; for this folder write .")
    if web_address("--url", url) and (len(paths) > 1 or Path(paths[0]).is_dir()):
        raise ConfigError("--url says where one article stood; with several files all would count as copies of it")


def search(
    query: Annotated[
        list[str], typer.Argument(help='words, OR, -word, "phrases", word*, title: url: tag: feed: lang:, age<7d')
    ],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="how many are shown")] = 20,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Search the stored articles, newest first.

    Example: aggregator search 'title:putin ("soviet tanks" OR hungary) age<30d'
    """
    if unknown := next((word for word in query if word.startswith("--")), ""):
        raise ConfigError(f"search has no option {unknown}; `aggregator search --help` lists them")
    wanted = parsed(" ".join(query))
    settings = configuration(config)
    with store(settings) as storage:
        found = channel.arranged(storage.search(wanted, limit=_LOOKED_AT, now=datetime.now(UTC)))[:limit]
    if json:
        emit([asdict(story) for story in found])
    else:
        table(
            ("date", "article", "title", "source", "address"),
            [(when(s.published), s.key, entry.title(s), s.source.name, entry.address(s)) for s in found],
        )
    raise typer.Exit(DONE)


def clean(
    path: Annotated[str, typer.Argument(help="a file, an address, or - for standard input")] = "-",
    explain: Annotated[bool, typer.Option("--explain", help="each block kept or removed, and by which signal")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"id","html"|"text",...} a line in, the article a line out')
    ] = False,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Show the clean article and what was removed. Stores nothing.

    Example: aggregator clean saved.html --explain
    """
    from aggregator.app.commands import clean_one
    from aggregator.cli.jsonl import told

    logs.configure_quiet()
    if jsonl:
        from aggregator.cli.jsonl import clean_lines

        asyncio.run(clean_lines(path))
        raise typer.Exit(DONE)
    settings = _settings(config)
    with _memory(settings) as memory:
        whole = asyncio.run(clean_one(settings, path, memory=memory))
    cleaned = whole.cleaned
    if whole.error:
        note(f"only a part: {whole.error.message}")
    if not cleaned.article.text:
        note(f"{path}: no article found in it ({cleaned.article.quality}); --explain shows why")
    if json:
        emit(told(cleaned) | asdict(cleaned))
    elif explain:
        _explain(cleaned)
    else:
        out(shown(cleaned.article.title))
        out()
        for paragraph in cleaned.article.text.split("\n"):
            out(shown(paragraph))
    raise typer.Exit(DONE if cleaned.article.text and not whole.error else SOME_FAILED)


@contextmanager
def _memory(settings: Config) -> Iterator[Callable[[str], Site]]:
    """What the store knows of sites. Where there is no store none is made, and nothing is known."""
    if not exists(settings.store):
        yield lambda host: Site(host=host)
        return
    with store(settings) as storage:
        yield storage.site


def _settings(config: str) -> Any:
    """The configuration when there is one: cleaning a file needs none."""
    from aggregator.app.build import default_config
    from aggregator.cli.frame import config_path

    return configuration(config) if config_path(config).exists() or config else default_config()


def _explain(cleaned: Cleaned) -> None:
    """The document's blocks in order, kept or removed; in colour and as wide as the terminal where there is one."""
    from rich.console import Console
    from rich.text import Text

    article = cleaned.article
    console = Console(highlight=False, soft_wrap=True)
    width = console.width if console.is_terminal else _LINE
    console.print(Text(shown(article.title), style="bold"))
    for line in _decided(cleaned):
        console.print(Text(line))
    marked = [("+", "green", block) for block in cleaned.kept] + [("-", "red", block) for block in cleaned.removed]
    for mark, style, block in sorted(marked, key=lambda row: row[2].place):
        row = Text(f"{mark} {block.score:4.2f} {block.reason:24} {shown(block.text)}", style=style)
        row.truncate(width, overflow="ellipsis")
        console.print(row)


def _decided(cleaned: Cleaned) -> Iterator[str]:
    article = cleaned.article
    published = article.published.isoformat() if article.published else "-"
    yield (
        f"decided by {cleaned.layer or 'nothing: there is no story in it'}; {article.quality}; "
        f"author {shown(article.author) or '-'}; published {published}; language {article.language or '-'}"
    )
    if cleaned.pages:
        yield f"put together from {len(cleaned.pages)} pages: {' '.join(map(shown, cleaned.pages))}"
    yield "+ kept, - removed; the number is the judge's probability that the block is part of the story"


def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="where the files go")],
    base_url: Annotated[str, typer.Option("--base-url", help="where readers will find DIR; default base_url")] = "",
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Write the outputs as static files: DIR/feed.atom, feed.rss, feed.json, feeds/NAME.atom ...

    Example: aggregator publish /var/www/news --base-url https://news.example.org
    """
    from aggregator.app.files import publish_files

    settings = configuration(config)
    base_url = web_address("--base-url", base_url) or settings.base_url
    if folder.exists() and not folder.is_dir():
        note(f"{folder} is not a folder")
        raise typer.Exit(WRONG_USE)
    with store(settings) as storage:
        written = publish_files(settings, storage, folder, base_url=base_url)
    if json:
        emit({"written": written})
    else:
        out(f"{len(written)} files written below {folder}")
    sys.stdout.flush()
