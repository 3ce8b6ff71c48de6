"""Where windows lie, in C and in Python source: the same for convolution and pooling."""

from __future__ import annotations

from typing import Any

from glassnet._core.formats import CSource, PythonSource
from glassnet.layers.windows import Windows

C = """
/* Windows over an image.  Images lie row by row, the channels of a pixel side by side:
   the number of channel c at row r and column s is x[(r * columns + s) * channels + c].
   The window at (p, q) reads, for each i < height and j < width,
       row    p * row_stride + i * row_step - top,
       column q * column_stride + j * column_step - left. */
typedef struct {
    int rows, columns, channels;    /* of the image that is read */
    int out_rows, out_columns;      /* how many windows there are */
    int height, width;              /* of a window */
    int row_stride, column_stride;  /* from one window to the next */
    int row_step, column_step;      /* from one number of a window to the next */
    int top, left;                  /* rows and columns of padding before the image */
} Windows;
"""


def _axes(layer: Any) -> tuple[Windows, Windows]:
    """The windows of a layer along rows and columns; a series is an image of one row."""
    found = (Windows(1, 1), *layer.windows)
    return found[-2], found[-1]


def in_c(source: CSource, layer: Any) -> str:
    """Writes the windows of a layer as a constant; returns its address."""
    rows, columns = _axes(layer)
    values = {
        "rows": rows.length, "columns": columns.length, "channels": layer.input_shape[-1],
        "out_rows": rows.count, "out_columns": columns.count,
        "height": rows.size, "width": columns.size,
        "row_stride": rows.stride, "column_stride": columns.stride,
        "row_step": rows.dilation, "column_step": columns.dilation,
        "top": rows.padding[0], "left": columns.padding[0],
    }  # fmt: skip
    name = f"windows{source.next('windows')}"
    written = [f".{key} = {value}" for key, value in values.items()]
    lines = ", ".join(written[:5]), ", ".join(written[5:9]), ", ".join(written[9:])
    inside = ",\n        ".join(lines)
    source.steps.append(f"static const {source.use(C)} {name} = {{\n        {inside}}};")
    return f"&{name}"


def in_python(source: PythonSource, layer: Any) -> dict[str, tuple[int, ...]]:
    """The windows of a layer as arguments: (rows, columns) of each thing."""
    rows, columns = _axes(layer)
    return {
        "image": (rows.length, columns.length, layer.input_shape[-1]),
        "out": (rows.count, columns.count),
        "window": (rows.size, columns.size),
        "strides": (rows.stride, columns.stride),
        "before": (rows.padding[0], columns.padding[0]),
    }
