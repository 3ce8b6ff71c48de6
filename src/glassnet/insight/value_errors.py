"""How far predicted values are off, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.insight.rows import Rows
from glassnet.insight.shown import Shown, say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PARTS = 4  # of the predictions, by their size


@dataclass(frozen=True)
class Part:
    """Rows whose predictions lie between two bounds: the mean error and its size there."""

    low: float
    high: float
    count: int
    bias: float
    mae: float


@dataclass(frozen=True, eq=False)
class Residuals(Shown):
    """Predicted minus true values, in the units of the table.

    Attributes:
        true, predicted: for each row.
        target: the name of the column that is predicted.
        bias: the mean of predicted - true.
        mae: the mean of its size.
        quantiles: share → the error below which that share of the rows lies.
        parts: the quarters of the rows by their prediction.
    """

    true: Array
    predicted: Array
    target: str
    bias: float
    mae: float
    quantiles: dict[float, float]
    parts: tuple[Part, ...]

    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""
        half = (self.quantiles[0.25], self.quantiles[0.75])
        return say(
            "residuals", language, n=f"{len(self.true):,}", mae=f"{self.mae:.4g}",
            low=f"{half[0]:+.4g}", high=f"{half[1]:+.4g}",
        )  # fmt: skip

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        lines = [
            [f"{p.low:.4g} – {p.high:.4g}", f"{p.count:,}", f"{p.bias:+.4g}", f"{p.mae:.4g}"]
            for p in self.parts
        ]
        return [f"predicted {self.target}", "rows", "mean error", "mean size of it"], lines

    def plot(self) -> Figure:
        """True against predicted values, and the errors against the predictions."""
        from glassnet import plots

        return plots.residual_plot(self.true, self.predicted, target=self.target)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "samples": len(self.true), "bias": self.bias, "mae": self.mae,
            "quantiles": {str(share): error for share, error in self.quantiles.items()},
            "parts": [vars(part) for part in self.parts],
        }  # fmt: skip


def residuals(rows: Rows) -> Residuals:
    """Predicted minus true values of the rows.

    Raises:
        ConfigError: the model answers with classes.
    """
    if rows.classifies:
        raise ConfigError(
            "residuals: this network answers with classes; see calibration and confusion."
        )
    true, predicted = rows.y, rows.given
    error = predicted - true
    order = np.argsort(predicted, kind="stable")
    parts = tuple(
        Part(
            float(predicted[p[0]]), float(predicted[p[-1]]), len(p), float(error[p].mean()),
            float(np.abs(error[p]).mean()),
        )
        for p in np.array_split(order, PARTS)
        if len(p)
    )  # fmt: skip
    found = np.quantile(error, QUANTILES)
    return Residuals(
        true, predicted, rows.target or "answer", float(error.mean()),
        float(np.abs(error).mean()), dict(zip(QUANTILES, map(float, found))), parts,
    )  # fmt: skip
