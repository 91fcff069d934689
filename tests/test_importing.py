"""Saved files of every kind become documents; hostile, damaged and unknown ones a problem that stops nothing else."""

import gzip
import io
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from aggregator.importing import Bounds, Found, documents
from aggregator.importing.kinds import kind_of
from aggregator.model import Document

PAGE = b"<!doctype html><html><head><title>Tanks</title></head><body><p>The tanks came at night.</p></body></html>"
TEXT = "Soviet Tanks in Prague\n\nThe tanks came at night, and nobody slept.\n"


def found(*paths: Path | str, **kwargs: object) -> list[Found]:
    return list(documents([str(path) for path in paths], **kwargs))


def only(path: Path, **kwargs: object) -> Document:
    (one,) = found(path, **kwargs)
    assert one.document is not None, one.problem
    return one.document


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


# -- text


def test_text_file_is_its_text_and_invents_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "tanks.txt", TEXT)
    assert only(path) == Document(kind="text", body=TEXT, name=str(path))


@pytest.mark.parametrize(
    "encoded",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["utf-8 mark", "utf-16 mark", "utf-16-be mark", "utf-16-le", "utf-16-be", "utf-32 mark", "crlf", "cr"],
)
def test_text_encodings_give_the_same_text(tmp_path: Path, encoded: bytes) -> None:
    assert only(write(tmp_path, "a.txt", encoded)).body == TEXT


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        (
            "cp1252",
            "Der Präsident führte große Gespräche über die Rückgabe der Gemälde. Später fügte er “nein” hinzu. " * 4,
        ),
        ("cp1251", "Президент заявил, что ввод войск был ошибкой, и подчеркнул это ещё раз во время встречи. " * 4),
        ("shift_jis", "大統領は記者会見で、戦車の投入は誤りだったと述べた。市民は広場に集まっていた。" * 4),
        ("gb18030", "总统在记者会上表示,出动坦克是一个错误。市民们聚集在广场上,高呼口号。" * 4),
    ],
)
def test_old_character_sets_are_told(tmp_path: Path, charset: str, text: str) -> None:
    assert only(write(tmp_path, "a.txt", text.encode(charset))).body == text


def test_utf8_with_a_broken_place_stays_utf8(tmp_path: Path) -> None:
    text = "Žluťoučký kůň úpěl ďábelské ódy. " * 20
    broken = text.encode().replace("ů".encode(), b"\xc5", 1)
    assert only(write(tmp_path, "a.txt", broken)).body == text.replace("ů", "\ufffd", 1)


@pytest.mark.parametrize(
    ("content", "error_class"),
    [(b"", "import"), (b"  \n\n ", "import"), (b"%PDF-1.7 ...", "import"), (b"a\0\0\0b\1\2\0c", "encoding")],
)
def test_what_is_no_text_under_its_name_fails(tmp_path: Path, content: bytes, error_class: str) -> None:
    assert problem(write(tmp_path, "a.txt", content)).error_class == error_class


def test_documents_over_the_limit_fail_and_the_next_one_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "x" * 101)
    write(tmp_path, "b.txt", "y" * 100)
    first, second = found(tmp_path, bounds=Bounds(document=100))
    assert (first.error_class, first.document) == ("too_large", None)
    assert second.document is not None
    assert second.document.body == "y" * 100


# -- HTML


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", ""),
        ('<link rel="canonical" href="https://example.org/a?b=1&amp;c=2">', "https://example.org/a?b=1&c=2"),
        ("<LINK HREF='https://example.org/a' REL=Canonical>", "https://example.org/a"),
        ('<meta property="og:url" content="https://example.org/og">', "https://example.org/og"),
        (
            '<meta property="og:url" content="https://example.org/o"><link href="https://example.org/c" rel=canonical>',
            "https://example.org/c",
        ),
        ('<link rel="canonical" href="/relative">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="alternate" href="https://example.org/other">', ""),
        ("<!-- saved from url=(0022)https://example.org/s -->", "https://example.org/s"),
        ("<!-- saved from url=(0014)about:internet -->", ""),
        (
            "<!--\n Page saved with SingleFile \n url: https://example.org/sf \n saved date: x\n-->",
            "https://example.org/sf",
        ),
        ("<!-- Mirrored from example.org/h.html by HTTrack Website Copier/3.x -->", "http://example.org/h.html"),
    ],
)
def test_saved_page_tells_its_own_address(tmp_path: Path, head: str, url: str) -> None:
    body = PAGE.replace(b"<title>", head.encode() + b"<title>")
    document = only(write(tmp_path, "a.html", body))
    assert (document.kind, document.body, document.url) == ("page", body, url)
    assert document.published is None


