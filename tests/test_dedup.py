"""Duplicates: what is a copy of what, what is not, and fingerprints that stay the same for ever."""

import hashlib
import itertools
import random
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import text_in_any_script

from aggregator import dedup
from aggregator.dedup import BANDS, Known, bands, better, fingerprint, judge, read, similarity, text_hash

REPORT = """\
The council of Brno voted on Tuesday to close the old stone bridge to cars from next spring, after engineers
working for Petra Nováková found cracks in two of its seven arches. Trams will keep crossing at walking pace
until a temporary steel bridge, expected to cost 41.5 million crowns, stands beside it.

Mayor Tomáš Dvořák told Radio Wave that nobody had been in danger. "We have measured the bridge each week
since 2019, and it moves by less than 3 millimetres," he said. Shopkeepers on the Svratka embankment fear for
their trade; their speaker Jana Malá asked the town for 18 months of lower rents. The opposition, led by Karel
Vlk, wants an inquiry into why a report of 2014 was never shown to the council.

The bridge was built in 1786, damaged by the flood of 1890 and repaired under the engineer Josef Mánes. It
carries 12,400 cars on a working day, a third of them on the way to the motorway at Rosice. Work is to begin
on 4 March and to last until the end of 2028 at least.
"""
SAME_EVENT = """\
Drivers in Brno will have to find another way across the Svratka: from 4 March no car may use the stone bridge
any more. Cracks were found in its arches, and the town hall, led by Tomáš Dvořák, is taking no risks. For
Jana Malá, who sells bread a few steps away, this is the worst news in years. "Half of my customers park on
the other bank," she says. She has already written to the town and hopes for a lower rent. The trams stay,
slowly, and a bridge of steel for 41.5 million crowns will be put up next to the old one, which dates from
1786 and has seen worse: the flood of 1890 nearly took it. Karel Vlk of the opposition says that the danger
was known since 2014 and kept quiet. Until 2028, patience is needed.
"""
WEATHER = (
    "Good morning, {city}. The day starts with temperatures around {0} degrees, rising to {1} degrees by the "
    "afternoon. The wind blows from the west at {2} kilometres an hour, with gusts of up to {3}. The chance of"
    " rain is {4} percent. Drivers are asked to take care on bridges and in hollows, where the road may be "
    "slippery. The outlook for the rest of the week stays the same, with sunny spells and scattered showers. "
    "The next report follows tomorrow at six, here and on our app."
)
RESULT = (
    "On Sunday {a} beat {b} {0}-{1} in front of {2},{3} spectators. The first goal fell after {4} minutes, "
    "when {c} headed in a corner, and just before the break {d} made it two. After half-time the home side "
    "came out stronger and had several chances to make it safe, but {e} in goal kept the visitors in the game."
    " In the closing minutes they pressed for more without success. The result moves {a} up to place {5} of "
    "the table. Both teams play again next week, and tickets are still on sale at the usual offices."
)
NOTICE = (
    "The annual meeting of {a} takes place on 12 May in the Congress Hall. Shareholders who want to take part "
    "must register by 5 May with the company or with their bank. The agenda holds the accounts of the past "
    "year, the discharge of the board, the use of profits, the choice of auditors and the election of {b} and "
    "of {c} to the board. The papers lie open at the seat of {a} and are sent free of charge to anyone who "
    "asks. Each share carries one vote; {d} will chair the meeting, as in the years before, and answer "
    "questions that were sent in writing."
)
CHINESE = (
    "市政府周二决定，从明年春天起，古老的石桥将禁止汽车通行，因为工程师在桥拱上发现了裂缝。电车将继续以步"
    "行速度通过，直到旁边的临时钢桥建成。市长表示，没有人处于危险之中，桥梁每周都会进行测量。河岸的店主担"
    "心自己的生意，希望市里降低租金。反对派要求调查，为什么多年前的报告从未提交给议会。这座桥历史悠久，曾"
    "在洪水中受损，后来得到修复。工程预计要持续好几年，居民需要耐心等待。"
)
SHORT_TEXT = (
    "The library stays closed next week while the heating is repaired, and books may be kept for a week longer."
)


EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def known(key, body="", **fields):
    return Known(key=key, fingerprint=fingerprint(body), **fields)


