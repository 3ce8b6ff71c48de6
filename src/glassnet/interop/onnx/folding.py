"""Constants that a file computes out of others: turned weights, and shapes put together.

Programs write ``x.view(len(x), -1)`` as Shape, Gather, Unsqueeze, Concat and Reshape, and store
a matrix as a kernel with a Reshape behind it; PyTorch turns the numbers of its padding around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet._core.types import Array

BATCH = -(1 << 62)  # in a shape: as many rows as there are
INT64 = 7  # in TensorProto.DataType
FEW = 64  # numbers of a shape; weights are only turned

Settings = Mapping[str, Any]


def fold(op: str, inputs: Sequence[Array], settings: Settings) -> Array | None:
    """What the operator makes of constants; None if it is none of these.

    No result is larger than its inputs, or than FEW numbers.
    """
    if op not in OPERATORS or not inputs:
        return None
    if op in OF_SHAPES and any(a.size > FEW or a.dtype.kind != "i" for a in inputs):
        return None
    try:
        found = OPERATORS[op](inputs, settings)
    except (ValueError, TypeError, LookupError, OverflowError):  # the operator takes no such thing
        return None
    return found if found is None or found.size <= max(FEW, inputs[0].size) else None


def shape_of(stored: Sequence[int], settings: Settings) -> Array:
    """What Shape gives for samples of the shape ``stored``."""
    whole = np.array([BATCH, *stored], np.int64)
    return whole[settings.get("start", 0) : settings.get("end", len(whole))]


def _cast(inputs: Sequence[Array], settings: Settings) -> Array | None:
    """To floats of floats, and to whole numbers of whole numbers."""
    floats = {1: np.float32, 10: np.float16, 11: np.float64}
    kind, to = inputs[0].dtype.kind, settings.get("to")
    if kind == "f" and to in floats:
        return inputs[0].astype(floats[to])
    return inputs[0] if kind == "i" and to in (6, 7) else None


def _axes(inputs: Sequence[Array], settings: Settings) -> tuple[int, ...]:
    """Up to opset 12 a setting."""
    stated = settings.get("axes")
    return tuple(inputs[1].reshape(-1).tolist() if stated is None else stated)


def _squeeze(inputs: Sequence[Array], settings: Settings) -> Array:
    stated = len(inputs) > 1 or "axes" in settings
    return np.squeeze(inputs[0], _axes(inputs, settings) if stated else None)


def _unsqueeze(inputs: Sequence[Array], settings: Settings) -> Array:
    return np.expand_dims(inputs[0], _axes(inputs, settings))


def _reshape(inputs: Sequence[Array], settings: Settings) -> Array:
    sizes = inputs[1].tolist()
    if not settings.get("allowzero"):
        sizes = [inputs[0].shape[i] if size == 0 else size for i, size in enumerate(sizes)]
    return inputs[0].reshape(sizes)


def _slice(inputs: Sequence[Array], settings: Settings) -> Array | None:
    """Along one axis."""
    array, *rest = inputs
    if not rest:  # up to opset 9
        rest = [np.array(settings[name]) for name in ("starts", "ends", "axes") if name in settings]
    start, end, axis, step = (
        int(rest[i].reshape(1)[0]) if i < len(rest) else default
        for i, default in enumerate((0, 0, 0, 1))
    )
    chosen = [slice(None)] * array.ndim
    chosen[axis] = slice(start, end, step)
    return array[tuple(chosen)]


def _constant_of_shape(inputs: Sequence[Array], settings: Settings) -> Array | None:
    """A few times the same whole number."""
    tensor, shape = settings.get("value"), inputs[0].tolist()
    if tensor is None or tensor.data_type != INT64 or len(shape) > 1 or sum(shape) > FEW:
        return None
    stored = tensor.int64_data or np.frombuffer(tensor.raw_data, "<i8")
    return np.full(shape, stored[0], np.int64)


def _gather(inputs: Sequence[Array], settings: Settings) -> Array:
    return np.take(inputs[0], inputs[1], settings.get("axis", 0), mode="raise")


def _concat(inputs: Sequence[Array], settings: Settings) -> Array:
    return np.concatenate(inputs, settings["axis"])


def _transpose(inputs: Sequence[Array], settings: Settings) -> Array:
    return inputs[0].transpose(settings.get("perm"))


OPERATORS: dict[str, Callable[[Sequence[Array], Settings], Array | None]] = {
    "Cast": _cast,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "Gather": _gather,
    "Identity": lambda inputs, settings: inputs[0],
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
OF_SHAPES = ("Concat", "ConstantOfShape", "Gather", "Slice")
