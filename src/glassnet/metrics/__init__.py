"""How good predictions are.

Running metrics are counted while training; ``classification_report`` and ``regression_report``
judge a finished model by scikit-learn's definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from glassnet._core import custom
from glassnet._core.registry import lookup, named
from glassnet._core.settings import refuse_unknown
from glassnet.metrics.accuracy import Accuracy, BinaryAccuracy, TopKAccuracy
from glassnet.metrics.base import Metric
from glassnet.metrics.counts import F1, Precision, Recall
from glassnet.metrics.function import FunctionMetric
from glassnet.metrics.ranking import AUC
from glassnet.metrics.reports import (
    ClassificationReport,
    ClassScores,
    RegressionReport,
    classification_report,
    regression_report,
)
from glassnet.metrics.values import (
    R2,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
)

__all__ = [
    "AUC",
    "F1",
    "METRICS",
    "R2",
    "Accuracy",
    "BinaryAccuracy",
    "ClassScores",
    "ClassificationReport",
    "FunctionMetric",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "RegressionReport",
    "RootMeanSquaredError",
    "TopKAccuracy",
    "classification_report",
    "get",
    "higher_is_better",
    "is_share",
    "measured_name",
    "regression_report",
]

METRICS: dict[str, type[Metric]] = {
    "accuracy": Accuracy,
    "acc": Accuracy,
    "categorical_accuracy": Accuracy,
    "sparse_categorical_accuracy": Accuracy,
    "binary_accuracy": BinaryAccuracy,
    "top_k": TopKAccuracy,
    "top_k_categorical_accuracy": TopKAccuracy,
    "precision": Precision,
    "recall": Recall,
    "f1": F1,
    "mae": MeanAbsoluteError,
    "mean_absolute_error": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "mean_squared_error": MeanSquaredError,
    "rmse": RootMeanSquaredError,
    "r2": R2,
    "auc": AUC,
}

custom.family("metric", Metric, METRICS, from_function=FunctionMetric)


def get(spec: str | Mapping[str, Any] | Metric | Callable[[Any, Any], Any]) -> Metric:
    """The metric for a name, a config, a metric, or a function of (y_true, y_pred).

    >>> import numpy as np
    >>> accuracy = get("accuracy")
    >>> accuracy.update(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]))
    >>> accuracy.result()
    0.5

    Raises:
        UnknownNameError: no such metric, or no such setting.
        ConfigError: a setting out of its range.
    """
    if isinstance(spec, Metric):
        return spec
    own: Metric | None = custom.made_of("metric", spec)
    if own is not None:
        return own
    settings: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    name = settings.pop("name", "")
    called = settings.pop("called", name)  # in the history, if it was given another name
    cls: Any = lookup("metric", METRICS, name)
    if isinstance(cls, Metric):  # of a function
        return cls
    refuse_unknown(name, settings, cls.settings)
    metric: Metric = cls(**settings)
    metric.name = called
    return metric


# Numbers of one's own that go by a name of the field, from a callback or an estimator.
_CUSTOMARY = {"score": True}


def measured_name(key: str) -> str:
    """What a number of a history measures, whatever the data: "val_accuracy" → "accuracy"."""
    return key.removeprefix("val_").removeprefix("train_")


def higher_is_better(key: str, measured: Iterable[Metric] = ()) -> bool | None:
    """Whether a number of a history is better when it is higher; None: nobody knows.

    Args:
        key: as the history names it, with or without "val_" and "train_".
        measured: the metrics that it may be the number of, under names of their own.

    >>> higher_is_better("val_acc"), higher_is_better("val_loss")
    (True, False)
    """
    name = measured_name(key)
    if name == "loss":
        return False
    for metric in measured:
        if metric.name == name:
            return metric.higher_is_better
    known = _known(name)
    return _CUSTOMARY.get(name) if known is None else known.higher_is_better


def is_share(key: str) -> bool:
    """Whether a number of a history is a share, and is best shown in percent."""
    known = _known(measured_name(key))
    return known is not None and known.is_share


def _known(name: str) -> type[Metric] | None:
    found = name if name in METRICS else named(METRICS, name)
    return None if found is None else METRICS[found]
