"""What a page's elements tell of the blocks in them: tags, names, nesting, and what shares their container."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.blocks import Block, Place
from aggregator.clean.shapes import Ints

# What sites call the parts of their pages, in class, id and the like.
_NAMES = {
    "navigation": r"nav|menu|breadcrumb|crumb|pagina|pager|toolbar|megamenu|\btoc\b",
    "head": r"header|masthead|topbar|top-bar|banner",
    "foot": r"footer|colophon|bottom",
    "side": r"sidebar|side-bar|aside|rail\b|widget|secondary|column-right|right-col|complementary",
    "related": r"relat|recommend|similar|popular|trending|more-|readmore|read-more|read-next|latest|recent|also|next",
    "teaser": r"teaser|card|carousel|slider|swiper|list-item|grid|tile|feed|excerpt|loop|thumb",
    "share": r"shar|social|follow|facebook|twitter|addtoany|whatsapp|linkedin|pinterest",
    "comment": r"comment|disqus|respond|reply|discussion|\bfeedback",
    "meta": r"meta|info|dateline|details|\bcredit",
    "author": r"author|byline|writer|\bbio|vcard|profile",
    "date": r"date|time\b|timestamp|publish|posted",
    "tag": r"\btags?\b|tag-|-tag|tagcloud|categor|topic|keyword|label|taxonomy",
    "ad": r"\bads?\b|\bad-|-ad\b|-ads\b|advert|sponsor|promo|affiliate|outbrain|taboola|dfp|gpt-|commercial|anzeige"
    r"|werbung",
    "newsletter": r"newsletter|subscri|signup|sign-up|optin|opt-in|mailchimp|mailing|email|abo-",
    "consent": r"cookie|consent|gdpr|privacy|modal|popup|pop-up|overlay|dialog|onetrust|toast",
    "form": r"form|search|input|login|register|account|field|checkbox|select|filter",
    "content": r"content|article|post|entry|story|text|main|single|copy|prose|richtext|rte\b|wysiwyg|blog",
    "body": r"article-?_?body|entry-content|post-?_?content|story-?_?body|post-?_?body|articlebody|article-?_?content"
    r"|article-?_?text|td-post|content-?_?body|body-?_?content|main-?_?content|articletext|single-content",
    "caption": r"caption|figure|image|photo|gallery|media|video|lightbox|bildunter|player",
    "contents": r"toc\b|toc-|_toc|contents\b|anchor|jump|ez-toc",
    "title": r"title|headline|heading|\bhed\b|titel|titre|titulo",
    "lead": r"summary|lead\b|intro|standfirst|deck|\bdek\b|subtitle|subhead|teasertext|abstract|kicker|dachzeile",
    "wall": r"paywall|premium|locked|subscriber|metered|piano|regwall",
    "box": r"quote|callout|highlight|box|infobox|notice|alert|embed|inset|note",
    "hidden": r"hidden|hide|sr-only|screen-reader|visually|invisible|collapse|d-none|noprint|print-",
    "accordion": r"faq|accordion|question|answer|toggle|tab-|tabs|panel|expand",
    "product": r"product|price|cart|shop|rating|review|spec|rate|offer|deal",
    "button": r"print|tool|btn|button|cta|action|icon|link",
    "legal": r"copyright|legal|disclaimer|terms|imprint|impressum",
    "row": r"row|col-|column|container|wrapper|section|elementor|wp-block|block",
}
NAMES = tuple(_NAMES)
_PATTERNS = tuple(re.compile(pattern) for pattern in _NAMES.values())
_ANY = re.compile("|".join(_NAMES.values()))
_TAGS = (
    "p div span a li h1 h2 h3 h4 h5 h6 td th tr dt dd blockquote pre figcaption button section article main aside nav "
    "header footer form figure ul ol table details summary body label center em strong"
)
TAGS = tuple(_TAGS.split())
_TAG_INDEX = {tag: index for index, tag in enumerate(TAGS)}


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of one page as arrays, by the place's index; and each block's place."""

    of: Ints  # [block] index of its place
    parent: Ints  # the root is its own
    depth: Ints
    tag: Ints  # index in TAGS, len(TAGS) for another
    names: Ints  # bits: NAMES
    near_names: Ints  # its own and two parents'
    all_names: Ints  # its own and all ancestors'
    all_tags: Ints  # bits: TAGS, its own and all ancestors'
    hidden: NDArray[np.bool_]
    group: Ints  # [block] number of its signature: same tags and names, of itself and its parent
    start: Ints  # the first block inside
    stop: Ints  # the block after the last one inside
    wider: Ints  # the nearest ancestor with more blocks in it; the root's is itself


