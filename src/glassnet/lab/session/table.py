"""A table that was dropped on the page: read within limits, never executed."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from glassnet.data import load_table
from glassnet.data.dataset import Dataset
from glassnet.errors import DataError, GlassnetError
from glassnet.lab.protocol import RefusedError

MOST_ROWS = 5000
MOST_COLUMNS = 64
MOST_CLASSES = 20


@dataclass(frozen=True)
class Table:
    """The text of a CSV file, and the names of its columns.

    Raises:
        RefusedError: no header and rows, or more of them than the page can show.
    """

    name: str
    text: str
    columns: tuple[str, ...]

    @classmethod
    def from_text(cls, name: str, text: str) -> Table:
        """The table in ``text``, looked at but not yet read."""
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a pair of characters, as JSON can hold it
            raise RefusedError("The file is no text.", "problem.table") from None
        rows = text.count("\n")
        if rows > MOST_ROWS:
            raise RefusedError(
                f"The table has {rows} rows; here at most {MOST_ROWS} can be learned from.",
                "limit.rows", rows=rows, most=MOST_ROWS,
            )  # fmt: skip
        first = text.lstrip("\ufeff").partition("\n")[0].strip("\r")
        if not first or rows < 1:
            raise RefusedError("The file holds no table with a line of names.", "problem.table")
        delimiter = max(",;\t", key=first.count)
        try:
            columns = tuple(next(csv.reader(io.StringIO(first), delimiter=delimiter)))
        except (csv.Error, StopIteration):
            raise RefusedError("The first line holds no names.", "problem.table") from None
        if not 2 <= len(columns) <= MOST_COLUMNS:
            raise RefusedError(
                f"The table has {len(columns)} columns; it needs 2 to {MOST_COLUMNS}.",
                "limit.columns", columns=len(columns), most=MOST_COLUMNS,
            )  # fmt: skip
        return cls(name, text, columns)

    def dataset(self, target: str, share: float, seed: int) -> Dataset:
        """The table as data; ``target`` names the column to predict, empty: the last one.

        Raises:
            DataError: what :func:`glassnet.data.load_table` refuses, and more classes or
                features than the page can show.
        """
        column = target if target in self.columns else self.columns[-1]
        with tempfile.TemporaryDirectory(prefix="glassnet-lab-") as folder:
            path = Path(folder) / "table.csv"
            path.write_text(self.text, encoding="utf-8", newline="")
            dataset = _read(path, column, share, seed)
        if dataset.x.shape[1] > MOST_COLUMNS:
            raise DataError(
                f"{self.name} gives {dataset.x.shape[1]} inputs, with one for each category; at "
                f"most {MOST_COLUMNS} can be shown. Leave out columns of many different texts."
            )
        if dataset.n_classes is not None and dataset.n_classes > MOST_CLASSES:
            raise DataError(
                f"{column!r} has {dataset.n_classes} classes; at most {MOST_CLASSES} can be shown."
            )
        return dataset


def _read(path: Path, column: str, share: float, seed: int) -> Dataset:
    """The file, its name left out of what is said about it."""
    try:
        return load_table(
            path, column, missing="fill", test_fraction=share, seed=seed, scale_target=True,
            max_categories=MOST_COLUMNS,
        )  # fmt: skip
    except GlassnetError as error:
        raise DataError(str(error).replace(f"{path}: ", "").replace("table.csv: ", "")) from None
