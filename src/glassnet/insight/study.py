"""All that is looked at after a training, in a second or so: the pictures and numbers of a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.insight.calibration import Calibration, calibration_curve
from glassnet.insight.dependence import Dependence, partial_dependence
from glassnet.insight.groups import GroupErrors, errors_by_group
from glassnet.insight.importance import Importance, permutation_importance
from glassnet.insight.rows import Rows
from glassnet.insight.surest import surest_mistakes
from glassnet.insight.value_errors import Residuals, residuals

ANSWERS = 24_000  # rows that go through the network for one picture: a second or less
ROWS = 2_000  # shuffled at most, so that there are several repeats
REPEATS = (3, 10)  # at least and at most
CURVES = 6  # columns whose dependence is drawn: the most important ones
POINTS = 12  # of a curve


@dataclass(frozen=True, eq=False)
class Study:
    """What a model has learned, looked at by rows that it has not learned from.

    Each part is computed when it is first asked for. ``most``: so many rows go through the
    network for importance, and as many for dependence; None: all rows, five repeats.
    """

    held_out: Rows
    most: int | None = ANSWERS

    @cached_property
    def importance(self) -> Importance:
        """What each column is worth."""
        if self.most is None:
            return permutation_importance(self.held_out)
        columns = max(1, len(self.held_out.columns))
        rows = min(len(self.held_out), ROWS, max(100, self.most // (columns * REPEATS[0])))
        repeats = min(max(self.most // (columns * rows), REPEATS[0]), REPEATS[1])
        return permutation_importance(self.held_out, n_repeats=repeats, max_samples=rows)

    @cached_property
    def dependence(self) -> list[Dependence]:
        """The mean answer along the columns that matter most."""
        names = [n for n in self.importance.names if _has_values(self.held_out, n)][:CURVES]
        rows = None if self.most is None else max(50, self.most // (CURVES * POINTS))
        return [
            partial_dependence(self.held_out, n, grid_resolution=POINTS, max_samples=rows)
            for n in names
        ]

    @cached_property
    def calibration(self) -> Calibration | None:
        """The reliability of the probabilities; None for values."""
        return calibration_curve(self.held_out) if self.held_out.classifies else None

    @cached_property
    def residuals(self) -> Residuals | None:
        """How far values are off; None for classes."""
        return None if self.held_out.classifies else residuals(self.held_out)

    @cached_property
    def groups(self) -> GroupErrors:
        """For which rows it is wrong more often."""
        return errors_by_group(self.held_out)

    @cached_property
    def surest(self) -> list[dict[str, Any]]:
        """The rows it is surest wrong about."""
        return surest_mistakes(self.held_out)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "samples": len(self.held_out),
            "importance": self.importance.to_dict(),
            "dependence": [one.to_dict() for one in self.dependence],
            "calibration": None if self.calibration is None else self.calibration.to_dict(),
            "residuals": None if self.residuals is None else self.residuals.to_dict(),
            "groups": self.groups.to_dict(),
            "surest_mistakes": self.surest,
        }


def _has_values(rows: Rows, name: str) -> bool:
    """Whether any row has a value in a column: along one without there is nothing to see."""
    column = rows.column(name)
    return not rows.is_number(column) or bool(np.isfinite(rows.values(column)).any())
