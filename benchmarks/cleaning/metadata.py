"""Scores title, author and date beside plain trafilatura's, on the same pages in the same run.

    python benchmarks/cleaning/metadata.py FILE... [--check] [--mistakes FIELD]

FILE is a bench file: JSON lines with "id", "url", "html" and any of "title", "author" and "published", null where the
page is known to have none. Pages are split by registered domain: those of DEVELOP may be looked at, of CHECK the totals
alone are shown, and only when asked for. Exact: equal after folding case and space, dates by their first ten
characters. Invented: answered where there is none.
"""

import argparse
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import median

from dataset import lines, site_of
from trafilatura import bare_extraction

from aggregator.clean import metadata
from aggregator.clean.decoding import decoded, parsed

FIELDS = ("title", "author", "published")
Answer = Mapping[str, str]
Reader = Callable[[dict], tuple[Answer, float]]


def address(line: dict) -> str:
    return line["url"] if line["url"].startswith("http") else ""


def ours(line: dict) -> tuple[Answer, float]:
    """The cleaner's own, and the seconds of processor time it took beyond parsing."""
    tree = parsed(decoded(line["html"]))
    kept = list(tree.iter()) if tree is not None else []  # as the cleaner does: each is made once
    begun = time.process_time()
    found = metadata.read(tree, url=address(line), entry=None) if tree is not None else metadata.Found()
    seconds = time.process_time() - begun
    del kept
    published = found.published.isoformat() if found.published else ""
    return {"title": found.title, "author": found.author, "published": published}, seconds


def plain_trafilatura(line: dict) -> tuple[Answer, float]:
    begun = time.process_time()
    found = bare_extraction(line["html"], url=address(line) or None, with_metadata=True)
    seconds = time.process_time() - begun
    if found is None:
        return {}, seconds
    return {"title": found.title or "", "author": found.author or "", "published": found.date or ""}, seconds


READERS: Mapping[str, Reader] = {"aggregator": ours, "trafilatura": plain_trafilatura}


def half_of(line: dict) -> str:
    return ("develop", "check")[sha256(site_of(line["url"]).encode()).digest()[0] % 2]


def folded(name: str, value: str | None) -> str:
    text = re.sub(r"\s+", " ", value or "").strip().casefold()
    return text[:10] if name == "published" else text


@dataclass
class Tally:
    """One reader's counts on one half."""

    known: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    exact: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    none: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    invented: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    seconds: list[float] = field(default_factory=list)

    def add(self, line: dict, answer: Answer, seconds: float) -> None:
        self.seconds.append(seconds)
        for name in FIELDS:
            if name not in line:
                continue
            wanted, got = folded(name, line[name]), folded(name, answer.get(name))
            if wanted:
                self.known[name] += 1
                self.exact[name] += wanted == got
            else:
                self.none[name] += 1
                self.invented[name] += bool(got)

    def row(self) -> Iterator[str]:
        yield str(len(self.seconds))
        for name in FIELDS:
            yield f"{self.exact[name] / self.known[name]:.3f} of {self.known[name]}" if self.known[name] else ""
            yield f"{self.invented[name] / self.none[name]:.2f} of {self.none[name]}" if self.none[name] else ""
        yield f"{1000 * median(self.seconds):.1f}"


def mistakes(pages: list[dict], name: str) -> Iterator[str]:
    """Ours that are wrong, with trafilatura's answer."""
    for line in pages:
        if name not in line:
            continue
        wanted = folded(name, line[name])
        got, other = (folded(name, read(line)[0].get(name)) for read in READERS.values())
        if got != wanted:
            yield f"{line['id']} {line['url'][:90]}\n    gold {wanted!r}\n    ours {got!r}\n    traf {other!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--check", action="store_true", help="the totals of the other half too")
    parser.add_argument("--mistakes", choices=FIELDS, help="the mistakes in DEVELOP")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if args.mistakes:
        pages = [line for file in args.files for line in lines(file) if half_of(line) == "develop"]
        print(*mistakes(pages, args.mistakes), sep="\n")
        return
    print("| file | half | reader | pages | title | invented | author | invented | date | invented | median CPU ms |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for file in args.files:
        tallies: dict[tuple[str, str], Tally] = {}
        for line in lines(file):
            half = half_of(line)
            for name, read in READERS.items() if args.check or half == "develop" else ():
                tallies.setdefault((half, name), Tally()).add(line, *read(line))
        for (half, name), tally in sorted(tallies.items(), reverse=True):
            print(f"| {file.name} | {half} | {name} | {' | '.join(tally.row())} |", flush=True)


if __name__ == "__main__":
    main()
