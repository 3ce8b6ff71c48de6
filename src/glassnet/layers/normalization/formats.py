"""The normalizations in other formats."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    Source,
    TorchWords,
)
from glassnet._core.types import Array
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.normalization.layer import (
    BatchNormalization,
    LayerNormalization,
    Normalization,
)

BATCH_PYTHON = '''
def batch_normalization(x, gamma, beta, mean, variance, epsilon):
    """y = γ·(x − μ) / √(σ² + ε) + β for each channel, with the μ and σ² of training"""
    y, channels = [], len(gamma)
    for i, v in enumerate(x):
        c = i % channels
        y.append(gamma[c] * (v - mean[c]) / math.sqrt(variance[c] + epsilon) + beta[c])
    return y
'''

LAYER_PYTHON = '''
def layer_normalization(x, gamma, beta, epsilon):
    """y = γ·(x − μ) / √(σ² + ε) + β, with the μ and σ² of this sample (of an image: this place)"""
    y, channels = [], len(gamma)
    for i in range(0, len(x), channels):
        row = x[i : i + channels]
        mean = sum(row) / channels
        variance = sum((v - mean) ** 2 for v in row) / channels
        for v, g, b in zip(row, gamma, beta):
            y.append(g * (v - mean) / math.sqrt(variance + epsilon) + b)
    return y
'''

BATCH_C = """
/* y = gamma * (x - mean) / sqrt(variance + epsilon) + beta for each of k channels, with the
   values of training */
static void batch_normalization(int k, int n, const real *x, const real *gamma,
                                const real *beta, const real *mean, const real *variance,
                                real epsilon, real *y)
{
    for (int i = 0; i < n; i += k)
        for (int c = 0; c < k; c++)
            y[i + c] = gamma[c] * (x[i + c] - mean[c]) / sqrt(variance[c] + epsilon) + beta[c];
}
"""

LAYER_C = """
/* y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with those of this sample (of an
   image: of the k channels of this place) */
static void layer_normalization(int k, int n, const real *x, const real *gamma,
                                const real *beta, real epsilon, real *y)
{
    for (int i = 0; i < n; i += k, x += k, y += k) {
        real mean = 0, variance = 0;
        for (int c = 0; c < k; c++)
            mean += x[c] / k;
        for (int c = 0; c < k; c++)
            variance += (x[c] - mean) * (x[c] - mean) / k;
        for (int c = 0; c < k; c++)
            y[c] = gamma[c] * (x[c] - mean) / sqrt(variance + epsilon) + beta[c];
    }
}
"""

TINY = 1e-12  # ε where nothing is divided by zero

# ---- written -----------------------------------------------------------------------------


def batch_to_onnx(graph: OnnxGraph, layer: BatchNormalization, x: str) -> str:
    weights = [graph.constant(w.name, getattr(layer, w.name)) for w in layer.weights()]
    settings = {"epsilon": layer.epsilon, "momentum": layer.momentum}
    return graph.add("BatchNormalization", x, *weights, **settings)


def layer_to_onnx(graph: OnnxGraph, layer: LayerNormalization, x: str) -> str:
    gamma, beta = graph.constant("gamma", layer.gamma), graph.constant("beta", layer.beta)
    return graph.add("LayerNormalization", x, gamma, beta, axis=-1, epsilon=layer.epsilon)


def batch_to_torch(words: TorchWords, layer: BatchNormalization) -> list[tuple[str, Config]]:
    """PyTorch's momentum is 1 - ours."""
    assert layer.input_shape is not None
    sizes = {"num_features": layer.input_shape[-1], "eps": layer.epsilon}
    name = "BatchNorm2d" if len(layer.input_shape) == 3 else "BatchNorm1d"
    return [(name, {**sizes, "momentum": 1 - layer.momentum})]


def layer_to_torch(words: TorchWords, layer: LayerNormalization) -> list[tuple[str, Config]]:
    assert layer.input_shape is not None
    return [("LayerNorm", {"normalized_shape": layer.input_shape[-1:], "eps": layer.epsilon})]


def _kept(source: Source, layer: Normalization) -> list[str]:
    """The names of γ, β and, of a batch, mean and variance in a program."""
    count = source.next("normalization")
    return [
        source.keep(weight.name.removeprefix("moving_"), getattr(layer, weight.name), count)
        for weight in layer.weights()
    ]


def batch_to_python(source: PythonSource, layer: BatchNormalization, x: str) -> str:
    return source.step(source.call(BATCH_PYTHON, x, *_kept(source, layer), layer.epsilon))


