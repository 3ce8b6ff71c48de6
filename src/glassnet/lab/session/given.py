"""A network that a program shows, and its data, as the rooms look at saved runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.data import Dataset
from glassnet.data.arrays import check_arrays, column_names
from glassnet.diagnosis.data import class_numbers
from glassnet.errors import ConfigError, DataError
from glassnet.lab.session.saved import RunData, Saved
from glassnet.model import raw_rows
from glassnet.runs.folder import Facts

MOST = 5000  # samples that are kept


def given(model: Any, x: Any = None, y: Any = None, name: str = "model") -> Saved:
    """A copy of ``model`` under ``name``, with the first of the samples ``(x, y)``.

    Args:
        model: a built Sequential, or a fitted estimator of :mod:`glassnet.sklearn`.
        x, y: as ``model.evaluate`` takes them; a Dataset brings its own y.

    Raises:
        ConfigError: no network of glassnet.
        NotBuiltError: it has no weights yet.
        DataError, LabelError, ShapeError: samples that are not what it was built for.
    """
    network = getattr(model, "network_", model)
    if not isinstance(network, Sequential):
        raise ConfigError(
            f"lab.show: expected a Sequential or a fitted estimator of glassnet.sklearn, got "
            f"{type(model).__name__}."
        )
    network.need_built("lab.show")
    mine = network.copy()  # it is looked at in another thread, and may learn on meanwhile
    if x is None:
        if y is not None:
            raise DataError("lab.show: y came without x; pass both.")
        return Saved(name, mine, given=True)
    known = x if isinstance(x, Dataset) else None
    if known is not None:
        if y is not None:
            raise ConfigError("lab.show: the Dataset brings its own y; leave out the other one.")
        x, y = known.x, known.y
    columns = None if known is not None else column_names(x)
    if y is None and not mine.takes_raw(x):
        raise DataError("lab.show: x came without y; pass the label or value of each sample.")
    if mine.takes_raw(x):
        x, y = raw_rows.with_answers(mine, x, y)
        columns = None if mine.table is None else mine.table.feature_names
    elif network is not model and hasattr(model, "classes_"):
        mine.classes = model.classes_  # the network of an estimator knows them by number
    x, y = check_arrays(x, y)
    x, y = x[:MOST].copy(), y[:MOST]
    mine.take_input(x[:1], check=False)
    names = _class_names(mine, model, known)
    answers = _answers(mine, y, names)
    facts = Facts(
        "" if known is None else known.name,
        "regression" if names is None else "classification",
        names,
        tuple(map(str, columns)) if columns else known.feature_names if known else None,
        known.image_shape if known is not None else _picture(x),
        known.image_max if known is not None else None,
    )
    return Saved(name, mine, facts, given=True, rows=RunData(x, answers, x, answers, answers))


def _class_names(mine: Sequential, model: Any, known: Dataset | None) -> tuple[str, ...] | None:
    if mine.loss.target == "values":
        return None
    if known is not None and known.class_names is not None:
        return tuple(map(str, known.class_names))
    if mine.preprocessing is not None and mine.preprocessing.target.class_names is not None:
        return tuple(mine.preprocessing.target.class_names)
    learned = getattr(model, "classes_", None) if mine is not model else None
    learned = mine.classes if learned is None else learned
    outputs = (mine.layers[-1].output_shape or (1,))[-1]
    return tuple(map(str, range(max(2, outputs)) if learned is None else learned))


def _answers(mine: Sequential, y: Array, names: tuple[str, ...] | None) -> Array:
    """Class numbers, or values as the network learned them; the copy knows classes by number."""
    assert mine.targets is not None
    encoded = mine.targets.encode(y, learn=False)
    if names is None:
        return encoded.astype(np.float32)
    numbers = class_numbers(mine.loss, encoded)
    if numbers is None:
        raise DataError(
            "lab.show: samples with several labels at once cannot be shown; leave out x and y to "
            "show the network alone."
        )
    mine.classes = np.arange(len(names))
    return np.asarray(numbers, np.int64)


def _picture(x: Array) -> tuple[int, ...] | None:
    return tuple(x.shape[1:]) if x.ndim in (3, 4) else None
