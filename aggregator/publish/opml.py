"""OPML 2.0: the list of feeds, for moving to another reader."""

from collections.abc import Mapping, Sequence

from aggregator.model import Feed, FeedState
from aggregator.publish.notation import address, attribute, language, line, text


def render(feeds: Sequence[Feed], states: Mapping[str, FeedState], title: str) -> bytes:
    """A whole document, UTF-8, in the order given. `states` is by configured URL; no address carries a password."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n']
    parts.append(f"<head><title>{text(line(title))}</title></head>\n<body>\n")
    parts += [_outline(feed, states.get(feed.url, FeedState(url=feed.url))) for feed in feeds]
    parts.append("</body>\n</opml>\n")
    return "".join(parts).encode()


def _outline(feed: Feed, state: FeedState) -> str:
    name = line(state.title if feed.name == feed.url and state.title else feed.name) or feed.url
    named = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": address(feed.url),
        "htmlUrl": address(state.site_url),
        "language": language(state.language),
        "category": ",".join(line(tag).replace(",", " ") for tag in feed.tags),
    }
    if not named["xmlUrl"]:  # an address that is no http(s) URL, of a feed that cannot be polled
        return ""
    return "<outline" + "".join(f" {key}={attribute(value)}" for key, value in named.items() if value) + "/>\n"
