"""How much worse the answers are when the values of one column are shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import texts
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.insight.rows import Rows
from glassnet.insight.scores import defined, higher_is_better, score, usual
from glassnet.insight.shown import Shown, say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.insight.rows import Column


@dataclass(frozen=True, eq=False)
class Importance(Shown):
    """What each column is worth to the model: the most important one first.

    Attributes:
        names: of the columns.
        scores: name → the number for the rows as they are.
        importances: name → how much worse it got, (columns, repeats): what a score that is
            better when higher fell, what another rose.
        samples: how many rows were shuffled.
    """

    names: tuple[str, ...]
    scores: dict[str, float]
    importances: dict[str, Array]
    samples: int

    def mean(self, scoring: str | None = None) -> Array:
        """The mean over the repeats, (columns,)."""
        found: Array = self.importances[scoring or next(iter(self.scores))].mean(axis=1)
        return found

    def std(self, scoring: str | None = None) -> Array:
        """The standard deviation over the repeats, (columns,)."""
        found: Array = self.importances[scoring or next(iter(self.scores))].std(axis=1)
        return found

    def most_important(self, most: int = 5) -> list[dict[str, Any]]:
        """The first columns that are worth more than chance: two standard errors above 0."""
        error = self.std() / np.sqrt(next(iter(self.importances.values())).shape[1])
        worth = self.mean() > 2 * error
        score = next(iter(self.scores))
        return [
            {"column": name, score: float(mean)}
            for name, mean, known in zip(self.names, self.mean(), worth)
            if known
        ][:most]

    def headline(self, language: str = "en") -> str:
        """What is shown, on one line."""
        return say("importance", language, n=f"{self.samples:,}")

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        head = ["column", *(_change(name) for name in self.scores)]
        lines = [
            [name, *(f"{self.mean(s)[i]:.4g} ± {self.std(s)[i]:.2g}" for s in self.scores)]
            for i, name in enumerate(self.names)
        ]
        return head, lines

    def plot(self) -> Figure:
        """Bars with their spread, one panel for each score."""
        from glassnet import plots

        panels = {name: (self.mean(name), self.std(name)) for name in self.scores}
        return plots.importance_bars(self.names, panels, samples=self.samples)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        columns = [
            {
                "column": name,
                **{
                    s: {"mean": defined(self.mean(s)[i]), "std": defined(self.std(s)[i])}
                    for s in self.scores
                },
            }
            for i, name in enumerate(self.names)
        ]
        repeats = next(iter(self.importances.values())).shape[1]
        return {
            "samples": self.samples, "repeats": repeats, "columns": columns,
            "scores": {s: defined(v) for s, v in self.scores.items()},
        }  # fmt: skip


def permutation_importance(
    rows: Rows,
    scoring: str | Sequence[str] | None = None,
    *,
    n_repeats: int = 5,
    random_state: int = 0,
    max_samples: int | None = None,
) -> Importance:
    """How much worse the model answers when one column of the table is shuffled.

    A column of words has many features; all of them move together, so that a row is still one
    that the table could have. What two columns both say is missed by neither: each is worth
    little while the other is there. (Breiman 2001; as ``sklearn.inspection`` has it, which
    shuffles in the same order for the same ``random_state``.)

    Args:
        scoring: "log_loss", "accuracy", "roc_auc"; of values "r2", "mae", "mse", "rmse"; or
            several. The columns are ordered by the first.
        n_repeats: how often each column is shuffled.
        max_samples: so many of the rows at most, drawn at random.

    Raises:
        UnknownNameError: no such score.
    """
    whole_number("permutation_importance", "n_repeats", n_repeats)
    chosen = usual(rows.classifies) if scoring is None else scoring
    names = (chosen,) if isinstance(chosen, str) else tuple(chosen)
    rows = rows.sample(max_samples, random_state)
    base = {s: score(s, rows.y, rows.given, rows.classifies) for s in names}
    order = np.random.RandomState(random_state).randint(np.iinfo(np.int32).max + 1)
    worse = {s: np.empty((len(rows.columns), n_repeats)) for s in names}
    x = rows.x.copy()
    for i, column in enumerate(rows.columns):
        for j, answers in enumerate(_shuffled(rows, column, x, n_repeats, order)):
            for s in names:
                change = score(s, rows.y, answers, rows.classifies) - base[s]
                worse[s][i, j] = -change if higher_is_better(s) else change
    first = np.nan_to_num(worse[names[0]].mean(axis=1))
    by_size = np.argsort(-first, kind="stable")
    return Importance(
        tuple(rows.columns[i].name for i in by_size),
        base,
        {s: worse[s][by_size] for s in names},
        len(rows),
    )


def _shuffled(rows: Rows, column: Column, x: Array, n_repeats: int, seed: int) -> Any:
    """The answers for x with this column shuffled, again and again; x is given back as it was."""
    block = slice(column.start, column.stop)
    state = np.random.RandomState(seed)
    places = np.arange(len(rows))
    for _ in range(n_repeats):
        state.shuffle(places)
        x[:, block] = x[places, block]  # of what was shuffled before, as scikit-learn does
        yield rows.answers(x)
    x[:, block] = rows.x[:, block]


def _change(scoring: str) -> str:
    return say(
        "score_falls" if higher_is_better(scoring) else "score_rises",
        language=texts.PICTURES.get(),
        score=scoring,
    )
