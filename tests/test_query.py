"""The query language: what it reads, what it refuses, what it matches, and how it narrows."""

import itertools
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NOW, partly_known, queries, subjects, text_in_any_script

from aggregator.query import (
    And,
    Or,
    Phrase,
    Prefix,
    QueryError,
    Subject,
    Term,
    both,
    index_row,
    matches,
    narrow,
    parse,
    rule_hash,
    tokens,
)
from aggregator.query.match import REGEX_TIMEOUT
from aggregator.query.syntax import MAX_CHARS, MAX_DEPTH, MAX_REGEXES, MAX_TERMS

STORY = Subject(
    title="The Prague Spring, 58 years on",
    text="Soviet tanks rolled in. The reforms of Dubček ended in Čierna; covid-19 did not exist. U.S. papers were few.",
    author="Jana Nováková",
    url="https://www.example.com/history/Prague-Spring_1968?id=7#top",
    feed="Example News",
    tags=("Czech history", "Cold War"),
    language="en-GB",
    published=NOW - timedelta(days=10),
)
CHINESE = Subject(
    title="布拉格之春", text="一九六八年，苏联坦克开进布拉格。日本語も少し。", tags=(), language="zh-Hant"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", True),
        ("   ", True),
        ("prague", True),
        ("PRAGUE spring", True),
        ("spring prague", True),
        ("prague autumn", False),
        ("autumn OR prague", True),
        ("autumn OR winter", False),
        ("prague AND tanks", True),
        ("or", False),
        ("prague -tanks", False),
        ("prague -autumn", True),
        ("prague NOT tanks", False),
        ("NOT autumn", True),
        ("--prague", True),
        ("-(autumn OR winter)", True),
        ("-(autumn OR tanks)", False),
        ("autumn winter OR tanks", True),  # AND binds tighter
        ("autumn (winter OR tanks)", False),
        ('"prague spring"', True),
        ('"spring prague"', False),
        ('"soviet tanks rolled"', True),
        ('-"soviet tanks"', False),
        ("“prague spring”", True),
        ('"spring 58 years on soviet"', False),  # a phrase doesn't cross fields
        ("dubcek", True),
        ("DUBČEK cierna", True),
        ("covid-19", True),
        ("covid-18", False),
        ('"covid 19"', True),
        ("U.S.", True),
        ("refor*", True),
        ("refors*", False),
        ('"soviet tan*"', True),
        ('"soviet rol*"', False),
        ("prague & spring", True),
        ("prague - autumn", False),  # a dash between spaces is punctuation
        ("novakova", False),  # not looked for without its field
        ("author:novakova", True),
        ("author:novak*", True),
        ("AUTHOR:novakova", True),
        ("title:tanks", False),
        ("text:tanks", True),
        ('title:"prague spring"', True),
        ("title:(autumn OR spring) tanks", True),
        ("title:(prague -spring)", False),
        ("-title:prague", False),
        ("history", True),  # bare words see tags
        ("tag:history", True),
        ('tag:"czech history"', True),
        ('tag:"history cold"', False),  # nor does it cross tags
        ("feed:example", True),
        ("feed:other", False),
        ("lang:en", True),
        ("lang:en-gb", True),
        ("lang:EN_GB", True),
        ("lang:en-us", False),
        ("lang:gb", False),
        ("lang:e", False),
        ("url:example.com", True),
        ("url:https://www.example.com/history/", True),
        ("url:/history/", True),
        ("url:/history", True),
        ("url:/prague-spring_1968/", True),
        ("url:/prague/", False),
        ("url:/spring", False),
        ("url:spring", True),
        ("url:/example", False),
        ("url:example.com/history", True),
        ("url:/hist*", True),
        ("url:/history/*", True),
        ("age<11d", True),
        ("age<10d", False),
        ("age<=10d", True),
        ("age>=240h", True),
        ("age>1w", True),
        ("age<1w", False),
        ("age<1m", True),
        ("age>1y", False),
        ("AGE<2M prague", True),
        ("age", False),
        ("https://nowhere.org", False),
    ],
)
def test_matches(source, expected):
    assert matches(parse(source), STORY, now=NOW) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("布拉格", True),
        ("春", True),
        ("格之", True),
        ("拉格春", False),
        ("苏联坦克", True),
        ("坦克 布拉格", True),
        ("布拉*", True),
        ("日本", True),
        ("本語", True),
        ("title:日本", False),
        ("lang:zh", True),
        ("lang:zh-hant", True),
    ],
)
def test_matches_without_spaces(source, expected):
    assert matches(parse(source), CHINESE, now=NOW) is expected


