"""Flattened text and saved HTML, one document a file."""

import re
from collections.abc import Iterator
from typing import Final

from aggregator import urls
from aggregator.errors import ImportFailed
from aggregator.importing.charsets import decoded
from aggregator.importing.values import Found, Input, whole
from aggregator.model import Document

_LOOKED_AT: Final = 2**19  # bytes of a page that are searched for its address
_BINARY: Final = re.compile(rb"%PDF-|\x89PNG|\xff\xd8\xff|GIF8|\x7fELF|\xd0\xcf\x11\xe0|SQLite format 3|OggS|ID3|RIFF")
# What browsers and tools write when they save a page.
_SAVED: Final = (
    re.compile(r"<!-- saved from url=\(\d{4,5}\)(\S+) -->"),
    re.compile(r"<!--\s+Page saved with SingleFile\s+url:\s*(\S+)"),
    re.compile(r"<!-- Mirrored from (\S+) by HTTrack"),
)
_TAG: Final = re.compile(r"<(link|meta)\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"""(?<![a-z-])([a-z-]{1,30})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)


def text(source: Input) -> Iterator[Found]:
    """A text file as it is: no address, no title and no date but what cleaning reads out of its lines."""
    body = decoded(_checked(whole(source), source.name), source.name)
    if not body.strip():
        raise ImportFailed(f"{source.name}: empty")
    yield Found(name=source.name, document=Document(kind="text", body=body, name=source.name))


def html(source: Input) -> Iterator[Found]:
    """A saved page in its own bytes, with the address that the page or the tool that saved it states."""
    body = whole(source)
    if not body.strip():
        raise ImportFailed(f"{source.name}: empty")
    checked = _checked(body, source.name)
    yield Found(
        name=source.name,
        document=Document(kind="page", body=checked, url=address(checked), content_type="text/html", name=source.name),
    )


def address(body: bytes) -> str:
    """The absolute http(s) address that a page states of itself, or "": where it was saved from, canonical, og:url."""
    head = _head(body)
    for pattern in _SAVED:
        if (match := pattern.search(head)) and (found := urls.resolve("", _with_scheme(match[1]))):
            return found
    stated = _stated(head)
    return next((found for key in ("canonical", "og:url") if (found := urls.resolve("", stated.get(key, "")))), "")


def _head(body: bytes) -> str:
    """UTF-16 has a zero byte in every other place; without them the ASCII that is looked for can be read."""
    piece = body[:_LOOKED_AT]
    return (piece.replace(b"\0", b"") if b"\0" in piece else piece).decode("utf-8", "replace")


def _with_scheme(link: str) -> str:
    return link if "://" in link or ":" in link.partition("/")[0] else f"http://{link}"


def _stated(head: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag, inside in _TAG.findall(head):
        attributes = {name.lower(): _entities(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(inside)}
        if tag.lower() == "link" and "canonical" in attributes.get("rel", "").lower().split():
            found.setdefault("canonical", attributes.get("href", ""))
        if (attributes.get("property") or attributes.get("name", "")).lower() == "og:url":
            found.setdefault("og:url", attributes.get("content", ""))
    return found


def _entities(value: str) -> str:
    return value.replace("&amp;", "&").strip()


def _checked(body: bytes, name: str) -> bytes:
    if _BINARY.match(body):
        raise ImportFailed(f"{name}: a binary file under the name of a text or page")
    return body
