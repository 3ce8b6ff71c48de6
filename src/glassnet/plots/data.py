"""Data as points: two features as they are, one against its target, many projected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from glassnet._core.principal import principal
from glassnet.data.dataset import Dataset
from glassnet.errors import ShapeError
from glassnet.plots import inputs, style

RASTER_FROM = 5000  # so many points and more are stored as pixels in SVG and PDF


def data_points(
    x: ArrayLike | Dataset,
    y: ArrayLike | None = None,
    *,
    limit: int = 10_000,
    task: str = "classification",
    class_names: Sequence[Any] | None = None,
    feature_names: Sequence[Any] | None = None,
    target_name: str = "y",
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """A data set as points, its classes by colour and shape, its numbers by colour.

    Two features are the axes. One feature of a regression is drawn against its target. More
    features are projected on their two principal components (standardised first).

    Args:
        x: points (n, features…), or a Dataset, which brings its labels and names (the training
            part is drawn).
        limit: of more points, so many are drawn, evenly picked; the subtitle says so.
        y: labels (n,) or one-hot rows; with ``task="regression"``, numbers (n,).

    Raises:
        ShapeError: ``y`` or the names do not fit ``x``.
        DataError: empty, or values that are not finite.
    """
    if isinstance(x, Dataset):
        task, class_names = x.task, x.class_names or class_names
        feature_names, title = x.feature_names or feature_names, title or x.name
    given = np.asarray(x.x if isinstance(x, Dataset) else x)
    y = x.y if isinstance(x, Dataset) else y
    n = len(given) if given.ndim else 0
    subtitle = None
    if n > limit:
        chosen = np.arange(limit) * n // limit
        given, y = given[chosen], None if y is None else inputs.labels(y, n)[chosen]
        subtitle = f"{limit:,} of {n:,} points"
    rows = inputs.points(given.reshape(len(given), -1) if given.ndim > 2 else given)
    names = inputs.feature_labels(feature_names, rows.shape[1])
    target = _target(y, len(rows)) if y is not None and task == "regression" else None
    if rows.shape[1] == 1:
        heights = target if target is not None else np.zeros(len(rows))
        flat, axis_names = np.column_stack([rows[:, 0], heights]), [names[0], target_name]
    elif rows.shape[1] == 2:
        flat, axis_names = rows, names
    else:
        flat, shares = principal_components(rows)
        axis_names = [f"component {i + 1} ({s:.0%} of variance)" for i, s in enumerate(shares)]
        text = f"{rows.shape[1]} standardised features, projected on two principal components"
        subtitle = f"{subtitle}; {text}" if subtitle else text
    if y is None or target is not None:
        figure, ax_ = style.figure_and_axes(ax, 7.0, 5.0)
        _numbers(ax_, flat, target if rows.shape[1] > 1 else None, target_name)
    else:
        index, labels = inputs.classes(y, class_names, len(rows))
        figure, ax_ = style.figure_and_axes(ax, legend_width(labels) + 5.4, 5.0)
        scatter_classes(ax_, flat, index, labels)
        class_legend(ax_, labels)
    if rows.shape[1] == 1 and target is None:
        ax_.set_yticks([])
        axis_names[1] = ""
    if rows.shape[1] > 1:
        equal_where_alike(ax_, flat)
    x_name, y_name = axis_names
    style.label(ax_, title or f"{n:,} points", x_name, y_name, subtitle)
    return style.finish(figure if ax is None else ax_)


def scatter_classes(
    ax: Axes, flat: NDArray[np.float64], index: NDArray[np.int64], labels: Sequence[str]
) -> None:
    """Points (n, 2) with the colour and the marker of their class; an empty class gets a key."""
    size, edge = point_size(len(flat))
    # Of many points no class may lie on top of all others: they are drawn by turns.
    turns = 1 if len(flat) < 2000 else 12
    for turn in range(turns):
        for number, name in enumerate(labels):
            mine = flat[index == number][turn::turns]
            pale = number % len(style.OKABE_ITO) == 6  # yellow
            ax.scatter(
                mine[:, 0],
                mine[:, 1],
                s=size,
                color=style.class_color(number),
                marker=style.class_marker(number),
                edgecolors=style.INK if pale else style.PAPER,
                linewidths=edge,
                label=style.shorten(name, 24) if turn == 0 else None,
                rasterized=len(flat) >= RASTER_FROM,
                zorder=3,
            )


def point_size(n: int) -> tuple[float, float]:
    """Area (points²) and edge (points) of a marker among ``n``: smaller where there are many."""
    return float(np.clip(12000 / max(n, 1), 8, 42)), float(np.clip(150 / max(n, 1), 0.15, 0.6))


def class_legend(ax: Axes, labels: Sequence[str], **options: Any) -> None:
    """The key of the classes beside the axes, in as many columns as are needed."""
    if len(labels) > 1 or options:
        columns = 1 + (len(labels) - 1) // 18
        options = {"ncols": columns, "columnspacing": 1.0, "handletextpad": 0.3} | options
        key = style.legend(ax, outside=True, **options)
        for handle in key.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([42])


def legend_width(labels: Sequence[str]) -> float:
    """Inches that the key of the classes takes."""
    if len(labels) < 2:
        return 0.6
    longest = max(style.inches(style.shorten(name, 24)) for name in labels)
    return (1 + (len(labels) - 1) // 18) * (longest + 0.5)


def equal_where_alike(ax: Axes, flat: NDArray[np.float64]) -> None:
    """One unit as long in x as in y, where both features spread alike."""
    spread = np.ptp(flat, axis=0)
    if spread.min() > 0 and spread.max() / spread.min() < 2.5:
        ax.set_aspect("equal", adjustable="datalim")


def principal_components(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows on the two directions of largest variance, and the share of variance of each.

    Features are standardised: x' = (x - mean) / std; a constant feature stays 0.
    """
    spread = rows.std(axis=0)
    standard = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return principal(standard)


def _numbers(
    ax: Axes, flat: NDArray[np.float64], values: NDArray[np.float64] | None, name: str
) -> None:
    """Points in one colour, or coloured by the number that belongs to each."""
    size, edge = point_size(len(flat))
    look: dict[str, Any] = {"color": style.class_color(0)}
    if values is not None:
        look = {"c": values, "cmap": style.SEQUENTIAL}
        if values.min() < 0 < values.max():
            look = {"c": values, "cmap": style.DIVERGING, "norm": style.symmetric(values)}
    drawn = ax.scatter(
        flat[:, 0],
        flat[:, 1],
        s=size,
        edgecolors=style.INK if values is not None else style.PAPER,
        linewidths=edge,
        rasterized=len(flat) >= RASTER_FROM,
        zorder=3,
        **look,
    )
    if values is not None:
        style.color_key(ax, drawn, name)


def _target(y: ArrayLike, n: int) -> NDArray[np.float64]:
    target = inputs.points(y, "y")
    if target.shape != (n, 1):
        raise ShapeError(f"y has shape {np.shape(y)}; expected ({n},), one number for each row.")
    return target[:, 0]
