"""Does the feed carry the whole story, or only a teaser for its page? Pure."""

import re

from aggregator.model import Entry, Feed

# A story this long, given as content and not cut off, is taken for whole.
WHOLE = 1200  # characters of plain text
SHORT_POST = 60  # an entry without a title is a short post: all there is, when it has this many characters

CUT_OFF = re.compile(
    r"(…|\.\.\.|\[…\]|\[\.\.\.\]|&hellip;|"
    r"(read|continue|view|see) (the )?(more|full|rest|whole|reading|article|story|post)\b.{0,40}|"
    r"weiterlesen|mehr lesen|lire la suite|lire plus|leer más|seguir leyendo|continua a leggere|leggi tutto|"
    r"lees verder|ler mais|continue lendo|czytaj dalej|läs mer|читать далее|devamını oku|続きを読む|阅读全文)"
    r"\W{0,4}$",
    re.IGNORECASE,
)


def is_teaser(entry: Entry) -> bool:
    """True when the entry's own text is likely cut short.

    Content (not a summary alone) that is long, or belongs to an entry without a title, is whole unless it ends the
    way cut texts end.
    """
    text = entry.text.rstrip()
    if CUT_OFF.search(text[-80:]):
        return True
    if entry.content and not entry.title:
        return len(text) < SHORT_POST
    return not entry.content or len(text) < WHOLE


def wants_page(feed: Feed, entry: Entry) -> bool:
    """Whether the entry's page is to be fetched: `full_text` of the feed, and for "auto" what the entry looks like."""
    if not entry.url or feed.full_text == "never":
        return False
    return feed.full_text == "always" or is_teaser(entry)
