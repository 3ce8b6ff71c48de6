"""Normalizations: over the batch, and over the features of one sample.

Both compute  x̂ = (x - μ) / √(σ² + ε),  y = γ·x̂ + β.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet import initializers
from glassnet._core.jit import kernel
from glassnet._core.parameters import Weight
from glassnet._core.settings import number
from glassnet.layers.base import Layer

Array = NDArray[Any]


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
            self.moving_mean += (1 - keep) * (mean - self.moving_mean)
            self.moving_variance += (1 - keep) * (inverse - self.moving_variance)
        else:
            mean[...], inverse[...] = self.moving_mean, self.moving_variance
        inverse += inverse.dtype.type(self.epsilon)
        np.sqrt(inverse, out=inverse)
        np.reciprocal(inverse, out=inverse)
        normalised, y = self.like("normalised", x), self.like("y", x)
        scale_and_shift(
            rows, mean, inverse, self.gamma, self.beta, self.rows(normalised), self.rows(y)
        )
        self._saved = normalised, inverse, of_batch
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
        self._saved = normalised, inverse
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


@kernel
def batch_moments(x: Array, mean: Array, variance: Array) -> None:
    """mean = Σᵢ xᵢ / n,  variance = Σᵢ (xᵢ - mean)² / n, for each column."""
    n, k = x.shape
    share = x.dtype.type(1) / x.dtype.type(n)
    mean[:] = 0
    variance[:] = 0
    for i in range(n):
        for j in range(k):
            mean[j] += x[i, j]
    for j in range(k):
        mean[j] *= share
    for i in range(n):
        for j in range(k):
            variance[j] += (x[i, j] - mean[j]) ** 2
    for j in range(k):
        variance[j] *= share


@kernel
def scale_and_shift(
    x: Array, mean: Array, inverse: Array, gamma: Array, beta: Array, normalised: Array, y: Array
) -> None:
    """x̂ = (x - mean)·inverse,  y = γ·x̂ + β."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            normalised[i, j] = (x[i, j] - mean[j]) * inverse[j]
            y[i, j] = gamma[j] * normalised[i, j] + beta[j]


@kernel
def sum_products(dy: Array, normalised: Array, dbeta: Array, dgamma: Array) -> None:
    """dβ = Σᵢ dyᵢ,  dγ = Σᵢ dyᵢ·x̂ᵢ, for each column."""
    dbeta[:] = 0
    dgamma[:] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dbeta[j] += dy[i, j]
            dgamma[j] += dy[i, j] * normalised[i, j]


@kernel
def batch_backward(
    dy: Array,
    normalised: Array,
    inverse: Array,
    gamma: Array,
    dbeta: Array,
    dgamma: Array,
    share: Any,
    dx: Array,
) -> None:
    """dx = γ·inverse·(dy - dβ·share - x̂·dγ·share); share is 1/n, or 0 with running values."""
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            pull = (dbeta[j] + normalised[i, j] * dgamma[j]) * share
            dx[i, j] = gamma[j] * inverse[j] * (dy[i, j] - pull)


@kernel
def normalise_rows(
    x: Array, epsilon: Any, gamma: Array, beta: Array, inverse: Array, normalised: Array, y: Array
) -> None:
    """For each row: x̂ = (x - μ)·inverse with inverse = 1/√(σ² + ε),  y = γ·x̂ + β."""
    n, k = x.shape
    share = x.dtype.type(1) / x.dtype.type(k)
    for i in range(n):
        mean = x.dtype.type(0)
        variance = x.dtype.type(0)
        for j in range(k):
            mean += x[i, j]
        mean *= share
        for j in range(k):
            variance += (x[i, j] - mean) ** 2
        inverse[i] = 1 / np.sqrt(variance * share + epsilon)
        for j in range(k):
            normalised[i, j] = (x[i, j] - mean) * inverse[i]
            y[i, j] = gamma[j] * normalised[i, j] + beta[j]


@kernel
def rows_backward(dy: Array, normalised: Array, inverse: Array, gamma: Array, dx: Array) -> None:
    """With g = γ·dy, for each row: dx = inverse·(g - mean(g) - x̂·mean(g·x̂))."""
    n, k = dy.shape
    share = dy.dtype.type(1) / dy.dtype.type(k)
    for i in range(n):
        mean = dy.dtype.type(0)
        along = dy.dtype.type(0)
        for j in range(k):
            mean += gamma[j] * dy[i, j]
            along += gamma[j] * dy[i, j] * normalised[i, j]
        mean *= share
        along *= share
        for j in range(k):
            dx[i, j] = inverse[i] * (gamma[j] * dy[i, j] - mean - normalised[i, j] * along)
