"""From the labels as the user has them to the numbers that a loss reads, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.data.arrays import as_type
from glassnet.errors import DataError, LabelError
from glassnet.losses import Loss


@dataclass
class Targets:
    """How the y of one model is read.

    Integer, string and boolean labels, and one-hot rows, all mean the same and give the
    same loss.  The classes are kept, so that predictions come back as the labels went in.

    Attributes:
        loss: what reads the encoded targets.
        outputs: how many numbers the network gives for one sample.
        dtype: of the encoded targets where they are not class numbers.
        classes: the labels in the order of the outputs; None until seen, or for regression.
    """

    loss: Loss
    outputs: int
    dtype: np.dtype[Any]
    classes: Array | None = None

    def encode(self, y: ArrayLike, learn: bool = False, part: bool = False) -> Array:
        """``y`` as the loss reads it; with ``learn``, the classes are taken from it.

        ``part``: it is one batch of more, and may hold a single class of 0 … k-1.

        Raises:
            LabelError: labels outside the classes, or of a form that does not fit the loss.
            DataError: empty or not finite.
        """
        y = np.asarray(y)
        if y.ndim == 0 or len(y) == 0:
            raise DataError(f"y has shape {y.shape}: expected one label or value for each sample.")
        if y.dtype == object:
            y = _from_objects(y)
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            row = int(np.argwhere(~np.isfinite(y))[0][0])
            raise DataError(
                f"y: row {row} is {y[row]}; expected finite numbers. Drop that row or fill it in."
            )
        if y.dtype.kind not in "fiubU":
            raise LabelError(f"y has type {y.dtype}: expected numbers, booleans or strings.")
        kind = self.loss.target
        if kind == "classes":
            return self._classes(y, learn, part)
        if kind in ("probabilities", "signs") and (y.ndim == 1 or y.shape[1:] == (1,)):
            return self._two_classes(y.reshape(-1), learn, part)
        return self._values(y)

    def decode(self, outputs: Array) -> Array:
        """The label of each row of the network's outputs."""
        if self.outputs == 1:
            number = (outputs.reshape(-1) > self.loss.threshold).astype(np.int64)
        else:
            number = outputs.argmax(axis=-1)
        return number if self.classes is None else self.classes[number]

    # ---- the forms ---------------------------------------------------------------------

    def _classes(self, y: Array, learn: bool, part: bool) -> Array:
        """Class numbers (n,), or rows of probabilities (n, k)."""
        k = self.outputs
        if y.ndim == 2 and y.shape[1] == 1 and k > 1:
            y = y.reshape(-1)
        if y.ndim == 2:
            return self._rows(y, learn)
        if y.ndim != 1:
            raise LabelError(
                f"y has shape {y.shape}; expected (n,) labels or (n, {k}) one-hot rows."
            )
        if y.dtype.kind == "f":
            if not (y == np.rint(y)).all():
                first = y[y != np.rint(y)][0]
                raise LabelError(
                    f"y holds {first:g}, which is no class: {self.loss.name} expects labels. For "
                    "real values use the loss 'mean_squared_error'."
                )
            y = y.astype(np.int64)
        if learn and self.classes is None:
            self.classes = self._learn(y, k, part)
        return self._numbers(y)

    def _rows(self, y: Array, learn: bool) -> Array:
        k = self.outputs
        if y.shape[1] != k:
            raise LabelError(
                f"y has {y.shape[1]} columns, but the network has {k} outputs. Give the last layer "
                f"{y.shape[1]} units, or pass labels of shape (n,)."
            )
        if y.dtype.kind == "U":
            raise LabelError("y holds rows of strings: expected labels of shape (n,).")
        rows = y.astype(self.dtype)
        bad = np.flatnonzero((rows < 0).any(axis=1) | (abs(rows.sum(axis=1) - 1) > 1e-3))
        if bad.size:
            raise LabelError(
                f"y: row {bad[0]} is {y[bad[0]].tolist()}; {self.loss.name} expects one-hot rows, "
                "or rows of probabilities that sum to 1. For several labels at once use a "
                "sigmoid output and the loss 'binary_crossentropy'."
            )
        if learn and self.classes is None:
            self.classes = np.arange(k)
        one_hot = ((rows == 0) | (rows == 1)).all()
        if one_hot:
            return np.asarray(rows.argmax(axis=1))
        if self.loss.name == "sparse_categorical_crossentropy":
            raise LabelError(
                "y holds rows of probabilities, but sparse_categorical_crossentropy expects class "
                "labels. Use the loss 'categorical_crossentropy'."
            )
        return rows

    def _two_classes(self, y: Array, learn: bool, part: bool) -> Array:
        """0 and 1 (or -1 and 1), as a column."""
        if self.outputs != 1:
            raise LabelError(
                f"y holds one label for each sample, but {self.loss.name} reads {self.outputs} "
                f"outputs. For one of {self.outputs} classes use softmax with "
                "'sparse_categorical_crossentropy'; for several at once pass 0/1 rows of shape "
                f"(n, {self.outputs})."
            )
        soft = (
            y.dtype.kind == "f"
            and self.loss.target == "probabilities"
            and ((y >= 0) & (y <= 1)).all()
        )
        if soft and not ((y == 0) | (y == 1)).all():  # probabilities as targets
            return y.astype(self.dtype).reshape(-1, 1)
        if y.dtype.kind == "f" and (y == np.rint(y)).all():
            y = y.astype(np.int64)
        if y.dtype.kind == "f":
            raise LabelError(
                f"y holds {y[0]:g}, but {self.loss.name} expects two classes, as in 0 and 1."
            )
        if learn and self.classes is None:
            self.classes = self._learn(y, 2, part)
        number = self._numbers(y).astype(self.dtype).reshape(-1, 1)
        return number * 2 - 1 if self.loss.target == "signs" else number

    def _values(self, y: Array) -> Array:
        if y.dtype.kind == "U":
            raise LabelError(
                f"y holds strings, but {self.loss.name} expects numbers. For classes use softmax "
                "with 'sparse_categorical_crossentropy'."
            )
        values = as_type(y, self.dtype, "y")
        if values.ndim == 1 and self.outputs == 1:
            values = values.reshape(-1, 1)
        if values.ndim == 1:
            raise LabelError(
                f"y has shape {y.shape}, but the network has {self.outputs} outputs: expected "
                f"(n, {self.outputs}). For class labels use softmax with "
                "'sparse_categorical_crossentropy'."
            )
        if values.shape[1:] != (self.outputs,):
            raise LabelError(
                f"y has shape {y.shape}; expected (n, {self.outputs}), one value for each output."
            )
        if self.loss.target == "probabilities" and not ((values >= 0) & (values <= 1)).all():
            row = int(np.argwhere((values < 0) | (values > 1))[0][0])
            raise LabelError(
                f"y: row {row} is {y[row].tolist()}; {self.loss.name} expects numbers from 0 to 1."
            )
        if self.loss.target == "signs" and ((values == 0) | (values == 1)).all():
            values = values * 2 - 1
        return values

    # ---- the classes -------------------------------------------------------------------

    def _learn(self, y: Array, k: int, part: bool) -> Array:
        """The classes of ``y``: 0 … k-1 if it holds only those, else what it holds, sorted."""
        found = np.unique(y)
        whole = found.dtype.kind in "iu"
        if whole and found[0] >= 0 and found[-1] < k and (part or len(found) > 1):
            return np.arange(k)
        if len(found) == 1:
            raise LabelError(
                f"y holds only the class {found[0].item()!r}: a network cannot tell one class "
                "from nothing. Pass samples of at least two."
            )
        if len(found) != k:
            shown = ", ".join(map(str, found[:6].tolist())) + (" …" if len(found) > 6 else "")
            way = (
                "For more than two classes use softmax with 'sparse_categorical_crossentropy'."
                if self.outputs == 1
                else f"Give the last layer {len(found)} units."
            )
            raise LabelError(
                f"y holds {len(found)} classes ({shown}), but the network has outputs for {k}. "
                f"{way}"
            )
        return found

    def _numbers(self, y: Array) -> Array:
        """The number of each label among the classes."""
        classes = self.classes
        if classes is None:
            classes = np.arange(2 if self.outputs == 1 else self.outputs)
        if classes.dtype.kind == "U" and y.dtype.kind != "U":
            raise LabelError(f"y holds {y[0]!r}, but the classes are {classes.tolist()}.")
        if y.dtype.kind == "U" and classes.dtype.kind != "U":
            raise LabelError(f"y holds {str(y[0])!r}, but the classes are {classes.tolist()}.")
        where = np.searchsorted(classes, y)
        where = np.minimum(where, len(classes) - 1)
        wrong = np.flatnonzero(classes[where] != y)
        if wrong.size:
            shown = classes.tolist() if len(classes) <= 12 else f"{classes[0]} … {classes[-1]}"
            raise LabelError(
                f"y: row {wrong[0]} is {y[wrong[0]].item()!r}, which is not among the classes "
                f"{shown}."
            )
        return where.astype(np.int64)


