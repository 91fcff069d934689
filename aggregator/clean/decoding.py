"""Bytes of a page to text, and text to a tree: the character set is found once, the markup parsed once."""

import re
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from aggregator.sanitize import html_parser, legal, most_attributes

MAX_ATTRIBUTES: Final = 5_000  # of one element; libxml2 is quadratic in them
_LONG_TAG: Final = 30_000  # characters; a shorter one has no room for so many
_TAG: Final = re.compile(r"<[a-z]", re.IGNORECASE)
MAX_PAGE: Final = 6_000_000  # characters; a page is fetched up to 4 MiB
_SAMPLE: Final = 32_768  # bytes that guessing may look at
_SEVEN_BIT: Final = ("iso-2022", "hz-gb")  # character sets that look like ASCII


def decoded(body: bytes | str, content_type: str = "") -> str:
    """The text of an HTML page: by BOM, header, meta element, or guessed; characters that XML refuses are left out."""
    if isinstance(body, str):
        return legal(body[:MAX_PAGE])
    head = content_type.lower().encode("latin-1", "replace") + body[:2048].lower()
    if not any(name.encode() in head for name in _SEVEN_BIT):
        try:
            return legal(body.decode("utf-8-sig")[:MAX_PAGE])
        except UnicodeDecodeError:
            pass  # valid UTF-8 is never anything else; the rest needs the declarations
    from w3lib.encoding import html_to_unicode  # noqa: PLC0415 - hardly any document needs it

    return legal(html_to_unicode(content_type or None, body, auto_detect_fun=_guessed)[1][:MAX_PAGE])


def parsed(source: str) -> HtmlElement | None:
    """The root element, or None when there is nothing to parse, or an element made to keep a parser busy."""
    if _may_crowd(source) and most_attributes(source) > MAX_ATTRIBUTES:
        return None
    try:
        return document_fromstring(source.encode("utf-8"), parser=html_parser())
    except etree.ParserError:  # an empty document
        return None


def _may_crowd(source: str) -> bool:
    """Is there a tag, or what looks like one, so long that its attributes have to be counted?"""
    for piece in source.split(">"):
        if len(piece) > _LONG_TAG:
            begun = _TAG.search(piece)
            if begun is not None and len(piece) - begun.start() > _LONG_TAG:
                return True
    return False


def _guessed(body: bytes) -> str:
    if body.decode("utf-8", "replace").count("\ufffd") * 1000 < len(body):
        return "utf-8"  # a damaged character or two
    from charset_normalizer import from_bytes  # noqa: PLC0415 - likewise

    best = from_bytes(body[:_SAMPLE]).best()
    return best.encoding if best is not None else "cp1252"
