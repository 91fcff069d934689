"""Days as calendars other than the machine's name them: months in many languages, digits of other scripts, other eras.

Who reads a date finds its parts; nothing is searched here. Month names are whole words: "Magazine 12, 2024" is no day
in May.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

_SCRIPTS: Final = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10)  # zeros: Arabic, Persian, Hindi, Bengali, Thai, wide
_DIGITS: Final = {zero + digit: str(digit) for zero in _SCRIPTS for digit in range(10)}
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_PERSIAN: Final = "persian-calendar"
_PARTED: Final = re.compile("(كانون|تشرين) (?=ال)")  # of two words
_BUDDHIST: Final = 2500  # years from here on are Thai ones, 543 ahead
_PERSIAN_YEARS: Final = range(1369, 1480)
_ERAS: Final = {"昭和": 1925, "平成": 1988, "令和": 2018, "民國": 1911, "民国": 1911}
_ERA: Final = re.compile(rf"({'|'.join(_ERAS)})\s?(元|\d{{1,3}})(?=\s?年)")


def plain(text: str) -> str:
    """A text with digits, years of eras and months of two words as they are looked for."""
    if text.isascii():
        return text
    text = _PARTED.sub(r"\1", text.translate(_DIGITS))
    return _ERA.sub(lambda found: str(_ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text)


def day(year: int, name: str, number: int) -> date | None:
    """The Gregorian day of a year, the month's name in any language and a number; None when there is no such day."""
    folded = _folded(name)
    persian = _months(persian=True).get(folded)
    if persian and year in _PERSIAN_YEARS:
        return from_persian(year, persian, number)
    month = _months(persian=False).get(folded) or _months(persian=False).get(folded.removeprefix("ב"))  # Hebrew: "in"
    return gregorian(year, month, number) if month else None


def gregorian(year: int, month: int, number: int) -> date | None:
    """The day of a Gregorian or a Buddhist year, or None."""
    try:
        return date(year - 543 if year >= _BUDDHIST else year, month, number)
    except ValueError:
        return None


def from_persian(year: int, month: int, number: int) -> date | None:
    """The Gregorian day of one in the Solar Hijri calendar: 31, 30 and at last 29 days, 8 leap years in 33."""
    if year not in _PERSIAN_YEARS or not 1 <= month <= 12 or not 1 <= number <= (31 if month <= 6 else 30):
        return None
    before = 31 * (month - 1) - max(0, month - 7)
    return date.fromordinal(226_895 + 365 * (year - 1) + (8 * year + 21) // 33 + before + number - 1)


def _folded(name: str) -> str:
    """Lower case, without accents of Latin, Greek and Cyrillic letters: capitals are often written without."""
    apart = unicodedata.normalize("NFD", name.casefold()).replace("ı", "i")
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).rstrip(".")


@cache
def _months(*, persian: bool) -> Mapping[str, int]:
    """By each spelling in months.txt, the number of its month."""
    text = resources.files("aggregator.calendars").joinpath("months.txt").read_text("utf-8")
    found: dict[str, int] = {}
    for line in text.splitlines():
        language, _, listed = line.partition(": ")
        if not line.startswith("#") and (language == _PERSIAN) is persian:
            for number, spellings in enumerate(listed.split("|"), start=1):
                for spelling in spellings.split():
                    found.setdefault(_folded(spelling), number)
    return found
