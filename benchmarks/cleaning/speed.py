"""CPU cost of the cleaner beside plain trafilatura on the same pages in the same run, as a Markdown table.

    python benchmarks/cleaning/speed.py [FILE] [--limit N] [--times N]

FILE: JSON lines (or .gz) with "html" or "text" and perhaps "url"; without it, small pages that benchmarks/farm.py makes
up. Each page is cleaned whole (blocks, trafilatura, judge, sanitiser, metadata, fingerprint), then given to
trafilatura.extract(output_format="html", with_metadata=True), so that whatever else runs slows both alike. All are gone
through N times (3), and each page's least counts: what is more is the machine's.
"""

import argparse
import gc
import logging
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import trafilatura
from dataset import lines

sys.path.insert(0, str(Path(__file__).parent.parent))
from farm import Farm, page

from aggregator.clean import work
from aggregator.model import Document, Site

_STARTS = {  # what is paid once
    "importing the cleaner": "import aggregator.clean",
    "the same, and its model and word lists": "from aggregator.clean import load_model, words as w; "
    "load_model(); w.phrases(); w.function_words()",
    "all that pages and texts need, once for all workers": "import aggregator.clean as c; c.ready_for_documents()",
    "the language detector, apart": "import numpy; from py3langid import classify; classify('')",
}


def made_up(count: int) -> list[dict]:
    """The farm's pages."""
    farm = Farm(feeds=20, entries=20, full=False)
    places = list(product(range(farm.feeds), range(farm.entries)))[:count]
    return [
        {"url": f"http://127.0.0.1/a/{at}/{entry}.html", "html": page(farm, at, entry).decode()} for at, entry in places
    ]


def ours(line: dict) -> object:
    kind, body = ("page", line["html"]) if "html" in line else ("text", line["text"])
    url = line.get("url") or ""
    return work(Document(kind=kind, body=body, url=url if url.startswith("http") else ""), None, Site())


def plain(line: dict) -> object:
    return trafilatura.extract(line["html"], url=line.get("url"), output_format="html", with_metadata=True)


def seconds(clean: Callable[[dict], object], line: dict) -> float:
    begun = time.process_time()
    clean(line)
    return time.process_time() - begun


def measured(pages: Sequence[dict], cleaners: Sequence[Callable[[dict], object]], times: int) -> np.ndarray:
    """CPU seconds: [cleaner, page]."""
    for clean in cleaners:
        clean(pages[0])  # models and patterns are read and compiled once a process
    gc.collect()
    gc.freeze()  # both as it is done before workers are forked
    gc.set_threshold(10_000, 20, 20)
    spent = [[[seconds(clean, line) for clean in cleaners] for line in pages] for _ in range(times)]
    return np.array(spent).min(axis=0).T


def row(name: str, spent: np.ndarray) -> str:
    mean, median, late = spent.mean(), np.median(spent), np.percentile(spent, 99)
    cells = (f"{1000 * value:.1f}" for value in (mean, median, late, spent.max()))
    return f"| {name} | {' | '.join(cells)} | {late / median:.1f} |"


def compare(pages: Sequence[dict], times: int) -> None:
    own, others = measured(pages, (ours, plain), times)
    print(f"{len(pages)} pages, CPU ms a page\n")
    print("| | mean | median | 99th percentile | slowest | 99th by median |\n|---|--:|--:|--:|--:|--:|")
    print(row("aggregator", own))
    print(row("trafilatura alone", others))
    print(f"| ratio | {own.mean() / others.mean():.2f} | {np.median(own) / np.median(others):.2f} | | | |\n")


def texts(pages: Sequence[dict], times: int) -> None:
    (own,) = measured(pages, (ours,), times)
    size = sum(len(line["text"].encode()) for line in pages)
    print(f"{len(pages)} texts, CPU ms a text\n")
    print("| | mean | median | 99th percentile | slowest | 99th by median |\n|---|--:|--:|--:|--:|--:|")
    print(row(f"aggregator, {size / own.sum() / 1000:.0f} kB a CPU second", own) + "\n")


def starts() -> None:
    """Each in a process of its own; the bare interpreter's cost is taken off the time, not off the memory."""
    print("| what is loaded | CPU s | MB in memory |\n|---|--:|--:|")
    idle, _ = process("pass")
    for name, code in _STARTS.items():
        spent, memory = process(code)
        print(f"| {name} | {spent - idle:.2f} | {memory:.0f} |")


def process(code: str) -> tuple[float, float]:
    asked = "import resource as r, re; u = r.getrusage(0); status = open('/proc/self/status').read()"
    shown = "print(u.ru_utime + u.ru_stime, re.search(r'VmHWM:\\s+(\\d+)', status)[1])"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{asked}\n{shown}"], stdout=subprocess.PIPE, check=True)
    spent, memory = done.stdout.split()
    return float(spent), int(memory) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = list(lines(asked.file))[: asked.limit] if asked.file else made_up(asked.limit)
    (compare if "html" in pages[0] else texts)(pages, asked.times)
    starts()
    print(f"\nThis process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6:.0f} MB at most")


if __name__ == "__main__":
    main()
