"""Dates as feeds write them, to aware UTC datetimes. A date that isn't certain is none: first seen beats a wrong one.

Reads RFC 822 with its real-world variants (zone names, month names of other languages, two-digit years, no time), ISO
8601, and, through dateutil, what else names a full day. Relative words, bare numbers, `06/09/2021` and days outside
FIRST_YEAR..LAST_YEAR are refused.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

FIRST_YEAR: Final = 1995
LAST_YEAR: Final = 2100
_LONGEST: Final = 100  # characters; no date is longer, and parsers of dates are slow on what is

_RFC822: Final = re.compile(
    r"(?:[^\W\d_]+\.?,?\s*)?(\d{1,2})(?:\s?\.)?[\s-]+([^\W\d_]{3,10})\.?,?[\s-]+(\d{4}|\d{2})(?!\d)"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d*)?\s*([ap]m\b)?\s*((?:GMT|UTC)?[+-]\d{1,2}:?\d{2}|[a-z]{1,5}\b)?)?",
    re.IGNORECASE,
)
_ISO: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d*)?()\s*([+-]\d{2}:?(?:\d{2})?|[a-z]{1,5})?)?\Z",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})()([+-]\d{4}|Z)?)?\Z")
_YEAR_FIRST: Final = re.compile(r"\d{4}[/.]\d{1,2}[/.]\d{1,2}\b")
_OFFSET: Final = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)

# Hours east of Greenwich. IST is India's here, BST Britain's.
_ZONES: Final = {
    "ut": 0.0, "gmt": 0.0, "utc": 0.0, "z": 0.0, "wet": 0.0, "west": 1.0, "bst": 1.0, "cet": 1.0, "mez": 1.0,
    "cest": 2.0, "mesz": 2.0, "eet": 2.0, "sast": 2.0, "eest": 3.0, "msk": 3.0, "trt": 3.0, "ist": 5.5, "wib": 7.0,
    "hkt": 8.0, "sgt": 8.0, "awst": 8.0, "jst": 9.0, "kst": 9.0, "aest": 10.0, "aedt": 11.0, "nzst": 12.0,
    "nzdt": 13.0, "brt": -3.0, "art": -3.0, "edt": -4.0, "est": -5.0, "cdt": -5.0, "cst": -6.0, "mdt": -6.0,
    "mst": -7.0, "pdt": -7.0, "pst": -8.0, "akdt": -8.0, "akst": -9.0, "hst": -10.0,
}  # fmt: skip
# Beginnings of month names in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian.
_MONTH_NAMES: Final = (
    "jan gen ene sty янв", "feb fév fev lut фев", "mar mär mrz maa mrt maä март мар", "apr avr abr kwi апр",
    "may mai maj mei mag май мая", "jun juin giu cze июн", "jul juil lug lip июл", "aug aoû aou ago sie авг",
    "sep set wrz сен", "oct okt out ott paź paz окт", "nov lis ноя", "dec déc dez dic gru дек",
)  # fmt: skip
_MONTHS: Final = {start: month for month, names in enumerate(_MONTH_NAMES, 1) for start in names.split()}


def parse_date(value: str) -> datetime | None:
    """The moment that `value` names, in UTC; None when it names none for certain. A missing zone counts as UTC."""
    value = " ".join(value[: _LONGEST * 2].split())
    if not value or len(value) > _LONGEST:
        return None
    try:
        moment = _rfc822(value) or _iso(value) or _other(value)
        moment = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _rfc822(value: str) -> datetime | None:
    found = _RFC822.match(value)
    if not found:
        return None
    name = found[2].lower()
    month = _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
    if not month:
        return None
    year = int(found[3])
    if len(found[3]) == 2:
        year += 2000 if year < 70 else 1900
    return _moment(year, month, int(found[1]), found)


def _iso(value: str) -> datetime | None:
    found = _ISO.match(value) or _COMPACT.match(value)
    return _moment(int(found[1]), int(found[2]), int(found[3]), found) if found else None


def _moment(year: int, month: int, day: int, found: re.Match[str]) -> datetime:
    """Groups 4 to 8 of `found` are hour, minute, second, am or pm, zone; a leap second counts as the one before."""
    hour, minute, second = (int(found[group] or 0) for group in (4, 5, 6))
    if found[7]:
        hour = hour % 12 + (12 if found[7].lower() == "pm" else 0)
    zone = _zone(found[8] or "")
    return datetime(year, month, day, hour, minute, min(second, 59) if second == 60 else second, tzinfo=zone)


def _zone(name: str) -> timezone:
    offset = _OFFSET.match(name)
    if offset:
        seconds = int(offset[2]) * 3600 + int(offset[3] or 0) * 60
        return timezone(timedelta(seconds=-seconds if offset[1] == "-" else seconds))
    return timezone(timedelta(hours=_ZONES.get(name.lower(), 0.0)))


def _other(value: str) -> datetime | None:
    """dateutil's reading, when it takes year, month and day from the text itself: two defaults must agree."""
    words = re.findall(r"[^\W\d_]{3,}", value.lower())
    if not _YEAR_FIRST.match(value) and not any(word[:3] in _MONTHS for word in words):
        return None  # a weekday would otherwise be taken for the day
    from dateutil import parser  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; few feeds ever need it

    def zone(name: str | None, offset: int | None) -> timezone:
        return timezone(timedelta(seconds=offset)) if offset is not None else _zone(name or "")

    defaults = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))
    readings: list[datetime] = [parser.parse(value, default=default, tzinfos=zone) for default in defaults]
    return readings[0] if readings[0] == readings[1] else None
