"""The tensors of an ONNX file as arrays, if they are what they say they are."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from glassnet._core.optional import require
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.errors import FileFormatError
from glassnet.interop.reading import plain

# TensorProto.DataType → the field that holds the numbers when raw_data does not
FIELDS = {
    "FLOAT": ("float_data", np.float32),
    "DOUBLE": ("double_data", np.float64),
    "FLOAT16": ("int32_data", np.float16),
    "INT32": ("int32_data", np.int32),
    "INT64": ("int64_data", np.int64),
    "BOOL": ("int32_data", np.bool_),
}


@dataclass
class Beside:
    """The files beside an ONNX file, in which tensors may lie.

    Attributes:
        model: the ONNX file.
        max_bytes: that are read of them, all together.
    """

    model: PathLike
    max_bytes: int

    def read(self, tensor: Any, expected: int) -> bytes:
        """The ``expected`` bytes of the tensor.

        Raises:
            FileFormatError: the file is not there, not beside the model, or has not as many.
        """
        said = {entry.key: entry.value for entry in tensor.external_data}
        name = f"the tensor {plain(tensor.name)!r}"
        offset, length = (
            self._number(name, key, said.get(key, default))
            for key, default in (("offset", "0"), ("length", str(expected)))
        )
        if length != expected:
            raise FileFormatError(
                f"{name} takes {expected:,} bytes, but {length:,} are stated to lie in another file"
            )
        self.max_bytes -= expected
        if self.max_bytes < 0:
            raise FileFormatError(
                "its tensors in other files are larger than max_bytes together; pass a larger one "
                "if you trust their size"
            )
        place = self._place(name, said.get("location", ""))
        if not place.exists():
            raise FileFormatError(
                f"{name} lies in {place.name!r}, which is not there: put that file beside the "
                "model, or save the model with its weights inside"
            )
        if not place.is_file():
            raise FileFormatError(f"{name} lies in {place.name!r}, which is no file")
        try:
            with place.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if offset + expected <= size:
                    file.seek(offset)
                    return file.read(expected)
        except OSError as error:
            raise FileFormatError(
                f"{name} lies in {place.name!r}, which cannot be read ({error.strerror})"
            ) from None
        raise FileFormatError(
            f"{name} lies at {offset:,} to {offset + expected:,} of {place.name!r}, which has "
            f"{size:,} bytes"
        )

    def _number(self, name: str, key: str, text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 19:
            return int(text)
        raise FileFormatError(f"{name} has {key} = {plain(text)!r}, which is no size")

    def _place(self, name: str, location: str) -> Path:
        """The path of a file in the model's folder or below; links do not lead there."""
        parts = PurePosixPath(location.replace("\\", "/")).parts
        inside = bool(parts) and "\0" not in location and ":" not in location
        if not inside or ".." in parts or parts[0].startswith("/"):
            raise FileFormatError(
                f"{name} lies in {plain(location)!r}, which is no place beside the model"
            )
        place = Path(self.model).parent.resolve()
        for part in parts:
            place /= part
            if place.is_symlink():
                raise FileFormatError(f"{name} lies in {plain(location)!r}, which is a link")
        return place


def constants(graph: Any, beside: Beside) -> dict[str, Array | None]:
    """Every constant of the graph by name; None for those of a kind that no layer reads.

    Raises:
        FileFormatError: sizes that do not match, or data that is not where it is said to be.
    """
    found = {tensor.name: to_array(tensor, beside) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.output:
            found[node.output[0]] = _of_node(node, beside)
        if node.op_type == "Identity" and node.input and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]  # PyTorch shares equal tensors so
    return found


def _of_node(node: Any, beside: Beside) -> Array | None:
    for attribute in node.attribute:
        if attribute.name == "value":
            return to_array(attribute.t, beside)
        if attribute.name == "value_float":
            return np.asarray(attribute.f, np.float32)
        if attribute.name == "value_int":
            return np.asarray(attribute.i, np.int64)
        if attribute.name == "value_ints":
            return np.asarray(attribute.ints, np.int64)
    return None


def to_array(tensor: Any, beside: Beside) -> Array | None:
    """One tensor, of as many numbers as its shape says; None if it is not of numbers."""
    onnx = require("onnx", extra="onnx")
    name = tensor.name[:100]
    kinds = dict(zip(onnx.TensorProto.DataType.values(), onnx.TensorProto.DataType.keys()))
    if kinds.get(tensor.data_type) not in FIELDS:
        return None
    field, dtype = FIELDS[kinds[tensor.data_type]]
    shape = tuple(tensor.dims)
    if any(size < 0 for size in shape):
        raise FileFormatError(f"the tensor {name!r} has the shape {shape}")
    expected = math.prod(shape)
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        data = beside.read(tensor, expected * np.dtype(dtype).itemsize)
        array: Array = np.frombuffer(data, np.dtype(dtype).newbyteorder("<")).reshape(shape)
        return array.astype(dtype, copy=False)
    raw = tensor.raw_data
    held = len(raw) // np.dtype(dtype).itemsize if raw else len(getattr(tensor, field))
    if held != expected or len(raw) % np.dtype(dtype).itemsize:
        raise FileFormatError(
            f"the tensor {name!r} has the shape {shape}, which takes {expected} numbers, but "
            f"{held} are there"
        )
    array = onnx.numpy_helper.to_array(tensor)
    return array.astype(array.dtype.newbyteorder("="), copy=False)
