"""Classic mistakes in the backward pass of max pooling."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from glassnet._core.derivation import NamedArrays
from glassnet._core.types import Array
from glassnet.layers.mistakes import Wrong
from glassnet.layers.pooling.layer import GlobalMaxPooling, MaxPooling


def to_all(layer: Any, step: NamedArrays) -> Mapping[str, Array]:
    """Each number of a window gets its gradient, not the largest alone."""
    x, dy = step["x"], step["dy"]
    if isinstance(layer, GlobalMaxPooling):
        dx = np.broadcast_to(dy.reshape(len(dy), *(1,) * layer.rank, -1), x.shape)
        return {"dx": np.array(dx)}
    windows = np.broadcast_to(_window_last(layer, dy[..., None]), _columns(layer, dy))
    return {"dx": _put_back(layer, windows)}


def reshaped_rows(layer: MaxPooling, step: NamedArrays) -> Mapping[str, Array]:
    """Rows of (channel, place in the window) read as (place in the window, channel)."""
    dy = step["dy"]
    size = prod(layer.pool_size)
    dmax = np.where(np.arange(size) == step["winner"][..., None], dy[..., None], 0)
    mixed = dmax.reshape(_columns(layer, dy))  # without transposing the channels to the end
    return {"dx": _put_back(layer, mixed)}


def _columns(layer: MaxPooling, dy: Array) -> tuple[int, ...]:
    """The shape of all windows in full: (n, out places, window places, channels)."""
    return (*dy.shape[:-1], *layer.pool_size, dy.shape[-1])


def _window_last(layer: MaxPooling, rows: Array) -> Array:
    """(n, out places, channels, 1) → (n, out places, 1 …, channels)"""
    return np.moveaxis(rows, -1, -2).reshape(
        *rows.shape[:-2], *(1,) * layer.rank, rows.shape[-2]
    )  # fmt: skip


def _put_back(layer: MaxPooling, windows: Array) -> Array:
    """Add the windows into dx, place by place; what lies in the padding is dropped."""
    lengths = [max(axis.length + sum(axis.padding), (axis.count - 1) * axis.stride + axis.span)
               for axis in layer.windows]  # fmt: skip
    dx = np.zeros((len(windows), *lengths, windows.shape[-1]), windows.dtype)
    none = slice(None)
    for at in np.ndindex(layer.pool_size):
        read = [
            slice(a, a + axis.stride * (axis.count - 1) + 1, axis.stride)
            for a, axis in zip(at, layer.windows)
        ]
        dx[(none, *read)] += windows[(none, *(none,) * layer.rank, *at)]
    inside = [slice(axis.padding[0], axis.padding[0] + axis.length) for axis in layer.windows]
    return dx[(none, *inside)]


def _channels(layer: Any) -> int:
    return int(layer.input_shape[-1])


def _several(layer: Any) -> bool:
    """Whether a window holds more than one number."""
    if isinstance(layer, GlobalMaxPooling):
        assert layer.input_shape is not None
        return prod(layer.input_shape[:-1]) > 1
    return prod(map(int, layer.pool_size)) > 1


MISTAKES: dict[str, Wrong] = {
    "pool_gradient_to_all": Wrong(
        lambda layer: isinstance(layer, (MaxPooling, GlobalMaxPooling)) and _several(layer), to_all
    ),
    "pooling_reshaped_rows": Wrong(
        lambda layer: isinstance(layer, MaxPooling) and _several(layer) and _channels(layer) > 1,
        reshaped_rows,
    ),
}
