"""An ensemble in other formats: its members side by side, and a weighted sum."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from glassnet._core.formats import Config, CSource, KerasWords, OnnxGraph, PythonSource, TorchWords
from glassnet.errors import ConfigError
from glassnet.layers.ensemble.layer import Ensemble, Member
from glassnet.layers.formats import Formats, KerasPiece, Readers

PYTHON = '''
def weighted_sum(weights, *rows):
    """Σ_k w_k·row_k, number by number"""
    return [sum(w * v for w, v in zip(weights, numbers)) for numbers in zip(*rows)]
'''

C_FIRST = """
/* y = w * x */
static void weighted(int n, const real *x, real w, real *y)
{
    for (int i = 0; i < n; i++)
        y[i] = w * x[i];
}
"""

C = """
/* y = y + w * x */
static void add_weighted(int n, const real *x, real w, real *y)
{
    for (int i = 0; i < n; i++)
        y[i] += w * x[i];
}
"""


def torch_module(nn: Any) -> type:
    class EnsembleModule(nn.Sequential):  # type: ignore[misc]
        """y = Σ w_k·member_k(x): the members get the same x."""

        def __init__(self, *members: Any, weights: Any) -> None:
            super().__init__(*members)
            self.weights = [float(weight) for weight in weights]

        def forward(self, x: Any) -> Any:
            return sum(weight * member(x) for weight, member in zip(self.weights, self))

    return EnsembleModule


def alike(layer: Ensemble) -> bool:
    """Whether the sum is the mean."""
    return all(abs(w * len(layer.members) - 1) < 1e-12 for w in layer.member_weights)


def to_onnx(graph: OnnxGraph, layer: Ensemble, x: str) -> str:
    shape = layer.output_shape or ()
    given = [graph.channels_last(graph.write(member, x), shape) for member in layer.members]
    if alike(layer):
        return graph.add("Mean", *given)
    weighted = [
        graph.add("Mul", y, graph.constant(f"weight_{k}", weight))
        for k, (y, weight) in enumerate(zip(given, layer.member_weights))
    ]
    return graph.add("Sum", *weighted)


def to_keras(words: KerasWords, layer: Ensemble) -> tuple[str, Config] | list[KerasPiece]:
    if not alike(layer):
        return _weighted(layer)
    if len(layer.members) == 1:  # Keras averages two or more
        return "Activation", {"activation": "linear"}
    return "Average", {}


def _weighted(layer: Ensemble) -> list[KerasPiece]:
    """Keras has the mean of all alone: the rows side by side, and a product that adds them."""
    if len(layer.output_shape or ()) != 1:
        raise ConfigError(
            f"{layer.title}: its members count differently, and of images Keras has only the mean "
            "of all. Set its weights to None before the network is written, or write it as ONNX."
        )
    (width,), k = layer.output_shape or (0,), len(layer.members)
    kernel = np.concatenate([np.eye(width, dtype=layer.dtype) * w for w in layer.member_weights])
    settings = {"units": width, "activation": "linear", "use_bias": False}
    if k == 1:
        return [KerasPiece("Dense", settings, (width,), (-1,), {"kernel": kernel})]
    members = tuple(range(-1, -1 - k, -1))
    return [
        KerasPiece("Concatenate", {"axis": -1}, (k * width,), members),
        KerasPiece("Dense", settings, (width,), (0,), {"kernel": kernel}),
    ]


def to_torch(words: TorchWords, layer: Ensemble) -> list[tuple[str, Config]]:
    if len(layer.input_shape or ()) > 1:
        raise ConfigError(
            f"{layer.title}: it gets images, which PyTorch has with their channels first: only an "
            "ensemble of rows is written for it. Put Flatten() and a Dense layer before it."
        )
    return [("EnsembleModule", {"weights": list(layer.member_weights)})]


def to_python(source: PythonSource, layer: Ensemble, x: str) -> str:
    count = source.next("ensemble")
    common = f"common{count}"
    source.steps.append(f"{common} = {x}")
    given = []
    for k, member in enumerate(layer.members):
        y = source.write(member, common)
        given.append(f"given{count}_{k}")
        source.steps.append(f"{given[-1]} = {y}")
    return source.step(source.call(PYTHON, repr(list(layer.member_weights)), *given))


def to_c(source: CSource, layer: Ensemble, x: str) -> str:
    size, y = prod(layer.output_shape or ()), ""
    with source.lent(x):
        for member, weight in zip(layer.members, layer.member_weights):
            given = source.write(member, x)
            if not y:
                y = source.call(C_FIRST, [size], given, weight)
            else:
                source.call_into(C, [size], given, weight, y)
    return y


# ---- a member: its layers, one after the other -----------------------------------------------


def chain(engine: Any, layer: Member, x: str) -> str:
    for inner in layer.layers:
        x = engine.write(inner, x)
    return x


FORMATS = {
    "ensemble": Formats(
        onnx=to_onnx,
        keras=to_keras,
        torch=to_torch,
        torch_module=torch_module,
        python=to_python,
        c=to_c,
    ),
    "member": Formats(
        onnx=chain,
        any_order=True,
        torch=lambda words, layer: [("Sequential", {})],
        python=chain,
        c=chain,
    ),
}
# Read by the engines: an ensemble is no operator, but several ways that come together.
READERS = Readers()
