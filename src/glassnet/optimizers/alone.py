"""An optimizer on arrays of one's own: a matrix, or a dict of them, without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import DataError, ShapeError

Arrays = Mapping[str, Array] | Sequence[Array]


class FlatStep(Protocol):
    """What is asked of an optimizer here."""

    name: ClassVar[str]
    size: int | None

    def meet(self, values: Array, segments: Sequence[slice] | None = None) -> None:
        """Make the memory for this vector."""

    def step(self, values: Array, gradients: Array) -> None:
        """Change the vector in place."""


def pair(name: str, values: Any, gradients: Any, called: str = "the parameters") -> Array:
    """The gradients as an array.

    Raises:
        DataError: values that cannot be changed in place, such as a list.
    """
    if not isinstance(values, np.ndarray):
        raise DataError(
            f"{name}: {called} came as a {type(values).__name__}, but an update changes an array "
            "in place. Make it one: np.array(…, dtype=float)."
        )
    if isinstance(gradients, np.ndarray):
        return gradients
    g: Array = np.asarray(gradients, values.dtype)
    return g


def update(optimizer: FlatStep, params: Arrays, grads: Arrays) -> None:
    """One update of several arrays, in place, each by the gradient of the same name or place."""
    keys: list[Any] = list(params) if isinstance(params, Mapping) else list(range(len(params)))
    have = set(grads) if isinstance(grads, Mapping) else set(range(len(grads)))
    missing = [key for key in keys if key not in have]
    if missing or not keys:
        raise DataError(
            f"{optimizer.name}: no gradient for {missing[0]!r}."
            if missing
            else f"{optimizer.name}: no parameters came."
        )
    arrays: list[Array] = [params[key] for key in keys]
    gradients = [pair(optimizer.name, a, grads[k], str(k)) for a, k in zip(arrays, keys)]
    for key, array, gradient in zip(keys, arrays, gradients):
        if array.shape != gradient.shape:
            raise ShapeError(
                f"{optimizer.name}: {key} has shape {array.shape}, but its gradient "
                f"{gradient.shape}."
            )
    stops = np.cumsum([a.size for a in arrays]).tolist()
    places = [slice(stop - a.size, stop) for a, stop in zip(arrays, stops)]
    flat = np.concatenate([a.reshape(-1) for a in arrays])
    if optimizer.size is None:
        optimizer.meet(flat, places)
    optimizer.step(flat, np.concatenate([g.reshape(-1) for g in gradients]).astype(flat.dtype))
    for array, place in zip(arrays, places):
        array[...] = flat[place].reshape(array.shape)
