"""A small web on loopback for tests that run the real program: feeds, pages with chrome, conditional requests."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _opened() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class Web:
    """What is served, by path, and what was asked for. `delay` (seconds) and a closed `gate` hold every answer back."""

    port: int = 0
    host: str = "127.0.0.1"
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    delay: float = 0.0
    waiting: int = 0  # at the gate
    gate: threading.Event = field(default_factory=_opened)

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"

    def put(self, path: str, body: str | bytes, media_type: str = "text/html; charset=utf-8") -> str:
        self.pages[path] = (media_type, body.encode() if isinstance(body, str) else body)
        return self.base + path

    def times(self, path: str, status: int | None = None) -> int:
        return sum(asked == path and status in {None, given} for asked, given in self.asked)


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Web]:
    """A web that is served meanwhile."""
    web = Web(host=host)
    server = _server(web)
    try:
        yield web
    finally:
        web.gate.set()
        server.shutdown()
        server.server_close()


def _server(web: Web) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if web.delay:
                threading.Event().wait(web.delay)
            web.waiting += 1
            web.gate.wait()
            web.waiting -= 1
            found = web.pages.get(self.path)
            if found is None:
                self._answer(404, b"", {})
                return
            etag = f'"{hashlib.sha1(found[1], usedforsecurity=False).hexdigest()}"'
            headers = {"Content-Type": found[0], "ETag": etag}
            if self.headers.get("If-None-Match") == etag:
                self._answer(304, b"", headers)
            else:
                self._answer(200, found[1], headers)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            web.asked.append((self.path, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
            pass

    server = ThreadingHTTPServer((web.host, web.port), Handler)
    server.daemon_threads = True
    web.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


PARAGRAPHS = {
    "tanks": [
        "Soviet tanks rolled into Prague in the night of the twentieth of August 1968, and by the morning the radio "
        "building on Vinohradská street was surrounded by crowds who argued with the young soldiers on the turrets.",
        "The reform programme of the spring had promised socialism with a human face, an end of censorship and a freer "
        "economy; within a few months nearly all of it was taken back, and half a million members left the party.",
        "Historians who have read the minutes of the politburo say that the decision was taken in doubt, late, and "
        "against the advice of the ambassadors, who had reported that no counter-revolution was to be seen anywhere.",
    ],
    "bridge": [
        "The old railway bridge over the estuary will be closed for eleven weeks from next Monday while engineers "
        "replace forty of its girders, the county council said, and buses will run in place of the local trains.",
        "Commuters in the three villages on the northern bank will need about twenty-five minutes longer each way, and "
        "the ferry will run every half an hour instead of hourly until the work on the southern span is finished.",
        "The bridge, opened in 1889, was last strengthened after the storm of 1987, and its lattice of wrought iron is "
        "listed, which is why every girder has to be copied by hand in a foundry two hundred miles to the south.",
    ],
    "garden": [
        "Head gardener Ines Moreau has planted four thousand tulips along the river walk this autumn, in a pattern that "
        "will only be seen from the castle's tower, and she has told nobody what the picture is going to show.",
        "The bulbs come from a grower in the polders who keeps varieties that were thought lost, among them a striped "
        "one that was painted in 1637 and has been rebuilt from a few plants found in an abandoned monastery garden.",
        "Visitors may walk through the beds from the first week of April, when the castle opens its gates, and school "
        "classes can come free of charge on weekdays if their teachers write to the office a fortnight before.",
    ],
}

CHROME = (
    "Share on Facebook",
    "Share on Twitter",
    "Most viewed this week",
    "Subscribe to our newsletter",
    "We use cookies to improve your experience",
    "Related articles you may like",
)


def page(title: str, paragraphs: list[str], *, base: str = "") -> str:
    """A story's page with its site's chrome round it."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | The Loopback Times</title>
<meta property="og:title" content="{title}"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<div class="cookie-banner"><p>{CHROME[4]}</p><button>Accept</button></div>
<main><article><h1>{title}</h1><div class="share"><a href="#f">{CHROME[0]}</a> <a href="#t">{CHROME[1]}</a></div>
<div class="article-body">{body}</div></article></main>
<aside class="sidebar"><h3>{CHROME[2]}</h3><ul><li><a href="/1">Ten things to do</a></li>
<li><a href="/2">Nine more</a></li></ul><form class="newsletter"><label>{CHROME[3]}</label><input></form>
<h3>{CHROME[5]}</h3><ul><li><a href="/3">Another story altogether</a></li></ul></aside>
<footer><p>© The Loopback Times. All rights reserved.</p></footer></body></html>"""
