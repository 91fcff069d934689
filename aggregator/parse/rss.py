"""RSS, RDF and Atom: feedparser's dictionaries to drafts and to the head of the feed.

feedparser gets bytes only, with its sanitiser and URL resolving off: neither is safe, and both are most of its time.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any, Final

import feedparser

from aggregator import urls
from aggregator.model import Enclosure, ParsedFeed
from aggregator.parse import entries, identity, odd_dates, text
from aggregator.parse.dates import parse_date
from aggregator.parse.draft import Draft

_BASE: Final = re.compile(rb"base\s*=")
# An address against which everything relative stays as it is. Without any base feedparser lets an item's xml:base leak
# to the items after it.
_NO_BASE: Final = "mailto:feed"
_NOWHERE: Final = frozenset({"", _NO_BASE})
# Where xml:base makes feedparser resolve, guids are kept out of it: they would change when the feed moves.
_GUID: Final = re.compile(rb"<(guid|id)(?=[\s>])(?:\s+isPermaLink\s*=\s*(?:\"\w*\"|'\w*'))?", re.IGNORECASE)
# Descriptions of the picture or the programme, which feedparser would mix up with the item's own.
_SIDE: Final = re.compile(rb"<(/?)(media:description|itunes:summary)(?=[\s/>])[^<>]*?(/?)>")
# People whose element holds an address, or is absurdly long: feedparser's expression for addresses is quadratic, and
# takes `jane@site.online (Jane)` apart in the wrong place.
_PERSON: Final = re.compile(
    rb"(<(?:\w+:)?(?:author|creator|managingEditor|webMaster|publisher|owner|name|email)\b[^<>]*>(?:<!\[CDATA\[)?)"
    rb"([^<\]]*@[^<\]]*|[^<\]]{2000,})(?=\]\]>|</)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rb"\s*(?:mailto:)?[^\s@()]+@[^\s@()]+\s*\(([^()]*)\)\s*\Z|\s*([^@]*?)\s*(?:<|&lt;)[^\s@]+@[^\s@]+(?:>|&gt;)\s*\Z|"
    rb"\s*(?:mailto:)?(?:no-?reply|([^\s@()<>;&]+))@[^\s@()]+\.\w+\s*\Z",
    re.IGNORECASE,
)
_SKIPPED: Final = re.compile(rb"<(skipHours|skipDays)\s*>([^&]{0,2000}?)</\1\s*>")
_WHOLE: Final = ("yandex_full-text", "turbo_content")  # what feeds for Yandex call their content
DATES: Final = ("published", "created", "updated")
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:\?|\Z)", re.IGNORECASE)
_KINDS: Final = {"rss10": "rdf"}
_HOURS: Final = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 730, "yearly": 8766}
_DAYS: Final = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_LONGEST: Final = timedelta(days=366)

feedparser.api.PREFERRED_XML_PARSERS.clear()  # else each parse looks on the disk for a parser that nobody has any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """feedparser's answer: dictionaries, still as the feed has them."""

    version: str
    feed: Mapping[str, Any]
    entries: tuple[Mapping[str, Any], ...]


def base_for(document: bytes, url: str) -> str:
    """What feedparser is to join relative addresses to: the feed's own where xml:base is used, else nothing."""
    if not _BASE.search(document):
        return ""
    return url if b"xml:base" in document and urls.is_http(url) else _NO_BASE


