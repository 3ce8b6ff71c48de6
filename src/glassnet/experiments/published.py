"""Training as the published code did it, with its mistakes; the mistakes are switches.

The network, its loss and its updates are the library's own: ``glassnet.explain.MISTAKES``
reach into each step, as they do in ``explain_step``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from glassnet import Sequential, layers
from glassnet.data import Dataset
from glassnet.explain import explain_step
from glassnet.explain.applied import choose_mistakes
from glassnet.explain.record import Record, Watch

Array = NDArray[Any]

# Section by section what the article's code does wrong.
ALL = ("stale_gradient", "softmax_twice", "mean_of_bias_gradient")
IN_WORDS = {
    "stale_gradient": "1: one forward pass, 100 backward passes",
    "softmax_twice": "2: softmax derivative twice",
    "mean_of_bias_gradient": "3: mean for the bias gradient",
}
LEARNING_RATE = 0.15
OUTER, INNER = 100, 100  # forward passes, and updates after each


def article_net(seed: int, dtype: str = "float32") -> Sequential:
    """2-4-3, ReLU and softmax, weights 0.1·ε."""
    spread = {"name": "random_normal", "stddev": 0.1}
    model = Sequential(
        [
            layers.Dense(4, "relu", kernel_initializer=spread),
            layers.Dense(3, "softmax", kernel_initializer=spread),
        ],
        seed=seed, dtype=dtype,
    )  # fmt: skip
    model.compile(
        {"name": "sgd", "learning_rate": LEARNING_RATE}, "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )  # fmt: skip
    model.build(2)
    return model


@dataclass(frozen=True)
class Training:
    """What came of it: the loss before each forward pass's updates, and at the end."""

    model: Sequential
    losses: list[float]
    end_loss: float
    accuracy: float


class Step:
    """Forward, backward and update as three calls, so that they can be put together wrongly.

    It has what the mistakes read of a watched step: the model and the last layer's record.
    """

    def __init__(self, model: Sequential, data: Dataset, mistakes: Sequence[str]) -> None:
        self.model = model
        self.x = model.take_input(data.x)
        model.loss_and_gradient(data.x, data.y)  # learns the classes
        self.y = model.encode_targets(data.y)
        self.chosen = choose_mistakes(model, mistakes, len(data.x)).chosen
        self.records = [Record(layer.name, layer, None) for layer in model.layers]

    @property
    def last(self) -> Record:
        """The record of the last layer."""
        return self.records[-1]

    def forward(self) -> float:
        """The loss; every layer keeps what its backward pass will read."""
        objective, f = self.model.objective, self.model.output_activation()
        assert objective is not None and objective.fused and f is not None
        z = self.model.forward_logits(self.x, training=True)
        loss, self.dz = objective.loss.value_and_gradient(self.y, z)
        self.last.arrays["y"] = f.forward(z)
        return float(loss)

    def backward(self) -> None:
        """Every gradient, from what the last forward pass left."""
        watch = cast(Watch, self)
        dy = self.dz
        for mistake in self.chosen:
            dy = mistake.loss_gradient(watch, dy)
        for record in reversed(self.records):
            record.arrays["dz"] = dy
            layer = record.layer
            if record is self.last:
                assert isinstance(layer, layers.Dense)
                dx = layer.backward_logits(dy)
            else:
                dx = layer.backward(dy)
            for mistake in self.chosen:
                mistake.layer_gradients(watch, record)
            if dx is not None:
                dy = dx

    def update(self) -> None:
        """One step of the optimizer."""
        parameters = self.model.parameters
        self.model.optimizer.step(parameters.values, parameters.gradients, parameters.runs)


def train(
    model: Sequential,
    data: Dataset,
    mistakes: Sequence[str] = (),
    outer: int = OUTER,
    inner: int = INNER,
) -> Training:
    """``outer`` × ``inner`` updates on all of ``data`` with the given mistakes made in each.

    With "stale_gradient" the ``inner`` updates share one forward pass. Without a mistake this
    is plain gradient descent, as ``fit`` does it with one batch. ``model`` is trained.
    """
    stale = "stale_gradient" in mistakes
    step = Step(model, data, [name for name in mistakes if name != "stale_gradient"])
    losses = []
    # What the mistakes blow up is shown as it is.
    with model.reusing_memory(), np.errstate(all="ignore"):
        for _ in range(outer):
            losses.append(step.forward())
            for again in range(inner):
                if again and not stale:
                    step.forward()
                step.backward()
                step.update()
    with np.errstate(all="ignore"):
        found = model.evaluate(data.x, data.y)
    return Training(model, losses, found["loss"], found["accuracy"])


def caught_by_the_check(data: Dataset, mistake: str, seed: int) -> dict[str, str]:
    """What the gradient check says of each parameter in a step with this mistake (float64)."""
    model = article_net(seed, "float64")
    model.fit(data.x, data.y, batch_size=len(data.x), epochs=20, verbose=0)
    n = len(data.x)
    rows = np.linspace(0, n - 1, 30).astype(int)  # some of each class
    step = explain_step(model, data.x[rows], data.y[rows], mistakes=[mistake] if mistake else ())
    return {check.parameter: check.verdict for check in step.checks}