def places(blocks: Sequence[Block]) -> Places:
    """Reads the places of a page's blocks; there must be at least one."""
    listed, of = _listed(blocks)
    position = {id(place): index for index, place in enumerate(listed)}
    parent = np.array([position[id(place.parent)] if place.parent is not None else 0 for place in listed])
    tag = np.array([_TAG_INDEX.get(place.tag, len(TAGS)) for place in listed])
    names = [_name_bits(place.names) if place.names else 0 for place in listed]
    near, everywhere, tags = _inherited(names, tag.tolist(), parent.tolist())
    start, stop = _ranges(of, parent)
    return Places(
        of=of,
        parent=parent,
        depth=np.array([place.depth for place in listed]),
        tag=tag,
        names=np.array(names, dtype=np.int64),
        near_names=np.array(near, dtype=np.int64),
        all_names=np.array(everywhere, dtype=np.int64),
        all_tags=np.array(tags, dtype=np.int64),
        hidden=np.array([place.hidden for place in listed]),
        group=_groups(blocks),
        start=start,
        stop=stop,
        wider=_wider(parent.tolist(), (stop - start).tolist()),
    )


def bits(values: Ints, count: int) -> Ints:
    """Each of the lowest `count` bits: [bit, value]."""
    lowest: Ints = (values >> np.arange(count)[:, None]) & 1
    return lowest


def _listed(blocks: Sequence[Block]) -> tuple[list[Place], Ints]:
    """The places that hold blocks, and their ancestors, parents first; and each block's."""
    seen: dict[int, Place] = {}
    for block in blocks:
        place = block.place
        while place is not None and place.index not in seen:
            seen[place.index] = place
            place = place.parent
    order = sorted(seen)
    index = {number: position for position, number in enumerate(order)}
    of = np.array([index[block.place.index] if block.place is not None else 0 for block in blocks])
    return [seen[number] for number in order], of


def _name_bits(names: str) -> int:
    found = 0
    for name in names.split():
        found |= _bits_of(name)
    return found


@lru_cache(maxsize=1 << 14)
def _bits_of(name: str) -> int:
    if _ANY.search(name) is None:
        return 0
    return sum(1 << bit for bit, pattern in enumerate(_PATTERNS) if pattern.search(name))


def _inherited(names: list[int], tags: list[int], parents: list[int]) -> tuple[list[int], list[int], list[int]]:
    near: list[int] = []
    everywhere: list[int] = []
    tag_bits: list[int] = []
    for index, parent in enumerate(parents):
        own = names[index]
        first = index == 0
        near.append(own | (0 if first else names[parent] | names[parents[parent]]))
        everywhere.append(own | (0 if first else everywhere[parent]))
        tag_bits.append(1 << tags[index] | (0 if first else tag_bits[parent]))
    return near, everywhere, tag_bits


def _ranges(of: Ints, parent: Ints) -> tuple[Ints, Ints]:
    """Of each place the first block inside it and the block after the last: blocks are in document order."""
    start = np.full(len(parent), len(of))
    stop = np.zeros(len(parent), dtype=np.int64)
    numbers = np.arange(len(of))
    np.minimum.at(start, of, numbers)
    np.maximum.at(stop, of, numbers + 1)
    starts, stops, parents = start.tolist(), stop.tolist(), parent.tolist()
    for index in range(len(parents) - 1, 0, -1):
        above = parents[index]
        starts[above] = min(starts[above], starts[index])
        stops[above] = max(stops[above], stops[index])
    return np.array(starts), np.array(stops)


def _wider(parents: list[int], sizes: list[int]) -> Ints:
    wider: list[int] = []
    for index, parent in enumerate(parents):
        wider.append(parent if sizes[parent] > sizes[index] or index == 0 else wider[parent])
    return np.array(wider)


def _groups(blocks: Sequence[Block]) -> Ints:
    numbers: dict[tuple[str, str, str, str], int] = {}
    groups = []
    for block in blocks:
        place = block.place
        parent = place.parent if place is not None else None
        key = (
            (place.tag, place.names, parent.tag, parent.names)
            if place is not None and parent is not None
            else ("", "", "", "")
        )
        groups.append(numbers.setdefault(key, len(numbers)))
    return np.array(groups)
