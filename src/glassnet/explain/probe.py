"""The loss of a copy of the model as one number in it is moved a little: the independent check.

    ∂L/∂w ≈ (L(w + h) - L(w - h)) / 2h

The loss is that of a copy of the model in float64, with the same random numbers each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from glassnet._core.formula import Index
from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.calculus import numerical_diff
from glassnet.errors import DataError
from glassnet.layers import Layer, walk
from glassnet.model import Sequential

STEP = 1e-5  # truncation h²·f'''/6 ≈ 1e-11, rounding 1e-16/h ≈ 1e-11


class LossAlong:
    """L along one number: its slope, and the slopes of its two sides."""

    def __init__(self, loss: Callable[[float], float], h: float, probe: Probe) -> None:
        self._loss, self.h, self._probe = loss, h, probe

    def slope(self, h: float | None = None) -> float:
        """(L(+h) - L(-h)) / 2h; NaN where the loss is not finite."""
        try:
            return float(numerical_diff(self._loss, 0.0, h or self.h))
        except DataError:
            return math.nan

    def sides(self) -> tuple[float, float]:
        """The smaller and the larger one of the slopes to the left and to the right."""
        h = self.h / 10
        low, here, high = (self._loss(delta) for delta in (-h, 0.0, h))
        left, right = (here - low) / h, (high - here) / h
        return min(left, right), max(left, right)

    def noise(self) -> float:
        """How far rounding alone may part the two slopes of :meth:`sides`: some ε·|L| / h."""
        epsilon = float(np.finfo(self._probe.model.dtype).eps)
        return 8 * epsilon * abs(self._loss(0.0)) / (self.h / 10)

    def below_corners(self) -> float:
        """The slope where each unit whose z is just 0 lies a little below.

        There a ReLU has the derivative that the backward pass takes at 0.
        """
        self._probe.find_corners()
        self._probe.nudge = 100 * self.h
        try:
            return self.slope()
        finally:
            self._probe.nudge = 0.0


class Probe:
    """L as a function of any one number in the network.

    Args:
        model: a model before the step; it is copied.
        x, y, weights: the batch, checked and encoded.
        h: the step of the differences.
        dtype: what it computes in.
    """

    def __init__(
        self, model: Sequential, x: Array, y: Array, weights: Array | None, h: float, dtype: str
    ) -> None:
        self.model = model.copy(dtype)
        self.h = h
        self.x = x if x.dtype == np.uint8 else x.astype(self.model.dtype)
        self.y, self.weights = y, weights
        self._random = self.model.rng.bit_generator.state
        self._kept = self.model.parameters.state.copy()
        self._values = self.model.parameters.values.copy()
        self._searching = False
        self._shift: tuple[str, str, Index, float] | None = None
        self.nudge = 0.0  # how far below 0 a z is put that is just 0 in the step itself
        self._corners: dict[str, Array] | None = None  # where that is so, by layer
        for name, layer in walk(self.model.layers):
            self._wrap(name, layer)

    def loss(self) -> float:
        """L, penalties included, as training computes it (dropout as in the step)."""
        model = self.model
        assert model.objective is not None
        model.rng.bit_generator.state = self._random
        read = (
            model.forward_logits(self.x, True)
            if model.objective.fused
            else model.forward(self.x, True)
        )
        model.parameters.state[...] = self._kept
        loss = model.objective.loss(self.y, read, self.weights)
        return loss + model.penalty()

    def parameter(self, index: int) -> LossAlong:
        """L as values[index] moves."""
        return LossAlong(self._moving_parameter(index), self.h, self)

    def inner(self, layer: str, quantity: str, index: Sequence[int]) -> LossAlong:
        """L as the x, z or y of a layer moves at one place."""
        return LossAlong(self._moving_inner(layer, quantity, tuple(index)), self.h, self)

    def _moving_parameter(self, index: int) -> Callable[[float], float]:
        def along(delta: float) -> float:
            values = self.model.parameters.values
            values[index] = self._values[index] + delta
            try:
                return self.loss()
            finally:
                values[index] = self._values[index]

        return along

    def _moving_inner(self, layer: str, quantity: str, index: Index) -> Callable[[float], float]:
        def along(delta: float) -> float:
            self._shift = layer, quantity, index, delta
            try:
                return self.loss()
            finally:
                self._shift = None

        return along

    def _wrap(self, name: str, layer: Layer) -> None:
        """Let the layer add the shift where it is asked for."""
        forward, logits, function = layer.forward, layer.forward_logits, layer.function

        def shifted(x: Array, training: bool = False) -> Array:
            here = self._shift is not None and self._shift[0] == name
            if not (here or self.nudge or self._searching):
                return forward(x, training)
            x = self._moved("x", x) if here else x
            if function is None:
                return self._moved("y", forward(x, training)) if here else forward(x, training)
            z = logits(x, training)
            z = self._moved("z", z) if here else z
            y = function.forward(self._beside(name, z, function))
            return self._moved("y", y) if here else y

        vars(layer)["forward"] = shifted
        if function is not None:

            def shifted_logits(x: Array, training: bool = False) -> Array:
                if self._shift is None or self._shift[0] != name:
                    return logits(x, training)
                return self._moved("z", logits(self._moved("x", x), training))

            vars(layer)["forward_logits"] = shifted_logits

    def find_corners(self) -> None:
        """Note which z are just 0 in the step itself, where their function has a corner."""
        if self._corners is None:
            self._corners, self._searching = {}, True
            self.loss()
            self._searching = False

    def _beside(self, name: str, z: Array, f: Activation) -> Array:
        """z, and what is just 0 in the step itself a little below it."""
        if self._corners is None:
            return z
        if self._searching and f.elementwise:
            left, right = np.asarray(f.derivative(np.array([-1e-9, 1e-9])))
            if abs(right - left) > 1e-3:
                self._corners[name] = np.abs(z) <= 1e-12
        return np.where(self._corners[name], z - self.nudge, z) if name in self._corners else z

    def _moved(self, quantity: str, array: Array) -> Array:
        assert self._shift is not None
        _, wanted, index, delta = self._shift
        if wanted != quantity:
            return array
        moved = array.astype(self.model.dtype)
        moved[index] += delta
        return moved
