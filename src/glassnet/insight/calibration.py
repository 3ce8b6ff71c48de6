"""Whether probabilities can be taken at their word: of what is said to be 70 % sure, 70 % is so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError
from glassnet.insight.rows import Rows
from glassnet.insight.shown import Shown, say
from glassnet.insight.small import wilson

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Bin:
    """Rows whose probability lies between two bounds.

    Attributes:
        low, high: the bounds.
        count: how many rows.
        predicted: the mean probability that the model gave.
        true: the share of them for which it was so.
        interval: within which that share lies with 95 %, for so many rows (Wilson 1927).
    """

    low: float
    high: float
    count: int
    predicted: float
    true: float
    interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Calibration(Shown):
    """The reliability of a model's probabilities.

    Attributes:
        about: the class whose probability is meant; None: that of the class that is answered.
        bins: those that have rows.
        error: the expected calibration error, Σ count/n·|true - predicted|.
        samples: how many rows.
    """

    about: str | None
    bins: tuple[Bin, ...]
    error: float
    samples: int

    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""
        what = f"“{self.about}”" if self.about is not None else say("answered", language)
        return say(
            "calibration", language, what=what, n=f"{self.samples:,}", error=f"{self.error:.1%}"
        )

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        lines = [
            [f"{b.low:.0%} – {b.high:.0%}", f"{b.count:,}", f"{b.predicted:.1%}", f"{b.true:.1%}"]
            for b in self.bins
        ]
        return ["probability", "rows", "said", "so"], lines

    def plot(self) -> Figure:
        """The share that was so against the probability that was given."""
        from glassnet import plots

        return plots.reliability_curve(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        bins = [{**vars(b), "interval": list(b.interval)} for b in self.bins]
        return {"about": self.about, "samples": self.samples, "error": self.error, "bins": bins}


def calibration_curve(
    rows: Rows, *, n_bins: int = 10, strategy: str = "uniform", about: str | None = None
) -> Calibration:
    """The share of rows for which it was so, against the probability that the model gave.

    Of two classes the probability of the second is meant, of more that of the class that is
    answered (its "confidence"). Expected calibration error: Σ_b n_b/n·|true_b - predicted_b|
    (Naeini et al. 2015; Guo et al. 2017). The bins are those of
    ``sklearn.calibration.calibration_curve``.

    Args:
        n_bins: 0 … 1 is cut into so many.
        strategy: "uniform": bins of one width; "quantile": of as many rows each.
        about: a class, whose probability is meant then.

    Raises:
        ConfigError: the model predicts values; or an unknown strategy.
        DataError: no such class.
    """
    whole_number("calibration_curve", "n_bins", n_bins)
    if not rows.classifies:
        raise ConfigError("calibration_curve: this network predicts values, not probabilities.")
    names = rows.class_names or ()
    if about is None and len(names) == 2:
        about = names[1]
    if about is None:
        p, so = rows.given.max(axis=1), rows.given.argmax(axis=1) == rows.y
    elif about in names:
        p, so = rows.given[:, names.index(about)], rows.y == names.index(about)
    else:
        raise ConfigError(f"calibration_curve: {about!r} is none of {', '.join(names)}.")
    edges = _edges(p, n_bins, strategy)
    place = np.searchsorted(edges[1:-1], p)
    bins = []
    for i in range(len(edges) - 1):
        inside = place == i
        n = int(inside.sum())
        if n:
            hits = int(so[inside].sum())
            bins.append(
                Bin(float(edges[i]), float(edges[i + 1]), n,
                    float(p[inside].mean(dtype=np.float64)), hits / n, wilson(hits, n))
            )  # fmt: skip
    error = sum(b.count * abs(b.true - b.predicted) for b in bins) / len(rows)
    return Calibration(about, tuple(bins), float(error), len(rows))


def _edges(p: Array, n_bins: int, strategy: str) -> Array:
    if strategy == "uniform":
        return np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        return np.quantile(p, np.linspace(0, 1, n_bins + 1))
    raise ConfigError(f'strategy is {strategy!r}; expected "uniform" or "quantile".')
