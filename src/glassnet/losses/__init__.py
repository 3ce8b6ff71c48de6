"""The losses: the catalogue of them, one file for each, and which of them fits an output.

What all of them can do is in ``base``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from glassnet._core import custom
from glassnet._core.habits import spelled
from glassnet._core.registry import lookup
from glassnet._core.settings import refuse_unknown
from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.losses.base import LogitLoss, Loss, WrittenOut
from glassnet.losses.binary_crossentropy import BinaryCrossentropy
from glassnet.losses.categorical_crossentropy import CategoricalCrossentropy
from glassnet.losses.function import FunctionLoss
from glassnet.losses.hinge import Hinge
from glassnet.losses.huber import Huber
from glassnet.losses.kl_divergence import KLDivergence
from glassnet.losses.mean_absolute_error import MeanAbsoluteError
from glassnet.losses.mean_squared_error import MeanSquaredError
from glassnet.losses.mean_squared_logarithmic_error import MeanSquaredLogarithmicError
from glassnet.losses.poisson import Poisson
from glassnet.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "FunctionLoss",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "WrittenOut",
    "for_output",
    "get",
]

LOSSES: dict[str, Loss] = {
    "mean_squared_error": MeanSquaredError(),
    "mse": MeanSquaredError(),
    "mean_absolute_error": MeanAbsoluteError(),
    "mae": MeanAbsoluteError(),
    "huber": Huber(),
    "hinge": Hinge(),
    "binary_crossentropy": BinaryCrossentropy(),
    "categorical_crossentropy": CategoricalCrossentropy(),
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy(),
    "kl_divergence": KLDivergence(),
    "poisson": Poisson(),
    "mean_squared_logarithmic_error": MeanSquaredLogarithmicError(),
    "msle": MeanSquaredLogarithmicError(),
}

# Losses of PyTorch that are one of these with a setting, as ``spelled`` has them.
LOGITS: dict[str, Loss] = {
    "bcewithlogitsloss": BinaryCrossentropy(from_logits=True),
    "crossentropyloss": SparseCategoricalCrossentropy(from_logits=True),
}

custom.family("loss", Loss, LOSSES, values=True, from_function=FunctionLoss)


def get(spec: str | Mapping[str, Any] | Loss | Callable[[Array, Array], Any]) -> Loss:
    """A loss from its name, its ``get_config()``, itself, or a function of (y_true, y_pred).

    >>> get({"name": "huber", "delta": 2.0})
    Huber(delta=2.0)

    Raises:
        UnknownNameError: no loss of this name.
        ConfigError: a setting that it does not have, or out of its range.
    """
    if isinstance(spec, Loss):
        return spec
    own: Loss | None = custom.made_of("loss", spec)
    if own is not None:
        return own
    if not isinstance(spec, Mapping):
        there = LOGITS.get(spelled(spec)) if isinstance(spec, str) else None
        return there or lookup("loss", LOSSES, spec)  # type: ignore[arg-type]
    parameters = dict(spec)
    loss = lookup("loss", LOSSES, parameters.pop("name", ""))
    refuse_unknown(loss.name, parameters, custom.fields_of(loss))
    return replace(loss, **parameters)


def for_output(activation: Activation | None, task: str, outputs: int = 1) -> Loss:
    """The loss for a task that reads the outputs of ``activation`` as they are.

    Of classes: binary cross-entropy for sigmoids, cross-entropy for a softmax, and one of the
    two on logits for anything else, as one or several ``outputs`` need it. Of values: Poisson's
    for an exponential, which counts, and otherwise the mean squared error.

    >>> from glassnet.activations import linear, softmax
    >>> for_output(softmax, "classification"), for_output(linear, "regression")
    (SparseCategoricalCrossentropy(from_logits=False), MeanSquaredError())
    """
    fitting: tuple[LogitLoss, ...] = (
        (BinaryCrossentropy(), SparseCategoricalCrossentropy())
        if task == "classification"
        else (Poisson(),)
    )
    for loss in fitting:
        if activation is not None and activation == loss.activation:
            return loss
    if task == "classification":
        return replace(fitting[outputs > 1], from_logits=True)
    return MeanSquaredError()
