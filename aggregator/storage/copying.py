"""Looking at a whole SQLite store, and copying it while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from aggregator.errors import StorageError
from aggregator.storage import sqlite

TIMEOUT = 5.0
WAL_RESET = (
    "SQLite {version} has the WAL-reset bug, by which two connections that write or checkpoint at the same moment may "
    "lose a commit. aggregator never does both at once; other programs must not write to the store. SQLite 3.51.3, "
    "3.50.7 and 3.44.6 have it mended."
)


def backup(path: Path, to: Path) -> None:
    """Copy the store as it is at this moment. Writers go on meanwhile; `to` is there whole or not at all."""
    if to.exists():
        raise StorageError(f"{to} exists already: a backup replaces nothing, name another file")
    made = to.with_name(f"{to.name}.part-{uuid4().hex}")
    try:
        _copy(path, made)
        try:
            to.hardlink_to(made)
        except FileExistsError as error:
            raise StorageError(f"{to} exists already: a backup replaces nothing, name another file") from error
        except OSError:  # a file system without links
            made.rename(to)
        _sync(to.parent)
    except sqlite3.Error as error:
        raise StorageError(f"the backup failed: {sqlite.sentence(path, error, timeout=TIMEOUT)}") from error
    except OSError as error:
        raise StorageError(f"{to} cannot be written: {error.strerror or error}") from error
    finally:
        made.unlink(missing_ok=True)


def _copy(path: Path, made: Path) -> None:
    """In one step: it reads one state, while a copy in several begins anew whenever another process writes."""
    made.touch(exist_ok=False)
    with closing(sqlite.connect(path, timeout=TIMEOUT)) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    _sync(made)


def _sync(name: Path) -> None:
    handle = os.open(name, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check(path: Path) -> list[str]:
    """Read the whole file. Gives notes on what should be known; raises StorageError for damage."""
    try:
        with closing(sqlite.connect(path, timeout=TIMEOUT)) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            problems += [
                f"a row of {row[0]} lost its {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
            ]
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    except sqlite3.Error as error:
        raise StorageError(sqlite.sentence(path, error, timeout=TIMEOUT)) from error
    if problems:
        raise StorageError(f"{path} is damaged ({'; '.join(problems[:3])}). {sqlite.REMEDY}")
    return notes()


def notes() -> list[str]:
    """What should be known of this SQLite."""
    if not sqlite.wal_reset_bug(sqlite3.sqlite_version_info[:3]):
        return []
    return [WAL_RESET.format(version=sqlite3.sqlite_version)]


def facts(path: Path) -> dict[str, str]:
    """The database's version and settings, for people."""
    with closing(sqlite.connect(path, timeout=TIMEOUT, pragmas=sqlite.WRITER)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (level,) = connection.execute("PRAGMA synchronous").fetchone()
    return {
        "database": f"SQLite {sqlite3.sqlite_version}",
        "journal_mode": str(mode),
        "synchronous": {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}[level],
        "bytes": str(path.stat().st_size),
    }
