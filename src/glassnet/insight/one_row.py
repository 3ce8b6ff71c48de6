"""Which columns of one row moved the model's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError
from glassnet.explain import explain_prediction
from glassnet.insight.rows import Column, Rows
from glassnet.insight.shown import Shown, say
from glassnet.texts import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAID = 4  # columns that get a sentence
LITTLE = 0.05  # of the largest effect; what is below is not said


@dataclass(frozen=True)
class Effect:
    """What one column had to do with the answer.

    Attributes:
        column: its name.
        value: what the row has there, as the table had it.
        typical: the median of the other rows, or their most frequent word.
        drawn: the answer on average with values drawn from other rows instead.
        at_typical: the answer with the typical value instead.
        effect: answer - drawn: above 0, the value spoke for the answer.
        slope: ∂score/∂value, for one unit of the table (one kilogram); None for words.
        gradient_effect: gradient × (input - typical), added over the features of the column.
    """

    column: str
    value: Any
    typical: Any
    drawn: float
    at_typical: float
    effect: float
    slope: float | None
    gradient_effect: float


@dataclass(frozen=True, eq=False)
class RowExplanation(Shown):
    """One row, its answer, and what each column had to do with it: the strongest first.

    Attributes:
        row: its number, counted from 0.
        about: the class that is explained; the target's name for values.
        answer: the model's answer.
        true: the true one.
        number: what is explained: the probability of ``about``, or the value.
        of_classes: whether that is a probability.
        draws: from how many other rows values were drawn.
    """

    row: int
    about: str
    answer: Any
    true: Any
    number: float
    of_classes: bool
    effects: tuple[Effect, ...]
    draws: int

    def text(self, number: float, sign: bool = False) -> str:
        """A probability in percent, or a value in the units of the target."""
        if self.of_classes:
            return percent(f"{100 * number:{'+' if sign else ''}.1f}")
        return f"{number:{'+' if sign else ''}.4g}"

    def headline(self, language: str = "en") -> str:
        """The answer and the true one, on one line."""
        if not self.of_classes:
            return say("row_value", language, target=self.about, answer=self.text(self.number),
                       true=_value(self.true))  # fmt: skip
        key = "row_class" if self.about == self.answer else "row_class_other"
        return say(key, language, answer=self.answer, about=self.about, true=self.true,
                   p=self.text(self.number))  # fmt: skip

    def sentences(self, language: str = "en") -> list[str]:
        """Which columns moved the answer, in words, the strongest first."""
        largest = max((abs(e.effect) for e in self.effects), default=0.0)
        told = [e for e in self.effects[:SAID] if abs(e.effect) > max(LITTLE * largest, 1e-12)]
        kind = "p" if self.of_classes else "v"
        lines = []
        for e in told:
            way = "for" if e.effect > 0 else "against"
            lines.append(
                say(f"row_{way}_{kind}", language, column=e.column, value=_value(e.value, language),
                    about=self.about, now=self.text(self.number), drawn=self.text(e.drawn))
            )  # fmt: skip
        rest = self.effects[len(told) :]
        if rest and told:
            most = max(abs(e.effect) for e in rest)
            lines.append(say("row_rest", language, n=len(rest), most=self.text(most)))
        if not told:
            lines.append(say("row_nothing", language))
        return lines

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """The head and the lines of a table."""
        lines = [
            [
                e.column, _value(e.value), self.text(e.effect, True), self.text(e.drawn),
                f"{self.text(e.at_typical)} ({_value(e.typical)})",
                f"{e.gradient_effect:+.3g}", "" if e.slope is None else f"{e.slope:+.3g}",
            ]
            for e in self.effects
        ]  # fmt: skip
        head = ["column", "value", "effect", "without it", "with the usual value",
                "gradient × input", "gradient for 1"]  # fmt: skip
        return head, lines

    def plot(self) -> Figure:
        """Bars: what spoke for the answer, and what against it."""
        from glassnet import plots
        from glassnet.plots.words import spoken

        names = [f"{e.column} = {_value(e.value)}" for e in self.effects]
        scale = 100 if self.of_classes else 1
        return plots.effect_bars(
            names, [scale * e.effect for e in self.effects], title=self.headline(spoken()),
            percent=self.of_classes,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "row": self.row, "about": self.about, "answer": self.answer, "true": self.true,
            "number": self.number, "draws": self.draws,
            "columns": [vars(effect) for effect in self.effects],
            "sentences": self.sentences(),
        }  # fmt: skip


def explain_row(
    rows: Rows, row: int, about: str | None = None, *, draws: int = 200, random_state: int = 0
) -> RowExplanation:
    """Which columns moved the answer for one row.

    Occlusion by the data: a column's value is replaced by those of ``draws`` other rows, one
    after the other, and the answer is compared with the mean of the answers then::

        effect = model(row) - 1/m·Σ model(row with column from row i)

    What stands for "not there" is so never a value that the table could not have (Robnik-Šikonja
    and Kononenko 2008). Beside it gradient × input, which follows a straight line from the
    typical value (:func:`glassnet.explain.explain_prediction`), in the units of the table.

    Args:
        row: its number among ``rows``, counted from 0.
        about: the class to explain; the model's answer if not given.

    Raises:
        DataError: no such row.
        ConfigError: no such class.
    """
    if not 0 <= row < len(rows):
        raise DataError(f"explain_row: there is no row {row}; the {len(rows):,} begin at 0.")
    names = rows.class_names
    number = 0
    if names is not None:
        if about is not None and about not in names:
            raise ConfigError(f"about={about!r} is none of the classes {', '.join(names)}.")
        number = names.index(about) if about is not None else int(rows.given[row].argmax())
    x = rows.x[row : row + 1]
    now = _number(rows, rows.answers(x), number)[0]
    others = rows.sample(draws, random_state)
    typical = np.concatenate([_typical(rows, column) for column in rows.columns])
    gradient = _gradient(rows, x[0], number)
    effects = [
        _effect(rows, column, x, number, float(now), others.x, typical, gradient)
        for column in rows.columns
    ]
    effects.sort(key=lambda e: -abs(e.effect))
    answer, true = (
        (float(rows.given[row]), float(rows.y[row]))
        if names is None
        else (names[int(rows.given[row].argmax())], names[int(rows.y[row])])
    )
    subject = (rows.target or "answer") if names is None else names[number]
    return RowExplanation(
        row, subject, answer, true, float(now), names is not None, tuple(effects), len(others)
    )


def _number(rows: Rows, answers: Array, number: int) -> Array:
    """What is explained, of each row: one class's probability, or the value."""
    found: Array = answers[:, number] if rows.classifies else answers
    return found.astype(np.float64)


