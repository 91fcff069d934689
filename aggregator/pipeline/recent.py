"""The last stories of each feed and the lines they kept, so that what is learnt to be its site's chrome goes from them.

A site's chrome is known after a few pages. Those few are remembered here, in this process alone: enough for a first
poll and for a redesign. What was stored before is `reclean`'s.
"""

from array import array
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from aggregator.model import REPEATED, Cleaned

STORIES: Final = 8  # of one feed
LINES: Final = 60  # of one story
FEEDS: Final = 2000


@dataclass(slots=True)
class _Told:
    entry_id: int
    lines: "array[int]"  # a set would be ten times as large


class Recent:
    """What the last stories of each feed kept, by hash."""

    def __init__(self) -> None:
        self._feeds: OrderedDict[str, deque[_Told]] = OrderedDict()

    def note(self, feed_url: str, entry_id: int, cleaned: Cleaned) -> None:
        """Remember a story that was stored; the oldest of its feed, and the quietest feed, are forgotten."""
        told = self._feeds.setdefault(feed_url, deque(maxlen=STORIES))
        told.append(_Told(entry_id, array("q", (hash(block.text) for block in cleaned.kept[:LINES]))))
        self._feeds.move_to_end(feed_url)
        if len(self._feeds) > FEEDS:
            self._feeds.popitem(last=False)

    def holding(self, feed_url: str, cleaned: Cleaned) -> list[int]:
        """The entries whose stories hold a line that repetition has taken out of this one; each is told once."""
        gone = {hash(block.text) for block in cleaned.removed if block.reason == REPEATED}
        found = []
        for told in self._feeds.get(feed_url, ()) if gone else ():
            if not gone.isdisjoint(told.lines):
                told.lines = array("q", (line for line in told.lines if line not in gone))
                found.append(told.entry_id)
        return found