def test_address_of_a_page_in_utf16(tmp_path: Path) -> None:
    page = '<html><link rel="canonical" href="https://example.org/wide"></html>'.encode("utf-16")
    assert only(write(tmp_path, "a.html", page)).url == "https://example.org/wide"


# -- folders


def test_folder_is_walked_in_order_and_unknown_kinds_are_skipped_and_named(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", TEXT)
    write(tmp_path, "a/deep/page.HTML", PAGE)
    write(tmp_path, "a/data.json", "{}")
    write(tmp_path, "a/picture.png", b"\x89PNG\r\n")
    write(tmp_path, "a/feeds.opml", '<?xml version="1.0"?><opml version="2.0"></opml>')
    write(tmp_path, ".hidden.txt", TEXT)
    write(tmp_path, ".git/a.txt", TEXT)
    results = found(tmp_path)
    names = [one.name.removeprefix(f"{tmp_path}/") for one in results]
    assert [name for name, one in zip(names, results, strict=True) if one.document] == ["b.txt", "a/deep/page.HTML"]
    assert {name for name, one in zip(names, results, strict=True) if one.skipped} == {
        "a/data.json",
        "a/picture.png",
        "a/feeds.opml",
    }
    assert len(results) == 5


def test_what_belongs_to_a_saved_page_is_no_article(tmp_path: Path) -> None:
    write(tmp_path, "Story.html", PAGE)
    write(tmp_path, "Story_files/saved_resource.html", PAGE)
    write(tmp_path, "my_files/real.html", PAGE)
    assert [Path(one.name).name for one in found(tmp_path)] == ["Story.html", "real.html"]


def test_links_lead_nowhere_outside_of_the_folder(tmp_path: Path) -> None:
    secret = write(tmp_path, "outside/secret.txt", "secret " * 20)
    inside = write(tmp_path, "in/real.txt", TEXT)
    folder = tmp_path / "in"
    (folder / "escape.txt").symlink_to(secret)
    (folder / "escape").symlink_to(secret.parent)
    (folder / "up.txt").symlink_to("../outside/secret.txt")
    (folder / "broken.txt").symlink_to("nowhere")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "same.txt").symlink_to(inside)
    assert sorted(Path(one.name).name for one in found(folder)) == ["real.txt", "same.txt"]
    assert "secret" not in str(found(folder))


def test_a_folder_that_cannot_be_listed_is_told_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, listed = write(tmp_path / "locked", "a.txt", "Text.").parent, os.scandir
    write(tmp_path / "open", "b.txt", "Text.")

    def scandir(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    read, failed = found(tmp_path)
    assert read.name.endswith("b.txt")
    assert failed.problem == f"{locked}: can't be read: Permission denied"
    assert not failed.skipped


def test_pipes_are_neither_waited_for_nor_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert found(tmp_path) == []
    assert "not a regular file" in problem(tmp_path / "pipe.txt").problem


def test_named_files_that_are_missing_or_unknown_fail_with_what_is_known(tmp_path: Path) -> None:
    assert "No such file" in problem(tmp_path / "nothing.txt").problem
    unknown = problem(write(tmp_path, "a.pdf", b"%PDF-1.7"))
    assert (unknown.skipped, unknown.error_class) == (False, "import")
    assert ".jsonl" in unknown.problem
    assert "feeds.toml" in problem(write(tmp_path, "a.opml", "<opml></opml>")).problem
    assert "feeds.toml" in problem(write(tmp_path, "a.xml", '<?xml version="1.0"?><rss version="2.0"/>')).problem


def test_names_with_control_characters_are_shown_without_them(tmp_path: Path) -> None:
    path = write(tmp_path, "a\x1b[31m\nb\u202etxt.txt", TEXT)
    (one,) = found(path)
    assert one.name.isprintable()
    assert one.document is not None
    assert one.document.name.isprintable()


def test_bytes_that_are_no_utf8_in_names_are_shown(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text(TEXT)
    (one,) = found(tmp_path)
    assert one.document is not None
    one.name.encode()


# -- kinds


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.txt", b"plain", "text"),
        ("a.txt", PAGE, "html"),
        ("a.html", b"no markup", "html"),
        ("a.htm", b"<rss>", "feed"),
        ("a.warc.gz", gzip.compress(b"WARC/1.0\r\n", mtime=0), "warc"),
        ("a.gz", gzip.compress(b"WARC/1.1\r\n", mtime=0), "warc"),
        ("a.txt.gz", gzip.compress(b"text", mtime=0), "gzip"),
        ("a.zip", b"PK\x03\x04", "zip"),
        ("a.docx", b"PK\x03\x04", ""),
        ("a", b"PK\x03\x04", "zip"),
        ("a", b"From me@example.org Thu Jan  1 00:00:00 2026\nSubject: x\n", "mbox"),
        ("a", b"Return-Path: <a@b>\r\n", "mail"),
        ("a", b'{"url": "x"}', "jsonl"),
        ("a", b"just words", "text"),
        ("a", b"\0\1\2", ""),
        ("a.json", b'{"url": "x"}', ""),
    ],
)
def test_kind_is_told_by_content_then_name(name: str, head: bytes, kind: str) -> None:
    assert kind_of(name, head, guess=True) == kind


