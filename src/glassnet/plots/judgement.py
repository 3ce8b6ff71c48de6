"""How far answers can be trusted: reliability of probabilities, residuals, errors by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet.errors import DataError, ShapeError
from glassnet.plots import inputs, style
from glassnet.plots.words import percents, say

MOST_GROUPS = 20
MOST_POINTS = 4000


class BinLike(Protocol):
    """Rows of about one probability."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def count(self) -> int: ...
    @property
    def predicted(self) -> float: ...
    @property
    def true(self) -> float: ...
    @property
    def interval(self) -> tuple[float, float]: ...


class CalibrationLike(Protocol):
    """A reliability curve."""

    @property
    def about(self) -> str | None: ...
    @property
    def bins(self) -> Sequence[BinLike]: ...
    @property
    def error(self) -> float: ...
    @property
    def samples(self) -> int: ...


class GroupLike(Protocol):
    """Rows that have something in common."""

    @property
    def column(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def error(self) -> float: ...
    @property
    def interval(self) -> tuple[float, float]: ...
    @property
    def small(self) -> bool: ...
    @property
    def stands_out(self) -> bool: ...


class GroupErrorsLike(Protocol):
    """Errors of several groups."""

    @property
    def error(self) -> float: ...
    @property
    def of_classes(self) -> bool: ...
    def worst(self, most: int = ...) -> Sequence[GroupLike]: ...
    def text(self, error: float) -> str: ...


def reliability_curve(shown: CalibrationLike, *, title: str | None = None) -> Figure:
    """The share for which it was so, against the probability given; on the diagonal both agree.

    Lines: 95 % intervals for so many rows, so that a bin of few is not over-read. Below: rows.

    Raises:
        DataError: no bins.
    """
    if not shown.bins:
        raise DataError("there are no bins to draw.")
    figure = style.figure(5.6, 6.2)
    above, below = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [4, 1], "hspace": 0.02}
    )
    style.dress(above).plot(
        [0, 1], [0, 1], color=style.FAINT, linestyle="--", linewidth=1, label=say("as said")
    )
    x = np.array([b.predicted for b in shown.bins])
    y = np.array([b.true for b in shown.bins])
    reach = np.abs(np.array([b.interval for b in shown.bins]).T - y)
    above.errorbar(
        x, y, yerr=reach, color=style.OKABE_ITO[0], marker="o", markersize=6, linewidth=1.8,
        elinewidth=1.2, capsize=2.5,
    )  # fmt: skip
    above.set_xlim(-0.02, 1.02)
    above.set_ylim(-0.03, 1.03)
    style.legend(above, loc="upper left", fontsize=9)
    style.label(above, y=say("share for which it was so"))
    style.dress(below).bar(
        [b.low for b in shown.bins], [b.count for b in shown.bins],
        [b.high - b.low for b in shown.bins], align="edge", color=style.FAINT, alpha=0.4,
        edgecolor=style.PAPER,
    )  # fmt: skip
    about = "probability given to the answer"
    words = say(about) if shown.about is None else say(
        "probability given to “{label}”", label=shown.about
    )  # fmt: skip
    style.label(below, x=words, y=say("rows"))
    for ax in (above, below):
        ax.xaxis.set_major_formatter(percents())
    above.yaxis.set_major_formatter(percents())
    said = "{n:,} rows; {error:.1%} apart on average. Lines: 95 % for so many rows."
    caption = say(said, n=shown.samples, error=shown.error)
    style.heading(figure, title or say("Can its probabilities be taken at their word?"), caption)
    return style.finish(figure)


