"""The frozen values that travel from feed to store and out again. No behaviour beyond reading one's own fields.

Times are aware and UTC, but for `Article.published` and `.modified`, which keep the page's own offset. Text is plain
Unicode without control characters; a field named `html` is sanitised, `summary` and `content` of an Entry are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

Trouble = Literal["", "broken", "gone", "silent"]
FullText = Literal["auto", "always", "never"]
FeedStatus = Literal["new", "ok", "error", "backing_off", "paused", "gone"]
Quality = Literal["full", "teaser", "paywalled", "blocked", "empty", "failed"]
DocumentKind = Literal["page", "fragment", "text"]
Verdict = Literal["pending", "rejected", "stored", "duplicate"]

REPEATED: Final = "repeated on this site"  # the reason of a Removed that the site's memory alone took out


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what the outside may cost; `[fetch]` of feeds.toml. Times in seconds, sizes in bytes."""

    total_timeout: float = 30.0
    max_bytes: int = 10 * 2**20
    concurrency: int = 32
    per_host: int = 2
    per_host_delay: float = 1.0
    max_redirects: int = 5
    max_entries: int = 1000
    parse_timeout: float = 20.0
    worker_memory: int = 512 * 2**20
    robots: bool = True
    allow_networks: tuple[str, ...] = ()
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What feeds.toml states about one feed. `url` is its key for ever, `name` a label."""

    url: str
    name: str
    tags: tuple[str, ...] = ()
    match: str = ""  # a query; empty keeps everything
    full_text: FullText = "auto"
    interval: timedelta = timedelta(hours=1)
    priority: int = 0
    paused: bool = False
    ignore_validators: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    username: str = ""
    password: str = ""
    cookie: str = ""
    user_agent: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of one feed between polls. `url` is the configured one."""

    url: str
    status: FeedStatus = "new"
    adopted_url: str = ""  # asked instead of `url` after a permanent redirect held for days
    moved_to: str = ""  # a permanent redirect seen, not adopted yet
    moved_since: datetime | None = None
    moved_polls: int = 0
    etag: str = ""  # opaque bytes, decoded as latin-1
    last_modified: str = ""  # likewise
    validators_url: str = ""  # the address that gave them, where redirects led; empty is the one that is asked
    body_hash: bytes = b""
    items: bytes = b""  # ParsedFeed.items of the last whole answer
    feed_id: str = ""
    title: str = ""
    site_url: str = ""
    author: str = ""
    language: str = ""
    hub_url: str = ""
    self_url: str = ""
    error_class: str = ""
    error: str = ""
    failures: int = 0  # in a row
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_changed: datetime | None = None  # when new entries last came
    last_full: datetime | None = None  # the last unconditional 200
    next_poll: datetime | None = None
    hint: timedelta | None = None  # the feed's own wish: ttl, syndication module
    rhythm: timedelta | None = None  # smoothed time between new entries
    silence: timedelta | None = None  # the longest time between two polls that brought new entries
    trouble: Trouble = ""  # what has been told of it and is not over
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()  # Monday is 0
    polls: int = 0
    not_modified: int = 0
    bytes_in: int = 0
    articles: int = 0  # filled in by storage on reading

    @property
    def unchanged(self) -> float | None:
        """The share of polls that were answered by 304, 0 to 1; None before the first poll."""
        return self.not_modified / self.polls if self.polls else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """As much of a feed's state as a summary of all feeds needs."""

    status: FeedStatus = "new"
    asked: bool = False  # ever
    next_poll: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """An answer that can be used: 200, 226 or 304. `headers` has lower-case names, values as latin-1."""

    url: str
    final_url: str
    status: int
    body: bytes = b""  # decoded; empty on 304
    headers: Mapping[str, str] = field(default_factory=dict)
    moved_to: str = ""  # where an unbroken chain of 301 and 308 led, if at all
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that comes with an entry: RSS `enclosure`, Atom rel=enclosure, JSON Feed attachment."""

    url: str
    type: str = ""
    length: int = 0  # bytes; 0 when unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of one feed, as parsed. `guid` identifies it within its feed: id, else link, else a hash."""

    guid: str
    url: str = ""  # absolute http(s), or empty
    title: str = ""  # plain text
    author: str = ""
    summary: str = ""  # HTML as it came: not sanitised
    content: str = ""  # likewise
    text: str = ""  # plain text of the longer of the two, for matching
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    language: str = ""
    hash: bytes = b""  # of what a reader would see, dates and counters left out


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document. `entries` are those not known by their bytes, oldest first, each guid once."""

    kind: str  # rss20, atom10, rdf, json11 ...
    feed_id: str = ""
    title: str = ""
    url: str = ""
    author: str = ""
    language: str = ""
    image: str = ""
    self_url: str = ""
    hub_url: str = ""
    ttl: timedelta | None = None  # <ttl>, sy:updatePeriod and sy:updateFrequency as one interval
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    entries: tuple[Entry, ...] = ()
    unchanged: int = 0  # entries recognised by their bytes and not parsed
    dropped: int = 0  # entries past max_entries, the oldest ones
    items: bytes = b""  # 16 bytes an item in feed order; given back as `known` at the next poll
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something to clean: a whole page, a piece of HTML out of a feed, or flattened text."""

    kind: DocumentKind
    body: bytes | str
    url: str = ""  # where it was found, after redirects; empty when unknown
    content_type: str = ""
    name: str = ""  # the file or archive member, for messages
    title: str = ""
    author: str = ""
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    etag: str = ""  # the validators of a fetched page, latin-1 as they came; they are for `url`
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A story's clean text. `html` and `text` are the body without its headline."""

    title: str
    html: str
    text: str  # paragraphs parted by an empty line
    url: str = ""
    canonical_url: str = ""
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""
    direction: str = ""  # "rtl" or empty
    summary: str = ""
    image: str = ""
    site_name: str = ""
    quality: Quality = "full"
    origin: Literal["page", "feed", "text"] = "page"  # which of them the text was taken from
    fingerprint: bytes = b""  # dedup.fingerprint of the text


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that cleaning took out, or kept, and why."""

    text: str
    reason: str
    score: float = 0.0
    place: int = 0  # among the document's blocks

    def __reduce__(self) -> tuple[type["Removed"], tuple[str, str, float, int]]:
        # A hundred go from a worker with each story, and a dataclass's own way takes several times as long.
        return Removed, (self.text, self.reason, self.score, self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBlock:
    """A block seen on a site: in how many different articles, and what the user said of it, if anything."""

    fingerprint: int  # signed 64 bits
    articles: int
    last_seen: datetime
    sample: str = ""
    override: Literal["", "keep", "remove"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of one host's (or import folder's) pages."""

    host: str = ""
    articles: int = 0
    blocks: Mapping[int, SiteBlock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Where the story of a page goes on; empty where it doesn't. `stated`: a site rule says so."""

    whole: str = ""  # the address of all of it on one page
    following: str = ""  # of its next page
    stated: bool = False
    number: int = 1  # of this page, as its address has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What cleaning gives. `observed` maps fingerprints of this article's blocks to a sample, for the site's memory."""

    article: Article
    removed: tuple[Removed, ...] = ()
    observed: Mapping[int, str] = field(default_factory=dict)
    layer: str = ""  # what decided: judge, trafilatura, site rule, feed content
    kept: tuple[Removed, ...] = ()  # the blocks kept, with reason and score; only filled in for --explain
    further: Further = Further()  # of a page
    pages: tuple[str, ...] = ()  # the addresses of those that it was put together from, when they are several


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a story came from, as stored with it."""

    feed_url: str = ""
    name: str = ""
    title: str = ""
    site_url: str = ""
    feed_id: str = ""
    language: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Another place a story stands at."""

    url: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as readers get it. `number` is the permanent `entered` number, `id` the permanent public id."""

    key: int  # row in the store; /articles/KEY
    id: str
    number: int
    title: str
    url: str = ""  # where to read it; empty for an import without one
    author: str = ""
    published: datetime  # min(what the source says, first seen)
    updated: datetime
    entered_at: datetime
    language: str = ""
    direction: str = ""
    html: str = ""
    text: str = ""
    summary: str = ""
    image: str = ""
    quality: Quality = "full"
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    source: Source = field(default_factory=Source)
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The head of an output feed. `urls` maps a format's name to the absolute URL of this feed in that format."""

    id: str
    title: str
    base_url: str
    urls: Mapping[str, str] = field(default_factory=dict)
    home_url: str = ""
    language: str = ""
    updated: datetime
    prev_archive: Mapping[str, str] = field(default_factory=dict)  # by format, RFC 5005
    next_archive: Mapping[str, str] = field(default_factory=dict)
    current: Mapping[str, str] = field(default_factory=dict)  # set on archive pages: the live feed
    archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """What one poll of one feed came to."""

    feed: str  # its name
    url: str
    outcome: Literal["updated", "unchanged", "error", "skipped"]
    new: int = 0
    changed: int = 0
    rejected: int = 0  # of both, by a rule, without a look at their pages
    error_class: str = ""
    error: str = ""