def layer_to_python(source: PythonSource, layer: LayerNormalization, x: str) -> str:
    return source.step(source.call(LAYER_PYTHON, x, *_kept(source, layer), layer.epsilon))


def _sizes(layer: Normalization) -> list[int]:
    """The channels, and all numbers of a sample."""
    shape = layer.output_shape or ()
    return [shape[-1], prod(shape)]


def batch_to_c(source: CSource, layer: BatchNormalization, x: str) -> str:
    return source.call(BATCH_C, _sizes(layer), x, *_kept(source, layer), layer.epsilon)


def layer_to_c(source: CSource, layer: LayerNormalization, x: str) -> str:
    return source.call(LAYER_C, _sizes(layer), x, *_kept(source, layer), layer.epsilon)


# ---- read --------------------------------------------------------------------------------


def batch_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    settings = nodes.settings(node, training_mode=(0,), spatial=(1,))
    nodes.last_axis(node, 1)
    layer = BatchNormalization(
        epsilon=float(settings.get("epsilon", 1e-5)),
        momentum=float(settings.get("momentum", 0.9)),
        name=nodes.name(node),
    )
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {name: nodes.reordered(nodes.weight(node, i + 1)) for i, name in enumerate(names)}
    parts.append(Part(layer, weights))


def layer_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    settings = nodes.settings(node)
    nodes.last_axis(node, settings.get("axis", -1), to_the_end=True)
    layer = LayerNormalization(float(settings.get("epsilon", 1e-5)), name=nodes.name(node))
    gamma = nodes.reordered(nodes.weight(node, 1))
    beta = nodes.reordered(nodes.weight(node, 2)) if len(node.input) > 2 else 0 * gamma
    parts.append(Part(layer, {"gamma": gamma, "beta": beta}))


def scaler_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """(x - offset)·scale, as scikit-learn's scalers are exported."""
    settings, features = nodes.settings(node), nodes.shape[-1]
    offset, scale = (
        np.array(settings.get(name, (neutral,)), np.float32)
        for name, neutral in (("offset", 0.0), ("scale", 1.0))
    )
    if len(nodes.shape) != 1 or not {offset.size, scale.size} <= {1, features}:
        raise FileFormatError(
            f"{nodes.of(node)} has {offset.size:,} offsets and {scale.size:,} scales for samples "
            f"of shape {nodes.shape}"
        )
    with np.errstate(all="ignore"):  # what is not finite is refused later
        a, b = np.broadcast_arrays(scale, -offset * scale, np.ones(features))[:2]
    nodes.scale(nodes.reordered(a), nodes.reordered(b), parts)


def normalizer_from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Divides by the sum, which of probabilities is 1: scikit-learn's exporter puts one behind."""
    norm = nodes.settings(node).get("norm", b"MAX")
    f = parts[-1].layer.function if parts else None
    if norm != b"L1" or f is None or f.gives != "probabilities" or f.elementwise:
        raise FileFormatError(
            f"{nodes.of(node)} divides each sample by its {_readable(norm)} norm, which no layer "
            "of glassnet does; only behind a softmax, whose sum is 1, does it change nothing"
        )


def _readable(norm: Any) -> str:
    return norm.decode("ascii", "replace")[:10] if isinstance(norm, bytes) else "?"


def affine(scale: Array, offset: Array) -> Part:
    """y = scale·x + offset for each channel: a normalization that does not learn.

    With γ = 1 and β = 0, μ = -offset/scale and σ² = 1/scale² are those of the data, as a
    standardization has them; a scale of no such kind becomes γ.
    """
    a, b = np.asarray(scale, np.float64), np.asarray(offset, np.float64)
    ones, zeros = np.ones_like(a), np.zeros_like(a)
    layer = BatchNormalization(epsilon=TINY, trainable=False)
    with np.errstate(all="ignore"):
        mean, variance = -b / a, 1 / a**2
    standard = (a > 0) & (variance > 1e-6) & (variance < 1e30) & (np.abs(mean) < 1e30)
    weights = {
        "gamma": np.where(standard, ones, a),
        "beta": np.where(standard, zeros, b),
        "moving_mean": np.where(standard, mean, zeros),
        "moving_variance": np.where(standard, variance, ones),
    }
    with np.errstate(over="ignore"):  # what is not finite is refused later
        return Part(layer, {name: w.astype(np.float32) for name, w in weights.items()})


