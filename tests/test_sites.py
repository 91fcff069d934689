"""A site's memory as people see and overrule it, with the real commands over a loopback site."""

import json
from pathlib import Path

import pytest
from loopback import PARAGRAPHS, Web, page
from ports import free_port
from test_cli import call
from test_service import Running

SITE = "127.0.0.1"
SENTENCE = "Our reporters work in this region every day, and readers who write to them help to find the stories."
LINES = PARAGRAPHS["bridge"]


@pytest.fixture
def folder(tmp_path: Path, web: Web) -> Path:
    """A feed whose first story is a page, and whose second is in the feed itself."""
    html = page("Railway bridge to close", [*LINES[:2], SENTENCE, LINES[2]])
    body = "".join(f"<p>{line}</p>" for line in [*PARAGRAPHS["tanks"] * 2, SENTENCE]).replace("<", "&lt;")
    items = (
        f"<item><guid>{web.put('/bridge', html)}</guid><title>Railway bridge to close</title>"
        f"<link>{web.base}/bridge</link><description>A teaser …</description></item>"
        f"<item><guid>{web.base}/tanks</guid><title>That August</title><link>{web.base}/tanks</link>"
        f"<content:encoded>{body}</content:encoded></item>"
    )
    rss = f"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>N</title>{items}</channel></rss>"
    web.put("/feed.xml", rss, "application/rss+xml")
    (tmp_path / "feeds.toml").write_text(
        f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n[[feeds]]\nurl = "{web.base}/feed.xml"\n'
    )
    return tmp_path


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    done = call(folder, *arguments)
    assert done.returncode == code, done.stderr
    return done.stdout


def texts(folder: Path) -> dict[str, str]:
    return {story["title"]: story["text"] for story in json.loads(run(folder, "search", "", "--json"))}


def memory(folder: Path, *arguments: str) -> dict[str, dict]:
    found = json.loads(run(folder, "site", *arguments, "--json"))
    return {block["text"]: block for block in found["blocks"]}


def test_what_is_said_of_a_block_holds_for_pages_and_feeds_now_and_in_the_past(folder: Path) -> None:
    run(folder, "poll")
    before = texts(folder)
    assert [SENTENCE in text for text in before.values()] == [True, True], "or the test shows nothing"
    block = memory(folder, f"http://{SITE}:80/x", "--remove", SENTENCE)[SENTENCE]
    assert (block["override"], block["becomes"]) == ("remove", "remove")
    assert block["articles"] == 2
    assert texts(folder) == before, "nothing of the past is touched before it is asked for"
    assert json.loads(run(folder, "reclean", "--json")) == {"updated": 2}
    assert all(story["source"]["name"] for story in json.loads(run(folder, "search", "", "--json"))), "of feeds.toml"
    after = texts(folder)
    assert after == {
        title: text.replace(SENTENCE, "").replace("\n\n\n\n", "\n\n").strip() for title, text in before.items()
    }
    memory(folder, SITE, "--forget", block["id"])
    assert json.loads(run(folder, "reclean", "--json")) == {"updated": 2}
    assert texts(folder) == before


def test_what_is_said_holds_for_a_folder_of_imported_texts(folder: Path) -> None:
    saved = folder / "saved"
    saved.mkdir()
    for name, lines in PARAGRAPHS.items():
        (saved / f"{name}.txt").write_text("\n\n".join([f"About the {name}", *lines[:2], SENTENCE, lines[2]]))
    run(folder, "site", "folder:saved", "--remove", SENTENCE)
    run(folder, "import", str(saved / "tanks.txt"))
    assert SENTENCE not in texts(folder)["About the tanks"]
    run(folder, "site", "folder:saved", "--forget", SENTENCE)
    run(folder, "import", str(saved))
    assert SENTENCE in texts(folder)["About the bridge"]
    run(folder, "site", "folder:saved", "--remove", SENTENCE)
    counts = json.loads(run(folder, "import", "--again", str(saved), "--json"))["counts"]
    assert counts == {"unchanged": 1, "updated": 2}
    assert not [text for text in texts(folder).values() if SENTENCE in text]
    assert all(line in texts(folder)["About the garden"] for line in PARAGRAPHS["garden"])


