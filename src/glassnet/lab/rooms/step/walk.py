"""The way through one training step: forward, the loss, backward, the update; unit by unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from glassnet.explain import LayerStep, StepExplanation

Place = tuple[str, str, tuple[int, ...]]  # a number: layer, quantity, index

PHASES = ("forward", "loss", "backward", "update")
INPUTS = -1  # in place of a unit: the gradient that goes out below the first layer


@dataclass(frozen=True)
class Stop:
    """Where the walk halts.

    Attributes:
        phase: one of ``PHASES``.
        layer: its name; "loss" for the loss.
        unit: which one of it, from 0; None for the loss, ``INPUTS`` for the network's inputs.
        numbers: what is to be seen here, in the order in which they are computed; a block's
            sum stands before its terms.
    """

    phase: str
    layer: str
    unit: int | None
    numbers: tuple[Place, ...]


def walk(explanation: StepExplanation, sample: int) -> list[Stop]:
    """Every stop of one step; numbers that each sample has its own of are those of ``sample``."""
    layers = [step for step in in_order(explanation) if units(step)]
    stops = [Stop("forward", step.name, j, tuple(_forward(explanation, step, sample, j)))
             for step in layers for j in range(units(step))]  # fmt: skip
    loss = explanation.loss.quantities
    outputs = range(loss["p"].shape[-1])
    seen: list[Place] = [("loss", name, (sample, k)) for name in ("p", "t") for k in outputs]
    seen += [("loss", "l", (sample,)), ("loss", "L", ())]
    stops.append(Stop("loss", "loss", None, tuple(seen)))
    down = [name for name in ("gradient", "dp", "chain") if name in loss]
    seen = [("loss", name, (sample, k)) for name in down for k in outputs]
    stops.append(Stop("backward", "loss", None, tuple(seen)))
    for step in in_order(explanation, back=True):
        stops += [Stop("backward", step.name, j, tuple(_backward(explanation, step, sample, j)))
                  for j in range(units(step))]  # fmt: skip
    first = next(step for step in explanation.layers if units(step))
    if "dx" in first.quantities:
        inputs = range(first["dx"].shape[-1])
        numbers = tuple((first.name, "dx", (sample, i)) for i in inputs)
        stops.append(Stop("backward", first.name, INPUTS, numbers))
    stops += [Stop("update", step.name, j, tuple(_update(step, j)))
              for step in layers for j in range(units(step)) if step.parameters]  # fmt: skip
    return stops


def in_order(
    explanation: StepExplanation, block: LayerStep | None = None, back: bool = False
) -> Iterator[LayerStep]:
    """The layers as the walk comes to them: a block's sums, both ways, after what is inside it."""
    row = explanation.inside(block)
    for step in reversed(row) if back else row:
        yield from in_order(explanation, step, back)
        yield step


def units(step: LayerStep) -> int:
    """How many units a layer has; 0 if it has none in a row, as one that reshapes."""
    y = step.quantities.get("y")
    return y.shape[1] if y is not None and len(y.shape) == 2 else 0


def begins_column(step: LayerStep) -> bool:
    """Whether units of its own stand in the drawing: it joins all units to all by a matrix W."""
    return "W" in step.parameters


def column_of(explanation: StepExplanation) -> dict[str, int]:
    """In which column of the drawing a layer lies: each matrix W begins one, 0 are the inputs."""
    columns, column = {"loss": 0}, 0
    for step in in_order(explanation):
        column += begins_column(step)
        columns[step.name] = column
    columns["loss"] = column
    return columns


def _forward(all_: StepExplanation, step: LayerStep, sample: int, unit: int) -> Iterator[Place]:
    if inside := all_.inside(step):  # y = x + F(x), and its two terms
        terms = (step.name, "y"), (step.name, "x"), (inside[-1].name, "y")
        yield from ((name, quantity, (sample, unit)) for name, quantity in terms)
        return
    for q in step.quantities.values():
        if q.part in ("forward", "kept") and q.name != "x":
            yield step.name, q.name, (unit,) if len(q.shape) == 1 else (sample, unit)


def _backward(all_: StepExplanation, step: LayerStep, sample: int, unit: int) -> Iterator[Place]:
    if inside := all_.inside(step):  # ∂L/∂x = ∂L/∂y + ∂L/∂x (F), and its two terms
        terms = (step.name, "dx"), (step.name, "dy"), (inside[0].name, "dx")
        yield from ((name, quantity, (sample, unit)) for name, quantity in terms)
        return
    flowing = ("dy", "dz") if "dz" in step.quantities else ("dy",)
    for name in flowing:
        if name in step.quantities:
            yield step.name, name, (sample, unit)
    for name in step.parameters:
        if f"d{name}" in step.quantities:
            yield from _of_parameter(step, name, f"d{name}", unit)
    if "dz" not in step.quantities and "dx" in step.quantities:
        yield step.name, "dx", (sample, unit)


def _update(step: LayerStep, unit: int) -> Iterator[Place]:
    for name in step.parameters:
        if f"{name}_new" in step.quantities:
            yield from _of_parameter(step, name, f"{name}_new", unit)


def _of_parameter(step: LayerStep, name: str, quantity: str, unit: int) -> Iterator[Place]:
    """The numbers of a matrix that lead to a unit, or the one of a vector."""
    shape = step[name].shape
    if len(shape) == 2:
        for i in range(shape[0]):
            yield step.name, quantity, (i, unit)
    else:
        yield step.name, quantity, (unit,)
