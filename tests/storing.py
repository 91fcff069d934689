"""Values for the tests of the store: feeds, entries and additions with sensible defaults, texts all different."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator import dedup
from aggregator.model import Article, Cleaned, Entry, Feed, Source
from aggregator.storage.records import Addition, NewEntry

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = Feed(url="https://news.example/feed.xml", name="News", tags=("world",))
OTHER = Feed(url="https://planet.example/atom", name="Planet", tags=("planet",))


def text(seed, words=120):
    """Paragraphs that no other seed has."""
    chance = random.Random(f"text {seed}")
    made = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(words)]
    return "\n\n".join(" ".join(made[start : start + 40]) for start in range(0, words, 40))


def entry(name, feed=FEED, **fields):
    base = feed.url.rsplit("/", 1)[0]
    values = {
        "guid": f"{base}/{name}",
        "url": f"{base}/{name}",
        "title": f"Title of {name}",
        "summary": f"<p>About {name}</p>",
        "text": f"About {name}",
        "published": NOW - HOUR,
        "hash": f"hash of {name}".encode(),
    }
    return Entry(**{**values, **fields})


def new(name, feed=FEED, *, verdict="pending", due=NOW, seen=NOW, **fields):
    """An entry as a poll brings it."""
    found = fields.pop("entry", None) or entry(name, feed, **fields)
    return NewEntry(entry=found, verdict=verdict, next_try=due, first_seen=seen)


def cleaned(name, url="", body=None, **fields):
    body = text(name) if body is None else body
    html = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    values = {"title": f"Title of {name}", "html": html, "text": body, "url": url, "language": "en"}
    article = Article(**{**values, "fingerprint": dedup.fingerprint(body), **fields})
    return Cleaned(article=article, layer="test")


def addition(work, feed=FEED, **fields):
    """What the pipeline makes of a piece of work; `article` changes fields of the article, `body` its text."""
    name = work.entry.url.rsplit("/", 1)[-1]
    body = fields.pop("body", None)
    article = fields.pop("article", {})
    done = cleaned(name, **{"url": work.entry.url, "body": body, "title": work.entry.title, **article})
    values = {
        "entry_id": work.entry_id,
        "entry": work.entry,
        "cleaned": done,
        "feed_url": feed.url,
        "tags": feed.tags,
        "source": Source(feed_url=feed.url, name=feed.name, title=f"{feed.name}, the paper"),
        "first_seen": work.first_seen,
        "live": work.live,
    }
    return Addition(**{**values, **fields})


def poll(storage, *entries, feed=FEED, **state):
    """Store a poll of a feed, its state changed by `state`."""
    storage.sync_feeds([FEED, OTHER], NOW)
    known = storage.feed_states()[feed.url]
    return storage.save_poll(replace(known, status="ok", last_success=NOW, **state), entries)


def work_of(storage, name):
    """The due entry of this name."""
    return next(work for work in storage.work(NOW + 30 * DAY, 1000) if work.entry.url.endswith(f"/{name}"))


def publish(storage, name, feed=FEED, *, now=NOW, **fields):
    """Take one new entry the whole way; gives what add_article gave."""
    given = {key: fields.pop(key) for key in ("guid", "url", "published", "categories", "hash") if key in fields}
    poll(storage, new(name, feed, seen=now, due=now, **given), feed=feed)
    works = storage.work(now, 1000)
    wanted = given.get("url", entry(name, feed).url)
    work = next(w for w in works if w.entry.url == wanted and w.feed_url == feed.url)
    return storage.add_article(addition(work, feed, **fields), now=now)


def imported(name, **fields):
    """An import's addition."""
    values = {"cleaned": cleaned(name), "first_seen": NOW, "import_key": f"file {name}".encode()}
    return Addition(**{**values, **fields})
