"""How the numbers of a Dense, or of an activation function, were made."""

from __future__ import annotations

from glassnet.activations import Activation as Function
from glassnet.explain.equations import How, Index, Made, Maker, Place
from glassnet.explain.writing import (
    Equation,
    Factor,
    Symbol,
    activation_with_numbers,
    but_here,
    in_product,
    latex_number,
    plain,
    shown,
    slope,
    template,
)
from glassnet.layers import Activation, Dense


class FunctionMaker(Maker):
    """y = f(z), and dL/dz: what Dense and Activation have in common."""

    def _special(self) -> dict[str, How]:
        return {"z": self._z_is_x, "y": self._y, "dz": self._dz, "dx": self._dx_is_dz}

    @property
    def function(self) -> Function:
        layer = self.step.layer
        assert isinstance(layer, (Dense, Activation))
        return layer.activation

    def _z_is_x(self, index: Index, value: float) -> Made:
        symbol = self.flowing("z", index)
        equation = plain(symbol, self.flowing("x", index), value, self.digits)
        return Made(symbol, equation, ((self.step.name, "x", index),))

    def _y(self, index: Index, value: float) -> Made:
        symbol, f = self.flowing("y", index), self.function
        if not f.elementwise:
            row = [(*index[:-1], k) for k in range(self.step["z"].shape[-1])]
            z = [self.flow("z", "z", place) for place in row]
            right = float(f(self.step["z"][index[:-1]])[index[-1]])
            equation = softmax_equation(f, symbol, z, index[-1], right, self.digits)
            equation = but_here(equation, right, value, 1.0, self.digits)
            return Made(symbol, equation, tuple((self.step.name, "z", place) for place in row))
        z_symbol, z_value = self.flowing("z", index), self.at("z", index)
        right = float(f(self.step["z"][index]))
        filled = activation_with_numbers(f, f.formula, z_value, right, right, self.digits)
        equation = Equation(
            f"{symbol.text} = f({z_symbol.text}), {f.formula}",
            f"{symbol.text} = {filled.partition(' = ')[2]}",
            rf"{symbol.latex} = f({z_symbol.latex}),\quad {f.latex}",
            rf"{symbol.latex} = f({latex_number(z_value, self.digits)}) = "
            + latex_number(right, self.digits),
        )
        equation = but_here(equation, right, value, 1.0, self.digits)
        return Made(symbol, equation, ((self.step.name, "z", index),))

    def _dz(self, index: Index, value: float) -> Made:
        symbol, f, name = slope(self.flowing("z", index)), self.function, self.step.name
        if "dy" not in self.step.quantities:  # the loss contains the function
            made = self.all.loss_maker(self.digits).make("gradient", index)
            right = float(self.all.loss["gradient"][index])
            equation = but_here(made.equation, right, value, 0.0, self.digits)
            return Made(symbol, equation, made.inputs)
        if not f.elementwise:
            jacobian = f.jacobian(self.step["z"][index[:-1]])
            row = [(*index[:-1], k) for k in range(len(jacobian))]
            terms: list[tuple[Factor, ...]] = []
            for k, place in enumerate(row):
                y, z = self.flowing("y", place), self.flowing("z", index)
                local = Symbol(
                    f"∂{y.text}/∂{z.text}", rf"\frac{{\partial {y.latex}}}{{\partial {z.latex}}}"
                )
                factor = Factor(local, float(jacobian[k, index[-1]]))
                terms.append((self.back("dy", "y", place), factor))
            inputs = tuple((name, "dy", place) for place in row)
            return Made(symbol, self.sum(symbol, terms, value), inputs)
        y_value, z_value = self.at("y", index), self.at("z", index)
        local_value = float(f.derivative(self.step["z"][index]))
        z = self.flowing("z", index)
        factor = Factor(Symbol(f"f'({z.text})", f"f'({z.latex})"), local_value)
        product = self.sum(symbol, [(self.back("dy", "y", index), factor)], value)
        filled = activation_with_numbers(
            f, f.derivative_formula, z_value, y_value, local_value, self.digits
        )
        filled = f"f'({shown(z_value, self.digits)}) = {filled.partition(' = ')[2]}"
        equation = Equation(
            f"{product.formula}\n{f.derivative_formula}",
            f"{product.with_numbers}\n{filled}",
            rf"{product.latex},\quad {f.derivative_latex}",
            product.latex_with_numbers,
        )
        return Made(symbol, equation, ((name, "dy", index), (name, "z", index), (name, "y", index)))

    def _dx_is_dz(self, index: Index, value: float) -> Made:
        symbol = slope(self.flowing("x", index))
        equation = plain(symbol, slope(self.flowing("z", index)), value, self.digits)
        return Made(symbol, equation, ((self.step.name, "dz", index),))


