"""Tables that a run has not learned from: to answer for, or to be judged on."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.data import Preprocessor
from glassnet.data.columns import Table, consecutive, counted, missing, numbered, require_columns
from glassnet.data.table_files import Read, read_with_notes
from glassnet.data.table_formats import STANDARD_INPUT, self_told
from glassnet.data.unfamiliar import Unfamiliar, familiar, in_one_line
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
    numbers = numbered(np.arange(found.table.num_rows), found.first_row)
    try:
        judged = judged_rows(rows, found.table, numbers, drop)
        if not len(judged.x):
            target = rows.target.name
            raise DataError(f"no row has {f'a value of {target!r}' if not drop else 'all values'}")
    except DataError as error:
        raise type(error)(f"{name}: {error}") from None
    left, count = found.table.num_rows - len(judged.x), len(judged.x)
    said = [f"{counted(left, 'row')} left out for missing values"] if left else []
    if judged.strange:
        said.append(in_one_line(judged.strange, count, consecutive(judged.rows)))
    return Judged(judged.x, judged.y, judged.rows, "; ".join(said))


class JudgedRows(NamedTuple):
    """As :class:`Judged`; ``strange``: what training did not have, column by column."""

    x: Array
    y: Array
    rows: NDArray[np.int64]
    strange: list[Unfamiliar]


def judged_rows(
    rows: Preprocessor, table: Table, numbers: NDArray[np.int64], drop: bool
) -> JudgedRows:
    """The rows that have an answer, as the network reads them; ``numbers``: of all rows.

    Raises:
        DataError: a column that is not there.
        LabelError: a class that training did not have.
    """
    target = rows.target.name
    require_columns(table.column_names, (*rows.column_names, target), "column")
    out = np.zeros(table.num_rows, bool)
    for column in (*(rows.column_names if drop else ()), target):
        out |= missing(table.column(column))
    table, numbers = table.filter(pa.array(~out)), numbers[~out]
    if not table.num_rows:
        none = np.empty(0, np.int64)
        return JudgedRows(np.empty((0, len(rows.feature_names)), np.float32), none, none, [])
    first = consecutive(numbers)
    known, strange = familiar(rows, table, first)
    y = rows.encode_target(table, first_row=first)
    return JudgedRows(replace(rows, unknown="zeros").transform(known), y, numbers, strange)
