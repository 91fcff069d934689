"""SQLite: opening, creating and looking at a database file, its settings, and its errors in words.

WAL with synchronous=FULL: a commit that returned survives a power cut. Checkpoints are made here and nowhere else:
SQLite's own are switched off, and ours run while the store's write lock is held, so that no two connections of any
process ever write or checkpoint at the same moment. That is what the WAL-reset bug (3.7.0 to 3.51.2) needs.
"""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from aggregator.errors import StorageError
from aggregator.storage.database import Kind

APPLICATION_ID: Final = 0x41475247  # "AGRG", in the file's header: another program's database is told apart
MAGIC: Final = b"SQLite format 3\0"
LEAST: Final = (3, 35, 0)  # RETURNING, upsert, window functions
CHECKPOINT_COMMITS: Final = 64
QUICK_CHECK_BYTES: Final = 8 * 2**20  # files up to this size are looked at whole when they are opened
WRITER: Final = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA cache_size=-16384",
    "PRAGMA secure_delete=OFF",
)
READER: Final = ("PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0", "PRAGMA cache_size=-4096")


def path_of(url: str) -> Path:
    """The file that `sqlite:///relative` or `sqlite:////absolute` names."""
    name = url.removeprefix("sqlite:///")
    if name == url or not name or name == ":memory:":
        raise StorageError(f"{url} names no file: write sqlite:///FOLDER/NAME.db, or postgresql://USER@HOST/DATABASE")
    return Path(name).absolute()


def connect(path: Path, *, timeout: float, pragmas: tuple[str, ...] = ()) -> sqlite3.Connection:
    """A bare connection to a file that exists. Transactions begin when we say so (isolation_level None)."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, timeout=timeout, check_same_thread=False, isolation_level=None
    )
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def engine(path: Path, *, timeout: float, pragmas: tuple[str, ...], size: int, extra: int = 0) -> Engine:
    """A pool of connections; one past `size` + `extra` waits for `timeout` seconds."""
    return create_engine(
        "sqlite://",
        creator=lambda: connect(path, timeout=timeout, pragmas=pragmas),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=extra,
        pool_timeout=timeout,
    )


def kind(path: Path, *, timeout: float, settings: tuple[str, ...] = WRITER) -> Kind:
    """How this file is read and written."""
    return Kind(
        name=str(path),
        writer=engine(path, timeout=timeout, pragmas=settings, size=1),
        reader=engine(path, timeout=timeout, pragmas=READER, size=4, extra=60),
        error=sqlite3.Error,
        sentence=lambda error: sentence(path, error, timeout=timeout),
        begin_read=lambda connection: begin(connection, "BEGIN"),
        begin_write=lambda connection: begin(connection, "BEGIN IMMEDIATE"),
        after_write=Checkpoints(path).committed,
    )


def begin(connection: Connection, statement: str) -> None:
    """Begin a transaction by our own word; sqlite3 would begin one only at the first write, and not for DDL."""
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # as `connect` made it
    driver.execute(statement)


class Checkpoints:
    """Moves the write-ahead log into the database file every CHECKPOINT_COMMITS commits of this process.

    The write lock is held meanwhile, by a connection that writes nothing. When somebody else holds it, the next commit
    tries again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._commits = 0
        self._lock = threading.Lock()

    def committed(self) -> None:
        """Told after each commit."""
        with self._lock:
            self._commits += 1
            if self._commits < CHECKPOINT_COMMITS:
                return
            self._commits = 0
        try:
            self.run()
        except sqlite3.OperationalError as error:  # the commit stands; the log is moved at a better moment
            if error.sqlite_errorcode & 0xFF not in _PASSING:
                raise DBAPIError("PRAGMA wal_checkpoint", None, error) from error

    def run(self) -> None:
        """Checkpoint now."""
        with closing(connect(self._path, timeout=0.2)) as guard, closing(connect(self._path, timeout=0.2)) as mover:
            mover.execute("PRAGMA synchronous=FULL")
            guard.execute("BEGIN IMMEDIATE")
            try:
                mover.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                guard.execute("ROLLBACK")


