"""The tensors of an ONNX file as arrays, if they are what they say they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.types import Array
from glassnet.errors import FileFormatError

# TensorProto.DataType → the field that holds the numbers when raw_data does not
FIELDS = {
    "FLOAT": ("float_data", np.float32),
    "DOUBLE": ("double_data", np.float64),
    "FLOAT16": ("int32_data", np.float16),
    "INT32": ("int32_data", np.int32),
    "INT64": ("int64_data", np.int64),
    "BOOL": ("int32_data", np.bool_),
}


def constants(graph: Any) -> dict[str, Array | None]:
    """Every constant of the graph by name; None for those of a kind that no layer reads.

    Raises:
        FileFormatError: sizes that do not match, or data outside of the file.
    """
    found = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.output:
            found[node.output[0]] = _of_node(node)
        if node.op_type == "Identity" and node.input and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]  # PyTorch shares equal tensors so
    return found


def _of_node(node: Any) -> Array | None:
    for attribute in node.attribute:
        if attribute.name == "value":
            return to_array(attribute.t)
        if attribute.name == "value_float":
            return np.asarray(attribute.f, np.float32)
        if attribute.name == "value_int":
            return np.asarray(attribute.i, np.int64)
        if attribute.name == "value_ints":
            return np.asarray(attribute.ints, np.int64)
    return None


def to_array(tensor: Any) -> Array | None:
    """One tensor, of as many numbers as its shape says; None if it is not of numbers."""
    onnx = require("onnx", extra="onnx")
    name = tensor.name[:100]
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise FileFormatError(
            f"the tensor {name!r} lies in another file, which is not read. Save the model with "
            "its weights inside"
        )
    kinds = dict(zip(onnx.TensorProto.DataType.values(), onnx.TensorProto.DataType.keys()))
    if kinds.get(tensor.data_type) not in FIELDS:
        return None
    field, dtype = FIELDS[kinds[tensor.data_type]]
    shape = tuple(tensor.dims)
    if any(size < 0 for size in shape):
        raise FileFormatError(f"the tensor {name!r} has the shape {shape}")
    expected = math.prod(shape)
    raw = tensor.raw_data
    held = len(raw) // np.dtype(dtype).itemsize if raw else len(getattr(tensor, field))
    if held != expected or len(raw) % np.dtype(dtype).itemsize:
        raise FileFormatError(
            f"the tensor {name!r} has the shape {shape}, which takes {expected} numbers, but "
            f"{held} are there"
        )
    array: Array = onnx.numpy_helper.to_array(tensor)
    return array.astype(array.dtype.newbyteorder("="), copy=False)
