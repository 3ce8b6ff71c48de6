"""How y is read: labels for the classifiers, values for the regressors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin, _fit_context
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import unique_labels

from glassnet._core.types import Array
from glassnet.errors import ConfigError, LabelError
from glassnet.metrics import R2
from glassnet.sklearn.base import NeuralEstimator, Reading, makes_steps
from glassnet.sklearn.labels import Labels
from glassnet.sklearn.sequential import SklearnSequential


def _one_column(y: Any) -> Any:
    """A matrix of one column as a vector; warns of it, as scikit-learn does."""
    return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y


class Classifying(ClassifierMixin, NeuralEstimator):  # type: ignore[misc]
    """Labels in, labels and probabilities out."""

    @available_if(makes_steps)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """One epoch over X and y; the first call must know all ``classes`` to come."""
        self._first_classes(y, classes)
        self._fit(X, y, sample_weight, incremental=True)
        return self

    def _read_y(self, y: Any, how: Reading) -> Any:
        y = _one_column(y)
        if how == "learn":
            self._labels = Labels.of(y)
            self.classes_ = self._labels.classes
            return y
        found = self._labels.check(y)
        if how == "same" and not np.array_equal(found, self.classes_):
            raise LabelError(
                f"with warm_start, y must have the same classes as before: those were "
                f"{self.classes_}, now they are {found}."
            )
        strange = np.setdiff1d(found, self.classes_)
        if len(strange):
            raise LabelError(f"y holds {strange}, but the classes are {self.classes_}.")
        return y

    def _first_classes(self, y: Any, classes: Any) -> None:
        """What the first ``partial_fit`` knows of the labels to come."""
        known = getattr(self, "classes_", None)
        if known is None and classes is None:
            raise LabelError("the first partial_fit needs classes: all labels that will come.")
        if classes is None:
            return
        if known is None:
            found = Labels.of(y)
            rows = found.kind == "multilabel-indicator"
            self._labels = found if rows else Labels.of(np.asarray(classes))
            self.classes_ = self._labels.classes
        elif not np.array_equal(known, unique_labels(classes)):
            raise LabelError(f"classes={classes!r}, but the first call had {known}.")

    def _encode_y(self, y: Any, network: SklearnSequential) -> Array:
        return self._labels.encode(y, network.loss, network.outputs, network.dtype)

    def _class_weights(self, y: Any, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return sample_weight
        if self.class_weight == "balanced" and self._labels.sparse:
            y = y.toarray()
        weights: Array = compute_sample_weight(self.class_weight, y)
        return weights if sample_weight is None else weights * sample_weight

    def _stratify(self, y: Array) -> Array | None:
        # scikit-learn keeps the shares of two classes, and draws freely from more
        return y.reshape(-1) > 0.5 if self._labels.kind == "binary" else None

    def _score_outputs(self, y: Array, outputs: Array, sample_weight: Array | None) -> float:
        if not np.isfinite(outputs).all():
            return float("nan")
        hits = self._labels.hits(y, outputs, self.network_.loss.threshold)
        return float(np.average(hits, weights=sample_weight))

    def predict(self, X: Any) -> Any:
        """The label of each row of ``X``; with several labels at once, rows of 0 and 1."""
        outputs = self._outputs(X)
        return self._labels.decode(outputs, self.network_.loss.threshold)

    def _probabilities(self, X: Any) -> Array:
        outputs = self._outputs(X)
        p: Array = self.network_.loss.probabilities(outputs)
        if p.shape[1] > 1 or self._labels.kind == "multilabel-indicator":
            return p
        if len(self.classes_) == 1:
            return np.ones_like(p)
        return np.hstack([1 - p, p])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = self._takes_sparse
        return tags


class Regressing(RegressorMixin, NeuralEstimator):  # type: ignore[misc]
    """Values in, values out."""

    _y_numeric = True

    @available_if(makes_steps)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch over X and y."""
        self._fit(X, y, sample_weight, incremental=True)
        return self

    def _read_y(self, y: Any, how: Reading) -> Any:
        y = _one_column(y)
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if how != "learn" and hasattr(self, "network_") and outputs != self.n_outputs_:
            raise ConfigError(f"y has {outputs} columns, but the fit began with {self.n_outputs_}.")
        return y

    def _encode_y(self, y: Any, network: SklearnSequential) -> Array:
        return np.ascontiguousarray(y.reshape(len(y), -1), dtype=network.dtype)

    def _score_outputs(self, y: Array, outputs: Array, sample_weight: Array | None) -> float:
        if not np.isfinite(outputs).all():
            return float("nan")
        r2 = R2()
        r2.update(y, outputs, sample_weight)
        return r2.result()

    def predict(self, X: Any) -> Array:
        """The value of each row of ``X``, (n,) or (n, outputs)."""
        outputs = self._outputs(X)
        return outputs.reshape(-1) if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.sparse = self._takes_sparse
        return tags
