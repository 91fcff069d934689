"""The store: feeds and states, entries and work, articles and their copies, sites, pages, tidying."""

import gc
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from aggregator.errors import StorageError
from aggregator.model import Cleaned, Document, Enclosure, Entry, Feed, FeedState, Glance, Removed, Source
from aggregator.query import parse
from aggregator.storage import codec, open_storage
from aggregator.storage.records import Addition, Verdicts
from aggregator.storage.troubles import KEPT
from aggregator.trouble import Event
from aggregator.websub import Subscription
from tests.storing import (
    DAY,
    FEED,
    HOUR,
    NOW,
    OTHER,
    addition,
    cleaned,
    entry,
    imported,
    new,
    poll,
    publish,
    text,
    work_of,
)


@pytest.fixture
def storage(tmp_path):
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        yield opened


def whole_state(url):
    """A state with no field at its default, but for the count of articles, which storage fills in."""
    made = {
        datetime: lambda place: NOW + timedelta(minutes=place),
        timedelta: lambda place: timedelta(minutes=place + 1),
        int: lambda place: place + 1,
        str: lambda place: f"text {place} é 日",
        bytes: lambda place: bytes([0, 255, place]),
        tuple: lambda place: (place, place + 1),
    }
    values = {}
    for place, (name, hint) in enumerate(get_type_hints(FeedState).items()):
        if get_origin(hint) is Literal:
            values[name] = get_args(hint)[-1]
        else:
            kind = tuple if get_origin(hint) is tuple else next(iter(get_args(hint)), hint)
            values[name] = made[kind](place)
    return FeedState(**{**values, "url": url, "articles": 0})


def opening(seed):
    """The first words of a text."""
    return " ".join(text(seed).split()[:3])


# -- feeds


def test_a_state_comes_back_field_for_field(storage):
    state = whole_state(FEED.url)
    plain = FeedState(url=FEED.url)
    same = [f.name for f in fields(state) if getattr(state, f.name) == getattr(plain, f.name)]
    assert same == ["url", "articles"]
    storage.sync_feeds([FEED], NOW)
    storage.save_states([state])
    assert storage.feed_states() == {FEED.url: state}


def test_states_are_stored_whatever_part_of_them_changed(storage):
    storage.sync_feeds([FEED, OTHER], NOW)
    first = whole_state(FEED.url)
    storage.save_states([first, FeedState(url=OTHER.url)])
    changes = {"polls": 9, "items": b"new", "title": "New title", "skip_days": (), "hint": None, "etag": '"2"'}
    for name, value in changes.items():
        first = replace(first, **{name: value})
        storage.save_states([first])
        assert storage.feed_states()[FEED.url] == first
    assert storage.feed_states()[OTHER.url] == FeedState(url=OTHER.url)


def test_a_feed_that_left_the_configuration_keeps_its_state_and_is_polled_no_more(storage):
    storage.sync_feeds([FEED, OTHER], NOW)
    storage.save_states([whole_state(FEED.url)])
    storage.sync_feeds([OTHER], NOW)
    assert list(storage.feed_states()) == [OTHER.url]
    storage.save_states([replace(whole_state(FEED.url), polls=99)])  # a poll that was under way
    storage.sync_feeds([OTHER, FEED], NOW)
    assert storage.feed_states()[FEED.url].polls == 99


def test_hundreds_of_states_in_one_call(storage):
    configured = [Feed(url=f"https://f{n}.example/feed", name=f"F{n}") for n in range(1203)]
    storage.sync_feeds(configured, NOW)
    states = [FeedState(url=feed.url, polls=n, etag=f'"{n}"') for n, feed in enumerate(configured)]
    storage.save_states(states)
    assert list(storage.feed_states().values()) == states


def test_a_glance_tells_of_the_configured_feeds_what_their_states_tell(storage):
    storage.sync_feeds([FEED, OTHER], NOW)
    storage.save_states([whole_state(FEED.url)])
    states = storage.feed_states()
    assert states[FEED.url].next_poll
    assert storage.glances() == {
        url: Glance(status=state.status, asked=state.last_attempt is not None, next_poll=state.next_poll)
        for url, state in states.items()
    }
    storage.sync_feeds([OTHER], NOW)
    assert list(storage.glances()) == [OTHER.url]


