"""Tests of the site's name beside a flattened text's headline."""

import pytest

from aggregator.clean.judge import load_model
from aggregator.clean.mastheads import Line, without_name
from aggregator.clean.text import clean_text
from aggregator.model import Document, Site

HEADLINE = "Old mill by the river to become a school"
STORY = (
    "The mill at Tolver, which ground its last flour in 1958, will be the village's school from the autumn.",
    "The roof is to be mended first. The council voted for it on Tuesday night by nine votes to two.",
    "“The wheel stays, and the children will learn what it did,” said the headmistress, Agnes Pell.",
    "Parents had asked for a larger school for years. The old one was built for thirty pupils in 1904.",
)
OURS = Line("© 2021 The Tolver Gazette. All rights reserved.", "copyright")


def title(*lines, url=""):
    return clean_text(Document(kind="text", body="\n\n".join(lines), url=url), None, Site(), load_model()).article.title


@pytest.mark.parametrize(
    "line",
    [f"The Tolver Gazette: {HEADLINE}", f"{HEADLINE} | Tolver Gazette", f"{HEADLINE} - The Tolver Gazette"],
)
def test_the_name_goes_where_the_text_says_whose_it_is(line):
    assert title(line, *STORY, "© 2021 The Tolver Gazette") == HEADLINE
    assert title(line, *STORY, "The Tolver Gazette") == HEADLINE
    assert title(line, *STORY, url="https://www.tolver-gazette.example/mill") == HEADLINE
    assert title(line, *STORY) == line


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("Agnes Pell: the wheel of the mill stays", (Line("“The wheel stays,” said Agnes Pell.", ""), OURS)),
        ("World Cup: Tolver rows to the final again", (Line("World Cup", "navigation"), OURS)),
        ("The Tolver Gazette", (OURS,)),
        ("Tolver Gazette: at 150", (OURS,)),
        ("Who wrote the Gazette - a history of Tolver's press", (OURS,)),
        (": | - –", (Line("", "copyright", edge=True), Line("|", "", edge=True))),
    ],
)
def test_other_parts_of_a_headline_stay(line, others):
    assert without_name(line, others, "https://news.example/") == line


@pytest.mark.parametrize(
    ("line", "told", "bare"),
    [
        ("松川新聞：廃線の駅舎が図書館に", "© 松川新聞社 松川新聞", "廃線の駅舎が図書館に"),
        ("Die Oberauer Post – Kirchturmuhr geht wieder richtig", "© Oberauer Post", "Kirchturmuhr geht wieder richtig"),
    ],
)
def test_names_in_other_languages(line, told, bare):
    assert without_name(line, (Line(told, "copyright"),), "") == bare
