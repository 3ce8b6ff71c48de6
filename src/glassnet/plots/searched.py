"""A search for settings: how good its trials were, and which settings decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glassnet import metrics
from glassnet.errors import DataError
from glassnet.plots import style
from glassnet.plots.columns import name_places
from glassnet.plots.words import say

FAR = 1.5  # of the height of the middle half: trials that are worse by more lie on the edge


def search_history(
    trials: Sequence[tuple[str, float | None]],
    importance: Mapping[str, float],
    *,
    monitor: str = "loss",
    title: str | None = None,
) -> Figure:
    """Each trial of a search in turn, the best so far as a line; beside it, what decides.

    Args:
        trials: of each, "complete" or "pruned", and how good it was (None: it diverged).
        importance: of each setting, a share of 1; may be empty.
        monitor: the name of the number: of a loss smaller is better, of an accuracy larger.

    Raises:
        DataError: no trial has a number.
    """
    found = np.array([np.nan if v is None else v for _, v in trials], float)
    found[~np.isfinite(found)] = np.nan
    complete = np.array([state == "complete" for state, _ in trials], bool)
    if np.isnan(found).all():
        raise DataError("there are no trials to draw.")
    wide = bool(importance)
    figure = style.figure(11.5 if wide else 7.5, 4.6)
    axes = figure.subplots(1, 2 if wide else 1, squeeze=False, width_ratios=[3, 2][: 1 + wide])[0]
    _history(style.dress(axes[0]), found, complete, monitor)
    if wide:
        _importance(style.dress(axes[1]), importance)
    style.heading(figure, title or say("The search for settings"))
    return style.finish(figure)


def _history(ax: Axes, found: np.ndarray, complete: np.ndarray, monitor: str) -> None:
    higher = bool(metrics.higher_is_better(monitor))
    numbers = np.arange(1, len(found) + 1)
    ended = np.where(complete, found, np.nan)
    worst = -np.inf if higher else np.inf
    filled = np.where(np.isnan(ended), worst, ended)
    best = (np.maximum if higher else np.minimum).accumulate(filled)
    low, high = _range(found)
    for chosen, hollow, name in (
        (complete, False, "trained to the end"),
        (~complete, True, "ended early"),
    ):
        here = chosen & ~np.isnan(found)
        if here.any():
            ax.scatter(
                numbers[here], np.clip(found[here], low, high), s=34, linewidths=1.4, zorder=3,
                facecolors="none" if hollow else style.OKABE_ITO[0],
                edgecolors=style.OKABE_ITO[3 if hollow else 0], label=say(name),
                marker=style.MARKERS[2 if hollow else 0],
            )  # fmt: skip
    lost = np.isnan(found)
    if lost.any():
        edge = low if higher else high
        ax.scatter(numbers[lost], np.full(int(lost.sum()), edge), marker="x", s=38, zorder=3,
                   color=style.INK, label=say("diverged"))  # fmt: skip
    known = np.isfinite(best)
    ax.step(numbers[known], best[known], where="post", color=style.INK, linewidth=1.6,
            label=say("the best so far"), zorder=2)  # fmt: skip
    margin = 0.05 * (high - low or 1.0)
    ax.set_ylim(low - margin, high + margin)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    words = {"loss": "loss on validation samples", "accuracy": "accuracy on validation samples"}
    style.label(ax, x=say("trial"), y=say(words.get(monitor, monitor)))
    style.legend(ax, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, frameon=False)


def _range(found: np.ndarray) -> tuple[float, float]:
    """What is drawn: all of it, but for what lies far off, which lies on the edge."""
    known = found[~np.isnan(found)]
    first, third = np.quantile(known, [0.25, 0.75])
    reach = FAR * (third - first)
    if reach == 0:
        return float(known.min()), float(known.max())
    return float(max(known.min(), first - reach)), float(min(known.max(), third + reach))


def _importance(ax: Axes, importance: Mapping[str, float]) -> None:
    names = list(importance)
    shares = np.array([importance[name] for name in names])
    places = np.arange(len(names))[::-1]
    ax.barh(places, 100 * shares, color=style.OKABE_ITO[0], height=0.65)
    ax.grid(False, axis="y")
    name_places(ax, places, names)
    style.label(ax, x=say("how much it decides, %"))
