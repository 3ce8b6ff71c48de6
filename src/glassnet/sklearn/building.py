"""From the settings of an MLP to its layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.activations import Sigmoid
from glassnet.errors import ConfigError
from glassnet.initializers import RandomUniform
from glassnet.layers import BatchNormalization, Dense, Layer
from glassnet.layers.columns import column
from glassnet.sklearn import rows

# scikit-learn's names for functions that have other names here
NAMES = {f.sklearn: f.name for f in activations.each() if f.sklearn}
OUTPUT_NAMES = {own: theirs for theirs, own in NAMES.items()}


@dataclass(frozen=True)
class Drawn(RandomUniform):
    """U(minval, maxval), drawn from a ``RandomState``, as scikit-learn draws its weights."""

    state: Any = field(default=None, compare=False, repr=False)

    def _draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.asarray(self.state.uniform(self.minval, self.maxval, shape))

    def get_config(self) -> dict[str, Any]:
        return RandomUniform(self.minval, self.maxval).get_config()


def activation(spec: Any) -> activations.Activation:
    """An activation by glassnet's or scikit-learn's name, config or value."""
    return activations.get(NAMES.get(spec, spec) if isinstance(spec, str) else spec)


def each(name: str, spec: Any, count: int) -> list[Any]:
    """One setting for each of ``count`` hidden layers, from one for all or a list.

    Raises:
        ConfigError: a list of another length.
    """
    if not isinstance(spec, (list, tuple, np.ndarray)):
        return [spec] * count
    if len(spec) != count:
        raise ConfigError(f"{name} lists {len(spec)} settings, but there are {count} hidden layers")
    return list(spec)


def hidden_sizes(spec: Any) -> list[int]:
    """The units of the hidden layers."""
    sizes: Sequence[Any] = list(spec) if isinstance(spec, Iterable) else [spec]
    return [whole_number("MLP", "hidden_layer_sizes", size) for size in sizes]


def stack(
    features: int,
    sizes: Sequence[int],
    functions: Any,
    outputs: int,
    output: str,
    state: np.random.RandomState,
    dropout: Any = 0.0,
    batch_normalization: bool = False,
) -> list[Layer]:
    """The layers. The first weights and biases are U(-r, r), r = √(c / (fan_in + fan_out)).

    c = 6 (Glorot and Bengio 2010), and 2 for a layer of sigmoids; the last layer takes that
    of the layer before it.
    """
    hidden = [activation(f) for f in each("activation", functions, len(sizes))]
    rates = [
        number("MLP", "dropout", rate, minimum=0.0, below=1.0)
        for rate in each("dropout", dropout, len(sizes))
    ]
    before = hidden[-1] if hidden else None
    if not hidden and not isinstance(functions, (list, tuple)):
        before = activation(functions)
    layers: list[Layer] = []

    def dense(units: int, f: Any, deciding: Any, name: str | None = None) -> Dense:
        c = 2.0 if isinstance(deciding, Sigmoid) else 6.0
        r = float(np.sqrt(c / (fan_in + units)))
        init = Drawn(-r, r, state)
        kind = Dense if layers else rows.Dense  # which reads sparse rows as well
        return kind(units, f, kernel_initializer=init, bias_initializer=init, name=name)

    fan_in = features
    for units, f, rate in zip(sizes, hidden, rates):
        layers += column(
            units,
            f,
            normalization=BatchNormalization if batch_normalization else None,
            dropout=rate,
            dense=partial(dense, deciding=f),
        )
        fan_in = units
    layers.append(dense(outputs, activation(output), before))
    return layers
