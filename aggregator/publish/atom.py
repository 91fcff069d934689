"""Atom 1.0 (RFC 4287) with archive links (RFC 5005). The richest of the three formats."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aggregator.model import Channel, Story
from aggregator.publish import entry
from aggregator.publish.notation import address, attribute, identifier, language, line, rfc3339, text

MEDIA_TYPE: Final = "application/atom+xml"
_NAMESPACES: Final = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)


def render(channel: Channel, stories: Sequence[Story]) -> bytes:
    """A whole feed document, UTF-8, entries in the order given."""
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n', f"<feed {_NAMESPACES}{_lang(language(channel.language))}>\n"]
    parts += _head(channel)
    for story in stories:
        parts += _entry(story, channel)
    parts.append("</feed>\n")
    return "".join(parts).encode()


def link(rel: str, href: str, *, media_type: str = "", extra: Mapping[str, str] | None = None, prefix: str = "") -> str:
    """A link element, or nothing when there is no address."""
    if not href:
        return ""
    named = {"rel": rel, "type": media_type, "href": href, **(extra or {})}
    return f"<{prefix}link" + "".join(f" {name}={attribute(value)}" for name, value in named.items() if value) + "/>\n"


def archive_links(channel: Channel, name: str, media_type: str, prefix: str = "") -> Iterator[str]:
    """The marks and links of RFC 5005, section 4, for the format of that name."""
    if channel.archive:
        yield "<fh:archive/>\n"
    for rel, urls in (
        ("current", channel.current),
        ("prev-archive", channel.prev_archive),
        ("next-archive", channel.next_archive),
    ):
        yield link(rel, urls.get(name, ""), media_type=media_type, prefix=prefix)


def _head(channel: Channel) -> Iterator[str]:
    yield f"<id>{text(identifier(channel.id) or channel.urls.get('atom', ''))}</id>\n"
    yield f"<title>{text(line(channel.title) or 'Untitled')}</title>\n"
    yield f"<updated>{rfc3339(channel.updated)}</updated>\n"
    yield "<generator>aggregator</generator>\n"
    yield link("self", channel.urls.get("atom", ""), media_type=MEDIA_TYPE)
    # The one alternate: readers that look at no type, newsboat among them, take any other for the feed's page.
    yield link("alternate", channel.home_url, media_type="text/html")
    yield from archive_links(channel, "atom", MEDIA_TYPE)


def _entry(story: Story, channel: Channel) -> Iterator[str]:
    yield f"<entry{_lang(entry.language(story, channel))}>\n"
    yield f"<id>{text(story.id)}</id>\n<title>{text(entry.title(story))}</title>\n"
    yield f"<published>{rfc3339(story.published)}</published>\n<updated>{rfc3339(story.updated)}</updated>\n"
    yield f"<author><name>{text(entry.author(story, channel))}</name></author>\n"
    yield from _links(story, channel)
    for term in entry.categories(story):
        yield f"<category term={attribute(term)}/>\n"
    yield from _media(story)
    yield from _texts(story)
    yield from _source(story)
    yield "</entry>\n"


def _links(story: Story, channel: Channel) -> Iterator[str]:
    yield link("alternate", entry.link(story, channel), media_type="text/html")
    for item in entry.enclosures(story):
        length = {"length": str(item.length)} if item.length else {}
        yield link("enclosure", item.url, media_type=item.type, extra=length)
    for url, name in entry.copies(story):
        yield link("related", url, media_type="text/html", extra={"title": name})


def _media(story: Story) -> Iterator[str]:
    if entry.image(story):
        yield f"<media:thumbnail url={attribute(entry.image(story))}/>\n"


def _texts(story: Story) -> Iterator[str]:
    """An entry without content owes a summary that isn't empty (RFC 4287, 4.1.1.1)."""
    content = entry.body(story)
    if summary := entry.summary(story) or ("" if content else entry.title(story)):
        yield f"<summary>{text(summary)}</summary>\n"
    if content:
        yield f'<content type="html">{text(content)}</content>\n'


def _source(story: Story) -> Iterator[str]:
    origin = entry.origin(story.source)
    if not origin.id:  # an imported text: there is no feed to name
        return
    updated = story.source.updated or story.updated
    yield f"<source{_lang(language(story.source.language))}>\n<id>{text(origin.id)}</id>\n"
    yield f"<title>{text(origin.title)}</title>\n<updated>{rfc3339(updated)}</updated>\n"
    yield link("self", origin.feed_url)
    yield link("alternate", address(story.source.site_url), media_type="text/html")
    yield "</source>\n"


def _lang(tag: str) -> str:
    return f" xml:lang={attribute(tag)}" if tag else ""
