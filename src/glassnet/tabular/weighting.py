"""How much each round counts, and how sure the whole is: found on the rows that were left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet._core.types import Array
from glassnet.tabular.calibration import (
    FINE,
    best_temperature,
    extrapolated,
    log_loss,
    of_own_class,
    softmax,
)
from glassnet.tabular.training import TrainedGroup

EVEN = 0.02  # how strongly the weights are drawn to equal ones: a few rows must not decide


@dataclass(frozen=True)
class Combination:
    """One model out of all groups.

    Attributes:
        weights: of the members of each group, together; they sum to 1.
        temperatures: of each group; 1 for values.
        outputs: what the whole gives for each row out of fold: probabilities, or values.
        rows: of which rows.
        loss: of these.
    """

    weights: Array
    temperatures: Array
    outputs: Array
    rows: Array
    loss: float


def combine(
    groups: Sequence[TrainedGroup], y: Array, weight: Array | None, task: str
) -> Combination:
    """The weights and temperatures with the smallest out-of-fold loss.

    Every row counts once in every round, judged by the network that left it out. For classes
    the probabilities are averaged, never the logits: a network that is wrong and very sure of it
    would decide alone.
    """
    rounds = sorted({group.round for group in groups})
    classify = task == "classification"
    each = np.ones(len(groups))
    if classify:
        each[:] = [
            best_temperature(g.outputs, y[g.rows], None if weight is None else weight[g.rows])[0]
            for g in groups
        ]

    def out_of_fold(sharper: float = 1.0) -> tuple[Array, Array]:
        """The rows, and (rounds, rows, outputs) of them."""
        made = []
        for number in rounds:
            own = [(g, t) for g, t in zip(groups, each) if g.round == number]
            rows = np.concatenate([g.rows for g, _ in own])
            outputs = np.concatenate(
                [softmax(g.outputs, t * sharper) if classify else g.outputs for g, t in own]
            )
            made.append(outputs[np.argsort(rows)])
        return np.sort(rows), np.stack(made)

    rows, outputs = out_of_fold()
    truth, w = y[rows], None if weight is None else weight[rows]

    def loss_of(outputs: Array) -> float:
        if classify:
            return log_loss(of_own_class(outputs, truth), w)
        return float(np.average((outputs - truth)[:, 0] ** 2, weights=w))

    weights = _simplex(outputs, loss_of)
    some = 1.0
    if classify:
        losses = [loss_of(np.tensordot(weights, out_of_fold(s)[1], 1)) for s in FINE]
        some = float(FINE[int(np.argmin(losses))])
    whole = np.tensordot(weights, out_of_fold(some)[1], 1)
    members = sum(len(group.members) for group in groups)
    temperatures = each * extrapolated(1.0, some, len(rounds), members) if classify else each
    of_round = {n: sum(len(g.members) for g in groups if g.round == n) for n in rounds}
    shares = [weights[rounds.index(g.round)] * len(g.members) / of_round[g.round] for g in groups]
    return Combination(np.array(shares), temperatures, whole, rows, loss_of(whole))


def _simplex(outputs: Array, loss: Callable[[Array], float]) -> Array:
    """The weights w ≥ 0, Σw = 1, that make ``loss`` of Σ w·outputs smallest."""
    k = len(outputs)
    even = np.full(k, 1 / k)
    at_even = loss(np.tensordot(even, outputs, 1))
    if k == 1 or at_even == 0:  # no choice, or nothing to make smaller
        return even

    def penalised(w: Array) -> float:
        return loss(np.tensordot(w, outputs, 1)) / at_even + EVEN * k * float(
            np.sum((w - even) ** 2)
        )

    from scipy.optimize import minimize  # half a second that most runs do not need

    found = minimize(
        penalised,
        even,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * k,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )
    weights = np.clip(found.x, 0.0, 1.0)
    return np.asarray(weights / weights.sum())
