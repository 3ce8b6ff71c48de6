"""What a model answers everywhere: decision regions over two features, the curve over one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import ShapeError
from glassnet.plots import inputs, style
from glassnet.plots.answers import Answers, ask, class_labels, outputs
from glassnet.plots.data import legend_width, point_size, scatter_classes
from glassnet.plots.plane import Range, grid, pair, parts, span
from glassnet.plots.words import say

_NO_ANSWER = "#C9CDD3"


def decision_boundary(
    model: Any,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    x_range: Range | None = None,
    y_range: Range | None = None,
    features: tuple[int, int] | None = None,
    threshold: float | None = None,
    resolution: int = 300,
    class_names: Sequence[Any] | None = None,
    feature_names: Sequence[Any] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The class that a model answers for each point of the plane, and the points ``x`` on it.

    Colour: the class with the largest output (of a single output: above ``threshold`` or not);
    the stronger, the surer. Lines: where two classes are equal. Dark edge: answered wrongly.

    Args:
        model: a model, or any ``predict(points (m, n))`` -> outputs (m, k), (m, 1) or labels (m,).
        x: points (n, features), which also give the range; ``x_range`` and ``y_range`` otherwise.
        y: their labels.
        features: which two of more features are the axes; the others are held at their means.
        threshold: of a single output; 0.5, or 0 where the model's loss is on logits or signs.

    Raises:
        ShapeError: more than two features and no choice of two; outputs that do not fit ``y``.
        LabelError: a label that the model does not know.
        ConfigError: no range, or a ``resolution`` out of 2 to 2000.
    """
    rows = None if x is None else inputs.points(x)
    axes = pair(rows, features)
    grid_x, grid_y = grid(rows, axes, x_range, y_range, resolution)
    cells = np.stack([a.ravel() for a in np.meshgrid(grid_x, grid_y)], axis=1)
    count = len(cells)
    answers = ask(model, parts(cells, rows, axes), None if rows is None else y, threshold)
    labels = class_labels(answers.known, class_names)
    shape = (len(grid_y), len(grid_x))
    field = Answers(answers.scores[:count], answers.known)

    key = [*labels, say("wrong answer"), say("no answer (NaN)")]
    figure, ax_ = style.figure_and_axes(ax, 4.8 + legend_width(key), 5.0)
    _regions(ax_, grid_x, grid_y, field.scores.reshape(*shape, -1), field.classes.reshape(shape))
    subtitle = None
    if rows is not None and y is not None:
        index = answers.index(inputs.labels(y, len(rows)))
        wrong = answers.classes[count:] != index
        _points(ax_, rows[:, list(axes)], index, labels, wrong)
        share = float(np.mean(~wrong))
        subtitle = say("{share:.1%} of {n:,} points right", share=share, n=len(rows))
    else:
        _signs(ax_, grid_x, grid_y, field.classes.reshape(shape), labels)
        if rows is not None:
            size, edge = point_size(len(rows))
            flat = rows[:, list(axes)]
            ax_.scatter(flat[:, 0], flat[:, 1], size, style.INK, linewidths=edge, zorder=3)
    if (field.classes < 0).any():
        ax_.plot([], [], "s", color=_NO_ANSWER, markersize=9, label=say("no answer (NaN)"))
    style.legend(ax_, outside=True, ncols=1 + (len(key) - 1) // 18, handletextpad=0.3)
    names = inputs.feature_labels(feature_names, 2 if rows is None else rows.shape[1])
    x_name, y_name = (names[i] for i in axes)
    style.label(ax_, title or say("Decision regions"), x_name, y_name, subtitle)
    return style.finish(figure if ax is None else ax_)


def regression_curve(
    model: Any,
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    x_range: Range | None = None,
    resolution: int = 500,
    feature_name: str = "x",
    target_name: str = "y",
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """What a model answers over its one feature, as a curve through the points (x, y).

    Raises:
        ShapeError: more than one feature, or ``y`` does not fit ``x``.
    """
    rows = inputs.points(x)
    if rows.shape[1] != 1:
        raise ShapeError(
            f"x has {rows.shape[1]} features, but a curve runs over one: pass x of shape (n,) or "
            "(n, 1), or use decision_boundary for two."
        )
    along = np.linspace(*span(rows[:, 0], x_range, 0.03), resolution)
    answer = np.asarray(outputs(model, along[:, np.newaxis]), dtype=np.float64)
    answer = answer.reshape(resolution, -1)
    figure, ax_ = style.figure_and_axes(ax, 7.5, 4.8)
    if y is not None:
        target = inputs.points(y, "y")
        if len(target) != len(rows):
            raise ShapeError(f"y has {len(target)} rows for {len(rows)} of x: expected one each.")
        size, edge = point_size(len(rows))
        for k in range(target.shape[1]):
            name = say("data") if target.shape[1] == 1 else say("data, output {k}", k=k + 1)
            color, marker = style.class_color(2 * k), style.class_marker(2 * k)
            look: dict[str, Any] = {"marker": marker, "edgecolors": style.PAPER, "linewidths": edge}
            ax_.scatter(rows[:, 0], target[:, k], size, color, label=name, zorder=2.5, **look)
    for k in range(answer.shape[1]):
        name = say("model") if answer.shape[1] == 1 else say("model, output {k}", k=k + 1)
        color, dashes = style.line_color(2 * k + 3), style.line_style(k)
        ax_.plot(along, answer[:, k], color=color, linestyle=dashes, linewidth=2.4, label=name)
    ax_.set_xlim(along[0], along[-1])
    style.legend(ax_, outside=True)
    style.label(ax_, title or say("What the model answers"), feature_name, target_name)
    return style.finish(figure if ax is None else ax_)


def _regions(
    ax: Axes,
    grid_x: NDArray[np.float64],
    grid_y: NDArray[np.float64],
    scores: NDArray[np.float64],
    classes: NDArray[np.int64],
) -> None:
    """Colour of the class, mixed with paper; the lines where it is as likely as the next."""
    k = scores.shape[2]
    palette = np.array([to_rgb(style.class_color(i)) for i in range(k)] + [to_rgb(_NO_ANSWER)])
    best = np.where(classes < 0, 1.0, np.max(scores, axis=2))
    sure = (best - 1 / k) / (1 - 1 / k) if k > 1 else np.ones_like(best)
    strength = (0.2 + 0.35 * np.clip(sure, 0, 1))[..., np.newaxis]
    strength = np.where(classes[..., np.newaxis] < 0, 1.0, strength)
    colors = strength * palette[classes] + (1 - strength)
    half_x, half_y = (grid_x[1] - grid_x[0]) / 2, (grid_y[1] - grid_y[0]) / 2
    left, right = grid_x[0] - half_x, grid_x[-1] + half_x
    bottom, top = grid_y[0] - half_y, grid_y[-1] + half_y
    alike = 0.6 < (top - bottom) / (right - left) < 1.6
    ax.imshow(
        colors,
        extent=(left, right, bottom, top),
        origin="lower",
        aspect="equal" if alike else "auto",
        interpolation="nearest",
        zorder=0,
    )
    ax.set_anchor("NE")  # beside the key, whatever is left of the width
    ax.grid(False)
    for i in range(k):
        others = np.delete(scores, i, axis=2)
        if k < 2 or not ((classes == i).any() and (classes != i).any()):
            continue
        ahead = scores[..., i] - others.max(axis=2)  # > 0 where class i wins
        if np.nanmin(ahead) < 0 < np.nanmax(ahead):
            ax.contour(grid_x, grid_y, ahead, levels=[0.0], colors=[style.INK], linewidths=1.0)


def _points(
    ax: Axes,
    flat: NDArray[np.float64],
    index: NDArray[np.int64],
    labels: list[str],
    wrong: NDArray[np.bool_],
) -> None:
    scatter_classes(ax, flat, index, labels)
    if wrong.any():
        size, _ = point_size(len(flat))
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": style.INK, "linewidths": 1.2}
        for i in np.unique(index[wrong]):
            mine = flat[wrong & (index == i)]
            ax.scatter(mine[:, 0], mine[:, 1], size, marker=style.class_marker(i), zorder=4, **look)
        name = say("wrong answer ({n:,})", n=wrong.sum())
        ax.scatter([], [], size, marker="o", label=name, **look)


def _signs(
    ax: Axes,
    grid_x: NDArray[np.float64],
    grid_y: NDArray[np.float64],
    classes: NDArray[np.int64],
    labels: list[str],
) -> None:
    """The marker of each class where its regions are deepest, for those who see no colours."""
    # 60 ms to import, and a picture with points in it does without
    from scipy.ndimage import distance_transform_edt, label, maximum_position

    for i, name in enumerate(labels):
        look: dict[str, Any] = {"color": style.class_color(i), "markeredgecolor": style.INK}
        sign = Line2D([], [], marker=style.class_marker(i), linestyle="", markersize=11, **look)
        sign.set_label(style.shorten(name, 24))
        pieces, count = label(classes == i)
        # The border of the map is a border too.
        depth = distance_transform_edt(np.pad(pieces > 0, 1))[1:-1, 1:-1]
        large = [n for n in range(1, count + 1) if (pieces == n).mean() > 0.005]
        rows, columns = np.array(maximum_position(depth, pieces, large), dtype=int).reshape(-1, 2).T
        sign.set_data(grid_x[columns], grid_y[rows])
        ax.add_line(sign)
