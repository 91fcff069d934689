"""The few files of our own that pages need, read once and named by a table: no path out of a request is opened."""

from importlib import resources
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.web.answers import answer, prepare

_TYPES: Final = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_CACHE: Final = "no-cache"  # kept, but asked for again: an upgrade shows at once


class Static:
    """Holds the files."""

    def __init__(self) -> None:
        folder = resources.files("aggregator.web") / "static"
        self._files = {name: prepare((folder / name).read_bytes(), kind) for name, kind in _TYPES.items()}

    def routes(self) -> list[Route]:
        """Where they are."""
        return [Route("/static/{name}", self.file)]

    async def file(self, request: Request) -> Response:
        """One of them."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404, "There is no such file.")
        return answer(request, found, cache=_CACHE)
