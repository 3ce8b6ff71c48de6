"""Looking a table over before anything is learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from glassnet.data.columns import (
    SHOWN,
    WHAT,
    Column,
    Table,
    kind,
    missing,
    numbers,
    require_columns,
    rows_named,
)
from glassnet.errors import ConfigError, DataError

Missing = Literal["error", "drop", "fill"]


class Scan:
    """Looks for missing and infinite values before anything is learned from them.

    Counts rows from 1, in the file's order, over all pieces.
    """

    def __init__(self, names: Sequence[str], target: str, policy: Missing) -> None:
        if policy not in ("error", "drop", "fill"):
            raise ConfigError(f'missing must be "error", "drop" or "fill", got {policy!r}')
        self.names, self.target, self.policy = list(names), target, policy
        self.empty: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}
        self.row = 1
        self.dropped = 0

    def keep(self, piece: Table) -> Table:
        """The piece without the rows that ``missing`` drops.

        Raises:
            DataError: an infinite number.
        """
        out = np.zeros(piece.num_rows, dtype=bool)
        for name in self.names:
            column = piece.column(name)
            if kind(column.type) == "number" and pa.types.is_floating(column.type):
                self._refuse_infinity(name, column)
            empty = missing(column)
            if empty.any():
                rows = np.flatnonzero(empty) + self.row
                self.counts[name] = self.counts.get(name, 0) + len(rows)
                first = self.empty.setdefault(name, [])
                first += rows[: SHOWN - len(first)].tolist()
                if self.policy == "drop" or name == self.target:
                    out |= empty
        self.row += piece.num_rows
        if self.policy == "error" or not out.any():
            return piece
        self.dropped += int(out.sum())
        return piece.filter(pa.array(~out))

    def finish(self) -> None:
        """Refuse missing values, if that is the policy, and columns or tables without any.

        Raises:
            DataError: names the columns and the first rows of each.
        """
        rows = self.row - 1
        for name, count in self.counts.items():
            if count == rows:
                hint = f"; leave it out with {ignoring(name)}" if name != self.target else ""
                raise DataError(f"column {name!r} has no value in any row{hint}")
        if self.counts and self.policy == "error":
            listed = "; ".join(
                f"{name!r} in {rows_named(self.empty[name], count)}"
                for name, count in self.counts.items()
            )
            raise DataError(
                f"there are missing values: {listed} (rows are counted from 1). Give "
                'missing="drop" to leave such rows out, or missing="fill" to put the median in '
                "place of a number and a category of its own in place of a text"
            )
        if rows == self.dropped:
            raise DataError(f"each of the {rows} rows lacks a value; nothing is left")

    def _refuse_infinity(self, name: str, column: Column) -> None:
        infinite = np.flatnonzero(np.isinf(numbers(name, column)))
        if len(infinite):
            raise DataError(
                f"column {name!r} is infinite in {rows_named(infinite + self.row, len(infinite))} "
                "(rows are counted from 1)"
            )


def choose_columns(
    schema: Any, target: str, ignore: Sequence[str], categorical: Sequence[str]
) -> list[str]:
    """The names of the columns that become features.

    Raises:
        DataError: a column that is not there, one that is no numbers or text, or none left.
        ConfigError: the target among those to ignore.
    """
    for name, value in (("ignore", ignore), ("categorical", categorical)):
        if isinstance(value, str):
            raise ConfigError(f"{name} must be a list of columns: [{value!r}]")
    require_columns(schema.names, (target,), "target column")
    require_columns(schema.names, (*ignore, *categorical), "column")
    if target in ignore:
        raise ConfigError(f"{target!r} is the target column and cannot be left out as well")
    names = [name for name in schema.names if name != target and name not in ignore]
    if not names:
        raise DataError(f"beside the target {target!r} the table has no column to learn from")
    for name in [*names, target]:
        found = kind(schema.field(name).type)
        if found == "date" and name != target and not pa.types.is_duration(schema.field(name).type):
            continue
        if found == "date":
            raise DataError(
                f"column {name!r} holds dates or times ({schema.field(name).type}). Turn them into "
                "numbers that mean something (the days since a date, the month, the hour)"
                + ("" if name == target else f", or leave them out with {ignoring(name)}")
            )
        if found in WHAT and found != "empty":
            raise DataError(
                f"column {name!r} holds {WHAT[found]}; leave it out with {ignoring(name)}"
            )
    return names


def ignoring(name: str) -> str:
    """How a column is left out, in Python and on the command line."""
    return f"ignore=[{name!r}] (--ignore {name})"
