"""How a convolution is explained: each number of a feature map is a small sum.

z = Σ x·w + b, over one window       ∂L/∂w = Σ x·∂L/∂z, over the places
∂L/∂b = Σ ∂L/∂z, over the places     ∂L/∂x = Σ ∂L/∂z·w, over the windows that read x
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from glassnet._core.derivation import Derivation, Grids
from glassnet._core.formula import Factor, Index, Symbol, Term, number_text, slope
from glassnet._core.types import Array
from glassnet.layers.activation.equations import ActivationEquations
from glassnet.layers.convolution.layer import Convolution
from glassnet.layers.equations import (
    DX,
    Derive,
    Description,
    Link,
    few,
    forward,
    outgoing,
    slope_latex,
)
from glassnet.layers.grids import LINES, all_of, times
from glassnet.layers.regularizers import L1L2
from glassnet.layers.windows import Place, read_by, readers_of

ZERO = Factor(Symbol("0", "0"), 0.0)  # what padding put there


class ConvolutionEquations(ActivationEquations):
    """y = f(z) as an Activation, and before it z = Σ x·W + b over each window."""

    layer: Convolution
    gradients: ClassVar = {
        "W": (
            "∂L/∂W = Σ x·∂L/∂z, over samples and places",
            rf"{slope_latex('W')} = \sum_{{i,p}} x_{{i,p+a}}\, "
            r"\frac{\partial L}{\partial z_{i,p}}",
        ),
        "b": (
            "∂L/∂b = Σ ∂L/∂z, over samples and places",
            rf"{slope_latex('b')} = \sum_{{i,p}} \frac{{\partial L}}{{\partial z_{{i,p}}}}",
        ),
    }

    def backward_kept(self) -> Mapping[str, Array]:
        return {}  # dz is recorded where it comes in

    def regularizers(self) -> Mapping[str, L1L2]:
        penalty = self.layer.kernel_regularizer
        return {} if penalty is None else {"W": penalty}

    def axes(self, quantity: str) -> tuple[str, ...]:
        places = ("row", "column") if self.layer.rank == 2 else ("step",)
        if quantity == "W":
            return (*places, "channel", "filter")
        if quantity == "b":
            return ("filter",)
        last = "filter" if quantity.removeprefix("d") in ("z", "y") else "channel"
        return ("sample", *places, last)

    def describe(self) -> dict[str, Description]:
        size = "×".join(map(str, self.layer.W.shape[:-1]))
        b = (" + b", " + b") if self.layer.use_bias else ("", "")
        return {
            "z": forward(
                "z", "weighted sum", f"z = Σ x·W{b[0]}, over a window of {size}",
                rf"z_p = \sum_a x_{{p+a}} W_a{b[1]}",
            ),
            **self.describe_function(),
            "dx": outgoing(
                "∂L/∂x = Σ ∂L/∂z·W, over the windows that read x",
                rf"{DX} = \sum_a \frac{{\partial L}}{{\partial z_{{p-a}}}} W_a",
            ),
        }  # fmt: skip

    # ---- the chain rule --------------------------------------------------------------------

    def passed(self, sample: int) -> list[Link]:
        numbers = few(self.arrays["dx"][sample])
        words = "∂z/∂x = W, summed over the windows that read x"
        link = Link(self.name, "dx", "∂L/∂x", words, few(self.arrays["W"]), numbers)
        return [*self.through_function(sample), link]

    def ended(self, quantity: str, place: Index, sample: int) -> list[Link]:
        name = self.name
        if quantity == "dz":
            return self.through_function(sample, place[1:])
        links = self.through_function(sample)
        if quantity == "dx":
            words = "Σ ∂L/∂z·w, over the windows that read x"
            return [*links, Link(name, "dx", "∂L/∂x", words, None, self.at("dx", place))]
        if quantity == "db":
            total = float(self._dz_of(place[-1])[sample].sum())
            words = "Σ ∂L/∂z, over the places (∂z/∂b = 1)"
            return [*links, Link(name, "db", "∂L/∂b", words, None, total)]
        met, _ = self._met(place)
        total = float((met[sample] * self._dz_of(place[-1])[sample]).sum())
        words = "Σ x·∂L/∂z, over the places (∂z/∂w = x)"
        return [*links, Link(name, "dW", "∂L/∂w", words, None, total)]

    # ---- who meets whom --------------------------------------------------------------------

    def _first_channel(self, f: int) -> int:
        """The first of the channels that filter f reads."""
        depth = self.arrays["W"].shape[-2]
        share = self.layer.filters // self.layer.groups
        return int(f // share * depth)

    def _window(self, sample: int, window: Place, f: int) -> tuple[Array, list[Place | None]]:
        """The numbers that a window reads, and the place of each; None for padding."""
        W, first = self.arrays["W"], self._first_channel(f)
        numbers = np.zeros(W.shape[:-1])
        there = []
        for at, place in read_by(self.layer.windows, window):
            there.append(place)
            if place is not None:
                x = self.arrays["x"][(sample, *place)]
                numbers[at] = x[first : first + W.shape[-2]]
        return numbers, there

    def _met(self, index: Index) -> tuple[Array, list[Array]]:
        """x as one weight met it at each place of each sample, and the places along each axis.

        -1 is the place of a zero of padding.
        """
        *at, c, f = index
        along = []
        for axis, a in zip(self.layer.windows, at):
            read = [axis.place(p, a) for p in range(axis.count)]
            along.append(np.array([-1 if place is None else place for place in read]))
        channel = self.arrays["x"][..., self._first_channel(f) + c]
        for k, places in enumerate(along):
            channel = np.where(
                (places >= 0).reshape(-1, *(1,) * (channel.ndim - k - 2)),
                np.take(channel, places, axis=k + 1), 0,
            )  # fmt: skip
        return channel.astype(np.float64), along

    def _dz_of(self, f: int) -> Array:
        return self.arrays["dz"][..., f].astype(np.float64)

    # ---- one number ------------------------------------------------------------------------

    def derivations(self) -> Mapping[str, Derive]:
        return {
            **super().derivations(),
            "z": self._z,
            "dx": self._dx,
            "dW": self._dW,
            "db": self._db,
        }

    def _z(self, index: Index, value: float) -> Derivation:
        s, *window, f = index
        numbers, there = self._window(s, tuple(window), f)
        kernel = self.arrays["W"][..., f].astype(np.float64)
        first, shape = self._first_channel(f), kernel.shape
        products = (numbers * kernel).ravel()
        if "b" in self.arrays:
            products = np.append(products, self.at("b", (f,)))

        def term(i: int) -> Term:
            if i == kernel.size:
                return (self.weight("b", (f,)),)
            *at, c = (int(k) for k in np.unravel_index(i, shape))
            place = there[i // shape[-1]]
            x = ZERO if place is None else self.flow("x", "x", (s, *place, first + c))
            return x, self.weight("W", (*at, c, f))

        found = self.sum_of_many(self.flowing("z", index), products, term, value)
        padding = np.array([place is None for place in there]).reshape(shape[:-1])
        lines = (
            times(
                (f"window, channel {first + c + 1}", numbers[..., c]),
                (f"kernel of filter {f + 1}", kernel[..., c]), padding,
            )
            for c in range(min(shape[-1], LINES))
        )  # fmt: skip
        grids = all_of(lines, shape[-1], "channel")
        total = number_text(float((numbers * kernel).sum()), self.digits)
        said = f"all products together {total}"
        if "b" in self.arrays:
            said += f", with {self.parameter('b', (f,)).text} = "
            said += number_text(self.at("b", (f,)), self.digits)
            said += f" it is {number_text(float(products.sum()), self.digits)}"
        rest = f"{grids.rest}; {said}" if grids.rest else said
        return found._replace(grids=grids._replace(rest=rest))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, *place, channel = index
        W, dz = self.arrays["W"], self.arrays["dz"]
        share = self.layer.filters // self.layer.groups
        first, c = channel // W.shape[-2] * share, channel % W.shape[-2]
        readers = readers_of(self.layer.windows, tuple(place))
        filters = range(first, first + share)
        pairs = [(window, at, f) for window, at in readers for f in filters]
        products = np.array(
            [float(dz[(s, *window, f)]) * float(W[(*at, c, f)]) for window, at, f in pairs]
        )

        def term(i: int) -> Term:
            window, at, f = pairs[i]
            return self.back("dz", "z", (s, *window, f)), self.weight("W", (*at, c, f))

        found = self.sum_of_many(slope(self.flowing("x", index)), products, term, value)
        return found._replace(grids=self._read_here(s, readers, c, filters))

    def _read_here(
        self, s: int, readers: list[tuple[Place, Place]], c: int, filters: range
    ) -> Grids:
        """∂L/∂z of the windows that read a pixel, beside the weight that each read it by."""
        if not readers:
            return Grids((), "no window reads this place")
        low = [min(window[k] for window, _ in readers) for k in range(self.layer.rank)]
        high = [max(window[k] for window, _ in readers) for k in range(self.layer.rank)]
        shape = [b - a + 1 for a, b in zip(low, high)]
        lines = []
        for f in filters[:LINES]:
            gradient, weight = np.full(shape, np.nan), np.full(shape, np.nan)
            for window, at in readers:
                here = tuple(p - a for p, a in zip(window, low))
                gradient[here] = self.arrays["dz"][(s, *window, f)]
                weight[here] = self.arrays["W"][(*at, c, f)]
            lines.append(
                times((f"∂L/∂z of filter {f + 1}", gradient), ("weight that met x", weight))
            )
        return all_of(lines, len(filters), "filter")

    def _dW(self, index: Index, value: float) -> Derivation:
        *_, c, f = index
        met, along = self._met(index)
        dz, channel = self._dz_of(f), self._first_channel(f) + c
        products = met * dz

        def term(i: int) -> Term:
            s, *window = (int(k) for k in np.unravel_index(i, products.shape))
            place = [int(places[p]) for places, p in zip(along, window)]
            x = ZERO if min(place) < 0 else self.flow("x", "x", (s, *place, channel))
            return x, self.back("dz", "z", (s, *window, f))

        found = self.sum_of_many(slope(self.parameter("W", index)), products, term, value)
        padding = np.zeros(met.shape[1:], bool)
        for k, places in enumerate(along):
            padding |= (places < 0).reshape(-1, *(1,) * (padding.ndim - k - 1))
        lines = (
            times(
                (f"x that met w{_of(s, len(met))}", met[s]), ("∂L/∂z", dz[s]), padding,
            )
            for s in range(min(len(met), LINES))
        )  # fmt: skip
        return found._replace(grids=all_of(lines, len(met), "sample"))

    def _db(self, index: Index, value: float) -> Derivation:
        (f,) = index
        dz = self._dz_of(f)

        def term(i: int) -> Term:
            place = (int(k) for k in np.unravel_index(i, dz.shape))
            return (self.back("dz", "z", (*place, f)),)

        return self.sum_of_many(slope(self.parameter("b", index)), dz, term, value)


def _of(sample: int, samples: int) -> str:
    return "" if samples == 1 else f", sample {sample + 1}"
