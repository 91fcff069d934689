"""The files that paths name: files as they are, folders walked in order. Stays inside of what was named."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Beside Page.html, browsers put what belongs to it into a folder of one of these names; it holds no articles.
_COMPANIONS: Final = ("_files", "-Dateien", "_fichiers", "_archivos", "_arquivos", "_soubory", ".files", "_data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file to read. `named` by the user itself, or met in a folder."""

    path: Path
    named: bool


def walk(path: Path, unread: Callable[[OSError], None]) -> Iterator[Place]:
    """The file, or all regular files under the folder in the order of their names, hidden ones left out.

    Symbolic links met in a folder are followed to files inside of that folder only. `unread` is told
    of each folder that can't be listed; OSError when there is nothing at `path`.
    """
    if not path.is_dir():
        path.stat()
        yield Place(path=path, named=True)
        return
    root = path.resolve()
    for folder, folders, files in os.walk(path, onerror=unread):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _companion(name, files))
        for name in sorted(files):
            found = Path(folder) / name
            if not name.startswith(".") and _inside(found, root):
                yield Place(path=found, named=False)


def _companion(folder: str, files: list[str]) -> bool:
    stem = next((folder.removesuffix(end) for end in _COMPANIONS if folder.endswith(end)), "")
    return bool(stem) and (f"{stem}.html" in files or f"{stem}.htm" in files or f"{stem}.xhtml" in files)


def _inside(path: Path, root: Path) -> bool:
    """Is it a regular file that lies under the root? A broken link and a link that leads out are neither."""
    try:
        target = path.resolve(strict=True)
        return target.is_relative_to(root) and stat.S_ISREG(target.stat().st_mode)
    except (OSError, RuntimeError):
        return False
