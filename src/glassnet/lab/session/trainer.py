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
from glassnet.data.batches import ArrayBatches
from glassnet.errors import DivergedError
from glassnet.lab.session.curves import SERIES, Curves
from glassnet.lab.session.ends import Ends, NoHistory
from glassnet.lab.session.timeline import Moment, Timeline
from glassnet.model.evaluation import evaluate
from glassnet.model.samples import Samples, for_evaluation
from glassnet.training.loop import Training
from glassnet.training.run import Run

MOST_EPOCHS = 10_000  # of the history that a diagnosis reads


class Watches(Protocol):
    """Who looks at a training as it goes on."""

    def begin(self, trainer: Trainer) -> None:
        """Before an epoch."""

    def end(self, trainer: Trainer, last: bool = False) -> None:
        """After an epoch, and when it has diverged or (``last``) pauses."""


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
        fresh: whether no update was made yet; ``kept``: whether it began with
            other weights than the seed gives: of another network, of a file, set by hand.
        by_hand: whether a person set one of the weights.
        opened: the saved run that the weights come from, if they do.
        timeline: keeps its weights epoch by epoch, if it is given.
        beside: a training that keeps up with this one, to be compared with it.
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
        timeline: Timeline | None = None,
    ) -> None:
        self.timeline = timeline
        self.beside: Trainer | None = None
        self._part = slice(measured)  # the training samples that the curves are measured on
        self.y, self.x_test, self.y_test = y, x_test, y_test
        self.loss = math.nan
        self.seconds = math.nan
        self.kept = self.by_hand = False
        self.stopped = self.opened = ""
        self.curves = Curves()
        self.history: dict[str, list[float]] = {}
        self.watcher = watcher
        self.until: Callable[[Trainer], bool] | None = None  # where to stop, asked then
        self._spent = 0.0  # seconds of this epoch so far
        self._aside = 0.0  # of them, at the epoch's beginning and end
        self._run = Run(
            epochs=sys.maxsize,
            history=NoHistory(),
            callbacks=[Ends(self.begin_epoch, self.end_epoch)],
        )
        self._take(model, x, x_test)
        self.set_batch_size(batch_size)
        self._measure()
        self._keep()

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
        if self.timeline is not None:
            self.timeline.forget()  # the weights of another network
        self._keep()

    def _take(self, model: Sequential, x: Array, x_test: Array) -> None:
        self.model, self.x, self.x_test = model, x, x_test
        self._inputs = model.take_input(x)
        self._targets = model.encode_targets(self.y)
        part = self._part
        self._measured = (
            Samples(self._inputs[part], self._targets[part], None),
            for_evaluation(model, x_test, self.y_test, None),
        )

    def _renew(self) -> None:
        """Take the steps from where the run stands, with the weights as they are now."""
        self._steps = iter(Training(self.model, self.source, self._run))

    def stands_at(self, epoch: int, curves: Curves | None = None) -> None:
        """The weights come from a training of so many epochs, which measured ``curves``."""
        self._run.epoch, self.curves = epoch, curves or self.curves
        if self.timeline is not None:
            self.timeline.forget()

    def touched(self) -> None:
        """The weights are others than its own steps made: measure again."""
        self.kept = True
        self.go_on()
        self._renew()
        self._measure()
        self._keep()

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
        other = self.beside
        if other is None:
            return self._make(seconds, most)
        other.follow(self, seconds)
        if other.progress < self.progress and not other.stopped:  # too slow: this one waits
            return 0
        made = self._make(seconds / 2, min(most, self.steps_per_epoch - self.batch))
        other.follow(self, seconds / 2)
        return made

    @property
    def progress(self) -> float:
        """Epochs done, with the share of the one under way."""
        return self.epoch + self.batch / self.steps_per_epoch

    def follow(self, other: Trainer, seconds: float) -> None:
        """Updates for about ``seconds``, until this training is where the other one is."""
        left = math.ceil((other.progress - self.progress) * self.steps_per_epoch - 1e-9)
        if left > 0:
            self._make(seconds, left)

    def _make(self, seconds: float, most: int) -> int:
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
            self._keep()

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
        if self.until is not None and self.until(self):
            self.until, self.stopped = None, "reached"
        if self.watcher is not None:
            self.watcher.end(self, last=self.stopped == "reached")
        self._aside += time.perf_counter() - start

    # ---- the past ----------------------------------------------------------------------

    def _keep(self) -> None:
        """Keep the moment, if there is a timeline that wants it."""
        if self.timeline is not None and self.timeline.wants(self.epoch):
            self.timeline.add(self.moment(self.timeline.learning))

    def moment(self, learning: tuple[Any, ...] = ()) -> Moment:
        """Where it stands, with the settings that it learns with."""
        model, run = self.model, self._run
        assert self.curves.last is not None
        return Moment(
            run.epoch, run.batch, run.shuffle_seed, model.parameters.values.copy(),
            model.parameters.state.copy(), model.optimizer.name, model.optimizer.get_state(),
            model.rng.bit_generator.state, self.curves.last[1], self.loss,
            float(model.optimizer.current_learning_rate), learning,
            len(self.history.get("loss", ())), self.fresh, self.kept, self.by_hand,
        )  # fmt: skip

    def go_back(self, moment: Moment, past: Trainer) -> None:
        """Stand where another training of the same network stood at a moment.

        The optimizer goes on with its memories, if it is of the same kind; with its own rate.
        Under the same settings every number to come is then the same, bit for bit.
        """
        model, run = self.model, self._run
        model.parameters.values[...], model.parameters.state[...] = moment.values, moment.state
        model.rng.bit_generator.state = moment.random
        same_batches = self.source.batch_size == past.source.batch_size
        run.epoch, run.batch = moment.epoch, moment.batch if same_batches else 0
        run.shuffle_seed = moment.shuffle_seed
        rate = model.optimizer.learning_rate
        if model.optimizer.name == moment.kind:
            model.optimizer.set_state(moment.optimizer)
            model.optimizer.learning_rate = rate
        self.loss, self._measured_values = moment.loss, moment.values.copy()
        self.kept, self.by_hand, self.opened = moment.kept, moment.by_hand, past.opened
        self.curves = past.curves.until(moment.epoch, moment.row)
        self.history = {name: row[: moment.remembered] for name, row in past.history.items()}
        if past.timeline is not None and self.timeline is not None:
            learning, self.timeline = self.timeline.learning, past.timeline.until(moment.epoch)
            self.timeline.learning = learning
        self._renew()

    # ---- measuring ---------------------------------------------------------------------

    def _measure(self) -> None:
        with np.errstate(all="ignore"):
            train, test = (evaluate(self.model, samples) for samples in self._measured)
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
