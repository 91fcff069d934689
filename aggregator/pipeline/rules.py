"""What is kept: the feeds' `match` and `drop` rules, compiled once and asked twice for each story.

Judged first on what the feed says, with the text still unknown, then on the full text. Pure; knows no store.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator import query
from aggregator.model import Entry, Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`keep` is None while too little is known. `rule` is the rule that decided, empty when none had to."""

    keep: bool | None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The feeds and their compiled rules; made anew whenever the configuration changes."""

    feeds: Mapping[str, Feed]
    match: Mapping[str, query.Query]  # by the feed's URL
    drop: tuple[query.Query, ...]
    hashes: Mapping[str, bytes]  # by the feed's URL, over match and drop

    def hash(self, feed_url: str) -> bytes:
        """What a verdict is stored with, to see later whether the rule changed. Empty for a feed no longer there."""
        return self.hashes.get(feed_url, b"")


def compile_rules(feeds: Iterable[Feed], drop: Sequence[str]) -> Rules:
    """The rules of these feeds. The configuration has refused bad queries before."""
    by_url = {feed.url: feed for feed in feeds}
    compiled = {
        source: query.parse(source, regex=True) for source in {feed.match for feed in by_url.values()} | set(drop)
    }
    dropped = "\0".join(sorted(drop))
    return Rules(
        feeds=by_url,
        match={url: compiled[feed.match] for url, feed in by_url.items()},
        drop=tuple(compiled[source] for source in drop),
        hashes={url: query.rule_hash(f"{feed.match}\0{dropped}") for url, feed in by_url.items()},
    )


def judge(rules: Rules, feed: Feed, subject: query.Subject, *, now: datetime) -> Judgement:
    """Whether the story is kept. A drop beats any match; unknown stays unknown until the full text is there."""
    dropped: bool | None = False
    for rule in rules.drop:
        answer = query.matches(rule, subject, now=now)
        if answer:
            return Judgement(keep=False, rule=f"drop {rule.source}")
        dropped = None if answer is None else dropped
    match = rules.match.get(feed.url)
    matched = True if match is None else query.matches(match, subject, now=now)
    if matched is False:
        return Judgement(keep=False, rule=f"match {feed.match}")
    return Judgement(keep=None if dropped is None or matched is None else True)


def subject(feed: Feed, entry: Entry, *, text: str | None, first_seen: datetime) -> query.Subject:
    """What the rules see of an entry. `text` is None while its page may still be fetched: the teaser then counts for
    what stands in it, and says nothing of what doesn't.
    """
    return query.Subject(
        title=entry.title,
        text=entry.text if text is None else text,
        partial=text is None,
        author=entry.author,
        url=entry.url,
        feed=feed.name,
        tags=(*feed.tags, *entry.categories),
        language=entry.language or None,
        published=min(entry.published or first_seen, first_seen),
    )
