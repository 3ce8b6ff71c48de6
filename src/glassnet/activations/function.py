"""An activation made of a plain function, with its derivative or without."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet._core import custom
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.errors import ConfigError, ShapeError

H = 1e-5  # of the central differences, in float64


@dataclass(frozen=True)
class FunctionActivation(Activation):
    """y = f(z), number by number, of a function of your own.

    Args:
        function: f, from an array to one of the same shape.
        slope: f', the same way; None: the numerical derivative (f(z+h) - f(z-h)) / 2h, which
            is slower, and right to about ten digits.

    >>> square = FunctionActivation(lambda z: z**2, lambda z: 2 * z)
    >>> square(3.0), square.derivative(3.0)
    (9.0, 6.0)

    Raises:
        ConfigError: not a function.
        ShapeError: the function returned another shape than it got.
    """

    of_function: ClassVar[bool] = True
    needs_z = True

    function: Callable[[Any], Any]
    slope: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        for what, function in (("function", self.function), ("slope", self.slope or abs)):
            if not callable(function):
                raise ConfigError(f"activation: {what} is {function!r}, no function of z.")
        if self.slope is None:
            warnings.warn(
                f"activation {self.name!r}: no derivative was given, so the numerical one is used. "
                "FunctionActivation(f, slope) takes it.",
                stacklevel=4,
            )

    @property
    def name(self) -> str:  # type: ignore[override]  # of the function, not of the class
        return custom.function_name(self.function, "activation")

    @property
    def formula(self) -> str:  # type: ignore[override]
        return f"f(z) = {self.name}(z)"

    @property
    def derivative_formula(self) -> str:  # type: ignore[override]
        if self.slope is None:
            return "f'(z) ≈ (f(z + h) − f(z − h)) / 2h"
        return f"f'(z) = {custom.function_name(self.slope)}(z)"

    @property
    def latex(self) -> str:  # type: ignore[override]
        return rf"f(z) = \mathrm{{{self.name}}}(z)".replace("_", r"\_")

    @property
    def derivative_latex(self) -> str:  # type: ignore[override]
        if self.slope is None:
            return r"f'(z) \approx \frac{f(z + h) - f(z - h)}{2h}"
        return rf"f'(z) = \mathrm{{{custom.function_name(self.slope)}}}(z)".replace("_", r"\_")

    def forward_(self, z: Array) -> None:
        z[...] = self._called(self.function, z.copy())

    def backward_(self, saved: Array, dy: Array) -> None:
        if self.slope is not None:
            dy *= self._called(self.slope, saved.copy()).astype(dy.dtype, copy=False)
            return
        z = saved.astype(np.float64)
        above, below = self._called(self.function, z + H), self._called(self.function, z - H)
        dy *= ((above - below) / (2 * H)).astype(dy.dtype)

    def _called(self, function: Callable[[Any], Any], z: Array) -> Array:
        y = np.asarray(function(z))
        if y.shape != z.shape:
            raise ShapeError(
                f"{self.name}: the function returned shape {y.shape} for {z.shape}. An activation "
                "goes number by number; for more write a subclass of Activation."
            )
        return y

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}
