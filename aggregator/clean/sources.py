"""By which key one picture is known, whatever sizes and services it comes in."""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote

_HOST: Final = re.compile(r"^(?:https?:)?//(?:i\d\.wp\.com/)?[^/?]*", re.IGNORECASE)
_BEHIND: Final = re.compile(r"^.*/(?=https?(?::|%3A))", re.IGNORECASE)  # a resizing service
_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?|heic|bmp)$", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"\.(?:php\d?|aspx?|ashx|axd|cgi|jsp|dll|pl)$", re.IGNORECASE)
_SOURCES: Final = frozenset({"url", "src", "source", "image", "img", "file", "path", "uri", "u"})  # parts of a query
_NESTED: Final = 2  # services in one another
_ENDING: Final = 60  # characters of a path in which sizes are looked for behind a file's name
_LONGEST: Final = 4_000  # characters of an address
# Widths that pictures are cut to. Other numbers count files, and two of a series aren't one picture.
_WIDTHS: Final = (
    "100|120|150|160|180|200|240|250|280|300|320|350|360|375|400|420|450|480|500|512|540|560|580|600|620|640|650|660"
    "|680|700|720|740|750|760|768|780|800|820|828|840|850|860|900|940|960|976|980|1000|1024|1080|1100|1140|1152|1200"
    "|1242|1280|1300|1366|1400|1440|1500|1536|1600|1680|1800|1920|2048|2400|2560|3000|3840"
)
_PATH_SIZES: Final = re.compile(
    r"/(?:cdn-cgi/image|resize|fit|crop)/[^/]*"
    r"|/(?!(?:19|20)\d\d/(?:0[1-9]|1[0-2])/)\d{2,4}/\d{2,4}(?=/)"  # width and height, but no month
    rf"|/(?:{_WIDTHS})(?=/)"
    r"|/[wh][_=]?\d{2,4}(?:(?:,|%2C)[^/]*)?(?=/)",
    re.IGNORECASE,
)
_FILE_SIZES: Final = re.compile(
    rf"(?:[-_@](?:\d{{2,4}}x\d{{2,4}}|scaled|\d{{3,4}}w|{_WIDTHS}|[23]x)){{1,3}}(?=\.\w+$)", re.IGNORECASE
)


def picture_key(address: str) -> str:
    """The same for one picture in several sizes, from several hosts or behind a service that resizes it."""
    return _key(address[:_LONGEST], _NESTED)


def _key(address: str, depth: int) -> str:
    path, _, query = _HOST.sub("", address).partition("?")
    behind = _BEHIND.sub("", path)
    if behind != path and depth:
        return _key(unquote(behind) if "%3A" in behind[:8].upper() else behind, depth - 1)
    if query and not _FILE.search(path):
        named = next((value for name, value in parse_qsl(query) if _named(name, value)), "")
        if named and depth:
            return _key(named, depth - 1)
        if _SCRIPT.search(path):
            return f"{path}?{query}"
    path = _PATH_SIZES.sub("", path)
    return path[:-_ENDING] + _FILE_SIZES.sub("", path[-_ENDING:]) or address


def _named(name: str, value: str) -> bool:
    """Does a part of a query name a file?"""
    if _FILE.search(value.partition("?")[0]):
        return True
    return name.lower() in _SOURCES and value.startswith(("http://", "https://", "/"))
