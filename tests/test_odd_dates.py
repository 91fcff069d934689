"""Dates as feeds write them: of many languages, in numbers, wrong ones; and how a feed's other dates decide one."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse import parse
from aggregator.parse.dates import parse_date

DATES = {
    "2016-12-31 23:59:59": [
        "2016-12-31T23:59:60Z",
    ],
    "2021-09-06 15:00": [
        "6 Sep 21 10:00 EST",
    ],
    "2021-09-06 19:30": [
        "Mon, 6 Sep 2021 12:30 PM PDT",
    ],
    "2026-01-20": [
        "20 ene 2026",
    ],
    "2026-03-20": [
        "20. März 2026",
    ],
    "2026-08-20 10:00": [
        "20 août 2026 10:00",
    ],
    "2026-09-20": [
        "Sept 20, 2026", "20 Septembr. 2026",
    ],
    "2026-09-20 10:00": [
        "20 Sept 2026 10:00:00 GMT",
    ],
    "2026-10-20 08:00": [
        "fre, 20 okt 2026 10:00:00 +0200",
    ],
    "2026-11-05 10:00": [
        "05.11.2026 10:00",
    ],
    "2026-11-19 10:00": [
        "Thurs, 19 Nov 2026 10:00:00 GMT",
    ],
    "2026-11-20": [
        "20/11/2026", "11/20/2026", "20.11.2026", "20-11-2026", "2026/11/20", "2026.11.20", "2026年11月20日",
        "令和8年11月20日", "2026. 11. 20", "viernes, 20 de noviembre de 2026", "20 нояб. 2026", "20. listopadu 2026",
        "20 listopada 2026", "20 Νοεμβρίου 2026", "20 novembre 2026", "20. marraskuuta 2026", "2026. november 20.",
        "20 tháng 11 2026", "20 พ.ย. 2569", "20 نوفمبر 2026", "20 בנובמבר 2026", "20 नवंबर 2026",
        "November 20, 2026", "Fri, 20 Nov 2026", "Fri, 20 Nov 2026 25:00:00 GMT", "Fri, 20 Nov 2026 10:60:00 GMT",
        "Fri, 20 Nov 2026 10:00:61 GMT", "2026-11-20", "20261120", "2026-W47-5", "2026W475", "2026-324",
        "Posted on November 20, 2026", "20NOV2026", "٢٠ نوفمبر ٢٠٢٦", "20/Nov/2026", "20 Nov, 2026",
        "20th November 2026",
    ],
    "2026-11-20 00:30": [
        "Fri, 20 Nov 2026 00:30 AM", "Fri, 20 Nov 2026 12:30 a.m.",
    ],
    "2026-11-20 01:00": [
        "2026/11/20 10:00:00 +0900", "Fri, 20 Nov 2026 10:00:00 JST",
    ],
    "2026-11-20 04:30": [
        "Fri, 20 Nov 2026 10:00:00 + 0530",
    ],
    "2026-11-20 07:00": [
        "Пт, 20 ноя 2026 10:00:00 +0300", "Cum, 20 Kas 2026 10:00:00 +0300",
    ],
    "2026-11-20 08:00": [
        "Παρ, 20 Νοε 2026 10:00:00 +0200", "Fri, 20 Nov 2026 10:00:00 GMT+0200", "Fri, 20 Nov 2026 10:00:00 GMT+2",
        "Fri, 20 Nov 2026 10:00:00 UTC+02:00", "Fri, 20 Nov 2026 10:00:00 +02:00", "Fri, 20 Nov 2026 10:00:00 +2",
        "Fri, 20 Nov 2026 10:00:00+0200", "2026-11-20T10:00:00+02:00", "2026-11-20T10:00:00+0200",
        "2026-11-20T10:00:00+02", "2026-11-20T10:00:00 +02:00", "2026-11-20T10:00:00+02:00[Europe/Berlin]",
    ],
    "2026-11-20 09:00": [
        "20/11/2026 10:00:00 +0100", "Fr, 20 Nov 2026 10:00:00 +0100", "ven., 20 nov. 2026 10:00:00 +0100",
        "ven, 20 nov 2026 10:00:00 +0100", "Pá, 20 lis 2026 10:00:00 +0100", "pt, 20 lis 2026 10:00:00 +0100",
        "Fri Nov 20 2026 10:00:00 GMT+0100 (Central European Standard Time)", "Fri, 20 Nov 2026 10:00:00 CET",
        "Fri, 20 Nov 2026 10:00:00 +0100 (CET)",
    ],
    "2026-11-20 09:05": [
        "Fri, 20 Nov 2026 9:05:00 GMT",
    ],
    "2026-11-20 10:00": [
        "1795168800", "1795168800000", "1795168800.123", "1795168800123456", "20/11/2026 10:00",
        "11/20/2026 10:00:00 AM", "20.11.2026 10:00", "20-11-2026 10:00:00", "2026/11/20 10:00:00",
        "2026.11.20 10:00", "2026年11月20日 10:00", "2026年11月20日(金) 10:00", "2026년 11월 20일 10:00",
        "2026. 11. 20. 10:00", "Fr., 20. Nov. 2026 10:00", "Freitag, 20. November 2026, 10:00 Uhr",
        "vendredi 20 novembre 2026 à 10h00", "Vie, 20 Nov 2026 10:00:00 GMT", "20 ноября 2026, 10:00",
        "пятница, 20 ноября 2026 г. 10:00", "2026. november 20. 10:00", "November 20, 2026 10:00 am",
        "Nov 20, 2026 10:00:00 AM", "Friday, November 20th, 2026 at 10:00 AM", "Fri Nov 20 10:00:00 2026",
        "Fri Nov 20 10:00:00 UTC 2026", "Fri Nov 20 10:00:00 +0000 2026", "Fri, 20 Nov 2026 10:00:00 UT",
        "Fri, 20 Nov 2026 10:00:00 Z", "Fri, 20 Nov 2026 10:00:00 -0000", "Fri, 20 Nov 2026 10:00:00 0000",
        "Fri, 20 Nov 2026 10:00:00", "Fri, 20 Nov 2026 10:00", "Fri, 20 Nov 26 10:00:00 GMT",
        "Fri, 20-Nov-26 10:00:00 GMT", "Fri, 20-Nov-2026 10:00:00 GMT", "20-Nov-2026 10:00",
        "Fri,20 Nov 2026 10:00:00 GMT", "Fri 20 Nov 2026 10:00:00 GMT", "Fri, Nov 20 2026 10:00:00 GMT",
        "Fri, Nov 20, 2026 10:00:00 GMT", "Fri, 20 November 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:00.000 GMT",
        "Fri, 20 Nov 2026 10:00:00 AM", "Fri, 20 Nov 2026 T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:00Z",
        "2026-11-20T10:00:00", "2026-11-20 10:00:00", "2026-11-20 10:00:00.123456", "2026-11-20T10:00:00.1234567Z",
        "2026-11-20 10:00:00 UTC", "2026-11-20 10:00:00 +0000 UTC", "20261120T100000Z", "20261120100000",
        "202611201000", "2026-11-20T10:00:00GMT", "2026-11-20T10:00:00z", "2026-11-20t10:00:00z",
        "2026-11-20 10:00 AM", "2026-11-20 - 10:00", "2026-11-20, 10:00", "2026-324T10:00:00Z",
        "&nbsp;Fri, 20 Nov 2026 10:00:00 GMT", "Published: Fri, 20 Nov 2026 10:00:00 GMT", "/Date(1795168800000)/",
        "Fri, 20 Nov 2026 10:00:00 GMT (comment)", "20 NOV 2026 10:00", "2026-11-20 10時",
        "Friday, 20 November 2026 - 10:00", "20 Nov 2026 | 10:00", "20th of November, 2026 10:00",
        "Sat, 20 Nov 2026 10:00:00 GMT",
    ],
    "2026-11-20 10:05": [
        "2026年11月20日 10時05分", "Fri, 20 Nov 2026 10.05.00 GMT",
    ],
    "2026-11-20 10:05:30": [
        "2026年11月20日 10时05分30秒",
    ],
    "2026-11-20 14:00": [
        "Fri, 20 Nov 2026 10:00:00 EDT",
    ],
    "2026-11-20 15:00": [
        "Nov. 20, 2026, 10:00 a.m. ET", "Fri, 20 Nov 2026 10:00:00 ET", "Fri, 20 Nov 2026 10:00:00 - 0500",
        "2026-11-20T10:00:00 EST", "2026-11-20T10:00:00-05:00Z", "2026-11-20T10:00:00−05:00",
    ],
    "2026-11-20 15:05": [
        "2026年11月20日 下午3:05", "2026-11-20 下午 03:05:00", "2026년 11월 20일 오후 3:05",
    ],
    "2026-11-20 18:00": [
        "Fri, 20 Nov 2026 10:00:00 PT",
    ],
    "2026-11-20 22:00": [
        "Fri, 20 Nov 2026 10:00:00 PM GMT",
    ],
    "2026-11-20 22:05": [
        "Fri, 20 Nov 2026 22h05", "20 nov. 2026, 22h05",
    ],
    "2026-11-21": [
        "2026-11-20 24:00:00", "2026-11-20T24:00:00Z", "Fri, 20 Nov 2026 24:00:00 GMT",
    ],
    "2026-11-21 03:00": [
        "11/20/2026 10:00 PM EST",
    ],
    "2026-12-01": [
        "1er décembre 2026",
    ],
    "2026-12-20": [
        "20 décembre 2026", "Cuma, 20 Aralık 2026", "20. prosince 2026", "20 грудня 2026", "20 dicembre 2026",
        "20 de dezembro de 2026",
    ],
    "2026-12-20 09:00": [
        "Mi, 20 Dez 2026 10:00:00 +0100",
    ],
    "2026-12-20 10:00": [
        "20 de diciembre de 2026 10:00",
    ],
    "2038-01-19": [
        "2038-01-19",
    ],
    "2099-01-01": [
        "2099-01-01T00:00:00Z",
    ],
}  # fmt: skip
NO_DATES = [
        "05/11/2026", "5.11.26", "Fri, 31 Nov 2026 10:00:00 GMT", "Wed, 00 Nov 2026 10:00:00 GMT", "2026-11", "2026",
        "2026-W47", "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 +0000", "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 +0000", "Wed, 30 Nov -0001 00:00:00 +0000", "0000-00-00 00:00:00", "today",
        "yesterday", "3 hours ago", "now", "vor 2 Stunden", "N/A", "Invalid Date", "null", "10:00", "Friday",
        "Nov 20", "2026-20-11", "Sep 2021", "Monday 10 2021", "2 hours ago", "31 Feb 2025 00:00:00 GMT",
        "1994-12-31", "2101-01-01", "Fri, 31 Dec 9999 23:59:59 -2359", "06/09/2021", "2026112010", "9999999999",
        "Version 20.11.26.1",
    "0" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), [(value, at) for at, values in DATES.items() for value in values])
def test_the_moment_that_a_date_names(value, expected):
    found = parse_date(value)
    assert found is not None
    day, _, time = expected.partition(" ")
    assert found.strftime("%Y-%m-%d %H:%M:%S") == f"{day} {time or '00:00'}:00"[:19]


@pytest.mark.parametrize("value", NO_DATES, ids=lambda value: value[:40])
def test_what_names_no_moment_for_certain(value):
    assert parse_date(value) is None


@pytest.mark.parametrize(
    "place",
    [
        "Europe/Lisbon", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Moscow", "Africa/Lagos",
        "Africa/Johannesburg", "Africa/Maputo", "Africa/Nairobi", "Asia/Karachi", "Asia/Kolkata", "Asia/Jakarta",
        "Asia/Makassar", "Asia/Jayapura", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul", "Australia/Perth",
        "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland", "America/St_Johns", "America/Halifax",
        "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
        "Pacific/Honolulu",
    ],
)  # fmt: skip
def test_names_of_zones_mean_what_they_mean_where_they_are_used(place):
    for month in (1, 7):
        local = datetime(2026, month, 20, 10, 30, tzinfo=ZoneInfo(place))
        assert parse_date(f"{local:%d %b %Y %H:%M:%S %Z}") == local


@given(st.text() | st.text("0123456789-+:TZ /.,JanFebmo年月日時WhPM", max_size=40))
def test_no_text_makes_a_date_raise(value):
    for day_first in (None, True, False):
        found = parse_date(value, day_first=day_first)
        assert found is None or (found.tzinfo is UTC and 1995 <= found.year <= 2100)


def dates_of(*stated, head=""):
    items = "".join(
        f"<item><guid>{number}</guid><title>t</title><pubDate>{date}</pubDate></item>"
        for number, date in enumerate(stated)
    )
    body = f"<rss version='2.0'><channel><title>T</title>{head}{items}</channel></rss>".encode()
    return [entry.published and entry.published.date().isoformat() for entry in parse(body, url="").entries[::-1]], body


@pytest.mark.parametrize(
    ("stated", "head", "first"),
    [
        (["05/11/2026", "20/10/2026"], "", "2026-11-05"),
        (["05/11/2026", "13/10/2026"], "", "2026-11-05"),
        (["05/11/2026 10:00", "10/20/2026 10:00"], "", "2026-05-11"),
        (["05/11/2026", "12/12/2026", "12/10/2026", "10/12/2026"], "", None),
        (["05/11/2026", "20/10/2026", "10/20/2026"], "<language>de</language>", None),
        (["05/11/2026"], "<lastBuildDate>20/11/2026</lastBuildDate>", "2026-11-05"),
        (["05/11/2026"], "<language>fr</language>", "2026-11-05"),
        (["05-11-2026"], "<language>en-gb</language>", "2026-11-05"),
        (["05/11/2026"], "<language>en-us</language>", "2026-05-11"),
        (["05/11/2026"], "<language>en</language>", None),
        (["05/11/2026"], "", None),
        (["11/11/2026"], "", "2026-11-11"),
    ],
)
def test_which_of_two_numbers_is_the_day(stated, head, first):
    found, _ = dates_of(*stated, head=head)
    assert found[0] == first
    assert len(found) == len(stated)


def test_a_known_item_still_tells_which_number_is_the_day():
    _, before = dates_of("20/10/2026")
    (_, second), after = dates_of("20/10/2026", "05/11/2026")
    (entry,) = parse(after, url="", known=parse(before, url="").items).entries
    assert entry.published.date().isoformat() == second == "2026-11-05"


def test_dates_of_json_feeds():
    listed = '{"id":"1","content_text":"a","date_published":1795168800},{"id":"2","content_text":"b","date_published":"05/11/2026"}'
    body = f'{{"version":"https://jsonfeed.org/version/1.1","language":"es","items":[{listed}]}}'.encode()
    second, first = parse(body, url="").entries
    assert first.published.isoformat() == "2026-11-20T10:00:00+00:00"
    assert second.published.date().isoformat() == "2026-11-05"


def test_a_date_that_nobody_understands_loses_no_story():
    found, _ = dates_of("gestern Abend", "2026-11-20", "", "99/99/2026", "%d.%m.%Y")
    assert found == [None, "2026-11-20", None, None, None]
