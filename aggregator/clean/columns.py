"""A table of named columns, one row a block, and what is asked of a column's neighbourhood."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from aggregator.clean.shapes import Flags, Floats, Ints

FAR = 999  # rows; further away, or nowhere, is all the same
_ROOM = 512  # columns that are made room for at once


class Table:
    """Columns by name, in the order in which they were first set; all of the same length."""

    def __init__(self, rows: int) -> None:
        self._places: dict[str, int] = {}
        self._values = np.empty((_ROOM, rows), dtype=np.float32)

    def __setitem__(self, name: str, values: Floats | Flags | Ints) -> None:
        at = self._places.setdefault(name, len(self._places))
        if at == len(self._values):
            self._values = np.concatenate((self._values, np.empty_like(self._values)))
        self._values[at] = values

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self._values[self._places[name]]
        return row

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def set_all(self, names: Iterable[str], values: Floats | Ints) -> None:
        """Several columns at once: [column, row]."""
        for name, row in zip(names, values, strict=True):
            self[name] = row

    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(self._places)

    def matrix(self) -> NDArray[np.float32]:
        """[row, column]; a view, in which a column's values lie next to each other."""
        return self._values[: len(self._places)].T


class Windows:
    """Means over the rows around each row of one column."""

    def __init__(self, values: Floats) -> None:
        self._values = values
        self._sums = np.concatenate(([0.0], np.cumsum(values)))
        self._index = np.arange(len(values))

    def around(self, radius: int) -> Floats:
        """The mean over the rows within `radius`, without the row itself."""
        size = len(self._values)
        low, high = np.maximum(self._index - radius, 0), np.minimum(self._index + (radius + 1), size)
        mean: Floats = (self._sums[high] - self._sums[low] - self._values) / np.maximum(high - low - 1, 1)
        return mean

    def side(self, length: int) -> Floats:
        """The mean over the `length` rows after each; before it, when negative."""
        size = len(self._values)
        low = np.minimum(self._index + 1, size) if length > 0 else np.maximum(self._index + length, 0)
        high = np.minimum(self._index + 1 + length, size) if length > 0 else self._index
        mean: Floats = (self._sums[high] - self._sums[low]) / np.maximum(high - low, 1)
        return mean


def since(marked: Flags) -> Floats:
    """How many rows ago the last marked one was, FAR when there was none."""
    index = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, index, -FAR))
    return np.minimum(index - last, FAR).astype(np.float64)


def until(marked: Flags) -> Floats:
    """How many rows ahead the next marked one is, FAR when there is none."""
    return since(marked[::-1])[::-1]


def shift(values: Floats, by: int) -> Floats:
    """The value `by` rows on; -1 past the ends."""
    moved = np.full(len(values), -1.0)
    if by > 0:
        moved[:-by] = values[by:]
    else:
        moved[-by:] = values[:by]
    return moved


def heaviest(scores: Floats) -> tuple[int, int]:
    """First and last row of the stretch with the greatest sum."""
    sums = np.cumsum(scores)
    before = np.concatenate(([0.0], sums[:-1]))
    last = int(np.argmax(sums - np.minimum.accumulate(before)))
    first = int(last - np.argmin(before[: last + 1][::-1]))
    return first, last
