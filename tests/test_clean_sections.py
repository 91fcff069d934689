"""Headings and items that the judge is unsure of: which are kept with their section or list, by its scores alone."""

import numpy as np
import pytest
from bridge import LATER, LONG

from aggregator.clean.blocks import page_blocks
from aggregator.clean.decoding import parsed
from aggregator.clean.sections import Verdict, carried

FIRST, NEXT = f"<p>{LONG}</p>", f"<p>{LATER}</p>"
WIDGET = "<div>Rating</div><div>4.5</div><div>Price</div>"


def kept(
    *parts: tuple[str, float], why: dict[str, str] | None = None, phrases: dict[str, str] | None = None
) -> set[str]:
    """The texts that are kept beside those of one half and more. Each part's blocks have its score."""
    marked = "".join(f'<section data-score="{score}">{html}</section>' for html, score in parts)
    tree = parsed(f"<html><body><main>{marked}</main></body></html>")
    assert tree is not None
    blocks = page_blocks(tree)
    scores = np.array([score_of(block.element) for block in blocks])
    reasons = {at: why[block.text] for at, block in enumerate(blocks) if why and block.text in why}
    keep = scores >= 0.5
    keep[list(reasons)] = False
    told = phrases or {}
    verdict = Verdict(scores, 0.5, keep, why=reasons, phrases=lambda at: told.get(blocks[at].text, ""))
    return {blocks[at].text for at in carried(blocks, verdict)}


def score_of(element) -> float:
    return next(
        float(above.get("data-score")) for above in (element, *element.iterancestors()) if above.get("data-score")
    )


@pytest.mark.parametrize(
    ("between", "own"),
    [
        ("<figcaption>Photo: the town</figcaption>", True),  # says nothing of the section
        ("<p>Get a quote</p>", False),
    ],
)
def test_a_caption_may_stand_between_a_heading_and_its_section(between, own):
    found = kept((FIRST, 0.9), ("<h3>The north pier</h3>", 0.3), (f"<figure>{between}</figure>", 0.05), (NEXT, 0.9))
    assert found == ({"The north pier"} if own else set())


@pytest.mark.parametrize(("tag", "score", "own"), [("h2", 0.3, True), ("h2", 0.2, False), ("h1", 0.4, False)])
def test_a_story_may_begin_with_a_heading(tag, score, own):
    found = kept((f"<{tag}>A brief look</{tag}>", score), (FIRST, 0.9), (NEXT, 0.9))
    assert found == ({"A brief look"} if own else set())


def test_a_heading_that_says_the_title_again_stays_with_its_section():
    parts = (FIRST, 0.9), ("<h2>What is a bridge?</h2>", 0.3), (NEXT, 0.9)
    assert kept(*parts, why={"What is a bridge?": "headline"}) == {"What is a bridge?"}
    assert kept(*parts[1:], why={"What is a bridge?": "headline"}) == set()  # above the story it is the title


@pytest.mark.parametrize(
    ("score", "said", "own"), [(0.45, "related", True), (0.3, "related", False), (0.45, "login", False)]
)
def test_learn_more_may_be_the_heading_of_a_section(score, said, own):
    parts = (FIRST, 0.9), ("<h2>Learn more!</h2>", score), (NEXT, 0.9)
    assert kept(*parts, phrases={"Learn more!": said}) == ({"Learn more!"} if own else set())


def test_what_the_judge_is_sure_of_is_no_call_to_share():
    for score, own in ((0.75, {"TikTok"}), (0.6, set())):
        assert kept((FIRST, 0.9), ("<h3>TikTok</h3>", score), (NEXT, 0.9), why={"TikTok": "share"}) == own


def test_a_heading_stays_where_its_section_speaks_of_what_it_names():
    named = '<h3><a href="/north">Northern Arch Works</a></h3>'
    spoken = f"<p>{LATER} Northern Arch Works have built it.</p>"
    assert kept((FIRST, 0.9), (named, 0.2), (WIDGET, 0.05), (spoken, 0.9)) == {"Northern Arch Works"}
    assert kept((FIRST, 0.9), (named, 0.2), (WIDGET, 0.05), (NEXT, 0.9)) == set()
    assert (
        kept((FIRST, 0.9), (named, 0.2), ("<h3>Southern Arch</h3>", 0.9), (spoken, 0.9)) == set()
    )  # of another section
    assert kept((FIRST, 0.9), (named, 0.1), (WIDGET, 0.05), (spoken, 0.9)) == set()


def test_a_heading_above_questions_of_the_story_stays():
    asked = "<h3>How old is it?</h3>", 0.9
    faq, note = ("<h2>The bridge in questions</h2>", 0.3), ("<p>What people ask</p>", 0.1)
    assert kept((FIRST, 0.9), faq, note, asked, (NEXT, 0.9), asked, (NEXT, 0.9)) == {"The bridge in questions"}
    assert kept((FIRST, 0.9), faq, note, asked, (NEXT, 0.9), ("<h2>Piers</h2>", 0.9), asked, (NEXT, 0.9)) == set()