def test_a_url_is_matched_by_what_its_escapes_mean():
    subject = Subject(url="http://example.org/%D0%92%D0%B5%D1%81%D0%BD%D0%B0/a")
    assert matches(parse("url:/весна/"), subject, now=NOW) is True
    assert matches(parse("url:/%D0%B2%D0%B5%D1%81%D0%BD%D0%B0"), subject, now=NOW) is True


@pytest.mark.parametrize("path", ["/deals", "/deals/", "/deals?x=1", "/a/deals/b", "/DEALS#top"])
def test_a_path_is_matched_by_whole_pieces(path):
    assert matches(parse("url:/deals/"), Subject(url=f"https://example.org{path}"), now=NOW) is True


@pytest.mark.parametrize(
    "url", ["https://example.org/best-deals/", "https://deals.example.org/", "https://example.org/dealsx/"]
)
def test_a_path_is_not_matched_by_less(url):
    assert matches(parse("url:/deals/"), Subject(url=url), now=NOW) is False


@pytest.mark.parametrize(
    ("source", "position", "hint"),
    [
        ("(a", 0, "closed"),
        ("a)", 1, "opening"),
        (")", 0, "opening"),
        ("a ()", 2, "empty"),
        ("x title:()", 8, "empty"),
        ('say "a', 4, "quotation"),
        ("a OR", 2, "behind"),
        ("(a OR)", 3, "behind"),
        ("OR a", 0, "before"),
        ("a OR OR b", 5, "before"),
        ("a AND", 2, "behind"),
        ("AND a", 0, "before"),
        ("a AND OR b", 6, "before"),
        ("a NOT", 2, "behind"),
        ("a -&", 2, "behind"),
        ("&", 0, "letter or digit"),
        ("-", 0, "letter or digit"),
        ("a OR &", 5, "letter or digit"),
        ('""', 0, "letter or digit"),
        ("*", 0, "letter or digit"),
        ("url:/", 4, "letter or digit"),
        ("title:", 6, "right behind"),
        ("title: a", 6, "right behind"),
        ("(title:)", 7, "right behind"),
        ("titel:a", 0, "title:"),
        ("x tags:a", 2, "tag:"),
        ("title:(a author:b)", 9, "inside"),
        ("de*mo", 2, "end of a word"),
        ("*mo", 0, "end of a word"),
        ("age<7", 4, "unit"),
        ("age<week", 4, "unit"),
        ("age:7d", 0, "age<7d"),
        ("a /b+/", 2, "feeds.toml"),
        ("title:/b+/", 6, "feeds.toml"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_why(source, position, hint):
    with pytest.raises(QueryError) as caught:
        parse(source)
    assert caught.value.position == position
    assert hint in caught.value.message
    assert str(position + 1) in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).position == position


@pytest.mark.parametrize(
    ("fits", "breaks"),
    [
        ("x" * MAX_CHARS, "x" * (MAX_CHARS + 1)),
        ("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH, "(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1)),
        ("-" * MAX_DEPTH + "x", "-" * (MAX_DEPTH + 1) + "x"),
        ("x " * MAX_TERMS, "x " * (MAX_TERMS + 1)),
        ("/x/ " * MAX_REGEXES, "/x/ " * (MAX_REGEXES + 1)),
    ],
    ids=["length", "parentheses", "negations", "terms", "regexes"],
)
def test_limits(fits, breaks):
    parse(fits, regex=True)
    with pytest.raises(QueryError, match="at most"):
        parse(breaks, regex=True)


def test_a_query_keeps_its_source_and_pickles():
    query = parse(' tag:a  OR /b+/ "c"', regex=True)
    assert str(query) == ' tag:a  OR /b+/ "c"'
    assert pickle.loads(pickle.dumps(query)) == query
    assert matches(pickle.loads(pickle.dumps(query)), Subject(title="bbb c", text="", tags=()), now=NOW) is True


def test_two_queries_are_joined_without_being_read_again():
    rule, search = parse("/pragu?e/ OR x", regex=True), parse("tanks -autumn")
    assert str(both(rule, search)) == "(/pragu?e/ OR x) (tanks -autumn)"
    assert both(rule, search).root == parse(str(both(rule, search)), regex=True).root
    assert matches(both(rule, search), STORY, now=NOW) is True
    assert matches(both(rule, parse("autumn")), STORY, now=NOW) is False
    assert both(rule, parse(" ")) == rule
    assert both(parse(""), search) == search
    wide = parse("x " * MAX_TERMS)
    assert matches(both(wide, wide), STORY, now=NOW) is False


def test_a_rule_is_known_again_by_its_hash():
    assert rule_hash("a OR b") == rule_hash(" a OR b\n") == bytes.fromhex("5872a7e511da4d6c576409844984dca3")
    assert rule_hash("a OR b") != rule_hash("a OR c")
    assert len(rule_hash("\ud800")) == 16


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/pragu?e/", True),
        ("/PRAGUE/", True),
        ("/^soviet/", True),
        ("/dubcek/", False),  # the text as it stands, accents count
        ("/dubček/", True),
        ("title:/tanks/", False),
        (r"text:/covid-\d+/", True),
        (r"/in\. The/", True),
        ("/soviet|autumn/ prague", True),
        ("-/autumn/", True),
        (r"/a\/b/ OR prague", True),
        ("(/spring,/)", True),
        ("tag:/^cold/", True),
        ("url:/history/", True),  # a path, never a regular expression
        ("/history", True),  # just a word with a slash
    ],
)
def test_regular_expressions(source, expected):
    assert matches(parse(source, regex=True), STORY, now=NOW) is expected


