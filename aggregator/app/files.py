"""The outputs as static files: the same bytes that the service serves, for a folder behind any web server."""

import os
from dataclasses import replace
from pathlib import Path

from aggregator.app.build import now
from aggregator.config import Config
from aggregator.errors import StorageError
from aggregator.publish import FORMATS, health, opml
from aggregator.publish.channel import page_of
from aggregator.replacing import replaced
from aggregator.storage import Storage
from aggregator.web.deps import Health, WebDeps
from aggregator.web.feeds import archive_rendering, health_rendering, live_rendering
from aggregator.web.selection import select


def publish_files(config: Config, storage: Storage, folder: Path, *, base_url: str) -> list[str]:
    """Write feed.FORMAT, feeds/NAME.FORMAT, archive/N.FORMAT, health.atom and opml.xml; gives their names.

    A file is replaced whole or not at all, and stays as it is when nothing in it changed.
    """
    config = replace(config, base_url=base_url.rstrip("/"))
    deps = WebDeps(storage=storage, config=lambda: config, health=lambda: Health(ok=True), now=now)
    written = []
    for name in ("", *(output.name for output in config.outputs)):
        wanted = select(config, name=name)
        for form in FORMATS.values():
            path = f"feeds/{name}.{form.suffix}" if name else f"feed.{form.suffix}"
            _write(folder / path, live_rendering(deps, config, form, wanted).body)
            written.append(path)
    for page in range(1, page_of(storage.last_number()) + 1):
        for form in FORMATS.values():
            written.append(f"archive/{page}.{form.suffix}")
            _write(folder / written[-1], archive_rendering(deps, config, form, page).body)
    _write(folder / health.PATH, health_rendering(deps, config).body)
    _write(folder / "opml.xml", opml.render(config.feeds, storage.feed_states(), config.title))
    return [*written, health.PATH, "opml.xml"]


def _write(path: Path, content: bytes) -> None:
    """The old file or the new one, never a part: readers ask for it at any time."""
    try:
        if path.exists() and path.read_bytes() == content:
            return  # its time stamp stays, and with it the web server's ETag
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
    except OSError as error:
        raise StorageError(f"{path}: can't be written: {error.strerror}") from None
