"""TabularClassifier and TabularRegressor: a table as it is, learned by an ensemble of networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, _fit_context
from sklearn.utils import (
    check_array,
    check_consistent_length,
    check_random_state,
    column_or_1d,
    compute_sample_weight,
)
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from glassnet._core.types import Array
from glassnet.data.columns import as_table, is_table
from glassnet.data.tables import dataset_from
from glassnet.errors import LabelError
from glassnet.layers.ensemble.fast import FEWEST
from glassnet.model import Sequential
from glassnet.sklearn.labels import Labels
from glassnet.tabular import EFFORTS, Recipe, fit_dataset
from glassnet.training.history import History

TARGET = "target"  # the name of the column of y, with underscores where a column has it


class Tabular(BaseEstimator):  # type: ignore[misc]
    """What the two have in common: columns in, one network out."""

    _task: ClassVar[Any]

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "effort": [StrOptions(set(EFFORTS)), Recipe],
        "categorical": [list, tuple, None],
        "random_state": ["random_state"],
        "verbose": ["verbose", StrOptions({"auto"}), Integral],
    }

    effort: str | Recipe
    categorical: Sequence[str] | None
    random_state: Any
    verbose: str | int

    network_: Sequential
    history_: History

    def _fit(self, table: Any, y: Array, classes: int | None, weight: Array | None) -> None:
        """Learn the columns, and train."""
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        if weight is not None:
            table, y, weight = _weighted(table, y, weight)
        target = TARGET
        while target in table.column_names:
            target += "_"
        data = dataset_from(
            "the table",
            table.append_column(target, pa.array(y)),
            target,
            missing="fill",
            task=self._task,
            categorical=[str(name) for name in self.categorical or ()],
            unknown="zeros",
            scale_target=True,
            scaling="robust",
            classes=None if classes is None else range(classes),
        )
        order = _order(data.x, data.y)
        fitted = fit_dataset(
            replace(data, x=data.x[order], y=data.y[order]),
            sample_weight=None if weight is None else weight[order],
            effort=self.effort,
            seed=seed,
            verbose=self.verbose,
        )
        self.network_, self.history_ = fitted.model, fitted.history

    def _table(self, X: Any, reset: bool) -> Any:
        """X as columns with names; its number of columns and their names are checked."""
        if is_table(X) and hasattr(X, "columns"):
            validate_data(self, X, skip_check_array=True, reset=reset)
            if reset and len(X) < 2:
                check_array(np.zeros((len(X), 1)), ensure_min_samples=2)
            return as_table(X)
        X = check_array(
            X, dtype=None, ensure_all_finite=False, ensure_min_samples=2 if reset else 1
        )
        validate_data(self, X, skip_check_array=True, reset=reset)
        if X.dtype == object:
            return pa.table({f"x{i}": _column(column) for i, column in enumerate(X.T)})
        if X.dtype.kind == "f":
            check_array(X, ensure_all_finite="allow-nan")
        return pa.table({f"x{i}": np.ascontiguousarray(column) for i, column in enumerate(X.T)})

    def _outputs(self, X: Any) -> Array:
        check_is_fitted(self)
        rows = self.network_.preprocessing.transform(self._table(X, reset=False))
        n = len(rows)
        if n < FEWEST:
            # The answer for a row is then the same to the last bit, however many others there are.
            rows = np.concatenate([rows, np.zeros((FEWEST - n, rows.shape[1]), rows.dtype)])
        outputs: Array = self.network_.predict(rows)[:n].astype(np.float64)
        return outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _column(values: Array) -> Any:
    """A column of objects: numbers if all of them are, else texts."""
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        return pa.array([None if v is None or v != v else str(v) for v in values])


def _order(x: Array, y: Array) -> Array:
    """An order of the rows that does not depend on how they came: along one random direction."""
    direction = np.random.default_rng(0).standard_normal(x.shape[1])
    return np.lexsort((y, x.astype(np.float64) @ direction))


def _weighted(table: Any, y: Array, weight: Array) -> tuple[Any, Array, Array | None]:
    """Rows that count, so often as they count if those are whole numbers.

    A weight of 2 is then the same as the row twice, to the last bit.
    """
    used = np.flatnonzero(weight > 0)
    if (weight == np.round(weight)).all() and weight.sum() <= 4 * len(weight):
        used, weight = np.repeat(used, weight[used].astype(np.int64)), np.ones(len(weight))
    ones = bool((weight[np.minimum(used, len(weight) - 1)] == 1).all())
    return table.take(pa.array(used)), y[used], None if ones else weight[used]


class TabularClassifier(ClassifierMixin, Tabular):  # type: ignore[misc]
    """Classes from a table: columns of numbers, texts, booleans and dates, with gaps, as they are.

    Eight small networks, each of which leaves out an eighth of the rows; how sure they are is
    fitted on what they left out; they end as one network (the guide Tables says how, and how good).

    >>> import pandas as pd
    >>> from glassnet.sklearn import TabularClassifier
    >>> X = pd.DataFrame({"size": [1.0, 5.0, None, 6.0] * 10, "color": ["red", "blue"] * 20})
    >>> model = TabularClassifier(effort="quick", random_state=0).fit(X, ["small", "large"] * 20)
    >>> model.predict(X[:2]).tolist()
    ['small', 'large']

    Args:
        effort: "quick" (one network), "default" (eight), "best" (24), or a
            ``glassnet.tabular.Recipe``.
        categorical: columns of numbers that are categories (codes, not amounts).
        class_weight: label → weight, or "balanced".
        random_state: of the folds, the first weights, the order and dropout.
        verbose: progress, as in ``Sequential.fit``.

    Attributes:
        classes_: the labels, sorted.
        network_: the ``Sequential``: to explain, plot, save or export.
        history_: the losses of each epoch.
        n_features_in_, feature_names_in_: of X.
    """

    _task = "classification"
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Tabular._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    classes_: Array

    def __init__(
        self,
        effort: str | Recipe = "default",
        *,
        categorical: Sequence[str] | None = None,
        class_weight: str | dict[Any, float] | None = None,
        random_state: Any = None,
        verbose: str | int = 0,
    ) -> None:
        self.effort = effort
        self.categorical = categorical
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from the rows of X and the label of each.

        Raises:
            LabelError: labels that are values, rows of them, or all the same.
            DataError: too few rows, or columns that nothing can be learned from.
        """
        table = self._table(X, reset=True)
        y = column_or_1d(y, warn=True)
        labels = Labels.of(y)
        check_consistent_length(table, y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise LabelError(f"y holds one class only, {labels.classes[0]!r}: there must be two.")
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, y)
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y)
            weight = by_class if weight is None else weight * by_class
        self._fit(table, codes.astype(np.int64), len(self.classes_), weight)
        return self

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n, classes); each row sums to 1."""
        p = self._outputs(X)
        scaled: Array = p / p.sum(axis=1, keepdims=True)
        return scaled

    def predict(self, X: Any) -> Array:
        """The most probable label of each row."""
        check_is_fitted(self)
        found: Array = self.classes_[self._outputs(X).argmax(axis=1)]
        return found


class TabularRegressor(RegressorMixin, Tabular):  # type: ignore[misc]
    """Values from a table: columns of numbers, texts, booleans and dates, with gaps, as they are.

    As :class:`TabularClassifier`; the target is standardised, and answers stay within what
    training saw.

    Args:
        effort: "quick" (one network), "default" (eight), "best" (24), or a
            ``glassnet.tabular.Recipe``.
        categorical: columns of numbers that are categories (codes, not amounts).
        random_state: of the folds, the first weights, the order and dropout.
        verbose: progress, as in ``Sequential.fit``.

    Attributes:
        network_: the ``Sequential``: to explain, plot, save or export.
        history_: the losses of each epoch.
        n_features_in_, feature_names_in_: of X.
    """

    _task = "regression"

    def __init__(
        self,
        effort: str | Recipe = "default",
        *,
        categorical: Sequence[str] | None = None,
        random_state: Any = None,
        verbose: str | int = 0,
    ) -> None:
        self.effort = effort
        self.categorical = categorical
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from the rows of X and the value of each.

        Raises:
            DataError: too few rows, or columns that nothing can be learned from.
        """
        table = self._table(X, reset=True)
        y = column_or_1d(y, warn=True, dtype=np.float64)
        check_array(y[:, None], input_name="y")
        check_consistent_length(table, y)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, y)
        self._fit(table, y, None, weight)
        return self

    def predict(self, X: Any) -> Array:
        """The value of each row."""
        check_is_fitted(self)
        found: Array = self.network_.preprocessing.decode_target(self._outputs(X)[:, 0])
        return found
