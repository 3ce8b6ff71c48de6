"""Dropout in other formats: it does nothing when a network answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from glassnet._core.formats import Config, KerasWords, OnnxNodes
from glassnet.layers.dropout.layer import Dropout, SpatialDropout1D, SpatialDropout2D
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers, unchanged


def from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Identity; and Dropout, unless an input says that it trains."""
    if len(node.input) > 2 and node.input[2]:
        raise nodes.unsupported(node)


def spatial_from_keras(words: KerasWords, config: Config, kind: type[Any]) -> KerasLayer:
    words.need_channels_last(kind.__name__, config)
    return KerasLayer(kind(config["rate"]), ("rate", "data_format"))


SPATIAL: list[type[Any]] = [SpatialDropout1D, SpatialDropout2D]
FORMATS = {
    "dropout": Formats(
        onnx=unchanged,
        any_order=True,
        keras=lambda words, layer: ("Dropout", {"rate": layer.rate}),
        torch=lambda words, layer: [("Dropout", {"p": layer.rate})],
        python=unchanged,
        c=unchanged,
        mlp=lambda chain, layer: None,
        features=(),
    ),
    **{
        kind.kind: Formats(
            onnx=unchanged,
            any_order=True,
            keras=lambda words, layer: (type(layer).__name__, {"rate": layer.rate}),
            torch=lambda words, layer: [(f"Dropout{layer.rank}d", {"p": layer.rate})],
            channels_first=True,
            python=unchanged,
            c=unchanged,
        )
        for kind in SPATIAL
    },
}
READERS = Readers(
    onnx={"Dropout": from_onnx, "Identity": from_onnx},
    keras={
        "Dropout": lambda words, config: KerasLayer(Dropout(config["rate"]), ("rate",)),
        **{kind.__name__: partial(spatial_from_keras, kind=kind) for kind in SPATIAL},
    },
    torch={
        "Dropout": lambda words, module: [Part(Dropout(module.p))],
        "Dropout1d": lambda words, module: [Part(SpatialDropout1D(module.p))],
        "Dropout2d": lambda words, module: [Part(SpatialDropout2D(module.p))],
    },
    channels_first=("Dropout1d", "Dropout2d"),
)
