"""Which kind of file it is, by its name and its first bytes, and who reads it."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aggregator.importing import archives, jsonl, mail, pages, warc
from aggregator.importing.values import Reader

HEAD: Final = 4096  # bytes that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind that is read: the ends of its files' names, and its reader."""

    suffixes: tuple[str, ...]
    read: Reader


KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind(suffixes=(".txt", ".text"), read=pages.text),
    "html": Kind(suffixes=(".html", ".htm", ".xhtml"), read=pages.html),
    "jsonl": Kind(suffixes=(".jsonl", ".ndjson"), read=jsonl.lines),
    "mail": Kind(suffixes=(".eml",), read=mail.message),
    "mhtml": Kind(suffixes=(".mhtml", ".mht"), read=mail.page),
    "mbox": Kind(suffixes=(".mbox",), read=mail.mailbox),
    "warc": Kind(suffixes=(".warc", ".warc.gz", ".wet", ".wet.gz"), read=warc.records),
    "zip": Kind(suffixes=(".zip",), read=archives.members),
}
# Kinds that are known and not read, with what to do instead.
OTHERS: Final[Mapping[str, str]] = {
    "opml": "a list of feeds (OPML), not an article; named by itself, its feeds are added to feeds.toml",
    "feed": "a feed, not an article; add its address to feeds.toml",
    "gzip": "a compressed file other than a WARC archive; unpack it first",
}
_SUFFIXES: Final = {suffix: name for name, kind in KINDS.items() for suffix in kind.suffixes} | {".opml": "opml"}
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
# Possessive, for comments could be parted in endless ways.
_MARKUP: Final = re.compile(
    rb"(?><\?xml[^>]*>|<!--.*?-->|<!doctype[^>]*>|\s)*+<(html|head|body|opml|rss|feed|rdf:rdf)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP_KINDS: Final = {b"opml": "opml", b"rss": "feed", b"feed": "feed", b"rdf:rdf": "feed"}
_MBOX: Final = re.compile(rb"From \S+ .{10,60}\r?\n[A-Za-z-]+:")
_MAIL: Final = re.compile(
    rb"(?:Return-Path|Received|From|MIME-Version|Delivered-To|Message-ID|Subject|Date):[^\n]*\n", re.IGNORECASE
)


def kind_of(name: str, head: bytes, *, guess: bool) -> str:
    """A name in KINDS or OTHERS, or "" when it is neither; `head` is at most HEAD bytes.

    What the first bytes say for certain beats the name. A name that says nothing (`guess`: and was given by the user)
    may also be a message, lines of JSON, or text.
    """
    lower = name.lower()
    silent = "." not in lower.rpartition("/")[2]
    if head.startswith(_ZIP):  # so do office documents and e-books, by other names
        return "zip" if silent or lower.endswith(".zip") else ""
    if certain := _certain(head):
        return certain
    suffix = next((_SUFFIXES[end] for end in sorted(_SUFFIXES, key=len, reverse=True) if lower.endswith(end)), "")
    return suffix or (_guess(head) if guess and silent else "")


def _certain(head: bytes) -> str:
    if head.startswith(b"WARC/1."):
        return "warc"
    if head.startswith(b"\x1f\x8b"):
        return "warc" if _inflated(head).startswith(b"WARC/1.") else "gzip"
    match = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf"))
    return _MARKUP_KINDS.get(match[1].lower(), "html") if match else ""


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 64)
    except zlib.error:
        return b""


def _guess(head: bytes) -> str:
    if _MBOX.match(head):
        return "mbox"
    if _MAIL.match(head):
        return "mail"
    if head.lstrip().startswith(b'{"'):
        return "jsonl"
    return "text" if b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
