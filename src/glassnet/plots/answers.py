"""What a model, or any function, answers at given points: one score for each class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.errors import LabelError, ShapeError
from glassnet.model import Sequential
from glassnet.plots.inputs import label_text


@runtime_checkable
class Predictor(Protocol):
    """Anything with ``predict``: a glassnet or Keras model, a scikit-learn estimator."""

    def predict(self, x: Any, /) -> Any: ...


@dataclass(frozen=True)
class Answers:
    """Scores (m, k), each row adding up to 1, and the labels as they stand in y (k,)."""

    scores: NDArray[np.float64]
    known: list[Any]

    @property
    def classes(self) -> NDArray[np.int64]:
        """The class with the largest score (m,); -1 where a score is not finite."""
        best: NDArray[np.int64] = np.nan_to_num(self.scores).argmax(axis=1)
        best[~np.isfinite(self.scores).all(axis=1)] = -1
        return best

    def index(self, y: ArrayLike) -> NDArray[np.int64]:
        """The class numbers of labels (or one-hot rows).

        Raises:
            LabelError: a label that the model does not know.
        """
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] == len(self.known):
            return np.asarray(labels.argmax(axis=1))
        table = {label: number for number, label in enumerate(self.known)}
        found = [table.get(label, -1) for label in labels.ravel().tolist()]
        index = np.array(found, dtype=np.int64)
        if (index < 0).any():
            row = int(np.argmax(index < 0))
            raise LabelError(
                f"y[{row}] is {labels.ravel()[row]!r}, but the model answers with "
                f"{len(self.known)} classes: {', '.join(map(label_text, self.known))}."
            )
        return index


def outputs(model: Any, points: NDArray[np.float64]) -> NDArray[Any]:
    """``model.predict(points)`` or ``model(points)``, one row for each point.

    Raises:
        ShapeError: another number of rows.
        TypeError: neither a model nor a function.
    """
    if isinstance(model, Predictor):
        answer = np.asarray(model.predict(points))
    elif callable(model):
        answer = np.asarray(model(points))
    else:
        raise TypeError(
            f"{type(model).__name__} cannot predict: pass a model, or a function that takes "
            "points (m, n) and returns outputs (m, k) or labels (m,)."
        )
    if answer.ndim not in (1, 2) or len(answer) != len(points):
        raise ShapeError(
            f"the model answered shape {answer.shape} for {len(points)} points; expected "
            f"({len(points)}, k), one row for each."
        )
    return answer


def ask(
    model: Any,
    points: Iterable[NDArray[np.float64]],
    y: ArrayLike | None = None,
    threshold: float | None = None,
) -> Answers:
    """The answers at ``points``, asked part by part; ``y`` (if given) tells which labels there are.

    A single output means two classes, above and below ``threshold``.

    Raises:
        ShapeError: outputs that do not fit the labels.
    """
    raw = np.concatenate([outputs(model, part) for part in points])
    asked = [] if y is None else _sorted_labels(y)
    if raw.dtype.kind not in "fc":  # labels
        known = sorted({*raw.ravel().tolist(), *asked}, key=_order)
        table = {label: number for number, label in enumerate(known)}
        return Answers(np.eye(len(known))[[table[label] for label in raw.ravel().tolist()]], known)
    scores = raw.astype(np.float64).reshape(len(raw), -1)
    scores = _two_classes(scores[:, 0], model, threshold) if scores.shape[1] == 1 else scores
    k = scores.shape[1]
    known = list(range(k))
    if isinstance(model, Sequential) and model.classes is not None and len(model.classes) == k:
        known = model.classes.tolist()
    elif len(asked) == k:
        known = asked
    elif not set(asked) <= set(known):
        raise ShapeError(
            f"y has {len(asked)} classes, but the model answers with {raw[0].size} outputs: "
            "expected one output for each class, or a single one for two classes."
        )
    return Answers(_shares(scores), known)


def _two_classes(
    value: NDArray[np.float64], model: Any, threshold: float | None
) -> NDArray[np.float64]:
    """(m,) -> (m, 2): the share of the second class is 1/2 at the threshold."""
    if threshold is None:
        threshold = _threshold(model)
    if threshold == 0.5 and not ((value < 0) | (value > 1)).any():
        second = value
    else:
        second = 0.5 + 0.5 * np.tanh((value - threshold) / 2)  # sigmoid, without overflow
    return np.stack([1 - second, second], axis=1)


def _threshold(model: Any) -> float:
    """Where the second of two classes begins: as ``predict_classes`` has it."""
    if not isinstance(model, Sequential) or model.objective is None:
        return 0.5
    return model.objective.given.threshold


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities as they are; anything else through softmax."""
    finite = scores[np.isfinite(scores).all(axis=1)]
    if not finite.size or ((finite >= 0).all() and np.allclose(finite.sum(axis=1), 1, atol=1e-3)):
        return scores
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sorted_labels(y: ArrayLike) -> list[Any]:
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        return list(range(labels.shape[1]))
    return sorted(set(labels.ravel().tolist()), key=_order)


def _order(label: Any) -> tuple[bool, Any]:
    return (isinstance(label, str), label)  # numbers before words


def class_labels(known: Sequence[Any], class_names: Sequence[Any] | None) -> list[str]:
    """The names to write for the classes.

    Raises:
        ShapeError: not one name for each class.
    """
    if class_names is None:
        return [label_text(label) for label in known]
    if len(class_names) != len(known):
        raise ShapeError(
            f"{len(class_names)} class names for {len(known)} classes: pass one for each."
        )
    return [str(name) for name in class_names]