def random_text(seed, length, *, names=True):
    """`length` words that no other seed gives in this order, with numbers and names in between."""
    chance = random.Random(seed)
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["".join(chance.choices(alphabet, k=chance.randint(2, 9))) for _ in range(length)]
    if names:
        for at in range(3, length, 11):
            vocabulary[at] = chance.choice([vocabulary[at].title(), str(chance.randint(10, 99999))])
    return " ".join(vocabulary)


def edited(text, share, seed):
    chance = random.Random(seed)
    found = text.split(" ")
    for at in chance.sample(range(len(found)), int(len(found) * share)):
        found[at] = "changed" + found[at][:3].lower()
    return " ".join(found)


def in_band(a, b):
    return not set(bands(fingerprint(a))).isdisjoint(bands(fingerprint(b)))


# What must be found


COPIES = {
    "as it is": REPORT,
    "case, spaces and punctuation": REPORT.upper().replace("\n\n", "   ").replace(", ", " – "),
    "accents lost": unicodedata.normalize("NFD", REPORT).encode("ascii", "ignore").decode(),
    "chrome before and behind": f"Skip to content. Home News Sport\n\n{REPORT}\nRead more: Ten bridges worth a trip",
    "an agency's name put in front": f"BRNO (Agency) – {REPORT}(Editing by Eva Horká)",
    "cut at the end": REPORT[: int(len(REPORT) * 0.8)],
    "cut, with a note": REPORT[: int(len(REPORT) * 0.82)] + "... Continued on our partner's site.",
    "words edited": REPORT.replace("voted", "decided").replace("expected", "thought").replace("danger", "peril"),
    "wrapped in other places": REPORT.replace("\n\n", "¶").replace("\n", " ").replace("¶", "\n\n"),
    "a paragraph moved": "\n\n".join(sorted(REPORT.split("\n\n"))),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_a_copy_is_found(copy):
    original = known(1, REPORT, title="Brno closes its old bridge to cars")
    found = known(2, copy, title="Cracks in the arches: stone bridge shuts in spring")
    assert judge(found, [original]) == original
    assert judge(original, [found]) == found
    assert text_hash(found.fingerprint) == text_hash(original.fingerprint) or in_band(copy, REPORT)


def test_a_copy_is_found_in_a_script_without_spaces_and_capitals():
    edit = CHINESE.replace("周二", "星期二").replace("汽车", "车辆").replace("表示", "说")
    cut = CHINESE[: int(len(CHINESE) * 0.85)]
    for copy in (edit, cut):
        assert judge(known(2, copy), [known(1, CHINESE)]) is not None
        assert in_band(copy, CHINESE)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(300, 1500))
def test_a_long_text_is_known_again_after_edits_under_five_percent(seed, length):
    text = random_text(seed, length)
    copy = edited(text, 0.049, seed + 1)
    assert judge(known(2, copy), [known(1, text)]) is not None
    assert in_band(copy, text)


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(150, 600))
def test_a_text_without_numbers_and_names_is_known_again_too(seed, length):
    text = random_text(seed, length, names=False)
    copy = edited(text, 0.02, seed + 1)
    assert judge(known(2, copy), [known(1, text)]) is not None


# What must not be merged


def weather(city, *numbers):
    return WEATHER.format(*numbers, city=city)


FORMS = {
    "weather, another day": (weather("Leeds", 4, 9, 22, 41, 30), weather("Leeds", 7, 12, 15, 33, 60)),
    "weather, another town": (weather("Leeds", 4, 9, 22, 41, 30), weather("Cork", 8, 11, 31, 55, 70)),
    "result": (
        RESULT.format(2, 1, 14, 220, 17, 4, a="Turku", b="Tartu", c="Berg", d="Lind", e="Aho"),
        RESULT.format(3, 0, 9, 871, 36, 9, a="Gent", b="Namur", c="Peeters", d="Maes", e="Claes"),
    ),
    "notice": (
        NOTICE.format(a="Axon", b="Eva Berg", c="Jan Maes", d="Ole Lund"),
        NOTICE.format(a="Helix", b="Ana Costa", c="Ivo Novak", d="Max Weber"),
    ),
}


