"""Migrations: an older store becomes today's, or stays what it was; a new store is what the migrations make."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from aggregator.errors import StorageError
from aggregator.storage import building, open_storage, schema, sqlite
from tests import released
from tests.storing import publish

ROOT = Path(__file__).parent.parent


def before_all(path):
    """A store as it was before the first schema."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA application_id={sqlite.APPLICATION_ID}")
        raw.execute(building.ALEMBIC_VERSION)
        raw.commit()


def tables(path):
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        version = raw.execute("SELECT version_num FROM alembic_version").fetchall()
        counters = raw.execute("SELECT name, value FROM counters ORDER BY name").fetchall()
        meta = raw.execute("SELECT name FROM meta ORDER BY name").fetchall()
    return found, version, counters, meta


def test_a_new_store_is_what_the_migrations_make(tmp_path):
    before_all(tmp_path / "old.db")
    for name in ("old", "new"):
        open_storage(f"sqlite:///{tmp_path / name}.db").close()
    assert tables(tmp_path / "old.db") == tables(tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "old.db")) as raw:
        assert raw.execute("PRAGMA application_id").fetchone() == (sqlite.APPLICATION_ID,)


def test_todays_schema_is_the_last_migrations():
    config = Config()
    config.set_main_option("script_location", "aggregator.storage:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert ("", *revisions) == schema.REVISIONS
    assert scripts.get_heads() == [schema.REVISIONS[-1]]


def test_an_older_store_is_brought_up_to_date_and_works(tmp_path):
    before_all(tmp_path / "store.db")
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        assert publish(storage, "a").key == 1
        storage.check()
        instance = storage.instance_id
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as storage:
        assert storage.instance_id == instance
        assert storage.last_number() == 1


def test_a_store_that_is_up_to_date_opens_without_alembic(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    open_storage(url).close()
    program = (
        "import sys; from aggregator.storage import open_storage; "
        f"open_storage({url!r}).close(); open_storage({url + '2'!r}).close(); "
        "print(sorted(set(sys.modules) & {'alembic', 'aiosqlite', 'sqlalchemy.orm', 'numpy', 'psycopg'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_migration_that_is_killed_leaves_the_old_store_or_the_new_one(tmp_path):
    chance = random.Random("migration")
    outcomes = set()
    for turn in range(6):
        path = tmp_path / f"{turn}.db"
        before_all(path)
        command = [sys.executable, "-m", "tests.storing_child", "open", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            log = path.with_name(f"{turn}.db-wal")
            deadline = time.monotonic() + 30
            while not log.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.3))
            os.kill(process.pid, signal.SIGKILL)
        with closing(sqlite3.connect(path)) as raw:
            names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
            version = raw.execute("SELECT version_num FROM alembic_version").fetchall()
        whole = "articles" in names
        outcomes.add(whole)
        assert version == ([("0001",)] if whole else [])
        assert whole or names == {"alembic_version", "sqlite_autoindex_alembic_version_1"}
        with closing(open_storage(f"sqlite:///{path}")) as storage:
            storage.check()
            assert publish(storage, "a").key == 1


def test_an_error_in_a_migration_leaves_the_old_store(tmp_path):
    path = tmp_path / "store.db"
    before_all(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE sites (surprise)")  # in the way of a table that comes late
        raw.commit()
    before = [name for kind, name, sql in _master(path)]
    with pytest.raises(StorageError, match=r"store\.db.*sites"):
        open_storage(f"sqlite:///{path}")
    assert [name for kind, name, sql in _master(path)] == before


def _master(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


@pytest.mark.parametrize("revision", schema.REVISIONS[1:])
def test_a_store_that_a_release_left_is_read_and_lives_on(tmp_path, revision):
    url = released.restore(revision, tmp_path / "store.db")
    expected = released.expected(revision)
    with closing(open_storage(url)) as storage:
        said = released.told(storage)
        assert {name: said[name] for name in expected} == expected
    open_storage(f"sqlite:///{tmp_path / 'new.db'}").close()
    (made, version, *_), (fresh, today, *_) = tables(tmp_path / "store.db"), tables(tmp_path / "new.db")
    assert version == today
    assert [one for one in made if "autoindex" not in one[1]] == [one for one in fresh if "autoindex" not in one[1]]
    with closing(open_storage(url)) as storage:
        released.lives_on(storage)
