"""Days in the words, digits and calendars of many languages, and what only looks like one."""

from datetime import date
from importlib import resources

import pytest

from aggregator import calendars
from aggregator.clean import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # digits and calendars
        ("٣ مايو ٢٠٢٤", "2024-05-03"), ("3 أيار/مايو 2024", "2024-05-03"), ("3 مايو، 2024", "2024-05-03"),
        ("15 كانون الثاني 2024", "2024-01-15"), ("3 جويلية 2024", "2024-07-03"), ("३ मई २०२४", "2024-05-03"),
        ("मई 3, 2024", "2024-05-03"), ("৩ মে ২০২৪", "2024-05-03"), ("２０２４年５月３日", "2024-05-03"),
        ("๓ พฤษภาคม ๒๕๖๗", "2024-05-03"), ("3 พ.ค. 2567", "2024-05-03"), ("3 พ.ค. 67", "2024-05-03"),
        ("3 มี.ค. 67", "2024-03-03"), ("3 พฤษภาคม พ.ศ. 2567", "2024-05-03"), ("13/05/2567", "2024-05-13"),
        ("۱۲ مرداد ۱۴۰۳", "2024-08-02"), ("۱۲ مرداد ماه ۱۴۰۳", "2024-08-02"), ("۱۴۰۳/۰۵/۱۲", "2024-08-02"),
        ("۳ مه ۲۰۲۴", "2024-05-03"), ("۲۰۲۴-۰۵-۰۳", "2024-05-03"), ("30 اسفند 1399", "2021-03-20"),
        ("令和6年5月3日", "2024-05-03"), ("令和元年5月3日", "2019-05-03"), ("平成31年4月30日", "2019-04-30"),
        ("民國113年5月3日", "2024-05-03"), ("2024年5月3日(金) 10:00", "2024-05-03"), ("2024년 5월 3일", "2024-05-03"),
        # months whose beginnings are others'
        ("13 lipca 2024", "2024-07-13"), ("4. října 2024", "2024-10-04"), ("8. srpna 2024", "2024-08-08"),
        ("8. července 2024", "2024-07-08"), ("8. června 2024", "2024-06-08"), ("8 липня 2024", "2024-07-08"),
        ("3. maijā 2024", "2024-05-03"), ("2024. gada 3. maijs", "2024-05-03"), ("2024 жылғы 3 мамыр", "2024-05-03"),
        ("3 d'abril de 2024", "2024-04-03"), ("mayo 3 de 2024", "2024-05-03"), ("3. rujna 2024.", "2024-09-03"),
        # capitals, abbreviations, short years
        ("3 ΜΑΙΟΥ 2024", "2024-05-03"), ("3 MÄRZ 2024", "2024-03-03"), ("3 KASIM 2024", "2024-11-03"),
        ("3 FEVRIER 2024", "2024-02-03"), ("Sept. 3, 2024", "2024-09-03"), ("3 May '24", "2024-05-03"),
        ("03-May-24", "2024-05-03"), ("03.05.24", "2024-05-03"), ("3 Ağustos 2024", "2024-08-03"),
    ],
)  # fmt: skip
def test_days_of_many_calendars(text, expected):
    when = dates.worded(text)
    assert when is not None
    assert when.date().isoformat() == expected
    assert dates.perhaps(text)
    assert dates.stated(text) == when


@pytest.mark.parametrize(
    "text",
    [
        "Magazine 12, 2024", "Marcus 3, 2021", "Decor 5 2020", "Maybe 3, 2024", "3 Marketing 2024", "Junior 3, 2024",
        "Augsburg 5 2024", "12 Settings 2024", "Octopus 3 2024", "Janet 5, 2019", "Martin 4, 2024", "31 June 2024",
        "30 February 2567", "40 مرداد 1403", "May 3, 24 people came", "1403/05/12", "3 May 1403", "3 May 1989",
        "令和6年13月3日", "31 مهر 1403",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_day(text):
    assert dates.worded(text) is None


def test_each_spelling_is_one_month():
    listed = resources.files("aggregator.calendars").joinpath("months.txt").read_text("utf-8").splitlines()
    of: dict[str, set[int]] = {}
    for line in listed:
        language, _, names = line.partition(": ")
        if not line.startswith("#") and language != "persian-calendar":
            assert len(names.split("|")) == 12, language
            for number, spellings in enumerate(names.split("|"), start=1):
                for name in spellings.split():
                    of.setdefault(calendars._folded(name), set()).add(number)
    assert [name for name, months in of.items() if len(months) > 1] == []


@pytest.mark.parametrize(
    ("year", "first"),
    [(1375, "1996-03-20"), (1390, "2011-03-21"), (1399, "2020-03-20"), (1400, "2021-03-21"), (1403, "2024-03-20"),
     (1404, "2025-03-21"), (1408, "2029-03-20"), (1409, "2030-03-21")],
)  # fmt: skip
def test_new_year_in_persia(year, first):
    assert calendars.from_persian(year, 1, 1) == date.fromisoformat(first)
    assert calendars.from_persian(year, 13, 1) is None
    assert calendars.from_persian(year, 7, 31) is None
    assert calendars.from_persian(99_999_999, 1, 1) is None
