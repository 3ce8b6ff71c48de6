"""The equations of the numbers of the loss; what one loss alone says stands with that loss."""

from __future__ import annotations

import re
from collections.abc import Mapping

from glassnet._core.derivation import Derivation, EquationWriter
from glassnet._core.formula import (
    Factor,
    Index,
    Place,
    Symbol,
    Term,
    indexed,
    partial,
    slope,
    stated,
    together,
)
from glassnet.explain.trace import StepTrace
from glassnet.layers.equations import Derive

CLASSES = 12  # classes with a target in one sample; with more the formula stands alone
OUTPUTS = 6  # outputs of one sample; the same


class LossEquations(EquationWriter):
    """Writes the equations of the loss of one step."""

    def __init__(self, trace: StepTrace, digits: int) -> None:
        super().__init__("loss", trace.loss, trace.samples, digits)
        objective = trace.before.objective
        assert objective is not None
        self.trace, self.loss, self.given = trace, trace.loss, objective.given
        self.k = self.loss["p"].shape[-1]
        smoothed, logits = (self.loss.config.get(k) for k in ("label_smoothing", "from_logits"))
        self.smoothed = bool(smoothed)
        self.as_it_stands = self.loss["p"].ndim == 2 and not smoothed and not logits
        self.n = Factor(Symbol("n", "n"), self.samples)

    def derive(self, quantity: str, index: Index) -> Derivation | None:
        """How ``quantity[index]`` was made; None where only the formula of the array is known."""
        known: Mapping[str, Derive] = {
            "t": self._t, "l": self._l, "L": self._L, "gradient": self._gradient,
            "dp": self._dp, "chain": self._chain, "difference": self._difference,
        }  # fmt: skip
        return known[quantity](index, self.at(quantity, index)) if quantity in known else None

    def _stated(
        self, left: Symbol, value: float, quantity: str, inputs: tuple[Place, ...]
    ) -> Derivation:
        """The formula of the whole array, where this number has none of its own."""
        q = self.loss.quantities[quantity]
        return Derivation(left, stated(left, q.formula, q.latex, value, self.digits), inputs)

    def _of_sample(self, letter: str, sample: int) -> Symbol:
        """One number of each sample: ``l₂``."""
        return indexed(letter, *((sample,) if self.many else ()))

    def _t(self, index: Index, value: float) -> Derivation:
        return self.equal(self.flowing("t", index), None, value)

    def _l(self, index: Index, value: float) -> Derivation:
        symbol = self._of_sample("l", index[0])
        flat = self.loss["p"].ndim == 2
        places: list[Index] = [(index[0], j) for j in range(self.k)] if flat else []
        inputs = tuple(("loss", name, place) for name in "pt" for place in places)
        pattern = self._sample_pattern(places) if self.as_it_stands else None
        if pattern is None:
            return self._stated(symbol, value, "l", inputs)
        places, text, code = pattern
        letter = "y" if self.given.target == "values" else "p"
        factors = {f"p{j}": self.flow("p", letter, (s, j)) for s, j in places}
        factors |= {f"t{j}": self.flow("t", "t", (s, j)) for s, j in places}
        return self.fill(symbol, text, code, factors, value)._replace(inputs=inputs)

    def _sample_pattern(self, places: list[Index]) -> tuple[list[Index], str, str] | None:
        """The loss of one sample as a pattern of ``{p0}``, ``{t0}``, ``{p1}`` …, and in LaTeX."""
        form = self.given.written_out
        if form.one_hot is not None:
            places = [place for place in places if self.loss["t"][place]]  # 0·log 0 = 0
        if form.term is None or len(places) > (OUTPUTS if form.mean else CLASSES):
            return None
        alone = len(places) == 1 and self.loss["t"][places[0]] == 1
        term = form.one_hot if form.one_hot is not None and alone else form.term
        text, code = (_repeated(part, places) for part in term)
        if len(places) > 1 and (form.mean or form.sign[0]):
            text = f"({text})"
        if form.mean and len(places) > 1:
            text, code = f"{text} / {self.k}", rf"\frac{{{code}}}{{{self.k}}}"
        elif len(places) > 1:
            code = f"({code})"
        return places, form.sign[0] + text, form.sign[1] + code

    def _L(self, index: Index, value: float) -> Derivation:
        left, weights = Symbol("L", "L"), self.loss.sample_weight
        places = range(len(self.loss["l"]))
        losses = [self.factor(self._of_sample("l", s), "l", (s,)) for s in places]
        terms: list[Term] = [(one,) for one in losses]
        if weights is not None:
            own = [Factor(self._of_sample("s", s), weights[s]) for s in places]
            terms = list(zip(own, losses))
        share = Factor(Symbol("1/n", r"\frac{1}{n}"), 1 / self.samples)
        scale = share if self.many else None
        if not self.loss.penalty:
            return self.sum(left, terms, value, scale=scale)
        data = Factor(Symbol("L (data)", r"L_{\mathrm{data}}"), self.loss.value - self.loss.penalty)
        first = self.sum(data.symbol, terms, data.value, scale=scale)
        penalty = Factor(Symbol("penalty", "R"), self.loss.penalty)
        second = self.sum(left, [(data,), (penalty,)], value)
        return Derivation(left, together(first.equation, second.equation), first.inputs)

    def _gradient(self, index: Index, value: float) -> Derivation:
        left = slope(self.flowing("z" if self.loss.fused else "y", index))
        inputs = (("loss", "p", index), ("loss", "t", index))
        both = ("({p} − {t})", "(<p> - <t>)") if self.loss.fused else self.given.written_out.slope
        if both is None or not self.as_it_stands:
            return self._stated(left, value, "gradient", inputs)
        factors = {
            "p": self.flow("p", "p" if self.loss.fused else "y", index),
            "t": self.flow("t", "t", index),
            "n": self.n,
            "k": Factor(Symbol("k", "k"), self.k),
        }
        one = self.k == 1 or not self.given.written_out.mean  # it is over the samples alone
        if self.many:
            over, over_code = ("{n}", "<n>") if one else ("({n}·{k})", "<n> <k>")
        else:  # 1/n of one sample says nothing
            over, over_code = ("", "") if one else ("{k}", "<k>")
        pattern, code = both
        if self.loss.sample_weight is not None:
            own = self._of_sample("s", index[0])
            factors["s"] = Factor(own, self.loss.sample_weight[index[0]])
            pattern, code = "{s}·" + pattern, r"<s> \cdot " + code
        if over:
            pattern, code = f"{pattern} / {over}", rf"\frac{{{code}}}{{{over_code}}}"
        elif pattern == "({p} − {t})":
            pattern, code = "{p} − {t}", "<p> - <t>"
        return self.fill(left, pattern, code, factors, value)._replace(inputs=inputs)

    def _dp(self, index: Index, value: float) -> Derivation:
        p, t = self.flow("p", "p", index), self.flow("t", "t", index)
        left = slope(p.symbol)
        form = self.given.written_out.sum_slope
        if form is None or self.smoothed or self.loss.sample_weight is not None:
            return self._stated(left, value, "dp", (("loss", "p", index), ("loss", "t", index)))
        pattern, code = form  # each p is divided by the sum of its row first: 1 already
        if self.many:
            pattern, code = f"({pattern}) / {{n}}", rf"\frac{{1}}{{<n>}} \left({code}\right)"
        return self.fill(left, pattern, code, {"p": p, "t": t, "n": self.n}, value)

    def _chain(self, index: Index, value: float) -> Derivation:
        """The long way: ∂L/∂zⱼ = Σᵢ ∂L/∂pᵢ·∂pᵢ/∂zⱼ."""
        z = self.flowing("z", index)
        if "jacobian" in self.loss:
            places = [(*index[:-1], i) for i in range(self.k)]
            local = [self.at("jacobian", (*place, index[-1])) for place in places]
        else:
            f = self.trace.output_function
            assert f is not None
            places, local = [index], [float(f.derivative(self.trace.last["z"][index]))]
        terms = [
            (self.back("dp", "p", place), Factor(partial(self.flowing("p", place), z), factor))
            for place, factor in zip(places, local)
        ]
        return self.sum(slope(z), terms, value)

    def _difference(self, index: Index, value: float) -> Derivation:
        factors = {
            "a": self.factor(Symbol("∂L/∂z (fused)", r"\text{fused}"), "gradient", index),
            "b": self.factor(Symbol("∂L/∂z (chain)", r"\text{chain}"), "chain", index),
        }
        left = Symbol("fused − chain", r"\Delta")
        return self.fill(left, "{a} − {b}", "<a> - <b>", factors, value)


def _repeated(pattern: str, places: list[Index]) -> str:
    """The pattern for each of the places, with its number at the letters."""
    return " + ".join(re.sub(r"([{<][pt])", rf"\g<1>{j}", pattern) for _, j in places)
