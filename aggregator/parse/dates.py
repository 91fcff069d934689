"""Dates as feeds write them, to aware UTC datetimes. A date that isn't certain is none: first seen beats a wrong one.

What RFC 822 and ISO 8601 ask for is read here at once, with its real-world variants; everything else is left to
`odd_dates`. Days outside FIRST_YEAR..LAST_YEAR are refused.
"""

import re
from datetime import UTC, datetime
from typing import Final

from aggregator.parse import odd_dates
from aggregator.parse.clock import OFFSET, at, full_year, zone

FIRST_YEAR: Final = 1995
LAST_YEAR: Final = 2100
_LONGEST: Final = 100  # characters; no date is longer, and parsers of dates are slow on what is

_RFC822: Final = re.compile(
    r"(?:[^\W\d_]+\.?,?\s*)?(\d{1,2})(?:\s?\.)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})(?!\d)"
    rf"(?:,?\s+(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?:\.\d*)?\s*([ap]m\b)?\s*({OFFSET}|[a-z]{{1,5}})?)?"
    r"(?:\s*\([^()]*\))?\Z",
    re.IGNORECASE,
)
_ISO: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    rf"(?:[T\s]+(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?:[.,]\d*)?\s*([ap]m\b)?\s*({OFFSET}|[a-z]{{1,5}})?)?\Z",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(
    r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?()([+-]\d{4}|Z)?)?\Z", re.IGNORECASE
)
_NAMES: Final = "january february march april may june july august september october november december".split()  # noqa: SIM905 - as it is read
_MONTHS: Final = {spelling: month for month, name in enumerate(_NAMES, 1) for spelling in (name, name[:3], name[:4])}


def parse_date(value: str, *, day_first: bool | None = None) -> datetime | None:
    """The moment that `value` names, in UTC; None when it names none for certain. A missing zone counts as UTC.

    `day_first` tells how the feed writes 5/11/2026; None: nobody knows.
    """
    value = " ".join(value[: _LONGEST * 2].split())
    if not value or len(value) > _LONGEST:
        return None
    try:
        moment = _rfc822(value) or _iso(value) or odd_dates.read(value, day_first=day_first)
        moment = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _rfc822(value: str) -> datetime | None:
    found = _RFC822.match(value)
    month = _MONTHS.get(found[2].lower()) if found else None
    return _moment(full_year(found[3]), month, int(found[1]), found) if found and month else None


def _iso(value: str) -> datetime | None:
    found = _ISO.match(value) or _COMPACT.match(value)
    return _moment(int(found[1]), int(found[2]), int(found[3]), found) if found else None


def _moment(year: int, month: int, day: int, found: re.Match[str]) -> datetime | None:
    """Groups 4 to 8 of `found` are hour, minute, second, am or pm, zone. None when there is no such time."""
    try:
        date = datetime(year, month, day, tzinfo=zone(found[8] or ""))
        return at(date, (int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)), (found[7] or "").lower())
    except ValueError:
        return None
