"""The index of stories' words: kept row by row with the articles, and asked in a query's stead.

It has the tokens of `query.index_row` and nothing else, under the article's number. It gives a superset, newest first;
`query.matches` decides. Ranking is never used: it grows with the number of hits, newest-first does not.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Executable, Row, column, delete, insert, table, text

from aggregator import query
from aggregator.model import Story
from aggregator.query import And, Narrow, Or, Phrase, Prefix, Term
from aggregator.storage import prepared
from aggregator.storage.codec import at, strings
from aggregator.storage.schema import INDEX_COLUMNS

BARE: Final = ("title", "text", "tags")  # where a term without a column is looked for
DEPTH: Final = 40  # levels of nesting handed to the database
TERMS: Final = 300
LEXEME: Final = 400  # characters of a token in PostgreSQL's index, whose bound is 2 kB
LEXEMES: Final = 900_000  # bytes of one row there, whose bound is 1 MB
LETTERS: Final = dict(zip(INDEX_COLUMNS, "abcdefg", strict=True))  # a lexeme begins with its column's letter there

_WORDS: Final = table("words", *map(column, ("rowid", "words", "lexemes", *INDEX_COLUMNS)))
_PUT: Final = insert(_WORDS)
_FIND: Final[dict[str, Executable]] = {
    "sqlite": text(
        "SELECT rowid FROM words WHERE words MATCH :expression AND rowid < :before ORDER BY rowid DESC LIMIT :size"
    ),
    "postgresql": text(
        "SELECT rowid FROM words WHERE lexemes @@ CAST(:expression AS tsquery) AND rowid < :before "
        "ORDER BY rowid DESC LIMIT :size"
    ),
}
_EVERYTHING: Final = text("SELECT key FROM articles WHERE key < :before ORDER BY key DESC LIMIT :size")
_PROBE: Final = query.Subject(
    title="Žluťoučký kůň, naïve façade: ﬁne-tuned Straße 2nd_try",
    text="Новости дня. أخبارُ اليوم. 東京の天気 서울 ข่าววันนี้ हिन्दी ﷺ Ⅷ ½ x² C++ it's e-mail a.b@c.org",
    author="Ö. Ñandú",
    url="https://www.example.org/a-b/c%20d?e=f&g",
    feed="The Daily_News",
    tags=("Co-op", "日本"),
    language="pt-BR",
)


def subject(story: Story) -> query.Subject:
    """What a query sees of a story."""
    return query.Subject(
        title=story.title,
        text=story.text,
        author=story.author,
        url=story.url,
        feed=story.source.name,
        tags=(*story.tags, *story.categories),
        language=story.language,
        published=story.published,
    )


def head(row: Row[Any]) -> query.Subject:
    """What a query sees of a row of `stories.heads`; text and tags are not known yet."""
    return query.Subject(
        title=row.title,
        author=row.author,
        url=row.url,
        feed=row.source_name,
        language=row.language,
        published=at(row.published),
    )


def parts(columns: Mapping[str, Any], body: Mapping[str, Any], feed: str) -> query.Subject:
    """The same of the columns and the body of an article, before they are read back."""
    return query.Subject(
        title=columns["title"],
        text=body["text"],
        author=columns["author"],
        url=columns["url"],
        feed=feed,
        tags=(*strings(columns["tags"]), *body.get("categories", ())),
        language=columns["language"],
    )


def version() -> str:
    """Tells apart the ways in which tokens were ever made: stored with an index, which is good for one of them only."""
    row = query.index_row(_PROBE)
    return blake2b("\n".join(row[name] for name in INDEX_COLUMNS).encode(), digest_size=8).hexdigest()


def put(connection: Connection, subjects: Iterable[tuple[int, query.Subject]]) -> None:
    """Index articles that are not in the index, by number."""
    rows = [_row(connection, key, about) for key, about in subjects]
    if rows:
        prepared.many(connection, _PUT, rows)


def put_last(connection: Connection, key: int, about: query.Subject) -> None:
    """Index an article when its transaction ends: SQLite's index takes several at once for the work of one, and is made
    to write what it has by each statement in between that could fail half-way.
    """
    prepared.at_last(connection, _PUT, _row(connection, key, about))


def drop(connection: Connection, subjects: Iterable[tuple[int, query.Subject]]) -> None:
    """Take articles out; they must be just as they were indexed, since SQLite's index keeps no copy of its rows."""
    prepared.finish(connection)
    if connection.dialect.name == "sqlite":
        rows = [{"words": "delete", **_row(connection, key, about)} for key, about in subjects]
        if rows:
            connection.execute(_PUT, rows)
        return
    keys = [key for key, _ in subjects]
    connection.execute(delete(_WORDS).where(_WORDS.c.rowid.in_(keys)))


