"""Raw pages as they were fetched, compressed, for a better cleaner to go over again.

They are a cache and never stand in an article's way: beside SQLite they have a file of their own, which may be deleted
at any time, and whatever is wrong with it comes back as a sentence, not as an exception. Past its size the oldest go.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import StorageError
from aggregator.model import Document
from aggregator.storage import prepared, sqlite
from aggregator.storage.codec import at, clean, ms, squeeze, unsqueeze, url_key
from aggregator.storage.database import Database, upsert
from aggregator.storage.schema import pages

MOST: Final = 2 * 2**30  # bytes, until the first tidying says otherwise
SHARE: Final = 20  # the part of the bound that may be added before its size is looked at again
EVICT: Final = 200  # pages in one transaction
FREED: Final = 10_000  # database pages given back in one transaction
TIMEOUT: Final = 1.0  # seconds
SETTINGS: Final = ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=0", "PRAGMA secure_delete=OFF")

_PAGE: Final = select(pages.c.body, pages.c.final_url, pages.c.content_type, pages.c.etag, pages.c.last_modified).where(
    pages.c.key == bindparam("given")
)
_FETCHED: Final = select(pages.c.fetched).where(pages.c.key == bindparam("given"))


def beside(path: Path) -> Path:
    """The file of a store's pages."""
    return path.with_name(f"{path.stem}-pages{path.suffix}")


def open_file(path: Path) -> Database:
    """The database of pages in this file, made when there is none."""
    try:
        new = not path.exists() or not path.stat().st_size
        path.touch()
    except OSError as error:
        raise StorageError(f"{path} cannot be made: {error.strerror or error}") from error
    database = Database(sqlite.kind(path, timeout=TIMEOUT, settings=SETTINGS))
    if new:
        _set_up(database)
    with database.write() as connection:
        pages.create(connection, checkfirst=True)
    return database


def _set_up(database: Database) -> None:
    """What can be set outside a transaction only."""
    try:
        with database.kind.writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    except SQLAlchemyError as error:
        raise StorageError(database.kind.sentence(error)) from error


class Pages:
    """The pages of one store. `open_database` is called at the first use, and again after it failed."""

    def __init__(self, open_database: Callable[[], Database]) -> None:
        self._open = open_database
        self._database: Database | None = None
        self._most = MOST
        self._added = 0
        self.problem = ""  # a sentence when pages can't be kept or read just now

    def close(self) -> None:
        """Close what was opened."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def get(self, url: str) -> Document | None:
        """The page that was fetched from this address."""
        given = {"given": url_key(url)}
        row = self._try(lambda connection: prepared.run(connection, _PAGE, given).fetchone(), write=False)
        if row is None:
            return None
        packed, final_url, content_type, etag, last_modified = row
        try:
            body = unsqueeze(packed)
        except ValueError as error:
            self.problem = f"the stored page of {url} is damaged: {error}"
            return None
        return Document(
            kind="page", body=body, url=final_url, content_type=content_type, etag=etag, last_modified=last_modified
        )

    def fetched(self, url: str) -> datetime | None:
        """When the page at this address was stored."""
        value = self._try(
            lambda connection: connection.execute(_FETCHED, {"given": url_key(url)}).scalar(), write=False
        )
        return None if value is None else at(value)

    def put(self, url: str, document: Document, now: datetime) -> str:
        """Keep a page; gives the problem when that can't be done."""
        raw = document.body if isinstance(document.body, bytes) else document.body.encode("utf-8", "replace")
        body = squeeze(raw)
        row = {
            "key": url_key(url),
            "url": clean(url),
            "final_url": clean(document.url),
            "content_type": clean(document.content_type),
            "etag": clean(document.etag),
            "last_modified": clean(document.last_modified),
            "fetched": ms(now),
            "size": len(body),
            "body": body,
        }
        self._try(lambda connection: prepared.run(connection, _put(connection.dialect.name), row), write=True)
        self._added += len(body)
        if self._added > self._most // SHARE and not self.problem:
            self.prune(oldest=None, most=self._most)
        return self.problem

    def prune(self, *, oldest: datetime | None, most: int) -> int:
        """Remove pages fetched before `oldest`, then the oldest ones until `most` bytes are left. Gives how many."""
        self._most, self._added = most, 0
        gone = 0
        while removed := self._try(lambda connection: _evict(connection, oldest, most), write=True):
            gone += removed
        return gone

    def _try(self, step: Callable[[Connection], Any], *, write: bool) -> Any:
        self.problem = ""
        try:
            if self._database is None:
                self._database = self._open()
            with self._database.write() if write else self._database.read() as connection:
                return step(connection)
        except StorageError as error:
            self.problem = error.message + ". It holds copies of pages alone: nothing is lost when it is deleted"
            return None


@cache
def _put(dialect: str) -> Any:
    statement = upsert(dialect, pages)
    values = {column.name: statement.excluded[column.name] for column in pages.columns if column.name != "key"}
    return statement.on_conflict_do_update(index_elements=["key"], set_=values)


def _evict(connection: Connection, oldest: datetime | None, most: int) -> int:
    total = connection.execute(select(func.coalesce(func.sum(pages.c.size), 0))).scalar_one()
    rows = connection.execute(
        select(pages.c.key, pages.c.size, pages.c.fetched).order_by(pages.c.fetched, pages.c.key).limit(EVICT)
    )
    gone = []
    for key, size, fetched in rows:
        if total <= most and (oldest is None or fetched >= ms(oldest)):
            break
        gone.append(key)
        total -= size
    if gone:
        connection.execute(delete(pages).where(pages.c.key.in_(gone)))
        if connection.dialect.name == "sqlite":
            _shrink(connection)
    return len(gone)


def _shrink(connection: Connection) -> None:
    """Give freed space back. A call gives back one page: Python's sqlite3 does not run this statement to its end."""
    free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    for _ in range(min(free, FREED)):
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
