"""Text fields of a feed: HTML to plain text, titles, single lines. Linear in its input, whatever the markup.

Does not sanitise: what comes out is text, and is escaped where it is shown. It stands beside sanitize.text_of because
parsing must not load an HTML parser, and reads every entry's text for the rules.
"""

import html
import re
from collections.abc import Iterator
from typing import Final


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_OVERRIDES: Final = re.compile(
    r"[\u00ad\u202a-\u202e\u2066-\u2069\ufeff]"
)  # would reorder, part or hide what surrounds a title
# C1 codes in a feed are always Windows-1252 read as Latin-1.
_WINDOWS_1252: Final = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_TAG: Final = re.compile(r"""(/?)([a-zA-Z][^\s/>]*)(?:(?:[^>"']|"[^"]*"|'[^']*')*+>|[^>]*>)""")
_BREAK: Final = re.compile("\0|\1[\1 \t\n]*\1")
_FORMATTING: Final = re.compile(
    r"</?(?:a|abbr|acronym|b|big|bdi|bdo|br|center|cite|code|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|mark|nobr|p|"
    r"q|rb|rtc|ruby|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# How a word is pronounced, above it: up to its end or, where nobody wrote one, to the next tag
_READING: Final = re.compile(r"<(rp|rt)(?:\s[^<>]*)?>[^<]*(?:</\1\s*>)?", re.IGNORECASE)
_BLOCKS: Final = _words(
    "address article aside blockquote body center dd details dir div dl dt fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody td tfoot th "
    "thead tr ul"
)
_MARKS: Final = dict.fromkeys(_BLOCKS, "\0") | {"br": "\1"}
_LINKING: Final = _words("a img source video audio embed")
_SILENT: Final = _words("script style textarea noscript iframe object select template title")


def legal(value: str) -> str:
    """Without what XML 1.0 and PostgreSQL refuse; C1 control codes become the Windows-1252 characters they mean."""
    if not _ILLEGAL.search(value):
        return value
    return _ILLEGAL.sub("", value.translate(_WINDOWS_1252).replace("\r", "\n"))


def line(value: str, limit: int) -> str:
    """One line of at most `limit` characters, white space folded, without direction overrides."""
    return " ".join(_OVERRIDES.sub("", legal(value[: limit * 4 + 1000])).split())[:limit].rstrip()


def title(value: str, limit: int, *, literal: bool = False) -> str:
    """A title as one line of plain text.

    `literal` text is taken as it is. Otherwise the feed leaves open whether it wrote text or HTML: formatting tags go,
    entities are decoded once, and every other `<` was meant to be read. Blank only when nothing can be seen.
    """
    value = value[: limit * 8 + 1000]
    if literal:
        return line(value, limit)
    bare = _FORMATTING.sub(lambda tag: " " if tag[0][:3].lower() in {"<br", "<p>", "</p"} else "", _unread(value))
    return line(html.unescape(bare), limit) or line(html.unescape(value), limit)


def plain(source: str) -> str:
    """Plain text of HTML, paragraphs parted by an empty line, entities decoded; no scripts, styles, comments."""
    return read(source)[0]


def read(source: str) -> tuple[str, list[str]]:
    """The plain text of HTML, and its start tags that carry an address: the insides of `<...>`."""
    source = _unread(legal(source))
    tags: list[str] = []
    pieces = "".join(_pieces(source, tags)) if "<" in source else source
    paragraphs = (" ".join(html.unescape(part.replace("\1", " ")).split()) for part in _BREAK.split(pieces))
    return legal("\n\n".join(filter(None, paragraphs))), tags


def _unread(source: str) -> str:
    """Without the readings of ruby, which would double its words."""
    return _READING.sub("", source) if "<ruby" in source or "<RUBY" in source else source


def _pieces(source: str, tags: list[str]) -> Iterator[str]:
    """Text in order; \\0 where a block begins or ends, \\1 for a line break. `tags` is filled on the way."""
    first, *parts = source.split("<")
    yield first
    waiting = ""  # what ends the silent part: "-->" of a comment, or the name of a silent element
    for part in parts:
        if waiting:
            text = _after_silence(part, waiting)
            if text is not None:
                waiting = ""
                yield text
        elif tag := _TAG.match(part):
            name = tag[2].lower()
            yield _MARKS.get(name, "")
            if name in _SILENT and not tag[1]:
                waiting = name
            else:
                yield part[tag.end() :]
            if name in _LINKING:
                tags.append(tag[0])
        elif part.startswith("!--"):
            text = _after_silence(part[1:], "-->")
            waiting = "-->" if text is None else ""
            yield text or ""
        else:
            yield _odd(part)


def _odd(part: str) -> str:
    """The text in what follows a `<` that begins neither a tag nor a comment."""
    if part.startswith("!["):
        return part.removeprefix("![CDATA[").partition("]]>")[0]
    return part.partition(">")[2] if part[:1] in {"!", "?", "/"} or part[:1].isalpha() else f"<{part}"


def _after_silence(part: str, waiting: str) -> str | None:
    """What follows the end that is waited for, or None while it hasn't come."""
    if waiting == "-->":
        _, mark, text = part.partition("-->")
        return text if mark else None
    return part.partition(">")[2] if part[: len(waiting) + 1].lower() == f"/{waiting}" else None
