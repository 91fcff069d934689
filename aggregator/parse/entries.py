"""What every format's entries go through: limits, identity, the hash of what a reader sees. No format is read here."""

import html
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from aggregator import urls
from aggregator.model import Enclosure, Entry
from aggregator.parse import identity, text
from aggregator.parse.draft import Draft

# Characters: longer values are cut.
TITLE: Final = 1000
AUTHOR: Final = 200
CATEGORY: Final = 100
CONTENT: Final = 512 * 1024
TEXT: Final = 64 * 1024
CATEGORIES: Final = 50
ENCLOSURES: Final = 20
LANGUAGE: Final = 35
PROBLEMS: Final = 10

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")
_MIME: Final = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}\Z", re.ASCII)
_ADDRESS: Final = re.compile(r"""\s(src|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_RELATIVE: Final = re.compile(
    r"""(<[a-z][^<>]*?\s(?:href|src|poster)\s*=\s*)(?:(["'])(?![a-z][a-z0-9+.-]*:|\#)([^"'<>]*)\2|"""
    r"""(?![a-z][a-z0-9+.-]*:|\#|["'])([^\s"'<>]+))""",
    re.IGNORECASE,
)


def finished(drafts: Sequence[Draft], shared: identity.Shared) -> list[tuple[str, Entry | None]]:
    """For each draft the identity it claims, and its entry: None for one that repeats another or says nothing."""
    seen: set[str] = set()
    result: list[tuple[str, Entry | None]] = []
    for draft in drafts:
        claimed = identity.claimed(draft)
        guid = identity.guid(draft, claimed, shared)
        empty = not (draft.title or draft.content or draft.summary or draft.link or draft.enclosures or draft.image)
        result.append((claimed, None if empty or guid in seen else _entry(draft, guid)))
        seen.add(guid)
    return result


def enclosure(url: str, kind: object, length: object, *, base: str) -> Enclosure | None:
    """An enclosure out of what a feed says of it; None without a web address."""
    address = urls.resolve(base, url)
    if not address:
        return None
    mime = kind.partition(";")[0].strip().lower() if isinstance(kind, str) else ""
    digits = str(length).strip()[:17].replace(",", "") if isinstance(length, str | int) else ""
    size = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else 0
    return Enclosure(url=address, type=mime if _MIME.match(mime) else "", length=size)


def unique_lines(values: Sequence[str], *, limit: int, most: int) -> tuple[str, ...]:
    """Each value as one line of plain text, the first spelling of each, in order."""
    found: dict[str, str] = {}
    for value in values[: most * 4]:
        label = text.title(value, limit)
        if label:
            found.setdefault(label.casefold(), label)
    return tuple(found.values())[:most]


def language(value: object) -> str:
    """A language tag, or "" for what can't be one."""
    tag = value.strip().replace("_", "-") if isinstance(value, str) else ""
    return tag if len(tag) <= LANGUAGE and _LANGUAGE.match(tag) else ""


def absolute(markup: str, base: str) -> str:
    """HTML whose relative links and images are resolved against `base`: where xml:base makes that another address than
    the entry's own, which is what a sanitiser takes."""
    if not base or "=" not in markup:
        return markup

    def resolved(found: re.Match[str]) -> str:
        address = urls.resolve(base, html.unescape(found[3] if found[2] else found[4]))
        return f'{found[1]}"{html.escape(address)}"' if address else found[0]

    return _RELATIVE.sub(resolved, markup)


def from_text(value: str) -> str:
    """HTML of plain text."""
    lines = html.escape(value, quote=False).strip().splitlines()
    return "<p>" + "<br>".join(lines) + "</p>" if lines else ""


def cut(markup: str) -> str:
    """HTML of at most CONTENT characters, not ending within a tag."""
    if len(markup) <= CONTENT:
        return markup
    markup = markup[:CONTENT]
    last = markup.rfind("<")
    return markup[:last] if last > CONTENT - 4096 and ">" not in markup[last:] else markup


def _entry(draft: Draft, guid: str) -> Entry:
    content, summary = text.legal(draft.content), text.legal(draft.summary)
    if summary.strip() == content.strip():
        summary = ""
    content, summary = cut(content), cut(summary)
    (plain_content, tags), (plain_summary, more_tags) = text.read(content), text.read(summary)
    return Entry(
        guid=guid,
        url=draft.link,
        title=draft.title,
        author=draft.author,
        summary=summary,
        content=content,
        text=max(plain_content, plain_summary, key=len)[:TEXT],
        published=draft.published or draft.updated,
        updated=draft.updated,
        categories=draft.categories,
        enclosures=draft.enclosures[:ENCLOSURES],
        image=draft.image,
        language=draft.language,
        hash=_hash(draft, (plain_content, plain_summary, *_addresses([*tags, *more_tags]))),
    )


def _hash(draft: Draft, seen: Sequence[str]) -> bytes:
    """Of title, text, links, images and files; dates, markup and what changes without an edit are left out.

    So is the move to https: it changes every address of a feed at once, and nothing that is read.
    """
    files = (each.url.partition("?")[0] for each in draft.enclosures)
    fields = (draft.title, urls.strip_tracking(draft.link), *files, "", *seen)
    seen_at_all = "\0".join(fields).replace("http://", "https://")
    return blake2b(seen_at_all.encode("utf-8", "replace"), digest_size=16).digest()


def _addresses(tags: Sequence[str]) -> list[str]:
    """Links without tracking; images without their query, where signatures stand that change at each fetch."""
    found = []
    for tag in tags:
        for match in _ADDRESS.finditer(tag):
            address = html.unescape(match[2] or match[3] or match[4] or "")
            found.append(address.partition("?")[0] if match[1].lower() == "src" else urls.strip_tracking(address))
    return found