def test_text_that_no_database_takes_does_no_harm(storage):
    storage.sync_feeds([FEED], NOW)
    storage.save_states([FeedState(url=FEED.url, title="a\0b \ud800 c", etag="\xff\x80")])
    assert storage.feed_states()[FEED.url].title == "ab ? c"
    assert storage.feed_states()[FEED.url].etag == "\xff\x80"
    saved = poll(storage, new("nasty", title="x\0y \udfff", summary="\ud800", guid="\0 \ud800"))
    assert saved.new == 1
    work = storage.work(NOW, 5)[0]
    added = storage.add_article(addition(work, article={"author": "\0\ud800", "summary": "\udc00"}), now=NOW)
    assert storage.story(added.key).author == "?"


def test_a_poll_of_a_feed_that_was_never_configured_is_refused(storage):
    with pytest.raises(StorageError, match=r"ghost\.example"):
        storage.save_poll(FeedState(url="https://ghost.example/"), [new("a")])


def test_host_pauses_last_until_they_are_over(storage):
    storage.save_host_pause("a.example", NOW + HOUR)
    storage.save_host_pause("a.example", NOW + 2 * HOUR)
    storage.save_host_pause("b.example", NOW - HOUR)
    assert storage.host_pauses() == {"a.example": NOW + 2 * HOUR, "b.example": NOW - HOUR}
    storage.sync_feeds([], NOW)
    assert storage.host_pauses() == {"a.example": NOW + 2 * HOUR}


def test_subscriptions_are_kept_by_their_path_also_for_feeds_that_went(storage):
    storage.sync_feeds([FEED, OTHER], NOW)
    first = Subscription(path="p1", feed_url=FEED.url, hub="h", topic="t", callback="c", secret="s", next_try=NOW)
    second = replace(first, path="p2", feed_url=OTHER.url, topic="nul \0, ü")
    for each in (first, second):
        storage.save_subscription(each)
    told = replace(first, state="active", lease_end=NOW + DAY, delivered=NOW, next_try=None, failures=3)
    told = replace(told, error_class="timeout", error="late")
    storage.save_subscription(told)
    storage.sync_feeds([], NOW)
    assert storage.subscriptions() == [told, replace(second, topic=codec.clean(second.topic))]
    storage.forget_subscription("p1")
    assert [each.path for each in storage.subscriptions()] == ["p2"]
    with pytest.raises(StorageError, match=r"ghost\.example"):
        storage.save_subscription(replace(first, feed_url="https://ghost.example/"))


# -- entries


def test_an_entry_comes_back_field_for_field(storage):
    given = Entry(
        guid="tag:x,1",
        url="https://news.example/a",
        title="T é 日",
        author="A",
        summary="<p>s</p>" * 50,
        content="<p>c</p>" * 500,
        text="t",
        published=NOW - DAY,
        updated=NOW,
        categories=("a", "b"),
        enclosures=(Enclosure(url="https://x.example/a.mp3", type="audio/mpeg", length=7),),
        image="https://x.example/i.png",
        language="cs",
        hash=b"h",
    )
    poll(storage, new("", entry=given), new("", entry=Entry(guid="bare", hash=b"x")))
    assert [work.entry for work in storage.work(NOW, 10)] == [given, Entry(guid="bare", hash=b"x")]


def test_entries_and_validators_are_one_commit(storage):
    class Broken:
        """An entry that fails when it is to be stored."""

        entry = entry("b")

    with pytest.raises(AttributeError):
        poll(storage, new("a"), Broken(), etag='"new"')
    assert storage.feed_states()[FEED.url].etag == ""
    assert storage.known(FEED.url, [entry("a").guid]) == {}


def test_http_and_https_are_one_guid_and_case_is_not(storage):
    assert poll(storage, new("a", guid="http://x.example/A"), new("b", guid="HTTPS://x.example/A")).new == 1
    assert poll(storage, new("a", guid="https://x.example/A"), new("c", guid="https://x.example/a")).new == 1
    marks = storage.known(FEED.url, ["https://x.example/A", "http://x.example/A", "nothing"])
    assert set(marks) == {"https://x.example/A", "http://x.example/A"}
    assert len({mark.id for mark in marks.values()}) == 1
    assert storage.known(OTHER.url, ["https://x.example/A"]) == {}


