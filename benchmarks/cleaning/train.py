"""Trains the judge from bench files and writes it as plain numbers.

    python benchmarks/cleaning/train.py BENCH_FOLDER [--out aggregator/clean/data/model.npz] [--cache FOLDER]

BENCH_FOLDER holds articles, multilingual, flattened-near and flattened-page as .jsonl.gz. LightGBM is needed here and
nowhere else. The same files and versions give the same model.
"""

import argparse
import pickle
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import lightgbm
import numpy as np
from dataset import Page, flattened, lines, page, text, trafilatura_text

from aggregator.clean.features import names

_WORD = re.compile(r"\w+")
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "max_bin": 63,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 40,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
TREES = 220
SNIPPETS = 3.0  # weight of a block that a snippet labels: such pages have few labels each


def rows(pages: Iterable[Page]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and weights of all blocks whose label is known."""
    matrices, labels, weights = [], [], []
    for each in pages:
        known = ~np.isnan(each.labels)
        if not known.any() or (each.gold and each.labels.max() <= 0):
            continue
        share = each.labels[known]
        words = np.array([len(_WORD.findall(text)) for text in each.texts])[known]
        weight = (1 + np.log1p(words)) * np.where(np.abs(share - 0.5) < 0.25, 0.5, 1.0)
        matrices.append(each.matrix[known])
        labels.append(share >= 0.5)
        weights.append(weight * (1.0 if each.gold else SNIPPETS))
    return np.vstack(matrices), np.concatenate(labels).astype(np.float64), np.concatenate(weights)


def fit(pages: Iterable[Page], trees: int = TREES) -> lightgbm.Booster:
    """One boosting over all blocks of the pages."""
    matrix, labels, weights = rows(pages)
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(matrix, labels, weight=weights), trees)


def export(booster: lightgbm.Booster, columns: Sequence[str], prefix: str) -> dict[str, np.ndarray]:
    """The trees as arrays: see aggregator/clean/trees.py."""
    listed = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    nodes = PARAMETERS["num_leaves"] - 1
    feature = np.zeros((len(listed), nodes), dtype=np.int16)
    threshold = np.full((len(listed), nodes), np.inf, dtype=np.float32)
    mask = np.full((len(listed), nodes), 0xFFFFFFFF, dtype=np.uint32)
    leaf = np.zeros((len(listed), nodes + 1), dtype=np.float32)
    for number, root in enumerate(listed):
        tests, values = flat(root)
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
    return {prefix + name: array for name, array in arrays.items()}


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


def read_pages(bench: Path) -> list[Page]:
    """Pages with markup."""
    found = []
    for name in ("articles", "multilingual"):
        for line in lines(bench / f"{name}.jsonl.gz"):
            found.append(page(line, name, trafilatura_text(line)))
    return [each for each in found if each is not None]


def read_texts(bench: Path) -> list[Page]:
    """Flattened texts, those of the multilingual pages flattened here."""
    found = [
        text(line, name) for name in ("flattened-near", "flattened-page") for line in lines(bench / f"{name}.jsonl.gz")
    ]
    found += [
        text({**line, "text": flattened(line["html"])}, "multilingual")
        for line in lines(bench / "multilingual.jsonl.gz")
    ]
    return [each for each in found if each is not None]


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
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()
    arrays = {}
    for kind, read in (("page", read_pages), ("text", read_texts)):
        found = cached(args.cache and args.cache / f"{kind}s.pkl", lambda read=read: read(args.bench))
        booster = fit(found)
        arrays |= export(booster, names(page=kind == "page"), f"{kind}_")
        print(
            f"{kind}: {len(found)} documents, {sum(len(each.texts) for each in found)} blocks, {booster.num_trees()} trees"
        )
    np.savez_compressed(args.out, **arrays)
    print(f"{args.out}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
