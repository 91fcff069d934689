"""Durations and sizes, and a feed added to feeds.toml: what people wrote stays as it was."""

import stat
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import append_feed, load
from aggregator.config.quantities import duration, size, span
from aggregator.errors import ConfigError


def write(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "feeds.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


# -- quantities


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("90d", 90 * 86400),
        ("500ms", 0.5),
        ("2 w", 14 * 86400),
        ("3min", 180),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "h", "-1h", "1 hour", "1e3s", "999999999y", "١s", "1h,", None, 5, True])
def test_no_durations(text: object) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "count"), [("10MiB", 10 * 2**20), ("2GB", 2 * 10**9), ("1.5 KiB", 1536), ("0B", 0), ("7kb", 7000)]
)
def test_sizes(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "10", "MiB", "-1MB", "1ib", "9" * 30 + "B", None, 10])
def test_no_sizes(text: object) -> None:
    with pytest.raises(ValueError, match="size"):
        size(text)


@given(st.text(max_size=20))
def test_quantities_raise_nothing_but_value_errors(text: str) -> None:
    for read in (duration, size, span):
        with suppress(ValueError):
            read(text)


# -- adding a feed

WRITTEN = "# mine\ntitle = 'x'  # keep\n\n[[feeds]] # first\nurl = \"http://a/\"\n# the end"


@pytest.mark.parametrize(
    "text", ["", "# é", WRITTEN, WRITTEN + "\n", WRITTEN.replace("\n", "\r\n"), "\ufeff" + WRITTEN]
)
def test_adding_keeps_every_byte_that_was_there(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text.encode(), 0o640)
    before = load(path, {}).feeds
    append_feed(path, url="https://b.example/feed?a=1&b=2", name='The "B" é', match='"a b" OR c')
    assert path.read_bytes().startswith(text.encode())
    assert load(path, {}).feeds[: len(before)] == before
    added = load(path, {}).feeds[-1]
    assert (added.url, added.name, added.match) == ("https://b.example/feed?a=1&b=2", 'The "B" é', '"a b" OR c')
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert b"\r\n" in path.read_bytes() or "\r\n" not in text
    assert list(tmp_path.iterdir()) == [path]
    tail = path.read_bytes()[len(text.encode()) :].decode().replace("\r\n", "\n")
    assert tail.startswith("\n\n[[" if text and not text.endswith("\n") else "\n[[" if text else "[[")


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    append_feed(tmp_path / "feeds.toml", url="http://a/")
    assert [feed.url for feed in load(tmp_path / "feeds.toml", {}).feeds] == ["http://a/"]


@pytest.mark.parametrize(
    "values",
    [{"url": "http://a/"}, {"url": "b"}, {"url": "http://b/", "match": "(x"}, {"url": "http://b/", "name": "a\nb"}],
)
def test_what_would_be_wrong_is_not_added(tmp_path: Path, values: dict[str, str]) -> None:
    path = write(tmp_path, WRITTEN)
    with pytest.raises(ConfigError):
        append_feed(path, **values)
    assert path.read_text() == WRITTEN
    assert list(tmp_path.iterdir()) == [path]


def test_adding_to_a_wrong_file_says_what_is_wrong_there(tmp_path: Path) -> None:
    path = write(tmp_path, b"title = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        append_feed(path, url="http://a/")
    with pytest.raises(ConfigError, match="nothing was added"):
        append_feed(tmp_path / "missing" / "feeds.toml", url="http://a/")


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    path = write(tmp_path / "real", WRITTEN)
    link = tmp_path / "feeds.toml"
    link.symlink_to(path)
    append_feed(link, url="http://b/")
    assert link.is_symlink()
    assert len(load(path, {}).feeds) == 2