def test_only_a_changed_hash_is_a_change_and_24_of_them_are_followed(storage):
    poll(storage, new("a", hash=b"0"))
    assert poll(storage, new("a", hash=b"0", title="ignored")) == type(poll(storage))(new=0, changed=0)
    changed = [poll(storage, new("a", hash=bytes([n]), title=f"T{n}")).changed for n in range(1, 31)]
    assert changed == [1] * 24 + [0] * 6
    mark = storage.known(FEED.url, [entry("a").guid])[entry("a").guid]
    assert (mark.changes, mark.hash) == (24, bytes([24]))
    assert storage.work(NOW, 5)[0].entry.title == "T24"


def test_work_is_what_is_due_each_feed_in_turn_oldest_first(storage):
    poll(storage, *(new(f"a{n}", due=NOW - HOUR + n * timedelta(seconds=1)) for n in range(5)))
    poll(storage, new("b0", OTHER, due=NOW), new("b1", OTHER, due=NOW), feed=OTHER)
    poll(storage, new("later", due=NOW + HOUR), new("never", due=None), new("no", verdict="rejected", due=None))
    names = [work.entry.url.rsplit("/", 1)[1] for work in storage.work(NOW, 10)]
    assert names == ["a0", "b0", "a1", "b1", "a2", "a3", "a4"]
    assert [work.entry_id for work in storage.work(NOW, 3)] == [work.entry_id for work in storage.work(NOW, 10)][:3]
    busy = [work.entry_id for work in storage.work(NOW, 4)]
    assert [work.entry.url[-2:] for work in storage.work(NOW, 10, exclude=busy)] == ["a2", "a3", "a4"]


def test_a_rejected_entry_is_remembered_with_its_rule_and_can_be_judged_again(storage):
    poll(storage, new("a"), new("b"), new("old", seen=NOW - 40 * DAY))
    for work in storage.work(NOW, 10):
        storage.reject(work.entry_id, rule="drop x", rule_hash=b"rule 1")
    assert storage.work(NOW + DAY, 10) == []
    assert {mark.verdict for mark in storage.known(FEED.url, [entry("a").guid]).values()} == {"rejected"}
    month = NOW - 30 * DAY
    assert storage.rejecting_rules(month) == {(FEED.url, b"rule 1")}
    assert storage.rejected(FEED.url, month, not_by=b"rule 1") == []
    assert storage.rejected(OTHER.url, month, not_by=b"rule 2") == []
    rows = storage.rejected(FEED.url, month, not_by=b"rule 2")
    assert [row.entry.title for row in rows] == ["Title of a", "Title of b"]
    assert storage.rejected(FEED.url, month, not_by=b"rule 2", after=rows[0].entry_id) == rows[1:]
    assert storage.rejected(FEED.url, month, not_by=b"rule 2", limit=1) == rows[:1]
    again = [
        Verdicts(entry_id=rows[0].entry_id, pending=True, rule_hash=b"rule 2"),
        Verdicts(entry_id=rows[1].entry_id, pending=False, rule="drop y", rule_hash=b"rule 2"),
    ]
    storage.set_verdicts(again, now=NOW + DAY)
    assert storage.work(NOW, 10) == []
    assert [work.entry_id for work in storage.work(NOW + DAY, 10)] == [rows[0].entry_id]
    assert storage.rejecting_rules(month) == {(FEED.url, b"rule 2")}
    assert [row.entry.title for row in storage.rejected(FEED.url, month, not_by=b"rule 3")] == ["Title of b"]


def test_a_postponed_entry_waits(storage):
    poll(storage, new("a"))
    work = storage.work(NOW, 1)[0]
    storage.postpone(work.entry_id, next_try=NOW + HOUR, attempts=3, error_class="timeout")
    assert storage.work(NOW, 1) == []
    assert storage.work(NOW + HOUR, 1)[0].attempts == 3


# -- articles


def test_a_story_comes_back_field_for_field(storage):
    given = entry("a", published=NOW - DAY, categories=("c1", "c2"), enclosures=(Enclosure(url="https://e.example/x"),))
    poll(storage, new("", entry=given))
    work = storage.work(NOW, 1)[0]
    article = {"author": "Ann", "direction": "rtl", "summary": "S", "image": "https://i.example/", "quality": "teaser"}
    source = Source(
        feed_url=FEED.url,
        name="News",
        title="T",
        site_url="https://news.example/",
        feed_id="i",
        language="en",
        updated=NOW,
    )
    added = storage.add_article(addition(work, source=source, article=article), now=NOW + HOUR)
    assert (added.key, added.outcome) == (1, "stored")
    story = storage.story(1)
    assert (story.number, story.id, story.title, story.url) == (1, given.guid, given.title, given.url)
    assert (story.published, story.updated, story.entered_at) == (NOW - DAY, NOW - DAY, NOW + HOUR)
    assert (story.text, story.html.count("<p>")) == (text("a"), 3)
    assert {name: getattr(story, name) for name in article} == article
    assert (story.source, story.tags, story.language) == (source, ("world",), "en")
    assert (story.categories, story.enclosures, story.copies) == (given.categories, given.enclosures, ())
    assert storage.by_url("http://news.example/a?utm_source=x") == story
    assert storage.feed_states()[FEED.url].articles == 1


