"""Bytes as they came to one UTF-8 XML document, or to UTF-8 JSON. Decides the character set; parses nothing.

The markup's own label is trusted over HTTP's, and the bytes over both: what decodes as UTF-8, but for a few bytes, is
UTF-8, whatever a server's default header or a copied XML declaration says. So is Latin 1 only a default where the
stated language is never written in it.
"""

import codecs
import re
import zlib
from typing import Final

from aggregator.errors import ParseError
from aggregator.parse import charset

MAX_UNPACKED: Final = 32 * 2**20  # bytes of a body that is gzip although nothing said so
DECLARATION: Final = b'<?xml version="1.0" encoding="utf-8"?>\n'

_FRONT: Final = re.compile(rb"(?:\s|\xef\xbb\xbf)++")
_XML_LABEL: Final = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]{1,40})\s*["']""")
_HTTP_LABEL: Final = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML_DECLARATION: Final = re.compile(rb"<\?xml(?=\s|\?)[^<>]{0,500}\?>")
_PLAIN_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[<>]{0,1000}>", re.IGNORECASE)
_C0: Final = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_NONCHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZERO_PATTERNS: Final = (
    (re.compile(rb"[<{\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\s]"), "utf-32-be"),
    (re.compile(rb"[<{\s]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[<{\s]\0"), "utf-16-be"),
)
# Python's names of the codecs that text on the web is written in, to the superset that is used for each (as browsers
# do). Others that Python has (utf-7, unicode_escape, idna ...) would turn harmless bytes into markup or burn time.
_SUPERSETS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Labels that Python doesn't know, as the Encoding Standard (section 4.2) and careless software have them.
_WINDOWS: Final = re.compile(r"(?:windows|win|cp|dos)[-_]?(?=\d)(\w+)\Z")
_ALIASES: Final = {
    "cp31j": "cp932",
    "gb_2312-80": "gb2312",
    "iso-8859-8-i": "iso8859-8",
    "koi": "koi8-r",
    "koi8": "koi8-r",
}
_NO_LABEL: Final = frozenset({"ansi", "x-user-defined", "none", "default", "binary"})
_DAMAGED: Final = re.compile("[\udc80-\udcff]")
_PASTED: Final = re.compile(
    "(?<![\udc80-\udcff])(?:[\udc82-\udc8c\udc91-\udc9c](?![\udc80-\udcff])|[\udca0-\udcff](?=[A-Za-z]))"
)
_ONE_BYTE: Final = re.compile(
    r"(?:ascii|iso8859-(?:1|2|3|4|5|6|7|8|9|10|13|14|15|16)|cp125\d|koi8-[ru]|cp(?:437|850|852|866|874)|tis-620|"
    r"mac-(?:roman|cyrillic))\Z"
)
_MORE_BYTES: Final = re.compile(
    r"(?:gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|cp932|euc_jp|iso2022_jp|euc_kr|cp949|hz|johab)\Z"
)


