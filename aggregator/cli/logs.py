"""Logs: one line an event, JSON for machines and plain on a terminal, each value bounded, no control characters."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from aggregator import sanitize

VALUE = 500  # characters of one value in the log
TRACEBACK = 2000
QUIET = ("uvicorn", "apscheduler")


class Sink:
    """Standard error, for a log that never stops the work it tells of: the disk that it ends on may be full.

    What can't be written is lost; the next line that can be is led by one that says so.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gap = False

    def write(self, line: str) -> None:
        """One line with its end."""
        try:
            if self._gap:
                self._put('{"event": "lines of this log are missing here", "level": "warning"}\n')
            self._put(line)
            self._gap = False
        except (OSError, ValueError):  # no space, nobody reads any more, closed at exit
            self._gap = True

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()

    def flush(self) -> None:
        """Nothing is kept back."""


def _writer() -> structlog.WriteLoggerFactory:
    return structlog.WriteLoggerFactory(file=cast("TextIO", Sink(sys.stderr)))  # it uses write and flush, no more


def configure(*, verbose: bool = False) -> None:
    """Log to standard error. Called once by a command, never by the library."""
    terminal = sys.stderr.isatty()
    render: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    traceback: list[Any] = [] if terminal else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *traceback,
            bounded,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=_writer(),
        cache_logger_on_first_use=True,
    )
    take_others()


class _Others(logging.Handler):
    """What libraries log: through the same processors, so that each event is a line here too."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        log = structlog.get_logger("aggregator")
        log.log(record.levelno, record.getMessage().strip(), source=record.name, exc_info=record.exc_info)


def take_others() -> None:
    """Make the warnings and errors of libraries lines of this log."""
    logging.basicConfig(handlers=[_Others()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    for name in QUIET:  # they warn of what clients send, and of ticks that a slow store holds up: /healthz says it
        logging.getLogger(name).setLevel(logging.ERROR)


def warn(sentence: str) -> None:
    """A sentence for people as an event."""
    structlog.get_logger("aggregator").warning("note", text=sentence)


def configure_quiet() -> None:
    """For commands that print their own results: only trouble is logged."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            bounded,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=_writer(),
        cache_logger_on_first_use=True,
    )


def bounded(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut long values and drop control characters; a traceback keeps its lines, escaped by JSON."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = sanitize.clean_text(value, VALUE)
        elif key == "exception":
            event[key] = sanitize.legal(str(value))[-TRACEBACK:]
    return event
