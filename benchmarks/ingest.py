"""CPU of taking in new stories and their pages, beside feedparser and trafilatura alone on the same bytes.

    python benchmarks/ingest.py [--feeds 20] [--entries 20] [--pages articles.jsonl.gz]

The feeds carry teasers, so every story's page is fetched and cleaned. --pages: real pages, {"html": ...} a line.
"""

import argparse
import io
import json
import sys
import tempfile
from pathlib import Path

import feedparser
import measure
from farm import Farm, feed, page, read_pages, urls
from trafilatura import bare_extraction


def alone(feeds: int, entries: int, pages: str, port: int) -> None:
    """The floor: both libraries, each called once a document as cheaply as the aggregator calls them, and no more."""
    farm = Farm(feeds, entries, full=0, pages=read_pages(pages) if pages else ())
    got = 0
    for number, url in enumerate(urls(farm, port)):
        base = url.partition("/f/")[0]
        body = feed(farm, number, base)
        parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        got += len(parsed.entries)
        for entry in range(entries):
            extracted = bare_extraction(
                page(farm, number, entry),
                url=f"{base}/a/{number}/{entry}.html",
                include_links=True,
                include_images=True,
                include_formatting=True,
                include_comments=False,
                with_metadata=True,
            )
            got += extracted is not None
    print(got)


def made(feeds: int, entries: int, pages: str, port: int) -> None:
    """What making the bytes costs, to be taken off the floor."""
    farm = Farm(feeds, entries, full=0, pages=read_pages(pages) if pages else ())
    for number, url in enumerate(urls(farm, port)):
        feed(farm, number, url.partition("/f/")[0])
        for entry in range(entries):
            page(farm, number, entry)
    print(feeds * entries)


def compare(folder: Path, asked: argparse.Namespace, port: int) -> None:
    addresses = urls(Farm(asked.feeds, asked.entries, full=0), port)
    stories = asked.feeds * asked.entries
    this = [sys.executable, str(Path(__file__)), f"--feeds={asked.feeds}", f"--entries={asked.entries}"]
    this += [f"--pages={asked.pages}", f"--port={port}"]
    idle = measure.run([*this, "--made"], folder=folder).cpu
    floor = measure.run([*this, "--alone"], folder=folder).cpu - idle
    first = folder / "first"
    first.mkdir()
    measure.configuration(first, addresses[:2], entries=1)
    start = measure.run([*measure.AGGREGATOR, "poll", "--all", "--json"], folder=first).cpu
    measure.configuration(folder, addresses)
    ours = measure.run([*measure.AGGREGATOR, "poll", "--all", "--json"], folder=folder)
    counts = json.loads(ours.output)["counts"]
    net = ours.cpu - start
    taken = sum(counts.get(key, 0) for key in ("stored", "duplicate", "updated"))
    measure.table(
        f"Taking in {stories} new stories and their pages from {asked.feeds} feeds, CPU seconds",
        [
            ("floor: feedparser and trafilatura alone", f"{floor:.2f}   {floor / stories * 1000:.1f} ms a story"),
            ("aggregator, whole process tree", f"{ours.cpu:.2f}   {ours.cpu / floor:.2f} times the floor"),
            ("of it, its start and that of its workers", f"{start:.2f}"),
            (
                "aggregator without its start",
                f"{net:.2f}   {net / (stories - 2) * 1000:.1f} ms a story, {net / floor:.2f} times the floor",
            ),
            ("stories", ", ".join(f"{value} {key}" for key, value in sorted(counts.items()))),
        ],
    )
    if taken < stories:
        raise SystemExit(f"only {taken} of {stories} stories were taken in; see the counts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=20)
    parser.add_argument("--entries", type=int, default=20)
    parser.add_argument("--pages", default="")
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--made", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.pages:
        asked.pages = str(Path(asked.pages).resolve())
    if asked.alone or asked.made:
        (alone if asked.alone else made)(asked.feeds, asked.entries, asked.pages, asked.port)
        return
    with (
        tempfile.TemporaryDirectory() as name,
        measure.farm(feeds=asked.feeds, entries=asked.entries, pages=asked.pages) as port,
    ):
        compare(Path(name), asked, port)


if __name__ == "__main__":
    main()