@pytest.mark.parametrize(
    ("dated", "shown"),
    [(None, NOW), (NOW + 900 * DAY, NOW), (NOW - 900 * DAY, NOW - 900 * DAY), (datetime(1956, 11, 4, tzinfo=UTC),) * 2],
)
def test_a_story_is_dated_by_its_source_but_never_after_it_was_seen(storage, dated, shown):
    assert storage.story(publish(storage, "a", published=dated).key).published == shown


def test_the_same_entry_edits_its_article_in_place(storage):
    key = publish(storage, "a").key
    before, changes = storage.story(key), storage.changes()
    again = publish(storage, "a", hash=b"2", now=NOW + HOUR)
    assert (again.outcome, storage.changes(), storage.story(key)) == ("unchanged", changes, before)
    edited = publish(storage, "a", hash=b"3", now=NOW + 2 * HOUR, body=text("edited"))
    after = storage.story(key)
    assert (edited.key, edited.outcome, storage.changes()) == (key, "updated", changes + 1)
    assert after == replace(before, text=text("edited"), html=after.html, updated=NOW + 2 * HOUR)
    assert [s.key for s in storage.search(parse(opening("edited")), limit=5, now=NOW)] == [key]
    assert storage.search(parse(opening("a")), limit=5, now=NOW) == []


def test_what_no_one_reads_moves_no_update_date_and_24_edits_do(storage):
    key = publish(storage, "a").key
    publish(storage, "a", hash=b"tag", now=NOW + HOUR, article={"author": "New author"})
    assert (storage.story(key).author, storage.story(key).updated) == ("New author", NOW - HOUR)
    work = work_of(storage, "a") if storage.work(NOW + DAY, 1) else None
    assert work is None
    poll(storage, new("a", hash=b"again"))
    work = storage.work(NOW, 1)[0]
    moments = []
    for n in range(30):
        storage.add_article(addition(work, body=text(f"edit {n}")), now=NOW + n * DAY)
        moments.append(storage.story(key).updated)
    assert moments == [*(NOW + n * DAY for n in range(24)), *[NOW + 23 * DAY] * 6]


@pytest.mark.parametrize("worse", ["teaser", "paywalled", "failed", "blocked", "empty"])
def test_a_full_text_never_gives_way_to_a_worse_one(storage, worse):
    key = publish(storage, "a").key
    before = storage.story(key)
    for body in (text("b", 40), text("b", 400)):
        added = publish(storage, "a", hash=body.encode(), now=NOW + HOUR, body=body, article={"quality": worse})
        assert (added.outcome, storage.story(key)) == ("unchanged", before)


def test_a_teaser_gives_way_to_the_full_text(storage):
    key = publish(storage, "a", body="Short.", article={"quality": "teaser", "origin": "feed"}, next_try=NOW + HOUR).key
    work = storage.work(NOW + HOUR, 1)[0]
    assert (work.article_key, work.verdict) == (key, "stored")
    assert storage.add_article(addition(work), now=NOW + HOUR).outcome == "updated"
    assert (storage.story(key).quality, storage.story(key).text) == ("full", text("a"))
    assert storage.work(NOW + DAY, 1) == []


def test_numbers_have_no_gaps_and_failed_additions_leave_nothing(storage):
    poll(storage, new("a"), new("b"))
    first, second = storage.work(NOW, 2)

    class Unread(dict):
        """Blocks that fail when they are to be stored, at the end of the transaction."""

        def items(self):
            raise RuntimeError("at the end")

    bad = replace(
        addition(first), cleaned=Cleaned(article=cleaned("a").article, observed=Unread({1: "x"})), site_key="x"
    )
    with pytest.raises(RuntimeError):
        storage.add_article(bad, now=NOW)
    assert (storage.last_number(), storage.changes(), storage.live(10, NOW)) == (0, 0, [])
    assert storage.search(parse("Title"), limit=5, now=NOW) == []
    assert storage.add_article(addition(second), now=NOW).key == 1
    assert storage.add_article(addition(first), now=NOW).key == 2


