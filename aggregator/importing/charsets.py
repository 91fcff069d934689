"""Bytes of a text file -> text. Told by its byte order mark, by being UTF-8, else guessed within bounds."""

import codecs
from typing import Final

from charset_normalizer import from_bytes

from aggregator.errors import ImportFailed

_SAMPLE: Final = 2**16  # bytes that are guessed from
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark its own begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What text files are really written in. Guessing among all of Python's hundred takes seconds and errs more often.
_CANDIDATES: Final = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
)


def decoded(body: bytes, name: str) -> str:
    """The text, its line ends as \\n. ImportFailed `encoding` when the character set can't be told."""
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return _lines(body[len(mark) :].decode(charset, "replace"))
    if b"\0" not in body:
        try:
            return _lines(body.decode("utf-8"))
        except UnicodeDecodeError:
            return _lines(_nearly_utf8(body) or _guessed(body, name))
    return _lines(_without_mark(body, name))


def _without_mark(body: bytes, name: str) -> str:
    """UTF-16 of mostly Latin text has its zero bytes in every other place; anything else with zeros is no text."""
    even, odd = body[:_SAMPLE:2].count(0), body[1:_SAMPLE:2].count(0)
    if min(even, odd) * 10 < max(even, odd) and max(even, odd) * 4 > min(len(body), _SAMPLE):
        return body.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    raise ImportFailed(f"{name}: holds zero bytes, so it is no text file", error_class="encoding")


def _nearly_utf8(body: bytes) -> str:
    """UTF-8 with a few broken places, or "": nothing else has ten right sequences for each wrong one by chance."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - broken
    return text if right > 10 * broken else ""


def _guessed(body: bytes, name: str) -> str:
    end = body.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE
    sample = body if len(body) <= _SAMPLE else body[:end]
    best = from_bytes(sample, cp_isolation=list(_CANDIDATES), preemptive_behaviour=False).best()
    if best is None:
        raise ImportFailed(f"{name}: its character set can't be told; save it as UTF-8", error_class="encoding")
    return body.decode(best.encoding, "replace")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
