"""The way of a story from feed to store, with the real parser, cleaner and store behind it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import worker_tasks
from loopback import CHROME, PARAGRAPHS, page
from world import World, world

from aggregator.errors import FetchError
from aggregator.importing import Found
from aggregator.model import Document, Feed
from aggregator.pipeline.backfill import Options, import_found, window
from aggregator.pipeline.rejudge import rejudge
from aggregator.pipeline.rounds import Rounds
from aggregator.pipeline.rules import compile_rules
from aggregator.query import parse as parse_query

SITE = "https://news.example"
FEED = Feed(url=f"{SITE}/feed.xml", name="News")


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def item(name: str, title: str, summary: str = "A teaser …", number: int = 1) -> str:
    return (
        f"<item><guid isPermaLink='false'>{name}</guid><title>{title}</title><link>{SITE}/{name}</link>"
        f"<description>{summary}</description><pubDate>Sat, 21 Nov 2026 0{number % 10}:00:00 GMT</pubDate></item>"
    )


def feed(place: World, *items: str, etag: str = "", url: str = FEED.url) -> None:
    body = f"<rss version='2.0'><channel><title>The News</title><link>{SITE}/</link>{''.join(items)}</channel></rss>"
    place.sky.put(url, body, "application/rss+xml", **({"etag": etag} if etag else {}))


def spied(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[object]:
    """The first argument of each call of a method, from now on."""
    seen, method = [], getattr(owner, name)

    def call(first, *args, **named):
        seen.append(first)
        return method(first, *args, **named)

    monkeypatch.setattr(owner, name, call)
    return seen


async def test_a_teaser_becomes_its_page_without_the_chrome(place: World) -> None:
    feed(place, item("tanks", "Fifty-five years since that August"), etag='"1"')
    place.sky.put(f"{SITE}/tanks", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    counts = await place.round([FEED])
    assert counts == {"feeds_updated": 1, "stored": 1}
    story = place.storage.live(10, place.clock[0])[0]
    assert story.text.split("\n\n") == PARAGRAPHS["tanks"]
    assert story.quality == "full"
    assert story.source.title == "The News"
    assert not [line for line in CHROME if line in story.html]
    place.later(hours=2)
    assert await place.round([FEED]) == {"feeds_unchanged": 1}
    assert place.sky.asked == [FEED.url, f"{SITE}/tanks", FEED.url]


async def test_a_story_that_does_not_match_is_fetched_once_and_remembered(place: World) -> None:
    feed(place, item("bridge", "Railway bridge to close"))
    place.sky.put(f"{SITE}/bridge", page("Railway bridge to close", PARAGRAPHS["bridge"]))
    feeds = [Feed(url=FEED.url, name="News", match="tulips")]
    assert await place.round(feeds) == {"feeds_updated": 1, "rejected": 1}
    place.later(hours=2)
    await place.round(feeds)
    assert place.sky.asked.count(f"{SITE}/bridge") == 1
    assert place.live() == []


async def test_a_title_that_is_dropped_costs_no_page(place: World) -> None:
    feed(place, item("deal", "Sponsored: a bridge"))
    await place.round([FEED], drop=["title:sponsored"])
    assert place.sky.asked == [FEED.url]
    path = place.storage.why(f"{SITE}/deal")
    assert path.entries[0].rule == "drop title:sponsored"


async def test_a_story_refused_by_its_title_is_counted_too(place: World) -> None:
    feed(place, item("tanks", "Fifty-five years since that August"), item("tulips", "Tulips again"))
    feeds = [Feed(url=FEED.url, name="News", match="title:poppies")]
    assert await place.round(feeds) == {"feeds_updated": 1, "rejected": 2}


async def test_a_changed_rule_judges_the_rejected_again(place: World) -> None:
    feed(place, item("bridge", "Railway bridge to close"))
    place.sky.put(f"{SITE}/bridge", page("Railway bridge to close", PARAGRAPHS["bridge"]))
    await place.round([Feed(url=FEED.url, name="News", match="tulips")])
    changed = [Feed(url=FEED.url, name="News", match="girders")]
    place.later(days=1)
    assert await rejudge(place.edges, compile_rules(changed, ())) == 1
    await place.round(changed, everything=False)
    assert place.live() == ["Railway bridge to close"]
    assert place.sky.asked.count(f"{SITE}/bridge") == 1  # judged again from the page that was kept


async def test_a_changed_rule_reads_the_entries_of_its_own_feeds_alone(place: World, monkeypatch) -> None:
    other = Feed(url="https://other.example/feed", name="Other", match="title:tulips")
    feed(place, item("bridge", "Railway bridge to close"))
    feed(place, item("deal", "Sponsored: a bridge"), url=other.url)
    await place.round([replace(FEED, match="title:tulips"), other])
    read = spied(monkeypatch, place.storage, "rejected")
    assert await rejudge(place.edges, compile_rules([replace(FEED, match="title:tulips"), other], ())) == 0
    assert read == []
    assert await rejudge(place.edges, compile_rules([replace(FEED, match="title:bridge"), other], ())) == 1
    assert set(read) == {FEED.url}
    read.clear()
    assert await rejudge(place.edges, compile_rules([], ())) == 0  # neither feed is configured any more
    assert read == []


async def test_a_page_that_fails_is_tried_again_with_growing_gaps(place: World) -> None:
    feed(place, item("tanks", "Fifty-five years since that August", "What the feed says of it …"), etag='"1"')
    place.sky.put(f"{SITE}/tanks", b"", status=502)
    assert (await place.round([FEED]))["stored"] == 1
    story = place.storage.live(10, place.clock[0])[0]
    assert story.quality != "full"
    assert "What the feed says of it" in story.text
    assert "502" not in story.html
    assert "stored" not in await place.round([FEED], everything=False)
    assert place.sky.asked.count(f"{SITE}/tanks") == 1
    place.sky.put(f"{SITE}/tanks", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    place.later(hours=1)
    assert (await place.round([FEED]))["updated"] == 1
    after = place.storage.live(10, place.clock[0])[0]
    assert after.text.split("\n\n") == PARAGRAPHS["tanks"]
    assert (after.id, after.number, after.quality) == (story.id, story.number, "full")


async def test_a_story_that_its_page_may_make_match_waits_for_it(place: World) -> None:
    feed(place, item("bridge", "Railway bridge to close"))
    place.sky.put(f"{SITE}/bridge", b"", status=502)
    feeds = [Feed(url=FEED.url, name="News", match="girders")]
    assert await place.round(feeds) == {"feeds_updated": 1, "postponed": 1}
    assert place.live() == []
    place.sky.put(f"{SITE}/bridge", page("Railway bridge to close", PARAGRAPHS["bridge"]))
    place.later(hours=1)
    await place.round(feeds, everything=False)
    assert place.live() == ["Railway bridge to close"]


async def test_a_429_on_a_page_leaves_the_whole_host_alone(place: World) -> None:
    feed(place, *(item(f"s{number}", f"Story number {number}", number=number) for number in range(4)), etag='"1"')
    for number in range(4):
        place.sky.put(f"{SITE}/s{number}", b"", status=429, retry_after="7200")
    await place.round([FEED])
    pages = [url for url in place.sky.asked if url != FEED.url]
    assert 1 <= len(pages) <= 2  # those under way at once when the first answer came
    assert len(place.live()) == 4
    asked = len(place.sky.asked)
    place.later(hours=1)
    await place.round([FEED])
    assert len(place.sky.asked) == asked


async def test_of_an_edited_entry_the_page_is_fetched_anew(place: World) -> None:
    feed(place, item("tanks", "A story"))
    place.sky.put(f"{SITE}/tanks", page("A story", PARAGRAPHS["tanks"]))
    await place.round([FEED])
    feed(place, item("tanks", "A story", "Another teaser …"))
    place.sky.put(f"{SITE}/tanks", page("A story", [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]]), etag='"2"')
    place.later(hours=2)
    assert (await place.round([FEED]))["updated"] == 1
    (story,) = place.storage.live(10, place.clock[0])
    assert story.text.split("\n\n") == [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]]
    place.sky.put(f"{SITE}/tanks", page("A story", PARAGRAPHS["bridge"]), etag='"2"')  # 304 to who knows that one
    feed(place, item("tanks", "A story", "A third teaser …"))
    place.later(hours=2)
    await place.round([FEED])
    assert place.sky.asked.count(f"{SITE}/tanks") == 3
    assert place.storage.live(10, place.clock[0])[0].text == story.text


async def test_an_edited_story_updates_in_place(place: World) -> None:
    feeds = [Feed(url=FEED.url, name="News", full_text="never")]
    feed(place, item("tanks", "A story", " ".join(PARAGRAPHS["tanks"])))
    await place.round(feeds)
    first = place.storage.live(10, place.clock[0])[0]
    feed(place, item("tanks", "A story, corrected", " ".join([*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]])))
    place.later(hours=2)
    assert (await place.round(feeds))["updated"] == 1
    second = place.storage.live(10, place.clock[0])[0]
    assert second.title == "A story, corrected"
    assert (second.id, second.number) == (first.id, first.number)
    assert second.updated > first.updated


async def test_the_same_story_of_two_feeds_is_stored_once(place: World) -> None:
    other = Feed(url="https://mirror.example/feed.xml", name="Mirror", full_text="never")
    own = Feed(url=FEED.url, name="News", full_text="never")
    text = " ".join(PARAGRAPHS["garden"])
    feed(place, item("garden", "Tulips for the tower", text))
    body = f"<rss version='2.0'><channel><title>M</title>{item('other', 'Tulips for the tower', text)}</channel></rss>"
    place.sky.put(other.url, body.replace(SITE, "https://mirror.example"), "application/rss+xml")
    counts = await place.round([own, other])
    assert (counts["stored"], counts["duplicate"]) == (1, 1)
    stories = place.storage.live(10, place.clock[0])
    assert len(stories) == 1
    assert len(stories[0].copies) == 1


async def test_a_new_source_enters_only_its_newest(place: World) -> None:
    words = [" ".join(f"w{number}x{word}" for word in range(60)) for number in range(8)]
    feed(place, *(item(f"s{number}", f"Story {number}", words[number], number=number) for number in range(8)))
    await place.round([Feed(url=FEED.url, name="News", full_text="never")], first_entries=3)
    assert place.live() == ["Story 7", "Story 6", "Story 5"]
    assert len(place.storage.search(parse_query("story"), limit=20, now=place.clock[0])) == 8


async def test_a_broken_feed_stops_no_other(place: World) -> None:
    broken = Feed(url="https://broken.example/feed", name="Broken")
    place.sky.put(broken.url, "<html><body>Please log in</body></html>")
    feed(place, item("tanks", "A story"))
    place.sky.put(f"{SITE}/tanks", page("A story", PARAGRAPHS["tanks"]))
    counts = await place.round([broken, FEED])
    assert counts == {"feeds_error": 1, "feeds_updated": 1, "stored": 1}
    state = place.storage.feed_states()[broken.url]
    assert (state.error_class, state.failures) == ("not_a_feed", 1)
    assert state.next_poll is not None
    assert state.next_poll > place.clock[0]


async def test_a_cookie_wall_is_not_the_article(place: World) -> None:
    feed(
        place, item("tanks", "A story", "The feed's own words on the tanks in Prague, two sentences of them. And more.")
    )
    wall = "<title>Just a moment...</title><body><p>Enable JavaScript and cookies to continue</p></body>"
    place.sky.put(f"{SITE}/tanks", wall)
    await place.round([FEED])
    story = place.storage.live(10, place.clock[0])[0]
    assert "JavaScript" not in story.text
    assert "The feed's own words" in story.text
    assert story.quality != "full"


def text(name: str, title: str, words: str) -> Found:
    body = f"{title}\n\n" + "\n\n".join(PARAGRAPHS[words])
    return Found(name=name, document=Document(kind="text", body=body, name=name))


async def test_an_import_is_idempotent_and_invents_nothing(place: World) -> None:
    places = window(20, [], 200)
    first = await import_found(place.edges, text("a.txt", "Tulips for the tower", "garden"), Options(), places)
    again = await import_found(place.edges, text("a.txt", "Tulips for the tower", "garden"), Options(), places)
    assert (first.outcome, again.outcome) == ("stored", "unchanged")
    story = place.storage.live(10, place.clock[0])[0]
    assert story.title == "Tulips for the tower"
    assert story.text.split("\n\n") == PARAGRAPHS["garden"]
    assert story.url == ""
    assert story.published == place.clock[0]


async def test_what_an_import_was_told_stays_when_its_file_is_imported_again(place: World) -> None:
    document = Document(kind="page", body=page("Tulips", PARAGRAPHS["garden"]), name="a.html", tags=("garden",))
    found, places = Found(name="a.html", document=document), window(20, [], 200)
    told = Options(url="https://a.example/tulips", tags=("saved",))
    await import_found(place.edges, found, told, places)
    place.clock[0] += timedelta(days=1)
    for options in (Options(again=True), Options(again=True, published=datetime(2001, 2, 3, tzinfo=UTC))):
        await import_found(place.edges, found, options, places)
        place.clock[0] += timedelta(days=1)
        (story,) = place.storage.search(parse_query("tulips"), limit=5, now=place.clock[0])
        assert (story.url, story.tags) == ("https://a.example/tulips", ("saved", "garden"))
        assert story.published == options.published or (options.published is None and story.published.year > 2001)


async def test_an_import_floods_nobody(place: World) -> None:
    places = window(1, [], 200)
    await import_found(place.edges, text("a.txt", "Tulips for the tower", "garden"), Options(), places)
    await import_found(place.edges, text("b.txt", "Railway bridge to close", "bridge"), Options(), places)
    assert place.live() == ["Tulips for the tower"]
    assert len(place.storage.search(parse_query("bridge"), limit=5, now=place.clock[0])) == 1


async def test_what_is_imported_again_takes_no_place_of_something_new(place: World) -> None:
    known, fresh = text("a.txt", "Tulips for the tower", "garden"), text("b.txt", "Railway bridge to close", "bridge")
    await import_found(place.edges, known, Options(), window(1, [], 200))
    places = window(1, [], 200)
    for found in (known, fresh):
        await import_found(place.edges, found, Options(again=True), places)
    assert sorted(place.live()) == ["Railway bridge to close", "Tulips for the tower"]


async def test_an_import_matches_only_when_asked(place: World) -> None:
    places = window(20, [], 200)
    options = Options(match=parse_query("tulips"), tags=("saved",))
    outcomes = [
        (await import_found(place.edges, text(name, title, words), options, places)).outcome
        for name, title, words in [("a", "Tulips for the tower", "garden"), ("b", "Railway bridge to close", "bridge")]
    ]
    assert outcomes == ["stored", "rejected"]
    assert place.storage.live(10, place.clock[0])[0].tags == ("saved",)


async def test_an_import_is_judged_by_its_date_and_one_without_by_today(place: World) -> None:
    recent = Options(match=parse_query("age<7d"))
    old = replace(recent, published=datetime(2001, 5, 1, tzinfo=UTC))
    outcomes = [
        (await import_found(place.edges, text(name, title, words), options, window(20, [], 200))).outcome
        for name, title, words, options in [
            ("a", "Tulips for the tower", "garden", recent),
            ("b", "Railway bridge to close", "bridge", old),
        ]
    ]
    assert outcomes == ["stored", "rejected"]


async def test_an_import_without_words_is_told_as_failed(place: World) -> None:
    empty = Found(name="e.txt", document=Document(kind="text", body=" ", name="e.txt"))
    done = await import_found(place.edges, empty, Options(), window(20, [], 200))
    assert (done.outcome, done.error) == ("failed", "e.txt: no article found in it")


async def test_a_dated_import_older_than_a_full_live_feed_stays_out_of_it(place: World) -> None:
    full = window(20, [place.clock[0]], 1)
    old = Options(published=place.clock[0].replace(year=2001))
    await import_found(place.edges, text("a.txt", "Tulips for the tower", "garden"), old, full)
    assert place.live() == []
    assert place.storage.search(parse_query("tulips"), limit=5, now=place.clock[0])[0].published.year == 2001


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (3, 5, 1, 4, 2)])
def test_the_newest_of_an_archive_enter_an_empty_live_feed_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    places = window(0, [], 2)
    entered = [day for day in order if places.admits(datetime(2026, 11, day, tzinfo=UTC))]
    assert {4, 5} <= set(entered[-3:]), "a feed of the newest two holds them"
    assert 1 not in entered or order[0] == 1 or order.index(1) < 2
    assert not places.admits(datetime(2026, 11, 3, tzinfo=UTC))


async def test_a_page_that_many_feeds_name_is_fetched_once(place: World) -> None:
    feeds = [Feed(url=f"{SITE}/{number}.xml", name=str(number)) for number in range(5)]
    for one in feeds:
        feed(place, item("tanks", "Fifty-five years since that August"), url=one.url)
    place.sky.put(f"{SITE}/tanks", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    counts = await place.round(feeds)
    assert (counts["stored"], counts["duplicate"]) == (1, 4)
    assert place.sky.asked.count(f"{SITE}/tanks") == 1


async def test_an_address_that_no_resolver_knows_costs_only_its_page(place: World) -> None:
    odd = item("x", "A story").replace(f"{SITE}/x", "https://xn--n3h.example/x")
    feed(place, odd)
    assert (await place.round([FEED]))["stored"] == 1


async def test_a_clock_that_goes_back_holds_up_no_story(place: World) -> None:
    feed(place, item("tanks", "Fifty-five years since that August"), etag='"1"')
    place.sky.put(f"{SITE}/tanks", b"", status=503, retry_after="3600")
    place.later(days=365)
    await place.round([FEED])
    place.later(days=-365)
    place.sky.put(f"{SITE}/tanks", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    assert (await place.round([FEED]))["updated"] == 1


async def test_what_is_due_at_once_is_asked_bit_by_bit(place: World) -> None:
    """As at the first start, or after a long sleep: a second's share each second, and each feed once."""
    feeds = [Feed(url=f"https://{number}.example/feed.xml", name=str(number)) for number in range(60)]
    for one in feeds:
        feed(place, url=one.url)
    place.storage.sync_feeds(feeds, place.clock[0])
    rounds = Rounds(place.edges, compile_rules(feeds, ()), first_entries=10)
    await rounds.load()
    shares = []
    while share := rounds.start_due(paced=True):
        shares.append(share)
        await rounds.finish()
    assert shares == [5] * 12
    assert len(place.sky.asked) == len(set(place.sky.asked)) == 60
    await rounds.close()


