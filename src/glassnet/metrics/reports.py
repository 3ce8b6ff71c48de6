"""How good a finished model is, by scikit-learn's definitions; the tests compare with it.

They are written out here because importing scikit-learn takes longer than training a small
network and judging it: a third of ``glassnet train spiral``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.errors import DataError, LabelError, ShapeError


@dataclass(frozen=True)
class ClassScores:
    """Precision, recall, F1 of one class, and how many samples there are of it."""

    label: Any
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ClassificationReport:
    """A classifier judged on n samples.

    ``precision``, ``recall`` and ``f1`` are means over the classes that occur among the labels
    or the predictions ("macro"). In ``confusion_matrix`` rows are true classes, columns
    predicted ones. None where a number is not defined: ``top_k`` with k or fewer classes,
    ``log_loss`` without probabilities, ``roc_auc`` where only one class occurs.
    """

    samples: int
    accuracy: float
    top_k: float | None
    k: int
    precision: float
    recall: float
    f1: float
    log_loss: float | None
    roc_auc: float | None
    per_class: list[ClassScores]
    confusion_matrix: list[list[int]]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """A row for each class, then all of them, as scikit-learn prints it."""
        names = [str(row.label) for row in self.per_class]
        wide = max(map(len, [*names, "accuracy"]))
        lines = [" " * wide + "  precision    recall        f1   samples"]
        scores = [(r.precision, r.recall, r.f1, r.support) for r in self.per_class]
        scores.append((self.precision, self.recall, self.f1, self.samples))
        for name, (*three, count) in zip([*names, "mean"], scores):
            numbers = "".join("         –" if s is None else f"{s:10.4f}" for s in three)
            lines.append(f"{name:>{wide}} {numbers}{count:10,}")
        lines.append(f"{'accuracy':>{wide}} {self.accuracy:10.4f}")
        return "\n".join(lines)


def classification_report(
    y_true: ArrayLike,
    y_pred_classes: ArrayLike,
    probabilities: ArrayLike | None = None,
    classes: Sequence[Any] | None = None,
    k: int = 5,
) -> ClassificationReport:
    """Judge predicted classes, and probabilities where there are any.

    Args:
        y_true, y_pred_classes: labels (n,), in the form of ``classes``.
        probabilities: (n, number of classes) in the order of ``classes``; for two classes also
            (n,) or (n, 1), the probability of the second. Scores that are not probabilities
            give the ROC AUC but no log loss.
        classes: all labels; None: those that occur, sorted.

    Raises:
        DataError: no samples.
        LabelError: a label that is not among the classes.
        ShapeError: lengths that differ.
    """
    labels, predicted = np.asarray(y_true).ravel(), np.asarray(y_pred_classes).ravel()
    if len(labels) != len(predicted):
        raise ShapeError(f"{len(labels)} labels came with {len(predicted)} predictions.")
    if not len(labels):
        raise DataError("no samples came: there is nothing to judge.")
    names = list(np.unique(np.concatenate([labels, predicted])) if classes is None else classes)
    true, pred = _numbers(labels, names), _numbers(predicted, names)
    count = len(names)
    matrix = np.bincount(true * count + pred, minlength=count**2).reshape(count, count)
    hits, support, claimed = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    precision, recall = _share(hits, claimed), _share(hits, support)
    f1 = _share(2 * hits, support + claimed)
    occur = support + claimed > 0
    p = None if probabilities is None else _columns(np.asarray(probabilities, float), count)
    if p is not None and len(p) != len(true):
        raise ShapeError(f"{len(true)} labels came with {len(p)} rows of probabilities.")
    return ClassificationReport(
        samples=len(true),
        accuracy=float(hits.sum() / len(true)),
        top_k=None if p is None or k >= count else _top_k(true, p, k),
        k=k,
        precision=float(precision[occur].mean()),
        recall=float(recall[occur].mean()),
        f1=float(f1[occur].mean()),
        log_loss=None if p is None else log_loss(true, p),
        roc_auc=None if p is None else area_under_roc(true, p),
        per_class=[
            ClassScores(_python_label(name), float(a), float(b), float(c), int(n))
            for name, a, b, c, n in zip(names, precision, recall, f1, support)
        ],
        confusion_matrix=matrix.tolist(),
    )


def _share(part: Array, whole: Array) -> Array:
    """part / whole, and 0 where that is 0 / 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _python_label(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _numbers(labels: Array, names: Sequence[Any]) -> Array:
    number = {_python_label(name): i for i, name in enumerate(names)}
    strange = [label for label in labels.tolist() if label not in number]
    if strange:
        raise LabelError(f"the label {strange[0]!r} is not among the classes {list(number)}.")
    return np.array([number[label] for label in labels.tolist()])


def _columns(p: Array, k: int) -> Array:
    """Scores with one column for each class."""
    if p.ndim == 1 or p.shape[1] == 1:
        p = p.reshape(-1)
        p = np.stack([1.0 - p, p], axis=1)
    if p.shape[1] != k:
        raise ShapeError(f"probabilities of shape {p.shape} came for {k} classes.")
    return p


def _top_k(true: Array, p: Array, k: int) -> float:
    """The share of samples whose class is among the k with the highest scores."""
    best = np.argsort(p, axis=1, kind="stable")[:, -k:]
    return float((best == true[:, np.newaxis]).any(axis=1).mean())


def log_loss(true: Array, p: Array) -> float | None:
    """-Σ log p(true class) / n, with p at least 2⁻⁵²."""
    sums = p.sum(axis=1, keepdims=True)
    if p.shape[1] < 2 or (p < 0).any() or not np.allclose(sums, 1.0, atol=1e-3):
        return None
    epsilon = np.finfo(np.float64).eps
    of_true = (p / sums)[np.arange(len(p)), true]
    return float(-np.log(np.clip(of_true, epsilon, 1 - epsilon)).mean())


def area_under_roc(true: Array, p: Array) -> float | None:
    """The mean over classes of one against the rest; for two classes that is one number."""
    occur = [c for c in range(p.shape[1]) if 0 < (true == c).sum() < len(true)]
    if not occur or not np.isfinite(p).all():
        return None
    return float(np.mean([_area(true == c, p[:, c]) for c in occur]))


def _area(yes: Array, scores: Array) -> float:
    """The chance that a sample of the class has a higher score than another one; ties half.

    (R - m·(m + 1)/2) / (m·(n - m)), with R the sum of the ranks of its m samples
    (Mann, Whitney 1947); equal scores share the mean of their ranks.
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    m, n = int(yes.sum()), len(yes)
    return float((ranks[yes].sum() - m * (m + 1) / 2) / (m * (n - m)))


@dataclass(frozen=True)
class RegressionReport:
    """Predicted values judged on n samples; several outputs count alike.

    ``r2`` is None for a single sample, where it is not defined.
    """

    samples: int
    mae: float
    mse: float
    rmse: float
    r2: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def regression_report(y_true: ArrayLike, y_pred: ArrayLike) -> RegressionReport:
    """Judge predicted values, (n,) or (n, outputs).

    Raises:
        DataError: no samples.
        ShapeError: shapes that differ.
    """
    true, pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    if true.size != pred.size or len(true) != len(pred):
        raise ShapeError(f"targets {true.shape} came with predictions {pred.shape}.")
    if not true.size:
        raise DataError("no samples came: there is nothing to judge.")
    true, pred = true.reshape(len(true), -1), pred.reshape(len(pred), -1)
    squares = ((true - pred) ** 2).mean(axis=0)
    mse = float(squares.mean())
    return RegressionReport(
        samples=len(true),
        mae=float(np.abs(true - pred).mean()),
        mse=mse,
        rmse=float(np.sqrt(mse)),
        r2=_r2(squares, true.var(axis=0)) if len(true) > 1 else None,
    )


def _r2(squares: Array, variances: Array) -> float:
    """The mean over outputs of 1 - Σ(t - y)² / Σ(t - mean)².

    For a target that is always the same: 1 where it is met exactly, else 0.
    """
    constant = variances == 0
    shares = np.where(constant, squares > 0, squares / np.where(constant, 1.0, variances))
    return float((1.0 - shares).mean())
