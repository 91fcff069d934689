"""Small repairs to XML that expat refuses, so that most broken feeds still take the strict way.

What stands in CDATA sections and comments is left alone. What can't be repaired here goes to feedparser's loose parser.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Final

from aggregator.parse.document import DECLARATION, cleaned, legal

_REFERENCE: Final = re.compile(rb"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|([A-Za-z]\w{0,31});)?")
_BAD_NUMERIC: Final = re.compile(rb"&#(?:[xX][0-9a-fA-F]*|[0-9]*);?")
_XML_ENTITIES: Final = frozenset({b"lt", b"gt", b"amp", b"quot", b"apos"})
_LITERAL: Final = re.compile(rb"<!\[CDATA\[|<!--")
_ENDS: Final = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_START: Final = re.compile(rb"<(?:\?xml\s|(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel)[\s>])", re.IGNORECASE)
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_JUNK: Final = 65536  # bytes before the feed that are looked through


def characters(document: bytes) -> bytes:
    """HTML's named entities as characters, bare ampersands escaped, characters that XML may not hold dropped."""
    parts = _parts(legal(document))
    return b"".join(part if literal else _REFERENCE.sub(_reference, part) for literal, part in parts if part)


def no_numeric(document: bytes) -> bytes:
    """Without any numeric reference that feedparser's loose parser could stumble over."""
    return _BAD_NUMERIC.sub(lambda found: found[0] if _legal(found[0]) else b"", document)


def from_start(document: bytes) -> bytes:
    """Without what a broken server printed before the feed; b"" when no feed begins here, or a page does."""
    start = _START.search(document, len(DECLARATION), _JUNK)
    if not start or _HTML.search(document, 0, start.start()):
        return b""
    return cleaned(document[start.start() :])


def is_page(document: bytes) -> bool:
    """Does a web page begin here?"""
    return bool(_HTML.search(document, 0, _JUNK))


def _parts(document: bytes) -> Iterator[tuple[bool, bytes]]:
    """The document in order, as (is it a CDATA section or comment, bytes)."""
    position = 0
    while opening := _LITERAL.search(document, position):
        end = document.find(_ENDS[opening[0]], opening.end())
        if end < 0:
            break
        yield False, document[position : opening.start()]
        position = end + 3
        yield True, document[opening.start() : position]
    yield False, document[position:]


def _reference(found: re.Match[bytes]) -> bytes:
    name = found[1]
    if name is None:
        if found[0] == b"&":
            return b"&amp;"
        return found[0] if _legal(found[0]) else b""
    if name in _XML_ENTITIES:
        return found[0]
    named = html5.get(name.decode("ascii", "replace") + ";")
    return b"".join(b"&#%d;" % ord(each) for each in named) if named else b"&amp;" + found[0][1:]


def _legal(reference: bytes) -> bool:
    """Does `&#...;` name a character that XML 1.0 allows?"""
    digits = reference[2:-1].decode("ascii", "replace").lower()
    base = 16 if digits.startswith("x") else 10
    digits = digits.removeprefix("x").lstrip("0")
    if not reference.endswith(b";") or not digits or len(digits) > 7:
        return False
    try:
        code = int(digits, base)
    except ValueError:
        return False
    return code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
