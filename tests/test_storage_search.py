"""Search: the index and memory select the same stories, in every script, after edits, renames and deletions."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregator import query
from aggregator.model import Article, Cleaned, Entry, Feed, FeedState, Source
from aggregator.query import And, Or, Phrase, Prefix, Term
from aggregator.storage import open_storage, words
from aggregator.storage.records import Addition, NewEntry
from aggregator.storage.schema import INDEX_COLUMNS
from tests.storing import DAY, HOUR, cleaned, imported, text
from tests.strategies import NOW, queries, subjects, text_in_any_script

FEED = Feed(url="https://f.example/feed", name="F")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_storage(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def storage(tmp_path):
    with closing(open_storage(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        yield opened


def put(storage, number, subject, *, now=NOW):
    """Store a story of which a query sees just this subject."""
    entry = Entry(guid=str(number), published=subject.published, hash=repr((subject, now)).encode())
    storage.save_poll(FeedState(url=FEED.url), [NewEntry(entry=entry, next_try=now, first_seen=NOW)])
    (work,) = storage.work(now, 10)
    article = Article(
        title=subject.title,
        text=subject.text,
        html=f"<p>{subject.text}</p>",
        author=subject.author,
        url=subject.url,
        language=subject.language,
    )
    addition = Addition(
        entry_id=work.entry_id,
        entry=entry,
        cleaned=Cleaned(article=article),
        feed_url=FEED.url,
        tags=subject.tags,
        source=Source(feed_url=FEED.url, name=subject.feed),
        first_seen=NOW,
    )
    return storage.add_article(addition, now=now)


def alone(place, subject):
    """The same story at an address that no other one has, each tag once, not dated later than it was seen."""
    bare, sign, fragment = subject.url.partition("#")
    url = f"{bare}{'&' if '?' in bare else '?'}n={place}{sign}{fragment}" if bare else ""
    tags = tuple(dict.fromkeys(subject.tags))
    return replace(subject, url=url, tags=tags, published=min(subject.published, NOW))


def same(storage, sources):
    """Memory and database agree on every query over all that is stored."""
    stories = [s for page in range(storage.archives() + 1) for s in storage.archive(page)]
    stories.sort(key=lambda story: -story.number)
    for source in sources:
        asked = query.parse(source)
        expected = [s.number for s in stories if query.matches(asked, words.subject(s), now=NOW)]
        for limit in (1, 3, 100):
            found = storage.search(asked, limit=limit, now=NOW)
            assert [s.number for s in found] == expected[:limit], source
        after = storage.search(asked, limit=100, now=NOW, before=expected[0] if expected else 1)
        assert [s.number for s in after] == expected[1:]


def agrees(url, one_feed, sources, data):
    """The property: after additions, edits and a new name of the feed, memory and database select the same."""
    with closing(open_storage(url)) as storage:
        storage.sync_feeds([FEED], NOW)
        keys = [put(storage, number, subject).key for number, subject in enumerate(one_feed)]
        assert [words.subject(storage.story(key)) for key in keys] == one_feed
        same(storage, sources)
        for number in data.draw(st.sets(st.sampled_from(range(len(keys))), max_size=3)) if keys else ():
            changed = replace(alone(number, data.draw(subjects())), feed="the feed")
            if changed != one_feed[number]:  # else there is no work
                put(storage, number, changed, now=NOW + HOUR)
        storage.sync_feeds([replace(FEED, name=data.draw(text_in_any_script(max_words=2)))], NOW)
        same(storage, sources)
        storage.check()


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a store is too slow to shrink an example with
SOURCES = st.lists(queries(), min_size=1, max_size=8)
FEW, MANY = st.lists(subjects(), max_size=6), st.lists(subjects(), max_size=20)


@settings(max_examples=20, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(FEW, SOURCES, st.data())
def test_memory_and_database_select_the_same(empty, tmp_path_factory, found, sources, data):
    folder = tmp_path_factory.mktemp("search")
    shutil.copy(empty, folder / "store.db")
    one_feed = [replace(alone(n, s), feed="the feed") for n, s in enumerate(found)]
    agrees(f"sqlite:///{folder / 'store.db'}", one_feed, sources, data)
    shutil.rmtree(folder)


@pytest.mark.soak
@settings(max_examples=400, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(MANY, SOURCES, st.data())
def test_memory_and_database_select_the_same_of_many(empty, tmp_path_factory, found, sources, data):
    folder = tmp_path_factory.mktemp("search")
    shutil.copy(empty, folder / "store.db")
    one_feed = [replace(alone(n, s), feed="the feed") for n, s in enumerate(found)]
    agrees(f"sqlite:///{folder / 'store.db'}", one_feed, sources, data)
    shutil.rmtree(folder)


def test_the_newest_number_comes_first_and_before_goes_on(storage):
    for n in range(30):
        storage.add_article(imported(n, cleaned=cleaned(n, title=f"common {n % 3}")), now=NOW - n * DAY)
    asked = query.parse("title:common title:1")
    first = storage.search(asked, limit=4, now=NOW)
    assert [story.number for story in first] == [29, 26, 23, 20]
    rest = storage.search(asked, limit=100, now=NOW, before=20)
    assert [story.number for story in rest] == [17, 14, 11, 8, 5, 2]


def test_a_query_that_no_index_narrows_reads_a_bounded_number_of_stories(storage):
    for n in range(12):
        body = f"{'old' if n < 3 else 'young'} {text(n)}"
        storage.add_article(imported(n, cleaned=cleaned(n, body=body)), now=NOW - n * DAY)
    asked = query.parse("-young")
    assert [s.number for s in storage.search(asked, limit=5, now=NOW)] == [3, 2, 1]
    assert storage.search(asked, limit=5, now=NOW, scan=9) == []
    assert [s.number for s in storage.search(asked, limit=5, now=NOW, scan=10)] == [3]


def test_what_a_head_can_tell_costs_no_reading(storage):
    for n in range(12):
        entry = Entry(guid=str(n), published=NOW - (n < 2) * 400 * DAY)
        storage.add_article(imported(n, entry=entry), now=NOW)
    for source in ("age>1y", "age>1y title", "-age<1y", "age>1y OR title:nothing"):
        assert [s.number for s in storage.search(query.parse(source), limit=5, now=NOW, scan=2)] == [2, 1]


@pytest.mark.parametrize(
    "source",
    [
        '"a OR b"',
        "title:(x OR y) -z",
        "NEAR",
        "a*",
        '"*"',
        "rowid",
        "title",
        "x^2",
        "a AND b",
        "words:delete",
        "'",
        '"""',
    ],
)
def test_no_query_is_taken_for_the_databases_own_language(storage, source):
    storage.add_article(imported("x", cleaned=cleaned("x", title=source)), now=NOW)
    try:
        asked = query.parse(source)
    except query.QueryError:
        asked = query.parse(query_of(source))
    expected = query.matches(asked, words.subject(storage.story(1)), now=NOW)
    assert bool(storage.search(asked, limit=5, now=NOW)) == expected


