"""RSS 2.0 as the RSS Advisory Board's profile asks for it, with full text in content:encoded."""

import html as entities
from collections.abc import Iterator, Sequence
from typing import Final

from aggregator.model import Channel, Story
from aggregator.publish import atom, entry
from aggregator.publish.notation import attribute, language, line, rfc822, rfc3339, text
from aggregator.sanitize import legal

MEDIA_TYPE: Final = "application/rss+xml"
_TEASER: Final = 300  # characters
_NAMESPACES: Final = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fh="http://purl.org/syndication/history/1.0"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)


def render(channel: Channel, stories: Sequence[Story]) -> bytes:
    """A whole feed document, UTF-8, items in the order given."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n', f'<rss version="2.0" {_NAMESPACES}>\n<channel>\n']
    parts += _head(channel)
    for story in stories:
        parts += _item(story, channel)
    parts.append("</channel>\n</rss>\n")
    return "".join(parts).encode()


def _head(channel: Channel) -> Iterator[str]:
    title = line(channel.title) or "Untitled"
    yield f"<title>{_title(title)}</title>\n<link>{text(channel.home_url or channel.base_url)}</link>\n"
    yield f"<description>{_title(title)}: the full text of stories from several sources</description>\n"
    if tag := language(channel.language):
        yield f"<language>{text(tag.lower())}</language>\n"
    yield f"<lastBuildDate>{rfc822(channel.updated)}</lastBuildDate>\n<generator>aggregator</generator>\n"
    yield "<docs>https://www.rssboard.org/rss-specification</docs>\n"
    yield atom.link("self", channel.urls.get("rss", ""), media_type=MEDIA_TYPE, prefix="atom:")
    yield from atom.archive_links(channel, "rss", MEDIA_TYPE, prefix="atom:")


def _item(story: Story, channel: Channel) -> Iterator[str]:
    url = entry.link(story, channel)
    yield f"<item>\n<title>{_title(entry.title(story))}</title>\n<link>{text(url)}</link>\n"
    yield f'<guid isPermaLink="{"true" if story.id == url else "false"}">{text(story.id)}</guid>\n'
    yield f"<pubDate>{rfc822(story.published)}</pubDate>\n<atom:updated>{rfc3339(story.updated)}</atom:updated>\n"
    yield f"<dc:creator>{text(entry.author(story, channel))}</dc:creator>\n"
    if tag := entry.language(story, channel):
        yield f"<dc:language>{text(tag)}</dc:language>\n"
    for term in entry.categories(story):
        yield f"<category>{text(term)}</category>\n"
    yield from _texts(story)
    yield from _files(story)
    origin = entry.origin(story.source)
    if origin.feed_url:
        yield f"<source url={attribute(origin.feed_url)}>{text(origin.title)}</source>\n"
    yield "</item>\n"


def _texts(story: Story) -> Iterator[str]:
    """Readers that know no content:encoded show the description, so it is always there beside it, and before it."""
    content = entry.body(story)
    teaser = entry.summary(story) or entry.opening(story.text, _TEASER) or (content and entry.title(story))
    if teaser:
        yield f"<description>{text(entities.escape(teaser, quote=False))}</description>\n"
    if content:
        yield f"<content:encoded>{text(content)}</content:encoded>\n"


def _files(story: Story) -> Iterator[str]:
    """The profile allows one enclosure; the others are media:content."""
    for number, item in enumerate(entry.enclosures(story)):
        if number == 0:
            yield f'<enclosure url={attribute(item.url)} length="{item.length}" type={attribute(item.type)}/>\n'
        else:
            size = f' fileSize="{item.length}"' if item.length else ""
            yield f"<media:content url={attribute(item.url)}{size} type={attribute(item.type)}/>\n"
    if entry.image(story):
        yield f"<media:thumbnail url={attribute(entry.image(story))}/>\n"


def _title(value: str) -> str:
    """Plain text that readers expecting HTML and readers expecting text both show right, as the profile advises."""
    return legal(value).replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;")