@pytest.mark.parametrize(("one", "other"), FORMS.values(), ids=FORMS)
def test_texts_written_to_one_form_are_different_stories(one, other):
    assert similarity(fingerprint(one), fingerprint(other)) > 0.4, "too easy to show anything"
    assert judge(known(1, one), [known(2, other)]) is None
    assert judge(known(2, other), [known(1, one)]) is None


def test_a_form_differing_in_the_name_of_its_title_is_another_story():
    fields = {"b": "Eva Berg", "c": "Jan Maes", "d": "Ole Lund"}
    axon = known(1, NOTICE.format(a="Axon", **fields), title="Axon: annual meeting")
    helix = known(2, NOTICE.format(a="Helix", **fields), title="Helix: annual meeting")
    assert similarity(axon.fingerprint, helix.fingerprint) > 0.7
    assert judge(axon, [helix]) is None
    assert judge(replace(axon, key=3), [axon]) == axon
    unnamed = replace(helix, title="Annual meeting")
    assert judge(axon, [unnamed]) is None
    assert judge(unnamed, [axon]) is None


def test_the_same_numbers_about_other_people_make_another_story():
    body, numbers = random_text(3, 300, names=False), " ".join(map(str, range(1000, 1020)))
    one, other = (
        f"{body} {numbers} and so said {' and '.join(names)}"
        for names in (("Berg", "Maes", "Lund", "Costa"), ("Novak", "Weber", "Aho", "Claes"))
    )
    assert judge(known(1, one), [known(2, other)]) is None
    assert judge(known(1, one), [known(2, one.replace("and so", "and thus"))]) is not None


def test_titles_that_count_on_are_different_stories():
    text = random_text(1, 120, names=False)
    may, june = (
        known(1, text, title="Market letter 5/2026"),
        known(2, edited(text, 0.02, 1), title="Market letter 6/2026"),
    )
    assert judge(june, [may]) is None
    assert judge(replace(june, title="Letter on markets"), [may]) == may


def test_two_reports_on_one_event_are_two_stories():
    assert judge(known(1, REPORT), [known(2, SAME_EVENT)]) is None


def test_a_teaser_is_no_copy_of_the_story():
    assert judge(known(1, REPORT[:320]), [known(2, REPORT)]) is None


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2**32), min_size=2, max_size=2, unique=True), st.integers(50, 800))
def test_unrelated_texts_are_never_merged(seeds, length):
    one, other = (known(seed, random_text(seed, length)) for seed in seeds)
    assert judge(one, [other]) is None


@pytest.mark.parametrize(
    ("text", "other", "title", "other_title", "copy"),
    [
        (SHORT_TEXT, SHORT_TEXT.upper(), "Library closed", "No heating", True),
        (SHORT_TEXT, SHORT_TEXT.replace("week", "month"), "Library closed", "Library closed", False),
        (SHORT_TEXT, SHORT_TEXT, "Notes of 4 May", "Notes of 11 May", False),
        ("Read the full story.", "Read the full story!", "Fire in Leeds", "Flood in Cork", False),
        ("Read the full story.", "Read the full story!", "Fire in Leeds", "Fire in Leeds", True),
        ("", "", "Fire in Leeds", "Fire in Leeds", False),
        ("…", "— !", "", "", False),
    ],
)
def test_short_texts_count_as_a_whole_or_not_at_all(text, other, title, other_title, copy):
    one, two = known(1, text, title=title), known(2, other, title=other_title)
    assert judge(two, [one]) == (one if copy else None)
    assert bands(one.fingerprint) == ()


NOTICE_OF_A_SITE = " ".join(f"Sentence {number} of a notice that stands in place of the story." for number in range(40))


