"""Where the items of an XML feed lie in its bytes, so that those seen before need not be parsed again.

One expat pass finds each item's first and last byte; an item is known by a hash over its bytes and the start tags
around it; the known ones are cut out and everything else stays byte for byte. `scan_rest` spares that pass the known
items too. expat is the parser below feedparser, so "well-formed" means the same for both. Whenever cutting could change
what the other items mean, `unsafe` says why and the whole document is parsed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final
from xml.parsers import expat

from aggregator.parse.identity import MARK_SIZE, Shared

MAX_DEPTH: Final = 2000  # open elements; feedparser survives more, readers of its result may not
MAX_ATTRIBUTES: Final = 200  # of one element: feedparser is quadratic in them
MAX_NAMESPACES: Final = 200
KEY_SIZE: Final = 10  # bytes of an item's own hash; those of its identity's mark follow
MOST_SHARED: Final = 64  # ids of one feed that are remembered to be several stories'
_SHARED: Final = b"\0ids"  # instead of a hash: the mark of an id that several stories have, and of its owner's place

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
_FIRST_ITEM: Final = re.compile(rb"<(item|entry)[\s>]")
_STUB: Final = b"<?known-item?>"
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
    keys: Mapping[tuple[int, int], bytes] = field(default_factory=dict)  # of the items that were known by their bytes


def scan(document: bytes) -> Layout:
    """One pass over UTF-8 XML. Never raises: what is wrong with the document is in the answer."""
    return _Pass(document).run()


def scan_rest(document: bytes, salt: bytes, marks: Mapping[bytes, bytes]) -> Layout | None:
    """What `scan` gives, with the keys of the items in `marks`, which are not read again; None where all must be.

    Their bytes are searched for, and an instruction is put in the place of each. That expat comes to it where items
    stand shows that they are an item there, and no words in a comment, a CDATA section or another item. One that
    declares a namespace may matter to another item and is read.
    """
    first = _FIRST_ITEM.search(document)
    if not marks or not first or _STUB in document:
        return None
    head = _Pass(document[: first.start()])
    if not head.begin():
        return None
    base = _base(salt, head.surroundings())
    known = {
        span: key
        for span in _candidates(document, first)
        if (key := _key(base, item := document[slice(*span)])) in marks and b"xmlns" not in item
    }
    if not known:
        return None
    rest = _Pass(without(document, known, _STUB), head)
    found = rest.run()
    if found.error or found.unsafe or found.excess or rest.stubs != len(known):
        return None
    return replace(found, spans=tuple(_put_back(found.spans, tuple(known))), keys=known)


def _candidates(document: bytes, first: re.Match[bytes]) -> Iterator[tuple[int, int]]:
    """From each start tag of items to the next end tag: what looks like items."""
    opening, closing = b"<" + first[1], b"</%b>" % first[1]
    start = first.start()
    while start >= 0 and (end := document.find(closing, start)) >= 0:
        yield start, end + len(closing)
        start = document.find(opening, end)


def _put_back(spans: Iterable[tuple[int, int]], known: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the items and stubs lie in the document that lie there in what was left of it."""
    ends = dict(known)
    shift = 0
    for start, end in spans:
        place = start + shift
        shift = ends.get(place, end + shift) - end
        yield place, end + shift


def keys(document: bytes, layout: Layout, salt: bytes) -> list[bytes]:
    """KEY_SIZE bytes for each item: a hash of its bytes and of everything that decides what they mean."""
    base = _base(salt, layout.context)
    return [layout.keys.get((start, end)) or _key(base, document[start:end]) for start, end in layout.spans]


def _base(salt: bytes, context: bytes) -> blake2b:
    return blake2b(salt + b"\0" + context, digest_size=KEY_SIZE)


def _key(base: blake2b, item: bytes) -> bytes:
    hashed = base.copy()
    hashed.update(item)
    return hashed.digest()


def split_marks(known: bytes) -> dict[bytes, bytes]:
    """The marks by the keys out of ParsedFeed.items; what has another length is from elsewhere and knows nothing."""
    return {key: mark for key, mark in _records(known) if not key.startswith(_SHARED)}


def split_shared(known: bytes) -> Shared:
    """The ids that several stories have, out of ParsedFeed.items."""
    if _SHARED not in known:
        return {}
    return {key[len(_SHARED) :]: mark for key, mark in _records(known) if key.startswith(_SHARED)}


def _records(known: bytes) -> Iterator[tuple[bytes, bytes]]:
    size = KEY_SIZE + MARK_SIZE
    for at in range(0, 0 if len(known) % size else len(known), size):
        yield known[at : at + KEY_SIZE], known[at + KEY_SIZE : at + size]


def joined(found: Iterable[tuple[bytes, bytes | None]], shared: Shared) -> bytes:
    """ParsedFeed.items out of each item's key and mark, in feed order, and the ids that several stories have.

    An item without a mark gave no entry, since another came first: it stays unknown, to be read when that one goes.
    """
    seen: set[bytes] = set()
    fields = []
    for key, mark_of in found:
        fields.append(bytes(KEY_SIZE + MARK_SIZE) if mark_of is None or key in seen else key + mark_of)
        seen.add(key)
    fields.extend(_SHARED + claim + owner for claim, owner in list(shared.items())[-MOST_SHARED:])
    return b"".join(fields)


def without(document: bytes, spans: Iterable[tuple[int, int]], stub: bytes = b"") -> bytes:
    """The document with these parts, given in order, cut out, and `stub` in the place of each."""
    kept, position = [], 0
    for start, end in spans:
        kept.append(document[position:start])
        position = end
    kept.append(document[position:])
    return stub.join(kept)


def closed(document: bytes, layout: Layout) -> bytes:
    """A document that breaks off, ended after its last whole item."""
    names = [tag[1] for tag in re.finditer(rb"<([^\s<>/]+)[^<]*", layout.context)]
    return document[: layout.spans[-1][1]] + b"".join(b"</%b>" % name for name in reversed(names))


class _Pass:
    """The state of one pass; `start`, `end`, `namespace`, `doctype`, `entity` and `stub` are expat's handlers.

    `head`: the pass over what stands before the first item, where stubs stand for others.
    """

    def __init__(self, document: bytes, head: "_Pass | None" = None) -> None:
        self.document = document
        self.stubs = 0
        self.spans: list[tuple[int, int]] = []
        self.around: list[tuple[str, int]] = []  # name and offset of the open elements outside of items
        self.context: bytes | None = None
        self.place: list[tuple[str, int]] = []  # what is open around stubs
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
        if head:
            self.context, self.place = head.surroundings(), head.around
            self.parser.ProcessingInstructionHandler = self.stub

    def begin(self) -> bool:
        """Read the beginning of a document; False when something is wrong with it already."""
        try:
            self.parser.Parse(self.document, False)
        except expat.ExpatError:
            return False
        return True

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
        context = self.surroundings()
        if self.context not in {None, context}:
            self.unsafe = "items in two places"
        self.context = context

    def surroundings(self) -> bytes:
        """The start tags of the elements that are open around items."""
        tags = [_START_TAG.match(self.document, at) for _, at in self.around]
        return b"".join(tag[0] for tag in tags if tag)

    def stub(self, _target: str, _data: str) -> None:
        at = self.parser.CurrentByteIndex
        if not self.item_depth and self.around == self.place and self.document.startswith(_STUB, at):
            self.spans.append((at, at + len(_STUB)))
            self.stubs += 1

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
