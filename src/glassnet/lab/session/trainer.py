"""Trains a network batch by batch, and keeps the curves; no threads, no web."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.callbacks import Callback, Logs
from glassnet.data.batches import ArrayBatches
from glassnet.errors import DivergedError
from glassnet.training.history import History
from glassnet.training.loop import Training
from glassnet.training.run import Run

MOST_POINTS = 600  # of a curve; beyond, every second one is dropped
MOST_EPOCHS = 10_000  # of the history that a diagnosis reads
SERIES = ("loss", "test_loss", "accuracy", "test_accuracy")


class Curves:
    """What was measured after each epoch, thinned so that an hour of play stays small.

    Attributes:
        epochs: the epochs that are kept.
        rows: for each of them the numbers of ``SERIES``.
        last: the newest numbers, kept or not.
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.rows: list[tuple[float, ...]] = []
        self.every = 1
        self.last: tuple[int, tuple[float, ...]] | None = None

    def add(self, epoch: int, row: tuple[float, ...]) -> None:
        """Add the numbers of one epoch."""
        self.last = (epoch, row)
        if epoch % self.every:
            return
        self.epochs.append(epoch)
        self.rows.append(row)
        if len(self.epochs) > MOST_POINTS:
            self.every *= 2
            kept = [i for i, e in enumerate(self.epochs) if e % self.every == 0]
            self.epochs = [self.epochs[i] for i in kept]
            self.rows = [self.rows[i] for i in kept]

    def array(self) -> Array:
        """(1 + series, points) float32: the epochs, then each series; the newest point is last."""
        epochs, rows = list(self.epochs), list(self.rows)
        if self.last is not None and (not epochs or epochs[-1] != self.last[0]):
            epochs.append(self.last[0])
            rows.append(self.last[1])
        if not epochs:
            return np.zeros((1 + len(SERIES), 0), np.float32)
        return np.vstack([np.array(epochs), np.array(rows).T]).astype(np.float32)


class Watches(Protocol):
    """Who looks at a training as it goes on."""

    def begin(self, trainer: Trainer) -> None:
        """Before an epoch."""

    def end(self, trainer: Trainer) -> None:
        """After an epoch, and when it has diverged."""


