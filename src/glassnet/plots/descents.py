"""Descents as pictures: a path on contours or on a curve, optimizers in a race."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.calculus import Descent
from glassnet.calculus.ending import DIVERGED, OSCILLATING
from glassnet.plots import landscape, style
from glassnet.plots.landscape import FloatArray, Function, Range
from glassnet.plots.paths import inside, path_of, paths_of, window


def descent(
    f: Function,
    run: Descent,
    x0_range: Range | None = None,
    x1_range: Range | None = None,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The path of a descent: on contours of f(x0, x1), or on the curve of f(x).

    Args:
        f: what was descended.
        run: from ``calculus.gradient_descent``, of a point (2,) or a number.
        x0_range, x1_range: ends of the axes; around the path when not given.

    Raises:
        ShapeError: a descent of another shape.
        ConfigError: not a formula, no range.
    """
    path = path_of(run)
    figure, ax_ = style.figure_and_axes(ax, 7.2, 6.0)
    if path.shape[1] == 1:
        draw_curve(ax_, landscape.as_function(f, 1), path, x0_range)
    else:
        function = landscape.as_function(f, 2)
        ends = window([path], x0_range, x1_range, square=True)
        landscape.contours(ax_, function, ends[0], ends[1], true_scale=True)
        _draw(ax_, path, 0, ends)
    style.label(ax_, title=title or _name(run), subtitle=f"{run.status}: {run.message}")
    return style.finish(figure if ax is None else ax_)


def race(
    f: Function,
    runs: Mapping[str, Descent],
    x0_range: Range | None = None,
    x1_range: Range | None = None,
    *,
    title: str = "The race of the optimizers",
) -> Figure:
    """Several descents on one surface: all together, and each in a panel of its own.

    Args:
        f: what was descended, of a point (2,).
        runs: label -> descent, as ``calculus.race`` gives them.

    Raises:
        ConfigError: no descents, or more than 12.
        ShapeError: a descent that is not of a point (2,).
    """
    function = landscape.as_function(f, 2)
    paths = paths_of(runs)
    ends = window(list(paths.values()), x0_range, x1_range)
    columns = (len(runs) + 1) // 2
    figure = style.figure(6.6 + 3.1 * columns, 6.2)
    cells = figure.add_gridspec(2, columns + 2, width_ratios=[1.15, 1.15] + [1] * columns)
    whole = style.dress(figure.add_subplot(cells[:, :2]))
    landscape.contours(whole, function, ends[0], ends[1])
    for index, (label, path) in enumerate(paths.items()):
        _draw(whole, path, index, ends, label=label)
        row, column = divmod(index, columns)
        panel = style.dress(figure.add_subplot(cells[row, column + 2]))
        landscape.contours(panel, function, ends[0], ends[1])
        _draw(panel, path, index, ends)
        style.label(panel, title=label, subtitle=_result(runs[label]))
        panel.set_xlabel("")
        panel.set_ylabel("")
        panel.tick_params(labelleft=column == 0, labelbottom=index + columns >= len(paths))
    steps = max(run.steps for run in runs.values())
    words = f"f = {landscape.name_of(function)},  {steps} steps"
    style.label(whole, title=title, subtitle=words)
    style.legend(whole, loc="best")
    return style.finish(figure)


def _draw(ax: Axes, path: FloatArray, index: int, ends: Any, label: str | None = None) -> None:
    """A path: a line with its points, the start as a ring, the end as a large marker."""
    shown = inside(path, ends)
    color = style.line_color(index)
    ax.plot(shown[:, 0], shown[:, 1], "-o", color=color, linewidth=1.7, markersize=3.2, zorder=3)
    ax.plot(*path[0], "o", markerfacecolor=style.PAPER, markeredgecolor=style.INK,
            markeredgewidth=1.5, markersize=7, zorder=5)  # fmt: skip
    ax.plot(shown[-1:, 0], shown[-1:, 1], style.class_marker(index), color=color, markersize=11,
            markeredgecolor=style.PAPER, markeredgewidth=1.4, zorder=4, label=label)  # fmt: skip


def draw_curve(
    ax: Axes, f: Callable[..., Any], path: FloatArray, x_range: Range | None, dots: bool = True
) -> None:
    """A descent over a line: its points on the curve of f."""
    ((low, high),) = window([path], x_range, None)[:1]
    x = np.linspace(low, high, 401)
    ax.plot(x, landscape.along(f, x), color=style.INK, linewidth=2.2, zorder=2)
    ax.set_xlim(low, high)
    style.label(ax, x="x", y="f(x)")
    if dots:
        inside = path[(path[:, 0] >= low) & (path[:, 0] <= high)]
        y = landscape.along(f, inside[:, 0])
        _draw(ax, np.column_stack([inside[:, 0], y]), 0, None)


def _name(run: Descent) -> str:
    settings = run.optimizer
    rate = settings.get("learning_rate")
    shown = f", learning rate {rate:g}" if isinstance(rate, float) else ""
    return f"{settings.get('name', 'descent')}{shown}, {run.steps} steps"


def _result(run: Descent) -> str:
    rate = run.optimizer.get("learning_rate")
    shown = f"rate {rate:g}: " if isinstance(rate, float) else ""
    ended = run.status if run.status in (DIVERGED, OSCILLATING) else f"f = {run.values[-1]:.2g}"
    return f"{shown}{ended}"
