"""Samples that are not learned from: held out of the data, or given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, validate_data

from glassnet.errors import ConfigError, DataError
from glassnet.sklearn.learner import Learner
from glassnet.sklearn.rows import as_rows

Array = NDArray[Any]
Held = tuple[Any, Array, Array | None]  # x, y as the loss reads it, weights


def hold_out(
    estimator: Any, x: Any, y: Array, weights: Array | None, state: np.random.RandomState
) -> tuple[Any, Array, Array | None, Held]:
    """What is left to learn from, and the share ``validation_fraction``.

    Raises:
        DataError: that share is fewer than two samples.
    """
    rows, held = train_test_split(
        np.arange(len(x)),
        random_state=state,
        test_size=estimator.validation_fraction,
        stratify=estimator._stratify(y),
    )
    if len(held) < 2:
        raise DataError(
            f"validation_fraction={estimator.validation_fraction} of {len(x)} samples is "
            f"{len(held)}: too few to judge by. Raise it, or give X_val and y_val."
        )
    own = (None, None) if weights is None else (weights[rows], weights[held])
    return x[rows], y[rows], own[0], (x[held], y[held], own[1])


def held_out(estimator: Any, validation: tuple[Any, Any, Any], network: Learner) -> Held | None:
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
    return as_rows(X), estimator._encode_y(y, network), weights
