"""What the pictures of functions share: the function itself, its values on a grid, contours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from numpy.typing import NDArray

from glassnet.calculus import Formula
from glassnet.errors import ConfigError, DataError
from glassnet.plots import style

Function = Callable[..., Any] | Formula | str
Range = tuple[float, float]
FloatArray = NDArray[np.float64]

# The height of a landscape behind paths: pale, so that the paths stay in front.
HEIGHT = LinearSegmentedColormap.from_list(
    "glassnet_height", ["#FFFFFF", "#E4EEF5", "#C3D9E8", "#9CC0D8"]
)


def as_function(f: Function, variables: int) -> Callable[..., Any]:
    """``f`` itself, or the formula that a text stands for.

    Raises:
        ConfigError: not a formula, or one of another number of variables.
    """
    if isinstance(f, str):
        return Formula.parse(f, variables)
    if isinstance(f, Formula) and len(f.variables) != variables:
        return Formula.parse(f.text, variables)
    if not callable(f):
        raise ConfigError(f"f is {f!r}, but must be a function or a formula such as 'x**2'.")
    return f


def name_of(f: Callable[..., Any], points: float = 330.0) -> str:
    """How the function is written in a title of 13 points: its formula, or its name.

    A formula wider than ``points`` stays plain text, which can be broken into lines.
    """
    if isinstance(f, Formula):
        typeset = f"${f.latex}$"
        wide = MathTextParser("path").parse(typeset, prop=FontProperties(size=13)).width
        return typeset if wide <= points else style.shorten(f.text, 120)
    name = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name


def label(ax: Axes, f: Callable[..., Any], title: str | None, subtitle: str | None = None) -> None:
    """The title, f(x) = … if none is given, and the names of the axes."""
    plane = "(x₀, x₁)" if ax.name == "3d" or ax.get_xlabel() == "x₀" else "(x)"
    name = name_of(f)
    title = title or (f"f{plane}" if name == "f" else f"f{plane} = {name}")
    style.label(ax, title=title, subtitle=subtitle)


def along(f: Callable[..., Any], x: FloatArray) -> FloatArray:
    """f at each x; NaN where it does not exist."""
    if isinstance(f, Formula):
        return _gaps(f(x))
    return _gaps(np.array([_number(f, value) for value in x]))


def over(f: Callable[..., Any], x0: FloatArray, x1: FloatArray) -> FloatArray:
    """f at each point of two grids of the same shape; NaN where it does not exist."""
    if isinstance(f, Formula):
        return _gaps(f(x0, x1))
    rows = np.column_stack([x0.ravel(), x1.ravel()])
    return _gaps(np.array([_number(f, row) for row in rows]).reshape(x0.shape))


def _number(f: Callable[..., Any], x: Any) -> float:
    """f(x) for a picture: NaN where f fails by arithmetic, an error where it is no number."""
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(f(x.copy()))
    except (ArithmeticError, ValueError):  # math.log(-1)
        return np.nan
    if value.ndim != 0 or value.dtype.kind not in "biuf":
        raise DataError(f"f returned {value!r} at x = {x}; one real number was expected.")
    return float(value)


def _gaps(values: Any) -> FloatArray:
    gaps: FloatArray = np.array(values, dtype=np.float64)
    gaps[~np.isfinite(gaps)] = np.nan
    if np.isnan(gaps).all():
        raise DataError("f is a finite number nowhere in this range: choose another.")
    return gaps


def span(name: str, ends: Sequence[float]) -> Range:
    """Two ends of an axis.

    Raises:
        ConfigError: not two finite numbers, the lower first.
    """
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise ConfigError(f"{name} = {ends!r}: expected (low, high).") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ConfigError(f"{name} = {ends!r}: expected (low, high) with low < high.")
    return low, high


def grid(x0_range: Range, x1_range: Range, points: int) -> tuple[FloatArray, FloatArray]:
    """The points of the plane, ``points`` along each axis."""
    x0, x1 = np.meshgrid(np.linspace(*x0_range, points), np.linspace(*x1_range, points))
    return x0, x1


def contours(
    ax: Axes, f: Callable[..., Any], x0_range: Range, x1_range: Range, true_scale: bool = False
) -> None:
    """The landscape from above: pale bands of height, with their edges as thin lines.

    ``true_scale``: as long a unit on both axes, where the ranges are not too different.
    """
    x0, x1 = grid(x0_range, x1_range, 101)
    values = over(f, x0, x1)
    values /= np.nanmax(np.abs(values)) or 1.0  # the rings stay, and 1e300 can be drawn
    levels = heights(values)
    ax.contourf(x0, x1, values, levels=levels, cmap=HEIGHT, extend="both", zorder=0)
    ax.contour(
        x0, x1, values, levels=levels, colors="#7FA3B8", linewidths=0.5, linestyles="-", zorder=0.5
    )
    ax.set_xlim(*x0_range)
    ax.set_ylim(*x1_range)
    style.label(ax, x="x₀", y="x₁")
    ax.grid(False)
    (a, b), (c, d) = x0_range, x1_range
    if true_scale and 0.5 <= (b - a) / (d - c) <= 2:  # a bowl is to look round
        ax.set_aspect("equal")


def heights(values: FloatArray, count: int = 14) -> FloatArray:
    """Levels of contours.

    The share of the plane below level i of n is (i/n)²: for a bowl, rings of the same width.
    """
    shares = np.linspace(0, 1, count) ** 2
    levels = np.unique(np.nanquantile(values, shares))
    if len(levels) < 2 or not np.diff(levels).min() > 1e-12 * np.abs(levels).max():
        low, high = float(levels[0]), float(levels[-1])
        room = (high - low) or max(1.0, abs(low))
        return np.linspace(low - 0.05 * room, high + 0.05 * room, count)
    return levels
