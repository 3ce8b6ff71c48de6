"""The network as a drawing: units as circles, weights as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import NotBuiltError, ShapeError
from glassnet.model.network import Network
from glassnet.plots import inputs, style
from glassnet.plots.maps import has_maps, maps_drawing
from glassnet.plots.units import (
    RADIUS,
    UNITS,
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


def network_drawing(
    model: Any,
    *,
    biases: Sequence[ArrayLike] | None = None,
    input_names: Sequence[Any] | None = None,
    output_names: Sequence[Any] | None = None,
    max_units: int = 12,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The units of a network as circles, its weights as lines between them.

    A line is the wider and the darker the larger |w|; blue and solid above zero, orange and dashed
    below. A circle's fill is its bias, on the same scale. Of a layer with more than ``max_units``
    units, the first and the last are shown, with ⋮ between and their number beneath.
    Feature maps are cards, as large as the maps are beside each other, their colour is the bias of
    their filter; the small square is the window that one number of the next maps reads.

    Args:
        model: a built model, or weights [W1 (n_in, units), W2 (units, …), …].
        biases: [b1, b2, …] where weights are given.
        input_names, output_names: to stand beside the first and the last circles; pixels have
            no names.

    Raises:
        NotBuiltError: no weights (yet).
        ShapeError: weights that do not follow each other, or names that do not fit.
    """
    if max_units < 2:
        raise ShapeError(f"max_units={max_units}: expected at least 2.")
    if isinstance(model, Network) and model.built and has_maps(model):
        return maps_drawing(model, output_names, max_units, title, ax)
    weights, bias, details = _read(model, biases)
    sizes = [weights[0].shape[0], *(W.shape[1] for W in weights)]
    titles = [say("input"), *(name for name, _ in details)]
    texts = [count(sizes[0], "{n:,} feature", "{n:,} features"), *(text for _, text in details)]
    entrance = model.input_shape if isinstance(model, Network) else None
    if entrance is not None and len(entrance) == 1 and entrance[0] != sizes[0]:
        texts[0] += "\n" + say("made of {n:,} inputs", n=entrance[0])
        input_names = None  # they are those of the columns that the features are made of
    columns = [column_of(n, max_units, t, d) for n, t, d in zip(sizes, titles, texts)]
    left_names = names_beside(input_names, columns[0], "input_names")
    right_names = names_beside(output_names, columns[-1], "output_names")

    tallest = max(float(np.ptp(c.height)) for c in columns) + 2 * RADIUS
    longest = [max((len(s) for s in names), default=0) for names in (left_names, right_names)]
    beside = [0.1 + 0.085 * letters for letters in longest]
    apart = float(np.clip(11.0 / len(weights), 1.3, 2.0))
    if apart < 1.8:  # two short lines stand where one long one would touch the next
        columns = [replace(c, detail=c.detail.replace(", ", "\n")) for c in columns]
    under = 0.4 + 0.17 * max(c.detail.count("\n") + 1 for c in columns)
    width = apart * (len(columns) - 1) + sum(beside) + 1.6
    figure, ax_ = style.figure_and_axes(ax, max(width + 1.1, 6.0), tallest + under + 1.0)
    style.bare(ax_)
    norm = style.symmetric(np.concatenate([a.ravel() for a in (*weights, *bias)]))
    for i, W in enumerate(weights):
        draw_lines(ax_, columns[i : i + 2], (i * apart, (i + 1) * apart), W, norm)
    for i, column in enumerate(columns):
        fills = None if i == 0 else style.DIVERGING(norm(bias[i - 1][column.shown]))
        draw_circles(ax_, column, i * apart, fills)
        below = -tallest / 2 - 0.12
        name = style.shorten(column.title, int(apart / 0.12))
        look: dict[str, Any] = {"ha": "center", "va": "top", "linespacing": 1.25}
        bold = look | {"fontsize": 11, "fontweight": "bold", "color": style.INK}
        ax_.text(i * apart, below, name, **bold)
        ax_.text(i * apart, below - 0.24, column.detail, fontsize=9.5, color=style.FAINT, **look)
    for height, name in zip(columns[0].height, left_names):
        ax_.text(-RADIUS - 0.08, height, name, ha="right", va="center", fontsize=10)
    for height, name in zip(columns[-1].height, right_names):
        right = (len(columns) - 1) * apart + RADIUS + 0.08
        ax_.text(right, height, name, ha="left", va="center", fontsize=10)
    ax_.set_xlim(-0.8 - beside[0], (len(columns) - 1) * apart + 0.8 + beside[1])
    ax_.set_ylim(-tallest / 2 - under, tallest / 2 + 0.05)
    ax_.set_aspect("equal", anchor="NW")
    draw_key(ax_, norm)
    lines, circles = (sum(a.size for a in arrays) for arrays in (weights, bias))
    subtitle = say(
        "{weights} as lines, dashed below zero; {biases} as the colour of the circles.",
        weights=count(lines, "{n:,} weight", "{n:,} weights"),
        biases=count(circles, "{n:,} bias", "{n:,} biases"),
    )
    if any(column.cut for column in columns):
        subtitle += " " + say("Units at ⋮ are not drawn.")
    for n in _side_by_side(model):
        subtitle += " " + say("Of {n} networks side by side the first is drawn.", n=n)
    missing = sum(int((~np.isfinite(a)).sum()) for a in (*weights, *bias))
    if missing:
        said = ("{n:,} value not finite and not drawn.", "{n:,} values not finite and not drawn.")
        subtitle += " " + count(missing, *said)
    style.label(ax_, title or say("The network and its weights"), subtitle=subtitle)
    return style.finish(figure if ax is None else ax_)


