"""Rules and teasers: what is kept, and when a page is needed to tell."""

from datetime import UTC, datetime

import pytest

from aggregator.model import Entry, Feed
from aggregator.pipeline.rules import compile_rules, judge, subject
from aggregator.pipeline.teaser import is_teaser, wants_page

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://example.org/feed"


def verdict(match: str, drop: tuple[str, ...], entry: Entry, text: str | None) -> tuple[bool | None, str]:
    feed = Feed(url=URL, name="Example", tags=("history",), match=match)
    judgement = judge(compile_rules([feed], drop), feed, subject(feed, entry, text=text, first_seen=NOW), now=NOW)
    return judgement.keep, judgement.rule


@pytest.mark.parametrize(
    ("match", "drop", "title", "text", "expected"),
    [
        ("", (), "Anything", None, (True, "")),
        ("tanks", (), "Tanks in Prague", None, (True, "")),
        ("tanks", (), "August in Prague", None, (None, "")),
        ("tanks", (), "August in Prague", "no such vehicles", (False, "match tanks")),
        ("tanks", (), "August in Prague", "there were tanks", (True, "")),
        ("title:tanks", (), "August in Prague", None, (False, "match title:tanks")),
        ("tanks", ("title:sponsored",), "Sponsored: tanks", None, (False, "drop title:sponsored")),
        ("tanks", ("advertorial",), "Tanks", None, (None, "")),
        ("tanks", ("advertorial",), "Tanks", "an advertorial on tanks", (False, "drop advertorial")),
        ("", ("url:/deals/",), "Cheap", None, (False, "drop url:/deals/")),
        ("tag:history", (), "Anything", None, (True, "")),
    ],
)
def test_a_drop_beats_a_match_and_unknown_waits_for_the_text(
    match: str, drop: tuple[str, ...], title: str, text: str | None, expected: tuple[bool | None, str]
) -> None:
    url = "https://example.org/deals/1" if title == "Cheap" else "https://example.org/1"
    assert verdict(match, drop, Entry(guid="1", title=title, url=url), text) == expected


def test_a_changed_rule_has_another_hash() -> None:
    feed = Feed(url=URL, name="Example", match="tanks")
    hashes = {
        compile_rules([feed], ()).hash(URL),
        compile_rules([feed], ("x",)).hash(URL),
        compile_rules([Feed(url=URL, name="Example", match="cars")], ()).hash(URL),
    }
    assert len(hashes) == 3
    assert compile_rules([feed], ()).hash("https://elsewhere.example/") == b""


LONG = "A sentence of a story that is long enough to be whole. " * 40


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Entry(guid="1", title="T", summary="s", text="short"), True),
        (Entry(guid="1", title="T", summary=LONG, text=LONG), True),  # a summary alone is never taken for the story
        (Entry(guid="1", title="T", content=LONG, text=LONG), False),
        (Entry(guid="1", title="T", content=LONG, text=LONG + "Continue reading"), True),
        (Entry(guid="1", title="T", content=LONG, text=LONG + "[…]"), True),
        (Entry(guid="1", title="T", content=LONG, text=LONG + "Weiterlesen …"), True),
        (
            Entry(guid="1", title="T", content="a beginning", text="What a feed gives as content may be short. " * 2),
            True,
        ),
        (Entry(guid="1", title="", content="a short post", text="A post without a title is all there is. " * 2), False),
        (Entry(guid="1", title="", content="a few words", text="A few words."), True),
        (Entry(guid="1", title="", summary="a summary", text="A summary without a title is none of these. " * 2), True),
    ],
)
def test_what_a_teaser_is(entry: Entry, *, expected: bool) -> None:
    assert is_teaser(entry) is expected


def test_full_text_of_the_feed_decides_first() -> None:
    teaser = Entry(guid="1", url="https://example.org/1", title="T", text="short …")
    whole = Entry(guid="1", url="https://example.org/1", title="T", content=LONG, text=LONG)
    assert not wants_page(Feed(url=URL, name="x", full_text="never"), teaser)
    assert wants_page(Feed(url=URL, name="x", full_text="always"), whole)
    assert wants_page(Feed(url=URL, name="x"), teaser)
    assert not wants_page(Feed(url=URL, name="x"), whole)
    assert not wants_page(Feed(url=URL, name="x", full_text="always"), Entry(guid="1", title="T"))


def test_a_teaser_counts_for_what_it_says_and_not_for_what_it_leaves_out() -> None:
    teaser = Entry(guid="1", title="August in Prague", text="An advertorial on tanks …")
    assert verdict("tanks", (), teaser, None) == (True, "")
    assert verdict("castles", (), teaser, None) == (None, "")
    assert verdict("", ("advertorial",), teaser, None) == (False, "drop advertorial")
