"""Input in other formats: the shape stands elsewhere, and nothing is computed."""

from __future__ import annotations

from glassnet.layers.formats import Formats, Readers, unchanged

FORMATS = {
    "input": Formats(
        onnx=unchanged,
        any_order=True,
        keras=lambda words, layer: ("Identity", {}),
        torch=lambda words, layer: [],
        python=unchanged,
        c=unchanged,
        mlp=lambda chain, layer: None,
        features=(),
    )
}
READERS = Readers()
