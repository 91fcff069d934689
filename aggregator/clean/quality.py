"""How much of a story was got: full, teaser, paywalled, blocked, empty or failed; decided by evidence.

Structure (JSON-LD, length against the feed's own words) comes first, since it knows no language; words of walls are
looked for in ten languages and count only where little else stands.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from lxml.html import HtmlElement

from aggregator.clean.walls import BOT_WALL, CONSENT, CUT_OFF, GONE, GONE_TITLE, METER, NO_STORY, PAYWALL, TERMS, folded
from aggregator.model import Entry, Quality

_SPACELESS: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_WORD: Final = re.compile(r"\w{4,}")
_EMPTY: Final = 5  # words
_SHORT: Final = 60
_WALL: Final = 150  # words; a longer text that speaks of cookies is an article about them
_DENSE: Final = 14  # words for each term of the law on consent
_PURPOSES: Final = 900  # words; what a consent wall lists is shorter
_PAID: Final = 250  # words; what a paywalled page shows for nothing is shorter
_START: Final = 300  # characters of a text in which a wall says what it is
_GATE: Final = 40  # words; a longer paragraph tells something besides
_LONG: Final = 600  # characters, more than so many words have
_RIGHTS: Final = re.compile(
    r"(?im)^.{0,80}(?:©|\(c\) ?(?:19|20)\d\d|all rights reserved).{0,80}$|^.{0,25}(?:privacy|policy|terms).{0,25}$"
)
_READ: Final = 6000  # characters that are searched for a wall's words
_TEASER_SHARE: Final = 0.8  # of the feed's own words


def length(text: str) -> int:
    """Words; two characters of a script without spaces count as one."""
    spaceless = len(_SPACELESS.findall(text)) if not text.isascii() else 0
    return len(text.split()) + spaceless // 2


def speaks_of(text: str, entry: Entry | None) -> bool:
    """Is the text about what the feed says, by the words of both? True when the feed says too little to tell."""
    return share_of(text, f"{entry.title} {entry.text[:3000]}" if entry else "") >= 0.4


def share_of(text: str, known: str) -> float:
    """The share of the longer words of `known` that stand in `text`; 1.0 when there are fewer than five."""
    wanted = _grains(known)
    if len(wanted) < 5:
        return 1.0
    return len(wanted & _grains(text)) / len(wanted)


def of_page(
    *, text: str, shown: str, entry: Entry | None, free: bool | None, paid_words: int, title: str = ""
) -> Quality:
    """The state of what was read from a page.

    `text` is the article found, `shown` all the page's text, `title` the page's, `free` what JSON-LD says of
    isAccessibleForFree, and `paid_words` the words that stand in the part it calls not free.
    """
    words = length(text)
    if is_wall(text, shown, title):
        return "blocked"
    if words < _EMPTY or (words < _SHORT and not _RIGHTS.sub("", text).strip()):
        return "failed" if length(shown) > 4 * _PAID else "empty"
    if free is False and words < _PAID and paid_words < _PAID // 2:
        return "paywalled"
    if words < _PAID and (_gated(text[-600:]) or _near_end(text, shown)):
        return "paywalled"
    if words < _SHORT and CUT_OFF.fullmatch(folded(_line_after(text, shown))):
        return "teaser"
    return _by_length(text, entry)


def wordless(text: str) -> bool:
    """Does it say no more than a title does?"""
    return length(text) < _EMPTY


def of_feed(text: str, summary_only: bool, *, pictured: bool = False) -> Quality:
    """The state of a feed's own content: all there is, when nothing says that it goes on elsewhere.

    `pictured`: with a picture in it, which is a story without a word too.
    """
    words = length(text)
    if words < _EMPTY:
        return "full" if pictured else "empty"
    if words < _PAID and PAYWALL.search(folded(text[-400:])):
        return "paywalled"
    cut = bool(CUT_OFF.search(folded(text[-200:])))
    return "teaser" if cut or words < _SHORT or (summary_only and words < 2 * _SHORT) else "full"


def is_wall(text: str, shown: str, title: str = "") -> bool:
    """A page that keeps its story behind a question to the visitor, robot or consent, or that has none."""
    words = length(text)
    begun = folded(text[:_READ])  # of few words and yet long
    if words >= _WALL:
        gone = words < _PAID and GONE_TITLE.search(folded(title)) is not None
        return gone or _all_consent(begun, words)
    few = length(shown) < 2 * _WALL
    return _asks_who(begun, folded(shown[:_READ]), folded(title), words=words, few=few) or _asks_leave(
        begun, words, few=few
    )


def _asks_who(text: str, shown: str, title: str, *, words: int, few: bool) -> bool:
    """A question whether the visitor is human or known or pays, or no more than that there is no such page."""
    short = words < _SHORT
    if few and BOT_WALL.search(f"{title}\n{shown}") and (short or BOT_WALL.search(f"{title}\n{text[:_START]}")):
        return True
    if GONE_TITLE.search(title) or PAYWALL.search(f"{title} ") or (short and GONE.search(text[:_START])):
        return True
    return few and short and NO_STORY.search(f"{title}\n{text}") is not None


def _asks_leave(text: str, words: int, *, few: bool) -> bool:
    asked = len(CONSENT.findall(text))
    return asked >= 2 or (asked == 1 and (words < _SHORT or (few and _all_consent(text, words))))


def _all_consent(text: str, words: int) -> bool:
    """A list of purposes and partners, in which every other line has a term of theirs."""
    if words >= _PURPOSES or "cookie" not in text or not CONSENT.search(text):
        return False
    return len(CONSENT.findall(text)) + len(TERMS.findall(text)) > words / _DENSE


def gate(lines: Sequence[str]) -> int:
    """How many of the last lines of an article say no more than how to read on."""
    count = 0
    for line in reversed(lines):
        if len(line) > _LONG or not PAYWALL.search(folded(line)) or length(line) > _GATE:
            break
        count += 1
    return count


def paid_part(tree: HtmlElement, selectors: Sequence[str]) -> int:
    """The words that stand in the elements JSON-LD's hasPart calls not free. Selectors of one class or id are read."""
    words = 0
    for selector in selectors[:5]:
        found = re.fullmatch(r"\s*\w*([.#])([\w\-]+)\s*", selector)
        if not found:
            continue
        test = "contains(concat(' ', @class, ' '), concat(' ', $name, ' '))" if found[1] == "." else "@id=$name"
        for element in tree.xpath(f"//*[{test}]", name=found[2])[:50]:
            words += length("".join(element.itertext()))
    return words


