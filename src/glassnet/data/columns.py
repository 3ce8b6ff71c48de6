"""Columns: tables of any kind as one (pyarrow's), and their values as numbers or as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from glassnet._core.habits import unknown
from glassnet.errors import DataError

Table = Any  # pyarrow.Table; pyarrow has no types that mypy could read
Column = Any  # pyarrow.ChunkedArray or pyarrow.Array
# The number of the first row as a spreadsheet shows the file, or those of all rows where some are
# passed over: empty lines, rows without an answer.
RowNumbers = int | NDArray[np.int64]
SHOWN = 5  # how many rows or columns an error names

WHAT = {
    "date": "dates or times",
    "binary": "bytes, not text",
    "empty": "no value in any row",
    "nested": "lists or records",
}


def as_table(data: Any) -> Table:
    """Columns with names, whatever holds them.

    Args:
        data: a mapping of names to lists (or to single values: one row), a list of such rows,
            or a table of pandas, polars or pyarrow.

    Raises:
        DataError: none of these, columns of different lengths or mixed types, a name twice.
    """
    try:
        table = _converted(data)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise DataError(f"cannot read the table: {_first_line(error)}") from None
    # What pandas notes down about its index is no column of the data.
    noted = [name for name in table.column_names if re.fullmatch(r"__index_level_\d+__", name)]
    table = table.drop_columns(noted) if noted else table
    refuse_duplicates(table.column_names)
    return table


def _converted(data: Any) -> Table:
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    library = type(data).__module__.partition(".")[0]
    if library == "pandas" and type(data).__name__ == "DataFrame":
        refuse_duplicates([str(name) for name in data.columns])
        return pa.Table.from_pandas(data.rename(columns=str), preserve_index=False)
    if library == "polars" and type(data).__name__ in ("DataFrame", "LazyFrame"):
        return (data if type(data).__name__ == "DataFrame" else data.collect()).to_arrow()
    if isinstance(data, Mapping):
        return pa.table({str(name): _column(name, data[name]) for name in data})
    if isinstance(data, Sequence) and data and all(isinstance(row, Mapping) for row in data):
        names = list(dict.fromkeys(str(name) for row in data for name in row))
        rows = [{str(name): value for name, value in row.items()} for row in data]
        return pa.table({name: _column(name, [row.get(name) for row in rows]) for name in names})
    raise DataError(
        "expected columns with names (a mapping, a list of rows, or a table of pandas, polars or "
        f"pyarrow), got {type(data).__name__}"
    )


def is_table(data: Any) -> bool:
    """Whether these are columns with names: all that :func:`as_table` takes.

    >>> is_table({"age": [31, 40]}), is_table([{"age": 31}]), is_table([[31.0]])
    (True, True, False)
    """
    if isinstance(data, Mapping | pa.Table | pa.RecordBatch):
        return True
    library = type(data).__module__.partition(".")[0]
    if library in ("pandas", "polars"):
        return type(data).__name__ in ("DataFrame", "LazyFrame")
    return isinstance(data, list | tuple) and bool(data) and isinstance(data[0], Mapping)


def _column(name: object, values: Any) -> Column:
    """One column; a single value is a column of one row."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if isinstance(values, str | bytes) or np.ndim(values) == 0:
        values = [values]
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise DataError(f"column {str(name)!r}: {_first_line(error)}") from None


