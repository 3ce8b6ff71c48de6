"""What a layer is verified by: a formula, and how PyTorch and Keras have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet._core.types import Array
from glassnet.layers import Layer

Weights = dict[str, Array]  # without the layer's name: "W", "b", "gamma" …


@dataclass(frozen=True)
class Case:
    """A layer of the table with settings, its formula, and how others have it.

    Attributes:
        formula: weights, x → y in float64.
        torch: torch, x, weights in order → y.
        keras: keras → its layer.
        trained: the order of the weights for both.
        around: Keras has no such layer: x + layer(x).
        keras_slopes: whether Keras's gradient is the derivative of its values.
    """

    title: str
    make: Callable[[], Layer]
    shape: tuple[int, ...]
    formula: Callable[[Weights, Array], Array]
    torch: Callable[..., Any] | None = None
    keras: Callable[[Any], Any] | None = None
    trained: tuple[str, ...] = ()
    training: bool = False
    around: bool = False
    keras_slopes: bool = True
