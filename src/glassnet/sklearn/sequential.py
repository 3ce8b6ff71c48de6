"""A Sequential whose loss is put together as scikit-learn's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.layers.regularizers import add_penalty_gradient, penalty
from glassnet.model import Sequential
from glassnet.model.evaluation import part_losses
from glassnet.model.samples import Samples


class SklearnSequential(Sequential):
    """L = (1/S)·(c·Σ wᵢ·lᵢ + (α/2)·ΣW²),  S = Σ wᵢ, over the samples of a batch.

    glassnet's own losses are (1/n)·Σ wᵢ·lᵢ, as Keras's. scikit-learn divides by the sum of
    the weights, and divides its L2 term, over all W and no b, by it as well: so the penalty
    counts for more in a small batch. The factor c makes up for the means over outputs that
    Keras takes and scikit-learn does not: ½·k for squared errors of k outputs.

    Attributes:
        alpha: α.
        factor: c.
        shown: what share of the first term is reported. scikit-learn reports the
            mean over the outputs of a squared error, and descends along their sum.
    """

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.alpha = 0.0
        self.factor = 1.0
        self.shown = 1.0
        self._penalised: list[tuple[Array, Array]] = []
        self._term = 0.0

    @contextlib.contextmanager
    def learning(self, sparse: bool) -> Iterator[None]:
        """While it lasts, layers reuse their memory and the penalty is counted.

        Sparse rows go through the layers; arrays of a few rows through one compiled call.
        """
        parameters = self.parameters
        kernels = [name for name in parameters.names if name.endswith("/W")]
        self._penalised = [
            (parameters.view(name).reshape(-1), parameters.gradient(name).reshape(-1))
            for name in kernels
        ]
        steps = contextlib.nullcontext() if sparse else self.compiled_steps()
        try:
            with self.reusing_memory(), steps:
                yield
        finally:
            self._penalised, self._read = [], None

    def train_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        loss = super().train_step(x, y, sample_weight)
        return loss - (1.0 - self.shown) * self._term

    def shown_loss(self, x: Array, y: Array, sample_weight: Array | None) -> float:
        """L as it is reported."""
        return self.loss_of(x, y, sample_weight) - (1.0 - self.shown) * self._term

    def loss_of(self, x: Array, y: Array, sample_weight: Array | None) -> float:
        """L, with its gradient left in ``parameters.gradients``."""
        return self._loss_and_gradient(x, y, sample_weight, training=True)

    def _loss_and_gradient(
        self, x: Array, y: Array, sample_weight: Array | None, training: bool
    ) -> float:
        weights, total = self._weights(len(x), sample_weight)
        loss = self._term = super()._loss_and_gradient(x, y, weights, training)
        if self.alpha and total:
            share = self.alpha / (2.0 * total)
            zero, twice = self.dtype.type(0.0), self.dtype.type(2.0 * share)
            for W, dW in self._penalised:
                loss += penalty(W, 0.0, share)
                add_penalty_gradient(W, dW, zero, twice)
        return loss

    def _weights(self, n: int, sample_weight: Array | None) -> tuple[Array | None, float]:
        """n·c·wᵢ/S for each sample, and S; all 0 where S is 0."""
        if sample_weight is None:
            if self.factor == 1.0:
                return None, float(n)
            return np.full(n, self.factor, self.dtype), float(n)
        total = float(sample_weight.sum(dtype=np.float64))
        if not total:
            return np.zeros(n, self.dtype), 0.0
        return sample_weight * self.dtype.type(self.factor * n / total), total

    # ---- evaluating --------------------------------------------------------------------

    def evaluate_encoded(
        self, x: Array, y: Array, sample_weight: Array | None
    ) -> tuple[float, Array]:
        """The first term of L on samples that are not learned from, and their outputs."""
        weights, _ = self._weights(len(x), sample_weight)
        out = np.empty((len(x), self.outputs), self.dtype)
        total, done = 0.0, 0
        for part, losses, read in part_losses(self, Samples(x, y, weights)):
            total += losses
            out[done : done + len(part.y)] = self.outputs_from(read)
            done += len(part.y)
        return self.shown * total / len(x), out
