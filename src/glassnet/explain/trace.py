"""One training step as it was recorded: what each layer did, and the way from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glassnet._core.formula import Index
from glassnet._core.registry import lookup
from glassnet.activations import Activation
from glassnet.errors import ShapeError
from glassnet.explain.data import Check, LayerStep, LossStep, OptimizerStep
from glassnet.explain.probe import LossAlong, Probe
from glassnet.model import Sequential


@dataclass(frozen=True, eq=False)
class StepTrace:
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
        for step in self.layers:  # asked for each number that is shown
            if step.name == layer:
                return step
        return lookup("layer", {step.name: step for step in self.layers}, layer)

    def inside(self, step: LayerStep | None) -> list[LayerStep]:
        """The layers in one row: of the network (None), or of a block."""
        return self._named_row(None if step is None else step.name)

    def _named_row(self, block: str | None) -> list[LayerStep]:
        return [other for other in self.layers if other.inside == block]

    def row(self, step: LayerStep) -> tuple[list[LayerStep], int]:
        """The layers in one row with this one, and its place among them."""
        if step.inside is not None and self.layer(step.inside).layer.wiring == "parallel":
            return [step], 0
        row = self._named_row(step.inside)
        return row, [other.name for other in row].index(step.name)

    def below(self, step: LayerStep) -> LayerStep | None:
        """Where its input comes from: the layer before it, or the block that it begins."""
        return self._beside(step, -1)

    def above(self, step: LayerStep) -> LayerStep | None:
        """Who reads its output: the layer after it, or the block that it ends."""
        return self._beside(step, 1)

    def _beside(self, step: LayerStep, way: int) -> LayerStep | None:
        row, i = self.row(step)
        if 0 <= i + way < len(row):
            return row[i + way]
        return None if step.inside is None else self.layer(step.inside)

    @property
    def last(self) -> LayerStep:
        """The network's last layer."""
        return self.inside(None)[-1]

    @property
    def output_function(self) -> Activation | None:
        """The function of the last layer."""
        return self.last.layer.function

    def along(self, step: LayerStep, quantity: str, place: Index) -> LossAlong | None:
        """The loss as the number moves whose derivative ``quantity[place]`` is; None for none."""
        if quantity in ("dx", "dy", "dz"):
            return self.probe.inner(step.name, quantity[1:], place)
        name = quantity.removeprefix("d")
        if not quantity.startswith("d") or name not in step.parameters:
            return None
        flat = int(np.ravel_multi_index(place, step[name].shape))
        start = self.probe.model.parameters.slices[f"{step.name}/{name}"].start
        return self.probe.parameter(start + flat)

    @property
    def ok(self) -> bool:
        """Whether no check is red (True if none was asked for)."""
        return not any(check.verdict == "off" for check in self.checks)
