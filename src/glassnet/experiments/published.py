"""Training as the published code did it, with its mistakes; the mistakes are switches.

The network, its loss and its updates are the library's own: ``glassnet.explain.MISTAKES``
reach into each step, as they do in ``explain_step``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import cast

import numpy as np

from glassnet import Sequential, layers
from glassnet._core.types import Array
from glassnet.data import Dataset
from glassnet.data.batches import Batch
from glassnet.errors import DivergedError
from glassnet.explain import explain_step
from glassnet.explain.mistakes import choose_mistakes
from glassnet.explain.recorder import Record, StepRecorder
from glassnet.training.loop import Training
from glassnet.training.run import Run

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
class Outcome:
    """What came of it: the loss before each forward pass's updates, and at the end."""

    model: Sequential
    losses: list[float]
    end_loss: float
    accuracy: float


class PublishedModel:
    """A model whose step is put together wrongly, for the training loop.

    It has what the mistakes read of a watched step: the model and the last layer's record.

    Args:
        inner: updates that share one forward pass.
    """

    def __init__(
        self, model: Sequential, data: Dataset, mistakes: Sequence[str], inner: int
    ) -> None:
        self.model = model
        self.parameters, self.optimizer, self.rng = model.parameters, model.optimizer, model.rng
        self.lock, self.stop_training = model.lock, False
        self.inner, self.steps = inner, 0
        self.chosen = choose_mistakes(model, mistakes, len(data.x)).mistakes
        self.records = [Record(layer.name, layer, None) for layer in model.layers]

    @property
    def last(self) -> Record:
        """The record of the last layer."""
        return self.records[-1]

    def train_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """One update; the loss of the last forward pass."""
        if self.steps % self.inner == 0:
            self.forward(x, y)
        self.backward()
        self.optimizer.step(self.parameters.values, self.parameters.gradients, self.parameters.runs)
        self.steps += 1
        return self.loss

    def forward(self, x: Array, y: Array) -> None:
        """The loss; every layer keeps what its backward pass will read."""
        objective, f = self.model.objective, self.model.output_activation()
        assert objective is not None and objective.fused and f is not None
        z = self.model.forward_logits(x, training=True)
        loss, self.dz = objective.loss.value_and_gradient(y, z)
        self.loss = float(loss)
        self.last.arrays["y"] = f.forward(z)

    def backward(self) -> None:
        """Every gradient, from what the last forward pass left."""
        recorder = cast(StepRecorder, self)
        dy = self.dz
        for mistake in self.chosen:
            dy = mistake.loss_gradient(recorder, dy)
        for record in reversed(self.records):
            record.arrays["dz"] = dy
            layer = record.layer
            dx = layer.backward_logits(dy) if record is self.last else layer.backward(dy)
            for mistake in self.chosen:
                mistake.layer_gradients(recorder, record)
            if dx is not None:
                dy = dx

    def update_metrics(self, y: Array, sample_weight: Array | None) -> None:
        """Nothing: only the loss is looked at."""

    def first_bad_layer(self, x: Array) -> str:
        """The first layer whose output on ``x`` is not finite."""
        return self.model.first_bad_layer(x)

    def shrinking(self) -> float:
        """Nothing: it has no penalty."""
        return 0.0


@dataclass(frozen=True)
class SameBatch:
    """Epochs of ``steps_per_epoch`` updates on the same batch."""

    batch: Batch
    steps_per_epoch: int

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        return repeat(self.batch, self.steps_per_epoch - skip)


def train(
    model: Sequential,
    data: Dataset,
    mistakes: Sequence[str] = (),
    outer: int = OUTER,
    inner: int = INNER,
) -> Outcome:
    """``outer`` × ``inner`` updates on all of ``data`` with the given mistakes made in each.

    With "stale_gradient" the ``inner`` updates share one forward pass. Without a mistake this
    is gradient descent, as ``fit`` does it with one batch. ``model`` is trained; where the
    mistakes blow up its loss, it ends there.
    """
    model.loss_and_gradient(data.x, data.y)  # learns the classes
    batch = Batch(model.take_input(data.x), model.encode_targets(data.y), None, len(data.x))
    once = [name for name in mistakes if name != "stale_gradient"]
    wrong = PublishedModel(model, data, once, inner if len(once) < len(mistakes) else 1)
    steps = iter(Training(wrong, SameBatch(batch, inner), Run(epochs=outer)))
    losses = []
    with model.reusing_memory(), np.errstate(all="ignore"):
        try:
            for number, loss in enumerate(steps):
                if number % inner == 0:
                    losses.append(loss)
        except DivergedError:
            return Outcome(model, [*losses, math.nan], math.nan, math.nan)
        measured = model.evaluate(data.x, data.y)
    return Outcome(model, losses, measured["loss"], measured["accuracy"])


def caught_by_the_check(data: Dataset, mistake: str, seed: int) -> dict[str, str]:
    """What the gradient check says of each parameter in a step with this mistake (float64)."""
    model = article_net(seed, "float64")
    model.fit(data.x, data.y, batch_size=len(data.x), epochs=20, verbose=0)
    n = len(data.x)
    rows = np.linspace(0, n - 1, 30).astype(int)  # some of each class
    step = explain_step(model, data.x[rows], data.y[rows], mistakes=[mistake] if mistake else ())
    return {check.parameter: check.verdict for check in step.checks}
