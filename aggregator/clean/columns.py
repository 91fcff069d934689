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

    def add_all(self, names: Iterable[str], values: Floats | Flags | Ints) -> None:
        """Several new columns at once: [..., row], the names in the order of the values."""
        rows = values.reshape(-1, values.shape[-1])
        first = len(self._places)
        self._places |= {name: first + at for at, name in enumerate(names)}
        if len(self._places) != first + len(rows):
            raise ValueError("one new name for each column")
        if len(self._places) > len(self._values):
            self._values = np.concatenate(
                (self._values[:first], np.empty((max(_ROOM, len(rows)), rows.shape[1]), np.float32))
            )
        self._values[first : len(self._places)] = rows

    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(self._places)

    def matrix(self) -> NDArray[np.float32]:
        """[row, column]; a view, in which a column's values lie next to each other."""
        return self._values[: len(self._places)].T


class Windows:
    """Means over the rows around each row, of one column or of several at once: [..., row]."""

    def __init__(self, values: Floats) -> None:
        self._values = values
        self._sums = np.concatenate((np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)), axis=-1)
        self._index = np.arange(values.shape[-1])

    def around(self, radius: int) -> Floats:
        """The mean over the rows within `radius`, without the row itself."""
        size = len(self._index)
        low, high = np.maximum(self._index - radius, 0), np.minimum(self._index + (radius + 1), size)
        sums = self._sums
        mean: Floats = (sums[..., high] - sums[..., low] - self._values) / np.maximum(high - low - 1, 1)
        return mean

    def side(self, length: int) -> Floats:
        """The mean over the `length` rows after each; before it, when negative."""
        size = len(self._index)
        low = np.minimum(self._index + 1, size) if length > 0 else np.maximum(self._index + length, 0)
        high = np.minimum(self._index + 1 + length, size) if length > 0 else self._index
        mean: Floats = (self._sums[..., high] - self._sums[..., low]) / np.maximum(high - low, 1)
        return mean


def since(marked: Flags) -> Floats:
    """How many rows ago the last marked one was, FAR when there was none. [..., row]"""
    index = np.arange(marked.shape[-1])
    last = np.maximum.accumulate(np.where(marked, index, -FAR), axis=-1)
    return np.minimum(index - last, FAR).astype(np.float64)


def until(marked: Flags) -> Floats:
    """How many rows ahead the next marked one is, FAR when there is none. [..., row]"""
    return since(marked[..., ::-1])[..., ::-1]


def shift(values: Floats, by: int) -> Floats:
    """The value `by` rows on; -1 past the ends. [..., row]"""
    moved = np.full(values.shape, -1.0)
    if by > 0:
        moved[..., :-by] = values[..., by:]
    else:
        moved[..., -by:] = values[..., :by]
    return moved


def heaviest(scores: Floats) -> tuple[int, int]:
    """First and last row of the stretch with the greatest sum."""
    sums = np.cumsum(scores)
    before = np.concatenate(([0.0], sums[:-1]))
    last = int(np.argmax(sums - np.minimum.accumulate(before)))
    first = int(last - np.argmin(before[: last + 1][::-1]))
    return first, last
