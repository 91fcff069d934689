"""ZIP files and web archives: their members become documents; bombs, escapes and damage stop nothing else."""

import gzip
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.importing import Bounds, Found, documents
from aggregator.importing.kinds import KINDS

PAGE = b"<!doctype html><html><head><title>Tanks</title></head><body><p>The tanks came at night.</p></body></html>"
TEXT = "Soviet Tanks in Prague\n\nThe tanks came at night, and nobody slept.\n"


def found(*paths: Path | str, **kwargs: object) -> list[Found]:
    return list(documents([str(path) for path in paths], **kwargs))


def problem(path: Path, **kwargs: object) -> Found:
    (one,) = found(path, **kwargs)
    assert one.document is None
    assert one.problem
    assert "\n" not in one.problem
    return one


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


MAIL = b"From: a@example.org\r\nSubject: Tanks\r\nContent-Type: text/html\r\n"


# -- ZIP


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zip_members_are_read_by_their_kinds(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        {
            "a.txt": TEXT.encode(),
            "pages/b.html": PAGE,
            "c.jsonl": b'{"text": "one"}\n{"text": "two"}\n',
            "d.png": b"\x89PNG",
            ".e.txt": TEXT.encode(),
            "__MACOSX/a.txt": b"resource fork",
        },
    )
    results = found(path)
    assert [one.name.removeprefix(f"{path}/") for one in results] == [
        "a.txt",
        "pages/b.html",
        "c.jsonl:1",
        "c.jsonl:2",
        "d.png",
    ]
    assert [one.skipped for one in results] == [False, False, False, False, True]


def test_zip_members_that_lead_out_or_in_again_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.txt": TEXT.encode()}).read_bytes()
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../slip.txt", "/tmp/absolute.txt", "a/../../b.txt", "..\\..\\back.txt"):
            archive.writestr(name, TEXT)
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", inner)
        archive.writestr("good.txt", TEXT)
    before = sorted(tmp_path.rglob("*"))
    *bad, good = found(path)
    assert len(bad) == 6
    assert all(one.document is None and not one.skipped for one in bad)
    assert good.document is not None
    assert sorted(tmp_path.rglob("*")) == before


