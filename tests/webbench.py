"""The web over a store in memory, with hands on everything that it was given, and looks at its pages."""

import html5lib
from demo import NOW, Settings, Shelf, settings, shelf
from starlette.testclient import TestClient

from aggregator.fetch import Times
from aggregator.publish import FORMATS
from aggregator.storage import Storage
from aggregator.web import Health, WebDeps, create_app

BASE = "http://127.0.0.1:8080"
FEEDS = [f"/feed.{form.suffix}" for form in FORMATS.values()]
PAGES = ["/", "/sources", "/articles/10", "/?q=archive", "/?output=prague"]


class Bench:
    """The app with the hands on everything that it was given."""

    def __init__(self, store: Shelf | Storage | None = None, config: Settings | None = None) -> None:
        self.store = store or shelf()
        self.config = config or settings()
        self.health = Health(ok=True, last_tick=NOW)
        self.now = NOW
        self.times = Times()
        deps = WebDeps(
            storage=self.store,
            config=lambda: self.config,
            health=lambda: self.health,
            now=lambda: self.now,
            times=self.times,
            fresh=0,
        )
        self.app = create_app(deps)
        self.client = TestClient(self.app, base_url=BASE, raise_server_exceptions=False)

    def get(self, path: str, **headers):
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def page(answer):
    """The page as a browser builds it; what a strict parser complains about fails."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(answer.text)


def texts(root, path: str) -> list[str]:
    return [" ".join("".join(node.itertext()).split()) for node in root.findall(path)]


def check_headers(answer):
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers.get_list("content-security-policy", split_commas=False) == [policy]
