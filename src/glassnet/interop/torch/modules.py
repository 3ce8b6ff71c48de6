"""A network as ``torch.nn.Sequential``.

PyTorch keeps the weights of a linear layer as (outputs, inputs), the transpose of W, and its
momentum of batch normalization is 1 - glassnet's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import activations
from glassnet._core.optional import require
from glassnet.interop.writing import activation_entry, cannot, entry
from glassnet.layers import (
    BatchNormalization,
    Dense,
    Layer,
    LayerNormalization,
    Reshape,
    Residual,
)
from glassnet.model import Sequential

Array = NDArray[Any]
Module = Any  # torch.nn.Module; PyTorch is not needed to read this file
FORMAT = "PyTorch"

# Our name of a weight → PyTorch's.
WEIGHT_NAMES = {
    "W": "weight", "b": "bias", "gamma": "weight", "beta": "bias",
    "moving_mean": "running_mean", "moving_variance": "running_var",
}  # fmt: skip


def torch() -> Any:
    """The package, or the pip command that brings it."""
    return require("torch", extra="torch")


# ---- out ---------------------------------------------------------------------------------


def to_torch(model: Sequential) -> Module:
    """The ``torch.nn.Sequential`` that computes the same, with copies of the weights.

    It comes in evaluation mode; ``module.train()`` switches dropout on. Loss functions of
    PyTorch that contain the softmax (``CrossEntropyLoss``) want ``module[:-1]``.

    Raises:
        NotBuiltError: the network has no parameters yet.
        ConfigError: a layer or activation that PyTorch does not have (named).
        MissingDependencyError: PyTorch is not installed.
    """
    model.need_built("to_torch")
    made = torch().nn.Sequential(*_modules(model.layers))
    made = made.double() if model.dtype == np.float64 else made.float()
    tensors = {k: torch().from_numpy(v) for k, v in state_dict(model.layers).items()}
    # BatchNorm counts its batches, which glassnet does not
    counts = {k: v for k, v in made.state_dict().items() if k.endswith("num_batches_tracked")}
    made.load_state_dict({**tensors, **counts})
    for _, layer, module in _with_modules(model.layers, made):
        if not layer.trainable:
            module.requires_grad_(False)
    return made.eval()


def state_dict(layers: list[Layer]) -> dict[str, Array]:
    """The weights by PyTorch's names, in its shapes; contiguous copies.

    >>> from glassnet import Sequential, layers
    >>> model = Sequential([layers.Dense(3, "relu"), layers.Dense(1)], seed=0)
    >>> model.build((2,))
    >>> {name: array.shape for name, array in state_dict(model.layers).items()}
    {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
    """
    found: dict[str, Array] = {}
    for prefix, layer in places(layers):
        if isinstance(layer, Residual):
            inner = state_dict(layer.layers)
            found |= {f"{prefix}.{name}": array for name, array in inner.items()}
            continue
        for weight in layer.weights():
            array = getattr(layer, weight.name)
            array = array.T if weight.name == "W" else array
            found[f"{prefix}.{WEIGHT_NAMES[weight.name]}"] = array.copy(order="C")
    return found


def places(layers: list[Layer]) -> Iterator[tuple[int, Layer]]:
    """Each layer, and the number of its module in the ``nn.Sequential``."""
    number = 0
    for layer in layers:
        count = len(_kinds(layer))
        if count:
            yield number, layer
        number += count


def _kinds(layer: Layer) -> list[tuple[str, dict[str, Any]]]:
    """The modules of one layer: class names of ``torch.nn`` and their settings."""
    return entry(WRITERS, layer, FORMAT)(layer)


def _modules(layers: list[Layer]) -> list[Module]:
    made = []
    for layer in layers:
        for name, settings in _kinds(layer):
            if name == "Residual":
                made.append(own_modules()["ResidualModule"](*_modules(settings["layers"])))
            elif name == "Rescaling":
                made.append(own_modules()["RescalingModule"](**settings))
            else:
                made.append(getattr(torch().nn, name)(**settings))
    return made


def _with_modules(layers: list[Layer], made: Module) -> Iterator[tuple[int, Layer, Module]]:
    for number, layer in places(layers):
        yield number, layer, made[number]
        if isinstance(layer, Residual):
            yield from _with_modules(layer.layers, made[number])


def _dense(layer: Dense) -> list[tuple[str, dict[str, Any]]]:
    assert layer.input_shape is not None
    sizes = {"in_features": layer.input_shape[0], "out_features": layer.units}
    linear = ("Linear", {**sizes, "bias": layer.use_bias})
    if layer.activation == activations.linear:
        return [linear]
    return [linear, *_activation(layer, layer.activation)]


def _activation(layer: Layer, f: activations.Activation) -> list[tuple[str, dict[str, Any]]]:
    name, settings = activation_entry(ACTIVATIONS, layer, f, FORMAT)
    return [(name, {key: value(f) if callable(value) else value for key, value in settings})]


def _batch_normalization(layer: BatchNormalization) -> list[tuple[str, dict[str, Any]]]:
    assert layer.input_shape is not None
    if len(layer.input_shape) != 1:
        why = "of images, it has its channels first"
        raise cannot(layer, FORMAT, why, ["BatchNormalization of features (n, k)"])
    sizes = {"num_features": layer.input_shape[0], "eps": layer.epsilon}
    return [("BatchNorm1d", {**sizes, "momentum": 1 - layer.momentum})]


def _layer_normalization(layer: LayerNormalization) -> list[tuple[str, dict[str, Any]]]:
    assert layer.input_shape is not None
    return [("LayerNorm", {"normalized_shape": layer.input_shape[-1:], "eps": layer.epsilon})]


def _reshape(layer: Reshape) -> list[tuple[str, dict[str, Any]]]:
    assert layer.output_shape is not None
    return [
        ("Flatten", {}),
        ("Unflatten", {"dim": 1, "unflattened_size": layer.output_shape}),
    ]


ACTIVATIONS: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {
    "elu": ("ELU", (("alpha", lambda f: f.alpha),)),
    "gelu": ("GELU", ()),
    "gelu_tanh": ("GELU", (("approximate", "tanh"),)),
    "leaky_relu": ("LeakyReLU", (("negative_slope", lambda f: f.negative_slope),)),
    "linear": ("Identity", ()),
    "log_softmax": ("LogSoftmax", (("dim", -1),)),
    "relu": ("ReLU", ()),
    "selu": ("SELU", ()),
    "sigmoid": ("Sigmoid", ()),
    "silu": ("SiLU", ()),
    "softmax": ("Softmax", (("dim", -1),)),
    "softplus": ("Softplus", ()),
    "tanh": ("Tanh", ()),
}

WRITERS: dict[str, Callable[[Any], list[tuple[str, dict[str, Any]]]]] = {
    "activation": lambda layer: _activation(layer, layer.activation),
    "batch_normalization": _batch_normalization,
    "dense": _dense,
    "dropout": lambda layer: [("Dropout", {"p": layer.rate})],
    "flatten": lambda layer: [("Flatten", {})],
    "input": lambda layer: [],
    "layer_normalization": _layer_normalization,
    "rescaling": lambda layer: [
        ("Rescaling", {"scale": layer.scale, "offset": layer.offset})
    ],
    "reshape": _reshape,
    "residual": lambda layer: [("Residual", {"layers": layer.layers})],
}  # fmt: skip


# ---- two modules that PyTorch does not have ----------------------------------------------


@cache
def own_modules() -> dict[str, type]:
    """y = x·scale + offset, and y = x + block(x), as classes of ``torch.nn.Module``."""
    nn = torch().nn

    class RescalingModule(nn.Module):  # type: ignore[misc, name-defined]
        """y = x·scale + offset"""

        def __init__(self, scale: float, offset: float = 0.0) -> None:
            super().__init__()
            self.scale, self.offset = scale, offset

        def forward(self, x: Any) -> Any:
            return x * self.scale + self.offset

        def extra_repr(self) -> str:
            return f"scale={self.scale:g}, offset={self.offset:g}"

    class ResidualModule(nn.Sequential):  # type: ignore[misc, name-defined]
        """y = x + block(x)"""

        def forward(self, x: Any) -> Any:
            return x + super().forward(x)

    found: dict[str, type] = {
        "RescalingModule": RescalingModule, "ResidualModule": ResidualModule,
    }  # fmt: skip
    for name, made in found.items():
        made.__module__, made.__qualname__ = __name__, name  # so that torch.save finds them
    return found


def __getattr__(name: str) -> Any:
    if name in ("RescalingModule", "ResidualModule"):  # where pickles look for them
        return own_modules()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
