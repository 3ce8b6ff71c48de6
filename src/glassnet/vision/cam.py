"""Grad-CAM: which places of a layer's maps speak for a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from glassnet._core.types import Array
from glassnet.model import Sequential
from glassnet.vision.field import maps_shape, path_to
from glassnet.vision.image import Seen, ask
from glassnet.vision.named import Shape, last_convolution, layer_named
from glassnet.vision.subject import Known, outputs_and_logits, score_gradient
from glassnet.vision.tapping import tapped


@dataclass(frozen=True, eq=False)
class GradCam(Seen):
    """A map of what speaks for a class.

    Attributes:
        layer: whose maps were weighted.
        map: L ≥ 0, (rows, columns) of that layer.
        weights: α, how much each of its channels speaks for the class.
    """

    layer: str
    map: Array
    weights: Array

    @property
    def on_image(self) -> Array:
        """The map as large as the image, between its places linear: (rows, columns)."""
        height, width = self.image.shape[:2]
        small = Image.fromarray(self.map.astype(np.float32))
        return np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), np.float64)


def grad_cam(
    model: Sequential,
    image: ArrayLike,
    about: Any = None,
    *,
    layer: str | None = None,
    data: Known | None = None,
    image_shape: Shape | None = None,
) -> GradCam:
    """Where in the image a layer finds what speaks for a class.

        α[k] = 1/(rows·columns) Σ_ij ∂S/∂A[i, j, k]        how much map k speaks for the class
        L[i, j] = max(0, Σ_k α[k]·A[i, j, k])

    with A what the layer gives for the image, and S the score of the class before its softmax.
    (Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, 2017.)

    Args:
        image: one, as the network reads it.
        about: the class; the network's answer if not given.
        layer: its name; the last convolution if not given. Inside a block ``"residual/conv2d"``.
        data: the data set that it is from: names of the classes, shape of the images.
        image_shape: (rows, columns) or with channels, of images that come as rows of pixels.

    Raises:
        NotBuiltError: the model has no parameters yet.
        ConfigError: a network without convolution.
        UnknownNameError: no such layer.
        ShapeError: a layer without rows and columns; no image, or one of another size.
        LabelError: a class that the model does not know.
    """
    asked = ask(model, image, about, data, image_shape, "grad_cam")
    name = last_convolution(model) if layer is None else layer
    maps_shape(model, name)
    path_to(model, name)  # refuses one of several networks side by side
    chosen = {name: layer_named(asked.twin, name)}
    maps: dict[str, Array] = {}
    gradients: dict[str, Array] = {}
    with tapped(chosen, maps, "forward"), tapped(chosen, gradients, "backward"):
        _, logits = outputs_and_logits(asked.twin, asked.inputs)
        score_gradient(asked.twin, logits, asked.subject)
    A, dA = (found[name][0].astype(np.float64) for found in (maps, gradients))
    weights = dA.mean(axis=(0, 1))
    return GradCam(**vars(asked.seen), layer=name, map=np.maximum(A @ weights, 0), weights=weights)
