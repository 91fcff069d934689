"""A changed rule judges the entries of the last 30 days again, rejected ones too, from what is stored.

Stored articles stay. An entry that may match now waits for its page or cleaning like a new one.
"""

from datetime import timedelta

from aggregator.pipeline.edges import Edges
from aggregator.pipeline.rules import Rules, judge, subject
from aggregator.pipeline.teaser import wants_page
from aggregator.storage.records import Judged, Verdicts

WINDOW = timedelta(days=30)
BATCH = 500


async def rejudge(edges: Edges, rules: Rules) -> int:
    """Judge again what was rejected under another rule than today's. Gives how many entries wait for work now."""
    now = edges.now()
    revived = 0
    after = 0
    while batch := await edges.stored(edges.storage.rejected_since, now - WINDOW, after=after, limit=BATCH):
        after = batch[-1].entry_id
        stale = [row for row in batch if rules.hash(row.feed_url) not in {b"", row.rule_hash}]
        verdicts = [_again(rules, row) for row in stale]
        await edges.stored(edges.storage.set_verdicts, verdicts, now=now)
        revived += sum(verdict.pending for verdict in verdicts)
    return revived


def _again(rules: Rules, row: Judged) -> Verdicts:
    feed = rules.feeds[row.feed_url]
    text = None if row.page and wants_page(feed, row.entry) else row.entry.text
    about = subject(feed, row.entry, text=text, first_seen=row.first_seen)
    judgement = judge(rules, feed, about, now=row.first_seen)
    return Verdicts(
        entry_id=row.entry_id,
        pending=judgement.keep is not False,
        rule=judgement.rule,
        rule_hash=rules.hash(row.feed_url),
    )
