"""Which parts of an image an answer needs: covered one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.vision.covering import fall, side_of, stride_of
from glassnet.vision.image import Seen, ask
from glassnet.vision.named import Shape
from glassnet.vision.subject import Known


@dataclass(frozen=True, eq=False)
class Occlusion(Seen):
    """How much an answer falls where the image is covered.

    Attributes:
        fall: of the probability of ``about`` (of its score, where there is none), (rows,
            columns): positive where the answer needs what is there, negative where that speaks
            against it.
        patch: the side of the square that was covered.
        stride: from one place to the next.
        baseline: what it was covered with, one number for each channel.
    """

    fall: Array
    patch: int
    stride: int
    baseline: tuple[float, ...]


def occlusion(
    model: Sequential,
    image: ArrayLike,
    about: Any = None,
    *,
    data: Known | None = None,
    image_shape: Shape | None = None,
    patch: int | None = None,
    stride: int | None = None,
    baseline: ArrayLike | None = None,
) -> Occlusion:
    """Cover a square of the image, look what becomes of the answer, and move on.

        fall[i, j] = p(image) - p(image with the square around (i, j) covered)

    (Zeiler and Fergus, 2014.)

    Args:
        image: one, as the network reads it.
        about: the class; the network's answer if not given.
        data: the data set that it is from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.
        patch: the side of the square; a ninth of the image if not given, 1 up to 100 pixels.
        stride: from one place to the next; if not given so much that there are a thousand
            places at most.
        baseline: what covers: a number, or one for each channel. If not given, 0 for images of
            one channel (no ink), the image's mean colour for others.

    Raises:
        NotBuiltError: the model has no parameters yet.
        ShapeError: no image, several, or one of another size; a baseline of other channels.
        LabelError: a class that the model does not know.
        ConfigError: a patch or stride that is no whole number from 1 on.
    """
    asked = ask(model, image, about, data, image_shape, "occlusion")
    side = side_of(patch, asked.shape, "occlusion")
    step = stride_of(asked.shape) if stride is None else whole_number("occlusion", "stride", stride)
    cover = _cover(asked.seen.image, baseline)
    value = asked.seen.image.reshape(asked.inputs.shape[1:])
    empty = np.broadcast_to(cover, asked.shape).reshape(value.shape)
    fallen = fall(asked.twin, value, empty, asked.subject, asked.shape, side, step)
    return Occlusion(
        **vars(asked.seen),
        fall=fallen.reshape(asked.shape)[..., 0],
        patch=side,
        stride=step,
        baseline=tuple(map(float, cover)),
    )


def _cover(image: Array, baseline: ArrayLike | None) -> Array:
    channels = image.shape[2]
    if baseline is not None:
        return np.broadcast_to(np.asarray(baseline, np.float64), (channels,))
    return np.zeros(1) if channels == 1 else image.mean(axis=(0, 1))
