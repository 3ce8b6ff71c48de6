"""How augmentation is explained: what was drawn for an image, and what became of each pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet._core.derivation import Derivation, places
from glassnet._core.formula import Factor, Index, Symbol, Term, slope
from glassnet._core.types import Array
from glassnet.layers.augmentation.layer import GaussianNoise
from glassnet.layers.augmentation.lines import NOWHERE, folded
from glassnet.layers.augmentation.places import read_from
from glassnet.layers.augmentation.settings import FILL_MODES
from glassnet.layers.augmentation.tinting import Tinting
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)

DRAWN = {
    "random_translation": ("shift", "shift down and to the right, as shares of height and width"),
    "random_zoom": ("zoom", "by how much more of the height and of the width is seen"),
    "random_rotation": ("turn", "share of a full turn, counter-clockwise"),
    "random_flip": ("flip", "1 where the image is mirrored"),
}


def kept(symbol: str, meaning: str, formula: str, latex: str) -> Description:
    return Description(symbol, rf"\mathrm{{{symbol}}}", "kept", meaning, formula, latex)


class MovingEquations(LayerEquations):
    """y = Σ share·x over the pixels that y is read between; the gradient goes back there."""

    layer: Any  # Moving, or RandomFlip

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        if saved is None:  # nothing was moved
            return {}
        return {"drawn": saved.drawn.astype(self.layer.dtype), "places": saved.places}

    def axes(self, quantity: str) -> tuple[str, ...]:
        if quantity in ("drawn", "places"):
            return ("sample", "number")
        return super().axes(quantity)

    def describe(self) -> dict[str, Description]:
        symbol, meaning = DRAWN[self.layer.kind]
        return {
            "drawn": kept(symbol, meaning, f"{symbol}: drawn at random", r"\text{drawn}"),
            "places": Description(
                "a…f", r"a \dots f", "kept", "where each pixel is read",
                "row = a·p + b·q + c, column = d·p + e·q + f",
                r"\mathrm{row} = a p + b q + c,\ \mathrm{column} = d p + e q + f",
            ),
            "y": output("y[p, q] = Σ share·x[row, column]",
                        r"y_{p,q} = \sum \mathrm{share} \cdot x"),
            "dx": outgoing("∂L/∂x = Σ share·∂L/∂y", rf"{DX} = \sum \mathrm{{share}} \cdot {DY}"),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _sources(self, sample: int, p: int, q: int) -> list[tuple[int, int, float]]:
        """Where pixel (p, q) of y is read: row, column and share; NOWHERE: outside."""
        rows, columns = self.arrays["x"].shape[1:3]
        nearest = getattr(self.layer, "interpolation", "nearest") == "nearest"
        mode = FILL_MODES[getattr(self.layer, "fill_mode", "constant")]
        found = []
        for r, s, share in read_from(self.arrays["places"][sample], p, q, nearest):
            r, s = folded(r, rows, mode), folded(s, columns, mode)
            outside = NOWHERE in (r, s)
            found.append((NOWHERE, NOWHERE, share) if outside else (r, s, share))
        return found

    def _terms(self, share: float, factor: Factor) -> Term:
        weight = Factor(Symbol("share", r"\mathrm{share}"), share)
        return (factor,) if share == 1.0 else (weight, factor)

    def _y(self, index: Index, value: float) -> Derivation:
        left = self.flowing("y", index)
        if "places" not in self.arrays:
            x = self.flow("x", "x", index)
            return self.equal(left, x.symbol, value, *places([x]))
        sample, p, q, channel = index
        outside = Factor(Symbol("fill", r"\mathrm{fill}"), getattr(self.layer, "fill_value", 0.0))
        terms = [
            self._terms(
                share, outside if r == NOWHERE else self.flow("x", "x", (sample, r, s, channel))
            )
            for r, s, share in self._sources(sample, p, q)
        ]
        return self.sum(left, terms, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        left = slope(self.flowing("x", index))
        if "places" not in self.arrays:
            dy = self.back("dy", "y", index)
            return self.equal(left, dy.symbol, value, *places([dy]))
        sample, row, column, channel = index
        rows, columns = self.arrays["x"].shape[1:3]
        terms = [
            self._terms(share, self.back("dy", "y", (sample, p, q, channel)))
            for p in range(rows)
            for q in range(columns)
            for r, s, share in self._sources(sample, p, q)
            if (r, s) == (row, column)
        ]
        return self.sum(left, terms, value) if terms else self.equal(left, None, value)


RandomTranslationEquations = RandomZoomEquations = MovingEquations
RandomRotationEquations = RandomFlipEquations = MovingEquations


class TintingEquations(LayerEquations):
    """y = x·f + o, cut off at black and white."""

    layer: Tinting

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        if saved is None:
            return {}
        dtype = self.layer.dtype
        return {
            "factor": saved.factor.astype(dtype),
            "offset": saved.offset.astype(dtype),
            "inside": saved.inside.astype(dtype),
        }

    def axes(self, quantity: str) -> tuple[str, ...]:
        own = {"factor": ("sample",), "offset": ("sample", "channel")}
        return own.get(quantity) or super().axes(quantity)

    def describe(self) -> dict[str, Description]:
        low, high = (f"{end:g}" for end in self.layer.value_range)
        contrast = self.layer.kind == "random_contrast"
        added = "m·(1 − f), m the mean of the channel" if contrast else "drawn at random"
        mean = " + (1 − f)·mean(∂L/∂y·inside)" if contrast else ""
        code = rf" + (1 - f)\,\overline{{{DY} \cdot \mathrm{{inside}}}}" if contrast else ""
        return {
            "factor": Description("f", "f", "kept", "times which the pixels are taken",
                                  "f: drawn at random" if contrast else "f = 1", "f"),
            "offset": Description("o", "o", "kept", "what is added to the pixels",
                                  f"o = {added}", "o"),
            "inside": kept("inside", "1 where y is not cut off",
                           f"inside = {low} ≤ x·f + o ≤ {high}",
                           rf"\mathrm{{inside}} = [{low} \le x f + o \le {high}]"),
            "y": output(f"y = x·f + o, at least {low} and at most {high}",
                        rf"y = \min(\max(x f + o, {low}), {high})"),
            "dx": outgoing(f"∂L/∂x = f·∂L/∂y·inside{mean}",
                           rf"{DX} = f {DY} \cdot \mathrm{{inside}}{code}"),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        left, x = self.flowing("y", index), self.flow("x", "x", index)
        if "factor" not in self.arrays:
            return self.equal(left, x.symbol, value, *places([x]))
        low, high = (f"{end:g}" for end in self.layer.value_range)
        factors = {"x": x, "f": self._factor(index), "o": self._offset(index)}
        if self.at("inside", index):
            return self.fill(left, "{x}·{f} + {o}", r"<x> \cdot <f> + <o>", factors, value)
        pattern = f"min(max({{x}}·{{f}} + {{o}}, {low}), {high})"
        code = rf"\min(\max(<x> \cdot <f> + <o>, {low}), {high})"
        return self.fill(left, pattern, code, factors, value)

    def _factor(self, index: Index) -> Factor:
        return self.factor(self.flowing("f", index[:1]), "factor", index[:1])

    def _offset(self, index: Index) -> Factor:
        return self.flow("offset", "o", (index[0], index[-1]))

    def _dx(self, index: Index, value: float) -> Derivation:
        left, dy = slope(self.flowing("x", index)), self.back("dy", "y", index)
        if "factor" not in self.arrays:
            return self.equal(left, dy.symbol, value, *places([dy]))
        counts = self.flow("inside", "inside", index, r"\mathrm{inside}")
        factors = {"dy": dy, "f": self._factor(index), "i": counts}
        if self.layer.kind != "random_contrast":
            return self.fill(left, "{f}·{dy}·{i}", r"<f> \cdot <dy> \cdot <i>", factors, value)
        sample, channel = index[0], index[-1]
        passed = (
            self.arrays["dy"][sample, ..., channel] * self.arrays["inside"][sample, ..., channel]
        )
        factors["m"] = Factor(
            Symbol("mean(∂L/∂y·inside)", rf"\overline{{{DY} \cdot \mathrm{{inside}}}}"),
            float(np.mean(passed)),
        )
        pattern, code = "{f}·{dy}·{i} + (1 − {f})·{m}", r"<f> \cdot <dy> \cdot <i> + (1 - <f>) <m>"
        return self.fill(left, pattern, code, factors, value)


RandomContrastEquations = RandomBrightnessEquations = TintingEquations


class GaussianNoiseEquations(LayerEquations):
    """y = x + σ·ε; the gradient passes as it is."""

    layer: GaussianNoise

    def kept(self) -> Mapping[str, Array]:
        return {} if self.layer.saved is None else {"noise": self.layer.saved.noise}

    def describe(self) -> dict[str, Description]:
        return {
            "noise": Description("ε", r"\varepsilon", "kept", "what was drawn: normal numbers",
                                 "ε ~ N(0, 1)", r"\varepsilon \sim N(0, 1)"),
            "y": output("y = x + σ·ε", r"y = x + \sigma \varepsilon"),
            "dx": outgoing("∂L/∂x = ∂L/∂y", rf"{DX} = {DY}"),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        left, x = self.flowing("y", index), self.flow("x", "x", index)
        if "noise" not in self.arrays:
            return self.equal(left, x.symbol, value, *places([x]))
        factors = {
            "x": x,
            "s": Factor(Symbol("σ", r"\sigma"), self.layer.stddev),
            "e": self.flow("noise", "ε", index, r"\varepsilon"),
        }
        return self.fill(left, "{x} + {s}·{e}", r"<x> + <s> \cdot <e>", factors, value)

    def _dx(self, index: Index, value: float) -> Derivation:
        dy = self.back("dy", "y", index)
        return self.equal(slope(self.flowing("x", index)), dy.symbol, value, *places([dy]))
