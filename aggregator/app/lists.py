"""Lists of feeds (OPML) from other readers: what they name and feeds.toml doesn't is appended there. Asks no feed."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aggregator import urls
from aggregator.app.build import open_workers
from aggregator.config import Config, append_feeds
from aggregator.errors import AggregatorError, ImportFailed
from aggregator.importing.opml import Listed
from aggregator.pipeline.backfill import Imported
from aggregator.workers import Remote, Workers

FEEDS: Final[Remote[tuple[Listed, ...]]] = Remote("aggregator.importing.opml", "feeds")
LARGEST: Final = 10 * 2**20  # bytes


async def take_lists(config: Config, paths: Sequence[str], tags: Sequence[str]) -> list[Imported]:
    """What became of each feed of these files; one that can't be read is a failure of its own. ConfigError."""
    taken = _Taken(config, tuple(tags))
    async with open_workers(config) as workers:
        for path in paths:
            try:
                listed = await _read(workers, path)
            except AggregatorError as error:
                taken.rows.append(
                    Imported(name=path, outcome="failed", error_class=error.error_class, error=error.message)
                )
            else:
                for one in listed:
                    taken.take(path, one)
    if taken.new:
        append_feeds(config.path, taken.new)
    return taken.rows


async def _read(workers: Workers, path: str) -> tuple[Listed, ...]:
    listed = await workers.run(FEEDS, _bytes(path))
    if not listed:
        raise ImportFailed(f"{path}: names no feed")
    return listed


def _bytes(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise ImportFailed(f"{path}: can't be read: {error.strerror}") from error
    if len(body) > LARGEST:
        raise ImportFailed(f"{path}: larger than {LARGEST} bytes, the limit of a list of feeds")
    return body


class _Taken:
    """What was decided of the feeds so far: a `new` table for each that is to be added, a row for every one."""

    def __init__(self, config: Config, tags: tuple[str, ...]) -> None:
        self.new: list[dict[str, str | list[str]]] = []
        self.rows: list[Imported] = []
        self._tags = tags
        self._there = {urls.asked(feed.url) for feed in config.feeds}
        self._names = {feed.name for feed in config.feeds}

    def take(self, path: str, feed: Listed) -> None:
        """Decide of one feed of the list at `path`."""
        url = _address(feed.url)
        name = f"{path}: {urls.without_login(url or feed.url)}"
        if not url:
            error = f"{name} is no web address: it must begin with https:// or http://"
            self.rows.append(Imported(name=name, outcome="failed", error_class="import", error=error))
        elif urls.asked(url) in self._there:
            self.rows.append(Imported(name=name, outcome="known"))
        else:
            self.rows.append(Imported(name=name, outcome="added"))
            self._add(url, feed)

    def _add(self, url: str, feed: Listed) -> None:
        """Names are unique in feeds.toml; where two feeds have one, the second goes by its address."""
        label = "" if feed.name in self._names else feed.name
        self._there.add(urls.asked(url))
        self._names.add(label or url)
        self.new.append({"url": url, "name": label, "tags": list(dict.fromkeys([*self._tags, *feed.tags]))})


def _address(url: str) -> str:
    """As feeds.toml takes it, with the login that it may hold; "" for what is no address."""
    own = urls.without_login(url) != url and urls.is_http(url) and not re.search(r"\s", url)
    return url if own else urls.resolve("", url)
