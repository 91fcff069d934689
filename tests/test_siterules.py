"""Site rules in the FiveFilters format: read without raising, applied within bounds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import PARAGRAPHS, page

from aggregator.app.rulefiles import read_rules
from aggregator.clean import clean, load_model, sitechrome
from aggregator.clean.decoding import parsed
from aggregator.clean.siterules import Rules, Trial, body_html, does_better, link, parse_rules, replaced, text_at
from aggregator.model import Document, Site, SiteBlock
from aggregator.pipeline.edges import site_rule

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


def test_only_the_shortest_argument_is_one():
    assert parse_rules("replace_string(<i>): <b> (x): y").replacements == (("<i>", "<b> (x): y"),)
    assert parse_rules("replace_string(a(b)): c").replacements == (("a(b)", "c"),)
    assert parse_rules("replace_string(gone):").replacements == (("gone", ""),)


def test_finds_and_replacements_stand_in_pairs_wherever_they_stand():
    config = "find_string: a\nfind_string: b\nreplace_string: x\nreplace_string: y"
    assert parse_rules(config).replacements == (("a", "x"), ("b", "y"))


def test_what_has_no_effect_is_said_and_is_no_mistake(rules):
    assert rules.ignored == (
        "line 19: autodetect_on_failure has no effect here",
        "line 24: http_header has no effect here",
    )
    assert parse_rules("parser: html5php").problems == ()
    usual = parse_rules("autodetect_on_failure: yes\ntidy: no\nprune: yes")
    assert (usual.problems, usual.ignored) == ((), ()), "what is done anyway, or is about another program's parser"


def lookup(url: str, *names: str) -> str:
    return site_rule({name: name for name in names}, url)


def test_a_rule_is_its_hosts_and_one_with_a_dot_that_of_all_below():
    assert lookup("https://www.example.org/x", "example.org") == "example.org"
    assert lookup("https://m.example.org/x", "example.org") == "example.org"
    assert lookup("https://blog.example.org/x", "example.org") == ""
    assert lookup("https://a.blog.example.org/x", "example.org", ".example.org") == ".example.org"
    assert lookup("https://a.blog.example.org/x", ".example.org", ".blog.example.org") == ".blog.example.org"
    assert lookup("https://example.org/x", ".example.org") == ".example.org"
    assert lookup("https://example.org/x", ".example.org", "example.org") == "example.org"
    assert lookup("https://notexample.org/x", ".example.org") == ""
    assert lookup("", ".example.org") == ""


def test_files_are_read_by_host_and_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "WWW.Example.org.txt").write_text("\ufeffbody: //p", encoding="utf-8")
    (tmp_path / ".example.net.txt").write_bytes(b"title: //h1[text()='caf\xe9']")
    (tmp_path / "notes.md").write_text("none")
    (tmp_path / "example.org.txt").write_text("body: //div")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "large.example.txt").write_text("# long\n" * 20_000)
    files = read_rules(tmp_path)
    assert set(files.texts) == {"example.org", ".example.net", "large.example"}
    assert parse_rules(files.texts["example.org"]).body == ("//div",)
    assert parse_rules(files.texts[".example.net"]).problems == ()
    assert [problem.partition(": ")[0] for problem in files.problems] == [
        str(tmp_path / name) for name in ("example.org.txt", "folder.txt", "large.example.txt")
    ]
    assert read_rules(None).texts == {}


def read(config: str, *, site: Site | None = None):
    side = "".join(f"<p>{line}</p>" for line in PARAGRAPHS["garden"])
    html = page("That August", PARAGRAPHS["tanks"]).replace(
        "<footer>", f"<div id=side><h1>That August</h1>{side}</div><footer>"
    )
    document = Document(kind="page", body=html, url=URL)
    return clean(document, None, site or Site(), load_model(), rule=config)


SNIPPET = "four thousand   tulips"


def test_a_rule_decides_only_where_its_own_test_says_that_automatic_extraction_does_worse():
    alone = read("")
    assert SNIPPET.rsplit(maxsplit=1)[-1] not in alone.article.text
    body = "body: //div[@id='side']\n"
    better = read(f"{body}test_url: {URL}\ntest_contains: {SNIPPET}")
    assert better.layer == "site rule"
    assert better.article.text.split("\n\n") == PARAGRAPHS["garden"], "without the headline"
    assert [block.text for block in better.kept] == PARAGRAPHS["garden"]
    worse = read(f"{body}test_url: {URL}\ntest_contains: Vinohradská street")
    assert (worse.layer, worse.article.text) == ("judge", alone.article.text)
    nothing = read("body: //div[@id='nowhere']")
    assert (nothing.layer, nothing.article.text) == ("judge", alone.article.text)


def test_a_rule_that_only_strips_strips_before_anything_is_extracted():
    text = read("strip: //p[contains(., 'Vinohradská')]").article.text
    assert text.split("\n\n") == PARAGRAPHS["tanks"][1:]


def test_the_users_word_on_a_block_goes_before_a_rule():
    line = PARAGRAPHS["garden"][1]
    key = sitechrome.fingerprint(line)
    block = SiteBlock(fingerprint=key, articles=0, last_seen=datetime(2024, 1, 1, tzinfo=UTC), override="remove")
    config = f"body: //div[@id='side']\ntest_url: {URL}\ntest_contains: {SNIPPET}"
    cleaned = read(config, site=Site(host="example.org", blocks={key: block}))
    assert cleaned.article.text.split("\n\n") == [PARAGRAPHS["garden"][0], PARAGRAPHS["garden"][2]]
    assert line not in cleaned.article.html


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("test_contains: x", "line 1: test_contains: there is no test_url above it"),
        ("if_page_contains: //p", "line 1: if_page_contains: there is no link above it"),
        ("next_page_link: //a\nif_page_contains: //[", "line 2: if_page_contains: Invalid expression"),
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
