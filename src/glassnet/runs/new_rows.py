"""Tables that a run has not learned from: to answer for, or to be judged on."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data import Preprocessor
from glassnet.data.columns import consecutive, counted, missing, numbered, require_columns
from glassnet.data.table_files import Read, read_with_notes
from glassnet.data.table_formats import STANDARD_INPUT, self_told
from glassnet.data.unfamiliar import familiar, in_one_line
from glassnet.errors import DataError, FileFormatError


def called(path: str | Path) -> str:
    """A table in words: "-" is standard input."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def encodings(given: str | None, learned: str | None) -> tuple[str | None, ...]:
    """What a new table may be written in: what the user says, else UTF-8, or as in training."""
    if given:
        return (given,)
    return ("utf8", learned) if learned else (None,)


def read(
    path: str | Path, tried: Sequence[str | None] = (None,), rows: Preprocessor | None = None
) -> Read:
    """A table in the first encoding that fits, its columns taken as ``rows`` learned them.

    Raises:
        DataError, FileFormatError: it cannot be read.
    """
    reading = {} if rows is None else rows.reading_for(path)
    if len(tried) > 1 and self_told(path):  # nobody asked for these
        tried = (None,)
    for encoding in () if str(path) == STANDARD_INPUT else tried[:-1]:
        with contextlib.suppress(DataError, FileFormatError):
            return read_with_notes(path, encoding=encoding, **reading)
    return read_with_notes(path, encoding=tried[-1], **reading)


@dataclass(frozen=True)
class Judged:
    """Rows with their answers.

    Attributes:
        x, y: as the network reads and learns them.
        rows: the number of each in its file, as a spreadsheet shows it.
        strange: what was done to rows, in words; empty if nothing.
    """

    x: Array
    y: Array
    rows: NDArray[np.int64]
    strange: str = ""


def to_judge(
    rows: Preprocessor, path: str | Path, tried: Sequence[str | None] = (None,), drop: bool = False
) -> Judged:
    """The rows of a table that has the target's column as well.

    Rows without an answer are left out. What training did not have is taken for the nearest, as
    in prediction.

    Args:
        rows: what was learned from the table of training.
        tried: encodings, as of :func:`read`.
        drop: leave out rows that lack any value, as training did.

    Raises:
        DataError: a column that is not there; no row that has an answer.
        LabelError: a class that training did not have.
    """
    name, found = called(path), read(path, tried, rows)
    table, target = found.table, rows.target.name
    numbers = numbered(np.arange(table.num_rows), found.first_row)
    try:
        require_columns(table.column_names, (*rows.column_names, target), "column")
        out = np.zeros(table.num_rows, bool)
        for column in (*(rows.column_names if drop else ()), target):
            out |= missing(table.column(column))
        said = (
            [f"{counted(int(out.sum()), 'row')} left out for missing values"] if out.any() else []
        )
        if out.all():
            raise DataError(f"no row has {f'a value of {target!r}' if not drop else 'all values'}")
        table, numbers = table.filter(pa.array(~out)), numbers[~out]
        first = consecutive(numbers)
        known, strange = familiar(rows, table, first)
        if strange:
            said.append(in_one_line(strange, table.num_rows, first))
        y = rows.encode_target(table, first_row=first)
        x = replace(rows, unknown="zeros").transform(known)
        return Judged(x, y, numbers, "; ".join(said))
    except DataError as error:
        raise type(error)(f"{name}: {error}") from None
