"""Labels as the estimators' users give them, as the network's numbers, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse
from sklearn.utils.multiclass import type_of_target, unique_labels

from glassnet._core.types import Array
from glassnet.errors import LabelError
from glassnet.losses import Loss
from glassnet.sklearn.rows import is_sparse

Kind = Literal["binary", "multiclass", "multilabel-indicator"]


@dataclass
class Labels:
    """The classes, and how many outputs a network needs for them.

    Attributes:
        kind: "binary" (one class alone counts as such), "multiclass", or
            "multilabel-indicator": rows of 0 and 1, several of which may be 1.
        classes: sorted; for rows of 0 and 1 the numbers of the columns.
        sparse: the rows came as a sparse matrix, and so predictions are one.
    """

    kind: Kind
    classes: Array
    sparse: bool = False

    @classmethod
    def of(cls, y: Any) -> Labels:
        """What ``y`` holds.

        Raises:
            LabelError: real values, or rows of more than 0 and 1.
        """
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass", "multilabel-indicator"):
            raise LabelError(
                f"Unknown label type: {kind}. A classifier expects labels of shape (n,), or rows "
                "of 0 and 1; real values are for a regressor."
            )
        return cls(kind, unique_labels(y), is_sparse(y))

    @property
    def outputs(self) -> int:
        """One number for two classes, else one for each."""
        return 1 if self.kind == "binary" else len(self.classes)

    def check(self, y: Any) -> Array:
        """The labels that ``y`` holds, if it is of the same kind as before.

        Raises:
            LabelError: rows where single labels were learned, or the other way round.
        """
        found = Labels.of(y)
        rows = "multilabel-indicator"
        if (found.kind == rows) != (self.kind == rows) or (
            self.kind == rows and len(found.classes) != len(self.classes)
        ):
            raise LabelError(
                f"y is {found.kind} with {len(found.classes)} classes, but the estimator was "
                f"fitted on {self.kind} with {len(self.classes)}."
            )
        return found.classes

    def encode(self, y: Any, loss: Loss, outputs: int, dtype: np.dtype[Any]) -> Array:
        """What ``loss`` reads: class numbers (n,), or rows (n, outputs) of 0 or -1, and 1."""
        if self.kind == "multilabel-indicator":
            given = y.toarray() if is_sparse(y) else np.asarray(y)
            rows = np.ascontiguousarray(given != 0, dtype=dtype)
        else:
            numbers = np.searchsorted(self.classes, np.asarray(y).reshape(-1)).astype(np.int64)
            if loss.target == "classes":
                return numbers
            if outputs == 1:
                rows = numbers.astype(dtype).reshape(-1, 1)
            else:
                rows = np.zeros((len(numbers), outputs), dtype)
                rows[np.arange(len(numbers)), numbers] = 1
        return rows * 2 - 1 if loss.target == "signs" else rows

    def decode(self, outputs: Array, threshold: float = 0.5) -> Any:
        """The most likely label of each row, or the rows of 0 and 1."""
        if self.kind == "multilabel-indicator":
            rows = (outputs > threshold).astype(int)
            return scipy.sparse.csr_matrix(rows) if self.sparse else rows
        if outputs.shape[1] == 1:
            numbers = (outputs[:, 0] > threshold).astype(np.int64)
            numbers = np.minimum(numbers, len(self.classes) - 1)  # one class alone
        else:
            numbers = outputs.argmax(axis=1)
        return self.classes[numbers]

    def hits(self, y: Array, outputs: Array, threshold: float = 0.5) -> Array:
        """Whether each row of ``outputs`` says what the encoded ``y`` says, all of it."""
        if outputs.shape[1] == 1 or self.kind == "multilabel-indicator":
            return np.asarray(((outputs > threshold) == (y > threshold)).all(axis=1))
        numbers = y if y.ndim == 1 else y.argmax(axis=1)
        return np.asarray(outputs.argmax(axis=1) == numbers)
