"""What the training data are like: measured once, without changing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from glassnet._core.types import Array
from glassnet.diagnosis.measurements import DataMeasurements
from glassnet.layers import Layer
from glassnet.losses import Loss


class DataModel(Protocol):
    """What is asked of a model about its data."""

    objective: Any
    dtype: np.dtype[Any]

    @property
    def layers(self) -> Sequence[Layer]:
        """In the order in which the data flows."""

    @property
    def classes(self) -> Array | None:
        """The labels, in the order of the outputs."""


def measure_data(
    model: DataModel,
    x: Array,
    y: Array,
    sample_weight: Array | None,
    probe: tuple[Array, Array],
) -> DataMeasurements:
    """Measure the samples x, y; what would cost a pass over all of them, on the ``probe`` only."""
    values, normalised = _as_read(model, probe[0])
    flat = values.reshape(len(values), -1).astype(np.float64)
    sizes = np.sqrt(np.einsum("ij,ij->j", flat, flat) / len(flat))
    used = sizes[sizes > 0]
    loss = model.objective.given
    numbers = class_numbers(loss, y)
    classes: tuple[int, ...] = ()
    if numbers is not None:
        shape = model.layers[-1].output_shape or (1,)
        classes = tuple(np.bincount(numbers, minlength=max(2, shape[-1])).tolist())
    nan = float("nan")
    return DataMeasurements(
        samples=len(x),
        features=flat.shape[1],
        shape=values.shape[1:],
        largest=nan if normalised or not used.size else float(used.max()),
        smallest=nan if normalised or not used.size else float(used.min()),
        of_feature=int(sizes.argmax()),
        classes=classes,
        labels=_labels(model, len(classes)),
        names=_names(model, len(classes)),
        weighted=sample_weight is not None,
        bytes=x.dtype == np.uint8,
        target_size=float(np.sqrt(np.mean(np.square(probe[1], dtype=np.float64))))
        if loss.target == "values"
        else nan,
        baseline=baseline(
            model.objective.loss, y, sample_weight, model.layers[-1].output_shape, model.dtype
        ),
    )


def _as_read(model: DataModel, x: Array) -> tuple[Array, bool]:
    """``x`` behind the layers that only change its form or scale; is it normalised then?"""
    for layer in model.layers:
        if layer.normalizes:
            return x, True
        if not layer.changes_scale_or_shape_only:
            return x, False
        x = layer.forward(x)
    return x, False


def _labels(model: DataModel, count: int) -> tuple[Any, ...]:
    classes = model.classes
    return tuple(range(count)) if classes is None else tuple(classes.tolist())


def _names(model: DataModel, count: int) -> tuple[Any, ...]:
    """The classes in the words of their table, where the model learned from one."""
    rows = getattr(model, "preprocessing", None)
    names = None if rows is None else rows.target.class_names
    return names if names is not None and len(names) == count else _labels(model, count)


def neighbour_agreement(loss: Loss, x: Array, y: Array) -> float:
    """Whether x tells anything about y: how often nearest neighbours agree.

    For classes: (agreement - chance) / its standard deviation; for values the share of
    the variance that the mean of 5 neighbours explains, in the same units.  Around 0
    for labels that were shuffled; NaN for fewer than 30 samples.
    """
    flat = x.reshape(len(x), -1).astype(np.float64)
    spread = flat.std(axis=0)
    flat = (flat - flat.mean(axis=0)) / np.where(spread > 0, spread, 1)
    squares = (flat**2).sum(axis=1)
    distance = squares[:, None] + squares[None, :] - 2 * flat @ flat.T
    np.fill_diagonal(distance, np.inf)
    n = len(flat)
    if n < 30:
        return float("nan")
    near = np.argpartition(distance, 5, axis=1)[:, :5]
    numbers = class_numbers(loss, y)
    if numbers is not None:
        share = np.bincount(numbers) / n
        chance = float((share**2).sum())
        agree = float((numbers[near] == numbers[:, None]).mean())
        # 5 neighbours of n samples, half of the pairs counted twice
        deviation = float(np.sqrt(max(chance * (1 - chance), 1e-9) / (2.5 * n)))
        return (agree - chance) / deviation
    values = y.reshape(n, -1).astype(np.float64)
    error = ((values[near].mean(axis=1) - values) ** 2).mean()
    # the mean of 5 unrelated ones has 1 + 1/5 of the variance
    return float((1.2 - error / max(values.var(), 1e-12)) * np.sqrt(n) / 1.5)


def baseline(
    loss: Loss,
    y: Array,
    sample_weight: Array | None,
    output_shape: Sequence[int] | None,
    dtype: np.dtype[Any],
) -> float:
    """The loss of one answer for all samples: the shares of the classes, or the mean.

    By the loss that the training computes, in its type: another would have to be compiled.
    """
    most = 1024
    rows = slice(None, None, max(1, len(y) // most))
    y = y[rows]
    weights = None if sample_weight is None else sample_weight[rows]
    share = np.ones(len(y)) if weights is None else weights.astype(np.float64)
    share = share / share.sum()
    k = int((output_shape or (1,))[-1])
    if loss.target == "classes" and y.ndim == 1:
        best = np.zeros(k)
        np.add.at(best, y, share)
    else:
        best = (y.reshape(len(y), -1) * share[:, None]).sum(axis=0)
    if loss.target == "signs":
        best = np.zeros_like(best)
    if loss.target in ("classes", "probabilities"):
        best = np.clip(best, 1e-6, 1)
        if loss.reads_logits:
            odds = best if loss.target == "classes" else best / np.clip(1 - best, 1e-6, 1)
            best = np.log(odds)
    return float(loss(y, np.tile(best.astype(dtype), (len(y), 1)), weights))


def class_numbers(loss: Loss, y: Array) -> Array | None:
    """The class of each sample; None for values and for several labels at once."""
    if loss.target == "values":
        return None
    if y.ndim == 1:
        return y
    if y.shape[1] > 1:
        return np.asarray(y.argmax(axis=1)) if loss.target == "classes" else None
    return (y[:, 0] > 0).astype(np.int64)
