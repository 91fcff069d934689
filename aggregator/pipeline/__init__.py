"""The way of a story; the only package that knows the order.

    poll.py    fetch.feed | parse | match | storage.save_poll
    story.py   fetch.page | clean | match | dedup | storage.add_article
    backfill.py             clean | match | dedup | storage.add_article      (imports)
    rejudge.py                      match           from what is stored       (changed rules)
    rounds.py  the two halves for many feeds at once, bounded and batched

The halves meet in the store: an entry is stored as pending with the validators of the answer it came in, and worked on
from there, so that a crash at any point loses nothing and repeats little. Publishing is no step of it.
"""
