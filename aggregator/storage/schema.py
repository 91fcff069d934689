"""The tables, as today's program wants them. How older stores get there is told in migrations/.

Times are UTC epoch milliseconds, spans are seconds, flags are 0 and 1, lists are JSON text, bodies are `codec` blobs.
An article's key is its permanent `entered` number; the index of its words has the same number. Big columns stand last,
so that SQLite reads a row's small ones without following its overflow pages.
"""

from typing import Any, Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    event,
)

REVISIONS: Final = ("", "0001")  # every revision this program can upgrade from; the last one is today's
INDEX_COLUMNS: Final = ("title", "text", "author", "url", "feed", "tags", "lang")

metadata = MetaData()
_Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite makes row numbers for INTEGER alone


def _text(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def _flag(name: str, *, default: bool) -> Column[int]:
    return Column(name, SmallInteger, nullable=False, server_default=str(int(default)))


meta = Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))

# `entered`: the last number given; `changes`: transactions that changed what readers see; `probe`: written by /healthz
counters = Table("counters", metadata, Column("name", Text, primary_key=True), _number("value"))

# What changes with a feed's content; what changes at every poll is in `polls`, to keep hundreds of 304s cheap.
feeds = Table(
    "feeds",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("url", Text, nullable=False, unique=True),  # as configured; the adopted one is beside it
    _flag("active", default=True),  # 0: no longer in feeds.toml
    _text("name"),
    _text("tags", "[]"),
    _number("priority"),
    _number("articles"),
    _text("adopted_url"),
    _text("moved_to"),
    Column("moved_since", BigInteger),
    _number("moved_polls"),
    _text("feed_id"),
    _text("title"),
    _text("site_url"),
    _text("author"),
    _text("language"),
    _text("hub_url"),
    _text("self_url"),
    Column("hint", BigInteger),
    _text("skip_hours", "[]"),
    _text("skip_days", "[]"),
    Column("last_changed", BigInteger),
    Column("last_full", BigInteger),
    Column("body_hash", LargeBinary, nullable=False),
    Column("items", LargeBinary, nullable=False),
)

polls = Table(
    "polls",
    metadata,
    Column("feed", _Id, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    _text("status", "new"),
    _text("validators_url"),
    _text("etag"),
    _text("last_modified"),
    _text("error_class"),
    _text("error"),
    _number("failures"),
    Column("last_attempt", BigInteger),
    Column("last_success", BigInteger),
    Column("next_poll", BigInteger),
    Column("rhythm", BigInteger),
    Column("silence", BigInteger),
    _text("trouble"),
    _number("polls"),
    _number("not_modified"),
    _number("bytes_in"),
)

# What was told of feeds' trouble, the newest few hundred.
troubles = Table(
    "troubles",
    metadata,
    Column("number", _Id, primary_key=True),
    _text("feed_url"),
    _text("kind"),
    _number("at"),
    _text("title"),
    _text("text"),
)

# A feed's subscription at its hub. `path` and `secret` are known to the hub alone.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("path", Text, primary_key=True),
    Column("feed", _Id, ForeignKey("feeds.id"), nullable=False),
    _text("hub"),
    _text("topic"),
    _text("callback"),
    _text("secret"),
    _text("state", "wanted"),
    Column("lease_end", BigInteger),
    Column("delivered", BigInteger),
    Column("next_try", BigInteger),
    _number("failures"),
    _text("error_class"),
    _text("error"),
)

sources = Table(
    "sources",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # the configured feed, or the name of what was imported
    _text("feed_url"),
    _text("name"),
    _text("title"),
    _text("site_url"),
    _text("feed_id"),
    _text("language"),
    Column("updated", BigInteger),
)

