"""The training loop: epochs of mini-batches, validation, callbacks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from glassnet._core.interrupt import deferred_interrupt, pass_on
from glassnet._core.lock import ModelLock
from glassnet._core.parameters import Parameters
from glassnet._core.types import Array
from glassnet.data.batches import Batch
from glassnet.errors import DataError, DivergedError
from glassnet.optimizers.base import Optimizer
from glassnet.training.history import History
from glassnet.training.run import Hooks, Run
from glassnet.training.together import Step, Together

Kept = tuple[Array, Array]  # copies of the weights, and of what the layers keep beside them

KEEP_EVERY = 100  # steps between two copies of the weights that are known to be good


class TrainableModel(Protocol):
    """What the loop asks of a model."""

    parameters: Parameters
    optimizer: Optimizer
    rng: np.random.Generator
    lock: ModelLock
    stop_training: bool

    def train_step(self, x: Array, y: Array, sample_weight: Array | None = None) -> float:
        """One update; returns the loss before it."""

    def update_metrics(self, y: Array, sample_weight: Array | None) -> None:
        """Count the outputs of the last step."""

    def first_bad_layer(self, x: Array) -> str:
        """The first layer whose output on ``x`` is not finite."""

    def shrinking(self) -> float:
        """The largest 2·λ of its penalties: an update takes the share η·2·λ off a weight."""


class Batches(Protocol):
    """What the loop draws from."""

    @property
    def steps_per_epoch(self) -> int | None:
        """How many batches an epoch has, if known."""

    def epoch(self, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, shuffled by ``rng``, from number ``skip`` on."""


class Alone:
    """One process, as usual."""

    def step(self, model: Any, run: Run) -> Step:
        made: Step = model.train_step
        return made

    def stops(self, model: Any, run: Run) -> bool:
        return bool(model.stop_training or run.stopped)

    def agree(self, model: Any, run: Run) -> None:
        """There is nobody to agree with."""

    def interrupt(self, run: Run) -> None:
        run.interrupt()

    def give_up(self) -> None:
        """The loop ends by itself."""

    def bad_layer(self, found: str) -> str:
        return found


