"""Dates that are neither RFC 822's nor ISO 8601's usual ones: in words of many languages, in numbers, as seconds.

The day is looked for first, then a time in what is left; a time that makes no sense is none, and the day counts.
Relative words are refused, and so is 5/11/2026 unless it is known how the feed writes dates.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from aggregator import calendars
from aggregator.parse.clock import OFFSET, at, full_year, zone

_EPOCH: Final = re.compile(r"(?:/Date\()?(1\d{9})(\d{3})?(\d{3})?(?:\.\d*)?(?:[+-]\d{4})?(?:\)/)?\Z")
_NAME: Final = r"(?P<name>[\u0e01-\u0e4e]{1,4}\.[\u0e01-\u0e4e]|[^\W\d_][^\s\d_.,،;:|/()\[\]-]{1,13})\.?"
_YEAR_FIRST: Final = re.compile(
    r"(?<!\d)(?P<year>\d{4})(?:[-/.] ?|\s?[年년]\s?)(?P<month>\d{1,2})(?:[-/.] ?|\s?[月월]\s?)(?P<day>\d{1,2})(?!\d)"
)
_VIETNAMESE: Final = re.compile(
    r"(?<!\d)(?P<day>\d{1,2}) tháng (?P<month>\d{1,2})(?:,? (?:năm )?)(?P<year>\d{4})", re.IGNORECASE
)
_WEEK: Final = re.compile(r"(?<!\d)(\d{4})-?W(\d{2})-?([1-7])(?!\d)")
_OF_YEAR: Final = re.compile(r"(?<!\d)(\d{4})-(\d{3})(?![\d-])")
_NAMED: Final = (
    re.compile(
        rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?(?:[.,]?\s?-?/?(?:de |of |d['’])?){_NAME}"
        r"(?: ماه)?[,،]?\s?(?:de |del )?[-/]?\s?(?:[พค]\.ศ\. ?)?(?P<year>\d{4}(?!\d)|['’]?\d{2}(?![\d:]))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w){_NAME},?\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?(?:[,.]\s?|\s)(?:de |del )?"
        r"(?P<year>\d{4})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})[.,]?\s?(?:gada |жылғы )?-?{_NAME}[ -](?P<day>\d{{1,2}})(?![\d:])"),
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})\.? (?:gada|жылғы) (?P<day>\d{{1,2}})\.? {_NAME}"),
)
_NUMBERS: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d/-])")
_CLOCK: Final = re.compile(
    r"(?:(?P<before>上午|午前|오전|下午|午後|오후)\s?)?(?<![\d:.+-])(?P<hour>\d{1,2})"
    r"(?:(?::|[h時时点시]\s?)(?P<minute>\d{2})?|\.(?P<dotted>\d{2})(?![\d.]*\.\d{3})|(?=\s?[ap]\.?m))"
    r"(?:[:.分분]\s?(?P<second>\d{2}))?(?:[.,]\d+|[秒초分분])?(?:\s?(?P<after>[ap])\.?m\b\.?)?"
    rf"\s*(?:Uhr\s*)?(?P<zone>{OFFSET}|[a-z]{{1,5}}\b)?",
    re.IGNORECASE,
)
_AFTERNOON: Final = frozenset("下午 午後 오후 p P".split())  # noqa: SIM905 - as it is read
# Beginnings of month names in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, for
# abbreviations that no list has.
_BEGINNINGS: Final = (
    "jan gen ene sty янв", "feb fév fev lut фев", "mar mär mrz maa mrt maä март мар", "apr avr abr kwi апр",
    "may mai maj mei mag май мая", "jun juin giu cze июн", "jul juil lug lip июл", "aug aoû aou ago sie авг",
    "sep set wrz сен", "oct okt out ott paź paz окт", "nov lis ноя", "dec déc dez dic gru дек",
)  # fmt: skip
_MONTHS: Final = {start: month for month, names in enumerate(_BEGINNINGS, 1) for start in names.split()}
_AMBIGUOUS: Final = re.compile(r"\s*\d{1,2}([/-])\d{1,2}\1\d{4}")
_STATED: Final = re.compile(rb"""["'>\[]\s*(\d{1,2})([/-])(\d{1,2})\2(?:19|20)\d{2}(?!\d)""")
_MONTH_FIRST: Final = frozenset({"en-us", "en-ph", "es-us", "fil", "fil-ph"})
_EITHER: Final = frozenset({"", "en", "en-ca"})


