"""Whom the service answers, and the headers that every answer carries, errors too. Knows no route."""

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.web.deps import Config

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' http: https:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_UNKEPT: Final = {"cache-control": "no-store"}
PIECE: Final = 64 * 2**10  # bytes
LONGEST: Final = 8 * 2**10  # bytes of a path with its query
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN_PATHS: Final = ("/healthz", "/static/", "/websub/")  # say nothing of what is read


class Door:
    """The outermost layer. `config` gives the configuration in force."""

    def __init__(self, app: ASGIApp, config: Callable[[], Config]) -> None:
        self._app = app
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers or refuses one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            for part in _pieces(message):
                await send(part)

        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        config, headers, path = self._config(), Headers(scope=scope), scope["path"]
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > LONGEST:
            return PlainTextResponse("This address is too long.\n", status_code=414, headers=_UNKEPT)
        if path != "/healthz" and not known_host(headers.get("host", ""), config):
            sentence = "This name is not one of mine. If it should be, set base_url in feeds.toml to it.\n"
            return PlainTextResponse(sentence, status_code=400, headers=_UNKEPT)
        if path.startswith(_OPEN_PATHS) or not closed(config) or admitted(scope, headers, config.token):
            return None
        challenge = {"www-authenticate": 'Basic realm="aggregator", charset="UTF-8"', **_UNKEPT}
        sentence = "Reading needs the token: as ?token=, as the password, or as Authorization: Bearer.\n"
        return PlainTextResponse(sentence, status_code=401, headers=challenge)


def _pieces(message: Message) -> Iterable[Message]:
    """A large body in parts: each waits until the client took the one before, so that nobody makes us hold copies."""
    body = message.get("body", b"") if message["type"] == "http.response.body" else b""
    if len(body) <= PIECE:
        yield message
        return
    for start in range(0, len(body), PIECE):
        last = start + PIECE >= len(body)
        yield {**message, "body": body[start : start + PIECE], "more_body": not last or message.get("more_body", False)}


def known_host(header: str, config: Config) -> bool:
    """Whether a Host header names this service: what stops a foreign site from reading it by DNS rebinding.

    A plain IP address can't be rebound; it is answered when listening on every address.
    """
    host = _host_of(f"//{header}")
    if host in _LOOPBACK_NAMES or host in {_host_of(config.base_url), config.listen_host.lower().strip("[]")}:
        return bool(host)
    return _is_address(host) and config.listen_host in {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound


def closed(config: Config) -> bool:
    """Whether reading needs the token: there is one, and not only this machine can connect."""
    return bool(config.token) and exposed(config)


def exposed(config: Config) -> bool:
    """Whether others than this machine can connect: they are listened to, or a proxy lets them in at `base_url`.

    The Host header can't tell whom a proxy brings: many set it to the address that they connect to.
    """
    return not (_is_loopback(config.listen_host) and _is_loopback(_host_of(config.base_url)))


def admitted(scope: Scope, headers: Headers, token: str) -> bool:
    """Whether the request brings the token, by any of the three ways."""
    return any(hmac.compare_digest(offer, token.encode()) for offer in _offers(scope, headers))


def _offers(scope: Scope, headers: Headers) -> Iterable[bytes]:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=None)
    yield from (value.encode("utf-8", "surrogatepass") for value in query.get("token", ())[:1])
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield value.strip().encode("latin-1")
    elif scheme.lower() == "basic":
        yield _password(value)


def _password(value: str) -> bytes:
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    host = name.strip("[]")
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
