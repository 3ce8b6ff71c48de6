"""Training as curves: loss and metrics by epoch, several runs together, learning rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from glassnet._core.registry import lookup
from glassnet.errors import DataError, ShapeError
from glassnet.metrics import higher_is_better, is_share, measured_name
from glassnet.plots import inputs, style
from glassnet.plots.words import say


@runtime_checkable
class HistoryLike(Protocol):
    """What ``fit`` returns: metric name -> one value for each epoch, and the epochs' numbers."""

    history: dict[str, list[float]]
    epoch: list[int]


# What precedes the metric's name -> what it was measured on.
MEASURED = {
    "": "training (while learning)",
    "train_": "training (after the epoch)",
    "val_": "validation",
}
_DASHES: dict[str, Any] = {"": "-", "val_": (0, (4, 1.5)), "train_": (0, (1.2, 1.2))}
_COLORS = {"": style.OKABE_ITO[0], "val_": style.OKABE_ITO[3], "train_": style.OKABE_ITO[2]}
_FEW = 30  # up to so many points each gets a marker


def learning_curves(
    history: Any,
    metrics: Sequence[str] | None = None,
    *,
    log: bool = False,
    title: str | None = None,
    measured: Mapping[str, str] = MEASURED,
) -> Figure:
    """Loss and metrics by epoch, training beside validation; one panel for each metric.

    Values that are NaN or infinite leave a gap, which the key names.

    Args:
        history: a History, its dict (metric -> values), or several: run's name -> History or dict.
        metrics: which metrics ("loss", "accuracy", "learning_rate" …); all when not given, the
            learning rate only where it changes.
        log: logarithmic axis for the loss.
        measured: what the key says of "loss" (""), "train_loss" ("train_") and "val_loss" ("val_").

    Raises:
        UnknownNameError: a metric that no run has recorded.
        DataError: nothing was recorded.
    """
    runs = _runs(history)
    recorded = {
        measured_name(key): measured_name(key) for _, curves in runs.values() for key in curves
    }
    if not recorded:
        raise DataError("the history is empty: train for at least one epoch first.")
    if metrics is None:
        changing = any(len(set(curves.get("learning_rate", []))) > 1 for _, curves in runs.values())
        chosen = [name for name in recorded if name != "learning_rate" or changing]
        chosen = chosen or list(recorded)
    else:
        chosen = [lookup("metric", recorded, measured_name(name)) for name in metrics]
    columns = min(len(chosen), 3)
    rows = -(-len(chosen) // columns)
    figure = style.figure(4.8 * columns + 1.2 if columns > 1 else 7.5, 4.2 * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    for number, ax in enumerate(grid.flat):
        if number < len(chosen):
            _panel(style.dress(ax), chosen[number], runs, log, measured)
        else:
            ax.set_visible(False)
    if len(runs) > 1:
        _key_of_runs(figure, runs, chosen, measured)
    elif chosen != ["learning_rate"]:
        rows_of_key = max(len(ax.lines) for ax in grid.flat)
        for ax in grid.flat[: len(chosen)]:
            _key_above(ax, rows_of_key)
    if title is not None:
        figure.suptitle(title, fontsize=14, fontweight="bold", color=style.INK, x=0.01, ha="left")
    return style.finish(figure)


def learning_rate_curve(
    schedule: Callable[[int], float] | Mapping[str, Callable[[int], float]],
    steps: int,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The learning rate at each of so many steps; of several schedules when given as a mapping.

    Raises:
        DataError: fewer than one step.
    """
    if steps < 1:
        raise DataError(f"steps={steps}: a curve needs at least one step.")
    several = schedule if isinstance(schedule, Mapping) else {"": schedule}
    figure, ax_ = style.figure_and_axes(ax, 7.5, 4.2)
    counted = np.arange(steps, dtype=np.float64)
    for index, (name, rate) in enumerate(several.items()):
        y = np.array([float(rate(int(step))) for step in counted])
        color, dashes = style.line_color(index), style.line_style(index)
        look: dict[str, Any] = {"marker": "o", "markersize": 4} if steps <= _FEW else {}
        ax_.plot(counted, y, color=color, linestyle=dashes, linewidth=2, label=name, **look)
    ax_.set_ylim(bottom=0)
    ax_.set_xlim(*_around(counted))
    _whole_numbers(ax_)
    style.label(ax_, title or "Learning rate", "step (mini-batches)", "learning rate")
    if isinstance(schedule, Mapping):
        style.legend(ax_, outside=True)
    return style.finish(figure if ax is None else ax_)


def _runs(history: Any) -> dict[str, tuple[NDArray[np.float64], dict[str, list[float]]]]:
    """Every accepted form -> run's name -> (epochs counted from 1, metric -> values)."""
    several = isinstance(history, Mapping) and any(
        isinstance(value, Mapping | HistoryLike) for value in history.values()
    )
    runs = {}
    for name, run in history.items() if several else [("", history)]:
        curves = run.history if isinstance(run, HistoryLike) else run
        if not isinstance(curves, Mapping):
            raise DataError(
                f"{type(run).__name__} is no history: pass what fit returned, a dict metric -> "
                "values, or a dict of these by the run's name."
            )
        lengths = {len(values) for values in curves.values()}
        if len(lengths) > 1:
            raise ShapeError(
                f"the curves of one run have different lengths {sorted(lengths)}: each metric "
                "needs one value for each epoch."
            )
        length = max(lengths, default=0)
        epochs = np.arange(1.0, length + 1)
        if isinstance(run, HistoryLike) and len(run.epoch) == length:
            epochs = np.asarray(run.epoch, dtype=np.float64) + 1
        if length:
            runs[str(name)] = (epochs, {str(key): list(values) for key, values in curves.items()})
    return runs


def _panel(
    ax: Axes,
    metric: str,
    runs: Mapping[str, tuple[NDArray[np.float64], dict[str, list[float]]]],
    log: bool,
    measured: Mapping[str, str],
) -> None:
    drawn: list[NDArray[np.float64]] = []
    for number, (epochs, curves) in enumerate(runs.values()):
        for prefix, meaning in measured.items():
            if prefix + metric not in curves:
                continue
            y = inputs.numbers(curves[prefix + metric], prefix + metric)
            finite = np.isfinite(y)
            y = np.where(finite, y, np.nan)
            name = say(meaning if metric != "learning_rate" else "learning rate")
            if not finite.all():
                where = _where(epochs[~finite])
                name = say("{name}, not finite: {where}", name=name, where=where)
            elif prefix == "val_" and len(y) > 1:
                best = int(y.argmax() if higher_is_better(metric) else y.argmin())
                found = {"value": _number(metric, y[best]), "epoch": epochs[best]}
                name = say("{name}, best {value} in epoch {epoch:.0f}", name=name, **found)
            color = style.line_color(number) if len(runs) > 1 else _COLORS[prefix]
            line = ax.plot(
                epochs,
                y,
                color=color,
                linestyle=_DASHES[prefix],
                linewidth=2.0 if len(y) < 1000 else 1.2,
                label=name,
            )[0]
            line.set(markersize=5, **_markers(finite, number, len(runs)))
            drawn.append(y[finite])
    values = np.concatenate(drawn)
    _limits(ax, metric, values, log)
    ax.set_xlim(*_around(np.concatenate([epochs for epochs, _ in runs.values()])))
    _whole_numbers(ax)
    if values.size == 0:
        ax.set_yticks([])
        middle: dict[str, Any] = {"ha": "center", "va": "center", "transform": ax.transAxes}
        ax.text(0.5, 0.5, say("no finite values"), fontsize=12, color=style.FAINT, **middle)
    pretty = say(metric.replace("_", " "))
    style.label(ax, pretty[0].upper() + pretty[1:], say("epoch"), _unit(metric))


def _key_above(ax: Axes, rows: int) -> None:
    """The key between title and axes, where no curve can be under it; room for ``rows`` lines."""
    style.label(ax, ax.get_title(loc="left"), room=15.5 * rows)
    if ax.lines:
        look: dict[str, Any] = {"bbox_to_anchor": (0, 1), "frameon": False, "handlelength": 2.4}
        style.legend(ax, loc="lower left", borderaxespad=0.2, borderpad=0, **look)


def _markers(finite: NDArray[np.bool_], number: int, runs: int) -> dict[str, Any]:
    """Which points get a marker: all of a few, those between two gaps, some to tell runs apart."""
    shape = style.class_marker(number) if runs > 1 else "o"
    if len(finite) <= _FEW:
        return {"marker": shape}
    around = np.concatenate([[False], finite, [False]])
    alone = finite & ~around[:-2] & ~around[2:]
    where = set(np.flatnonzero(alone).tolist())
    if runs > 1:
        where |= set(range(number * len(finite) // (8 * runs), len(finite), len(finite) // 8))
    return {"marker": shape, "markevery": sorted(where)} if where else {}


def _key_of_runs(
    figure: Figure, runs: Mapping[str, Any], chosen: Sequence[str], measured: Mapping[str, str]
) -> None:
    """One key for all panels: the run by colour and marker, what was measured by dashes."""
    handles = [
        Line2D([], [], color=style.line_color(i), marker=style.class_marker(i), linewidth=2)
        for i in range(len(runs))
    ]
    for handle, name in zip(handles, runs):
        handle.set_label(style.shorten(name, 28))
    present = {key for _, curves in runs.values() for key in curves}
    prefixes = [p for p in measured if any(p + m in present for m in chosen)]
    if len(prefixes) > 1:
        handles += [
            Line2D([], [], color=style.INK, linestyle=_DASHES[p], linewidth=2, label=said)
            for p, said in ((p, say(measured[p])) for p in prefixes)
        ]
    columns = 1 + (len(handles) - 1) // 16
    key = figure.legend(
        handles=handles,
        loc="outside right upper",
        ncols=columns,
        fontsize=10,
        labelcolor=style.INK,
        frameon=False,
    )
    figure.set_figwidth(figure.get_figwidth() + 2.4 * columns)
    key.set_zorder(5)


def _limits(ax: Axes, metric: str, values: NDArray[np.float64], log: bool) -> None:
    if log and not higher_is_better(metric) and (values > 0).any():
        ax.set_yscale("log", nonpositive="mask")
        ax.yaxis.set_major_formatter("{x:g}")
        if values.max() < 1000 * values[values > 0].min():
            ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
            ax.yaxis.set_minor_formatter("{x:g}")
        return
    if is_share(metric):
        ax.yaxis.set_major_formatter(style.percent)
    if values.size and values.min() >= 0 and values.min() < 0.4 * values.max():
        ax.set_ylim(bottom=0)


def _around(x: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(x.min()), float(x.max())
    room = 0.03 * (high - low) or 1.0
    return low - room, high + room


def _whole_numbers(ax: Axes) -> None:
    ticks = MaxNLocator(nbins=7, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
    ax.xaxis.set_major_locator(ticks)
    ax.xaxis.set_major_formatter("{x:,.0f}")


def _unit(metric: str) -> str:
    pretty = say(metric.replace("_", " "))
    return f"{pretty} (%)" if is_share(metric) else pretty


def _number(metric: str, value: float) -> str:
    return f"{value:.1%}" if is_share(metric) else f"{value:.4g}"


def _where(epochs: NDArray[np.float64]) -> str:
    if len(epochs) == 1:
        return say("epoch {n:.0f}", n=epochs[0])
    return say("{n:,} epochs, first {first:.0f}", n=len(epochs), first=epochs[0])
