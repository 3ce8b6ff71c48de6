"""Slopes as pictures: tangents on a curve, the gradient as arrows, a surface in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from glassnet.calculus import gradient_field as field_of
from glassnet.calculus import tangent_line
from glassnet.errors import ConfigError
from glassnet.plots import landscape, style
from glassnet.plots.inputs import numbers
from glassnet.plots.landscape import Function, Range


def tangents(
    f: Function,
    at: float | Sequence[float] | ArrayLike,
    x_range: Range | None = None,
    y_range: Range | None = None,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The curve of f with the line that touches it at each of the points ``at``.

    Args:
        f: a formula in x, or a function of one number.
        at: where the tangents touch: a number, or several (up to seven).
        x_range: ends of the x axis; around the points when not given.
        y_range: ends of the y axis; those of the curve when not given.

    Raises:
        ConfigError: not a formula, no range, no points or too many.
        DataError: f has no slope at a point.
    """
    function = landscape.as_function(f, 1)
    points = np.atleast_1d(numbers(at, "at")).ravel()
    if len(points) > 7:
        raise ConfigError(f"{len(points)} tangents in one picture: at most 7.")
    lines = [tangent_line(function, float(point)) for point in points]
    low, high = _around(points) if x_range is None else landscape.span("x_range", x_range)
    x = np.linspace(low, high, 801)
    y = landscape.along(function, x)

    figure, ax_ = style.figure_and_axes(ax, 8.0 if len(lines) < 3 else 10.0, 5.0)
    ax_.axhline(0, color=style.FAINT, linewidth=0.8, zorder=1)
    ax_.axvline(0, color=style.FAINT, linewidth=0.8, zorder=1)
    bottom, top = (
        _height(y, [line.y for line in lines])
        if y_range is None
        else landscape.span("y_range", y_range)
    )
    y[:-1][np.abs(np.diff(y)) > 2 * (top - bottom)] = np.nan  # no line across a pole
    ax_.plot(x, y, color=style.INK, linewidth=2.4, label="f(x)", zorder=2)
    for index, line in enumerate(lines):
        color = style.line_color(index)
        words = f"at x = {line.x:g} the slope is {line.slope:.4g}"
        dashes = style.line_style(index + 1)
        ax_.plot(x, line(x), color=color, linestyle=dashes, linewidth=1.8, label=words, zorder=2.5)
        ax_.plot(line.x, line.y, style.class_marker(index), color=color, markersize=8,
                 markeredgecolor=style.PAPER, markeredgewidth=1.2, zorder=3)  # fmt: skip
    ax_.set_xlim(low, high)
    ax_.set_ylim(bottom, top)
    style.label(ax_, x="x", y="f(x)")
    landscape.label(ax_, function, title)
    style.legend(ax_, outside=len(lines) > 2, **({} if len(lines) > 2 else {"loc": "best"}))
    return style.finish(figure if ax is None else ax_)


