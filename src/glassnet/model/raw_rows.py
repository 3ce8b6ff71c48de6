"""The rows of a table, as people have them, at a network that learned from one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.data.intervals import error_quantiles
from glassnet.errors import DataError
from glassnet.model.trainable import Trainable


def features(model: Trainable, x: Any) -> Array:
    """What the network reads: the columns through what was learned from its table; images as bytes,
    of the size that was learned from."""
    known = model.preprocessing
    found: Array = known.transform(x, dtype=model.dtype if model.table is not None else np.uint8)
    return found


def with_answers(model: Trainable, x: Any, y: Any) -> tuple[Array, Array]:
    """Features, and y as the network learned it: from the words or the units of the table.

    Args:
        y: a label or value for each row; None: the table has the target's column itself.

    Raises:
        DataError: neither y nor that column.
    """
    rows = model.preprocessing
    inputs = features(model, x)
    if y is not None:
        x = {rows.target.name: y.to_list() if hasattr(y, "to_list") else np.asarray(y).ravel()}
    encoded: Array = rows.encode_target(x, dtype=model.dtype)
    if len(encoded) != len(inputs):
        raise DataError(f"the table has {len(inputs)} rows, but y has {len(encoded)}")
    return inputs, encoded


def in_units(model: Trainable, outputs: Array) -> Array:
    """What the network gives for raw rows: probabilities as they are, values in their units."""
    target = model.preprocessing.target
    if target.task == "classification" or (target.mean, target.scale) == (0.0, 1.0):
        return outputs
    found: Array = model.preprocessing.decode_target(outputs.astype(np.float64))
    return found


def note_errors(model: Trainable, outputs: Array, y: Array) -> None:
    """Keep with the model how far off it is on rows that it has not learned from.

    Args:
        outputs, y: (n, 1) as the network gives and learns them.
    """
    rows = model.table
    if rows is None or rows.target.task != "regression" or outputs.shape != y.shape:
        return
    errors = np.abs(outputs.astype(np.float64) - y) * rows.target.scale
    if np.isfinite(errors).all():
        target = replace(rows.target, error_quantiles=error_quantiles(errors))
        model.preprocessing = replace(rows, target=target)
