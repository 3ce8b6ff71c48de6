"""Pictures with several panels, made of those of ``glassnet.plots``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import plots
from glassnet.plots import style


def boundaries(
    models: Mapping[str, Any],
    points: Mapping[str, tuple[Any, Any]],
    *,
    title: str,
    columns: int = 2,
    subtitles: Mapping[str, str] | None = None,
    **options: Any,
) -> Figure:
    """What several models answer over the plane, a panel each; one key of the classes."""
    columns = min(columns, len(models))
    rows = -(-len(models) // columns)
    figure = style.figure(4.0 * columns + 1.2, 3.9 * rows + 0.6)
    grid = figure.subplots(rows, columns, squeeze=False)
    for ax in grid.flat[len(models) :]:
        ax.set_visible(False)
    for ax, (name, model) in zip(grid.flat, models.items()):
        style.dress(ax, grid=False)
        x, y = points[name]
        shown = name + (f": {subtitles[name]}" if subtitles and name in subtitles else "")
        plots.decision_boundary(model, x, y, ax=ax, title=shown, resolution=200, **options)
        key = ax.get_legend()
        if key is not None:  # the same in each panel, but for the count of wrong answers
            handles = [h for h, t in zip(key.legend_handles, key.get_texts())
                       if not t.get_text().startswith("wrong")]  # fmt: skip
            names = [t.get_text() for t in key.get_texts()][: len(handles)]
            key.remove()
            ax.set_anchor("NW")
    figure.legend(handles, names, loc="outside right upper", frameon=False)
    return heading(figure, title)


def lines(
    curves: Mapping[str, tuple[Any, Any]],
    *,
    title: str,
    x: str,
    y: str,
    subtitle: str | None = None,
    log_x: bool = False,
    log_y: bool = False,
    limits: tuple[float, float] | None = None,
    points: bool = False,
) -> Figure:
    """Named curves (x, y) in one panel, the key beside it."""
    figure, ax = style.figure_and_axes(None, 9.0, 5.0)
    for i, (name, (at, values)) in enumerate(curves.items()):
        look = {"color": style.line_color(i), "linestyle": style.line_style(i), "linewidth": 2.0}
        ax.plot(at, values, marker=style.class_marker(i) if points else None, label=name, **look)
    if log_x:
        ax.set_xscale("log")
    if log_y:
        ax.set_yscale("log")
    if limits is not None:
        ax.set_ylim(*limits)
    style.label(ax, title, x, y, subtitle)
    style.legend(ax, outside=True)
    return style.finish(figure)


def bars(
    groups: Sequence[str],
    series: Mapping[str, Any],
    *,
    title: str,
    y: str,
    subtitle: str | None = None,
) -> Figure:
    """For each group a bar of each series, side by side."""
    figure, ax = style.figure_and_axes(None, max(7.0, 1.1 * len(groups) + 2.0), 4.6)
    width = 0.8 / len(series)
    for i, (name, values) in enumerate(series.items()):
        at = np.arange(len(groups)) + (i - (len(series) - 1) / 2) * width
        ax.bar(at, values, 0.92 * width, color=style.line_color(i), label=name, zorder=2)
    ax.axhline(0, color=style.FAINT, linewidth=0.8)
    ax.set_xticks(range(len(groups)), groups)
    style.label(ax, title, None, y, subtitle)
    style.legend(ax, outside=True)
    return style.finish(figure)


def heading(figure: Figure, title: str) -> Figure:
    """A title over all panels."""
    figure.suptitle(title, fontsize=14, fontweight="bold", color=style.INK, x=0.01, ha="left")
    return style.finish(figure)
