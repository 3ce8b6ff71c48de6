"""Dropout in other formats: it does nothing when a network answers."""

from __future__ import annotations

from typing import Any

from glassnet._core.formats import OnnxNodes
from glassnet.layers.dropout.layer import Dropout
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers, unchanged


def from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Identity; and Dropout, unless an input says that it trains."""
    if len(node.input) > 2 and node.input[2]:
        raise nodes.unsupported(node)


FORMATS = {
    "dropout": Formats(
        onnx=unchanged,
        keras=lambda words, layer: ("Dropout", {"rate": layer.rate}),
        torch=lambda words, layer: [("Dropout", {"p": layer.rate})],
        python=unchanged,
        c=unchanged,
        mlp=lambda chain, layer: None,
    )
}
READERS = Readers(
    onnx={"Dropout": from_onnx, "Identity": from_onnx},
    keras={"Dropout": lambda words, config: KerasLayer(Dropout(config["rate"]), ("rate",))},
    torch={"Dropout": lambda words, module: [Part(Dropout(module.p))]},
)
