"""Boosted trees kept as plain arrays and evaluated by numpy: a node of every tree at a time, for all rows together.

Each node knows which leaves are out of reach when its test fails. A row's leaf in a tree is the leftmost one that no
failed test rules out, so that no tree has to be walked (Lucchese et al., QuickScorer, SIGIR 2015).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A forest of trees of at most 32 leaves. Nodes are padded to the same number in each tree."""

    names: tuple[str, ...]  # of the columns, in order
    feature: NDArray[np.intp]  # [tree, node]
    threshold: NDArray[np.float32]  # [tree, node]: the test is value <= threshold
    mask: NDArray[np.uint32]  # [tree, node]: leaves that remain when the test fails
    leaf: NDArray[np.float32]  # [tree, leaf], leftmost first

    def probabilities(self, matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """One probability a row. The matrix holds 32-bit numbers, as the thresholds do."""
        columns = np.ascontiguousarray(matrix.T)
        gone = np.zeros((len(self.feature), matrix.shape[0]), dtype=np.uint32)
        for feature, threshold, mask in zip(self.feature.T, self.threshold.T, self.mask.T, strict=True):
            failed = columns.take(feature, axis=0) > threshold[:, None]
            gone |= failed * ~mask[:, None]  # cheaper than to choose between a mask and all leaves
        leftmost = ~gone & (gone + np.uint32(1))
        reached = np.bitwise_count(leftmost - np.uint32(1)).astype(np.intp)
        score: NDArray[np.float64] = np.take_along_axis(self.leaf, reached, axis=1).sum(axis=0, dtype=np.float64)
        return 1.0 / (1.0 + np.exp(-score))


def trees(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Trees:
    """The forest whose arrays are stored under names that begin with `prefix`."""
    return Trees(
        names=tuple(str(arrays[prefix + "names"]).split("\n")),
        feature=arrays[prefix + "feature"].astype(np.intp),
        threshold=arrays[prefix + "threshold"].astype(np.float32),
        mask=arrays[prefix + "mask"].astype(np.uint32),
        leaf=arrays[prefix + "leaf"].astype(np.float32),
    )
