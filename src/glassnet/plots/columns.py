"""What the columns of a table are to a model: importance, and what one row's values did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet import metrics
from glassnet.errors import DataError, ShapeError
from glassnet.plots import inputs, style
from glassnet.plots.words import percents, say

MOST = 20  # columns that are drawn
WIDEST = 32  # letters of a name

# Scores in words; what is not here is called by its name.
NAMES = {"log_loss": "log loss", "mae": "mean absolute error", "r2": "R²", "rmse": "RMSE",
         "mse": "MSE", "roc_auc": "area under the ROC curve"}  # fmt: skip


def importance_bars(
    names: Sequence[str],
    panels: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    samples: int,
    title: str | None = None,
    most: int = MOST,
) -> Figure:
    """A bar for each column: how much worse the answers are without it; a panel for each score.

    Args:
        names: of the columns, in the order in which they are drawn.
        panels: score → (means, standard deviations) of how much worse it is.
        samples: on how many rows.

    Raises:
        DataError: no columns.
        ShapeError: not one number for each column.
    """
    if not panels or not names:
        raise DataError("there are no columns to draw.")
    count = min(most, len(names))
    figure = style.figure(1.5 + _room(names[:count]) + 3.2 * len(panels), 1.7 + 0.3 * count)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    places = np.arange(count)[::-1]
    for i, (ax, (score, (means, spreads))) in enumerate(zip(axes, panels.items())):
        mean, spread = inputs.numbers(means, score), inputs.numbers(spreads, score)
        if len(mean) != len(names) or len(spread) != len(names):
            raise ShapeError(f"{score}: {len(mean)} numbers for {len(names)} columns.")
        style.dress(ax).barh(
            places, mean[:count], xerr=spread[:count], color=style.OKABE_ITO[0], height=0.65,
            error_kw={"ecolor": style.INK, "elinewidth": 1.0, "capsize": 2.0},
        )  # fmt: skip
        ax.axvline(0, color=style.FAINT, linewidth=0.8)
        ax.grid(False, axis="y")
        higher = score == "roc_auc" or metrics.higher_is_better(score)
        words = "{score} falls by" if higher else "{score} rises by"
        style.label(ax, x=say(words, score=say(NAMES.get(score, score))))
        if metrics.is_share(score):
            ax.xaxis.set_major_formatter(percents())
        if i == 0:
            name_places(ax, places, names[:count])
    said = "What is lost when its values are shuffled, on {n:,} rows; lines: spread of repeats."
    caption = say(said, n=samples)
    if count < len(names):
        caption += " " + say("The {most} most important of {n} columns", most=count, n=len(names))
    style.heading(figure, title or say("What each column is worth"), caption)
    return style.finish(figure)


def effect_bars(
    names: Sequence[str],
    effects: ArrayLike,
    *,
    title: str | None = None,
    percent: bool = False,
    most: int = MOST,
) -> Figure:
    """A bar for each column of one row: to the right if its value spoke for the answer.

    Args:
        names: columns with their values.
        effects: for each, the strongest first: by how much the answer changes without it.
        percent: the answer is a probability, and effects are percentage points.

    Raises:
        DataError: no columns.
        ShapeError: not one number for each column.
    """
    values = inputs.numbers(effects, "effects")
    if len(values) != len(names):
        raise ShapeError(f"effects: {len(values)} numbers for {len(names)} columns.")
    count = min(most, len(names))
    chosen, places = values[:count], np.arange(count)[::-1]
    figure, ax = style.figure_and_axes(None, 5.5 + _room(names[:count]), 1.9 + 0.3 * count)
    colors = [style.OKABE_ITO[0] if v >= 0 else style.OKABE_ITO[3] for v in chosen]
    ax.barh(places, chosen, color=colors, height=0.65)
    ax.axvline(0, color=style.FAINT, linewidth=0.8)
    norm = style.symmetric(chosen)
    ax.set_xlim(float(norm.vmin or -1) * 1.08, float(norm.vmax or 1) * 1.08)
    ax.grid(False, axis="y")
    name_places(ax, places, names[:count])
    way = "against  ←  0  →  for" if percent else "smaller  ←  0  →  larger"
    what = "effect on the probability, % points" if percent else "effect on the answer"
    style.label(ax, x=f"{say(what)}\n{say(way)}")
    words = "(the {most} that matter most of {n})"
    caption = say(words, most=count, n=len(names)) if count < len(names) else None
    style.heading(figure, title, caption)
    return style.finish(figure)


def name_places(ax: Axes, places: ArrayLike, names: Sequence[str]) -> None:
    """The names of columns along the axis of y, in a font that has their letters."""
    ax.set_yticks(np.asarray(places), [style.shorten(name, WIDEST) for name in names])
    for text in ax.get_yticklabels():
        style.set_fonts(text)


def _room(names: Sequence[str]) -> float:
    """How many inches the longest name takes."""
    return max(style.inches(style.shorten(name, WIDEST)) for name in names)
