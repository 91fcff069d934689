"""Where the items of an XML feed lie in its bytes, so that those seen before need not be parsed again.

One expat pass finds each item's first and last byte; an item is known by a hash over its bytes and the start tags
around it; the known ones are cut out and everything else stays byte for byte. expat is the parser below feedparser, so
"well-formed" means the same for both. Whenever cutting could change what the other items mean, `unsafe` says why and
the whole document is parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from xml.parsers import expat

MAX_DEPTH: Final = 2000  # open elements; feedparser survives more, readers of its result may not
MAX_ATTRIBUTES: Final = 200  # of one element: feedparser is quadratic in them
MAX_NAMESPACES: Final = 200
KEY_SIZE: Final = 10  # bytes of an item's own hash; MARK_SIZE of its guid's follow
MARK_SIZE: Final = 6

# What feedparser takes for the feed's own vocabulary, in lower case.
_FEED_NAMESPACES: Final = frozenset(
    {
        "",
        "http://www.w3.org/2005/atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
    }
)
# Vocabularies that mean the same wherever they are declared, since feedparser has a fixed prefix for each.
_KNOWN_NAMESPACES: Final = frozenset(
    {
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
        "http://purl.org/rss/1.0/modules/content/",
        "http://purl.org/rss/1.0/modules/slash/",
        "http://purl.org/rss/1.0/modules/threading/",
        "http://rssnamespace.org/feedburner/ext/1.0",
        "http://search.yahoo.com/mrss",
        "http://search.yahoo.com/mrss/",
        "http://wellformedweb.org/commentapi/",
        "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "http://www.w3.org/1999/xhtml",
    }
)
_ITEMS: Final = frozenset({"item", "entry"})
_PLACES: Final = frozenset({("rss", "channel"), ("feed",), ("rdf",)})  # the elements around items
_START_TAG: Final = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What one pass over a document found. Offsets count bytes."""

    root: str = ""  # local name in lower case
    spans: tuple[tuple[int, int], ...] = ()  # of each item: first byte, byte after the last
    context: bytes = b""  # the start tags around the items
    unsafe: str = ""  # why items can't be cut out
    error: int = 0  # expat's code, 0 for a well-formed document
    error_at: int = 0
    entities: bool = False  # it declares entities of its own
    excess: str = ""  # a bound that it breaks


def scan(document: bytes) -> Layout:
    """One pass over UTF-8 XML. Never raises: what is wrong with the document is in the answer."""
    return _Pass(document).run()


def keys(document: bytes, layout: Layout, salt: bytes) -> list[bytes]:
    """KEY_SIZE bytes for each item: a hash of its bytes and of everything that decides what they mean."""
    base = blake2b(salt + b"\0" + layout.context, digest_size=KEY_SIZE)
    found = []
    for start, end in layout.spans:
        item = base.copy()
        item.update(document[start:end])
        found.append(item.digest())
    return found


def mark(identity: str) -> bytes:
    """MARK_SIZE bytes that tell whether another item has the same guid; zeros for none."""
    if not identity:
        return bytes(MARK_SIZE)
    return blake2b(identity.encode("utf-8", "replace"), digest_size=MARK_SIZE).digest()


def split_marks(known: bytes) -> dict[bytes, bytes]:
    """The marks by the keys out of ParsedFeed.items; what has another length is from elsewhere and knows nothing."""
    size = KEY_SIZE + MARK_SIZE
    if len(known) % size:
        return {}
    return {known[at : at + KEY_SIZE]: known[at + KEY_SIZE : at + size] for at in range(0, len(known), size)}


def joined(found: Iterable[tuple[bytes, bytes | None]]) -> bytes:
    """ParsedFeed.items out of each item's key and mark, in feed order.

    An item without a mark gave no entry, since another came first: it stays unknown, to be read when that one goes.
    """
    seen: set[bytes] = set()
    fields = []
    for key, mark_of in found:
        fields.append(bytes(KEY_SIZE + MARK_SIZE) if mark_of is None or key in seen else key + mark_of)
        seen.add(key)
    return b"".join(fields)


