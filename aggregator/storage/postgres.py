"""PostgreSQL: what it does in its own way. The tables and the SQL are the same.

Writers take turns by an advisory lock that ends with the transaction, as SQLite's do by the file, so that numbers have
no gaps and a copy is judged once. Pages have another such lock, and never keep an article waiting.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from aggregator.errors import StorageError
from aggregator.storage import indexing, schema
from aggregator.storage.building import NEWER, build
from aggregator.storage.database import Database, Kind, Place

WRITING: Final = 0x41475247
PAGES: Final = WRITING + 1
POLLING: Final = WRITING + 2

_EXISTS: Final = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_REVISION: Final = text("SELECT version_num FROM alembic_version")
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
_PING: Final = text("SELECT 1")
_TRY: Final = text("SELECT pg_try_advisory_lock(:key)")
_OWNER: Final = text(
    "SELECT a.application_name, a.backend_start::text FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = :key "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # each has its own
)


def open_postgres(url: str, *, timeout: float) -> tuple[Database, Place]:
    """The store in this database, its tables made or migrated as needed."""
    address = _address(url)
    database = Database(_kind(address, timeout=timeout, key=WRITING))
    try:
        _prepare(database)
        indexing.ensure(database)
    except BaseException:
        database.close()
        raise
    return database, Place(
        poller_lock=lambda: _poller_lock(database.kind),
        open_pages=lambda: Database(_kind(address, timeout=timeout, key=PAGES)),
        backup=_backup,
        check=lambda: _check(database),
        facts=lambda: _facts(database),
    )


def _address(url: str) -> URL:
    try:
        return make_url("postgresql+psycopg://" + url.split("://", 1)[1])
    except ArgumentError as error:
        raise StorageError("the store's address is wrong: write postgresql://USER@HOST/DATABASE") from error


def _kind(address: URL, *, timeout: float, key: int) -> Kind:
    name = address.render_as_string(hide_password=True).replace("+psycopg", "", 1)
    writer = _engine(address, timeout=timeout, size=1, extra=0)
    return Kind(
        name=name,
        writer=writer,
        reader=_engine(address, timeout=timeout, size=4, extra=28).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ),
        error=writer.dialect.loaded_dbapi.Error,
        sentence=lambda error: _sentence(name, error, timeout=timeout),
        begin_read=lambda _: None,
        begin_write=lambda connection: _take_turn(connection, key),
        after_write=lambda: None,
    )


def _engine(address: URL, *, timeout: float, size: int, extra: int) -> Engine:
    settings = {
        "connect_timeout": max(1, round(timeout)),
        "application_name": f"aggregator process {os.getpid()} on {socket.gethostname()}",
        "options": f"-c lock_timeout={round(timeout * 1000)} -c idle_in_transaction_session_timeout=300000",
    }
    try:
        return create_engine(
            address,
            pool_size=size,
            max_overflow=extra,
            pool_timeout=timeout,
            pool_pre_ping=True,
            connect_args=settings,
        )
    except ModuleNotFoundError as error:
        raise StorageError("a store in PostgreSQL needs psycopg: `make postgres` installs it") from error


def _take_turn(connection: Connection, key: int) -> None:
    connection.execute(_LOCK, {"key": key})


def _prepare(database: Database) -> None:
    with database.write() as connection:
        if not connection.execute(_EXISTS).scalar_one():
            build(connection)
        revision = connection.execute(_REVISION).scalar() or ""
    if revision not in schema.REVISIONS:
        raise StorageError(f"{database.kind.name} " + NEWER.format(revision=revision))
    if revision != schema.REVISIONS[-1]:
        from aggregator.storage.migrate import upgrade  # noqa: PLC0415 - alembic costs 0.9 s to load

        upgrade(database)


class _Poller:
    """The right to poll, held by a connection of its own: it ends with the process, or with the connection."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._engine = _engine(kind.writer.url, timeout=5, size=1, extra=0).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self._connection: Connection | None = None

    def hold(self) -> None:
        """Take the right, or see that it is still held. StorageError."""
        try:
            if self._connection is not None and not self._alive(self._connection):
                self.let_go()
            if self._connection is None:
                self._connection = self._taken()
        except SQLAlchemyError as error:
            raise StorageError(self._kind.sentence(error)) from error

    def let_go(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    @staticmethod
    def _alive(connection: Connection) -> bool:
        try:
            connection.execute(_PING)
        except SQLAlchemyError:
            return False
        return True

    def _taken(self) -> Connection:
        connection = self._engine.connect()
        if connection.execute(_TRY, {"key": POLLING}).scalar_one():
            return connection
        with connection:
            owner = _owner(connection)
        raise StorageError(f"{self._kind.name} is polled by another aggregator already ({owner})")


@contextmanager
def _poller_lock(kind: Kind) -> Iterator[Callable[[], None]]:
    poller = _Poller(kind)
    try:
        poller.hold()
        yield poller.hold
    finally:
        poller.let_go()


def _owner(connection: Connection) -> str:
    row = connection.execute(_OWNER, {"key": POLLING}).first()
    return f"{row[0]}, since {row[1][:19]}: stop that one" if row else "it has just ended: try again"


def _backup(path: Path) -> None:
    raise StorageError(f"{path} was not written: a store in PostgreSQL is backed up with pg_dump")


def _check(database: Database) -> list[str]:
    with database.read() as connection:
        connection.execute(_REVISION).scalar_one()
    return []


def _facts(database: Database) -> dict[str, str]:
    asked = {
        "database": "SELECT 'PostgreSQL ' || current_setting('server_version')",
        "synchronous": "SELECT current_setting('synchronous_commit')",
        "bytes": "SELECT pg_database_size(current_database())::text",
    }
    with database.read() as connection:
        return {name: str(connection.execute(text(statement)).scalar_one()) for name, statement in asked.items()}


_SENTENCES: Final[dict[str, str]] = {
    "55P03": "is locked by another program, for more than {timeout:g} s: end that program, or try again",
    "53100": "cannot grow: the server's disk is full. Free some space; what was stored before is safe",
    "42501": "may not be used so: give the user of the store the rights on its tables",
    "28P01": "refuses the password: look at the store's address",
    "3D000": "does not exist: make the database first (createdb)",
    "42P07": "holds tables of another program: name another database as the store",
}


def _sentence(name: str, error: Exception, *, timeout: float) -> str:
    if isinstance(error, PoolTimeout):
        return f"{name} is busy: another thread has been writing to it for more than {timeout:g} s"
    origin: Any = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    known = _SENTENCES.get(getattr(origin, "sqlstate", None) or "")
    if known:
        return f"{name} " + known.format(timeout=timeout)
    words = " ".join(str(origin).split())[:300]
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or type(origin).__name__ == "OperationalError":
        return f"{name} cannot be reached ({words}): look whether the server runs"
    return f"{name}: {type(origin).__name__}: {words}"
