"""For which rows the model is wrong more often: each category, each quarter of a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.types import Array
from glassnet.insight.rows import Column, Rows
from glassnet.insight.shown import Shown, say
from glassnet.insight.small import FEW, Z, wilson

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CATEGORIES = 12
FEW_VALUES = 8  # of a number: each is a group
FAR = 3.0  # standard errors from the others, beyond which a group stands out


@dataclass(frozen=True)
class Group:
    """The rows that have one value, or a range of values, in one column.

    Attributes:
        column, group: its name, and the value or range in words.
        count: how many rows.
        error: the share of wrong answers; of values, the mean size of the error.
        interval: within which the error of such rows lies with 95 %, for so many rows.
        small: so few rows that the number says little.
        stands_out: it is further from the error of all other rows than chance explains: three
            standard errors.
    """

    column: str
    group: str
    count: int
    error: float
    interval: tuple[float, float]
    small: bool
    stands_out: bool


@dataclass(frozen=True, eq=False)
class GroupErrors(Shown):
    """The error of each group, the columns in the order of the table.

    Attributes:
        error: that of all rows.
        of_classes: whether errors are shares of wrong answers.
    """

    groups: tuple[Group, ...]
    error: float
    samples: int
    of_classes: bool
    target: str

    def worst(self, most: int = 20) -> list[Group]:
        """Those that stand out first, then by their error; small ones at the end."""
        return sorted(self.groups, key=lambda g: (g.small, not g.stands_out, -g.error))[:most]

    def text(self, error: float) -> str:
        """An error as it is said: in percent, or in the units of the target."""
        return f"{error:.1%}" if self.of_classes else f"{error:.4g}"

    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""
        key = "groups_of_classes" if self.of_classes else "groups_of_values"
        return say(key, language, error=self.text(self.error), n=f"{self.samples:,}")

    def sentences(self, language: str = "en") -> list[str]:
        """Which groups are worse than the others by more than chance explains."""
        worse = [g for g in self.worst() if g.stands_out and g.error > self.error]
        return [
            say("group_worse", language, column=g.column, group=g.group, n=f"{g.count:,}",
                error=self.text(g.error), overall=self.text(self.error))
            for g in worse[:5]
        ]  # fmt: skip

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        lines = [
            [
                g.column, g.group, f"{g.count:,}", self.text(g.error),
                f"{self.text(g.interval[0])} – {self.text(g.interval[1])}",
                "few rows" if g.small else "stands out" if g.stands_out else "",
            ]
            for g in self.groups
        ]  # fmt: skip
        return ["column", "group", "rows", "error", "95 %", ""], lines

    def plot(self) -> Figure:
        """Each group's error with its interval, beside the error of all rows."""
        from glassnet import plots

        return plots.group_errors(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        groups = [{**vars(g), "interval": list(g.interval)} for g in self.groups]
        return {"error": self.error, "samples": self.samples, "groups": groups}


def errors_by_group(rows: Rows, columns: Sequence[str] | None = None) -> GroupErrors:
    """The share of wrong answers (of values: the mean size of the error) in each group of rows.

    Groups are the categories of a column of words (the most frequent ones, the others together)
    and the quarters of a column of numbers. Beside each error stands the interval that so few
    rows allow: Wilson's for shares, mean ± 1.96·s/√n for sizes.

    Raises:
        DataError: no such column.
    """
    wrong = (
        (rows.given.argmax(axis=1) != rows.y).astype(np.float64)
        if rows.classifies
        else np.abs(rows.given - rows.y)
    )
    chosen = rows.columns if columns is None else [rows.column(name) for name in columns]
    found = [
        _group(column.name, group, wrong, inside, rows.classifies)
        for column in chosen
        for group, inside in groups_of(rows, column)
    ]
    return GroupErrors(
        tuple(found), float(wrong.mean()), len(rows), rows.classifies, rows.target or "answer"
    )


def groups_of(rows: Rows, column: Column) -> Iterator[tuple[str, Array]]:
    """Name and rows (as a mask) of each group of a column that has rows."""
    values = rows.values(column)
    if rows.is_number(column):
        yield from _quarters(column, values)
        return
    words, counts = np.unique(
        np.array([say("nothing") if v is None else v for v in values.tolist()], dtype=object),
        return_counts=True,
    )
    named = np.array([say("nothing") if v is None else v for v in values.tolist()], dtype=object)
    frequent = sorted(words[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]].tolist())
    for word in frequent:
        yield word, named == word
    others = ~np.isin(named.astype(str), frequent)
    if others.any():
        yield say("others"), others


def _quarters(column: Column, values: Array) -> Iterator[tuple[str, Array]]:
    """The rows below the first quartile, up to the median, …; each value of a column with few."""
    empty = ~np.isfinite(values)
    finite = values[~empty]
    different = np.unique(finite)
    if len(different) <= FEW_VALUES:
        for value in different:
            yield column.text(value), values == value
    else:
        bounds = np.unique(np.quantile(finite, (0.25, 0.5, 0.75)))
        bounds = bounds[bounds < different[-1]]
        place = np.where(empty, -1, np.searchsorted(bounds, values, side="left"))
        for i in range(len(bounds) + 1):
            inside = place == i
            if not inside.any():
                continue
            if i == 0:
                yield f"≤ {column.text(bounds[0], 4)}", inside
            elif i == len(bounds):
                yield f"> {column.text(bounds[-1], 4)}", inside
            else:
                yield f"{column.text(bounds[i - 1], 4)} – {column.text(bounds[i], 4)}", inside
    if empty.any():
        yield say("nothing"), empty


def _group(column: str, group: str, wrong: Array, inside: Array, of_classes: bool) -> Group:
    here, rest = wrong[inside], wrong[~inside]
    n, mean = len(here), float(here.mean())
    if of_classes:
        interval = wilson(int(here.sum()), n)
    else:
        half = Z * float(here.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0  # unknown of one row
        interval = (max(0.0, mean - half), mean + half)
    far = False
    if n >= FEW and len(rest) >= FEW:
        pooled = wrong.var() if of_classes else None
        one = here.var(ddof=1) if pooled is None else pooled
        other = rest.var(ddof=1) if pooled is None else pooled
        spread = math.sqrt(one / n + other / len(rest))
        far = spread > 0 and abs(mean - float(rest.mean())) > FAR * spread
    return Group(column, str(group), n, mean, interval, n < FEW, bool(far))