@pytest.mark.parametrize(
    ("heading", "own"), [("2. The piers", True), ("4. The piers", False), ("1. The piers", False), ("The piers", False)]
)
def test_a_number_between_kept_numbers_stays(heading, own):
    parts = (FIRST, 0.9), ("<h2>1. The arches</h2>", 0.9), (NEXT, 0.9), (f"<h2>{heading}</h2>", 0.2), (WIDGET, 0.05)
    assert kept(*parts, (NEXT, 0.9)) == ({heading} if own else set())


def test_a_heading_of_a_kind_that_is_kept_stays():
    alike = [(f'<h3 class="entry">Arch {name}</h3>', 0.9) for name in ("one", "two", "three")]
    parts = (FIRST, 0.9), *alike, (NEXT, 0.9)
    doubted = '<h3 class="entry">Pier</h3>'
    assert kept(*parts, (doubted, 0.4), (WIDGET, 0.05), (NEXT, 0.9)) == {"Pier"}
    assert kept(*parts, (doubted.replace("entry", "advice"), 0.4), (WIDGET, 0.05), (NEXT, 0.9)) == set()
    assert kept(*parts, (doubted, 0.4), (WIDGET, 0.05)) == set()  # behind the story


def listed(*texts: str, within: str = "li") -> str:
    inner = "%s" if within == "li" else f"<{within}>%s</{within}>"
    return "".join(f"<li>{inner % text}</li>" for text in texts)


def test_a_list_that_the_story_announces_is_the_storys():
    links = listed(*(f'<a href="/{name}">The {name} pier</a>' for name in ("north", "south")))
    announced, plain = f"<p>{LONG} These are:</p>", FIRST
    both = {"The north pier", "The south pier"}
    assert kept((announced, 0.9), (f"<ul>{links}</ul>", 0.35), (NEXT, 0.9)) == both
    assert kept((plain, 0.9), (f"<ul>{links}</ul>", 0.35), (NEXT, 0.9)) == set()
    assert kept((announced, 0.9), (f"<ul>{links}</ul>", 0.1), (NEXT, 0.9)) == set()


def doubtful(*scores: float) -> str:
    return "".join(f'<li data-score="{score}"><p>Pier number {at}</p></li>' for at, score in enumerate(scores))


def test_a_doubtful_item_stays_with_those_that_are_kept():
    assert kept((FIRST, 0.9), (f"<ol>{doubtful(0.4, 0.41, 0.55, 0.4)}</ol>", 0), (NEXT, 0.9)) == {
        "Pier number 0",
        "Pier number 1",
        "Pier number 3",
    }
    assert kept((FIRST, 0.9), (f"<ol>{doubtful(0.4, 0.41, 0.45, 0.4)}</ol>", 0), (NEXT, 0.9)) == set()
    assert kept((FIRST, 0.9), (f"<ol>{doubtful(0.3, 0.1, 0.55, 0.3)}</ol>", 0), (NEXT, 0.9)) == set()
    assert kept((FIRST, 0.9), (f"<ol>{doubtful(0.9, 0.9, 0.9, 0.45, 0.3)}</ol>", 0), (NEXT, 0.9)) == {"Pier number 3"}


def test_an_item_that_a_rule_took_off_stays_in_its_list_whatever_element_holds_its_words():
    parts = (FIRST, 0.9), (f"<ul>{listed('North pier', 'South pier', 'In your inbox', within='p')}</ul>", 0.9)
    assert kept(*parts, (NEXT, 0.9), why={"In your inbox": "newsletter"}) == {"In your inbox"}
    assert kept(*parts, (NEXT, 0.9), why={"In your inbox": "share"}) == set()


@pytest.mark.parametrize("name", ["Key takeaways", "Das Wichtigste in Kürze:", "L’essentiel", "Puntos clave", "要点"])
def test_a_summary_above_the_story_is_the_storys(name):
    points = f"<ul>{listed('Two piers have cracks', '<a href=#cost>What it costs</a>')}</ul>"
    parts = ("<h1>Bridge closed</h1>", 0.05), (f"<p>{name}</p>", 0.02), (points, 0.02)
    assert kept(*parts, (FIRST, 0.9), (NEXT, 0.9)) == {name, "Two piers have cracks", "What it costs"}


@pytest.mark.parametrize(
    "box",
    [
        f"<p>Key takeaways</p><ul>{listed('<a href=/valley>The valley floods</a>', 'Two piers')}</ul>",  # other pages
        f"<ul><li>Highlights<ul>{listed('Two piers', 'Three arches')}</ul></li></ul>",  # entries of a menu
        f"<p>More key takeaways of the week</p><ul>{listed('Two piers', 'Three arches')}</ul>",
        f"<p>Highlights</p><ul>{listed('Two piers')}</ul>",
    ],
)
def test_what_is_called_like_a_summary_may_be_none(box):
    assert kept((box, 0.02), (FIRST, 0.9), (NEXT, 0.9)) == set()


def test_the_name_of_a_summary_stays_with_it():
    assert kept(("<p><b>Key points</b></p>", 0.2), (FIRST, 0.9), (NEXT, 0.9)) == {"Key points"}
    assert kept(("<p><b>Some points</b></p>", 0.2), (FIRST, 0.9), (NEXT, 0.9)) == set()
    assert kept(("<p><b>Key points</b></p>", 0.2), (WIDGET, 0.05), (FIRST, 0.9), (NEXT, 0.9)) == set()
