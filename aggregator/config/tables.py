"""The shape of feeds.toml, for pydantic. What a table does not say is None here; the defaults stand in the values."""

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from aggregator.config.quantities import duration, size, span

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\x00-\x1f\x7f]+")
_HTTP_HOST: Final = re.compile(
    r"https?://(?:[^/?#@]*@)?(?:\[[^\]/?#]+\]|[^/?#@:\[\]]+)(?::\d*)?(?:[/?#]|$)", re.IGNORECASE
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WIDEST: Final = {4: 8, 6: 7}  # bits of the prefixes 10.0.0.0/8 and fc00::/7, by version
_MAPPED: Final = ipaddress.ip_network("::ffff:0:0/96")  # all of IPv4, written as IPv6
_OUTPUT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# Set by the poller itself: a wrong one breaks the connection, the limits or the conditional request.
_OWN_HEADERS: Final = frozenset(
    {
        *("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect"),
        *("accept-encoding", "if-none-match", "if-modified-since", "range"),
    }
)
FULL_TEXT: Final = {"auto": "auto", "true": "always", "false": "never"}


def address(value: str) -> str:
    """Refuse what has no scheme and host; whether the address may be asked at all is for the poller to find out."""
    http = value[:5].lower().startswith(("http:", "https"))
    if not _URL.fullmatch(value) or (http and not _HTTP_HOST.match(value)):
        raise ValueError('needs a scheme and a host and no spaces, as in "https://example.org/feed.xml"')
    return value


def web_address(value: str) -> str:
    """The address of a website of one's own, without a trailing slash."""
    if not _HTTP_HOST.match(address(value)) or re.search(r"[?#@]", value):
        raise ValueError(
            'must be an http or https address without "?", "#" or a password, as in "https://news.example.org"'
        )
    return value.rstrip("/")


def proxy(value: str) -> str:
    """The address of an HTTP proxy, or nothing."""
    if value and not _HTTP_HOST.match(value):
        raise ValueError('must be the address of an HTTP proxy, as in "http://proxy.example.org:3128"')
    return value


def line(value: str) -> str:
    """One line of visible text, without the spaces around it."""
    text = value.strip()
    if not text or len(text) > 300 or _UNPRINTABLE.search(text):
        raise ValueError("must be one line of 1 to 300 visible characters")
    return text


def header_value(value: str) -> str:
    """What may stand in an HTTP header."""
    if not value.isascii() or not value.isprintable():
        raise ValueError("may hold printable ASCII characters only, for it is sent in an HTTP header")
    return value


def headers(value: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Extra request headers, as pairs."""
    for name in value:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name[:40]!r} is no name of an HTTP header")
        if name.lower() in _OWN_HEADERS:
            raise ValueError(f"the header {name} is set by the poller and can't be set here; remove it")
    return tuple(value.items())


def network(value: str) -> str:
    """An address range no larger than private networks are: /0, or two of /1, would open everything."""
    try:
        parsed = ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f'{error}; write an address or a range, as in "192.168.1.0/24"') from None
    mapped = parsed.version == 6 and parsed.overlaps(_MAPPED)
    if parsed.prefixlen < (_MAPPED.prefixlen + _WIDEST[4] if mapped else _WIDEST[parsed.version]):
        raise ValueError(f"{value} would allow far more than a private network; name the range that the feed is in")
    return str(parsed)


def output_name(value: str) -> str:
    """A name that is safe in an address and as the name of a file."""
    if not _OUTPUT_NAME.fullmatch(value):
        raise ValueError(
            "may hold the letters a to z, digits, - and _ only, for it becomes part of an address (at most 64)"
        )
    return value


def dropping(value: str) -> str:
    """A query that throws stories out; an empty one finds everything."""
    if not value.strip():
        raise ValueError("may not be an empty query: it would drop every story; remove it")
    return value


def full_text(value: object) -> str:
    """`auto`, or true and false as TOML writes them."""
    word = str(value).lower()
    if word not in FULL_TEXT:
        raise ValueError('must be "auto", true or false')
    return FULL_TEXT[word]


def lasting(low: str, high: str) -> Callable[[object], timedelta]:
    """A reader of durations that refuses one outside of the bounds, both allowed."""
    shortest, longest = duration(low), duration(high)

    def read(value: object) -> timedelta:
        length = duration(value)
        if not shortest <= length <= longest:
            raise ValueError(f"must be between {low} and {high}")
        return length

    return read


def sized(low: str, high: str) -> Callable[[object], int]:
    """A reader of sizes that refuses one outside of the bounds, both allowed."""
    least, most = size(low), size(high)

    def read(value: object) -> int:
        count = size(value)
        if not least <= count <= most:
            raise ValueError(f"must be between {low} and {high}")
        return count

    return read


Line = Annotated[str, AfterValidator(line)]
Address = Annotated[str, AfterValidator(address)]
HeaderValue = Annotated[str, AfterValidator(header_value)]
Headers = Annotated[dict[str, HeaderValue], AfterValidator(headers)]
Proxy = Annotated[str, AfterValidator(proxy)]
FullTextKey = Annotated[Literal["auto", "always", "never"], BeforeValidator(full_text)]
Interval = Annotated[timedelta, BeforeValidator(lasting("1s", "366d"))]
Deadline = Annotated[timedelta, BeforeValidator(lasting("100ms", "1h"))]
Span = Annotated[timedelta | Literal["forever"], BeforeValidator(span)]
_Bytes = Annotated[int, BeforeValidator(sized("1KiB", "4GiB"))]
_Store = Annotated[int, BeforeValidator(sized("0B", "1000TiB"))]
_Memory = Annotated[int, BeforeValidator(sized("64MiB", "1TiB"))]


class Table(BaseModel):
    """Every table refuses keys it doesn't know, and turns no type into another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FeedTable(Table):
    """[[feeds]]."""

    url: Address
    name: Line | None = None
    tags: list[Line] | None = None
    match: str | None = None
    full_text: FullTextKey | None = None
    interval: Interval | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    paused: bool | None = None
    ignore_validators: bool | None = None
    headers: Headers | None = None
    username: HeaderValue | None = None
    password: str | None = None
    cookie: HeaderValue | None = None
    user_agent: HeaderValue | None = None
    proxy: Proxy | None = None


class DefaultsTable(Table):
    """[defaults]: what holds for every feed that doesn't say otherwise."""

    tags: list[Line] | None = None
    match: str | None = None
    full_text: FullTextKey | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    user_agent: HeaderValue | None = None
    proxy: Proxy | None = None


class OutputTable(Table):
    """[[outputs]]."""

    name: Annotated[str, AfterValidator(output_name)]
    title: Line | None = None
    query: str = ""


class FetchTable(Table):
    """[fetch]: the fields of `model.Limits`, and the feeds' default interval."""

    interval: Interval | None = None
    total_timeout: Deadline | None = None
    max_bytes: _Bytes | None = None
    concurrency: Annotated[int, Field(ge=1, le=1000)] | None = None
    per_host: Annotated[int, Field(ge=1, le=100)] | None = None
    per_host_delay: Annotated[timedelta, BeforeValidator(lasting("0s", "1h"))] | None = None
    max_redirects: Annotated[int, Field(ge=0, le=20)] | None = None
    max_entries: Annotated[int, Field(ge=1, le=100_000)] | None = None
    parse_timeout: Deadline | None = None
    worker_memory: _Memory | None = None
    robots: bool | None = None
    allow_networks: list[Annotated[str, AfterValidator(network)]] | None = None
    ca_file: str | None = None


class File(Table):
    """The whole of feeds.toml."""

    title: Line | None = None
    base_url: Annotated[str, AfterValidator(web_address)] | None = None
    listen: str | None = None
    store: str | None = None
    contact: HeaderValue | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    first_entries: Annotated[int, Field(ge=0, le=1000)] | None = None
    import_entries: Annotated[int, Field(ge=0, le=1000)] | None = None
    keep_articles: Span | None = None
    keep_pages: Span | None = None
    max_pages: _Store | None = None
    drop: list[Annotated[str, AfterValidator(dropping)]] = Field(default_factory=list)
    token: HeaderValue | None = None
    rules: str | None = None
    fetch: FetchTable = FetchTable()
    defaults: DefaultsTable = DefaultsTable()
    feeds: list[FeedTable] = Field(default_factory=list)
    outputs: list[OutputTable] = Field(default_factory=list)
