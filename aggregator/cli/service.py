"""run"""

import asyncio
from typing import Annotated

import typer

from aggregator.cli import logs
from aggregator.cli.frame import ConfigOption, JsonOption, configuration, counted, emit, out, store


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(run)


def run(
    config: ConfigOption = "",
    json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="log each poll, also the unchanged ones")] = False,
) -> None:
    """The service: polls, cleans, serves, until SIGTERM or Ctrl-C.

    Example: aggregator run --config ~/news/feeds.toml
    """
    import os

    logs.configure(verbose=verbose)
    settings = configuration(config, warn=logs.warn)
    from aggregator.app.service import Service  # what is refused is refused at once
    from aggregator.web.door import exposed

    if not settings.token and exposed(settings):
        logs.warn("whoever reaches this address can read everything; AGGREGATOR_TOKEN closes it")

    def started(address: str) -> None:
        if json:
            emit({"address": address, "feeds": len(settings.feeds)})
        else:
            number = counted(len(settings.feeds), "feed", "feeds")
            out(f"aggregator reads {number}. Open {address} , subscribe to {address}/feed.atom")

    with store(settings) as storage:
        asyncio.run(Service(settings.path, os.environ, settings, storage).run(started=started))
