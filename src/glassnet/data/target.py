"""What is predicted: classes with their names, or a value in its units."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.data.dataset import Task

Label = str | int | float | bool


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Classification: class k is ``classes[k]``. Regression: y = (value - mean) / scale,
    where mean is 0 and scale 1 unless the target was standardised on request.

    ``error_quantiles``: of regression, how far off the model was on rows that it had not learned
    from, in the units of the table, as ``data/intervals.py`` gives
    it; empty where that is not known.
    """

    name: str
    task: Task
    classes: tuple[Label, ...] = ()
    mean: float = 0.0
    scale: float = 1.0
    error_quantiles: tuple[float, ...] = ()

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The classes as text, or None for regression."""
        return tuple(map(label_text, self.classes)) if self.task == "classification" else None


def label_text(label: Label) -> str:
    """A class as text.

    >>> label_text(True), label_text(3), label_text("a")
    ('true', '3', 'a')
    """
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, float):
        return str(int(label)) if label.is_integer() else repr(label)
    return str(label)
