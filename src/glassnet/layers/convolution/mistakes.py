"""Classic mistakes in the backward pass of a convolution.

They are written as their code is: x in columns (im2col), and the gradient put back (col2im).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from glassnet._core.derivation import NamedArrays
from glassnet._core.types import Array
from glassnet.layers.convolution.layer import Convolution
from glassnet.layers.mistakes import Wrong, wrong_start


def flipped(layer: Convolution, step: NamedArrays) -> Mapping[str, Array]:
    """The backward pass of a true convolution, which flips its kernel, behind one that does not."""
    axes = tuple(range(layer.rank))
    dx = _put_back(layer, step["dz"], np.flip(layer.W, axes))
    return {"dW": np.flip(layer.dW, axes), "dx": _cut(layer, dx)}


def overwritten(layer: Convolution, step: NamedArrays) -> Mapping[str, Array]:
    """img[…] = col[…] where windows overlap, in place of +=."""
    return {"dx": _cut(layer, _put_back(layer, step["dz"], layer.W, overwrite=True))}


def cut_at_the_wrong_side(layer: Convolution, step: NamedArrays) -> Mapping[str, Array]:
    """The zeros are cut off on the wrong side."""
    starts = [wrong_start(*axis.padding) for axis in layer.windows]
    return {"dx": _cut(layer, _put_back(layer, step["dz"], layer.W), starts)}


def mean_over_places(layer: Convolution, step: NamedArrays) -> Mapping[str, Array]:
    """db is the mean over the places, and the sum over the samples."""
    places = tuple(range(1, layer.rank + 1))
    return {"db": step["dz"].mean(axis=places).sum(axis=0)}


def _put_back(layer: Convolution, dz: Array, W: Array, overwrite: bool = False) -> Array:
    """dx with its padding, kernel place by kernel place, as col2im does it."""
    assert layer.input_shape is not None
    *_, depth, filters = W.shape
    share = filters // layer.groups
    lengths = (axis.length + sum(axis.padding) for axis in layer.windows)
    dx = np.zeros((len(dz), *lengths, layer.input_shape[-1]), dz.dtype)
    for at in np.ndindex(layer.kernel_size):
        starts = [a * axis.dilation for a, axis in zip(at, layer.windows)]
        read: list[slice] = [
            slice(first, first + axis.stride * (axis.count - 1) + 1, axis.stride)
            for first, axis in zip(starts, layer.windows)
        ]
        for g in range(layer.groups):
            own = slice(g * share, (g + 1) * share)
            part = dz[..., own] @ W[at][:, own].T
            where: Any = (slice(None), *read, slice(g * depth, (g + 1) * depth))
            dx[where] = part if overwrite else dx[where] + part
    return dx


def _cut(layer: Convolution, dx: Array, starts: list[int] | None = None) -> Array:
    """dx without its padding."""
    first = [axis.padding[0] for axis in layer.windows] if starts is None else starts
    places = [slice(start, start + axis.length) for start, axis in zip(first, layer.windows)]
    return dx[(slice(None), *places)]


MISTAKES: dict[str, Wrong] = {
    "flipped_kernel": Wrong(lambda layer: prod(layer.kernel_size) > 1, flipped),
    "col2im_overwrites": Wrong(
        lambda layer: any(axis.size > 1 and axis.stride < axis.span for axis in layer.windows),
        overwritten,
    ),
    "padding_wrong_side": Wrong(
        lambda layer: any(sum(axis.padding) for axis in layer.windows), cut_at_the_wrong_side
    ),
    "bias_mean_over_places": Wrong(
        lambda layer: layer.use_bias and prod(axis.count for axis in layer.windows) > 1,
        mean_over_places,
    ),
}
