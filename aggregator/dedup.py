"""Is this story one that is known already? Fingerprints of texts, and the verdict over candidates.

Finds no candidates itself: the store looks them up by canonical URL, `text_hash` and `bands`. A published article
and its id stay; `better` only says whose text is shown. Numpy is imported where a text is fingerprinted, in a worker,
and by nothing that judges.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import eq
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import regex

from aggregator import urls
from aggregator.model import Quality
from aggregator.tokens import fold, tokens, words

if TYPE_CHECKING:
    import numpy as np

# What is stored: magic and version, hash of the text, number of words, of numbers kept, of names kept; then for texts
# of SHORT words and more the signature; then the hashes of numbers and of names. Little-endian throughout.
_MAGIC: Final = b"nd\1\0"
_HEAD: Final = struct.Struct("<4s16sIBB2x")
PERMUTATIONS: Final = 128
BANDS: Final = 32
_ROWS: Final = PERMUTATIONS // BANDS
_SIGNATURE: Final = struct.Struct(f"<{PERMUTATIONS}I")
_NUMBER_OF: Final = struct.Struct("<I")  # of a band
_SHINGLE: Final = 3  # words, or four characters of a script without spaces
_CHUNK: Final = 256  # shingles at a time: 256 KiB of products, which stay in the cache
_NUMBERS: Final = 32  # details kept of a text: those with the smallest hashes, the same ones in every copy
_NAMES: Final = 48

SHORT: Final = 50  # words; a shorter text is compared as a whole
TINY: Final = 12  # words; a shorter one counts only under the same title
SIMILAR: Final = 0.5  # of the shingles, where numbers and names bear it out
SIMILAR_ALONE: Final = 0.7  # where there are too few of them to tell, unless the title is the same or the text LONG
SIMILAR_AGREED: Final = 0.45  # where numbers and names are the same
AGREED: Final = 0.9  # of the numbers and names: the same but for an edit
AGREEING: Final = 0.6  # of the numbers and names together
AGREEING_FEW: Final = 0.7  # likewise, where there are less than MANY
AGREEING_EACH: Final = 0.5  # of the numbers, and of the names
MANY: Final = 12
LONG: Final = 400  # words; forms are shorter
_FEW: Final = 3  # details that tell nothing
_LENGTHS: Final = 0.4  # of the longer text
TITLE: Final = 3  # words; a shorter title is many stories' own
TEASED: Final = 0.4  # what a teaser with its story counts as: less than any likeness
_RUN: Final = 0.75  # of a teaser's words, one behind the other; the rest is "read more" or the name of a place
_APART: Final = timedelta(hours=20)  # between a teaser and its story: what comes daily under one title is further apart
_TEASER_READ: Final = 2_000  # characters
_STORY_READ: Final = 20_000  # characters, in which the words of a teaser stand
_TELLING: Final = frozenset[Quality]({"full", "teaser"})  # other texts are a wall's words, the same in each story

_NUMBER: Final = regex.compile(r"\d+(?:[.,:/-]\d+)*")
# capitals inside a sentence: names, in scripts that have capitals
_NAME: Final = regex.compile(r"(?<=[^\s.!?:…\"“”„«»(]\s)\p{Lu}[\p{L}\p{M}]+")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A fingerprint taken apart. `signature` is empty for short texts; details are ascending 32-bit hashes."""

    text_hash: bytes
    length: int
    signature: tuple[int, ...]
    numbers: tuple[int, ...]
    names: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A story as far as telling copies needs it. `canonical` holds all its addresses, each through urls.canonical.

    `text` is read of the stories alone for which `may_tease` says so.
    """

    key: int
    fingerprint: bytes = b""
    text: str = ""
    canonical: tuple[str, ...] = ()
    title: str = ""
    quality: Quality = "full"
    priority: int = 0
    published: datetime | None = None


def fingerprint(text: str) -> bytes:
    """Give the fingerprint of a plain text, 28 to 860 bytes, the same ones for ever under the same version."""
    found = words(text)
    numbers, names = _details(text)
    head = _HEAD.pack(_MAGIC, _hash_of(found), min(len(found), 2**32 - 1), len(numbers), len(names))
    signature = _signature(found) if len(found) >= SHORT else b""
    return head + signature + struct.pack(f"<{len(numbers) + len(names)}I", *numbers, *names)


def text_hash(fingerprint: bytes) -> bytes:
    """Give 16 bytes, equal for texts that differ at most in case, accents, spaces and punctuation; b"" for none."""
    sketch = read(fingerprint)
    return sketch.text_hash if sketch and sketch.length else b""


def bands(fingerprint: bytes) -> tuple[int, ...]:
    """Give the signed 64-bit keys under which to look for near-identical texts: BANDS of them, or none if too short.

    Two texts whose shingles agree by half share a key in 7 of 8 cases, by 0.6 in 99 of 100.
    """
    sketch = read(fingerprint)
    if sketch is None or not sketch.signature:
        return ()
    places = range(_HEAD.size, _HEAD.size + _SIGNATURE.size, 4 * _ROWS)
    keys = [_NUMBER_OF.pack(band) + fingerprint[at : at + 4 * _ROWS] for band, at in enumerate(places)]
    return tuple([int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little", signed=True) for key in keys])


def keys(fingerprint: bytes, title: str) -> tuple[int, ...]:
    """Give the keys under which to look for near-identical texts and for this title; a short title has none."""
    said = tokens(title)
    digest = hashlib.blake2b(" ".join(said).encode(), digest_size=8, person=b"title").digest()
    titled = [int.from_bytes(digest, "little", signed=True)] if len(said) >= TITLE else []
    return tuple(dict.fromkeys([*bands(fingerprint), *titled]))


def similarity(a: bytes, b: bytes) -> float:
    """Estimate which part of the two texts' shingles is common to both, 0 to 1; short texts are equal or not."""
    first, second = read(a), read(b)
    return _similarity(first, second) if first and second else 0.0


