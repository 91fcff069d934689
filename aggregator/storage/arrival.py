"""What follows from an addition before any table is looked at: its columns, its dates, its addresses. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from aggregator import dedup, urls
from aggregator.model import Article, Entry
from aggregator.storage.codec import bare, clean, enclosures_out, guid_key, json_text, ms, pack
from aggregator.storage.records import Addition

ID_LENGTH: Final = 1000  # characters; a longer guid gets an id of ours
QUALITY: Final = {"full": 5, "teaser": 4, "paywalled": 3, "failed": 2, "blocked": 1, "empty": 0}

# An IRI with a scheme, by RFC 3987 in its gist: no blanks, no controls, none of the characters that it forbids.
_IRI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\xa0<>\"{}|\\^`\u2028\u2029\ud800-\udfff\ufff0-\uffff]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An addition with what follows from it. `columns` are those of `articles` that an edit may change."""

    addition: Addition
    now: datetime
    claimed: tuple[str, ...]  # canonical addresses that it says are its own
    published: datetime
    columns: dict[str, Any]
    body: dict[str, Any]
    keys: tuple[int, ...]  # what it is found by among near-identical texts and among stories of its title

    @property
    def article(self) -> Article:
        """The clean text."""
        return self.addition.cleaned.article

    @property
    def rank(self) -> int:
        """How good its text is; a lower one never takes the place of a higher one."""
        return QUALITY[self.article.quality]


def prepare(addition: Addition, now: datetime) -> Incoming:
    """Work out what will be stored."""
    article, entry = addition.cleaned.article, addition.entry or Entry(guid="")
    dated = entry.published or article.published or addition.first_seen
    columns, body = _columns(addition, article, entry), _body(article, entry)
    return Incoming(
        addition=addition,
        now=now,
        claimed=_claimed(article, entry),
        published=min(dated, addition.first_seen),
        columns=columns | {"body": pack(body)},
        body=body,
        keys=dedup.keys(article.fingerprint, columns["title"]),
    )


def _claimed(article: Article, entry: Entry) -> tuple[str, ...]:
    given = (article.url, entry.url, article.canonical_url)
    return tuple(dict.fromkeys(urls.canonical(url) for url in dict.fromkeys(given) if url))


def trusted(incoming: Incoming) -> tuple[str, ...]:
    """The addresses that a story may be known under from now on.

    A page may say that it is a copy of another site's story, and is taken at its word; it may not claim that site's
    address for itself, or it could keep the real story out.
    """
    home = urls.site(incoming.columns["url"])
    foreign = incoming.article.canonical_url
    if not foreign or not home or urls.site(foreign) == home:
        return incoming.claimed
    other = urls.canonical(foreign)
    return tuple(url for url in incoming.claimed if url != other)


def candidate(incoming: Incoming) -> dedup.Known:
    """The story as the judge of duplicates sees it."""
    return dedup.Known(
        key=0,
        fingerprint=incoming.article.fingerprint,
        text=incoming.body["text"],
        canonical=incoming.claimed,
        title=incoming.columns["title"],
        quality=incoming.article.quality,
        priority=incoming.addition.priority,
        published=incoming.published,
    )


def _columns(addition: Addition, article: Article, entry: Entry) -> dict[str, Any]:
    return {
        "priority": addition.priority,
        "title": clean(article.title or entry.title),
        "url": clean(article.url or article.canonical_url or entry.url),
        "author": clean(article.author or entry.author),
        "language": clean(article.language or entry.language or addition.source.language),
        "direction": article.direction,
        "image": clean(article.image or entry.image),
        "quality": article.quality,
        "origin": article.origin,
        "layer": clean(addition.cleaned.layer),
        "tags": clean(json_text(list(dict.fromkeys(addition.tags)))),
        "text_hash": hash_of(article.fingerprint),
        "fingerprint": article.fingerprint,
    }


def hash_of(fingerprint: bytes) -> bytes | None:
    """The exact text's hash, or None when the text has none."""
    return (dedup.text_hash(fingerprint) or None) if fingerprint else None


def _body(article: Article, entry: Entry) -> dict[str, Any]:
    optional = {
        "summary": clean(article.summary),
        "categories": [clean(name) for name in entry.categories],
        "enclosures": enclosures_out(entry.enclosures),
        "site_name": clean(article.site_name),
        "canonical_url": clean(article.canonical_url),
        "published": article.published.isoformat() if article.published else "",
        "modified": article.modified.isoformat() if article.modified else "",
    }
    return {"html": clean(article.html), "text": clean(article.text), **bare(optional)}


def guid_id(addition: Addition) -> str:
    """The feed's own id, byte for byte, when it can stand as an Atom id; else nothing."""
    guid = addition.entry.guid if addition.entry else ""
    return guid if len(guid) <= ID_LENGTH and _IRI.fullmatch(guid) else ""


def tag_id(addition: Addition, instance: str) -> str:
    """An id of ours by RFC 4151: the authority is the store's own, a new address of the service changes none."""
    guid = addition.entry.guid if addition.entry else ""
    seed = guid_key(guid) if guid else addition.import_key or addition.cleaned.article.text.encode("utf-8", "replace")
    digest = blake2b(f"{addition.feed_url}\n".encode("utf-8", "replace") + seed, digest_size=12).hexdigest()
    return f"tag:{instance},{addition.first_seen:%Y-%m-%d}:{digest}"


def entered(incoming: Incoming) -> dict[str, Any]:
    """The columns that are set when an article is new and stay."""
    return {
        "entry": incoming.addition.entry_id,
        "live": int(incoming.addition.live),
        "entered_at": ms(incoming.now),
        "published": ms(incoming.published),
        "updated": ms(incoming.published),
    }