async def test_who_was_not_reached_is_not_asked_again_while_others_are_waited_for(place: World) -> None:
    """Whether a failed connection is the feed's fault is told later; until then the feed is not due any more."""
    hold = asyncio.Event()

    async def slow() -> httpx.Response:
        await hold.wait()
        return httpx.Response(500, stream=httpx.ByteStream(b""))

    feeds = [Feed(url=f"https://{name}.example/feed.xml", name=name) for name in ("deaf", "slow")]
    place.sky.answers[feeds[0].url] = httpx.ConnectError("refused")
    place.sky.answers[feeds[1].url] = slow
    place.storage.sync_feeds(feeds, place.clock[0])
    rounds = Rounds(place.edges, compile_rules(feeds, ()), first_entries=10)
    await rounds.load()
    for _ in range(5):
        rounds.start_due(paced=True)
        await asyncio.sleep(0.02)
        await rounds.flush()
        place.later(seconds=1)
    assert place.sky.asked == [feeds[0].url, feeds[1].url]
    hold.set()
    await rounds.finish()
    assert {state.error_class for state in rounds.states.values()} == {"connect", "http_5xx"}
    await rounds.close()


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("unreachable"), FetchError("swallowed", error_class="timeout", unsent=True)]
)
async def test_a_network_that_is_down_is_remembered_until_somebody_answers(place: World, failure: Exception) -> None:
    feeds = [Feed(url=f"https://{name}.example/feed.xml", name=name) for name in "abcdef"]
    for one in feeds:
        place.sky.answers[one.url] = failure
    place.storage.sync_feeds(feeds, place.clock[0])
    rounds = Rounds(place.edges, compile_rules(feeds, ()), first_entries=10)
    await rounds.load()

    async def ask(one: Feed) -> int:
        rounds.start_due(only=[one.url])
        await rounds.finish()
        return rounds.states[one.url].failures

    assert [await ask(one) for one in feeds[:4]] == [1, 1, 0, 0]
    feed(place, url=feeds[4].url)
    assert [await ask(one) for one in (feeds[4], feeds[5])] == [0, 1]
    await rounds.close()