def test_a_file_without_a_name_that_tells_is_skipped_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "README", "just words")
    (one,) = found(tmp_path)
    assert one.skipped


def test_telling_the_kind_of_hostile_markup_takes_no_time() -> None:
    assert kind_of("a", b"<!---->" * 585, guess=False) == ""
    assert kind_of("a", b" " * 4096, guess=False) == ""


# -- standard input


@pytest.mark.parametrize(
    ("content", "kind"),
    [(TEXT.encode(), "text"), (PAGE, "page"), (b'{"text": "one"}\n{"html": "<p>two</p>"}\n', "text")],
)
def test_standard_input(content: bytes, kind: str) -> None:
    results = found("-", stdin=io.BytesIO(content))
    assert results[0].document is not None
    assert results[0].document.kind == kind
    assert results[0].name.startswith("standard input")


def test_standard_input_is_bounded() -> None:
    (one,) = found("-", stdin=io.BytesIO(b"x" * 2000), bounds=Bounds(archive=1000))
    assert one.error_class == "too_large"


# -- JSON lines


def test_json_lines_give_what_they_state(tmp_path: Path) -> None:
    rows = [
        {
            "url": "https://example.org/1",
            "text": "words",
            "title": "One",
            "author": "A",
            "published": "1968-08-21T02:00:00+02:00",
            "tags": ["x", "y"],
        },
        {"html": "<p>two</p>", "published": -43200, "other": {"ignored": 1}},
        {"html": "<html><body>three</body></html>", "published": "Wed, 21 Aug 1968 00:00:00 GMT"},
        {"text": "\ud800 half", "published": "2020-01-02", "url": "javascript:alert(1)"},
    ]
    path = write(tmp_path, "a.jsonl", "\ufeff" + "\n\n".join(json.dumps(row) for row in rows))
    one, two, three, four = (each.document for each in found(path))
    assert one == Document(
        kind="text",
        body="words",
        url="https://example.org/1",
        name=f"{path}:1",
        title="One",
        author="A",
        published=datetime(1968, 8, 21, 2, tzinfo=timezone(timedelta(hours=2))),
        tags=("x", "y"),
    )
    assert two is not None
    assert three is not None
    assert four is not None
    assert (two.kind, two.published) == ("fragment", datetime(1969, 12, 31, 12, tzinfo=UTC))
    assert (three.kind, three.published) == ("page", datetime(1968, 8, 21, tzinfo=UTC))
    assert (four.body, four.url, four.published) == ("? half", "", datetime(2020, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"text": 5}',
        b'{"text": ""}',
        b'{"text": "x", "tags": "y"}',
        b'{"text": "x", "published": "soon"}',
        b'{"text": "x", "published": 1e300}',
        b'{"text": "x", "published": true}',
        b'{"text": "\xff"}',
        b"[" * 100_000,
        b'{"text": "' + b"x" * 3_000_000 + b'"}',
        b'{"text": "x", "n": ' + b"1" * 5000 + b"}",
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(tmp_path: Path, line: bytes) -> None:
    path = write(tmp_path, "a.jsonl", line + b'\n{"text": "good"}\n')
    bad, good = found(path, bounds=Bounds(document=1_000_000))
    assert bad.document is None
    assert bad.name.endswith(":1")
    assert good.document is not None
    assert (good.name, good.document.body) == (f"{path}:2", "good")


# -- mail


MAIL = (
    b"From: =?utf-8?q?Ann=C3=A9?= <anne@example.org>\r\nSubject: =?utf-8?b?VMOhbmtz?=\r\n in Prague\r\n"
    b"Date: Wed, 21 Aug 1968 02:00:00 +0200\r\nMIME-Version: 1.0\r\n"
)


def test_mail_gives_subject_sender_date_and_html(tmp_path: Path) -> None:
    body = (
        MAIL
        + b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n'
        + b"--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + b"<p>caf=E9</p>\r\n--b--\r\n"
    )
    document = only(write(tmp_path, "a.eml", body))
    assert (document.kind, document.body) == ("page", b"<p>caf\xe9</p>")
    assert (document.title, document.author) == ("Tánks in Prague", "Anné")
    assert document.content_type == "text/html; charset=iso-8859-1"
    assert document.published == datetime(1968, 8, 21, 2, tzinfo=timezone(timedelta(hours=2)))


def test_plain_mail_is_text_in_its_character_set(tmp_path: Path) -> None:
    body = (
        MAIL + b"Content-Type: text/plain; charset=iso-8859-2\r\n\r\n" + "Žluťoučký kůň\r\nskočil".encode("iso-8859-2")
    )
    document = only(write(tmp_path, "a.eml", body))
    assert (document.kind, document.body) == ("text", "Žluťoučký kůň\nskočil")


@pytest.mark.parametrize(
    "body",
    [
        b"Subject: nothing\r\n\r\n",
        b"Content-Type: application/pdf\r\n\r\nx",
        b"Content-Disposition: attachment\r\nContent-Type: text/plain\r\n\r\nfile",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000)),
    ],
    ids=["empty", "pdf", "attachment", "nested"],
)
def test_mail_without_a_text_fails(tmp_path: Path, body: bytes) -> None:
    problem(write(tmp_path, "a.eml", body))