_PASSING: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def look(path: Path) -> None:
    """Refuse, before SQLite touches it, a file that is no store of ours, or is cut off. Nothing is written."""
    problem = _problem(path)
    if problem:
        raise StorageError(f"{path} {problem}")


def _problem(path: Path) -> str:
    if not path.is_file():
        return "is not a file: name the database file itself"
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        return "cannot be written: give the user that runs aggregator the right to write this file and its folder"
    with path.open("rb") as file:
        header = file.read(100)
        size = os.fstat(file.fileno()).st_size
    if not header:
        return f"is empty: it was cut off or made by something else. {REMEDY}"
    if not header.startswith(MAGIC) or len(header) < 100:
        return f"is not a SQLite database. {REMEDY}"
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        return "is a SQLite database of another program: name another file as the store"
    return _cut_off(path, header, size)


def _cut_off(path: Path, header: bytes, size: int) -> str:
    """The header tells how many pages there are; with a write-ahead log beside it the file may rightly be shorter."""
    log = path.with_name(path.name + "-wal")
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    whole = pages * (65536 if page == 1 else page)
    if size < whole and not (log.exists() and log.stat().st_size):
        return f"is damaged: {whole - size} of its {whole} bytes are missing. {REMEDY}"
    return ""


REMEDY: Final = (
    "Nothing was changed in it. Put a backup in its place (`aggregator backup` makes them), or move it away to begin "
    "anew; `sqlite3 FILE .recover` reads out what can still be read."
)

_SENTENCES: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another program, for more than {timeout:g} s: end that program, or try again",
    sqlite3.SQLITE_LOCKED: "is locked by another program, for more than {timeout:g} s: end that program, or try again",
    sqlite3.SQLITE_READONLY: "cannot be written: give the user that runs aggregator the right to write it",
    sqlite3.SQLITE_CORRUPT: "is damaged ({error}). " + REMEDY,
    sqlite3.SQLITE_NOTADB: "is damaged or not a SQLite database ({error}). " + REMEDY,
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Free some space; what was stored before is safe",
    sqlite3.SQLITE_IOERR: "cannot be read or written ({error}): look at the disk and its free space",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened ({error}): look at the path and the rights of its folder",
}


def sentence(path: Path, error: Exception, *, timeout: float) -> str:
    """An error of SQLite or SQLAlchemy in words: which file, what is the matter, what to do."""
    if isinstance(error, PoolTimeout):
        return f"{path} is busy: another thread has been writing to it for more than {timeout:g} s"
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(origin, "sqlite_errorcode", None)
    text = _SENTENCES.get(code & 0xFF) if isinstance(code, int) else None
    if text is None:
        kind_of = type(origin).__name__ if isinstance(error, SQLAlchemyError) else "damaged content"
        return f"{path}: {kind_of}: {' '.join(str(origin).split())[:300]}"
    return f"{path} " + text.format(timeout=timeout, error=str(origin)[:200])


def feature_problem(connection: sqlite3.Connection) -> str:
    """What this build of SQLite lacks that the store needs, or nothing."""
    if sqlite3.sqlite_version_info < LEAST:
        return f"SQLite {sqlite3.sqlite_version} is too old: {'.'.join(map(str, LEAST))} or later is needed"
    found = connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone()
    return "" if found else f"SQLite {sqlite3.sqlite_version} was built without FTS5, which search needs"


def wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the WAL-reset bug: 3.7.0 to 3.51.2, but for the mended 3.44.6 and 3.50.7."""
    if version < (3, 7, 0) or version >= (3, 51, 3):
        return False
    mended = {44: 6, 50: 7}.get(version[1])
    return mended is None or version[2] < mended