def _read(
    model: Any, biases: Sequence[ArrayLike] | None
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], list[tuple[str, str]]]:
    """Weights, biases, and (name, what it is) of each layer; the weightless join the text."""
    weights: list[NDArray[np.float64]] = []
    bias: list[NDArray[np.float64]] = []
    details: list[tuple[str, str]] = []
    if isinstance(model, Network):
        for full_name, layer in blocks_last(model.layers):
            W = matrix(layer)
            if W is not None:
                weights.append(np.asarray(W, dtype=np.float64))
                b = getattr(layer, "b", np.zeros(W.shape[1]))
                bias.append(np.asarray(b, dtype=np.float64))
                f = layer.function
                name = "linear" if f is None else f.name
                details.append((full_name, f"{count(W.shape[1], *UNITS)}, {name}"))
            elif details and not layer.changes_scale_or_shape_only:
                name, text = details[-1]
                details[-1] = (name, f"{text}\n+ {kind_of(layer)}")
    else:
        weights = [inputs.numbers(W, "weights") for W in model]
        given = [np.zeros(W.shape[-1]) for W in weights] if biases is None else biases
        bias = [inputs.numbers(b, "biases").ravel() for b in given]
        details = [(say("layer {i}", i=i + 1), count(W.shape[-1], *UNITS))
                   for i, W in enumerate(weights)]  # fmt: skip
    if not weights:
        raise NotBuiltError(
            "the model has no weights to draw: build(input_shape) or fit it first, and give it "
            "at least one Dense layer."
        )
    _check(weights, bias)
    return weights, bias, details


def _side_by_side(model: Any) -> list[int]:
    """How many networks each ensemble in the network has."""
    stack = model.layers if isinstance(model, Network) else []
    return [len(layer.sublayers()) for layer in stack if layer.wiring == "parallel"]


def _check(weights: list[NDArray[np.float64]], bias: list[NDArray[np.float64]]) -> None:
    before = weights[0].shape[0]
    if len(bias) != len(weights):
        raise ShapeError(f"{len(bias)} biases for {len(weights)} layers: pass one array for each.")
    for i, (W, b) in enumerate(zip(weights, bias)):
        if W.ndim != 2 or W.shape[0] != before:
            raise ShapeError(
                f"the weights of layer {i + 1} have shape {W.shape}; expected ({before}, units), "
                "one row for each unit before."
            )
        if b.shape != (W.shape[1],):
            raise ShapeError(f"the biases of layer {i + 1} have shape {b.shape}; expected "
                             f"({W.shape[1]},).")  # fmt: skip
        before = W.shape[1]
