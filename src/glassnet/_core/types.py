"""Names for the types of arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""An array of numbers; float32 or float64 wherever glassnet computes."""