@pytest.mark.parametrize(
    ("text", "title", "other_title", "site", "copy"),
    [
        (NOTICE_OF_A_SITE, "Fire in Leeds", "Flood in Cork", "other.example", True),  # "in"
        (NOTICE_OF_A_SITE, "Leeds burns", "Flooded: Cork", "other.example", False),
        (NOTICE_OF_A_SITE, "Story 1", "Story 2", "one.example", False),
        (NOTICE_OF_A_SITE, "Story 1", "Story 1", "other.example", True),
        (NOTICE_OF_A_SITE, "Story 1", "Day 1", "other.example", False),
        (REPORT, "Leeds burns", "Flooded: Cork", "one.example", False),
        (REPORT, "Leeds burns", "Flooded: Cork", "other.example", True),
        (REPORT, "Leeds burns", "", "one.example", True),
    ],
)
def test_one_text_in_place_of_several_stories_makes_no_copies(text, title, other_title, site, copy):
    one = known(1, text, title=title, canonical=("https://one.example/a",))
    two = known(2, text, title=other_title, canonical=(f"https://{site}/b",))
    assert judge(two, [one]) == (one if copy else None)
    assert judge(one, [two]) == (two if copy else None)


@pytest.mark.parametrize("quality", ["paywalled", "blocked", "empty", "failed"])
def test_the_words_of_a_wall_make_no_copies(quality):
    wall = known(1, REPORT, title="One", quality=quality)
    assert judge(known(2, REPORT, title="Two", quality=quality), [wall]) is None
    assert judge(known(2, REPORT, title="Two"), [wall]) is None


# Teasers

TITLE = "Brno closes its old bridge to cars"
MORNING = datetime(2026, 11, 1, 8, tzinfo=UTC)
TEASER = REPORT[:120] + "… Read more"


def teaser(key, text=TEASER, **fields):
    values = {"title": TITLE, "quality": "teaser", "published": MORNING, "canonical": ("https://planet.example/1",)}
    return known(key, text, text=text, **{**values, **fields})


def story(key, text=REPORT, **fields):
    values = {"title": TITLE, "published": MORNING, "canonical": ("https://brno.example/bridge",)}
    return known(key, text, text=text, **{**values, **fields})


ITS_TEASER = {
    "as it is": teaser(1),
    "with case and quotes of its own": teaser(1, TEASER.upper().replace(" ", "  ")),
    "from the middle": teaser(1, REPORT[520:700]),
    "a day's work later": teaser(1, published=MORNING.replace(hour=20)),
    "in a script without spaces": None,
}


@pytest.mark.parametrize("found", ITS_TEASER.values(), ids=ITS_TEASER)
def test_a_teaser_under_the_title_of_its_story_is_a_copy(found):
    whole = story(2) if found else story(2, CHINESE, title="古老的石桥禁止汽车通行")
    short = found or teaser(1, CHINESE[:45], title="古老的石桥禁止汽车通行")
    assert judge(short, [whole]) == whole
    assert judge(whole, [short]) == short
    assert set(dedup.keys(short.fingerprint, short.title)) & set(dedup.keys(whole.fingerprint, whole.title))


ANOTHERS_TEASER = {
    "another title": teaser(1, title="Bridge in Brno shut"),
    "a title that many stories have": (teaser(1, title="Weekly links"), story(2, title="Weekly links")),
    "the next day": teaser(1, published=MORNING.replace(day=2)),
    "without a date": teaser(1, published=None),
    "of the same site": teaser(1, canonical=("https://www.brno.example/feed/17",)),
    "a whole story, though short": teaser(1, quality="full"),
    "other words": teaser(1, SAME_EVENT[:120]),
    "another number": teaser(1, REPORT[120:300].replace("41.5", "48")),
    "too few words": teaser(1, "The council of Brno voted on Tuesday…"),
    "a wall": teaser(1, quality="paywalled"),
    "before a wall": (teaser(1), story(2, quality="paywalled")),
    "two teasers": (teaser(1), story(2, TEASER + " x", quality="teaser", published=None)),
}


@pytest.mark.parametrize("pair", ANOTHERS_TEASER.values(), ids=ANOTHERS_TEASER)
def test_what_may_be_another_storys_teaser_is_kept(pair):
    short, whole = pair if isinstance(pair, tuple) else (pair, story(2))
    assert judge(short, [whole]) is None
    assert judge(whole, [short]) is None


def test_under_a_title_that_a_site_uses_again_a_teaser_tells_nothing():
    """Links of the week, the picture of the day, a ticker: their first words may be the same ones each time."""
    yesterday = story(3, REPORT[:200] + CHINESE, published=EARLY, canonical=("https://brno.example/closed",))
    assert judge(teaser(1), [story(2)]) is not None
    assert judge(teaser(1), [story(2), yesterday]) is None
    assert judge(story(2), [teaser(1), yesterday]) is None
    elsewhere = replace(yesterday, canonical=("https://third.example/b",))
    assert judge(teaser(1), [story(2), elsewhere]) is not None


