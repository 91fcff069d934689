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
from typing import Any, TextIO

from aggregator.app.build import default_config, open_workers
from aggregator.errors import AggregatorError
from aggregator.model import Cleaned, Document, Entry, Site
from aggregator.pipeline.edges import CLEAN
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
    return _lines(sys.stdin if path == "-" else Path(path).open(encoding="utf-8"))


def _lines(file: TextIO) -> Iterator[str]:
    with file:
        for line in file:
            if line.strip():
                yield line


async def _clean_line(workers: Workers, line: str) -> dict[str, Any]:
    ident: Any = None
    try:
        row = json.loads(line)
        ident = row.get("id")
        cleaned = await workers.run(CLEAN, *_asked(row))
    except AggregatorError as error:
        return {"id": ident, "text": "", "error": f"{error.error_class}: {error.message}"}
    except (ValueError, AttributeError, TypeError) as error:
        return {"id": ident, "text": "", "error": f"not a line to clean: {error}"}
    return _answer(ident, cleaned)


def _asked(row: dict[str, Any]) -> tuple[Document, Entry | None, Site]:
    url = row.get("url") or ""
    page = "html" in row
    body = row["html"] if page else row.get("text")
    if not isinstance(body, str):
        raise TypeError('it has neither "html" nor "text"')
    document = Document(kind="page" if page else "text", body=body, url=url)
    told = row.get("title") or row.get("summary")
    entry = Entry(guid="", url=url, title=row.get("title") or "", summary=row.get("summary") or "") if told else None
    return document, entry, Site()


def _answer(ident: Any, cleaned: Cleaned) -> dict[str, Any]:
    article = cleaned.article
    return {
        "id": ident,
        "title": article.title,
        "text": article.text,
        "html": article.html,
        "author": article.author,
        "published": article.published.isoformat() if article.published else "",
        "lang": article.language,
        "removed": [{"text": block.text, "reason": block.reason} for block in cleaned.removed],
    }


def _write(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False))
