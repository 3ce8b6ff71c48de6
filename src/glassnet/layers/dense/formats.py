"""The dense layer in other formats: Gemm, Dense, Linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import activations
from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    MlpChain,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    TorchWords,
)
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.layers.dense.layer import Dense
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers

PYTHON = '''
def dense(x, W, b):
    """z_j = b_j + Σ_i x_i·W_ij.  W: a row for each input, with a number for each output."""
    z = list(b)
    for x_i, row in zip(x, W):
        for j, w in enumerate(row):
            z[j] += x_i * w
    return z
'''

C = """
/* z_j = b_j + sum over i of x_i * W_ij.  W: n rows, one for each input, of k numbers */
static void dense(int n, int k, const real *x, const real *W, const real *b, real *z)
{
    for (int j = 0; j < k; j++)
        z[j] = b[j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < k; j++)
            z[j] += x[i] * W[i * k + j];
}
"""


def bias(layer: Dense) -> Array:
    """b; zeros for a layer without."""
    return layer.b if layer.use_bias else np.zeros_like(layer.W[0])


# ---- written -----------------------------------------------------------------------------


def to_onnx(graph: OnnxGraph, layer: Dense, x: str) -> str:
    W = graph.constant("W", layer.W)
    if layer.use_bias:
        z = graph.add("Gemm", x, W, graph.constant("b", layer.b))  # z = x·W + b
    else:
        z = graph.add("MatMul", x, W)
    return graph.activate(layer, layer.activation, z)


def to_keras(words: KerasWords, layer: Dense) -> tuple[str, Config]:
    limit = layer.max_norm
    return "Dense", {
        "units": layer.units,
        "activation": words.activation(layer, layer.activation),
        "use_bias": layer.use_bias,
        "kernel_regularizer": words.regularizer(layer.kernel_regularizer),
        "kernel_constraint": limit
        and words.wrapped("MaxNorm", {"max_value": limit, "axis": 0}, "keras.constraints"),
    }


def to_torch(words: TorchWords, layer: Dense) -> list[tuple[str, Config]]:
    assert layer.input_shape is not None
    sizes = {"in_features": layer.input_shape[0], "out_features": layer.units}
    linear = ("Linear", {**sizes, "bias": layer.use_bias})
    if layer.activation == activations.linear:
        return [linear]
    return [linear, *words.activation(layer, layer.activation)]


def to_python(source: PythonSource, layer: Dense, x: str) -> str:
    count = source.next("weights")
    W, b = source.keep("W", layer.W, count), source.keep("b", bias(layer), count)
    return source.step(source.activate(layer, layer.activation, source.call(PYTHON, x, W, b)))


def to_c(source: CSource, layer: Dense, x: str) -> str:
    count = source.next("weights")
    W, b = source.keep("W", layer.W, count), source.keep("b", bias(layer), count)
    z = source.call(C, layer.W.shape, x, W, b)
    source.activate(layer, layer.activation, layer.units, z)
    return z


def to_mlp(chain: MlpChain, layer: Dense) -> None:
    chain.dense(layer, layer.W.copy(), bias(layer).copy())


# ---- read --------------------------------------------------------------------------------


def from_gemm(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """alpha·x·W + beta·b"""
    settings = nodes.settings(node, transA=(0,))
    W = _matrix(nodes, node, x, bool(settings.get("transB")))
    with np.errstate(all="ignore"):  # what is not finite is refused later
        W = W * W.dtype.type(settings.get("alpha", 1.0))
        scale = W.dtype.type(settings.get("beta", 1.0))
        b = nodes.weight(node, 2) * scale if len(node.input) > 2 and node.input[2] else None
    if b is not None:
        b = np.broadcast_to(b, (1, W.shape[1])).reshape(-1) if b.size in (1, W.shape[1]) else b
    _append(nodes, node, W, b, parts)


def from_matmul(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    _append(nodes, node, _matrix(nodes, node, x), None, parts)


def _matrix(nodes: OnnxNodes, node: Any, x: str, transposed: bool = False) -> Array:
    if node.input[0] != x:
        raise nodes.unsupported(node)
    W = nodes.weight(node, 1)
    W = W.T if transposed else W
    if W.ndim != 2 or not W.size:
        raise FileFormatError(
            f"{node.op_type} (node {node.name[:60]!r}) multiplies by a tensor of shape {W.shape}; "
            "expected a matrix"
        )
    return nodes.reordered(W)


def _append(nodes: OnnxNodes, node: Any, W: Array, b: Array | None, parts: list[Part]) -> None:
    layer = Dense(W.shape[1], use_bias=b is not None, name=nodes.name(node))
    nodes.append(parts, Part(layer, {"W": W} if b is None else {"W": W, "b": b}))


def from_linear_regressor(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """x·W + b, as scikit-learn's linear models are exported."""
    _append_linear(nodes, node, nodes.settings(node, post_transform=(b"NONE",)), parts)


