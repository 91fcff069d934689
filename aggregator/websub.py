"""WebSub, the subscriber's side (W3C Recommendation, 2018): which hub to ask for what, and what a hub's words mean.

Decides only: time, chance and secrets are arguments. A subscription never replaces polling; it makes it slower while
the hub has shown that it delivers, and polling is back at its pace as soon as it doesn't.
"""

import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from aggregator import urls
from aggregator.model import Feed, FeedState, ParsedFeed

State = Literal["wanted", "active", "denied", "leaving"]
Step = Literal["unused", "asked", "confirmed", "delivers", "denied"]

SHORTEST_LEASE: Final = timedelta(minutes=5)
LONGEST_LEASE: Final = timedelta(days=30)
ASKED_LEASE: Final = timedelta(days=10)
SIGNATURES: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})

_DAY: Final = timedelta(days=1)
_UNSAID_LEASE: Final = _DAY  # of hubs older than the Recommendation, which must state one
_RENEW_AT: Final = 2 / 3
_JITTER: Final = 0.1
_FIRST_RETRY: Final = timedelta(minutes=5)
_GOODBYES: Final = 3  # asks to be let go; after them the lease ends by itself
_LASTING: Final = frozenset({"http_4xx", "gone", "blocked_address", "redirect_limit", "not_a_feed"})
_MAX_CHALLENGE: Final = 2048
_MAX_ERROR: Final = 500
_SECONDS: Final = re.compile(r"\d{1,12}")
_LINK: Final = re.compile(r"<([^<>]*)>([^<>]*)")
_REL: Final = re.compile(r";\s*rel\s*=\s*\"?([^\";,]*)", re.IGNORECASE)
# Names that mean something inside a network only (RFC 6761, 6762, 7686, 8375, and those that routers hand out).
_INSIDE: Final = frozenset(
    {
        *("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa"),
        *("test", "invalid", "example", "onion"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Whom to ask for what."""

    url: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed's subscription at one hub. Whoever knows `path` and `secret` is taken for that hub."""

    path: str = field(repr=False)  # the end of the callback's address
    feed_url: str  # the feed as configured: what is delivered is its, whatever it says of itself
    hub: str
    topic: str
    callback: str = field(repr=False)
    secret: str = field(repr=False)
    state: State = "wanted"
    lease_end: datetime | None = None  # None: never confirmed
    delivered: datetime | None = None  # when content with a right signature last came
    next_try: datetime | None = None  # when the hub is asked next
    failures: int = 0  # asks in a row that the hub did not confirm
    error_class: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a hub's GET comes to. `subscription` None: forget it; `answer` None: it is not ours to confirm (404)."""

    subscription: Subscription | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a feed stands with the hub that it names, for people and machines that look on.

    `unused`: not asked, since no hub can reach us or the feed is private or at rest. `asked`: not confirmed, or no
    longer. `confirmed`: has promised to deliver. `delivers`: does, so that the feed is polled more rarely.
    """

    url: str
    state: Step = "unused"
    lease_end: datetime | None = None
    delivered: datetime | None = None
    error_class: str = ""
    error: str = ""


def reachable(base_url: str, public: Callable[[str], bool]) -> bool:
    """Whether a hub can be expected to reach this address: a public name, or an IP address that is `public`."""
    try:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        _, dot, top = host.rpartition(".")
        return bool(dot) and top not in _INSIDE and not top.isdigit()
    return public(host)


def announced(parsed: ParsedFeed, link: str, base: str) -> ParsedFeed:
    """The feed with what its HTTP header `Link` says of hub and self, which counts before the document's own words."""
    if not link:
        return parsed
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(link):
        rel = _REL.search(parameters)
        for name in rel[1].lower().split() if rel else ():
            found.setdefault(name, urls.resolve(base, target.strip()))
    return replace(parsed, hub_url=found.get("hub") or parsed.hub_url, self_url=found.get("self") or parsed.self_url)


def choice(feed: Feed, state: FeedState | None) -> Hub | None:
    """The hub to subscribe at; None where there is none, or where hub and feed are none of each other's business.

    A feed that wants a login or goes through a proxy is told to nobody else.
    """
    if state is None or not state.hub_url or not state.self_url:
        return None
    if feed.paused or state.status == "gone" or _is_private(feed):
        return None
    return Hub(url=state.hub_url, topic=state.self_url)


def _is_private(feed: Feed) -> bool:
    authority = feed.url.partition("://")[2].partition("/")[0]
    return bool(feed.username or feed.password or feed.cookie or feed.headers or feed.proxy or "@" in authority)


def is_due(subscription: Subscription, now: datetime) -> bool:
    """Whether the hub is to be asked. What is further off than was ever set is due: the clock went back."""
    moment = subscription.next_try
    return moment is not None and (moment <= now or moment - now > LONGEST_LEASE)


def is_active(subscription: Subscription, now: datetime) -> bool:
    """Whether the hub has promised to deliver at this time."""
    end = subscription.lease_end
    return subscription.state == "active" and end is not None and now < end <= now + LONGEST_LEASE


def delivers(subscription: Subscription, state: FeedState, now: datetime) -> bool:
    """Whether the hub can be relied on: it has delivered, and no poll has since found what it did not.

    Many feeds name a hub that nobody tells of anything any more.
    """
    told = subscription.delivered
    if told is None or not is_active(subscription, now):
        return False
    return state.last_changed is None or state.last_changed <= told


def standings(
    states: Mapping[str, FeedState], subscriptions: Iterable[Subscription], now: datetime
) -> dict[str, Standing]:
    """By the feed's configured URL, of those feeds that name a hub."""
    current = {one.feed_url: one for one in subscriptions if one.state != "leaving"}
    return {url: _standing(state, current.get(url), now) for url, state in states.items() if state.hub_url}


def _standing(state: FeedState, subscription: Subscription | None, now: datetime) -> Standing:
    if subscription is None:
        return Standing(url=urls.without_login(state.hub_url))
    return Standing(
        url=urls.without_login(subscription.hub),
        state=_step(subscription, state, now),
        lease_end=subscription.lease_end,
        delivered=subscription.delivered,
        error_class=subscription.error_class,
        error=subscription.error,
    )


def _step(subscription: Subscription, state: FeedState, now: datetime) -> Step:
    if subscription.state == "denied":
        return "denied"
    if delivers(subscription, state, now):
        return "delivers"
    return "confirmed" if is_active(subscription, now) else "asked"


def form(subscription: Subscription) -> dict[str, str]:
    """The fields of the request to the hub. `hub.verify` is for hubs older than the Recommendation."""
    fields = {
        "hub.callback": subscription.callback,
        "hub.mode": "unsubscribe" if subscription.state == "leaving" else "subscribe",
        "hub.topic": subscription.topic,
        "hub.verify": "async",
    }
    if subscription.state == "leaving":
        return fields
    return fields | {
        "hub.lease_seconds": str(int(ASKED_LEASE.total_seconds())),
        "hub.secret": subscription.secret,
    }


def asked(subscription: Subscription, *, now: datetime, jitter: float) -> Subscription:
    """As it is before the hub is asked: unless the hub confirms, it is asked again, later each time."""
    failures = subscription.failures + 1
    delay = min(_FIRST_RETRY * (1 << min(failures - 1, 20)), _DAY)
    return replace(subscription, failures=failures, next_try=now + delay * (1 + _JITTER * jitter))


def refused(
    subscription: Subscription, error_class: str, error: str, *, wish: timedelta | None, now: datetime
) -> Subscription:
    """After the request failed. `wish` is the hub's Retry-After; nothing changes if it has confirmed all the same."""
    if not subscription.failures:
        return subscription
    delay = max(wish or timedelta(0), _DAY if error_class in _LASTING else timedelta(0))
    moment = max(subscription.next_try or now, now + min(delay, LONGEST_LEASE))
    return replace(subscription, next_try=moment, error_class=error_class, error=error[:_MAX_ERROR])


def leave(subscription: Subscription, now: datetime) -> Subscription | None:
    """The feed went, or its hub changed: asks to be let go, or None where the hub has promised nothing."""
    if not is_active(subscription, now):
        return None
    return replace(subscription, state="leaving", next_try=now, failures=0, error_class="", error="")


def is_over(subscription: Subscription, now: datetime) -> bool:
    """Whether nothing is left to say to the hub, so that the subscription can be forgotten."""
    if subscription.state != "leaving":
        return False
    lapsed = subscription.lease_end is None or subscription.lease_end <= now
    return lapsed or (subscription.failures >= _GOODBYES and is_due(subscription, now))


def intent(subscription: Subscription, query: Mapping[str, str], *, now: datetime, jitter: float) -> Intent:
    """What a GET at the callback means: a denial, or the question whether this was asked for (sections 5.2 and 5.3)."""
    mode, leaving = query.get("hub.mode", ""), subscription.state == "leaving"
    none_of_ours = Intent(subscription=subscription, answer=None)
    if query.get("hub.topic", "") != subscription.topic:
        return none_of_ours
    if mode == "denied":
        return Intent(subscription=None if leaving else _denied(subscription, query, now), answer="")
    challenge = query.get("hub.challenge", "")
    if not 0 < len(challenge) <= _MAX_CHALLENGE or mode != ("unsubscribe" if leaving else "subscribe"):
        return none_of_ours
    if leaving:
        return Intent(subscription=None, answer=challenge)
    lease = _lease(query.get("hub.lease_seconds", ""))
    return Intent(subscription=_confirmed(subscription, lease, now=now, jitter=jitter), answer=challenge)


def _denied(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription:
    reason = " ".join(query.get("hub.reason", "").split())
    sentence = f"the hub denies the subscription{': ' if reason else ''}{reason}"
    return replace(
        subscription,
        state="denied",
        lease_end=None,
        next_try=now + _DAY,
        error_class="http_4xx",
        error=sentence[:_MAX_ERROR],
    )


def _lease(seconds: str) -> timedelta:
    if not _SECONDS.fullmatch(seconds):
        return _UNSAID_LEASE
    stated = min(int(seconds), int(LONGEST_LEASE.total_seconds()))
    return max(timedelta(seconds=stated), SHORTEST_LEASE)


def _confirmed(subscription: Subscription, lease: timedelta, *, now: datetime, jitter: float) -> Subscription:
    return replace(
        subscription,
        state="active",
        lease_end=now + lease,
        next_try=now + lease * _RENEW_AT * (1 - _JITTER * jitter),
        failures=0,
        error_class="",
        error="",
    )


def is_signed(subscription: Subscription, signature: str, body: bytes) -> bool:
    """Whether the header X-Hub-Signature, "method=hexadecimal", was made with this subscription's secret."""
    method, _, given = signature.strip().partition("=")
    method = method.strip().lower()
    if method not in SIGNATURES:
        return False
    made = hmac.new(subscription.secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(made.encode(), given.strip().lower().encode("utf-8", "replace"))


def received(subscription: Subscription, now: datetime) -> Subscription:
    """After a signed delivery was taken."""
    return replace(subscription, delivered=now)
