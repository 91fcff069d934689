"""How long fetches took since the program began. Seconds on the network; waiting for a turn is not counted."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["feed", "page"]

BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds; the last class holds what took longer


@dataclass(frozen=True, slots=True)
class Spent:
    """Fetches by the class of BOUNDS that each fell into, and the seconds of all of them."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    seconds: float = 0.0

    def more(self, seconds: float) -> "Spent":
        """With one fetch more."""
        place = bisect_left(BOUNDS, seconds)
        counts = (*self.counts[:place], self.counts[place] + 1, *self.counts[place + 1 :])
        return Spent(counts, self.seconds + seconds)


class Times:
    """Adds up. Written in the event loop; a copy of either table may be taken in any thread."""

    def __init__(self) -> None:
        self.kinds: dict[Kind, Spent] = {}
        self.feeds: dict[str, Spent] = {}  # polls alone, by the feed's configured URL

    def add(self, kind: Kind, url: str, seconds: float) -> None:
        """One fetch for the feed of this URL, whatever came of it."""
        self.kinds[kind] = self.kinds.get(kind, Spent()).more(seconds)
        if kind == "feed":
            self.feeds[url] = self.feeds.get(url, Spent()).more(seconds)
