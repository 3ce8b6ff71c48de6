"""What a unit answers most to: the images, and the places in them, where it gives most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError, ShapeError
from glassnet.model import Sequential
from glassnet.vision.field import ReceptiveField, receptive_field
from glassnet.vision.named import Shape, image_shape_of, last_convolution, layer_named, shape_of
from glassnet.vision.tapping import NUMBERS, layer_outputs
from glassnet.vision.weighing import first_with_weights

SHOWN = 12  # filters, if none are named


@dataclass(frozen=True, eq=False)
class Spot:
    """One of the strongest answers of a unit.

    Attributes:
        sample: which image, counted from 0.
        value: what the unit gave.
        field: where it was, and the pixels that it saw.
    """

    sample: int
    value: float
    field: ReceptiveField


@dataclass(frozen=True, eq=False)
class Strongest:
    """What the units of a layer answer most to.

    Attributes:
        layer: its name.
        units: the numbers of the filters, or of the dense units.
        spots: of each, the strongest first; none for a unit that never gives more than its least.
        count: how many units the layer has.
        samples: how many images were looked at.
        frame: (rows, columns) of the largest field of the layer.
    """

    layer: str
    units: tuple[int, ...]
    spots: tuple[tuple[Spot, ...], ...]
    count: int
    samples: int
    frame: tuple[int, int]


def strongest(
    model: Sequential,
    x: ArrayLike,
    layer: str | None = None,
    units: Sequence[int] | None = None,
    *,
    top: int = 9,
    image_shape: Shape | None = None,
) -> Strongest:
    """The images for which each unit gives most, and of a filter the place in each.

    Of each image the strongest place counts, so that one image cannot fill the list (Zeiler and
    Fergus, 2014, figure 2).

    Args:
        x: images (n, …) as the network reads them, such as the held-out ones.
        layer: its name; if not given the last convolution, of a network without one the first
            layer with weights.
        units: numbers of filters or of dense units, counted from 0; the first twelve if not given.
        top: how many images for each.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer.
        ConfigError: a unit that the layer does not have.
        ShapeError, DataError: no images, or of another size.
    """
    shape = image_shape_of(model, image_shape)
    name = layer or _usual(model)
    out = shape_of(layer_named(model, name))
    if len(out) not in (1, 3):
        raise ShapeError(f"{name} gives {out} for each image: neither maps nor a row of units.")
    most = whole_number("strongest", "top", top)
    chosen = list(range(min(SHOWN, out[-1]))) if units is None else [int(u) for u in units]
    wrong = [u for u in chosen if not 0 <= u < out[-1]]
    if wrong or not chosen:
        what = "filters" if len(out) == 3 else "units"
        raise ConfigError(
            f"{name} has {out[-1]} {what}, numbered from 0: there is no {wrong[0]}."
            if wrong else f"units: name at least one of the {out[-1]} {what} of {name}."
        )  # fmt: skip
    images = np.asarray(x)
    if not len(images):
        raise DataError("there are no images to look at.")
    values, places = _strongest_places(model, images, name, chosen)
    spots = []
    for column, unit in enumerate(chosen):
        order = np.argsort(-values[:, column], kind="stable")[:most]
        least = values[:, column].min()
        spots.append(
            tuple(
                Spot(
                    int(i), float(values[i, column]),
                    receptive_field(
                        model, name, (*_place(places[i, column], out), unit), image_shape=shape
                    ),
                )
                for i in order
                if values[i, column] > least or least > 0
            )
        )  # fmt: skip
    frame = largest_field(model, name, shape)
    return Strongest(name, tuple(chosen), tuple(spots), out[-1], len(images), frame)


def largest_field(model: Sequential, layer: str, image_shape: Shape) -> tuple[int, int]:
    """(rows, columns) that a unit of the layer sees where no edge cuts it."""
    out = shape_of(layer_named(model, layer))
    if len(out) != 3:
        return receptive_field(model, layer, 0, image_shape=image_shape).size
    across = [receptive_field(model, layer, (0, j), image_shape=image_shape) for j in range(out[1])]
    down = [receptive_field(model, layer, (i, 0), image_shape=image_shape) for i in range(out[0])]
    return max(f.size[0] for f in down), max(f.size[1] for f in across)


def _usual(model: Sequential) -> str:
    try:
        return last_convolution(model)
    except ConfigError:
        return first_with_weights(model)


def _strongest_places(
    model: Sequential, images: Array, name: str, units: list[int]
) -> tuple[Array, Array]:
    """Of each image and unit the largest value, and where: (n, units) both."""
    size = max(1, NUMBERS // max(1, model.outputs_each))
    values, places = [], []
    for start in range(0, len(images), size):
        maps = layer_outputs(model, images[start : start + size], [name])[name]
        flat = maps.reshape(len(maps), -1, maps.shape[-1])[..., units]
        where = flat.argmax(axis=1)
        places.append(where)
        values.append(np.take_along_axis(flat, where[:, None], 1)[:, 0])
    return np.concatenate(values), np.concatenate(places)


def _place(number: int, out: Shape) -> tuple[int, ...]:
    return () if len(out) == 1 else tuple(int(i) for i in np.unravel_index(number, out[:2]))
