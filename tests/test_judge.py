"""Tests of the judge: its trees, its words, its rules, and what it makes of a page."""

import lxml.html
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.blocks import Block, page_blocks, text_blocks
from aggregator.clean.features import Around, features, names
from aggregator.clean.judge import Evidence, judged, label, limit, load_model, titles
from aggregator.clean.lexicon import empty
from aggregator.clean.rules import tagged
from aggregator.clean.shapes import Char, shapes
from aggregator.clean.trees import Trees
from aggregator.clean.words import function_words, phrases

STORY = (
    "The council voted on Tuesday to keep the swimming pool open through the winter, after two thousand people had signed "
    "a letter against its closing.",
    "It will cost the town some forty thousand a year, most of it for heating, and the mayor said that the money would have "
    "to be found elsewhere.",
    "Swimmers who had come to hear the vote applauded for a full minute. Several of them still had wet hair.",
    "The pool was built in 1934 by people who were out of work, and it has been closed only twice since then.",
)
PAGE = f"""<html><head><title>Pool stays open - The Courier</title></head><body>
<header><nav class="menu"><ul><li><a href=/>Home</a></li><li><a href=/s>Sport</a></li><li><a href=/c>Contact</a></li></ul></nav></header>
<main><article class="post"><h1>Pool stays open</h1><div class="share"><a href=x>Share on Facebook</a> <a href=y>Tweet</a></div>
<div class="entry-content"><p>{STORY[0]}</p><p>{STORY[1]}</p><h2>A long history</h2><p>{STORY[2]}</p><p>{STORY[3]}</p></div></article>
<aside class="related-posts"><h3>Related articles</h3><ul><li><a href=1>Library to close on Mondays</a></li>
<li><a href=2>New bus line starts in May</a></li></ul></aside>
<div id="comments"><h3>3 Comments</h3><p>Great news!</p></div></main>
<footer><p>© 2024 The Courier. All rights reserved.</p><a href=/p>Privacy policy</a></footer></body></html>"""


def test_a_page_is_judged():
    blocks = page_blocks(lxml.html.fromstring(PAGE), "\n".join((*STORY, "A long history")))
    found = judged(blocks, Evidence(title="Pool stays open"), load_model())
    kept = [block.text for block, verdict in zip(blocks, found.labels, strict=True) if verdict.keep]
    assert kept == [STORY[0], STORY[1], "A long history", STORY[2], STORY[3]]
    reasons = {block.text: verdict.reason for block, verdict in zip(blocks, found.labels, strict=True)}
    assert reasons["Pool stays open"] == "headline"
    assert reasons["Share on Facebook Tweet"] == "share"
    assert reasons["Library to close on Mondays"] == "related"
    assert reasons["3 Comments"] == "comments"
    assert reasons["© 2024 The Courier. All rights reserved."] == "copyright"
    assert reasons["Privacy policy"] == "consent"
    assert reasons["Sport"] == "navigation"


def test_the_mark_of_a_product_is_no_copyright_notice():
    page = PAGE.replace("Related articles", "Swimcap® and Poolwax™")
    found = judged(blocks := page_blocks(lxml.html.fromstring(page)), Evidence(), load_model())
    reasons = {block.text: verdict.reason for block, verdict in zip(blocks, found.labels, strict=True)}
    assert reasons["Swimcap® and Poolwax™"] not in {"article", "copyright"}


def test_the_story_is_found_without_trafilatura():
    blocks = page_blocks(lxml.html.fromstring(PAGE))
    kept = [
        block.text
        for block, verdict in zip(blocks, label(blocks, Evidence(), load_model()), strict=True)
        if verdict.keep
    ]
    assert set(STORY) <= set(kept)
    assert "Library to close on Mondays" not in kept


def test_no_blocks_no_labels():
    assert label((), Evidence(), load_model()) == ()


def test_the_model_names_the_columns_that_are_read():
    model = load_model()
    assert model.page.names == names(page=True)
    assert model.text.names == names(page=False)
    assert model.headline.names == names(page=False)[: len(model.headline.names)]


def walked(tree_feature, threshold, left, right, row):
    """A tree walked node by node: `left` and `right` are nodes, or leaves as negative numbers."""
    at = 0
    while at >= 0:
        at = left[at] if row[tree_feature[at]] <= threshold[at] else right[at]
    return -at - 1


def test_trees_give_what_walking_them_gives():
    #        0: x0 <= 1          leaves from left to right: 0 1 2 3
    #    1: x1 <= 0     2: x1 <= 5
    forest = Trees(
        names=("x0", "x1"),
        feature=np.array([[0, 1, 1]]),
        threshold=np.array([[1, 0, 5]], dtype=np.float32),
        mask=np.array([[~0b0011 & 0xFFFFFFFF, ~0b0001 & 0xFFFFFFFF, ~0b0100 & 0xFFFFFFFF]], dtype=np.uint32),
        leaf=np.array([[-2, -1, 1, 2]], dtype=np.float32),
    )
    rows = np.array([[x, y] for x in (0, 1, 2) for y in (-1, 0, 1, 5, 6)], dtype=np.float32)
    leaves = [walked((0, 1, 1), (1, 0, 5), (1, -1, -3), (2, -2, -4), row) for row in rows]
    expected = 1 / (1 + np.exp(-np.array([-2, -1, 1, 2])[leaves]))
    assert forest.probabilities(rows) == pytest.approx(expected)


