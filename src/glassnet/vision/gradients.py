"""Which pixels the score of a class answers to: its gradient towards the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.vision.image import Seen, ask
from glassnet.vision.named import Shape
from glassnet.vision.subject import Known, score_gradient


@dataclass(frozen=True, eq=False)
class Saliency(Seen):
    """The gradient of a score towards each pixel.

    Attributes:
        gradient: ∂score/∂x, (rows, columns, channels).
    """

    gradient: Array

    @property
    def size(self) -> Array:
        """max over the channels of |∂score/∂x|, (rows, columns)."""
        found: Array = np.abs(self.gradient).max(axis=2)
        return found

    @property
    def times_input(self) -> Array:
        """Σ over the channels of x·∂score/∂x, (rows, columns): signed."""
        found: Array = (self.image * self.gradient).sum(axis=2)
        return found


def saliency(
    model: Sequential,
    image: ArrayLike,
    about: Any = None,
    *,
    data: Known | None = None,
    image_shape: Shape | None = None,
) -> Saliency:
    """How the score of a class, before its softmax, answers to a small change of each pixel.

        M[i, j] = max_c |∂S/∂x[i, j, c]|        (Simonyan, Vedaldi and Zisserman, 2014)

    and gradient × input, x·∂S/∂x, which says which way (Shrikumar et al., 2016).

    Args:
        image: one, as the network reads it.
        about: the class; the network's answer if not given.
        data: the data set that it is from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        ShapeError: no image, several, or one of another size.
        LabelError: a class that the model does not know.
    """
    asked = ask(model, image, about, data, image_shape, "saliency")
    gradient = score_gradient(asked.twin, asked.logits, asked.subject)[0]
    return Saliency(**vars(asked.seen), gradient=gradient.astype(np.float64).reshape(asked.shape))
