"""Cross-entropy between classes, from probabilities or from logits.

From probabilities they are clipped at 1e-7 as in Keras; from logits (``from_logits=True``) softmax
is fused with it: the true loss, never clipped and never negative, whose gradient keeps pulling
where probabilities round to 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.exponential import log
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations import Softmax
from glassnet.activations.softmax import exponentials, subtract_row_max
from glassnet.errors import LabelError, ShapeError
from glassnet.losses.base import EPSILON, LogitLoss, WrittenOut, refuse_logits

INT64 = np.dtype(np.int64)


@kernel
def softmax_classes(
    classes: Array, z: Array, weights: Array, losses: Array, smoothing: float
) -> float:
    """lᵢ = log Σ eᶻ - z at the class    ∂lᵢ/∂z = p - t, with p = eᶻ/Σ eᶻ and t = 1 at the class

    Smoothing: t = 1 - s + s/k at the class and s/k elsewhere.
    Stops with NaN at a class outside 0..k-1 (a pass over them beforehand would cost as much as
    an activation); the caller says which.
    """
    n, k = z.shape
    number = z.dtype.type
    on, off = number(1.0 - smoothing), number(smoothing / k)
    subtract_row_max(z)
    for i in range(n):
        c = classes[i]
        if c < 0 or c >= k:
            return math.nan
        losses[i] = -on * z[i, c]
        if smoothing != 0.0:
            for j in range(k):
                losses[i] -= off * z[i, j]
    exponentials(z)
    sums = np.empty(n, z.dtype)
    for i in range(n):
        sum_e = number(0)
        for j in range(k):
            sum_e += z[i, j]
        sums[i] = sum_e
    for i in range(n):  # a loop of its own: eight logarithms at a time
        losses[i] += log(sums[i])
        sums[i] = number(1) / (number(n) * sums[i])
    mean = number(1) / number(n)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        total += w * losses[i]
        over, less = w * sums[i], w * mean * off
        for j in range(k):
            z[i, j] = z[i, j] * over - less
        z[i, classes[i]] -= w * mean * on
    return float(total / n)


@kernel
def softmax_rows(t: Array, z: Array, weights: Array, losses: Array) -> float:
    """lᵢ = Σ t·(log Σ eᶻ - z)    ∂lᵢ/∂z = p·Σt - t, with p = eᶻ/Σ eᶻ"""
    n, k = z.shape
    number = z.dtype.type
    zero = number(0)
    subtract_row_max(z)
    for i in range(n):
        losses[i] = zero
        for j in range(k):  # 0·log 0 = 0
            losses[i] -= t[i, j] * z[i, j] if t[i, j] != zero else zero
    exponentials(z)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n))
        sum_e, sum_t = zero, zero
        for j in range(k):
            sum_e += z[i, j]
            sum_t += t[i, j]
        losses[i] += sum_t * log(sum_e)
        total += w * losses[i]
        over = scale * sum_t / sum_e
        for j in range(k):
            z[i, j] = z[i, j] * over - scale * t[i, j]
    return float(total / n)


@kernel
def categorical_probabilities(
    t: Array, p: Array, weights: Array, losses: Array, epsilon: float
) -> float:
    """lᵢ = -Σ t·log c, with q = p/Σp and c = min(max(q, ε), 1 - ε)

    ∂lᵢ/∂p = (g - Σ g·q)/Σp, with g = ∂lᵢ/∂q = -t/q, and 0 where q is clipped
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low, high = number(epsilon), number(1.0 - epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        sum_p = zero
        for j in range(k):
            sum_p += p[i, j]
        scale = number(w / (number(n) * sum_p))
        row, sum_gq = zero, zero
        for j in range(k):
            target = t[i, j]
            q = p[i, j] / sum_p
            c = low if q < low else (high if q > high else q)
            if target != zero:
                row -= target * math.log(c)
            inside = zero if q < low or q > high else target
            sum_gq -= inside
            p[i, j] = -inside / c
        for j in range(k):
            p[i, j] = scale * (p[i, j] - sum_gq)
        losses[i] = row
        total += w * row
    return float(total / n)


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(LogitLoss):
    """How surprising the true class is; one probability (or logit) per class in a row.

    The targets are class numbers (n,), or rows of probabilities (n, k). Probabilities are divided
    by their row sum before they are clipped, as Keras does for rows. (For class numbers Keras on
    TensorFlow clips before it divides, which is the same unless something is clipped.)
    """

    name = "sparse_categorical_crossentropy"
    also = ("scce",)
    target = "classes"
    activation = Softmax()
    logits_name = "softmax_crossentropy"
    formula = "L = −(1/n) Σᵢ log pᵢ꜀, with c the class of sample i"
    gradient_formula = "∂L/∂pᵢ꜀ = −1 / (n·pᵢ꜀);  on logits: ∂L/∂zᵢₖ = (pᵢₖ − [k = c]) / n"
    latex = r"L = -\frac{1}{n} \sum_i \log p_{i c_i}"
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{i c_i}} = -\frac{1}{n\,p_{i c_i}},"
        r"\quad \frac{\partial L}{\partial z_{ik}} = \frac{p_{ik} - [k = c_i]}{n}"
    )
    written_out = WrittenOut(
        term=("{t}·log({p})", r"<t> \log(<p>)"),
        one_hot=("log({p})", r"\log(<p>)"),
        sum_slope=("1 − {t}/{p}", r"1 - \frac{<t>}{<p>}"),
        sign=("−", "-"),
        mean=False,
    )

    @property
    def _smoothing(self) -> float:
        return 0.0

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
                return softmax_rows(self._smooth(truth), pred, weights, losses)
            value = softmax_classes(truth, pred, weights, losses, self._smoothing)
            if math.isnan(value):
                self._refuse_outside(truth, pred.shape[1])
            return value
        if truth.ndim == 1:
            self._refuse_outside(truth, pred.shape[1])
            one_hot = np.zeros_like(pred)
            one_hot[np.arange(len(pred)), truth] = 1
            truth = one_hot
        return categorical_probabilities(self._smooth(truth), pred, weights, losses, EPSILON)

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
