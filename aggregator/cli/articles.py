"""import, search, clean, publish"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from aggregator.model import Site
from aggregator.publish import channel, entry
from aggregator.storage import exists

if TYPE_CHECKING:  # what imports need is loaded when they begin
    from aggregator.pipeline.backfill import Options

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
        bool, typer.Option("--again", help="clean once more what was imported before; keeps its address, tags and date")
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
        _note_unused(options, counts["unchanged"])
        if counts["added"]:
            out("a running service takes the feeds up by itself")
    raise typer.Exit(SOME_FAILED if counts["failed"] else DONE)


def _note_unused(options: "Options", unchanged: int) -> None:
    """Says which options did nothing for what was imported before."""
    given = {"--url": options.url, "--published": options.published, "--tag": options.tags, "--match": options.match}
    named = " and ".join(name for name, value in given.items() if value)
    if named and unchanged and not options.again:
        note(
            f"{named}: without effect on the {unchanged} unchanged, which were imported before; "
            "--again cleans them once more and heeds what it is told"
        )


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
    path: Annotated[str, typer.Argument(help="a file, a folder or archive, an address, or - for standard input")] = "-",
    explain: Annotated[bool, typer.Option("--explain", help="each block kept or removed, and by which signal")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"id","html"|"text",...} a line in, the article a line out')
    ] = False,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Show the clean article, or all of a folder or archive, and what was removed. Stores nothing.

    Example: aggregator clean saved.html --explain
    """
    from aggregator.app.commands import clean_all

    logs.configure_quiet()
    if jsonl:
        from aggregator.cli.jsonl import clean_lines

        asyncio.run(clean_lines(path))
        raise typer.Exit(DONE)
    from aggregator.cli.cleaned import Printer

    settings = _settings(config)
    printer = Printer(explain=explain, as_data=json)
    with _memory(settings) as memory:
        asyncio.run(clean_all(settings, path, memory=memory, told=printer.take))
    printer.close()
    raise typer.Exit(SOME_FAILED if printer.failed else DONE)


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