# -- ids


@pytest.mark.parametrize(
    "guid",
    [
        "https://x.example/a?b=1#c",
        "tag:x.example,2026:1",
        "urn:uuid:1",
        "post:12",
        "http://пример.рф/日本",
        "HTTP://X/%zz",
    ],
)
def test_an_iri_stays_the_id_byte_for_byte(storage, guid):
    assert storage.story(publish(storage, "a", guid=guid).key).id == guid


@pytest.mark.parametrize(
    "guid", ["12345", "a b", "x: y", "://a", "1a:b", "a:<b>", "a:b\x7f", "é:x", "a:", "x:" + "y" * 2000]
)
def test_any_other_guid_gets_an_id_of_the_store(storage, guid):
    made = storage.story(publish(storage, "a", guid=guid).key).id
    assert made.startswith(f"tag:{storage.instance_id},2026-11-22:")
    assert len(made) < 100


def test_a_guid_that_two_feeds_use_names_two_stories_with_two_ids(storage):
    first = publish(storage, "a", guid="https://x.example/1")
    second = publish(storage, "b", OTHER, guid="https://x.example/1")
    assert (first.outcome, second.outcome) == ("stored", "stored")
    assert storage.story(first.key).id == "https://x.example/1"
    assert storage.story(second.key).id.startswith("tag:")
    publish(storage, "b", OTHER, guid="https://x.example/1", hash=b"2", body=text("mine"))
    assert storage.story(first.key).text == text("a")


# -- copies


def test_a_copy_is_listed_and_the_survivor_keeps_its_id(storage):
    first = publish(storage, "a")
    before, changes = storage.story(first.key), storage.changes()
    copy = publish(storage, "copy-of-a", OTHER, body=text("a"))
    assert (copy.key, copy.outcome) == (first.key, "duplicate")
    after = storage.story(first.key)
    assert [(c.url, c.source) for c in after.copies] == [("https://planet.example/copy-of-a", "Planet")]
    assert replace(after, copies=()) == before
    assert storage.changes() == changes + 1
    assert storage.last_number() == 1
    assert storage.by_url("https://planet.example/copy-of-a").key == first.key


def test_the_same_address_in_two_feeds_is_one_story_and_no_copy(storage):
    first = publish(storage, "a")
    changes = storage.changes()
    again = publish(storage, "a", OTHER, url="http://news.example/a?utm_source=planet", guid="planet:1")
    assert (again.key, again.outcome, storage.changes()) == (first.key, "duplicate", changes)
    assert storage.story(first.key).copies == ()


def test_a_copy_that_has_the_whole_text_gives_it_to_the_survivor(storage):
    first = publish(storage, "a", body="Only this.", article={"quality": "teaser", "origin": "feed"})
    before = storage.story(first.key)
    publish(storage, "a", OTHER, url="https://news.example/a", guid="planet:1", now=NOW + HOUR)
    after = storage.story(first.key)
    assert (after.quality, after.text, after.updated) == ("full", text("a"), NOW + HOUR)
    assert (after.id, after.number, after.title, after.url) == (before.id, before.number, before.title, before.url)


def test_title_and_link_are_those_of_the_copy_whose_text_is_shown(storage):
    first = publish(storage, "a", OTHER, article={"title": "Planet | Title", "author": "Planet"})
    before = storage.story(first.key)
    better = {"title": "The title", "author": "Ada", "language": "ar", "direction": "rtl"}
    publish(storage, "b", body=text("a"), article=better, priority=5, now=NOW + HOUR)
    after = storage.story(first.key)
    assert (after.title, after.author, after.url) == ("The title", "Ada", "https://news.example/b")
    assert (after.language, after.direction) == ("ar", "rtl")
    assert [(copy.url, copy.source) for copy in after.copies] == [("https://planet.example/a", "Planet")]
    assert (after.id, after.number, after.source, after.tags) == (before.id, before.number, before.source, before.tags)
    assert (after.entered_at, after.published) == (before.entered_at, before.published)
    assert storage.search(parse('title:"the title" url:news.example'), limit=5, now=NOW)[0].id == before.id
    assert storage.search(parse("title:planet"), limit=5, now=NOW) == []
    for url in (before.url, after.url):
        assert storage.by_url(url).key == first.key


