"""Which link of a page leads to the story's next page, and which only to another story."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.decoding import parsed
from aggregator.clean.paging import further, same_story
from aggregator.clean.siterules import parse_rules
from aggregator.model import Further

HERE = "https://www.example.org/news/story"


def following(url: str, markup: str) -> str:
    tree = parsed(f"<html><head></head><body>{markup}</body></html>")
    assert tree is not None
    return further(tree, url, None).following


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (HERE, "/news/story/2"),
        (HERE, "/news/story/2/"),
        (HERE, "/news/story/page/2"),
        (HERE, "/news/story/seite-2"),
        (HERE, "/news/story?page=2"),
        (f"{HERE}?id=7", "/news/story?id=7&page=2"),
        (f"{HERE}?page=1", "?page=2"),
        (f"{HERE}/page/3", "/news/story/page/4"),
        (f"{HERE}/2", "/news/story/3"),
        ("https://www.example.org/a/story.html", "/a/story-page2.html"),
        ("https://www.example.org/a/story,seite-1.html", "story,seite-2.html"),
        ("https://www.example.org/?p=1234", "/?p=1234&page=2"),
    ],
)
def test_the_same_address_with_the_next_number_is_the_next_page(url: str, link: str) -> None:
    for markup in (f'<a rel=next href="{link}">weiter</a>', f'<div class=pager><a href="{link}#top">{{}}</a></div>'):
        number = "".join(each for each in link if each.isdigit())[-1]
        assert following(url, markup.format(number)).endswith(link.lstrip("."))


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (HERE, "/news/another-story"),  # the next article, as most sites mean rel=next
        (HERE, "/news/story-2"),  # another article of the same title
        (HERE, "/news/story/3"),  # page 2 is left out
        (HERE, "https://elsewhere.example/news/story/2"),
        (f"{HERE}/2", "/news/story/2"),
        (f"{HERE}/3", "/news/story/2"),
        ("https://www.example.org/articles/1", "/articles/2"),
        ("https://www.example.org/?p=12", "/?p=13"),
        ("https://www.example.org/", "/page/2"),
        (HERE, "/news/story?comments=2"),
        (HERE, "javascript:next(2)"),
        (HERE, ""),
    ],
)
def test_any_other_next_link_is_left_alone(url: str, link: str) -> None:
    assert following(url, f'<link rel=next href="{link}"><a rel="next" href="{link}">2</a>') == ""


def test_a_link_must_look_like_one_to_the_next_page() -> None:
    assert following(HERE, '<p>see <a href="/news/story/2">how it went on</a></p>') == ""
    assert following(HERE, '<a href="/news/story/2">3</a>') == ""
    assert following(HERE, '<a class="btn btn-next" href="/news/story/2">›</a>') != ""
    assert following(HERE, '<div id=comments><a rel=next href="/news/story?page=2">2</a></div>') == ""


def test_where_all_of_it_stands_on_one_page_matters_only_for_a_story_of_several() -> None:
    both = '<a href="/news/story?page=all">all</a><a href="/news/story/2">2</a>'
    tree = parsed(f"<html><body>{both}</body></html>")
    assert further(tree, HERE, None).whole == f"{HERE}?page=all"
    alone = parsed("<html><body><a href='/news/story?page=all'>all</a></body></html>")
    assert further(alone, HERE, None) == Further()
    elsewhere = parsed("<html><body><a href='/news/all'>all</a><a href='/news/story/2'>2</a></body></html>")
    assert further(elsewhere, HERE, None).whole == ""


def test_a_rule_goes_before_what_the_page_shows() -> None:
    tree = parsed('<html><body><a rel=next href="/news/story/2">2</a><a id=on href="/other">on</a></body></html>')
    stated = further(tree, HERE, parse_rules("next_page_link: //a[@id='on']"))
    assert stated == Further(following="https://www.example.org/other", stated=True)
    assert further(tree, HERE, parse_rules("next_page_link: //a[@id='none']")) == Further(stated=True)
    assert further(tree, HERE, parse_rules("strip: //a")).following == f"{HERE}/2"


def test_addresses_of_one_story() -> None:
    assert same_story(HERE, f"{HERE}/2")
    assert same_story(f"{HERE}?page=3", "http://example.org/news/story")
    assert not same_story(HERE, f"{HERE}-2")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_address_is_read(url: str, link: str) -> None:
    tree = parsed("<html><body><a rel=next>2</a></body></html>")
    next(tree.iter("a")).set("href", "".join(each for each in link if each.isprintable()))
    assert isinstance(further(tree, url, None), Further)
    assert isinstance(same_story(url, link), bool)