def test_a_block_that_the_judge_removes_can_be_kept(folder: Path) -> None:
    run(folder, "poll")
    link = "Most viewed this week"
    assert link not in texts(folder)["Railway bridge to close"]
    run(folder, "site", SITE, "--keep", link)
    run(folder, "reclean")
    assert link in texts(folder)["Railway bridge to close"]
    explained = run(folder, "clean", json.loads(run(folder, "search", "bridge", "--json"))[0]["url"], "--explain")
    assert [line for line in explained.splitlines() if line.startswith("+") and "kept by your word" in line]


def test_sites_are_listed_and_the_unknown_is_said_to_be(folder: Path) -> None:
    run(folder, "poll")
    assert json.loads(run(folder, "site", "--json")) == [{"site": SITE, "articles": 2}]
    assert run(folder, "site").split() == [SITE, "2"]
    shown = run(folder, "site", SITE)
    assert "judged like any other" in shown
    assert SENTENCE in shown
    assert "nothing is known of nowhere.example" in call(folder, "site", "nowhere.example").stderr
    run(folder, "site", "nowhere.example", code=1)
    run(folder, "site", "no host", code=2)
    run(folder, "site", SITE, "--keep", "0123456789", code=2)
    run(folder, "site", "--remove", SENTENCE, code=2)


def test_stored_pages_that_cannot_be_read_are_told_of(folder: Path) -> None:
    run(folder, "poll")
    for path in (folder / "store").glob("*-pages.db*"):
        path.write_bytes(b"no database")
    assert "nothing is lost when it is deleted" in run(folder, "check")
    done = call(folder, "reclean")
    assert (done.returncode, "nothing is lost when it is deleted" in done.stderr) == (1, True)


def test_two_blocks_that_begin_alike_are_told_apart_by_number(folder: Path) -> None:
    long = "A very long sentence that many articles of this site have in common, " * 3
    run(folder, "site", SITE, "--remove", long + "one.", "--keep", long + "two.")
    blocks = json.loads(run(folder, "site", SITE, "--json"))["blocks"]
    by_word = {block["override"]: block for block in blocks}
    assert set(by_word) == {"keep", "remove"}
    assert by_word["keep"]["text"] == by_word["remove"]["text"], "or the test shows nothing"
    refused = call(folder, "site", SITE, "--forget", by_word["keep"]["text"])
    assert (refused.returncode, by_word["keep"]["id"] in refused.stderr) == (2, True)
    memory(folder, SITE, "--forget", by_word["remove"]["id"].upper())
    assert [block["override"] for block in json.loads(run(folder, "site", SITE, "--json"))["blocks"]] == ["keep"]


def teaser(web: Web, name: str) -> str:
    web.put(f"/{name}.html", page(f"About the {name}", PARAGRAPHS[name]))
    item = f"<item><guid>{name}</guid><title>About the {name}</title><link>{web.base}/{name}.html</link><description>A teaser …</description></item>"
    web.put(
        f"/{name}.xml",
        f"<rss version='2.0'><channel><title>{name}</title>{item}</channel></rss>",
        "application/rss+xml",
    )
    return f'[[feeds]]\nurl = "{web.base}/{name}.xml"\nname = "{name}"\n'


def test_a_running_service_takes_up_rules_and_words(tmp_path: Path, web: Web) -> None:
    (tmp_path / "rules").mkdir()
    service = Running(tmp_path, "", port=free_port())

    def configure(*names: str) -> None:
        head = f'rules = "rules"\nlisten = "127.0.0.1:{service.port}"\n'
        fetch = '[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n'
        made = tmp_path / "feeds.toml.new"
        made.write_text(head + fetch + "".join(teaser(web, name) for name in names))
        made.replace(tmp_path / "feeds.toml")

    try:
        configure("tanks")
        service.start()
        service.until(lambda: service.titles() == ["About the tanks"])
        gone, word = PARAGRAPHS["bridge"][0], PARAGRAPHS["bridge"][2]
        (tmp_path / "rules" / f"{SITE}.txt").write_text("strip: //p[contains(., 'estuary')]\n")
        run(tmp_path, "site", SITE, "--remove", word)
        configure("tanks", "bridge")
        service.until(lambda: "About the bridge" in service.titles() and service.idle())
        text = texts(tmp_path)["About the bridge"]
        assert [line in text for line in (gone, PARAGRAPHS["bridge"][1], word)] == [False, True, False]
        assert service.stop() == 0
    finally:
        if service.process is not None and service.process.poll() is None:
            service.process.kill()
            service.process.wait()
