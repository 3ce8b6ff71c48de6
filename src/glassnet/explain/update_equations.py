"""The equations of the optimizer's update, by its own formula."""

from __future__ import annotations

import re

import numpy as np

from glassnet._core.derivation import Derivation
from glassnet._core.formula import (
    Equation,
    Index,
    Place,
    Symbol,
    factor_text,
    indexed,
    number_latex,
    number_text,
    primed,
    slope,
)
from glassnet.explain.data import LayerStep
from glassnet.explain.trace import StepTrace
from glassnet.layers.equations import LayerEquations
from glassnet.optimizers.explanation import Update


def update_of(trace: StepTrace, step: LayerStep, parameter: str, index: Index) -> Update:
    """What the optimizer says that it does to one weight."""
    model = trace.before
    i = model.parameters.slices[f"{step.name}/{parameter}"].start
    i += int(np.ravel_multi_index(index, step[parameter].shape))
    optimizer = model.optimizer
    return optimizer.explain_update(
        float(step[parameter][index]),
        float(step[_gradient(step, parameter)][index]),
        optimizer.state_at(i),
        optimizer.steps + 1,
    )


def _gradient(step: LayerStep, parameter: str) -> str:
    """The gradient that the optimizer reads."""
    clipped = f"d{parameter}_clipped"
    return clipped if clipped in step else f"d{parameter}"


def derive_update(
    trace: StepTrace, step: LayerStep, equations: LayerEquations, quantity: str, index: Index
) -> Derivation:
    """The equation of a quantity of the part "update"."""
    digits = equations.digits
    parameter = next(
        name
        for name in sorted(step.parameters, key=len, reverse=True)
        if quantity.removeprefix("d").startswith(f"{name}_")
    )
    rest = quantity.removeprefix("d").removeprefix(f"{parameter}_")
    weight = equations.weight(parameter, index)
    value = equations.at(quantity, index)
    if rest == "clipped":
        own = slope(weight.symbol)
        before = equations.at(f"d{parameter}", index)
        text = f"{number_text(before, digits)} becomes {number_text(value, digits)}"
        equation = Equation(step.quantities[quantity].formula, text, own.latex, rf"\text{{{text}}}")
        symbol = Symbol(f"{own.text} (clipped)", own.latex)
        return Derivation(symbol, equation, ((step.name, f"d{parameter}", index),))
    if rest == "change":
        symbol = Symbol(f"Δ{weight.symbol.text}", rf"\Delta {weight.symbol.latex}")
        after = equations.factor(primed(weight.symbol), f"{parameter}_new", index)
        factors = {"a": after, "b": weight}
        return equations.fill(symbol, "{a} − {b}", "<a> - <b>", factors, value)
    symbol_of = trace.before.optimizer.symbol_of
    if rest != "new" and not rest.endswith("_new"):  # the memory as it was before
        return equations.equal(indexed(symbol_of(rest), *index), None, value)
    letter = "w" if rest == "new" else symbol_of(rest.removesuffix("_new"))
    symbol = primed(weight.symbol if rest == "new" else indexed(letter, *index))
    update = update_of(trace, step, parameter, index)
    equation = _written(step, update, letter, value, digits)
    return Derivation(symbol, equation, _inputs(step, parameter, index))


def _inputs(step: LayerStep, parameter: str, index: Index) -> tuple[Place, ...]:
    """The weight, its gradient, and the optimizer's memory of it."""
    names = [parameter, _gradient(step, parameter)]
    names += [
        name for name in step.quantities
        if name.startswith(f"{parameter}_") and not name.endswith(("_new", "_change"))
    ]  # fmt: skip
    return tuple((step.name, name, index) for name in names)


def _written(step: LayerStep, update: Update, letter: str, value: float, digits: int) -> Equation:
    """The optimizer's lines down to the one that makes ``letter``′."""
    lines = update.lines
    if letter != "w":
        lines = tuple(line for line in lines if line.startswith(f"{{{letter}′}}"))
    formula = "\n".join(lines).replace("{", "").replace("}", "")
    texts = {k: factor_text(v, digits) for k, v in update.numbers.items()}
    numbers = []
    for line in lines:
        left, _, right = line.partition(" = ")
        name = left.strip("{}")
        result = number_text(update.numbers[name], digits)
        numbers.append(f"{name} = {right.format_map(texts)} = {result}")
    limit = getattr(step.layer, "max_norm", None)
    if letter == "w" and limit is not None and value != update.new_value:
        formula += f"\nw′ shortened, so that the weights into one unit are at most {limit:g} long"
        numbers.append(f"w′ = {number_text(value, digits)} after max_norm {limit:g}")
    elif letter == "w":
        expected = update.new_value
        if abs(value - expected) > 1e-5 * max(abs(expected), abs(update.value), 1e-3):
            numbers[-1] += f", but here {number_text(value, digits)}"
    code = r" \\ ".join(latex_of(line) for line in formula.split("\n"))
    code_numbers = r" \\ ".join(latex_of(line) for line in numbers)
    return Equation(formula, "\n".join(numbers), code, code_numbers)


def update_agrees(trace: StepTrace, step: LayerStep, quantity: str, index: Index) -> str | None:
    """Whether the weight moved as the optimizer's formula says."""
    parameter = quantity.removesuffix("_new")
    if parameter not in step.parameters or not step.layer.trainable:
        return None
    if getattr(step.layer, "max_norm", None) is not None:
        return None
    expected = update_of(trace, step, parameter, index).new_value
    single = 4e-6 if trace.dtype == "float32" else 1e-12
    size = max(abs(expected), abs(float(step[parameter][index])), 1e-3)
    return "ok" if abs(float(step[quantity][index]) - expected) <= single * size else "off"


_CODES = {
    "v̂": r"\hat{v}", "max(": r"\max(",
    "η": r"\eta ", "β": r"\beta ", "ρ": r"\rho ", "μ": r"\mu ", "ν": r"\nu ", "λ": r"\lambda ",
    "ε": r"\epsilon ", "α": r"\alpha ", "·": r" \cdot ", "′": "'", "₁": "_1", "₂": "_2",
    "²": "^2", "−": "-", "Δ": r"\Delta ", "∂": r"\partial ", "γ": r"\gamma ",
}  # fmt: skip


def _power_of_ten(found: re.Match[str]) -> str:
    """1e-5 and 1e-5²: a power that is squared stands in parentheses."""
    code = number_latex(float(found[1]))
    return f"({code})²" if found[2] else code


def latex_of(line: str) -> str:
    r"""A line of an optimizer's formula in LaTeX.

    >>> latex_of("w′ = w - α·m′ / (√v′ + ε)")
    "w' = w - \\alpha  \\cdot m' / (\\sqrt{v'} + \\epsilon )"
    """
    line = re.sub(r"√\(([^()]*(?:\([^()]*\)[^()]*)*)\)", r"\\sqrt{\1}", line)
    line = re.sub(r"√([^\s()·/+]+)", r"\\sqrt{\1}", line)
    line = re.sub(r"(\d(?:\.\d+)?e[+-]?\d+)(²?)", _power_of_ten, line)
    for sign, code in _CODES.items():
        line = line.replace(sign, code)
    return line
