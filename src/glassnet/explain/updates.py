"""The numbers of the optimizer's update, by its own formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from glassnet.explain.data import LayerStep
from glassnet.explain.equations import Index, Made, Place
from glassnet.explain.writing import (
    Equation,
    Factor,
    Symbol,
    indexed,
    latex_number,
    new,
    plain,
    shown,
    slope,
    template,
)
from glassnet.optimizers.explanation import Update

if TYPE_CHECKING:
    from glassnet.explain.explanation import StepExplanation


def update_of(
    explanation: StepExplanation, step: LayerStep, parameter: str, index: Index
) -> Update:
    """What the optimizer says that it does to one weight."""
    model = explanation.before
    shape = step[parameter].shape
    i = model.parameters.slices[f"{step.name}/{parameter}"].start
    i += int(np.ravel_multi_index(index, shape))
    optimizer = model.optimizer
    clipped = f"d{parameter}_clipped"
    gradient = step[clipped if clipped in step.quantities else f"d{parameter}"]
    return optimizer.explain_update(
        float(step[parameter][index]),
        float(gradient[index]),
        optimizer.state_at(i),
        optimizer.steps + 1,
    )


def make_update(
    explanation: StepExplanation, step: LayerStep, quantity: str, index: Index, digits: int
) -> Made:
    """The equation of a quantity of the part "update"."""
    parameter = next(
        name
        for name in sorted(step.parameters, key=len, reverse=True)
        if quantity.removeprefix("d").startswith(f"{name}_")
    )
    rest = quantity.removeprefix("d").removeprefix(f"{parameter}_")
    maker = explanation.maker(step, digits)
    weight = maker.parameter(parameter, index)
    value = float(step[quantity][index])
    if rest == "clipped":
        own = slope(weight)
        symbol = Symbol(f"{own.text} (clipped)", own.latex)
        text = (
            f"{shown(float(step[f'd{parameter}'][index]), digits)} becomes {shown(value, digits)}"
        )
        formula = step.quantities[quantity].formula
        equation = Equation(formula, text, own.latex, rf"\text{{{text}}}")
        return Made(symbol, equation, ((step.name, f"d{parameter}", index),))
    if rest == "change":
        symbol = Symbol(f"Δ{weight.text}", rf"\Delta {weight.latex}")
        factors = {
            "a": Factor(new(weight), float(step[f"{parameter}_new"][index])),
            "b": Factor(weight, float(step[parameter][index])),
        }
        equation = template(symbol, "{a} − {b}", "<a> - <b>", factors, value, digits)
        places: tuple[Place, ...] = (
            (step.name, f"{parameter}_new", index), (step.name, parameter, index)
        )  # fmt: skip
        return Made(symbol, equation, places)
    inputs = _inputs(step, parameter, index)
    update = update_of(explanation, step, parameter, index)
    if rest != "new" and not rest.endswith("_new"):  # the memory as it was before
        sign = explanation.before.optimizer.symbols[rest]
        symbol = indexed(sign, *index)
        return Made(symbol, plain(symbol, None, value, digits))
    symbols = explanation.before.optimizer.symbols
    letter = "w" if rest == "new" else symbols[rest.removesuffix("_new")]
    symbol = new(weight) if rest == "new" else new(indexed(letter, *index))
    return Made(symbol, _written(explanation, step, update, letter, value, digits), inputs)


def _inputs(step: LayerStep, parameter: str, index: Index) -> tuple[Place, ...]:
    clipped = f"d{parameter}_clipped"
    names = [parameter, clipped if clipped in step.quantities else f"d{parameter}"]
    start = f"{parameter}_"
    names += [
        name for name in step.quantities
        if name.startswith(start) and not name.endswith(("_new", "_change"))
    ]  # fmt: skip
    return tuple((step.name, name, index) for name in names)


def _written(
    explanation: StepExplanation, step: LayerStep, update: Update, letter: str, value: float,
    digits: int,
) -> Equation:  # fmt: skip
    """The optimizer's lines down to the one that makes ``letter``′."""
    lines = update.lines
    if letter != "w":
        lines = tuple(line for line in lines if line.startswith(f"{{{letter}′}}"))
    formula = "\n".join(lines).replace("{", "").replace("}", "")
    numbers = []
    for line in lines:
        left, _, right = line.partition(" = ")
        name = left.strip("{}")
        filled = right.format_map({
            k: f"({shown(v, digits)})" if v < 0 else shown(v, digits)
            for k, v in update.numbers.items()
        })  # fmt: skip
        numbers.append(f"{name} = {filled} = {shown(update.numbers[name], digits)}")
    layer = step.layer
    limit = getattr(layer, "max_norm", None)
    if letter == "w" and limit is not None and value != update.new_value:
        formula += f"\nw′ shortened, so that the weights into one unit are at most {limit:g} long"
        numbers.append(f"w′ = {shown(value, digits)} after max_norm {limit:g}")
    elif letter == "w":
        expected = update.new_value
        if abs(value - expected) > 1e-5 * max(abs(expected), abs(update.value), 1e-3):
            numbers[-1] += f", but here {shown(value, digits)}"
    code = r" \\ ".join(latex_of(line) for line in formula.split("\n"))
    code_numbers = r" \\ ".join(latex_of(line) for line in numbers)
    return Equation(formula, "\n".join(numbers), code, code_numbers)


def update_agrees(
    explanation: StepExplanation, step: LayerStep, quantity: str, index: Index
) -> str | None:
    """Whether the weight moved as the optimizer's formula says."""
    parameter = quantity.removesuffix("_new")
    if parameter not in step.parameters or (step.layer is not None and not step.layer.trainable):
        return None
    if getattr(step.layer, "max_norm", None) is not None:
        return None
    expected = update_of(explanation, step, parameter, index).new_value
    single = 4e-6 if explanation.dtype == "float32" else 1e-12
    size = max(abs(expected), abs(float(step[parameter][index])), 1e-3)
    return "ok" if abs(float(step[quantity][index]) - expected) <= single * size else "off"


_CODES = {
    "η": r"\eta ", "β": r"\beta ", "ρ": r"\rho ", "μ": r"\mu ", "ν": r"\nu ", "λ": r"\lambda ",
    "ε": r"\epsilon ", "α": r"\alpha ", "·": r" \cdot ", "′": "'", "₁": "_1", "₂": "_2",
    "²": "^2", "−": "-", "Δ": r"\Delta ", "∂": r"\partial ", "γ": r"\gamma ",
}  # fmt: skip


def latex_of(line: str) -> str:
    r"""A line of an optimizer's formula in LaTeX.

    >>> latex_of("w′ = w - α·m′ / (√v′ + ε)")
    "w' = w - \\alpha  \\cdot m' / (\\sqrt{v'} + \\epsilon )"
    """
    line = re.sub(r"√\(([^()]*(?:\([^()]*\)[^()]*)*)\)", r"\\sqrt{\1}", line)
    line = re.sub(r"√([^\s()·/+]+)", r"\\sqrt{\1}", line)
    line = re.sub(r"(\d(?:\.\d+)?)e([+-]?\d+)", lambda m: latex_number(float(m[0])), line)
    for sign, code in _CODES.items():
        line = line.replace(sign, code)
    return line
