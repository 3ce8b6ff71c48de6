"""What was recorded of the loss, with its names and formulas; the fused way and the long way."""

from __future__ import annotations

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.collect import frozen
from glassnet.explain.data import LossStep, Quantity
from glassnet.explain.recorder import StepRecorder
from glassnet.layers.equations import slope_latex


def loss_step(
    recorder: StepRecorder, loss: float, encoded: Array, weights: Array | None
) -> LossStep:
    """The loss, as it is explained."""
    model = recorder.model
    objective = model.objective
    assert objective is not None
    p = recorder.last["y"]
    read = recorder.last["z"] if objective.fused else p
    given, computed = objective.given, objective.loss
    l = computed.per_sample(encoded, read)  # noqa: E741  the letter of the formula
    _, gradient = computed.value_and_gradient(encoded, read, weights)
    t = encoded
    if t.ndim == 1 and p.ndim == 2 and p.shape[1] > 1:
        t = np.zeros_like(p)
        t[np.arange(len(p)), encoded] = 1
    read_letter = "z" if objective.fused else "y"
    quantities: dict[str, Quantity] = {}

    def add(name: str, symbol: str, latex_symbol: str, part: str, meaning: str, value: Array,
            formula: str, latex: str) -> None:  # fmt: skip
        quantities[name] = Quantity(
            name, symbol, latex_symbol, part, meaning, frozen(value), formula, latex
        )

    f = model.output_activation()
    add("p", "p", "p", "forward", "prediction", p,
        f"p = f(z), {f.formula}" if f else "p = y", f.latex if f else "p = y")  # fmt: skip
    add("t", "t", "t", "forward", "target", t, "t = what y says", "t")
    add("l", "l", "l", "forward", "loss of each sample", l, given.formula, given.latex)
    add("L", "L", "L", "forward", "loss of the batch, penalties included", np.asarray(loss),
        given.formula, given.latex)  # fmt: skip
    slope = slope_latex(read_letter)
    add("gradient", f"∂L/∂{read_letter}", slope, "backward",
        "gradient of the loss, where the backward pass begins", gradient, given.gradient_formula,
        given.gradient_latex)  # fmt: skip
    if objective.fused and f is not None:
        dp = given.gradient(encoded, p, weights)
        chain = f.backward(p, dp)
        add("dp", "∂L/∂p", slope_latex("p"), "backward", "gradient of the loss by p", dp,
            given.gradient_formula.split(";")[0], given.gradient_latex)  # fmt: skip
        if not f.elementwise:
            add("jacobian", "∂p/∂z", r"\frac{\partial p}{\partial z}", "backward",
                "how each p answers each z", f.jacobian(read), f.derivative_formula,
                f.derivative_latex)  # fmt: skip
        add("chain", "∂L/∂p·∂p/∂z", rf"{slope_latex('p')} \frac{{\partial p}}{{\partial z}}",
            "backward", "the long way: the chain rule through p", chain,
            "∂L/∂zⱼ = Σᵢ ∂L/∂pᵢ·∂pᵢ/∂zⱼ" if not f.elementwise else "∂L/∂z = ∂L/∂p·f'(z)",
            rf"\sum_i {slope_latex('p_i')} \frac{{\partial p_i}}{{\partial z_j}}"
        )  # fmt: skip
        add("difference", "difference", r"\Delta", "backward",
            "the two ways apart: only rounding, or the clipping at 1e-7", gradient - chain,
            "∂L/∂z on logits − ∂L/∂p·∂p/∂z", r"\Delta")  # fmt: skip
    return LossStep(
        name=given.name,
        display_name=computed.display_name,
        fused=objective.fused,
        formula=given.formula,
        latex=given.latex,
        gradient_formula=given.gradient_formula,
        value=float(loss),
        penalty=float(recorder.penalty),
        sample_weight=None if weights is None else tuple(float(w) for w in weights),
        quantities=quantities,
        config=given.get_config(),
    )
