"""Puts the web together: routes, errors, static files, the API and the door in front of all of them."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.errors import StorageError
from aggregator.web.api import create_api
from aggregator.web.deps import WebDeps
from aggregator.web.door import Door
from aggregator.web.feeds import Feeds
from aggregator.web.looks import Looks, root_of
from aggregator.web.pages import Pages
from aggregator.web.renderings import Renderings, Threads
from aggregator.web.service import Service
from aggregator.web.static_files import Static
from aggregator.web.websub import WebSub

_THREADS = 6  # rendering at a time; more only wait for each other
_HEALTH_THREADS = 2
_RETRY_AFTER = "30"  # seconds, while the store can't be read


def create_app(deps: WebDeps) -> ASGIApp:
    """The ASGI application. It opens nothing and needs no lifespan; one instance serves one event loop."""
    threads, looks = Threads(_THREADS), Looks()
    renderings = Renderings(deps.storage.changes, threads, fresh=deps.fresh, now=deps.now)
    errors = _Errors(deps, looks)
    app = Starlette(
        routes=[
            *Feeds(deps=deps, renderings=renderings, threads=threads).routes(),
            *Pages(deps=deps, looks=looks).routes(),
            *Service(deps=deps, threads=threads, health_threads=Threads(_HEALTH_THREADS)).routes(),
            *Static().routes(),
            *(WebSub(deps.hubs).routes() if deps.hubs is not None else ()),
            Mount("/api", _with_head(create_api(deps))),
        ],
        exception_handlers={
            HTTPException: errors.refused,
            StorageError: errors.unavailable,
            Exception: errors.broken,
        },
    )
    app.router.redirect_slashes = False  # a redirect would name the scheme and host that a proxy hides
    return Door(app, deps.config)


def _with_head(api: ASGIApp) -> ASGIApp:
    """HEAD is answered as GET without its body (RFC 9110, 9.3.2), which FastAPI leaves to its user."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def bare(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        head = scope["type"] == "http" and scope["method"] == "HEAD"
        await api({**scope, "method": "GET"} if head else scope, receive, bare if head else send)

    return answered


class _Errors:
    """Says what went wrong, as a page to browsers and as a line to everything else."""

    def __init__(self, deps: WebDeps, looks: Looks) -> None:
        self._deps = deps
        self._looks = looks

    def refused(self, request: Request, error: Exception) -> Response:
        """A request that can't be answered as it is."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        headers = dict(getattr(error, "headers", None) or {})
        return self._say(request, status, detail, headers)

    def unavailable(self, request: Request, error: Exception) -> Response:
        """The store can't be read just now."""
        sentence = error.message if isinstance(error, StorageError) else ""
        return self._say(request, 503, sentence, {"retry-after": _RETRY_AFTER})

    def broken(self, request: Request, _error: Exception) -> Response:
        """A bug: the server logs it, the client learns nothing of it."""
        return self._say(request, 500, "Something went wrong here. The log says what.", {})

    def _say(self, request: Request, status: int, sentence: str, headers: dict[str, str]) -> Response:
        phrase = HTTPStatus(status).phrase
        headers = {"cache-control": "no-store", **headers}
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(f"{sentence or phrase}\n", status_code=status, headers=headers)
        values = {
            "site": self._deps.config(),
            "root": root_of(request),
            "title": phrase,
            "status": status,
            "sentence": sentence if sentence != phrase else "",
            "now": self._deps.now(),
        }
        body = self._looks.render("error.html", values)
        return Response(body, status_code=status, headers={"content-type": "text/html; charset=utf-8", **headers})
