"""Templates and how values read on a page: dates, addresses, states. Everything is escaped but a story's clean HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request

from aggregator.model import Enclosure, Story
from aggregator.publish import entry, notation
from aggregator.sanitize import clean_text

_TEASER: Final = 320  # characters
_FILE_NAME: Final = 120  # likewise
_STATES: Final = {
    "new": "not polled yet",
    "ok": "fine",
    "error": "failing",
    "backing_off": "backing off",
    "paused": "paused",
    "gone": "gone",
}
_HUBS: Final = {
    "asked": "asked, not confirmed",
    "confirmed": "has promised to deliver",
    "delivers": "delivers",
    "denied": "refuses",
}
_QUALITIES: Final = {
    "teaser": "The site gives only the beginning of this story.",
    "paywalled": "The rest of this story is behind the site's paywall.",
    "blocked": "The site did not give the page to a machine; this is what its feed carried.",
    "failed": "The page could not be read; this is what its feed carried.",
    "empty": "No text was found on the page.",
}
_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"))


class Looks:
    """Renders templates by name."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("aggregator.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            day=day,
            clock=clock,
            ago=ago,
            exact=exact,
            host=host,
            href=notation.address,
            amount=notation.amount,
            share=notation.share,
            teaser=teaser,
            body=body,
            lang=notation.language,
            copies=lambda story: tuple(entry.copies(story)),
            address=entry.address,
            headline=entry.title,
            files=entry.enclosures,
            file_name=file_name,
            file_kind=file_kind,
            groupby_day=groupby_day,
            source=lambda story: entry.origin(story.source),
        )
        self._environment.globals.update(states=_STATES, hubs=_HUBS, qualities=_QUALITIES)

    def render(self, template: str, values: Mapping[str, Any]) -> bytes:
        """A whole page, UTF-8."""
        page: str = self._environment.get_template(template).render(values)
        return page.encode("utf-8", "ignore")


def root_of(request: Request) -> str:
    """The way from this page up to the service's root, so that links work below any prefix of a proxy."""
    path: str = request.scope["path"]
    return "../" * (path.count("/") - 1)


def day(moment: datetime, now: datetime) -> str:
    """A heading: Today, Yesterday, Friday 20 November, 3 March 2024."""
    days = (now.date() - moment.date()).days
    if days in {0, 1}:
        return ("Today", "Yesterday")[days]
    if 1 < days < 300:
        return f"{moment:%A} {moment.day} {moment:%B}"
    return f"{moment.day} {moment:%B} {moment.year}"


def groupby_day(stories: Sequence[Story]) -> list[tuple[datetime, list[Story]]]:
    """Runs of stories of one day, in the order given, each with the moment of its first."""
    groups = [list(group) for _, group in groupby(stories, key=lambda story: story.published.date())]
    return [(group[0].published, group) for group in groups]


def clock(moment: datetime) -> str:
    """The time of day."""
    return f"{moment:%H:%M}"


def exact(moment: datetime) -> str:
    """Day and time, for a tooltip or where precision is wanted."""
    return f"{moment.day} {moment:%B} {moment.year}, {moment:%H:%M} UTC"


def ago(moment: datetime | None, now: datetime) -> str:
    """A distance in words: 5 minutes ago, in 2 hours, now."""
    if moment is None:
        return "never"
    seconds = int((now - moment) / timedelta(seconds=1))
    for size, unit in _UNITS:
        count = abs(seconds) // size
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds >= 0 else "any moment"


def host(url: str) -> str:
    """The name of the site behind an address, without www."""
    return (urlsplit(notation.address(url)).hostname or "").removeprefix("www.")


def file_name(file: Enclosure) -> str:
    """What a file is called at the end of its address, else the site that it lies on."""
    path = urlsplit(notation.address(file.url)).path
    return clean_text(unquote(path.rpartition("/")[2]), _FILE_NAME) or host(file.url)


def file_kind(file: Enclosure) -> str:
    """Its type and size, as far as the feed tells them, and its site."""
    kind = "" if file.type == "application/octet-stream" else file.type
    return ", ".join(filter(None, (kind, notation.amount(file.length) if file.length else "", host(file.url))))


def teaser(story: Story) -> str:
    """Two or three lines of plain text for the list."""
    return entry.opening(story.summary or story.text, _TEASER)


def body(story: Story) -> Markup:
    """The article's own HTML, sanitised when it was stored."""
    return Markup(entry.content(story))  # noqa: S704 - the one place where markup is trusted, see sanitize.py
