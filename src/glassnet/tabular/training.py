"""Training the networks of an ensemble at once: each thread its own, no waiting inside an epoch."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._core.interrupt import deferred_interrupt
from glassnet._core.team import TEAM, cores_to_ourselves
from glassnet._core.types import Array
from glassnet.callbacks import Callback
from glassnet.callbacks.base import attach
from glassnet.tabular.calibration import COARSE, best_temperature
from glassnet.tabular.folds import folds_of
from glassnet.tabular.members import Member, network
from glassnet.tabular.recipe import MemberSettings, Recipe
from glassnet.training.history import History
from glassnet.training.run import Run

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


class EnsembleTraining:
    """Trains all networks of a recipe on an encoded table.

    Args:
        x: (n, features), each column's block of variance 1.
        y: (n,) class numbers, or (n, 1) values of mean 0 and variance 1.
        weight: (n,) or None.
        outputs: how many classes, or 1.
        task: "classification" or "regression".
        recipe: what is trained.
        seed: of the folds, the first weights, the order and dropout.
        numbers: the features that are no bins: all that a network without bins sees.

    Attributes:
        groups: the networks, by round and settings.
        run: where the training stands.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        weight: Array | None,
        outputs: int,
        task: str,
        recipe: Recipe,
        seed: int,
        numbers: NDArray[np.int64],
    ) -> None:
        self.y, self.weight, self.task = y, weight, task
        rng = np.random.default_rng(seed)
        self.groups: list[TrainedGroup] = []
        for number, several in enumerate(recipe.rounds):
            fold = folds_of(y.reshape(-1), recipe.folds, rng)
            seeds = rng.integers(2**32, size=recipe.folds).tolist()
            for turn, settings in enumerate(several):
                seen = x if settings.bins else np.ascontiguousarray(x[:, numbers])
                # Hidden units begin as far from 0 as with all features, however few it sees.
                first = _mean_variance(x) / _mean_variance(seen)
                members = [
                    Member(
                        network(outputs, task, recipe, settings, seeds[k], first),
                        seen, y, weight, np.flatnonzero(fold != k), np.flatnonzero(fold == k),
                        recipe, settings,
                    )
                    for k in range(turn, recipe.members or recipe.folds, len(several))
                ]  # fmt: skip
                self.groups.append(TrainedGroup(number, settings, members))
        one = self.groups[0].members[0]
        self.patience = max(PATIENCE, round(recipe.patience * one.run.epochs))
        self.run = Run(
            epochs=one.run.epochs,
            steps_per_epoch=one.run.steps_per_epoch,
            batch_size=one.run.batch_size,
            sample_count=sum(member.run.sample_count or 0 for member in self.members),
        )

    @property
    def members(self) -> list[Member]:
        """All networks."""
        return [member for group in self.groups for member in group.members]

    def finish(self, callbacks: Sequence[Callback] = ()) -> History:
        """Train to the end, or until a callback or Ctrl-C stops it: the best epochs are kept.

        The callbacks hear of whole epochs; their ``model`` is the first network.
        """
        run, started = self.run, time.perf_counter()
        run.callbacks = callbacks
        attach(self.members[0].network, run)
        with contextlib.ExitStack() as stack:
            stack.enter_context(deferred_interrupt(run.interrupt))
            stack.enter_context(cores_to_ourselves())
            for member in self.members:
                stack.enter_context(member.training())
            for callback in callbacks:
                callback.on_train_begin()
            going = list(self.groups)
            while going and run.epoch < run.epochs and not run.stopped:
                _one_epoch([member for group in going for member in group.members])
                run.epoch += 1
                for group in going:
                    group.judge(run.epoch, self._loss)
                self._tell(going, time.perf_counter() - started)
                going = [group for group in going if group.waited < self.patience]
            if not going:
                run.stop(f"no better epoch in {self.patience}")
            run.history.stopped = run.stopped
            for callback in callbacks:
                callback.on_train_end()
        return run.history

    def _loss(self, outputs: Array, rows: NDArray[np.int64]) -> float:
        """Of the rows of a fold or more."""
        weight = None if self.weight is None else self.weight[rows]
        if self.task == "classification":
            return best_temperature(outputs, self.y[rows], weight, COARSE)[1]
        return float(np.average((outputs - self.y[rows])[:, 0] ** 2, weights=weight))

    def _tell(self, going: Sequence[TrainedGroup], seconds: float) -> None:
        """Note the epoch down, and call those who listen."""
        run = self.run
        learning = [member for group in going for member in group.members]
        run.history.seconds = seconds
        run.samples = sum(member.run.sample_count or 0 for member in learning)
        logs = {
            "loss": float(np.mean([member.run.history["loss"][-1] for member in learning])),
            "val_loss": float(np.mean([group.last for group in self.groups])),
        }
        for callback in run.callbacks:
            callback.on_epoch_end(run.epoch - 1, logs)
        run.history.append(run.epoch - 1, logs)


def _one_epoch(members: Sequence[Member]) -> None:
    """Each core takes the next member; the result does not depend on how many there are."""
    TEAM.run(lambda part, thread: members[part].epoch(), len(members))


def _mean_variance(x: Array) -> float:
    return float(np.einsum("nj,nj->", x, x) / x.size)
