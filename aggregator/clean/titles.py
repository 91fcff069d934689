"""A page's title: the headline that the page shows, checked against what it states, without the site's name."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import unescape
from itertools import pairwise
from typing import Final

_SEPARATOR: Final = re.compile(r"\s+(?:[|–—\-•·»«:>/~]|::|\\|&raquo;)\s+|\s*[|｜]\s*|\s+»\s*|:\s+(?=\S+$)")
_MARKS: Final = re.compile(r"[\W_]+")
_STRONG: Final = "|｜»•·«"
_AGREE: Final = 0.6


def best(headlines: Sequence[str], stated: Sequence[str], names: Iterable[str], entry: str = "") -> str:
    """The title of an article.

    `headlines` are the page's visible ones in order, `stated` what its metadata says, most trusted first, `names` what
    the site may be called, `entry` the feed's title. Empty when there is nothing at all.
    """
    known = frozenset(filter(None, map(bare, names)))
    stated = [unescape(unescape(each)) for each in stated]  # many write "&amp;amp;"
    claims = _whole([without_site(each, known, headlines) for each in (*stated, entry) if each])
    known |= _site_parts(headlines, stated, known)
    shown = [without_site(each, known, ()) for each in headlines if bare(each) and bare(each) not in known]
    scored = [(max((_alike(each, claim) for claim in claims), default=0.0), each) for each in shown]
    top = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    if top[0] >= _AGREE:
        return _trimmed(top[1], claims)
    if entry:
        return entry
    if claims:
        return claims[0]
    return shown[0] if shown else ""


def _whole(claims: Sequence[str]) -> list[str]:
    """Stated titles; in place of one that is cut off the one that goes on."""
    cut = {each: bare(each) for each in claims if each.endswith(("…", "..."))}
    return [next((more for more in claims if len(more) > len(each) and bare(more).startswith(cut[each])), each)
            if cut.get(each) else each for each in claims]  # fmt: skip


def _site_parts(headlines: Sequence[str], stated: Sequence[str], known: frozenset[str]) -> frozenset[str]:
    """Of the headlines those that are no more than what one stated title has beside another: a site's name in an h1."""
    whole = frozenset(filter(None, map(bare, stated)))
    names = frozenset(filter(None, map(bare, headlines))) - whole
    stories = whole - known
    return frozenset(name for name in names if any({name + story, story + name} & whole for story in stories))


def without_site(title: str, known: frozenset[str], headlines: Sequence[str] = ()) -> str:
    """The title without parts that are the site's name, or that a visible headline leaves out."""
    title = " ".join(title.split())
    for headline in headlines:
        folded, whole = bare(headline), bare(title)
        if len(folded) > 12 and whole != folded and whole.startswith(folded) and _cut_at(title, headline):
            return _cut_at(title, headline)
    parts, marks = _parts(title)
    while len(parts) > 1 and _names_site(parts[-1], known):
        section = len(parts) > 2 and marks[-1] == marks[-2] and _is_section(parts[-2], parts[:-2])
        parts, marks = parts[: -1 - section], marks[: -1 - section]
    while len(parts) > 1 and _names_site(parts[0], known):
        parts, marks = parts[1:], marks[1:]
    if len(parts) > 1 and marks[-1].strip() in _STRONG and _much_shorter(parts[-1], parts[:-1]):
        parts, marks = parts[:-1], marks[:-1]
    return "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True)).strip()


def _parts(title: str) -> tuple[list[str], list[str]]:
    marks = [found[0] for found in _SEPARATOR.finditer(title)]
    return _SEPARATOR.split(title), marks


def _names_site(part: str, known: frozenset[str]) -> bool:
    folded = bare(part)
    return not folded or folded in known or any(len(name) > 5 and (name in folded or folded in name) and
        abs(len(name) - len(folded)) < 8 for name in known)  # fmt: skip


def _is_section(part: str, rest: Sequence[str]) -> bool:
    """One word between a long title and the site's name: "News"."""
    return len(part.split()) == 1 and len(" ".join(rest)) > 3 * len(part) and len(" ".join(rest).split()) >= 3


def _much_shorter(last: str, rest: Sequence[str]) -> bool:
    return len(last.split()) <= 5 and len(" ".join(rest)) > 1.5 * len(last) and len(" ".join(rest).split()) >= 3


def _cut_at(title: str, headline: str) -> str:
    """The part of the title that reads like the headline, when a separator follows it."""
    parts, marks = _parts(title)
    text = ""
    for part, mark in zip(parts, [*marks, ""], strict=True):
        text += part
        if bare(text) == bare(headline):
            return text.strip()
        text += mark
    return ""


def _trimmed(headline: str, claims: Sequence[str]) -> str:
    """The headline, or the stated title when the headline only adds a date or a byline to it."""
    for claim in claims:
        folded, wanted = bare(headline), bare(claim)
        if (
            len(wanted) > 15
            and folded != wanted
            and wanted in folded
            and re.search(r"\d{4}|posted|by ", headline, re.IGNORECASE)
        ):
            extra = folded.replace(wanted, "", 1)
            if re.search(r"\d{4}|posted", extra):
                return claim
    return headline


def _alike(one: str, other: str) -> float:
    """Share of the words both have, of the words of the shorter; whole titles that equal count most."""
    if bare(one) == bare(other):
        return 1.1
    a, b = _words(one), _words(other)
    if not a or not b:
        return 0.0
    common = len(a & b)
    return 0.5 * common / min(len(a), len(b)) + 0.5 * common / max(len(a), len(b)) if common > 1 or len(a) < 3 else 0.0


def _words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = set(re.findall(r"\w+", folded))
    return words if len(words) > 2 or folded.isascii() else words | {a + b for a, b in pairwise(folded)}


def bare(text: str) -> str:
    """Letters and digits alone, case folded: what two spellings of one title have in common."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())
