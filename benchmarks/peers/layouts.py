"""Weights for libraries whose images have their channels first."""

from __future__ import annotations

import numpy as np
from works import ImageWork

Weights = list[tuple[np.ndarray, np.ndarray]]


def channels_first(work: ImageWork, weights: Weights) -> Weights:
    """Kernels (filters, channels, rows, columns); the first matrix for rows flattened that way."""
    h, w, c = work.features[-1]
    kernels = [
        (np.ascontiguousarray(W.transpose(3, 2, 0, 1)), b) for W, b in weights if W.ndim == 4
    ]
    (W, b), *others = weights[len(kernels) :]
    first = W.reshape(h, w, c, -1).transpose(2, 0, 1, 3).reshape(W.shape)
    return [*kernels, (first, b), *others]
