"""Lists of feeds from other readers: what they name comes into feeds.toml, once, and whatever else they hold harms nothing."""

import json
from pathlib import Path

import pytest
import warm

from aggregator.config import load
from aggregator.importing.opml import feeds
from aggregator.model import Feed
from aggregator.publish import opml

HEAD = '<?xml version="1.0" encoding="{}"?><opml version="2.0"><head><title>mine</title></head><body>'
TAIL = "</body></opml>"
LIST = (
    '<outline text="News"><outline text="Čtení &amp; více" title="other" type="rss" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>'
    '<outline text="World"><outline title="Deep" xmlUrl="https://b.example/feed" category="/One/Two"/></outline></outline>'
    '<outline text="a page" type="link" url="https://c.example/list.opml"/><outline text="nothing"/>'
    '<outline text="again" xmlUrl="HTTPS://A.example/rss?x=1&amp;y=2"/>'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.toml").write_text('# mine\n[[feeds]]\nurl = "https://d.example/rss"\nname = "Deep"\n')
    return tmp_path


def write(folder: Path, text: str, codec: str = "utf-8") -> Path:
    path = folder / "subscriptions.xml"
    path.write_bytes((HEAD.format(codec) + text + TAIL).encode(codec))
    return path


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-2"])
def test_addresses_names_and_folders_are_read_in_any_character_set(tmp_path: Path, codec: str) -> None:
    first, second, *rest = feeds(write(tmp_path, LIST, codec).read_bytes())
    assert (first.url, first.name, first.tags) == ("https://a.example/rss?x=1&y=2", "Čtení & více", ("News",))
    assert (second.url, second.name, second.tags) == ("https://b.example/feed", "Deep", ("One", "Two", "News", "World"))
    assert [one.url for one in rest] == ["HTTPS://A.example/rss?x=1&y=2"]


@pytest.mark.parametrize("body", [b"", b"\0\xff", b"<opml>", b"<html><body>no list</body></html>", b"<opml>" * 5000])
def test_what_is_no_list_has_no_feeds(body: bytes) -> None:
    assert feeds(body) == ()


def test_feeds_are_appended_once_and_what_people_wrote_stays(folder: Path) -> None:
    path = write(folder, LIST)
    before = (folder / "feeds.toml").read_text()
    done = warm.call("import", str(path), "--tag", "moved", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "2 added, 1 known"
    written = (folder / "feeds.toml").read_text()
    assert written.startswith(before)
    _, first, second = load(folder / "feeds.toml", {}).feeds
    assert (first.url, first.name, first.tags) == ("https://a.example/rss?x=1&y=2", "Čtení & více", ("moved", "News"))
    assert (second.url, second.name) == ("https://b.example/feed", "https://b.example/feed")  # Deep is another's name
    assert "3 known" in warm.call("import", str(path), cwd=folder).stdout
    assert (folder / "feeds.toml").read_text() == written


def test_one_wrong_address_fails_alone_and_no_password_is_shown(folder: Path) -> None:
    path = write(
        folder,
        '<outline text="x" xmlUrl="javascript:alert(1)"/><outline text="y" xmlUrl="feed://e.example/a b"/>'
        '<outline text="z" xmlUrl="https://me:secret@f.example/rss"/>',
    )
    done = warm.call("import", str(path), "--json", cwd=folder)
    assert done.returncode == 1
    assert json.loads(done.stdout)["counts"] == {"failed": 1, "added": 2}
    assert "secret" not in done.stdout
    addresses = [feed.url for feed in load(folder / "feeds.toml", {}).feeds[1:]]
    assert addresses == ["http://e.example/a%20b", "https://me:secret@f.example/rss"]


def test_a_list_and_an_article_are_taken_in_one_call(folder: Path) -> None:
    (folder / "story.txt").write_text("The headline\n\n" + "A sentence of the story that is long enough. " * 20)
    done = warm.call("import", str(write(folder, LIST)), "story.txt", "--json", cwd=folder)
    assert json.loads(done.stdout)["counts"] == {"added": 2, "known": 1, "stored": 1}


@pytest.mark.parametrize("option", [("--match", "x"), ("--url", "https://a.example/"), ("--again",)])
def test_options_of_articles_are_refused_for_a_list(folder: Path, option: tuple[str, ...]) -> None:
    before = (folder / "feeds.toml").read_bytes()
    done = warm.call("import", str(write(folder, LIST)), *option, cwd=folder)
    assert done.returncode == 2
    assert "is a list of feeds (OPML)" in done.stderr
    assert (folder / "feeds.toml").read_bytes() == before


def test_an_empty_list_is_a_failure_that_names_it(folder: Path) -> None:
    done = warm.call("import", str(write(folder, "")), cwd=folder)
    assert (done.returncode, "subscriptions.xml: names no feed" in done.stdout) == (1, True)


def test_a_list_in_a_folder_is_passed_over(folder: Path) -> None:
    (folder / "saved").mkdir()
    write(folder / "saved", LIST)
    done = warm.call("import", "saved", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 skipped\n")


def test_our_own_list_comes_back_as_it_went() -> None:
    given = [Feed(url="https://a.example/rss", name="One & two", tags=("x",)), Feed(url="https://b.example/", name="B")]
    found = feeds(opml.render(given, {}, "mine"))
    assert [(one.url, one.name) for one in found] == [(one.url, one.name) for one in given]
