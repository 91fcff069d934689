"""Calls of the store done together: each gets its own answer, after the commit, and none takes others along."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial

import pytest

from aggregator.errors import StorageError
from aggregator.pipeline.ledger import MOST, Ledger
from aggregator.storage import open_storage
from tests.storing import NOW, cleaned, imported, text


@pytest.fixture
def storage(tmp_path):
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}", timeout=0.2)) as opened:
        yield opened


@contextmanager
def thread():
    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor


def titles(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(row[0] for row in connection.execute("SELECT title FROM articles"))


def adding(storage, name):
    return partial(storage.add_article, imported(name), now=NOW)


def fail():
    raise ValueError("a fault of one")


def noted():
    """A store that does calls together, and the sizes of the batches that it was given."""
    batches = []

    def together(calls):
        batches.append(len(calls))
        return [call() for call in calls]

    return batches, together


def test_calls_done_together_are_one_transaction(storage, tmp_path):
    seen = []

    def look():
        seen.append(titles(tmp_path / "store.db"))

    answers = storage.together([adding(storage, "a"), look, adding(storage, "b")])
    assert [getattr(answer, "key", None) for answer in answers] == [1, None, 2]
    assert seen == [[]]  # others see nothing before the commit
    assert len(titles(tmp_path / "store.db")) == 2


def test_what_is_read_together_sees_what_was_written_before(storage):
    _, live = storage.together([adding(storage, "a"), partial(storage.live, 5, NOW)])
    assert len(live) == 1


def test_a_call_that_fails_takes_no_others_along(storage, tmp_path):
    first, failed, last = storage.together([adding(storage, "a"), fail, adding(storage, "b")])
    assert isinstance(failed, ValueError)
    assert (first.key, last.key) == (1, 2)
    assert len(titles(tmp_path / "store.db")) == 2
    assert storage.last_number() == 2


def test_a_store_that_is_locked_fails_all_at_once(storage, tmp_path):
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = storage.together([adding(storage, name) for name in "abc"])
        assert {type(answer) for answer in answers} == {StorageError}
        other.execute("ROLLBACK")
    assert [answer.key for answer in storage.together([adding(storage, name) for name in "abc"])] == [1, 2, 3]


def indexed(path, word):
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (word,))]


def test_words_of_a_transaction_follow_each_other(storage, tmp_path):
    for name in "xy":
        storage.add_article(imported(name), now=NOW)
    edit = imported("a", cleaned=cleaned("a", body="quite another text"), again=True)
    _, edited, _ = storage.together(
        [adding(storage, "a"), partial(storage.add_article, edit, now=NOW), adding(storage, "b")]
    )
    assert edited.outcome == "updated"
    assert indexed(tmp_path / "store.db", "another") == [3]
    assert indexed(tmp_path / "store.db", text("a").split()[0]) == []
    assert indexed(tmp_path / "store.db", text("b").split()[0]) == [4]


def test_words_of_what_was_rolled_back_are_not_indexed(storage, tmp_path):
    tried = []

    def fail_after_adding():
        if not tried:
            tried.append(storage.add_article(imported("a"), now=NOW))
        raise ValueError("a fault of one")

    failed, added = storage.together([fail_after_adding, adding(storage, "b")])
    assert isinstance(failed, ValueError)
    assert added.key == tried[0].key == 1
    assert indexed(tmp_path / "store.db", text("a").split()[0]) == []
    assert indexed(tmp_path / "store.db", text("b").split()[0]) == [1]


def test_a_story_whose_words_cannot_be_indexed_is_not_stored(storage, tmp_path):
    with closing(sqlite3.connect(tmp_path / "store.db")) as other:
        other.execute("DROP TABLE words")
    tried = []

    def add(name):
        tried.append(name)
        return storage.add_article(imported(name), now=NOW)

    answers = storage.together([partial(add, name) for name in "ab"])
    assert {type(answer) for answer in answers} == {StorageError}
    assert tried == ["a", "b", "a", "b"], "by itself, so that one story's words don't keep others out"
    assert titles(tmp_path / "store.db") == []


async def test_what_comes_a_moment_later_is_done_along():
    batches, together = noted()
    with thread() as executor:
        ledger = Ledger(together, executor)
        first = asyncio.create_task(ledger.do(partial(int, 1)))
        for _ in range(2):
            await asyncio.sleep(0)
        assert await asyncio.gather(first, ledger.do(partial(int, 2))) == [1, 2]
    assert batches == [2]


async def test_what_waits_is_done_together_and_in_order():
    batches, together = noted()
    with thread() as executor:
        ledger = Ledger(together, executor)
        answers = await asyncio.gather(*(ledger.do(partial(int, number)) for number in range(MOST + 3)))
        assert await ledger.do(partial(int, 7)) == 7
    assert answers == list(range(MOST + 3))
    assert batches == [MOST, 3, 1]


async def test_each_is_told_its_own_failure(storage):
    with thread() as executor:
        ledger = Ledger(storage.together, executor)
        added, failed = await asyncio.gather(ledger.do(adding(storage, "a")), ledger.do(fail), return_exceptions=True)
    assert added.outcome == "stored"
    assert isinstance(failed, ValueError)


async def test_who_no_longer_waits_holds_up_nobody(storage):
    with thread() as executor:
        ledger = Ledger(storage.together, executor)
        gone = asyncio.create_task(ledger.do(adding(storage, "a")))
        stays = asyncio.create_task(ledger.do(adding(storage, "b")))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).outcome == "stored"
        assert gone.cancelled()


async def test_a_failure_of_the_whole_reaches_all():
    def together(_):
        raise MemoryError

    with thread() as executor:
        ledger = Ledger(together, executor)
        for _ in range(2):
            answers = await asyncio.gather(ledger.do(fail), ledger.do(fail), return_exceptions=True)
            assert [type(answer) for answer in answers] == [MemoryError, MemoryError]
