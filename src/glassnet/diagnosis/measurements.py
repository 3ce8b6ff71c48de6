"""What is measured for a diagnosis: of the data once, of the layers now and then."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.layers import Layer


@dataclass(frozen=True)
class LayerMeasurements:
    """One layer at one time.

    Attributes:
        output: whether its output is the network's.
        activation: the name of its function, or None.
        units: how many outputs; of feature maps, how many maps: the filters of a convolution.
        dead: how many ReLUs answer 0 to every sample; of feature maps, everywhere.
        saturated: the share of sigmoid or tanh outputs at their bounds; NaN for others.
        weight: ‖W‖ over all parameters of the layer; NaN without any.
        gradient: the root mean square of dL/dW.
        moved: ‖ΔW‖ / ‖W‖ of the update that would come now; NaN if not tried.
        maps: whether each unit is a feature map, with a number for each place.
        initializer: the name of what its weights were drawn by; empty: it has none.
    """

    name: str
    output: bool
    activation: str | None
    units: int
    dead: int
    saturated: float
    weight: float
    gradient: float
    moved: float
    alike: bool = False
    maps: bool = False
    initializer: str = ""


@dataclass(frozen=True)
class Snapshot:
    """All layers after ``epoch`` epochs and ``steps`` updates; ``loss`` without ``penalty``."""

    epoch: int
    steps: int
    loss: float
    layers: tuple[LayerMeasurements, ...]
    penalty: float = 0.0


@dataclass(frozen=True)
class DataMeasurements:
    """What the training data are like.

    Attributes:
        samples, features: how many.
        shape: of one sample, as the first layer with weights reads it.
        largest: the root mean square of the largest feature, as the first layer with weights
            reads it; NaN behind a normalization.
        smallest: of the smallest that is not 0 everywhere.
        of_feature: which one is the largest.
        classes: samples of each class; empty for values.
        labels: what the classes are called by ``fit``.
        names: what they are called in the table that they are from.
        weighted: whether the samples have weights.
        bytes: whether the inputs are bytes, as images are.
        target_size: the root mean square of the values to learn; NaN for classes.
        baseline: the loss of the best answer that does not look at x.
    """

    samples: int
    features: int
    shape: tuple[int, ...]
    largest: float
    smallest: float
    of_feature: int
    classes: tuple[int, ...]
    labels: tuple[Any, ...]
    names: tuple[Any, ...]
    weighted: bool
    bytes: bool
    target_size: float
    baseline: float


@dataclass
class Measurements:
    """Everything that a diagnosis reads."""

    data: DataMeasurements | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    begins: int = 0  # the epoch in which the run began
    penalty: float = 0.0
    penalties: list[float] = field(default_factory=list)  # at the begin and after each epoch
    shrinking: float = 0.0  # the largest 2·λ of the penalties, and of the optimizer's decay
    parameters: int = 0
    random: bool = False  # whether a layer draws numbers while training
    related: float = float("nan")  # how much better than chance neighbours agree; NaN: not asked

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a checkpoint keeps them."""
        return {
            "begins": self.begins,
            "penalties": self.penalties,
            "looks": [asdict(one) for one in self.snapshots],
        }

    def take(self, state: dict[str, Any]) -> None:
        """The snapshots of :meth:`to_dict`."""
        self.begins = int(state["begins"])
        self.penalties = [float(p) for p in state.get("penalties", ())]
        self.snapshots = [
            Snapshot(
                int(one["epoch"]), int(one["steps"]), float(one["loss"]),
                tuple(_layer(layer) for layer in one["layers"]), float(one.get("penalty", 0.0)),
            )
            for one in state["looks"]
        ]  # fmt: skip


def _layer(state: dict[str, Any]) -> LayerMeasurements:
    """One layer; JSON writes NaN as a text."""
    floats = {k: float(state[k]) for k in ("saturated", "weight", "gradient", "moved")}
    return LayerMeasurements(**{**state, **floats})


# ---- small measures ----------------------------------------------------------------------------


def norm(array: Array) -> float:
    """‖a‖"""
    flat = array.reshape(-1)
    return math.sqrt(float(np.dot(flat, flat)))


def units_alike(W: Array, dW: Array) -> bool:
    """Whether all units (the columns) have the same weights and the same gradients.

    Then every update leaves them the same, however long it goes on.  Rounding is borne.
    """
    if W.ndim < 2 or W.shape[-1] < 2:
        return False
    for array, noise in ((W, 0.0), (dW, 1e-6)):
        columns = array.reshape(-1, array.shape[-1])
        size = float(np.abs(columns).max(initial=0.0))
        if not np.abs(columns - columns[:, :1]).max(initial=0.0) <= 1e-4 * size + noise:
            return False
    return True


def dead_units(f: Activation | None, y: Array) -> int:
    """How many units answer 0 to every sample of ``y`` (n, …, units), if ``f`` can die."""
    if f is None or not f.dies:
        return 0
    largest = y.reshape(-1, y.shape[-1]).max(axis=0)
    return int(np.count_nonzero(largest <= 0))


def saturated(f: Activation | None, y: Array) -> float:
    """The share of the outputs at their bounds; NaN for a function without bounds.

    Of softmax: the share of the samples that have nearly all of their 1 in one place.
    """
    if f is not None and f.gives == "probabilities" and not f.elementwise:
        return float(np.mean(y.max(axis=-1) > 0.96))
    if f is None or f.saturated is None:
        return float("nan")
    low, high = f.saturated
    return float(np.mean((y < low) | (y > high)))


def output_of(layer: Layer) -> Array | None:
    """What the layer gave in its last forward pass, as it keeps it for the backward pass."""
    return layer.output
