"""The commands. Each reads the configuration, calls one thing below and prints what came of it; it decides nothing.

    frame.py     options every command takes, exit codes, how results are printed
    logs.py      one line an event
    service.py   run
    feeds.py     poll add check feeds
    articles.py  import search why clean publish
    sites.py     site
    upkeep.py    backup reclean prune

Exit 0 done, 1 some of it failed (and says what), 2 wrong usage or configuration.
"""

import sys

import typer

from aggregator.cli import articles, feeds, service, sites, upkeep
from aggregator.cli.frame import explain
from aggregator.errors import AggregatorError

app = typer.Typer(
    name="aggregator",
    help="Polls feeds, cleans the stories behind them and republishes one combined full-text feed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (service, feeds, articles, sites, upkeep):
    group.register(app)


def main() -> None:
    """The console script: errors that are people's to mend are a sentence, bugs are tracebacks."""
    try:
        app()
    except AggregatorError as error:
        sys.exit(explain(error))
    except BrokenPipeError:  # the reader of our output went away: `aggregator search x | head`
        sys.stderr.close()
        sys.exit(1)
