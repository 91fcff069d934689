"""The store in PostgreSQL: the tests of the store again, and what a server alone does. Run where one is installed."""

import inspect
import threading
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import StorageError
from aggregator.storage import open_storage, schema
from tests import released, storing_postgres, test_storage, test_storage_search, test_storage_upkeep
from tests.storing import NOW, imported, publish
from tests.test_storage_search import FEW, PHASES, SOURCES, agrees, alone, replace


@pytest.fixture(scope="session")
def server():
    with storing_postgres.running() as started:
        open_storage(started.fresh()).close()
        yield started


@pytest.fixture
def storage(server):
    with closing(open_storage(server.fresh("store1"))) as opened:
        yield opened


def _shared():
    """The tests that ask for nothing but a store."""
    for module in (test_storage, test_storage_upkeep, test_storage_search):
        for name, test in vars(module).items():
            inner = inspect.signature(test).parameters if name.startswith("test_") else ()
            if "storage" in inner and not {"tmp_path", "empty"} & set(inner):
                yield f"{name}_in_postgres", test


def _half_done(server, storage):
    """Lose the server in the middle of a transaction."""
    with storage._database.write() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = 99 WHERE name = 'entered'")
        server.control("stop", "-m", "immediate")
        connection.exec_driver_sql("SELECT 1")


if storing_postgres.THERE:
    globals().update(_shared())

    @settings(max_examples=15, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
    @given(FEW, SOURCES, st.data())
    def test_memory_and_postgres_select_the_same(server, found, sources, data):
        one_feed = [replace(alone(n, subject), feed="the feed") for n, subject in enumerate(found)]
        agrees(server.fresh("store1"), one_feed, sources, data)

    def test_a_server_that_dies_loses_nothing_and_is_found_again(server):
        with closing(open_storage(server.fresh("store1"))) as storage:
            publish(storage, "a")
            with pytest.raises(StorageError, match=r"postgresql://tester@.*(reached|Error)"):
                _half_done(server, storage)
            with pytest.raises(StorageError):
                storage.live(5, NOW)
            server.start()
            assert len(storage.live(5, NOW)) == 1
            assert storage.add_article(imported("b"), now=NOW).key == 2

    def test_a_locked_store_waits_and_says_so(server):
        import psycopg

        url = server.fresh("store1")
        with (
            closing(open_storage(url, timeout=1)) as storage,
            psycopg.connect(url) as other,
        ):
            other.execute("SELECT pg_advisory_xact_lock(1095193159)")
            with pytest.raises(StorageError, match="is locked by another program, for more than 1 s"):
                storage.writable()
            assert storage.live(5, NOW) == []
            other.rollback()
            storage.writable()

    def test_one_poller_a_store(server):
        url = server.fresh("store1")
        with closing(open_storage(url)) as first, closing(open_storage(url)) as second:
            with (
                first.poller_lock(),
                pytest.raises(StorageError, match=r"aggregator process \d+"),
                second.poller_lock(),
            ):
                pass
            with second.poller_lock():
                pass

    def test_the_poller_that_is_named_is_this_stores(server):
        import psycopg

        stores = [server.fresh() for _ in range(2)]
        names = [f"{url}&application_name=polls%20{number}" for number, url in enumerate(stores)]
        with psycopg.connect(names[0]) as first, psycopg.connect(names[1]) as second:
            for each in (first, second):
                each.execute("SELECT pg_advisory_lock(1095193161)")
            for number, url in enumerate(stores):
                with (
                    closing(open_storage(url)) as storage,
                    pytest.raises(StorageError, match=f"already .polls {number}, since"),
                    storage.poller_lock(),
                ):
                    pass

    def test_two_that_make_a_store_share_it(server):
        url, ids = server.fresh(), []

        def make():
            with closing(open_storage(url)) as storage:
                ids.append(storage.instance_id)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(ids), len(set(ids))) == (4, 1)

    def test_migrations_make_what_a_new_store_is(server):
        made, old = server.fresh(), server.fresh()
        name = old.split("/")[3].split("?")[0]
        server.sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)", name)
        shapes = []
        for url in (made, old):
            open_storage(url).close()
            shapes.append(
                server.sql(
                    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
                    "AND tablename <> 'alembic_version' ORDER BY 1, 2",
                    url.split("/")[3].split("?")[0],
                )
                + server.sql(
                    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM "
                    "information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
                    url.split("/")[3].split("?")[0],
                )
            )
        assert shapes[0] == shapes[1]

    def test_a_newer_store_is_refused_in_postgres(server):
        url = server.fresh("store1")
        server.sql("UPDATE alembic_version SET version_num = '9999'", url.split("/")[3].split("?")[0])
        with pytest.raises(StorageError, match="newer aggregator"):
            open_storage(url)

    @pytest.mark.parametrize("revision", schema.REVISIONS[1:])
    def test_a_store_that_a_release_left_is_read_and_lives_on_in_postgres(server, revision):
        expected = released.expected(revision)
        with closing(open_storage(released.restore_postgres(revision, server))) as storage:
            said = released.told(storage)
            assert {name: said[name] for name in expected} == expected
            released.lives_on(storage)

    def test_what_cannot_be_opened_is_said_without_the_password(server):
        url = server.url("nowhere").replace("tester@", "tester:secret@")
        with pytest.raises(StorageError, match="nowhere") as caught:
            open_storage(url)
        assert "secret" not in caught.value.message

    def test_a_backup_is_pg_dumps_task(server, tmp_path):
        with (
            closing(open_storage(server.fresh("store1"))) as storage,
            pytest.raises(StorageError, match="pg_dump"),
        ):
            storage.backup(tmp_path / "x")

    def test_facts_of_postgres(server):
        with closing(open_storage(server.fresh("store1"))) as storage:
            assert storage.facts()["database"].startswith("PostgreSQL")
            assert storage.check() == []
