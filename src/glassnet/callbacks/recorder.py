"""Recording what happens inside a network while it trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.diagnosing import Diagnosing
from glassnet.diagnosis.examiner import MeasuredLayer, measured_layers
from glassnet.diagnosis.measurements import dead_units, norm, output_of, saturated
from glassnet.errors import ConfigError

NUMBERS = ("weight", "gradient", "update", "dead", "saturated", "mean", "deviation")


@dataclass
class LayerRecord:
    """One layer, epoch by epoch; NaN where the layer has no such thing.

    Attributes:
        activation: the name of its function, or None.
        units: how many outputs; of feature maps, how many maps: the filters of a convolution.
        weight: ‖W‖ over all parameters of the layer.
        gradient: ‖dL/dW‖ of the epoch's last batch.
        update: ‖ΔW‖ of the whole epoch.
        dead: the share of ReLUs that answer 0 to every sample of the probe.
        saturated: the share of sigmoid, tanh or softmax outputs at their bounds.
        mean, deviation: of the outputs on the probe.
        low, high: the range of the outputs.
        counts: (epochs, bins) how many outputs lie in each equal part of that range.
    """

    activation: str | None
    units: int
    weight: list[float] = field(default_factory=list)
    gradient: list[float] = field(default_factory=list)
    update: list[float] = field(default_factory=list)
    dead: list[float] = field(default_factory=list)
    saturated: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    deviation: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    counts: list[list[int]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


class Recorder(Callback):
    """Records, after each epoch and for each layer, the norms of weights, gradients and updates,
    histograms of the outputs, and the shares of dead and of saturated units.

    It costs one forward pass over the probe and one copy of the weights an epoch, draws no
    random number, and survives a checkpoint.

    Args:
        x: the probe, as ``predict`` takes it; by default 256 training samples, spread over
            all of them.
        bins: of the histograms.
        every: record after so many epochs.

    >>> from glassnet import Sequential, data, layers
    >>> model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=0)
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> recorder = Recorder()
    >>> history = model.fit(data.spiral(100), epochs=3, verbose=0, callbacks=[recorder])
    >>> recorder.epochs, len(recorder.layers["dense"].gradient)
    ([0, 1, 2], 3)

    Attributes:
        epochs: the numbers of the epochs that are recorded, from 0.
        layers: name → :class:`LayerRecord`, in the order of the data.
    """

    def __init__(self, x: ArrayLike | None = None, bins: int = 40, every: int = 1) -> None:
        self.x = None if x is None else np.asarray(x)
        self.bins = whole_number("Recorder", "bins", bins, minimum=2)
        self.every = whole_number("Recorder", "every", every)
        self.epochs: list[int] = []
        self.layers: dict[str, LayerRecord] = {}
        self._probe: Array | None = None
        self._before: Array | None = None

    def on_train_begin(self) -> None:
        if self.run.epoch == 0 and self.run.batch == 0:  # a fit that begins anew
            self.epochs, self.layers = [], {}
        model: Any = self.model
        self._probe = None if self.x is None else model.take_input(self.x)
        self._before = None

    def on_epoch_begin(self, epoch: int) -> None:
        if (epoch + 1) % self.every == 0:
            self._before = self.model.parameters.values.copy()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if (epoch + 1) % self.every:
            return
        model: Any = self.model
        with np.errstate(all="ignore"):
            model.forward(self._samples(), False)
            for watched in measured_layers(model):
                record = self.layers.setdefault(
                    watched.name, LayerRecord(watched.activation, watched.units)
                )
                self._parameters(record, watched)
                self._outputs(record, watched)
        self.epochs.append(epoch)
        self._before = None

    def _samples(self) -> Array:
        if self._probe is None:
            found = next((c for c in self.run.callbacks if isinstance(c, Diagnosing)), None)
            if found is None or found.examiner is None:
                raise ConfigError(
                    "Recorder: there are no samples to look at. Pass some: Recorder(x[:256])."
                )
            self._probe = found.examiner.x
        return self._probe

    def _parameters(self, record: LayerRecord, watched: MeasuredLayer) -> None:
        weight = gradient = update = float("nan")
        if watched.place is not None:
            values = self.model.parameters.values[watched.place]
            weight = norm(values)
            gradient = norm(self.model.parameters.gradients[watched.place])
            if self._before is not None:  # an epoch that was resumed in its middle has none
                update = norm(values - self._before[watched.place])
        record.weight.append(weight)
        record.gradient.append(gradient)
        record.update.append(update)

    def _outputs(self, record: LayerRecord, watched: MeasuredLayer) -> None:
        y = output_of(watched.layer)
        low = high = mean = deviation = dead = share = float("nan")
        counts = [0] * self.bins
        if y is not None and watched.activation is not None:
            low, high, mean, deviation = (float(v) for v in (y.min(), y.max(), y.mean(), y.std()))
            if np.isfinite(low) and np.isfinite(high):
                counts = _histogram(y, low, high, self.bins)
            f = watched.layer.function
            if f is not None and f.dies:
                dead = dead_units(f, y) / y.shape[-1]
            share = saturated(f, y)
        for name, value in (
            ("low", low), ("high", high), ("mean", mean), ("deviation", deviation),
            ("dead", dead), ("saturated", share),
        ):  # fmt: skip
            getattr(record, name).append(value)
        record.counts.append(counts)

    # ---- as plain data -------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the epochs, and each layer's numbers."""
        layers = {name: record.to_dict() for name, record in self.layers.items()}
        return {"epochs": list(self.epochs), "bins": self.bins, "layers": layers}

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "epochs": list(self.epochs),
            "layers": [[name, r.activation, r.units] for name, r in self.layers.items()],
        }
        for name, record in self.layers.items():
            rows = [getattr(record, key) for key in (*NUMBERS, "low", "high")]
            state[f"{name}:numbers"] = np.array(rows, np.float64)
            state[f"{name}:counts"] = np.array(record.counts, np.int64)
        return state

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.epochs = [int(e) for e in state["epochs"]]
        self.layers = {}
        for name, activation, units in state["layers"]:
            record = self.layers[name] = LayerRecord(activation, int(units))
            for key, row in zip((*NUMBERS, "low", "high"), state[f"{name}:numbers"]):
                setattr(record, key, row.tolist())
            record.counts = state[f"{name}:counts"].tolist()


def _histogram(y: Array, low: float, high: float, bins: int) -> list[int]:
    """How many numbers lie in each of ``bins`` equal parts of [low, high]."""
    if high <= low:
        return [int(y.size)] + [0] * (bins - 1)
    place = ((y.reshape(-1) - low) * (bins / (high - low))).astype(np.int64)
    found: list[int] = np.bincount(np.clip(place, 0, bins - 1), minlength=bins).tolist()
    return found
