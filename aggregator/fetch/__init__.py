"""Asking for feeds and pages: conditional, bounded in time and size, and polite. Parses nothing and stores nothing.

`Fetcher` follows redirects by hand, so that each hop is judged like the first address; `body` decodes within bounds;
`robots` remembers what sites permit. Connections are `guard`'s.
"""

from aggregator.fetch.fetcher import PAGE_BYTES, Fetcher
from aggregator.fetch.timing import BOUNDS, Spent, Times

__all__ = ["BOUNDS", "PAGE_BYTES", "Fetcher", "Spent", "Times"]