def unpacked(body: bytes) -> bytes:
    """The body, gunzipped when it is gzip: some servers compress a file that was compressed before.

    Raises ParseError parse_error when it is broken or unpacks to more than MAX_UNPACKED bytes.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body
    decoder = zlib.decompressobj(wbits=31)
    try:
        plain = decoder.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise ParseError(f"the body is broken gzip data: {error}", error_class="parse_error") from error
    if decoder.unconsumed_tail or not decoder.eof:
        raise ParseError("the body is gzip data, cut off or too large when unpacked", error_class="parse_error")
    return plain


def utf8(body: bytes, content_type: str = "") -> bytes:
    """The same text as UTF-8 without blanks and byte order marks in front, of which some servers write several.

    Raises ParseError encoding for an unknown label.
    """
    text = _decoded(body, content_type)
    front = _FRONT.match(text)
    return text[front.end() :] if front else text


def _decoded(body: bytes, content_type: str) -> bytes:
    for bom, codec in _BOMS:
        if body.startswith(bom):
            body = body[len(bom) :]
            return _recoded(body, codec) if codec != "utf-8" else _labelled(body, content_type)
    if b"\0" in body[:4]:
        for pattern, codec in _ZERO_PATTERNS:
            if pattern.match(body):
                return _recoded(body, codec)
    return _labelled(body, content_type)


def cleaned(document: bytes) -> bytes:
    """XML as `utf8` gives it, with DECLARATION in front instead of a declaration of its own.

    A DOCTYPE that only names an external subset goes too: nobody fetches it, and without it an undefined entity is an
    error that is seen.
    """
    declared = _XML_DECLARATION.match(document)
    if declared:
        document = document[declared.end() :].lstrip()
    doctype = _PLAIN_DOCTYPE.search(document, 0, 5000)
    if doctype and b"<!--" not in document[: doctype.start()]:
        document = document[: doctype.start()] + document[doctype.end() :]
    return DECLARATION + document


def legal(document: bytes) -> bytes:
    """UTF-8 without what no XML may hold, escaped or not: control characters, U+FFFE, U+FFFF."""
    document = document.translate(None, _C0)
    for sequence in _NONCHARACTERS:
        document = document.replace(sequence, b"")
    return document


def _labelled(body: bytes, content_type: str) -> bytes:
    """By the XML declaration, else as UTF-8, else by HTTP's charset, else by what the bytes look like."""
    declared = _XML_LABEL.match(body[:300])
    label = declared[1].decode("ascii").lower() if declared else ""
    name = _codec_name(label)
    if b"\x1b$" in body and _decodes(body, "iso2022_jp"):
        return _recoded(body, "iso2022_jp")
    if _MORE_BYTES.match(name) and _decodes(body, _SUPERSETS.get(name, name)):
        return _recoded(body, _SUPERSETS.get(name, name))
    return body if _decodes(body, "utf-8") else _guessed(body, label, content_type)


def _decodes(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(body: bytes, label: str, content_type: str) -> bytes:
    """Of bytes that are not UTF-8, or not all of them."""
    header = _HTTP_LABEL.search(content_type[:500])
    labels = [label, header[1].lower() if header else ""]
    text = body.decode("utf-8", "surrogateescape")
    damaged = len(_DAMAGED.findall(text))
    sound = len(text) - damaged - len(text.encode("ascii", "ignore"))
    if damaged * 10 <= sound:
        return _mended(text)
    for name in map(_codec_name, labels):
        if _ONE_BYTE.match(name) or _MORE_BYTES.match(name):
            western = _SUPERSETS.get(name, name) == "cp1252"
            return _recoded(body, (western and charset.borne_out(body)) or _SUPERSETS.get(name, name))
    unknown = [each for each in labels if each and not _is_unicode(each)]
    if unknown:
        raise ParseError(
            f"the text is labelled {unknown[0]!r}, a character set nobody knows, and is not UTF-8",
            error_class="encoding",
        )
    return _mended(text) if damaged <= sound else _recoded(body, charset.guess(body))


def _mended(text: str) -> bytes:
    """UTF-8 of a text decoded with surrogates for what is broken: lone signs and letters within words were pasted from
    Windows-1252, the rest are characters cut in half.
    """
    pasted = _PASTED.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)
    return _DAMAGED.sub("\ufffd", pasted).encode()


def _codec_name(label: str) -> str:
    label = _WINDOWS.sub(r"cp\1", label.removeprefix("x-").removeprefix("x-"))
    label = _ALIASES.get(label, label)
    try:
        return codecs.lookup(label).name if label else ""
    except (LookupError, ValueError):
        return ""


def _is_unicode(label: str) -> bool:
    return _codec_name(label).startswith(("utf-8", "utf-16", "utf-32")) or label.startswith("u") or label in _NO_LABEL


def _recoded(body: bytes, codec: str) -> bytes:
    return body.decode(codec, "replace").encode("utf-8", "replace")
