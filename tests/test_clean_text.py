"""Tests of flattened text, line by line: the samples and texts in many languages."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.judge import load_model
from aggregator.clean.text import clean_text
from aggregator.model import Document, Entry, Site
from aggregator.sanitize import legal

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples").glob("*.txt"))
TEXTS = sorted((HERE / "texts").glob("*.txt"))
SAMPLE_REASONS = {
    "Generic selectors": "search form",
    "Exact matches only": "search form",
    "Search in title": "search form",
    "Search in content": "search form",
    "Post Type Selectors": "search form",
    "Share on facebook": "share",
    "Share on twitter": "share",
    "Share on linkedin": "share",
    "Table of Contents": "table of contents",
    "most viewed": "related",
    "Subscribe Now": "newsletter",
    "Kazakhstan erupts in protest as flashbangs used to disperse protesters": "caption",
    "Brexit Live: UK to finally break free from EU [LIVE]": "related",
    "Ex-security chief orders EU to immediately ‘cut off’ Nord Stream 2 [REPORT]": "related",
    "Kate ‘expected’ to surprise fans as she prepares to mark birthday [INSIGHT]": "related",
    "Source: Read Full Article": "source",
}


def cleaned(text, entry=None, **fields):
    return clean_text(Document(kind="text", body=text, **fields), entry, Site(), load_model())


def expectation(path):
    return json.loads(path.with_suffix(".expected.json").read_text("utf-8"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples(path):
    expected = expectation(path)
    found = cleaned(path.read_text("utf-8"))
    assert found.article.title == expected["title"]
    assert found.article.text.split("\n\n") == expected["paragraphs"]
    assert [removed.text for removed in found.removed] == expected["chrome"]
    for removed in found.removed:
        fitting = SAMPLE_REASONS.get(removed.text, "consent")
        assert removed.reason == fitting, removed


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_texts_in_many_languages(path):
    expected = expectation(path)
    found = cleaned(path.read_text("utf-8"))
    assert found.article.title == expected["title"]
    assert found.article.text.split("\n\n") == expected["paragraphs"]
    assert [[removed.text, removed.reason] for removed in found.removed] == expected["removed"]


def test_there_are_enough_of_them():
    assert len(SAMPLES) == 2
    assert len(TEXTS) >= 20
    assert len({expectation(path)["lang"] for path in TEXTS}) >= 10


BODY = "\n\n".join(expectation(SAMPLES[0])["paragraphs"])


def test_the_title_of_the_entry_wins_over_the_line_found():
    entry = Entry(guid="1", title="Putin on Soviet tanks", author="A. Writer", language="en")
    article = cleaned(f"Putin on Soviet tanks\n\n{BODY}", entry).article
    assert (article.title, article.author) == ("Putin on Soviet tanks", "A. Writer")
    assert article.text == BODY


def test_a_title_that_is_known_needs_no_line():
    article = cleaned(BODY, title="Tanks in Prague").article
    assert article.title == "Tanks in Prague"
    assert article.text == BODY


def test_lines_become_headings_lists_and_paragraphs():
    paragraphs = BODY.split("\n\n")
    listed = [
        "What the Russian president listed",
        "- errors of Soviet policy in Hungary",
        "- missteps of the West",
        "- colonies",
    ]
    article = cleaned("\n\n".join(["A title for this story", *paragraphs[:5], *listed, *paragraphs[5:]])).article
    assert article.text.split("\n\n") == [*paragraphs[:5], *listed, *paragraphs[5:]]
    assert article.html.count("<p>") == len(paragraphs)
    assert "<h2>What the Russian president listed</h2><ul><li>errors of Soviet policy in Hungary</li>" in article.html


def test_markup_in_a_text_is_text():
    article = cleaned(f"A title\n\n{BODY} <script>alert(1)</script> & more.").article
    assert "<script" not in article.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more." in article.html


@pytest.mark.parametrize("text", ["", "\n\n", "Hello.", "x\n" * 50, "\ufeff", "a\x00b"])
def test_next_to_nothing_is_no_accident(text):
    article = cleaned(text).article
    assert "\x00" not in article.text + article.title + article.html


def test_a_short_notice_is_not_lost():
    notice = "The office stays closed on Friday."
    article = cleaned(notice, title="Closed").article
    assert article.text == notice


def test_a_sentence_that_stands_alone_is_no_headline():
    sentence = "Soviet tanks rolled into Prague on the night of 20 August."
    assert cleaned(sentence).article.text == sentence
    assert cleaned(f"Menu\n\n{sentence}").article.text.endswith(sentence)
    assert cleaned(f"Prague 1968\n\n{sentence}").article.title == "Prague 1968"
    assert cleaned("Home").article.text == ""


def test_what_is_put_out_was_put_in():
    found = cleaned(SAMPLES[1].read_text("utf-8"))
    lines = {" ".join(line.split())[:300] for line in SAMPLES[1].read_text("utf-8").splitlines()}
    assert {block.text for block in (*found.kept, *found.removed)} <= lines
    assert all(0 <= block.score <= 1 for block in (*found.kept, *found.removed))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_text_is_cleaned(lines):
    text = legal("\n".join(lines))
    found = cleaned(text)
    assert set(found.article.text.split("\n\n")) <= {" ".join(line.split()) for line in text.splitlines()} | {""}
