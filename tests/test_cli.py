"""The commands as people and programs call them: help with an example, JSON, exit codes, sentences for errors."""

import json
import os
import pty
import re
import socket
import subprocess
import sys
import zipfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import warm
from loopback import PARAGRAPHS, Web, page

from aggregator import __version__
from aggregator.model import Feed, FeedState
from aggregator.storage import open_storage

COMMANDS = [
    "run",
    "poll",
    "add",
    "import",
    "check",
    "feeds",
    "search",
    "why",
    "clean",
    "publish",
    "site",
    "backup",
    "reclean",
    "prune",
]
EXPECTED = sorted(Path(__file__).with_name("samples").glob("*.expected.json"))


def call(folder: Path, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return warm.call(*arguments, cwd=folder, given=given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.toml").write_text('title = "Test"\n# a comment that stays\n')
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(tmp_path: Path, command: str) -> None:
    done = call(tmp_path, command, "--help")
    assert done.returncode == 0
    assert f"aggregator {command}" in done.stdout.partition("Example:")[2]
    assert "--json" in done.stdout
    assert "--config" in done.stdout


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name[:3])
def test_the_samples_come_out_exactly(folder: Path, expected: Path) -> None:
    wanted = json.loads(expected.read_text())
    text = expected.with_name(expected.name.replace(".expected.json", ".txt"))
    assert call(folder, "import", str(text)).returncode == 0
    found = json.loads(call(folder, "search", "", "--json").stdout)
    assert [story["title"] for story in found] == [wanted["title"]]
    assert found[0]["text"].split("\n\n") == wanted["paragraphs"]
    assert found[0]["language"] == wanted["lang"]
    assert found[0]["url"] == ""
    assert not [line for line in wanted["chrome"] if line in found[0]["html"]]
    cleaned = json.loads(call(folder, "clean", str(text), "--json").stdout)
    removed = {block["text"]: block["reason"] for block in cleaned["removed"]}
    assert set(wanted["chrome"]) <= set(removed)
    assert all(removed.values())


def test_importing_the_samples_twice_adds_nothing(folder: Path) -> None:
    samples = str(Path(__file__).with_name("samples"))
    first = json.loads(call(folder, "import", samples, "--json").stdout)
    again = json.loads(call(folder, "import", samples, "--json").stdout)
    assert first["counts"]["stored"] == 2
    assert again["counts"] == {"unchanged": 2, "skipped": first["counts"]["skipped"]}
    assert call(folder, "publish", "out").returncode == 0
    before = (folder / "out" / "feed.atom").read_bytes()
    assert call(folder, "publish", "out").returncode == 0
    assert (folder / "out" / "feed.atom").read_bytes() == before


def test_jsonl_keeps_order_and_reports_lines_that_fail(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {"id": "1", "html": page("Tulips for the tower", PARAGRAPHS["garden"]), "url": "https://a.example/1"}
        ),
        "this is no JSON",
        json.dumps({"id": "3", "text": "Railway bridge to close\n\n" + "\n\n".join(PARAGRAPHS["bridge"])}),
        json.dumps({"id": "4", "url": "https://a.example/4"}),
    ]
    done = call(tmp_path, "clean", "--jsonl", given="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["1", None, "3", "4"]
    assert rows[0]["text"].split("\n\n") == PARAGRAPHS["garden"]
    assert rows[0]["title"] == "Tulips for the tower"
    assert {"author", "published", "lang", "html", "removed"} <= set(rows[0])
    assert rows[2]["text"].split("\n\n") == PARAGRAPHS["bridge"]
    assert [bool(row.get("error")) for row in rows] == [False, True, False, True]
    assert rows[1]["text"] == rows[3]["text"] == ""


def test_jsonl_takes_lines_as_they_come_in_the_wild(tmp_path: Path) -> None:
    story = "Railway bridge to close\n\n" + "\n\n".join(PARAGRAPHS["bridge"])
    good = {"text": story, "html": None, "title": None, "summary": None, "url": None}
    lines = [
        b"\xef\xbb\xbf" + json.dumps({"id": "mark", **good}).encode() + b"\r\n",
        b"  \n",
        json.dumps({"id": "\ud800", **good}).encode() + b"\n",
        b'{"id": "latin", "text": "Caf\xe9 to close\\n\\n' + PARAGRAPHS["bridge"][0].encode() + b'"}\n',
        b'{"id": "odd title", "text": "a", "title": 7}\n',
        b'{"id": NaN, "text": "a"}\n',
        b"[1]\n",
        b"[" * 100_000 + b"\n",
        json.dumps({"id": "last", **good}).encode(),
    ]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    done = call(tmp_path, "clean", "--jsonl", "in.jsonl")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["mark", "\ud800", "latin", "odd title", None, None, None, "last"]
    assert [bool(row["text"]) for row in rows] == [True, True, True, False, False, False, False, True]
    assert ["error" in row for row in rows] == [not row["text"] for row in rows]
    assert rows[0]["text"].split("\n\n") == PARAGRAPHS["bridge"]
    assert not done.stderr


def test_options_may_stand_before_the_command(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('title = "Other"\n')
    assert json.loads(call(tmp_path, "--config", "other.toml", "--json", "feeds").stdout) == []
    assert call(tmp_path, "--config", "nowhere.toml", "feeds", "--config", "other.toml").returncode == 0
    assert call(tmp_path, "--version").stdout.split() == ["aggregator", __version__]


def test_the_newest_by_date_is_found_first(folder: Path) -> None:
    days = {"garden": "2020-03-01", "bridge": "2024-03-01"}
    rows = [
        {"title": name, "text": "\n\n".join(PARAGRAPHS[name]), "published": days[name]} for name in ("bridge", "garden")
    ]
    (folder / "saved.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert call(folder, "import", "saved.jsonl").returncode == 0
    found = json.loads(call(folder, "search", "", "--json").stdout)
    assert [story["published"][:10] for story in found] == ["2024-03-01", "2020-03-01"]
    assert len(json.loads(call(folder, "search", "", "--limit", "1", "--json").stdout)) == 1
    words = json.loads(call(folder, "search", "--json", "-title:garden", "age<99y").stdout)
    assert [story["title"] for story in words] == ["bridge"]
    assert call(folder, "search").returncode == call(folder, "search", "x", "--limt", "3").returncode == 2


def test_a_text_without_a_headline_is_listed_by_how_it_begins(folder: Path) -> None:
    (folder / "note.txt").write_text("The ferry is tied up at the pier.\n\nIts engine is to be mended by Friday.\n")
    assert call(folder, "import", "note.txt").returncode == 0
    assert "The ferry is tied up" in call(folder, "search", "").stdout
    assert json.loads(call(folder, "search", "", "--json").stdout)[0]["title"] == ""


def test_the_way_of_a_story_is_told_to_people(folder: Path) -> None:
    story = "\n\n".join(["Railway bridge to close", *PARAGRAPHS["bridge"], "Subscribe to our newsletter"])
    (folder / "saved.txt").write_text(story)
    assert call(folder, "import", "saved.txt", "--url", "https://a.example/1").returncode == 0
    told = call(folder, "why", "https://a.example/1").stdout
    assert told.splitlines()[:2] == ["imported: no feed has named it", "article 1: Railway bridge to close"]
    assert "  address: https://a.example/1" in told
    assert "  - newsletter: Subscribe to our newsletter" in told
    assert "datetime" not in told
    assert "{" not in told


def test_what_cleaning_found_has_the_names_of_a_line(folder: Path) -> None:
    (folder / "saved.txt").write_text("\n\n".join(["Railway bridge to close", *PARAGRAPHS["bridge"]]))
    whole = json.loads(call(folder, "clean", "saved.txt", "--explain", "--json").stdout)
    line = call(folder, "clean", "--jsonl", given=json.dumps({"id": 1, "text": (folder / "saved.txt").read_text()}))
    names = ("title", "text", "html", "author", "published", "lang")
    assert {name: whole[name] for name in names} == {name: json.loads(line.stdout)[name] for name in names}
    assert [block["text"] for block in whole["kept"]] == PARAGRAPHS["bridge"]
    empty = call(folder, "clean", "-", given="Menu\n")
    assert empty.returncode == 1
    assert "no article found" in empty.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["poll", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["clean", "--jsonl", "nowhere.jsonl"], 1, "nowhere.jsonl: can't be read"),
        (["reclean", "--since", "yesterday"], 2, "not a date"),
        (["publish", "out", "--base-url", "news"], 2, "no web address"),
        (["import", ""], 2, "an empty path"),
        (["import", "a.txt", "--url", "news"], 2, "no web address"),
        (["import", "a.txt", "b.txt", "--url", "https://a.example/"], 2, "one article"),
        (["add", "https://a.example/", "--match", "(a"], 2, "query, column 1"),
        (["poll", "Nobody"], 2, "no feed is called 'Nobody'"),
        (["search", "title:("], 2, "query, column"),
        (["add", "not-an-address"], 2, "no web address"),
        (["import", "nowhere.txt"], 1, "nowhere.txt"),
        (["import", "feeds.toml", "--published", "yesterday"], 2, "not a date"),
        (["why", "https://nowhere.example/"], 1, "nothing is known"),
        (["clean", "nowhere.html"], 1, "nowhere.html"),
        (["publish", "feeds.toml"], 2, "not a folder"),
        (["fly"], 2, "No such command"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_an_exit_code(
    folder: Path, arguments: list[str], code: int, sentence: str
) -> None:
    done = call(folder, *arguments)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_bad_configuration_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('title = "x"\nlimt = 3\n')
    done = call(tmp_path, "poll")
    assert done.returncode == 2
    assert "feeds.toml:2" in done.stderr
    assert "limt" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feeds.toml"]


def test_clean_explains_each_block(folder: Path) -> None:
    (folder / "saved.html").write_text(page("Tulips for the tower", PARAGRAPHS["garden"]))
    done = call(folder, "clean", "saved.html", "--explain")
    assert done.returncode == 0, done.stderr
    assert "decided by" in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("- ") and "newsletter" in line.casefold()]
    assert [line for line in done.stdout.splitlines() if line.startswith("+ ") and "Ines Moreau" in line]
    assert not (folder / "store").exists()


def test_clean_shows_all_that_a_folder_or_an_archive_holds(folder: Path) -> None:
    saved = folder / "saved"
    saved.mkdir()
    (saved / "a.html").write_text(page("Tulips for the tower", PARAGRAPHS["garden"]))
    (saved / "b.txt").write_text("Menu\n")
    (saved / "c.txt").write_text("\n\n".join(["Railway bridge to close", *PARAGRAPHS["bridge"]]))
    (saved / "style.css").write_text("p {}")
    with zipfile.ZipFile(folder / "saved.zip", "w") as archive:
        for path in sorted(saved.iterdir()):
            archive.write(path, path.name)
    for name in ("saved", "saved.zip"):
        done = call(folder, "clean", name)
        assert done.returncode == 1, "one of them holds no article"
        heads = [line for line in done.stdout.splitlines() if line.startswith("== ")]
        assert heads == [f"== {name}/a.html", f"== {name}/b.txt", f"== {name}/c.txt"]
        assert PARAGRAPHS["garden"][0] in done.stdout
        assert PARAGRAPHS["bridge"][0] in done.stdout
        assert f"{name}/b.txt: no article found" in done.stderr
        assert "3 documents, 1 without an article" in done.stderr
        assert "1 file of kinds that hold no article" in done.stderr
        rows = json.loads(call(folder, "clean", name, "--json").stdout)
        assert [row["name"] for row in rows] == [head[3:] for head in heads]
        assert rows[0]["text"].split("\n\n") == PARAGRAPHS["garden"]
    (saved / "b.txt").unlink()
    (saved / "c.txt").unlink()
    assert json.loads(call(folder, "clean", "saved", "--json").stdout)["title"] == "Tulips for the tower", "one alone"
    (saved / "a.html").unlink()
    nothing = call(folder, "clean", "saved")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "nothing to clean" in nothing.stderr


def test_what_is_worth_knowing_of_the_configuration_is_said_where_something_is_fetched(folder: Path) -> None:
    (folder / "feeds.toml").write_text('[fetch]\nallow_networks = ["127.0.0.0/8"]\n')
    assert call(folder, "search", "bridge").stderr == ""
    assert "127.0.0.0/8" in call(folder, "poll").stderr
    assert "127.0.0.0/8" in call(folder, "check").stdout


def test_options_without_effect_on_what_was_imported_before_are_said_to_be(folder: Path) -> None:
    (folder / "story.txt").write_text("\n\n".join(["Railway bridge to close", *PARAGRAPHS["bridge"]]))
    assert call(folder, "import", "story.txt", "--tag", "old").stderr == ""
    assert call(folder, "import", "story.txt").stderr == ""
    told = call(folder, "import", "story.txt", "--tag", "new", "--published", "2024-03-05")
    assert "--published and --tag: without effect on the 1 unchanged" in told.stderr
    again = call(folder, "import", "story.txt", "--tag", "new", "--published", "2024-03-05", "--again")
    assert (again.stdout, again.stderr) == ("1 updated\n", "")
    story = json.loads(call(folder, "search", "bridge", "--json").stdout)[0]
    assert (story["tags"], story["published"][:10]) == (["old", "new"], "2024-03-05")


def test_clean_explains_in_order_in_colour_on_a_terminal_and_in_plain_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "saved.html").write_text(page("Tulips for the tower", PARAGRAPHS["garden"]))
    plain = call(tmp_path, "clean", "saved.html", "--explain").stdout
    assert "\x1b" not in plain
    marks = [line[0] for line in plain.splitlines() if line[:2] in {"+ ", "- "} and line[2:3].isdigit()]
    assert "".join(marks).strip("-") == "+++", "what is kept stands among what was round it"
    assert max(map(len, plain.splitlines())) <= 160
    coloured = on_terminal(tmp_path, "clean", "saved.html", "--explain")
    assert "\x1b[32m+ 0.9" in coloured
    assert "\x1b[31m- 0.0" in coloured
    cleaned = json.loads(call(tmp_path, "clean", "saved.html", "--explain", "--json").stdout)
    assert cleaned["layer"] == "judge"
    assert [block["text"] for block in cleaned["kept"]] == PARAGRAPHS["garden"]
    assert all(block["reason"] for block in cleaned["removed"])


def test_a_result_that_finds_no_room_is_said_in_a_sentence(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aggregator", "check", "--json"],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == "aggregator: the result can't be written where it should go: No space left on device\n"


def test_publish_leaves_no_part_of_a_file_behind(folder: Path) -> None:
    feeds = "".join(f'[[feeds]]\nurl = "https://news{number}.example.org/feed.xml"\n' for number in range(600))
    (folder / "feeds.toml").write_text(feeds)
    assert call(folder, "feeds").returncode == 0  # the store is there, and larger
    bounded = (
        "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (50000, 50000)); from aggregator.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", bounded, "publish", "out"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "aggregator: out/opml.xml: can't be written: File too large\n"
    assert not [path.name for path in (folder / "out").iterdir() if "opml" in path.name]


def test_an_article_without_a_title_is_listed_by_its_beginning(folder: Path) -> None:
    (folder / "saved.jsonl").write_text(json.dumps({"html": "<p>Tulips and other flowers.</p>"}))
    assert call(folder, "import", "saved.jsonl").returncode == 0
    assert "Tulips and other flowers" in call(folder, "search", "").stdout


def on_terminal(folder: Path, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "100", "LANG": "C.UTF-8"}
    done = subprocess.Popen(
        [sys.executable, "-m", "aggregator", *arguments], cwd=folder, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    read = b""
    with suppress(OSError):  # how Linux says that nobody holds the other end any more
        while part := os.read(ours, 65536):
            read += part
    os.close(ours)
    assert done.wait() == 0, read
    return read.decode()


def test_a_table_on_a_terminal_cuts_nothing_off(folder: Path) -> None:
    address = "https://news.example.org/feeds/of/the/world/and/all/of/its/corners.xml"
    (folder / "feeds.toml").write_text(f'[[feeds]]\nurl = "{address}"\n')
    lines = on_terminal(folder, "feeds").splitlines()
    assert "…" not in "".join(lines)
    assert "".join(line.split("  ")[0].strip() for line in lines if not line.startswith((" ", "\x1b"))) == address


def test_clean_follows_an_address_to_its_other_pages_and_a_file_nowhere(folder: Path, web: Web) -> None:
    (folder / "feeds.toml").write_text('[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n')
    onward = "</article><a rel=next href='{}'>2</a>"
    first = page("Two parts", PARAGRAPHS["garden"]).replace("</article>", onward.format("/story/2"))
    address = web.put("/story", first)
    second = web.put("/story/2", page("Two parts", PARAGRAPHS["bridge"]))
    cleaned = json.loads(call(folder, "clean", address, "--json").stdout)
    assert cleaned["article"]["text"].split("\n\n") == [*PARAGRAPHS["garden"], *PARAGRAPHS["bridge"]]
    explained = call(folder, "clean", address, "--explain").stdout
    assert f"put together from 2 pages: {address} {second}" in explained
    asked = len(web.asked)
    (folder / "story.html").write_text(first.replace("/story/2", second))
    alone = json.loads(call(folder, "clean", "story.html", "--json").stdout)
    assert alone["article"]["text"].split("\n\n") == PARAGRAPHS["garden"]
    assert len(web.asked) == asked
    web.pages["/story/2"] = ("application/pdf", b"%PDF")
    part = call(folder, "clean", address)
    assert (part.returncode, "only a part" in part.stderr) == (1, True)
    assert PARAGRAPHS["garden"][0] in part.stdout
    assert not (folder / "store").exists()


def test_a_broken_site_rule_is_named_by_check_and_stops_nothing(folder: Path) -> None:
    rules = folder / "rules"
    rules.mkdir()
    (folder / "feeds.toml").write_text('rules = "rules"\n')
    (rules / "www.a.example.txt").write_text("http_header(user-agent): X\r\nbody: //div[@id='body']\r\nstrip: //[\r\n")
    (rules / "b.example.txt").write_bytes(b"\xff\xfe\x00 no rule at all")
    (rules / "c.example.txt").mkdir()
    done = call(folder, "check")
    assert done.returncode == 1
    assert "a.example.txt, line 3: strip" in done.stdout
    assert "a.example.txt, line 1: http_header has no effect here" in done.stdout
    assert "b.example.txt, line 1" in done.stdout
    assert "c.example.txt: can't be read" in done.stdout
    assert len(json.loads(call(folder, "check", "--json").stdout)["rules"]) == 3
    assert call(folder, "poll").returncode == 0
    (rules / "c.example.txt").rmdir()
    (rules / "b.example.txt").unlink()
    (rules / "www.a.example.txt").write_text("body: //div[@id='body']\n")
    assert call(folder, "check").returncode == 0


def test_feeds_say_how_they_stand_with_their_hubs(folder: Path) -> None:
    feed = Feed(url="https://news.example/rss", name="News")
    with (folder / "feeds.toml").open("a") as file:
        file.write(f'[[feeds]]\nurl = "{feed.url}"\nname = "News"\n[[feeds]]\nurl = "https://plain.example/rss"\n')
    (folder / "store").mkdir()
    with closing(open_storage(f"sqlite:///{folder / 'store' / 'aggregator.db'}")) as storage:
        storage.sync_feeds([feed], datetime.now(UTC))
        storage.save_states([FeedState(url=feed.url, hub_url="https://hub.example/", self_url=feed.url)])
    first, second = json.loads(call(folder, "feeds", "--json").stdout)
    assert (first["hub"]["url"], first["hub"]["state"]) == ("https://hub.example/", "unused")
    assert second["hub"] is None
    assert "unused" in call(folder, "feeds").stdout


def test_a_feed_is_added_once_and_polled_by_its_name_in_any_case(folder: Path, web: Web) -> None:
    (folder / "feeds.toml").write_text(
        '[[outputs]]\nname = "all"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n'
    )
    item = "<item><title>Tulips</title><guid>1</guid></item>"
    feed = web.put("/feed", f"<rss version='2.0'><channel><title>News</title>{item}</channel></rss>", "text/xml")
    nowhere = call(folder, "add", web.put("/about", "<html><body><p>About us</p></body></html>"))
    assert nowhere.returncode == 1
    assert "it names no feed: look for its address on the site" in nowhere.stderr
    added = call(folder, "add", feed, "--name", "City News")
    assert (added.returncode, "1 entry now" in added.stdout) == (0, True)
    before = (folder / "feeds.toml").read_text()
    for spelling in (feed, feed.replace("http://", "HTTP://") + "#top"):
        (folder / "feeds.toml").write_text(before.replace(feed, spelling))
        again = call(folder, "add", feed)
        assert again.returncode == 2
        assert f"names {feed} already, as 'City News'" in again.stderr
        assert (folder / "feeds.toml").read_text() == before.replace(feed, spelling)
    (folder / "feeds.toml").write_text(before)
    polled = call(folder, "poll", "city news")
    assert polled.stdout.startswith("1 feed polled (1 updated)")
    checked = call(folder, "check")
    assert checked.stdout.splitlines()[0].endswith("right, 1 feed, 1 output")
    assert "allow_networks" not in checked.stderr
    assert checked.stdout.count("allow_networks") == 1


def test_the_tags_of_a_line_are_matched_too(folder: Path) -> None:
    rows = [{"title": tag, "text": "\n\n".join(PARAGRAPHS[tag]), "tags": [tag]} for tag in ("garden", "bridge")]
    (folder / "saved.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = call(folder, "import", "saved.jsonl", "--match", "tag:bridge", "--json")
    assert [row["outcome"] for row in json.loads(done.stdout)["files"]] == ["rejected", "stored"]


@pytest.mark.parametrize(
    ("given", "host", "warned"),
    [
        ("", "0.0.0.0", True),
        ('token = "a long random word"\n', "0.0.0.0", False),
        ("", "127.0.0.1", False),
        ('base_url = "https://news.example.org"\n', "127.0.0.1", True),
    ],
)
def test_a_service_that_others_may_read_says_so(folder: Path, given: str, host: str, warned: bool) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:  # so that the service doesn't start in earnest
        (folder / "feeds.toml").write_text(f'{given}listen = "{host}:{taken.getsockname()[1]}"\n')
        done = call(folder, "run")
    assert done.returncode == 2
    assert "stop what listens there" in done.stderr
    assert ("whoever reaches this address can read everything" in done.stderr) is warned


def test_what_would_act_on_a_terminal_is_escaped_in_json(folder: Path) -> None:
    acting = "tulips \u202egnp.exe\u2069 \u2028 \x9b2J"
    (folder / "saved.txt").write_text("\n\n".join([*PARAGRAPHS["garden"], f"{PARAGRAPHS['bridge'][0]} {acting}"]))
    call(folder, "import", "saved.txt")
    said = call(folder, "search", "", "--json").stdout
    assert not re.search("[\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", said)
    assert "\u202egnp.exe" in json.loads(said)[0]["text"], "it is in the text, or the test shows nothing"


def test_ctrl_c_while_the_libraries_are_loaded_is_no_traceback(folder: Path) -> None:
    pressed = (
        "import sys, runpy\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "runpy.run_module('aggregator', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", pressed], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
