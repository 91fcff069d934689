"""What can go wrong, for machines (a stable class) and for people (a sentence).

    AggregatorError
    ├── ConfigError      feeds.toml or the environment is wrong; nothing was touched
    ├── FetchError       a request was refused, failed or broke a limit
    ├── ParseError       the bytes that came are not a feed that can be read
    ├── CleanError       a page or a text could not be cleaned
    ├── ImportFailed     a file could not be imported
    ├── WorkerError      a worker process was killed at a limit, or died
    └── StorageError     the store cannot be opened, read or written

What a feed or a site does wrong becomes that feed's state and stops no other feed. A 304, a duplicate and a story that
a rule drops are values, not errors.
"""

from typing import Final

ERROR_CLASSES: Final = frozenset(
    {
        "blocked_address",  # not a public http(s) address, or a redirect to one that isn't
        "timeout",  # the one deadline over the whole request, or a worker's
        "too_large",  # more bytes than the limit, on the wire or decoded
        "http_4xx",
        "http_5xx",
        "gone",  # 410: polling stops
        "dns",
        "connect",
        "tls",
        "truncated",  # the transfer was cut off or is damaged
        "redirect_limit",
        "encoding",  # a content coding that wasn't offered, or is broken
        "protocol",  # not HTTP as any standard knows it
        "not_a_feed",
        "not_html",
        "parse_error",
        "robots",
        "out_of_memory",
        "crashed",
        "config",
        "storage",
        "import",
        "clean",
    }
)


class AggregatorError(Exception):
    """The root. `error_class` is one of ERROR_CLASSES, `message` one line: what was asked, of whom, what to do."""

    def __init__(self, message: str, *, error_class: str) -> None:
        super().__init__(message)
        if error_class not in ERROR_CLASSES:
            raise ValueError(f"unknown error class {error_class!r}")
        self.error_class = error_class
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders; keyword-only arguments need this to pickle."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[AggregatorError], args: tuple[object, ...], state: dict[str, object]) -> AggregatorError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(AggregatorError):
    """The configuration is refused; the message names file, line, key and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_class="config")


class FetchError(AggregatorError):
    """A request gave no usable answer. `status` is the HTTP status or 0; `retry_after` the header as it came.

    `unsent`: it could not even be sent, so that it says as much of our own network as of the host.
    """

    def __init__(
        self, message: str, *, error_class: str, status: int = 0, retry_after: str = "", unsent: bool = False
    ) -> None:
        super().__init__(message, error_class=error_class)
        self.status = status
        self.retry_after = retry_after
        self.unsent = unsent or error_class in {"dns", "connect"}


class ParseError(AggregatorError):
    """Bytes that are no feed (`not_a_feed`), or one that no parser can read (`parse_error`)."""


class CleanError(AggregatorError):
    """A page or text that could not be cleaned."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_class="clean")


class ImportFailed(AggregatorError):  # noqa: N818 - reads as what happened; ImportError is Python's own
    """A file that could not be imported; the message names the file (and the member of an archive)."""

    def __init__(self, message: str, *, error_class: str = "import") -> None:
        super().__init__(message, error_class=error_class)


class WorkerError(AggregatorError):
    """A worker process overran its time (`timeout`) or memory (`out_of_memory`), or died (`crashed`)."""


class StorageError(AggregatorError):
    """The store is locked, full, damaged, newer than this program, or not there."""

    def __init__(self, message: str) -> None:
        super().__init__(message, error_class="storage")
