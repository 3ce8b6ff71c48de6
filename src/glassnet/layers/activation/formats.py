"""An activation as a layer of its own in other formats."""

from __future__ import annotations

from math import prod

from glassnet import activations
from glassnet._core.formats import Config, CSource, KerasWords, PythonSource
from glassnet.layers.activation.layer import Activation
from glassnet.layers.formats import Formats, KerasLayer, Readers


def to_python(source: PythonSource, layer: Activation, x: str) -> str:
    called = source.activate(layer, layer.activation, x)
    return x if called == x else source.step(called)


def to_c(source: CSource, layer: Activation, x: str) -> str:
    if layer.activation == activations.linear:
        return x
    size = prod(layer.output_shape or ())
    y = source.own(x, size)
    source.activate(layer, layer.activation, size, y)
    return y


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    f = words.read_activation(config.get("activation"))
    return KerasLayer(Activation(f), ("activation",))


FORMATS = {
    "activation": Formats(
        onnx=lambda graph, layer, x: graph.activate(layer, layer.activation, x),
        any_order=True,
        keras=lambda words, layer: (
            "Activation",
            {"activation": words.activation(layer, layer.activation)},
        ),
        torch=lambda words, layer: words.activation(layer, layer.activation),
        python=to_python,
        c=to_c,
        features=(),
    )
}
READERS = Readers(
    keras={
        "Activation": from_keras,
        "Identity": lambda words, config: KerasLayer(Activation("linear")),
    },
    torch={"Identity": lambda words, module: []},
)
