"""What a model answers everywhere: decision regions over two features, the curve over one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import distance_transform_edt, label, maximum_position

from glassnet.errors import ConfigError, ShapeError
from glassnet.plots import inputs, style
from glassnet.plots.answers import Answers, ask, class_labels, outputs
from glassnet.plots.data import legend_width, point_size, scatter_classes
from glassnet.plots.words import say

Range = tuple[float, float]
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
    pair = _pair(rows, features)
    grid_x, grid_y = _grid(rows, pair, x_range, y_range, resolution)
    cells = np.stack([a.ravel() for a in np.meshgrid(grid_x, grid_y)], axis=1)
    count = len(cells)
    answers = ask(model, _parts(cells, rows, pair), None if rows is None else y, threshold)
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
        _points(ax_, rows[:, list(pair)], index, labels, wrong)
        share = float(np.mean(~wrong))
        subtitle = say("{share:.1%} of {n:,} points right", share=share, n=len(rows))
    else:
        _signs(ax_, grid_x, grid_y, field.classes.reshape(shape), labels)
        if rows is not None:
            size, edge = point_size(len(rows))
            flat = rows[:, list(pair)]
            ax_.scatter(flat[:, 0], flat[:, 1], size, style.INK, linewidths=edge, zorder=3)
    if (field.classes < 0).any():
        ax_.plot([], [], "s", color=_NO_ANSWER, markersize=9, label=say("no answer (NaN)"))
    style.legend(ax_, outside=True, ncols=1 + (len(key) - 1) // 18, handletextpad=0.3)
    names = inputs.feature_labels(feature_names, 2 if rows is None else rows.shape[1])
    x_name, y_name = (names[i] for i in pair)
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
    along = np.linspace(*_range(rows[:, 0], x_range, 0.03), resolution)
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


def _pair(rows: NDArray[np.float64] | None, features: tuple[int, int] | None) -> tuple[int, int]:
    count = 2 if rows is None else rows.shape[1]
    if features is None:
        if count == 1:
            raise ShapeError("x has one feature: use regression_curve, or pass two features.")
        if count != 2:
            raise ShapeError(
                f"x has {count} features, but a map has two axes: choose two, as features=(0, 1), "
                "and the others are held at their means; or look at all with data_points."
            )
        return (0, 1)
    first, second = features
    if first == second or not all(0 <= i < count for i in features):
        raise ShapeError(f"features={features}: expected two different numbers 0 to {count - 1}.")
    return first, second


def _grid(
    rows: NDArray[np.float64] | None,
    pair: tuple[int, int],
    x_range: Range | None,
    y_range: Range | None,
    resolution: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middles of the cells along each axis."""
    if not 2 <= resolution <= 2000:
        raise ConfigError(f"resolution={resolution}: expected 2 to 2000 cells along an axis.")
    if rows is None and (x_range is None or y_range is None):
        raise ConfigError("there is no range to draw: pass points x, or both x_range and y_range.")
    middles = []
    for i, given in zip(pair, (x_range, y_range)):
        low, high = _range(None if rows is None else rows[:, i], given, 0.08)
        edges = np.linspace(low, high, resolution + 1)
        middles.append((edges[1:] + edges[:-1]) / 2)
    return middles[0], middles[1]


def _parts(
    cells: NDArray[np.float64], rows: NDArray[np.float64] | None, pair: tuple[int, int]
) -> Iterator[NDArray[np.float64]]:
    """The cells as points of all features, so many at once as stay small in memory; then x."""
    if rows is None:
        yield cells
        return
    means = rows.mean(axis=0, keepdims=True)
    at_once = max(1, 4_000_000 // rows.shape[1])
    for start in range(0, len(cells), at_once):
        part = cells[start : start + at_once]
        points = np.repeat(means, len(part), axis=0)
        points[:, list(pair)] = part
        yield points
    yield rows


def _range(values: NDArray[np.float64] | None, given: Range | None, margin: float) -> Range:
    if given is not None:
        if not (np.isfinite(given).all() and given[0] < given[1]):
            raise ConfigError(f"{given} is no range: expected (low, high), low < high.")
        return given
    assert values is not None  # _grid and regression_curve pass one of the two
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low) or max(1.0, abs(low))
    return low - room, high + room


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
