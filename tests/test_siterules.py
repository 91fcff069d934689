"""Site rules in the FiveFilters format: read without raising, applied within bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.decoding import parsed
from aggregator.clean.siterules import Rules, Trial, body_html, does_better, link, parse_rules, replaced, text_at

URL = "https://www.example.org/a/story"
CONFIG = """
# a comment
title: //h1[@class='t']
author: //span[@class='by']
date: //time/@datetime
body: //div[@id='missing']
body: //div[@id='body']
strip: //div[@class='promo']
strip_id_or_class: newsletter
strip_image_src: /ads/
single_page_link: //a[@id='whole']
if_page_contains: //p[@class='part']
next_page_link: //a[@rel='next']/@href
replace_string(<font>): <b>
find_string: </font>
replace_string: </b>
prune: no
tidy: yes
autodetect_on_failure: no
test_url: https://example.org/a/story
test_contains: the first snippet
test_contains: the second
test_url: https://example.org/other
http_header(user-agent): X
"""
PAGE = """<html><body><h1 class=t>The  title</h1><span class=by>Jane Doe</span><time datetime=2024-03-05></time>
<div id=body><p>Words of the body.</p><div class=promo>buy</div><p class=newsletter-box>sign up</p><img src=/ads/x.png>
<img src=/i.png><div id=body2>more</div></div><a id=whole href="/a/story?page=all">one page</a>
<a rel=next href="/a/story/2">next</a></body></html>"""


@pytest.fixture
def tree():
    return parsed(PAGE)


@pytest.fixture
def rules():
    return parse_rules(CONFIG)


def test_a_configuration_is_read_whole(rules):
    assert rules.problems == ()
    assert rules.body == ("//div[@id='missing']", "//div[@id='body']")
    assert rules.replacements == (("<font>", "<b>"), ("</font>", "</b>"))
    assert (rules.prune, rules.tidy, rules.autodetect_on_failure) == (False, True, False)
    assert rules.tests == (
        Trial(url="https://example.org/a/story", contains=("the first snippet", "the second")),
        Trial(url="https://example.org/other"),
    )


def test_texts_are_found(tree, rules):
    assert text_at(tree, rules.title) == "The title"
    assert text_at(tree, rules.author) == "Jane Doe"
    assert text_at(tree, rules.date) == "2024-03-05"
    assert text_at(tree, ("//nothing", "string(//h1)")) == "The title"
    assert text_at(tree, ("count(//p)",)) == ""


def test_the_body_comes_without_what_is_stripped_and_the_tree_stays(tree, rules):
    html = body_html(tree, rules)
    assert "Words of the body." in html
    assert 'src="/i.png"' in html
    for gone in ("buy", "sign up", "/ads/"):
        assert gone not in html
    assert tree.xpath("//div[@class='promo']")


def test_overlapping_bodies_come_once(tree):
    assert body_html(tree, parse_rules("body: //div[starts-with(@id, 'body')]")).count("more") == 1


def test_links_to_other_pages(tree, rules):
    assert link(tree, rules, URL, whole=False) == "https://www.example.org/a/story/2"
    assert link(tree, rules, URL, whole=True) == "", "its condition isn't met"
    unconditional = parse_rules("single_page_link: //a[@id='whole']")
    assert link(tree, unconditional, URL, whole=True) == "https://www.example.org/a/story?page=all"
    away = parsed('<a id=whole href="https://elsewhere.example/story">x</a>')
    assert link(away, unconditional, URL, whole=True) == "", "only within the site"
    assert link(tree, unconditional, "https://www.example.org/a/story?page=all", whole=True) == "", "this page itself"


def test_strings_are_replaced_before_parsing(rules):
    assert replaced("a<font>b</font>", rules) == "a<b>b</b>"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("body: //[", "line 1: body"),
        ("body:", "line 1: body: nothing given"),
        ("no colon here", "line 1: not"),
        ("bodi: //p", "line 1: bodi is not known"),
        ("title: //h1\nstrip: ///", "line 2: strip"),
        ("body: " + "a" * 2000, "line 1: body: too long"),
    ],
)
def test_what_is_not_understood_is_reported(config, problem):
    assert parse_rules(config).problems[0].startswith(problem)


@pytest.mark.parametrize("expression", ["unknown-function(//p)", "//p[$x]", "1 div 0", "true()", "//@*", "//comment()"])
def test_odd_expressions_give_no_body_and_no_exception(tree, expression):
    assert body_html(tree, Rules(body=(expression,))) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read(text):
    tree = parsed(PAGE)
    rules = parse_rules(text)
    assert isinstance(body_html(tree, rules), str)
    assert parse_rules(f"body: {text}").body == () or isinstance(body_html(tree, parse_rules(f"body: {text}")), str)


def test_the_rules_own_test_decides_on_its_page(rules):
    whole = "the first snippet and the second"
    assert does_better(rules, whole, "the first snippet", URL)
    assert not does_better(rules, "the second", whole, URL)


def test_elsewhere_the_rule_stands_in_for_what_missed_its_words():
    prose = " ".join(f"different{n} words{n} standing{n} here{n}" for n in range(20))
    assert does_better(Rules(), prose, prose[: len(prose) // 3], "https://x.example/")
    assert not does_better(Rules(), prose, prose + " and a little more", "https://x.example/")
    assert not does_better(Rules(), "too short", prose, "https://x.example/")
    assert does_better(Rules(), prose, prose + " chrome" * 300, "https://x.example/")
