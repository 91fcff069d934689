"""A changed rule judges the entries of the last 30 days again, rejected ones too, from what is stored.

Stored articles stay. An entry that may match now waits for its page or cleaning like a new one.
"""

from datetime import datetime, timedelta

from aggregator.model import Feed
from aggregator.pipeline.edges import Edges
from aggregator.pipeline.rules import Rules, judge, subject
from aggregator.pipeline.teaser import wants_page
from aggregator.storage.records import Judged, Verdicts

WINDOW = timedelta(days=30)
BATCH = 500


async def rejudge(edges: Edges, rules: Rules) -> int:
    """Judge again what was rejected under another rule than today's. Gives how many entries wait for work now."""
    now = edges.now()
    known = await edges.stored(edges.storage.rejecting_rules, now - WINDOW)
    stale = {url for url, rule in known if rules.hash(url) not in {b"", rule}}
    return sum([await _of_feed(edges, rules, rules.feeds[url], now) for url in sorted(stale)])


async def _of_feed(edges: Edges, rules: Rules, feed: Feed, now: datetime) -> int:
    find, today = edges.storage.rejected, rules.hash(feed.url)
    revived = after = 0
    while batch := await edges.stored(find, feed.url, now - WINDOW, not_by=today, after=after, limit=BATCH):
        after = batch[-1].entry_id
        verdicts = [_again(rules, feed, row) for row in batch]
        await edges.stored(edges.storage.set_verdicts, verdicts, now=now)
        revived += sum(verdict.pending for verdict in verdicts)
    return revived


def _again(rules: Rules, feed: Feed, row: Judged) -> Verdicts:
    text = None if row.page and wants_page(feed, row.entry) else row.entry.text
    about = subject(feed, row.entry, text=text, first_seen=row.first_seen)
    judgement = judge(rules, feed, about, now=row.first_seen)
    return Verdicts(
        entry_id=row.entry_id,
        pending=judgement.keep is not False,
        rule=judgement.rule,
        rule_hash=rules.hash(feed.url),
    )