async def test_sites_that_are_down_are_told_though_they_are_the_last_of_a_round(place: World) -> None:
    """Connections that come to nothing take longest: when they end, the answers of the others are long stored."""
    hold = asyncio.Event()

    async def slow() -> httpx.Response:
        await hold.wait()
        raise httpx.ConnectError("no route")

    feeds = [Feed(url=f"https://{name}.example/feed.xml", name=name) for name in "abcd"]
    feed(place, url=feeds[0].url)
    for one in feeds[1:]:
        place.sky.answers[one.url] = slow
    place.storage.sync_feeds(feeds, place.clock[0])
    rounds = Rounds(place.edges, compile_rules(feeds, ()), first_entries=10)
    await rounds.load()
    rounds.start_due(everything=True)
    while rounds.states[feeds[0].url].last_success is None:
        await asyncio.sleep(0.01)
        await rounds.flush()
    hold.set()
    await rounds.finish()
    assert [rounds.states[one.url].failures for one in feeds] == [0, 1, 1, 1]
    await rounds.close()


async def test_entries_without_a_link_are_stories_of_their_own(place: World) -> None:
    items = [item(name, f"Story {name}").replace(f"<link>{SITE}/{name}</link>", "") for name in ("one", "two", "three")]
    feed(place, *items)
    assert await place.round([FEED]) == {"feeds_updated": 1, "stored": 3}
    assert {story.url for story in place.storage.live(10, place.clock[0])} == {""}


