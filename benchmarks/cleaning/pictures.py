"""Which pictures of a page are its article's, by the gold text and the page alone, never by what the cleaner puts out.

A picture is the article's when it stands between the first and the last block of the gold text in document order, or
stands above and is the one that the page states for sharing (og:image), or has a caption below the headline: the lead.
It is not when

- nothing in it, in its picture's sources, in the link around it or in the noscript after it names a file: all data: or
  placeholders. Nobody could show it;
- it says that it is small (no side above 120 pixels: icons, avatars, badges) or the page shows it three times or more,
  not counting the copies in noscript elements, which lazy loading adds to each;
- its class, its file, its link's address or the class of something between it and the story's text calls it an
  advertisement, or its short alternative text says that it is a button, an icon or a headshot;
- its class or its file calls it an icon, unless it is stated to be larger than one;
- its class, its file or a short alternative text calls it a logo, and it is a link to a page or has the site's name; or
  it is a link to a page and its short alternative text offers a download;
- it stands in nav, footer, header of a site, aside, form or button, or in something called an avatar, author, byline or
  buttons, or its alternative text is the author's name and no more;
- its box is chrome. The box is the largest element around it without a block of the gold. It is chrome when links hold
  half of its words other than captions, which often are a linked source; when three or more of its pictures lead to
  pages; or when the picture leads to a page and either the box has a heading or a line that is a link, or the picture
  is 2.5 times as wide as high: a banner.

What is said of a picture in words (alt, title) names no file, though it may look like one. A stated picture above the
story is no lead where it is a link to a page: of another story, or home; nor in a box that is called a list of stories.

So advertisements that nothing calls so count as the article's, and product pictures beside a shop's button don't.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from labels import align
from lxml.html import HtmlElement

from aggregator.clean.blocks import Block, page_blocks
from aggregator.clean.sources import picture_key

SMALL = 120  # pixels
EM = 16  # pixels
BANNER = 2.5  # width by height
SHARE = 0.5  # of a block's words that the gold has; of a box's words in links
FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?)(?:$|[?#])", re.IGNORECASE)
NOTHING = re.compile(
    r"placeholder|spacer|blank\.|1x1|lazy[_-]?load|transparent\.|/pixel\.|loading\.|grey\.", re.IGNORECASE
)
CHROME = frozenset({"nav", "footer", "aside", "form", "button"})
PEOPLE = re.compile(r"avatar|author|byline|headshot|(?:^|[\s_\-])buttons?(?=$|[\s_\-])", re.IGNORECASE)
LISTED = re.compile(r"(?:^|[\s_\-])(?:trending|related|popular|sidebar|recommended)(?=$|[\s_\-])", re.IGNORECASE)
ICON = re.compile(r"(?:^|[\s/_\-])(?:app-?)?icons?(?=$|[\s/_\-.])", re.IGNORECASE)  # of a class or a file
ADVERTISED = re.compile(r"(?:^|[\s_\-])(?:ads?|advert\w*|cta)(?=$|[\s_\-\d])", re.IGNORECASE)  # class names
ADVERT_FILE = re.compile(
    r"/(?:[a-z]+-)?(?:ads?|adverts?|houseads?|advert-click)/|[/_-]cta(?:[-_]?\d+)?[-_.]", re.IGNORECASE
)
LABELLED = re.compile(r"\b(?:button|icon|headshot)\b", re.IGNORECASE)
LOGO = re.compile(r"(?:^|[\W_])logos?(?=$|[\W_\d])", re.IGNORECASE)
OFFER = re.compile(r"\bdownloads?\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
WORDS = frozenset({"alt", "title", "aria-label", "aria-describedby", "data-caption", "data-alt", "data-title"})
SHORT = 6  # words
STATED = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")


@dataclass(frozen=True)
class Picture:
    """A picture of a page: the keys it may come out under, and where it stands: lead, article, chrome or elsewhere."""

    keys: frozenset[str]
    place: str


def key_of(address: str) -> str:
    """The same for one picture in several sizes and spellings."""
    return picture_key(unquote(address))


@dataclass(frozen=True)
class Aligned:
    """A page's blocks, parted by whether most of a block's words stand in the gold text, where it has its place."""

    golds: tuple[Block, ...]
    others: tuple[Block, ...]


def aligned(tree: HtmlElement, gold: str) -> Aligned:
    """The blocks of a page, beside its gold text."""
    blocks = page_blocks(tree)
    shares = align([block.text for block in blocks], gold)
    told = [(block, share >= SHARE) for block, share in zip(blocks, shares, strict=True)]
    return Aligned(tuple(block for block, own in told if own), tuple(block for block, own in told if not own))


def pictures(tree: HtmlElement, found: Aligned, base: str, author: str = "") -> list[Picture]:
    """The page's pictures in document order, one for each file; none when the gold text isn't found in it."""
    page = _Page(tree, found, base, author)
    listed: list[Picture] = []
    known: set[str] = set()
    for image in tree.iter("img", "amp-img") if page.holders else ():
        keys = page.keys(image)
        if keys and not keys & known:
            known |= keys
            listed.append(Picture(keys=keys, place=page.place(image, keys)))
    return listed


class _Page:
    """What is asked of one page again and again."""

    def __init__(self, tree: HtmlElement, found: Aligned, base: str, author: str) -> None:
        self.base = base
        self._author = _bare(author)
        self._order = {element: place for place, element in enumerate(tree.iter())}
        kept, self._others = found.golds, found.others
        self.holders = {above for block in kept for above in _upward(block.element)}
        self._first, self._last = (self._start(kept[0]), self._start(kept[-1])) if kept else (0, 0)
        stated = (meta.get("content") or "" for meta in tree.iter("meta") if meta.get("property") in STATED)
        stated_names = (meta.get("content") or "" for meta in tree.iter("meta") if meta.get("name") in STATED)
        self._headline = next((self._order[each] for each in tree.iter("h1")), None)
        self._stated = {key_of(urljoin(base, each)) for each in (*stated, *stated_names) if each}
        seen = (each for each in tree.iter("img", "amp-img") if next(each.iterancestors("noscript"), None) is None)
        self._times = Counter(key for image in seen for key in self.keys(image))

    def _start(self, block: Block) -> float:
        """Where a block begins in document order."""
        if block.start == 0:
            return self._order[block.element] + 0.5
        return self._order[list(block.element[block.start - 1].iter())[-1]] + 0.5

    def keys(self, image: HtmlElement) -> frozenset[str]:
        """Of every file that something in or around an image names."""
        twin = image.getnext()
        near = [image, *(source for above in image.iterancestors("picture") for source in above.iter("source"))]
        near += list(twin.iter("img")) if twin is not None and twin.tag == "noscript" else []
        files = [file for each in near for file in _files(each)]
        files += [link.get("href") or "" for link in image.iterancestors("a") if _is_file(link.get("href") or "")]
        usable = (file for file in files if not file.startswith(("data:", "about:", "#")) and not NOTHING.search(file))
        return frozenset(key_of(urljoin(self.base, file)) for file in usable if len(file) > 4)

    def place(self, image: HtmlElement, keys: frozenset[str]) -> str:
        """lead, article, chrome (within the article's run) or elsewhere."""
        at = self._order[image]
        if not self._first < at < self._last:
            known = keys & self._stated or (at < self._first and self._captioned(image) and not self._in_chrome(image))
            lead = known and at < self._last and not self._leads_away(image) and not self._listed(image)
            return "lead" if lead else "elsewhere"
        often = min(self._times[key] for key in keys) > 2
        written = self._author and _bare(image.get("alt") or "") == self._author
        own = (
            often,
            written,
            _small(image),
            _icon(image),
            _advertised(image),
            self._sign(image),
            self._in_chrome(image),
        )
        return "chrome" if any(own) else "article"

    def _sign(self, image: HtmlElement) -> bool:
        """A logo that is a link to a page, or the site's own? An offer to download something there?"""
        alt, away = image.get("alt") or "", self._leads_away(image)
        label = alt if len(_WORD.findall(alt)) <= SHORT else ""  # a description may speak of anything
        files = (file.split("?")[0].rpartition("/")[2] for file in _files(image))
        logos = [each for each in (_parted(image.get("class") or ""), label, *files) if LOGO.search(each)]
        site = _bare(max((urlsplit(self.base).hostname or "").split(".")[:-1], key=len, default=""))
        own = bool(site) and any(site in _bare(each) for each in logos)
        return own or (away and (bool(logos) or OFFER.search(label) is not None))

    def _captioned(self, image: HtmlElement) -> bool:
        """In a figure with a caption below the headline?"""
        figure = next(image.iterancestors("figure"), None)
        told = figure is not None and any("".join(each.itertext()).strip() for each in figure.iter("figcaption"))
        return told and self._headline is not None and self._headline < self._order[image]

    def _listed(self, image: HtmlElement) -> bool:
        """In a box of other stories?"""
        around = (above for above in _upward(image) if above not in self.holders)
        names = (f"{above.get('class') or ''} {above.get('id') or ''}" for above in around)
        return any(LISTED.search(_parted(name)) for name in names)

    def _in_chrome(self, image: HtmlElement) -> bool:
        box: HtmlElement | None = None
        for above in _upward(image):
            if above in self.holders:
                break
            box = above
            names = f"{above.get('class') or ''} {above.get('id') or ''}"
            if above.tag in CHROME or PEOPLE.search(names) or ADVERTISED.search(_parted(names)):
                return True
        return box is not None and self._is_chrome(box, image, leads_away=self._leads_away(image))

    def _leads_away(self, image: HtmlElement) -> bool:
        """Is it a link to a page?"""
        link = next(image.iterancestors("a"), None)
        href = (link.get("href") or "").split("#")[0] if link is not None else ""
        return bool(href) and not _is_file(href)

    def _is_chrome(self, box: HtmlElement, image: HtmlElement, *, leads_away: bool) -> bool:
        inside = set(box.iter())
        captions = {each for caption in box.iter("figcaption") for each in caption.iter()}
        words = [block for block in self._others if block.element in inside and block.element not in captions]
        size = sum(len(block.text) for block in words)
        linked = sum(len(block.text) * block.linked for block in words)
        if size and linked >= SHARE * size:
            return True
        leading = [each for link in box.iter("a") if not _is_file(link.get("href") or "") for each in link.iter("img")]
        told = any(block.kind == "heading" or block.linked >= SHARE for block in words)
        return len(leading) > 2 or (leads_away and (told or _banner(image)))


def _upward(element: HtmlElement | None) -> Iterator[HtmlElement]:
    if element is not None:
        yield element
        yield from element.iterancestors()


def _icon(image: HtmlElement) -> bool:
    """Does it call itself one, and does nothing say that it is larger?"""
    named = any(map(ICON.search, (_parted(image.get("class") or ""), *(file.split("?")[0] for file in _files(image)))))
    return named and max(_sides(image), default=0) <= SMALL


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _is_file(value: str) -> bool:
    return FILE.search(value) is not None


def _parted(names: str) -> str:
    """Class names with humps, in parts."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names)


def _advertised(image: HtmlElement) -> bool:
    link = next(image.iterancestors("a"), None)
    files = [*_files(image), (link.get("href") or "") if link is not None else ""]
    alt = image.get("alt") or ""
    labelled = len(alt.split()) <= SHORT and LABELLED.search(alt) is not None
    called = ADVERTISED.search(_parted(image.get("class") or "")) is not None
    return labelled or called or any(map(ADVERT_FILE.search, files))


def _files(element: HtmlElement) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name in WORDS:
            continue
        if "srcset" in name:
            yield from (part.split()[0] for part in re.split(r",\s+", value) if part.split())
        elif "src" in name or "url" in name or _is_file(value):
            yield value.strip()


def _sides(image: HtmlElement) -> list[float]:
    """Width and height by attribute, else by style, in pixels, where they are stated in those or in letters' widths."""
    style = image.get("style") or ""
    sides = []
    for name in ("width", "height"):
        stated = re.match(r"\d+(?=(?:\.\d+)?(?:px)?$)", image.get(name) or "")
        styled = re.search(rf"(?<![\w-]){name}\s*:\s*(\d+(?:\.\d+)?)(px|r?em)", style)
        if stated:
            sides.append(float(stated[0]))
        elif styled:
            sides.append(float(styled[1]) * (1 if styled[2] == "px" else EM))
    return sides


def _small(image: HtmlElement) -> bool:
    return bool(_sides(image)) and max(_sides(image)) <= SMALL


def _banner(image: HtmlElement) -> bool:
    sides = _sides(image)
    return len(sides) > 1 and sides[0] >= BANNER * sides[1]
