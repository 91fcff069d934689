"""What an HTTP answer's head means: a redirect, a refusal in one sentence, a page. No input or output."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin

import httpx

from aggregator import polling
from aggregator.errors import FetchError
from aggregator.guard import shown, target, told

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PERMANENT: Final = frozenset({301, 308})
REPEATED: Final = frozenset({307, 308})  # the same request once more, with its body

_MAX_HEADER: Final = 8192  # longer values are dropped: nothing that we use is, and they would be stored
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_UNSURE: Final = frozenset({"", "text/plain", "application/octet-stream", "application/xml", "text/xml"})
_LOOKS_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|article|div|p|h1|script)[\s>/]", re.IGNORECASE
)
_ADVICE: Final[Mapping[int, str]] = {
    204: "there is nothing in it",
    206: "that is a part, and the whole was asked for",
    304: "but no version of it is known here: the server is mistaken",
    401: "it wants a login: set username and password for the feed",
    402: "it wants to be paid",
    403: "it does not let us in: look whether the site offers its feed to readers at another address",
    404: "there is nothing at this address: look for its new address on the site",
    407: "the proxy wants a login: set it in the feed's proxy address",
    410: "it is gone for good: remove the feed, or look for its new address on the site",
    418: "it refuses programs",
    429: "it is asked too often: it will be left alone for a while",
    451: "it is withheld for legal reasons",
    503: "it is overloaded or under repair: it will be left alone for a while",
}


def headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Lower-case names, values as latin-1. Of a repeated name the first counts, lists are joined."""
    found: dict[str, str] = {}
    for name, value in raw:
        if len(value) > _MAX_HEADER:
            continue
        key = name.decode("latin-1").lower()
        if key not in found:
            found[key] = value.decode("latin-1")
        elif key in ("cache-control", "content-encoding", "link"):
            found[key] = f"{found[key]}, {value.decode('latin-1')}"[:_MAX_HEADER]
    return found


def next_hop(url: httpx.URL, status: int, head: Mapping[str, str]) -> httpx.URL:
    """Where a redirect leads. FetchError `protocol` when it does not say, `blocked_address` when it may not."""
    location = head.get("location", "").strip()
    if not location:
        raise FetchError(f"{shown(str(url))} redirects ({status}) without saying where", error_class="protocol")
    try:
        text = location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        text = location
    if re.match(r"[a-z][a-z0-9+.-]*:", text, re.IGNORECASE):
        return target(text).url
    return target(urljoin(str(url), text.replace("\\", "/"))).url


def refusal(url: httpx.URL, status: int, head: Mapping[str, str]) -> FetchError:
    """The error that an answer with this status is."""
    where = f"{shown(str(url))} answered {status}{_phrase(status)}"
    if head.get("cf-mitigated", "").strip().lower() == "challenge":
        advice = "Cloudflare wants a browser to prove itself; ask the site to let feed readers through"
    else:
        advice = _ADVICE.get(status, _advice(status))
    return FetchError(
        f"{where}: {advice}",
        error_class=_kind(status),
        status=status,
        retry_after=_retry_after(head),
    )


def _retry_after(head: Mapping[str, str]) -> str:
    """As it came; a date, though, is meant by the server's clock, so it becomes seconds where that is known."""
    header = head.get("retry-after", "")[:100]
    until, served = polling.http_date(header), polling.http_date(head.get("date", ""))
    if until is None or served is None:
        return header
    return str(max(0, int((until - served).total_seconds())))


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _advice(status: int) -> str:
    if 400 <= status < 500:
        return "it refuses the request"
    if 500 <= status < 600:
        return "the server is in trouble: it will be asked again later"
    return "that is not an answer a feed or page can have"


def _kind(status: int) -> str:
    if status == 410:
        return "gone"
    if 400 <= status < 500:
        return "http_4xx"
    return "http_5xx" if 500 <= status < 600 else "protocol"


def refuse_media(url: httpx.URL, head: Mapping[str, str]) -> None:
    """FetchError `not_html` when the declared type is surely no page, before any of it is read."""
    kind = head.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _HTML and kind not in _UNSURE:
        raise _not_html(url, kind)


def refuse_binary(url: httpx.URL, head: Mapping[str, str], body: bytes) -> None:
    """FetchError `not_html` when what came is no page, whatever its label says."""
    start = body[:1024]
    kind = head.get("content-type", "").partition(";")[0].strip().lower()
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if start.startswith((b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise _not_html(url, kind)
    if (b"\0" in start and not wide) or (kind in _UNSURE and not wide and not _LOOKS_HTML.search(start)):
        raise _not_html(url, kind)


def _not_html(url: httpx.URL, kind: str) -> FetchError:
    what = f"{told(kind)!a}" if kind else "something"
    return FetchError(f"{shown(str(url))} is {what} and no HTML page", error_class="not_html")
