"""Pictures and players of a page: where the real image is, which ones belong to a story, and links to videos.

Nothing is fetched; sizes are what the page says of them.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from html import escape
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean.blocks import HEADING_TAGS

_LATE_SOURCES: Final = ("data-src", "data-original", "data-lazy-src", "data-full-src", "data-hi-res-src", "data-url")
_LATE_SETS: Final = ("data-srcset", "data-lazy-srcset")
_LAZY: Final = re.compile(r"src$|^data-.*(?:url|image|original)$", re.IGNORECASE)  # what other scripts call them
_BEST_WIDTH: Final = 1600  # pixels; what is larger costs readers more than it shows
_SMALL: Final = 80  # pixels; icons, avatars and badges are below
_PLACEHOLDER: Final = re.compile(
    r"^data:|^about:|^//:|^#|(?:^|[/_\-.])(?:spacer|placeholder|1x1)(?=[._\-])[^/]*\.(?:gif|png|svg|jpe?g|webp)(?:$|\?)"
    r"|(?:^|/)(?:blank|transparent|pixel|loading|lazy|grey|gray|empty|clear)(?:[._\-]?(?:\d+(?:x\d+)?|image|img|load|bg"
    r"|post|thumb|dot|gif|lazy|loading|placeholder))*\.(?:gif|png|svg|jpe?g|webp)(?:$|\?)",
    re.IGNORECASE,
)
_OTHERS: Final = (
    r"avatar|gravatar|emoji|logo|sprite|advert\w*|ads?|promo\w*|related|recommend\w*|newsletter|byline|author\w*|profile"
    r"|headshot|buttons?|smil(?:ey|ies)|sponsor\w*|paywall|cookie|tracking|trending|sidebar|recirc\w*"
)
_FOREIGN_BOX: Final = re.compile(rf"(?:^|[\s_\-])(?:{_OTHERS})(?=$|[\s_\-])", re.IGNORECASE)  # whatever is in it
_FOREIGN: Final = re.compile(
    rf"(?:^|[\s_\-])(?:{_OTHERS}|icons?|badge|share|social|sharing|flag|rating)(?=$|[\s_\-])", re.IGNORECASE
)
_LISTED: Final = re.compile(
    r"(?:^|[\s_\-])(?:related|recommend\w*|trending|popular|latest|sidebar|recirc\w*|author\w*)(?=$|[\s_\-])",
    re.IGNORECASE,
)
_FOREIGN_URL: Final = re.compile(
    r"gravatar\.com|/emoji/|s\.w\.org/images|/(?:avatars?|icons?|logos?|sprites?|badges?|flags|smilies)/"
    r"|shields\.io|\.ico(?:$|\?)|paypal\w*\.com|addtoany|feedburner",
    re.IGNORECASE,
)
_FOREIGN_FILE: Final = re.compile(r"(?:^|[/_\-])(?:logo|icon|avatar|sprite|badge)[^/]*$", re.IGNORECASE)
_LARGE: Final = 200  # pixels of both sides: whatever it is called, it is there to be looked at
_WIDE: Final = 600  # pixels
_OFFERED: Final = re.compile(r"\s(\d{1,5})w(?=\s*(?:,|$))")
_STYLED: Final = re.compile(r"(?<![\w-])(width|height)\s*:\s*(\d{1,5}(?:\.\d+)?)(px|r?em)", re.IGNORECASE)
_EM: Final = 16  # pixels, where nobody says otherwise
_LOGO: Final = re.compile(r"logos?", re.IGNORECASE)
_NO_LETTER: Final = re.compile(r"[\W_]+")
_PORTRAIT: Final = re.compile(r"^headshot\b|\bheadshot$", re.IGNORECASE)
_ASIDES: Final = frozenset({"nav", "footer", "button", "form"})
_LABEL: Final = 6  # words
_FEW: Final = 2  # links or pictures of a box
_BANNER: Final = 2.5  # width by height, from which a link is an advertisement
_CALL: Final = re.compile(
    r"(?:^|[\s/_\-.])(?:cta|banner\w*|button\w*|ads?|house-?ads?|advert\w*|promo\w*|sponsor\w*|related|teasers?"
    r"|paywall|listen|available|subscri\w*|download)(?=$|[\s_\-./\d])",
    re.IGNORECASE,
)
_PICTURE_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?)(?:$|[?#])", re.IGNORECASE)
_EMBEDS: Final = (  # pattern of a player's address, the page it stands for
    (re.compile(r"//(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries\?(?:[^#]*&)?list=([\w\-]+)"),
     "https://www.youtube.com/playlist?list={}", "YouTube"),
    (re.compile(r"//(?:www\.)?(?:youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/|youtu\.be/)"
                r"(?!videoseries|live_stream)([\w\-]{6,20})"),
     "https://www.youtube.com/watch?v={}", "YouTube"),
    (re.compile(r"//player\.vimeo\.com/video/(\d{4,12})"), "https://vimeo.com/{}", "Vimeo"),
    (re.compile(r"//(?:www\.)?dailymotion\.com/embed/video/(\w{4,12})"),
     "https://www.dailymotion.com/video/{}", "Dailymotion"),
    (re.compile(r"//embed\.ted\.com/talks/([\w\-]+)"), "https://www.ted.com/talks/{}", "TED"),
    (re.compile(r"//open\.spotify\.com/embed/([\w/]+)"), "https://open.spotify.com/{}", "Spotify"),
    (re.compile(r"//(?:www\.)?instagram\.com/(p/[\w\-]+)/embed"), "https://www.instagram.com/{}/", "Instagram"),
)  # fmt: skip
_LITE: Final = frozenset({"lite-youtube", "youtube-embed", "lite-vimeo", "amp-youtube", "amp-vimeo"})
PLAYERS: Final = frozenset({"iframe", "video", "amp-video", "audio", *_LITE})
MEDIA: Final = frozenset({"img", "amp-img", *PLAYERS})


def picture(image: HtmlElement, base: str, *, told: bool = False) -> str:
    """`<img ...>` with the best address there is, or "" for placeholders, icons, avatars and trackers.

    `told` are pictures between the story's lines: in a figure there, a logo is shown for what is told of it, unless it
    is the site's own.
    """
    source = address(image, base)
    if not source or _small(image):
        return ""
    file, names, alt = source, _names(image), " ".join((image.get("alt") or "").split())[:500]
    if told and next(image.iterancestors("figure"), None) is not None and not _sites_own(alt, source, base):
        file, names = _LOGO.sub("", file), _LOGO.sub("", names)
    if _FOREIGN_URL.search(file) or _FOREIGN.search(names) or _PORTRAIT.search(alt):
        return ""
    if _FOREIGN_FILE.search(file) and not large(image) and not _offers_much(image):
        return ""
    size = "".join(f' {name}="{image.get(name)}"' for name in ("width", "height") if (image.get(name) or "").isdigit())
    return f'<img src="{escape(source)}" alt="{escape(alt)}"{size}>'


def _sites_own(alt: str, source: str, base: str) -> bool:
    """Is a logo the site's: does it have the site's name, or none at all?"""
    named = _NO_LETTER.sub("", _LOGO.sub("", f"{alt} {source.rpartition('/')[2].partition('.')[0]}")).lower()
    site = max(urls.host(base).split(".")[:-1], key=len, default="")
    return not named or (bool(site) and _NO_LETTER.sub("", site) in named)


def address(image: HtmlElement, base: str) -> str:
    """The absolute address of an image element, lazy loading undone; "" when it has none."""
    return urls.resolve(base, next(filter(None, _addresses(image)), "")) if image.attrib else ""


def _addresses(image: HtmlElement) -> Iterator[str]:
    """The best first, empty ones among them. Where a script loads the picture late, `src` is a stand-in."""
    yield _source(image, _LATE_SOURCES)
    yield _offered(image, _LATE_SETS)
    yield _source(image, ("src",))
    yield _offered(image, ("srcset",))
    yield _offered(image, [str(name) for name in image.attrib if str(name).endswith("srcset")])
    yield _late(image)


def _source(image: HtmlElement, names: Sequence[str]) -> str:
    for name in names:
        value = (image.get(name) or "").strip()
        if value and not _PLACEHOLDER.search(value) and (name != "data-url" or _PICTURE_FILE.search(value)):
            return value
    return ""


def _offered(image: HtmlElement, names: Sequence[str]) -> str:
    """The best of a set: of the image's own, then of those of its picture's sources."""
    parents = image.iterancestors("picture")  # libxml2 takes source for an element that holds what follows
    holders = [image, *(source for parent in parents for source in parent.iter("source"))]
    sets = (holder.get(name) or "" for name in names for holder in holders)
    return next(filter(None, (_largest(each) for each in sets if not each.startswith("data:"))), "")


def _late(image: HtmlElement) -> str:
    """What a script that nobody knows by name would show, or the file that a placeholder is a link to."""
    for name, value in image.attrib.items():
        if _LAZY.search(str(name)) and str(value).startswith(("http", "/")) and not _PLACEHOLDER.search(str(value)):
            return str(value)
    link = next(image.iterancestors("a"), None)
    href = (link.get("href") or "") if link is not None else ""
    return href if _PICTURE_FILE.search(href) and not _PLACEHOLDER.search(href) else ""


def belongs(
    image: HtmlElement,
    base: str,
    story: Container[HtmlElement],
    linked: Callable[[], Container[str]],
    *,
    told: bool = False,
) -> bool:
    """Does it look like the story's own: not in a box of other stories, nor an advertisement?

    `story` tells the elements that hold text of the story: what they are called is no matter. `linked` gives the
    canonical addresses that its text links to; `told` is as for `picture`.
    """
    box, link = image, None
    framed = any(holder not in story for holder in image.iterancestors("figure"))
    foreign = _FOREIGN_BOX if framed or large(image) else _FOREIGN  # share buttons lie over pictures
    for holder in image.iterancestors():
        if holder.tag == "a" and _target(holder, base):
            link = holder
        if holder in story:
            break
        box = holder
        names = _LOGO.sub("", _names(holder)) if told and framed else _names(holder)
        if holder.tag in _ASIDES or (holder.tag == "aside" and not framed) or foreign.search(names):
            return False
    if link is None or link in story:
        return True
    target = _target(link, base)
    return not _calls(image, box) and _alone(box, target, base, spoken=lambda: target in linked())


def stands_apart(image: HtmlElement, base: str, story: Container[HtmlElement]) -> bool:
    """Is a picture that the page states as its story's none: a logo, in a list of stories or at the page's edge?

    No other name of its box says anything of such a picture, nor does what it is a link to.
    """
    framed = False
    if _LOGO.search(address(image, base).rpartition("/")[2]):
        return True
    for holder in image.iterancestors():
        if holder in story:
            return False
        framed |= holder.tag == "figure"
        if holder.tag in _ASIDES or (holder.tag == "aside" and not framed) or _LISTED.search(_names(holder)):
            return True
    return False


def leads_away(image: HtmlElement, base: str) -> bool:
    """Is the picture a link to a page of its own?"""
    return any(_target(link, base) for link in image.iterancestors("a"))


def _calls(image: HtmlElement, box: HtmlElement) -> bool:
    """Is a picture that leads to a page a banner or a button?"""
    sides = _sides(image)
    if len(sides) > 1 and sides[0] >= _BANNER * sides[1]:
        return True
    named = (_names(each) for each in (image, *islice(box.iter("a"), _FEW), box))
    told = image.get("alt") or ""
    label = told if len(told.split()) <= _LABEL else ""  # a description may speak of anything
    return any(_CALL.search(name) for name in (*named, label, image.get("src") or ""))


def _alone(box: HtmlElement, target: str, base: str, *, spoken: Callable[[], bool]) -> bool:
    """Is a picture that leads to a page the only thing in its box that does, or does the story speak of that page?

    Of the same site even that page is another story where the box is more than a picture and a line, and rows of
    pictures are offers wherever they lead.
    """
    if sum(1 for _ in islice(box.iter("img", "amp-img"), _FEW + 1)) > _FEW:
        return False  # so few pictures ask for what follows, and a huge box is read a few times only
    own, links = urls.site(target) == urls.site(base), list(islice(box.iter("a"), _FEW + 1))
    if not own and spoken():
        return True
    if len(links) > _FEW or next(box.iter(*HEADING_TAGS), None) is not None:
        return False
    return not _headed(box, links, own=own) or spoken()


def _headed(box: HtmlElement, links: Sequence[HtmlElement], *, own: bool) -> bool:
    """Is there a headline among the links of a box? The caption of a link to another site is none."""
    captions = {each for caption in box.iter("figcaption") for each in caption.iter()}
    for link in links:
        within = not own and any(each in captions for each in link.iter())
        if not within and "".join(link.itertext()).strip():
            return True
    return False


def player(element: HtmlElement, base: str) -> str:
    """A paragraph with a link to the video or recording that is embedded here, or ""."""
    source = _player_address(element, base)
    if element.tag in _LITE:
        player_at = "player.vimeo.com/video" if "vimeo" in element.tag else "www.youtube.com/embed"
        source = f"https://{player_at}/{element.get('videoid') or element.get('data-videoid') or ''}"
    for pattern, page, name in _EMBEDS:
        found = pattern.search(source)
        if found:
            return _link(page.format(found[1]), element.get("title") or f"Video: {name}")
    if element.tag in {"video", "audio"} and source:
        return _link(source, element.get("title") or element.tag.capitalize())
    return ""


def _link(address: str, label: str) -> str:
    return f'<p><a href="{escape(address)}">{escape(" ".join(label.split())[:200])}</a></p>'


def _player_address(element: HtmlElement, base: str) -> str:
    for name in ("src", "data-src", "data-lazy-src", "data-original", "data-litespeed-src"):
        value = element.get(name) or ""
        if value and not value.startswith(("about:", "data:", "blob:")):
            return urls.resolve(base, value)
    for source in element.iter("source"):
        return urls.resolve(base, source.get("src") or "")
    return ""


def _largest(srcset: str) -> str:
    """The largest candidate up to _BEST_WIDTH, else the smallest above it."""
    offers: list[tuple[float, str]] = []
    for part in re.split(r",\s+|,(?=https?:|/)", srcset[:8000]):
        fields = part.split()
        if fields and not _PLACEHOLDER.search(fields[0]):
            offers.append((_width(fields[1]) if len(fields) > 1 else 1.0, fields[0]))
    fitting = [offer for offer in offers if offer[0] <= _BEST_WIDTH]
    if fitting:
        return max(fitting)[1]
    return min(offers)[1] if offers else ""


def _width(descriptor: str) -> float:
    try:
        return float(descriptor.rstrip("wxh"))
    except ValueError:
        return 1.0


def _small(image: HtmlElement) -> bool:
    sides = _sides(image)
    return bool(sides) and max(sides) < _SMALL


def large(image: HtmlElement) -> bool:
    """Does the page state sides that no icon has?"""
    return min(_sides(image), default=0) >= _LARGE


def _offers_much(image: HtmlElement) -> bool:
    """Is it offered in a width that no icon has? A site's logo may be."""
    named = _LOGO.search(_names(image) + (image.get("src") or "")) is not None
    return not named and max(map(float, _OFFERED.findall(image.get("srcset") or "")), default=0) >= _WIDE


def _sides(image: HtmlElement) -> list[int]:
    """Width and height, those that the page states in pixels."""
    style = image.get("style") or ""
    found = _STYLED.findall(style[:1000])
    styled = {name: int(float(value) * (1 if unit == "px" else _EM)) for name, value, unit in found}
    stated = ((name, (image.get(name) or "").removesuffix("px")) for name in ("width", "height"))
    sides = {name: int(value) for name, value in stated if value.isdecimal() and len(value) < 6} | styled
    return [sides[name] for name in ("width", "height") if name in sides]


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _target(link: HtmlElement, base: str) -> str:
    """The page that a link leads to, in canonical form; "" for the picture's file and for places within this page."""
    href = link.get("href") or ""
    if not href or href.startswith(("#", "javascript:")) or _PICTURE_FILE.search(href):
        return ""
    target = urls.canonical(urls.resolve(base, href))
    return "" if target == urls.canonical(base) or "/wp-content/" in target else target
