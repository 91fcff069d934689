"""The pages in a real browser: no request leaves the service, nothing breaks its policy, the keyboard is enough."""

import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from demo import NOW, settings, shelf
from playwright.sync_api import sync_playwright

from aggregator.web import Health, WebDeps, create_app

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)


@contextmanager
def served(app):
    """The app under uvicorn in a thread; gives its socket's port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def base():
    store = shelf()
    store.edit(9, html='<p>A picture: <img src="https://pictures.example/a.jpg" alt="the river"></p>')
    config = settings()
    deps = WebDeps(storage=store, config=lambda: config, health=lambda: Health(ok=True), now=lambda: NOW)
    with served(create_app(deps)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Watched:
    """A tab that notes what it asks for and what it complains about; nothing outside is really asked."""

    def __init__(self, browser, base: str, **options) -> None:
        self.context = browser.new_context(**options)
        self.tab = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.route(re.compile(f"^(?!{re.escape(base)})"), lambda route: route.abort())
        self.base = base

    def go(self, path: str):
        return self.tab.goto(self.base + path)

    @property
    def outside(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(self.base)]


@pytest.fixture(params=[(1280, 900, "light"), (390, 844, "dark")], ids=["desktop", "phone"])
def watched(browser, base, request):
    width, height, scheme = request.param
    tab = Watched(browser, base, viewport={"width": width, "height": height}, color_scheme=scheme)
    yield tab
    tab.context.close()


@pytest.mark.parametrize("path", ["/", "/articles/10", "/articles/7", "/sources", "/?q=archive", "/?output=prague"])
def test_pages_fit_and_keep_to_themselves(watched, path):
    assert watched.go(path).status == 200
    assert watched.outside == []
    assert watched.complaints == []
    width = watched.tab.evaluate("document.documentElement.scrollWidth")
    assert width <= watched.tab.viewport_size["width"]
    assert watched.tab.evaluate("getComputedStyle(document.body).display") == "flex"  # the sheet is in force


def test_only_an_articles_pictures_come_from_elsewhere_and_hear_nothing(watched):
    watched.go("/articles/9")
    assert watched.outside == ["https://pictures.example/a.jpg"]
    assert not any("Content Security Policy" in text for text in watched.complaints)


def test_the_policy_is_in_force(watched):
    watched.go("/")
    watched.tab.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'x = 1'}))"
    )
    assert any("Content Security Policy" in text for text in watched.complaints)
    assert watched.tab.evaluate("typeof x") == "undefined"


def test_search_and_read_by_keyboard(watched):
    tab = watched.tab
    watched.go("/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the stories"
    assert tab.locator(".skip").bounding_box()["y"] >= 0  # it shows while it has the focus
    for _ in range(6):
        if tab.evaluate("document.activeElement.id") == "q":
            break
        tab.keyboard.press("Tab")
    tab.keyboard.type("mailbox")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/?q=mailbox")
    assert tab.locator("article h3").all_text_contents() == ["A small language for asking questions of a mailbox"]
    link = tab.locator("article h3 a")
    link.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/articles/8")
    assert tab.locator("h1").text_content() == "A small language for asking questions of a mailbox"
    assert watched.outside == []


def test_focus_can_be_seen(watched):
    watched.go("/sources")
    for _ in range(8):
        watched.tab.keyboard.press("Tab")
        style = watched.tab.evaluate(
            "(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))"
        )
        assert style == ["solid", "2px"]


def test_a_bad_search_is_told_at_the_field(watched):
    watched.go("/?q=(a")
    field = watched.tab.locator("#q")
    assert field.input_value() == "(a"
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby")
    assert "can't be read" in watched.tab.locator(f"#{described}").text_content()


@pytest.mark.parametrize("path", ["/", "/articles/10", "/sources"])
def test_text_has_contrast(watched, path):
    """WCAG AA: 4.5 to 1 for every text against the background that is really behind it."""
    watched.go(path)
    assert watched.tab.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = colour => {
    const [r, g, b] = parse(colour).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((parse(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text || !element.checkVisibility()) continue;
    const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 4.5) poor.push(`${text} ${contrast.toFixed(2)}`);
  }
  return poor;
}"""


def test_a_locked_shelf_opens_in_the_browser_with_the_token(browser):
    config = replace(settings(), listen_host="0.0.0.0", token="open sesame")
    deps = WebDeps(storage=shelf(), config=lambda: config, health=lambda: Health(ok=True), now=lambda: NOW)
    with served(create_app(deps)) as port:
        base = f"http://127.0.0.1:{port}"
        watched = Watched(browser, base, http_credentials={"username": "me", "password": "open sesame"})
        try:
            assert watched.go("/").status == 200
            watched.tab.click("article h3 a")
            assert watched.tab.locator("h1").count() == 1
        finally:
            watched.context.close()


def test_a_title_of_a_thousand_characters_leaves_room_for_the_other_stories(browser):
    store, config = shelf(), settings()
    store.edit(9, title="very " * 200)
    deps = WebDeps(storage=store, config=lambda: config, health=lambda: Health(ok=True), now=lambda: NOW)
    with served(create_app(deps)) as port:
        watched = Watched(browser, f"http://127.0.0.1:{port}", viewport={"width": 360, "height": 740})
        try:
            watched.go("/")
            title = watched.tab.locator("h3", has_text="very very")
            assert title.bounding_box()["height"] < 370  # half a phone's page
        finally:
            watched.context.close()
