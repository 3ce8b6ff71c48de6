"""Looking at a model and its data, without changing either.

All of it is read on a small part of the training data, spread over all of it, and without
drawing a random number: the training goes on as if nobody had looked.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet._core.parameters import Parameters
from glassnet.diagnosis.case import Case
from glassnet.diagnosis.measurements import (
    DataSigns,
    LayerSigns,
    Look,
    Signs,
    baseline,
    class_numbers,
    dead_units,
    norm,
    output_of,
    saturated,
)
from glassnet.diagnosis.report import Diagnosis
from glassnet.diagnosis.rules import diagnose_case
from glassnet.layers import Layer, walk
from glassnet.optimizers.base import Optimizer

Array = NDArray[Any]

ROWS, LEAST = 256, 64  # samples that are looked at: fewer, if a pass over them would cost much
WORK = 25_000_000  # samples times parameters of one look: 0.3 ms to 10 ms
LARGE = 2_000_000  # parameters beyond which no trial update is made: it would copy them


class Network(Protocol):
    """What is asked of a model."""

    layers: list[Layer]
    parameters: Parameters
    optimizer: Optimizer
    objective: Any

    @property
    def classes(self) -> Array | None:
        """The labels, in the order of the outputs."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """The output."""

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """The output before the last activation."""

    def backward(self, dy: Array, from_logits: bool = False) -> None:
        """Writes the gradients."""


class Watched(NamedTuple):
    """A layer that is measured, and what does not change about it."""

    name: str
    layer: Layer
    output: bool
    activation: str | None
    units: int
    place: slice | None
    root: float  # √(number of parameters)


class Examiner:
    """Looks at a model and at the data it learns from.

    Args:
        model: built and compiled.
        x, y, sample_weight: the training data as the loop reads them, checked and encoded.
    """

    def __init__(
        self, model: Network, x: Array, y: Array, sample_weight: Array | None = None
    ) -> None:
        self.model = model
        n = len(x)
        most = min(ROWS, max(LEAST, WORK // max(model.parameters.size, 1)))
        rows = np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)
        self.x, self.y = np.ascontiguousarray(x[rows]), np.ascontiguousarray(y[rows])
        self.weights = None if sample_weight is None else sample_weight[rows]
        self.watched = watched_layers(model)
        self.signs = Signs()
        with np.errstate(all="ignore"):
            self.signs.data = self._data(x, y, sample_weight)

    # ---- the data ------------------------------------------------------------------------

    def _data(self, x: Array, y: Array, sample_weight: Array | None) -> DataSigns:
        values, normalised = self._as_read(self.x)
        flat = values.reshape(len(values), -1).astype(np.float64)
        sizes = np.sqrt(np.einsum("ij,ij->j", flat, flat) / len(flat))
        used = sizes[sizes > 0]
        loss = self.model.objective.given
        numbers = class_numbers(loss, y)
        classes: tuple[int, ...] = ()
        if numbers is not None:
            shape = self.model.layers[-1].output_shape or (1,)
            classes = tuple(np.bincount(numbers, minlength=max(2, shape[-1])).tolist())
        nan = float("nan")
        return DataSigns(
            samples=len(x),
            features=flat.shape[1],
            largest=nan if normalised or not used.size else float(used.max()),
            smallest=nan if normalised or not used.size else float(used.min()),
            of_feature=int(sizes.argmax()),
            classes=classes,
            labels=_labels(self.model, len(classes)),
            weighted=sample_weight is not None,
            bytes=x.dtype == np.uint8,
            target_size=float(np.sqrt(np.mean(np.square(self.y, dtype=np.float64))))
            if loss.target == "values"
            else nan,
            baseline=baseline(loss, y, sample_weight, self.model.layers[-1].output_shape),
        )

    def _as_read(self, x: Array) -> tuple[Array, bool]:
        """``x`` behind the layers that only change its form or scale; is it normalised then?"""
        for layer in self.model.layers:
            if layer.normalizes:
                return x, True
            if not layer.changes_scale_or_shape_only:
                return x, False
            x = layer.forward(x)
        return x, False

    # ---- the layers ----------------------------------------------------------------------

    def look(self, epoch: int, trial: bool = True) -> Look:
        """Measure all layers; the gradients of the model are put back as they were.

        Args:
            trial: also make an update on copies, to see how far it would go.
        """
        model = self.model
        kept = model.parameters.gradients.copy()
        with np.errstate(all="ignore"):
            loss, moved = self._pass(trial)
            parts = tuple(self._layer(watched, moved) for watched in self.watched)
        model.parameters.gradients[...] = kept
        self.signs.penalty = float(sum(layer.penalty() for layer in model.layers))
        found = Look(epoch, model.optimizer.steps, loss, parts)
        self.signs.looks.append(found)
        return found

    def _pass(self, trial: bool) -> tuple[float, Array | None]:
        """Forward and backward on the samples; the update that would follow, on copies."""
        model, objective = self.model, self.model.objective
        if objective.fused:
            read = model.forward_logits(self.x, False)
        else:
            read = model.forward(self.x, False)
        loss, dy = objective.loss.value_and_gradient(self.y, read, self.weights)
        model.backward(dy, objective.fused)
        parameters = model.parameters
        if not trial or parameters.size > LARGE or model.optimizer.size is None:
            return float(loss), None
        optimizer, values = copy.deepcopy(model.optimizer), parameters.values.copy()
        optimizer.step(values, parameters.gradients, parameters.runs)
        values -= parameters.values
        return float(loss), values

    def _layer(self, watched: Watched, moved: Array | None) -> LayerSigns:
        weight = gradient = ratio = float("nan")
        layer, name = watched.layer, watched.activation
        if watched.place is not None:
            parameters = self.model.parameters
            weight = norm(parameters.values[watched.place])
            gradient = norm(parameters.gradients[watched.place]) / watched.root
            if moved is not None:
                ratio = norm(moved[watched.place]) / max(weight, 1e-12)
        dead, share = 0, float("nan")
        f = layer.function
        if f is not None and (f.dies or f.saturated is not None):
            y = output_of(layer)
            if y is not None:
                dead, share = dead_units(f, y), saturated(f, y)
        return LayerSigns(
            watched.name, watched.output, name, watched.units, dead, share, weight, gradient, ratio
        )

    # ---- what it means ---------------------------------------------------------------------

    def diagnose(
        self,
        history: Mapping[str, Sequence[float]],
        finished: bool = True,
        diverged: Mapping[str, Any] | None = None,
    ) -> Diagnosis:
        """What the signs and the numbers of the epochs say.

        Args:
            history: name → one number for each epoch.
            finished: whether the training is over; before, nothing is called too short.
            diverged: where the loss became NaN: {"epoch", "batch", "layer"}.
        """
        optimizer = self.model.optimizer
        # The highest so far: a schedule may have come down to 0.
        rates = [float(rate) for rate in history.get("learning_rate", ())]
        rate = max([float(optimizer.current_learning_rate), *rates])
        return diagnose_case(
            Case(self.signs, history, rate, optimizer.steps, finished, diverged, self.relate)
        )

    # ---- asked only where something is wrong -----------------------------------------------

    def relate(self) -> float:
        """Whether x tells anything about y: how often nearest neighbours agree.

        For classes: (agreement - chance) / its standard deviation; for values the share of
        the variance that the mean of 5 neighbours explains, in the same units.  Around 0
        for labels that were shuffled.
        """
        flat = self.x.reshape(len(self.x), -1).astype(np.float64)
        spread = flat.std(axis=0)
        flat = (flat - flat.mean(axis=0)) / np.where(spread > 0, spread, 1)
        squares = (flat**2).sum(axis=1)
        distance = squares[:, None] + squares[None, :] - 2 * flat @ flat.T
        np.fill_diagonal(distance, np.inf)
        n = len(flat)
        if n < 30:
            return float("nan")
        near = np.argpartition(distance, 5, axis=1)[:, :5]
        numbers = class_numbers(self.model.objective.given, self.y)
        if numbers is not None:
            share = np.bincount(numbers) / n
            chance = float((share**2).sum())
            agree = float((numbers[near] == numbers[:, None]).mean())
            # 5 neighbours of n samples, half of the pairs counted twice
            deviation = float(np.sqrt(max(chance * (1 - chance), 1e-9) / (2.5 * n)))
            self.signs.related = (agree - chance) / deviation
        else:
            values = self.y.reshape(n, -1).astype(np.float64)
            error = ((values[near].mean(axis=1) - values) ** 2).mean()
            plain = values.var()
            # the mean of 5 unrelated ones has 1 + 1/5 of the variance
            self.signs.related = float((1.2 - error / max(plain, 1e-12)) * np.sqrt(n) / 1.5)
        return self.signs.related


def _labels(model: Network, count: int) -> tuple[Any, ...]:
    classes = model.classes
    return tuple(range(count)) if classes is None else tuple(classes.tolist())


def watched_layers(model: Network) -> list[Watched]:
    """The layers with parameters or a function, those inside blocks as well."""
    found = []
    for name, layer in walk(model.layers):
        places = [
            model.parameters.slices[f"{name}/{weight.name}"]
            for weight in ([] if layer.sublayers() else layer.weights())
            if weight.trained
        ]
        f = layer.function
        if not places and f is None:
            continue
        # the parameters of one layer lie one after the other
        place = slice(places[0].start, places[-1].stop) if places else None
        size = 0 if place is None else place.stop - place.start
        units = int(np.prod(layer.output_shape or (0,)))
        output = layer is model.layers[-1]
        activation = None if f is None else f.name
        found.append(Watched(name, layer, output, activation, units, place, float(size) ** 0.5))
    return found