def test_a_text_like_it_says_more_than_a_teaser():
    short, like = teaser(1), story(3, COPIES["cut at the end"], canonical=("https://third.example/c",))
    assert judge(story(2), [short, like]) == like


def test_a_teaser_is_looked_for_where_stories_begin():
    assert judge(teaser(1), [story(2, f"{'Word ' * 3_000}{REPORT}")]) is not None
    assert judge(teaser(1), [story(2, f"{'Word ' * 5_000}{REPORT}")]) is None


# Addresses


def test_a_common_address_makes_a_copy_whatever_the_text():
    one = known(1, REPORT, canonical=("https://a.example/1", "https://b.example/x"))
    assert judge(known(2, SAME_EVENT, canonical=("https://b.example/x",)), [one]) == one
    assert judge(Known(key=2, canonical=("https://b.example/x", "https://c.example/")), [one]) == one
    assert judge(Known(key=2, canonical=("https://b.example/y",)), [one]) is None
    assert judge(Known(key=2), [Known(key=1)]) is None


@pytest.mark.parametrize("front", ["https://a.example", "https://a.example/"])
def test_a_front_page_named_as_canonical_joins_nothing(front):
    one, two = (known(key, text, title=text[:20], canonical=(front,)) for key, text in ((1, REPORT), (2, SAME_EVENT)))
    assert judge(two, [one]) is None
    assert judge(replace(two, title=one.title), [one]) == one
    asked = (f"{front}?id=7",)
    assert judge(replace(two, canonical=asked), [replace(one, canonical=asked)]) is not None


# Which one


def test_the_verdict_does_not_depend_on_the_order_of_candidates():
    candidate = known(9, REPORT, canonical=("https://a.example/1",))
    by_address = known(5, SAME_EVENT, canonical=("https://a.example/1",))
    same_text = known(4, REPORT.upper())
    older_same_text = known(3, REPORT.lower())
    similar = known(1, COPIES["cut at the end"])
    other = known(2, CHINESE)
    for order in itertools.permutations([by_address, same_text, older_same_text, similar, other]):
        assert judge(candidate, order) == by_address
        assert judge(candidate, [one for one in order if one is not by_address]) == older_same_text
    assert judge(candidate, [similar, other]) == similar
    assert judge(candidate, [other]) is None
    assert judge(candidate, []) is None


def test_a_story_is_no_copy_of_itself():
    assert judge(known(1, REPORT), [known(1, REPORT)]) is None


@pytest.mark.parametrize(
    ("worse", "preferred"),
    [
        (known(1, REPORT, quality="teaser", priority=9), known(2, REPORT[:400])),
        (known(1, REPORT[:600], priority=9), known(2, REPORT)),
        (known(1, REPORT, published=EARLY), known(2, REPORT[:-40], priority=1, published=LATE)),
        (known(1, REPORT, published=LATE), known(2, REPORT, published=EARLY)),
        (known(1, REPORT), known(2, REPORT, published=LATE)),
        (Known(key=1), known(2, SHORT_TEXT)),
    ],
    ids=["full", "longer", "priority", "earlier", "dated", "has a text"],
)
def test_the_better_copy(worse, preferred):
    assert better(worse, preferred) == preferred
    assert better(preferred, worse) == preferred


def test_of_equals_the_first_is_kept():
    one, two = known(1, REPORT), known(2, REPORT)
    assert better(one, two) is one
    assert better(two, one) is two


# Fingerprints


def test_stored_fingerprints_never_change():
    """When this fails, what is stored no longer fits what is made: that takes a new version, not a new value."""
    assert (
        fingerprint("Prague, 21 August 1968: the tanks of Łódź").hex()
        == "6e640100ff41dadcbfd0c8fcb92e09974ae6a5f60800000002020000fba0a186dfc782b666b0e1057cfb16c5"
    )
    long = fingerprint(REPORT + CHINESE)
    assert len(long) == 648
    assert hashlib.sha256(long).hexdigest() == "16bdee22e445374cafcabcb92e5840ec1753af1193c66dce36a42dbbc424974b"
    assert bands(long)[:2] == (1031068710821152659, -4829359844134673881)


