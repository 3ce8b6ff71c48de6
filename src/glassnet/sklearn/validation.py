"""Samples to validate on: split off the data, or given."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, validate_data

from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError
from glassnet.model.samples import Samples
from glassnet.sklearn.rows import as_rows
from glassnet.sklearn.sequential import SklearnSequential


def split_off(
    estimator: Any, x: Any, y: Array, weights: Array | None, state: np.random.RandomState
) -> tuple[Any, Array, Array | None, Samples]:
    """What is left to learn from, and the share ``validation_fraction``.

    Raises:
        DataError: that share is fewer than two samples.
    """
    rows, others = train_test_split(
        np.arange(len(x)),
        random_state=state,
        test_size=estimator.validation_fraction,
        stratify=estimator._stratify(y),
    )
    if len(others) < 2:
        raise DataError(
            f"validation_fraction={estimator.validation_fraction} of {len(x)} samples is "
            f"{len(others)}: too few to judge by. Raise it, or give X_val and y_val."
        )
    own = (None, None) if weights is None else (weights[rows], weights[others])
    return x[rows], y[rows], own[0], Samples(x[others], y[others], own[1])


def given_validation(
    estimator: Any, validation: tuple[Any, Any, Any], network: SklearnSequential
) -> Samples | None:
    """``X_val``, ``y_val`` and their weights, checked as the training data were; None if none.

    Raises:
        ConfigError: one of them without the other.
        ValueError: other features or labels than those that are learned from.
    """
    X, y, sample_weight = validation
    if X is None and y is None:
        return None
    if X is None or y is None:
        raise ConfigError("X_val and y_val belong together: give both or neither.")
    X, y = validate_data(
        estimator,
        X,
        y,
        accept_sparse="csr" if estimator._takes_sparse else False,
        multi_output=True,
        y_numeric=estimator._y_numeric,
        dtype=network.dtype,
        reset=False,
        allow_nd=estimator._allow_nd,
    )
    y = estimator._read_y(y, "part")
    weights = None
    if sample_weight is not None:
        weights = _check_sample_weight(sample_weight, X, dtype=network.dtype)
    return Samples(as_rows(X), estimator._encode_y(y, network), weights)
