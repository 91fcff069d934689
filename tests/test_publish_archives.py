"""The heads of feeds: permanent ids, addresses, windows, and archives that lose no story."""

import re
from dataclasses import replace
from datetime import timedelta

from demo import NOW, PLACE, story
from feedrules import ATOM, HISTORY, check_atom, check_rss
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.publish import FORMATS, channel


def test_archive_pages_are_chained():
    place = PLACE
    live = channel.live(place, [story(number) for number in range(151, 251)], archives=2)
    assert live.prev_archive["atom"] == "https://news.example.org/archive/2.atom"
    page = channel.archive(place, 2, [story(101)], archives=2)
    head = check_atom(FORMATS["atom"].render(page, [story(101)]))
    links = {link.get("rel"): link.get("href") for link in head.findall(f"{ATOM}link") if "archive" in link.get("href")}
    assert head.find(f"{HISTORY}archive") is not None
    assert links == {
        "self": "https://news.example.org/archive/2.atom",
        "prev-archive": "https://news.example.org/archive/1.atom",
    }
    assert page.current["atom"] == "https://news.example.org/feed.atom"
    first = channel.archive(place, 1, [story(1)], archives=2)
    assert not first.prev_archive
    assert first.next_archive["rss"] == "https://news.example.org/archive/2.rss"
    rss = check_rss(FORMATS["rss"].render(first, [story(1)]))
    assert rss.find(f"{HISTORY}archive") is not None
    assert {link.get("rel") for link in rss.findall(f"{ATOM}link")} == {"self", "current", "next-archive"}


@example(limit=9, total=110)  # an open archive page of one story
@given(limit=st.integers(1, 120), total=st.integers(1, 420))
def test_live_feed_and_archives_together_hold_every_story(limit, total):
    numbers = set(range(max(1, total - limit + 1), total + 1))
    archives = total // channel.PAGE_SIZE
    head = channel.live(PLACE, [story(number) for number in sorted(numbers)], archives=archives)
    while head.prev_archive:
        page = int(re.search(r"/archive/(\d+)\.atom", head.prev_archive["atom"])[1])
        first = (page - 1) * channel.PAGE_SIZE + 1
        numbers |= set(range(first, min(first + channel.PAGE_SIZE, total + 1)))
        head = channel.archive(PLACE, page, [], archives=archives)
    assert numbers == set(range(1, total + 1))


def test_only_the_feed_of_everything_has_archives():
    for place in (replace(PLACE, name="prague"), replace(PLACE, query="tanks")):
        assert not channel.live(place, [story(500)], archives=4).prev_archive


def test_ids_and_addresses_of_outputs():
    named, asked = replace(PLACE, name="prague"), replace(PLACE, query="tanks & co")
    ids = {PLACE.id, named.id, asked.id, replace(named, query="tanks").id}
    assert len(ids) == 4
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert replace(named, base_url="https://moved.example", title="Other").id == named.id
    assert named.url("rss") == "https://news.example.org/feeds/prague.rss"
    assert asked.url("json") == "https://news.example.org/feed.json?q=tanks%20%26%20co"
    assert named.home() == "https://news.example.org/?output=prague"


def test_window_keeps_two_days_when_that_is_more():
    old = [story(number, entered_at=NOW - timedelta(days=9)) for number in range(1, 11)]
    new = [story(number, entered_at=NOW - timedelta(hours=1)) for number in range(11, 21)]
    assert [one.number for one in channel.window(old, 3, NOW)] == [10, 9, 8]
    assert [one.number for one in channel.window([*old, *new], 3, NOW)] == list(range(20, 10, -1))
    assert [one.number for one in channel.window([*old, *new], 12, NOW)] == list(range(20, 8, -1))


def test_arranged_by_date_then_id():
    moment = NOW - timedelta(days=1)
    stories = [story(1, id="b", published=moment), story(2, id="a", published=moment), story(3, published=NOW)]
    assert [one.number for one in channel.arranged(stories)] == [3, 2, 1]
