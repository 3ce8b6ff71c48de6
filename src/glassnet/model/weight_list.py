"""The weights of a network from a list of arrays."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from glassnet._core.parameters import Parameters
from glassnet.data.arrays import as_array, as_type, check_finite
from glassnet.errors import DataError, ShapeError


def take(
    parameters: Parameters, names: Sequence[str], weights: Sequence[ArrayLike], network: str
) -> None:
    """Copy ``weights`` into the parameters of these names, all of them or none.

    Raises:
        ShapeError: too many, too few, or one of another shape.
        DataError: not numbers, or not finite.
    """
    given = list(weights)
    if len(given) != len(names):
        raise ShapeError(
            f"set_weights: {len(given)} arrays came, but {network} has {len(names)}: "
            f"{', '.join(names)}."
        )
    checked = []
    for name, array in zip(names, given):
        values = as_array(array, name)
        shape = parameters.shapes[name]
        if values.shape != shape:
            raise ShapeError(
                f"set_weights: {name} has shape {shape}, but an array of shape {values.shape} "
                "came in its place."
            )
        if values.dtype.kind not in "fiub":
            raise DataError(f"set_weights: {name} must hold numbers, got dtype {values.dtype}.")
        check_finite(values, name)
        checked.append(as_type(values, parameters.dtype, name))
    for name, array in zip(names, checked):
        parameters.view(name)[...] = array
