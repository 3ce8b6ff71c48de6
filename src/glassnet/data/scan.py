"""Looking a table over before anything is learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from glassnet.data.columns import (
    SHOWN,
    WHAT,
    Column,
    RowNumbers,
    Table,
    as_numbered,
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

    Numbers rows in the file's order, over all pieces.
    """

    def __init__(
        self, names: Sequence[str], target: str, policy: Missing, strict: bool = True,
        first_row: RowNumbers = 1,
    ) -> None:  # fmt: skip
        if policy not in ("error", "drop", "fill"):
            raise ConfigError(f'missing must be "error", "drop" or "fill", got {policy!r}')
        self.names, self.target, self.policy = list(names), target, policy
        self.empty: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}
        self.seen, self.strict, self.first_row = 0, strict, first_row
        self.dropped = 0
        self.left = np.empty(0, bool)  # which rows of the last piece were kept

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
                rows = np.flatnonzero(empty) + self.seen
                self.counts[name] = self.counts.get(name, 0) + len(rows)
                first = self.empty.setdefault(name, [])
                first += rows[: SHOWN - len(first)].tolist()
                if self.policy == "drop" or name == self.target:
                    out |= empty
        self.seen += piece.num_rows
        self.left = np.ones(piece.num_rows, bool) if self.policy == "error" else ~out
        if self.policy == "error" or not out.any():
            return piece
        self.dropped += int(out.sum())
        return piece.filter(pa.array(~out))

    def finish(self) -> None:
        """Refuse what :meth:`troubles` are, and a table of which nothing is left.

        Raises:
            DataError: names the columns and the first rows of each.
        """
        refuse(self.troubles())
        rows = self.seen
        if self.counts.get(self.target) == rows:
            raise DataError(f"column {self.target!r} has no value in any row")
        if rows == self.dropped:
            raise DataError(f"each of the {rows} rows lacks a value; nothing is left")

    def troubles(self) -> list[Trouble]:
        """Columns without any value, and missing values, where they are not to be filled."""
        rows, found = self.seen, list[Trouble]()
        empty = [name for name, count in self.counts.items() if count == rows]
        if self.strict or self.policy == "drop":
            found += [
                Trouble(f"column {name!r} has no value in any row", leave=name)
                for name in empty
                if name != self.target
            ]
        holes = {name: count for name, count in self.counts.items() if name not in empty}
        if holes and self.policy == "error":
            listed = "; ".join(
                f"{name!r} in {rows_named(self.empty[name], count, self.first_row)}"
                for name, count in holes.items()
            )
            said = f"there are missing values: {listed} ({as_numbered(self.first_row)})"
            found.append(Trouble(said, holes=True))
        return found

    def _refuse_infinity(self, name: str, column: Column) -> None:
        infinite = np.flatnonzero(np.isinf(numbers(name, column)))
        if len(infinite):
            where = rows_named(infinite + self.seen, len(infinite), self.first_row)
            raise DataError(
                f"column {name!r} is infinite in {where} ({as_numbered(self.first_row)})"
            )


@dataclass(frozen=True)
class Trouble:
    """Why a table cannot be learned from as it is.

    Attributes:
        leave: the column that is best left out.
        holes: whether values are missing.
        different: of a column of text, how many values it has.
    """

    said: str
    leave: str = ""
    holes: bool = False
    different: int = 0


def refuse(troubles: Sequence[Trouble]) -> None:
    """All of them in one message, which ends in what to give.

    Raises:
        DataError: there are some.
    """
    if not troubles:
        return
    leave = [trouble.leave for trouble in troubles if trouble.leave]
    ways = []
    if any(trouble.different for trouble in troubles):
        ways.append(
            "Columns that are categories after all: categorical= with their names, and raise "
            "max_categories="
        )
    given = [*([ignoring(*leave)] if leave else [])]
    if any(trouble.holes for trouble in troubles):
        ways.append('missing="drop" leaves out rows that lack a value')
        given.append('missing="fill"')
    if given:
        ways.append(f"What a person would do by hand: {' '.join(given)}")
    raise DataError("; ".join(trouble.said for trouble in troubles) + ". " + ". ".join(ways))


def unusable(schema: Any, names: Sequence[str]) -> dict[str, str]:
    """Columns that hold no numbers, text, truth values or dates, and what they hold."""
    found = {}
    for name in names:
        dtype = schema.field(name).type
        if pa.types.is_duration(dtype):
            found[name] = f"dates or times ({dtype})"
        elif kind(dtype) in ("nested", "binary"):
            found[name] = WHAT[kind(dtype)]
    return found


def choose_columns(
    schema: Any,
    target: str,
    ignore: Sequence[str],
    categorical: Sequence[str],
    strict: bool = True,
) -> list[str]:
    """The names of the columns that become features.

    Raises:
        DataError: a column that is not there, or none left; if ``strict``, one that is unusable.
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
    bad = unusable(schema, names)
    if strict:
        refuse([Trouble(f"column {n!r} holds {what}", leave=n) for n, what in bad.items()])
    found = kind(schema.field(target).type)
    if found == "date":
        raise DataError(
            f"column {target!r} holds dates or times ({schema.field(target).type}). Turn them into "
            "numbers that mean something (the days since a date, the month, the hour)"
        )
    if found in WHAT and found != "empty":
        raise DataError(f"column {target!r} holds {WHAT[found]}; it cannot be predicted")
    return [name for name in names if name not in bad]


def ignoring(*names: str) -> str:
    """How columns are left out."""
    return f"ignore={list(names)!r}"
