"""How a normalization is explained: x̂ = (x - μ)/√(σ² + ε),  y = γ·x̂ + β."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Factor, Index, Symbol, Term, indexed, slope
from glassnet._core.types import Array
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
    slope_latex,
)
from glassnet.layers.normalization.kernels import batch_moments
from glassnet.layers.normalization.layer import (
    BatchNormalization,
    LayerNormalization,
    Normalization,
)

HAT = r"\hat{x}"
INVERSE = Symbol("1/√(σ² + ε)", r"\frac{1}{\sqrt{\sigma^2 + \epsilon}}")


class NormalizationEquations(LayerEquations):
    """What the two have in common: x̂, y, and the gradients of γ and β."""

    layer: Normalization
    letters: ClassVar = {"gamma": ("γ", r"\gamma"), "beta": ("β", r"\beta")}
    gradients: ClassVar = {
        "gamma": (
            "∂L/∂γ = Σᵢ ∂L/∂yᵢ·x̂ᵢ", rf"{slope_latex(chr(92) + 'gamma')} = \sum_i {DY}\, \hat{{x}}",
        ),
        "beta": ("∂L/∂β = Σᵢ ∂L/∂yᵢ", rf"{slope_latex(chr(92) + 'beta')} = \sum_i {DY}"),
    }  # fmt: skip
    dx = "∂L/∂x = (g − mean(g) − x̂·mean(g·x̂)) / √(σ² + ε), with g = γ·∂L/∂y"

    def describe(self) -> dict[str, Description]:
        dx_latex = (
            rf"{DX} = \frac{{g - \bar{{g}} - {HAT}\,\overline{{g\, {HAT}}}}}"
            rf"{{\sqrt{{\sigma^2 + \epsilon}}}},\quad g = \gamma\,{DY}"
        )
        return {
            "normalised": Description(
                "x̂", HAT, "forward", "the input with mean 0 and variance 1",
                "x̂ = (x − μ) / √(σ² + ε)",
                rf"{HAT} = \frac{{x - \mu}}{{\sqrt{{\sigma^2 + \epsilon}}}}",
            ),
            "y": output("y = γ·x̂ + β", rf"y = \gamma\, {HAT} + \beta"),
            "dx": outgoing(self.dx, dx_latex),
        }  # fmt: skip

    # ---- what the two differ in ------------------------------------------------------------

    def mean(self, index: Index) -> float:
        """μ of one number of x."""
        raise NotImplementedError

    def inverse(self, index: Index) -> float:
        """1/√(σ² + ε) of one number of x."""
        raise NotImplementedError

    def group(self, index: Index) -> tuple[Any, Any] | None:
        """Where the numbers of x stand that share μ and σ² with this one, and their γ.

        None where μ and σ² do not depend on x.
        """
        raise NotImplementedError

    # ---- one number ------------------------------------------------------------------------

    def derivations(self) -> Mapping[str, Derive]:
        return {
            "normalised": self._normalised, "y": self._y, "dx": self._dx,
            "dgamma": self._dgamma, "dbeta": self._dbeta,
        }  # fmt: skip

    def _hat(self, index: Index) -> Factor:
        return self.flow("normalised", "x̂", index, HAT)

    def _normalised(self, index: Index, value: float) -> Derivation:
        factors = {
            "x": self.flow("x", "x", index),
            "m": Factor(Symbol("μ", r"\mu"), self.mean(index)),
            "s": Factor(INVERSE, self.inverse(index)),
        }
        left = self._hat(index).symbol
        return self.fill(left, "({x} − {m})·{s}", r"(<x> - <m>) \cdot <s>", factors, value)

    def _y(self, index: Index, value: float) -> Derivation:
        k = index[-1:]
        terms = [(self.weight("gamma", k), self._hat(index)), (self.weight("beta", k),)]
        return self.sum(self.flowing("y", index), terms, value)

    def _place(self, i: int, k: Index) -> Index:
        """The i-th of the places whose last index is k: a sample, of images also a pixel."""
        shape = self.arrays["x"].shape[:-1]
        return (*(int(at) for at in np.unravel_index(i, shape)), *k)

    def _dgamma(self, index: Index, value: float) -> Derivation:
        def term(i: int) -> Term:
            place = self._place(i, index)
            return self.back("dy", "y", place), self._hat(place)

        dy, hat = (self.arrays[name][..., index[0]] for name in ("dy", "normalised"))
        left = slope(self.parameter("gamma", index))
        return self.sum_of_many(left, dy.astype(np.float64) * hat, term, value)

    def _dbeta(self, index: Index, value: float) -> Derivation:
        dy = self.arrays["dy"][..., index[0]]
        left = slope(self.parameter("beta", index))
        return self.sum_of_many(
            left, dy, lambda i: (self.back("dy", "y", self._place(i, index)),), value
        )

    def _dx(self, index: Index, value: float) -> Derivation:
        dy, hat = self.back("dy", "y", index), self._hat(index)
        here = float(self.arrays["gamma"][index[-1]] * self.arrays["dy"][index])
        factors = {
            "g": Factor(Symbol("g", "g"), here, dy.place),
            "s": Factor(INVERSE, self.inverse(index)),
        }
        pattern, code = "{g}·{s}", r"<g> \cdot <s>"
        group = self.group(index)
        if group is not None:
            where, gamma = group
            g, x_hat = gamma * self.arrays["dy"][where], self.arrays["normalised"][where]
            both = Symbol("mean(g·x̂)", r"\overline{g \hat{x}}")
            factors |= {
                "a": Factor(Symbol("mean(g)", r"\bar{g}"), float(g.mean())),
                "h": hat,
                "c": Factor(both, float((g * x_hat).mean())),
            }
            pattern = "({g} − {a} − {h}·{c})·{s}"
            code = r"\left(<g> - <a> - <h> \cdot <c>\right) \cdot <s>"
        left = slope(self.flowing("x", index))
        return self.fill(left, pattern, code, factors, value, (dy, hat))


class BatchNormalizationEquations(NormalizationEquations):
    """μ and σ² are those of the batch, or of a frozen layer the running ones."""

    layer: BatchNormalization

    @property
    def of_batch(self) -> bool:
        return self.layer.trainable

    def kept(self) -> Mapping[str, Array]:
        layer, saved = self.layer, self.layer.saved
        assert saved is not None
        mean, variance = layer.moving_mean, layer.moving_variance
        if saved.of_batch:
            mean, variance = np.empty_like(mean), np.empty_like(variance)
            batch_moments(layer.rows(layer.take_input(self.arrays["x"])), mean, variance)
        return {"mean": mean, "variance": variance, "normalised": saved.normalised}

    def describe(self) -> dict[str, Description]:
        over = "the batch" if self.of_batch else "the running values"
        if self.of_batch and self.arrays["x"].ndim > 2:
            over = "the channel, over all places and samples"
        mean = Description("μ", r"\mu", "kept", f"mean, of {over}", "μ = Σ x / n", r"\mu = \bar{x}")
        variance = Description(
            "σ²", r"\sigma^2", "kept", f"variance, of {over}", "σ² = Σ (x − μ)² / n",
            r"\sigma^2 = \overline{(x - \mu)^2}",
        )  # fmt: skip
        found = {"mean": mean, "variance": variance, **super().describe()}
        if not self.of_batch:
            found["dx"] = found["dx"]._replace(formula="∂L/∂x = γ·∂L/∂y / √(σ² + ε)")
        return found

    def derivations(self) -> Mapping[str, Derive]:
        of_batch: Mapping[str, Derive] = {"mean": self._mean, "variance": self._variance}
        return {**super().derivations(), **(of_batch if self.of_batch else {})}

    def axes(self, quantity: str) -> tuple[str, ...]:
        """Its μ, σ², γ and β are one for each channel of an image."""
        own = ("mean", "variance", "gamma", "beta")
        images = self.arrays["x"].ndim > 2
        return ("channel",) if images and quantity in own else super().axes(quantity)

    def _share(self) -> Factor:
        n = self.arrays["x"][..., 0].size
        return Factor(Symbol(f"1/{n}", rf"\frac{{1}}{{{n}}}"), 1 / n)

    def _mean(self, index: Index, value: float) -> Derivation:
        x = self.arrays["x"][..., index[0]]
        left = indexed("μ", *index, latex=r"\mu")
        return self.sum_of_many(
            left, x, lambda i: (self.flow("x", "x", self._place(i, index)),), value, self._share()
        )

    def _variance(self, index: Index, value: float) -> Derivation:
        x = self.arrays["x"][..., index[0]].astype(np.float64)
        mean = self.at("mean", index)

        def term(i: int) -> Term:
            one = self.flow("x", "x", self._place(i, index))
            symbol = Symbol(f"({one.symbol.text} − μ)²", rf"({one.symbol.latex} - \mu)^2")
            return (Factor(symbol, (one.value - mean) ** 2, one.place),)

        left = indexed("σ²", *index, latex=r"\sigma^2")
        return self.sum_of_many(left, (x - mean) ** 2, term, value, self._share())

    def mean(self, index: Index) -> float:
        return self.at("mean", index[-1:])

    def inverse(self, index: Index) -> float:
        return 1 / float(np.sqrt(self.at("variance", index[-1:]) + self.layer.epsilon))

    def group(self, index: Index) -> tuple[Any, Any] | None:
        k = index[-1]
        return ((..., k), self.arrays["gamma"][k]) if self.of_batch else None


class LayerNormalizationEquations(NormalizationEquations):
    """μ and σ² are those of the sample's features."""

    layer: LayerNormalization

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        assert saved is not None
        return {"normalised": saved.normalised, "inverse": saved.inverse}

    def describe(self) -> dict[str, Description]:
        inverse = Description(
            "1/√(σ²+ε)", INVERSE.latex, "kept", "one over the spread, of the sample's features",
            "1/√(σ² + ε)", INVERSE.latex,
        )  # fmt: skip
        return {"inverse": inverse, **super().describe()}

    def mean(self, index: Index) -> float:
        return float(self.arrays["x"][index[:-1]].mean())

    def inverse(self, index: Index) -> float:
        row = int(np.ravel_multi_index(index[:-1], self.arrays["x"].shape[:-1]))
        return self.at("inverse", (row,))

    def group(self, index: Index) -> tuple[Any, Any]:
        return index[:-1], self.arrays["gamma"]
