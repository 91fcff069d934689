"""The character set of text that nobody has labelled rightly, told by its bytes and by the language it says it is in.

Scripts are told apart by charset_normalizer. It can't tell which Latin letters are meant, so these are told by the
language, or by letters that stand within words in one character set and are signs in the other.
"""

import re
from typing import Final

_SAMPLE: Final = 8192  # bytes that guessing may look at
_SEARCHED: Final = 2**17  # bytes of the document in which they are found
_TAG: Final = re.compile(rb"<[^<>]{0,1000}>")
_TELLING: Final = re.compile(rb"[!-;=?-\xff]{0,40}[\x80-\xff][!-;=?-\xff]{0,80}")
_LANGUAGE: Final = re.compile(
    rb"""<(?:dc:)?language>\s*(?:<!\[CDATA\[)?\s*([A-Za-z]{2,3})\b[-_]?(\w*)|xml:lang=["']([A-Za-z]{2,3})\b[-_]?(\w*)|"""
    rb""""language"\s*:\s*"([A-Za-z]{2,3})\b[-_]?(\w*)"""
)
_CENTRAL: Final = ("cp1250", "iso8859_2")
_CYRILLIC: Final = ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5")
_BY_LANGUAGE: Final = (
    dict.fromkeys("pl cs sk hu hr sl ro sq bs".split(), _CENTRAL)  # noqa: SIM905 - as it is read
    | dict.fromkeys("ru uk be bg mk sr kk".split(), _CYRILLIC)  # noqa: SIM905 - likewise
    | dict.fromkeys("lt lv et".split(), ("cp1257",))  # noqa: SIM905 - likewise
    | {
        "ja": ("cp932", "euc_jp"),
        "zh": ("gb18030", "big5hkscs"),
        "ko": ("cp949",),
        "el": ("cp1253",),
        "tr": ("cp1254",),
        "he": ("cp1255",),
        "ar": ("cp1256",),
        "fa": ("cp1256",),
        "ur": ("cp1256",),
        "th": ("cp874",),
    }
)
_LATIN: Final = frozenset({*_CENTRAL, "cp1252", "cp1254", "cp1257"})
_CANDIDATES: Final = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "iso8859_2", "cp874",
    "cp932", "euc_jp", "gb18030", "big5hkscs", "cp949", "big5",
)  # fmt: skip
# ž š ł ą ż ź of Windows-1250 are ž š ³ ¹ ¿ Ÿ of Windows-1252, which stand within no word or hardly ever
_CENTRAL_LETTER: Final = re.compile(rb"(?<=[a-z])[\x9a\x9e\x9f\xb3\xb9\xbf]|[\x9a\x9e\x9f\xb3\xb9\xbf](?=[a-z])")
_LETTER: Final = re.compile(rb"[\xc0-\xff]")
# ő ű ă ţ ş ě ř đ, which are õ û ã þ º ì ø ð there: letters, but none of the languages that have the former
_SPOKEN_LETTER: Final = re.compile(rb"[\xf5\xfb\xe3\xfe\xba\xec\xf8\xf0]")
# and ą ś ž of ISO 8859-2 are ± ¶ ľ of Windows-1250, which in turn has letters and quotes where the other has none
_ISO_LETTER: Final = re.compile(rb"(?<=[a-z])[\xb1\xb6\xbe]|[\xb1\xb6\xbe](?=[a-z])")
_WINDOWS: Final = re.compile(rb"[\x80-\x9f]")


def guess(body: bytes) -> str:
    """The name of Python's codec for text that is not UTF-8; Windows-1252 when nothing speaks for another."""
    named, found = _named(body), _of_script(body)
    if found in named and found not in _LATIN:
        return found
    if named and (found in _LATIN or named[0] not in _LATIN):
        found = named[0]
    elif found in _LATIN:
        found = _CENTRAL[0] if _is_central(body) else "cp1252"
    return _CENTRAL[1] if found in _CENTRAL and _is_iso(body) else found


def borne_out(body: bytes) -> str:
    """The codec that the stated language and the bytes agree on, "" for none: such a text is no Western one."""
    named = _named(body)
    found = guess(body) if named else ""
    agreed = found in named and (found not in _CENTRAL or _is_central(body) or _SPOKEN_LETTER.search(body))
    return found if agreed else ""


def _named(body: bytes) -> tuple[str, ...]:
    found = _LANGUAGE.search(body, 0, 4096)
    if not found:
        return ()
    tag, region = (
        part.decode("ascii", "replace").lower() for part in filter(lambda part: part is not None, found.groups())
    )
    codecs = _BY_LANGUAGE.get(tag, ())
    return codecs[::-1] if tag == "zh" and region in {"tw", "hk", "mo", "hant"} else codecs


def _of_script(body: bytes) -> str:
    words = _TELLING.findall(_TAG.sub(b" ", body[:_SEARCHED]))
    sample = b" ".join(words)[:_SAMPLE]
    from charset_normalizer import from_bytes  # noqa: PLC0415 - hardly any feed needs it

    best = from_bytes(sample, cp_isolation=list(_CANDIDATES)).best()
    if not best:
        return "cp1252"
    return "big5hkscs" if best.encoding == "big5" else best.encoding


def _is_central(body: bytes) -> bool:
    """Are there Central European letters where Western text has none?"""
    return len(_CENTRAL_LETTER.findall(body)) * 20 > len(_LETTER.findall(body)) or _is_iso(body)


def _is_iso(body: bytes) -> bool:
    return not _WINDOWS.search(body) and _ISO_LETTER.search(body) is not None
