"""Trains the judge from bench files and writes it as plain numbers.

    python benchmarks/cleaning/train.py BENCH_FOLDER [--out aggregator/clean/data/model.npz] [--cache FOLDER]

BENCH_FOLDER holds articles, multilingual, flattened-near and flattened-page as .jsonl.gz. LightGBM is needed here and
nowhere else. The same files and versions give the same model.
"""

import argparse
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import lightgbm
import numpy as np
from dataset import Page, flattened, lines, page, text, trafilatura_text
from invented import invented
from learn import STEPS, Judge, learn

from aggregator.clean.features import names
from aggregator.clean.lexicon import Lexicon

LEAVES = 32  # of a tree at most; as many bits as a leaf mask has


def export(booster: lightgbm.Booster, columns: Sequence[str], prefix: str) -> dict[str, np.ndarray]:
    """The trees as arrays: see aggregator/clean/trees.py. Only the columns that some tree asks for are named."""
    listed = [flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    nodes = max(len(tests) for tests, _ in listed)
    feature = np.zeros((len(listed), nodes), dtype=np.int16)
    threshold = np.full((len(listed), nodes), np.inf, dtype=np.float32)
    mask = np.full((len(listed), nodes), 0xFFFFFFFF, dtype=np.uint32)
    leaf = np.zeros((len(listed), nodes + 1), dtype=np.float32)
    for number, (tests, values) in enumerate(listed):
        leaf[number, : len(values)] = values
        for at, (column, limit, low, high) in enumerate(tests):
            feature[number, at], threshold[number, at] = column, below(limit)
            mask[number, at] = ~(((1 << (high - low)) - 1) << low) & 0xFFFFFFFF
    arrays = {
        "feature": feature,
        "threshold": threshold,
        "mask": mask,
        "leaf": leaf,
        "names": np.array("\n".join(columns)),
    }
    return {f"{prefix}_{name}": array for name, array in arrays.items()}


def flat(root: dict) -> tuple[list[tuple[int, float, int, int]], list[float]]:
    """A tree's tests, each with the range of leaves on its left, and its leaves from left to right."""
    tests, leaves = [], []

    def walk(node: dict) -> None:
        if "leaf_value" in node:
            leaves.append(node["leaf_value"])
            return
        low = len(leaves)
        walk(node["left_child"])
        tests.append((node["split_feature"], node["threshold"], low, len(leaves)))
        walk(node["right_child"])

    walk(root)
    return tests, leaves


def below(limit: float) -> np.float32:
    """The greatest 32-bit number that is not above: so that 32-bit values compare as with the 64-bit limit."""
    short = np.float32(limit)
    return np.nextafter(short, np.float32(-np.inf)) if float(short) > limit else short


def stored(lexicon: Lexicon) -> np.ndarray:
    """The lexicon's weights in its steps, which fit a byte."""
    return np.rint(lexicon.weights * STEPS).astype(np.int8)


def arrays_of(judge: Judge, kind: str) -> dict[str, np.ndarray]:
    """A judge of pages or of texts as it is stored: see aggregator/clean/judge.py."""
    columns = names(page=kind == "page")
    arrays = export(judge.booster, columns, kind)
    if judge.lexicon is not None:
        arrays |= {f"{kind}_lexicon": stored(judge.lexicon), "lexicon_steps": np.array(STEPS)}
    if judge.headlines is not None:
        arrays |= export(judge.headlines, columns[: judge.headlines.num_feature()], "headline")
    return arrays


def read_pages(bench: Path) -> list[Page]:
    """Pages with markup."""
    found = [
        page(line, name, trafilatura_text(line))
        for name in ("articles", "multilingual")
        for line in lines(bench / f"{name}.jsonl.gz")
    ]
    return [each for each in found if each is not None]


def read_texts(bench: Path) -> list[Page]:
    """Flattened texts with the titles of the pages they come from; the multilingual pages are flattened here."""
    titles = {line["id"]: line.get("title") or "" for line in lines(bench / "articles.jsonl.gz")}
    found = [
        text({**line, "title": titles.get(line["id"], "")}, name)
        for name in ("flattened-near", "flattened-page")
        for line in lines(bench / f"{name}.jsonl.gz")
    ]
    multilingual = lines(bench / "multilingual.jsonl.gz")
    found += [text({**line, "text": flattened(line["html"])}, "multilingual") for line in multilingual]
    read = [each for each in found if each is not None]
    return read + invented([each for each in read if each.source == "flattened-page"])


def cached(path: Path | None, make: Callable[[], list[Page]]) -> list[Page]:
    """What `make` gives, kept in a file of one's own between runs."""
    if path is not None and path.exists():
        return pickle.loads(path.read_bytes())
    made = make()
    if path is not None:
        path.write_bytes(pickle.dumps(made))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--out", type=Path, default=Path("aggregator/clean/data/model.npz"))
    parser.add_argument("--cache", type=Path, help="a folder of your own, to keep what was read between runs")
    args = parser.parse_args()
    arrays: dict[str, np.ndarray] = {}
    for kind, read in (("page", read_pages), ("text", read_texts)):
        found = cached(args.cache and args.cache / f"{kind}s.pkl", lambda read=read: read(args.bench))
        arrays |= arrays_of(learn(found), kind)
        print(f"{kind}: {len(found)} documents, {sum(len(each.texts) for each in found)} blocks", flush=True)
    np.savez_compressed(args.out, **arrays)
    print(f"{args.out}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
