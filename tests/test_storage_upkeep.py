"""Upkeep: tidying, raw pages, backups, the memory of sites."""

import random
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from aggregator.errors import StorageError
from aggregator.model import Document
from aggregator.query import parse
from aggregator.storage import open_storage, sites
from tests.storing import DAY, FEED, HOUR, NOW, OTHER, addition, entry, imported, new, poll, publish, text, work_of

PLENTY = 2**30


@pytest.fixture
def storage(tmp_path):
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        yield opened


def page(body=b"<html>", **fields):
    return Document(kind="page", body=body, url="https://x.example/final", content_type="text/html", **fields)


# -- tidying


def test_nothing_is_pruned_unless_it_is_asked_for(storage):
    publish(storage, "a", now=NOW - 4000 * DAY)
    storage.save_page("https://x.example/", page(), now=NOW - 4000 * DAY)
    assert storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=PLENTY) == {"texts of old entries": 1}
    assert len(storage.live(5, NOW)) == 1
    assert storage.page("https://x.example/") is not None


def test_a_pruned_article_leaves_nothing_and_does_not_come_back(storage):
    old = publish(storage, "a", now=NOW - 100 * DAY)
    publish(storage, "copy", OTHER, body=text("a"), now=NOW - 100 * DAY)
    storage.add_article(imported("b"), now=NOW - 100 * DAY)
    young = publish(storage, "c")
    changes = storage.changes()
    gone = storage.prune(NOW, keep_articles=timedelta(days=50), keep_pages=None, max_pages=PLENTY)
    assert gone["articles"] == 2
    assert [story.number for story in storage.live(5, NOW)] == [young.key]
    assert storage.changes() > changes
    assert (storage.story(old.key), storage.by_url(entry("a").url)) == (None, None)
    assert storage.search(parse("title:title"), limit=5, now=NOW)[0].number == young.key
    assert storage.feed_states()[FEED.url].articles == 1
    storage.check()
    # its feed still has it, edits it, another feed brings it, its file is imported again
    assert poll(storage, new("a"), new("a", hash=b"edited")).changed == 0
    assert storage.known(FEED.url, [entry("a").guid])[entry("a").guid].verdict == "rejected"
    again = publish(storage, "late", OTHER, url="http://news.example/a?utm_source=x", guid="late", body=text("late"))
    assert (again.key, again.outcome) == (0, "unchanged")
    assert storage.work(NOW + DAY, 5) == []
    assert storage.add_article(imported("b"), now=NOW).outcome == "unchanged"
    assert storage.imported(b"file b") == 0
    assert storage.why(entry("late", OTHER, url="https://news.example/a").url).entries[0].rule
    assert publish(storage, "d").key == young.key + 1


def test_old_entries_lose_their_texts_and_keep_their_verdicts(storage):
    poll(storage, new("old", seen=NOW - 100 * DAY), new("waits", seen=NOW - 100 * DAY), new("young"))
    work = work_of(storage, "old")
    storage.reject(work.entry_id, rule="drop x", rule_hash=b"r")
    storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=PLENTY)
    mark = storage.known(FEED.url, [entry("old").guid])[entry("old").guid]
    assert (mark.verdict, mark.hash) == ("rejected", b"hash of old")
    path = storage.why(entry("old").url)
    assert (path.entries[0].title, path.entries[0].rule) == ("", "drop x")
    assert {work.entry.title for work in storage.work(NOW, 5)} == {"Title of waits", "Title of young"}
    assert poll(storage, new("old", hash=b"2")).changed == 1
    assert work_of(storage, "old").entry.title == "Title of old"


def test_near_copies_are_looked_for_among_young_articles_and_same_texts_for_ever(storage):
    storage.add_article(imported("a"), now=NOW - 100 * DAY)
    words = text("a", 400).split(" ")
    first = " ".join(words)
    words[10] = "otherwise"
    near = " ".join(words)
    storage.add_article(imported("long", cleaned=_cleaned(first)), now=NOW - 100 * DAY)
    assert storage.add_article(imported("near", cleaned=_cleaned(near)), now=NOW).outcome == "duplicate"
    assert storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=PLENTY) == {}
    words[12] = "differently"
    assert storage.add_article(imported("n3", cleaned=_cleaned(" ".join(words))), now=NOW).outcome == "stored"
    assert storage.add_article(imported("same", cleaned=_cleaned(first)), now=NOW).outcome == "duplicate"


def _cleaned(body):
    from tests.storing import cleaned

    return cleaned("same title", body=body)


def test_a_big_tidying_is_done_in_short_transactions(storage, tmp_path):
    for number in range(120):
        storage.add_article(imported(number), now=NOW - 100 * DAY)
    longest = []

    def watch():
        with closing(sqlite3.connect(tmp_path / "store.db", timeout=5, isolation_level=None)) as other:
            while not done.is_set():
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
                longest.append(1)
                begun.set()

    done, begun = threading.Event(), threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    begun.wait(20)
    gone = storage.prune(NOW, keep_articles=DAY, keep_pages=None, max_pages=PLENTY)
    done.set()
    thread.join()
    assert (gone["articles"], storage.live(5, NOW)) == (120, [])
    assert longest


