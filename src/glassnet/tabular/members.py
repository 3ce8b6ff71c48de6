"""One network of the ensemble: what it learns from, what it is judged by, its best weights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.initializers import RandomNormal, VarianceScaling
from glassnet.layers import Dense, Dropout, Layer, PeriodicEmbedding
from glassnet.losses import Loss, MeanSquaredError, SparseCategoricalCrossentropy
from glassnet.model import Sequential
from glassnet.optimizers import AdamW
from glassnet.schedules import CosineDecay
from glassnet.tabular.folds import RowBatches
from glassnet.tabular.recipe import MemberSettings, Recipe
from glassnet.training.loop import Training
from glassnet.training.run import Run

BATCH = 256  # the batch for which the learning rates were found
LOWEST = 0.02  # the learning rate at the end, as a share of the highest


def network(
    outputs: int,
    task: str,
    recipe: Recipe,
    settings: MemberSettings,
    seed: int,
    first: float = 1.0,
    waves: Sequence[int] = (),
) -> Sequential:
    """Two hidden layers and an output of logits, or of one value.

    In front of them, if the settings say so, waves of the features ``waves``.

    First weights: normal with variance ``first``/n, 2/n behind a hidden layer (He et al. 2015),
    1/(4·n) at the output; hidden biases normal with 0.1, so that the units of a layer bend in
    different places.
    """

    def normal(scale: float) -> VarianceScaling:
        return VarianceScaling(scale, "fan_in", "untruncated_normal")

    layers: list[Layer] = []
    if settings.waves and len(waves):
        layers.append(PeriodicEmbedding(sigma=settings.waves, columns=list(waves)))
    for i, units in enumerate(recipe.units):
        layers += [
            Dense(
                units,
                settings.activation,
                kernel_initializer=normal(2.0 if i else first),
                bias_initializer=RandomNormal(stddev=0.1),
            ),
            Dropout(settings.dropout),
        ]
    layers.append(Dense(outputs, kernel_initializer=normal(0.25)))
    made = Sequential(layers, seed=seed)
    made.compile(loss=loss_for(task, from_logits=True))
    return made


def loss_for(task: str, from_logits: bool) -> Loss:
    """What is minimised: of class numbers, or of values."""
    if task == "classification":
        return SparseCategoricalCrossentropy(from_logits=from_logits)
    return MeanSquaredError()


class Member:
    """A network, the rows it learns from, and the rows it leaves out.

    Args:
        network: of :func:`network`.
        batches: of the rows it learns from; ``epochs`` times.
        held_out: the rows that it never learns from, and ``held`` gives their features in parts.

    Attributes:
        network: as it is now.
        held_out: the rows that it never learns from.
        outputs: its logits or values of those, when it was last judged.
        best: the weights of the epoch that was chosen, and ``best_outputs`` what it gave then.
    """

    def __init__(
        self,
        network: Sequential,
        batches: RowBatches,
        epochs: int,
        held_out: NDArray[np.int64],
        held: Callable[[], Iterable[Array]],
        recipe: Recipe,
        settings: MemberSettings,
    ) -> None:
        self.network, self.batches, self.held_out, self._held = network, batches, held_out, held
        self.epochs = epochs
        steps = epochs * batches.steps_per_epoch
        rate = settings.learning_rate * batches.batch_size / BATCH
        warmup = max(1, steps // 20)
        network.optimizer = AdamW(
            CosineDecay(0.0, steps, LOWEST, warmup_target=rate, warmup_steps=warmup),
            beta_2=recipe.beta_2,
            epsilon=1e-8,
            weight_decay=recipe.weight_decay,
        )
        network.ready(batches.x.shape[1:])
        self.run = Run(
            epochs=epochs,
            steps_per_epoch=batches.steps_per_epoch,
            batch_size=batches.batch_size,
            sample_count=batches.n_samples,
        )
        self._steps = iter(Training(network, batches, self.run))
        self.judge()
        self.keep()

    def learn(self) -> None:
        """Go through its rows once."""
        before = self.run.epoch
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in self._steps:
                if self.run.epoch > before:
                    break

    def judge(self) -> None:
        """Look at the rows that it leaves out."""
        # Copies: while it is trained, a network writes into the same array each time.
        outputs = [self.network.forward(x).astype(np.float64) for x in self._held()]
        self.outputs = np.concatenate(outputs)

    def keep(self) -> None:
        """Its weights as they are now are the best so far."""
        self.best, self.best_outputs = self.network.parameters.values.copy(), self.outputs

    @contextlib.contextmanager
    def training(self) -> Iterator[None]:
        """While it lasts, the layers write into the same arrays again and again."""
        with self.network.lock.fitting(self.network.name), self.network.reusing_memory():
            yield
