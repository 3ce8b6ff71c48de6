"""A network over images as a drawing: feature maps as cards, what follows them as circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from glassnet.layers import Layer
from glassnet.model.network import Network
from glassnet.plots import style
from glassnet.plots.units import (
    RADIUS,
    UNITS,
    Column,
    blocks_last,
    column_of,
    count,
    draw_circles,
    draw_key,
    draw_lines,
    kind_of,
    names_beside,
)
from glassnet.plots.weights import matrix
from glassnet.plots.words import say

_CARDS = 6  # of a stack of maps that are drawn
_SHIFT = 0.09  # inches from one card to the next
_SIDE = 1.5  # inches of the largest map
_MAPS = ("{n:,} map", "{n:,} maps")
_CHANNELS = ("{n:,} channel", "{n:,} channels")
_STEPS = ("{n:,} step", "{n:,} steps")
_NUMBERS = ("{n:,} number", "{n:,} numbers")


@dataclass
class Maps:
    """A stack of feature maps.

    Attributes:
        maps: how many.
        size: (rows, columns); a series has one row.
        window: what the next stage reads of it at once, (rows, columns), or None.
        bias: of each map, or None.
    """

    maps: int
    size: tuple[int, int]
    title: str
    detail: str
    bias: NDArray[np.float64] | None = None
    window: tuple[int, int] | None = None
    series: bool = False


@dataclass
class Row:
    """A row of numbers, with the weights that lead to it from the row before, if any do."""

    units: int
    title: str
    detail: str
    W: NDArray[np.float64] | None = None
    bias: NDArray[np.float64] | None = None


@dataclass
class Stages:
    """What stands side by side, and the weights that are not drawn."""

    found: list[Maps | Row] = field(default_factory=list)
    kernels: int = 0


def has_maps(model: Network) -> bool:
    """Whether layers of the network work on images or series, and not only on rows."""
    shapes = [
        layer.output_shape or ()
        for _, layer in blocks_last(model.layers)
        if not layer.changes_scale_or_shape_only
    ]
    return any(len(shape) in (2, 3) for shape in shapes)


def maps_drawing(
    model: Network, output_names: Sequence[Any] | None, max_units: int, title: str | None,
    ax: Axes | None,
) -> Figure:  # fmt: skip
    """The drawing of a network that :func:`has_maps`, from the input at the left."""
    stages = _read(model)
    columns = [
        column_of(s.units, max_units, s.title, s.detail) if isinstance(s, Row) else s
        for s in stages.found
    ]
    last = columns[-1]
    names = names_beside(output_names, last, "output_names") if isinstance(last, Column) else []
    largest = max(max(s.size) for s in stages.found if isinstance(s, Maps))
    sides = [_side(stage, largest) for stage in columns]  # of a card, or of a column
    tallest = max(side[0] + _shift(stage) for stage, side in zip(columns, sides))
    lefts, right = [], 0.0
    for stage, side in zip(columns, sides):
        width = side[1] + _shift(stage)
        room = max(1.3, width, 0.085 * max(map(len, stage.detail.split("\n"))) + 0.1)
        lefts.append(right + (room - width) / 2)
        right += room + 0.35
    beside = 0.1 + 0.085 * max((len(name) for name in names), default=0)
    under = 0.45 + 0.17 * max(c.detail.count("\n") + 1 for c in columns)
    figure, ax_ = style.figure_and_axes(ax, max(right + beside + 1.0, 6.0), tallest + under + 1.0)
    style.bare(ax_)
    norm = style.symmetric(np.concatenate([a.ravel() for a in _drawn(stages)] or [np.zeros(1)]))
    boxes = [_Box(*all_) for all_ in zip(columns, lefts, sides)]
    for i, (drawn, box) in enumerate(zip(stages.found, boxes)):
        _draw(ax_, drawn, box, boxes[i - 1] if i else None, norm)
        _words(ax_, box, -tallest / 2 - 0.12)
    if isinstance(last, Column):
        for height, name in zip(last.height, names):
            x = boxes[-1].middle + RADIUS + 0.08
            ax_.text(x, height, name, ha="left", va="center", fontsize=10)
    ax_.set_xlim(-0.15, right + beside)
    ax_.set_ylim(-tallest / 2 - under, tallest / 2 + 0.05)
    ax_.set_aspect("equal", anchor="NW")
    draw_key(ax_, norm)
    words = _subtitle(stages, columns)
    style.label(ax_, title or say("The network and its weights"), subtitle=words)
    return style.finish(figure if ax is None else ax_)


def _drawn(stages: Stages) -> list[NDArray[np.float64]]:
    """The weights and biases that have a colour."""
    weights = [s.W for s in stages.found if isinstance(s, Row) and s.W is not None]
    return [*weights, *(s.bias for s in stages.found if s.bias is not None)]


def _subtitle(stages: Stages, columns: list[Any]) -> str:
    lines = sum(s.W.size for s in stages.found if isinstance(s, Row) and s.W is not None)
    biases = sum(s.bias.size for s in stages.found if s.bias is not None)
    said = []
    if lines:
        weights = count(lines, "{n:,} weight", "{n:,} weights")
        said.append(say("{weights} as lines, dashed below zero.", weights=weights))
    if biases:
        words = count(biases, "{n:,} bias", "{n:,} biases")
        said.append(say("{biases} as the colour of circles and cards.", biases=words))
    if stages.kernels:
        said.append(
            count(stages.kernels, "{n:,} weight in kernels is not drawn.",
                  "{n:,} weights in kernels are not drawn.")
        )  # fmt: skip
    if any(isinstance(s, Maps) and s.maps > _CARDS for s in stages.found):
        said.append(say("Of many maps {n} are drawn.", n=_CARDS))
    if any(isinstance(c, Column) and c.cut for c in columns):
        said.append(say("Units at ⋮ are not drawn."))
    return " ".join(said)


# ---- reading -------------------------------------------------------------------------------------


def _read(model: Network) -> Stages:
    """The stages, the input first; layers that change no shape join the text before them."""
    assert model.input_shape is not None
    stages = Stages([_stage(model.input_shape, say("input"), words=_CHANNELS)])
    for name, layer in blocks_last(model.layers):
        shape, here = layer.output_shape or (), stages.found
        W = getattr(layer, "W", None)
        b = getattr(layer, "b", None)
        bias = None if b is None else np.asarray(b, np.float64)
        if matrix(layer) is not None and len(shape) == 1:
            text = f"{count(shape[0], *UNITS)}, {_function(layer)}"
            assert W is not None
            bias = np.zeros(W.shape[1]) if bias is None else bias
            here.append(Row(shape[0], name, text, np.asarray(W, np.float64), bias))
        elif W is not None or shape != _shape(here[-1]):
            if isinstance(here[-1], Maps) and not layer.changes_scale_or_shape_only:
                here[-1].window = _window(layer, here[-1].size)
            stages.kernels += 0 if W is None else W.size
            only_form = layer.changes_scale_or_shape_only
            stage = _stage(shape, name, bias, _CHANNELS if only_form else _MAPS)
            if isinstance(stage, Maps) and not only_form:
                function = _function(layer) if layer.function is not None else ""
                words = [_form(layer), "" if function == "linear" else function]
                stage.detail += "".join(f"\n{word}" for word in words if word)
            if len(here) == 1 and only_form and isinstance(stage, Maps):
                stage.title = here[0].title  # a row of pixels that becomes an image
                here[0] = stage
            else:
                here.append(stage)
        elif not layer.changes_scale_or_shape_only:
            here[-1].detail += f"\n+ {kind_of(layer)}"
    return stages


def _stage(
    shape: tuple[int, ...], title: str, bias: Any = None, words: tuple[str, str] = _MAPS
) -> Maps | Row:
    if len(shape) not in (2, 3):
        return Row(shape[0] if shape else 0, title, count(shape[0] if shape else 0, *_NUMBERS))
    rows, columns = shape[:2] if len(shape) == 3 else (1, shape[0])
    size = count(columns, *_STEPS) if len(shape) == 2 else f"{rows}×{columns}"
    maps = count(shape[-1], *words)
    return Maps(shape[-1], (rows, columns), title, f"{maps}, {size}", bias, series=len(shape) == 2)


def _shape(stage: Maps | Row) -> tuple[int, ...]:
    if isinstance(stage, Row):
        return (stage.units,)
    rows, columns = stage.size
    return (columns, stage.maps) if stage.series else (rows, columns, stage.maps)


def _function(layer: Layer) -> str:
    return "linear" if layer.function is None else layer.function.name


def _form(layer: Layer) -> str:
    """The layer and its window: ``conv 3×3``."""
    spans = [str(axis.span) for axis in getattr(layer, "windows", ())]
    words = layer.kind.replace("_", " ").removesuffix("2d").removesuffix("1d")
    return f"{words} {'×'.join(spans)}".strip()


def _window(layer: Layer, whole: tuple[int, int] | None) -> tuple[int, int] | None:
    """How much of the maps below one number of the layer reads; all, where it has no windows."""
    windows = getattr(layer, "windows", ())
    if not windows:
        return whole if layer.output_shape is not None and len(layer.output_shape) == 1 else None
    spans = [axis.span for axis in windows]
    return (spans[0], spans[1]) if len(spans) == 2 else (1, spans[0])


# ---- drawing -------------------------------------------------------------------------------------


class _Box(NamedTuple):
    """A stage and where it stands."""

    stage: Maps | Column
    left: float
    side: tuple[float, float]  # height and width of one card, or of a column

    @property
    def middle(self) -> float:
        return self.left + (self.side[1] + _shift(self.stage)) / 2

    @property
    def front(self) -> tuple[float, float]:
        """The lower left corner of the card in front."""
        shift = _shift(self.stage)
        return self.left + shift, (self.side[0] + shift) / 2 - shift - self.side[0]


def _side(stage: Maps | Column, largest: int) -> tuple[float, float]:
    if isinstance(stage, Column):
        return float(np.ptp(stage.height)) + 2 * RADIUS, 2 * RADIUS
    height, width = (0.16 + (_SIDE - 0.16) * (n / largest) ** 0.6 for n in stage.size)
    return (0.22 if stage.series else height), width


def _draw(ax: Axes, stage: Maps | Row, box: _Box, before: _Box | None, norm: Any) -> None:
    column = box.stage
    if isinstance(stage, Maps):
        _cards(ax, stage, box, norm)
    elif isinstance(column, Column):
        if stage.W is not None and before is not None and isinstance(before.stage, Column):
            draw_lines(ax, [before.stage, column], (before.middle, box.middle), stage.W, norm)
        fills = None if stage.bias is None else style.DIVERGING(norm(stage.bias[column.shown]))
        draw_circles(ax, column, box.middle, fills)
    if before is not None and isinstance(before.stage, Maps):
        _reads(ax, before.stage, before, box)


def _shift(stage: Maps | Column) -> float:
    """From the first card of a stack to the last."""
    return _SHIFT * (min(stage.maps, _CARDS) - 1) if isinstance(stage, Maps) else 0.0


def _cards(ax: Axes, stage: Maps, box: _Box, norm: Any) -> None:
    """The maps one before the other, the last in front; their colour is their bias."""
    height, width = box.side
    shown = min(stage.maps, _CARDS)
    for i in range(shown):
        fill: Any = style.PAPER
        if stage.bias is not None:
            fill = style.DIVERGING(norm(float(stage.bias[i])))
        back = (shown - 1 - i) * _SHIFT
        corner = (box.front[0] - back, box.front[1] + back)
        look: dict[str, Any] = {"facecolor": fill, "edgecolor": style.INK, "linewidth": 0.9}
        ax.add_patch(Rectangle(corner, width, height, zorder=3 + 0.01 * i, **look))


def _reads(ax: Axes, stage: Maps, box: _Box, after: _Box) -> None:
    """The window in the front card, and lines from its corners to the number that it makes."""
    window = stage.size if stage.window is None else stage.window
    shares = [min(1.0, read / whole) for read, whole in zip(window, stage.size)]
    height, width = (max(0.07, side * share) for side, share in zip(box.side, shares))
    x = box.front[0] + 0.6 * (box.side[1] - width)
    y = box.front[1] + 0.4 * (box.side[0] - height)
    if stage.window is not None:
        look: dict[str, Any] = {"fill": False, "edgecolor": style.INK, "linewidth": 1.0}
        ax.add_patch(Rectangle((x, y), width, height, zorder=4, **look))
    if isinstance(after.stage, Column):
        ends = [(after.middle - RADIUS, float(after.stage.height[k])) for k in (0, -1)]
    else:
        at = (after.front[0] + 0.45 * after.side[1], after.front[1] + 0.5 * after.side[0])
        ends = [at, at]
        ax.plot(*at, marker="s", markersize=3, color=style.INK, zorder=5)
    for start, end in zip(((x + width, y + height), (x + width, y)), ends):
        ax.plot(*zip(start, end), color=style.FAINT, linewidth=0.8, zorder=4)


def _words(ax: Axes, box: _Box, below: float) -> None:
    stage, middle = box.stage, box.middle
    look: dict[str, Any] = {"ha": "center", "va": "top", "linespacing": 1.25}
    bold = look | {"fontsize": 11, "fontweight": "bold", "color": style.INK}
    ax.text(middle, below, style.shorten(stage.title, 15), **bold)
    ax.text(middle, below - 0.24, stage.detail, fontsize=9.5, color=style.FAINT, **look)
