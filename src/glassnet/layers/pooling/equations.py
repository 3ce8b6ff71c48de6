"""How pooling is explained: the largest or the mean number of a window, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from glassnet._core.derivation import NOTHING, Derivation, Grids, places
from glassnet._core.formula import (
    Equation,
    Factor,
    Index,
    Symbol,
    but_here,
    number_latex,
    number_text,
    slope,
)
from glassnet._core.types import Array
from glassnet.layers.equations import (
    DX,
    DY,
    Derive,
    Description,
    LayerEquations,
    outgoing,
    output,
)
from glassnet.layers.grids import grid, part_of
from glassnet.layers.pooling.layer import (
    AveragePooling,
    GlobalAveragePooling,
    GlobalMaxPooling,
    GlobalPooling,
    MaxPooling,
    Pooling,
)
from glassnet.layers.windows import Place, read_by, readers_of

NAMED = 9  # numbers of a window that a formula names; of a larger one the largest

WON = (
    "∂L/∂x = Σ ∂L/∂y·m, over the windows that read x; m = 1 where x was the largest, else 0",
    rf"{DX} = \sum {DY}\, [x = \max]",
)


class _OneChannel(LayerEquations):
    """What all poolings have in common: each channel goes its own way."""

    def axes(self, quantity: str) -> tuple[str, ...]:
        layer = self.layer
        assert isinstance(layer, (Pooling, GlobalPooling))
        last = "channel"
        inner = ("row", "column") if layer.rank == 2 else ("step",)
        if isinstance(layer, GlobalPooling) and quantity not in ("x", "dx"):
            return ("sample", last)
        return ("sample", *inner, last)

    # ---- the largest -----------------------------------------------------------------------

    def largest(
        self, index: Index, there: Sequence[Place], winner: Place, value: float, grids: Grids
    ) -> Derivation:
        """y = max(x, …), of the numbers of one window."""
        s, c = index[0], index[-1]
        x = [self.flow("x", "x", (s, *place, c)) for place in there]
        won = self.flow("x", "x", (s, *winner, c))
        shown = x
        if len(x) > NAMED:
            by_size = sorted(range(len(x)), key=lambda i: (-x[i].value, i))
            shown = [x[i] for i in sorted(by_size[: NAMED - 1])]
        rest = f", … {len(x) - len(shown)} smaller" if len(shown) < len(x) else ""
        names, codes = (
            ", ".join(getattr(factor.symbol, part) for factor in shown)
            for part in ("text", "latex")
        )
        numbers = ", ".join(number_text(factor.value, self.digits) for factor in shown)
        number_codes = ", ".join(number_latex(factor.value, self.digits) for factor in shown)
        left = self.flowing("y", index)
        rest_code = rf"\text{{{rest}}}" if rest else ""
        equation = Equation(
            f"{left.text} = max({names}{rest}) = {won.symbol.text}",
            f"{left.text} = max({numbers}{rest}) = {number_text(won.value, self.digits)}",
            rf"{left.latex} = \max({codes}{rest_code}) = {won.symbol.latex}",
            rf"{left.latex} = \max({number_codes}{rest_code}) = "
            + number_latex(won.value, self.digits),
        )
        equation = but_here(equation, won.value, value, 0.0, self.digits)
        return Derivation(left, equation, places([won, *(f for f in x if f != won)]), grids)

    def won(self, index: Index, windows: Sequence[tuple[Index, bool]], value: float) -> Derivation:
        """∂L/∂x: the gradients of the windows whose largest number x was."""
        terms = [
            (self.back("dy", "y", place), Factor(Symbol(*(str(int(own)),) * 2), float(own)))
            for place, own in windows
        ]
        grids = NOTHING if windows else Grids((), "no window reads this place")
        return self.sum(slope(self.flowing("x", index)), terms, value)._replace(grids=grids)

    # ---- the mean --------------------------------------------------------------------------

    def mean(self, index: Index, there: Sequence[Place], value: float, grids: Grids) -> Derivation:
        """y = 1/n·(x + …), of the n numbers of one window."""
        s, c = index[0], index[-1]
        numbers = np.array([self.at("x", (s, *place, c)) for place in there])
        found = self.sum_of_many(
            self.flowing("y", index), numbers,
            lambda i: (self.flow("x", "x", (s, *there[i], c)),), value, share_of(len(there)),
        )  # fmt: skip
        return found._replace(grids=grids)

    def shared(
        self, index: Index, windows: Sequence[tuple[Index, int]], value: float
    ) -> Derivation:
        """∂L/∂x: an equal share of the gradient of each window that read x."""
        terms = [(self.back("dy", "y", place), share_of(size)) for place, size in windows]
        grids = NOTHING if windows else Grids((), "no window reads this place")
        return self.sum(slope(self.flowing("x", index)), terms, value)._replace(grids=grids)


def share_of(size: int) -> Factor:
    """1/n"""
    return Factor(Symbol(f"1/{size}", rf"\frac{{1}}{{{size}}}"), 1 / size)


# ---- over windows --------------------------------------------------------------------------


class PoolingEquations(_OneChannel):
    """Pooling over windows."""

    layer: Pooling

    def _there(self, index: Index) -> list[Place]:
        """The places that a window reads; padding is no number."""
        read = read_by(self.layer.windows, index[1:-1])
        return [place for _, place in read if place is not None]

    def _window(self, index: Index, marked: Place | None = None) -> Grids:
        """The numbers of a window as they lie."""
        s, *window, c = index
        numbers = np.full(self.layer.pool_size, np.nan)
        for at, place in read_by(self.layer.windows, tuple(window)):
            if place is not None:
                numbers[at] = self.at("x", (s, *place, c))
        where = np.zeros(numbers.shape, bool)
        if marked is not None:
            where[marked] = True
        line = grid(f"window, channel {c + 1}", numbers, part_of(numbers), marked=where)
        return Grids(((line,),))

    def _readers(self, index: Index) -> list[tuple[Index, Place]]:
        """The y that read a place, and where in their windows it lies."""
        s, *place, c = index
        readers = readers_of(self.layer.windows, tuple(place))
        return [((s, *window, c), at) for window, at in readers]


class MaxPoolingEquations(PoolingEquations):
    """y = the largest number of each window; its gradient goes there alone."""

    layer: MaxPooling

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        assert saved is not None
        return {"winner": saved.winner}

    def describe(self) -> dict[str, Description]:
        size = "×".join(map(str, self.layer.pool_size))
        columns = self.layer.pool_size[-1]
        place = f"row·{columns} + column" if self.layer.rank == 2 else "the step"
        return {
            "y": output(f"y = max of x, over a window of {size}", r"y_p = \max_a x_{p+a}"),
            "winner": Description(
                "m", "m", "kept", f"where each window has its largest number: {place}, from 0",
                "m = argmax of x over the window", r"m = \mathrm{argmax}_a\, x_{p+a}",
            ),
            "dx": outgoing(*WON),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _at(self, index: Index) -> Place:
        """Where in its window y was found."""
        flat = int(self.arrays["winner"][index])
        return tuple(int(i) for i in np.unravel_index(flat, self.layer.pool_size))

    def _y(self, index: Index, value: float) -> Derivation:
        at = self._at(index)
        winner = dict(read_by(self.layer.windows, index[1:-1]))[at]
        assert winner is not None
        return self.largest(index, self._there(index), winner, value, self._window(index, at))

    def _dx(self, index: Index, value: float) -> Derivation:
        windows = [(place, self._at(place) == at) for place, at in self._readers(index)]
        return self.won(index, windows, value)


class AveragePoolingEquations(PoolingEquations):
    """y = the mean of each window; each of its numbers gets an equal share of the gradient."""

    layer: AveragePooling

    def describe(self) -> dict[str, Description]:
        size = "×".join(map(str, self.layer.pool_size))
        n = prod(self.layer.pool_size)
        return {
            "y": output(
                f"y = mean of x, over a window of {size}",
                rf"y_p = \frac{{1}}{{{n}}} \sum_a x_{{p+a}}",
            ),
            "dx": outgoing(
                "∂L/∂x = Σ ∂L/∂y·1/n, over the windows that read x; n numbers each",
                rf"{DX} = \sum \frac{{1}}{{n}} {DY}",
            ),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        return self.mean(index, self._there(index), value, self._window(index))

    def _dx(self, index: Index, value: float) -> Derivation:
        windows = [(place, len(self._there(place))) for place, _ in self._readers(index)]
        return self.shared(index, windows, value)


# ---- over all of a sample --------------------------------------------------------------------


class GlobalPoolingEquations(_OneChannel):
    """Pooling over a whole channel."""

    layer: GlobalPooling

    def _places(self) -> list[Place]:
        return list(np.ndindex(self.arrays["x"].shape[1:-1]))

    def _channel(self, index: Index, marked: Place | None = None) -> Grids:
        s, c = index
        numbers = self.arrays["x"][s, ..., c].astype(np.float64)
        where = np.zeros(numbers.shape, bool)
        if marked is not None:
            where[marked] = True
        line = grid(f"x, channel {c + 1}", numbers, part_of(numbers), marked=where)
        return Grids(((line,),))


class GlobalMaxPoolingEquations(GlobalPoolingEquations):
    """y = the largest number of each channel."""

    layer: GlobalMaxPooling

    def kept(self) -> Mapping[str, Array]:
        saved = self.layer.saved
        assert saved is not None
        return {"winner": saved.winner}

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = max of x, over all places", r"y = \max_p x_p"),
            "winner": Description(
                "m", "m", "kept", "where each channel has its largest number, counted row by row "
                "from 0", "m = argmax of x over all places", r"m = \mathrm{argmax}_p\, x_p",
            ),
            "dx": outgoing(
                "∂L/∂x = ∂L/∂y·m; m = 1 where x was the largest, else 0", WON[1]
            ),
        }  # fmt: skip

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _winner(self, index: Index) -> Place:
        flat = int(self.arrays["winner"][index])
        return tuple(int(i) for i in np.unravel_index(flat, self.arrays["x"].shape[1:-1]))

    def _y(self, index: Index, value: float) -> Derivation:
        winner = self._winner(index)
        return self.largest(index, self._places(), winner, value, self._channel(index, winner))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, *place, c = index
        return self.won(index, [((s, c), self._winner((s, c)) == tuple(place))], value)


class GlobalAveragePoolingEquations(GlobalPoolingEquations):
    """y = the mean of each channel."""

    layer: GlobalAveragePooling

    def describe(self) -> dict[str, Description]:
        return {
            "y": output("y = mean of x, over all places", r"y = \frac{1}{n} \sum_p x_p"),
            "dx": outgoing(
                "∂L/∂x = ∂L/∂y·1/n, the same for all n places", rf"{DX} = \frac{{1}}{{n}} {DY}"
            ),
        }

    def derivations(self) -> Mapping[str, Derive]:
        return {"y": self._y, "dx": self._dx}

    def _y(self, index: Index, value: float) -> Derivation:
        return self.mean(index, self._places(), value, self._channel(index))

    def _dx(self, index: Index, value: float) -> Derivation:
        s, *_, c = index
        return self.shared(index, [((s, c), len(self._places()))], value)
