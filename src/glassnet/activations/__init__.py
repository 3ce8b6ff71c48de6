"""The activation functions: the catalogue of them, one file for each.

An activation is a value without state: ``relu``, ``ELU(alpha=0.5)``. Two of them are equal if
their names and settings are. What all of them can do is in ``base``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from glassnet._core import custom
from glassnet._core.registry import lookup
from glassnet._core.settings import refuse_unknown
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.activations.counterpart import Counterpart
from glassnet.activations.elu import ELU
from glassnet.activations.exponential import Exponential
from glassnet.activations.function import FunctionActivation
from glassnet.activations.gelu import GELU
from glassnet.activations.gelu_tanh import GELUTanh
from glassnet.activations.leaky_relu import LeakyReLU
from glassnet.activations.linear import Linear
from glassnet.activations.log_softmax import LogSoftmax
from glassnet.activations.relu import ReLU
from glassnet.activations.relu6 import ReLU6
from glassnet.activations.selu import SELU
from glassnet.activations.sigmoid import Sigmoid
from glassnet.activations.silu import SiLU
from glassnet.activations.softmax import Softmax
from glassnet.activations.softplus import Softplus
from glassnet.activations.step import Step
from glassnet.activations.tanh import Tanh

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "Counterpart",
    "Exponential",
    "FunctionActivation",
    "GELUTanh",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
    "each",
    "elu",
    "exponential",
    "gelu",
    "gelu_tanh",
    "get",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "step",
    "tanh",
]

step = Step()
linear = Linear()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
relu6 = ReLU6()
leaky_relu = LeakyReLU()
elu = ELU()
selu = SELU()
gelu = GELU()
gelu_tanh = GELUTanh()
silu = SiLU()
softplus = Softplus()
exponential = Exponential()
softmax = Softmax()
log_softmax = LogSoftmax()

ACTIVATIONS: dict[str, Activation] = {
    "step": step,
    "linear": linear,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "relu6": relu6,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "swish": silu,
    "softplus": softplus,
    "exponential": exponential,
    "softmax": softmax,
    "log_softmax": log_softmax,
}

custom.family("activation", Activation, ACTIVATIONS, values=True, from_function=FunctionActivation)


def each() -> tuple[Activation, ...]:
    """Every activation once, whatever names it has."""
    return tuple({f.name: f for f in ACTIVATIONS.values()}.values())


def get(
    spec: str | Mapping[str, Any] | Activation | Callable[[Array], Array] | None,
) -> Activation:
    """An activation from its name, its ``get_config()``, itself or a function; None: ``linear``.

    >>> get({"name": "elu", "alpha": 0.5})
    ELU(alpha=0.5)

    Raises:
        UnknownNameError: no activation of this name.
        ConfigError: a setting that it does not have, or out of its range.
    """
    if spec is None:
        return linear
    if isinstance(spec, Activation):
        return spec
    own: Activation | None = custom.made_of("activation", spec)
    if own is not None:
        return own
    if not isinstance(spec, Mapping):
        return lookup("activation", ACTIVATIONS, spec)  # type: ignore[arg-type]  # it says what came
    parameters = dict(spec)
    activation = lookup("activation", ACTIVATIONS, parameters.pop("name", ""))
    refuse_unknown(activation.name, parameters, custom.fields_of(activation))
    return replace(activation, **parameters)