@pytest.mark.parametrize(("source", "position"), [("a /b(/", 5), ("/[z-a]/", 5), (r"/x\p{nonsense}/", 14)])
def test_a_bad_regular_expression_is_refused(source, position):
    with pytest.raises(QueryError, match="regular expression") as caught:
        parse(source, regex=True)
    assert caught.value.position == position


def test_a_regular_expression_out_of_time_counts_as_not_found():
    slow, subject = "/(.*a){20}z/", Subject(title="", text="a" * 3000, tags=())
    with pytest.raises(TimeoutError):
        parse(slow, regex=True).root.compiled.search(subject.text, timeout=REGEX_TIMEOUT)
    assert matches(parse(slow, regex=True), subject, now=NOW) is False
    assert matches(parse(f"-{slow}", regex=True), subject, now=NOW) is True


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", True),
        ("prague", True),  # the title is enough
        ("tanks", None),
        ("-prague", False),
        ("-tanks", None),
        ("prague tanks", None),
        ("title:tanks", False),
        ("title:tanks text:prague", False),
        ("prague OR text:tanks", True),
        ("title:tanks OR text:tanks", None),
        ("author:x", None),
        ("tag:x", None),
        ("lang:en", None),
        ("feed:x", None),
        ("age<7d", None),
        ("-age<7d prague", None),
        ("url:/a/", True),
        ("/prague/", True),
        ("/tanks/", None),
    ],
)
def test_what_is_not_known_yet_leaves_the_answer_open(source, expected):
    known_so_far = Subject(title="Prague Spring", url="https://example.com/a")
    assert matches(parse(source, regex=True), known_so_far, now=NOW) is expected


def test_known_to_be_empty_is_not_unknown():
    empty = Subject(title="", text="", author="", url="", feed="", tags=(), language="", published=NOW)
    for source in ("prague", "author:x", "tag:x", "lang:en", "url:/a/", "feed:x", "age>1d", "/x/"):
        assert matches(parse(source, regex=True), empty, now=NOW) is False


def test_a_teaser_tells_what_it_holds_and_nothing_more():
    teaser = Subject(title="", text="Soviet tanks ...", tags=(), partial=True)
    assert matches(parse("tanks"), teaser, now=NOW) is True
    assert matches(parse("-tanks"), teaser, now=NOW) is False
    assert matches(parse("reforms"), teaser, now=NOW) is None
    assert matches(parse("/reforms/", regex=True), teaser, now=NOW) is None
    assert matches(parse("title:tanks"), teaser, now=NOW) is False


def test_a_story_is_split_once_however_many_rules_look_at_it():
    subject = replace(STORY)
    matches(parse("text:tanks"), subject, now=NOW)
    first = subject.view("text")
    matches(parse("text:spring"), subject, now=NOW)
    assert subject.view("text") is first
    assert "title" not in subject._views


