"""Columns of circles and the lines between them, as drawings of networks have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from numpy.typing import NDArray

from glassnet.errors import ShapeError
from glassnet.layers import Layer
from glassnet.plots import style
from glassnet.plots.words import say

ROW = 0.46  # inches between two units
RADIUS = 0.15
UNITS = ("{n:,} unit", "{n:,} units")


@dataclass(frozen=True)
class Column:
    """One column of units: which are shown, where, and what is written under them."""

    units: int
    shown: NDArray[np.int64]
    height: NDArray[np.float64]  # of each unit shown, 0 in the middle
    title: str
    detail: str

    @property
    def cut(self) -> bool:
        return len(self.shown) < self.units


def blocks_last(layers: Iterable[Layer], block: str = "") -> Iterator[tuple[str, Layer]]:
    """Full name and layer; a block after what it holds, where its sum is made.

    Of networks side by side the first stands for all.
    """
    for layer in layers:
        if layer.wiring == "parallel":
            yield from blocks_last(layer.sublayers()[0].sublayers())
        else:
            yield from blocks_last(layer.sublayers(), f"{block}{layer.name}/")
        yield block + layer.name, layer


def column_of(units: int, max_units: int, title: str, detail: str) -> Column:
    """Units from top to bottom; where they are cut, a gap of one row for the …"""
    shown: NDArray[np.int64] = np.arange(units)
    rows: NDArray[np.float64] = shown.astype(np.float64)
    if units > max_units:
        first = (max_units + 1) // 2
        shown = np.concatenate([shown[:first], shown[units - (max_units - first) :]])
        rows = np.arange(max_units, dtype=np.float64)
        rows[first:] += 1
        detail += "\n" + say("{n} of them drawn", n=max_units)
    height = (rows.max() / 2 - rows) * ROW
    return Column(units, shown, height, title, detail)


def draw_lines(
    ax: Axes,
    columns: Sequence[Column],
    x: tuple[float, float],
    W: NDArray[np.float64],
    norm: Any,
) -> None:
    """The weights between two columns, the largest on top."""
    left, right = columns
    part = W[np.ix_(left.shown, right.shown)]
    i, j = np.indices(part.shape).reshape(2, -1)
    w = part.ravel()
    keep = np.isfinite(w)
    order = np.flatnonzero(keep)[np.argsort(np.abs(w[keep]), kind="stable")]
    for sign, dashes in ((w >= 0, "solid"), (w < 0, (0, (3.5, 1.5)))):
        mine = order[sign[order]]
        if not len(mine):
            continue
        start = np.stack([np.full(len(mine), x[0] + RADIUS), left.height[i[mine]]], axis=1)
        end = np.stack([np.full(len(mine), x[1] - RADIUS), right.height[j[mine]]], axis=1)
        share = np.abs(w[mine]) / norm.vmax
        lines = LineCollection(
            list(np.stack([start, end], axis=1)),
            linewidths=0.25 + 3.2 * share**0.7,  # small weights of one layer beside large ones
            linestyles=[dashes],
            cmap=style.DIVERGING,
            norm=norm,
            zorder=1,
        )
        lines.set_array(w[mine])
        ax.add_collection(lines, autolim=False)


def draw_circles(ax: Axes, column: Column, x: float, fills: Any) -> None:
    for number, height in enumerate(column.height):
        color = style.PAPER if fills is None else fills[number]
        look: dict[str, Any] = {"facecolor": color, "edgecolor": style.INK, "linewidth": 1.0}
        ax.add_patch(Circle((x, float(height)), RADIUS, zorder=3, **look))
    if column.cut:
        steps = -np.diff(column.height)
        gap = int(steps.argmax())
        middle = (column.height[gap] + column.height[gap + 1]) / 2
        ax.text(x, middle, "⋮", ha="center", va="center", fontsize=15, color=style.INK)


def draw_key(ax: Axes, norm: Any) -> None:
    style.color_key(ax, ScalarMappable(norm, style.DIVERGING), say("value"), shrink=0.9, aspect=22)


def names_beside(names: Sequence[Any] | None, column: Column, argument: str) -> list[str]:
    if names is None:
        return []
    if len(names) != column.units:
        raise ShapeError(f"{len(names)} {argument} for {column.units}: pass one for each.")
    return [style.shorten(names[i], 18) for i in column.shown]


def kind_of(layer: Layer) -> str:
    if layer.function is not None:
        return layer.function.name
    if layer.wiring == "parallel":
        return say("sum of {n} members", n=len(layer.sublayers()))
    return layer.kind.replace("_", " ").replace("normalization", "norm")


def count(n: int, one: str, several: str) -> str:
    return say(one if n == 1 else several, n=n)
