"""The plane on which the maps are drawn: all of the inputs, or a cut through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.lab.session import features

LARGE = 100  # cells of the large map along each side
SMALL = 25  # and of a unit's own
SHOWN = 500  # samples of each part that are drawn


Unit = tuple[float, float]  # mean, scale
PLAIN: Unit = (0.0, 1.0)


@dataclass(frozen=True)
class Plane:
    """x = origin + a·along + b·across, for (a, b) in the bounds.

    Attributes:
        kind: "inputs" (the plane is all there is), "line" (one input), "columns" (two of the
            inputs, the others at their mean) or "principal" (the two directions in which
            the data vary most, through their mean).
        x, y: the bounds of a and of b.
        labels: what a and b are.
        units: mean and scale of a and of b: mean + scale·a is what the table says.
    """

    kind: str
    origin: Array
    along: Array
    across: Array
    x: tuple[float, float]
    y: tuple[float, float]
    labels: tuple[str, str]
    units: tuple[Unit, Unit] = (PLAIN, PLAIN)
    _inputs: dict[tuple[Any, ...], Array] = field(default_factory=dict, compare=False, repr=False)

    def inputs(self, cells: int, chosen: Sequence[str]) -> Array:
        """What the network reads at the cells of :meth:`grid`: made once, for every frame."""
        key = (cells, *chosen)
        if key not in self._inputs:
            if len(self._inputs) > 4:
                self._inputs.clear()
            self._inputs[key] = features.apply(self.grid(cells), chosen)
        return self._inputs[key]

    def grid(self, cells: int) -> Array:
        """The inputs at the middle of each cell, (cells², d); rows from the top down."""
        a = _middles(*self.x, cells)
        b = _middles(*self.y, cells)[::-1]
        if self.kind == "line":
            line: Array = self.origin + np.outer(a, self.along)
            return line.astype(np.float32)
        points = a[None, :, None] * self.along + b[:, None, None] * self.across
        flat: Array = (self.origin + points).reshape(cells * cells, -1)
        return flat.astype(np.float32)

    def project(self, x: Array) -> Array:
        """Where the samples fall on the plane, (n, 2)."""
        if self.kind == "line":
            return np.column_stack([x[:, 0], np.zeros(len(x))])
        return np.column_stack([(x - self.origin) @ self.along, (x - self.origin) @ self.across])

    def points(self, x: Array, y: Array, test: int = 0) -> list[list[float]]:
        """[a, b, class or value, in the test part?] of the samples, or of ``SHOWN`` among them."""
        few = np.linspace(0, len(x) - 1, min(len(x), SHOWN)).astype(int)
        places = self.project(x[few])
        rows = zip(places.tolist(), y[few].tolist(), strict=True)
        return [[round(a, 4), round(b, 4), round(value, 4), test] for (a, b), value in rows]

    def describe(self) -> dict[str, Any]:
        """What the page needs to draw axes."""
        return {"kind": self.kind, "x": self.x, "y": self.y, "labels": self.labels,
                "units": self.units}  # fmt: skip


def plane_of(
    x: Array, names: tuple[str, ...], axis_x: int = 0, axis_y: int = 0, fixed: bool = False,
    units: tuple[Unit, ...] = (),
) -> Plane:  # fmt: skip
    """The plane for samples ``x`` (n, d); axes count from 1, and 0 means: the main directions.

    ``fixed``: two inputs, shown from -1 to 1 whatever the samples are.  ``units``: mean and scale
    of each column, where it was standardised.
    """
    x = np.asarray(x, dtype=np.float64)
    d = x.shape[1]
    units = units or (PLAIN,) * d
    if d == 1:
        return Plane("line", np.zeros(1), np.ones(1), np.zeros(1), _bounds(x[:, 0]), (-1.0, 1.0),
                     (names[0], "y"), (units[0], PLAIN))  # fmt: skip
    if d == 2:
        zero, unit = np.zeros(2), np.eye(2)
        if fixed:
            x = np.array([[-0.9, -0.9], [0.9, 0.9]])
        return _square("inputs", x, zero, unit[0], unit[1], (names[0], names[1]),
                       (units[0], units[1]))  # fmt: skip
    mean = x.mean(axis=0)
    if 0 < axis_x <= d and 0 < axis_y <= d and axis_x != axis_y:
        along, across = np.eye(d)[axis_x - 1], np.eye(d)[axis_y - 1]
        origin = mean * (1 - along - across)
        labels = (names[axis_x - 1], names[axis_y - 1])
        both = (units[axis_x - 1], units[axis_y - 1])
        return _square("columns", x, origin, along, across, labels, both)
    along, across = _main_directions(x - mean)
    return _square("principal", x, mean, along, across, ("direction 1", "direction 2"))


def _square(
    kind: str, x: Array, origin: Array, along: Array, across: Array, labels: tuple[str, str],
    units: tuple[Unit, Unit] = (PLAIN, PLAIN),
) -> Plane:  # fmt: skip
    """A square around the samples, both axes to the same scale."""
    a, b = (x - origin) @ along, (x - origin) @ across
    (a0, a1), (b0, b1) = _bounds(a), _bounds(b)
    half = max(a1 - a0, b1 - b0) / 2
    a_middle, b_middle = (a0 + a1) / 2, (b0 + b1) / 2
    return Plane(
        kind, origin, along, across,
        (a_middle - half, a_middle + half), (b_middle - half, b_middle + half), labels,
        units,
    )  # fmt: skip


def _main_directions(centred: Array) -> tuple[Array, Array]:
    """The two directions of largest variance; the largest entry of each is positive."""
    _, _, directions = np.linalg.svd(centred[:2000], full_matrices=False)
    rows = [directions[0], directions[1] if len(directions) > 1 else np.zeros(centred.shape[1])]
    first, second = (row * np.sign(row[np.argmax(abs(row))] or 1.0) for row in rows)
    return first, second


def _bounds(values: Array) -> tuple[float, float]:
    """A little more than the range of ``values``."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 0.5
    return low - margin, high + margin


def _middles(low: float, high: float, cells: int) -> Array:
    return low + (high - low) * (np.arange(cells) + 0.5) / cells
