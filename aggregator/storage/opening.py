"""Opening a store: the file is looked at, made when there is none, and brought up to date when it is older.

A new SQLite file is made under another name and takes its own name only when it is whole, so that a store is either
there or not. alembic is loaded only when there is something to migrate: it costs more than a whole poll.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import StorageError
from aggregator.storage import copying, indexing, pages, schema, sqlite
from aggregator.storage.building import NEWER, build
from aggregator.storage.database import Database, Place
from aggregator.storage.lock import file_lock

MIGRATING = ("PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=0")  # foreign keys off: tables may be made anew
STALE = 3600  # seconds after which a half-made file is nobody's any more


def open_sqlite(path: Path, *, timeout: float) -> tuple[Database, Place]:
    """The store in this file, made or migrated as needed. StorageError leaves the file as it was."""
    try:
        _make_folder(path.parent)
        if not path.exists():
            create(path)
        sqlite.look(path)
        revision = _prepare(path, timeout=timeout)
        if revision != schema.REVISIONS[-1]:
            _migrate(path, timeout=timeout)
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StorageError(sqlite.sentence(path, error, timeout=timeout)) from error
    except OSError as error:
        raise StorageError(f"{path} cannot be opened: {error.strerror or error}") from error
    database = Database(sqlite.kind(path, timeout=timeout))
    indexing.ensure(database)
    return database, Place(
        poller_lock=lambda: file_lock(path),
        open_pages=lambda: pages.open_file(pages.beside(path)),
        backup=lambda to: copying.backup(path, to),
        check=lambda: copying.check(path),
        facts=lambda: copying.facts(path),
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder {folder} cannot be made: {error.strerror or error}") from error


def _prepare(path: Path, *, timeout: float) -> str:
    """Look into a store and set its journal mode. Gives the revision of its schema."""
    with closing(sqlite.connect(path, timeout=timeout)) as connection:
        lack = sqlite.feature_problem(connection)
        if lack:
            raise StorageError(lack)
        if path.stat().st_size <= sqlite.QUICK_CHECK_BYTES:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise StorageError(f"{path} is damaged ({found}). {sqlite.REMEDY}")
        revision = _revision(path, connection)
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise StorageError(
                f"{path} lies on a file system that SQLite's write-ahead log can't use: move it to a disk"
            )
    return revision


def _revision(path: Path, connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = row[0] if row else ""
    if revision not in schema.REVISIONS:
        raise StorageError(f"{path} " + NEWER.format(revision=revision))
    return str(revision)


def _migrate(path: Path, *, timeout: float) -> None:
    from aggregator.storage.migrate import upgrade  # noqa: PLC0415 - alembic costs 0.9 s to load

    database = Database(sqlite.kind(path, timeout=timeout, settings=MIGRATING))
    try:
        upgrade(database)
    finally:
        database.close()


def create(path: Path) -> None:
    """Make an empty store under this name, or leave the one that another process has just made."""
    _sweep(path)
    made = path.with_name(f"{path.name}.new-{uuid4().hex}")
    made.touch(exist_ok=False)
    try:
        _fill(made)
        _take_name(made, path)
    finally:
        made.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what earlier, killed attempts left."""
    for left in path.parent.glob(f"{path.name}.new-*"):
        with suppress(FileNotFoundError):  # another process is making the store just now, and is done with it
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def _fill(made: Path) -> None:
    engine = sqlite.engine(made, timeout=5.0, pragmas=("PRAGMA synchronous=FULL",), size=1)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"PRAGMA application_id={sqlite.APPLICATION_ID}")
            sqlite.begin(connection, "BEGIN")
            build(connection)
    finally:
        engine.dispose()


def _take_name(made: Path, path: Path) -> None:
    """Give a whole file its name. Never replaces one: two processes may start at the same time."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            made.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
