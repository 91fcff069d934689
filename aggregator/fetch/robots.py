"""What a site's robots.txt permits, remembered for a day. Asks for the file through a function that it is given."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

import httpx
from protego import Protego

from aggregator.errors import FetchError
from aggregator.guard import shown

ROBOTS_BYTES: Final = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB

_KEPT: Final = timedelta(days=1)
_AGAIN: Final = timedelta(hours=1)  # after a server error, which refuses everything meanwhile (RFC 9309, 2.3.1.4) ...
_PATIENCE: Final = timedelta(days=1)  # ... but not for ever
_SITES: Final = 2000
_MAX_RULES: Final = 5000
_MAX_DELAY: Final = 30.0  # seconds; a longer crawl-delay would keep the reader waiting for days
_AGENT: Final = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*(.*)", re.IGNORECASE)
_RULE: Final = re.compile(r"\s*(dis|)all?ow", re.IGNORECASE)
_OTHERS: Final = "User-agent: -"


@dataclass(frozen=True, slots=True)
class _Known:
    until: datetime
    rules: Protego | None = None  # None permits everything
    closed_since: datetime | None = None  # a server error: nothing is permitted
    delay: float = 0.0


class Robots:
    """The robots.txt of the sites met lately. `get` fetches one and gives its text; `agent` is our product's name."""

    def __init__(self, get: Callable[[str], Awaitable[bytes]], agent: str, now: Callable[[], datetime]) -> None:
        self._get = get
        self._agent = agent
        self._now = now
        self._sites: dict[str, _Known] = {}
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self, url: httpx.URL) -> float:
        """FetchError `robots` when the page may not be asked for; else how many seconds apart requests shall be."""
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        known = await self._known(site)
        if known.closed_since is not None:
            raise FetchError(
                f"{shown(str(url))} was not asked: {site}/robots.txt answers with a server error for now",
                error_class="robots",
            )
        if known.rules is not None and not known.rules.can_fetch(str(url), self._agent):
            raise FetchError(
                f'{shown(str(url))} was not asked: {site}/robots.txt forbids it; set full_text = "never" for its feed',
                error_class="robots",
            )
        return known.delay

    async def _known(self, site: str) -> _Known:
        """What is known of a site, asked for once however many pages wait for it."""
        known = self._sites.get(site)
        if known is not None and known.until > self._now():
            return known
        lock = self._asking.setdefault(site, asyncio.Lock())
        async with lock:
            known = self._sites.get(site)
            if known is None or known.until <= self._now():
                known = await self._ask(site, known)
                self._remember(site, known)
        return known

    async def _ask(self, site: str, before: _Known | None) -> _Known:
        now = self._now()
        try:
            text = await self._get(f"{site}/robots.txt")
        except FetchError as error:
            since = (before.closed_since if before else None) or now
            if error.error_class == "http_5xx" and now - since < _PATIENCE:
                return _Known(now + _AGAIN, closed_since=since)
            if error.error_class == "blocked_address" or error.status == 429:
                raise  # the page itself may not be asked either
            return _Known(now + _KEPT)
        rules = Protego.parse(_relevant(text.decode("utf-8-sig", "replace"), self._agent))
        delay = rules.crawl_delay(self._agent) or 0.0
        return _Known(now + _KEPT, rules=rules, delay=min(delay, _MAX_DELAY))

    def _remember(self, site: str, known: _Known) -> None:
        self._sites.pop(site, None)
        while len(self._sites) >= _SITES:
            del self._sites[next(iter(self._sites))]
        self._sites[site] = known


def _relevant(text: str, agent: str) -> str:
    """Only what concerns everybody or us: thousands of agents times thousands of rules would stall the service."""
    lines: list[str] = []
    rules = 0
    ours = begun = False  # whether this group is for everybody or us, and has rules, so that a name begins the next
    for line in text.splitlines():
        named = _AGENT.match(line)
        kept = _agent(named[1], agent) if named else line
        if named:
            ours, begun = kept != _OTHERS or (ours and not begun), False
        elif _RULE.match(line):
            begun = True
            rules += ours
            kept = line if ours else ""
        if kept and not (named and lines[-1:] == [kept]) and (named or rules <= _MAX_RULES):
            lines.append(kept)
    return "\n".join(lines)


def _agent(value: str, agent: str) -> str:
    name = value.partition("#")[0].strip().rstrip("*").strip().lower()
    ours = name == "" or (len(name) > 2 and name in agent.lower())
    return f"User-agent: {name or '*'}" if ours else _OTHERS
