"""Repeated pixels in other formats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    TorchWords,
)
from glassnet.errors import ConfigError, FileFormatError
from glassnet.layers.formats import Formats, KerasLayer, Part, Readers
from glassnet.layers.upsampling.layer import UpSampling2D


def to_onnx(graph: OnnxGraph, layer: UpSampling2D, x: str) -> str:
    """Pixel ⌊i/size⌋ at place i."""
    scales = graph.constant("scales", [1, 1, *layer.size])
    return graph.add(
        "Resize", x, "", scales, mode="nearest",
        coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    )  # fmt: skip


# Which place of the input the middle of an output's pixel i lies at, in ONNX's words, …
COORDINATES: dict[bytes, Callable[[int, int], float]] = {
    b"asymmetric": lambda i, size: i / size,
    b"half_pixel": lambda i, size: (i + 0.5) / size - 0.5,
    b"half_pixel_symmetric": lambda i, size: (i + 0.5) / size - 0.5,  # the same for whole sizes
    b"pytorch_half_pixel": lambda i, size: (i + 0.5) / size - 0.5,  # or 0, of a single pixel
}
# … and which pixel is nearest to that.
NEAREST: dict[bytes, Callable[[float], int]] = {
    b"round_prefer_floor": lambda place: math.ceil(place - 0.5),
    b"round_prefer_ceil": lambda place: math.floor(place + 0.5),
    b"floor": math.floor,
    b"ceil": math.ceil,
}


def from_onnx(nodes: OnnxNodes, node: Any, x: str, parts: list[Part]) -> None:
    """Resize, and Upsample of opset 9, whose rule is asymmetric and floor as Resize's of 10."""
    old = node.op_type == "Upsample" or nodes.opset < 11
    settings = nodes.settings(
        node,
        mode=(b"nearest",),
        axes=(),
        coordinate_transformation_mode=tuple(COORDINATES),
        nearest_mode=tuple(NEAREST),
    )
    at = settings.get("coordinate_transformation_mode", b"asymmetric" if old else b"half_pixel")
    nearest = settings.get("nearest_mode", b"floor" if old else b"round_prefer_floor")
    batch, *sizes, channels = nodes.by_axis(_scales(nodes, node, old, settings), 1)
    whole = [round(size) for size in sizes]
    if (batch, channels) != (1, 1) or any(not math.isclose(*pair) for pair in zip(sizes, whole)):
        raise FileFormatError(
            f"{nodes.of(node)} has the scales {[batch, *sizes, channels][:6]}; read are whole "
            "numbers along the rows and columns of images"
        )
    if len(whole) != 2 or min(whole) < 1:
        raise nodes.unsupported(node)
    layer = UpSampling2D(tuple(whole), nodes.name(node))
    lengths = nodes.shape
    nodes.append(parts, Part(layer))  # which refuses images that are too large
    for length, size in zip(lengths, whole):
        if not _repeats(length, size, at, nearest):
            raise FileFormatError(
                f"{nodes.of(node)} takes the nearest pixel by {at.decode()} "
                f"and {nearest.decode()}, which does not repeat each pixel "
                f"{size} times, as glassnet's UpSampling2D does"
            )


