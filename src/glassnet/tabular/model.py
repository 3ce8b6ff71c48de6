"""One network out of many: the encoding, and the members behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.types import Array
from glassnet.layers import Ensemble, Layer, PeriodicEmbedding, PiecewiseLinearEncoding
from glassnet.layers.catalog import from_config
from glassnet.model import Sequential
from glassnet.tabular.features import numbers_of
from glassnet.tabular.members import Member, loss_for
from glassnet.tabular.training import TrainedGroup
from glassnet.tabular.weighting import Combination


def assembled(
    encoding: PiecewiseLinearEncoding,
    groups: Sequence[TrainedGroup],
    combination: Combination,
    task: str,
    seed: int,
) -> Sequential:
    """The encoding and an :class:`Ensemble` of all members, as they were at their best epochs.

    A member's temperature is in its last layer: softmax((W·h + b) / T) = softmax(W/T·h + b/T).
    One that saw no bins gets them, too, with weights of 0.
    """
    members: list[list[Layer]] = []
    weights: list[float] = []
    arrays: list[Array] = []
    for group, share, temperature in zip(groups, combination.weights, combination.temperatures):
        seen = np.arange(encoding.features) if group.settings.bins else numbers_of(encoding)
        for member in group.members:
            members.append(_layers(member.network, task, seen))
            weights.append(float(share) / len(group.members))
            arrays += _weights(member, seen, encoding.features, float(temperature))
    model = Sequential([from_config(encoding.get_config()), Ensemble(members, weights)], seed=seed)
    metrics = ["accuracy"] if task == "classification" else []
    model.compile("adamw", loss_for(task, from_logits=False), metrics)
    model.build((len(encoding.first) - 1,))
    model.set_weights(arrays)
    return model


def _layers(network: Sequential, task: str, seen: NDArray[np.int64]) -> list[Layer]:
    """The same layers without weights, the last one with the function of its task."""
    configs: list[dict[str, Any]] = [layer.get_config() for layer in network.layers]
    if isinstance(network.layers[0], PeriodicEmbedding):
        configs[0]["columns"] = seen[network.layers[0].embedded].tolist()
    if task == "classification":
        configs[-1]["activation"] = "softmax"
    return [from_config(config) for config in configs]


def _weights(
    member: Member, seen: NDArray[np.int64], features: int, temperature: float
) -> list[Array]:
    """The weights of its best epoch, in the order of the layers."""
    network = member.network
    network.parameters.values[...] = member.best
    waves = network.layers[0].get_weights() if network.layers[0].kind != "dense" else []
    kernel, *between, last, bias = network.get_weights()[len(waves) :]
    behind = kernel[len(seen) :]  # of what the waves add
    first = np.zeros((features + len(behind), kernel.shape[1]), kernel.dtype)
    first[seen], first[features:] = kernel[: len(seen)], behind
    return [*waves, first, *between, last / temperature, bias / temperature]
