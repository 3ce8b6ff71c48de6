"""What the model answers on average when one column is set to a value, for each of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError
from glassnet.insight.rows import Column, Rows
from glassnet.insight.shown import Shown, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

BARS = 24  # of the histogram under a curve
MOST_CATEGORIES = 20
MOST_ANSWERS = 5  # classes of which a curve is drawn


@dataclass(frozen=True, eq=False)
class Dependence(Shown):
    """The mean answer for each value of a column, and how often the data has such values.

    Attributes:
        column: its name.
        number: whether its values are amounts; else words.
        grid: the values.
        average: the mean answers, (values, outputs): the probability of each class in
            ``outputs``, or the value in the table's own units.
        outputs: names of the classes, or of the target.
        edges, counts: the histogram of the rows: between edge i and i + 1 lie counts[i] rows;
            of words there are no edges, and counts[i] rows have grid[i].
        samples: over how many rows the mean is taken.
        dates: the numbers are days since 1970.
    """

    column: str
    number: bool
    grid: tuple[Any, ...]
    average: Array
    outputs: tuple[str, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    samples: int
    of_classes: bool
    dates: bool = False

    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""
        return say("dependence", language, column=self.column, n=f"{self.samples:,}")

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        shown = (lambda v: f"{v:.1%}") if self.of_classes else (lambda v: f"{v:.4g}")
        names = [self._text(value) for value in self.grid]
        lines = [[name, *map(shown, line)] for name, line in zip(names, self.average.tolist())]
        if not self.number:
            lines = [[*line, f"{n:,}"] for line, n in zip(lines, self.counts)]
        return [self.column, *self.outputs, *([] if self.number else ["rows"])], lines

    def _text(self, value: Any) -> str:
        if self.dates:
            return str(np.datetime64(round(value), "D"))
        return f"{value:.4g}" if self.number else say("nothing") if value is None else str(value)

    def plot(self) -> Figure:
        """A curve, or bars, with the rows' distribution below."""
        from glassnet import plots

        return plots.dependence_curves([self])

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        grid = [self._text(v) for v in self.grid] if self.dates else list(self.grid)
        return {
            "column": self.column, "number": self.number, "grid": grid,
            "outputs": list(self.outputs), "average": self.average.tolist(),
            "edges": list(self.edges), "counts": list(self.counts), "samples": self.samples,
        }  # fmt: skip


def partial_dependence(
    rows: Rows,
    column: str,
    *,
    grid: Sequence[Any] | None = None,
    grid_resolution: int = 20,
    percentiles: tuple[float, float] = (0.05, 0.95),
    max_samples: int | None = None,
    random_state: int = 0,
) -> Dependence:
    """The mean answer over all rows, with one column of each set to the same value.

    f(v) = 1/n·Σ model(row i with column = v), for each value v of the grid (Friedman 2001). Where
    columns go together, some of these rows are none that the table could have: read it where the
    data is, which the histogram below says.

    Args:
        column: the name of a column of the table.
        grid: the values; by default all of a column if they are few, of numbers else
            ``grid_resolution`` between the ``percentiles``; of words the most frequent ones.
        max_samples: the mean of so many of the rows at most, drawn at random.

    Raises:
        DataError: no such column, or no value in any row.
    """
    whole_number("partial_dependence", "grid_resolution", grid_resolution, minimum=2)
    if not 0 <= percentiles[0] < percentiles[1] <= 1:
        raise ConfigError(f"percentiles {percentiles}: expected two rising shares, as (0.05, 0.95)")
    chosen = rows.column(column)
    number = rows.is_number(chosen)
    values = rows.values(chosen)
    if grid is None:
        grid = _numbers(chosen, values, grid_resolution, percentiles) if number else _words(values)
    points = tuple(float(v) for v in grid) if number else tuple(grid)
    of_words = tuple(int((values == v).sum()) for v in points)
    edges, counts = _spread(values) if number else ((), of_words)
    outputs = _outputs(rows)
    few = rows.sample(max_samples, random_state)
    average = np.empty((len(points), len(outputs)))
    x = few.x.copy()
    for i, features in enumerate(chosen.features(points, x.dtype)):
        x[:, chosen.start : chosen.stop] = features
        answers = few.answers(x)
        mean = answers.mean(axis=0, dtype=np.float64)
        average[i] = mean[outputs] if rows.classifies else mean
    named = tuple(map(rows.label, outputs)) if rows.classifies else (rows.target or "answer",)
    return Dependence(
        column,
        number,
        points,
        average,
        named,
        edges,
        counts,
        len(few),
        rows.classifies,
        chosen.dated,
    )


def _outputs(rows: Rows) -> list[int]:
    """The classes that are shown: of two the second, of many the most frequent ones."""
    if not rows.classifies:
        return [0]
    count = len(rows.class_names or ())
    if count == 2:
        return [1]
    frequent = np.argsort(-np.bincount(rows.y, minlength=count), kind="stable")[:MOST_ANSWERS]
    return sorted(int(k) for k in frequent)


def _numbers(
    column: Column, values: Array, resolution: int, percentiles: tuple[float, float]
) -> list[float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise DataError(f"column {column.name!r} has no value in any of these rows.")
    different = np.unique(finite)
    low, high = np.quantile(finite, percentiles)
    if len(different) <= resolution:
        return [float(v) for v in different]
    if not low < high:
        low, high = different[0], different[-1]
    return [float(v) for v in np.linspace(low, high, resolution)]


def _words(values: Array) -> list[Any]:
    """The most frequent words, in alphabetical order; None, for rows without one, at the end."""
    words = [v for v in values.tolist() if v is not None]
    found, counts = np.unique(np.array(words, dtype=object), return_counts=True)
    frequent = found[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]]
    return [*sorted(frequent.tolist()), *([None] if len(words) < len(values) else [])]


def _spread(values: Array) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """A histogram over the middle 98 %: one far-off value leaves nothing to see of the others."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, (0.01, 0.99))
    if not low < high:
        low, high = float(finite.min()), float(finite.max())
    counts, edges = np.histogram(finite, BARS, (low, high) if low < high else None)
    return tuple(map(float, edges)), tuple(map(int, counts))