# -- raw pages


def test_a_page_comes_back(storage):
    assert storage.page("https://x.example/a") is None
    assert storage.save_page("https://x.example/a", page("é".encode() * 5000), now=NOW) == ""
    assert storage.page("https://x.example/a") == page("é".encode() * 5000)
    storage.save_page("https://x.example/a", page(b"newer"), now=NOW)
    assert storage.page("https://x.example/a").body == b"newer"


def test_the_oldest_pages_go(storage):
    body = random.Random(1).randbytes(1000)
    for n in range(10):
        storage.save_page(f"https://x.example/{n}", page(body + bytes([n])), now=NOW - n * DAY)
    gone = storage.prune(NOW, keep_articles=None, keep_pages=timedelta(days=7, hours=1), max_pages=PLENTY)
    assert gone == {"pages": 2}
    gone = storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=3500)
    assert gone == {"pages": 5}
    assert [n for n in range(10) if storage.page(f"https://x.example/{n}")] == [0, 1, 2]


def test_the_file_of_pages_shrinks(tmp_path):
    path = tmp_path / "store-pages.db"
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        for n in range(40):
            storage.save_page(f"https://x.example/{n}", page(random.Random(n).randbytes(20_000)), now=NOW)
    full = path.stat().st_size
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=100_000)
    assert full > 800_000
    assert path.stat().st_size < 250_000


def test_pages_are_bounded_between_two_tidyings_too(storage):
    chance = random.Random(2)
    storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=100_000)
    for n in range(60):
        storage.save_page(f"https://x.example/{n}", page(chance.randbytes(10_000)), now=NOW + n * HOUR)
    kept = [n for n in range(60) if storage.page(f"https://x.example/{n}")]
    assert kept == list(range(60 - len(kept), 60))
    assert 8 <= len(kept) <= 12


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_pages_that_cannot_be_kept_stop_no_article(tmp_path, content):
    (tmp_path / "store-pages.db").write_bytes(content)
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        said = storage.save_page("https://x.example/", page(), now=NOW)
        assert "store-pages.db" in said
        assert "nothing is lost when it is deleted" in said
        assert storage.page("https://x.example/") is None
        assert storage.pages_problem()
        assert publish(storage, "a").outcome == "stored"
        storage.prune(NOW, keep_articles=None, keep_pages=None, max_pages=PLENTY)
        (tmp_path / "store-pages.db").unlink()
        assert storage.save_page("https://x.example/", page(), now=NOW) == ""
        assert storage.page("https://x.example/") == page()
        assert storage.pages_problem() == ""


def test_pages_that_find_no_room_stop_no_article(tmp_path):
    (tmp_path / "store-pages.db").symlink_to("/dev/full")
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        assert "store-pages.db" in storage.save_page("https://x.example/", page(), now=NOW)
        assert publish(storage, "a").outcome == "stored"
        (tmp_path / "store-pages.db").unlink()
        assert storage.save_page("https://x.example/", page(), now=NOW) == ""


def test_a_damaged_page_is_no_page(storage, tmp_path):
    storage.save_page("https://x.example/", page(b"x" * 1000), now=NOW)
    with closing(sqlite3.connect(tmp_path / "store-pages.db")) as raw:
        raw.execute("UPDATE pages SET body = x'01ffff'")
        raw.commit()
    assert storage.page("https://x.example/") is None
    assert "damaged" in storage.pages_problem()


def test_what_may_be_cleaned_again(storage):
    publish(storage, "a", now=NOW - 10 * DAY)
    publish(storage, "copy", OTHER, body=text("a"))
    publish(storage, "b")
    poll(storage, new("pending"))
    rows = storage.recleanable(None)
    assert [work.entry.title for work in rows] == ["Title of a", "Title of b"]
    assert storage.recleanable(None, after=rows[0].entry_id, limit=5) == rows[1:]
    assert storage.recleanable(NOW - DAY) == rows[1:]
    again = addition(rows[0], body=text("cleaner"), tags=())
    assert storage.add_article(again, now=NOW).outcome == "updated"
    assert storage.story(1).tags == ("world",)


# -- backups


def test_a_backup_is_the_store_as_it_was(storage, tmp_path):
    for number in range(30):
        storage.add_article(imported(number), now=NOW)
    storage.backup(tmp_path / "copy.db")
    storage.add_article(imported("later"), now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]
    with closing(open_storage(f"sqlite:///{tmp_path / 'copy.db'}")) as copy:
        copy.check()
        assert (copy.last_number(), copy.instance_id) == (30, storage.instance_id)
        assert copy.live(50, NOW) == storage.archive(0)[1:] or len(copy.live(50, NOW)) == 30