def test_each_place_of_a_story_is_listed_whichever_it_links_to(storage):
    first = publish(storage, "a", OTHER)
    publish(storage, "b", body=text("a"), priority=5)
    publish(storage, "c", body=text("a"), priority=7)
    story = storage.story(first.key)
    assert story.url == "https://news.example/c"
    assert {(copy.url, copy.source) for copy in story.copies} == {
        ("https://planet.example/a", "Planet"),
        ("https://news.example/b", "News"),
    }
    publish(storage, "a", OTHER, hash=b"2", body=text("an edit"))
    story = storage.story(first.key)
    assert (story.url, story.text) == ("https://planet.example/a", text("an edit"))
    assert {copy.url for copy in story.copies} == {"https://news.example/b", "https://news.example/c"}


def test_a_text_that_comes_without_a_title_or_address_leaves_them(storage):
    first = publish(storage, "a", article={"quality": "teaser", "origin": "feed"})
    before = storage.story(first.key)
    storage.add_article(imported("x", cleaned=cleaned("x", body=f"{text('a')} and", title="")), now=NOW)
    after = storage.story(first.key)
    assert after.text == f"{text('a')} and"
    assert (after.title, after.url, after.copies) == (before.title, before.url, ())


TEASED = {"title": "One title of a story", "quality": "teaser", "origin": "feed"}
TOLD = {"title": "One title of a story"}


def test_a_teaser_that_comes_after_its_story_is_a_copy_of_it(storage):
    first = publish(storage, "a", article=TOLD)
    before = storage.story(first.key)
    copy = publish(storage, "b", OTHER, body=f"{text('a')[:150]}…", article=TEASED)
    assert (copy.key, copy.outcome) == (first.key, "duplicate")
    assert storage.by_url("https://planet.example/b").key == first.key
    assert (storage.story(first.key).text, storage.last_number()) == (before.text, 1)


def test_a_story_that_comes_after_its_teaser_gives_it_its_text(storage):
    first = publish(storage, "b", OTHER, body=f"{text('a')[:150]}…", article=TEASED)
    copy = publish(storage, "a", article=TOLD, now=NOW + HOUR)
    after = storage.story(first.key)
    assert (copy.key, copy.outcome) == (first.key, "duplicate")
    assert (after.text, after.quality, after.updated) == (text("a"), "full", NOW + HOUR)
    near = text("a").replace(text("a").split()[7], "otherwise")
    assert publish(storage, "c", body=near, article={"title": "Another one"}).key == first.key
    assert storage.story(first.key).text == text("a")


def test_stories_of_one_title_are_kept_and_found_under_the_title_that_they_have(storage):
    weekly = {"title": "Our links of the week"}
    first = publish(storage, "a", article=weekly)
    assert publish(storage, "b", article=weekly).outcome == "stored"
    assert publish(storage, "c", OTHER, body=f"{text('a')[:150]}…", article=TEASED | weekly).outcome == "stored"
    publish(storage, "a", hash=b"2", article=TOLD)
    assert storage.story(first.key).title == "One title of a story"
    found = publish(storage, "d", OTHER, body=f"{text('a')[:140]}…", article=TEASED)
    assert (found.key, found.outcome) == (first.key, "duplicate")


def test_the_text_of_the_feed_with_the_highest_priority_is_shown_whatever_comes_after_it(storage):
    first = publish(storage, "a")
    publish(storage, "preferred", OTHER, body=f"{text('a')} preferred", priority=5)
    publish(storage, "late", OTHER, body=f"{text('a')} late", first_seen=NOW - DAY)
    assert storage.story(first.key).text.endswith(" preferred")


def test_a_stranger_cannot_put_words_under_another_sites_address(storage):
    first = publish(storage, "a", body="Only this.", article={"quality": "teaser", "origin": "feed"})
    stolen = {"origin": "feed", "url": "https://news.example/a"}
    publish(storage, "a", OTHER, url="https://news.example/a", guid="planet:1", body=text("spoof"), article=stolen)
    assert storage.story(first.key).text == "Only this."
    claim = {"url": "https://planet.example/p", "canonical_url": "https://news.example/a"}
    publish(storage, "p", OTHER, body=text("spoof 2"), article=claim)
    assert storage.story(first.key).text == "Only this."


