"""The Huber loss: squared near 0, absolute further away."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.jit import kernel
from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.losses.base import Loss


@kernel
def huber_loss(t: Array, p: Array, weights: Array, losses: Array, delta: float) -> float:
    """lᵢ = (1/k) Σ e²/2 if |e| ≤ δ, else δ·|e| - δ²/2    ∂lᵢ/∂p = min(max(e, -δ), δ)/k"""
    n, k = p.shape
    number = p.dtype.type
    d, half = number(delta), number(0.5)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = number(0)
        for j in range(k):
            error = p[i, j] - t[i, j]
            bounded = d if error > d else (-d if error < -d else error)
            row += bounded * (error - half * bounded)
            p[i, j] = scale * bounded
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@dataclass(frozen=True)
class Huber(Loss):
    """Squared for small errors, absolute for those above ``delta`` (Huber 1964)."""

    name = "huber"
    also = ("HuberLoss", "SmoothL1Loss")
    target = "values"
    formula = "L = (1/n) Σᵢ (1/k) Σⱼ h(yᵢⱼ − tᵢⱼ), with h(e) = e²/2 if |e| ≤ δ, else δ·|e| − δ²/2"
    gradient_formula = "∂L/∂yᵢⱼ = min(max(yᵢⱼ − tᵢⱼ, −δ), δ) / (n·k)"
    latex = (
        r"L = \frac{1}{n} \sum_i \frac{1}{k} \sum_j h(y_{ij} - t_{ij}), \quad h(e) = "
        r"\begin{cases} e^2/2 & |e| \le \delta \\"
        r" \delta |e| - \delta^2/2 & |e| > \delta \end{cases}"
    )
    gradient_latex = (
        r"\frac{\partial L}{\partial y_{ij}} = \frac{\min(\max(y_{ij} - t_{ij}, -\delta), \delta)}"
        r"{n k}"
    )
    delta: float = 1.0

    def __post_init__(self) -> None:
        number("huber", "delta", self.delta, above=0.0)

    def run_(self, truth: Array, pred: Array, weights: Array, losses: Array) -> float:
        return huber_loss(truth, pred, weights, losses, float(self.delta))
