"""Losses between probabilities: binary and categorical cross-entropy, and KL divergence.

Each cross-entropy exists twice: from probabilities, clipped at 1e-7 as in Keras, and from logits
(``from_logits=True``), where softmax or sigmoid is fused with it. The fused form is the true loss,
never clipped and never negative, and its gradient keeps pulling where probabilities round to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.activations import Sigmoid
from glassnet.activations.base import Activation
from glassnet.activations.softmax import Softmax
from glassnet.errors import DataError, LabelError, ShapeError
from glassnet.losses import kernels
from glassnet.losses.base import EPSILON, Loss

INT64 = np.dtype(np.int64)


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


@dataclass(frozen=True)
class BinaryCrossentropy(Loss):
    """How surprising the outcomes are, each of them yes or no: one probability per column.

    ``label_smoothing`` s turns the target t into t·(1 − s) + s/2.
    """

    name = "binary_crossentropy"
    target = "probabilities"
    formula = "L = −(1/n) Σᵢ (1/k) Σⱼ [tᵢⱼ·log pᵢⱼ + (1 − tᵢⱼ)·log(1 − pᵢⱼ)]"
    gradient_formula = (
        "∂L/∂pᵢⱼ = (pᵢⱼ − tᵢⱼ) / (n·k·pᵢⱼ·(1 − pᵢⱼ));  on logits: ∂L/∂zᵢⱼ = (pᵢⱼ − tᵢⱼ) / (n·k)"
    )
    latex = (
        r"L = -\frac{1}{n} \sum_i \frac{1}{k} \sum_j "
        r"\left[t_{ij} \log p_{ij} + (1 - t_{ij}) \log (1 - p_{ij})\right]"
    )
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{ij}} = \frac{p_{ij} - t_{ij}}{n k\,p_{ij} (1 - p_{ij})},"
        r"\quad \frac{\partial L}{\partial z_{ij}} = \frac{p_{ij} - t_{ij}}{n k}"
    )
    from_logits: bool = False
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        number(self.name, "label_smoothing", self.label_smoothing, minimum=0.0, maximum=1.0)

    @property
    def display_name(self) -> str:
        return "sigmoid_crossentropy" if self.from_logits else self.name

    def fused_with(self, activation: Activation) -> Loss | None:
        if isinstance(activation, Sigmoid) and not self.from_logits:
            return replace(self, from_logits=True)
        return None

    def _refuse(self, pred: Array) -> None:
        if not self.from_logits:
            refuse_logits(self.name, pred, highest=1.0)

    def _encode(self, y_true: Any, pred: Array) -> Array:
        return self._encode_probabilities(y_true, pred)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        smoothing = float(self.label_smoothing)
        if not self.from_logits:
            return kernels.binary_probabilities(truth, pred, weights, losses, smoothing, EPSILON)
        return kernels.binary_logits(truth, pred, weights, losses, smoothing)


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Loss):
    """How surprising the true class is; one probability (or logit) per class in a row.

    The targets are class numbers (n,), or rows of probabilities (n, k). Probabilities are divided
    by their row sum before they are clipped, as Keras does for rows. (For class numbers Keras on
    TensorFlow clips before it divides, which is the same unless something is clipped.)
    """

    name = "sparse_categorical_crossentropy"
    target = "classes"
    formula = "L = −(1/n) Σᵢ log pᵢ꜀, with c the class of sample i"
    gradient_formula = "∂L/∂pᵢ꜀ = −1 / (n·pᵢ꜀);  on logits: ∂L/∂zᵢₖ = (pᵢₖ − [k = c]) / n"
    latex = r"L = -\frac{1}{n} \sum_i \log p_{i c_i}"
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{i c_i}} = -\frac{1}{n\,p_{i c_i}},"
        r"\quad \frac{\partial L}{\partial z_{ik}} = \frac{p_{ik} - [k = c_i]}{n}"
    )
    from_logits: bool = False

    @property
    def display_name(self) -> str:
        return "softmax_crossentropy" if self.from_logits else self.name

    @property
    def _smoothing(self) -> float:
        return 0.0

    def fused_with(self, activation: Activation) -> Loss | None:
        if isinstance(activation, Softmax) and not self.from_logits:
            return replace(self, from_logits=True)
        return None

    def _refuse(self, pred: Array) -> None:
        if not self.from_logits:
            refuse_logits(self.name, pred)

    def _encode(self, y_true: Any, pred: Array) -> Array:
        """Class numbers, flat, as int64; or a matrix of probabilities like ``pred``."""
        k = pred.shape[-1]
        if pred.ndim < 2 or k < 2:
            raise ShapeError(
                f"{self.name}: y_pred has shape {pred.shape}, expected (n, k) with a column for "
                "each of at least 2 classes. For one column use binary_crossentropy."
            )
        truth = np.asarray(y_true)
        if truth.dtype is INT64 and truth.ndim == pred.ndim - 1 == 1 and len(truth) == len(pred):
            return truth if truth.flags.c_contiguous else truth.copy()  # the way of training
        if truth.shape == pred.shape:
            return self._encode_probabilities(truth, pred)
        if truth.shape != pred.shape[:-1] and truth.shape != (*pred.shape[:-1], 1):
            expected = f"class numbers {pred.shape[:-1]} or rows of probabilities {pred.shape}"
            self._shapes_differ(truth, pred, expected)
        return self._as_integers(truth).reshape(-1)

    def _as_integers(self, truth: Array) -> Array:
        if truth.dtype.kind in "biu":
            return truth.astype(np.int64, copy=False)
        if truth.dtype.kind != "f":
            raise LabelError(
                f"{self.name}: y_true is an array of type {truth.dtype}; "
                "expected class numbers, as np.unique(y, return_inverse=True)[1] makes them."
            )
        flat = truth.reshape(-1)
        broken = np.flatnonzero(~(np.isfinite(flat) & (flat == np.floor(flat))))
        if broken.size:
            row = broken[0]
            raise LabelError(
                f"{self.name}: y_true holds {flat[row]:g} in row {row}; expected class numbers."
            )
        return truth.astype(np.int64)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        if self.from_logits:
            if truth.ndim == 2:
                return kernels.softmax_rows(self._smooth(truth), pred, weights, losses)
            value = kernels.softmax_classes(truth, pred, weights, losses, self._smoothing)
            if math.isnan(value):
                self._refuse_outside(truth, pred.shape[1])
            return value
        if truth.ndim == 1:
            self._refuse_outside(truth, pred.shape[1])
            one_hot = np.zeros_like(pred)
            one_hot[np.arange(len(pred)), truth] = 1
            truth = one_hot
        return kernels.categorical_probabilities(
            self._smooth(truth), pred, weights, losses, EPSILON
        )

    def _refuse_outside(self, classes: Array, k: int) -> None:
        outside = np.flatnonzero((classes < 0) | (classes >= k))
        if outside.size:
            row = outside[0]
            raise LabelError(
                f"{self.name}: y_true holds class {classes[row]} in row {row}; "
                f"expected class numbers 0 to {k - 1}, because y_pred has {k} columns."
            )

    def _smooth(self, t: Array) -> Array:
        s = self._smoothing
        return t * t.dtype.type(1 - s) + t.dtype.type(s / t.shape[-1]) if s else t


@dataclass(frozen=True)
class CategoricalCrossentropy(SparseCategoricalCrossentropy):
    """The same with rows of probabilities (one-hot, or soft) as targets; class numbers serve too.

    ``label_smoothing`` s turns the target t into t·(1 − s) + s/k.
    """

    name = "categorical_crossentropy"
    formula = "L = −(1/n) Σᵢ Σₖ tᵢₖ·log pᵢₖ"
    gradient_formula = "∂L/∂pᵢₖ = −tᵢₖ / (n·pᵢₖ);  on logits: ∂L/∂zᵢₖ = (pᵢₖ − tᵢₖ) / n"
    latex = r"L = -\frac{1}{n} \sum_i \sum_k t_{ik} \log p_{ik}"
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{ik}} = -\frac{t_{ik}}{n\,p_{ik}},"
        r"\quad \frac{\partial L}{\partial z_{ik}} = \frac{p_{ik} - t_{ik}}{n}"
    )
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        number(self.name, "label_smoothing", self.label_smoothing, minimum=0.0, maximum=1.0)

    @property
    def _smoothing(self) -> float:
        return float(self.label_smoothing)


@dataclass(frozen=True)
class KLDivergence(Loss):
    """What it costs to take p for t (Kullback, Leibler 1951); both clipped to [1e-7, 1]."""

    name = "kl_divergence"
    target = "probabilities"
    formula = "L = (1/n) Σᵢ Σₖ tᵢₖ·log(tᵢₖ / pᵢₖ)"
    gradient_formula = "∂L/∂pᵢₖ = −tᵢₖ / (n·pᵢₖ)"
    latex = r"L = \frac{1}{n} \sum_i \sum_k t_{ik} \log \frac{t_{ik}}{p_{ik}}"
    gradient_latex = r"\frac{\partial L}{\partial p_{ik}} = -\frac{t_{ik}}{n\,p_{ik}}"

    def _encode(self, y_true: Any, pred: Array) -> Array:
        return self._encode_probabilities(y_true, pred)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return kernels.kl_divergence(truth, pred, weights, losses, EPSILON)