async def test_pages_that_lead_to_a_login_make_no_copies(place: World) -> None:
    feed(place, item("tanks", "Fifty-five years"), item("bridge", "Railway bridge"))
    wall = "<!doctype html><title>Sign in</title><h1>Sign in</h1><form><input name=u><input type=password></form>"
    place.sky.put(f"{SITE}/login", wall)
    for name in ("tanks", "bridge"):
        place.sky.put(f"{SITE}/{name}", "", status=302, location=f"{SITE}/login")
    assert (await place.round([FEED]))["stored"] == 2
    stories = place.storage.live(10, place.clock[0])
    assert {(story.title, story.url) for story in stories} == {
        ("Fifty-five years", f"{SITE}/tanks"),
        ("Railway bridge", f"{SITE}/bridge"),
    }


async def test_a_story_goes_by_the_title_of_its_feed_unless_that_is_cut_off(place: World) -> None:
    feed(place, item("tanks", "Tanks, remembered"), item("bridge", "Railway bridge to …"))
    place.sky.put(f"{SITE}/tanks", page("Fifty-five years since that August", PARAGRAPHS["tanks"]))
    place.sky.put(f"{SITE}/bridge", page("Railway bridge to close", PARAGRAPHS["bridge"]))
    await place.round([FEED])
    assert sorted(place.live()) == ["Railway bridge to close", "Tanks, remembered"]