def test_mail_with_broken_headers_keeps_its_text(tmp_path: Path) -> None:
    body = (
        b"Subject: =?nonsense?q?=FF=?= x\r\nDate: yesterday\r\nFrom: <<>\r\n"
        b"Content-Type: text/plain; charset=nonsense\r\n\r\nwords"
    )
    document = only(write(tmp_path, "a.eml", body))
    assert (document.body, document.published) == ("words", None)


def test_mailbox_gives_each_message(tmp_path: Path) -> None:
    one = b"From a@example.org Thu Jan  1 00:00:00 2026\n" + MAIL.replace(b"\r\n", b"\n") + b"\nfirst\n>From here\n\n"
    two = b"From b@example.org Thu Jan  1 00:00:00 2026\nSubject: Two\n\nsecond\nFrom inside, no blank before\n\n"
    large = b"From c@example.org Thu Jan  1 00:00:00 2026\nSubject: L\n\n" + b"x" * 50 * 1000 + b"\n\n"
    last = b"From d@example.org Thu Jan  1 00:00:00 2026\nSubject: Last\n\nlast\n"
    path = write(tmp_path, "a.mbox", one + two + large + last)
    first, second, third, fourth = found(path, bounds=Bounds(document=10_000))
    assert first.document is not None
    assert second.document is not None
    assert fourth.document is not None
    assert first.document.body == "first\nFrom here\n\n"
    assert second.document.body == "second\nFrom inside, no blank before\n\n"
    assert third.error_class == "too_large"
    assert (fourth.document.title, fourth.document.body) == ("Last", "last\n")


def test_saved_page_in_mhtml(tmp_path: Path) -> None:
    body = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/story\r\nSubject: Story\r\n"
        b"Date: Thu, 1 Jan 2026 00:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://example.org/story\r\n\r\n"
        b"<html><p>words =3D words</p></html>\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    )
    document = only(write(tmp_path, "a.mhtml", body))
    assert (document.kind, document.url) == ("page", "https://example.org/story")
    assert document.body == b"<html><p>words = words</p></html>"
    assert document.published is None
