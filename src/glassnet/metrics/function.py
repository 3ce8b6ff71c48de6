"""A metric made of a plain function of (y_true, y_pred)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from glassnet._core import custom
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.metrics.base import Mean


class FunctionMetric(Mean):
    """The mean of what a function of your own gives.

    Args:
        function: ``f(y_true, y_pred)`` returns a number for each sample (n,), one for each
            output (n, k), or one for the whole batch.  Of the last the mean over the batches is
            taken, each as often as it has samples; a metric that is more than a mean of numbers
            is a subclass of ``Metric``.
        higher_is_better: what ``EarlyStopping(mode="auto")`` goes by; None: nobody knows.

    Raises:
        ConfigError: not a function.
    """

    of_function: ClassVar[bool] = True

    def __init__(
        self, function: Callable[[Any, Any], Any], higher_is_better: bool | None = None
    ) -> None:
        if not callable(function):
            raise ConfigError(f"metric: {function!r} is no function of (y_true, y_pred).")
        super().__init__()
        self.function = function
        self.__dict__["higher_is_better"] = higher_is_better
        self.name = custom.function_name(function)

    def _per_sample(self, y_true: Array, y_pred: Array) -> Array:
        found = np.asarray(self.function(y_true, y_pred), np.float64)
        n = len(y_pred)
        if found.ndim == 0:
            return np.full(n, found)
        if found.shape[:1] != (n,):
            raise ShapeError(
                f"{self.name}: the function returned shape {found.shape} for {n} samples; expected "
                "one number, or one for each sample."
            )
        return np.asarray(found.reshape(n, -1).mean(axis=1))

    def get_config(self) -> dict[str, Any]:
        return {"name": custom.function_name(self.function)}
