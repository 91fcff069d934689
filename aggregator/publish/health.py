"""The feeds' own trouble as an Atom feed of its own, never among the stories."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from aggregator.model import Channel, Story
from aggregator.publish import atom, notation
from aggregator.trouble import Event

PATH: Final = "health.atom"
SHOWN: Final = 100  # events in the feed
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def render(events: Sequence[Event], *, title: str, base_url: str, instance: str) -> bytes:
    """A whole Atom document, events in the order given. `instance` is the store's UUID: ids come from it."""
    own = UUID(instance)
    channel = Channel(
        id=f"urn:uuid:{uuid5(own, 'health')}",
        title=f"{title}: trouble with sources",
        base_url=base_url,
        urls={"atom": f"{base_url}/{PATH}"},
        home_url=f"{base_url}/sources",
        language="en",
        updated=max((event.at for event in events), default=_NEVER),
    )
    return atom.render(channel, [_story(event, own, base_url) for event in events])


def _story(event: Event, instance: UUID, base_url: str) -> Story:
    return Story(
        key=event.number,
        id=f"urn:uuid:{uuid5(instance, f'health:{event.number}')}",
        number=event.number,
        title=event.title,
        url=notation.address(event.feed_url) or f"{base_url}/sources",
        published=event.at,
        updated=event.at,
        entered_at=event.at,
        language="en",
        text=event.text,
        categories=(event.kind,),
    )