def _by_length(text: str, entry: Entry | None) -> Quality:
    words = length(text)
    known = length(entry.text) if entry else 0
    if words < _TEASER_SHARE * known:
        return "teaser"
    if words < _SHORT and (CUT_OFF.search(folded(text[-_LONG:])) or (entry is not None and words <= known)):
        return "teaser"
    return "teaser" if words < 3 * _SHORT and CUT_OFF.search(folded(text[-120:])) else "full"


def _line_after(text: str, shown: str) -> str:
    """What the page shows right after the article."""
    last = text[-60:].rsplit("\n", 1)[-1]
    following = shown.rpartition(last)[2] if last else ""
    return following.lstrip("\n").partition("\n")[0]


def _near_end(text: str, shown: str) -> bool:
    """Does the sentence about subscribing follow what was read of the article?"""
    start = shown.find(text[-60:].strip())
    return start >= 0 and _gated(shown[start : start + 1500])


def _gated(text: str) -> bool:
    """Does a line say how to read on, other than one that says how many stories are left?"""
    lines = folded(text).split("\n")
    return any(PAYWALL.search(line) and not METER.search(line) for line in lines)


def _grains(text: str) -> set[str]:
    folded = text.casefold()
    spaceless = _SPACELESS.findall(folded) if not folded.isascii() else []
    return set(_WORD.findall(folded)) | {a + b for a, b in pairwise(spaceless)}
