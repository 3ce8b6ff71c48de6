"""From the features of a table to one trained network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.callbacks import Callback
from glassnet.callbacks.progress import Progress
from glassnet.data import Dataset
from glassnet.data.preprocessing import Preprocessor
from glassnet.errors import ConfigError, DataError
from glassnet.layers import PiecewiseLinearEncoding
from glassnet.model import Sequential
from glassnet.model.raw_rows import note_errors
from glassnet.tabular.model import assembled
from glassnet.tabular.recipe import Recipe, recipe_for
from glassnet.tabular.training import EnsembleTraining, RowsInMemory
from glassnet.tabular.weighting import Combination, combine
from glassnet.training.history import History

LEAST_ROWS = 8


@dataclass(frozen=True)
class FittedTable:
    """What :func:`fit_table` made.

    Attributes:
        model: the encoding and the ensemble, as one network.
        history: of each epoch the mean loss of the networks, and the loss of the rows that
            they left out, at the best temperature.
        combination: the weights and temperatures, and what the whole gave for each row, judged
            by networks that never learned from it.
        epochs: the epoch that was chosen, of each group of networks.
    """

    model: Sequential
    history: History
    combination: Combination
    epochs: tuple[int, ...]


def fit_table(
    x: Array,
    y: Array,
    task: str,
    *,
    sample_weight: Array | None = None,
    groups: Sequence[int] | None = None,
    effort: str | Recipe = "default",
    seed: int = 0,
    verbose: str | int = 0,
    callbacks: Sequence[Callback] = (),
    resume_from: PathLike | None = None,
) -> FittedTable:
    """Train an ensemble of networks on a table, and make one network of it.

    Every network leaves out a fold of the rows. So every row is learned from, and every row is
    judged: by that the epoch is chosen, how sure the whole may be (its temperature), and how
    much each round counts.

    Args:
        x: (n, features): numbers around 0 of a spread of about 1, and places of categories.
        y: (n,) class numbers from 0, or (n,) values of mean 0 and variance 1.
        task: "classification" or "regression".
        sample_weight: (n,) how much each row counts.
        groups: how many features, one after the other, came from one column of the table.
        effort: "quick" (one network), "default" (eight), "best" (24), or a recipe.
        seed: the same seed gives the same weights, on any number of cores.
        verbose: progress, as in ``Sequential.fit``.
        callbacks: they hear of each epoch, and may stop the training. :class:`Checkpoint` keeps a
            file from which a killed training goes on.
        resume_from: such a file: go on from there, to the bits of an unbroken training.

    Raises:
        DataError: too few rows, or all the same; a checkpoint of another table.
        ConfigError: a checkpoint of another recipe or seed.
        UnknownNameError: an effort that is not known.
    """
    recipe = recipe_for(effort, task)
    refuse_few(len(x))
    classify = task == "classification"
    encoding = PiecewiseLinearEncoding().adapt(
        x, bins=recipe.bins, rows_per_bin=recipe.rows_per_bin, groups=groups
    )
    encoded = encoding(x)
    target = (
        np.ascontiguousarray(y) if classify else np.ascontiguousarray(y, x.dtype).reshape(-1, 1)
    )
    if (x == x[0]).all():
        raise DataError("all rows are the same: there is nothing to tell them apart by.")
    rows = RowsInMemory(encoded, target, sample_weight, encoding, recipe.folds)
    outputs = int(target.max()) + 1 if classify else 1
    training = EnsembleTraining(rows, outputs, task, recipe, seed)
    heard = [*callbacks, *Progress.when_wanted(verbose)]
    return finished(training, encoding, seed, heard, resume_from)


def refuse_few(rows: int) -> None:
    """Raises DataError where so many rows are too few."""
    if rows < LEAST_ROWS:
        raise DataError(
            f"{rows} rows are there to learn from, beside those held out, but a table is learned "
            f"from {LEAST_ROWS} rows or more: each network leaves some of them out to be judged by."
        )


def fit_dataset(
    data: Dataset,
    *,
    sample_weight: Array | None = None,
    effort: str | Recipe = "default",
    seed: int = 0,
    verbose: str | int = 0,
    callbacks: Sequence[Callback] = (),
    resume_from: PathLike | None = None,
) -> FittedTable:
    """:func:`fit_table` on a table as :func:`load_table` read it: scaled robustly at best.

    The model answers for raw rows, and of values it knows how far off it is.

    Raises:
        ConfigError: not from a table, or values that are not standardised.
    """
    rows = data.preprocessing
    if rows is None:
        raise ConfigError(f"{data.name!r} is no table: glassnet.data.load_table(…) reads one.")
    if data.task == "regression" and (rows.target.mean, rows.target.scale) == (0.0, 1.0):
        raise ConfigError(
            f"the target {rows.target.name!r} is not standardised: read the table with "
            "scale_target=True"
        )
    fitted = fit_table(
        data.x,
        data.y,
        data.task,
        sample_weight=sample_weight,
        groups=rows.feature_groups,
        effort=effort,
        seed=seed,
        verbose=verbose,
        callbacks=callbacks,
        resume_from=resume_from,
    )
    know_table(fitted, rows, data.y)
    return fitted


def know_table(fitted: FittedTable, rows: Preprocessor, y: Array) -> None:
    """Attach what was learned from the table to the model, so that it answers for raw rows.

    Args:
        y: of the rows that were learned from.
    """
    model, whole = fitted.model, fitted.combination
    model.preprocessing = rows
    if rows.target.task == "classification":
        model.classes = np.arange(len(rows.target.classes))
    else:
        note_errors(model, whole.outputs, np.asarray(y)[whole.rows].reshape(-1, 1))


def finished(
    training: EnsembleTraining,
    encoding: PiecewiseLinearEncoding,
    seed: int,
    callbacks: Sequence[Callback],
    resume_from: PathLike | None = None,
) -> FittedTable:
    """Train to the end, and make one network of the members."""
    history = training.finish(callbacks, resume_from)
    rows, task = training.rows, training.task
    combination = combine(training.groups, rows.y, rows.weight, task)
    model = assembled(encoding, training.groups, combination, task, seed)
    epochs = tuple(group.epoch for group in training.groups)
    return FittedTable(model, history, combination, epochs)
