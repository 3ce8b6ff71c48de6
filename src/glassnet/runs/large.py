"""Parquet tables that do not fit into memory: answered for, and judged on, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from glassnet._core.types import Array
from glassnet.data.columns import Table, as_numbered, counted
from glassnet.data.parquet import ParquetParts
from glassnet.data.table_formats import PARQUET
from glassnet.data.unfamiliar import Unfamiliar, in_one_line
from glassnet.errors import DataError
from glassnet.insight.baseline import Constant
from glassnet.model import Sequential
from glassnet.runs.answers import Wanted, beside, refuse
from glassnet.runs.folder import Facts
from glassnet.runs.judge import judged
from glassnet.runs.new_rows import called, judged_rows
from glassnet.runs.samples import LARGE

PIECE = 65_536  # rows that are read, answered for and written at a time


def is_large(path: str) -> bool:
    """Whether a table is better not read as a whole: Parquet of many rows."""
    place = Path(path)
    parquet = place.is_dir() or (place.is_file() and place.suffix.lower() in PARQUET)
    return parquet and ParquetParts(place).about > LARGE


def pieces(path: str) -> Iterator[tuple[int, Table]]:
    """The rows of a table in their order, some at a time, with the number of the first."""
    parts = ParquetParts(path)
    waiting: list[Table] = []
    first, count = parts.first_row, 0
    for part in range(len(parts)):
        for piece in parts.read(part, parts.schema.names):
            waiting.append(piece)
            count += piece.num_rows
            if count >= PIECE:
                yield first, pa.concat_tables(waiting).combine_chunks()
                waiting, first, count = [], first + count, 0
    if waiting:
        yield first, pa.concat_tables(waiting).combine_chunks()


def _from_1(text: str) -> str:
    """What is said of a piece, whose first row has any number, as it is of Parquet: from 1."""
    return text.replace(as_numbered(2), as_numbered(1))


class Strangers:
    """Counts the rows that have what training did not have; the first of them are named."""

    def __init__(self) -> None:
        self._said = ""
        self._rows = self._all = 0

    def note(self, found: list[Unfamiliar], count: int, first: int) -> None:
        """What a piece of ``count`` rows had."""
        self._all += count
        if found:
            self._rows += len(np.unique(np.concatenate([each.rows for each in found])))
            self._said = self._said or _from_1(in_one_line(found, count, first))

    @property
    def said(self) -> str:
        """In words; empty if there was nothing."""
        if not self._rows:
            return ""
        return (
            f"{self._rows:,} rows of {self._all:,} have what training did not have, the first: "
            f"{self._said}"
        )


class Answers(NamedTuple):
    """How many rows were answered for, and what was strange in them."""

    rows: int
    strange: str


def answer(
    model: Sequential, facts: Facts, path: str, wanted: Wanted, write: Callable[[Table], None]
) -> Answers:
    """Hand the rows of a table with their answers to ``write``, as of ``answers.for_table``.

    Raises:
        DataError: columns or values that the network was not trained for.
    """
    refuse(model, facts, wanted)
    strangers, rows = Strangers(), 0
    try:
        for first, piece in pieces(path):
            table, strange = beside(model, facts, piece, first, wanted)
            strangers.note(strange, piece.num_rows, first)
            rows += table.num_rows
            write(table)
    except DataError as error:
        raise type(error)(f"{called(path)}: {_from_1(str(error))}") from None
    return Answers(rows, strangers.said)


def judge(
    model: Sequential, facts: Facts, path: str, drop: bool, constant: Constant | None
) -> tuple[dict[str, Any], str]:
    """All numbers for the rows of a table, as of ``runs.judge.judge``, and the rows in words.

    Only the answers are kept, not what they were given for.

    Args:
        drop: leave out rows that lack any value, as training did.

    Raises:
        DataError: a column that is not there; no row that has an answer.
        LabelError: a class that training did not have.
    """
    rows = model.table
    assert rows is not None
    outputs: list[Array] = []
    truth: list[Array] = []
    left, loss, strangers = 0, 0.0, Strangers()
    try:
        for first, piece in pieces(path):
            found = judged_rows(rows, piece, first + np.arange(piece.num_rows), drop)
            left += piece.num_rows - len(found.x)
            if len(found.x):
                strangers.note(found.strange, len(found.x), first)
                loss += model.evaluate(found.x, found.y, verbose=0)["loss"] * len(found.x)
                outputs.append(model.predict(found.x))
                truth.append(found.y)
        if not truth:
            raise DataError(
                f"no row has {'all values' if drop else f'a value of {rows.target.name!r}'}"
            )
    except DataError as error:
        raise type(error)(f"{called(path)}: {_from_1(str(error))}") from None
    y = np.concatenate(truth)
    said = [f"{counted(left, 'row')} left out for missing values"] if left else []
    said += [strangers.said] if strangers.said else []
    words = f"all {len(y):,} rows of {called(path)}"
    words += f" ({'; '.join(said).rstrip('.')})" if said else ""
    return judged(model, np.concatenate(outputs), loss / len(y), y, facts, constant), words
