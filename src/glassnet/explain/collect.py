"""What was recorded of the layers and the optimizer, with its names and formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.data import LayerStep, OptimizerStep, Quantity
from glassnet.explain.recorder import Record, StepRecorder
from glassnet.explain.update_equations import latex_of
from glassnet.layers.equations import INCOMING, INPUT, slope_latex
from glassnet.model import Sequential
from glassnet.model.summary import describe


def frozen(array: Array) -> Array:
    """A copy that nobody writes to."""
    array = np.array(array)
    array.flags.writeable = False
    return array


def layer_step(recorder: StepRecorder, record: Record) -> LayerStep:
    """One layer, as it is explained."""
    layer, f = record.layer, record.layer.function
    described = {"x": INPUT, "dy": INCOMING} | record.equations.describe()
    quantities = {
        name: Quantity(
            name, d.symbol, d.latex_symbol, d.part, d.meaning, frozen(record[name]), d.formula,
            d.latex, axes=record.equations.axes(name),
        )
        for name, d in described.items()
        if name in record
    }  # fmt: skip
    for name in record.parameters:
        axes = record.equations.axes(name)
        quantities |= {q.name: replace(q, axes=axes) for q in _parameter(recorder, record, name)}
    still = "frozen: the optimizer leaves its parameters as they are"
    return LayerStep(
        name=record.name,
        kind=layer.kind,
        title=layer.title,
        describes=describe(layer),
        inside=record.inside,
        activation=None if f is None else f.name,
        quantities=quantities,
        notes=() if layer.trainable else (still,),
        layer=layer,
    )


def _parameter(recorder: StepRecorder, record: Record, name: str) -> Iterator[Quantity]:
    """The weight, its gradient and the parts of that, the optimizer's memory, the new weight."""
    full = f"{record.name}/{name}"
    parameters, optimizer = recorder.model.parameters, recorder.model.optimizer
    place, shape = parameters.slices[full], parameters.shapes[full]
    equations, before = record.equations, recorder.before
    letter, code = equations.letter(name)
    d, d_code = f"∂L/∂{letter}", slope_latex(code)

    def cut(vector: Array) -> Array:
        return frozen(vector[place].reshape(shape))

    old, new = cut(before["values"]), cut(parameters.values)
    formula, latex = equations.gradient(name)
    yield Quantity(name, letter, code, "parameter", "weight before the step", old, letter, code)
    regularizer = equations.regularizers().get(name)
    if regularizer is not None:
        added = np.zeros_like(old)
        regularizer.add_gradient(np.ascontiguousarray(old), added)
        data = frozen(recorder.loss_part[full])
        yield Quantity(f"d{name}_loss", f"{d} (loss)", d_code, "backward", "what the data say",
                       data, formula, latex)  # fmt: skip
        penalty = f"l1·sign({letter}) + 2·l2·{letter}"
        slope = rf"\frac{{\partial R}}{{\partial {code}}}"
        yield Quantity(f"d{name}_penalty", f"∂penalty/∂{letter}", slope, "backward",
                       "what the penalty adds", frozen(added), penalty,
                       rf"l_1\,\mathrm{{sign}}({code}) + 2 l_2 {code}")  # fmt: skip
        formula, latex = f"{formula} + {penalty}", f"{latex} + {slope}"
    gradient = cut(before["gradients"])
    yield Quantity(f"d{name}", d, d_code, "backward", "gradient", gradient, formula, latex)
    if "clipped" in before:
        bounds = {k: v for k, v in optimizer.clipping.bounds.items() if v is not None}
        words = ", ".join(f"{k} {v:g}" for k, v in bounds.items())
        yield Quantity(f"d{name}_clipped", f"{d} (clipped)", d_code, "update",
                       "gradient within its bounds", cut(before["clipped"]),
                       f"{d} held within {words}", d_code)  # fmt: skip
    rules = optimizer.explain_update(0.0, 0.0).formula.split("\n")
    for key, vector in optimizer.state.items():
        sign = optimizer.symbol_of(key)
        rule = next(line for line in rules if line.startswith(f"{sign}′"))
        memory = f"{sign}({letter})"
        yield Quantity(f"{name}_{key}", memory, sign, "update", f"the optimizer's {key}, before",
                       cut(before[f"state/{key}"]), memory, sign)  # fmt: skip
        yield Quantity(f"{name}_{key}_new", f"{sign}′({letter})", f"{sign}'", "update",
                       f"the optimizer's {key}, after", cut(vector), rule,
                       latex_of(rule))  # fmt: skip
    yield Quantity(f"{name}_change", f"Δ{letter}", rf"\Delta {code}", "update",
                   "change of the weight", frozen(new - old), f"Δ{letter} = {letter}′ − {letter}",
                   rf"\Delta {code} = {code}' - {code}")  # fmt: skip
    rule = rules[-1].replace("w", letter)
    yield Quantity(f"{name}_new", f"{letter}′", f"{code}'", "update", "weight after the step", new,
                   rule, latex_of(rule))  # fmt: skip


def optimizer_step(model: Sequential) -> OptimizerStep:
    """The optimizer, as it is explained."""
    optimizer = model.optimizer
    config = optimizer.get_config()
    return OptimizerStep(
        name=optimizer.name,
        step=optimizer.steps + 1,
        learning_rate=float(optimizer.current_learning_rate),
        formula=optimizer.explain_update(0.0, 0.0).formula,
        settings={k: v for k, v in config.items() if k != "name"},
        clipped=optimizer.clipping.active,
    )
