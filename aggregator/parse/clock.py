"""Times of day, their zones and short years, as dates of every kind write them. Finds none in a text."""

import re
from datetime import datetime, timedelta, timezone
from typing import Final

OFFSET: Final = r"(?:GMT|UTC?)?\s?[+-]\s?\d{1,2}(?::?\d{2})?"
_OFFSET: Final = re.compile(r"(?:GMT|UTC?)?\s?([+-])\s?(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)


# Hours east of Greenwich. IST is India's here, BST Britain's; ET and its like, which are two, are taken as in winter.
_ZONES: Final = {
    "ut": 0.0, "gmt": 0.0, "utc": 0.0, "z": 0.0, "wet": 0.0, "west": 1.0, "bst": 1.0, "cet": 1.0, "mez": 1.0,
    "wat": 1.0, "cest": 2.0, "mesz": 2.0, "eet": 2.0, "sast": 2.0, "cat": 2.0, "eest": 3.0, "msk": 3.0, "trt": 3.0,
    "eat": 3.0, "idt": 3.0, "gst": 4.0, "pkt": 5.0, "ist": 5.5, "wib": 7.0, "hkt": 8.0, "sgt": 8.0, "awst": 8.0,
    "pht": 8.0, "wita": 8.0, "jst": 9.0, "kst": 9.0, "wit": 9.0, "acst": 9.5, "aest": 10.0, "acdt": 10.5,
    "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0, "ndt": -2.5, "brt": -3.0, "art": -3.0, "adt": -3.0, "nst": -3.5,
    "ast": -4.0, "edt": -4.0, "clt": -4.0, "est": -5.0, "et": -5.0, "cdt": -5.0, "cot": -5.0, "pet": -5.0,
    "cst": -6.0, "ct": -6.0, "mdt": -6.0, "mst": -7.0, "mt": -7.0, "pdt": -7.0, "pst": -8.0, "pt": -8.0,
    "akdt": -8.0, "akst": -9.0, "hst": -10.0,
}  # fmt: skip


def full_year(digits: str) -> int:
    """The year that two or four digits name."""
    return int(digits) + (0 if len(digits) > 2 else 2000 if int(digits) < 70 else 1900)


def zone(name: str) -> timezone:
    """The offset that a zone's name or +hhmm names; UTC for what nobody knows."""
    offset = _OFFSET.match(name)
    if offset:
        seconds = int(offset[2]) * 3600 + int(offset[3] or 0) * 60
        return timezone(timedelta(seconds=-seconds if offset[1] == "-" else seconds))
    return timezone(timedelta(hours=_ZONES.get(name.lower(), 0.0)))


def at(day: datetime, clock: tuple[int, int, int], half: str) -> datetime:
    """A time of a day; `half` is am, pm or "". A leap second counts as the one before, 24:00 as the next day's 0:00.

    Raises ValueError when there is no such time.
    """
    hour, minute, second = clock
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if clock == (24, 0, 0):
        return day + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=min(second, 59) if second == 60 else second)
