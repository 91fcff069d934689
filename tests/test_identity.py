"""Which story an item is: ids that are no identity, over several answers of one feed, and in the store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model import Feed
from aggregator.parse import identity, incremental, parse
from aggregator.parse.draft import Draft
from tests.world import World, world

URL = "https://feeds.example/feed.xml"
FEED = Feed(url=URL, name="News", full_text="never")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def item(name, guid="same", link=None, title=None, date=""):
    link = f"https://e.example/{name}" if link is None else link
    dated = f"<pubDate>{date}</pubDate>" if date else ""
    words = f"Words of the story {name}, which nobody else tells: " + f"{name} " * 20
    return (
        f"<item><title>{title or f'Story {name}'}</title><link>{link}</link>{dated}"
        f'<guid isPermaLink="false">{guid}</guid><description>{words}</description></item>'
    )


def rss(*items, junk=""):
    return f"<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>{junk}".encode()


def guids(feed):
    return {entry.title: entry.guid for entry in feed.entries}


def after(*documents):
    """The guids by title that the last document gives, when each was parsed with what the one before left."""
    known = b""
    for document in documents:
        feed = parse(document, url=URL, known=known)
        known = feed.items
    return guids(feed)


OTHER = item("other", "other")


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (item("b"), 2),
        (item("b", link="https://e.example/a"), 1),
        (item("b", link="http://www.e.example/a?utm_source=rss#top"), 1),
        (item("b", title="Story a"), 1),
        (item("b", title="STORY A"), 1),
        (item("b", link=""), 2),
    ],
    ids=["other", "same link", "link with tracking", "same title", "case", "no link"],
)
def test_of_two_items_with_one_guid_another_link_and_title_make_another_story(second, count):
    feed = parse(rss(second, item("a"), OTHER), url=URL)
    assert len(feed.entries) == count + 1
    assert len({entry.guid for entry in feed.entries}) == count + 1


@pytest.mark.parametrize(("words", "count"), [("The second note.", 2), ("The first note.", 1)])
def test_of_items_without_a_title_the_words_tell(words, count):
    notes = (
        f"<item><link>https://e.example/{name}</link><guid>same</guid><description>{told}</description></item>"
        for name, told in (("b", words), ("a", "The first note."))
    )
    assert len({entry.guid for entry in parse(rss(*notes, OTHER), url=URL).entries}) == count + 1


def test_items_without_title_and_link_are_known_by_their_words():
    notes = (f"<item><description>{told}</description></item>" for told in ("One.", "Two."))
    found = [entry.guid for entry in parse(rss(*notes), url=URL).entries]
    assert len(set(found)) == 2
    assert all(guid.startswith("urn:") for guid in found)


def test_a_link_that_is_tracked_anew_at_each_poll_makes_no_other_story():
    first, later = (
        rss(*(item(name, link=f"https://e.example/{name}?utm_source={by}") for name in "ba"), OTHER)
        for by in ("rss", "feed")
    )
    assert after(first, later) == {title: guid for title, guid in after(first).items() if title != "Story other"}


def test_the_same_in_atom_and_json():
    entry = "<entry><id>{}</id><title>{}</title><link href='https://e.example/{}'/></entry>"
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'>" + "".join(
        entry.format(guid, name, name) for guid, name in (("x", "b"), ("x", "a"), ("y", "c"))
    )
    expected = {"a": "x", "b": "https://e.example/b", "c": "y"}
    assert guids(parse(f"{atom}</feed>".encode(), url=URL)) == expected
    listed = ",".join(
        f'{{"id":"{guid}","title":"{name}","url":"https://e.example/{name}"}}'
        for guid, name in (("x", "b"), ("x", "a"), ("y", "c"))
    )
    body = f'{{"version":"https://jsonfeed.org/version/1.1","items":[{listed}]}}'.encode()
    first = parse(body, url=URL)
    assert guids(first) == expected
    assert parse(body, url=URL, known=first.items).entries == ()


def test_the_story_that_had_the_guid_first_keeps_it():
    newest_first = rss(item("b"), item("a"), OTHER)
    assert guids(parse(newest_first, url=URL)) == {
        "Story a": "same",
        "Story b": "https://e.example/b",
        "Story other": "other",
    }
    assert after(rss(item("a"), OTHER), newest_first) == {"Story b": "https://e.example/b"}
    oldest_first = rss(OTHER, item("a"), item("b"))
    assert after(rss(OTHER, item("a")), oldest_first) == {"Story b": "https://e.example/b"}
    dated = rss(item("a", date="Mon, 02 Nov 2026 10:00:00 GMT"), item("b", date="Tue, 03 Nov 2026 10:00:00 GMT"), OTHER)
    assert guids(parse(dated, url=URL))["Story a"] == "same"


def test_a_guid_that_was_shared_stays_distrusted_when_its_stories_stand_alone():
    both = rss(item("b"), item("a"), OTHER)
    edited = item("b", title="Story b, edited")
    assert after(rss(item("a"), OTHER), both, rss(edited, OTHER)) == {"Story b, edited": "https://e.example/b"}
    assert after(rss(item("a"), OTHER), both, rss(OTHER), rss(item("d"), OTHER)) == {"Story d": "https://e.example/d"}
    moved = item("a", title="Story a, edited", link="http://e.example/a?utm_source=rss")
    assert after(rss(item("a"), OTHER), both, rss(moved, OTHER)) == {"Story a, edited": "same"}


def test_who_had_a_guid_first_is_not_decided_again():
    both = rss(item("b"), item("a"), OTHER)
    last = rss(item("d"), item("b", title="Story b, edited"), OTHER)
    expected = {"Story d": "https://e.example/d", "Story b, edited": "https://e.example/b"}
    assert after(rss(item("a"), OTHER), both, last) == expected


@pytest.mark.parametrize("others", [(OTHER,), ()], ids=["beside another", "alone"])
def test_an_edit_beside_what_it_edits_makes_no_guid_distrusted(others):
    beside = rss(item("a", title="Story a, edited"), item("a"), *others)
    moved = item("a", link="https://new.example/a", title="Story a, moved")
    assert after(beside, rss(moved, *others)) == {"Story a, moved": "same"}


def test_it_is_remembered_of_a_document_that_is_always_parsed_whole():
    inner = "<item><title>x</title><item><title>y</title></item></item>"
    both, alone = rss(item("b"), item("a"), OTHER, inner), rss(item("b"), OTHER, inner)
    assert after(both, both, alone)["Story b"] == "https://e.example/b"
    assert "always parsed whole" in " ".join(parse(both, url=URL).problems)


def test_a_guid_whose_link_moves_is_one_story():
    moves = ["https://e.example/a", "https://e.example/a?utm_source=rss", "https://new.example/a", ""]
    documents = [rss(item("a", link=link, title=f"Edit {number}"), OTHER) for number, link in enumerate(moves)]
    for number in range(1, len(moves)):
        assert after(*documents[: number + 1]) == {f"Edit {number}": "same"}


def untold(name, link, title=None):
    """An item without a guid."""
    return item(name, link=link, title=title).replace('<guid isPermaLink="false">same</guid>', "")


def test_items_without_a_guid_that_share_a_link_are_told_by_their_titles():
    shop = "https://shop.example/"
    first = rss(untold("a", shop), OTHER)
    both = rss(untold("b", shop), untold("b", shop), untold("a", shop), OTHER)
    (new,) = parse(both, url=URL, known=parse(first, url=URL).items).entries
    assert new.title == "Story b"
    assert guids(parse(both, url=URL))["Story a"] == shop
    last = rss(untold("c", shop), untold("b", shop), OTHER)
    assert list(after(first, both, last)) == ["Story c"]
    assert after(first, both, rss(untold("b", shop).replace("Words", "Edited words"), OTHER)) == {"Story b": new.guid}
    assert after(first, rss(untold("a", shop, "Story a, edited"), OTHER)) == {"Story a, edited": shop}


def test_what_is_remembered_is_bounded():
    items = [item(f"{number}{turn}", f"guid-{number}") for number in range(200) for turn in "ab"]
    feed = parse(rss(*items), url=URL)
    assert len(feed.entries) == 400
    assert len(feed.items) == (400 + incremental.MOST_SHARED) * 16
    assert parse(rss(*items), url=URL, known=feed.items).entries == ()


def test_no_date_of_one_item_decides_who_was_first():
    drafts = [
        Draft(id="x", link="https://e.example/1", title="1", published=datetime(2026, 1, 2, tzinfo=UTC)),
        Draft(id="x", link="https://e.example/2", title="2"),
        Draft(id="y", title="y"),
    ]
    (owner,) = identity.shared_ids(drafts, before={}, stored=()).values()
    assert owner == identity.mark("https://e.example/2")


async def test_no_story_is_lost_doubled_or_overwritten_in_the_store(place: World) -> None:
    turns = [
        rss(item("a"), item("c", "c")),
        rss(item("b"), item("a"), item("c", "c")),
        rss(item("b", title="Story b, edited"), item("c", "c")),
        rss(item("d"), item("c", "c")),
    ]
    lives = []
    for document in turns:
        place.sky.put(URL, document, "application/rss+xml")
        await place.round([FEED])
        place.later(hours=2)
        lives.append(sorted(place.live()))
    assert lives[0] == ["Story a", "Story c"]
    assert lives[1] == ["Story a", "Story b", "Story c"]
    assert lives[2] == ["Story a", "Story b, edited", "Story c"]
    assert lives[3] == ["Story a", "Story b, edited", "Story c", "Story d"]