def test_the_sites_own_words_replace_a_strangers(storage):
    early = {"origin": "feed", "url": "https://news.example/a"}
    first = publish(storage, "a", OTHER, url="https://news.example/a", guid="p:1", body=text("spoof"), article=early)
    publish(storage, "a")
    assert storage.story(first.key).text == text("a")


def test_a_page_that_claims_anothers_address_cannot_keep_the_real_story_out(storage):
    claim = {"url": "https://planet.example/p", "canonical_url": "https://news.example/a"}
    publish(storage, "p", OTHER, body=text("not it"), article=claim)
    assert publish(storage, "a").outcome == "stored"


def test_a_copys_entry_that_changes_edits_nothing(storage):
    first = publish(storage, "a")
    publish(storage, "copy", OTHER, body=text("a"))
    before = storage.story(first.key)
    again = publish(storage, "copy", OTHER, body=text("something else"), hash=b"2")
    assert (again.outcome, storage.story(first.key)) == ("duplicate", before)


# -- imports


def test_an_import_twice_adds_nothing(storage):
    added = storage.add_article(imported("a"), now=NOW)
    changes = storage.changes()
    assert (added.outcome, storage.imported(b"file a")) == ("stored", added.key)
    assert storage.add_article(imported("a"), now=NOW + DAY).outcome == "unchanged"
    same_text = storage.add_article(imported("a", import_key=b"another file"), now=NOW + DAY)
    assert (same_text.key, same_text.outcome, storage.changes()) == (added.key, "duplicate", changes)
    assert storage.imported(b"another file") == added.key
    assert storage.imported(b"never") is None
    story = storage.story(added.key)
    assert (story.url, story.copies, story.id[:4]) == ("", (), "tag:")


def test_two_texts_without_an_address_are_two_stories(storage):
    keys = {storage.add_article(imported(name), now=NOW).key for name in "abc"}
    assert len(keys) == len({storage.story(key).id for key in keys}) == 3


# -- reading


def test_the_live_feed_holds_the_newest_numbers_in_order_of_date(storage):
    for n in range(8):
        publish(storage, f"s{n}", published=NOW - (n % 4) * DAY, now=NOW - 5 * DAY + n * HOUR)
    publish(storage, "hidden", live=False)
    live = storage.live(5, NOW)
    assert sorted(story.number for story in live) == [4, 5, 6, 7, 8]
    assert live == sorted(live, key=lambda s: (-s.published.timestamp(), s.id))
    assert storage.story(9).title == "Title of hidden"


def test_the_live_feed_holds_two_days_when_that_is_more(storage):
    for n in range(6):
        publish(storage, f"s{n}", now=NOW - 3 * DAY + n * timedelta(hours=12))
    assert [len(storage.live(2, NOW + later * DAY)) for later in (0, 1, 2)] == [4, 2, 2]


def test_archives_are_closed_pages_of_a_hundred_numbers(storage):
    assert (storage.archives(), storage.archive(0)) == (0, [])
    for n in range(101):
        storage.add_article(imported(n), now=NOW)
        assert storage.archives() == (1 if n >= 99 else 0)
    assert [story.number for story in storage.archive(0)] == list(range(100, 0, -1))
    assert [story.number for story in storage.archive(1)] == [101]


def test_a_feeds_new_name_shows_on_its_old_stories_and_is_found(storage):
    key = publish(storage, "a").key
    changes = storage.changes()
    storage.sync_feeds([replace(FEED, name="Fresh label")], NOW)
    assert (storage.story(key).source.name, storage.changes()) == ("Fresh label", changes + 1)
    assert [s.key for s in storage.search(parse("feed:fresh"), limit=5, now=NOW)] == [key]
    assert storage.search(parse("feed:news"), limit=5, now=NOW) == []


def test_what_does_not_concern_readers_moves_no_counter(storage):
    publish(storage, "a")
    changes = storage.changes()
    storage.sync_feeds([FEED, OTHER], NOW)
    storage.save_states([whole_state(FEED.url)])
    storage.save_host_pause("a.example", NOW)
    storage.writable()
    poll(storage, new("b"))
    storage.postpone(storage.work(NOW, 1)[0].entry_id, next_try=NOW, attempts=1, error_class="dns")
    assert storage.changes() == changes


