"""For each kind of layer: which arrays a step has, and the formulas that made them."""

from __future__ import annotations

from typing import Any, NamedTuple

from glassnet.explain.record import Record
from glassnet.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    LayerNormalization,
    Rescaling,
    Residual,
)


class Described(NamedTuple):
    """How one array of a layer is called and made."""

    symbol: str
    latex_symbol: str
    part: str
    meaning: str
    formula: str
    latex: str


def slope_latex(symbol: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {symbol}}}"


DX, DY, DZ = (slope_latex(s) for s in "xyz")

_INPUT = Described("x", "x", "forward", "input", "x = what the layer below gave", r"x")
_DY = Described(
    "∂L/∂y", DY, "backward", "gradient that comes in from above",
    "∂L/∂y = ∂L/∂x of the layer above", DY,
)  # fmt: skip


def describe_arrays(record: Record) -> dict[str, Described]:
    """The arrays of one layer that this module knows, in the order of the data."""
    layer = record.layer
    found = {"x": _INPUT, "dy": _DY}
    if isinstance(layer, Dense):
        bias = (" + b", " + b") if layer.use_bias else ("", "")
        found["z"] = _forward("z", "weighted sum", f"z = x·W{bias[0]}", f"z = x W{bias[1]}")
        found |= _activation(layer.activation, record.fused)
        found["dx"] = _outgoing("∂L/∂x = ∂L/∂z·Wᵀ", rf"{DX} = {DZ}\, W^\top")
    elif isinstance(layer, Activation):
        found["z"] = _forward("z", "input of the function", "z = x", "z = x")
        found |= _activation(layer.activation, record.fused)
        found["dx"] = _outgoing("∂L/∂x = ∂L/∂z", f"{DX} = {DZ}")
    elif isinstance(layer, Dropout):
        found["mask"] = Described(
            "m", "m", "kept", "1 where a number is kept, 0 where it is dropped",
            f"m = 1 if u ≥ {layer.rate:g}, else 0", rf"m = [u \ge {layer.rate:g}]",
        )  # fmt: skip
        found["y"] = _forward(
            "y", "output", "y = x·m / (1 − rate)", r"y = \frac{x\, m}{1 - \mathrm{rate}}"
        )
        found["dx"] = _outgoing(
            "∂L/∂x = ∂L/∂y·m / (1 − rate)", rf"{DX} = {DY} \frac{{m}}{{1 - \mathrm{{rate}}}}"
        )
    elif isinstance(layer, (BatchNormalization, LayerNormalization)):
        found |= _normalization(layer, record.of_batch)
    elif isinstance(layer, Rescaling):
        found["y"] = _forward(
            "y", "output", "y = x·scale + offset", r"y = x \cdot \mathrm{scale} + \mathrm{offset}"
        )
        found["dx"] = _outgoing("∂L/∂x = ∂L/∂y·scale", rf"{DX} = {DY} \cdot \mathrm{{scale}}")
    elif isinstance(layer, Residual):
        found["y"] = _forward("y", "output", "y = x + F(x), F is the block", "y = x + F(x)")
        found["dx"] = _outgoing("∂L/∂x = ∂L/∂y + ∂L/∂x through F", rf"{DX} = {DY} + {DX}\ (F)")
    elif layer.weights():  # a kind that has no formulas here: its numbers are shown all the same
        found["y"] = _forward("y", "output", "y = layer.forward(x)", r"y = f(x)")
        found["dx"] = _outgoing("∂L/∂x = layer.backward(∂L/∂y)", DX)
    else:
        found["y"] = _forward("y", "output", "y = x, in another form", "y = x")
        found["dx"] = _outgoing("∂L/∂x = ∂L/∂y, in another form", f"{DX} = {DY}")
    return found


def _forward(symbol: str, meaning: str, formula: str, latex: str) -> Described:
    return Described(symbol, symbol, "forward", meaning, formula, latex)


