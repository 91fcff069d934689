"""HTTP/1.1 over checked connections, behind httpx's interface, and what can go wrong in one sentence each.

Follows no redirect, reads no body, decodes nothing. Connections are kept by hand and not in httpcore's pool, which
looks at every connection for every request, and where a request that is cancelled as it waits costs a place for ever.
"""

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any, Final, Self, cast

import httpcore
import httpx

from aggregator.errors import FetchError
from aggregator.guard.addresses import not_public, refuse_literal, shown, target, told
from aggregator.guard.network import Backend, GetAddrInfo
from aggregator.model import Limits

_KEEPALIVE_SECONDS: Final = 4.0  # below the 5 s after which servers start to hang up, above the spacing of a host
_KEEPALIVE: Final = 16
_FAILURES: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)

Key = tuple[bytes, bytes, int | None]


class HungUp(FetchError):  # noqa: N818 - reads as what happened
    """A connection that had served before was closed instead of an answer: another may be tried (RFC 9112, 9.3.1)."""


def failure(error: Exception, url: str, *, answered: bool) -> FetchError:
    """What a library's exception means, as our own. `answered`: the answer's head had come before it happened."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    detail = told(str(error) or type(error).__name__)
    if kinds & {"TimeoutException", "TimeoutError"}:
        return FetchError(f"{shown(url)} did not answer in time", error_class="timeout")
    if "SSLError" in kinds:
        return FetchError(f"{shown(url)}: the secure connection broke ({detail})", error_class="tls")
    if "ProtocolError" in kinds:
        return _protocol(url, detail, answered=answered)
    if answered and kinds & {"NetworkError", "OSError", "StreamError"}:
        return FetchError(f"{shown(url)}: the transfer was cut off ({detail})", error_class="truncated")
    if kinds & {"ProxyError"}:
        return FetchError(f"{shown(url)}: the proxy refused ({detail}); check the feed's proxy", error_class="connect")
    if kinds & {"NetworkError", "OSError"}:
        return FetchError(f"{shown(url)}: the connection failed ({detail})", error_class="connect")
    return FetchError(f"{shown(url)}: the request could not be made ({detail})", error_class="protocol")


def _protocol(url: str, detail: str, *, answered: bool) -> FetchError:
    if "without sending complete" in detail or "incomplete" in detail:
        return FetchError(f"{shown(url)}: the transfer was cut off ({detail})", error_class="truncated")
    if not answered and "disconnected" in detail:
        return FetchError(f"{shown(url)}: the server hung up without an answer", error_class="connect")
    return FetchError(
        f"{shown(url)}: the answer is not HTTP as any standard knows it ({detail})", error_class="protocol"
    )


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: Any, url: httpx.URL, done: Callable[[], Awaitable[None]] | None) -> None:
        self._stream = stream
        self._url = url
        self._done = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
        except (*_FAILURES, OSError) as error:
            raise failure(error, str(self._url), answered=True) from error

    async def aclose(self) -> None:
        await self._stream.aclose()
        if self._done is not None:
            done, self._done = self._done, None
            await done()


class Transport(httpx.AsyncBaseTransport):
    """Requests to public addresses. Every failure is a FetchError. How many run at once is the caller's business."""

    def __init__(self, limits: Limits, *, getaddrinfo: GetAddrInfo | None = None) -> None:
        self._backend = Backend(limits, trusted=None, getaddrinfo=getaddrinfo)
        self._context = _stand_in()
        self._keep = max(_KEEPALIVE_SECONDS, 2 * limits.per_host_delay)
        self._idle: list[tuple[Key, httpcore.AsyncHTTP11Connection]] = []
        self._busy: set[httpcore.AsyncHTTP11Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body still on the wire. FetchError."""
        core = _core(request)
        key = (core.url.scheme, core.url.host, core.url.port)
        kept = await self._kept(key)
        connection = kept or await self._connected(core.url.origin)
        self._busy.add(connection)
        try:
            response = await connection.handle_async_request(core)
        except BaseException as error:
            self._busy.discard(connection)
            await connection.aclose()
            if isinstance(error, _FAILURES):
                raise self._said(error, request, kept=kept is not None) from error
            raise

        async def done() -> None:
            await self._give_back(key, connection)

        return _response(response, request.url, done)

    @staticmethod
    def _said(error: Exception, request: httpx.Request, *, kept: bool) -> FetchError:
        said = failure(error, str(request.url), answered=False)
        stale = kept and request.method == "GET" and said.error_class == "connect"
        return HungUp(said.message, error_class="connect") if stale else said

    async def aclose(self) -> None:
        """Closes all connections."""
        connections = [*self._busy, *(connection for _, connection in self._idle)]
        self._idle.clear()
        self._busy.clear()
        for connection in connections:
            await connection.aclose()

    async def _kept(self, key: Key) -> httpcore.AsyncHTTP11Connection | None:
        """An idle connection that is still good."""
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place][0] == key:
                _, connection = self._idle.pop(place)
                if connection.is_available() and not connection.has_expired():
                    return connection
                await connection.aclose()
                break
        return None

    async def _connected(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection:
        """Not httpcore's own way to a connection, whose locks and traces cost as much as all else before a request."""
        host = origin.host.decode("ascii")
        stream = await self._backend.connect_tcp(host, origin.port)
        if origin.scheme == b"https":
            stream = await stream.start_tls(self._context, host)
        return httpcore.AsyncHTTP11Connection(origin, stream, keepalive_expiry=self._keep)

    async def _give_back(self, key: Key, connection: httpcore.AsyncHTTP11Connection) -> None:
        if connection not in self._busy:
            return
        self._busy.discard(connection)
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle.append((key, connection))
        if len(self._idle) > _KEEPALIVE:
            _, oldest = self._idle.pop(0)
            await oldest.aclose()


class ProxyTransport(httpx.AsyncBaseTransport):
    """Requests through the proxy that a feed names, whose own address is trusted as configured."""

    def __init__(self, limits: Limits, proxy: str, *, getaddrinfo: GetAddrInfo | None = None) -> None:
        self._networks = limits.allow_networks
        server, trusted = _proxy(proxy)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_stand_in(),
            proxy=server,
            max_connections=None,  # no waiting in the pool: turns are given elsewhere
            max_keepalive_connections=_KEEPALIVE,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=Backend(limits, trusted=trusted, getaddrinfo=getaddrinfo),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its body still on the wire. FetchError."""
        self._check_name(request.url.host)
        try:
            response = await self._pool.handle_async_request(_core(request))
        except _FAILURES as error:
            raise failure(error, str(request.url), answered=False) from error
        return _response(response, request.url, None)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()

    def _check_name(self, host: str) -> None:
        """Behind a proxy names are the proxy's to resolve; what is plainly not public stays refused."""
        if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
            raise not_public(host)
        refuse_literal(host, self._networks)


class _Nothing:
    """No body: an empty one would be sent as a piece of no bytes."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


def _stand_in() -> ssl.SSLContext:
    """httpcore wants a context at hand; the streams use the real one, made at first need (see network)."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _core(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=cast("AsyncIterable[bytes]", request.stream) if request.method == "POST" else _Nothing(),
        extensions=request.extensions,
    )


def _response(
    response: httpcore.Response, url: httpx.URL, done: Callable[[], Awaitable[None]] | None
) -> httpx.Response:
    return httpx.Response(
        response.status,
        headers=response.headers,
        stream=_Body(response.stream, url, done),
        extensions=response.extensions,
    )


def _proxy(proxy: str) -> tuple[httpcore.Proxy, tuple[str, int]]:
    read = target(proxy)
    if read.url.scheme != "http":
        raise FetchError(
            f"the proxy {shown(proxy)} is not an http:// one; no other kind is known", error_class="connect"
        )
    port = read.url.port or 80
    auth = (read.username, read.password) if read.username else None
    url = httpcore.URL(scheme="http", host=read.url.host, port=port, target="/")
    return httpcore.Proxy(url, auth=auth), (read.url.host, port)


def transport(limits: Limits, *, proxy: str = "", getaddrinfo: GetAddrInfo | None = None) -> httpx.AsyncBaseTransport:
    """The way out, directly or through a feed's proxy; `getaddrinfo` replaces the system's in tests."""
    if proxy:
        return ProxyTransport(limits, proxy, getaddrinfo=getaddrinfo)
    return Transport(limits, getaddrinfo=getaddrinfo)
