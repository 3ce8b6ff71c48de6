"""How the numbers of the loss were made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from glassnet.explain.equations import Index, Made
from glassnet.explain.writing import (
    Equation,
    Factor,
    Symbol,
    indexed,
    latex_number,
    plain,
    shown,
    slope,
    sum_of_products,
    template,
)

if TYPE_CHECKING:
    from glassnet.explain.explanation import StepExplanation


class LossMaker:
    """Writes the equations of the loss of one explanation."""

    def __init__(self, explanation: StepExplanation, digits: int) -> None:
        self.all, self.loss, self.digits = explanation, explanation.loss, digits
        self.many = explanation.samples > 1
        self.k = self.loss["p"].shape[-1]

    def flow(self, quantity: str, letter: str, index: Index) -> Factor:
        sample = index[0] if self.many else None
        symbol = indexed(letter, *index[1:], sample=sample)
        return Factor(symbol, float(self.loss[quantity][index]))

    @property
    def n(self) -> Factor:
        return Factor(Symbol("n", "n"), self.all.samples)

    @property
    def smoothed(self) -> bool:
        return bool(self.loss.config.get("label_smoothing"))

    def make(self, quantity: str, index: Index) -> Made:
        """The equation of ``quantity[index]``."""
        value = float(self.loss[quantity][index])
        made: dict[str, Any] = {
            "p": self._p, "t": self._t, "l": self._l, "L": self._L, "gradient": self._gradient,
            "dp": self._dp, "chain": self._chain, "difference": self._difference,
        }  # fmt: skip
        if quantity in made:
            found: Made = made[quantity](index, value)
            return found
        q = self.loss.quantities[quantity]
        symbol = indexed(q.symbol, *index, latex=q.latex_symbol)
        return Made(symbol, self._only(symbol, q.formula, q.latex, value))

    def _only(self, symbol: Symbol, formula: str, latex: str, value: float) -> Equation:
        text = f"{symbol.text} = {shown(value, self.digits)}"
        code = f"{symbol.latex} = {latex_number(value, self.digits)}"
        return Equation(formula, text, latex, code)

    def _p(self, index: Index, value: float) -> Made:
        last = self.all.last
        made = self.all.maker(last, self.digits).make("y", index)
        return Made(self.flow("p", "p", index).symbol, made.equation, ((last.name, "y", index),))

    def _t(self, index: Index, value: float) -> Made:
        symbol = self.flow("t", "t", index).symbol
        return Made(symbol, plain(symbol, None, value, self.digits))

    def _l(self, index: Index, value: float) -> Made:
        s = index[0]
        symbol = indexed("l", *(index if self.many else ()))
        places: list[Index] = [(s, j) for j in range(self.k)] if self.loss["p"].ndim == 2 else []
        inputs = tuple(("loss", name, place) for name in "pt" for place in places)
        equation = None if self.smoothed else self._l_equation(symbol, places, value)
        if equation is None:
            equation = self._only(symbol, self.loss.formula, self.loss.latex, value)
        return Made(symbol, equation, inputs)

    def _l_equation(self, left: Symbol, places: list[Index], value: float) -> Equation | None:
        loss = self.loss.written_out
        if not places or self.loss.config.get("from_logits") or loss.term is None:
            return None
        if loss.one_hot is not None:
            places = [place for place in places if self.loss["t"][place]]  # 0·log 0 = 0
        if len(places) > (6 if loss.mean else 12):
            return None
        alone = len(places) == 1 and self.loss["t"][places[0]] == 1
        term = loss.one_hot if loss.one_hot is not None and alone else loss.term
        text, code = (self._sum(part, places) for part in term)
        if len(places) > 1 and (loss.mean or loss.sign[0]):
            text = f"({text})"
        if loss.mean and len(places) > 1:
            text, code = f"{text} / {self.k}", rf"\frac{{{code}}}{{{self.k}}}"
        elif len(places) > 1:
            code = f"({code})"
        return self._filled(left, loss.sign[0] + text, loss.sign[1] + code, places, value)

    @staticmethod
    def _sum(pattern: str, places: list[Index]) -> str:
        """The pattern for each of the places, with its number at the letters."""
        return " + ".join(re.sub(r"([{<][pt])", rf"\g<1>{j}", pattern) for _, j in places)

    def _filled(
        self, left: Symbol, pattern: str, code: str, places: list[Index], value: float
    ) -> Equation:
        factors = {f"p{j}": self.flow("p", self.loss.letter, (s, j)) for s, j in places}
        factors |= {f"t{j}": self.flow("t", "t", (s, j)) for s, j in places}
        return template(left, pattern, code, factors, value, self.digits)

    def _L(self, index: Index, value: float) -> Made:
        left = Symbol("L", "L")
        l, weights = self.loss["l"], self.loss.sample_weight  # noqa: E741  the letter of the formula
        terms: list[tuple[Factor, ...]] = []
        for s in range(len(l)):
            one = Factor(indexed("l", *((s,) if self.many else ())), float(l[s]))
            if weights is None:
                terms.append((one,))
            else:
                own = indexed("s", *((s,) if self.many else ()))
                terms.append((Factor(own, weights[s]), one))
        inputs = tuple(("loss", "l", (s,)) for s in range(len(l)))
        mean = float(self.loss.value - self.loss.penalty)
        share = Factor(Symbol("1/n", r"\frac{1}{n}"), 1 / self.all.samples)
        scale = share if self.many else None
        if not self.loss.penalty:
            return Made(left, sum_of_products(left, terms, value, self.digits, scale=scale), inputs)
        data = Symbol("L (data)", r"L_{\mathrm{data}}")
        first = sum_of_products(data, terms, mean, self.digits, scale=scale)
        parts: list[tuple[Factor, ...]] = [
            (Factor(data, mean),), (Factor(Symbol("penalty", "R"), self.loss.penalty),)
        ]  # fmt: skip
        second = sum_of_products(left, parts, value, self.digits)
        return Made(left, Equation(*("\n".join(p) for p in zip(first, second))), inputs)

    def _gradient(self, index: Index, value: float) -> Made:
        letter = "z" if self.loss.fused else "y"
        left = slope(self.flow("gradient", letter, index).symbol)
        inputs = (("loss", "p", index), ("loss", "t", index))
        loss, logits = self.loss.written_out, bool(self.loss.config.get("from_logits"))
        plain_form = self.loss["p"].ndim == 2 and not self.smoothed and not logits
        k = Factor(Symbol("k", "k"), self.k)
        p, t = self.flow("p", "p" if self.loss.fused else "y", index), self.flow("t", "t", index)
        factors = {"p": p, "t": t, "n": self.n, "k": k}
        if not self.many:  # 1/n of one sample says nothing
            over, over_code = ("", "") if self.k == 1 else ("{k}", "<k>")
        else:
            over, over_code = ("{n}", "<n>") if self.k == 1 else ("({n}·{k})", r"<n> <k>")
        pattern = code = ""
        if plain_form and self.loss.fused:
            pattern, code = "({p} − {t})", "(<p> - <t>)"
            if not loss.mean:  # it is over the samples alone
                over, over_code = ("{n}", "<n>") if self.many else ("", "")
        elif plain_form and loss.slope is not None:
            pattern, code = loss.slope
        if not pattern:
            q = self.loss.quantities["gradient"]
            return Made(left, self._only(left, q.formula, q.latex, value), inputs)
        if self.loss.sample_weight is not None:
            own = indexed("s", *((index[0],) if self.many else ()))
            factors["s"] = Factor(own, self.loss.sample_weight[index[0]])
            pattern, code = "{s}·" + pattern, r"<s> \cdot " + code
        if over:
            pattern, code = f"{pattern} / {over}", rf"\frac{{{code}}}{{{over_code}}}"
        elif pattern == "({p} − {t})":
            pattern, code = "{p} − {t}", "<p> - <t>"
        return Made(left, template(left, pattern, code, factors, value, self.digits), inputs)

    def _dp(self, index: Index, value: float) -> Made:
        left = slope(self.flow("p", "p", index).symbol)
        inputs = (("loss", "p", index), ("loss", "t", index))
        factors = {"p": self.flow("p", "p", index), "t": self.flow("t", "t", index), "n": self.n}
        pattern = code = ""
        weights = self.loss.sample_weight is not None
        form = self.loss.written_out.sum_slope
        if form is not None and not self.smoothed and not weights:
            pattern, code = form  # each p is divided by the sum of its row first: 1 already
            if self.many:
                pattern, code = f"({pattern}) / {{n}}", rf"\frac{{1}}{{<n>}} \left({code}\right)"
        if not pattern:
            q = self.loss.quantities["dp"]
            return Made(left, self._only(left, q.formula, q.latex, value), inputs)
        return Made(left, template(left, pattern, code, factors, value, self.digits), inputs)

    def _chain(self, index: Index, value: float) -> Made:
        """The long way: ∂L/∂zⱼ = Σᵢ ∂L/∂pᵢ·∂pᵢ/∂zⱼ."""
        s, j = index[0], index[-1]
        left = slope(self.flow("gradient", "z", index).symbol)
        terms: list[tuple[Factor, ...]] = []
        if "jacobian" in self.loss.quantities:
            jacobian = self.loss["jacobian"]
            places = [(*index[:-1], i) for i in range(self.k)]
            local = [float(jacobian[(*index[:-1], i, j)]) for i in range(self.k)]
        else:
            places = [index]
            f = self.all.output_function
            assert f is not None
            local = [float(f.derivative(self.all.last["z"][index]))]
        for place, factor in zip(places, local):
            p = self.flow("p", "p", place).symbol
            z = indexed("z", *index[1:], sample=s if self.many else None)
            sign = Symbol(
                f"∂{p.text}/∂{z.text}", rf"\frac{{\partial {p.latex}}}{{\partial {z.latex}}}"
            )
            dp = Factor(slope(p), float(self.loss["dp"][place]))
            terms.append((dp, Factor(sign, factor)))
        inputs = tuple(("loss", "dp", place) for place in places)
        return Made(left, sum_of_products(left, terms, value, self.digits), inputs)

    def _difference(self, index: Index, value: float) -> Made:
        left = Symbol("fused − chain", r"\Delta")
        fused, chain = (float(self.loss[name][index]) for name in ("gradient", "chain"))
        factors = {
            "a": Factor(Symbol("∂L/∂z (fused)", r"\text{fused}"), fused),
            "b": Factor(Symbol("∂L/∂z (chain)", r"\text{chain}"), chain),
        }
        equation = template(left, "{a} − {b}", "<a> - <b>", factors, value, self.digits)
        return Made(left, equation, (("loss", "gradient", index), ("loss", "chain", index)))
