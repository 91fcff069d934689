"""Stores as released versions left them, in `stores/`: for each schema a dump for either database and what it tells.

`python -m tests.released` writes those of today's schema. Do it with the release that first has a schema, and never
again: from then on they show that a later version can read what that one wrote.
"""

import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from aggregator import query
from aggregator.errors import StorageError
from aggregator.model import Document
from aggregator.storage import open_storage, schema
from aggregator.trouble import Event
from aggregator.websub import Subscription
from tests import storing_postgres
from tests.storing import DAY, FEED, HOUR, NOW, OTHER, entry, imported, new, poll, publish, text

FOLDER = Path(__file__).with_name("stores")
HUB = Subscription(
    path="path",
    feed_url=OTHER.url,
    hub="https://hub.example/",
    topic=OTHER.url,
    callback="https://reader.example.org/websub/path",
    secret="secret",
    state="active",
    lease_end=NOW + DAY,
)
PAGE = Document(kind="page", url="https://news.example/kept", body=b"<p>kept</p>", content_type="text/html")


def fill(storage):
    """Something of everything that a store holds."""
    for name in ("tulips", "bridge", "tanks"):
        publish(storage, name, url=f"https://news.example/{name}")
    publish(storage, "tulips", OTHER, body=text("tulips"), url="https://planet.example/copy")
    publish(storage, "edited")
    publish(storage, "edited", hash=b"another", body=text("edited, and again"), now=NOW + HOUR)
    storage.add_article(imported("saved"), now=NOW)
    poll(storage, new("rejected", verdict="rejected", due=None), new("waiting", due=NOW + HOUR), etag='"v1"')
    poll(storage, feed=OTHER, hub_url=HUB.hub, self_url=HUB.topic, error_class="timeout", error="late", failures=3)
    told = Event(number=0, feed_url=OTHER.url, kind="broken", at=NOW, title="Planet is failing", text="For long.")
    storage.save_states([], [told])
    storage.save_states([storage.feed_states()[OTHER.url]], [told])
    storage.save_subscription(HUB)
    storage.save_host_pause("planet.example", NOW + DAY)
    storage.set_override("news.example", 12345, "remove", sample="Subscribe to our newsletter")
    storage.save_page(PAGE.url, PAGE, now=NOW)


def told(storage):
    """What a store says, as JSON knows it."""
    stories = storage.live(100, NOW)
    found = storage.search(query.parse("title:tulips"), limit=10, now=NOW)
    return {
        "instance": storage.instance_id,
        "last": storage.last_number(),
        "stories": [
            [one.number, one.id, one.title, one.url, one.text, one.published.isoformat(), list(one.tags)]
            for one in stories
        ],
        "copies": [[copy.url, copy.source] for one in stories for copy in one.copies],
        "found": [one.number for one in found],
        "feeds": {
            url: [state.status, state.etag, state.articles, state.failures, state.error_class, state.hub_url]
            for url, state in sorted(storage.feed_states().items())
        },
        "waiting": [work.entry.title for work in storage.work(NOW + 2 * HOUR, 10)],
        "known": sorted(storage.known(FEED.url, [entry(name).guid for name in ("rejected", "tulips", "waiting")])),
        "imported": storage.imported(b"file saved"),
        "troubles": [[event.kind, event.title] for event in storage.troubles(10)],
        "hubs": [[one.hub, one.state, one.secret] for one in storage.subscriptions()],
        "pauses": {host: until.isoformat() for host, until in storage.host_pauses().items()},
        "blocks": [[number, block.override] for number, block in storage.site("news.example").blocks.items()],
    }


def lives_on(storage):
    """It takes new stories, sees copies of old ones, and prunes."""
    last = storage.last_number()
    assert publish(storage, "new", now=NOW + 2 * HOUR).key == last + 1
    again = publish(storage, "copy-of-tanks", OTHER, body=text("tanks"), now=NOW + 2 * HOUR)
    assert again.outcome == "duplicate"
    assert storage.imported(b"file saved")
    storage.prune(NOW + 400 * DAY, keep_articles=timedelta(days=30), keep_pages=DAY, max_pages=10**6)
    assert storage.live(100, NOW + 400 * DAY) == []
    assert storage.check() is not None


def dump(path):
    """A SQLite store as SQL, with the tables that a full-text index lies in."""
    lines = []
    with closing(sqlite3.connect(path)) as raw:
        (application,) = raw.execute("PRAGMA application_id").fetchone()
        lines.append(f"PRAGMA application_id={application}")
        made = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY rowid").fetchall()
        shadows = raw.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'").fetchall()
        plain = raw.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        lines += [sql for name, sql in made if (name,) not in shadows]
        lines += [f"DELETE FROM {name}" for (name,) in shadows]
        for (table,) in [*plain.fetchall(), *shadows]:
            columns = [column for (column,) in raw.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            values = " || ',' || ".join(f'quote("{column}")' for column in columns)
            lines += [f"INSERT INTO {table} VALUES ({row})" for (row,) in raw.execute(f"SELECT {values} FROM {table}")]
    return ";\n".join(lines) + ";\n"


def restore(revision, path):
    """The SQLite store that the release with this schema left."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((FOLDER / f"{revision}.sqlite.sql").read_text("utf-8"))
        raw.commit()
    return f"sqlite:///{path}"


def restore_postgres(revision, server):
    """Likewise in PostgreSQL."""
    url = server.fresh()
    server.sql((FOLDER / f"{revision}.postgresql.sql").read_text("utf-8"), url.split("/")[3].split("?")[0])
    return url


def expected(revision):
    """What that store told when it was written."""
    return json.loads((FOLDER / f"{revision}.json").read_text("utf-8"))


def _write(revision):
    with tempfile.TemporaryDirectory() as folder, storing_postgres.running() as server:
        path = Path(folder) / "store.db"
        with closing(open_storage(f"sqlite:///{path}")) as storage:
            fill(storage)
            said = json.dumps(told(storage), indent=1, ensure_ascii=False)
        (FOLDER / f"{revision}.json").write_text(f"{said}\n", "utf-8")
        (FOLDER / f"{revision}.sqlite.sql").write_text(dump(path), "utf-8")
        url = server.fresh()
        name = url.split("/")[3].split("?")[0]
        with closing(open_storage(url)) as storage:
            server.sql(f"UPDATE meta SET value = '{json.loads(said)['instance']}' WHERE name = 'instance'", name)
            fill(storage)
            if told(storage) != json.loads(said):
                raise StorageError("the two databases tell different things of the same store")
        whole = server.command(
            storing_postgres.PROGRAMS / "pg_dump", "--inserts", "--no-owner", "-U", "tester", "-h", server.folder, name
        )
        lines = [line for line in whole.splitlines() if line and not line.startswith(("--", "\\"))]
        (FOLDER / f"{revision}.postgresql.sql").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    if (FOLDER / f"{schema.REVISIONS[-1]}.json").exists() and "--again" not in sys.argv:
        sys.exit("There is one of this schema already; --again writes it anew, which is right before its release only.")
    _write(schema.REVISIONS[-1])
