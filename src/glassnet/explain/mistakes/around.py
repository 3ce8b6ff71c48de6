"""Mistakes around the backward pass: when it is made, the update after it, the check beside it."""

from __future__ import annotations

from glassnet._core.types import Array
from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.recorder import StepRecorder
from glassnet.model import Sequential
from glassnet.optimizers import SGD


class StaleGradient(Mistake):
    """The backward pass repeated with the arrays of one forward pass."""

    name = "stale_gradient"
    what = "y = forward(x); for _ in range(100): backward(); update()"

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        moved = model.copy()
        moved.train_step(x, y, weights)
        moved.rng.bit_generator.state = model.rng.bit_generator.state  # the same dropout
        self.moved = moved
        return moved

    def before_backward(self, recorder: StepRecorder) -> None:
        recorder.model.parameters.values[...] = self.moved.parameters.values
        recorder.model.optimizer.set_state(self.moved.optimizer.get_state())


class OldVelocity(Mistake):
    """Nesterov's step with the velocity before it was updated."""

    name = "old_velocity"
    what = "w += mu * u - lr * g; u = mu * u - lr * g   # the order is wrong"

    def refuse(self, model: Sequential) -> str:
        optimizer = model.optimizer
        nesterov = isinstance(optimizer, SGD) and optimizer.nesterov
        return "" if nesterov else f"it is one of 'nesterov'; the optimizer is {optimizer.name!r}"

    def after_update(self, recorder: StepRecorder) -> None:
        optimizer, before = recorder.model.optimizer, recorder.before
        assert isinstance(optimizer, SGD)
        gradient = recorder.learning_rate * before["gradients"]
        step = optimizer.momentum * before["state/velocity"] - gradient
        recorder.model.parameters.values[...] = before["values"] + step


class Float32Differences(Mistake):
    """The differences computed in float32."""

    name = "float32_differences"
    what = "(f(x + h) - f(x - h)) / (2 * h) with float32 arrays and h = 1e-5"
    coarse_check = True