def judge(candidate: Known, known: Sequence[Known]) -> Known | None:
    """Give the story that `candidate` is a copy of, or None: the same for any order of `known`.

    A common address says more than the same text, that more than a similar one, and that more than a teaser's words
    under the same title; then the more similar and the older key win.
    """
    sketch = read(candidate.fingerprint)
    others = [other for other in known if other.key != candidate.key]
    series = _is_series([candidate, *(other for other in others if _same_title(candidate, other))])
    verdicts = [(_evidence(candidate, sketch, other), other) for other in others]
    if not series:
        verdicts = [(found or TEASED * teases(candidate, other), other) for found, other in verdicts]
    copies = [(-evidence, other.key, other) for evidence, other in verdicts if evidence]
    return min(copies, key=lambda copy: copy[:2])[2] if copies else None


def better(a: Known, b: Known) -> Known:
    """Give the copy whose content to show: full over others, then clearly longer, feed priority, earlier; else `a`."""
    if (a.quality == "full") != (b.quality == "full"):
        return a if a.quality == "full" else b
    length_a, length_b = _length(a), _length(b)
    if min(length_a, length_b) < 0.9 * max(length_a, length_b):  # less is an edit, or a line of chrome left over
        return a if length_a > length_b else b
    if a.priority != b.priority:
        return a if a.priority > b.priority else b
    return b if _when(b) < _when(a) else a


def may_tease(a: Known, b: Known) -> bool:
    """Whether one may be a teaser of the other, as far as that is told without their texts.

    One site puts different stories under one title (links of the week, picture of the day), and so do two, on two days.
    """
    if "teaser" not in {a.quality, b.quality} or not {a.quality, b.quality} <= _TELLING:
        return False
    if a.published is None or b.published is None or abs(a.published - b.published) > _APART:
        return False
    return len(tokens(a.title)) >= TITLE and _same_title(a, b) and not _one_site(a, b)


def teases(a: Known, b: Known) -> bool:
    """Whether the words of one, a teaser, stand in the other, which is longer, in one run and with every number."""
    if not may_tease(a, b):
        return False
    short, long = sorted((a, b), key=lambda story: len(story.text))
    teaser, story = short.text[:_TEASER_READ], long.text[:_STORY_READ]
    said, told = words(teaser), words(story)
    if short.quality != "teaser" or len(said) >= len(told) or not _numbers_of(teaser) <= _numbers_of(story):
        return False
    run, whole = max(TINY, round(_RUN * len(said))), f" {' '.join(told)} "
    return any(f" {' '.join(said[at : at + run])} " in whole for at in range(len(said) - run + 1))


def read(fingerprint: bytes) -> Sketch | None:
    """Take a fingerprint apart; None if there is none, or one of another version, which tells nothing."""
    if len(fingerprint) < _HEAD.size or not fingerprint.startswith(_MAGIC):
        return None
    _, exact, length, numbers, names = _HEAD.unpack_from(fingerprint)
    start = _HEAD.size + (_SIGNATURE.size if length >= SHORT else 0)
    if len(fingerprint) != start + 4 * (numbers + names):
        return None
    signature = _SIGNATURE.unpack_from(fingerprint, _HEAD.size) if length >= SHORT else ()
    details = struct.unpack_from(f"<{numbers + names}I", fingerprint, start)
    return Sketch(exact, length, signature, details[:numbers], details[numbers:])