def from_linear_classifier(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Softmax of x·W + b, or of two classes the sigmoid: [σ(-z), σ(z)] = softmax([-z/2, z/2])."""
    settings = nodes.settings(node, post_transform=(b"NONE", b"LOGISTIC", b"SOFTMAX"))
    part = _append_linear(nodes, node, settings, parts)
    W, b, layer = part.weights["W"], part.weights["b"], part.layer
    assert isinstance(layer, Dense)
    match settings.get("post_transform", b"NONE"):
        case b"SOFTMAX":
            layer.activation = activations.softmax
        case b"LOGISTIC" if layer.units == 2 and (W[:, 0] == -W[:, 1]).all() and b[0] == -b[1]:
            part.weights |= {"W": W / 2, "b": b / 2}
            layer.activation = activations.softmax
        case b"LOGISTIC":
            layer.activation = activations.sigmoid


def _append_linear(nodes: OnnxNodes, node: Any, settings: Config, parts: list[Part]) -> Part:
    """The weights stand in the node itself, a row for each output."""
    features = nodes.shape[-1]
    W = np.array(settings.get("coefficients", ()), np.float32)
    units = W.size // features
    b = np.array(settings.get("intercepts", ()), np.float32)
    stated = settings.get("targets", units)
    if len(nodes.shape) != 1 or not W.size or W.size % features or stated != units:
        raise FileFormatError(
            f"{nodes.of(node)} has {W.size:,} coefficients for samples of shape {nodes.shape}"
            + (f" and {stated:,} targets" if stated != units else "")
        )
    if b.size not in (0, units):
        raise FileFormatError(f"{nodes.of(node)} has {b.size:,} intercepts for {units} outputs")
    weights = {
        "W": nodes.reordered(W.reshape(units, features).T),
        "b": b if b.size else np.zeros(units, np.float32),
    }
    part = Part(Dense(units), weights)
    nodes.append(parts, part)
    return part


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    use_bias = config.get("use_bias", True) is not False
    layer = Dense(
        config["units"],
        words.read_activation(config.get("activation")),
        use_bias=use_bias,
        kernel_regularizer=words.read_regularizer(config.get("kernel_regularizer")),
        max_norm=_max_norm(words, config.get("kernel_constraint")),
    )
    settings = ("units", "activation", "use_bias", "kernel_regularizer", "kernel_constraint")
    return KerasLayer(layer, settings, {"W": "kernel"} | ({"b": "bias"} if use_bias else {}))


def _max_norm(words: KerasWords, spec: Any) -> float | None:
    if spec is None:
        return None
    if isinstance(spec, dict) and spec.get("class_name") == "MaxNorm":
        config = words.inside(spec)
        if config.get("axis", 0) == 0:
            return float(config["max_value"])
    raise FileFormatError(f"the constraint {str(spec)[:80]} is not read; MaxNorm on axis 0 is")


def from_torch(words: TorchWords, module: Any) -> list[Part]:
    weights = {"W": np.ascontiguousarray(words.array(module.weight).T)}
    if module.bias is not None:
        weights["b"] = words.array(module.bias)
    return [Part(Dense(module.out_features, use_bias=module.bias is not None), weights)]


FORMATS = {
    "dense": Formats(
        onnx=to_onnx,
        keras=to_keras,
        torch=to_torch,
        torch_weights={"W": "weight", "b": "bias"},
        features=("W",),
        python=to_python,
        c=to_c,
        mlp=to_mlp,
    )
}
READERS = Readers(
    onnx={
        "Gemm": from_gemm,
        "LinearClassifier": from_linear_classifier,
        "LinearRegressor": from_linear_regressor,
        "MatMul": from_matmul,
    },
    keras={"Dense": from_keras},
    torch={"Linear": from_torch},
)
