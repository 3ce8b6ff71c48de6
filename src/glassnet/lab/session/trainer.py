"""Trains a network batch by batch, and keeps the curves; no threads, no web."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet import Sequential
from glassnet.data.batches import ArrayBatches

Array = NDArray[Any]

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

    It goes through the data as ``Sequential.fit`` does, draw for draw: the same seed and
    settings give the same weights.

    Attributes:
        epoch, batch: done so far; ``batch`` of the epoch under way.
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
        self.model = model
        self._part = slice(measured)  # the training samples that the curves are measured on
        self.x, self.y, self.x_test, self.y_test = x, y, x_test, y_test
        self.epoch = self.batch = 0
        self.loss = math.nan
        self.seconds = math.nan
        self.stopped = self.opened = ""
        self.diverged: dict[str, Any] | None = None
        self.curves = Curves()
        self.history: dict[str, list[float]] = {}
        self.watcher = watcher
        self.until: Callable[[Trainer], bool] | None = None  # where to stop, asked then
        self._inputs = model.take_input(x)
        self._targets = model.encode_targets(y)
        self._spent = 0.0
        self._rows: Iterator[Any] | None = None
        self._good = model.parameters.values.copy()
        self.set_batch_size(batch_size)
        self._measure()

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch has."""
        return self.source.steps_per_epoch

    def set_batch_size(self, size: int) -> None:
        """From the next batch on; the epoch under way begins anew."""
        self.source = ArrayBatches(self._inputs, self._targets, batch_size=size)
        self._rows, self.batch = None, 0

    def replace(self, model: Sequential, x: Array, x_test: Array) -> None:
        """Go on with a changed network, in a new epoch."""
        self.model, self.x, self.x_test = model, x, x_test
        self._inputs = model.take_input(x)
        self._targets = model.encode_targets(self.y)
        self._good = model.parameters.values.copy()
        self.go_on()
        self.set_batch_size(self.source.batch_size)
        self._measure()

    def stands_at(self, epoch: int, curves: Curves) -> None:
        """The weights come from a training of so many epochs, which measured ``curves``."""
        self.epoch, self.curves = epoch, curves

    def touched(self) -> None:
        """Someone set a weight: measure again."""
        self._good = self.model.parameters.values.copy()
        self.go_on()
        self._measure()

    def go_on(self) -> None:
        """Forget why it stopped."""
        self.stopped, self.diverged = "", None

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
        with self.model.reusing_memory(), np.errstate(all="ignore"):
            self._step()

    def one_epoch(self) -> None:
        """To the end of the epoch under way."""
        start = self.epoch
        with self.model.reusing_memory(), np.errstate(all="ignore"):
            while self.epoch == start and not self.stopped:
                self._step()

    def run(self, seconds: float, most: int) -> int:
        """Updates for about ``seconds``, at most ``most``; returns how many were made."""
        end = time.perf_counter() + seconds
        made = 0
        with self.model.reusing_memory(), np.errstate(all="ignore"):
            while made < most and not self.stopped and time.perf_counter() < end:
                self._step()
                made += 1
        return made

    def _step(self) -> None:
        start = time.perf_counter()
        if self._rows is None:
            if self.watcher is not None:
                self.watcher.begin(self)
            order = np.random.default_rng(int(self.model.rng.integers(2**63)))
            self._rows = self.source.epoch(order)
        batch = next(self._rows)
        loss = self.model.train_step(batch.x, batch.y, batch.sample_weight)
        self.loss = loss
        self.batch += 1
        self._spent += time.perf_counter() - start
        if not math.isfinite(loss):
            self._diverged(batch.x)
        elif self.batch == self.steps_per_epoch:
            self._end_epoch()

    def _end_epoch(self) -> None:
        self.seconds = (
            self._spent if math.isnan(self.seconds) else 0.9 * self.seconds + 0.1 * self._spent
        )
        self.epoch += 1
        self.batch, self._rows, self._spent = 0, None, 0.0
        self._measure()
        self._remember()
        if math.isfinite(self.measured["loss"]):
            np.copyto(self._good, self.model.parameters.values)
        if self.watcher is not None:
            self.watcher.end(self)
        if self.until is not None and self.until(self):
            self.until, self.stopped = None, "reached"

    def _diverged(self, x: Array) -> None:
        layer = self.model.first_bad_layer(x)
        self.stopped = "diverged"
        self.diverged = {"epoch": self.epoch, "batch": self.batch - 1, "layer": layer}
        self.model.parameters.values[...] = self._good
        self._rows, self.batch, self._spent = None, 0, 0.0
        if self.watcher is not None:
            self.watcher.end(self)

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