def test_zip_bombs_are_refused_and_bounded(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip", {"bomb.txt": b"a" * 30_000_000, "ratio.txt": b"b" * 5_000_000, "good.txt": TEXT.encode()}
    )
    large, ratio, good = found(path)
    assert (large.error_class, ratio.error_class) == ("too_large", "too_large")
    assert good.document is not None
    many = zipped(tmp_path / "b.zip", {f"{n}.txt": b"x" for n in range(20)})
    assert problem(many, bounds=Bounds(members=10)).error_class == "too_large"
    total = found(many, bounds=Bounds(archive=10))
    assert [one.error_class for one in total[10:]] == ["too_large"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bounds_are_refused(tmp_path: Path, method: int) -> None:
    assert "pack it again" in problem(zipped(tmp_path / "a.zip", {"a.txt": TEXT.encode()}, method)).problem


def test_encrypted_and_damaged_members_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.txt": os.urandom(500), "b.txt": TEXT.encode()})
    content = bytearray(path.read_bytes())
    content[60:80] = b"\0" * 20
    path.write_bytes(content)
    bad, good = found(path)
    assert "damaged" in bad.problem
    assert good.document is not None
    central = content.find(b"PK\x01\x02")
    struct.pack_into("<H", content, central + 8, 1)
    path.write_bytes(content)
    assert "encrypted" in found(path)[0].problem


def test_a_file_that_is_no_zip_fails(tmp_path: Path) -> None:
    assert "damaged ZIP" in problem(write(tmp_path, "a.zip", b"PK\x03\x04 and then nothing")).problem


# -- web archives


def record(kind: str, url: str, block: bytes, media_type: str = "application/http; msgtype=response") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:x:{url}>\r\nContent-Type: {media_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK", media_type: str = "text/html; charset=utf-8") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def archive(*records: bytes, packed: bool = True) -> bytes:
    return b"".join(gzip.compress(one) if packed else one for one in records)


@pytest.mark.parametrize("packed", [True, False])
def test_web_archive_gives_its_pages_and_texts(tmp_path: Path, packed: bool) -> None:
    squeezed = gzip.compress(PAGE)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(squeezed), squeezed)
    content = archive(
        record("warcinfo", "", b"software: x\r\n", "application/warc-fields"),
        record("response", "https://example.org/plain", answer(PAGE)),
        record("response", "https://example.org/gzip", answer(squeezed, "Content-Encoding: gzip")),
        record(
            "response",
            "https://example.org/both",
            answer(chunked, "Content-Encoding: gzip", "Transfer-Encoding: chunked"),
        ),
        record("response", "https://example.org/missing", answer(PAGE, status="404 Not Found")),
        record("response", "https://example.org/image", answer(b"\x89PNG", media_type="image/png")),
        record("conversion", "https://example.org/text", TEXT.encode(), "text/plain"),
        record("resource", "https://example.org/resource", PAGE, "text/html"),
        packed=packed,
    )
    results = found(write(tmp_path, "a.warc.gz" if packed else "a.warc", content))
    got = [(one.document.kind, one.document.url, one.document.body) for one in results if one.document]
    assert got == [
        ("page", "https://example.org/plain", PAGE),
        ("page", "https://example.org/gzip", PAGE),
        ("page", "https://example.org/both", PAGE),
        ("text", "https://example.org/text", TEXT),
        ("page", "https://example.org/resource", PAGE),
    ]
    assert all(one.document.published is None for one in results if one.document)


def test_bombs_and_unknown_codings_in_a_web_archive_stop_nothing(tmp_path: Path) -> None:
    content = archive(
        record(
            "response", "https://example.org/bomb", answer(gzip.compress(b"a" * 30_000_000), "Content-Encoding: gzip")
        ),
        record("response", "https://example.org/br", answer(b"x", "Content-Encoding: br")),
        record("response", "https://example.org/bad", answer(b"\x1f\x8bxxxx", "Content-Encoding: gzip")),
        record("response", "https://example.org/good", answer(PAGE)),
    )
    *bad, good = found(write(tmp_path, "a.warc.gz", content))
    assert [one.error_class for one in bad] == ["too_large", "encoding", "encoding"]
    assert good.document is not None


def test_a_web_archive_that_is_cut_off_says_so(tmp_path: Path) -> None:
    content = archive(record("response", "https://example.org/a", answer(PAGE)), packed=False)
    assert problem(write(tmp_path, "a.warc", content[:-30])).error_class == "truncated"
    assert "no page" in problem(write(tmp_path, "b.warc", b"WARC/1.0\r\nnothing")).problem


# -- whatever it is


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_files_of_every_kind_raise_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    suffix = data.draw(st.sampled_from([end for kind in KINDS.values() for end in kind.suffixes]))
    seeds = [
        PAGE,
        TEXT.encode("utf-16"),
        MAIL + b"\r\nwords",
        b"From a@b Thu Jan  1 00:00:00 2026\n" + MAIL,
        b'{"text": "words"}\n',
        zipped(folder / "seed.zip", {"a.txt": TEXT.encode(), "b.html": PAGE}).read_bytes(),
        archive(record("response", "https://example.org/a", answer(PAGE)), packed=False),
        archive(record("response", "https://example.org/a", answer(PAGE))),
    ]
    content = bytearray(data.draw(st.sampled_from(seeds)))
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8)
    ):
        content[place] = value
    content = content[: data.draw(st.integers(0, len(content)))]
    path = folder / f"a{suffix}"
    path.write_bytes(content)
    for one in documents([str(path)]):
        assert (one.document is None) == bool(one.problem)
