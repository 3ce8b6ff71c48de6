"""The backward pass against central differences, parameter by parameter.

For a parameter w with the loss L(w):   dL/dw ≈ (L(w + h) - L(w - h)) / 2h,   in float64.

A ReLU has a kink: where it lies within h of w, or exactly at w (a bias of 0 with an input of
0), differences measure a mixture of two slopes, and a right backward pass disagrees.  So each
disagreement is looked at from a little to both sides: if the backward pass is right there, it
is a kink; if it is wrong there as well, it is a mistake.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.calculus.gradient_report import ROUNDING_ALLOWED, GradientReport, TensorCheck
from glassnet.errors import ConfigError, DataError, GlassnetError

H = {"float64": 1e-5, "float32": 1e-2}
TOLERANCE = {"float64": 1e-5, "float32": 2e-2}
# A loss computed with rounding error δ makes differences wrong by δ/h. δ: some 50 roundings.
ROUNDINGS = 50


class Parameters(Protocol):
    """What is read of a model's parameters: one flat vector, and names for its stretches."""

    values: Array

    @property
    def slices(self) -> Mapping[str, slice]: ...
    def view(self, name: str) -> Array: ...


class Model(Protocol):
    """What a model must offer to be checked."""

    @property
    def parameters(self) -> Parameters: ...
    def loss_and_gradient(
        self, x: Any, y: Any, sample_weight: Any = None, training: bool = False
    ) -> tuple[float, Array]: ...


