"""What the network has made of the images before its last layer, in the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.principal import principal
from glassnet._core.registry import lookup
from glassnet._core.types import Array
from glassnet.errors import DataError
from glassnet.model import Sequential
from glassnet.vision.named import layer_named, layers_of
from glassnet.vision.tapping import layer_outputs

WAYS = {"pca": "the two directions of largest variance", "tsne": "neighbours stay neighbours"}
MOST = {"pca": 2000, "tsne": 1000}


@dataclass(frozen=True, eq=False)
class Embedding:
    """Images as points.

    Attributes:
        points: (n, 2).
        samples: which of the images they are, counted from 0.
        layer: what was embedded is what it reads, or gives: see ``reads``.
        reads: whether it is what the layer reads.
        features: how many numbers an image has there.
        way: "pca" or "tsne".
        explained: of PCA the share of the variance along each axis; None of t-SNE.
        total: how many images there were.
    """

    points: Array
    samples: Array
    layer: str
    reads: bool
    features: int
    way: str
    explained: tuple[float, float] | None
    total: int


def embedding(
    model: Sequential,
    x: ArrayLike,
    *,
    layer: str | None = None,
    way: Literal["pca", "tsne"] = "pca",
    seed: int = 0,
    most: int | None = None,
    perplexity: float = 30.0,
) -> Embedding:
    """The numbers that an inner layer gives for images, brought into the plane.

    PCA: the two directions of largest variance, of the numbers as they are (Pearson, 1901).
    t-SNE: points whose neighbours are those of the images' numbers; distances between groups mean
    nothing (van der Maaten and Hinton, 2008; scikit-learn's).

    Args:
        x: images (n, …) as the network reads them, such as the held-out ones.
        layer: what this one gives; if not given, what the last layer with weights reads.
        way: "pca" or "tsne".
        seed: of t-SNE, and of which images are taken if there are more than ``most``.
        most: images; 2,000, for t-SNE 1,000, if not given.
        perplexity: of t-SNE: about how many neighbours count.

    Raises:
        NotBuiltError: the model has no parameters yet.
        UnknownNameError: no such layer, or no such way.
        ShapeError, DataError: not images of the network's size; fewer than three.
    """
    lookup("way", WAYS, way)
    images = np.asarray(x)
    if len(images) < 3:
        raise DataError(f"embedding: {len(images)} images are too few for a plane; pass 3 or more.")
    count = most or MOST[way]
    chosen = np.arange(len(images))
    if len(images) > count:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(images))[:count])
    name, reads = (last_with_weights(model), True) if layer is None else (layer, False)
    rows = _numbers(model, images[chosen], name, reads)
    explained = None
    if way == "pca":
        points, shares = principal(rows)
        explained = float(shares[0]), float(shares[1])
    else:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits

        near = min(perplexity, (len(rows) - 1) / 3)
        made: Any = TSNE(2, perplexity=near, init="pca", random_state=seed)
        with threadpool_limits(1):  # the same for any number of cores; its threads wait busily
            points = made.fit_transform(rows)
    return Embedding(
        points, chosen, name, reads, rows.shape[1], way, explained, len(images)
    )  # fmt: skip


def last_with_weights(model: Sequential) -> str:
    """The name of the last layer of the row that has weights: the one that answers."""
    layers_of(model)
    return next((la.name for la in reversed(model.layers) if la.weights()), model.layers[-1].name)


def _numbers(model: Sequential, images: Array, name: str, reads: bool) -> Array:
    """(n, features): what the layer gives, or reads."""
    if reads:
        below = [layer.name for layer in model.layers]
        at = below.index(name)
        if not at:
            return model.take_input(images).reshape(len(images), -1).astype(np.float64)
        name = below[at - 1]
    layer_named(model, name)
    return layer_outputs(model, images, [name])[name].reshape(len(images), -1).astype(np.float64)
