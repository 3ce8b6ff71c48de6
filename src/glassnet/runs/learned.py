"""What the network of a run has learned, looked at by its held-out rows; and models beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import insight
from glassnet.errors import ConfigError
from glassnet.model import Sequential
from glassnet.runs.folder import Facts
from glassnet.runs.judge import in_units
from glassnet.runs.samples import Samples


def rows_of(model: Sequential, samples: Samples, facts: Facts) -> insight.Rows:
    """The held-out rows, by the columns of their table."""
    return insight.Rows.of(model, *samples.held_out, data=facts, numbers=samples.data.rows_test)


def study_of(model: Sequential, samples: Samples, facts: Facts) -> insight.Study:
    """All that is looked at after a training; computed when it is asked for."""
    return insight.Study(rows_of(model, samples, facts))


def refuse_compare(samples: Samples) -> None:
    """Refuse data that the models beside the network do not take, before the training.

    Raises:
        ConfigError: images, or a table that is read in parts.
    """
    if samples.stream is not None:
        raise ConfigError(
            "a linear model and boosting learn from tables that fit into memory; this one is read "
            "in parts: leave out --compare."
        )
    if samples.data.x.ndim != 2:
        raise ConfigError(
            f"a linear model and boosting learn from the columns of a table, but "
            f"{samples.data.name} has images: leave out --compare."
        )


def beside(model: Sequential, samples: Samples, facts: Facts) -> dict[str, dict[str, float]]:
    """How good a linear model and boosting are, that learn from all rows that are not held out."""
    x, y = samples.data.x, samples.data.y
    if samples.validation is not None and not samples.fresh:  # watched rows may teach as well
        x = np.concatenate([x, samples.validation[0]])
        y = np.concatenate([y, samples.validation[1]])
    known: Any = y if facts.task == "classification" else in_units(model, y)
    return insight.compare(rows_of(model, samples, facts), x, known)
