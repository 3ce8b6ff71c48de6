"""How much each round counts, and how sure the whole is: found on the rows that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from glassnet._core.types import Array
from glassnet.tabular.calibration import (
    FINE,
    best_temperature,
    extrapolated,
    log_loss,
    of_own_class,
    softmax,
)
from glassnet.tabular.training import TrainedRound

EVEN = 0.02  # how strongly the weights are drawn to equal ones: a few rows must not decide


@dataclass(frozen=True)
class Combination:
    """One model out of all rounds.

    Attributes:
        weights: of the rounds; they sum to 1.
        temperatures: of the rounds; 1 for values.
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
    rounds: Sequence[TrainedRound], y: Array, weight: Array | None, task: str
) -> Combination:
    """The weights and temperatures with the smallest out-of-fold loss.

    Every row counts once in every round, judged by the network that left it out. For classes
    the probabilities are averaged, never the logits: a network that is wrong and very sure of it
    would decide alone.
    """
    rows = np.sort(rounds[0].rows)
    outputs = np.stack([one.outputs[np.argsort(one.rows)] for one in rounds])
    truth, w = y[rows], None if weight is None else weight[rows]
    if task != "classification":
        weights = _simplex(outputs[..., 0], lambda v: np.average((v - truth[:, 0]) ** 2, weights=w))
        mean = np.tensordot(weights, outputs, 1)
        loss = float(np.average((mean - truth)[:, 0] ** 2, weights=w))
        return Combination(weights, np.ones(len(rounds)), mean, rows, loss)
    each = np.array([best_temperature(one, truth, w)[0] for one in outputs])
    own = np.stack([of_own_class(softmax(one, t), truth) for one, t in zip(outputs, each)])
    weights = _simplex(own, lambda v: log_loss(v, w))

    def whole(sharper: float) -> Array:
        p = [softmax(one, t * sharper) for one, t in zip(outputs, each)]
        return np.tensordot(weights, np.stack(p), 1)

    losses = [log_loss(of_own_class(whole(s), truth), w) for s in FINE]
    some = float(FINE[int(np.argmin(losses))])
    members = sum(len(one.members) for one in rounds)
    temperatures = each * extrapolated(1.0, some, len(rounds), members)
    return Combination(weights, temperatures, whole(some), rows, min(losses))


def _simplex(outputs: Array, loss: object) -> Array:
    """The weights w ≥ 0, Σw = 1, that make ``loss`` of Σ w·outputs smallest."""
    k = len(outputs)
    even = np.full(k, 1 / k)
    if k == 1:
        return even
    assert callable(loss)
    at_even = loss(even @ outputs)

    def penalised(w: Array) -> float:
        return float(loss(w @ outputs) / at_even + EVEN * k * np.sum((w - even) ** 2))

    found = minimize(
        penalised,
        even,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * k,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )
    weights = np.clip(found.x, 0.0, 1.0)
    return np.asarray(weights / weights.sum())