def read(document: bytes, base: str) -> Raw:
    """feedparser's reading of a document in UTF-8. Raises what feedparser raises."""
    document = _SIDE.sub(rb"<\1\2-aside\3>", _PERSON.sub(_person, document))
    if base not in _NOWHERE:
        document = _GUID.sub(rb'<\1 isPermaLink="false"', document)
    headers = {"content-location": base, "content-type": "application/xml; charset=utf-8"}
    raw = feedparser.parse(
        io.BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return Raw(version=raw.get("version") or "", feed=raw["feed"], entries=tuple(raw["entries"]))


def head(raw: Raw, document: bytes, url: str) -> ParsedFeed:
    """Everything that is said of the feed itself. Relative addresses are resolved against the feed's own, `url`."""
    feed = raw.feed
    links = [link for link in _dicts(feed, "links") if _string(link, "href")]
    rel = {_string(link, "rel"): urls.resolve(url, _string(link, "href")) for link in reversed(links)}
    skipped = dict(_SKIPPED.findall(document)) if b"<skip" in document else {}
    images = (_string(_dict(feed, "image"), "href"), _string(feed, "logo"), _string(feed, "icon"))
    return ParsedFeed(
        kind=_KINDS.get(raw.version, raw.version or "rss"),
        feed_id=text.line(_string(feed, "id"), identity.GUID),
        title=_title(raw, feed),
        url=urls.resolve(url, _string(feed, "link")),
        author=_author(feed),
        language=entries.language(feed.get("language")),
        image=next((address for each in images if (address := urls.resolve(url, each))), ""),
        self_url=rel.get("self", ""),
        hub_url=rel.get("hub", ""),
        ttl=_ttl(feed),
        skip_hours=_skip_hours(skipped.get(b"skipHours", b"")),
        skip_days=tuple(day for day, name in enumerate(_DAYS) if name in skipped.get(b"skipDays", b"").lower()),
    )


def draft(raw: Raw, entry: Mapping[str, Any], base: str, *, day_first: bool | None = None) -> Draft:
    """One entry. `base` is what its relative addresses are resolved against where no xml:base is."""
    published, created, updated = (parse_date(_string(entry, name), day_first=day_first) for name in DATES)
    content, summary = _content(entry)
    media = [each for each in _dicts(entry, "media_content") if _string(each, "url")]
    enclosures = _enclosures(entry, media, base)
    return Draft(
        id=_string(entry, "id"),
        link=_link(entry, base),
        title=_title(raw, entry),
        author=_author(entry),
        summary=summary,
        content=content,
        published=published or created,
        updated=updated,
        categories=entries.unique_lines(
            [_string(tag, "label") or _string(tag, "term") for tag in _dicts(entry, "tags")],
            limit=entries.CATEGORY,
            most=entries.CATEGORIES,
        ),
        enclosures=enclosures,
        image=_image(entry, media, enclosures, base),
        language=_language(entry),
    )


def day_first(raw: Raw, document: bytes, language: str) -> bool | None:
    """How the feed writes 5/11/2026, where that matters to one of its entries."""
    stated = (_string(entry, name) for entry in raw.entries for name in DATES)
    return odd_dates.day_first(document, language) if any(map(odd_dates.is_ambiguous, stated)) else None


def _person(found: re.Match[bytes]) -> bytes:
    """The name alone; of a bare address what stands before the @, but for noreply."""
    if len(found[2]) >= 2000:
        return found[1]
    named = _NAMED.match(found[2])
    return found[1] + (next(filter(None, named.groups()), b"") if named else found[2])


def _string(found: Mapping[str, Any], key: str) -> str:
    """A value as feedparser has it, "" unless it is text: an element with attributes can become a dictionary."""
    value = _value(found, key)
    return value if isinstance(value, str) else ""


def _value(found: Mapping[str, Any], key: str) -> Any:
    return dict.get(found, key) if isinstance(found, dict) else None  # not through FeedParserDict's aliases


def _dict(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = _value(found, key)
    return value if isinstance(value, dict) else {}


def _dicts(found: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = _value(found, key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _title(raw: Raw, found: Mapping[str, Any]) -> str:
    """Atom says what its titles are; elsewhere text and HTML look alike."""
    literal = raw.version.startswith("atom") and _string(_dict(found, "title_detail"), "type") == "text/plain"
    return text.title(_string(found, "title") or _string(found, "itunes_title"), entries.TITLE, literal=literal)


def _author(found: Mapping[str, Any]) -> str:
    """The names, each once."""
    people = [_string(person, "name") for person in _dicts(found, "authors")]
    names = entries.unique_lines(people or [_string(found, "author")], limit=entries.AUTHOR, most=10)
    return text.line(", ".join(names), entries.AUTHOR)


def _link(entry: Mapping[str, Any], base: str) -> str:
    """FeedBurner's original address, else the entry's link, else an alternate of any type, else that of the content.

    An id that is no address doesn't become one by feedparser's taking it for a permalink.
    """
    link = _string(entry, "link")
    if link == _string(entry, "id") and not link.startswith(("/", "http")):
        link = ""
    links = ((_string(each, "rel"), _string(each, "href")) for each in _dicts(entry, "links"))
    alternates = (
        address for rel, address in links if rel.rpartition("/")[2] == "alternate"
    )  # RFC 4287, section 4.2.7.2
    elsewhere = (_string(each, "src") for each in _dicts(entry, "content") if "html" in _string(each, "type"))
    about = "" if "guidislink" in entry else _string(entry, "id")  # RSS 1.0, section 5.5: rdf:about is the link
    for address in chain((_string(entry, "feedburner_origlink"), link), alternates, elsewhere, (about,)):
        if resolved := urls.resolve(base, address):
            return resolved
    return ""


def _content(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The content and the summary, as HTML. feedparser copies a content to a missing summary; that is none."""
    details = _dicts(entry, "content")
    whole = (_string(entry, name) for name in _WHOLE)
    content = max((*(_markup(each, _string(each, "value")) for each in details), *whole), key=len)
    stated = _string(entry, "summary")
    copied = any(_string(each, "value") == stated for each in details)
    summary = "" if copied else _markup(_dict(entry, "summary_detail"), stated)
    about = _string(entry, "itunes_summary-aside")
    if not summary and not content:
        about = max((about, _string(entry, "media_description-aside"), _string(entry, "subtitle")), key=len)
    if about and not content and len(about) > len(summary) * 5 // 4:
        about = about if "</" in about or "<br" in about else entries.from_text(about)
        return (about, summary) if summary else ("", about)
    return content, summary


def _markup(detail: Mapping[str, Any], value: str) -> str:
    kind = _string(detail, "type") or "text/html"
    if kind == "text/plain":
        return entries.from_text(value)
    if kind not in {"text/html", "application/xhtml+xml"}:
        return ""  # a picture or a file, in line
    base = _string(detail, "base")
    return value if base in _NOWHERE else entries.absolute(value, base)


def _enclosures(entry: Mapping[str, Any], media: Sequence[Mapping[str, Any]], base: str) -> tuple[Enclosure, ...]:
    """Enclosures, then media:content that is sound or film and not among them; pictures are the entry's image."""
    found: dict[str, Enclosure] = {}
    links = [each for each in _dicts(entry, "links") if _string(each, "rel") == "enclosure"]
    sounding = [each for each in media if _medium(each) in {"audio", "video"}]
    for each in (*links, *sounding)[: entries.ENCLOSURES * 4]:
        length = each.get("length") or each.get("filesize")
        file = entries.enclosure(_string(each, "href") or _string(each, "url"), each.get("type"), length, base=base)
        if file:
            found.setdefault(file.url, file)
    return tuple(found.values())[: entries.ENCLOSURES]


def _medium(media: Mapping[str, Any]) -> str:
    return (_string(media, "medium") or _string(media, "type").partition("/")[0]).strip().lower()


def _image(
    entry: Mapping[str, Any], media: Sequence[Mapping[str, Any]], enclosures: Sequence[Enclosure], base: str
) -> str:
    """The largest picture named in media:content, else an enclosed one, a thumbnail, the programme's."""
    pictures = [each for each in media if _medium(each) == "image" or not _medium(each)]
    pictures.sort(key=_width, reverse=True)
    candidates = chain(
        (_string(each, "url") for each in pictures),
        (each.url for each in enclosures if each.type.startswith("image/")),
        (_string(each, "url") for each in _dicts(entry, "media_thumbnail")),
        (_string(_dict(entry, "image"), "href"),),
        filter(_PICTURE.search, (_string(entry, "href"),)),  # that of <image><url>, or of a person
    )
    return next((address for each in candidates if (address := urls.resolve(base, each))), "")


def _width(media: Mapping[str, Any]) -> int:
    digits = _string(media, "width")[:6]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _language(entry: Mapping[str, Any]) -> str:
    details = (*_dicts(entry, "content"), _dict(entry, "summary_detail"), _dict(entry, "title_detail"))
    stated = (_string(entry, "language"), *(_string(detail, "language") for detail in details))
    return next((tag for each in stated if (tag := entries.language(each))), "")


def _ttl(feed: Mapping[str, Any]) -> timedelta | None:
    """The longer of <ttl> and the syndication module's interval; None when neither makes sense."""
    wishes = []
    minutes = _number(_string(feed, "ttl"))
    if minutes:
        wishes.append(timedelta(minutes=minutes))
    hours = _HOURS.get(_string(feed, "sy_updateperiod").strip().lower())
    if hours:
        wishes.append(timedelta(hours=hours) / (_number(_string(feed, "sy_updatefrequency")) or 1))
    return min(max(wishes), _LONGEST) if wishes else None


def _number(digits: str) -> int:
    digits = digits.strip()
    return min(int(digits), 10**6) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _skip_hours(listed: bytes) -> tuple[int, ...]:
    hours = {int(hour) % 24 for hour in re.findall(rb">\s*(\d{1,2})\s*<", listed) if int(hour) <= 24}
    return tuple(sorted(hours)) if len(hours) < 24 else ()
