"""The commands. Each reads the configuration, calls one thing below and prints what came of it; it decides nothing.

    frame.py     options every command takes, exit codes, how results are printed
    logs.py      one line an event
    service.py   run
    feeds.py     poll add check feeds
    articles.py  import search clean publish
    way.py       why
    sites.py     site
    upkeep.py    backup reclean prune

Exit 0 done, 1 some of it failed (and says what), 2 wrong usage or configuration.
"""

import errno
import gc
import io
import os
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from aggregator import __version__
from aggregator.cli import articles, feeds, service, sites, upkeep, way
from aggregator.cli.frame import SOME_FAILED, ConfigOption, JsonOption, explain, note, out
from aggregator.errors import AggregatorError

app = typer.Typer(
    name="aggregator",
    help="Polls feeds, cleans the stories behind them and republishes one combined full-text feed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (service, feeds, articles, way, sites, upkeep):
    group.register(app)

_COLLECTED: Final = (10_000, 20, 20)  # an answer is thousands of objects, and hardly any is garbage while it is read
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _version(asked: bool) -> None:
    if asked:
        out(f"aggregator {__version__}")
        raise typer.Exit


@app.callback()
def before(
    context: typer.Context,
    config: ConfigOption = "",
    json: JsonOption = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    """Polls feeds, cleans the stories behind them and republishes one combined full-text feed."""
    given: dict[str, Any] = {"config": config, "json": json}
    if isinstance(context.command, TyperGroup):
        context.default_map = dict.fromkeys(context.command.commands, given)


def main() -> None:
    """The console script: errors that are people's to mend are a sentence, bugs are tracebacks."""
    gc.freeze()  # what has been loaded stays to the end: looking through it again and again finds no garbage
    gc.set_threshold(*_COLLECTED)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # JSON is UTF-8, and a locale without a letter stops nothing
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except AggregatorError as error:
        sys.exit(explain(error))
    except BrokenPipeError:  # the reader of our output went away: `aggregator search x | head`
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        note(f"the result can't be written where it should go: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where what is left goes when Python ends
        sys.exit(SOME_FAILED)