class DenseMaker(FunctionMaker):
    """z = x·W + b, and the gradients of W, b and x."""

    def _special(self) -> dict[str, How]:
        return super()._special() | {
            "z": self._z, "dx": self._dense_dx, "dW": self._dW, "db": self._db,
            "dW_loss": self._dW_sum, "dW_penalty": self._dW_penalty,
        }  # fmt: skip

    def _z(self, index: Index, value: float) -> Made:
        s, j = index
        symbol = self.flowing("z", index)
        n_in = self.step["x"].shape[1]
        terms: list[tuple[Factor, ...]] = [
            (self.flow("x", "x", (s, i)), self.weight("W", (i, j))) for i in range(n_in)
        ]
        inputs: list[Place] = [(self.step.name, "x", (s, i)) for i in range(n_in)]
        inputs += [(self.step.name, "W", (i, j)) for i in range(n_in)]
        if "b" in self.step.quantities:
            terms.append((self.weight("b", (j,)),))
            inputs.append((self.step.name, "b", (j,)))
        return Made(symbol, self.sum(symbol, terms, value), tuple(inputs))

    def _dense_dx(self, index: Index, value: float) -> Made:
        s, i = index
        symbol, units = slope(self.flowing("x", index)), self.step["dz"].shape[1]
        terms: list[tuple[Factor, ...]] = [
            (self.back("dz", "z", (s, j)), self.weight("W", (i, j))) for j in range(units)
        ]
        inputs: list[Place] = [(self.step.name, "dz", (s, j)) for j in range(units)]
        inputs += [(self.step.name, "W", (i, j)) for j in range(units)]
        return Made(symbol, self.sum(symbol, terms, value), tuple(inputs))

    def _dW_sum(self, index: Index, value: float) -> Made:
        i, j = index
        symbol, name = slope(self.parameter("W", index)), self.step.name
        terms: list[tuple[Factor, ...]] = []
        inputs: list[Place] = []
        for s in range(self.all.samples):
            terms.append((self.flow("x", "x", (s, i)), self.back("dz", "z", (s, j))))
            inputs += [(name, "x", (s, i)), (name, "dz", (s, j))]
        return Made(symbol, self.sum(symbol, terms, value), tuple(inputs))

    def _dW_penalty(self, index: Index, value: float) -> Made:
        layer = self.step.layer
        assert isinstance(layer, Dense) and layer.kernel_regularizer is not None
        r, w = layer.kernel_regularizer, self.weight("W", index)
        left = Symbol(f"∂R/∂{w.symbol.text}", rf"\frac{{\partial R}}{{\partial {w.symbol.latex}}}")
        factors = {
            "l1": Factor(Symbol("l₁", "l_1"), r.l1), "l2": Factor(Symbol("l₂", "l_2"), r.l2), "w": w
        }  # fmt: skip
        parts = [(r.l1, "{l1}·sign({w})", r"<l1>\,\mathrm{sign}(<w>)")]
        parts.append((r.l2, "2·{l2}·{w}", r"2 \cdot <l2> \cdot <w>"))
        used = [part for part in parts if part[0]]
        text, code = " + ".join(p[1] for p in used), " + ".join(p[2] for p in used)
        equation = template(left, text, code, factors, value, self.digits)
        return Made(left, equation, ((self.step.name, "W", index),))

    def _dW(self, index: Index, value: float) -> Made:
        if "dW_loss" not in self.step.quantities:
            return self._dW_sum(index, value)
        made = self._dW_sum(index, self.at("dW_loss", index))
        penalty = self._dW_penalty(index, self.at("dW_penalty", index))
        loss = Symbol(f"{made.symbol.text} (loss)", made.symbol.latex + r"\Big|_{\mathrm{loss}}")
        terms: list[tuple[Factor, ...]] = [
            (Factor(loss, self.at("dW_loss", index)),),
            (Factor(penalty.symbol, self.at("dW_penalty", index)),),
        ]
        total = self.sum(made.symbol, terms, value)
        lines = Equation(*("\n".join(p) for p in zip(made.equation, penalty.equation, total)))
        return Made(made.symbol, lines, (*made.inputs, *penalty.inputs))

    def _db(self, index: Index, value: float) -> Made:
        symbol = slope(self.parameter("b", index))
        places = [(s, index[0]) for s in range(self.all.samples)]
        terms: list[tuple[Factor, ...]] = [(self.back("dz", "z", place),) for place in places]
        inputs = tuple((self.step.name, "dz", place) for place in places)
        return Made(symbol, self.sum(symbol, terms, value), inputs)


def softmax_equation(
    f: Function, left: Symbol, z: list[Factor], i: int, value: float, digits: int
) -> Equation:
    """yᵢ = exp(zᵢ) / (exp(z₁) + exp(z₂) + …), or the logarithm of it."""
    texts = [f"exp({shown(factor.value, digits)})" for factor in z]
    codes = [f"e^{{{latex_number(factor.value, digits)}}}" for factor in z]
    symbols = [f"exp({factor.symbol.text})" for factor in z]
    symbol_codes = [f"e^{{{factor.symbol.latex}}}" for factor in z]
    lists = [_cut(part, i) for part in (texts, codes, symbols, symbol_codes)]
    numbers, code, names, name_codes = (" + ".join(part) for part in lists)
    result, result_code = shown(value, digits), latex_number(value, digits)
    if f.gives == "probabilities":
        return Equation(
            f"{left.text} = {symbols[i]} / ({names})",
            f"{left.text} = {texts[i]} / ({numbers}) = {result}",
            rf"{left.latex} = \frac{{{symbol_codes[i]}}}{{{name_codes}}}",
            rf"{left.latex} = \frac{{{codes[i]}}}{{{code}}} = {result_code}",
        )
    own = in_product(z[i].value, digits)
    return Equation(
        f"{left.text} = {z[i].symbol.text} − log({names})",
        f"{left.text} = {own} − log({numbers}) = {result}",
        rf"{left.latex} = {z[i].symbol.latex} - \log({name_codes})",
        rf"{left.latex} = {latex_number(z[i].value, digits)} - \log({code}) = {result_code}",
    )


def _cut(parts: list[str], i: int, limit: int = 12) -> list[str]:
    """At most ``limit`` of the parts, number ``i`` among them."""
    if len(parts) <= limit:
        return parts
    kept = sorted({*range(limit - 2), i})
    return [parts[k] for k in kept] + [f"… ({len(parts) - len(kept)} more)"]
