"""What happens to the store when a process is killed, the disk is full, the file is damaged, locked or not ours."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from aggregator.errors import StorageError
from aggregator.storage import open_storage, sqlite
from tests.storing import FEED, NOW, imported, publish

ROOT = Path(__file__).parent.parent


def url_of(path):
    return f"sqlite:///{path}"


@contextmanager
def child(*arguments):
    """A process of tests/storing_child.py, killed at the end."""
    command = [sys.executable, "-m", "tests.storing_child", *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def whole(path, acknowledged):
    """The store is sound, has every article that was acknowledged, each once, and numbers without a gap."""
    with closing(open_storage(url_of(path))) as storage:
        storage.check()
        count = storage.last_number()
        assert count >= acknowledged
        stories = [story for page in range(count // 100 + 1) for story in storage.archive(page)]
        assert sorted(story.number for story in stories) == list(range(1, count + 1))
        assert len({story.text for story in stories}) == count
        assert len({story.id for story in stories}) == count
        return storage


def killed_while_adding(path, rounds, seed):
    chance = random.Random(seed)
    start, acknowledged = 0, 0
    for _ in range(rounds):
        with child("add", path, start, start + 100_000) as process:
            assert process.stdout.readline() == "open\n"
            lines = [process.stdout.readline() for _ in range(chance.randint(1, 12))]
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.read().splitlines()
        done = [line.split() for line in lines if line.count(" ")]
        acknowledged = max([acknowledged, *(int(key) for _, key in done)])
        start = max([start, *(int(number) + 1 for number, _ in done)])
        whole(path, acknowledged)
    assert start >= rounds


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    killed_while_adding(tmp_path / "store.db", 10, "ten")


@pytest.mark.soak
def test_a_hundred_kill_9s_lose_nothing_that_was_acknowledged(tmp_path):
    killed_while_adding(tmp_path / "store.db", 100, "hundred")


def test_kill_9_while_a_store_is_made_leaves_one_or_none(tmp_path):
    chance = random.Random("made")
    for turn in range(5):
        path = tmp_path / f"{turn}.db"
        with child("open", path) as process:
            deadline = time.monotonic() + 20
            while not list(tmp_path.glob(f"{turn}.db*")) and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
        whole(path, 0)


def test_two_processes_that_make_one_store_share_it(tmp_path):
    ids = []

    def make():
        with closing(open_storage(url_of(tmp_path / "s.db"))) as storage:
            ids.append(storage.instance_id)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ids), len(set(ids))) == (6, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["s.db"]


def test_two_processes_may_write_at_the_same_time(tmp_path):
    path = tmp_path / "store.db"
    open_storage(url_of(path)).close()
    with child("add", path, 0, 150) as first, child("add", path, 1000, 1150) as second:
        outputs = [process.communicate(timeout=120)[0].splitlines() for process in (first, second)]
    keys = sorted(int(line.split()[1]) for lines in outputs for line in lines if " " in line)
    assert keys == list(range(1, 301))
    whole(path, 300)


def test_the_log_is_moved_into_the_file_now_and_then(tmp_path):
    path = tmp_path / "store.db"
    with closing(open_storage(url_of(path))) as storage:
        log, sizes = path.with_name("store.db-wal"), []
        before = path.stat().st_size
        for number in range(4 * sqlite.CHECKPOINT_COMMITS):
            storage.writable() if number % 4 else storage.add_article(imported(number), now=NOW)
            if not (number + 1) % sqlite.CHECKPOINT_COMMITS:
                sizes.append(log.stat().st_size)
        assert path.stat().st_size > 2 * before
        assert sizes[3] < 2 * sizes[0]


# -- a full disk


def test_a_full_disk_is_said_and_survived(tmp_path):
    path = tmp_path / "store.db"
    with child("full", path, 1_500_000) as process:
        lines = process.communicate(timeout=120)[0].splitlines()
    acknowledged = [int(line) for line in lines if line.isdigit()]
    (refused,) = [line for line in lines if line.startswith("refused")]
    assert str(path) in refused
    assert "disk" in refused
    assert f"unwritable, {len(acknowledged) - 1} to read" in lines
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert len(acknowledged) > 3
    whole(path, len(acknowledged))


# -- files that are no store, or not any more


def damaged(path, kind):
    content = path.read_bytes()
    made = {
        "header": b"\0" * 100 + content[100:],
        "magic": b"SQLite format 4\0" + content[16:],
        "half": content[: len(content) // 2],
        "short by a page": content[:-4096],
        "one page": content[:4096],
        "empty": b"",
        "few bytes": content[:40],
        "text": b"# feeds\n" * 1000,
        "flipped in the middle": flipped(content),
    }
    path.write_bytes(made[kind])


def flipped(content):
    """Every table's pages but the first one, turned to rubbish."""
    rubbish = random.Random("rubbish").randbytes(len(content) // 2)
    return content[: len(content) // 4] + rubbish + content[len(content) // 4 + len(rubbish) :]


KINDS = (
    "header",
    "magic",
    "half",
    "short by a page",
    "one page",
    "empty",
    "few bytes",
    "text",
    "flipped in the middle",
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path, kind):
    path = tmp_path / "store.db"
    with closing(open_storage(url_of(path))) as storage:
        for number in range(20):
            storage.add_article(imported(number), now=NOW)
    damaged(path, kind)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"store\.db") as caught:
        open_storage(url_of(path))
    assert "Nothing was changed" in caught.value.message or "another program" in caught.value.message
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["store.db"]


def test_another_programs_database_is_not_touched(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE places (x)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="another program"):
        open_storage(url_of(path))
    assert path.read_bytes() == before


def test_a_newer_store_is_refused(tmp_path):
    path = tmp_path / "store.db"
    open_storage(url_of(path)).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"store\.db was made by a newer aggregator .*9999"):
        open_storage(url_of(path))
    assert path.read_bytes() == before


