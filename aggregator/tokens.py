"""The one tokeniser: rules in memory, the search index and duplicates' fingerprints all see text through it.

Splits text into folded words. Knows nothing of queries, fields or databases. A change here changes what is found in
texts that are already indexed, and their fingerprints: it needs a new index and a new fingerprint version.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

import regex

TOKEN_CHARS: Final = 64  # of a longer word the first ones count: a database limits the size of an index entry

_UNSPACED: Final = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]"
# `_` parts words like any other punctuation, so that markdown's _emphasis_ and snake_case URLs are found
_LETTER: Final = rf"[\w--\p{{Pc}}--\p{{M}}--{_UNSPACED}]"
_INNER: Final = rf"[\w--\p{{Pc}}--[{_UNSPACED}&&\P{{M}}]]"
_UNIT: Final = rf"[{_UNSPACED}&&[\w--\p{{M}}]]\p{{M}}{{0,7}}+"
_WORD: Final = rf"({_LETTER}{_INNER}{{0,{TOKEN_CHARS - 1}}}){_INNER}*+"

_WORDS: Final = regex.compile(_WORD, regex.VERSION1)
_WORDS_OR_RUNS: Final = regex.compile(rf"{_WORD}|((?:{_UNIT})+)", regex.VERSION1)
_UNITS: Final = regex.compile(_UNIT, regex.VERSION1)
_MARK: Final = regex.compile(r"\p{M}")
_ANY_UNSPACED: Final = regex.compile(_UNSPACED)
_FOLDED_MARKS: Final = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Arabic}])\p{M}+|\p{Me}+")
_INVISIBLE: Final = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
# Normalisation sorts the marks of a letter in quadratic time. Halfwidth voicing signs become marks in it
_HEAP_OF_MARKS: Final = regex.compile(r"([\p{M}\uff9e\uff9f]{16})[\p{M}\uff9e\uff9f]++")
# Arabic script writes a space of no width between parts that others write apart; elsewhere such characters only shape
_ARABIC_JOINT: Final = regex.compile(r"(?<=\p{Arabic}\p{M}*)\u200c")

# Most texts hold nothing but Latin, Greek and Cyrillic letters without marks of their own, punctuation and pictures:
# there the standard library's `re` splits alike, in a fifth of the time
_RUN: Final = re.compile(r"[^\W_]+")
_NOT_SIMPLE: Final = re.compile(
    "[^\0-\u02ff\u0370-\u0482\u048a-\u052f\u2000-\u203e\u2041-\u2053\u2055-\u206f\u20a0-\u20cf"
    "\u2190-\u23ff\u2500-\u2775\u2794-\u2bff\U0001f300-\U0001faff]"
)

# And most of them, folded, have no letters beyond ASCII: there blanks for all else do, in a quarter of the time
_BLANKS: Final = str.maketrans({char: " " for char in map(chr, range(128)) if not char.isalnum()})
_ASCII: Final = bytes(range(128))
_FEW: Final = 128  # characters that are replaced one by one
_HEAD: Final = 200  # characters, in which another script is seen

# Characters that may fold otherwise beside others, for they are marks, hold one, or join with their neighbours. Texts
# without any are folded a character at a time, and of one text there are few: a quotation mark, an é
_BY_CONTEXT: Final = re.compile(
    "[^\0-\xa7\xa9-\xae\xb0-\xb3\xb5-\xb7\xb9-\u012f\u0131-\u02d7\u0386-\u0482\u048a-\u052f\u1e00-\u1eff"
    "\u2000-\u2016\u2018-\u203d\u203f-\u206f\u20a0-\u20cf\u2100-\u23ff\u2500-\u2775\u2794-\u2adb\u2add-\u2bff"
    "\ufe0e\ufe0f\U0001f300-\U0001faff]"
)

# Letters that carry their stroke or dot inside, which decomposition leaves whole, and the Persian keyboard's two forms
# of Arabic letters. The tatweel only stretches a word.
_LETTERS: Final = (
    ("ø", "o"),
    ("ł", "l"),
    ("đ", "d"),
    ("ħ", "h"),
    ("ŧ", "t"),
    ("ı", "i"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ی", "ي"),
    ("ک", "ك"),
    ("ـ", ""),
)


def tokens(text: str) -> tuple[str, ...]:
    """Give the folded words of a text, in order; no token is empty or longer than TOKEN_CHARS.

    Case, width (NFKC) and, for Latin, Greek and Arabic, accents don't count; a Cyrillic й stays й. Scripts written
    without spaces give each character and each pair in between, `日本語` -> 日 日本 本 本語 語, so that any piece of a
    run is found as a phrase of its tokens. Hangul goes by word.
    """
    return _split(fold(text), _interleaved)


def words(text: str) -> tuple[str, ...]:
    """Give each word once, and for scripts without spaces the pairs of characters alone: what fingerprints count."""
    return _split(fold(text), _pairs)


def fold(text: str) -> str:
    """Fold case, width, invisible characters and (Latin, Greek, Arabic) accents; punctuation stays."""
    if _BY_CONTEXT.search(text, 0, _HEAD) or _BY_CONTEXT.search(others := _beyond_ascii(text)) or len(others) > _FEW:
        return _folded(text)
    for char in others:
        text = text.replace(char, _folded_char(char))
    return text.lower()


def runs(text: str) -> list[str]:
    """Give each run of letters and digits, in whatever script, as it is."""
    return _runs(text, _beyond_ascii(text))


def _runs(text: str, others: str) -> list[str]:
    """The same, where the characters beyond ASCII are known."""
    if len(others) > _FEW or any(map(str.isalnum, others)):
        return _RUN.findall(text)
    for char in others:
        text = text.replace(char, " ")
    return text.translate(_BLANKS).split()


def _beyond_ascii(text: str) -> str:
    """Each character of a text that is not ASCII, once."""
    if text.isascii():
        return ""
    others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return "".join(set(others.decode("utf-8", "surrogatepass")))


@lru_cache(maxsize=1 << 12)
def _folded_char(char: str) -> str:
    return _folded(char)


def _folded(text: str) -> str:
    plain = _HEAP_OF_MARKS.sub(r"\1", _INVISIBLE.sub("", _ARABIC_JOINT.sub(" ", text)))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    if plain.isascii():
        return plain
    bare = unicodedata.normalize("NFD", plain)
    for letter, base in _LETTERS:
        bare = bare.replace(letter, base)
    return unicodedata.normalize("NFC", _FOLDED_MARKS.sub("", bare))


def _split(folded: str, spell: Callable[[tuple[str, ...]], Iterator[str]]) -> tuple[str, ...]:
    """Split folded text, giving each run of an unspaced script to `spell`, which turns it into tokens."""
    others = folded if _NOT_SIMPLE.search(folded, 0, _HEAD) else _beyond_ascii(folded)
    if not _NOT_SIMPLE.search(others):
        return tuple([run[:TOKEN_CHARS] for run in _runs(folded, others)])
    if not _ANY_UNSPACED.search(others):
        return tuple(_WORDS.findall(folded))
    found: list[str] = []
    for word, run in _WORDS_OR_RUNS.findall(folded):
        if word:
            found.append(word)
        else:
            found.extend(spell(tuple(_UNITS.findall(run) if _MARK.search(run) else run)))  # marks with their base
    return tuple(found)


def _interleaved(run: tuple[str, ...]) -> Iterator[str]:
    yield run[0]
    for first, second in itertools.pairwise(run):
        yield first + second
        yield second


def _pairs(run: tuple[str, ...]) -> Iterator[str]:
    if len(run) == 1:
        return iter(run)
    return (first + second for first, second in itertools.pairwise(run))
