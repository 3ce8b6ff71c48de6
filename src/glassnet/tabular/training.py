"""Training the networks of an ensemble at once: each thread its own, no waiting inside an epoch."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from glassnet._core.interrupt import deferred_interrupt
from glassnet._core.storage import PathLike
from glassnet._core.team import TEAM, cores_to_ourselves
from glassnet._core.types import Array
from glassnet.callbacks import Callback
from glassnet.callbacks.base import CallbackModel, attach
from glassnet.layers import PiecewiseLinearEncoding
from glassnet.model import Sequential
from glassnet.tabular import resuming
from glassnet.tabular.calibration import COARSE, best_temperature
from glassnet.tabular.features import binned, numbers_of
from glassnet.tabular.folds import RowBatches, distinct_rows, folds_of
from glassnet.tabular.members import Member, network
from glassnet.tabular.recipe import MemberSettings, Recipe
from glassnet.training.history import History
from glassnet.training.run import Run

MOSTLY = 0.6  # of the rows differ from all others, if not the table as a whole stands twice
PATIENCE = 8  # epochs without a better one, at least


@dataclass
class TrainedGroup:
    """The networks of one setting in a round, and how good they were on what each left out.

    Attributes:
        round: the number of their round.
        loss: of all rows together, each judged by the network that left it out: the log loss at
            the best temperature, or the mean squared error.
        epoch: the epoch it was reached in, from 1; ``waited``: how many came after it.
        last: the loss of the last epoch.
    """

    round: int
    settings: MemberSettings
    members: list[Member]
    loss: float = np.inf
    epoch: int = 0
    waited: int = 0
    last: float = np.inf

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows that were judged, in the order of :attr:`outputs`."""
        return np.concatenate([member.held_out for member in self.members])

    @property
    def outputs(self) -> Array:
        """What the chosen networks gave for the rows that they left out."""
        return np.concatenate([member.best_outputs for member in self.members])

    def judge(self, epoch: int, loss_of: Callable[[Array, NDArray[np.int64]], float]) -> None:
        """Keep the weights if this epoch was the best so far."""
        now = np.concatenate([member.outputs for member in self.members])
        self.last = loss_of(now, self.rows)
        self.waited += 1
        if self.last < self.loss:
            self.loss, self.epoch, self.waited = self.last, epoch, 0
            for member in self.members:
                member.keep()


class Rows(Protocol):
    """What the networks of an ensemble learn from and are judged by.

    Attributes:
        y: class numbers, or (n, 1) values, of the rows that are judged; ``weight``: of each.
        chunks: in how many parts the rows of an epoch come; for a member each is an epoch.
        folds: in how many parts the rows are cut.
        numbers: the features that are no bins: all that a network without bins sees.
        binned: which of those have bins, and may become waves.
    """

    y: Array
    weight: Array | None
    chunks: int
    folds: int
    numbers: NDArray[np.int64]
    binned: NDArray[np.int64]

    def cut(self, number: int, rng: np.random.Generator) -> None:
        """Cut the rows into the folds of round ``number``."""

    def first_variance(self, settings: MemberSettings) -> float:
        """For the first weights: of a network that sees fewer features they are larger."""

    def member(
        self, network: Sequential, k: int, recipe: Recipe, settings: MemberSettings
    ) -> Member:
        """The network that leaves out fold k of the round."""

    def learn(self, members: Sequence[Member], run: Run) -> None:
        """An epoch of these members, and a look at what each leaves out.

        ``run.batch`` counts the chunks of it; fewer than all of them if the run was stopped, and
        then nothing is looked at.
        """

    def go_on(self, chunks: int) -> None:
        """The next chunk is number ``chunks`` of the training, from 0."""


