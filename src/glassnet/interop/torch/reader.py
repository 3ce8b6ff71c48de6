"""A network out of ``torch.nn.Sequential``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import activations
from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop.reading import Part, assemble
from glassnet.interop.torch.modules import own_modules, torch
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    LayerNormalization,
    Rescaling,
    Reshape,
    Residual,
)
from glassnet.model import Sequential

Array = NDArray[Any]
Module = Any  # torch.nn.Module; PyTorch is not needed to read this file


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
        model = assemble(_fused(parts), shape if shape is not None else _first_shape(parts))
    except FileFormatError as error:
        raise ConfigError(f"from_torch: {error}.") from None
    for layer in model.all_layers():
        mixes = isinstance(layer, Activation) and not layer.activation.elementwise
        if (mixes or isinstance(layer, BatchNormalization)) and len(layer.input_shape or ()) > 1:
            raise ConfigError(
                f"from_torch: {layer.title} works on samples of shape {layer.input_shape}: PyTorch "
                "has their channels first, glassnet last. Put a Flatten before it."
            )
    return model


def _parts(module: Module) -> list[Part]:
    name = type(module).__name__
    residual: Any = own_modules()["ResidualModule"]
    if isinstance(module, residual):
        inner = [part for m in module for part in _parts(m)]
        block = Residual([part.layer for part in inner])
        weights = {f"{p.layer.name}/{key}": w for p in inner for key, w in p.weights.items()}
        return [Part(block, weights)]
    if type(module) is torch().nn.Sequential:
        return [part for inner in module for part in _parts(inner)]
    own = isinstance(module, own_modules()["RescalingModule"])
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