def refuse_duplicates(names: Sequence[str]) -> None:
    """Refuse a table in which two columns have the same name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        listed = ", ".join(map(repr, twice))
        raise DataError(f"the table has more than one column called {listed}; rename them")


def require_columns(table_names: Sequence[str], wanted: Sequence[str], what: str) -> None:
    """Refuse a table that lacks a column, naming the closest that it has."""
    missing = [name for name in wanted if name not in table_names]
    if len(missing) == 1:
        raise DataError(unknown(what, missing[0], table_names))
    if missing:
        raise DataError(
            f"the table lacks the columns {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, table_names))}"
        )


def kind(dtype: Any) -> str:
    """What a column holds: number, boolean, category, or one of :data:`WHAT`."""
    types = pa.types
    if types.is_dictionary(dtype):
        inner = kind(dtype.value_type)
        return "category" if inner in ("number", "boolean") else inner
    if types.is_integer(dtype) or types.is_floating(dtype) or types.is_decimal(dtype):
        return "number"
    if types.is_boolean(dtype):
        return "boolean"
    if types.is_string(dtype) or types.is_large_string(dtype) or types.is_string_view(dtype):
        return "category"
    if types.is_temporal(dtype):
        return "date"
    if types.is_null(dtype):
        return "empty"
    return "nested" if types.is_nested(dtype) else "binary"


def numbers(name: str, column: Column, first_row: RowNumbers = 1) -> NDArray[np.float64]:
    """The column as float64, NaN where a value is missing. Text is read as numbers if it is.

    Raises:
        DataError: a text that is no number (names it and its row), or no numbers at all.
    """
    found = kind(column.type)
    if found == "empty":
        return np.full(len(column), np.nan)
    if found not in ("number", "boolean", "category"):
        raise DataError(f"column {name!r} must hold numbers, but it holds {WHAT[found]}")
    if found == "category":
        column = text(column)
        try:
            column = pc.cast(column, pa.float64())
        except pa.ArrowInvalid:
            row, value = _first_no_number(column)
            where = rows_named([row], 1, first_row)
            raise DataError(
                f"column {name!r} must hold numbers, but {where} has {value!r}"
            ) from None
    elif pa.types.is_floating(column.type) and pa.types.is_float16(column.type):
        column = pc.cast(column, pa.float32())
    values = pc.cast(column, pa.float64(), safe=False)
    array: NDArray[np.float64] = (
        values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy()
    )
    return array


def text(column: Column) -> Column:
    """The column as text, one form for one value, null where a value is missing.

    1, 1.0 and "1" are all "1", true is "true"; white space around text is dropped.
    """
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if pa.types.is_null(column.type):
        return pc.cast(column, pa.large_string())
    if pa.types.is_decimal(column.type):
        column = pc.cast(column, pa.float64())
    if pa.types.is_floating(column.type):
        values = column.to_pylist()
        return pa.array([None if v is None else number_text(v) for v in values], pa.large_string())
    column = pc.utf8_trim_whitespace(pc.cast(column, pa.large_string()))
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.large_string()), column)


def number_text(value: float) -> str | None:
    """A number as a category is written: 3 for 3.0, nothing for NaN.

    >>> number_text(3.0), number_text(2.5)
    ('3', '2.5')
    """
    if value != value:
        return None
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def is_number(value: str) -> bool:
    """Whether a text reads as a number."""
    try:
        float(value)
    except ValueError:
        return False
    return True


def missing(column: Column) -> NDArray[np.bool_]:
    """Where a value is missing: null, NaN, or a text of nothing but white space."""
    found = kind(column.type)
    if found == "category":
        column = text(column)
    mask = pc.is_null(column, nan_is_null=found == "number")
    array: NDArray[np.bool_] = (
        mask.to_numpy(zero_copy_only=False) if isinstance(mask, pa.Array) else mask.to_numpy()
    )
    return array


def rows_named(rows: Sequence[int] | NDArray[Any], count: int, first_row: RowNumbers = 0) -> str:
    """The first few rows in words; ``first_row``: of rows that are counted from 0.

    >>> rows_named([3], 1), rows_named([3, 5, 8], 20), rows_named([0, 1], 2, 2)
    ('row 3', 'rows 3, 5, 8 and 17 more', 'rows 2, 3')
    """
    shown = ", ".join(map(str, numbered(np.asarray(rows[:SHOWN]), first_row).tolist()))
    more = count - min(len(rows), SHOWN)
    return f"row{'s' if count > 1 else ''} {shown}" + (f" and {more} more" if more else "")


def numbered(rows: NDArray[Any], first_row: RowNumbers) -> NDArray[np.int64]:
    """The numbers of rows that are counted from 0.

    >>> rows = np.array([0, 2])
    >>> numbered(rows, 2).tolist(), numbered(rows, np.array([2, 3, 5])).tolist()
    ([2, 4], [2, 5])
    """
    found: NDArray[np.int64] = (
        first_row[rows] if isinstance(first_row, np.ndarray) else rows + first_row
    )
    return found


def consecutive(rows: NDArray[np.int64]) -> RowNumbers:
    """The number of the first row alone, if the others follow it one by one."""
    return int(rows[0]) if len(rows) and (np.diff(rows) == 1).all() else rows


def as_numbered(first_row: RowNumbers) -> str:
    """How rows are numbered, in words.

    >>> as_numbered(1), as_numbered(2)
    ('rows are counted from 1', 'rows are numbered as in a spreadsheet: the header counts')
    """
    if isinstance(first_row, int) and first_row == 1:
        return "rows are counted from 1"
    return "rows are numbered as in a spreadsheet: the header counts"


def counted(n: int, word: str) -> str:
    """A number of things in words.

    >>> counted(1, "row"), counted(1234, "row")
    ('1 row', '1,234 rows')
    """
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _first_no_number(column: Column) -> tuple[int, str]:
    for row, value in enumerate(column.to_pylist()):
        if value is not None and not is_number(value):
            return row, value
    return 0, str(column[0].as_py())  # a number that only Python reads, such as "1_000"


def _first_line(error: Exception) -> str:
    """What happened; pandas' tables say where in a second argument."""
    told = ": ".join(str(part) for part in reversed(error.args)) or type(error).__name__
    return told.partition("\n")[0]