class Trainer:
    """A network with its data, and where its training stands.

    It takes the steps of :class:`glassnet.training.loop.Training`, as ``Sequential.fit`` does,
    draw for draw: the same seed and settings give the same weights.

    Attributes:
        loss: of the last batch, before its update.
        seconds: time for one epoch of training, a running mean; measuring is not in it.
        stopped: why it does not go on: "" (it does), "reached" or "diverged".
        diverged: where it did: {"epoch", "batch", "layer"}; None if it did not.
        history: the numbers of the first epochs, by the names of the library's history.
        fresh: whether no update was made yet.
        opened: the saved run that the weights come from, if they do.
    """

    def __init__(
        self,
        model: Sequential,
        x: Array,
        y: Array,
        x_test: Array,
        y_test: Array,
        batch_size: int,
        watcher: Watches | None = None,
        measured: int | None = None,
    ) -> None:
        self._part = slice(measured)  # the training samples that the curves are measured on
        self.y, self.x_test, self.y_test = y, x_test, y_test
        self.loss = math.nan
        self.seconds = math.nan
        self.stopped = self.opened = ""
        self.curves = Curves()
        self.history: dict[str, list[float]] = {}
        self.watcher = watcher
        self.until: Callable[[Trainer], bool] | None = None  # where to stop, asked then
        self._spent = 0.0  # seconds of this epoch so far
        self._aside = 0.0  # of them, at the epoch's beginning and end
        self._run = Run(epochs=sys.maxsize, history=NoHistory(), callbacks=[_Ends(self)])
        self._take(model, x, x_test)
        self.set_batch_size(batch_size)
        self._measure()

    @property
    def epoch(self) -> int:
        """Epochs done so far."""
        return self._run.epoch

    @property
    def batch(self) -> int:
        """Batches done so far of the epoch under way."""
        return self._run.batch

    @property
    def diverged(self) -> dict[str, Any] | None:
        return self._run.diverged

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.source.steps_per_epoch

    def set_batch_size(self, size: int) -> None:
        """From the next batch on; the epoch under way begins again."""
        self.source = ArrayBatches(self._inputs, self._targets, batch_size=size)
        self._run.batch = 0
        self._renew()

    def replace(self, model: Sequential, x: Array, x_test: Array) -> None:
        """Go on with a changed network, in a new epoch."""
        self._take(model, x, x_test)
        self.go_on()
        self.set_batch_size(self.source.batch_size)
        self._measure()

    def _take(self, model: Sequential, x: Array, x_test: Array) -> None:
        self.model, self.x, self.x_test = model, x, x_test
        self._inputs = model.take_input(x)
        self._targets = model.encode_targets(self.y)

    def _renew(self) -> None:
        """Take the steps from where the run stands, with the weights as they are now."""
        self._steps = iter(Training(self.model, self.source, self._run))

    def stands_at(self, epoch: int, curves: Curves | None = None) -> None:
        """The weights come from a training of so many epochs, which measured ``curves``."""
        self._run.epoch, self.curves = epoch, curves or self.curves

    def touched(self) -> None:
        """Someone set a weight: measure again."""
        self.go_on()
        self._renew()
        self._measure()

    def go_on(self) -> None:
        """Forget why it stopped."""
        self.stopped, self._run.stopped, self._run.diverged = "", "", None

    @property
    def fresh(self) -> bool:
        return self.epoch == 0 and self.batch == 0

    @property
    def encoded(self) -> tuple[Array, Array]:
        """The training samples as the network and its loss read them."""
        return self._inputs, self._targets

    # ---- going on ----------------------------------------------------------------------

    def one_batch(self) -> None:
        """One update; at the end of an epoch, measure."""
        self.run(math.inf, 1)

    def one_epoch(self) -> None:
        """To the end of the epoch under way."""
        self.run(math.inf, self.steps_per_epoch - self.batch)

    def run(self, seconds: float, most: int) -> int:
        """Updates for about ``seconds``, at most ``most``; returns how many were made."""
        end = time.perf_counter() + seconds
        made = 0
        # A convolution and its pooling in one pass, as in ``fit``: twice as many steps a second.
        fast = self.model.compiled_steps() if self.model.over_images else nullcontext()
        with self.model.reusing_memory(), fast, np.errstate(all="ignore"):
            while made < most and not self.stopped and time.perf_counter() < end:
                self._step()
                made += 1
        return made

    def _step(self) -> None:
        start = time.perf_counter()
        try:
            self.loss = next(self._steps)
        except DivergedError:
            self.stopped, self.loss = "diverged", math.nan
            self._run.batch, self._spent, self._aside = 0, 0.0, 0.0
            self.model.parameters.values[...] = self._measured_values  # where the curves end
            self._renew()
            if self.watcher is not None:
                self.watcher.end(self)
            return
        self._spent += time.perf_counter() - start
        if self.batch == 0:  # that was the end of an epoch
            spent, self._spent, self._aside = self._spent - self._aside, 0.0, 0.0
            self.seconds = spent if math.isnan(self.seconds) else 0.9 * self.seconds + 0.1 * spent

    def begin_epoch(self) -> None:
        """Before the first batch of an epoch."""
        start = time.perf_counter()
        if self.watcher is not None:
            self.watcher.begin(self)
        self._aside += time.perf_counter() - start

    def end_epoch(self) -> None:
        """After the last batch of an epoch."""
        start = time.perf_counter()
        self._measure()
        self._remember()
        if self.watcher is not None:
            self.watcher.end(self)
        if self.until is not None and self.until(self):
            self.until, self.stopped = None, "reached"
        self._aside += time.perf_counter() - start

    # ---- measuring ---------------------------------------------------------------------

    def _measure(self) -> None:
        with np.errstate(all="ignore"):
            train = self.model.evaluate(self.x[self._part], self.y[self._part])
            test = self.model.evaluate(self.x_test, self.y_test)
        row = (
            train["loss"], test["loss"],
            train.get("accuracy", math.nan), test.get("accuracy", math.nan),
        )  # fmt: skip
        self.curves.add(self.epoch, row)
        self._measured_values = self.model.parameters.values.copy()

    def _remember(self) -> None:
        if len(self.history.get("loss", ())) < MOST_EPOCHS:
            for name, value in self.measured.items():
                if not math.isnan(value) or "loss" in name:
                    self.history.setdefault(name.replace("test", "val"), []).append(value)

    @property
    def measured(self) -> dict[str, float]:
        """The newest numbers of the curves, by name."""
        assert self.curves.last is not None
        return dict(zip(SERIES, self.curves.last[1], strict=True))


class NoHistory(History):
    """A history that keeps nothing: a training on the page has no last epoch."""

    def append(self, epoch: int, logs: dict[str, float]) -> None:
        """Nothing: the curves are thinned, the history is not."""


class _Ends(Callback):
    """Calls a trainer at both ends of each epoch."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def on_epoch_begin(self, epoch: int) -> None:
        self.trainer.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.trainer.end_epoch()
