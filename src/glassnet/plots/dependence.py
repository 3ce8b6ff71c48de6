"""What a model answers along a column, over the distribution of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glassnet._core.types import Array
from glassnet.errors import DataError
from glassnet.plots import style
from glassnet.plots.words import percents, say

ACROSS = 3  # panels in a row


class DependenceLike(Protocol):
    """What is drawn: the mean answer for each value of one column."""

    @property
    def column(self) -> str: ...
    @property
    def number(self) -> bool: ...
    @property
    def grid(self) -> Sequence[Any]: ...
    @property
    def average(self) -> Array: ...
    @property
    def outputs(self) -> Sequence[str]: ...
    @property
    def edges(self) -> Sequence[float]: ...
    @property
    def counts(self) -> Sequence[int]: ...
    @property
    def samples(self) -> int: ...
    @property
    def of_classes(self) -> bool: ...
    @property
    def dates(self) -> bool: ...


def dependence_curves(shown: Sequence[DependenceLike], *, title: str | None = None) -> Figure:
    """A panel for each column: a curve for numbers, dots for words, all with one scale.

    Below each, in grey, how many rows have such values: where there are none, the curve is a
    guess.

    Raises:
        DataError: nothing to draw.
    """
    if not shown:
        raise DataError("there are no columns to draw.")
    across = min(ACROSS, len(shown))
    down = math.ceil(len(shown) / across)
    single = len(shown) == 1
    figure = style.figure(7.0 if single else 3.6 * across, 4.6 if single else 0.9 + 2.9 * down)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    low = min(float(one.average.min()) for one in shown)
    high = max(float(one.average.max()) for one in shown)
    room = (high - low or 1.0) * 0.08
    for ax, one in zip(axes, shown):
        style.dress(ax)
        (_curve if one.number else _dots)(ax, one)
        ax.set_ylim(low - room, high + room)
        if one.of_classes:
            ax.yaxis.set_major_formatter(percents())
        style.label(ax, x=style.shorten(one.column, 36))
    for ax in axes[len(shown) :]:
        ax.set_visible(False)
    first = shown[0]
    if len(first.outputs) > 1:
        style.legend(axes[0], loc="best", fontsize=8)
    what = say("mean answer")
    if first.of_classes and len(first.outputs) == 1:
        what = say("probability of “{label}”", label=first.outputs[0])
    elif not first.of_classes:
        what = first.outputs[0]
    for ax in axes[::across]:
        style.label(ax, y=style.shorten(what, 28))
    said = "Mean over {n:,} rows with the column set to a value; grey: rows that have such values."
    caption = say(said, n=first.samples)
    style.heading(figure, title or say("What it answers along a column"), caption)
    return style.finish(figure)


def _curve(ax: Axes, one: DependenceLike) -> None:
    for k, name in enumerate(one.outputs):
        ax.plot(
            one.grid, one.average[:, k], color=style.line_color(k), linestyle=style.line_style(k),
            marker="o" if len(one.grid) < 8 else None, markersize=4, linewidth=2, label=name,
            zorder=3,
        )  # fmt: skip
    if one.dates:
        ax.xaxis.set_major_formatter(lambda v, _: str(np.datetime64(round(v), "D")))
        ax.xaxis.set_major_locator(MaxNLocator(3))
    edges = np.asarray(one.edges, float)
    _below(ax, edges, np.asarray(one.counts))


def _dots(ax: Axes, one: DependenceLike) -> None:
    places = np.arange(len(one.grid))
    for k, name in enumerate(one.outputs):
        ax.plot(
            places, one.average[:, k], color=style.line_color(k), linestyle="none", zorder=3,
            marker=style.class_marker(k), markersize=7, label=name,
        )  # fmt: skip
    sides = (places[:, np.newaxis] + [-0.35, 0.35]).ravel()  # a gap between each two
    heights = np.zeros(len(sides) - 1)
    heights[::2] = one.counts
    _below(ax, sides, heights)
    names = [style.shorten(say("(none)") if v is None else v, 14) for v in one.grid]
    long = sum(map(len, names)) > 26
    ax.set_xticks(places, names, rotation=90 if long else 0, fontsize=9 if long else 10)
    for text in ax.get_xticklabels():
        style.set_fonts(text)
    ax.set_xlim(-0.6, len(names) - 0.4)


def _below(ax: Axes, edges: Array, counts: Array) -> None:
    """The rows' distribution, in the lowest quarter of the axes, without a scale."""
    heights = 0.24 * counts / max(1, counts.max())
    ax.stairs(
        heights, edges, fill=True, color=style.FAINT, alpha=0.28, linewidth=0,
        transform=ax.get_xaxis_transform(),
    )  # fmt: skip
