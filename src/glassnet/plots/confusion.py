"""The confusion matrix: which class was taken for which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from glassnet.plots import inputs, style
from glassnet.plots.words import say

NUMBERS_UP_TO = 32  # classes; beyond, the cells are too small to write in


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    class_names: Sequence[Any] | None = None,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """How many of each true class (rows) were given each class (columns).

    Right answers are blue, wrong ones orange, the darker the larger their share of the row (the
    colour follows the square root of the share, so that rare mistakes can be seen). Beside the
    rows: recall, the share of the row that is right.

    Args:
        y_true, y_pred: labels (n,) of any kind, or one-hot rows.

    Raises:
        ShapeError: not as many predicted as true labels.
        LabelError: a label outside ``class_names``.
    """
    counts, names = count_confusions(y_true, y_pred, class_names)
    k, total = len(names), counts.sum()
    of_class = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(of_class, 1)
    signed = np.sqrt(shares) * np.where(np.eye(k, dtype=bool), 1, -1)

    words = [style.shorten(name, 22) for name in names]
    longest = max(len(word) for word in words)
    cell = float(np.clip(5.0 / k, 0.3 if k > 12 else 0.42, 1.3)) if k <= 36 else 11.0 / k
    beside = style.inches("m" * longest) + 0.7
    turned = style.inches("m" * longest, 9) > cell
    width, height = k * cell + beside + 1.1, k * cell + (beside if turned else 0.7) + 0.7
    figure, ax_ = style.figure_and_axes(ax, max(width, 5.2), max(height, 3.4))
    norm = TwoSlopeNorm(0.0, -1.0, 1.0)
    ax_.imshow(signed, cmap=style.DIVERGING, norm=norm, aspect="equal")
    _white_lines(ax_, k)
    small = 8 if k > 12 else 10
    every = slice(None, None, math.ceil(0.14 / cell))  # so that the names do not touch
    ax_.set_xticks(range(k)[every], words[every], fontsize=small, rotation=90 if turned else 0)
    ax_.set_yticks(range(k)[every], words[every], fontsize=small)
    for tick in (*ax_.get_xticklabels(), *ax_.get_yticklabels()):
        style.set_fonts(tick)
    if k <= NUMBERS_UP_TO:
        size = float(np.clip(72 * cell / (0.75 * max(2, len(f"{counts.max():,}")) + 0.6), 4.5, 13))
        for row, column in np.argwhere(counts):
            dark = abs(signed[row, column]) > 0.55
            ax_.text(
                column,
                row,
                f"{counts[row, column]:,}",
                ha="center",
                va="center",
                fontsize=size,
                color=style.PAPER if dark else style.INK,
            )
    recall = ax_.secondary_yaxis("right")
    right = [f"{shares[i, i]:.1%}" if of_class[i, 0] else say("none") for i in range(k)]
    recall.set_yticks(range(k)[every], right[every])
    recall.tick_params(length=0, labelcolor=style.FAINT, labelsize=small)
    recall.spines["right"].set_visible(False)
    recall.set_ylabel(say("recall"), fontsize=11, color=style.FAINT)
    for text in (recall.yaxis.label, *recall.get_yticklabels()):
        style.set_fonts(text)
    hits = int(np.trace(counts))
    said = "{hits:,} of {total:,} right ({share:.1%})"
    subtitle = say(said, hits=hits, total=total, share=hits / total)
    heading = title or say("Confusion matrix")
    style.label(ax_, heading, say("predicted class"), say("true class"), subtitle)
    return style.finish(figure if ax is None else ax_)


def count_confusions(
    y_true: ArrayLike, y_pred: ArrayLike, class_names: Sequence[Any] | None = None
) -> tuple[NDArray[np.int64], list[str]]:
    """Counts (k, k): row the true class, column the predicted one; and the classes' names."""
    if class_names is None:
        both = [_flat(y_true), _flat(y_pred)]
        n = len(both[0])
        index, names = inputs.classes(np.concatenate(both))
        inputs.labels(both[1], n, "y_pred")
        true, predicted = index[:n], index[n:]
    else:
        true, names = inputs.classes(y_true, class_names, name="y_true")
        predicted, _ = inputs.classes(y_pred, class_names, len(true), name="y_pred")
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts, names


def _flat(y: ArrayLike) -> NDArray[Any]:
    labels = np.asarray(y)
    return labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.ravel()


def _white_lines(ax: Axes, k: int) -> None:
    ax.grid(False)
    between = np.arange(1, k) - 0.5
    look: dict[str, Any] = {"colors": style.PAPER, "linewidths": 1.5}
    ax.vlines(between, -0.5, k - 0.5, **look)
    ax.hlines(between, -0.5, k - 0.5, **look)
    ax.set_xlim(-0.5, k - 0.5)
    ax.set_ylim(k - 0.5, -0.5)
    ax.tick_params(which="both", length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
