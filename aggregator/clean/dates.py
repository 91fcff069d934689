"""Dates as pages write them, machine-readable or in words of many languages, to datetimes with the page's offset."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

_OLDEST: Final = 1990
_ISO: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T ]{1,3}(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s?(?:(?P<zulu>Z|UTC|GMT)|(?P<sign>[+-])(?P<oh>\d\d):?(?P<om>\d\d)?)?)?(?!\d)",
)
_MONTHS: Final = {  # beginnings of month names, as short as they are distinct
    1: "jan gen ene janv sty led янв яну січ ocak tammi siječ ιαν يناير ינואר जनवरी มกรา ian jaan yanv saus",
    2: "feb fév fev lut úno únor фев лют şub sub helmi velj φεβ فبراير פברואר फरवरी फ़रवरी กุมภา veeb vasar",
    3: "mar mär mrz mär maa břez marz mart марта мар бер maalis ožuj μαρ مارس מרץ मार्च มีนา már kovo",
    4: "apr abr avr kwi dub апр кві nis huhti trav απρ أبريل ابريل إبريل אפריל अप्रैल เมษา ápr baland",
    5: "may mai maj mag mayı kvě май мая тра touko svib μαι مايو מאי मई พฤษภา máj maí geguž",
    6: "jun jui giu cze červen июн чер haz kesä lip ιουν يونيو יוני जून มิถุนา jún jūn juun юни iun birž",
    7: "jul lug juil červenec июл temm heinä srp ιουλ يوليو יולי जुलाई กรกฎา júl jūl juul юли iul liepos",
    8: "aug aoû ago sie srp авг сер ağu elo kolov αυγ أغسطس אוגוסט अगस्त สิงหา agu avg avq ágú ogos rugpj",
    9: "sep set wrz zář сен сеп вер eyl syys rujan σεπ سبتمبر ספטמבר सितंबर सितम्बर กันยา sze rugs",
    10: "oct okt ott paź říj окт жов eki loka listop οκτ out أكتوبر אוקטובר अक्टूबर ตุลา spal",
    11: "nov nóv lis listop ноя ное лис kas marras studen νοε نوفمبر נובמבר नवंबर नवम्बर พฤศจิกา noiem lapkr",
    12: "dec dez déc dic gru pros дек гру ara joulu δεκ ديسمبر דצמבר दिसंबर दिसम्बर ธันวา desem disem dets",
}
_LONG_MONTHS: Final = {  # names whose beginnings mean another month elsewhere
    **dict.fromkeys(("maart", "märz", "marca", "marzo", "março", "mars", "марта"), 3),
    **dict.fromkeys(("maja", "maggio", "mayo", "maio", "mei", "травня", "мая"), 5),
    **dict.fromkeys(("juni", "juin", "junio", "června", "lipnja", "червня"), 6),
    **dict.fromkeys(("juli", "juillet", "julio", "lipiec", "lipca", "července", "srpnja", "липня"), 7),
    **dict.fromkeys(("srpna", "srpen", "серпня"), 8),
    **dict.fromkeys(("listopada", "listopad", "листопада"), 11),
    "des": 12,
}
_NAME: Final = r"(?P<name>[^\W\d_][^\s\d_.,;:|/()\[\]-]{1,13})\.?"  # vowel signs of Thai and Hindi are no letters
_YEAR: Final = r"(?P<year>(?:19|20|25)\d\d)(?!\d)"
_BUDDHIST: Final = 2500  # years from here on are Thai ones, 543 ahead
_WORDED: Final = (
    re.compile(rf"(?<!\w){_NAME},? ?(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?(?:[,.] ?| ){{1,2}}{_YEAR}", re.IGNORECASE),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.|,)?(?: de| of)?[ \-./]{_NAME},?(?: de| del)?"
        rf"(?:[ \-/]|(?<=\.)){_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_YEAR}[.,]?(?: m\.)? ?[ \-]?{_NAME} (?P<day>\d{{1,2}})(?!\d)", re.IGNORECASE),
)
_EAST: Final = re.compile(r"(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]")
_SOUTH_EAST: Final = re.compile(
    r"(?P<day>\d{1,2}) tháng (?P<month>\d{1,2}),? (?:năm )?(?P<year>(?:19|20)\d\d)", re.IGNORECASE
)
_NUMBERS: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-]| \| )(\d{1,2})\2((?:19|20)\d\d|\d\d)(?![\d./-])")
_YEAR_FIRST: Final = re.compile(r"(?<![\d./-])((?:19|20)\d\d)([./-] ?)(\d{1,2})\2(\d{1,2})(?![\d/-])")
_IN_URL: Final = re.compile(
    r"/((?:19|20)\d\d)(?:[/\-](1[0-2]|0?[1-9])[/\-](3[01]|[12]\d|0?[1-9])|(\d\d)(\d\d))(?=[/\-_.]|$)"
)
_DAY_FIRST_IN_URL: Final = re.compile(r"/([0-3]\d)-([01]\d)-((?:19|20)\d\d)(?=[/\-_.]|$)")
_NAMED_IN_URL: Final = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/([0-3]?\d)(?=/|$)")


def stated(value: str) -> datetime | None:
    """A machine-readable date (ISO 8601, RFC 5322), or one in words; None when there is none."""
    value = value.strip()[:120]
    found = _ISO.search(value)
    if found:
        return _iso(found)
    if re.match(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:", value):
        try:
            return _sane(parsedate_to_datetime(value))
        except (ValueError, OverflowError):
            return None
    return worded(value)


def is_exact(value: str) -> bool:
    """Is it a machine's date: ISO 8601 and nothing else?"""
    return bool(_ISO.match(value.strip()))


def worded(text: str, *, month_first: bool = True) -> datetime | None:
    """The first date in a short text. `month_first` settles 3/4/2025."""
    text = " ".join(text.split())[:300]
    for pattern in (_ISO, _EAST, _SOUTH_EAST):
        found = pattern.search(text)
        if found:
            return _made(int(found["year"]), int(found["month"]), int(found["day"]))
    best: tuple[int, datetime] | None = None
    for pattern in _WORDED:
        for found in pattern.finditer(text):
            month = _month(found["name"])
            year = int(found["year"])
            when = _made(year - 543 if year >= _BUDDHIST else year, month, int(found["day"])) if month else None
            if when and (best is None or found.start() < best[0]):
                best = found.start(), when
    return best[1] if best else _numeric(text, month_first=month_first)


def in_url(url: str) -> datetime | None:
    """The day in an address such as /2024/03/05/."""
    path = url.split("?", maxsplit=1)[0]
    found = _IN_URL.search(path)
    if found:
        year, month, day = (int(part) for part in found.groups() if part)
        return _made(year, month, day)
    found = _NAMED_IN_URL.search(path)
    if found and _month(found[2]):
        return _made(int(found[1]), _month(found[2]), int(found[3]))
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


def _month(name: str) -> int:
    folded = name.casefold().removeprefix("ב")  # Hebrew: "in"
    if folded in _LONG_MONTHS:
        return _LONG_MONTHS[folded]
    for number, starts in _MONTHS.items():
        if any(folded.startswith(start) for start in starts.split()):
            return number
    return 0


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
    try:
        return _sane(datetime(year, month, day, tzinfo=UTC))
    except ValueError:
        return None


def _sane(when: datetime) -> datetime | None:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) if _OLDEST <= when.year <= 2100 else None
