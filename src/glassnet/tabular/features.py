"""Which of the encoded features a network of the ensemble sees, and which of those are numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassnet.layers import PiecewiseLinearEncoding


def numbers_of(encoding: PiecewiseLinearEncoding) -> NDArray[np.int64]:
    """The features that are no bins: the first one of each column."""
    return np.array(encoding.first[:-1], np.int64)


def binned(encoding: PiecewiseLinearEncoding) -> NDArray[np.int64]:
    """The columns that have bins: numbers of more than two values."""
    return np.flatnonzero([own is not None for own in encoding.edges or ()])
