"""Runs the web app under uvicorn inside the service's own event loop, with bounds on what a client may cost."""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from aggregator.errors import ConfigError
from aggregator.web.app import create_app
from aggregator.web.connections import limited_to
from aggregator.web.deps import WebDeps

MAX_CONNECTIONS = 1000  # or half of the files that the process may open, for polls need some too
HEADER_BYTES = 16 * 2**10  # of a request's line and headers
KEEP_ALIVE = 15  # seconds
BACKLOG = 256


class _Uvicorn(uvicorn.Server):
    """Leaves signals to the service, which stops the scheduler and the workers too."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.answering.set()


class Server:
    """Serves until stopped. The address is bound at once, so that a taken port is an error before anything starts."""

    def __init__(self, deps: WebDeps, *, host: str, port: int) -> None:
        self._socket = _bind(host, port)
        name, number = self._socket.getsockname()[:2]
        self.address = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
        self._server = _Uvicorn(
            uvicorn.Config(
                create_app(deps),
                log_config=None,
                access_log=False,
                server_header=False,
                h11_max_incomplete_event_size=HEADER_BYTES,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=2,
                http=limited_to(min(MAX_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)),
                ws="none",
                lifespan="off",
            )
        )

    async def serve(self) -> None:
        """Answer requests until `stop`."""
        await self._server.serve(sockets=[self._socket])

    async def ready(self) -> None:
        """Wait until requests are answered."""
        await self._server.answering.wait()

    def stop(self) -> None:
        """Take no more requests; open ones get two seconds."""
        self._server.should_exit = True


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"listen {host}:{port}: {error.strerror}; stop what listens there, or set another `listen` in feeds.toml"
        ) from None
    return listener