def clear(connection: Connection) -> None:
    """Take everything out."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(_WORDS), [{"words": "delete-all"}])
    else:
        connection.execute(delete(_WORDS))


def find(connection: Connection, narrow: Narrow | None, *, before: int, size: int) -> list[int]:
    """The newest numbers below `before` that a query may match; all numbers when the index can't narrow it."""
    write = _EXPRESSIONS[connection.dialect.name]
    expression = None if narrow is None else _compiled(narrow, write, DEPTH)
    values = {"before": before, "size": size}
    if expression is None:
        return list(connection.execute(_EVERYTHING, values).scalars())
    found = connection.execute(_FIND[connection.dialect.name], {"expression": expression, **values})
    return list(found.scalars())


def _row(connection: Connection, key: int, about: query.Subject) -> dict[str, Any]:
    row = query.index_row(about)
    if connection.dialect.name == "sqlite":
        return {"rowid": key, **{name: row[name] for name in INDEX_COLUMNS}}
    return {"rowid": key, "lexemes": _lexemes(row)}


def _lexemes(row: dict[str, str]) -> str:
    """A tsvector of every token once, without positions: a phrase is narrowed to its words."""
    found: dict[str, None] = {}
    for name, letter in LETTERS.items():
        found.update(dict.fromkeys(_lexeme(letter, token) for token in row[name].split()))
    size, kept = 0, []
    for lexeme in found:
        size += len(lexeme.encode()) + 1
        if size > LEXEMES:
            break
        kept.append(lexeme)
    return " ".join(kept)


def _lexeme(letter: str, token: str) -> str:
    quoted = token[:LEXEME].replace("\\", "\\\\").replace("'", "''")
    return f"'{letter}{quoted}'"


def _columns(column: str | None) -> tuple[str, ...]:
    return BARE if column is None else (column,)


def _sqlite_words(column: str | None, tokens: tuple[str, ...], *, prefix: bool) -> str:
    quoted = " ".join(tokens).replace('"', '""')
    return f'{{{" ".join(_columns(column))}}} : "{quoted}"{" *" if prefix else ""}'


def _postgres_words(column: str | None, tokens: tuple[str, ...], *, prefix: bool) -> str:
    end = ":*" if prefix else ""
    anywhere = (" & ".join(_lexeme(LETTERS[name], token) + end for token in tokens) for name in _columns(column))
    return " | ".join(f"({part})" for part in anywhere)


_Words = Callable[..., str]
_EXPRESSIONS: Final[dict[str, tuple[_Words, str, str]]] = {
    "sqlite": (_sqlite_words, " AND ", " OR "),
    "postgresql": (_postgres_words, " & ", " | "),
}


def _compiled(narrow: Narrow, write: tuple[_Words, str, str], depth: int) -> str | None:
    """The database's own expression, or None for what is too big or too deep: then everything is looked through."""
    words, _, _ = write
    match narrow:
        case Term(column, token):
            return words(column, (token,), prefix=False)
        case Prefix(column, token):
            return words(column, (token,), prefix=True)
        case Phrase(column, tokens):
            return words(column, tokens, prefix=False)
        case And(parts) | Or(parts):
            return _group(parts, write, depth, every=isinstance(narrow, And))


def _group(parts: tuple[Narrow, ...], write: tuple[_Words, str, str], depth: int, *, every: bool) -> str | None:
    if depth == 0 or len(parts) > TERMS:
        return None
    compiled = [_compiled(part, write, depth - 1) for part in parts]
    found = [part for part in compiled if part is not None]
    if not found or (not every and len(found) < len(parts)):
        return None
    _, conjunction, disjunction = write
    return (conjunction if every else disjunction).join(f"({part})" for part in found)
