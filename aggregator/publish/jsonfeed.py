"""JSON Feed 1.1. What the format has no name for stands in objects beginning with an underscore, as it allows."""

import json
from collections.abc import Sequence
from typing import Any, Final

from aggregator.model import Channel, Story
from aggregator.publish import entry
from aggregator.publish.notation import address, language, line, rfc3339
from aggregator.sanitize import legal

VERSION: Final = "https://jsonfeed.org/version/1.1"


def render(channel: Channel, stories: Sequence[Story]) -> bytes:
    """A whole feed document, UTF-8, items in the order given."""
    document = {
        "version": VERSION,
        "title": line(channel.title) or "Untitled",
        "home_page_url": channel.home_url or channel.base_url,
        "feed_url": channel.urls.get("json"),
        "next_url": channel.prev_archive.get("json"),
        "language": language(channel.language),
        "items": [_item(story, channel) for story in stories],
    }
    kept = {name: value for name, value in document.items() if value or name == "items"}
    return (json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _item(story: Story, channel: Channel) -> dict[str, Any]:
    content = legal(entry.body(story))
    item = {
        "id": legal(story.id),
        "url": entry.link(story, channel),
        "title": entry.title(story),
        "content_html": content,
        "content_text": None if content else entry.summary(story) or entry.title(story),
        "summary": entry.summary(story) if content else None,
        "image": address(story.image),
        "date_published": rfc3339(story.published),
        "date_modified": rfc3339(story.updated),
        "authors": [{"name": entry.author(story, channel)}],
        "tags": list(entry.categories(story)),
        "language": language(story.language),
        "attachments": [_attachment(item.url, item.type, item.length) for item in entry.enclosures(story)],
        "_source": _source(story),
        "_also_in": dict(entry.copies(story)),
    }
    return {name: value for name, value in item.items() if value}


def _attachment(url: str, media_type: str, length: int) -> dict[str, Any]:
    return {"url": url, "mime_type": media_type} | ({"size_in_bytes": length} if length else {})


def _source(story: Story) -> dict[str, str]:
    origin = entry.origin(story.source)
    named = {"id": origin.id, "title": origin.title, "url": origin.feed_url, "home_page_url": origin.site_url}
    return {name: value for name, value in named.items() if value}