def test_other_processes_make_the_same_and_judge_without_numpy():
    program = (
        "import sys; from aggregator import dedup\n"
        "text = sys.stdin.read(); given = bytes.fromhex(sys.argv[1])\n"
        "one, two = (dedup.Known(key=key, fingerprint=given) for key in (1, 2))\n"
        "assert dedup.judge(one, [two]) == two and dedup.bands(given) and dedup.text_hash(given)\n"
        "assert 'numpy' not in sys.modules\n"
        "print(dedup.fingerprint(text).hex())"
    )
    expected = fingerprint(REPORT).hex()
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", program, expected],
            input=REPORT,
            capture_output=True,
            encoding="utf-8",
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1", "PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        assert ran.stdout.strip() == expected


@given(text_in_any_script(max_words=90), text_in_any_script(max_words=90))
def test_similarity_is_symmetric_and_reflexive(one, other):
    a, b = fingerprint(one), fingerprint(other)
    assert similarity(a, b) == similarity(b, a)
    assert 0.0 <= similarity(a, b) <= 1.0
    assert similarity(a, a) == 1.0
    assert (judge(Known(key=1, fingerprint=a), [Known(key=2, fingerprint=b)]) is None) == (
        judge(Known(key=2, fingerprint=b), [Known(key=1, fingerprint=a)]) is None
    )


def test_lines_and_width_change_nothing_in_a_fingerprint():
    wide = REPORT.replace("41.5", "４１.５").replace("1786", "１７８６").replace("Brno", "Ｂｒｎｏ")
    for text in (wide, " ".join(REPORT.split("\n")), REPORT.replace("\n", "\r\n").replace(" \r\n", "\r\n")):
        assert read(fingerprint(text)).signature == read(fingerprint(REPORT)).signature
        assert read(fingerprint(text)).numbers == read(fingerprint(REPORT)).numbers


@given(text_in_any_script(max_words=90))
def test_fingerprints_are_small_and_band_keys_fit_the_database(text):
    made = fingerprint(text)
    assert 28 <= len(made) <= 860
    keys = bands(made)
    assert len(keys) in (0, BANDS)
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert bool(text_hash(made)) == bool(read(made).length)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_similarity_estimates_the_shingles_in_common(share):
    texts = [(random_text(seed, 500), edited(random_text(seed, 500), share, seed)) for seed in range(20)]

    def common(a, b):
        first, second = (set(zip(words, words[1:], words[2:], strict=False)) for words in (a.split(), b.split()))
        return len(first & second) / len(first | second)

    errors = [similarity(fingerprint(a), fingerprint(b)) - common(a, b) for a, b in texts]
    assert abs(sum(errors) / len(errors)) < 0.03
    assert max(map(abs, errors)) < 0.2


def test_a_text_of_any_size_is_fingerprinted_in_bounded_memory():
    text = random_text(3, 20_000)
    assert similarity(fingerprint(text), fingerprint(text + " and a few words more")) > 0.9


@pytest.mark.parametrize(
    "damaged", [b"", b"nd", b"xx\1\0" + bytes(600), b"nd\2\0" + bytes(24), fingerprint(REPORT)[:-1]]
)
def test_what_is_no_fingerprint_tells_nothing(damaged):
    assert read(damaged) is None
    assert text_hash(damaged) == b""
    assert bands(damaged) == ()
    assert similarity(damaged, fingerprint(REPORT)) == 0.0
    assert judge(Known(key=1, fingerprint=damaged), [known(2, REPORT)]) is None
    assert better(Known(key=1, fingerprint=damaged), known(2, REPORT)).key == 2


@given(st.binary(max_size=900) | st.binary(max_size=900).map(lambda rest: b"nd\1\0" + rest))
def test_any_bytes_are_read_or_refused(stored):
    sketch = read(stored)
    assert sketch is None or len(sketch.signature) in (0, dedup.PERMUTATIONS)
    similarity(stored, fingerprint(REPORT))
