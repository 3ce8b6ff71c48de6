"""Measuring a model and its data, without changing either.

All of it is read on a small part of the training data, spread over all of it, and without
drawing a random number: the training goes on as if nobody had looked.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet._core.parameters import Parameters
from glassnet._core.team import cores_to_ourselves
from glassnet._core.types import Array
from glassnet.diagnosis.data import DataModel, measure_data, neighbour_agreement
from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.measurements import (
    LayerMeasurements,
    Measurements,
    Snapshot,
    dead_units,
    norm,
    saturated,
    units_alike,
)
from glassnet.diagnosis.report import Diagnosis
from glassnet.diagnosis.rules import apply_rules
from glassnet.layers import Layer, walk
from glassnet.layers.passes import Passes
from glassnet.layers.walk import outputs_each
from glassnet.optimizers.base import Optimizer

ROWS, LEAST = 256, 64  # samples that are looked at: fewer, if a pass over them would cost much
WORK = 25_000_000  # samples times multiplications of one snapshot: 0.3 ms to 10 ms
NUMBERS = 2**25  # that the outputs of all layers may have: of large pictures, few are looked at
LARGE = 2_000_000  # parameters beyond which no trial update is made: it would copy them


class ExaminedModel(DataModel, Protocol):
    """What is asked of a model."""

    parameters: Parameters
    optimizer: Optimizer

    @property
    def examined(self) -> Passes:
        """Through its layers and back: writes the gradients."""

    def penalty(self) -> float:
        """What the regularizers add to the loss now."""


class MeasuredLayer(NamedTuple):
    """A layer that is measured, and what does not change about it."""

    name: str
    layer: Layer
    output: bool
    activation: str | None
    units: int
    maps: bool
    place: slice | None
    root: float  # √(number of parameters)


def examined(layers: Sequence[Layer], parameters: int) -> int:
    """How many samples are looked at, at most."""
    work = max(parameters, sum(layer.multiplications() for layer in layers), 1)
    most = min(ROWS, max(LEAST, WORK // work))
    return min(most, max(1, NUMBERS // max(1, outputs_each(layers))))


class Examiner:
    """Looks at a model and at the data it learns from.

    Args:
        model: built and compiled.
        x, y, sample_weight: the training data as the loop reads them, checked and encoded.
    """

    def __init__(
        self, model: ExaminedModel, x: Array, y: Array, sample_weight: Array | None = None
    ) -> None:
        self.model = model
        n, most = len(x), examined(model.layers, model.parameters.size)
        rows = np.arange(n) if n <= most else np.linspace(0, n - 1, most).astype(np.int64)
        self.x, self.y = np.ascontiguousarray(x[rows]), np.ascontiguousarray(y[rows])
        self.weights = None if sample_weight is None else sample_weight[rows]
        self.measured_layers = measured_layers(model)
        self.measurements = Measurements()
        with np.errstate(all="ignore"):
            self.measurements.data = measure_data(model, x, y, sample_weight, (self.x, self.y))

    def measure(self, epoch: int, trial: bool = True) -> Snapshot:
        """Measure all layers; the gradients of the model are put back as they were.

        Args:
            trial: also make an update on copies, to see how far it would go.
        """
        model = self.model
        gradients = model.parameters.gradients.copy()
        # A second thread of BLAS would turn for a while afterwards, beside the training's steps.
        with np.errstate(all="ignore"), cores_to_ourselves():
            loss, moved = self._pass(trial)
            parts = tuple(self._layer(watched, moved) for watched in self.measured_layers)
        model.parameters.gradients[...] = gradients
        penalty = self.measurements.penalty = model.penalty()
        decay = 0.0 if model.optimizer.weight_decay is None else model.optimizer.weight_decay
        found = self.measurements
        found.shrinking = max([decay, *(layer.shrinking() for _, layer in walk(model.layers))])
        found.parameters = model.parameters.size
        found.random = any(layer.random_in_training for _, layer in walk(model.layers))
        snapshot = Snapshot(epoch, model.optimizer.steps, loss, parts, penalty)
        self.measurements.snapshots.append(snapshot)
        return snapshot

    def _pass(self, trial: bool) -> tuple[float, Array | None]:
        """Forward and backward on the samples; the update that would follow, on copies."""
        model, objective, passes = self.model, self.model.objective, self.model.examined
        read = passes.forward_logits(self.x) if objective.fused else passes.forward(self.x)
        loss, dy = objective.loss.value_and_gradient(self.y, read, self.weights)
        passes.backward(dy, objective.fused)
        parameters = model.parameters
        if not trial or parameters.size > LARGE or model.optimizer.size is None:
            return float(loss), None
        optimizer, values = copy.deepcopy(model.optimizer), parameters.values.copy()
        optimizer.step(values, parameters.gradients, parameters.runs)
        values -= parameters.values
        return float(loss), values

    def _layer(self, watched: MeasuredLayer, moved: Array | None) -> LayerMeasurements:
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
            y = self.model.examined.output_of(layer)
            if y is not None:
                dead, share = dead_units(f, y), saturated(f, y)
        W, dW, alike = getattr(layer, "W", None), getattr(layer, "dW", None), False
        if not watched.output and isinstance(W, np.ndarray) and isinstance(dW, np.ndarray):
            alike = units_alike(W, dW)
        return LayerMeasurements(
            watched.name,
            watched.output,
            name,
            watched.units,
            dead,
            share,
            weight,
            gradient,
            ratio,
            alike,
            watched.maps,
            getattr(getattr(layer, "kernel_initializer", None), "name", ""),
        )

    def diagnose(
        self,
        history: Mapping[str, Sequence[float]],
        finished: bool = True,
        diverged: Mapping[str, Any] | None = None,
    ) -> Diagnosis:
        """What the measurements and the numbers of the epochs say.

        Args:
            history: name → one number for each epoch.
            finished: whether the training is over; before, nothing is called too short.
            diverged: where the loss became NaN: {"epoch", "batch", "layer"}.
        """
        optimizer = self.model.optimizer
        # The highest so far: a schedule may have come down to 0.
        rates = [float(rate) for rate in history.get("learning_rate", ())]
        rate = max([float(optimizer.current_learning_rate), *rates])
        evidence = Evidence(
            self.measurements, history, rate, optimizer.steps, finished, diverged, self.relate
        )
        evidence.adaptive = optimizer.adaptive
        return apply_rules(evidence)

    def relate(self) -> float:
        """How often nearest neighbours agree; asked only where something is wrong."""
        loss = self.model.objective.given
        self.measurements.related = neighbour_agreement(loss, self.x, self.y)
        return self.measurements.related


def measured_layers(model: ExaminedModel) -> list[MeasuredLayer]:
    """The layers with parameters or a function, those inside blocks as well."""
    measured = []
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
        shape = layer.output_shape or (0,)
        output = layer is model.layers[-1]
        activation = None if f is None else f.name
        measured.append(
            MeasuredLayer(
                name,
                layer,
                output,
                activation,
                shape[-1],
                len(shape) > 1,
                place,
                float(size) ** 0.5,
            )
        )
    return measured
