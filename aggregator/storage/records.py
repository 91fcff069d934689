"""The frozen values that go into the store and come out of it, beside those of `model`.

Times are aware and UTC. `entry_id` is a row of `entries`; an article's `key` is its permanent `entered` number.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model import Cleaned, Copy, Entry, Quality, Removed, Source, Verdict

Outcome = Literal["stored", "duplicate", "updated", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry of a poll, new or changed, with what was decided of it. `next_try` None: nothing is left to do."""

    entry: Entry
    verdict: Verdict = "pending"
    rule: str = ""
    rule_hash: bytes = b""
    next_try: datetime | None = None
    first_seen: datetime
    page: bool = True  # whether its page may be fetched
    live: bool = True  # whether its story may enter the live feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What `save_poll` stored: entries not known before, and known ones whose hash had changed."""

    new: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryMark:
    """What is known of an entry without reading it. `changes` counts the times its hash changed."""

    id: int
    hash: bytes
    verdict: Verdict
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An entry whose turn has come. `article_key` is the article it is, or is a copy of, when there is one."""

    entry_id: int
    feed_url: str
    entry: Entry
    first_seen: datetime
    attempts: int
    article_key: int | None
    verdict: Verdict
    page: bool
    live: bool
    origin: str = ""  # of the article, for one to be cleaned again


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A rejected entry, with what a rule needs to judge it again."""

    entry_id: int
    entry: Entry
    first_seen: datetime
    page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What a changed rule says of an entry now."""

    entry_id: int
    pending: bool
    rule: str = ""
    rule_hash: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A cleaned story to be added. Without `entry_id` it is an import; `import_key` is then the hash of its source.

    `published` of `entry` goes before the article's; `site_key` names the site whose memory `cleaned.observed` enters.
    """

    entry_id: int | None = None
    entry: Entry | None = None
    cleaned: Cleaned
    feed_url: str = ""
    tags: tuple[str, ...] = ()
    priority: int = 0
    source: Source = field(default_factory=Source)
    first_seen: datetime
    next_try: datetime | None = None
    attempts: int = 0
    error_class: str = ""
    import_key: bytes = b""
    live: bool = True
    site_key: str = ""
    again: bool = False  # an import that is known already edits its article


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of an addition. `key` is the article, or 0 for one that was deleted and stays so."""

    key: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPath:
    """One entry on a story's way. `next_try` None: nothing is left to do."""

    entry_id: int
    feed_url: str
    feed_name: str
    guid: str  # empty once the entry's body has been pruned
    url: str
    title: str
    verdict: Verdict
    rule: str
    first_seen: datetime
    next_try: datetime | None
    attempts: int
    changes: int
    error_class: str
    article_key: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePath:
    """An article on a story's way, with what cleaning took out."""

    key: int  # the `entered` number
    id: str
    title: str
    url: str
    source: Source
    quality: Quality
    origin: str
    layer: str
    live: bool
    published: datetime
    updated: datetime
    entered_at: datetime
    edits: int
    copies: tuple[Copy, ...] = ()
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPath:
    """All that the store knows of what was asked for."""

    asked: str
    entries: tuple[EntryPath, ...] = ()
    article: ArticlePath | None = None
    page_fetched: datetime | None = None