def _from_objects(y: Array) -> Array:
    """Strings, booleans or numbers out of an object array, as pandas gives them."""
    kinds = {type(v) for v in y.reshape(-1)}
    if kinds and all(issubclass(kind, str) for kind in kinds):
        return y.astype(str)
    if kinds and all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        return y.astype(bool)
    if kinds and all(issubclass(k, (int, float, np.number)) and k is not bool for k in kinds):
        return np.array(y.tolist())
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise LabelError(f"y is an object array of {names}: expected numbers, booleans or strings.")


def balanced(numbers: Array, count: int) -> Array:
    """A weight for each of ``count`` classes, so that all count alike: n/(k·n_c).

    n samples, n_c of them of class c; k of the classes occur (scikit-learn's "balanced").

    >>> balanced(np.array([0, 0, 0, 1]), 3).tolist()
    [0.6666666666666666, 2.0, 0.0]
    """
    found = np.bincount(numbers, minlength=count).astype(np.float64)
    shares = np.count_nonzero(found) * found
    return np.divide(len(numbers), shares, out=np.zeros(count), where=found > 0)


def sample_weights(
    encoded: Array,
    sample_weight: ArrayLike | None,
    class_weight: dict[Any, float] | str | None,
    targets: Targets,
) -> Array | None:
    """One weight for each sample: its own, times that of its class.

    Raises:
        DataError: negative or not finite weights, or not one for each sample.
        LabelError: a class weight for a class that there is not.
    """
    n = len(encoded)
    weights: Array | None = None
    if sample_weight is not None:
        try:
            weights = np.asarray(sample_weight, dtype=targets.dtype)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"sample_weight must hold one number for each sample: {error}."
            ) from None
        if weights.shape != (n,):
            raise DataError(f"sample_weight has shape {weights.shape}; expected ({n},).")
        bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
        if bad.size:
            raise DataError(
                f"sample_weight: row {bad[0]} is {weights[bad[0]]}; expected numbers of at least 0."
            )
    if class_weight is not None:
        if targets.loss.target == "values" or (encoded.ndim == 2 and encoded.shape[1] > 1):
            raise LabelError("class_weight needs one class label for each sample.")
        numbers = encoded if encoded.ndim == 1 else (encoded[:, 0] > 0).astype(np.int64)
        count = 2 if targets.outputs == 1 else targets.outputs
        classes = list(range(count)) if targets.classes is None else targets.classes.tolist()
        table = np.ones(count, targets.dtype)
        if class_weight == "balanced":
            class_weight = dict(zip(classes, balanced(numbers, count).tolist()))
        if not isinstance(class_weight, Mapping):
            raise DataError(
                f"class_weight is {class_weight!r}; expected a dict of weights by class, as in "
                '{0: 1.0, 1: 2.5}, or "balanced".'
            )
        for label, weight in class_weight.items():
            if label not in classes:
                raise LabelError(f"class_weight names {label!r}; the classes are {classes}.")
            if not (isinstance(weight, (int, float, np.number)) and 0 <= weight < np.inf):
                raise DataError(f"class_weight of {label!r} is {weight!r}; expected at least 0.")
            table[classes.index(label)] = weight
        by_class = table[numbers]
        weights = by_class if weights is None else weights * by_class
    return weights
