"""How an activation function is explained: y = f(z), and ∂L/∂z."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from glassnet._core.derivation import Derivation, places
from glassnet._core.formula import (
    DIGITS,
    Equation,
    Factor,
    Index,
    Symbol,
    but_here,
    factor_text,
    number_latex,
    number_text,
    partial,
    slope,
)
from glassnet._core.types import Array
from glassnet.activations import Activation as Function
from glassnet.layers.equations import (
    DX,
    DY,
    DZ,
    Derive,
    Description,
    LayerEquations,
    Link,
    few,
    forward,
    outgoing,
    output,
)

TERMS = 12  # of the sum of a softmax; more are cut


class ActivationEquations(LayerEquations):
    """z = x, y = f(z); also what every layer with a function at its end has in common."""

    @property
    def function(self) -> Function:
        function = self.layer.function
        assert function is not None
        return function

    @property
    def fused(self) -> bool:
        """Whether the loss contains the function: the gradient then comes to z, not to y."""
        return "dz" in self.arrays and "dy" not in self.arrays

    @property
    def scales_gradient(self) -> bool:
        return self.function.elementwise and self.function.name != "linear"

    def backward_kept(self) -> Mapping[str, Array]:
        return {"dz": self.arrays["dx"]}

    def describe(self) -> dict[str, Description]:
        z = forward("z", "input of the function", "z = x", "z = x")
        return {"z": z, **self.describe_function(), "dx": outgoing("∂L/∂x = ∂L/∂z", f"{DX} = {DZ}")}

    def describe_function(self) -> dict[str, Description]:
        """y and dz."""
        f = self.function
        if self.fused:
            dz = "∂L/∂z = the gradient of the loss on logits", DZ
        elif f.elementwise:
            dz = f"∂L/∂z = ∂L/∂y·f'(z), {f.derivative_formula}", rf"{DZ} = {DY} \cdot f'(z)"
        else:
            dz = (
                f"∂L/∂zⱼ = Σᵢ ∂L/∂yᵢ·∂yᵢ/∂zⱼ, {f.derivative_formula}",
                r"\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial y_i} "
                r"\frac{\partial y_i}{\partial z_j}",
            )
        return {
            "y": output(f"y = f(z), {f.formula}", f.latex),
            "dz": Description("∂L/∂z", DZ, "backward", "gradient before the function", *dz),
        }

    # ---- the chain rule --------------------------------------------------------------------

    def passed(self, sample: int) -> list[Link]:
        return self.through_function(sample)

    def ended(self, quantity: str, place: Index, sample: int) -> list[Link]:
        return self.through_function(sample, place[1:])

    def through_function(self, sample: int, unit: Index | None = None) -> list[Link]:
        """The factor f'(z), of all units or of one; where the loss contains f there is none."""
        z, dz, f = self.arrays["z"][sample], self.arrays["dz"][sample], self.function
        if "dy" not in self.arrays:
            if unit is None:
                return []
            return [Link(self.name, "dz", "∂L/∂z", "of this unit", None, float(dz[unit]))]
        if not f.elementwise:
            return [Link(self.name, "dz", "∂L/∂z", "∂y/∂z", few(f.jacobian(z)), few(dz))]
        slopes = np.asarray(f.derivative(z))
        if unit is None:
            return [Link(self.name, "dz", "∂L/∂z", "f'(z)", few(slopes), few(dz))]
        return [Link(self.name, "dz", "∂L/∂z", "f'(z)", float(slopes[unit]), float(dz[unit]))]

    # ---- one number ------------------------------------------------------------------------

    def derivations(self) -> Mapping[str, Derive]:
        return {"z": self._z, "y": self._y, "dz": self._dz, "dx": self._dx}

    def _z(self, index: Index, value: float) -> Derivation:
        x = self.flow("x", "x", index)
        return self.equal(self.flowing("z", index), x.symbol, value, *places([x]))

    def _dx(self, index: Index, value: float) -> Derivation:
        dz = self.back("dz", "z", index)
        return self.equal(slope(self.flowing("x", index)), dz.symbol, value, *places([dz]))

    def _y(self, index: Index, value: float) -> Derivation:
        symbol, f, z = self.flowing("y", index), self.function, self.flow("z", "z", index)
        if f.elementwise:
            made_of = [z]
            right = float(f(self.arrays["z"][index]))
            numbers = activation_with_numbers(f, f.formula, z.value, right, right, self.digits)
            equation = Equation(
                f"{symbol.text} = f({z.symbol.text}), {f.formula}",
                f"{symbol.text} = {numbers.partition(' = ')[2]}",
                rf"{symbol.latex} = f({z.symbol.latex}),\quad {f.latex}",
                rf"{symbol.latex} = f({number_latex(z.value, self.digits)}) = "
                + number_latex(right, self.digits),
            )
        else:
            made_of = [self.flow("z", "z", place) for place in self._row(index)]
            right = float(f(self.arrays["z"][index[:-1]])[index[-1]])
            equation = softmax_equation(f, symbol, made_of, index[-1], right, self.digits)
        equation = but_here(equation, right, value, 1.0, self.digits)
        return Derivation(symbol, equation, places(made_of))

    def _row(self, index: Index) -> list[Index]:
        return [(*index[:-1], k) for k in range(self.arrays["z"].shape[-1])]

    def _dz(self, index: Index, value: float) -> Derivation:
        symbol, f = slope(self.flowing("z", index)), self.function
        if "dy" not in self.arrays:  # the loss contains the function
            return self.step.loss_gradient(symbol, index, value)
        z, y = self.flow("z", "z", index), self.flow("y", "y", index)
        if not f.elementwise:
            jacobian = f.jacobian(self.arrays["z"][index[:-1]])
            dy = [self.back("dy", "y", place) for place in self._row(index)]
            local = [
                Factor(partial(self.flowing("y", place), z.symbol), float(row[index[-1]]))
                for place, row in zip(self._row(index), jacobian)
            ]
            return self.sum(symbol, list(zip(dy, local)), value)
        dy_here, f_text = self.back("dy", "y", index), f"f'({number_text(z.value, self.digits)})"
        slope_value = float(f.derivative(self.arrays["z"][index]))
        factor = Factor(Symbol(f"f'({z.symbol.text})", f"f'({z.symbol.latex})"), slope_value)
        product = self.sum(symbol, [(dy_here, factor)], value, (dy_here, z, y))
        numbers = activation_with_numbers(
            f, f.derivative_formula, z.value, y.value, slope_value, self.digits
        )
        formula, with_numbers, latex, latex_with_numbers = product.equation
        equation = Equation(
            f"{formula}\n{f.derivative_formula}",
            f"{with_numbers}\n{f_text} = {numbers.partition(' = ')[2]}",
            rf"{latex},\quad {f.derivative_latex}",
            latex_with_numbers,
        )
        return product._replace(equation=equation)


