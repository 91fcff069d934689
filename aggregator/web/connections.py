"""One client's connection, with bounds on time and number that uvicorn has none for.

A client owes its request within some seconds and has to take what it asked for at some speed; when there are too
many connections, the one that has owed its request longest makes room. So nobody holds the service's files and memory
by saying or reading little.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from aggregator.web.door import HEADERS

REQUEST: Final = 10.0  # seconds for a request's head, from its first byte or the beginning of the connection
BODY: Final = 60.0  # seconds for what follows it; whoever takes bodies has bounds of its own
TAKING: Final = 30.0  # seconds to take a piece of an answer of some tens of kilobytes


class Connection(H11Protocol):
    """uvicorn's connection. `most` is set by a subclass that `limited_to` makes."""

    most: int = 1000

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._owing: asyncio.TimerHandle | None = None
        self._given = 0.0  # what that one was set to
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A new client; room is made for it when there is none."""
        if len(self.connections) >= self.most:
            self._make_room()
        super().connection_made(transport)
        self._watch(REQUEST)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        self._watch(self._owes())

    def on_response_complete(self) -> None:
        """An answer has been written; what follows may be the next request's beginning."""
        super().on_response_complete()
        self._watch(self._owes())
        if self.transport.is_closing():  # who doesn't take the end either is cut off
            self._expect_taken()

    def pause_writing(self) -> None:
        """The client takes the answer more slowly than it is written."""
        super().pause_writing()
        self._expect_taken()

    def resume_writing(self) -> None:
        """It has taken most of what was written."""
        super().resume_writing()
        _cancel(self._stuck)
        self._stuck = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more came."""
        super().timeout_keep_alive_handler()
        self._expect_taken()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        _cancel(self._owing)
        _cancel(self._stuck)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP, or too long; as uvicorn's, with the headers that every answer has."""
        body = f"{msg}\n".encode("ascii")
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        response = h11.Response(status_code=400, headers=[*headers, (b"connection", b"close"), *HEADERS])
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event))
        self.transport.close()

    def _owes(self) -> float:
        """Seconds given for what the client has begun to send; 0 between requests, where uvicorn's own timer counts."""
        if self.conn.their_state is h11.SEND_BODY:
            return BODY
        return REQUEST if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0] else 0.0

    def _watch(self, seconds: float) -> None:
        """The time runs on while the same is owed."""
        if seconds == self._given:
            return
        _cancel(self._owing)
        self._given = seconds
        self._owing = self.loop.call_later(seconds, self.abort) if seconds else None

    def _expect_taken(self) -> None:
        self._stuck = self._stuck or self.loop.call_later(TAKING, self.abort)

    def _make_room(self) -> None:
        others = [other for other in self.connections if isinstance(other, Connection)]
        if others:
            oldest = min(others, key=Connection.worth)
            self.connections.discard(oldest)
            oldest.abort()

    def worth(self) -> tuple[bool, bool, float]:
        """What is cut off first: who owes a request, the longest first; then who idles; then who is being answered."""
        answered = self.timeout_keep_alive_task is None
        return (self._owing is None, answered, self._owing.when() if self._owing else 0.0)

    def abort(self) -> None:
        """Cut the connection off."""
        self.transport.abort()


def limited_to(most: int) -> type[Connection]:
    """The class of connections of which there are at most so many."""
    return type("Connection", (Connection,), {"most": most})


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
