"""The training loop: epochs of mini-batches, validation, callbacks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet._core.parameters import Parameters
from glassnet._core.storage import PathLike
from glassnet.callbacks.base import Callback, overrides, split_arrays
from glassnet.errors import DataError, DivergedError
from glassnet.metrics import Metric
from glassnet.optimizers.base import Optimizer
from glassnet.training.history import History
from glassnet.training.interrupt import deferred_interrupt

Array = NDArray[Any]

KEEP_EVERY = 100  # steps between two copies of the weights that are known to be good


class Learner(Protocol):
    """What the loop asks of a model."""

    parameters: Parameters
    optimizer: Optimizer
    rng: np.random.Generator

    def train_step(self, x: Array, y: Array, sample_weight: Array | None) -> float:
        """One update; returns the loss before it."""

    def update_metrics(self, y: Array, sample_weight: Array | None) -> None:
        """Count the outputs of the last step."""

    def first_bad_layer(self, x: Array) -> str:
        """The first layer whose output on ``x`` is not finite."""

    def save_checkpoint(self, path: PathLike, run: Run) -> None:
        """Write everything that a resumed run needs."""


class Batches(Protocol):
    """What the loop draws from."""

    @property
    def steps_per_epoch(self) -> int | None:
        """How many batches an epoch has, if known."""

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Any]:
        """The batches of an epoch, shuffled by ``rng``, from number ``skip`` on."""


@dataclass
class Run:
    """Where a training run stands.

    Attributes:
        epochs: how many in all.
        epoch, batch: done so far: whole epochs, and batches of the one under way.
        shuffle_seed: the seed of this epoch's order.
        loss_sum, samples: of this epoch so far.
    """

    epochs: int
    epoch: int = 0
    batch: int = 0
    shuffle_seed: int = 0
    loss_sum: float = 0.0
    samples: int = 0
    history: History = field(default_factory=History)
    stopped: str = ""
    diverged: dict[str, Any] | None = None  # where, if it did: epoch, batch, layer
    interrupted: bool = False
    callbacks: list[Callback] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    steps_per_epoch: int | None = None
    batch_size: int | None = None
    sample_count: int | None = None

    def stop(self, why: str) -> None:
        """End the training after this batch or epoch."""
        self.stopped = self.stopped or why

    def goes_on(self) -> bool:
        """Whether nobody has ended it."""
        return not self.stopped

    def _parts(self) -> list[tuple[str, Sequence[Any]]]:
        return [("metrics", self.metrics), ("callbacks", [c for c in self.callbacks if c.kept])]

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it, as plain values and as arrays."""
        plain: dict[str, Any] = {
            "epoch": self.epoch,
            "batch": self.batch,
            "shuffle_seed": self.shuffle_seed,
            "loss_sum": self.loss_sum,
            "samples": self.samples,
            "stopped": "" if self.interrupted else self.stopped,
            "history": self.history.history,
            "history_epoch": self.history.epoch,
            "seconds": self.history.seconds,
            "batch_size": self.batch_size,
            "sample_count": self.sample_count,
            "metrics": [],
            "callbacks": [],
        }
        arrays: dict[str, Array] = {}
        for kind, things in self._parts():
            for i, thing in enumerate(things):
                values, own = split_arrays(thing.get_state())
                plain[kind].append([type(thing).__name__, values])
                arrays |= {f"{kind}/{i}/{name}": array for name, array in own.items()}
        return plain, arrays

    def set_state(self, plain: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Stand where :meth:`get_state` was called.

        Raises:
            DataError: the run was made with other data or other callbacks.
        """
        for what in ("batch_size", "sample_count"):
            if plain[what] != getattr(self, what):
                raise DataError(
                    f"the checkpoint was made with {what} {plain[what]}, this run has "
                    f"{getattr(self, what)}. Resume with the same data and settings."
                )
        for kind, things in self._parts():
            names = [type(thing).__name__ for thing in things]
            saved = [name for name, _ in plain[kind]]
            if names != saved:
                raise DataError(
                    f"the checkpoint was made with the {kind} {saved}, this run has {names}. "
                    "Resume with the same."
                )
        self.epoch, self.batch = int(plain["epoch"]), int(plain["batch"])
        self.shuffle_seed = int(plain["shuffle_seed"])
        self.loss_sum, self.samples = float(plain["loss_sum"]), int(plain["samples"])
        self.stopped = plain["stopped"]
        history = {k: [float(v) for v in values] for k, values in plain["history"].items()}
        self.history = History(history, list(plain["history_epoch"]), float(plain["seconds"]))
        for kind, things in self._parts():
            for i, thing in enumerate(things):
                start = f"{kind}/{i}/"
                own = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
                thing.set_state({**plain[kind][i][1], **own})


def train(
    model: Learner,
    batches: Batches,
    run: Run,
    validate: Callable[[], dict[str, float]],
    encode: Callable[[Any], tuple[Array, Array, Array | None]],
) -> History:
    """Train from where ``run`` stands to its last epoch.

    ``encode`` turns a batch into what the model reads; ``validate`` measures, after each
    epoch, what is wanted beside the training loss.

    Raises:
        DivergedError: the loss became NaN or infinite; the model has its last good weights.
    """
    callbacks = run.callbacks
    on_batch = [c.on_train_batch_end for c in callbacks if overrides(c, "on_train_batch_end")]
    good: Array | None = None
    started = time.perf_counter() - run.history.seconds
    # what overflows is reported as DivergedError, with its place, and not as a warning too
    with deferred_interrupt() as interrupt, np.errstate(over="ignore", invalid="ignore"):
        for callback in callbacks:
            callback.on_train_begin()
        try:
            while run.epoch < run.epochs and run.goes_on():
                if run.batch == 0:
                    _begin_epoch(model, run)
                order = np.random.default_rng(run.shuffle_seed)
                for batch in batches.epoch(order, skip=run.batch):
                    x, y, weight = encode(batch)
                    if good is None or run.batch % KEEP_EVERY == 0:
                        candidate = model.parameters.values.copy()
                    loss = model.train_step(x, y, weight)
                    if not math.isfinite(loss):
                        raise _diverged(model, run, x, loss, candidate if good is None else good)
                    good = candidate
                    run.loss_sum += loss * len(x)
                    run.samples += len(x)
                    run.batch += 1
                    if run.metrics:
                        model.update_metrics(y, weight)
                    for call in on_batch:
                        call(run.batch - 1, {"loss": loss})
                    if interrupt.asked():
                        run.interrupted = True
                        run.stop("interrupted by Ctrl-C")
                    if not run.goes_on():
                        break
                if run.batch == 0:
                    raise DataError("the data gave no batch: expected at least one.")
                if run.goes_on():
                    run.history.seconds = time.perf_counter() - started
                    _end_epoch(model, run, validate)
        except KeyboardInterrupt:  # a second Ctrl-C: perhaps in the middle of an update
            run.stop("interrupted by Ctrl-C")
        finally:
            run.history.seconds = time.perf_counter() - started
            run.history.stopped = run.stopped
            for callback in callbacks:
                callback.on_train_end()
    return run.history


def _begin_epoch(model: Learner, run: Run) -> None:
    run.shuffle_seed = int(model.rng.integers(2**63))
    run.loss_sum, run.samples = 0.0, 0
    for metric in run.metrics:
        metric.reset()
    for callback in run.callbacks:
        callback.on_epoch_begin(run.epoch)


def _end_epoch(model: Learner, run: Run, validate: Callable[[], dict[str, float]]) -> None:
    logs = {"loss": run.loss_sum / run.samples}
    logs |= {metric.name: float(metric.result()) for metric in run.metrics}
    logs |= validate()
    logs["learning_rate"] = float(model.optimizer.current_learning_rate)
    epoch = run.epoch
    run.epoch, run.batch = epoch + 1, 0
    for callback in run.callbacks:
        if not callback.last:
            callback.on_epoch_end(epoch, logs)
    run.history.append(epoch, logs)
    for callback in run.callbacks:
        if callback.last:
            callback.on_epoch_end(epoch, logs)


def _diverged(model: Learner, run: Run, x: Array, loss: float, good: Array) -> DivergedError:
    layer = model.first_bad_layer(x)
    model.parameters.values[...] = good
    run.stop("the loss became NaN or infinite")
    run.diverged = {"epoch": run.epoch, "batch": run.batch, "layer": layer}
    rate = float(model.optimizer.current_learning_rate)
    error = DivergedError(
        f"the loss became {loss} in epoch {run.epoch + 1}, batch {run.batch + 1}; the first layer "
        f"that went wrong is {layer}. The model has its last good weights back. Try a smaller "
        f"learning rate (it was {rate:g}), inputs scaled to about -1 … 1, or global_clipnorm=1."
    )
    error.history, error.epoch, error.batch, error.layer = run.history, run.epoch, run.batch, layer
    return error
