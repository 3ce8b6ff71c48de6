"""How the numbers of a normalization were made."""

from __future__ import annotations

import numpy as np

from glassnet.explain.equations import How, Index, Made, Maker
from glassnet.explain.writing import Factor, Symbol, slope, template
from glassnet.layers import BatchNormalization, LayerNormalization


class NormalizationMaker(Maker):
    """x̂ = (x - μ)/√(σ² + ε),  y = γ·x̂ + β."""

    def _special(self) -> dict[str, How]:
        return {
            "normalised": self._normalised, "y": self._scaled, "dgamma": self._dgamma,
            "dbeta": self._dbeta, "dx": self._normalised_back,
        }  # fmt: skip

    def _hat(self, index: Index) -> Factor:
        return self.flow("normalised", "x̂", index, r"\hat{x}")

    def _spread(self, index: Index) -> Factor:
        """1/√(σ² + ε)"""
        layer = self.step.layer
        assert isinstance(layer, (BatchNormalization, LayerNormalization))
        latex = r"\frac{1}{\sqrt{\sigma^2 + \epsilon}}"
        symbol = Symbol("1/√(σ² + ε)", latex)
        if "variance" in self.step.quantities:
            variance = float(self.step["variance"][index[-1]])
            return Factor(symbol, 1 / float(np.sqrt(variance + layer.epsilon)))
        rows = self.step["inverse"]
        row = int(np.ravel_multi_index(index[:-1], self.step["x"].shape[:-1]))
        return Factor(symbol, float(rows[row]))

    def _normalised(self, index: Index, value: float) -> Made:
        hat = self._hat(index).symbol
        x = self.flow("x", "x", index)
        if "mean" in self.step.quantities:
            mean = float(self.step["mean"][index[-1]])
        else:
            mean = float(self.step["x"][index[:-1]].mean())
        factors = {
            "x": x, "m": Factor(Symbol("μ", r"\mu"), mean), "s": self._spread(index)
        }  # fmt: skip
        pattern, code = "({x} − {m})·{s}", r"(<x> - <m>) \cdot <s>"
        equation = template(hat, pattern, code, factors, value, self.digits)
        return Made(hat, equation, ((self.step.name, "x", index),))

    def _scaled(self, index: Index, value: float) -> Made:
        symbol, k = self.flowing("y", index), index[-1:]
        terms: list[tuple[Factor, ...]] = [
            (self.weight("gamma", k), self._hat(index)), (self.weight("beta", k),)
        ]  # fmt: skip
        name = self.step.name
        inputs = ((name, "gamma", k), (name, "normalised", index), (name, "beta", k))
        return Made(symbol, self.sum(symbol, terms, value), inputs)

    def _column(self, k: Index) -> list[Index]:
        """The places whose last index is k."""
        return [(*place, *k) for place in np.ndindex(self.step["dy"].shape[:-1])]

    def _dgamma(self, index: Index, value: float) -> Made:
        symbol = slope(self.parameter("gamma", index))
        places = self._column(index)
        terms: list[tuple[Factor, ...]] = [
            (self.back("dy", "y", place), self._hat(place)) for place in places
        ]
        inputs = tuple((self.step.name, "dy", place) for place in places)
        return Made(symbol, self.sum(symbol, terms, value), inputs)

    def _dbeta(self, index: Index, value: float) -> Made:
        symbol = slope(self.parameter("beta", index))
        places = self._column(index)
        terms: list[tuple[Factor, ...]] = [(self.back("dy", "y", place),) for place in places]
        inputs = tuple((self.step.name, "dy", place) for place in places)
        return Made(symbol, self.sum(symbol, terms, value), inputs)

    def _normalised_back(self, index: Index, value: float) -> Made:
        symbol, k = slope(self.flowing("x", index)), index[-1]
        gamma, dy, hat = self.step["gamma"], self.step["dy"], self.step["normalised"]
        if isinstance(self.step.layer, BatchNormalization):
            g, x_hat = gamma[k] * dy[..., k], hat[..., k]
        else:
            g, x_hat = gamma * dy[index[:-1]], hat[index[:-1]]
        of_batch = "running" not in self.step.quantities["normalised"].meaning
        running = (
            "running"
            in self.step.quantities.get("mean", self.step.quantities["normalised"]).meaning
        )
        here = Factor(Symbol("g", "g"), float(gamma[k] * dy[index]))
        factors = {"g": here, "s": self._spread(index)}
        pattern, code = "{g}·{s}", r"<g> \cdot <s>"
        if of_batch and not running:
            both = Symbol("mean(g·x̂)", r"\overline{g \hat{x}}")
            factors |= {
                "a": Factor(Symbol("mean(g)", r"\bar{g}"), float(g.mean())),
                "h": self._hat(index),
                "c": Factor(both, float((g * x_hat).mean())),
            }
            pattern = "({g} − {a} − {h}·{c})·{s}"
            code = r"\left(<g> - <a> - <h> \cdot <c>\right) \cdot <s>"
        equation = template(symbol, pattern, code, factors, value, self.digits)
        inputs = ((self.step.name, "dy", index), (self.step.name, "normalised", index))
        return Made(symbol, equation, inputs)
