"""Cross-entropy between classes whose targets are rows of probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet._core.settings import number
from glassnet.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy


@dataclass(frozen=True)
class CategoricalCrossentropy(SparseCategoricalCrossentropy):
    """The same with rows of probabilities (one-hot, or soft) as targets; class numbers serve too.

    ``label_smoothing`` s turns the target t into t·(1 − s) + s/k.
    """

    name = "categorical_crossentropy"
    also = ("cce",)
    formula = "L = −(1/n) Σᵢ Σₖ tᵢₖ·log pᵢₖ"
    gradient_formula = "∂L/∂pᵢₖ = −tᵢₖ / (n·pᵢₖ);  on logits: ∂L/∂zᵢₖ = (pᵢₖ − tᵢₖ) / n"
    latex = r"L = -\frac{1}{n} \sum_i \sum_k t_{ik} \log p_{ik}"
    gradient_latex = (
        r"\frac{\partial L}{\partial p_{ik}} = -\frac{t_{ik}}{n\,p_{ik}},"
        r"\quad \frac{\partial L}{\partial z_{ik}} = \frac{p_{ik} - t_{ik}}{n}"
    )
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        number(self.name, "label_smoothing", self.label_smoothing, minimum=0.0, maximum=1.0)

    @property
    def _smoothing(self) -> float:
        return float(self.label_smoothing)