def test_readers_see_the_last_commit_and_wait_for_no_writer(storage, tmp_path):
    publish(storage, "a")
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM copies")
        seen = []
        threads = [threading.Thread(target=lambda: seen.append(len(storage.live(5, NOW)))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        writer.execute("ROLLBACK")
    assert seen == [1] * 8


def test_writers_of_many_threads_take_turns(storage):
    errors = []

    def add(start):
        try:
            for n in range(start, start + 10):
                storage.add_article(imported(n), now=NOW)
        except StorageError as error:
            errors.append(error)

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, storage.last_number(), storage.changes()) == ([], 40, 40)


# -- why


def test_why_tells_the_way_of_a_story(storage):
    removed = (Removed(text="Subscribe now", reason="chrome", score=0.9),)
    poll(storage, new("a"), new("b"))
    work = work_of(storage, "a")
    given = addition(work)
    added = storage.add_article(replace(given, cleaned=replace(given.cleaned, removed=removed)), now=NOW)
    publish(storage, "copy", OTHER, body=text("a"))
    storage.save_page(entry("a").url, Document(kind="page", body=b"<p>"), now=NOW + HOUR)
    for asked in (entry("a").url, "http://news.example/a?utm_medium=x", str(added.key), entry("copy", OTHER).url):
        path = storage.why(asked)
        assert [(e.feed_name, e.verdict) for e in path.entries] == [("News", "stored"), ("Planet", "duplicate")]
        assert (path.article.key, path.article.removed, path.article.layer) == (added.key, removed, "test")
        assert (path.article.copies[0].source, path.page_fetched) == ("Planet", NOW + HOUR)
    storage.reject(work_of(storage, "b").entry_id, rule="drop b", rule_hash=b"r")
    path = storage.why(entry("b").guid)
    assert (path.article, path.entries[0].rule, path.entries[0].verdict) == (None, "drop b", "rejected")
    assert storage.why("https://nowhere.example/") is None
    assert storage.why("99999999999999999999999") is None


# -- codec


def test_a_damaged_blob_is_a_storage_error(storage, tmp_path):
    publish(storage, "a")
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        for blob in (b"\x01\x28\xb5\x2f\xfdgarbage", b"\x07?", b"\x00{", b""):
            raw.execute("UPDATE articles SET body = ?", (blob,))
            raw.commit()
            with pytest.raises(StorageError, match=r"store\.db.*damaged"):
                storage.live(5, NOW)


def test_times_keep_their_milliseconds_on_both_sides_of_1970():
    for moment in (NOW, datetime(1801, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        assert codec.at(codec.ms(moment)) == moment


def test_nothing_is_left_open(tmp_path):
    for turn in range(3):
        with closing(open_storage(f"sqlite:///{tmp_path / 's.db'}")) as storage:
            publish(storage, f"story-{turn}")
            storage.save_page("https://x.example/", Document(kind="page", body=b"x"), now=NOW)
    gc.collect()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s-pages.db", "s.db"]


def test_additions_can_be_made_by_hand():
    assert Addition(cleaned=cleaned("x"), first_seen=NOW).live


def told(number: int, feed_url: str = FEED.url) -> Event:
    return Event(feed_url=feed_url, kind="broken", at=NOW, title=f"Trouble {number}", text="What\n\nto do")


def test_what_is_told_of_trouble_comes_with_the_state_and_stays_bounded(storage):
    storage.sync_feeds([FEED], NOW)
    before = storage.changes()
    storage.save_states([whole_state(FEED.url)], [told(1), told(2, "https://ghost.example/")])
    storage.save_poll(FeedState(url=FEED.url), [], [told(3)])
    assert storage.troubles(9) == [replace(told(3), number=2), replace(told(1), number=1)]
    assert storage.changes() > before
    with pytest.raises(StorageError):
        storage.save_poll(FeedState(url="https://ghost.example/"), [], [told(4)])
    for _ in range(6):
        storage.save_states([whole_state(FEED.url)], [told(number) for number in range(100)])
    kept = storage.troubles(9999)
    assert len(kept) == KEPT
    newest = kept[0].number  # PostgreSQL leaves out the numbers of what was rolled back
    assert newest in (602, 603)
    assert [event.number for event in kept] == list(range(newest, newest - KEPT, -1))


def test_a_store_in_sqlite_loads_nothing_of_postgresql_and_no_migrations(tmp_path):
    store = f"sqlite:///{tmp_path / 'store.db'}"
    script = f"import sys, aggregator.storage as s; s.open_storage({store!r}).close(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "sqlalchemy.dialects.sqlite" in loaded
    assert not [name for name in loaded if name.startswith(("sqlalchemy.dialects.postgresql", "psycopg", "alembic"))]