def read(value: str, *, day_first: bool | None) -> datetime | None:
    """The moment that a line names, with its own offset; None when it names none. Raises ValueError, OverflowError."""
    value = unicodedata.normalize("NFKC", calendars.plain(value)).replace("\u2212", "-")
    epoch = _EPOCH.match(value)
    if epoch:
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    found = next(_days(value, day_first), None)
    if not found:
        return _by_dateutil(value)
    day, (start, end) = found
    return _timed(datetime(day.year, day.month, day.day, tzinfo=UTC), f"{value[:start]} | {value[end:]}")


def is_ambiguous(value: str) -> bool:
    """Does this begin with a day and a month that may be a month and a day?"""
    return _AMBIGUOUS.match(value) is not None


def day_first(document: bytes, language: str) -> bool | None:
    """Does a feed write the day before the month? By the dates in it that leave no doubt, else by its language."""
    found = {(int(one) > 12, int(other) > 12) for one, _, other in _STATED.findall(document)}
    certain = found & {(True, False), (False, True)}
    if certain:
        return certain == {(True, False)} if len(certain) == 1 else None
    tag = language.lower()
    return None if tag in _EITHER else tag not in _MONTH_FIRST


def _days(value: str, day_first: bool | None) -> Iterator[tuple[date, tuple[int, int]]]:
    """Each day that is found in a line, and where it stands."""
    for pattern in (_YEAR_FIRST, _VIETNAMESE):
        for found in pattern.finditer(value):
            day = calendars.gregorian(int(found["year"]), int(found["month"]), int(found["day"]))
            yield from _placed(day, found)
    for found in _WEEK.finditer(value):
        yield from _placed(date.fromisocalendar(int(found[1]), int(found[2]), int(found[3])), found)
    for found in _OF_YEAR.finditer(value):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        yield from _placed(day if day.year == int(found[1]) else None, found)
    for pattern in _NAMED:
        for found in pattern.finditer(value):
            yield from _placed(_named(found), found)
    for found in _NUMBERS.finditer(value):
        yield from _placed(_numeric(found, day_first), found)


def _placed(day: date | None, found: re.Match[str]) -> Iterator[tuple[date, tuple[int, int]]]:
    if day:
        yield day, found.span()


def _named(found: re.Match[str]) -> date | None:
    name, number = found["name"], int(found["day"])
    digits = found["year"].lstrip("'’")
    year = 2500 + int(digits) if len(digits) == 2 and "\u0e00" < name < "\u0e80" else full_year(digits)
    beginning = name.lower()
    month = _MONTHS.get(beginning[:4]) or _MONTHS.get(beginning[:3])
    return calendars.day(year, name, number) or (calendars.gregorian(year, month, number) if month else None)


def _numeric(found: re.Match[str], day_first: bool | None) -> date | None:
    """Nobody writes the month first before a full stop."""
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    of_day, of_month = calendars.gregorian(year, second, first), calendars.gregorian(year, first, second)
    if found[2] == "." or not of_month or of_day == of_month:
        return of_day
    return of_month if not of_day or day_first is False else of_day if day_first else None


def _timed(day: datetime, rest: str) -> datetime:
    """The day at the first time in `rest`."""
    found = _CLOCK.search(rest)
    if not found:
        return day
    half = found["before"] or found["after"] or ""
    minute = found["minute"] or found["dotted"] or 0
    try:
        clock = (int(found["hour"]), int(minute), int(found["second"] or 0))
        return at(day.replace(tzinfo=zone(found["zone"] or "")), clock, _half(half))
    except ValueError:
        return day


def _half(named: str) -> str:
    return "" if not named else "pm" if named in _AFTERNOON else "am"


def _by_dateutil(value: str) -> datetime | None:
    """dateutil's reading, when it takes year, month and day from the text itself: two defaults must agree."""
    words = re.findall(r"[^\W\d_]{3,}", value.lower())
    if not any(word[:3] in _MONTHS for word in words):
        return None  # a weekday would otherwise be taken for the day
    from dateutil import parser  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs; few feeds ever need it

    def named(name: str | None, offset: int | None) -> timezone:
        return timezone(timedelta(seconds=offset)) if offset is not None else zone(name or "")

    parse: Callable[..., datetime] = parser.parse
    defaults = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 2, 2, tzinfo=UTC))
    readings = [parse(value, default=default, tzinfos=named) for default in defaults]
    return readings[0] if readings[0] == readings[1] else None
