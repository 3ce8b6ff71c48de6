"""How good predictions are.

Running metrics are counted while training; ``classification_report`` and ``regression_report``
judge a finished model by scikit-learn's definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from glassnet._core.registry import lookup
from glassnet._core.settings import refuse_unknown
from glassnet.metrics.accuracy import Accuracy, BinaryAccuracy, TopKAccuracy
from glassnet.metrics.base import Metric
from glassnet.metrics.counts import F1, Precision, Recall
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
    "F1",
    "METRICS",
    "R2",
    "Accuracy",
    "BinaryAccuracy",
    "ClassScores",
    "ClassificationReport",
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
    "regression_report",
]

METRICS: dict[str, type[Metric]] = {
    "accuracy": Accuracy,
    "acc": Accuracy,
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
}


def get(spec: str | Mapping[str, Any] | Metric) -> Metric:
    """The metric for a name, a config, or a metric.

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
    settings: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    name = settings.pop("name", "")
    cls: Callable[..., Metric] = lookup("metric", METRICS, name)
    refuse_unknown(name, settings, METRICS[name].settings)
    metric = cls(**settings)
    metric.name = name
    return metric
