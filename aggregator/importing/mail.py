"""Mail messages and what is saved in their form: .eml, .mbox, .mhtml."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from itertools import islice
from typing import Final, Literal

from aggregator import urls
from aggregator.errors import ImportFailed
from aggregator.importing.charsets import decoded
from aggregator.importing.pages import address
from aggregator.importing.values import Found, Input, failed, too_large, whole
from aggregator.model import Document

_QUOTED_FROM: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_PARTS: Final = 1000  # of one message; a page with its images has some hundreds


def message(source: Input) -> Iterator[Found]:
    """A mail: its subject, sender and date are the article's title, author and date."""
    yield Found(name=source.name, document=_letter(whole(source), source.name))


def page(source: Input) -> Iterator[Found]:
    """A page saved with all it needs (RFC 2557). Its date is when it was saved, so it is left alone."""
    parsed = _parsed(whole(source), source.name)
    part, kind = _body(parsed, source.name)
    url = _header(parsed, "Snapshot-Content-Location") or _header(part, "Content-Location")
    body = _bytes(part)
    document = Document(
        kind="page" if kind == "text/html" else "text",
        body=body if kind == "text/html" else _text(part, body, source.name),
        url=urls.resolve("", url) or address(body),
        content_type=_content_type(part, kind),
        name=source.name,
    )
    yield Found(name=source.name, document=document)


def mailbox(source: Input) -> Iterator[Found]:
    """Each message of a mailbox file."""
    for number, body in enumerate(_split(source), start=1):
        name = f"{source.name}:{number}"
        try:
            if body is None:
                raise too_large(name, source.bounds)
            yield Found(name=name, document=_letter(_QUOTED_FROM.sub(rb"\1", body), name))
        except ImportFailed as error:
            yield failed(error, name)


def _split(source: Input) -> Iterator[bytes | None]:
    """Messages part at a line that begins with "From " after an empty one. One over the limit is None."""
    lines: list[bytes] = []
    size, blank, started = 0, True, False
    while line := source.file.readline(source.bounds.document + 1):
        if blank and line.startswith(b"From "):
            if started:
                yield b"".join(lines) if size <= source.bounds.document else None
            lines, size, started = [], 0, True
        elif started and (size := size + len(line)) <= source.bounds.document:
            lines.append(line)
        blank = not line.strip()
    if started:
        yield b"".join(lines) if size <= source.bounds.document else None


def _letter(body: bytes, name: str) -> Document:
    parsed = _parsed(body, name)
    part, kind = _body(parsed, name)
    content = _bytes(part)
    sender, mailbox_address = parseaddr(_header(parsed, "From"))
    return Document(
        kind="page" if kind == "text/html" else "text",
        body=content if kind == "text/html" else _text(part, content, name),
        content_type=_content_type(part, kind),
        name=name,
        title=_header(parsed, "Subject"),
        author=sender or mailbox_address,
        published=_date(_header(parsed, "Date")),
    )


def _parsed(body: bytes, name: str) -> Message:
    try:
        return message_from_bytes(body)
    except (RecursionError, ValueError, LookupError) as error:
        raise ImportFailed(f"{name}: not a message that can be read: {error}", error_class="parse_error") from None


def _body(parsed: Message, name: str) -> tuple[Message, Literal["text/html", "text/plain"]]:
    """The first HTML part, else the first part of plain text, attached files left out."""
    plain: Message | None = None
    for part in islice(parsed.walk(), _PARTS):
        if part.get_content_disposition() == "attachment" or part.is_multipart():
            continue
        if part.get_content_type() == "text/html":
            return part, "text/html"
        if plain is None and part.get_content_type() == "text/plain":
            plain = part
    if plain is None or not _bytes(plain).strip():
        raise ImportFailed(f"{name}: a message without a text")
    return plain, "text/plain"


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message, body: bytes, name: str) -> str:
    charset = part.get_content_charset() or ""
    try:
        return body.decode(charset or "ascii").replace("\r\n", "\n")
    except (LookupError, ValueError):
        return decoded(body, name)


def _content_type(part: Message, kind: str) -> str:
    charset = part.get_content_charset() if kind == "text/html" else ""
    return f"{kind}; charset={charset}" if charset else kind


def _header(part: Message, name: str) -> str:
    value = str(part.get(name, ""))
    try:
        text = str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        text = value
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _date(value: str) -> datetime | None:
    """A date that can't be read is none: the message is worth keeping without it."""
    try:
        parsed = parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
