"""How an ensemble is explained: the weighted sum of what its members give."""

from __future__ import annotations

from collections.abc import Mapping

from glassnet._core.derivation import Derivation
from glassnet._core.formula import Factor, Index, Symbol, Term, indexed, slope
from glassnet.layers.ensemble.layer import Ensemble, Member
from glassnet.layers.equations import (
    DX,
    Derive,
    Description,
    LayerArrays,
    LayerEquations,
    Link,
    few,
    outgoing,
    output,
)


class EnsembleEquations(LayerEquations):
    """y = Σ w_k·m_k(x), where m_k is member k."""

    layer: Ensemble

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = Σₖ wₖ·mₖ(x), m are the members", r"y = \sum_k w_k \cdot m_k(x)"),
            "dx": outgoing("∂L/∂x = Σₖ ∂L/∂x through mₖ", rf"{DX} = \sum_k {DX}\ (m_k)"),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def handed_in(self, inner: LayerArrays, index: Index, value: float) -> Derivation:
        """∂L/∂mₖ = wₖ·∂L/∂y"""
        k = [member.name for member in self.step.inside(self.own)].index(inner.name)
        terms: Term = (self._weight(k), self.back("dy", "y", index))
        return self.sum(slope(self._member(k, index)), [terms], value)

    def entered(self, inner: LayerArrays, sample: int) -> list[Link]:
        k = [member.name for member in self.step.inside(self.own)].index(inner.name)
        weight, numbers = self._weight(k), few(inner["dy"][sample])
        symbol = f"∂L/∂{indexed('m', k).text}"
        words = f"∂L/∂y·{weight.symbol.text}"
        return [Link(self.name, "dy", symbol, words, weight.value, numbers)]

    def _y(self, index: Index, value: float) -> Derivation:
        terms: list[Term] = []
        for k, member in enumerate(self.step.inside(self.own)):
            given = float(member["y"][index])
            place = (member.name, "y", index)
            terms.append((self._weight(k), Factor(self._member(k, index), given, place)))
        return self.sum(self.flowing("y", index), terms, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        left, terms = slope(self.flowing("x", index)), []
        for k, member in enumerate(self.step.inside(self.own)):
            m = indexed("m", k)
            symbol = Symbol(f"{left.text} ({m.text})", rf"{left.latex}\ ({m.latex})")
            given = float(member["dx"][index])
            terms.append((Factor(symbol, given, (member.name, "dx", index)),))
        return self.sum(left, terms, value)

    def _weight(self, k: int) -> Factor:
        return Factor(indexed("w", k), self.layer.member_weights[k])

    def _member(self, k: int, index: Index) -> Symbol:
        """A number that member k gives: m, its number, and where in its output."""
        return self.flowing("m", (index[0], k, *index[1:]))


class MemberEquations(LayerEquations):
    """What its last layer gives, for what its first layer gets."""

    layer: Member

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = what its last layer gives", "y"),
            "dx": outgoing("∂L/∂x = what its first layer gives back", DX),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        last = self.step.inside(self.own)[-1]
        symbol = self.flowing("y", index)
        return self.equal(symbol, _of(symbol, last), value, (last.name, "y", index))

    def _dx(self, index: Index, value: float) -> Derivation:
        first = self.step.inside(self.own)[0]
        symbol = slope(self.flowing("x", index))
        return self.equal(symbol, _of(symbol, first), value, (first.name, "dx", index))


def _of(symbol: Symbol, layer: LayerArrays) -> Symbol:
    name = layer.layer.name
    return Symbol(f"{symbol.text} ({name})", rf"{symbol.latex}\ (\text{{{name}}})")