def add_affine(parts: list[Part], scale: Array, offset: Array) -> None:
    """Append y = scale·x + offset, as one layer with another such layer before it."""
    a, b = np.asarray(scale, np.float64), np.asarray(offset, np.float64)
    last = parts[-1] if parts else None
    if last is not None and isinstance(last.layer, BatchNormalization) and not last.layer.trainable:
        parts.pop()
        w = {name: weight.astype(np.float64) for name, weight in last.weights.items()}
        before = w["gamma"] / np.sqrt(w["moving_variance"] + last.layer.epsilon)
        a, b = a * before, a * (w["beta"] - before * w["moving_mean"]) + b
    parts.append(affine(a, b))


def _kept_by_keras(config: Config, *running: str) -> dict[str, str]:
    """γ and β, as far as Keras' layer has them, and the running values: named as here."""
    scale = ("gamma",) if config.get("scale", True) is not False else ()
    center = ("beta",) if config.get("center", True) is not False else ()
    return {name: name for name in (*scale, *center, *running)}


def batch_from_keras(words: KerasWords, config: Config) -> KerasLayer:
    layer = BatchNormalization(config.get("momentum", 0.99), config.get("epsilon", 1e-3))
    weights = _kept_by_keras(config, "moving_mean", "moving_variance")
    return KerasLayer(layer, ("axis", "momentum", "epsilon", "center", "scale"), weights)


def standardization_from_keras(words: KerasWords, config: Config) -> KerasLayer:
    """(x - μ)/max(σ, 1e-7) with the μ and σ² of the data that Keras's layer was adapted to."""
    layer = BatchNormalization(epsilon=1e-14, trainable=False)
    return KerasLayer(layer, ("axis",), {"moving_mean": "mean", "moving_variance": "variance"})


def layer_from_keras(words: KerasWords, config: Config) -> KerasLayer:
    layer = LayerNormalization(config.get("epsilon", 1e-3))
    return KerasLayer(layer, ("axis", "epsilon", "center", "scale"), _kept_by_keras(config))


def _affine(words: TorchWords, module: Any, shape: tuple[int, ...]) -> dict[str, Array]:
    """γ and β; 1 and 0 where the module has none."""
    gamma = np.ones(shape, np.float32) if module.weight is None else words.array(module.weight)
    beta = np.zeros_like(gamma) if module.bias is None else words.array(module.bias)
    return {"gamma": gamma, "beta": beta}


def batch_from_torch(words: TorchWords, module: Any) -> list[Part]:
    if module.running_mean is None or module.momentum is None:
        raise ConfigError(
            f"from_torch: a {type(module).__name__} without running values, or with momentum "
            "None, has no layer in glassnet that computes the same."
        )
    weights = {
        **_affine(words, module, (module.num_features,)),
        "moving_mean": words.array(module.running_mean),
        "moving_variance": words.array(module.running_var),
    }
    return [Part(BatchNormalization(max(0.0, 1 - module.momentum), module.eps), weights)]


def layer_from_torch(words: TorchWords, module: Any) -> list[Part]:
    if len(module.normalized_shape) != 1:
        raise ConfigError("from_torch: a LayerNorm over more than the last axis is not read.")
    weights = _affine(words, module, tuple(module.normalized_shape))
    return [Part(LayerNormalization(module.eps), weights)]


FORMATS = {
    "batch_normalization": Formats(
        onnx=batch_to_onnx,
        keras=lambda words, layer: (
            "BatchNormalization",
            {"axis": -1, "momentum": layer.momentum, "epsilon": layer.epsilon},
        ),
        torch=batch_to_torch,
        torch_weights={
            "gamma": "weight",
            "beta": "bias",
            "moving_mean": "running_mean",
            "moving_variance": "running_var",
        },
        python=batch_to_python,
        c=batch_to_c,
        channels_first=True,
        features=("gamma", "beta", "moving_mean", "moving_variance"),
    ),
    "layer_normalization": Formats(
        onnx=layer_to_onnx,
        keras=lambda words, layer: (
            "LayerNormalization",
            {"axis": -1, "epsilon": layer.epsilon},
        ),
        torch=layer_to_torch,
        torch_weights={"gamma": "weight", "beta": "bias"},
        features=("gamma", "beta"),
        python=layer_to_python,
        c=layer_to_c,
    ),
}
READERS = Readers(
    onnx={
        "BatchNormalization": batch_from_onnx,
        "LayerNormalization": layer_from_onnx,
        "Normalizer": normalizer_from_onnx,
        "Scaler": scaler_from_onnx,
    },
    keras={
        "BatchNormalization": batch_from_keras,
        "LayerNormalization": layer_from_keras,
        "Normalization": standardization_from_keras,
    },
    torch={
        "BatchNorm1d": batch_from_torch,
        "BatchNorm2d": batch_from_torch,
        "LayerNorm": layer_from_torch,
    },
    channels_first=("BatchNorm2d",),
)