class RowsInMemory:
    """An encoded table.

    Args:
        x: (n, features), each column's block of variance 1.
        y: (n,) class numbers, or (n, 1) values of mean 0 and variance 1.
        weight: (n,) or None.
        encoding: that made it of the columns.
        folds: in how many parts the rows are cut.
    """

    chunks = 1

    def __init__(
        self,
        x: Array,
        y: Array,
        weight: Array | None,
        encoding: PiecewiseLinearEncoding,
        folds: int,
    ) -> None:
        self.x, self.y, self.weight = x, y, weight
        self.numbers, self.binned = numbers_of(encoding), binned(encoding)
        self._first, self._which = distinct_rows(x)
        self.folds = min(folds, max(2, len(self._first) // 4))
        if len(self._first) > MOSTLY * len(x):
            # Some doubles are part of the data, and the rows to come will have them, too.
            self._first = self._which = np.arange(len(x))
        self._without_bins: Array | None = None

    def cut(self, number: int, rng: np.random.Generator) -> None:
        """Each fold has its share of every class, and of small and large values.

        Rows that are the same go to one fold, if most stand several times: else the networks
        would be judged by what they know by heart. Where a few do, as in wine quality, what comes
        next has them, too, and the epoch is chosen for that: error 0.97 of boosting's, not 1.07.
        """
        self._fold = folds_of(self.y.reshape(-1)[self._first], self.folds, rng)[self._which]

    def first_variance(self, settings: MemberSettings) -> float:
        """Hidden units begin as far from 0 as with all features, however few it sees."""
        return mean_variance(self.x) / mean_variance(self._seen(settings))

    def member(
        self, network: Sequential, k: int, recipe: Recipe, settings: MemberSettings
    ) -> Member:
        """The network that leaves out fold k."""
        x, rows = self._seen(settings), np.flatnonzero(self._fold != k)
        batches = RowBatches(x, self.y, self.weight, rows, recipe.batch_size(len(x)))
        held_out = np.flatnonzero(self._fold == k)
        held = np.ascontiguousarray(x[held_out])
        epochs = recipe.epochs(batches.steps_per_epoch)
        return Member(network, batches, epochs, held_out, lambda: (held,), recipe, settings)

    def learn(self, members: Sequence[Member], run: Run) -> None:
        """Each core takes the next member; the result does not depend on how many there are."""

        def one(part: int, thread: int) -> None:
            members[part].learn()
            members[part].judge()

        TEAM.run(one, len(members))
        run.batch += 1

    def go_on(self, chunks: int) -> None:
        """All rows are here: there is nowhere to go."""

    def _seen(self, settings: MemberSettings) -> Array:
        if settings.bins:
            return self.x
        if self._without_bins is None:
            self._without_bins = np.ascontiguousarray(self.x[:, self.numbers])
        return self._without_bins


class EnsembleTraining:
    """Trains all networks of a recipe on a table.

    Args:
        rows: of the table.
        outputs: how many classes, or 1.
        task: "classification" or "regression".
        recipe: what is trained.
        seed: of the folds, the first weights, the order and dropout.

    Attributes:
        groups: the networks, by round and settings.
        run: where the training stands.
    """

    def __init__(self, rows: Rows, outputs: int, task: str, recipe: Recipe, seed: int) -> None:
        self.rows, self.task, self.recipe, self.seed = rows, task, recipe, seed
        rng = np.random.default_rng(seed)
        self.groups: list[TrainedGroup] = []
        for number, several in enumerate(recipe.rounds):
            rows.cut(number, rng)
            seeds = rng.integers(2**32, size=recipe.folds).tolist()
            for turn, settings in enumerate(several):
                first = rows.first_variance(settings)
                places = rows.numbers if settings.bins else np.arange(len(rows.numbers))
                waves = places[rows.binned].tolist()
                members = [
                    rows.member(
                        network(outputs, task, recipe, settings, seeds[k], first, waves),
                        k, recipe, settings,
                    )
                    for k in range(turn, recipe.members or rows.folds, len(several))
                ]  # fmt: skip
                if members:  # of fewer networks than settings some have none
                    self.groups.append(TrainedGroup(number, settings, members))
        run, chunks = self.groups[0].members[0].run, rows.chunks
        assert run.steps_per_epoch is not None
        self.run = Run(
            epochs=run.epochs // chunks,
            steps_per_epoch=run.steps_per_epoch * chunks,
            batch_size=run.batch_size,
            sample_count=_rows_of(self.members) * chunks,
        )
        self.patience = max(PATIENCE, round(recipe.patience * self.run.epochs))

    @property
    def members(self) -> list[Member]:
        """All networks."""
        return [member for group in self.groups for member in group.members]

    def finish(
        self, callbacks: Sequence[Callback] = (), resume_from: PathLike | None = None
    ) -> History:
        """Train to the end, or until a callback or Ctrl-C stops it: the best epochs are kept.

        The callbacks hear of whole epochs; their ``model`` is the first network, but for
        :class:`Checkpoint`, which keeps all of them.

        Args:
            resume_from: a file of :class:`Checkpoint`: go on from there.

        Raises:
            FileFormatError, ConfigError, DataError: a file of another training.
        """
        run, first = self.run, self.members[0].network
        run.callbacks = callbacks
        attach(cast(CallbackModel, Heard(self)), run)
        first.stop_training = False
        if resume_from is not None:
            resuming.read(self, resume_from)
        started = time.perf_counter() - run.history.seconds
        with contextlib.ExitStack() as stack:
            stack.enter_context(deferred_interrupt(run.interrupt))
            stack.enter_context(cores_to_ourselves())
            for member in self.members:
                stack.enter_context(member.training())
            for callback in callbacks:
                callback.on_train_begin()
            while (going := self._going()) and run.epoch < run.epochs and not run.stopped:
                self.rows.learn([m for group in going for m in group.members], run)
                if run.batch < self.rows.chunks:
                    break
                run.epoch, run.batch = run.epoch + 1, 0
                for group in going:
                    group.judge(run.epoch, self._loss)
                self._tell(going, time.perf_counter() - started)
                if first.stop_training:
                    run.stop("stop_training was set on the model")
            if not going:
                run.stop(f"no better epoch in {self.patience}")
            run.history.stopped = run.stopped
            for callback in callbacks:
                callback.on_train_end()
            if run.batch:  # in the middle of an epoch: what it brought is kept if it is better
                for group in going:
                    for member in group.members:
                        member.judge()
                    group.judge(run.epoch + 1, self._loss)
        return run.history

    def _going(self) -> list[TrainedGroup]:
        """The groups that may still become better."""
        return [group for group in self.groups if group.waited < self.patience]

    def _loss(self, outputs: Array, rows: NDArray[np.int64]) -> float:
        """Of the rows of a fold or more."""
        y, weight = self.rows.y[rows], self.rows.weight
        weight = None if weight is None else weight[rows]
        if self.task == "classification":
            return best_temperature(outputs, y, weight, COARSE)[1]
        return float(np.average((outputs - y)[:, 0] ** 2, weights=weight))

    def _tell(self, going: Sequence[TrainedGroup], seconds: float) -> None:
        """Note the epoch down, and call those who listen."""
        run = self.run
        learning = [member for group in going for member in group.members]
        run.history.seconds = seconds
        run.samples = _rows_of(learning) * self.rows.chunks
        logs = {
            "loss": float(np.mean([member.run.history["loss"][-1] for member in learning])),
            "val_loss": float(np.mean([group.last for group in self.groups])),
        }
        for last in (False, True):
            if last:
                run.history.append(run.epoch - 1, logs)
            for callback in run.callbacks:
                if callback.last == last:
                    callback.on_epoch_end(run.epoch - 1, logs)


class Heard:
    """What callbacks take for their model: the first network; a checkpoint is of all of them."""

    def __init__(self, training: EnsembleTraining) -> None:
        vars(self)["_training"] = training

    def save_checkpoint(self, path: PathLike, run: Run) -> None:
        """Write where every network stands."""
        resuming.write(self._training, path)

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_training"].members[0].network, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._training.members[0].network, name, value)


def _rows_of(members: Sequence[Member]) -> int:
    """How many rows they learn from in an epoch, together."""
    return sum(member.run.sample_count or 0 for member in members)


def mean_variance(x: Array) -> float:
    """The mean of the squares of all features."""
    return float(np.einsum("nj,nj->", x, x) / x.size)