def gradient_field(
    f: Function,
    x0_range: Range = (-2.0, 2.0),
    x1_range: Range = (-2.0, 2.0),
    points: int = 17,
    *,
    downhill: bool = True,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The gradient of f at the points of a grid, as arrows on the contours of f.

    Args:
        f: a formula in x0 and x1, or a function of a point (2,).
        points: arrows along each axis.
        downhill: draw -∇f, the way of gradient descent; False: ∇f, the way up.

    Raises:
        ConfigError: not a formula, no range.
        DataError: f has no slope at a point.
    """
    function = landscape.as_function(f, 2)
    ends = landscape.span("x0_range", x0_range), landscape.span("x1_range", x1_range)
    x0, x1, g0, g1 = field_of(function, *ends, points=points)
    sign = -1.0 if downhill else 1.0
    # The longest arrow is as long as the distance between two of them.
    spacing = min((high - low) / (points - 1) for low, high in ends)
    length = np.hypot(g0, g1)
    longest = float(length.max()) or 1.0
    figure, ax_ = style.figure_and_axes(ax, 6.6, 6.0)
    margin = [0.6 * (high - low) / (points - 1) for low, high in ends]
    wide = [(low - m, high + m) for (low, high), m in zip(ends, margin)]
    landscape.contours(ax_, function, wide[0], wide[1], true_scale=True)
    ax_.quiver(
        x0, x1, sign * g0, sign * g1,
        angles="xy", scale_units="xy", scale=longest / (1.1 * spacing),
        color=style.OKABE_ITO[3], width=0.0036, headwidth=4.5, headlength=5.5, zorder=2,
    )  # fmt: skip
    way = "-∇f, the way down" if downhill else "∇f, the way up"
    words = f"arrows: {way}; the longest is a slope of {longest:.3g}"
    landscape.label(ax_, function, title, subtitle=words)
    return style.finish(figure if ax is None else ax_)


def surface(
    f: Function,
    x0_range: Range = (-2.0, 2.0),
    x1_range: Range = (-2.0, 2.0),
    *,
    points: int = 61,
    path: Any = None,
    elevation: float = 32.0,
    azimuth: float = -58.0,
    title: str | None = None,
) -> Figure:
    """The surface of f in space, with its contours on the floor.

    Args:
        f: a formula in x0 and x1, or a function of a point (2,).
        points: of the grid, along each axis.
        path: a ``Descent``, or points (n, 2), to draw on the surface.
        elevation, azimuth: where it is seen from, in degrees.

    Raises:
        ConfigError: not a formula, no range.
    """
    function = landscape.as_function(f, 2)
    ends = landscape.span("x0_range", x0_range), landscape.span("x1_range", x1_range)
    x0, x1 = landscape.grid(*ends, points)
    values = landscape.over(function, x0, x1)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = (high - low) or 1.0
    floor = low - 0.35 * room

    figure = style.figure(7.6, 6.4)
    ax: Any = figure.add_subplot(projection="3d", computed_zorder=False)
    ax.set_facecolor(style.PAPER)
    ax.contourf(
        x0, x1, values, levels=landscape.heights(values), cmap=landscape.HEIGHT,
        zdir="z", offset=floor, zorder=0,
    )  # fmt: skip
    ax.plot_surface(
        x0, x1, values, cmap=style.SEQUENTIAL, rcount=points, ccount=points,
        linewidth=0.15, edgecolor="#FFFFFF66", antialiased=True, alpha=0.95, zorder=1,
    )  # fmt: skip
    if path is not None:
        _on_surface(ax, function, np.asarray(getattr(path, "path", path), dtype=np.float64), floor)
    ax.set_xlim(*ends[0])
    ax.set_ylim(*ends[1])
    ax.set_zlim(floor, high)
    ax.set_zticks([tick for tick in ax.get_zticks() if low - 0.02 * room <= tick <= high])
    ax.view_init(elev=elevation, azim=azimuth)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
        axis._axinfo["grid"]["color"] = style.GRID
        axis.line.set_color(style.FAINT)
    ax.tick_params(colors=style.FAINT, labelcolor=style.INK, labelsize=9)
    ax.set_xlabel("x₀", color=style.INK, fontsize=11)
    ax.set_ylabel("x₁", color=style.INK, fontsize=11)
    ax.set_zlabel("f", color=style.INK, fontsize=11)
    ax.set_box_aspect(None, zoom=0.95)
    landscape.label(ax, function, title)
    return style.finish(figure)


def _on_surface(ax: Any, f: Any, path: Any, floor: float) -> None:
    """A path on the surface, and its shadow on the floor."""
    z = landscape.over(f, path[:, 0], path[:, 1])
    color = style.OKABE_ITO[3]
    ax.plot(path[:, 0], path[:, 1], floor, color=color, linewidth=1.0, alpha=0.6, zorder=0.5)
    ax.plot(path[:, 0], path[:, 1], z, "-o", color=color, linewidth=1.6, markersize=3.5, zorder=3)
    ax.plot(*path[-1], z[-1], "*", color=style.INK, markersize=11, zorder=4)


def _around(points: Any) -> Range:
    """A range that shows the points with room to both sides, and 0 if it is near."""
    low, high = float(points.min()), float(points.max())
    room = max(2.0, high - low, 0.5 * max(abs(low), abs(high)))
    return low - room, high + room


def _height(y: Any, kept: Sequence[float]) -> Range:
    """The heights of the curve with a margin; near a pole, not all of them."""
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    inner, outer = np.nanpercentile(y, [10, 90])
    if high - low > 10 * (outer - inner) > 0:
        low, high = inner - (outer - inner), outer + (outer - inner)
    low, high = min(low, *kept), max(high, *kept)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin
