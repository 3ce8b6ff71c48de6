"""Values in new rows that training did not have: what they are taken for, and how many there are.

A model that is in use answers.  A category that it has not learned counts as none of the known; a
gap, or a text in a column of numbers, as the middle of the column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet.data.columns import (
    RowNumbers,
    Table,
    as_numbered,
    as_table,
    counted,
    is_number,
    kind,
    missing,
    numbers,
    require_columns,
    rows_named,
    text,
)
from glassnet.data.features import (
    DATE_FORMATS,
    MISSING,
    TIMES,
    UNKNOWN,
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    NumberColumn,
    category_codes,
)
from glassnet.data.preprocessing import Preprocessor


@dataclass(frozen=True)
class Unfamiliar:
    """What a column has that training did not have.

    Attributes:
        column: its name.
        said: in words, with the first rows.
        rows: which, counted from 0; in ``said`` they are numbered as in their file.
    """

    column: str
    said: str
    rows: NDArray[np.int64]


def familiar(
    rows: Preprocessor, data: Any, first_row: RowNumbers = 1
) -> tuple[Table, list[Unfamiliar]]:
    """The table with values that ``transform(…, unknown="zeros")`` takes, and what was strange.

    Args:
        first_row: the number of the first row, or those of all rows.

    Raises:
        DataError: a column that is not there, or one of numbers or dates without a single one.
    """
    table = as_table(data)
    require_columns(table.column_names, rows.column_names, "column")
    found: list[Unfamiliar] = []
    for column in rows.columns:
        at = table.column_names.index(column.name)
        values = table.column(at)
        if isinstance(column, NumberColumn):
            values, strange = _numbers(column, values, first_row)
        elif isinstance(column, DateColumn):
            values, strange = _dates(column, values, first_row)
        else:
            strange = _categories(column, values, first_row)
        table = table.set_column(at, column.name, values)
        found += strange
    return table, found


def _numbers(
    column: NumberColumn, values: Any, first_row: RowNumbers
) -> tuple[Any, list[Unfamiliar]]:
    """The numbers, with gaps where there are none, or infinite ones."""
    found: list[Unfamiliar] = []
    empty = missing(values)
    if kind(values.type) == "category":
        texts = text(values).to_pylist()
        words = np.array([value is not None and not is_number(value) for value in texts], bool)
        if words.any() and any(value is not None and is_number(value) for value in texts):
            what = f"is {_named(values, words)}, no number,"
            found.append(_unfamiliar(column, what, words, first_row))
            values = pa.array([None if no else v for v, no in zip(texts, words)], pa.large_string())
    array = numbers(column.name, values)
    infinite = np.isinf(array)
    if infinite.any():
        found.append(_unfamiliar(column, "is infinite", infinite, first_row))
        array = np.where(infinite, np.nan, array)
    if empty.any() and column.fill is None:
        found.append(_unfamiliar(column, "has no value", empty, first_row))
    return pa.array(array, from_pandas=True), found


def _dates(column: DateColumn, values: Any, first_row: RowNumbers) -> tuple[Any, list[Unfamiliar]]:
    """The dates, with gaps where a text is none in the form that fits the most."""
    found: list[Unfamiliar] = []
    empty = missing(values)
    if kind(values.type) == "category":
        read = [
            pc.strptime(text(values), format=form + time, unit="s", error_is_null=True)
            for time in TIMES
            for form in DATE_FORMATS
        ]
        best = max(read, key=lambda dates: int(pc.count(dates).as_py()))
        words = missing(best) & ~empty
        if words.any() and not missing(best).all():
            found.append(
                _unfamiliar(column, f"is {_named(values, words)}, no date,", words, first_row)
            )
            values = best
    if empty.any() and any(part.fill is None for part in column.parts):
        found.append(_unfamiliar(column, "has no value", empty, first_row))
    return values, found


def _categories(
    column: BooleanColumn | CategoryColumn, values: Any, first_row: RowNumbers
) -> list[Unfamiliar]:
    boolean = isinstance(column, BooleanColumn)
    known = ("false", "true") if isinstance(column, BooleanColumn) else column.categories
    codes = category_codes(column.name, values, known, boolean)
    found, new, empty = [], codes == UNKNOWN, codes == MISSING
    if new.any():
        found.append(_unfamiliar(column, f"is {_named(values, new)}", new, first_row))
    if empty.any() and not getattr(column, "missing", False):
        found.append(_unfamiliar(column, "has no value", empty, first_row))
    return found


def _unfamiliar(
    column: FeatureColumn, what: str, where: NDArray[np.bool_], first_row: RowNumbers
) -> Unfamiliar:
    rows = np.flatnonzero(where)
    said = f"{column.name!r} {what} in {rows_named(rows, len(rows), first_row)}"
    return Unfamiliar(column.name, said, rows)


def _named(values: Any, where: NDArray[np.bool_]) -> str:
    """The first few texts of these rows.

    >>> _named(pa.array(["a", "b", "c", "d"]), np.array([True, True, True, True]))
    "'a', 'b', 'c' or another"
    """
    found = list(dict.fromkeys(pc.filter(text(values), pa.array(where)).to_pylist()))
    shown = [*map(repr, found[:3]), *(["another"] if len(found) > 3 else [])]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def in_one_line(found: list[Unfamiliar], count: int, first_row: RowNumbers = 1) -> str:
    """How many rows are strange, and in what, for the person who reads the answers."""
    strange = len(np.unique(np.concatenate([each.rows for each in found])))
    return (
        f"{strange:,} of {counted(count, 'row')} {'has' if strange == 1 else 'have'} what training "
        f"did not have: {'; '.join(each.said for each in found)} ({as_numbered(first_row)}). An "
        "unknown category counts as none of the known, a gap as the middle of its column."
    )
