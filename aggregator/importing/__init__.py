"""Saved articles -> Documents: files, folders and standard input, of many kinds, one after the other.

Says what each file holds and where its own words say it is from; no address or date is invented. Does not clean,
match or store, and writes nothing. One bad file or member becomes a `Found` with a problem and stops nothing.
"""

from aggregator.importing.reading import documents, is_feed_list
from aggregator.importing.values import Bounds, Found

__all__ = ["Bounds", "Found", "documents", "is_feed_list"]
