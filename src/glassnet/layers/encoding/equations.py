"""How a piecewise-linear encoding is explained: the number itself, and its place in each bin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import numpy as np

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Factor, Index, Symbol, Term, indexed, slope
from glassnet.layers.encoding.kernels import clip_slope
from glassnet.layers.encoding.layer import PiecewiseLinearEncoding
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)


class PiecewiseLinearEncodingEquations(LayerEquations):
    """y = (v − μ)·s, of v = c(x) and v_t = clip((x − e_{t−1})/(e_t − e_{t−1}), 0, 1)."""

    layer: PiecewiseLinearEncoding

    def describe(self) -> dict[str, Description]:
        text = "y = (v − μ)·s; v = c(x), and of each bin clip((x − e₁)/(e₂ − e₁), 0, 1)"
        latex = (
            r"y = (v - \mu) \cdot s, \quad v \in \left\{ c(x), \mathrm{clip}\left("
            r"\frac{x - e_{t-1}}{e_t - e_{t-1}}, 0, 1\right) \right\}"
        )
        back = "∂L/∂x = Σ ∂L/∂y·s·∂v/∂x, ∂v/∂x = c′(x), and 1/(e₂ − e₁) in its bin"
        back_latex = rf"{DX} = \sum {DY} \cdot s \cdot \frac{{\partial v}}{{\partial x}}"
        return {"y": output(text, latex), "dx": outgoing(back, back_latex)}

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        row, feature = index
        column = bisect_right(self.layer.first, feature) - 1
        factors = {"x": self.flow("x", "x", (row, column))}
        bins = feature - self.layer.first[column]
        edges = (self.layer.edges or ())[column]
        if bins:
            assert edges is not None
            factors |= {"a": self._edge(column, bins - 1), "b": self._edge(column, bins)}
            pattern = "clip(({x} − {a})/({b} − {a}), 0, 1)"
            code = r"\mathrm{clip}\left(\frac{<x> - <a>}{<b> - <a>}, 0, 1\right)"
        elif edges is not None and self.layer.clip is not None:
            factors["c"] = Factor(Symbol("clip", r"\mathrm{clip}"), self.layer.clip)
            pattern = "{x}/√(1 + ({x}/{c})²)"
            code = r"\frac{<x>}{\sqrt{1 + (<x>/<c>)^2}}"
        else:
            pattern, code = "{x}", "<x>"
        if self.layer.means is not None:
            mean = self.layer.means[feature]
            factors["m"] = Factor(indexed("μ", feature, latex=r"\mu"), mean)
            pattern, code = f"{pattern} − {{m}}", f"{code} - <m>"
        if self.layer.scales is not None:
            factors["s"] = self._scale(feature)
            pattern, code = f"({pattern})·{{s}}", rf"\left({code}\right) \cdot <s>"
        return self.fill(self.flowing("y", index), pattern, code, factors, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        row, column = index
        at, end = self.layer.first[column : column + 2]
        edges, x = (self.layer.edges or ())[column], float(self.arrays["x"][index])
        terms: list[Term] = []
        for feature in range(at, end):
            factors = [self.back("dy", "y", (row, feature))]
            if self.layer.scales is not None:
                factors.append(self._scale(feature))
            if feature > at and edges is not None:
                low, high = edges[feature - at - 1 : feature - at + 1]
                share = (np.sign(x - low) - np.sign(x - high)) / 2  # ½ on an edge
                if not share:
                    continue
                a, b = self._edge(column, feature - at - 1), self._edge(column, feature - at)
                half, half_code = ("½", r"\tfrac{1}{2}") if share < 1 else ("1", "1")
                text = f"{half}/({b.symbol.text} − {a.symbol.text})"
                code = rf"\frac{{{half_code}}}{{{b.symbol.latex} - {a.symbol.latex}}}"
                factors.append(Factor(Symbol(text, code), share / (high - low)))
            elif edges is not None and self.layer.clip is not None:
                symbol = self.flowing("x", index)
                text, code = f"c′({symbol.text})", f"c'({symbol.latex})"
                factors.append(Factor(Symbol(text, code), clip_slope(x, self.layer.clip)))
            terms.append(tuple(factors))
        return self.sum(slope(self.flowing("x", index)), terms, value)

    def _scale(self, feature: int) -> Factor:
        assert self.layer.scales is not None
        return Factor(indexed("s", feature), self.layer.scales[feature])

    def _edge(self, column: int, place: int) -> Factor:
        """An edge: of column 1 e₁₀, e₁₁ …"""
        edges = (self.layer.edges or ())[column]
        assert edges is not None
        return Factor(indexed("e", column, place - 1), edges[place])
