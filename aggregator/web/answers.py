"""Bytes prepared once and answered many times: entity tags, 304, gzip, HEAD (RFC 9110, sections 8 and 13)."""

import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

WORTH_GZIP = 500  # bytes
_GZIP_LEVEL = 6
_REFUSED = frozenset({"0", "0.", "0.0", "0.00", "0.000"})  # quality values that mean: not this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One resource's bytes in both codings. `etag` has no quotes; `zipped` is empty when not worth it.

    `modified`: the second since when the resource has these bytes, where that is known.
    """

    body: bytes
    zipped: bytes
    etag: str
    media_type: str
    modified: datetime | None = None

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.zipped)


def prepare(body: bytes, media_type: str) -> Rendering:
    """A rendering with its tag and its gzip variant; the same bytes give the same rendering."""
    zipped = gzip.compress(body, _GZIP_LEVEL, mtime=0) if len(body) >= WORTH_GZIP else b""
    etag = hashlib.sha256(body).hexdigest()[:32]
    return Rendering(body=body, zipped=zipped, etag=etag, media_type=media_type)


def answer(request: Request, rendering: Rendering, *, cache: str, headers: dict[str, str] | None = None) -> Response:
    """200 or 304, with the body that the client accepts. `cache` is the Cache-Control value."""
    zipped = bool(rendering.zipped) and _accepts_gzip(request.headers.get("accept-encoding", ""))
    named = {
        "etag": f'"{rendering.etag}-gzip"' if zipped else f'"{rendering.etag}"',
        "cache-control": cache,
        "vary": "Accept-Encoding",
        **(headers or {}),
    }
    if rendering.modified is not None:
        named["last-modified"] = format_datetime(rendering.modified, usegmt=True)
    if _unchanged(request, rendering):
        return Response(status_code=304, headers=named)
    body = rendering.zipped if zipped else rendering.body
    if zipped:
        named["content-encoding"] = "gzip"
    named["content-type"] = rendering.media_type
    if request.method == "HEAD":
        named["content-length"] = str(len(body))
        body = b""
    return Response(body, headers=named)


def _unchanged(request: Request, rendering: Rendering) -> bool:
    """If-None-Match decides alone when it is there; it compares weakly, and knows the tags of both codings.

    A date counts when it is the one that was given: what was rendered anew after a restart or by a clock that went back
    may have an earlier one than bytes before it.
    """
    asked = request.headers.get("if-none-match")
    if asked is not None:
        own = {f'"{rendering.etag}"', f'"{rendering.etag}-gzip"'}
        tags = (tag.strip().removeprefix("W/") for tag in ",".join(request.headers.getlist("if-none-match")).split(","))
        return asked.strip() == "*" or any(tag in own for tag in tags)
    since = request.headers.get("if-modified-since")
    if since is None or rendering.modified is None:
        return False
    return _http_date(since) == rendering.modified


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _accepts_gzip(header: str) -> bool:
    offered = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.partition(";")
        offered[coding.strip()] = parameter.replace(" ", "").removeprefix("q=")
    quality = offered.get("gzip", offered.get("*"))
    return quality is not None and quality not in _REFUSED
