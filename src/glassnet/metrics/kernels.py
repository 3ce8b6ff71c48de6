"""The loops of the metrics."""

from __future__ import annotations

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def count_right(classes: Array, y_pred: Array) -> float:
    """How many rows have their largest number, the first of equals, at their class."""
    right = 0
    for i in range(y_pred.shape[0]):
        best = 0
        for j in range(1, y_pred.shape[1]):
            if y_pred[i, j] > y_pred[i, best]:
                best = j
        right += best == classes[i]
    return float(right)
