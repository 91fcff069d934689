"""`clean --jsonl`: a line in, a line out, in the same order; what benchmarks call.

In:  {"id", "url"?, "html" | "text", "title"?, "summary"?}
Out: {"id", "title", "text", "html", "author", "published", "lang", "removed": [{"text", "reason"}]}, with "text": ""
and "error" for a line that fails. Each line is judged by itself: no site memory is read or written.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from aggregator.app.build import default_config, open_workers
from aggregator.cli.frame import as_json
from aggregator.errors import AggregatorError, ImportFailed
from aggregator.model import Cleaned, Document, Entry, Site
from aggregator.pipeline.edges import cleaner
from aggregator.workers import Workers

AHEAD = 8  # lines in the workers or waiting to be written, so that memory stays bounded


async def clean_lines(path: str) -> None:
    """Clean a file's lines, or standard input's for "-"."""
    async with open_workers(default_config()) as workers:
        waiting: deque[asyncio.Task[dict[str, Any]]] = deque()
        for line in await asyncio.to_thread(_opened, path):
            waiting.append(asyncio.create_task(_clean_line(workers, line)))
            if len(waiting) >= AHEAD:
                _write(await waiting.popleft())
        for task in waiting:
            _write(await task)


def _opened(path: str) -> Iterator[str]:
    """The lines of a file; ImportFailed when it can't be opened."""
    if path == "-":
        return _lines(sys.stdin.buffer)
    try:
        return _lines(Path(path).open("rb"))
    except OSError as error:
        raise ImportFailed(f"{path}: can't be read: {error.strerror}") from None


def _lines(file: BinaryIO) -> Iterator[str]:
    """Bytes that are no UTF-8 are replaced; a byte order mark is dropped."""
    with file:
        for line in file:
            text = line.decode("utf-8", "replace").removeprefix("\ufeff")
            if text.strip():
                yield text


async def _clean_line(workers: Workers, line: str) -> dict[str, Any]:
    ident: Any = None
    try:
        row = _row(line)
        ident = row.get("id")
        document, entry, site = _asked(row)
        cleaned = await workers.run(cleaner(document), document, entry, site)
    except AggregatorError as error:
        return {"id": ident, "text": "", "error": f"{error.error_class}: {error.message}"}
    except (ValueError, TypeError, RecursionError) as error:
        return {"id": ident, "text": "", "error": f"not a line to clean: {error}"}
    return {"id": ident, **told(cleaned)}


def _row(line: str) -> dict[str, Any]:
    row = json.loads(line, parse_constant=_no_number)
    if not isinstance(row, dict):
        raise TypeError("it is no JSON object")
    return row


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _asked(row: dict[str, Any]) -> tuple[Document, Entry | None, Site]:
    page = isinstance(row.get("html"), str)
    if not page and not isinstance(row.get("text"), str):
        raise TypeError('it has neither "html" nor "text"')
    url, title, summary = (_said(row, key) for key in ("url", "title", "summary"))
    document = Document(kind="page" if page else "text", body=row["html" if page else "text"], url=url)
    entry = Entry(guid="", url=url, title=title, summary=summary) if title or summary else None
    return document, entry, Site()


def _said(row: dict[str, Any], key: str) -> str:
    value = row.get(key) or ""
    if not isinstance(value, str):
        raise TypeError(f'"{key}" must be text')
    return value


def told(cleaned: Cleaned) -> dict[str, Any]:
    """The article under the names of a line."""
    article = cleaned.article
    return {
        "title": article.title,
        "text": article.text,
        "html": article.html,
        "author": article.author,
        "published": article.published.isoformat() if article.published else "",
        "lang": article.language,
        "removed": [{"text": block.text, "reason": block.reason} for block in cleaned.removed],
    }


def _write(answer: dict[str, Any]) -> None:
    print(as_json(answer))
