"""Web archives: the HTML pages of WARC files and the texts of WET files."""

import zlib
from collections.abc import Iterator
from typing import Any, Final

from fastwarc.warc import ArchiveIterator, WarcRecordType

from aggregator import urls
from aggregator.errors import ImportFailed
from aggregator.importing.values import Bounds, Found, Input, failed, shown, too_large
from aggregator.model import Document

_TYPES: Final = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_CODINGS: Final = {"": 0, "identity": 0, "gzip": 47, "x-gzip": 47, "deflate": 47}  # values are zlib's wbits


def records(source: Input) -> Iterator[Found]:
    """Each answered page and each text, with the address it was fetched from; all else is passed over.

    The date of a record is when it was crawled, not when the story was published, and is left alone.
    """
    left = source.bounds.archive
    seen = False
    # Decoding is done here: fastwarc's own ends the whole file in silence at a record it can't decode in bounds.
    archive = ArchiveIterator(source.file, record_types=_TYPES, parse_http=True, auto_decode="none", fsspec_args=False)
    for record in _iterated(archive, source.name):
        seen = True
        left -= max(0, record.content_length)
        if left < 0:
            raise ImportFailed(f"{source.name}: holds more than {source.bounds.archive} bytes", error_class="too_large")
        yield from _record(record, source)
    if not seen:
        raise ImportFailed(f"{source.name}: no page or text could be read from this web archive")


def _iterated(archive: Any, name: str) -> Iterator[Any]:
    try:
        yield from archive
    except OSError as error:
        raise ImportFailed(f"{name}: a damaged web archive: {error}") from None


def _record(record: Any, source: Input) -> Iterator[Found]:
    media_type = _media_type(record)
    text = record.record_type == WarcRecordType.conversion and media_type == "text/plain"
    if not text and (media_type not in _HTML or _status(record) != 200):
        return
    url = urls.resolve("", record.headers.get("WARC-Target-URI", "").strip("<>"))
    name = shown(f"{source.name}/{url or record.stream_pos}")
    try:
        body = _body(record, name, source.bounds)
    except ImportFailed as error:
        yield failed(error, name)
        return
    if not body.strip():
        return
    if text:
        document = Document(kind="text", body=body.decode("utf-8", "replace"), url=url, name=name)
    else:
        document = Document(kind="page", body=body, url=url, content_type=_content_type(record), name=name)
    yield Found(name=name, document=document)


def _content_type(record: Any) -> str:
    headers = record.http_headers if record.http_headers is not None else record.headers
    return str(headers.get("Content-Type") or "")


def _media_type(record: Any) -> str:
    return _content_type(record).partition(";")[0].strip().lower()


def _status(record: Any) -> int:
    """A `resource` record was no answer to a request, so it has none: it counts as good."""
    return int(record.http_headers.status_code or 0) if record.http_headers is not None else 200


def _body(record: Any, name: str, bounds: Bounds) -> bytes:
    try:
        body: bytes = record.reader.read(bounds.document + 1)
    except OSError as error:
        raise ImportFailed(f"{name}: damaged: {error}") from None
    if len(body) > bounds.document:
        raise too_large(name, bounds)
    if len(body) < record.content_length:
        raise ImportFailed(f"{name}: the archive is cut off here", error_class="truncated")
    if record.http_headers is None:
        return body
    if (record.http_headers.get("Transfer-Encoding") or "").strip().lower() == "chunked":
        body = _unchunked(body)
    return _decoded(body, (record.http_headers.get("Content-Encoding") or "").strip().lower(), name, bounds)


def _unchunked(body: bytes) -> bytes:
    """The chunks put together (RFC 9112, 7.1). Some archivers do that themselves and keep the header: then as it is."""
    parts: list[bytes] = []
    rest = body
    while rest:
        line, _, after = rest.partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return b"".join(parts) or body
        if size <= 0:
            break
        parts.append(after[:size])
        rest = after[size + 2 :]
    return b"".join(parts)


def _decoded(body: bytes, coding: str, name: str, bounds: Bounds) -> bytes:
    if coding not in _CODINGS:
        raise ImportFailed(f"{name}: compressed as {coding[:40]!r}, which isn't read", error_class="encoding")
    if not _CODINGS[coding] or (coding.endswith("gzip") and not body.startswith(b"\x1f\x8b")):
        return body
    raw = coding == "deflate" and body[:1] != b"\x78"
    try:
        plain = zlib.decompressobj(-15 if raw else _CODINGS[coding]).decompress(body, bounds.document + 1)
    except zlib.error as error:
        raise ImportFailed(f"{name}: damaged: {error}", error_class="encoding") from None
    if len(plain) > bounds.document:
        raise too_large(name, bounds)
    return plain
