"""Columns that a person would not learn from: numbers of rows, and the target in other words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data.columns import Column, Table, kind, numbers, text
from glassnet.data.dataset import Task
from glassnet.data.table_files import counts_rows

FEWEST = 20  # rows; in fewer, much is so by chance
NAMES = re.compile(
    r"(^|.*[_\s.-])(id|index|idx|no|nr|num|number|rownames?|rownum|row|uuid|guid|seq|serial)\.?$"
    r"|unnamed: ?\d+$|column \d+$|.*(번호|순번|연번|아이디|식별자)$",
    re.IGNORECASE,
)


def numbers_rows(table: Table, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns that name rows by a number, and those of other names that might.

    The first are called ``id``, ``no``, ``Unnamed: 0`` … or have no name, and have another whole
    number in each row; the others count the rows.
    """
    sure: list[str] = []
    perhaps: list[str] = []
    if table.num_rows < FEWEST:
        return sure, perhaps
    for name in names:
        column = table.column(name)
        if not pa.types.is_integer(column.type) or column.null_count:
            continue
        counting = counts_rows(column)
        named = NAMES.match(name) or re.search(r"[a-z]I[dD]$", name)
        if named and (counting or _all_different(column)):
            sure.append(name)
        elif counting:
            perhaps.append(name)
    return sure, perhaps


def _all_different(column: Column) -> bool:
    return bool(pc.count_distinct(column).as_py() == len(column))


def tells_target(name: str, column: Column, y: Array, task: Task) -> bool:
    """Whether a column fixes the target in every row: by its category, or by cuts through it."""
    n = len(y)
    if n < FEWEST:
        return False
    if kind(column.type) == "number":
        values = numbers(name, column)
        known = ~np.isnan(values)
        if known.sum() < max(FEWEST, n / 2):
            return False
        values, answers = values[known], np.asarray(y, np.float64)[known]
        if task == "regression":
            return _same_line(values, answers)
        return _cuts(values, answers) or _fixes(np.unique(values, return_inverse=True)[1], answers)
    if kind(column.type) not in ("category", "boolean"):
        return False
    found = pa.chunked_array(text(column)).combine_chunks().dictionary_encode().indices
    return _fixes(np.asarray(pc.fill_null(found, -1), np.int64), np.asarray(y, np.float64))


def _same_line(values: Array, answers: Array) -> bool:
    if not values.std() or not answers.std():
        return False
    return bool(abs(np.corrcoef(values, answers)[0, 1]) > 1 - 1e-6)


def _cuts(values: Array, answers: Array) -> bool:
    """Whether sorting by the column sorts the classes into one stretch each."""
    order = np.argsort(values, kind="stable")
    values, answers = values[order], answers[order]
    change = np.flatnonzero(np.diff(answers))
    apart = (values[change] < values[change + 1]).all()
    return bool(apart and len(change) == len(np.unique(answers)) - 1 and len(change))


def _fixes(codes: NDArray[np.int64], answers: Array) -> bool:
    """Whether each of few values always has the same answer."""
    values = len(np.unique(codes))
    if not 1 < values <= len(codes) / 5:
        return False
    pairs = np.unique(np.stack([codes.reshape(-1).astype(np.float64), answers]), axis=1)
    return bool(pairs.shape[1] == values)