def big_store(path):
    """A store too big to be looked at whole when it is opened."""
    with closing(open_storage(url_of(path))) as storage:
        for number in range(20):
            storage.add_article(imported(number), now=NOW)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO pages (key, body) VALUES (1, zeroblob(?))", (sqlite.QUICK_CHECK_BYTES,))
        raw.commit()


def read_whole(path):
    with closing(open_storage(url_of(path))) as storage:
        return [storage.live(100, NOW), storage.feed_states(), storage.work(NOW, 10)]


def test_a_big_store_that_was_cut_off_is_refused_when_it_is_opened(tmp_path):
    path = tmp_path / "store.db"
    big_store(path)
    assert len(read_whole(path)[0]) == 20
    os.truncate(path, path.stat().st_size - 4096)
    with pytest.raises(StorageError, match=r"store\.db is damaged: 4096 of its \d+ bytes are missing"):
        open_storage(url_of(path))


def test_damage_that_is_found_later_is_said(tmp_path):
    path = tmp_path / "store.db"
    big_store(path)
    with path.open("r+b") as file:
        file.seek(60 * 4096)
        file.write(random.Random("rubbish").randbytes(300 * 4096))
    with pytest.raises(StorageError, match=r"store\.db"):
        read_whole(path)
    with closing(open_storage(url_of(path))) as storage, pytest.raises(StorageError, match=r"store\.db is damaged"):
        storage.check()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y", "store.db", ""])
def test_an_address_that_names_no_file_is_refused(url):
    with pytest.raises(StorageError, match="sqlite:///"):
        open_storage(url)


def test_a_folder_is_no_store_and_a_file_is_no_folder(tmp_path):
    with pytest.raises(StorageError, match="not a file"):
        open_storage(url_of(tmp_path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="folder"):
        open_storage(url_of(tmp_path / "file" / "store.db"))


@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o777), (0o666, 0o555)])
def test_a_file_that_may_not_be_written_is_refused(file, folder):
    place = Path(tempfile.mkdtemp())
    try:
        path = place / "store.db"
        open_storage(url_of(path)).close()
        path.chmod(file)
        place.chmod(folder)
        with child("user", path) as process:
            said = process.communicate(timeout=60)[0]
        assert "store.db cannot be written" in said
    finally:
        place.chmod(0o777)
        shutil.rmtree(place)


# -- locks


def test_a_locked_store_is_waited_for(tmp_path):
    path = tmp_path / "store.db"
    with (
        closing(open_storage(url_of(path), timeout=30)) as storage,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.4, other.execute, ["COMMIT"])
        timer.start()
        assert storage.add_article(imported("waits"), now=NOW).outcome == "stored"
        timer.join()


def test_a_store_that_stays_locked_is_said_to_be(tmp_path):
    path = tmp_path / "store.db"
    with (
        closing(open_storage(url_of(path), timeout=1)) as storage,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        assert storage.add_article(imported("first"), now=NOW).key == 1
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"store\.db is locked by another program, for more than 1 s"):
            storage.add_article(imported("gives up"), now=NOW)
        with pytest.raises(StorageError, match="locked"):
            storage.writable()
        assert len(storage.live(10, NOW)) == 1
        other.execute("ROLLBACK")
        storage.writable()
        assert storage.add_article(imported("gives up"), now=NOW).key == 2


def test_a_second_poller_is_refused_with_the_firsts_process_id(tmp_path):
    path = tmp_path / "store.db"
    with closing(open_storage(url_of(path))) as storage:
        with child("lock", path) as owner:
            assert owner.stdout.readline() == "locked\n"
            with pytest.raises(StorageError, match=f"process {owner.pid}, since 20"), storage.poller_lock():
                pass
            storage.add_article(imported("beside"), now=NOW)
            owner.send_signal(signal.SIGKILL)
            owner.wait()
        with storage.poller_lock(), pytest.raises(StorageError, match=f"process {os.getpid()}"), storage.poller_lock():
            pass
        with storage.poller_lock():
            pass


# -- settings


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path):
    with closing(open_storage(url_of(tmp_path / "store.db"))) as storage:
        facts = storage.facts()
        with storage._database.kind.writer.connect() as connection:
            level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
            keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
            automatic = connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()
    assert (facts["journal_mode"], facts["synchronous"], level, keys, automatic) == ("wal", "FULL", 2, 1, 0)
    assert facts["database"] == f"SQLite {sqlite3.sqlite_version}"


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_with_the_wal_reset_bug_are_known(version, has):
    assert sqlite.wal_reset_bug(version) is has


def test_check_names_the_bug_where_it_is(tmp_path):
    with closing(open_storage(url_of(tmp_path / "store.db"))) as storage:
        publish(storage, "a", FEED)
        named = [note for note in storage.check() if "WAL-reset" in note]
    assert len(named) == sqlite.wal_reset_bug(sqlite3.sqlite_version_info[:3])
