"""Text, addresses and dates in the notation that output formats ask for. Nothing here knows a story or a feed."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote

from aggregator.sanitize import legal

_ADDRESS: Final = re.compile(r"(?i)(https?)://(?:[^/?#]*@)?([^/?#@]+)([^#]*)(?:#(.*))?\Z", re.DOTALL)
_USUAL: Final = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?][\w/?:@!$&'()*+,;=~.-]*)?\Z", re.ASCII)
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|[\w.-]+)(?::\d{0,5})?\Z", re.ASCII)
_SAFE: Final = "%/?:@!$&'()*+,;=~-._"  # RFC 3986 pchar, slash and question mark
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")


def text(value: str) -> str:
    """Element content, escaped; `]]>` cannot appear, for no `>` does."""
    return legal(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(value: str) -> str:
    """An attribute's value with its quotes."""
    return '"' + text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") + '"'


def line(value: str) -> str:
    """One line of plain text: for titles, names and terms."""
    return " ".join(legal(value).split())


def address(value: str) -> str:
    """An http(s) URL in ASCII without user name and password; "" for anything else.

    What RFC 3986 forbids is percent-encoded, so a second `#` is too; what is already encoded stays as it is.
    """
    if _USUAL.match(value):  # nine in ten, at a twentieth of the work
        return value
    found = _ADDRESS.match(legal(value).strip())
    host = _host(found[2]) if found else ""
    if not found or not host:
        return ""
    rest = quote(_BAD_PERCENT.sub("%25", found[3]), safe=_SAFE)
    fragment = "#" + quote(_BAD_PERCENT.sub("%25", found[4]), safe=_SAFE) if found[4] is not None else ""
    return f"{found[1].lower()}://{host}{rest}{fragment}"


def identifier(value: str) -> str:
    """The value itself when it can stand as an IRI, else ""."""
    value = legal(value)
    return value if _IRI.match(value) else ""


def language(value: str) -> str:
    """A well-formed language tag, else ""."""
    value = value.strip().replace("_", "-")
    return value if _LANGUAGE.match(value) else ""


def media_type(value: str) -> str:
    """A media type without parameters; "application/octet-stream" when it is none."""
    found = _MEDIA_TYPE.match(value.strip())
    return found[0].lower() if found else "application/octet-stream"


def rfc3339(moment: datetime) -> str:
    """Atom's and JSON Feed's date, to the second, in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def rfc822(moment: datetime) -> str:
    """RSS's date, with a year of four digits, in GMT."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def amount(count: int) -> str:
    """Bytes for people: 0 B, 12 kB, 3.4 MB."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    return f"{size:.1f} {unit}" if size < 9.95 and unit != "B" else f"{size:.0f} {unit}"


def share(part: float | None) -> str:
    """A share between 0 and 1 for people: 78 %; a dash for None."""
    return "-" if part is None else f"{part:.0%}".replace("%", " %")


def _host(value: str) -> str:
    """Host and port in lower-case ASCII; "" when no resolver would take it."""
    try:
        value = value.encode("idna" if not value.isascii() else "ascii").decode("ascii").lower()
        found = _HOST.match(value)
        if found and found[1]:
            ip_address(found[1])
    except ValueError:
        return ""
    return value if found else ""
