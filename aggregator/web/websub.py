"""The hubs' side of the web: /websub/PATH, where a hub asks whether a subscription is meant, and delivers.

Nobody but the hub knows PATH, and its own subscription alone can be reached by it. What is delivered is judged by its
signature, not here; a hub is told the same whether that was right or not (W3C WebSub, section 8).
"""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.web.deps import Hubs

AT_ONCE: Final = 8  # deliveries being received or taken; each holds its body
_RETRY_AFTER: Final = "60"  # seconds, while there are more
_UNCACHED: Final = {"cache-control": "no-store"}


class WebSub:
    """The handlers."""

    def __init__(self, hubs: Hubs) -> None:
        self._hubs = hubs
        self._deliveries = 0

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/websub/{path}", self.intent, methods=["GET"]),
            Route("/websub/{path}", self.delivery, methods=["POST"]),
        ]

    async def intent(self, request: Request) -> Response:
        """200 with the hub's challenge, or 404 for what we don't mean."""
        answer = await self._hubs.intent(request.path_params["path"], request.query_params)
        if answer is None:
            raise HTTPException(404)
        return PlainTextResponse(answer, headers=_UNCACHED)

    async def delivery(self, request: Request) -> Response:
        """204 once it is stored or was left alone; 404 or 410 where there is no subscription (any more)."""
        known = self._hubs.known(request.path_params["path"])
        if known != "taken":
            raise HTTPException(410 if known == "left" else 404)
        if self._deliveries >= AT_ONCE:
            raise HTTPException(503, headers={"retry-after": _RETRY_AFTER})
        self._deliveries += 1
        try:
            await self._take(request)
        finally:
            self._deliveries -= 1
        return Response(status_code=204, headers=_UNCACHED)

    async def _take(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise HTTPException(415)
        await self._hubs.deliver(
            request.path_params["path"],
            await self._body(request),
            content_type=request.headers.get("content-type", ""),
            signature=request.headers.get("x-hub-signature", ""),
        )

    async def _body(self, request: Request) -> bytes:
        """The whole body, within the bounds of a poll's answer."""
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._hubs.patience):
                async for part in request.stream():
                    size += len(part)
                    if size > self._hubs.max_bytes:
                        raise HTTPException(413)
                    parts.append(part)
        except TimeoutError:
            raise HTTPException(408) from None
        except ClientDisconnect:
            raise HTTPException(400) from None
        return b"".join(parts)