def softmax_equation(
    f: Function, left: Symbol, z: Sequence[Factor], i: int, value: float, digits: int
) -> Equation:
    """yᵢ = exp(zᵢ) / (exp(z₁) + exp(z₂) + …), or the logarithm of it."""
    texts = [f"exp({number_text(factor.value, digits)})" for factor in z]
    codes = [f"e^{{{number_latex(factor.value, digits)}}}" for factor in z]
    symbols = [f"exp({factor.symbol.text})" for factor in z]
    symbol_codes = [f"e^{{{factor.symbol.latex}}}" for factor in z]
    lists = [_cut(part, i) for part in (texts, codes, symbols, symbol_codes)]
    numbers, code, names, name_codes = (" + ".join(part) for part in lists)
    result, result_code = number_text(value, digits), number_latex(value, digits)
    if f.gives == "probabilities":
        return Equation(
            f"{left.text} = {symbols[i]} / ({names})",
            f"{left.text} = {texts[i]} / ({numbers}) = {result}",
            rf"{left.latex} = \frac{{{symbol_codes[i]}}}{{{name_codes}}}",
            rf"{left.latex} = \frac{{{codes[i]}}}{{{code}}} = {result_code}",
        )
    own = factor_text(z[i].value, digits)
    return Equation(
        f"{left.text} = {z[i].symbol.text} − log({names})",
        f"{left.text} = {own} − log({numbers}) = {result}",
        rf"{left.latex} = {z[i].symbol.latex} - \log({name_codes})",
        rf"{left.latex} = {number_latex(z[i].value, digits)} - \log({code}) = {result_code}",
    )


def _cut(parts: list[str], i: int) -> list[str]:
    """At most ``TERMS`` of the parts, number ``i`` among them."""
    if len(parts) <= TERMS:
        return parts
    kept = sorted({*range(TERMS - 2), i})
    return [parts[k] for k in kept] + [f"… ({len(parts) - len(kept)} more)"]


# ---- an activation's own formula with a number in the place of z or y -----------------------

_POWERS = (("e⁻ᶻ", "exp(−z)"), ("eᶻ", "exp(z)"), ("e⁻ʸ", "exp(−y)"))


def activation_with_numbers(
    f: Function, formula: str, z: float, y: float, value: float, digits: int = DIGITS
) -> str:
    """The activation's formula (or derivative formula) with its numbers, and the result.

    >>> from glassnet.activations import sigmoid
    >>> activation_with_numbers(sigmoid, sigmoid.formula, 1.0, 0.73, 0.7311)
    'σ(1) = 1 / (1 + exp(−1)) = 0.7311'
    """
    first = formula.split(", with ")[0]  # definitions of helpers stay in the symbolic formula
    for power, function in _POWERS:
        first = first.replace(power, function)
    numbers = {"z": factor_text(z, digits), "y": factor_text(y, digits)}
    for setting, letter in f.letters.items():
        numbers[letter] = factor_text(getattr(f, setting), digits)
    pattern = rf"(?<![\w'])({'|'.join(numbers)})(?![A-Za-z0-9'])"
    filled = re.sub(pattern, lambda match: numbers[match[1]], first)
    filled = re.sub(r"\((\([^()]*\))\)", r"\1", filled)  # f((-1)) → f(-1)
    filled = re.sub(r", \((-[^()]*)\)\)", r", \1)", filled)  # max(0, (-1)) → max(0, -1)
    return f"{filled} = {number_text(value, digits)}"
