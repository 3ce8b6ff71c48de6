"""What all losses share: the checks of what came in, the weights, and the one computation.

The loop of a loss goes once over the predictions. It fills ``losses`` with the loss lᵢ of each
row, replaces the predictions by ∂L/∂p, and returns L = (1/n) Σ wᵢ·lᵢ, summed in float64. An empty
``weights`` stands for wᵢ = 1. See ``_core.kernels`` for the rules of these loops.

The frame of the loop stands in each of them. A loop made from a formula of (truth, prediction) is
7 to 16 % slower for the squared and the Huber loss (32×10 mse 1.05 → 1.15 µs, 300×3 huber 6.7 →
7.7), no faster for the others, and Numba never finds it in its cache again, because its key holds
the formula: 3 s of compiling in each process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn

import numpy as np

from glassnet._core import custom
from glassnet._core.arrays import FLOAT32, FLOAT64, as_float, place
from glassnet._core.attributes import is_ours
from glassnet._core.guards import Method, not_defined, outermost, refuse_other_arguments
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.base import Activation
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError

Formula = tuple[str, str]  # as text, and as LaTeX
Target = Literal["values", "signs", "probabilities", "classes"]

# Keras's backend epsilon: probabilities are clipped to [1e-7, 1 - 1e-7] before the logarithm.
EPSILON = 1e-7

NO_WEIGHTS = {t: np.empty(0, t) for t in (FLOAT32, FLOAT64)}

# Of a loss of a user's own that says nothing of itself.
FORMULAS = {
    "formula": "L as the class defines it",
    "gradient_formula": "∂L/∂y as the class defines it",
    "latex": "L",
    "gradient_latex": r"\frac{\partial L}{\partial y}",
}


class WrittenOut(NamedTuple):
    """A loss as it is written out with numbers: each as text and as LaTeX.

    {p} or <p> stands for the prediction of one output, {t} or <t> for its target.

    Attributes:
        term: what one output has to do with the loss of its sample.
        one_hot: the same, where the target is 1 for this output and 0 for the others.
        slope: n times (for a mean of outputs n·k times) the derivative by the prediction.
        sum_slope: n times the derivative by a prediction that is divided by the sum of its row.
        sign: before the sum of the terms.
        mean: whether the sum is divided by the number of outputs.
    """

    term: Formula | None = None
    one_hot: Formula | None = None
    slope: Formula | None = None
    sum_slope: Formula | None = None
    sign: tuple[str, str] = ("", "")
    mean: bool = True


def _run(method: Method) -> Method:
    """``run_`` of a class of a user's: it fills ``losses``, and gives a number back."""

    def checked(self: Loss, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        losses.fill(np.nan)
        value = method(self, truth, pred, weights, losses)
        if not isinstance(value, (float, int, np.floating, np.integer)):
            raise ConfigError(f"{self.name}: run_ gave back {value!r}; expected L, a number.")
        if math.isfinite(value) and np.isnan(losses).all():
            raise ConfigError(
                f"{self.name}: run_ left losses as it was. Write the loss of each row into it: "
                "losses[:] = …"
            )
        return float(value)

    return checked


@dataclass(frozen=True)
class Loss:
    """L = (1/n) Σ wᵢ·lᵢ over n samples, and its exact gradient ∂L/∂y_pred.

    The mean is over the number of samples also with weights, Keras's "sum_over_batch_size".
    Targets and predictions of more than two dimensions are taken as rows along the last axis.

    Attributes:
        name: in the table, and in saved files; also: what it is called elsewhere.
        target: what y holds: values, two classes as -1 and 1, probabilities, or class numbers.
        activation: the function of the last layer that makes the predictions of this loss.
        formula, gradient_formula: as text for a terminal; latex, gradient_latex: for a page.
        written_out: the parts of the formula, to be filled with numbers.
    """

    name: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    target: ClassVar[Target] = "values"
    activation: ClassVar[Activation | None] = None
    formula: ClassVar[str]
    gradient_formula: ClassVar[str]
    latex: ClassVar[str]
    gradient_latex: ClassVar[str]
    written_out: ClassVar[WrittenOut] = WrittenOut()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "loss")
        if not is_ours(cls.__module__):
            refuse_other_arguments(cls, "run_", "truth, pred, weights, losses")
            outermost(cls, "run_", _run)
        if "run_" in vars(cls):
            fused_with = vars(Loss)["fused_with"]
            custom.not_inherited(
                cls, {**FORMULAS, "also": (), "fused_with": fused_with, "written_out": WrittenOut()}
            )

    @property
    def display_name(self) -> str:
        """The name in a summary; that of the fused form if the loss is computed on logits."""
        return self.name

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        """losses ← lᵢ, pred ← ∂L/∂pred, and returns L.  All are matrices but the last two."""
        raise not_defined(self, "run_(truth, pred, weights, losses)")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        """L, a number.

        Raises:
            ShapeError: targets, predictions or weights do not fit each other.
            LabelError: targets that this loss has no use for; names the first one.
            DataError: nothing in it, not numbers, or logits where probabilities are read.
        """
        pred = as_float(y_pred, "y_pred")
        self._refuse(pred)
        return self._compute(y_true, pred, sample_weight, None)[0]

    def gradient(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, out: Array | None = None
    ) -> Array:
        """∂L/∂y_pred, of the shape of ``y_pred``; ``out`` may be ``y_pred`` itself."""
        return self._compute(y_true, y_pred, sample_weight, out)[1]

    def value_and_gradient(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, out: Array | None = None
    ) -> tuple[float, Array]:
        """Both from one pass: L and ∂L/∂y_pred."""
        return self._compute(y_true, y_pred, sample_weight, out)[:2]

    def per_sample(self, y_true: Any, y_pred: Any) -> Array:
        """lᵢ of each sample, shape (n,)."""
        _, gradient, losses = self._compute(y_true, y_pred, None, None)
        n = len(gradient)
        return losses if losses.size == n else losses.reshape(n, -1).mean(axis=1)

    @property
    def reads_logits(self) -> bool:
        """Whether it is computed from what comes before ``activation``."""
        return False

    @property
    def reads(self) -> tuple[float, float]:
        """The predictions that it can be computed of lie between these."""
        return (-math.inf, math.inf)

    @property
    def threshold(self) -> float:
        """Above it, a single output means the second of two classes.

        0 for logits and for margins between -1 and 1, and 0.5 for probabilities.
        """
        return 0.0 if self.reads_logits or self.target == "signs" else 0.5

    def probabilities(self, outputs: Array) -> Array:
        """The probabilities that the outputs of a network stand for, if they are logits."""
        if self.activation is None or not self.reads_logits:
            return outputs
        return self.activation.forward(outputs)

    def class_probabilities(self, outputs: Array) -> Array:
        """The probability of each class, (n, classes), of the outputs of a network.

        A single output stands for two classes. Where it is no probability, as a margin, the class
        that is answered gets 1.
        """
        p = self.probabilities(outputs)
        if p.shape[-1] != 1:
            return p
        second = p if self.target == "probabilities" else (p > self.threshold).astype(p.dtype)
        return np.concatenate([1 - second, second], axis=-1)

    def fused_with(self, activation: Activation) -> Loss | None:
        """This loss on the input of ``activation`` instead of its output, if there is a form."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The name and the parameters: what ``get`` needs to make it again."""
        return {"name": self.name, **custom.fields_of(self)}

    # --- how it is computed ---------------------------------------------------------------

    def _compute(
        self, y_true: Any, y_pred: Any, sample_weight: Any, out: Array | None
    ) -> tuple[float, Array, Array]:
        pred = as_float(y_pred, "y_pred")
        if pred.size == 0:
            raise DataError(f"{self.name}: y_pred is empty, shape {pred.shape}.")
        if pred.ndim == 0:
            raise ShapeError(f"{self.name}: y_pred is a single number; pass a list of them.")
        truth = self._encode(y_true, pred)
        weights = self._weights(sample_weight, pred)
        gradient = place(pred, out)
        work = gradient if gradient.flags.c_contiguous else np.ascontiguousarray(gradient)
        matrix = matrix_of(work)
        losses: Array = np.empty(len(matrix), matrix.dtype)
        value = self.run_(truth, matrix, weights, losses)
        if work is not gradient:
            gradient[...] = work
        return value, gradient, losses

    def _refuse(self, pred: Array) -> None:
        """Raises DataError for predictions whose loss would look right and mean nothing."""

    def _encode(self, y_true: Any, pred: Array) -> Array:
        """The targets as a matrix of the shape and type of the predictions."""
        truth = as_float(y_true, "y_true")
        if truth.shape != pred.shape and (*truth.shape, 1) != pred.shape:
            self._shapes_differ(truth, pred, "the same shape")
        return matrix_of(np.ascontiguousarray(truth, dtype=pred.dtype).reshape(pred.shape))

    def _encode_probabilities(self, y_true: Any, pred: Array) -> Array:
        truth = Loss._encode(self, y_true, pred)
        if count_improbable(truth):
            i, j = np.argwhere((truth < 0) | (truth > 1))[0]
            raise LabelError(
                f"{self.name}: y_true holds {truth[i, j]:g} in row {i}, column {j}; "
                "expected probabilities from 0 to 1."
            )
        return truth

    def _weights(self, sample_weight: Any, pred: Array) -> Array:
        """One weight for each row of the matrix; empty where there are none."""
        if sample_weight is None:
            return NO_WEIGHTS[pred.dtype]
        weights = as_float(sample_weight, "sample_weight").astype(pred.dtype, copy=False)
        n = len(pred)
        count = pred.size // pred.shape[-1] if pred.ndim > 1 else n
        if weights.size not in (n, count) or weights.shape[:1] != (n,):
            raise ShapeError(
                f"{self.name}: sample_weight has shape {weights.shape}, expected ({n},): "
                "one weight for each sample."
            )
        return np.repeat(weights.reshape(-1), count // weights.size)

    def _shapes_differ(self, truth: Array, pred: Array, expected: str) -> NoReturn:
        raise ShapeError(
            f"{self.name}: y_true has shape {truth.shape} and y_pred {pred.shape}; "
            f"expected {expected}."
        )


@dataclass(frozen=True)
class LogitLoss(Loss):
    """A loss that has a second form on logits, in which its ``activation`` is fused with it.

    Attributes:
        logits_name: how a summary calls that form.
    """

    logits_name: ClassVar[str]
    from_logits: bool = False

    @property
    def reads_logits(self) -> bool:
        return self.from_logits

    @property
    def display_name(self) -> str:
        return self.logits_name if self.from_logits else self.name

    def fused_with(self, activation: Activation) -> Loss | None:
        if activation == self.activation and not self.from_logits:
            return replace(self, from_logits=True)
        return None


def matrix_of(array: Array) -> Array:
    """Samples in rows; a flat array is one column."""
    return array if array.ndim == 2 else array.reshape(-1, array.shape[-1] if array.ndim > 2 else 1)


def refuse_logits(name: str, pred: Array, highest: float = math.inf) -> None:
    """Nothing, if ``pred`` may be probabilities, or shares that a row's sum makes so.

    Clipping would turn logits into a loss that looks right. A hundredth of tolerance is left for
    rounding and for differences across 0 and 1; NaN passes, and is the loss then.

    Raises:
        DataError: below 0, or above ``highest``.
    """
    lowest, largest = float(pred.min(initial=0.0)), float(pred.max(initial=0.0))
    if lowest < -0.01 or largest > highest + 0.01:
        raise DataError(
            f"{name}: y_pred holds {lowest if lowest < -0.01 else largest:g}, which is no "
            "probability. Put it through softmax or sigmoid, or give the loss from_logits=True."
        )


@kernel
def count_improbable(t: Array) -> int:
    """How many numbers are below 0 or above 1."""
    n, k = t.shape
    zero, one = t.dtype.type(0), t.dtype.type(1)
    count = 0
    for i in range(n):
        for j in range(k):
            count += 1 if t[i, j] < zero or t[i, j] > one else 0
    return count