def query_of(source):
    """The plain words of a text that is no query."""
    return " ".join(query.tokens(source)) or "title:none"


@pytest.mark.parametrize("kind", [And, Or])
def test_too_many_or_too_deep_terms_are_not_narrowed_and_still_answered(storage, kind):
    storage.add_article(imported("x"), now=NOW)
    deep = Term(None, "x")
    for _ in range(200):
        deep = kind((deep, Term(None, "y")))
    wide = kind(tuple(Term(None, f"w{n}") for n in range(1000)))
    with storage._database.read() as connection:
        for narrow in (deep, wide):
            assert words.find(connection, narrow, before=100, size=10) in ([1], [])
    source = " OR ".join(f"word{n}" for n in range(199)) + " OR title"
    assert len(storage.search(query.parse(source), limit=5, now=NOW)) == 1


def test_expressions_are_quoted(storage):
    storage.add_article(imported("x", cleaned=cleaned("x", title='say "x" y')), now=NOW)
    odd = ['"', 'x" OR "y', "a:b", "(", "NOT", "{title}", "\\", "'"]
    with storage._database.read() as connection:
        for token in odd:
            for narrow in (Term("title", token), Prefix(None, token), Phrase("tags", (token, token))):
                assert words.find(connection, narrow, before=10, size=10) in ([], [1])


def test_another_tokeniser_has_everything_indexed_anew(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with closing(open_storage(url)) as storage:
        for n in range(5):
            storage.add_article(imported(n), now=NOW)
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        raw.execute("INSERT INTO words (words) VALUES ('delete-all')")
        raw.execute("INSERT INTO words (rowid, title) VALUES (3, 'nonsense')")
        raw.execute("UPDATE meta SET value = 'as it was in 2020' WHERE name = 'words'")
        raw.commit()
    with closing(open_storage(url)) as storage:
        assert len(storage.search(query.parse("title:title"), limit=9, now=NOW)) == 5
        assert storage.search(query.parse("nonsense"), limit=9, now=NOW) == []
        storage.check()


def test_the_columns_are_those_of_the_query_language():
    row = query.index_row(query.Subject(title="a"))
    assert set(row) == set(INDEX_COLUMNS)


def test_a_pruned_story_is_found_no_more(storage):
    for n in range(60):
        storage.add_article(imported(n), now=NOW - n * DAY)
    storage.prune(NOW, keep_articles=timedelta(days=5, hours=1), keep_pages=None, max_pages=2**30)
    found = storage.search(query.parse("title:title"), limit=99, now=NOW)
    assert [story.number for story in found] == [6, 5, 4, 3, 2, 1]
    storage.check()
