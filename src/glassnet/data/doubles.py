"""Rows that stand in a table more than once.

If one copy is learned from and another judges, the judgement is of a good memory. So all copies
of a row go to one side.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data.columns import Table, kind, numbers, text

FEWEST = 20  # different rows, or it is a table of all cases that there are
MOST = 0.05  # share of the rows that copies of one may be, for the same reason


def copies(table: Table) -> NDArray[np.int64] | None:
    """A number for each row, the same for copies; None if there are no copies.

    Where few different rows make the whole table, as of a truth table, they are no copies.
    """
    columns: list[Array] = []
    for name in table.column_names:
        column = table.column(name)
        if kind(column.type) == "number":
            columns.append(numbers(name, column))
        elif kind(column.type) in ("category", "boolean", "date"):
            if pa.types.is_duration(column.type):
                column = pc.cast(column, pa.int64())
            codes = pa.chunked_array(text(column)).combine_chunks().dictionary_encode().indices
            columns.append(np.asarray(pc.fill_null(pc.cast(codes, pa.float64()), -1.0)))
    return _numbered(columns, table.num_rows)


def copies_of(x: Array, y: Array) -> NDArray[np.int64] | None:
    """As :func:`copies`, of rows that are numbers already."""
    if x.ndim != 2:
        return None
    return _numbered([*x.T, y.reshape(len(x), -1)[:, 0]], len(x))


def _numbered(columns: Iterable[Any], n: int) -> NDArray[np.int64] | None:
    hashed = np.zeros(n, np.uint64)
    for column in columns:
        bits = (np.asarray(column, np.float64) + 0.0).view(np.uint64)  # one 0, not -0
        hashed = _mixed(hashed ^ bits)
    _, number, count = np.unique(hashed, return_inverse=True, return_counts=True)
    number = number.reshape(-1).astype(np.int64)
    many = count > max(10, MOST * n)
    if len(count) < FEWEST or not ((count > 1) & ~many).any():
        return None
    alone = many[number]
    number[alone] = len(count) + np.arange(int(alone.sum()))
    return number


def marks(table: Table) -> NDArray[np.int64]:
    """A number for each row that its copies share, in whatever piece of a table they lie.

    >>> first, other = marks(pa.table({"a": [1.0, 2.0], "b": ["x", "y"]})).tolist()
    >>> first != other, marks(pa.table({"a": [1.0], "b": ["x"]})).tolist() == [first]
    (True, True)
    """
    hashed = np.zeros(table.num_rows, np.uint64)
    for name in table.column_names:
        column = table.column(name)
        if kind(column.type) == "number":
            bits = (numbers(name, column) + 0.0).view(np.uint64)
        else:
            bits = _of_texts(column)
        hashed = _mixed(hashed ^ bits)
    return hashed.view(np.int64)


def _of_texts(column: Any) -> NDArray[np.uint64]:
    """Of each text Σ (byte + 1)·(a number of its place) mod 2⁶⁴; of none the largest number."""
    if pa.types.is_duration(column.type):
        column = pc.cast(column, pa.int64())
    words = text(column)
    words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    words = pc.cast(words, pa.large_string())
    n, (_, offsets, content) = len(words), words.buffers()
    if not n:
        return np.empty(0, np.uint64)
    ends = np.frombuffer(offsets, np.int64)[words.offset : words.offset + n + 1]
    letters = np.frombuffer(content or b"", np.uint8)[ends[0] : ends[-1]].astype(np.uint64)
    ends = ends - ends[0]
    lengths = np.diff(ends)
    within = np.arange(len(letters)) - np.repeat(ends[:-1], lengths)
    factors = _mixed(np.arange(int(lengths.max()) + 1, dtype=np.uint64))
    sums = np.zeros(len(letters) + 1, np.uint64)
    np.cumsum((letters + np.uint64(1)) * factors[within], out=sums[1:])
    found: NDArray[np.uint64] = sums[ends[1:]] - sums[ends[:-1]]
    found[np.asarray(pc.is_null(words))] = np.iinfo(np.uint64).max
    return found


def copied(groups: NDArray[np.int64]) -> int:
    """How many rows are copies of another one."""
    return len(groups) - len(np.unique(groups))


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of the number (splitmix64, S. Vigna)."""
    with np.errstate(over="ignore"):
        bits = (bits + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = bits ^ (bits >> np.uint64(31))
    return mixed
