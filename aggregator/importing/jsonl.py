"""JSON Lines: one article a line, {"url", "html" or "text", "title", "author", "published", "tags"}."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from aggregator import urls
from aggregator.errors import ImportFailed
from aggregator.importing.values import Found, Input, failed, too_large
from aggregator.model import Document

_PAGE_MARKS: Final = ("<html", "<body", "<!doctype")
_MILLISECONDS: Final = 10**11  # a number of seconds this large would lie in the year 5138


def lines(source: Input) -> Iterator[Found]:
    """A document a line; keys that aren't known are left alone, a line that is wrong is a Found with its number."""
    number = 0
    while line := source.file.readline(source.bounds.document + 1):
        number += 1
        name = f"{source.name}:{number}"
        try:
            if len(line) > source.bounds.document:
                _skip_line(source)
                raise too_large(name, source.bounds)
            if line.strip():
                yield Found(name=name, document=_document(line, name))
        except ImportFailed as error:
            yield failed(error, name)


def _skip_line(source: Input) -> None:
    while (piece := source.file.readline(2**20)) and not piece.endswith(b"\n"):
        pass


def _document(line: bytes, name: str) -> Document:
    row = _row(line, name)
    html, text = _text(row, "html", name), _text(row, "text", name)
    if not (html or text).strip():
        raise ImportFailed(f'{name}: has neither "html" nor "text"')
    tags = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ImportFailed(f'{name}: "tags" must be a list of texts')
    page = any(mark in html[:2000].lower() for mark in _PAGE_MARKS)
    return Document(
        kind=("page" if page else "fragment") if html.strip() else "text",
        body=html if html.strip() else text,
        url=urls.resolve("", _text(row, "url", name)),
        name=name,
        title=_text(row, "title", name),
        author=_text(row, "author", name),
        published=_published(row.get("published"), name),
        tags=tuple(tags),
    )


def _row(line: bytes, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ImportFailed(f"{name}: not a line of JSON: {error}", error_class="parse_error") from None
    if not isinstance(row, dict):
        raise ImportFailed(f"{name}: not a JSON object", error_class="parse_error")
    return row


def _text(row: dict[str, Any], key: str, name: str) -> str:
    value = row.get(key) or ""
    if not isinstance(value, str):
        raise ImportFailed(f'{name}: "{key}" must be text')
    return value.encode("utf-8", "replace").decode()  # JSON can spell half a surrogate pair, which UTF-8 can't


def _published(value: object, name: str) -> datetime | None:
    """ISO 8601, the form of mails, or seconds or milliseconds since 1970; without an offset it is UTC."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > _MILLISECONDS else value, UTC)
        parsed = _parsed(value if isinstance(value, str) else "")
    except (ValueError, OverflowError, OSError):
        raise ImportFailed(f'{name}: "published" is no date; write it as in "1968-08-21T02:00:00+02:00"') from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _parsed(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return parsedate_to_datetime(value)
