"""Activation functions as curves, their derivatives below on the same x axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from glassnet import activations as functions
from glassnet.errors import ConfigError
from glassnet.plots import style


def activation_curves(
    activations: Any = ("sigmoid", "tanh", "relu"),
    low: float = -5.0,
    high: float = 5.0,
    step: float | None = None,
    *,
    derivatives: bool = True,
    y_limits: tuple[float, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Curves of one or several activation functions f on [low, high), f′ below.

    Softmax and log-softmax answer to a whole row: shown is the first output for the row (x, 0).

    Args:
        activations: a name, config or Activation, or a list of them.
        step: distance of neighbouring points; a thousandth of the range when not given.
        derivatives: draw f′ below f.
        y_limits: lower and upper end of f's axis.
        ax: axes to draw into; needs ``derivatives=False``.

    Raises:
        UnknownNameError: an unknown activation.
        ConfigError: ``low``, ``high`` and ``step`` do not make a range.
    """
    chosen = [functions.get(spec) for spec in _as_list(activations)]
    x = _points(low, high, step)
    if ax is not None and derivatives:
        raise ConfigError("f and f′ need two axes: pass derivatives=False together with ax.")
    if title is None:
        names = ", ".join(f.name for f in chosen)
        title = names if len(chosen) <= 4 else "Activation functions"
        if derivatives:
            title += " with derivative" if len(chosen) == 1 else " with derivatives"
    crowded = len(chosen) > 4 or low >= 0
    width = 9.5 if crowded else 8.0
    figure: Figure
    if derivatives:
        figure = style.figure(width, 6.4)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _draw(style.dress(lower), x, [_derivative(f, x) for f in chosen], chosen)
        style.label(lower, x="x", y="f′(x)")
        style.dress(upper)
    else:
        figure, upper = style.figure_and_axes(ax, width, 5.0)
        style.label(upper, x="x")
    _draw(upper, x, [_values(f, x) for f in chosen], chosen)
    if y_limits is not None:
        upper.set_ylim(*y_limits)
    subtitle = None
    if not all(f.elementwise for f in chosen):
        subtitle = "softmax and log_softmax: the first output for the row (x, 0)"
    style.label(upper, title=title, y="f(x)", subtitle=subtitle)
    # The functions in use are small on the left, so the corner above is free there.
    style.legend(upper, outside=crowded, loc="upper left")
    return style.finish(figure if ax is None else upper)


def _draw(
    ax: Axes, x: NDArray[np.float64], curves: list[NDArray[np.float64]], chosen: Sequence[Any]
) -> None:
    ax.axhline(0, color=style.FAINT, linewidth=0.8, zorder=1)
    ax.axvline(0, color=style.FAINT, linewidth=0.8, zorder=1)
    for index, (f, y) in enumerate(zip(chosen, curves)):
        color, dashes = style.line_color(index), style.line_style(index)
        ax.plot(x, y, color=color, linestyle=dashes, linewidth=2.2, label=f.name, zorder=2.1)
    ax.set_xlim(x[0], x[-1])


def _values(f: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if f.elementwise:
        return np.asarray(f(x))
    return np.asarray(f(_rows(x)))[:, 0]


def _derivative(f: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if f.elementwise:
        return np.asarray(f.derivative(x))
    rows = _rows(x)
    first = np.zeros_like(rows)
    first[:, 0] = 1.0  # dL/dy of L = y₁
    return np.asarray(f.backward(rows if f.needs_z else f(rows), first))[:, 0]


def _rows(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([x, np.zeros_like(x)], axis=1)


def _points(low: float, high: float, step: float | None) -> NDArray[np.float64]:
    step = (high - low) / 1000 if step is None else step
    if not (np.isfinite([low, high]).all() and low < high and 0 < step <= (high - low) / 2):
        raise ConfigError(
            f"low={low}, high={high}, step={step} is no range: expected low < high and a step of "
            "at most half of their distance."
        )
    if (high - low) / step > 1e6:
        raise ConfigError(f"step={step} makes over a million points on [{low}, {high}): larger.")
    return np.arange(low, high, step)


def _as_list(activations: Any) -> list[Any]:
    several = list(activations) if isinstance(activations, list | tuple) else [activations]
    if not several:
        raise ConfigError("no activation was named: pass at least one, such as 'sigmoid'.")
    return several
