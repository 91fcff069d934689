"""What every format says of one story, so that all three say the same. Markup of a format is that format's business."""

import html as entities
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aggregator import urls
from aggregator.model import Channel, Enclosure, Source, Story
from aggregator.publish import notation
from aggregator.sanitize import legal

_TITLE_LENGTH: Final = 80
_SUMMARY_LENGTH: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A story's source with everything in the notation of the output; `id` is empty when there is none to name."""

    id: str
    title: str
    feed_url: str
    site_url: str


def link(story: Story, channel: Channel) -> str:
    """Where to read the story: its own page, or ours when it has none."""
    return address(story) or f"{channel.base_url}/articles/{story.key}"


def address(story: Story) -> str:
    """Where the story stands, as a link for people; "" when it stands nowhere."""
    return urls.for_readers(notation.address(story.url))


def title(story: Story) -> str:
    """One line, never blank."""
    return notation.line(story.title) or opening(story.summary or story.text, _TITLE_LENGTH) or "Untitled"


def author(story: Story, channel: Channel) -> str:
    """Who wrote it, else the source's title, else the feed's: never blank, Atom asks for a name."""
    return notation.line(story.author) or origin(story.source).title or notation.line(channel.title) or "Unknown"


def origin(source: Source) -> Origin:
    """The source as every format names it."""
    feed_url, site_url = notation.address(source.feed_url), notation.address(source.site_url)
    name = notation.line(source.title) or notation.line(source.name) or site_url or feed_url
    own_id = notation.identifier(source.feed_id)
    if notation.address(own_id):
        own_id = notation.address(own_id)
    return Origin(id=own_id or feed_url or site_url, title=name, feed_url=feed_url, site_url=site_url)


def body(story: Story) -> str:
    """The whole text as HTML, with the direction of its script and the other places it stands at; "" without any."""
    markup = content(story)
    if not markup:
        return ""
    markup += _also_in(story)
    language = notation.language(story.language)
    if story.direction != "rtl":
        return markup
    return f'<div dir="rtl"{f" lang={notation.attribute(language)}" if language else ""}>{markup}</div>'


def content(story: Story) -> str:
    """The article itself as HTML, made of its plain text when that is all there is."""
    return legal(story.html).strip() or _paragraphs(legal(story.text))


def summary(story: Story) -> str:
    """Plain text that differs from the content; "" when it would only repeat it."""
    short = opening(story.summary, _SUMMARY_LENGTH)
    whole = (notation.line(value[: _SUMMARY_LENGTH * 8]) for value in (story.text, story.html))
    return "" if short in whole else short


def copies(story: Story) -> Iterator[tuple[str, str]]:
    """The other places: pairs of address and name."""
    seen = {address(story), ""}
    for copy in story.copies:
        url = urls.for_readers(notation.address(copy.url))
        if url not in seen:
            seen.add(url)
            yield url, notation.line(copy.source) or url


def categories(story: Story) -> tuple[str, ...]:
    """The source's categories and the reader's own tags, each once whatever its case."""
    terms: dict[str, str] = {}
    for term in map(notation.line, (*story.categories, *story.tags)):
        if term:
            terms.setdefault(term.casefold(), term)
    return tuple(terms.values())


def enclosures(story: Story) -> tuple[Enclosure, ...]:
    """The files that come with it, each address once."""
    found: dict[str, Enclosure] = {}
    for item in story.enclosures:
        url = notation.address(item.url)
        if url and url not in found:
            found[url] = Enclosure(url=url, type=notation.media_type(item.type), length=max(0, item.length))
    return tuple(found.values())


def image(story: Story) -> str:
    """The lead image's address, when the text has no picture of its own; else ""."""
    return "" if "<img" in story.html else notation.address(story.image)


def language(story: Story, channel: Channel) -> str:
    """The story's language where the channel's does not already say it."""
    own = notation.language(story.language)
    return "" if own == notation.language(channel.language) else own


def opening(value: str, limit: int) -> str:
    """The beginning of a text as one line of at most `limit` characters, cut between words, with an ellipsis."""
    value = notation.line(value[: limit * 8])
    if len(value) <= limit:
        return value
    head = value[:limit]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head).rstrip(" ,;:.-") + "…"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{entities.escape(part, quote=False)}</p>" for part in text.split("\n\n") if part.strip())


def _also_in(story: Story) -> str:
    links = [
        f'<a href="{entities.escape(url)}" rel="noopener noreferrer nofollow">{entities.escape(name)}</a>'
        for url, name in copies(story)
    ]
    return f"<p><small>Also in: {', '.join(links)}</small></p>" if links else ""
