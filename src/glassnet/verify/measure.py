"""How far two answers are apart, and how far they may be.

    error = |ours - theirs| / max(|theirs|, u),   u = min(1, the largest |theirs| of the array)

So a number is measured by its own size, but one that is small beside its neighbours by theirs:
of a softmax with 0.9 in it, 1e-17 may be off by all of itself. NaN is as wrong as can be, and
so is an array of another shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

FORMULA, DIFFERENCES, EXACT = "formula", "differences", "exact"
PYTORCH, KERAS = "PyTorch", "Keras"
JUDGES = (FORMULA, DIFFERENCES, EXACT, PYTORCH, KERAS)
DTYPES = ("float64", "float32")

# Judge and type → what is allowed, and why it is not less.
TOLERANCES: dict[tuple[str, str], tuple[float, str]] = {
    (FORMULA, "float64"): (1e-12, "some thousand roundings of float64, 2.2e-16 each"),
    (FORMULA, "float32"): (1e-5, "some hundred roundings of float32, 1.2e-7 each"),
    (DIFFERENCES, "float64"): (1e-6, "a difference of step h is itself wrong by h² and 1e-16/h"),
    (DIFFERENCES, "float32"): (2e-5, "some hundred roundings of float32, 1.2e-7 each"),
    (EXACT, "float64"): (0.0, "the same numbers, bit by bit"),
    (EXACT, "float32"): (0.0, "the same numbers, bit by bit"),
    (PYTORCH, "float64"): (1e-9, "both round in float64, in another order"),
    (PYTORCH, "float32"): (2e-5, "both round in float32, in another order"),
    (KERAS, "float64"): (1e-5, "Keras keeps its constants (η, β, √2 …) in float32 in any case"),
    (KERAS, "float32"): (5e-5, "both round in float32, and TensorFlow's tanh and erf are coarse"),
}


def distance(ours: Any, theirs: Any, unit: float | None = None) -> tuple[float, str]:
    """The largest error, and where it is: ``[2, 0]: 0.5 instead of 0.25``.

    ``unit``: u, where the arrays do not tell (a difference of 0 is never exactly 0).

    >>> distance([1.0, 2.0], [1.0, 2.5])
    (0.2, '[1]: 2 instead of 2.5')
    """
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if a.shape != b.shape:
        return np.inf, f"shape {a.shape} instead of {b.shape}"
    if a.size == 0:
        return np.inf, "nothing to compare"
    with np.errstate(all="ignore"):
        sizes = np.abs(b)
        finite = sizes[np.isfinite(sizes)]
        if unit is None:
            unit = min(1.0, float(finite.max(initial=0.0))) or 1.0
        off = np.where(a == b, 0.0, np.abs(a - b) / np.maximum(sizes, unit))
    off = np.where(np.isnan(off), np.inf, off)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    index = f"[{', '.join(str(int(i)) for i in place)}]: " if place else ""
    return float(off[place]), f"{index}{a[place]:.9g} instead of {b[place]:.9g}"


@dataclass
class Tally:
    """One row in the making: the largest error of the cases so far.

    Attributes:
        cases: numbers compared.
        where: of the largest error.
    """

    group: str
    subject: str
    kind: str
    judge: str
    dtype: str
    tolerance: float
    cases: int = 0
    largest_error: float = 0.0
    where: str = ""

    def add(self, ours: Any, theirs: Any, where: str = "", unit: float | None = None) -> None:
        """One more comparison."""
        error, place = distance(ours, theirs, unit)
        self.note(error, f"{where} {place}".strip(), int(np.size(theirs)))

    def note(self, error: float, where: str, cases: int = 1) -> None:
        """One more error that is known already."""
        self.cases += cases
        if not error <= self.largest_error:  # NaN too
            self.largest_error = error if error == error else np.inf
            self.where = where
