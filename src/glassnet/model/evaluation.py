"""Samples through the network, part by part: its predictions, and how good they are."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.attributes import is_ours
from glassnet._core.finite import surely_finite
from glassnet._core.habits import unknown
from glassnet._core.team import cores_to_ourselves
from glassnet._core.types import Array
from glassnet.data.arrays import check_finite
from glassnet.distribute.group import Group
from glassnet.model.network import Network
from glassnet.model.samples import Samples
from glassnet.model.trainable import Trainable


class Evaluation(dict[str, float]):
    """The loss and the metrics: by name as in a dict, one after the other as in Keras.

    >>> result = Evaluation({"loss": 0.25, "accuracy": 0.9})
    >>> loss, accuracy = result
    >>> loss, result["accuracy"], result[1], dict(result) == result
    (0.25, 0.9, 0.9, True)
    >>> f"{Evaluation({'loss': 0.25}):.3f}"  # without metrics it stands for the loss
    '0.250'
    """

    def __iter__(self) -> Iterator[Any]:
        """The numbers, not the names: for those, ``keys()`` and ``items()``."""
        return iter(self.values())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, slice)):
            return list(self.values())[key]
        if key not in self:
            raise KeyError(unknown("number", key, self.keys()))
        return super().__getitem__(key)

    def __float__(self) -> float:
        return float(self["loss"])

    def __format__(self, style: str) -> str:
        return format(float(self), style) if style and len(self) == 1 else super().__format__(style)


MANY = 16  # images from which on more cores compute
ROWS = 1024  # of a part: enough for BLAS, small enough to stay in the cache
MANY_ROWS = 2**14  # of a part that the network cuts itself
MOST = 2**23  # numbers that the layers' outputs may have for one part: 32 MB of float32


@dataclass(frozen=True)
class EpochEvaluation:
    """What ``fit`` measures after each epoch.

    Attributes:
        samples: what to measure on, by the beginning of the names that the numbers get.
        group: those who share the work, if there are more than this process.
    """

    model: Trainable
    samples: Mapping[str, Samples]
    group: Group | None = None

    def __call__(self) -> dict[str, float]:
        """The loss and the metrics on all of them, as ``val_loss``."""
        return {
            prefix + name: value
            for prefix, samples in self.samples.items()
            for name, value in evaluate(self.model, samples, group=self.group).items()
        }


def evaluate(
    model: Trainable, samples: Samples, rows: int | None = None, group: Group | None = None
) -> Evaluation:
    """The loss, penalties included, and the metrics, by name; ``rows`` samples at once.

    Raises:
        OutOfMemoryError: so many do not fit.
    """
    metrics = [copy.copy(metric) for metric in model.metrics]
    for metric in metrics:
        metric.reset()
    total = 0.0
    for part, losses, read in part_losses(model, samples, rows, group):
        total += losses
        if metrics:
            outputs = model.outputs_from(read)
            for metric in metrics:
                metric.update(part.y, outputs, part.weights)
    loss = total / len(samples.x) + model.penalty()
    measured = {metric.name: float(metric.result()) for metric in metrics}
    return Evaluation({"loss": loss, **measured})


def part_of(model: Network, samples: int, rows: int | None, called: str) -> int:
    """How many samples go through at once: as many as were asked for, or as fit well.

    Raises:
        OutOfMemoryError: not even these fit; it says how many do, and which layer is the largest.
    """
    each, most = model.outputs_each, ROWS
    if model.joined.cuts_rows:
        each, most = model.outputs, MANY_ROWS
    if rows is None:
        rows = max(1, min(most, MOST // max(1, each)))
    model.need_memory(min(rows, samples), called, each)
    return rows


def part_losses(
    model: Trainable, samples: Samples, rows: int | None = None, group: Group | None = None
) -> Iterator[tuple[Samples, float, Array]]:
    """Part by part: the samples, the sum of their losses, and what the loss read."""
    x, y, weights = samples
    rows = part_of(model, len(x), rows, "evaluate")
    objective = model.need_compiled()
    forward = model.joined.forward_logits if objective.fused else model.joined.forward
    if group is not None:
        forward = group.forward(forward, model.layers[-1].output_shape or ())
    for start in range(0, len(x), rows):
        here = slice(start, start + rows)
        part = Samples(x[here], y[here], None if weights is None else weights[here])
        with _cores_for(model, len(part.x)):
            read = forward(part.x)
        yield part, objective.loss(part.y, read, part.weights) * len(read), read


def predictions(model: Network, x: Array, rows: int | None = None, checked: bool = False) -> Array:
    """The network's output for each row of ``x``, ``rows`` at once; the memory is the caller's.

    Raises:
        DataError: NaN or infinite numbers in ``x``, unless it is ``checked`` already.
        OutOfMemoryError: so many at once do not fit.
    """
    rows = part_of(model, len(x), rows, "predict")
    if len(x) <= rows and not model.layers[-1].work.reuse:
        if not checked:
            check_finite(x, "x")
        with _cores_for(model, len(x)):
            outputs = model.joined.forward(x)
        last = type(model.layers[-1]).__module__  # a user's layer may use its array again
        return outputs if is_ours(last) else outputs.copy()
    shape = model.layers[-1].output_shape
    assert shape is not None
    out = np.empty((len(x), *shape), model.dtype)
    with cores_to_ourselves() if model.joined.cuts_rows else nullcontext():
        for start in range(0, len(x), rows):
            # Each part is looked at just before it is used: the product then finds it in the
            # cache (10,000×784: 8.5 → 7.5 ms, of which the products take 6.8).
            part = x[start : start + rows]
            if not checked and not surely_finite(part):
                check_finite(x, "x")  # all of it: the error names rows from the beginning
                checked = True
            with _cores_for(model, len(part)):
                out[start : start + rows] = model.joined.forward(part)
    return out


def _cores_for(model: Network, samples: int) -> AbstractContextManager[None]:
    """The cores for feature maps, where there are enough of them to share out."""
    return cores_to_ourselves() if samples >= MANY and model.over_images else nullcontext()
