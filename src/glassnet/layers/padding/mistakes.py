"""A classic mistake in the backward pass of zeros around an image."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from glassnet._core.derivation import NamedArrays
from glassnet._core.types import Array
from glassnet.layers.mistakes import Wrong, wrong_start
from glassnet.layers.padding.layer import ZeroPadding2D


def cut_at_the_wrong_side(layer: ZeroPadding2D, step: NamedArrays) -> Mapping[str, Array]:
    """The zeros are cut off on the wrong side."""
    top, left = (wrong_start(*side) for side in layer.padding)
    rows, columns = step["x"].shape[1:3]
    return {"dx": step["dy"][:, top : top + rows, left : left + columns]}


MISTAKES: dict[str, Wrong] = {
    "padding_wrong_side": Wrong(
        lambda layer: any(chain.from_iterable(layer.padding)), cut_at_the_wrong_side
    ),
}