def without(document: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """The document with these parts, given in order, cut out."""
    kept, position = [], 0
    for start, end in spans:
        kept.append(document[position:start])
        position = end
    kept.append(document[position:])
    return b"".join(kept)


def closed(document: bytes, layout: Layout) -> bytes:
    """A document that breaks off, ended after its last whole item."""
    names = [tag[1] for tag in re.finditer(rb"<([^\s<>/]+)[^<]*", layout.context)]
    return document[: layout.spans[-1][1]] + b"".join(b"</%b>" % name for name in reversed(names))


class _Pass:
    """The state of one pass; `start`, `end`, `namespace`, `doctype` and `entity` are expat's handlers."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.spans: list[tuple[int, int]] = []
        self.around: list[tuple[str, int]] = []  # name and offset of the open elements outside of items
        self.context: bytes | None = None
        self.root = self.unsafe = self.excess = ""
        self.depth = self.item_depth = self.item_start = 0
        self.entities = False
        self.inner: set[str] = set()  # names met within items
        self.prefixes: dict[str | None, str] = {}
        self.pending: list[tuple[str | None, str]] = []  # declared by the element that comes next
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartNamespaceDeclHandler = self.namespace
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity

    def run(self) -> Layout:
        error = error_at = 0
        try:
            self.parser.Parse(self.document, True)
        except expat.ExpatError as problem:
            error, error_at = problem.code, self.parser.ErrorByteIndex
        return Layout(
            root=self.root,
            spans=tuple(self.spans),
            context=self.context or b"",
            unsafe=self.unsafe,
            error=error,
            error_at=error_at,
            entities=self.entities,
            excess=self.excess,
        )

    def start(self, name: str, attributes: Any) -> None:  # a list, since ordered_attributes is set
        self.depth += 1
        if self.pending or len(attributes) > 2 * MAX_ATTRIBUTES or self.depth > MAX_DEPTH:
            self.excess = self.excess or self.measure(len(attributes) // 2)
        if name in self.inner and self.item_depth and not self.pending:
            return
        namespace, _, local = name.rpartition(" ")
        local = local.lower()
        if local in _ITEMS:
            self.start_item(namespace.lower())
        elif self.item_depth:
            self.inner.add(name)
        else:
            self.around.append((local, self.parser.CurrentByteIndex))
            self.root = self.root or local
        if self.pending:
            self.declare()

    def measure(self, attributes: int) -> str:
        """What bound the element that begins breaks."""
        if attributes > MAX_ATTRIBUTES:
            return f"an element has {attributes} attributes"
        if self.depth > MAX_DEPTH:
            return f"elements are nested more than {MAX_DEPTH} deep"
        return f"an element declares {len(self.pending)} namespaces" if len(self.pending) > MAX_NAMESPACES else ""

    def end(self, _name: str) -> None:
        if self.item_depth == self.depth:
            self.end_item()
        elif not self.item_depth:
            self.around.pop()
        self.depth -= 1

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        self.pending.append((prefix, uri or ""))

    def doctype(self, _name: str, _system: str | None, _public: str | None, internal: object) -> None:
        if internal:
            self.unsafe = "a document type of its own"

    def entity(self, *_declared: object) -> None:
        self.entities = True

    def start_item(self, namespace: str) -> None:
        if self.item_depth:
            self.unsafe = "an item within an item"
            return
        self.item_depth, self.item_start = self.depth, self.parser.CurrentByteIndex
        self.root = self.root or "item"
        if tuple(name for name, _ in self.around) not in _PLACES:
            self.unsafe = "an item in an odd place"
        if namespace not in _FEED_NAMESPACES:
            self.unsafe = "an item in an unknown namespace"
        tags = [_START_TAG.match(self.document, at) for _, at in self.around]
        context = b"".join(tag[0] for tag in tags if tag)
        if self.context not in {None, context}:
            self.unsafe = "items in two places"
        self.context = context

    def end_item(self) -> None:
        """For `<item/>` expat gives the offset behind the tag, where another end tag may stand: it is not to be cut."""
        opening = _START_TAG.match(self.document, self.item_start)
        if opening and not opening[0].endswith(b"/>"):
            self.spans.append((self.item_start, self.document.index(b">", self.parser.CurrentByteIndex) + 1))
        else:
            self.unsafe = "an empty item"
        self.item_depth = 0

    def declare(self) -> None:
        """A declaration within an item must not matter to another item: feedparser never forgets a prefix."""
        for prefix, uri in self.pending:
            bound = self.prefixes.get(prefix)
            if prefix is None and self.item_depth:
                strange = uri.lower() in _FEED_NAMESPACES and uri != bound
            elif bound is None:
                self.prefixes[prefix] = uri
                strange = bool(self.item_depth) and uri.lower() not in _KNOWN_NAMESPACES
            else:
                strange = uri != bound and prefix is not None
            if strange:
                self.unsafe = "a namespace declared within an item"
        self.pending.clear()
