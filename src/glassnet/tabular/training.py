"""Training the networks of an ensemble at once: each thread its own, no waiting inside an epoch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from glassnet._core.team import TEAM, cores_to_ourselves
from glassnet._core.types import Array
from glassnet.tabular.calibration import COARSE, best_temperature
from glassnet.tabular.folds import folds_of
from glassnet.tabular.members import Member, network
from glassnet.tabular.recipe import Recipe, Round

PATIENCE = 8  # epochs without a better one, at least


@dataclass
class TrainedRound:
    """The networks of one setting, and how good they were on what each left out.

    Attributes:
        loss: of all rows together, each judged by the network that left it out: the log loss at
            the best temperature, or the mean squared error.
        epoch: the epoch it was reached in, from 1.
    """

    settings: Round
    members: list[Member]
    loss: float = np.inf
    epoch: int = 0
    waited: int = 0

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
        loss = loss_of(now, self.rows)
        self.waited += 1
        if loss < self.loss:
            self.loss, self.epoch, self.waited = loss, epoch, 0
            for member in self.members:
                member.keep()


def _mean_variance(x: Array) -> float:
    return float(np.mean(np.einsum("nj,nj->j", x, x) / len(x)))


def train(
    x: Array,
    y: Array,
    weight: Array | None,
    outputs: int,
    task: str,
    recipe: Recipe,
    seed: int,
    numbers: NDArray[np.int64] | None = None,
    each_epoch: Callable[[int, Sequence[TrainedRound]], bool] | None = None,
) -> list[TrainedRound]:
    """All networks of a recipe on an encoded table.

    Args:
        x: (n, features), each column's block of variance 1.
        y: (n,) class numbers, or (n, 1) values of mean 0 and variance 1.
        weight: (n,) or None.
        outputs: how many classes, or 1.
        task: "classification" or "regression".
        recipe: what is trained.
        numbers: the features that are no bins: all that a round without bins sees.
        seed: of the folds, the first weights, the order and dropout.
        each_epoch: called after each epoch with its number and the rounds; True ends it.
    """
    rng = np.random.default_rng(seed)
    classify = task == "classification"

    def loss_of(now: Array, rows: NDArray[np.int64]) -> float:
        w = None if weight is None else weight[rows]
        if classify:
            return best_temperature(now, y[rows], w, COARSE)[1]
        return float(np.average((now - y[rows])[:, 0] ** 2, weights=w))

    rounds = []
    for settings in recipe.rounds:
        fold = folds_of(y.reshape(-1), recipe.folds, rng)
        seen = x if settings.bins or numbers is None else np.ascontiguousarray(x[:, numbers])
        # Hidden units begin as far from 0 as with all features, however few it sees.
        first = float(_mean_variance(x) / _mean_variance(seen))
        members = [
            Member(
                network(outputs, task, recipe, settings, int(rng.integers(2**32)), first),
                seen, y, weight, np.flatnonzero(fold != k), np.flatnonzero(fold == k),
                recipe, settings,
            )
            for k in islice(range(recipe.folds), recipe.members)
        ]  # fmt: skip
        rounds.append(TrainedRound(settings, members))
    going = list(rounds)
    epochs = rounds[0].members[0].epochs
    least = max(PATIENCE, round(recipe.patience * epochs))
    with contextlib.ExitStack() as stack:
        stack.enter_context(cores_to_ourselves())
        for one in rounds:
            for member in one.members:
                stack.enter_context(member.training())
        for epoch in range(1, epochs + 1):
            learning = [member for one in going for member in one.members]
            TEAM.run(lambda part, thread: learning[part].epoch(), len(learning))
            for one in going:
                one.judge(epoch, loss_of)
            going = [one for one in going if one.waited < least]
            if (each_epoch is not None and each_epoch(epoch, rounds)) or not going:
                break
    return rounds
