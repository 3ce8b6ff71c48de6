"""The perceptron: one unit with a step, and a learning rule of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.settings import number, whole_number
from glassnet._core.types import Array
from glassnet.activations import step
from glassnet.data.arrays import check_arrays, check_finite, check_x
from glassnet.errors import DataError, LabelError, NotBuiltError, ShapeError


class Perceptron:
    """y = h(b + w₁·x₁ + w₂·x₂ + …) with the step h, for two classes.

    No gradient passes a step, so it is not trained by descent but by its own rule
    (Rosenblatt, 1958): for each sample in turn, with t the true and y the given answer,

        w ← w + learning_rate·(t - y)·x,    b ← b + learning_rate·(t - y)

    It ends at the first pass without a mistake, which comes if a straight line can part the
    classes (AND, OR), and never otherwise (XOR).

    By hand, as in the books:

    >>> AND = Perceptron(w=[0.5, 0.5], b=-0.7)
    >>> AND.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0, 0, 0, 1])

    By its rule:

    >>> OR = Perceptron().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1])
    >>> OR.converged, OR.predict([[0, 0], [0, 1]])
    (True, array([0, 1]))

    Attributes:
        w: (features,) the weights.
        b: the bias.
        mistakes: wrong answers in each pass of the last ``fit``.
        converged: whether the last pass had none.
        classes: the two labels; the second is the one for which the unit fires.
    """

    def __init__(
        self, w: ArrayLike | None = None, b: float = 0.0, learning_rate: float = 1.0
    ) -> None:
        self.learning_rate = number("Perceptron", "learning_rate", learning_rate, above=0.0)
        self.w: Array | None = None
        if w is not None:
            try:
                self.w = np.array(w, dtype=np.float64)
                check_finite(self.w, "w")
            except (TypeError, ValueError) as error:
                raise DataError(f"Perceptron: w is no row of numbers: {error}.") from None
            if self.w.ndim != 1:
                raise ShapeError(f"Perceptron: w has shape {self.w.shape}; expected one row.")
        self.b = number("Perceptron", "b", b)
        self.classes: Array = np.array([0, 1])
        self.mistakes: list[int] = []
        self.converged = False

    def fit(self, x: ArrayLike, y: ArrayLike, max_passes: int = 1000) -> Perceptron:
        """Go through the samples until all are right, at most ``max_passes`` times.

        Begins with the weights as they are, or with zeros.

        Raises:
            LabelError: not two classes.
            ShapeError: not (n, features) with the features of ``w``.
        """
        passes = whole_number("Perceptron", "max_passes", max_passes)
        samples, labels = check_arrays(x, y)
        found = np.unique(labels)
        if labels.ndim != 1 or len(found) != 2:
            raise LabelError(
                f"Perceptron: y has {len(found)} classes in shape {labels.shape}; it tells two "
                "apart. For more use a Sequential with softmax."
            )
        rows = samples.astype(np.float64)
        if self.w is None and rows.ndim == 2:
            self.w = np.zeros(rows.shape[1])
        w = self._check(rows)
        self.classes = found
        targets = (labels == found[1]).astype(np.float64)
        self.mistakes = []
        for _ in range(passes):
            wrong = 0
            for xi, t in zip(rows, targets):
                error = t - step(xi @ w + self.b)
                w += self.learning_rate * error * xi
                self.b += self.learning_rate * error
                wrong += error != 0
            self.mistakes.append(int(wrong))
            if wrong == 0:
                break
        self.converged = self.mistakes[-1] == 0
        return self

    def predict(self, x: ArrayLike) -> Array:
        """The label of each row of ``x``."""
        rows = check_x(x).astype(np.float64)
        fires = step(rows @ self._check(rows) + self.b).astype(np.int64)
        labels: Array = self.classes[fires]
        return labels

    def _check(self, x: Array) -> Array:
        """The weights, if ``x`` fits them."""
        if self.w is None:
            raise NotBuiltError("Perceptron: has no weights yet. Call fit(x, y), or give w and b.")
        if x.ndim != 2 or x.shape[1] != len(self.w):
            raise ShapeError(
                f"Perceptron: x has shape {x.shape}; expected (n, {len(self.w)}), a row of "
                f"{len(self.w)} features for each sample."
            )
        return self.w

    def __repr__(self) -> str:
        w = None if self.w is None else self.w.tolist()
        return f"Perceptron(w={w}, b={self.b:g}, learning_rate={self.learning_rate:g})"
