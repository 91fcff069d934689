"""Scores the cleaner beside other extractors in one run.

    python benchmarks/cleaning/score.py BENCH_FOLDER FILE... [--cache FOLDER] [--limit N] [--only NAME]

FILE is a bench file: JSON lines with "id", "url", "html" or "text", and "gold" and/or "with" and "without". Each page
is cleaned by aggregator.clean with a model that was trained on BENCH_FOLDER without any page of its site (one of four
folds by registered domain). The others are asked as their documentation says, for an article without comments.
"""

import argparse
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import justext
import numpy as np
import trafilatura
from dataset import Page, lines, site_of
from learn import FOLDS, fold_of, learn
from measures import Tally, interval, shown
from readability import Document as Readable
from resiliparse.extract.html2text import extract_plain_text
from train import arrays_of, cached, read_pages, read_texts

from aggregator.clean import clean
from aggregator.clean.judge import Model, model_of
from aggregator.model import Document, Site
from aggregator.sanitize import text_of

Cleaner = Callable[[dict], str]


def trafilatura_(line: dict) -> str:
    found = trafilatura.extract(line["html"], url=line["url"], include_comments=False)
    return found or ""


def readability(line: dict) -> str:
    return text_of(Readable(line["html"]).summary())


def justext_(line: dict) -> str:
    found = justext.justext(line["html"].encode(), justext.get_stoplist("English"), encoding="utf-8")
    return "\n\n".join(each.text for each in found if not each.is_boilerplate)


def resiliparse(line: dict) -> str:
    return extract_plain_text(line["html"], main_content=True)


def as_it_is(line: dict) -> str:
    return line["text"]


def on_lines(line: dict) -> dict:
    """A text as the least page: for extractors that know nothing but pages."""
    parts = "".join(f"<p>{part}</p>" for part in line["text"].splitlines() if part.strip())
    return {**line, "html": f"<html><body>{parts}</body></html>"}


OTHERS: Mapping[str, Mapping[str, Cleaner]] = {
    "html": {
        "trafilatura": trafilatura_,
        "readability-lxml": readability,
        "justext": justext_,
        "resiliparse": resiliparse,
    },
    "text": {
        "the text as it is": as_it_is,
        "trafilatura": lambda line: trafilatura_(on_lines(line)),
        "justext": lambda line: justext_(on_lines(line)),
    },
}


def ours(models: list[Model]) -> Cleaner:
    """The cleaner, each page with the model that never saw its site."""

    def cleaned(line: dict) -> str:
        kind, body = ("page", line["html"]) if "html" in line else ("text", line["text"])
        document = Document(kind=kind, body=body, url=line["url"] if line["url"].startswith("http") else "")
        return clean(document, None, Site(), models[fold_of(site_of(line["url"]))]).article.text

    return cleaned


def fold_models(bench: Path, cache: Path | None) -> list[Model]:
    """The models of the folds, kept in the cache."""
    arrays: list[dict[str, np.ndarray]] = [{} for _ in range(FOLDS)]
    for kind, read in (("page", read_pages), ("text", read_texts)):
        for fold, part in enumerate(_folds(kind, lambda read=read: read(bench), cache)):
            arrays[fold].update(part)
    return [model_of(each) for each in arrays]


def _folds(kind: str, read: Callable[[], list[Page]], cache: Path | None) -> list[dict[str, np.ndarray]]:
    paths = [cache and cache / f"{kind}{fold}.npz" for fold in range(FOLDS)]
    if all(path is not None and path.exists() for path in paths):
        return [dict(np.load(path, allow_pickle=False)) for path in paths]
    pages = cached(cache and cache / f"{kind}s.pkl", read)
    found = []
    for fold, path in enumerate(paths):
        arrays = arrays_of(learn([page for page in pages if fold_of(page.site) != fold]), kind)
        if path is not None:
            np.savez_compressed(path, **arrays)
        found.append(arrays)
    return found


def measured(cleaner: Cleaner, pages: list[dict]) -> Tally:
    """One cleaner's measures; one that fails on a page gives nothing for it."""
    tally = Tally()
    for page in pages:
        begun = time.process_time()
        try:
            text = cleaner(page)
        except Exception as error:  # others' libraries may raise anything; it is shown, and counts as empty
            print(f"{page['id']}: {type(error).__name__}: {error}")
            text = ""
        tally.seconds += time.process_time() - begun
        tally.add(page, text)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--only", help="this cleaner alone")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    models = fold_models(args.bench, args.cache)
    print("| file | cleaner | pages | empty | word F1 | precision | recall | snippet F | wrong | CPU ms a page |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for file in args.files:
        pages = list(lines(file))[: args.limit]
        cleaners = {"aggregator": ours(models)} | dict(OTHERS["html" if "html" in pages[0] else "text"])
        tallies = {}
        for name, cleaner in cleaners.items():
            if args.only in (None, name):
                tally = tallies[name] = measured(cleaner, pages)
                figures = shown([tally.mean(2), tally.mean(0), tally.mean(1), tally.snippet_f])
                cost = 1000 * tally.seconds / tally.pages
                row = (
                    f"| {file.name} | {name} | {tally.pages} | {tally.empty} | {figures} | {tally.wrong} | {cost:.1f} |"
                )
                print(row, flush=True)
        if tallies.keys() >= {"aggregator", "trafilatura"} and tallies["aggregator"].word:
            low, high = interval(tallies["aggregator"], tallies["trafilatura"])
            print(f"\n{file.name}: word F1 over trafilatura's, paired 95 % interval {low:+.4f} to {high:+.4f}\n")


if __name__ == "__main__":
    main()