def test_words_are_counted_in_any_script():
    read = shapes(["Two words.", "天气很好", "สวัสดี", "«Привет, мир!»", "", "İstanbul's 2 cafés"])
    assert read.total(read.weights).tolist() == pytest.approx([2, 2.4, 1.2, 2, 0, 4])
    assert read.last[[0, 3]].tolist() == [Char.STOP, Char.EXCLAMATION]
    assert read.counts[3, Char.UPPER] == 1


def test_the_same_word_has_the_same_hash_wherever_it_stands():
    read = shapes(["bread and Bread", "BREAD"])
    assert read.hashes[0] == read.hashes[2] == read.hashes[3] != read.hashes[1]
    assert shapes(["bread"]).hashes[0] == read.hashes[0]


@given(
    st.lists(
        st.text(alphabet=st.characters(blacklist_categories=["Cs"])).map(lambda text: " ".join(text.split())),
        min_size=1,
    )
)
def test_shapes_know_every_character(texts):
    read = shapes(texts)
    assert read.size == len(texts) == len(read.counts)
    assert (read.counts.sum(axis=1) == [len(text) + 1 for text in texts]).all()
    assert len(read.hashes) == len(read.weights) == len(read.pairs)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("Share on Facebook", "share"),
        ("Folgen Sie uns auf Instagram", "follow"),
        ("S'abonner", "newsletter"),
        ("Política de privacidad", "consent"),
        ("Leggi anche", "related"),
        ("Główne menu", "navigation"),
        ("Искать в заголовке", "search form"),
        ("コメントを書く", "comments"),
        ("标签：科技", "tags"),
        ("สารบัญ", "contents"),
        ("جميع الحقوق محفوظة", "copyright"),
        ("İlgili haberler", "related"),
        ("Source: Read full article", "source"),
    ],
)
def test_phrases_of_sites_are_known(line, category):
    lists = phrases()
    covered = dict(zip(lists.categories, lists.coverage(shapes([line]))[:, 0], strict=True))
    assert covered[category] > 0


def test_phrases_do_not_reach_over_the_end_of_a_line():
    lists = phrases()
    at = lists.categories.index("share")
    together, apart = lists.coverage(shapes(["share on facebook", "share on", "facebook"]))[at, :2]
    assert (together, apart) == (3, 2)


def test_function_words_are_those_of_the_language():
    share, _ = function_words().share(shapes(["Der Hund und die Katze sind im Garten", "Kontakt Impressum"]))
    assert share[0] > 0.5
    assert share[1] == 0


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Storm hits the coast [LIVE]"], [0]),
        (["Шторм обрушился на берег [ОНЛАЙН]"], [0]),
        (["江水上涨【直播】", "收入创新高【报道】"], [0, 1]),
        (["江水上涨【直播】"], []),
        (["He said so [sic]", "As shown before [12]", "A list [1, 2]", "[LIVE]"], []),
    ],
)
def test_tags_in_brackets(lines, expected):
    assert tagged(text_blocks("\n".join(lines))) == expected


@pytest.mark.parametrize(
    ("text", "title", "same"),
    [
        ("Pool stays open", "Pool stays open", True),
        ("“Pool stays open!”", "Pool stays open", True),
        ("The old pool stays open", "The old pool stays open - The Courier", True),
        ("Pool", "Pool stays open", False),
        ("Pool stays open, the council says after a long debate", "Pool stays open", False),
        ("", "", False),
        ("...", "Pool", False),
    ],
)
def test_headlines(text, title, same):
    assert titles([Block(text=text or "-")], title) == ({0} if same else set())


def test_the_limit_is_lower_where_the_judge_is_less_sure():
    words = np.full(10, 20.0)
    sure = limit(np.array([0.99] * 5 + [0.01] * 5), words)
    doubtful = limit(np.array([0.6, 0.5, 0.4, 0.3, 0.2] * 2), words)
    assert 0 < doubtful < sure <= 0.5


BLOCK = st.builds(
    Block, text=st.text(min_size=1, max_size=40).map(lambda text: " ".join(text.split()) or "-"), gap=st.integers(0, 3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=1, max_size=8), st.text(max_size=30))
def test_columns_are_finite_for_any_text(blocks, title):
    matrix = features(blocks, Around(title=title), empty(), page=False).matrix()
    assert matrix.shape == (len(blocks), len(names(page=False)))
    assert np.isfinite(matrix).all()


def test_a_block_alone_is_judged_too():
    (verdict,) = label([Block(text="One line.")], Evidence(kind="text"), load_model())
    assert 0 <= verdict.score <= 1