class Training:
    """The training loop, as an iterator of steps: each is one update, and its loss comes out.

    ``fit`` makes all of them with :meth:`finish`; whoever has other things to do in between
    takes them one by one, and may go on later or not at all:

        for loss in Training(model, batches, run):
            ...

    A new iteration goes on where ``run`` stands, in the middle of an epoch as well.  The last
    step of an epoch brings validation and the callbacks of its end with it.

    Args:
        model: ready to be trained: built and compiled.
        batches: as the model reads them: checked and encoded.
        run: where the training stands; it counts what is done.
        validate: called after each epoch; what it measures, by name.
        together: who makes the steps, if not this process alone.

    Raises:
        DivergedError: the loss or a weight became NaN or infinite; the model has its last good
            weights.
        DataError: an epoch without a batch.
    """

    def __init__(
        self,
        model: TrainableModel,
        batches: Batches,
        run: Run,
        validate: Callable[[], dict[str, float]] = dict,
        together: Together | None = None,
    ) -> None:
        self.model, self.batches, self.run, self.validate = model, batches, run, validate
        self.together = together or Alone()
        self._started = time.perf_counter() - run.history.seconds

    def finish(self) -> History:
        """Make every step that is left, and the callbacks' beginning and end around them.

        Ctrl-C, or ``model.stop_training``, ends it after the batch under way.
        """
        model, run = self.model, self.run
        model.stop_training = False
        # what overflows is reported as DivergedError, with its place, and not as a warning too
        interrupt = deferred_interrupt(lambda: self.together.interrupt(run))
        with interrupt, np.errstate(over="ignore", invalid="ignore"):
            for callback in self._heard():
                callback.on_train_begin()
            try:
                for _ in self:
                    pass
            except KeyboardInterrupt:  # a second Ctrl-C: perhaps in the middle of an update
                self.together.give_up()
                run.stop("interrupted by Ctrl-C")
            finally:
                run.history.seconds = time.perf_counter() - self._started
                run.history.stopped = run.stopped
                for callback in self._heard():
                    callback.on_train_end()
        if run.stopped.startswith("interrupted"):
            pass_on()
        return run.history

    def __iter__(self) -> Iterator[float]:
        model, run, callbacks = self.model, self.run, self._heard()
        on_batch = [
            callback.on_train_batch_end
            for callback in callbacks
            if callback.overrides("on_train_batch_end")
        ]
        last = self.batches.steps_per_epoch
        together, lock = self.together, model.lock
        train_step, stops = together.step(model, run), together.stops
        loss = math.nan
        good: Kept | None = None
        while run.epoch < run.epochs and not run.stopped:
            if run.batch == 0:
                self._begin_epoch(callbacks)
            order = np.random.default_rng(run.shuffle_seed)
            for x, y, weight, size in self.batches.epoch(order, skip=run.batch):
                if lock.waiting:
                    lock.let_others_in()
                if good is None or run.batch % KEEP_EVERY == 0:
                    if good is not None and run.batch:  # else the last epoch's end has asked
                        self._need_finite(x, good)
                    candidate = (model.parameters.values.copy(), model.parameters.state.copy())
                loss = train_step(x, y, weight)
                if not math.isfinite(loss):
                    raise self._diverged(x, loss, candidate if good is None else good)
                good = candidate
                run.loss_sum += loss * size
                run.samples += size
                run.batch += 1
                if run.metrics:
                    model.update_metrics(y, weight)
                for call in on_batch:
                    call(run.batch - 1, {"loss": loss})
                if stops(model, run):
                    break
                if run.batch != last:
                    yield loss
            if run.batch == 0:
                raise DataError("the data gave no batch: expected at least one.")
            together.agree(model, run)
            if good is not None:
                self._need_finite(x, good)
            waiting = run.batch == last or model.stop_training or bool(run.stopped)
            if model.stop_training or not run.stopped:
                self._end_epoch(callbacks)
                self._heed_stop_training()
                together.agree(model, run)
            if waiting:  # the epoch's end was part of this step
                yield loss

    def _heard(self) -> list[Hooks]:
        """The callbacks that are called in this process: one that writes, in the first alone."""
        return [one for one in self.run.callbacks if self.run.rank == 0 or not one.once]

    def _begin_epoch(self, callbacks: Sequence[Hooks]) -> None:
        run = self.run
        run.shuffle_seed = int(self.model.rng.integers(2**63))
        run.loss_sum, run.samples = 0.0, 0
        for metric in run.metrics:
            metric.reset()
        for callback in callbacks:
            callback.on_epoch_begin(run.epoch)

    def _end_epoch(self, callbacks: Sequence[Hooks]) -> None:
        model, run = self.model, self.run
        run.history.seconds = time.perf_counter() - self._started
        logs = {"loss": run.loss_sum / run.samples}
        logs |= {metric.name: float(metric.result()) for metric in run.metrics}
        logs |= self.validate()
        logs["learning_rate"] = float(model.optimizer.current_learning_rate)
        epoch = run.epoch
        run.epoch, run.batch = epoch + 1, 0
        for callback in callbacks:
            if not callback.last:
                callback.on_epoch_end(epoch, logs)
        self._heed_stop_training()
        run.history.append(epoch, logs)
        for callback in callbacks:
            if callback.last:
                callback.on_epoch_end(epoch, logs)

    def _heed_stop_training(self) -> None:
        if self.model.stop_training:
            self.run.stop("stop_training was set on the model")

    def _way_out(self, rate: float) -> str:
        share = rate * self.model.shrinking()
        if share > 2 and not self.model.optimizer.adaptive:
            return (
                f"The penalty makes the weights grow: each update takes {share:g} times a weight "
                f"off it (the learning rate, {rate:g}, times 2·λ), and above 2 it lands further "
                "from 0 than it was. Try a smaller L2 penalty."
            )
        return (
            f"Try a smaller learning rate (it was {rate:g}), inputs scaled to about -1 … 1, or "
            "global_clipnorm=1."
        )

    def _need_finite(self, x: Array, good: Kept) -> None:
        """After an update that no loss has judged: it may have been the one that overflowed.

        Raises:
            DivergedError: a weight, or what a layer keeps, is NaN or infinite.
        """
        if self.model.parameters.first_not_finite():
            self.run.batch = max(0, self.run.batch - 1)  # the last one
            raise self._diverged(x, None, good)

    def _diverged(self, x: Array, loss: float | None, good: Kept) -> DivergedError:
        """The last good weights are put back, and the place is kept; ``loss`` None: a weight."""
        model, run = self.model, self.run
        layer = self.together.bad_layer(model.first_bad_layer(x))
        model.parameters.values[...], model.parameters.state[...] = good
        what = "a weight" if loss is None else "the loss"
        run.stop(f"{what} became NaN or infinite")
        run.diverged = {"epoch": run.epoch, "batch": run.batch, "layer": layer}
        rate = float(model.optimizer.current_learning_rate)
        value = "NaN or infinite" if loss is None else loss
        error = DivergedError(
            f"{what} became {value} in epoch {run.epoch + 1}, batch {run.batch + 1}; the first "
            f"layer that went wrong is {layer}. The model has its last good weights back. "
            f"{self._way_out(rate)}"
        )
        error.history, error.epoch, error.batch, error.layer = (
            run.history, run.epoch, run.batch, layer,
        )  # fmt: skip
        return error