def _evidence(candidate: Known, sketch: Sketch | None, other: Known) -> float:
    """Give 3 for a common address, 2 for the same text, up to 1 for a similar one, 0 for another story."""
    if _same_address(candidate, other):
        return 3.0
    theirs = read(other.fingerprint)
    if sketch is None or theirs is None or not {candidate.quality, other.quality} <= _TELLING:
        return 0.0
    if sketch.text_hash == theirs.text_hash:
        return 2.0 if _same_text_tells(candidate, other, sketch) else 0.0
    if _numbers_apart(candidate.title, other.title):
        return 0.0
    share, count = _agreement(sketch, theirs)
    doubtful = share < (AGREED if count >= MANY else 1)
    if doubtful and (_title_denied(candidate.title, sketch, theirs) or _title_denied(other.title, theirs, sketch)):
        return 0.0
    needed = _needed(share, count) if count else _needed_alone(candidate, other)
    return _likeness(sketch, theirs, needed)


def _same_address(a: Known, b: Known) -> bool:
    """A bare host is the address of any story on sites that name their front page as canonical."""
    common = set(a.canonical) & set(b.canonical)
    return any(_names_a_page(url) for url in common) or (bool(common) and _same_title(a, b))


def _names_a_page(url: str) -> bool:
    _, _, rest = url.partition("://")
    host_end = min((at for at in map(rest.find, "/?") if at >= 0), default=len(rest))
    return rest[host_end:] not in ("", "/")


def _same_text_tells(candidate: Known, other: Known, sketch: Sketch) -> bool:
    """Whether one text makes them one story, whatever their titles say.

    Titles without a common word deny it on one site, and for a text that names nobody: then it is a notice that stands
    there in place of stories.
    """
    first, second = set(tokens(candidate.title)), set(tokens(other.title))
    if first == second:
        return sketch.length > 0
    if sketch.length < TINY or _numbers_apart(candidate.title, other.title):
        return False
    if sketch.length < SHORT or not (first and second) or any(not word.isnumeric() for word in first & second):
        return True
    return len(sketch.names) >= _FEW and not _one_site(candidate, other)


def _one_site(a: Known, b: Known) -> bool:
    return not {urls.site(url) for url in a.canonical}.isdisjoint(urls.site(url) for url in b.canonical)


def _is_series(alike: Sequence[Known]) -> bool:
    """Whether a site has put several of these stories, which have one title, under it."""
    sites = [site for story in alike for site in {urls.site(url) for url in story.canonical}]
    return len(sites) > len(set(sites))


def _same_title(a: Known, b: Known) -> bool:
    return tokens(a.title) == tokens(b.title)


def _numbers_apart(title: str, other: str) -> bool:
    """Whether both titles hold numbers and none in common: another day, round or lot."""
    first, second = _numbers_of(title), _numbers_of(other)
    return bool(first and second) and first.isdisjoint(second)


def _numbers_of(text: str) -> set[str]:
    return set(_NUMBER.findall(fold(text)))


def _title_denied(title: str, own: Sketch, other: Sketch) -> bool:
    """Whether of the numbers and names of a title that its own text repeats, half or more miss in the other text."""
    words_of_title = set(_hashes(_title_details(title)))
    numbers, other_numbers = _comparable(own.numbers, other.numbers, _NUMBERS)
    names, other_names = _comparable(own.names, other.names, _NAMES)
    said = words_of_title & (numbers | names)
    return bool(said) and 2 * len(said & (other_numbers | other_names)) <= len(said)


def _likeness(a: Sketch, b: Sketch, needed: float) -> float:
    """Give the similarity of two texts if it is enough to make one a copy of the other, else 0."""
    if min(a.length, b.length) < max(SHORT, _LENGTHS * max(a.length, b.length)):
        return 0.0
    alike = _similarity(a, b)
    return alike if alike >= needed else 0.0


def _needed(share: float, count: int) -> float:
    """Give the similarity that makes a copy of a text whose details agree by `share` of `count`; 2 if none does.

    Reports that fill in a form (weather, results, prices) share most of their words and differ in numbers and names.
    """
    if share < (AGREEING if count >= MANY else AGREEING_FEW):
        return 2.0
    return SIMILAR_AGREED if share >= AGREED and count >= MANY else SIMILAR


def _needed_alone(a: Known, b: Known) -> float:
    """Give the similarity that makes a copy of a text without details to compare, as in scripts without capitals."""
    same_title = bool(tokens(a.title)) and _same_title(a, b)
    return SIMILAR if same_title or min(_length(a), _length(b)) >= LONG else SIMILAR_ALONE


