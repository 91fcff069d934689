"""Connections to checked addresses only, plain and encrypted. Knows nothing of HTTP."""

import asyncio
import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import httpcore
import httpx

from aggregator.errors import FetchError
from aggregator.guard.addresses import allowed, is_literal, not_public, shown, told
from aggregator.guard.hosts import sent
from aggregator.model import Limits

GetAddrInfo = Callable[..., list[tuple[Any, ...]]]

_LOOKUPS: Final = 32  # at once; a look-up that hangs can't be ended, only be outnumbered
_TRY_SECONDS: Final = 4.0  # for one of several addresses; the last one has what is left of the deadline
_TRIES: Final = 4
_BUFFER: Final = 256 * 1024


@functools.cache
def _tls(ca_file: str) -> ssl.SSLContext:
    """The process's one context: 0.15 s to make. Honours SSL_CERT_FILE and SSL_CERT_DIR; `ca_file` comes on top."""
    context = httpx.create_ssl_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Resolver:
    """Looks names up in threads that a hanging name server can't hold the process's end up with."""

    def __init__(self, getaddrinfo: GetAddrInfo | None) -> None:
        self._getaddrinfo = getaddrinfo or socket.getaddrinfo
        self._free = asyncio.Semaphore(_LOOKUPS)

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses of a name, each once. OSError or UnicodeError when there are none."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[tuple[Any, ...]]] = loop.create_future()

        def give(found: list[tuple[Any, ...]], error: Exception | None) -> None:
            self._free.release()
            if not answer.done():
                answer.set_exception(error) if error else answer.set_result(found)

        def look_up() -> None:
            found: list[tuple[Any, ...]] = []
            failed: Exception | None = None
            try:
                found = self._getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                failed = error
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(give, found, failed)

        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        return list(dict.fromkeys(str(info[4][0]) for info in await answer))


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was checked, so that a name can't change in between."""

    def __init__(self, limits: Limits, *, trusted: tuple[str, int] | None, getaddrinfo: GetAddrInfo | None) -> None:
        self._networks = limits.allow_networks
        self._trusted = trusted
        self._ca_file = limits.ca_file
        self._resolver = _Resolver(getaddrinfo)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the interface's; the one deadline is the caller's
        local_address: str | None = None,  # noqa: ARG002 - likewise
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.AsyncNetworkStream:
        """A stream to one of the host's addresses. FetchError dns, blocked_address or connect."""
        addresses = await self._addresses(host, port)
        if (host, port) != self._trusted:
            for address in addresses:
                self._check(host, address)
        return _Stream(await _connect(host, addresses, port), host, self._ca_file)

    async def _addresses(self, host: str, port: int) -> list[str]:
        if is_literal(host):
            return [host]
        try:
            addresses = await self._resolver.addresses(host, port)
        except (OSError, UnicodeError) as error:
            detail = told(getattr(error, "strerror", None) or str(error))
            raise FetchError(
                f"the name {shown(host)} has no address ({detail}); check its spelling and this machine's name server",
                error_class="dns",
            ) from None
        if not addresses:
            raise FetchError(f"the name {shown(host)} has no address", error_class="dns")
        return addresses

    def _check(self, host: str, address: str) -> None:
        if not allowed(address, self._networks):
            raise not_public(host if host == address else f"{host} is {address}, which")


async def _connect(host: str, addresses: Sequence[str], port: int) -> socket.socket:
    """The first of the addresses that answers, IPv6 and IPv4 in turn."""
    tried = _in_turn(addresses)[:_TRIES]
    for address in tried[:-1]:
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                return await _open(address, port)
        except (OSError, TimeoutError):
            continue
    try:
        return await _open(tried[-1], port)
    except OSError as error:
        raise FetchError(
            f"no connection to {shown(host)} port {port}: {told(error.strerror or str(error))}", error_class="connect"
        ) from None


def _in_turn(addresses: Sequence[str]) -> list[str]:
    kinds = {
        ":" in address: [other for other in addresses if (":" in other) == (":" in address)] for address in addresses
    }
    longest = max(map(len, kinds.values()))
    return [kind[place] for place in range(longest) for kind in kinds.values() if place < len(kind)]


async def _open(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


class _Stream(httpcore.AsyncNetworkStream):
    """A plain connection, straight on the socket: a poll is one small request and one small answer."""

    def __init__(self, sock: socket.socket, host: str, ca_file: str) -> None:
        self._sock = sock
        self._host = host
        self._ca_file = ca_file
        self._loop = asyncio.get_running_loop()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - as above
        """What has come; empty at the end."""
        try:
            return await self._loop.sock_recv(self._sock, max_bytes)
        except OSError as error:
            raise httpcore.ReadError(error.strerror or str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - as above
        """Sends all of it. A request without a body has its end written too, as nothing."""
        if not buffer:
            return
        sent()
        try:
            await self._loop.sock_sendall(self._sock, buffer)
        except OSError as error:
            raise httpcore.WriteError(error.strerror or str(error)) from error

    async def aclose(self) -> None:
        """Closes the socket."""
        self._sock.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - a stand-in: the real one is costly and made at first need
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the one deadline is the caller's
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, verified and encrypted. FetchError tls."""
        host = server_hostname or self._host
        try:
            context = _tls(self._ca_file)
        except OSError as error:  # ssl.SSLError is one
            await self.aclose()
            raise FetchError(
                f"the certificates in {self._ca_file or 'SSL_CERT_FILE'} cannot be read "
                f"({told(error.strerror or str(error))}); correct [fetch] ca_file",
                error_class="tls",
            ) from None
        try:
            return _TlsStream(
                *await asyncio.open_connection(sock=self._sock, ssl=context, server_hostname=host, limit=_BUFFER)
            )
        except OSError as error:
            await self.aclose()
            raise _tls_failure(error) from None
        except BaseException:
            await self.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` tells a pool that an idle connection was closed by the server."""
        return _readable(self._sock) if info == "is_readable" else None


def _readable(sock: socket.socket) -> bool:
    try:
        sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _tls_failure(error: OSError) -> FetchError:
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = f"its certificate is not valid: {error.verify_message or error.reason}"
    elif isinstance(error, ssl.SSLError):
        detail = f"the secure connection failed: {error.reason or error}"
    else:
        detail = f"the server broke off the secure connection: {error.strerror or error}"
    return FetchError(f"{told(detail)}; it is not asked without encryption instead", error_class="tls")


class _TlsStream(httpcore.AsyncNetworkStream):
    """An encrypted connection. asyncio's streams stop reading when their buffer is full."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - as above
        """What has come; empty at the end."""
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(error.strerror or str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - as above
        """Sends all of it. A request without a body has its end written too, as nothing."""
        if not buffer:
            return
        sent()
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(error.strerror or str(error)) from error

    async def aclose(self) -> None:
        """Closes at once: an orderly end would wait for a server that may never answer it."""
        self._writer.transport.abort()
        await asyncio.sleep(0)

    def get_extra_info(self, info: str) -> Any:
        """`ssl_object` for the chosen protocol, `is_readable` as for a plain connection."""
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.transport.is_closing()
        return None
