"""What was kept of the layers and the optimizer, with its names and formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.explain import kinds
from glassnet.explain.data import LayerStep, OptimizerStep, Quantity
from glassnet.explain.record import Record, Watch
from glassnet.explain.updates import latex_of
from glassnet.layers import L1L2, Dense
from glassnet.model import Sequential
from glassnet.model.summary import describe

Array = NDArray[Any]


def frozen(array: Array) -> Array:
    array = np.array(array)
    array.flags.writeable = False
    return array


def layer_step(watch: Watch, record: Record) -> LayerStep:
    layer = record.layer
    quantities: dict[str, Quantity] = {}
    for name, d in kinds.describe_arrays(record).items():
        if name in record.arrays:
            quantities[name] = Quantity(
                name, d.symbol, d.latex_symbol, d.part, d.meaning, frozen(record.arrays[name]),
                d.formula, d.latex,
            )  # fmt: skip
    if not layer.sublayers():
        for weight in layer.weights():
            if weight.trained:
                quantities |= _parameter(watch, record.name, weight.name)
    f = getattr(layer, "activation", None)
    notes = []
    if not layer.trainable:
        notes.append("frozen: the optimizer leaves its parameters as they are")
    return LayerStep(
        name=record.name,
        kind=layer.kind,
        title=layer.title,
        describes=describe(layer),
        inside=record.inside,
        activation=None if f is None else f.name,
        quantities=quantities,
        notes=tuple(notes),
        layer=layer,
    )


def _parameter(watch: Watch, layer: str, name: str) -> dict[str, Quantity]:
    """The weight, its gradient and its parts, the optimizer's memory, the new weight."""
    full = f"{layer}/{name}"
    parameters = watch.model.parameters
    place, shape = parameters.slices[full], parameters.shapes[full]
    letter, code = kinds.letters(name)
    d, d_code = f"∂L/∂{letter}", kinds.slope_latex(code)

    def cut(vector: Array) -> Array:
        return frozen(vector[place].reshape(shape))

    old, new = cut(watch.before["values"]), cut(parameters.values)
    total = cut(watch.before["gradients"])
    formula, latex = kinds.gradient_formula(name)
    found: dict[str, Quantity] = {}

    def add(key: str, symbol: str, tex: str, part: str, meaning: str, value: Array,
            formula: str = "", latex: str = "") -> None:  # fmt: skip
        found[key] = Quantity(
            key, symbol, tex, part, meaning, value, formula or symbol, latex or tex
        )

    add(name, letter, code, "parameter", "weight before the step", old)
    regularizer = _regularizer(watch, layer) if name == "W" else None
    if regularizer is not None:
        part, added = watch.loss_part[full], np.zeros_like(old)
        regularizer.add_gradient(np.ascontiguousarray(old), added)
        add(f"d{name}_loss", f"{d} (loss)", d_code, "backward", "what the data say", frozen(part),
            formula, latex)  # fmt: skip
        penalty = f"l1·sign({letter}) + 2·l2·{letter}"
        add(f"d{name}_penalty", f"∂penalty/∂{letter}", rf"\frac{{\partial R}}{{\partial {code}}}",
            "backward", "what the penalty adds", frozen(added), penalty,
            rf"l_1\,\mathrm{{sign}}({code}) + 2 l_2 {code}")  # fmt: skip
        formula, latex = f"{formula} + {penalty}", latex + r" + \frac{\partial R}{\partial W}"
    add(f"d{name}", d, d_code, "backward", "gradient", total, formula, latex)
    if "clipped" in watch.before:
        bounds = {k: v for k, v in watch.model.optimizer.clipping.bounds.items() if v is not None}
        words = ", ".join(f"{k} {v:g}" for k, v in bounds.items())
        add(f"d{name}_clipped", f"{d} (clipped)", d_code, "update", "gradient within its bounds",
            cut(watch.before["clipped"]), f"{d} held within {words}")  # fmt: skip
    optimizer = watch.model.optimizer
    rules = optimizer.explain_update(0.0, 0.0).formula.split("\n")
    for key, vector in optimizer.state.items():
        sign = optimizer.symbols[key]
        rule = next(line for line in rules if line.startswith(f"{sign}′"))
        add(f"{name}_{key}", f"{sign}({letter})", sign, "update", f"the optimizer's {key}, before",
            cut(watch.before[f"state/{key}"]))  # fmt: skip
        add(f"{name}_{key}_new", f"{sign}′({letter})", f"{sign}'", "update",
            f"the optimizer's {key}, after", cut(vector), rule, latex_of(rule))  # fmt: skip
    add(f"{name}_change", f"Δ{letter}", rf"\Delta {code}", "update", "change of the weight",
        frozen(new - old), f"Δ{letter} = {letter}′ − {letter}",
        rf"\Delta {code} = {code}' - {code}")  # fmt: skip
    rule = rules[-1].replace("w", letter)
    add(f"{name}_new", f"{letter}′", f"{code}'", "update", "weight after the step", new, rule,
        latex_of(rule))  # fmt: skip
    return found


def _regularizer(watch: Watch, layer: str) -> L1L2 | None:
    found = next(record.layer for record in watch.records if record.name == layer)
    return found.kernel_regularizer if isinstance(found, Dense) else None


def optimizer_step(model: Sequential) -> OptimizerStep:
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
