"""The frozen values that reading the configuration gives."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aggregator.model import Feed, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A feed of its own beside the one of everything: /feeds/NAME.FORMAT."""

    name: str
    title: str
    query: str = ""  # empty selects everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """feeds.toml with its defaults filled in and the environment's overrides applied. Sizes in bytes."""

    path: Path  # of feeds.toml, absolute
    title: str = "Aggregator"
    base_url: str = "http://127.0.0.1:8080"  # without a trailing slash
    listen_host: str = "127.0.0.1"
    listen_port: int = 8080  # 0 takes any free port
    store: str = ""  # sqlite:////absolute/path or postgresql://...
    contact: str = ""  # a web or mail address; empty when not stated
    limit: int = 200
    first_entries: int = 10
    import_entries: int = 20
    keep_articles: timedelta | None = None  # None keeps for ever
    keep_pages: timedelta | None = timedelta(days=90)
    max_pages: int = 2 * 2**30
    drop: tuple[str, ...] = ()  # queries
    token: str = ""
    rules: Path | None = None  # a folder of site rules
    limits: Limits = field(default_factory=Limits)
    interval: timedelta = timedelta(hours=1)  # of a feed that states none
    feeds: tuple[Feed, ...] = ()
    outputs: tuple[Output, ...] = ()
    warnings: tuple[str, ...] = ()  # sentences for the log: allowed, but worth knowing
