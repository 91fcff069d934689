"""Dates as pages write them, machine-readable or in words of many languages, to datetimes with the page's offset."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from aggregator import calendars

_OLDEST: Final = 1990
_ISO: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T ]{1,3}(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s?(?:(?P<zulu>Z|UTC|GMT)|(?P<sign>[+-])(?P<oh>\d\d):?(?P<om>\d\d)?)?)?(?!\d)",
)
_NAME: Final = (  # vowel signs of Thai and Hindi are no letters; Thai abbreviations have a full stop inside
    r"(?P<name>[\u0e01-\u0e4e]{1,4}\.[\u0e01-\u0e4e]|[^\W\d_][^\s\d_.,،;:|/()\[\]-]{1,13})\.?"
)
_YEAR: Final = r"(?P<year>(?:1[349]|2[05])\d\d|['’]\d\d)(?!\d)"  # Persian, Gregorian and Thai ones
_WORDED: Final = (
    re.compile(
        rf"(?<!\w){_NAME},? ?(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?(?:[,.] ?| ){{1,2}}(?:de |del )?{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.|,)?(?: d['’]|(?: de| of)?[ \-./]){_NAME}"
        rf"(?:/[^\s\d/]{{2,14}})?(?: ماه)?[,،]?(?: de| del)?(?:[ \-/]|(?<=\.))(?:[พค]\.ศ\. ?)?{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_YEAR}[.,]?(?: m\.)? ?[ \-]?{_NAME} (?P<day>\d{{1,2}})(?!\d)", re.IGNORECASE),
    re.compile(rf"{_YEAR}\.? (?:gada|жылғы) (?P<day>\d{{1,2}})\.? {_NAME}", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})-{_NAME}-(?P<year>\d\d)(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}) (?=[\u0e01-\u0e4e]){_NAME} (?P<year>\d\d)(?!\d)"),
)
_THAI: Final = re.compile("[\u0e01-\u0e4e]")
_EAST: Final = re.compile(r"(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]")
_SOUTH_EAST: Final = re.compile(
    r"(?P<day>\d{1,2}) tháng (?P<month>\d{1,2}),? (?:năm )?(?P<year>(?:19|20)\d\d)", re.IGNORECASE
)
_NUMBERS: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-]| \| )(\d{1,2})\2((?:19|20|25)\d\d|\d\d)(?![\d./-])")
_YEAR_FIRST: Final = re.compile(r"(?<![\d./-])((?:19|20)\d\d)([./-] ?)(\d{1,2})\2(\d{1,2})(?![\d/-])")
_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_PERSIAN: Final = re.compile(r"(?<![\d./-])(1[34]\d\d)([./-])(\d{1,2})\2(\d{1,2})(?![\d/-])")
_PERHAPS: Final = re.compile(r"(?:1[349]|2[05])\d\d|['’]\d\d|\d[./]\d\d?[./]\d\d|-\d\d(?!\d)|[\u0e01-\u0e4e]\.? \d\d")
_IN_URL: Final = re.compile(
    r"/((?:19|20)\d\d)(?:[/\-](1[0-2]|0?[1-9])[/\-](3[01]|[12]\d|0?[1-9])|(\d\d)(\d\d))(?=[/\-_.]|$)"
)
_DAY_FIRST_IN_URL: Final = re.compile(r"/([0-3]\d)-([01]\d)-((?:19|20)\d\d)(?=[/\-_.]|$)")
_NAMED_IN_URL: Final = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/([0-3]?\d)(?=/|$)")


def stated(value: str) -> datetime | None:
    """A machine-readable date (ISO 8601, RFC 5322), or one in words; None when there is none."""
    given = value.strip()[:120]
    value = calendars.plain(given)
    found = _ISO.search(value)
    if found:
        return _iso(found)
    if re.match(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:", value):
        try:
            return _sane(parsedate_to_datetime(value))
        except (ValueError, OverflowError):
            return None
    return worded(given)


def is_exact(value: str) -> bool:
    """Is it a machine's date: ISO 8601 and nothing else?"""
    return bool(_ISO.match(value.strip()))


def perhaps(text: str) -> bool:
    """May there be a date in a text? Quick, and sure when it says no."""
    return _PERHAPS.search(calendars.plain(text)) is not None


def worded(text: str, *, month_first: bool = True) -> datetime | None:
    """The first date in a short text, of whichever calendar. `month_first` settles 3/4/2025."""
    arabic = _ARABIC.search(text) is not None
    text = " ".join(calendars.plain(text[:1000]).split())[:300]
    for pattern in (_ISO, _EAST, _SOUTH_EAST):
        found = pattern.search(text)
        if found:
            return _made(int(found["year"]), int(found["month"]), int(found["day"]))
    named = ((found.start(), day) for pattern in _WORDED for found in pattern.finditer(text) if (day := _named(found)))
    first = min(named, default=None)
    persian = None if first or not arabic else _PERSIAN.search(text)
    if persian:
        return _moment(calendars.from_persian(int(persian[1]), int(persian[3]), int(persian[4])))
    return first[1] if first else _numeric(text, month_first=month_first)


def _named(found: re.Match[str]) -> datetime | None:
    """The day that a pattern with a month's name found. Of short years those in Thai are Buddhist."""
    name, year = found["name"], int(found["year"].lstrip("'’"))
    if year < 100:
        year += 2500 if _THAI.match(name) else 2000
    return _moment(calendars.day(year, name, int(found["day"])))


def in_url(url: str) -> datetime | None:
    """The day in an address such as /2024/03/05/."""
    path = url.split("?", maxsplit=1)[0]
    found = _IN_URL.search(path)
    if found:
        year, month, day = (int(part) for part in found.groups() if part)
        return _made(year, month, day)
    found = _NAMED_IN_URL.search(path)
    if found and (named := _moment(calendars.day(int(found[1]), found[2], int(found[3])))):
        return named
    found = _DAY_FIRST_IN_URL.search(path)
    return _made(int(found[3]), int(found[2]), int(found[1])) if found else None


def _numeric(text: str, *, month_first: bool) -> datetime | None:
    found = _YEAR_FIRST.search(text)
    if found:
        return _made(int(found[1]), int(found[3]), int(found[4]))
    found = _NUMBERS.search(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year += 2000 if year < 100 else 0
    day_first, month_leads = _made(year, second, first), _made(year, first, second)
    if found[2] == " | " or (len(found[4]) < 4 and found[2] == "."):  # a version's number is none
        return day_first
    return month_leads or day_first if month_first and found[2] != "." else day_first or month_leads


def _iso(found: re.Match[str]) -> datetime | None:
    zone: timezone = UTC
    if found["sign"]:
        offset = timedelta(hours=int(found["oh"]), minutes=int(found["om"] or 0))
        if offset >= timedelta(hours=24):
            return None
        zone = timezone(-offset if found["sign"] == "-" else offset)
    day = _made(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None or found["hour"] is None:
        return day
    try:
        return day.replace(
            hour=int(found["hour"]), minute=int(found["minute"]), second=min(59, int(found["second"] or 0)), tzinfo=zone
        )
    except ValueError:
        return day


def _made(year: int, month: int, day: int) -> datetime | None:
    return _moment(calendars.gregorian(year, month, day))


def _moment(day: date | None) -> datetime | None:
    return _sane(datetime(day.year, day.month, day.day, tzinfo=UTC)) if day else None


def _sane(when: datetime) -> datetime | None:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) if _OLDEST <= when.year <= 2100 else None