def _agreement(a: Sketch, b: Sketch) -> tuple[float, int]:
    """Estimate which part of the fewer details is found among the others, and of how many; (0, 0) if too few to tell.

    Numbers and names count together; where one of the two agrees by less than AGREEING_EACH, none counts.
    """
    kinds = (_comparable(a.numbers, b.numbers, _NUMBERS), _comparable(a.names, b.names, _NAMES))
    counts = [(len(first & second), min(len(first), len(second))) for first, second in kinds]
    telling = [(common, fewer) for common, fewer in counts if fewer >= _FEW]
    if not telling:
        return 0.0, 0
    common, fewer = map(sum, zip(*telling, strict=True))
    apart = any(part < AGREEING_EACH * whole for part, whole in telling)
    return 0.0 if apart else common / fewer, fewer


def _similarity(a: Sketch, b: Sketch) -> float:
    if not a.signature or not b.signature:
        return float(a.text_hash == b.text_hash)
    return float(sum(map(eq, a.signature, b.signature)) / PERMUTATIONS)


def _comparable(a: tuple[int, ...], b: tuple[int, ...], limit: int) -> tuple[set[int], set[int]]:
    """Cut both to the range of hashes in which neither is cut already: there what is missing is missing indeed."""
    last = min((details[-1] for details in (a, b) if len(details) == limit), default=2**32)
    return {detail for detail in a if detail <= last}, {detail for detail in b if detail <= last}


def _length(story: Known) -> int:
    sketch = read(story.fingerprint)
    return sketch.length if sketch else 0


def _when(story: Known) -> datetime:
    return story.published or datetime.max.replace(tzinfo=UTC)


def _hash_of(found: Iterable[str]) -> bytes:
    return hashlib.blake2b(" ".join(found).encode(), digest_size=16).digest()


def _details(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    numbers = _hashes(f"#{fold(number)}" for number in set(_NUMBER.findall(text)))
    names = _hashes(f"@{fold(name)}" for name in set(_NAME.findall(text)))
    return numbers[:_NUMBERS], names[:_NAMES]


def _title_details(title: str) -> Iterator[str]:
    """Yield what could be details: each word of a headline, since headlines may write all of them with capitals."""
    yield from (f"#{fold(number)}" for number in _NUMBER.findall(title))
    yield from (f"@{word}" for word in tokens(title))


def _hashes(details: Iterable[str]) -> tuple[int, ...]:
    found = {hashlib.blake2b(detail.encode(), digest_size=4).digest() for detail in details}
    return tuple(sorted(int.from_bytes(digest, "little") for digest in found))


def _signature(found: Sequence[str]) -> bytes:
    """Give the MinHash signature of the words' shingles: per permutation the smallest 32-bit hash."""
    import numpy as np  # noqa: PLC0415 - the poller's process judges without it

    shingles = _shingles(found)
    factors, addends = _permutations()
    smallest = np.full(PERMUTATIONS, 2**64 - 1, dtype=np.uint64)
    room = np.empty((min(_CHUNK, len(shingles)), PERMUTATIONS), dtype=np.uint64)
    for at in range(0, len(shingles), _CHUNK):
        chunk = shingles[at : at + _CHUNK, None]
        products = np.multiply(chunk, factors, out=room[: len(chunk)])
        products += addends
        np.minimum(smallest, products.min(axis=0), out=smallest)
    return (smallest >> np.uint64(32)).astype("<u4").tobytes()


def _shingles(found: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.uint64]]":
    import numpy as np  # noqa: PLC0415 - likewise

    hashes = np.fromiter(map(crc32, " ".join(found).encode().split(b" ")), dtype=np.uint64, count=len(found))
    factor = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio; products wrap around
    mixed = hashes[: len(hashes) - _SHINGLE + 1]
    for offset in range(1, _SHINGLE):
        mixed = mixed * factor + hashes[offset : len(hashes) - _SHINGLE + 1 + offset]
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(32))


@cache
def _permutations() -> "tuple[np.ndarray[Any, np.dtype[np.uint64]], np.ndarray[Any, np.dtype[np.uint64]]]":
    """Give the factors (odd) and addends of the permutations: fixed for ever, from no library's random numbers."""
    import numpy as np  # noqa: PLC0415 - likewise

    drawn = hashlib.shake_128(b"permutations 1").digest(16 * PERMUTATIONS)
    numbers = np.frombuffer(drawn, dtype="<u8").astype(np.uint64)
    return numbers[:PERMUTATIONS] | np.uint64(1), numbers[PERMUTATIONS:]