def _outgoing(formula: str, latex: str) -> Described:
    return Described("∂L/∂x", DX, "backward", "gradient that goes out below", formula, latex)


def _activation(f: Any, fused: bool) -> dict[str, Described]:
    y = _forward("y", "output", f"y = f(z), {f.formula}", f.latex)
    if fused:
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
        "y": y,
        "dz": Described("∂L/∂z", DZ, "backward", "gradient before the function", *dz),
    }


def _normalization(layer: BatchNormalization | LayerNormalization, of_batch: bool) -> Any:
    batch = isinstance(layer, BatchNormalization)
    over = "the batch" if of_batch else "the running values" if batch else "the sample's features"
    hat = r"\hat{x}"
    mean = Described("μ", r"\mu", "kept", f"mean, of {over}", "μ = Σ x / n", r"\mu = \bar{x}")
    variance = Described(
        "σ²", r"\sigma^2", "kept", f"variance, of {over}", "σ² = Σ (x − μ)² / n",
        r"\sigma^2 = \overline{(x - \mu)^2}",
    )  # fmt: skip
    inverse = Described(
        "1/√(σ²+ε)", r"\frac{1}{\sqrt{\sigma^2 + \epsilon}}", "kept",
        f"one over the spread, of {over}", "1/√(σ² + ε)", r"\frac{1}{\sqrt{\sigma^2 + \epsilon}}",
    )  # fmt: skip
    normalised = Described(
        "x̂", hat, "forward", "the input with mean 0 and variance 1", "x̂ = (x − μ) / √(σ² + ε)",
        rf"{hat} = \frac{{x - \mu}}{{\sqrt{{\sigma^2 + \epsilon}}}}",
    )  # fmt: skip
    y = _forward("y", "output", "y = γ·x̂ + β", rf"y = \gamma\, {hat} + \beta")
    if batch and not of_batch:
        dx = "∂L/∂x = γ·∂L/∂y / √(σ² + ε)"
    else:
        dx = "∂L/∂x = (g − mean(g) − x̂·mean(g·x̂)) / √(σ² + ε), with g = γ·∂L/∂y"
    code = (
        rf"{DX} = \frac{{g - \bar{{g}} - {hat}\,\overline{{g\, {hat}}}}}"
        rf"{{\sqrt{{\sigma^2 + \epsilon}}}},\quad g = \gamma\,{DY}"
    )
    kept = {"mean": mean, "variance": variance} if batch else {"inverse": inverse}
    return kept | {"normalised": normalised, "y": y, "dx": _outgoing(dx, code)}


# ---- parameters ----------------------------------------------------------------------------

LETTERS = {"W": ("W", "W"), "b": ("b", "b"), "gamma": ("γ", r"\gamma"), "beta": ("β", r"\beta")}

_GRADIENTS = {
    "W": ("∂L/∂W = xᵀ·∂L/∂z", rf"{slope_latex('W')} = x^\top {DZ}"),
    "b": ("∂L/∂b = Σᵢ ∂L/∂zᵢ, over the samples", rf"{slope_latex('b')} = \sum_i {DZ}"),
    "gamma": (
        "∂L/∂γ = Σᵢ ∂L/∂yᵢ·x̂ᵢ",
        rf"{slope_latex(chr(92) + 'gamma')} = \sum_i {DY}\, \hat{{x}}",
    ),
    "beta": ("∂L/∂β = Σᵢ ∂L/∂yᵢ", rf"{slope_latex(chr(92) + 'beta')} = \sum_i {DY}"),
}


def letters(parameter: str) -> tuple[str, str]:
    """How a parameter is written, as text and as LaTeX."""
    return LETTERS.get(parameter, (parameter, rf"\mathrm{{{parameter}}}"))


def gradient_formula(parameter: str) -> tuple[str, str]:
    """How its gradient is computed, before any penalty."""
    letter, code = letters(parameter)
    return _GRADIENTS.get(parameter, (f"∂L/∂{letter}", slope_latex(code)))
