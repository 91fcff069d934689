"""Allow-list HTML, and text out of HTML. Always the last thing done to markup; nothing here judges what is content.

nh3 parses as the HTML standard says, and is quadratic or worse in nesting, attributes, `&` and misnested links. So the
tokens are counted first: what would be slow is flattened by libxml2, and what still would be becomes escaped text.
"""

import html as entities
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import nh3
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from aggregator import urls


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


MAX_INPUT: Final = 1_000_000  # characters; the longest book chapters found in feeds are a third of it
MAX_DEPTH: Final = 100  # open elements; browsers stop at 512, real articles at 30
MAX_ATTRIBUTES: Final = 200  # of one tag
MAX_AMPERSANDS: Final = 50_000
MAX_URL: Final = 2048
_REL: Final = "noopener noreferrer nofollow"
_SMALL: Final = 2000  # characters that cannot cost much whatever they are
_PASSES: Final = 4
_ESCAPED: Final = 100_000  # characters of hostile input shown as text

BLOCKS: Final = _words(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section select summary table tbody "
    "td tfoot th thead tr ul"
)
TAGS: Final = _words(
    "a abbr aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rb rp rt rtc ruby s samp small strong sub "
    "summary sup table tbody td tfoot th thead time tr u ul var wbr"
)
_GONE: Final = _words(
    "script style noscript iframe object embed applet template select button textarea title noframes noembed xmp "
    "plaintext canvas audio video x-svg x-math"
)
_READINGS: Final = _words("rp rt rtc")  # inside ruby: how a word is pronounced, above it, is no part of the sentence
_ATTRIBUTES: Final = {
    "*": {"dir", "lang"},
    "a": {"href"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "time": {"datetime"},
    "code": {"class"},
    "pre": {"class"},
}
_FIXED: Final = {  # attribute -> what its value must look like
    "dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE),
    "lang": re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}"),
    "width": re.compile(r"[1-9]\d{0,4}"),
    "height": re.compile(r"[1-9]\d{0,4}"),
    "colspan": re.compile(r"[1-9]\d{0,2}"),
    "rowspan": re.compile(r"[1-9]\d{0,2}"),
    "span": re.compile(r"[1-9]\d{0,2}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "start": re.compile(r"-?\d{1,6}"),
    "value": re.compile(r"-?\d{1,6}"),
    "type": re.compile(r"[1aAiI]"),
    "reversed": re.compile(r"(reversed)?"),
    "datetime": re.compile(r"[0-9PTWYMDHSZ:.+\- ]{1,40}"),
}
_SPACE: Final = r"[ \t\n]"
_ATTRIBUTE: Final = (  # one attribute, as the HTML standard's tokeniser reads it
    r"[ \t\n/]*+[^ \t\n/>][^ \t\n/>=]*+"
    rf"(?:{_SPACE}*+={_SPACE}*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n>\"'][^ \t\n>]*+)?)?"
)
_TOKEN: Final = re.compile(  # every branch takes all it looked at, so that reading is linear
    r"<!--(?:>|->|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))"
    rf"|<(?P<raw>script|style|xmp|iframe|noembed|noframes|title|textarea)(?=[ \t\n/>])(?P<rest>(?:{_ATTRIBUTE})*+)"
    r"[ \t\n/]*+(?:>[^<]*+(?:<(?!/(?P=raw)[ \t\n/>])[^<]*+)*+(?:</(?P=raw)|\Z)|\Z)"
    rf"|<(?P<end>/?)(?P<name>[a-z][^ \t\n/>]*+)(?P<more>(?:{_ATTRIBUTE})*+)[ \t\n/]*+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ONE_ATTRIBUTE: Final = re.compile(_ATTRIBUTE)
_VOID: Final = _words("area base br col embed hr img input link meta source track wbr")
_IMPLIED: Final = _words("p li dd dt tr td th tbody thead tfoot option optgroup rp rt rb rtc colgroup caption")
_FORMATTING: Final = _words("a b big code em font i nobr s small strike strong tt u")
_NOSCRIPT: Final = re.compile(r"<noscript(?=[\s/>]).*?(?:</noscript[^>]*+(?:>|\Z)|\Z)", re.IGNORECASE | re.DOTALL)
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")  # would turn the line that follows a title around
_FOREIGN: Final = re.compile(r"<(/?)(svg|math)(?=[\s/>])", re.IGNORECASE)
_LANGUAGE_CLASS: Final = re.compile(
    r"(?:^|\s)(?:lang|language|highlight-source|brush:\s?)-?([A-Za-z0-9+#]{1,20})(?=\s|$)"
)
_TRACKER: Final = re.compile(
    r"//(?:[^/]*\.)?(?:feedburner\.com/~|feedsportal\.com|pixel\.wp\.com|stats\.wordpress\.com|doubleclick\.net"
    r"|google-analytics\.com|scorecardresearch\.com|quantserve\.com|facebook\.com/tr\b|medium\.com/_/stat"
    r"|pixel\.[^/]+|b\.scorecard|counter\.[^/]+|tracking\.[^/]+|rss\.buysellads\.com|vg\d\d\.met\.vgwort\.de"
    r"|[^/]+\.ivwbox\.de|api\.follow\.it/track)|/(?:pixel|spacer|blank|clear|tracking|1x1|transparent)\.(?:gif|png)\b",
    re.IGNORECASE,
)
_HIDDEN_IMAGE: Final = re.compile(
    r"<img\b(?=[^>]{0,2000}style\s*=\s*[\"']?[^\"'>]{0,200}(?:display\s*:\s*none|(?:width|height)\s*:\s*[01]px))[^>]{0,4000}>",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_WHOLE_URL: Final = re.compile(
    r"https?://[a-z0-9][a-z0-9.\-]*[a-z0-9](?::[1-9][0-9]{0,3})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?#\-]*)?"
)
_TINY: Final = re.compile(r' (?:width|height)="[12]"')
_EMPTY_ANCHOR: Final = re.compile(r'<a(?: (?!href=)[a-z]+="[^"]*")*></a>')


@dataclass(frozen=True, slots=True)
class _Cost:
    """What an HTML parser will have to carry: upper bounds, counted without building anything."""

    depth: int  # elements open at once
    attributes: int  # of one tag
    ampersands: int
    copied: int  # characters of formatting tags that misnesting may repeat


def sanitize(html: str, *, base: str = "", drop_images: bool = False) -> str:
    """HTML that can be put into any page: allow-listed elements, absolute http(s) addresses. Idempotent.

    Relative addresses are resolved against `base`; without one they are dropped. What costs too much to parse comes
    back as escaped paragraphs; nothing raises.
    """
    source = _plain_html(legal(html[:MAX_INPUT]))
    found = _cost(source)
    if _slow(found):
        source = "" if _hopeless(found) else _plain_html(_flattened(source))
        if not source or _slow(_cost(source)):
            return _escaped(html)
    cleaned = _settled(_HIDDEN_IMAGE.sub("", source) if "<img" in source.lower() else source, base, drop_images)
    return cleaned if len(cleaned) <= 2 * MAX_INPUT else _escaped(html)


def text_of(html: str) -> str:
    """Plain text of sanitised or raw HTML: block-aware, paragraphs parted by an empty line, entities decoded."""
    source = legal(html[:MAX_INPUT])
    if "<" not in source:
        return _folded([legal(entities.unescape(source))])
    if _hopeless(_cost(source)):
        return _folded([legal(entities.unescape(re.sub(r"<[^<>]*>", " ", source)))])
    root = _parsed(source)
    return "" if root is None else _folded(re.split("\0|\1[\1 \t\n]*\1", "".join(_pieces(root))))


def clean_text(value: str, limit: int) -> str:
    """One line of plain text of at most `limit` characters: no control characters, white space folded."""
    return " ".join(_BIDI.sub("", legal(value[: limit * 4 + 1000])).split())[:limit].rstrip()


def legal(value: str) -> str:
    """The text without what XML 1.0 or PostgreSQL refuses: C0 but tab and newline, C1, surrogates, U+FFFE, U+FFFF."""
    return _ILLEGAL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def html_parser(*, huge: bool = False) -> etree.HTMLParser:
    """A parser of UTF-8 whose elements are all HtmlElement.

    lxml's own asks a function in Python for the class of each element, which costs more than parsing does.
    """
    parser = etree.HTMLParser(
        remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=huge, encoding="utf-8"
    )
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def most_attributes(source: str) -> int:
    """The number of attributes of the element with most of them; below 200 it is not counted exactly."""
    if len(source) < _SMALL:
        return 0
    return max((_attributes(token["more"] or token["rest"] or "") for token in _TOKEN.finditer(source)), default=0)


def _attributes(inside: str) -> int:
    """The number of attributes within a tag; 0 where there's no room for many."""
    return sum(1 for _ in _ONE_ATTRIBUTE.finditer(inside)) if len(inside) > MAX_ATTRIBUTES else 0


def _plain_html(source: str) -> str:
    """The source with foreign elements renamed and `noscript` gone: neither is then parsed by rules of its own."""
    if "<" not in source:
        return source
    return _FOREIGN.sub(r"<\1x-\2", _NOSCRIPT.sub(" ", source))


def _cost(source: str) -> _Cost:
    if len(source) < _SMALL:
        return _Cost(depth=0, attributes=0, ampersands=0, copied=0)
    open_tags: defaultdict[str, list[int]] = defaultdict(list)  # name -> lengths of the tags that are open
    depth = deepest = attributes = carried = copied = 0
    for token in _TOKEN.finditer(source):
        name, end, more, rest = token.group("name", "end", "more", "rest")
        inside = more or rest or ""
        if len(inside) > MAX_ATTRIBUTES:
            attributes = max(attributes, _attributes(inside))
        name = (name or "").lower()
        stack = open_tags[name]
        if not name or name in _VOID or (name in _IMPLIED and stack and not end):
            continue
        size = len(inside) + 10 if name in _FORMATTING else 0
        if not end:
            stack.append(size)
            depth, carried = depth + 1, carried + size
        elif stack:
            depth, carried = depth - 1, carried - stack.pop()
        deepest, copied = max(deepest, depth), copied + carried
    return _Cost(depth=deepest, attributes=attributes, ampersands=source.count("&"), copied=copied)


def _slow(found: _Cost) -> bool:
    return found.depth > MAX_DEPTH or found.copied > MAX_INPUT or _hopeless(found)


def _hopeless(found: _Cost) -> bool:
    """Costs that no second parser takes away."""
    return found.attributes > MAX_ATTRIBUTES or found.ampersands > MAX_AMPERSANDS


def _settled(source: str, base: str, drop_images: bool) -> str:
    """Cleaned until a further pass changes nothing: serialising and parsing again isn't always the same tree."""
    tags = TAGS - {"img"} if drop_images else TAGS
    cleaned = _passed(_cleaner(tags, partial(_attribute, base)), source)
    for _ in range(_PASSES):
        again = _passed(_repeater(tags), cleaned)
        if again == cleaned:
            break
        cleaned = again
    return cleaned


def _passed(cleaner: nh3.Cleaner, source: str) -> str:
    cleaned = cleaner.clean(source)
    if "<img" in cleaned:
        cleaned = _IMAGE.sub(_image, cleaned)
    return _EMPTY_ANCHOR.sub("", cleaned.replace(f'<a rel="{_REL}">', "<a>")).strip()


@cache
def _repeater(tags: frozenset[str]) -> nh3.Cleaner:
    """Asks of no attribute's value: those are settled."""
    return _cleaner(tags, None)


def _cleaner(tags: frozenset[str], keep: Callable[[str, str, str], str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(_GONE),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        link_rel=_REL,
        url_schemes={"http", "https", "mailto"},
    )


def _attribute(base: str, tag: str, name: str, value: str) -> str | None:
    """The value to write, or None to drop the attribute."""
    if name in {"href", "src", "cite"}:
        return _address(base, value, mail=name == "href")
    if name == "rel":
        return _REL
    if name == "class":
        found = _LANGUAGE_CLASS.search(value)
        return f"language-{found[1]}" if found else None
    pattern = _FIXED.get(name)
    if pattern:
        return value if pattern.fullmatch(value) else None
    return clean_text(value, 500) if name == "title" or tag == "img" else None


def _address(base: str, value: str, *, mail: bool) -> str | None:
    if _WHOLE_URL.fullmatch(value):
        return value if len(value) <= MAX_URL else None
    value = value.strip()
    if mail and value[:7].lower() == "mailto:":
        return value if len(value) <= MAX_URL and not re.search(r"\s", value) else None
    return urls.resolve(base, value) or None


def _image(found: re.Match[str]) -> str:
    """Images without an address, and those nobody sees, go."""
    tag = found[0]
    return "" if ' src="' not in tag or _TINY.search(tag) or _TRACKER.search(tag) else tag


def _escaped(html: str) -> str:
    return "".join(
        f"<p>{entities.escape(part, quote=False)}</p>" for part in text_of(html)[:_ESCAPED].split("\n\n") if part
    )


def _parsed(source: str) -> HtmlElement | None:
    """libxml2's tree, or None when there is nothing in it."""
    try:
        return document_fromstring(source.encode("utf-8"), parser=html_parser(huge=True))
    except etree.ParserError:  # an empty document; libxml2 recovers from everything else
        return None


def _flattened(source: str) -> str:
    """The markup with what lies deeper than MAX_DEPTH turned to text, and no paragraph holding another."""
    root = _parsed(source)
    body = root.find("body") if root is not None else None
    if body is None:
        return ""
    stack = [(body, 0)]
    while stack:
        element, depth = stack.pop()
        if depth >= MAX_DEPTH // 2:
            text = "".join(element.itertext())
            tail, attributes = element.tail, dict(element.attrib)
            element.clear()
            element.tail, element.text = tail, text
            element.attrib.update(attributes)
        elif element.tag == "p" and len(element) and next(element.iterdescendants(*BLOCKS), None) is not None:
            element.tag = "div"
        stack.extend((child, depth + 1) for child in element)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in body)


def _pieces(root: HtmlElement) -> Iterator[str]:
    """Text in document order; NUL, which no text holds here, where a block begins or ends."""
    skipped: HtmlElement | None = None
    rubies = 0  # open
    for event, element in etree.iterwalk(root, events=("start", "end")):
        rubies += (element.tag == "ruby") * (1 if event == "start" else -1)
        if event == "start":
            if skipped is not None and skipped.tag in _READINGS and element.tag in BLOCKS:
                skipped = None  # nobody ended the reading
            if skipped is None and (element.tag in _GONE or (rubies and element.tag in _READINGS)):
                skipped = element
            elif skipped is None:
                yield from (_mark(element), element.text or "")
        elif skipped is None or skipped is element:
            skipped = None
            yield from (_mark(element) if element.tag in BLOCKS else "", element.tail or "")


def _mark(element: HtmlElement) -> str:
    if element.tag in BLOCKS:
        return "\0"
    return "\1" if element.tag == "br" else ""


def _folded(parts: list[str]) -> str:
    return "\n\n".join(filter(None, (" ".join(part.replace("\1", " ").split()) for part in parts)))
