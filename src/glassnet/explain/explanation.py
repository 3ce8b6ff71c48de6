"""What ``explain_step`` returns: the data, and the ways to look at it."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.registry import lookup
from glassnet._core.strict_json import to_json
from glassnet.activations import Activation
from glassnet.errors import ShapeError
from glassnet.explain import html, latex, text
from glassnet.explain.chain import chain_to
from glassnet.explain.checking import verdict
from glassnet.explain.data import Check, LayerStep, LossStep, OptimizerStep, Quantity, Value
from glassnet.explain.dense_equations import DenseMaker, FunctionMaker
from glassnet.explain.equations import Index, Made, Maker
from glassnet.explain.loss_equations import LossMaker
from glassnet.explain.normalization_equations import NormalizationMaker
from glassnet.explain.other_equations import DropoutMaker, RescalingMaker, ResidualMaker
from glassnet.explain.probe import Along, Probe
from glassnet.explain.updates import make_update, update_agrees
from glassnet.explain.writing import DIGITS
from glassnet.layers import Activation as ActivationLayer
from glassnet.layers import (
    BatchNormalization,
    Dense,
    Dropout,
    Layer,
    LayerNormalization,
    Rescaling,
    Residual,
)
from glassnet.model import Sequential

Array = NDArray[Any]

MAKERS: dict[type[Layer], type[Maker]] = {
    Dense: DenseMaker,
    ActivationLayer: FunctionMaker,
    Dropout: DropoutMaker,
    BatchNormalization: NormalizationMaker,
    LayerNormalization: NormalizationMaker,
    Rescaling: RescalingMaker,
    Residual: ResidualMaker,
}

LINES = 64  # lines with numbers for each array in to_dict; a larger array is cut, and says so
ELEMENTS = 50_000  # numbers of one array in to_dict


@dataclass(frozen=True, eq=False)
class StepExplanation:
    """One training step, every number of it.

    Attributes:
        model: its name.
        dtype: what it computes in.
        samples: how many.
        layers: what each layer did, those inside a block after the block.
        loss: what the loss said.
        optimizer: how the update was made.
        checks: each parameter's gradient beside the differences; empty if not asked for.
        mistakes: the classic mistakes that were switched on.
        notes: what else to know.
        h: the step of the differences.
    """

    model: str
    dtype: str
    samples: int
    layers: tuple[LayerStep, ...]
    loss: LossStep
    optimizer: OptimizerStep
    mistakes: tuple[str, ...]
    notes: tuple[str, ...]
    h: float
    probe: Probe = field(repr=False)
    before: Sequential = field(repr=False)
    checks: tuple[Check, ...] = ()

    # ---- finding one's way ---------------------------------------------------------------

    def layer(self, layer: str | int) -> LayerStep:
        """The layer of this name or number.

        Raises:
            UnknownNameError, ShapeError: there is none.
        """
        if isinstance(layer, int):
            try:
                return self.layers[layer]
            except IndexError:
                raise ShapeError(
                    f"layer {layer}: there are {len(self.layers)}, numbered from 0."
                ) from None
        return lookup("layer", {step.name: step for step in self.layers}, layer)

    def inside(self, step: LayerStep | None) -> list[LayerStep]:
        """The layers in one row: of the network (None), or of a block."""
        name = None if step is None else step.name
        return [other for other in self.layers if other.inside == name]

    def _row(self, step: LayerStep) -> tuple[list[LayerStep], int]:
        row = [other for other in self.layers if other.inside == step.inside]
        return row, [other.name for other in row].index(step.name)

    def below(self, step: LayerStep) -> LayerStep | None:
        """Where its input comes from: the layer before it, or the block that it begins."""
        row, i = self._row(step)
        if i > 0:
            return row[i - 1]
        return None if step.inside is None else self.layer(step.inside)

    def above(self, step: LayerStep) -> LayerStep | None:
        """Who reads its output: the layer after it, or the block that it ends."""
        row, i = self._row(step)
        if i + 1 < len(row):
            return row[i + 1]
        return None if step.inside is None else self.layer(step.inside)

    @property
    def last(self) -> LayerStep:
        """The network's last layer."""
        return self.inside(None)[-1]

    @property
    def output_function(self) -> Activation | None:
        """The function of the last layer."""
        layer = self.last.layer
        return layer.activation if isinstance(layer, (Dense, ActivationLayer)) else None

    def maker(self, step: LayerStep, digits: int) -> Maker:
        """Who writes the equations of a layer."""
        made: type[Maker] = next(
            (kind for layer, kind in MAKERS.items() if isinstance(step.layer, layer)), Maker
        )
        return made(self, step, digits)

    def loss_maker(self, digits: int) -> LossMaker:
        """Who writes the equations of the loss."""
        return LossMaker(self, digits)

    # ---- one number ----------------------------------------------------------------------

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
            place = _place(q, index)
            made = self.loss_maker(digits).make(quantity, place)
            return self._value("loss", q, place, made)
        step = self.layer(layer)
        q = lookup(f"quantity of {step.name!r}:", step.quantities, quantity)
        place = _place(q, index)
        if q.part == "update":
            made = make_update(self, step, quantity, place, digits)
        else:
            made = self.maker(step, digits).make(quantity, place)
        numerical = self._numerical(step, q, place)
        judged = None
        if numerical is not None:
            judged = self._verdict_of(step, q, place, numerical)
        elif quantity.endswith("_new") and q.part == "update":
            judged = update_agrees(self, step, quantity, place)
        if not 0 <= sample < self.samples:
            raise ShapeError(f"sample {sample}: there are {self.samples}, numbered from 0.")
        chain = chain_to(self, step, quantity, place, sample)
        return self._value(step.name, q, place, made, numerical, judged, chain, step.notes)

    def _value(
        self, layer: str, q: Quantity, place: Index, made: Made, numerical: float | None = None,
        judged: str | None = None, chain: Any = (), notes: tuple[str, ...] = (),
    ) -> Value:  # fmt: skip
        e = made.equation
        return Value(
            layer=layer,
            quantity=q.name,
            index=place,
            value=float(q.value[place]),
            name=made.symbol.text,
            shape=q.shape,
            meaning=q.meaning,
            formula=e.formula,
            with_numbers=e.with_numbers,
            latex=e.latex,
            latex_with_numbers=e.latex_with_numbers,
            numerical=numerical,
            verdict=judged,
            chain=chain,
            inputs=made.inputs,
            notes=notes,
        )

    # ---- differences ---------------------------------------------------------------------

    def along(self, step: LayerStep, quantity: str, place: Index) -> Along | None:
        """The loss as the number moves whose derivative ``quantity[place]`` is; None for none."""
        if quantity in ("dx", "dy", "dz"):
            return self.probe.inner(step.name, quantity[1:], place)
        name = quantity.removeprefix("d")
        if not quantity.startswith("d") or name not in step.parameters:
            return None
        flat = int(np.ravel_multi_index(place, step[name].shape))
        start = self.probe.model.parameters.slices[f"{step.name}/{name}"].start
        return self.probe.parameter(start + flat)

    def _numerical(self, step: LayerStep, q: Quantity, place: Index) -> float | None:
        if q.numerical is not None and not np.isnan(q.numerical[place]):
            return float(q.numerical[place])
        along = self.along(step, q.name, place)
        return None if along is None else along.slope()

    def _verdict_of(self, step: LayerStep, q: Quantity, place: Index, numerical: float) -> str:
        finite = np.abs(q.value[np.isfinite(q.value)])
        scale = float(finite.max()) if finite.size else 0.0
        along = self.along(step, q.name, place)
        assert along is not None
        return verdict(float(q.value[place]), numerical, scale, self.dtype == "float32", along)

    def verdict_at(self, layer: str, quantity: str, place: Index) -> str:
        """The verdict on one number that has a difference beside it."""
        step = self.layer(layer)
        q = step.quantities[quantity]
        assert q.numerical is not None
        return self._verdict_of(step, q, place, float(q.numerical[place]))

    @property
    def ok(self) -> bool:
        """Whether no check is red (True if none was asked for)."""
        return not any(check.verdict == "off" for check in self.checks)

    # ---- as plain data -------------------------------------------------------------------

    def to_dict(self, lines: int = LINES) -> dict[str, Any]:
        """All of it as plain JSON.

        Args:
            lines: formulas with numbers for the first so many elements of each array.
        """
        return {
            "model": self.model,
            "dtype": self.dtype,
            "samples": self.samples,
            "h": self.h,
            "ok": self.ok,
            "mistakes": list(self.mistakes),
            "notes": list(self.notes),
            "loss": {
                "name": self.loss.name,
                "display_name": self.loss.display_name,
                "fused": self.loss.fused,
                "formula": self.loss.formula,
                "latex": self.loss.latex,
                "gradient_formula": self.loss.gradient_formula,
                "value": self.loss.value,
                "penalty": self.loss.penalty,
                "by_sample": self.loss["l"].tolist(),
                "sample_weight": self.loss.sample_weight,
                "quantities": self._quantities("loss", self.loss.quantities, lines),
            },
            "layers": [
                {
                    "name": step.name,
                    "kind": step.kind,
                    "title": step.title,
                    "describes": step.describes,
                    "inside": step.inside,
                    "activation": step.activation,
                    "notes": list(step.notes),
                    "quantities": self._quantities(step.name, step.quantities, lines),
                }
                for step in self.layers
            ],
            "optimizer": {
                "name": self.optimizer.name,
                "step": self.optimizer.step,
                "learning_rate": self.optimizer.learning_rate,
                "formula": self.optimizer.formula,
                "settings": dict(self.optimizer.settings),
                "clipped": self.optimizer.clipped,
            },
            "checks": [check.to_dict() for check in self.checks],
        }

    def _quantities(self, layer: str, quantities: Any, lines: int) -> dict[str, Any]:
        return {name: self._quantity(layer, q, lines) for name, q in quantities.items()}

    def _quantity(self, layer: str, q: Quantity, lines: int) -> dict[str, Any]:
        found = q.to_dict()
        if q.value.size > ELEMENTS:
            found["value"], found["numerical"] = None, None
            found["cut"] = f"{q.value.size:,} numbers are too many to write out; ask value()"
        written = []
        for index in list(np.ndindex(q.shape))[:lines] if lines else []:
            made = self.equation(layer, q.name, index)
            written.append({"index": list(index), "with_numbers": made.equation.with_numbers,
                            "formula": made.equation.formula})  # fmt: skip
        found["lines"] = written
        if len(written) < q.value.size:
            found["lines_cut"] = f"the first {len(written)} of {q.value.size:,}"
        return found

    def equation(self, layer: str, quantity: str, index: Index, digits: int = DIGITS) -> Made:
        """How one number was made, without its check."""
        if layer == "loss":
            return self.loss_maker(digits).make(quantity, index)
        step = self.layer(layer)
        if step.quantities[quantity].part == "update":
            return make_update(self, step, quantity, index, digits)
        return self.maker(step, digits).make(quantity, index)

    def __str__(self) -> str:
        return text.plain(self)

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

    def to_json(self, lines: int = LINES) -> str:
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
