"""CPU of a poll in which nothing is new, beside bare httpx doing the same conditional requests; and of one of changes.

    python benchmarks/poll.py [--feeds 1000] [--urls FILE]
    python benchmarks/poll.py --changed [--feeds 1000] [--entries 20] [--full 3]

With --urls the feeds are those of a farm that runs already, an address a line; it must answer 304. With --changed each
feed has one new entry: beside the poll stands the same one by a store that has been made to forget which entries it
knows by their bytes, so that each feed is parsed whole. Every third feed (--full) carries whole stories, the others
teasers, as feeds in the wild do; --full 1 makes all of them whole. Stories are taken as the feed has them: no page is
fetched, so that what is seen is the feeds' cost.
"""

import argparse
import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx
import measure
from farm import Farm, urls

# Decided by the headline alone: no page is fetched for the sake of this rule.
NOTHING = "title:nothingmatchesthis"
POLL = [*measure.AGGREGATOR, "poll", "--all", "--json"]


async def bare(known: dict[str, dict[str, str]]) -> int:
    """The floor: what has to be asked anyway, and nothing else. Notes the validators; gives the number of 304s."""
    gate = asyncio.Semaphore(32)
    answers = []
    async with httpx.AsyncClient(timeout=30, follow_redirects=True) as client:

        async def ask(url: str, headers: dict[str, str]) -> None:
            async with gate:
                answer = await client.get(url, headers=headers)
                answers.append(answer.status_code)
                names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
                known[url] = headers | {names[key]: answer.headers[key] for key in names if key in answer.headers}

        await asyncio.gather(*(ask(url, headers) for url, headers in list(known.items())))
    return answers.count(304)


def bare_script(file: Path) -> None:
    known = json.loads(file.read_text())
    print(asyncio.run(bare(known)))
    file.write_text(json.dumps(known))


def compare(folder: Path, addresses: list[str], rounds: int) -> None:
    known, none = folder / "known.json", folder / "none.json"
    known.write_text(json.dumps({url: {} for url in addresses}))
    none.write_text("{}")
    floor = [sys.executable, str(Path(__file__)), "--bare"]
    measure.run([*floor, str(known)], folder=folder)
    measure.configuration(folder, addresses, match=NOTHING)
    measure.run(POLL, folder=folder)

    # In turn: the machine is not the same from one minute to the next.
    commands = ([*floor, str(known)], POLL, [*floor, str(none)], [*measure.AGGREGATOR, "poll", "--json"])
    runs = [[measure.run(command, folder=folder) for command in commands] for _ in range(rounds)]
    bares, polls, idles, starts = zip(*runs, strict=True)

    unchanged = json.loads(polls[-1].output)["counts"].get("feeds_unchanged", 0)
    not_modified = int(bares[-1].output)
    if (unchanged, not_modified) != (len(addresses), len(addresses)):
        raise SystemExit(f"not the same work: {unchanged} feeds unchanged, {not_modified} answers 304")
    ours, bare_cpu, idle, start = map(_mean, (polls, bares, idles, starts))
    net, bare_net = ours - start, bare_cpu - idle
    per = 1000 / len(addresses)
    measure.table(
        f"Poll of {len(addresses)} unchanged feeds, CPU seconds, mean of {rounds} taken in turn",
        [
            ("floor: bare httpx, whole process", f"{bare_cpu:.2f}"),
            ("aggregator poll, whole process", f"{ours:.2f}   {ours / bare_cpu:.2f} times the floor"),
            ("floor without its start", f"{bare_net:.2f}   {bare_net * per:.2f} ms a feed"),
            (
                "aggregator without its start",
                f"{net:.2f}   {net * per:.2f} ms a feed, {net / bare_net:.2f} times the floor",
            ),
            ("start of aggregator (nothing due)", f"{start:.2f}"),
        ],
    )


def changed(folder: Path, addresses: list[str], port: int, rounds: int) -> None:
    """One new entry a feed, taken in by the store as it is, and by a copy of it that knows no entry by its bytes."""
    measure.configuration(folder, addresses, match=NOTHING)
    measure.run(POLL, folder=folder)
    measure.configuration(folder, addresses, pages=False)
    measure.bump(port)
    (folder / "store").rename(folder / "before")
    runs: dict[str, list[measure.Run]] = {"store": [], "forgetful": []}
    for name in [*runs] * rounds:
        shutil.copytree(folder / "before", folder / "store")
        if name == "forgetful":
            _forget(folder / "store" / "aggregator.db")
        runs[name].append(measure.run(POLL, folder=folder))
        counts = json.loads(runs[name][-1].output)["counts"]
        if (counts.get("feeds_updated"), counts.get("stored")) != (len(addresses), len(addresses)):
            raise SystemExit(f"not one new story of each feed: {counts}")
        shutil.rmtree(folder / "store")
    ours, whole = _mean(runs["store"]), _mean(runs["forgetful"])
    per = 1000 / len(addresses)
    measure.table(
        f"Poll of {len(addresses)} feeds with one new entry each, CPU seconds, whole process tree, mean of {rounds}",
        [
            ("the same poll, each feed parsed whole", f"{whole:.2f}   {whole * per:.1f} ms a feed"),
            ("aggregator poll", f"{ours:.2f}   {ours * per:.1f} ms a feed, {ours / whole:.2f} of the other"),
        ],
    )


def _mean(runs: Sequence[measure.Run]) -> float:
    return sum(run.cpu for run in runs) / len(runs)


def _forget(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE feeds SET items = x''")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=20, help="of a feed, with --changed")
    parser.add_argument("--full", type=int, default=3, help="every such feed carries whole stories, with --changed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--urls", help="a file with the addresses of feeds that are served already")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare_script(Path(asked.bare))
        return
    entries = asked.entries if asked.changed else 5
    with tempfile.TemporaryDirectory() as name:
        if asked.urls:
            compare(Path(name), Path(asked.urls).read_text().split()[: asked.feeds], asked.rounds)
            return
        full = asked.full if asked.changed else 0
        with measure.farm(feeds=asked.feeds, entries=entries, full=full) as port:
            addresses = urls(Farm(asked.feeds, entries, full=full), port)
            if asked.changed:
                changed(Path(name), addresses, port, asked.rounds)
            else:
                compare(Path(name), addresses, asked.rounds)


if __name__ == "__main__":
    main()
