"""A farm of feeds on loopback for the benchmarks: N feeds on hosts of their own, article pages behind their entries.

    python benchmarks/farm.py --feeds 100 --entries 20 --port 8099      serves until it is killed

Feed i stands at http://127.1.A.B:PORT/f/i.xml, one address a feed; even ones are RSS, odd ones Atom. With --full N
each Nth feed carries whole stories; else all carry teasers. The same numbers always give the same bytes. The pages are
made up unless --pages names a file with a JSON object {"html": ...} a line (or .gz). GET /stats tells what was asked;
GET /bump gives each feed one new entry, for which its oldest goes.
"""

import argparse
import asyncio
import gzip
import hashlib
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache
from html import escape
from pathlib import Path

NEWEST = 1_790_000_000  # when the newest entry was published, seconds since 1970
_VOCABULARY = (
    "people government river market minister report city water history border council winter market century station "
    "school question evening letter company village doctor country summer protest agreement future police museum "
    "because while after before although during against without between every several former public early late small "
    "important different possible recent national local said announced described remembered explained expected opened "
    "closed returned moved reached refused accepted decided the a of and to in for with on at by from that which their"
)
WORDS = _VOCABULARY.split()


@dataclass(frozen=True)
class Farm:
    feeds: int
    entries: int
    full: int  # each such feed carries whole stories; 0 for none
    pages: tuple[bytes, ...] = ()
    first: int = 0  # the number of the oldest entry that a feed holds


@dataclass
class Seen:
    """What was asked of the server so far."""

    answers: Counter[str] = field(default_factory=Counter)
    feeds: set[str] = field(default_factory=set)
    last: float = 0.0


def host(number: int) -> str:
    return f"127.1.{number // 250 + 1}.{number % 250 + 1}"


def urls(farm: Farm, port: int) -> list[str]:
    return [f"http://{host(number)}:{port}/f/{number}.xml" for number in range(farm.feeds)]


def paragraphs(number: int, entry: int) -> list[str]:
    chance = random.Random(f"{number}/{entry}")
    return [
        " ".join(
            " ".join(chance.choices(WORDS, k=chance.randint(8, 22))).capitalize() + "."
            for _ in range(chance.randint(2, 5))
        )
        for _ in range(chance.randint(8, 16))
    ]


def title(number: int, entry: int) -> str:
    return " ".join(random.Random(f"t{number}/{entry}").choices(WORDS, k=8)).capitalize()


def feed(farm: Farm, number: int, base: str) -> bytes:
    rows = [_entry(farm, number, entry, base) for entry in reversed(range(farm.first, farm.first + farm.entries))]
    if number % 2 == 0:
        tag = "content:encoded" if _is_full(farm, number) else "description"
        items = "".join(
            f"<item><title>{t}</title><link>{link}</link><guid>{link}</guid><dc:creator>Alex Writer</dc:creator>"
            f"<category>{t.split()[0]}</category><category>{t.split()[1]}</category>"
            f"<pubDate>{formatdate(at, usegmt=True)}</pubDate><{tag}>{escape(body)}</{tag}></item>\n"
            for t, link, at, body in rows
        )
        spaces = 'version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        head = f'<?xml version="1.0"?><rss {spaces}><channel><title>Farm {number}</title>'
        head += "<language>en</language>"
        return f"{head}\n{items}</channel></rss>".encode()
    entries = "".join(
        f'<entry><title>{t}</title><link href="{link}"/><id>{link}</id><updated>{_iso(at)}</updated>'
        f"<published>{_iso(at)}</published><author><name>Alex Writer</name></author>"
        f'<category term="{t.split()[0]}"/><category term="{t.split()[1]}"/>'
        f'<content type="html">{escape(body)}</content></entry>\n'
        for t, link, at, body in rows
    )
    head = f"<title>Farm {number}</title><id>{base}/</id><updated>{_iso(NEWEST)}</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">{head}\n{entries}</feed>'.encode()


def _entry(farm: Farm, number: int, entry: int, base: str) -> tuple[str, str, float, str]:
    text = paragraphs(number, entry)
    body = "".join(f"<p>{p}</p>" for p in text) if _is_full(farm, number) else f"<p>{text[0][:250]}…</p>"
    age = (farm.entries - entry) * 7200 + number % 3600
    return title(number, entry), f"{base}/a/{number}/{entry}.html", NEWEST - age, body


