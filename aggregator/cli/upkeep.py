"""backup, reclean, prune"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli import logs
from aggregator.cli.frame import (
    SOME_FAILED,
    ConfigOption,
    JsonOption,
    configuration,
    date,
    emit,
    note,
    out,
    progress,
    store,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (backup, reclean, prune):
        app.command()(command)


def backup(
    path: Annotated[Path, typer.Argument(help="the file to write; it must not exist")],
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """A consistent copy of the store, also while the service runs.

    Example: aggregator backup /backups/news-$(date +%F).db
    """
    settings = configuration(config)
    with store(settings) as storage:
        storage.backup(path)
    size = path.stat().st_size
    if json:
        emit({"path": path, "bytes": size})
    else:
        out(f"{path}: {size / 2**20:.1f} MiB. To restore: stop the service and put the file in the store's place")


def reclean(
    since: Annotated[str, typer.Option("--since", help="only articles entered since this date")] = "",
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Clean the stored pages again: applies a better cleaner, site rules and your word on blocks to the past.

    No page is fetched. Imported files are not stored: `aggregator import --again` cleans those.

    Example: aggregator reclean --since 2026-01-01
    """
    from aggregator.app.commands import reclean_pages

    logs.configure_quiet()
    settings = configuration(config)
    start = date("--since", since)
    with store(settings) as storage, progress("cleaning", None, quiet=json) as bar:
        counts = asyncio.run(reclean_pages(settings, storage, start, told=bar.step))
        problem = storage.pages_problem()
    if json:
        emit(counts)
    else:
        out(", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "no stored page")
    if problem:
        note(problem)
        raise typer.Exit(SOME_FAILED)


def prune(config: ConfigOption = "", json: JsonOption = False) -> None:
    """Remove what keep_articles, keep_pages and max_pages no longer keep. The service does this by itself.

    Example: aggregator prune
    """
    settings = configuration(config)
    with store(settings) as storage:
        counts = storage.prune(
            datetime.now(UTC),
            keep_articles=settings.keep_articles,
            keep_pages=settings.keep_pages,
            max_pages=settings.max_pages,
        )
    if json:
        emit(counts)
    else:
        out(", ".join(f"{number} {what}" for what, number in counts.items()) or "nothing to remove")
