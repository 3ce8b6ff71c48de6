"""Scaling in other formats: Mul and Add, Rescaling, a module of one's own for PyTorch."""

from __future__ import annotations

from math import prod
from typing import Any

from glassnet._core.formats import Config, CSource, KerasWords, OnnxGraph, PythonSource
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.rescaling.layer import Rescaling

PYTHON = '''
def rescale(x, scale, offset):
    """y = x·scale + offset"""
    return [v * scale + offset for v in x]
'''

C = """
/* y = x * scale + offset */
static void rescale(int n, const real *x, real scale, real offset, real *y)
{
    for (int i = 0; i < n; i++)
        y[i] = x[i] * scale + offset;
}
"""


def add_scaling(parts: list[Part], scale: float, offset: float) -> None:
    """Append y = x·scale + offset, as one layer with the scaling before it."""
    last = parts[-1].layer if parts else None
    if isinstance(last, Rescaling):  # (x·s + o)·scale + offset
        parts.pop()
        scale, offset = last.scale * scale, last.offset * scale + offset
    if (scale, offset) != (1.0, 0.0):
        parts.append(Part(Rescaling(scale, offset)))


def torch_module(nn: Any) -> type:
    class RescalingModule(nn.Module):  # type: ignore[misc]
        """y = x·scale + offset"""

        def __init__(self, scale: float, offset: float = 0.0) -> None:
            super().__init__()
            self.scale, self.offset = scale, offset

        def forward(self, x: Any) -> Any:
            return x * self.scale + self.offset

        def extra_repr(self) -> str:
            return f"scale={self.scale:g}, offset={self.offset:g}"

    return RescalingModule


def to_onnx(graph: OnnxGraph, layer: Rescaling, x: str) -> str:
    y = graph.add("Mul", x, graph.constant("scale", layer.scale))
    return graph.add("Add", y, graph.constant("offset", layer.offset)) if layer.offset else y


def to_python(source: PythonSource, layer: Rescaling, x: str) -> str:
    return source.step(source.call(PYTHON, x, layer.scale, layer.offset))


def to_c(source: CSource, layer: Rescaling, x: str) -> str:
    return source.call(C, [prod(layer.output_shape or ())], x, layer.scale, layer.offset)


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    layer = Rescaling(float(config["scale"]), float(config.get("offset", 0.0)))
    return KerasLayer(layer, ("scale", "offset"))


FORMATS = {
    "rescaling": Formats(
        onnx=to_onnx,
        any_order=True,
        keras=lambda words, layer: (
            "Rescaling",
            {"scale": layer.scale, "offset": layer.offset},
        ),
        torch=lambda words, layer: [
            ("RescalingModule", {"scale": layer.scale, "offset": layer.offset})
        ],
        torch_module=torch_module,
        features=(),
        python=to_python,
        c=to_c,
        mlp=lambda chain, layer: chain.rescale(layer, layer.scale, layer.offset),
    )
}
READERS = Readers(
    keras={"Rescaling": from_keras},
    torch={
        "RescalingModule": lambda words, module: [
            Part(Rescaling(float(module.scale), float(module.offset)))
        ]
    },
)