def _is_full(farm: Farm, number: int) -> bool:
    return bool(farm.full) and number % farm.full == 0


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def page(farm: Farm, number: int, entry: int) -> bytes:
    if farm.pages:
        return farm.pages[(number * 7919 + entry) % len(farm.pages)]
    headline, text = title(number, entry), paragraphs(number, entry)
    links = "".join(f'<li><a href="/section/{n}">{WORDS[n]}</a></li>' for n in range(40))
    other = "".join(f'<article><a href="/a/{number}/{n}.html">{title(number, n)}</a></article>' for n in range(12))
    story = "".join(f"<p>{p}</p>" for p in text)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline} | Farm {number}</title>'
        f'{_WEIGHT}</head><body><header><a href="/">Farm {number}</a><nav><ul>{links}</ul></nav></header>'
        f'<main><article><h1>{headline}</h1><div class="byline">By Alex Writer</div>'
        f'<time datetime="{_iso(NEWEST)}">today</time>{story}'
        f'<div class="share">Share on social media</div></article>'
        f'<aside class="related"><h2>More stories</h2>{other}</aside>'
        f"</main><footer><ul>{links}</ul><p>All rights reserved.</p></footer></body></html>"
    ).encode()


# Real pages are mostly scripts and styles.
_WEIGHT = (
    "<style>" + "".join(f".c{n}{{color:#{n:06x};margin:{n}px}}" for n in range(300)) + "</style>"
    "<script>" + "".join(f'window.x{n}={{"a":[{n},"b"]}};' for n in range(500)) + "</script>"
)


@cache
def answer(farm: Farm, path: str, base: str) -> tuple[bytes, bytes, str] | None:
    """Body, the same gzipped, and its ETag; None for a path that isn't there."""
    parts = path.strip("/").replace(".", "/").split("/")
    if parts[0] == "f":
        body = feed(farm, int(parts[1]), base)
    elif parts[0] == "a":
        body = page(farm, int(parts[1]), int(parts[2]))
    else:
        return None
    return body, gzip.compress(body, 5, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:16]}"'


class Server:
    def __init__(self, farm: Farm, port: int) -> None:
        self.farm, self.port, self.seen = farm, port, Seen()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not writer.get_extra_info("peername")[0].startswith("127."):
            writer.close()
            return
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self.respond(head.decode("latin-1")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def respond(self, head: str) -> bytes:
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        path = first.split(" ")[1]
        if path == "/stats":
            return _response("200 OK", json.dumps(self.stats()).encode(), "application/json")
        if path == "/bump":
            self.farm = replace(self.farm, first=self.farm.first + 1)
            answer.cache_clear()
            return _response("200 OK", b"{}", "application/json")
        self.seen.last = time.monotonic()
        found = answer(self.farm, path, f"http://{headers.get('host', '')}")
        if found is None:
            return _response("404 Not Found", b"", "text/plain")
        body, packed, etag = found
        if path.startswith("/f/"):
            self.seen.feeds.add(path)
        extra = f"ETag: {etag}\r\nLast-Modified: {formatdate(NEWEST, usegmt=True)}\r\n"
        if headers.get("if-none-match") == etag:
            self.seen.answers["304"] += 1
            return f"HTTP/1.1 304 Not Modified\r\n{extra}\r\n".encode()
        self.seen.answers[path[1]] += 1
        kind = "application/xml" if path.startswith("/f/") else "text/html; charset=utf-8"
        if "gzip" in headers.get("accept-encoding", ""):
            return _response("200 OK", packed, kind, extra + "Content-Encoding: gzip\r\n")
        return _response("200 OK", body, kind, extra)

    def stats(self) -> dict[str, float]:
        idle = time.monotonic() - self.seen.last
        answers = self.seen.answers
        return {
            "feeds": len(self.seen.feeds),
            "200": answers["f"],
            "304": answers["304"],
            "pages": answers["a"],
            "idle": idle,
        }


def _response(status: str, body: bytes, kind: str, extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


def read_pages(path: str) -> tuple[bytes, ...]:
    raw = Path(path).read_bytes()
    lines = (gzip.decompress(raw) if path.endswith(".gz") else raw).splitlines()
    return tuple(json.loads(line)["html"].encode("utf-8", "replace") for line in lines)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--entries", type=int, default=20)
    parser.add_argument("--full", type=int, default=0)
    parser.add_argument("--pages", default="")
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    pages = read_pages(asked.pages) if asked.pages else ()
    farm = Farm(feeds=asked.feeds, entries=asked.entries, full=asked.full, pages=pages)
    server = Server(farm, asked.port)
    # Every address of 127.0.0.0/8 is this machine's; a peer from elsewhere is turned away.
    listening = await asyncio.start_server(server.serve, "0.0.0.0", asked.port, backlog=4096, limit=2**16)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
