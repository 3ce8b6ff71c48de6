"""What a network has learned, as pictures: weights as images, histograms by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from glassnet import vision
from glassnet._core.registry import lookup
from glassnet.errors import NotBuiltError, ShapeError
from glassnet.layers import Layer, walk
from glassnet.model.network import Network
from glassnet.plots import inputs, style


def weight_images(
    model: Any,
    *,
    shape: tuple[int, ...] | None = None,
    columns: int = 8,
    limit: int = 40,
    layer: str | None = None,
    title: str | None = None,
) -> Figure:
    """The weights of each unit of the first layer, as a picture of the input; or each filter.

    Blue: where this input is bright the unit gets more; orange: less. One scale for all. Of
    several channels the mean is shown, of a series one row for each channel.

    Args:
        model: a model, or weights W (n_in, units), or kernels (rows, columns, channels, filters)
            or (steps, channels, filters).
        shape: (height, width) of the input; a square when not given.
        limit: at most so many units; the subtitle says how many there are.
        layer: which layer of the model; the first with weights when not given.

    Raises:
        ShapeError: the inputs are no picture.
        NotBuiltError: the model has no weights.
        UnknownNameError: no such layer, or it has no weights.
    """
    if isinstance(model, Network):
        weights = layer_weights(model)
        first = next(iter(weights))
        name = first if layer is None else layer
        W = lookup("layer with weights", weights, name)
        if shape is None and name == first and model.input_shape and len(model.input_shape) > 1:
            shape = model.input_shape
    else:
        name, W = "weights", np.asarray(model, dtype=np.float64)
    pictures = _pictures(W, shape)
    units, folded = W.shape[-1], pictures.shape[1:]
    pictures = pictures[:limit]
    across = max(1, min(columns, len(pictures)))
    rows = -(-len(pictures) // across)
    tall = float(np.clip(folded[0] / folded[1], 0.2, 5.0))
    cell = float(np.clip(7.0 / across, 1.0, 2.4 / tall))  # inches
    width, height = 1.1 * across * cell, (tall + 0.3 / cell) * rows * cell
    figure = style.figure(max(width + 1.3, 5.2), max(height, 1.6) + 1.0)
    ax = style.bare(figure.add_subplot())
    norm = style.symmetric(pictures)
    for i, picture in enumerate(pictures):
        left, top = 1.1 * (i % across), (tall + 0.3 / cell) * (i // across)
        ax.imshow(
            picture,
            cmap=style.DIVERGING,
            norm=norm,
            extent=(left, left + 1, top + tall, top),
            interpolation="nearest",
        )
        ax.text(left + 0.5, top + tall + 0.03, str(i + 1), ha="center", va="top", fontsize=8.5)
    ax.set_xlim(-0.02, 1.1 * across)
    ax.set_ylim((tall + 0.3 / cell) * rows, -0.02)
    ax.set_aspect("equal", anchor="NW")
    style.color_key(ax, ScalarMappable(norm, style.DIVERGING), "weight", shrink=0.95)
    subtitle = f"{name}: {_words(W)}"
    if units > limit:
        subtitle += f", the first {limit} are shown"
    style.label(
        ax,
        title or ("What each unit looks for" if W.ndim == 2 else "What each filter looks for"),
        subtitle=subtitle,
    )
    return style.finish(figure)


def _pictures(W: NDArray[np.float64], shape: tuple[int, ...] | None) -> NDArray[np.float64]:
    """(units, height, width)"""
    if W.ndim == 4:
        return np.moveaxis(W.mean(axis=2), -1, 0)
    if W.ndim == 3:
        return W.transpose(2, 1, 0)
    if W.ndim != 2:
        raise ShapeError(
            f"weights have shape {W.shape}; expected (n_in, units), or those of a convolution."
        )
    folded = inputs.picture_shape(W.shape[0], shape)
    pictures = W.T.reshape(-1, *folded)
    # colour: what the channels have in common
    return pictures.mean(axis=3) if pictures.ndim == 4 else pictures


def _words(W: NDArray[np.float64]) -> str:
    units = W.shape[-1]
    if W.ndim == 2:
        return f"{W.shape[0]:,} inputs to {units:,} {'unit' if units == 1 else 'units'}"
    size = "×".join(map(str, W.shape[:-2]))
    found = f"{units:,} {'filter' if units == 1 else 'filters'} of {size}"
    if W.shape[-2] == 1:
        return found
    rest = ", the mean of them" if W.ndim == 4 else ", one in each row"
    return f"{found}, over {W.shape[-2]:,} channels{rest}"


def histograms(
    values: Mapping[str, ArrayLike],
    *,
    x_name: str = "value",
    title: str | None = None,
    bins: int = 50,
    columns: int = 5,
    x_limits: tuple[float, float] | None = None,
) -> Figure:
    """One histogram for each named array, all on one x axis: name -> values of any shape.

    Under each name: mean and standard deviation. NaN and infinite values are left out and counted.
    """
    arrays = {name: inputs.numbers(array, name).ravel() for name, array in values.items()}
    if not arrays:
        raise NotBuiltError("there is nothing to draw: the model has no layers with such values.")
    finite = {name: array[np.isfinite(array)] for name, array in arrays.items()}
    edges = np.linspace(*(x_limits or _common_range(list(finite.values()))), bins + 1)
    across = min(columns, len(arrays))
    rows = -(-len(arrays) // across)
    figure = style.figure(max(2.75 * across + 0.5, 5.5), 2.75 * rows + 0.7)
    grid = figure.subplots(rows, across, sharex=True, squeeze=False)
    for number, ax in enumerate(grid.flat):
        ax.set_visible(number < len(arrays))
    for number, (ax, (name, array)) in enumerate(zip(grid.flat, finite.items())):
        style.dress(ax).tick_params(labelbottom=True)
        missing = arrays[name].size - array.size
        outside = int(((array < edges[0]) | (array > edges[-1])).sum())
        counts, _ = np.histogram(array, edges)
        shares = counts / max(array.size, 1)
        ax.stairs(shares, edges, fill=True, color=style.OKABE_ITO[5], edgecolor=style.OKABE_ITO[0])
        ax.axvline(0, color=style.FAINT, linewidth=0.8, zorder=3)
        ax.yaxis.set_major_formatter(style.percent)
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.set_xlim(edges[0], edges[-1])
        facts = "no finite value"
        if array.size:
            facts = f"mean {array.mean():.2g}, std {array.std():.2g}"
        facts += f"\n{missing:,} not finite" if missing else ""
        facts += f"\n{outside:,} outside" if outside else ""
        style.label(ax, style.shorten(name, 18), subtitle=facts)
        if number + across >= len(arrays):
            style.label(ax, x=x_name)
        if number % across == 0:
            style.label(ax, y="share of values (%)")
    _title(figure, title)
    return style.finish(figure)


def weight_histograms(model: Network, *, title: str | None = None, bins: int = 50) -> Figure:
    """The weights of each layer of a model as histograms on one axis."""
    weights = layer_weights(model)
    return histograms(weights, x_name="weight", title=title or "Weights by layer", bins=bins)


def activation_histograms(
    model: Network, x: ArrayLike, *, title: str | None = None, bins: int = 50
) -> Figure:
    """What each layer of a model gives out for the inputs ``x``, as histograms on one axis."""
    outputs = layer_outputs(model, x)
    return histograms(outputs, x_name="output", title=title or "Activations by layer", bins=bins)


def layer_weights(model: Network) -> dict[str, NDArray[np.float64]]:
    """Layer's name -> its weights W (…, n_in, units), first layer first.

    Raises:
        NotBuiltError: no layer has weights (yet).
    """
    weights = {name: getattr(layer, "W", None) for name, layer in walk(model.layers)}
    found = {
        name: np.asarray(W, dtype=np.float64)
        for name, W in weights.items()
        if W is not None and W.ndim > 1
    }
    if not found:
        raise NotBuiltError(
            "the model has no weights to draw: build(input_shape) or fit it first, and give it "
            "at least one Dense or convolution layer."
        )
    return found


def matrix(layer: Layer) -> NDArray[Any] | None:
    """W of a layer that has a matrix of weights (n_in, units); None of another, or before build."""
    W: NDArray[Any] | None = getattr(layer, "W", None)
    return W if W is not None and W.ndim == 2 else None


def layer_outputs(model: Network, x: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Layer's name -> its outputs for ``x``; layers that only fold or scale are left out.

    Raises:
        NotBuiltError: the model has no weights yet.
        ShapeError, DataError: x is not what it was built for.
    """
    model.need_built("activation_histograms")
    names = [
        layer.name
        for layer in model.layers
        if not (layer.changes_scale_or_shape_only or layer.random_in_training)
    ]
    found = vision.layer_outputs(model, x, names)
    return {name: y.astype(np.float64) for name, y in found.items()}


def _common_range(arrays: list[NDArray[np.float64]]) -> tuple[float, float]:
    filled = [array for array in arrays if array.size]
    low = min((float(array.min()) for array in filled), default=0.0)
    high = max((float(array.max()) for array in filled), default=0.0)
    room = 0.02 * (high - low) or max(0.5, 0.1 * abs(low))
    return low - room, high + room


def _title(figure: Figure, title: str | None) -> None:
    if title is not None:
        figure.suptitle(title, fontsize=14, fontweight="bold", color=style.INK, x=0.01, ha="left")
