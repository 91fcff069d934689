"""JSON Feed 1 and 1.1: bytes to drafts and the head of the feed. Wrong types are passed over, never an error."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import chain
from typing import Any

from aggregator import urls
from aggregator.errors import ParseError
from aggregator.model import ParsedFeed
from aggregator.parse import entries, odd_dates, text
from aggregator.parse.dates import parse_date
from aggregator.parse.draft import Draft
from aggregator.parse.incremental import KEY_SIZE


def load(document: bytes) -> Mapping[str, Any]:
    """The feed's object. Raises ParseError: parse_error for broken JSON, not_a_feed for JSON that is something else."""
    try:
        found = json.loads(document.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(
            f"the answer begins like JSON but is broken: {text.line(str(error), 200)}", error_class="parse_error"
        ) from error
    if not isinstance(found, dict) or not _is_feed(found):
        raise ParseError(
            "the answer is JSON, but not a JSON Feed: it has no version and no items of one", error_class="not_a_feed"
        )
    return found


def items(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items that are objects, in document order."""
    return [item for item in _list(found, "items") if isinstance(item, dict)]


def key(item: Mapping[str, Any], salt: bytes) -> bytes:
    """KEY_SIZE bytes: a hash of everything the item says, whatever the order of its members."""
    stated = json.dumps(item, sort_keys=True).encode()
    return blake2b(salt + b"\0" + stated, digest_size=KEY_SIZE).digest()


def head(found: Mapping[str, Any], url: str) -> ParsedFeed:
    """Everything that is said of the feed itself."""
    hubs = (hub for hub in _list(found, "hubs") if isinstance(hub, dict))
    version = _string(found, "version")
    return ParsedFeed(
        kind="json10" if version.rstrip("/").endswith("/1") else "json11",
        title=text.line(_string(found, "title"), entries.TITLE),
        url=urls.resolve(url, _string(found, "home_page_url")),
        author=_author(found),
        language=entries.language(found.get("language")),
        image=urls.resolve(url, _string(found, "icon")) or urls.resolve(url, _string(found, "favicon")),
        self_url=urls.resolve(url, _string(found, "feed_url")),
        hub_url=next((address for hub in hubs if (address := urls.resolve(url, _string(hub, "url")))), ""),
    )


def draft(item: Mapping[str, Any], base: str, *, day_first: bool | None = None) -> Draft:
    """One item. Relative addresses are resolved against `base`."""
    files = [each for each in _list(item, "attachments") if isinstance(each, dict)]
    enclosures = (
        entries.enclosure(_string(each, "url"), each.get("mime_type"), each.get("size_in_bytes"), base=base)
        for each in files[: entries.ENCLOSURES]
    )
    links = [urls.resolve(base, _string(item, name)) for name in ("url", "external_url")]
    links.append(urls.resolve("", _string(item, "id")))
    images = (urls.resolve(base, _string(item, name)) for name in ("image", "banner_image"))
    return Draft(
        id=_id(item.get("id")),
        link=next((link for link in links if link), ""),
        title=text.line(_string(item, "title"), entries.TITLE),
        author=_author(item),
        summary=entries.from_text(_string(item, "summary")),
        content=_string(item, "content_html") or entries.from_text(_string(item, "content_text")),
        published=_date(item, "date_published", day_first),
        updated=_date(item, "date_modified", day_first),
        categories=entries.unique_lines(
            [tag for tag in _list(item, "tags") if isinstance(tag, str)],
            limit=entries.CATEGORY,
            most=entries.CATEGORIES,
        ),
        enclosures=tuple(filter(None, enclosures)),
        image=next((image for image in images if image), ""),
        language=entries.language(item.get("language")),
    )


def day_first(listed: Sequence[Mapping[str, Any]], document: bytes, language: str) -> bool | None:
    """How the feed writes 5/11/2026, where that matters to one of its items."""
    stated = (_string(item, name) for item in listed for name in ("date_published", "date_modified"))
    return odd_dates.day_first(document, language) if any(map(odd_dates.is_ambiguous, stated)) else None


def _is_feed(found: Mapping[str, Any]) -> bool:
    if not isinstance(found.get("items"), list):
        return False
    named = "jsonfeed.org/version/" in _string(found, "version")
    return named or any({"content_html", "content_text"} & item.keys() for item in items(found))


def _date(item: Mapping[str, Any], name: str, day_first: bool | None) -> datetime | None:
    """Seconds as a number are taken too."""
    value = item.get(name)
    stated = str(value) if isinstance(value, int) else _string(item, name)
    return parse_date(stated[:1000], day_first=day_first)


def _id(value: object) -> str:
    """Numbers are coerced, as the specification asks."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _author(found: Mapping[str, Any]) -> str:
    """`authors` of 1.1 or `author` of 1: the names, else the addresses."""
    people = [each for each in chain(_list(found, "authors"), (found.get("author"),)) if isinstance(each, dict)]
    names = entries.unique_lines([_string(each, "name") for each in people], limit=entries.AUTHOR, most=10)
    return text.line(", ".join(names), entries.AUTHOR)


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    return value if isinstance(value, list) else []