articles = Table(
    "articles",
    metadata,
    Column("key", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("public_id", Text, nullable=False, unique=True),
    Column("source", _Id, ForeignKey("sources.id"), nullable=False),
    Column("entry", BigInteger),  # the entry it is; an import has none, a copy's entry points here from its side
    _flag("live", default=True),
    Column("entered_at", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),  # min(what the source says, first seen)
    Column("updated", BigInteger, nullable=False),
    _number("edits"),
    _number("priority"),
    _text("title"),
    _text("url"),
    _text("author"),
    _text("language"),
    _text("direction"),
    _text("image"),
    _text("quality", "full"),
    _text("origin", "page"),
    _text("layer"),
    _text("tags", "[]"),
    Column("text_hash", LargeBinary),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index(
    "articles_live",
    articles.c.key,
    articles.c.entered_at,
    sqlite_where=articles.c.live == 1,
).ddl_if(dialect="sqlite")
Index("articles_text_hash", articles.c.text_hash)
Index("articles_entered_at", articles.c.entered_at)
Index("articles_source", articles.c.source)

entries = Table(
    "entries",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("feed", _Id, ForeignKey("feeds.id"), nullable=False),
    Column("guid_key", LargeBinary, nullable=False),
    Column("url_key", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _text("verdict", "pending"),
    _text("rule"),
    Column("rule_hash", LargeBinary, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("next_try", BigInteger),  # NULL: nothing is left to do
    _number("attempts"),
    _number("changes"),
    _flag("page", default=True),
    _flag("live", default=True),
    _flag("deleted", default=False),  # its article was pruned and must not come back
    _text("error_class"),
    Column("article", BigInteger, ForeignKey("articles.key")),
    Column("body", LargeBinary),  # NULL once pruned
)
Index("entries_guid", entries.c.feed, entries.c.guid_key, unique=True)
Index("entries_url", entries.c.url_key)
Index("entries_article", entries.c.article)
Index(
    "entries_bodies",
    entries.c.first_seen,
    sqlite_where=entries.c.body.is_not(None),
).ddl_if(dialect="sqlite")
Index(
    "entries_due",
    entries.c.next_try,
    entries.c.feed,
    sqlite_where=entries.c.next_try.is_not(None),
).ddl_if(dialect="sqlite")

copies = Table(
    "copies",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("article", BigInteger, ForeignKey("articles.key"), nullable=False),
    Column("entry", BigInteger),
    _text("url"),
    _text("source"),
)
Index("copies_article", copies.c.article, copies.c.url, unique=True)

# Every address an article is known under, in canonical form.
urls = Table(
    "urls",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("article", BigInteger, ForeignKey("articles.key"), primary_key=True, autoincrement=False),
    _text("url"),
    sqlite_with_rowid=False,
)
Index("urls_article", urls.c.article)

bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("article", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

removed = Table(
    "removed",
    metadata,
    Column("article", _Id, ForeignKey("articles.key"), primary_key=True, autoincrement=False),
    Column("blocks", LargeBinary, nullable=False),
)

# `article` 0: it was deleted and is not to come back.
imports = Table(
    "imports",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("article", BigInteger, nullable=False),
)
Index("imports_article", imports.c.article)

# Addresses of deleted articles: another feed's copy must not bring them back.
tombstones = Table("tombstones", metadata, Column("key", _Id, primary_key=True, autoincrement=False))

sites = Table(
    "sites",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("host", Text, nullable=False, unique=True),
    _number("articles"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("site", _Id, ForeignKey("sites.id"), primary_key=True, autoincrement=False),
    Column("fingerprint", BigInteger, primary_key=True, autoincrement=False),
    _number("articles", 1),
    _number("last_seen"),
    _text("override"),
    _text("sample"),
    sqlite_with_rowid=False,
)

hosts = Table("hosts", metadata, Column("host", Text, primary_key=True), _number("paused_until"))

# On PostgreSQL raw pages lie here; beside SQLite they have a file of their own, with this same table.
pages = Table(
    "pages",
    metadata,
    Column("key", _Id, primary_key=True, autoincrement=False),
    _text("url"),
    _text("final_url"),
    _text("content_type"),
    _text("etag"),
    _text("last_modified"),
    _number("fetched"),
    _number("size"),
    Column("body", LargeBinary, nullable=False),
)
Index("pages_fetched", pages.c.fetched, pages.c.size)

# Contentless: the words are in `articles` already. No sizes either, since nothing is ranked.
WORDS_SQLITE: Final = (
    f"CREATE VIRTUAL TABLE words USING fts5({', '.join(INDEX_COLUMNS)}, content='', columnsize=0, "
    "tokenize=\"ascii tokenchars '_'\")"
)
# Partial indexes stand here, since an Index that names PostgreSQL loads its dialect, for SQLite too.
ON_POSTGRES: Final = (
    "CREATE INDEX articles_live ON articles (key, entered_at) WHERE live = 1",
    "CREATE INDEX entries_bodies ON entries (first_seen) WHERE body IS NOT NULL",
    "CREATE INDEX entries_due ON entries (next_try, feed) WHERE next_try IS NOT NULL",
    "CREATE TABLE words (rowid bigint PRIMARY KEY REFERENCES articles (key), lexemes tsvector NOT NULL)",
    "CREATE INDEX words_lexemes ON words USING gin (lexemes) WITH (fastupdate = off)",
)


def _ddl(statement: str, *, dialect: str) -> Any:
    made: Any = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy has not typed it
    return made.execute_if(dialect=dialect)


event.listen(metadata, "after_create", _ddl(WORDS_SQLITE, dialect="sqlite"))
for _statement in ON_POSTGRES:
    event.listen(metadata, "after_create", _ddl(_statement, dialect="postgresql"))
