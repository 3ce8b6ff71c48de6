"""The weights of the units that are drawn: all of a narrow layer, the first of a wide one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.lab.session.building import Block


def layout(model: Sequential, blocks: Sequence[Block]) -> dict[str, dict[str, Any]]:
    """Where the page finds each parameter, by name.

    ``start`` and ``shape``: its place among all parameters, by which a weight is set.
    ``place`` and ``drawn``: its place in :func:`weights`, and the shape that it has there.
    """
    parameters = model.parameters
    places: dict[str, dict[str, Any]] = {}
    place = 0
    for name, part in parts(model, blocks):
        places[name] = {
            "start": parameters.slices[name].start, "shape": list(parameters.shapes[name]),
            "place": place, "drawn": list(part.shape),
        }  # fmt: skip
        place += part.size
    return places


def weights(model: Sequential, blocks: Sequence[Block]) -> Array:
    """The parameters of the drawn units, one after the other, (numbers,)."""
    numbers = [part.ravel() for _, part in parts(model, blocks)]
    return np.concatenate(numbers).astype(np.float32)


def parts(model: Sequential, blocks: Sequence[Block]) -> Iterator[tuple[str, Array]]:
    """Each parameter, without what belongs to units that are not drawn."""
    rows = {b.name: a.drawn for a, b in pairwise(blocks)}  # of W: the drawn units before it
    columns = {block.name: block.drawn for block in blocks}
    for name in model.parameters.slices:
        whole = model.parameters.view(name)
        column = name.rpartition("/")[0].removesuffix("_norm")
        if whole.ndim == 2:
            whole = whole[: rows.get(column)]
        yield name, whole[..., : columns[column]]
