"""Which addresses may be asked, and how a URL out of the wild is read. Decides only; opens nothing, resolves nothing.

An address is judged by what it is, not by how it is spelt: every spelling that a resolver might understand is brought
to one form first, and that same form is what gets connected to.
"""

import functools
import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import httpx

from aggregator.errors import FetchError

# IANA's special-purpose registry, and what the clouds answer metadata on. Python's own is_private and is_global
# let 100.64/10, 224/4, 64:ff9b::/96 or 2002::/16 through in one version or another, so the list stands here.
_REFUSED_4: Final = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
# Of IPv6 only global unicast is reachable at all; inside it lie Teredo, ORCHID, documentation and 6to4.
_GLOBAL_6: Final = ipaddress.IPv6Network("2000::/3")
_REFUSED_6: Final = tuple(
    ipaddress.IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
# The ports no browser asks over HTTP (WHATWG Fetch, "bad port"): a feed's redirect must not talk to a mail server.
_BAD_PORT_LIST: Final = (
    "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 "
    "123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 "
    "993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6379 6566 6665 6666 6667 6668 6669 6679 6697 10080 "
    "11211"
)
_BAD_PORTS: Final = frozenset(map(int, _BAD_PORT_LIST.split()))
_SHAPE: Final = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_PLAIN: Final = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::\d+)?(?:[/?][!\"$-[\]-~]*)?")
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d{0,5}))?")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
_UNSAFE: Final = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]+")
# The second form is a password that holds a slash or the like: no port follows the colon, so no host precedes it.
_CREDENTIALS: Final = re.compile(r"(?<=//)(?:[^/?#\s]*|[^/?#@:\s]*:(?!\d*(?:[/?#]|$))[^@\s]*)@")
_MAX_URL: Final = 8192


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the URL without credentials and fragment, and the credentials it carried."""

    url: httpx.URL
    username: str = ""
    password: str = ""


@functools.cache
def _networks(blocks: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(block, strict=False) for block in blocks)


def allowed(address: str, networks: Sequence[str] = ()) -> bool:
    """Whether a connection to this IP address is permitted: it is public, or lies in one of the allowed networks."""
    return _allowed(address, tuple(networks))


@functools.lru_cache(maxsize=512)  # a host written as an address is judged before it waits and as it is connected to
def _allowed(address: str, networks: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id:
        return False
    if any(ip in network for network in _networks(networks)):
        return True
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_4)
    return ip in _GLOBAL_6 and not any(ip in network for network in _REFUSED_6)


def refuse_literal(host: str, networks: Sequence[str] = ()) -> None:
    """FetchError `blocked_address` for an IP address that is not permitted: known without waiting for a turn."""
    if is_literal(host) and not allowed(host, networks):
        raise not_public(host)


def is_literal(host: str) -> bool:
    """Whether a host that `target` read is an IP address and no name."""
    return ":" in host or (host[-1:].isdigit() and host.replace(".", "").isdigit())


def not_public(what: str) -> FetchError:
    """The refusal of an address, or of a name with such an address."""
    return FetchError(
        f"{told(what)} is not a public address; if it is yours to read, add its network to [fetch] allow_networks",
        error_class="blocked_address",
    )


def shown(url: str) -> str:
    """A URL as it may stand in a message: without credentials and control characters, at most 200 characters."""
    clean = _UNSAFE.sub("", _CREDENTIALS.sub("", url.replace("\\", "/")))
    return clean if len(clean) <= 200 else clean[:199] + "…"


def told(text: str) -> str:
    """Foreign text as it may stand in a message: one line without control characters, at most 200 of them."""
    clean = _UNSAFE.sub(" ", text[:1000]).strip()
    return clean if len(clean) <= 200 else clean[:199] + "…"


def target(url: str) -> Target:
    """Reads a URL as the WHATWG standard does. FetchError `blocked_address` when it is no http(s) URL of a host."""
    if _PLAIN.fullmatch(url) and len(url) <= _MAX_URL:
        return Target(_checked(httpx.URL(url), url))
    head, mark, query = _split_query(url.strip().partition("#")[0])
    match = _SHAPE.fullmatch(head.replace("\\", "/") + mark + query)
    if not match or not match[2] or len(url) > _MAX_URL:
        raise _refused(url, "it is not the http or https address of a host")
    userinfo, _, authority = match[2].rpartition("@")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts:
        raise _refused(url, "its host cannot be read")
    port = f":{parts[2]}" if parts[2] else ""
    try:
        read = httpx.URL(f"{match[1].lower()}://{_host(parts[1], url)}{port}{match[3]}")
    except httpx.InvalidURL:
        raise _refused(url, "it is not a valid address") from None
    username, _, password = userinfo.partition(":")
    return Target(_checked(read, url), unquote(username), unquote(password))


def _split_query(url: str) -> tuple[str, str, str]:
    """A backslash is a slash before the query, and itself within it."""
    return url.partition("?")


def _checked(url: httpx.URL, asked: str) -> httpx.URL:
    if url.port is not None and (url.port in _BAD_PORTS or url.port > 65535):
        raise _refused(asked, f"port {url.port} is not one for web pages")
    try:
        _ = url.host  # reading it decodes the labels: ASCII ones may stand for what IDNA 2008 forbids
    except UnicodeError:
        raise _refused(asked, "its host is no valid internationalised name") from None
    return url


def _host(host: str, url: str) -> str:
    if host.startswith("["):
        return _ipv6(host, url)
    folded = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").lower().removesuffix(".")
    if not folded or _UNSAFE.search(folded):
        raise _refused(url, "it names no host")
    if _NUMBER.fullmatch(folded.rpartition(".")[2]):
        return _ipv4(folded, url)
    return folded


def _ipv6(host: str, url: str) -> str:
    try:
        ip = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        raise _refused(url, "its IPv6 address is not valid") from None
    if ip.scope_id:
        raise _refused(url, "an address with a zone is never public")
    return f"[{ip}]"


def _ipv4(host: str, url: str) -> str:
    """Decimal, hexadecimal, octal and short forms, as inet_aton reads them, to four decimal numbers."""
    try:
        *head, last = [_number(part) for part in host.split(".")]
    except ValueError:
        raise _refused(url, "its IPv4 address is not valid") from None
    if len(head) > 3 or any(part > 255 for part in head) or last >= 256 ** (4 - len(head)):
        raise _refused(url, "its IPv4 address is not valid")
    return str(ipaddress.IPv4Address(last + sum(part << (24 - 8 * place) for place, part in enumerate(head))))


def _number(part: str) -> int:
    if len(part) > 64 or not _NUMBER.fullmatch(part):
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") and part != "0" else 10)


def _refused(url: str, reason: str) -> FetchError:
    return FetchError(
        f"{shown(url)} was not asked: {reason}; only public http and https addresses are, correct the URL",
        error_class="blocked_address",
    )
