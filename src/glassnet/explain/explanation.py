"""What ``explain_step`` returns: the recorded step, and the ways to look at it."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet._core.formula import DIGITS, Index
from glassnet._core.registry import lookup
from glassnet._core.strict_json import to_json
from glassnet.errors import ShapeError
from glassnet.explain.chain import chain_to
from glassnet.explain.checking import verdict_on
from glassnet.explain.data import LayerStep, Quantity, Value
from glassnet.explain.equations import derive
from glassnet.explain.trace import StepTrace
from glassnet.explain.update_equations import update_agrees
from glassnet.explain.views import data, html, latex, text


@dataclass(frozen=True, eq=False)
class StepExplanation(StepTrace):
    """One training step, every number of it.

    Its attributes are those of :class:`StepTrace`: model, dtype, samples, layers, loss, optimizer,
    checks, mistakes, notes and h.
    """

    def value(
        self,
        layer: str | int,
        quantity: str,
        index: Sequence[int] | int = (),
        *,
        sample: int = 0,
        digits: int = DIGITS,
    ) -> Value:
        """One number of the step: how it was made, its check, the chain rule down to it.

        Args:
            layer: a name or number; "loss" for what the loss holds.
            quantity: "x", "z", "y", "dy", "dz", "dx", "W", "dW", "W_new" …: ``quantities``
                of the layer lists them.
            index: its place; the first one is the sample, but for parameters.
            sample: whose chain of factors is shown for a parameter of several samples.
            digits: significant digits in the formulas.

        Raises:
            UnknownNameError: no such layer or quantity.
            ShapeError: no such place.
        """
        if layer == "loss":
            q = lookup("quantity of the loss", self.loss.quantities, quantity)
            return self._value("loss", q, _place(q, index), digits)
        step = self.layer(layer)
        q = lookup(f"quantity of {step.name!r}:", step.quantities, quantity)
        place = _place(q, index)
        if not 0 <= sample < self.samples:
            raise ShapeError(f"sample {sample}: there are {self.samples}, numbered from 0.")
        numerical, verdict = self._numerical(step, q, place), None
        if numerical is not None:
            verdict = verdict_on(self, step, q, place, numerical)
        elif quantity.endswith("_new") and q.part == "update":
            verdict = update_agrees(self, step, quantity, place)
        chain = chain_to(self, step, quantity, place, sample)
        return self._value(
            step.name, q, place, digits,
            numerical=numerical, verdict=verdict, chain=chain, notes=step.notes,
        )  # fmt: skip

    def _value(self, layer: str, q: Quantity, place: Index, digits: int, **known: Any) -> Value:
        symbol, equation, inputs, grids = derive(self, layer, q.name, place, digits)
        return Value(
            layer=layer, quantity=q.name, index=place, value=float(q.value[place]),
            name=symbol.text, shape=q.shape, meaning=q.meaning, inputs=tuple(inputs), grids=grids,
            axes=q.axes,
            **equation._asdict(), **known,
        )  # fmt: skip

    def _numerical(self, step: LayerStep, q: Quantity, place: Index) -> float | None:
        if q.numerical is not None and not np.isnan(q.numerical[place]):
            return float(q.numerical[place])
        along = self.along(step, q.name, place)
        return None if along is None else along.slope()

    # ---- views ---------------------------------------------------------------------------

    def __str__(self) -> str:
        return text.as_text(self)

    def __rich__(self) -> Any:
        return text.render(self)

    def show(self, lines: int = text.LINES) -> None:
        """Print it with colours; ``lines`` formulas with numbers for each array."""
        text.show(self, lines)

    def _repr_html_(self) -> str:
        return html.render(self)

    def to_html(self) -> str:
        """A whole HTML file that needs nothing else."""
        return html.page(self)

    def to_latex(self, lines: int = latex.LINES, document: bool = False) -> str:
        """LaTeX for amsmath: sections to include, or with ``document`` a whole file."""
        return latex.render(self, lines, document)

    def to_dict(self, lines: int = data.LINES) -> dict[str, Any]:
        """All of it as plain JSON.

        Args:
            lines: formulas with numbers for the first so many elements of each array.
        """
        return data.render(self, lines)

    def to_json(self, lines: int = data.LINES) -> str:
        """``to_dict`` as JSON text."""
        return to_json(self.to_dict(lines))


def _place(q: Quantity, index: Sequence[int] | int) -> Index:
    """The index as a tuple of whole numbers within the shape."""
    given = index if isinstance(index, Sequence) else (index,)
    try:
        place = tuple(operator.index(i) for i in given)
    except TypeError:
        place = (-1,)
    if len(place) != len(q.shape) or any(not 0 <= i < n for i, n in zip(place, q.shape)):
        raise ShapeError(
            f"{q.name}{list(given)}: there is no such number; {q.name} has shape {q.shape}, "
            "counted from 0."
        )
    return place
