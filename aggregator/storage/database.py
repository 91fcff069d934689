"""Connections and transactions: one writer, readers beside it, and every error of the drivers as a StorageError.

What differs between the databases comes in as a `Kind`: sqlite.py and postgres.py each make one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import StorageError
from aggregator.storage import prepared
from aggregator.storage.codec import DamagedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one kind of database does in its own way.

    `name` is for people: the file or the address without its password. `sentence` puts an error into words, one of
    SQLAlchemy's or of the driver's own, which are `error`.
    `begin_read` makes all that follows see one state; `begin_write` keeps other writers out until the transaction
    ends; `after_write` is called after each commit.
    """

    name: str
    writer: Engine
    reader: Engine
    error: type[Exception]
    sentence: Callable[[Exception], str]
    begin_read: Callable[[Connection], None]
    begin_write: Callable[[Connection], None]
    after_write: Callable[[], None]


class Database:
    """Transactions on one database. May be used from several threads: writers take turns, readers never wait."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._joined = threading.local()  # the connection of a thread within `together`

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store and changes nothing."""
        if (shared := self._shared()) is not None:
            with self._worded():
                yield shared
            return
        with self._worded(), self.kind.reader.connect() as connection, connection.begin():
            self.kind.begin_read(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is alone in writing, from its first statement on. Keep it short."""
        if (shared := self._shared()) is not None:
            with self._worded():
                yield shared
            return
        with self._worded():
            with self.kind.writer.connect() as connection, connection.begin():
                self.kind.begin_write(connection)
                prepared.forget(connection)  # what a transaction before this one wanted, and was rolled back
                yield connection
                prepared.finish(connection)
            self.kind.after_write()

    @contextmanager
    def together(self) -> Iterator[Callable[[], None]]:
        """Make one transaction of all that this thread reads and writes within; none of it is durable before the end.

        Leave it at the first exception: what came before is rolled back with it. Gives what does the last of it but for
        the commit, to be called when all else is done.
        """
        with self.write() as connection:
            self._joined.connection = connection
            try:
                yield partial(prepared.finish, connection)
            finally:
                del self._joined.connection

    def _shared(self) -> Connection | None:
        found: Connection | None = getattr(self._joined, "connection", None)
        return found

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, DamagedError, self.kind.error) as error:
            raise StorageError(self.kind.sentence(error)) from error

    def close(self) -> None:
        """Give the connections back. Readers first: the last to go tidies the write-ahead log."""
        with self._worded():
            self.kind.reader.dispose()
            self.kind.writer.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a kind of database needs around its tables; Storage's methods of these names say what each does."""

    poller_lock: Callable[[], AbstractContextManager[Callable[[], None]]]
    open_pages: Callable[[], Database]
    backup: Callable[[Path], None]
    check: Callable[[], list[str]]
    facts: Callable[[], dict[str, str]]


def upsert(dialect: str, table: Table) -> Any:
    """The dialect's INSERT, for its `on_conflict_do_...`, which both databases spell alike."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415 - only the one in use is loaded

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - likewise

    return insert(table)