def residual_plot(
    true: ArrayLike, predicted: ArrayLike, *, target: str = "y", title: str | None = None
) -> Figure:
    """Left the true against the predicted values, right what is between them.

    Raises:
        ShapeError: not as many of one as of the other.
    """
    t, p = inputs.numbers(true, "true"), inputs.numbers(predicted, "predicted")
    if t.shape != p.shape or t.ndim != 1:
        raise ShapeError(f"true values {t.shape} came with predictions {p.shape}.")
    error = p - t
    shown = slice(None, None, -(-len(t) // MOST_POINTS))
    figure = style.figure(10.0, 4.9)
    left, right = figure.subplots(1, 2)
    faint = float(np.clip(10 / len(t) ** 0.5, 0.15, 0.7))
    look: dict[str, Any] = {"s": 12, "alpha": faint, "linewidths": 0}
    style.dress(left).scatter(p[shown], t[shown], color=style.OKABE_ITO[0], **look)
    ends = [min(t.min(), p.min()), max(t.max(), p.max())]
    left.plot(ends, ends, color=style.FAINT, linestyle="--", linewidth=1)
    name = style.shorten(target, 30)
    style.label(left, x=say("predicted {target}", target=name), y=say("true {target}", target=name))
    style.dress(right).scatter(p[shown], error[shown], color=style.OKABE_ITO[0], **look)
    right.axhline(0, color=style.FAINT, linestyle="--", linewidth=1)
    low, high = np.quantile(error, (0.25, 0.75))
    right.axhspan(
        low, high, color=style.OKABE_ITO[1], alpha=0.25, linewidth=0,
        label=say("middle half of the rows"),
    )  # fmt: skip
    style.legend(right, loc="best", fontsize=9)
    style.label(right, x=say("predicted {target}", target=name), y=say("predicted - true"))
    said = "{n:,} rows; off by {mae:.4g} on average, always the same way by {bias:+.4g}."
    caption = say(said, n=len(t), mae=float(np.abs(error).mean()), bias=float(error.mean()))
    style.heading(figure, title or say("True and predicted values"), caption)
    return style.finish(figure)


def group_errors(
    shown: GroupErrorsLike, *, title: str | None = None, most: int = MOST_GROUPS
) -> Figure:
    """A dot for each group of rows with its 95 % interval; a line where the mean of all rows is.

    Raises:
        DataError: no groups.
    """
    groups = shown.worst(most)
    if not groups:
        raise DataError("there are no groups to draw.")
    names = [
        f"{style.shorten(g.column, 16)}: "
        + say("{group} ({n:,} rows)", group=style.shorten(g.group, 18), n=g.count)
        for g in groups
    ]
    room = max(style.inches(name) for name in names)
    figure, ax = style.figure_and_axes(None, 5.0 + min(room, 4.5), 1.9 + 0.27 * len(groups))
    scale = 100.0 if shown.of_classes else 1.0
    places = np.arange(len(groups))[::-1]
    for place, g in zip(places, groups):
        color = style.OKABE_ITO[3] if g.stands_out and g.error > shown.error else style.OKABE_ITO[0]
        low, high = (scale * v for v in g.interval)
        ax.plot([low, high], [place, place], color=color, linewidth=1.4)
        ax.plot(
            scale * g.error, place, marker="o", markersize=6, color=color,
            markerfacecolor=style.PAPER if g.small else color,
        )  # fmt: skip
    ax.axvline(scale * shown.error, color=style.FAINT, linestyle="--", linewidth=1)
    ax.annotate(
        say("all rows: {error}", error=shown.text(shown.error)), (scale * shown.error, 1.0),
        (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=9,
        color=style.FAINT, ha="center",
    )  # fmt: skip
    ax.set_xlim(left=0)
    ax.set_ylim(-0.7, len(groups) - 0.3)
    ax.set_yticks(places, names, fontsize=9)
    for text in ax.get_yticklabels():
        style.set_fonts(text)
    style.label(ax, x=say("wrong answers, %" if shown.of_classes else "mean size of the error"))
    what = "Where it is wrong more often" if shown.of_classes else "Where it is further off"
    caption = "Lines: 95 % for so many rows. Orange: not by chance. Hollow: too few rows to say."
    style.heading(figure, title or say(what), say(caption))
    return style.finish(figure)
