"""Normalizations: over the batch, and over the features of one sample.

Both compute  x̂ = (x - μ) / √(σ² + ε),  y = γ·x̂ + β.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet import initializers
from glassnet._core.attributes import set_directly
from glassnet._core.parameters import Weight
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.normalization.kernels import normalise_rows, rows_backward
from glassnet.layers.normalization.shared import (
    batch_backward,
    batch_moments,
    scale_and_shift,
    sum_products,
)
from glassnet.layers.sight import Places, everything


class BatchSaved(NamedTuple):
    """x̂ and 1/√(σ²+ε) of the last forward, and whether μ and σ² were the batch's own."""

    normalised: Array
    inverse: Array
    of_batch: bool


class LayerSaved(NamedTuple):
    """x̂ and 1/√(σ²+ε) of the last forward, one for each sample."""

    normalised: Array
    inverse: Array


class Normalization(Layer):
    """What the two have in common: γ, β and ε."""

    normalizes = True

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "axis": "It is always the last one, that of the features or channels: leave it out.",
        "eps": "It is called epsilon.",
    }

    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    def __init__(self, epsilon: float, name: str | None, trainable: bool) -> None:
        super().__init__(name, trainable)
        self.epsilon = number(type(self).__name__, "epsilon", epsilon, above=0.0)

    def weights(self) -> list[Weight]:
        assert self.input_shape is not None
        shape = self.input_shape[-1:]
        return [
            Weight("gamma", shape, initializers.get("ones")),
            Weight("beta", shape, initializers.get("zeros")),
        ]

    def rows(self, x: Array) -> Array:
        """``x`` as a matrix whose columns are the features (of images: the channels)."""
        return np.ascontiguousarray(x).reshape(-1, x.shape[-1])

    def numbers_kept(self) -> int:
        assert self.input_shape is not None
        return 3 * prod(self.input_shape)  # x̂, y, dL/dx

    def like(self, key: str, x: Array) -> Array:
        return self.work.array(key, x.shape, x.dtype)


class BatchNormalization(Normalization):
    """Each feature with mean 0 and variance 1 over the batch (Ioffe and Szegedy, 2015).

    While training, μ and σ² are those of the batch; afterwards the running ones,
    running ← momentum·running + (1 - momentum)·batch.  Images (n, h, w, channels) are
    normalised per channel, over all pixels.  As in Keras the running variance takes the
    biased σ² (PyTorch's takes the unbiased one), and a frozen layer uses the running values.

        dL/dx = γ/√(σ²+ε) · (dL/dy - mean(dL/dy) - x̂·mean(dL/dy·x̂))
    """

    kind: ClassVar[str] = "batch_normalization"
    same_places = True

    moving_mean: Array
    moving_variance: Array

    def __init__(
        self,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(epsilon, name, trainable)
        self.momentum = number("BatchNormalization", "momentum", momentum, minimum=0.0, below=1.0)
        self._saved: tuple[Array, Array, bool] | None = None  # as in BatchSaved

    @property
    def saved(self) -> BatchSaved | None:
        return None if self._saved is None else BatchSaved(*self._saved)

    def weights(self) -> list[Weight]:
        gamma, beta = super().weights()
        zeros, ones = initializers.get("zeros"), initializers.get("ones")
        return [
            gamma,
            beta,
            Weight("moving_mean", gamma.shape, zeros, trained=False),
            Weight("moving_variance", gamma.shape, ones, trained=False),
        ]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        of_batch = training and self.trainable
        mean = self.work.array("mean", self.gamma.shape, x.dtype)
        inverse = self.work.array("inverse", self.gamma.shape, x.dtype)
        rows = self.rows(x)
        if of_batch:
            batch_moments(rows, mean, inverse)  # μ, σ²
            keep = x.dtype.type(self.momentum)
            moving_mean, moving_variance = self.moving_mean, self.moving_variance
            moving_mean += (1 - keep) * (mean - moving_mean)
            moving_variance += (1 - keep) * (inverse - moving_variance)
        else:
            mean[...], inverse[...] = self.moving_mean, self.moving_variance
        inverse += inverse.dtype.type(self.epsilon)
        np.sqrt(inverse, out=inverse)
        np.reciprocal(inverse, out=inverse)
        normalised, y = self.like("normalised", x), self.like("y", x)
        scale_and_shift(
            rows, mean, inverse, self.gamma, self.beta, self.rows(normalised), self.rows(y)
        )
        set_directly(self, "_saved", (normalised, inverse, of_batch))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        normalised, inverse, of_batch = self._saved
        dx = self.like("dx", dy)
        rows, out = self.rows(dy), self.rows(dx)
        sum_products(rows, self.rows(normalised), self.dbeta, self.dgamma)
        if not need_dx:
            return None
        share = dy.dtype.type(1 / len(rows) if of_batch else 0)
        batch_backward(
            rows, self.rows(normalised), inverse, self.gamma, self.dbeta, self.dgamma, share, out
        )
        return dx

    def config(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "epsilon": self.epsilon}


class LayerNormalization(Normalization):
    """Each sample with mean 0 and variance 1 over its features (Ba, Kiros and Hinton, 2016).

    The same while training and afterwards, and for any batch size.
    """

    kind: ClassVar[str] = "layer_normalization"

    def __init__(
        self, epsilon: float = 1e-3, name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(epsilon, name, trainable)
        self._saved: tuple[Array, Array] | None = None  # as in LayerSaved

    @property
    def saved(self) -> LayerSaved | None:
        return None if self._saved is None else LayerSaved(*self._saved)

    def reads(self, places: Places) -> Places:
        """The same places, all their channels."""
        assert self.input_shape is not None
        return (*places[:-1], *everything(self.input_shape[-1:]))

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.take_input(x)
        rows = self.rows(x)
        normalised, y = self.like("normalised", x), self.like("y", x)
        inverse = self.work.array("inverse", (len(rows),), x.dtype)
        normalise_rows(
            rows,
            x.dtype.type(self.epsilon),
            self.gamma,
            self.beta,
            inverse,
            self.rows(normalised),
            self.rows(y),
        )
        set_directly(self, "_saved", (normalised, inverse))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        normalised, inverse = self._saved
        dx = self.like("dx", dy)
        rows = self.rows(dy)
        sum_products(rows, self.rows(normalised), self.dbeta, self.dgamma)
        if not need_dx:
            return None
        rows_backward(rows, self.rows(normalised), inverse, self.gamma, self.rows(dx))
        return dx

    def config(self) -> dict[str, Any]:
        return {"epsilon": self.epsilon}