async def test_what_falls_due_between_two_ticks_is_asked_when_it_does(place: World) -> None:
    feed(place)
    place.storage.sync_feeds([FEED], place.clock[0])
    rounds = Rounds(place.edges, compile_rules([FEED], ()), first_entries=10)
    await rounds.load()
    assert rounds.start_due(paced=True) == 1
    await rounds.finish()
    due = rounds.states[FEED.url].next_poll
    assert due is not None
    place.clock[0] = due - timedelta(seconds=0.7)
    assert rounds.start_due(paced=True) == 0
    await asyncio.sleep(0.05)
    assert len(place.sky.asked) == 1
    place.clock[0] = due
    async with asyncio.timeout(20):
        while len(place.sky.asked) < 2:
            await asyncio.sleep(0.01)
    await rounds.finish()
    await rounds.close()


async def test_feeds_that_wait_for_a_worker_keep_no_other_from_being_asked(place: World) -> None:
    feeds = [Feed(url=f"https://feed{number}.example/rss", name=str(number)) for number in range(6)]
    for one in feeds:
        feed(place, item("tanks", "Fifty-five years"), url=one.url)
    place.storage.sync_feeds(feeds, place.clock[0])
    edges = replace(place.edges, limits=replace(place.edges.limits, concurrency=2))
    rounds = Rounds(edges, compile_rules(feeds, ["title:years"]), first_entries=10)
    await rounds.load()
    busy = [asyncio.create_task(place.edges.workers.run(worker_tasks.sleep, 60)) for _ in range(2)]
    await asyncio.sleep(0)
    rounds.start_due(everything=True)
    async with asyncio.timeout(30):
        while len(place.sky.asked) < len(feeds):
            await asyncio.sleep(0.01)
    assert not rounds.counts
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
    await rounds.finish()
    await rounds.close()
    assert rounds.counts == {"feeds_updated": 6, "rejected": 6}


async def test_a_text_that_does_not_tell_its_language_is_in_that_of_its_feed(place: World) -> None:
    text = "harbour bridge tower market station museum garden theatre castle library fountain cathedral " * 4
    about = f"<title>The News</title><language>sv</language>{item('list', 'Harbour bridge', f'{text}.')}"
    place.sky.put(FEED.url, f"<rss version='2.0'><channel>{about}</channel></rss>", "application/rss+xml")
    await place.round([replace(FEED, full_text="never")])
    assert [story.language for story in place.storage.live(10, place.clock[0])] == ["sv"]
