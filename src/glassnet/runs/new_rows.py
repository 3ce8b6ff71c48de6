"""Tables that a run has not learned from: to answer for, or to be judged on."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from glassnet import data
from glassnet._core.types import Array
from glassnet.data import Preprocessor
from glassnet.data.columns import Table, counted, missing, require_columns
from glassnet.data.table_formats import STANDARD_INPUT
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
) -> Table:
    """A table in the first encoding that fits, its columns taken as ``rows`` learned them.

    Raises:
        DataError, FileFormatError: it cannot be read.
    """
    reading = {} if rows is None else rows.reading_for(path)
    for encoding in () if str(path) == STANDARD_INPUT else tried[:-1]:
        with contextlib.suppress(DataError, FileFormatError):
            return data.read_table(path, encoding=encoding, **reading)
    return data.read_table(path, encoding=tried[-1], **reading)


@dataclass(frozen=True)
class Judged:
    """Rows with their answers.

    Attributes:
        x, y: as the network reads and learns them.
        strange: what was done to rows, in words; empty if nothing.
    """

    x: Array
    y: Array
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
    name, table = called(path), read(path, tried, rows)
    target = rows.target.name
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
        table = table.filter(pa.array(~out))
        known, strange = familiar(rows, table)
        if strange:
            said.append(in_one_line(strange, table.num_rows))
        y = rows.encode_target(table)
        return Judged(replace(rows, unknown="zeros").transform(known), y, "; ".join(said))
    except DataError as error:
        raise type(error)(f"{name}: {error}") from None
