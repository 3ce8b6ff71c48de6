"""What all running metrics share, and the forms that targets may have."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core import custom
from glassnet._core.attributes import Declared, is_ours, settings_of
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError


class Metric(Declared):
    """A number for all samples seen since ``reset``.

    ``update`` takes targets as the loss does: class numbers (n,), one-hot rows (n, k), or
    values of the shape of the network's output, (n, k…) or (n,). Without weights, each sample
    has weight 1.

    Attributes:
        name: as in the history; the name it was asked for by.
        higher_is_better: which way is better; None: not known, so that callbacks must be told.
        is_share: a share of a whole, shown in percent.
    """

    name: str
    also: ClassVar[tuple[str, ...]] = ()  # what it is called elsewhere
    settings: ClassVar[tuple[str, ...]] = ()
    higher_is_better: ClassVar[bool | None] = None
    is_share: ClassVar[bool] = False
    of_classes: ClassVar[bool] = False  # it counts right and wrong, and says nothing of values
    counted: ClassVar[tuple[str, ...]]  # the attributes that ``update`` changes

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "metric")
        cls._counters = frozenset(getattr(cls, "counted", ()))
        if not is_ours(cls.__module__) and "settings" not in vars(cls):
            cls.settings = settings_of(cls)

    def __init__(self) -> None:
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget what was counted."""

    def update(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        """Count in one batch.

        Raises:
            ShapeError: not one target, or not one weight, for each prediction; or targets of a
                form that this metric does not compare.
        """
        n = len(y_pred)
        if len(y_true) != n or (sample_weight is not None and sample_weight.shape != (n,)):
            weights = "" if sample_weight is None else f" and weights {sample_weight.shape}"
            raise ShapeError(
                f"{self.name}: targets {y_true.shape}{weights} came for predictions "
                f"{y_pred.shape}. Give one for each prediction."
            )
        if n:
            self._count(y_true, y_pred, sample_weight)

    def cut_at(self, threshold: float) -> None:
        """Learn where the loss cuts a single output in two; as the metrics that count classes."""

    @abstractmethod
    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None: ...

    @abstractmethod
    def result(self) -> float:
        """The metric over what was counted; NaN if nothing was."""

    def get_config(self) -> dict[str, Any]:
        """The name and the settings, as plain JSON; ``get`` makes the same metric of it."""
        lost = [name for name in self.settings if not hasattr(self, name)]
        if lost:
            raise ConfigError(custom.lost_setting(type(self), lost[0]))
        settings = {s: getattr(self, s) for s in self.settings if s != "name"}
        family = custom.FAMILIES["metric"]
        if self.name in family.catalogue or type(self).name == self.name:
            return {"name": self.name, **settings}
        return {"name": type(self).name, "called": self.name, **settings}

    def _set_name(self, name: str) -> None:
        self.__dict__["name"] = str(name)

    def get_state(self) -> dict[str, Any]:
        """What was counted so far, as plain JSON, for a checkpoint."""
        return {name: np.asarray(getattr(self, name)).tolist() for name in self.counted}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``get_state`` was called."""
        for name in self.counted:
            value = np.array(state[name])  # a fresh metric's own may have fewer axes
            if value.dtype.kind not in "biuf":
                raise TypeError(f"{self.name}: {name} is damaged")
            setattr(self, name, value if value.ndim else value.item())


class Cutting(Metric):
    """A metric for which a single output above ``threshold`` means class 1.

    Where no threshold is given it is that of the loss that the network is compiled with: 0 for
    logits and margins, 0.5 for probabilities; so that it counts what ``predict_classes`` answers.
    """

    settings = ("threshold",)
    of_classes = True

    def __init__(self, threshold: float | None = None) -> None:
        super().__init__()
        self._own = threshold is not None
        self.threshold = 0.5 if threshold is None else number(self.name, "threshold", threshold)

    def cut_at(self, threshold: float) -> None:
        if not self._own:
            self.threshold = threshold


class Mean(Metric):
    """Σ wᵢ·xᵢ / Σ wᵢ of a number xᵢ for each sample."""

    counted = ("total", "weight")

    def reset(self) -> None:
        self.total = 0.0
        self.weight = 0.0

    def _count(self, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        per_sample = self._per_sample(y_true, y_pred)
        if weight is None:
            self.total += float(np.sum(per_sample, dtype=np.float64))
            self.weight += len(y_pred)
        else:
            self.total += float(np.sum(per_sample * weight, dtype=np.float64))
            self.weight += float(np.sum(weight, dtype=np.float64))

    @abstractmethod
    def _per_sample(self, y_true: Array, y_pred: Array) -> Array: ...

    def result(self) -> float:
        return self.total / self.weight if self.weight else math.nan


class Share(Mean):
    """The share of samples that are right: xᵢ is 1 or 0."""

    higher_is_better = True
    is_share = True


def several(y_pred: Array) -> bool:
    """Whether each sample has one output for each class."""
    return y_pred.ndim == 2 and y_pred.shape[1] > 1


def class_numbers(name: str, y_true: Array, y_pred: Array) -> Array:
    """The class numbers (n,) of class numbers or one-hot rows."""
    if several(y_pred) and y_true.ndim == 1:
        return y_true.astype(np.int64, copy=False)
    if several(y_pred) and y_true.shape == y_pred.shape:
        return np.asarray(y_true.argmax(axis=1))
    raise ShapeError(
        f"{name}: targets {y_true.shape} came for predictions {y_pred.shape}, but it needs "
        "several outputs (n, k), and class numbers (n,) or one-hot rows (n, k)."
    )


def values_like(name: str, y_true: Array, y_pred: Array) -> Array:
    """The targets in the shape of the predictions: (n,) and (n, 1) are the same."""
    if y_true.size != y_pred.size:
        raise ShapeError(
            f"{name}: targets {y_true.shape} came for predictions {y_pred.shape}, but it compares "
            "number with number. Give targets of the shape of the predictions."
        )
    return y_true.reshape(y_pred.shape)


def row_means(x: Array) -> Array:
    """The mean of each sample's numbers, (n,)."""
    return x.ravel() if x.size == len(x) else np.asarray(x.reshape(len(x), -1).mean(axis=1))
