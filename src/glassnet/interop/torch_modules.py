"""A network as ``torch.nn.Sequential``, and back.

PyTorch keeps the weights of a linear layer as (outputs, inputs), the transpose of W, and its
momentum of batch normalization is 1 - glassnet's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import ConfigError, FileFormatError
from glassnet.functions import activations
from glassnet.interop.reading import Part, assemble
from glassnet.interop.writing import activation_entry, cannot, entry
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerNormalization,
    Rescaling,
    Reshape,
    Residual,
)
from glassnet.model import Sequential
from glassnet.optional import require

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
                made.append(_own()["ResidualModule"](*_modules(settings["layers"])))
            elif name == "Rescaling":
                made.append(_own()["RescalingModule"](**settings))
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
def _own() -> dict[str, type]:
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
        return _own()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# ---- in ----------------------------------------------------------------------------------


def from_torch(module: Module, input_shape: tuple[int, ...] | int | None = None) -> Sequential:
    """The network of a ``torch.nn.Sequential``, with copies of its weights.

    Args:
        input_shape: of one sample; by default the inputs of the first layer that says them.

    Raises:
        ConfigError: a module that glassnet has no layer for (named, with those it has), or
            weights that it cannot take.
        MissingDependencyError: PyTorch is not installed.
    """
    if not isinstance(module, torch().nn.Sequential):
        raise ConfigError(
            f"from_torch takes a torch.nn.Sequential, got {type(module).__name__}: what another "
            "module does between its layers cannot be seen from outside. Put the layers into a "
            "Sequential."
        )
    try:
        parts = [part for inner in module for part in _parts(inner)]
        shape = (input_shape,) if isinstance(input_shape, int) else input_shape
        return assemble(_fused(parts), shape if shape is not None else _first_shape(parts))
    except FileFormatError as error:
        raise ConfigError(f"from_torch: {error}.") from None


def _parts(module: Module) -> list[Part]:
    name = type(module).__name__
    residual: Any = _own()["ResidualModule"]
    if isinstance(module, residual):
        inner = [part for m in module for part in _parts(m)]
        block = Residual([part.layer for part in inner])
        weights = {f"{p.layer.name}/{key}": w for p in inner for key, w in p.weights.items()}
        return [Part(block, weights)]
    if type(module) is torch().nn.Sequential:
        return [part for inner in module for part in _parts(inner)]
    own = isinstance(module, _own()["RescalingModule"])
    if name not in READERS or not (own or type(module).__module__.startswith("torch.nn.")):
        raise ConfigError(
            f"from_torch: the module {name} has no layer in glassnet that computes the same. "
            f"Supported are {', '.join(READERS)}."
        )
    return READERS[name](module)


def _fused(parts: list[Part]) -> list[Part]:
    """Put an activation into the dense layer before it."""
    out: list[Part] = []
    for part in parts:
        last = out[-1].layer if out else None
        if (
            isinstance(part.layer, Activation) and isinstance(last, Dense)
            and last.activation == activations.linear
        ):  # fmt: skip
            last.activation = part.layer.activation
        else:
            out.append(part)
    return out


def _first_shape(parts: list[Part]) -> tuple[int, ...]:
    for part in parts:
        for name, array in part.weights.items():
            if isinstance(part.layer, Residual):
                name = name.rpartition("/")[2]
            return array.shape[:1] if name in ("W", "gamma") else array.shape
        if isinstance(part.layer, Reshape) and not isinstance(part.layer, Flatten):
            break
    raise ConfigError("from_torch: no layer says the shape of a sample: pass input_shape=(…).")


def _array(tensor: Any) -> Array:
    array: Array = tensor.detach().cpu().numpy() if _plain(tensor) else _refuse(tensor)
    return array.copy()


def _plain(tensor: Any) -> bool:
    return tensor.dtype in (torch().float32, torch().float64, torch().float16)


def _refuse(tensor: Any) -> Array:
    raise ConfigError(
        f"from_torch: weights of {tensor.dtype}; expected float32 or float64. Call module.float()."
    )


def _linear(module: Module) -> list[Part]:
    weights = {"W": np.ascontiguousarray(_array(module.weight).T)}
    if module.bias is not None:
        weights["b"] = _array(module.bias)
    return [Part(Dense(module.out_features, use_bias=module.bias is not None), weights)]


def _affine(module: Module, shape: tuple[int, ...]) -> dict[str, Array]:
    """γ and β; 1 and 0 where the module has none."""
    gamma = np.ones(shape, np.float32) if module.weight is None else _array(module.weight)
    beta = np.zeros_like(gamma) if module.bias is None else _array(module.bias)
    return {"gamma": gamma, "beta": beta}


def _batch_norm(module: Module) -> list[Part]:
    if module.running_mean is None or module.momentum is None:
        raise ConfigError(
            "from_torch: a BatchNorm1d without running values, or with momentum None, has no "
            "layer in glassnet that computes the same."
        )
    layer = BatchNormalization(max(0.0, 1 - module.momentum), module.eps)
    moving = {
        "moving_mean": _array(module.running_mean), "moving_variance": _array(module.running_var),
    }  # fmt: skip
    return [Part(layer, {**_affine(module, (module.num_features,)), **moving})]


def _layer_norm(module: Module) -> list[Part]:
    if len(module.normalized_shape) != 1:
        raise ConfigError("from_torch: a LayerNorm over more than the last axis is not read.")
    weights = _affine(module, tuple(module.normalized_shape))
    return [Part(LayerNormalization(module.eps), weights)]


def _flatten(module: Module) -> list[Part]:
    if (module.start_dim, module.end_dim) != (1, -1):
        raise ConfigError("from_torch: a Flatten of other axes than all but the first.")
    return [Part(Flatten())]


def _unflatten(module: Module) -> list[Part]:
    if module.dim != 1:
        raise ConfigError("from_torch: an Unflatten of another axis than 1.")
    return [Part(Reshape(tuple(module.unflattened_size)))]


def _softmax(name: str) -> Callable[[Module], list[Part]]:
    def read(module: Module) -> list[Part]:
        if module.dim not in (-1, 1):
            raise ConfigError(f"from_torch: {type(module).__name__} of dim {module.dim}; want -1.")
        return [Part(Activation(name))]

    return read


def _softplus(module: Module) -> list[Part]:
    if module.beta != 1:
        raise ConfigError(f"from_torch: Softplus with beta {module.beta}; expected 1.")
    return [Part(Activation("softplus"))]


def _named(name: str) -> Callable[[Module], list[Part]]:
    return lambda module: [Part(Activation(name))]


READERS: dict[str, Callable[[Module], list[Part]]] = {
    "BatchNorm1d": _batch_norm,
    "Dropout": lambda m: [Part(Dropout(m.p))],
    "ELU": lambda m: [Part(Activation(activations.ELU(float(m.alpha))))],
    "Flatten": _flatten,
    "GELU": lambda m: [Part(Activation("gelu_tanh" if m.approximate == "tanh" else "gelu"))],
    "Identity": lambda m: [],
    "LayerNorm": _layer_norm,
    "LeakyReLU": lambda m: [Part(Activation(activations.LeakyReLU(float(m.negative_slope))))],
    "Linear": _linear,
    "LogSoftmax": _softmax("log_softmax"),
    "ReLU": _named("relu"),
    "RescalingModule": lambda m: [Part(Rescaling(float(m.scale), float(m.offset)))],
    "SELU": _named("selu"),
    "SiLU": _named("silu"),
    "Sigmoid": _named("sigmoid"),
    "Softmax": _softmax("softmax"),
    "Softplus": _softplus,
    "Tanh": _named("tanh"),
    "Unflatten": _unflatten,
}