def test_index_row():
    row = index_row(STORY)
    assert list(row) == ["title", "text", "author", "feed", "lang", "tags", "url"]
    assert row["title"] == "the prague spring 58 years on"
    assert row["url"] == "https www example com history prague spring 1968 id 7 top"
    assert row["tags"] == "czech history cold war"
    assert row["lang"] == "en gb"
    assert index_row(Subject()) == dict.fromkeys(row, "")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", None),
        ("a", Term(None, "a")),
        ("title:A", Term("title", "a")),
        ("tag:a", Term("tags", "a")),
        ("demo*", Prefix(None, "demo")),
        ('"a b"', Phrase(None, ("a", "b"))),
        ("a-b*", And((Term(None, "a"), Prefix(None, "b")))),
        ('"a b c*"', And((Phrase(None, ("a", "b")), Prefix(None, "c")))),
        ("url:example.com/deals/", Phrase("url", ("example", "com", "deals"))),
        ("url:/deals/", Term("url", "deals")),
        ("lang:en-GB", Phrase("lang", ("en", "gb"))),
        ("a b", And((Term(None, "a"), Term(None, "b")))),
        ("a -b", Term(None, "a")),
        ("a OR b", Or((Term(None, "a"), Term(None, "b")))),
        ("a OR -b", None),
        ("c (a OR age<7d)", Term(None, "c")),
        ("a OR (b age<7d)", Or((Term(None, "a"), Term(None, "b")))),
        ("-a", None),
        ("--a", None),
        ("age<7d", None),
        ("/a/", None),
        ("日本", Phrase(None, ("日", "日本", "本"))),
    ],
)
def test_narrow(source, expected):
    assert narrow(parse(source, regex=True)) == expected


def selected(node, row):
    """A tiny model of an index: does the row with these columns of space-joined tokens come up?"""
    if isinstance(node, And):
        return all(selected(part, row) for part in node.parts)
    if isinstance(node, Or):
        return any(selected(part, row) for part in node.parts)
    columns = ("title", "text", "tags") if node.column is None else (node.column,)
    return any(_in_column(node, row[column].split()) for column in columns)


def _in_column(node, words):
    if isinstance(node, Term):
        return node.token in words
    if isinstance(node, Prefix):
        return any(word.startswith(node.token) for word in words)
    size = len(node.tokens)
    return any(tuple(words[at : at + size]) == node.tokens for at in range(len(words)))


@given(queries(regex=True), st.lists(subjects(), min_size=1, max_size=8))
def test_what_matches_is_among_what_the_index_selects(source, stories):
    query = parse(source, regex=True)
    narrowed = narrow(query)
    for story in stories:
        answer = matches(query, story, now=NOW)
        assert answer is not None
        if answer and narrowed is not None:
            assert selected(narrowed, index_row(story))


@given(text_in_any_script(max_words=6), subjects())
def test_what_a_story_holds_is_found_in_it(phrase, story):
    if not tokens(phrase):
        return
    holding = replace(story, text=f"{story.text} {phrase} {story.title}")
    query = parse('text:"' + phrase.replace('"', " ") + '"')
    assert matches(query, holding, now=NOW) is True
    assert matches(parse(f"-({query})"), holding, now=NOW) is False


@given(queries(regex=True), subjects(), st.data())
def test_learning_more_never_turns_an_answer_round(source, story, data):
    query = parse(source, regex=True)
    early = matches(query, data.draw(partly_known(story)), now=NOW)
    assert early is None or early is matches(query, story, now=NOW)


@given(queries(), queries(), subjects(), st.data())
def test_the_operators_are_kleenes(first, second, story, data):
    subject = data.draw(partly_known(story))

    def answer(source):
        return matches(parse(source), subject, now=NOW)

    order = {False: 0, None: 1, True: 2}
    back = [False, None, True]
    a, b = order[answer(first)], order[answer(second)]
    assert answer(f"({first}) ({second})") is back[min(a, b)]
    assert answer(f"({first}) AND ({second})") is back[min(a, b)]
    assert answer(f"({first}) OR ({second})") is back[max(a, b)]
    assert answer(f"-({first})") is back[2 - a]


@given(st.text(max_size=60) | st.text(alphabet='()"-*:/<ab7dORNT titleurl\\[', max_size=40))
def test_any_source_is_read_or_refused_with_a_position_inside(source):
    try:
        query = parse(source, regex=True)
    except QueryError as error:
        refused = error
    else:
        assert matches(query, STORY, now=NOW) in (True, False)
        narrow(query)
        return
    assert 0 <= refused.position <= len(source)
    assert refused.message


def test_thousands_of_rules_are_judged_without_recursion_trouble():
    deep = "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH
    wide = " OR ".join(f"word{number}" for number in range(MAX_TERMS))
    assert matches(parse(deep), STORY, now=NOW) is False
    assert matches(parse("NOT " * MAX_DEPTH + "x"), STORY, now=NOW) is False
    assert matches(parse(wide), STORY, now=NOW) is False


def test_ages_bear_any_number_that_can_be_written():
    story = Subject(published=datetime(1, 1, 1, tzinfo=UTC))
    for operator, unit in itertools.product("<>", "hdwmy"):
        assert matches(parse(f"age{operator}999999{unit}"), story, now=NOW) in (True, False)