def test_a_backup_while_others_write_is_consistent(storage, tmp_path):
    stop = threading.Event()

    def add():
        number = 0
        while not stop.is_set():
            storage.add_article(imported(number), now=NOW)
            number += 1

    thread = threading.Thread(target=add)
    thread.start()
    try:
        for turn in range(4):
            storage.backup(tmp_path / f"copy{turn}.db")
            with closing(open_storage(f"sqlite:///{tmp_path / f'copy{turn}.db'}")) as copy:
                copy.check()
                stories = [s for place in range(copy.archives() + 1) for s in copy.archive(place)]
                assert sorted(s.number for s in stories) == list(range(1, copy.last_number() + 1))
    finally:
        stop.set()
        thread.join()


def test_a_backup_replaces_nothing_and_leaves_no_half(storage, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StorageError, match="exists already"):
        storage.backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    with pytest.raises(StorageError, match="cannot be written"):
        storage.backup(tmp_path / "nowhere" / "copy.db")
    assert not [path for path in tmp_path.iterdir() if "part" in path.name]


# -- sites


def see(storage, name, blocks, now=NOW, **fields):
    observed = {number: f"block {number}" for number in blocks}
    given = imported(name)
    given = type(given)(
        **{
            **{field: getattr(given, field) for field in given.__slots__},
            "cleaned": type(given.cleaned)(article=given.cleaned.article, observed=observed),
            "site_key": "x.example",
            **fields,
        }
    )
    return storage.add_article(given, now=now)


def test_a_sites_memory_counts_the_articles_of_each_block_once(storage):
    assert (storage.site("x.example").articles, storage.site("x.example").blocks) == (0, {})
    see(storage, "a", [1, 2, -(2**63)])
    see(storage, "b", [1, 3], now=NOW + DAY)
    see(storage, "b", [1, 3], import_key=b"other file")  # a copy: counted already
    site = storage.site("x.example")
    assert (site.host, site.articles) == ("x.example", 2)
    counted = {number: (block.articles, block.sample) for number, block in site.blocks.items()}
    assert counted == {1: (2, "block 1")}  # what was seen once says nothing yet
    assert site.blocks[1].last_seen == NOW + DAY
    see(storage, "c", [-(2**63)], now=NOW + DAY)
    assert storage.site("x.example").blocks[-(2**63)].articles == 2
    assert storage.site("y.example").blocks == {}


def test_an_edit_is_not_seen_twice(storage):
    def once(work, body):
        given = addition(work, body=body, site_key="n.example")
        observed = type(given.cleaned)(article=given.cleaned.article, observed={1: "x"})
        fields = {name: getattr(given, name) for name in given.__slots__}
        return storage.add_article(type(given)(**{**fields, "cleaned": observed}), now=NOW).outcome

    poll(storage, new("a"))
    work = work_of(storage, "a")
    assert [once(work, text("a")), once(work, text("b"))] == ["stored", "updated"]
    assert (storage.site("n.example").articles, storage.site("n.example").blocks) == (1, {})


def test_what_the_user_said_of_a_block_stays(storage):
    see(storage, "a", [1])
    storage.set_override("x.example", 1, "remove")
    storage.set_override("x.example", 9, "keep", sample="not seen yet")
    see(storage, "b", [1])
    blocks = storage.site("x.example").blocks
    assert (blocks[1].override, blocks[1].articles) == ("remove", 2)
    assert (blocks[9].override, blocks[9].articles, blocks[9].sample) == ("keep", 0, "not seen yet")
    storage.set_override("x.example", 1, "")
    assert storage.site("x.example").blocks[1].override == ""


def test_a_sites_memory_is_bounded_and_keeps_what_it_saw_most(storage):
    storage.set_override("x.example", 10**9, "keep")
    for n in range(sites.EVERY * 2):
        see(storage, n, [7, *range(1000 * (n + 1), 1000 * (n + 1) + sites.OBSERVED)], now=NOW + n * HOUR)
    site = storage.site("x.example")
    assert (site.articles, len(site.blocks)) == (sites.EVERY * 2, 2)
    assert site.blocks[7].articles == sites.EVERY * 2
    assert site.blocks[10**9].override == "keep"
    with storage._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM blocks").scalar() <= sites.BLOCKS


def test_a_sites_old_template_fades_and_the_users_word_does_not(storage):
    storage.set_override("x.example", 10**9, "remove")
    for n in range(sites.WINDOW):
        see(storage, n, [7], now=NOW + n * HOUR)
    see(storage, "after", [8], now=NOW + DAY * 9)
    site = storage.site("x.example")
    assert (site.articles, site.blocks[7].articles) == ((sites.WINDOW + 1) // 2, sites.WINDOW // 2)
    assert site.blocks[10**9].override == "remove"
    assert 8 not in site.blocks
