"""What the network is given of a point in the plane: its coordinates, and functions of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from glassnet._core.types import Array

# For inputs of two columns. The keys are those of the field ``features``.
FEATURES: dict[str, Callable[[Array, Array], Array]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1 * x1,
    "x2^2": lambda x1, x2: x2 * x2,
    "x1x2": lambda x1, x2: x1 * x2,
    "sin_x1": lambda x1, x2: np.sin(np.pi * x1),
    "sin_x2": lambda x1, x2: np.sin(np.pi * x2),
}

# How they are written on the page.
SYMBOLS = {"x1": "x₁", "x2": "x₂", "x1^2": "x₁²", "x2^2": "x₂²", "x1x2": "x₁x₂",
         "sin_x1": "sin πx₁", "sin_x2": "sin πx₂"}  # fmt: skip


def names_for(columns: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """What goes into the network, by name."""
    if len(columns) != 2:
        return list(columns)
    return [name for name in FEATURES if name in chosen] or ["x1"]


def apply(x: Array, chosen: Sequence[str]) -> Array:
    """The network's inputs for samples ``x`` (n, d), as float32."""
    if x.shape[1] != 2:
        return np.ascontiguousarray(x, dtype=np.float32)
    names = names_for(("x1", "x2"), chosen)
    x1, x2 = x[:, 0], x[:, 1]
    return np.column_stack([FEATURES[name](x1, x2) for name in names]).astype(np.float32)
