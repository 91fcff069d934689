"""The store: feeds and their states, entries and their verdicts, articles, and what is known of sites.

    with closing(open_storage("sqlite:////var/lib/aggregator/aggregator.db")) as storage: ...

store.py has the methods, records.py the values they take and give beside those of `model`. It decides what is a copy
of what (by `dedup`), and keeps numbers and ids that never change; it fetches, cleans and matches nothing.
"""

from aggregator.errors import StorageError
from aggregator.storage.opening import open_sqlite
from aggregator.storage.sqlite import path_of
from aggregator.storage.store import Storage

__all__ = ["Storage", "exists", "open_storage"]

TIMEOUT = 5.0  # seconds that a writer waits for another one; a service told to stop has 10


def exists(url: str) -> bool:
    """Is there a store? One in PostgreSQL is taken to be there; "" is none."""
    return bool(url) and (not url.startswith("sqlite:") or path_of(url).exists())


def open_storage(url: str, *, timeout: float = TIMEOUT) -> Storage:
    """Open the store at `sqlite:///FILE` or `postgresql://...`, making or migrating it as needed.

    Raises StorageError when it is locked, damaged, newer than this program, not a store or not to be written; it is
    then left as it was.
    """
    if url.startswith("sqlite:"):
        return Storage(*open_sqlite(path_of(url), timeout=timeout))
    if url.startswith(("postgresql:", "postgresql+psycopg:", "postgres:")):
        from aggregator.storage.postgres import open_postgres  # noqa: PLC0415 - psycopg is an extra

        return Storage(*open_postgres(url, timeout=timeout))
    raise StorageError(
        f"{url.split(':', 1)[0]}: is no kind of store: use sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