def _effect(
    rows: Rows, column: Column, x: Array, number: int, now: float, others: Array, typical: Array,
    gradient: Array,
) -> Effect:  # fmt: skip
    block = slice(column.start, column.stop)
    copies = np.repeat(x, len(others) + 1, axis=0)
    copies[:-1, block] = others[:, block]
    copies[-1, block] = typical[block]
    answers = _number(rows, rows.answers(copies), number)
    drawn = float(answers[:-1].mean())
    product = float((gradient[block] * (x[0, block] - typical[block])).sum())
    slope = None
    if column.scale is not None:
        slope = float(gradient[column.start]) / column.scale
    here, usual = (column.plain(column.values(row)[0]) for row in (x, typical[np.newaxis]))
    return Effect(
        column.name, here, usual, drawn, float(answers[-1]), now - drawn, slope, product,
    )  # fmt: skip


def _typical(rows: Rows, column: Column) -> Array:
    """The features of the median, or of the most frequent word."""
    values = rows.values(column)
    if rows.is_number(column):
        finite = values[np.isfinite(values)]
        middle: Any = float(np.median(finite)) if finite.size else float("nan")
        features: Array = column.features([middle], rows.x.dtype)[0]
        return features
    block = rows.x[:, column.start : column.stop]
    found, counts = np.unique(block, axis=0, return_counts=True)
    usual: Array = found[counts.argmax()]
    return usual


def _gradient(rows: Rows, x: Array, number: int) -> Array:
    """∂score/∂feature; of values in the units of the table."""
    model = rows.model
    if rows.classifies:
        about = number if model.classes is None else model.classes.tolist()[number]
        found: Array = explain_prediction(model, x, about).gradient
        return found
    known = model.preprocessing
    scale = 1.0 if known is None else known.target.scale
    scaled: Array = explain_prediction(model, x).gradient * scale
    return scaled


def _value(value: Any, language: str = "en") -> str:
    if value is None:
        return say("nothing", language)
    if isinstance(value, float):
        return f"{value:.5g}"
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)