def _repeats(length: int, size: int, at: bytes, nearest: bytes) -> bool:
    """Whether pixel k of the input is what the output has at k·size to k·size + size - 1.

    Both rules only grow with i, and every block is as the next one but for the edges: the ends of
    a few blocks say it all.
    """
    for k in {0, length // 2, length - 1}:
        for i in (k * size, k * size + size - 1):
            found = NEAREST[nearest](COORDINATES[at](i, size))
            if min(max(found, 0), length - 1) != k:
                return False
    return True


def _scales(nodes: OnnxNodes, node: Any, old: bool, settings: Config) -> list[float]:
    """How many times larger each of the axes (n, …) becomes."""
    if "scales" in settings:  # up to opset 8
        found = list(settings["scales"])
    else:
        place = 1 if old else 2
        scales = nodes.constants.get(node.input[place]) if len(node.input) > place else None
        if scales is not None and scales.size:
            found = np.asarray(scales, np.float64).reshape(-1).tolist()
        elif len(node.input) > 3 and node.input[3]:
            _, *sizes = nodes.whole_numbers(node, 3)
            found = [1.0, *(size / length for size, length in zip(sizes, nodes.as_stored))]
        else:
            raise FileFormatError(f"{nodes.of(node)}: its scales are not constant")
    if len(found) != len(nodes.shape) + 1 or not all(map(math.isfinite, found)):
        raise FileFormatError(f"{nodes.of(node)} has {len(found)} scales for these axes")
    return found


def to_keras(words: KerasWords, layer: UpSampling2D) -> tuple[str, Config]:
    return "UpSampling2D", {
        "size": list(layer.size),
        "data_format": "channels_last",
        "interpolation": "nearest",
    }


def from_keras(words: KerasWords, config: Config) -> KerasLayer:
    words.need_channels_last("UpSampling2D", config)
    way = config.get("interpolation", "nearest")
    if way != "nearest":
        raise FileFormatError(
            f"UpSampling2D {str(config.get('name'))[:60]!r} has interpolation = {str(way)[:60]}; "
            "glassnet repeats pixels, which is nearest"
        )
    return KerasLayer(UpSampling2D(config["size"]), ("size", "data_format", "interpolation"))


def to_torch(words: TorchWords, layer: UpSampling2D) -> list[tuple[str, Config]]:
    size = tuple(float(factor) for factor in layer.size)
    return [("Upsample", {"scale_factor": size, "mode": "nearest"})]


def from_torch(words: TorchWords, module: Any) -> list[Part]:
    """Whole factors, or sizes that are whole multiples of what comes in."""
    if module.mode != "nearest":
        raise ConfigError(
            f"from_torch: an Upsample of mode {module.mode!r}; glassnet repeats pixels, which is "
            "'nearest'."
        )
    rows_and_columns = words.input_shape[:2]
    if module.size is not None:
        wanted = module.size if isinstance(module.size, tuple) else (module.size,) * 2
        factors = [new / old for new, old in zip(wanted, rows_and_columns)]
    else:
        given = module.scale_factor
        factors = list(given) if isinstance(given, tuple) else [given] * 2
    if len(factors) != 2 or any(f < 1 or f != int(f) for f in factors):
        raise ConfigError(
            f"from_torch: an Upsample by {', '.join(map(str, factors))}; glassnet repeats each "
            "pixel a whole number of times."
        )
    return [Part(UpSampling2D((int(factors[0]), int(factors[1]))))]


PYTHON = '''
def upsample(x, image, size):
    """y[r, s, c] = x[⌊r / size⌋, ⌊s / size⌋, c]: each pixel becomes a block"""
    rows, columns, channels = image
    y = []
    for r in range(rows * size[0]):
        for s in range(columns * size[1]):
            at = (r // size[0] * columns + s // size[1]) * channels
            y += x[at : at + channels]
    return y
'''

C = """
/* y[r, s, c] = x[r / height, s / width, c], rounded down: each pixel becomes a block */
static void upsample(int rows, int columns, int channels, int height, int width,
                     const real *x, real *y)
{
    for (int r = 0; r < rows * height; r++)
        for (int s = 0; s < columns * width; s++)
            for (int c = 0; c < channels; c++)
                *y++ = x[(r / height * columns + s / width) * channels + c];
}
"""


def to_python(source: PythonSource, layer: UpSampling2D, x: str) -> str:
    return source.step(source.call(PYTHON, x, image=layer.input_shape, size=layer.size))


def to_c(source: CSource, layer: UpSampling2D, x: str) -> str:
    sizes = [*(layer.input_shape or ()), *layer.size]
    return source.call(C, sizes, x, size=math.prod(layer.output_shape or ()))


FORMATS = {
    "up_sampling2d": Formats(
        onnx=to_onnx, keras=to_keras, torch=to_torch, python=to_python, c=to_c, channels_first=True
    )
}
READERS = Readers(
    onnx={"Resize": from_onnx, "Upsample": from_onnx},
    keras={"UpSampling2D": from_keras},
    torch={"Upsample": from_torch, "UpsamplingNearest2d": from_torch},
    channels_first=("Upsample", "UpsamplingNearest2d"),
)
