"""The value that a model answers over two features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet.errors import ShapeError
from glassnet.plots import inputs, style
from glassnet.plots.answers import outputs
from glassnet.plots.data import point_size
from glassnet.plots.plane import Range, grid, pair, parts
from glassnet.plots.words import say


def value_map(
    model: Any,
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    x_range: Range | None = None,
    y_range: Range | None = None,
    features: tuple[int, int] | None = None,
    resolution: int = 200,
    feature_names: Sequence[Any] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """What a model with one output answers over two features, and the points ``x`` on it.

    Colour: the value, on one scale for the answers and for the points' own ``y``; where a point
    can hardly be seen, the answer there is right.

    Args:
        model: a model, or any ``predict(points (m, n))`` -> values (m,) or (m, 1).
        x: points (n, features).
        features: which two of more features are the axes; the others are held at their means.

    Raises:
        ShapeError: more than one output, one feature, or more than two and no choice of two.
        ConfigError: a ``resolution`` out of 2 to 2000.
    """
    rows = inputs.points(x)
    axes = pair(rows, features)
    along, up = grid(rows, axes, x_range, y_range, resolution)
    cells = np.stack([a.ravel() for a in np.meshgrid(along, up)], axis=1)
    found = [np.asarray(outputs(model, part), float) for part in parts(cells, rows, axes)]
    answers = np.concatenate([part.reshape(len(part), -1) for part in found])
    if answers.shape[1] != 1:
        raise ShapeError(f"the model has {answers.shape[1]} outputs; a map shows one.")
    values = answers[: len(cells), 0].reshape(len(up), len(along))
    target = None if y is None else inputs.points(y, "y")
    if target is not None and target.shape != (len(rows), 1):
        raise ShapeError(f"y has shape {target.shape} for {len(rows)} of x: expected one each.")

    figure, ax_ = style.figure_and_axes(ax, 6.6, 5.0)
    norm = style.symmetric(values if target is None else target)
    half = (along[1] - along[0]) / 2, (up[1] - up[0]) / 2
    extent = (along[0] - half[0], along[-1] + half[0], up[0] - half[1], up[-1] + half[1])
    alike = 0.6 < (extent[3] - extent[2]) / (extent[1] - extent[0]) < 1.6
    drawn = ax_.imshow(
        values, cmap=style.DIVERGING, norm=norm, extent=extent, origin="lower",
        aspect="equal" if alike else "auto", interpolation="nearest", zorder=0,
    )  # fmt: skip
    ax_.set_anchor("NE")  # beside the key
    ax_.grid(False)
    size, _ = point_size(len(rows))
    look: dict[str, Any] = {"edgecolors": style.INK, "linewidths": 0.6, "zorder": 3}
    flat, subtitle = rows[:, list(axes)], None
    if target is None:
        ax_.scatter(flat[:, 0], flat[:, 1], size, style.PAPER, **look)
    else:
        ax_.scatter(
            flat[:, 0], flat[:, 1], size, target[:, 0], cmap=style.DIVERGING, norm=norm, **look
        )
        off = float(np.mean(np.abs(answers[len(cells) :, 0] - target[:, 0])))
        subtitle = say("mean error {error:.3g} at {n:,} points", error=off, n=len(rows))
    style.color_key(ax_, drawn, say("value"))
    names = inputs.feature_labels(feature_names, rows.shape[1])
    heading = title or say("What the model answers")
    style.label(ax_, heading, names[axes[0]], names[axes[1]], subtitle)
    return style.finish(figure if ax is None else ax_)
