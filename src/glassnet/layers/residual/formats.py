"""A residual block in other formats: its layers, and an addition."""

from __future__ import annotations

from math import prod
from typing import Any

from glassnet._core.formats import CSource, OnnxGraph, PythonSource
from glassnet.layers.formats import Formats, Readers
from glassnet.layers.residual.layer import Residual

PYTHON = '''
def add(x, y):
    """the way around a block: x + block(x)"""
    return [a + b for a, b in zip(x, y)]
'''

C = """
/* the way around a block: y = x + block(x) */
static void add(int n, const real *x, real *y)
{
    for (int i = 0; i < n; i++)
        y[i] += x[i];
}
"""


def torch_module(nn: Any) -> type:
    class ResidualModule(nn.Sequential):  # type: ignore[misc]
        """y = x + block(x)"""

        def forward(self, x: Any) -> Any:
            return x + super().forward(x)

    return ResidualModule


def to_onnx(graph: OnnxGraph, layer: Residual, x: str) -> str:
    h = x
    for inner in layer.layers:
        h = graph.write(inner, h)
    return graph.add("Add", *graph.alike(x, h, layer.output_shape))  # y = x + block(x)


def to_python(source: PythonSource, layer: Residual, x: str) -> str:
    around = f"around{source.next('residual')}"
    source.steps.append(f"{around} = {x}")
    h = x
    for inner in layer.layers:
        h = source.write(inner, h)
    return source.step(source.call(PYTHON, around, h))


def to_c(source: CSource, layer: Residual, x: str) -> str:
    size = prod(layer.output_shape or ())
    h = x
    with source.lent(x):  # the block may not change it in place
        for inner in layer.layers:
            h = source.write(inner, h)
        h = source.own(h, size)
    source.steps.append(f"{source.use(C)}({size}, {x}, {h});")
    return h


FORMATS = {
    "residual": Formats(
        onnx=to_onnx,
        any_order=True,
        keras=lambda words, layer: ("Add", {}),  # behind its layers
        torch=lambda words, layer: [("ResidualModule", {})],
        torch_module=torch_module,
        python=to_python,
        c=to_c,
    )
}
# Blocks are recognised by the engines: they are no operator, but a way around some.
READERS = Readers()
