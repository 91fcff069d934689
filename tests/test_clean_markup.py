"""What a page's lists, tables, formulas and readings become, and which of its headings stay."""

import pytest
from bridge import LATER, LONG, URL

from aggregator.clean import clean, load_model
from aggregator.model import Article, Document, Site
from aggregator.sanitize import sanitize

STORY = f"<p>{LONG}</p><p>{LATER}</p>%s<p>{LONG[4:]}</p><p>{LATER[6:]}</p>"


def article(body: str, *, kind: str = "page", title: str = "Bridge closed") -> Article:
    """The article of a page, sanitised again without a change."""
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    document = Document(kind=kind, body=page if kind == "page" else body, url=URL)
    found = clean(document, None, Site(), load_model()).article
    assert sanitize(found.html) == found.html
    return found


def told(body: str) -> Article:
    return article(STORY % body)


MATH = (
    "<math%s><semantics><mrow><mi>E</mi><mo>=</mo><msup><mi>c</mi><mn>2</mn></msup></mrow>"
    '<annotation encoding="application/x-tex">{\\displaystyle E=c^2}</annotation></semantics></math>'
)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (MATH % ' alttext="E=c^{2}"', "E=c^{2}"),
        (MATH % "", "E=c^2"),
        ("<math><mi>x</mi><mo>=</mo><mn>5</mn></math>", "x=5"),
        ("<math><mi>x</mi><annotation>nobody sees this</annotation></math>", "x"),
        (
            f"<mjx-container><mjx-math aria-hidden=true><mjx-c></mjx-c></mjx-math><span>{MATH % ''}</span></mjx-container>",
            "E=c^2",
        ),
        (f"<span><span>{MATH % ''}</span><span aria-hidden=true>E = c2</span></span>", "E = c2"),
    ],
)
def test_a_formula_stands_once_in_its_sentence(formula, text):
    sentence = f"{LATER} For this {formula} holds, as every schoolchild knows."
    for found in (told(f"<p>{sentence}</p>"), article(f"<p>{sentence}</p>", kind="fragment")):
        assert f"For this {text} holds, as" in found.text
        assert f"For this {text} holds, as" in found.html.replace("<span>", "").replace("</span>", "")


def test_a_formula_with_its_picture_is_shown_as_that():
    alt = "{\\displaystyle E=c^{2}}"
    hidden = f'<span style="display:none">{MATH % f""" alttext="{alt}" """}</span>'
    drawn = f'<span>{hidden}<img src="/svg/e" aria-hidden="true" alt="{alt}"></span>'
    found = told(f"<p>{LATER} For this {drawn} holds.</p>")
    assert "For this E=c^{2} holds." in found.text
    assert f'For this <img src="https://news.example.org/svg/e" alt="{alt}"> holds.' in found.html


def test_the_reading_of_a_word_is_markup_and_no_text():
    word = "<ruby>橋<rp>(</rp><rt>はし</rt><rp>)</rp></ruby>"
    tail = "は月曜日に閉鎖された。技師たちが二つの橋脚に亀裂を見つけた後、修理にどれだけの時間がかかるかは誰にも分からない。"
    found = article("".join(f"<p>{n}年の{word}{tail}</p>" for n in range(4)))
    assert found.text.split("\n\n") == [f"{n}年の橋{tail}" for n in range(4)]
    assert found.html.count(word) == 4


def test_a_table_that_gives_text_its_place_is_none():
    rows = f"<tr><td>{LATER}</td></tr><tr><td>{LONG[4:]}</td></tr>"
    assert "<table" not in told(f"<table>{rows}</table>").html
    assert f"<p>{LATER}</p><p>{LONG[4:]}</p>" in told(f"<table>{rows}</table>").html
    columns = f"<tr><td><p>{LONG}</p><p>{LATER}</p></td><td><p>{LATER[6:]}</p><p>{LONG[8:]}</p></td></tr>"
    found = article(f"<table><tbody>{columns}</tbody></table>")
    assert found.html.count("<p>") == 4
    assert "<t" not in found.html


@pytest.mark.parametrize(
    "table",
    [
        "<tr><td>Pier</td><td>Cracks</td></tr><tr><td>North</td><td>12</td></tr><tr><td>South</td><td>9</td></tr>",
        f"<tr><th>What was found in the piers</th></tr><tr><td>{LONG[8:]}</td></tr><tr><td>{LATER[9:]}</td></tr>",
        f"<tr><td>North</td><td>{LATER}</td></tr><tr><td>South</td><td>{LONG[4:]}</td></tr>",
    ],
)
def test_a_table_of_data_stays_one(table):
    html = told(f"<table>{table}</table>").html
    assert html.count("<table>") == 1
    assert html.count("<td>") == table.count("<td>")


def test_items_without_a_list_come_into_one():
    items = "".join(
        f"<li>The {place} pier has cracks, said the engineers.</li>" for place in ("north", "south", "west")
    )
    html = told(f"<section>{items}</section>").html
    assert f"<ul>{items}</ul>" in html


SECTION = f"<p>{LONG[8:]}</p><p>{LATER[9:]}</p>"


@pytest.mark.parametrize("heading", ["Privacy and cookies", "Key takeaways", "What's next?", "Sign up"])
def test_a_heading_stays_with_its_section_whatever_its_words(heading):
    assert f"<h2>{heading}</h2>" in told(f"<h2>{heading}</h2>{SECTION}").html


def test_a_heading_that_says_the_title_again_stays_below_the_first_paragraphs():
    title = "Why the old bridge was closed"
    found = article(STORY % f"<h2>{title}</h2>{SECTION}", title=f"{title}: all that is known")
    assert f"<h2>{title}</h2>" in found.html
    assert found.html.startswith("<p>")


def test_an_item_stays_with_its_list():
    listed = [
        f"The {place} pier has cracks that can be seen from a boat." for place in ("north", "south", "west", "east")
    ]
    items = "".join(f"<li>{text}</li>" for text in [*listed[:2], "Privacy shutter", *listed[2:]])
    assert "<li>Privacy shutter</li>" in told(f"<ul>{items}</ul>").html


def answers(before: str, votes: str) -> str:
    post = f'<div class="answer"><div class="votecell"><div class="js-vote-count">%s</div></div><p>{LATER}</p></div>'
    return told(f'<div id="answers"><h2>{before}</h2>{post % votes}{post.replace("Until", "By") % "-3"}</div>').text


def test_the_counts_of_questions_and_answers_are_no_text():
    lines = answers("2 Answers", "1.2k").split("\n\n")
    assert not {"2 Answers", "1.2k", "-3"} & set(lines)
    assert sum(line.startswith(("Until", "By")) for line in lines) >= 2
    assert "2 answers to a question" in answers("2 answers to a question", "7").split("\n\n")


def test_numbers_of_a_story_are_no_votes():
    assert "<h2>1968</h2>" in told(f"<h2>1968</h2>{SECTION}").html
