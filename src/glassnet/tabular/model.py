"""One network out of many: the encoding, and the members behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.layers import Dense, Dropout, Ensemble, Layer, PiecewiseLinearEncoding
from glassnet.model import Sequential
from glassnet.tabular.members import Member
from glassnet.tabular.training import TrainedRound
from glassnet.tabular.weighting import Combination


def assembled(
    encoding: PiecewiseLinearEncoding,
    rounds: Sequence[TrainedRound],
    combination: Combination,
    numbers: NDArray[np.int64],
    task: str,
    seed: int,
) -> Sequential:
    """The encoding and an :class:`Ensemble` of all members, as they were at their best epochs.

    A member's temperature is in its last layer: softmax((W·h + b) / T) = softmax(W/T·h + b/T).
    One that saw no bins gets them, too, with weights of 0.
    """
    members: list[list[Layer]] = []
    weights: list[float] = []
    values: list[list[Array]] = []
    width = int(np.prod(encoding.output_shape or ()))
    for trained, weight, temperature in zip(
        rounds, combination.weights, combination.temperatures
    ):
        for member in trained.members:
            members.append(_layers(member.network, task))
            weights.append(float(weight) / len(trained.members))
            seen = np.arange(width) if trained.settings.bins else numbers
            values.append(_weights(member, seen, width, float(temperature)))
    model = Sequential(
        [
            PiecewiseLinearEncoding.from_config(encoding),
            Ensemble(members, weights),
        ],
        seed=seed,
    )
    model.compile("adamw", _LOSSES[task])
    assert encoding.input_shape is not None
    model.build(encoding.input_shape)
    model.set_weights([array for member in values for array in member])
    return model


_LOSSES = {
    "classification": "sparse_categorical_crossentropy",
    "regression": "mean_squared_error",
}


def _layers(network: Sequential, task: str) -> list[Layer]:
    """The same layers without weights, the last one with the function of its task."""
    layers: list[Layer] = []
    for layer in network.layers:
        config: dict[str, Any] = layer.config()
        layers.append(Dense(**config) if isinstance(layer, Dense) else Dropout(**config))
    return layers


def _weights(
    member: Member, seen: NDArray[np.int64], width: int, temperature: float
) -> list[Array]:
    """The weights of its best epoch, in the order of the layers."""
    network = member.network
    network.parameters.values[...] = member.best
    arrays = network.get_weights()
    first = np.zeros((width, arrays[0].shape[1]), arrays[0].dtype)
    first[seen] = arrays[0]
    return [first, *arrays[1:-2], arrays[-2] / temperature, arrays[-1] / temperature]