def check_gradient(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    training: bool = False,
    max_parameters: int = 1000,
    h: float | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> GradientReport:
    """Compare the gradient of ``model`` on a batch with central differences.

    A float32 model is checked in a float64 copy, and its own gradient against that of the
    copy. The model is left as it was.

    Args:
        training: as while training, with the dropout masks held still and batch
            normalization by the batch.
        max_parameters: with more, a seeded sample of about this many is checked, some of
            each tensor.
        h: the step, in units of max(1, |w|); 1e-5 in float64.
        tolerance: the relative error allowed; 1e-5 in float64.

    Returns:
        a report that prints itself, with ``ok``, ``worst`` and ``to_dict()``.

    Raises:
        NotBuiltError: the model is not compiled.
        DataError: the loss is not finite, or x and y are not what the model takes.
        ConfigError: the loss changes from call to call; a setting out of its range.
    """
    most = whole_number("check_gradient", "max_parameters", max_parameters)
    own = _own_gradient(model, x, y, sample_weight, training)
    twin = _double(model)
    kind = twin.parameters.values.dtype.name
    step = number("check_gradient", "h", H[kind] if h is None else h, above=0.0)
    allowed = number(
        "check_gradient",
        "tolerance",
        TOLERANCE[kind] if tolerance is None else tolerance,
        above=0.0,
    )
    with _held_still(twin, training) as again:

        def measure() -> tuple[float, Array]:
            again()
            found: tuple[float, Array] = twin.loss_and_gradient(x, y, sample_weight, training)
            return found

        loss, gradient = measure()
        if not np.isfinite(loss):
            raise DataError(f"check_gradient: the loss is {loss}: nothing to compare.")
        if measure()[0] != loss:
            raise ConfigError(
                "check_gradient: the loss of the same batch changes from call to call. "
                "Switch off what is random, or pass training=False."
            )
        checker = _Checker(measure, twin.parameters.values, step, allowed, loss)
        rng = np.random.default_rng(seed)
        total = twin.parameters.values.size
        largest = float(np.abs(gradient).max(initial=0.0))
        rows = []
        for name, place in twin.parameters.slices.items():
            row = TensorCheck(name, tuple(twin.parameters.view(name).shape))
            said = gradient[place]
            if twin is not model:
                row.rounding, said = _rounding(own[place], said, largest)
            for index in _chosen(place.stop - place.start, total, most, rng):
                checker.check(
                    row,
                    int(index),
                    place.start + int(index),
                    backward=float(said[index]),
                    may_be_kink=bool(said[index] == gradient[place][index]),
                )
            rows.append(row)
    return GradientReport(
        rows=rows,
        loss=loss,
        h=step,
        tolerance=allowed,
        computed_in=kind,
        own_dtype=model.parameters.values.dtype.name,
        training=training,
        blur=checker.delta / step if step < H[kind] / 10 else 0.0,
        largest=largest,
    )


class _Checker:
    """The comparison at one parameter after the other."""

    def __init__(
        self,
        measure: Callable[[], tuple[float, Array]],
        values: Array,
        h: float,
        tolerance: float,
        loss: float,
    ) -> None:
        self.measure, self.values, self.h, self.tolerance = measure, values, h, tolerance
        self.delta = ROUNDINGS * float(np.finfo(values.dtype).eps) * max(1.0, abs(loss))

    def check(
        self, row: TensorCheck, index: int, place: int, backward: float, may_be_kink: bool
    ) -> None:
        """Compare at ``values[place]``, number ``index`` of its tensor, and note it in ``row``."""
        w = self.values[place]
        h = self.h * max(1.0, abs(float(w)))
        try:
            differences = self._slope(place, w - h, w + h)
            off = self._off(backward, differences, h)
            kink = may_be_kink and off > self.tolerance and self._kink(place, w, h)
        finally:
            self.values[place] = w
        floor = self.delta / h
        row.note(
            index,
            backward,
            differences,
            off,
            wrong=off > self.tolerance and not kink,
            kink=kink,
            tiny=max(abs(backward), abs(differences)) <= floor,
        )

    def _slope(self, place: int, low: float, high: float) -> float:
        """(L(high) - L(low)) / (high - low)"""
        self.values[place] = high
        top, above = self.values[place], self.measure()[0]
        self.values[place] = low
        return float((above - self.measure()[0]) / (top - self.values[place]))

    def _off(self, backward: float, differences: float, h: float) -> float:
        """|a - n| / max(|a|, |n|), lenient where rounding alone makes the difference."""
        floor = self.delta / h / self.tolerance
        off = abs(backward - differences) / (max(abs(backward), abs(differences)) + floor)
        return off if np.isfinite(off) else np.inf  # NaN is as wrong as can be

    def _kink(self, place: int, w: float, h: float) -> bool:
        """Is the backward pass right a little to both sides of w, though not at w?"""
        return any(
            all(self._right_at(place, w + side * 2 * step, step) for side in (-1, 1))
            for step in (h, 4 * h, h / 4)
        )

    def _right_at(self, place: int, w: float, h: float) -> bool:
        self.values[place] = w
        backward = float(self.measure()[1][place])
        return self._off(backward, self._slope(place, w - h, w + h), h) <= self.tolerance


def _own_gradient(model: Model, x: Any, y: Any, sample_weight: Any, training: bool) -> Array:
    """The gradient as the model itself computes it."""
    _, gradient = model.loss_and_gradient(x, y, sample_weight, False)  # builds, if need be
    if training:
        with _held_still(model, training):
            _, gradient = model.loss_and_gradient(x, y, sample_weight, True)
    return gradient


def _double(model: Model) -> Any:
    """The model if it computes in float64, or a copy that does, if it can be had."""
    if model.parameters.values.dtype == np.float64:
        return model
    make: Callable[..., Any] | None = getattr(model, "copy", None)
    if make is None:
        return model
    try:
        return make(dtype="float64")
    except GlassnetError:  # a layer of the user's own, that glassnet cannot make again
        return model


@contextmanager
def _held_still(model: Any, training: bool) -> Iterator[Callable[[], None]]:
    """Inside: a function that puts the random state back, so that every call draws the same.

    Afterwards the running means and the random state, which training would move, are what
    they were.
    """
    if not training:
        yield lambda: None
        return
    state = model.parameters.state.copy()
    random = copy.deepcopy(model.rng.bit_generator.state)

    def again() -> None:
        model.rng.bit_generator.state = copy.deepcopy(random)

    try:
        yield again
    finally:
        model.parameters.state[...] = state
        again()


def _chosen(size: int, total: int, most: int, rng: np.random.Generator) -> Array:
    """Which numbers of a tensor are checked: all, or a sample, and then at least 20."""
    if total <= most:
        return np.arange(size)
    share = min(size, max(20, round(most * size / total)))
    return np.sort(rng.choice(size, share, replace=False))


def _rounding(own: Array, double: Array, largest: float) -> tuple[float, Array]:
    """How far a float32 gradient is from its float64 twin, in units of the largest there.

    ``largest`` is that of the whole model: a tensor whose gradient is 0 but for rounding (a
    bias under a batch normalization) is measured by a thousandth of it.

    And what is to be compared with differences: the finer of the two, but the model's own
    where rounding does not explain how far they are apart.
    """
    unit = max(float(np.abs(double).max(initial=0.0)), 1e-3 * largest) or 1.0
    off = np.abs(own - double) / unit
    with np.errstate(invalid="ignore"):
        return float(off.max(initial=0.0)), np.where(off <= ROUNDING_ALLOWED, double, own)
