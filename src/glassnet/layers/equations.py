"""What is said of a layer when a training step is explained: the base of ``equations.py``.

``layers/<kind>/equations.py`` holds a class for each kind, ``DenseEquations`` for ``Dense``:
which arrays a step has and what they are called, the formula of each, the equation of any one
number, and the factors of the chain rule.  ``glassnet.explain`` asks it.  The defaults of
:class:`LayerEquations` serve a layer that says nothing of itself; a class of one's own outside
this package names its equations itself:

    class Scale(Layer):
        equations = ScaleEquations
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from glassnet._core.attributes import is_ours
from glassnet._core.derivation import Derivation, EquationWriter, NamedArrays
from glassnet._core.formula import (
    DIGITS,
    Factor,
    Index,
    Symbol,
    indexed,
    slope,
    together,
)
from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.catalog import beside
from glassnet.layers.regularizers import L1L2

LARGEST = 256  # numbers in one factor of the chain rule; a larger one is None


class Description(NamedTuple):
    """What one array of a layer is called, and how the whole of it is computed.

    ``part``: "forward", "backward", or "kept" for what the backward pass reads again.
    """

    symbol: str
    latex_symbol: str
    part: str
    meaning: str
    formula: str
    latex: str


@dataclass(frozen=True)
class Link:
    """One factor of the chain rule, on the way from the loss down.

    ``local`` is the factor, ``so_far`` the derivative of the loss after it: a number, or a
    list with one number for each unit.
    """

    layer: str
    quantity: str
    symbol: str
    local_symbol: str
    local: Any
    so_far: Any

    @property
    def so_far_text(self) -> str:
        """``so_far`` on one line."""
        if not isinstance(self.so_far, list):
            return "too many to show" if self.so_far is None else f"{self.so_far:.4g}"
        if isinstance(self.so_far[0], list):
            return f"{'×'.join(map(str, np.shape(self.so_far)))} numbers"
        few = [f"{v:.4g}" if isinstance(v, float) else "…" for v in self.so_far[:8]]
        return f"[{', '.join(few)}{', …' if len(self.so_far) > 8 else ''}]"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class LayerArrays(NamedArrays, Protocol):
    """One layer of a step, with what was recorded of it.

    Arrays by name: x, y, and where there are such z, dy, dz, dx, those of ``kept``, the
    parameters and their gradients.
    """

    @property
    def name(self) -> str: ...
    @property
    def layer(self) -> Layer: ...


class Step(Protocol):
    """The step that a layer is part of."""

    @property
    def samples(self) -> int: ...
    def inside(self, block: LayerArrays) -> Sequence[LayerArrays]:
        """The layers in a block, in their order."""

    def loss_gradient(self, left: Symbol, index: Index, value: float) -> Derivation:
        """How the loss made the gradient that came to the last layer as ``value``."""


Derive = Callable[[Index, float], Derivation]


class LayerEquations(EquationWriter):
    """What is said of one layer.

    Attributes:
        gradients: parameter → how its gradient is computed, as text and as LaTeX.
        letters: parameter → its letter, the same way; else its name.

    Args:
        arrays: the layer and what was recorded of it.
        step: what it is part of; None as long as the step is recorded.
        digits: significant digits in the equations.
    """

    gradients: ClassVar[Mapping[str, tuple[str, str]]] = {}
    letters: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def __init__(self, arrays: LayerArrays, step: Step | None = None, digits: int = DIGITS) -> None:
        super().__init__(arrays.name, arrays, 1 if step is None else step.samples, digits)
        self.own, self.layer, self._step = arrays, arrays.layer, step

    @property
    def step(self) -> Step:
        """The step, once it is recorded."""
        assert self._step is not None
        return self._step

    # ---- what a kind says ------------------------------------------------------------------

    def kept(self) -> Mapping[str, Array]:
        """What the layer kept for its backward pass beside x, z and y; asked after forward."""
        return {}

    def backward_kept(self) -> Mapping[str, Array]:
        """The same, asked after backward."""
        return {}

    def describe(self) -> dict[str, Description]:
        """Its arrays beside x and dy, in the order in which they are shown."""
        return {
            "y": output("y = layer.forward(x)", "y = f(x)"),
            "dx": outgoing("∂L/∂x = layer.backward(∂L/∂y)", DX),
        }

    def axes(self, quantity: str) -> tuple[str, ...]:
        """What the axes of an array are called; empty where there is nothing to say.

        ``quantity`` is that of an array of numbers that flow, or a parameter's name, which
        stands for its gradient as well.
        """
        flows = quantity in self.arrays and self.arrays[quantity].ndim == 4
        return ("sample", "row", "column", "channel") if flows else ()

    def derivations(self) -> Mapping[str, Derive]:
        """How a number of each array was made; arrays that are missing show their formula."""
        return {}

    def regularizers(self) -> Mapping[str, L1L2]:
        """The penalties on its parameters, by name."""
        return {}

    @property
    def scales_gradient(self) -> bool:
        """Whether dx (or dz) is dy with each number multiplied by one of its own."""
        return False

    # ---- the chain rule --------------------------------------------------------------------

    def passed(self, sample: int) -> list[Link]:
        """The factors where the gradient passes the whole layer."""
        if "dx" not in self.arrays:
            return []
        numbers = few(self.arrays["dx"][sample])
        return [Link(self.name, "dx", "∂L/∂x", self.describe()["dx"].formula, None, numbers)]

    def entered(self, inner: LayerArrays, sample: int) -> list[Link]:
        """The factors on the way from its own ∂L/∂y to that of a layer in it that ends it."""
        return []

    def handed_in(self, inner: LayerArrays, index: Index, value: float) -> Derivation | None:
        """How it made ∂L/∂y of a layer in it that ends it; None where that is its own."""
        return None

    def ended(self, quantity: str, place: Index, sample: int) -> list[Link]:
        """The last factors, where the gradient ends in one number of the layer."""
        if quantity == "dx":
            symbol, formula = "∂L/∂x", self.describe()["dx"].formula
        else:
            symbol, formula = f"∂L/∂{self.letter(quantity[1:])[0]}", self.gradient(quantity[1:])[0]
        value = self.at(quantity, place)
        return [Link(self.name, quantity, symbol, formula, None, value)]

    # ---- parameters ------------------------------------------------------------------------

    def letter(self, parameter: str) -> tuple[str, str]:
        """How a parameter is written, as text and as LaTeX."""
        code = parameter if len(parameter) == 1 else rf"\mathrm{{{parameter}}}"
        return self.letters.get(parameter, (parameter, code))

    def gradient(self, parameter: str) -> tuple[str, str]:
        """How its gradient is computed, before any penalty: text and LaTeX."""
        letter, code = self.letter(parameter)
        return self.gradients.get(parameter, (f"∂L/∂{letter}", slope_latex(code)))

    def parameter(self, name: str, index: Index) -> Symbol:
        """One number of a parameter: ``w₁₂`` of ``W``."""
        letter, code = self.letter(name)
        if len(name) == 1:
            letter, code = letter.lower(), code.lower()
        return indexed(letter, *index, latex=code)

    def weight(self, name: str, index: Index) -> Factor:
        """One number of a parameter with its value."""
        return self.factor(self.parameter(name, index), name, index)

    # ---- one number ------------------------------------------------------------------------

    def derive(self, quantity: str, index: Index) -> Derivation | None:
        """How ``quantity[index]`` was made; None where only the formula of the array is known."""
        value, known = self.at(quantity, index), self.derivations()
        if quantity[0] == "d" and self.regularizers():
            name = quantity[1:].removesuffix("_loss").removesuffix("_penalty")
            if name in self.regularizers() and quantity.endswith("_penalty"):
                return self._penalty(name, index, value)
            if name in self.regularizers() and f"d{name}" in known:
                return self._regularized(name, quantity, index, value, known[f"d{name}"])
        return known[quantity](index, value) if quantity in known else None

    def _penalty(self, name: str, index: Index, value: float) -> Derivation:
        """∂R/∂w = l₁·sign(w) + 2·l₂·w"""
        penalty, w = self.regularizers()[name], self.weight(name, index)
        left = Symbol(f"∂R/∂{w.symbol.text}", rf"\frac{{\partial R}}{{\partial {w.symbol.latex}}}")
        factors = {
            "l1": Factor(Symbol("l₁", "l_1"), penalty.l1),
            "l2": Factor(Symbol("l₂", "l_2"), penalty.l2),
            "w": w,
        }
        parts = [("{l1}·sign({w})", r"<l1>\,\mathrm{sign}(<w>)")] if penalty.l1 else []
        parts += [("2·{l2}·{w}", r"2 \cdot <l2> \cdot <w>")] if penalty.l2 else []
        pattern, code = (" + ".join(part[i] for part in parts) for i in (0, 1))
        return self.fill(left, pattern, code, factors, value)

    def _regularized(
        self, name: str, quantity: str, index: Index, value: float, derive: Derive
    ) -> Derivation:
        """The gradient of the data, the penalty's, and their sum."""
        data = derive(index, self.at(f"d{name}_loss", index))
        if quantity != f"d{name}":
            return data
        penalty = self._penalty(name, index, self.at(f"d{name}_penalty", index))
        symbol = data.symbol
        loss = Symbol(f"{symbol.text} (loss)", symbol.latex + r"\Big|_{\mathrm{loss}}")
        terms = [
            (Factor(loss, self.at(f"d{name}_loss", index)),),
            (Factor(penalty.symbol, self.at(f"d{name}_penalty", index)),),
        ]
        total = self.sum(symbol, terms, value)
        equation = together(data.equation, penalty.equation, total.equation)
        return Derivation(symbol, equation, (*data.inputs, *penalty.inputs), data.grids)


def equations_of(
    arrays: LayerArrays, step: Step | None = None, digits: int = DIGITS
) -> LayerEquations:
    """Who speaks for a layer: what its class names itself, or what stands beside it."""
    kind: Any = type(arrays.layer)
    return _spoken_by(kind)(arrays, step, digits)


@cache
def _spoken_by(kind: Any) -> type[LayerEquations]:
    """The equations of a kind.

    A subclass of a known layer has those of that layer, unless it has a forward or a backward of
    its own.
    """
    for base in kind.__mro__:
        own: type[LayerEquations] | None = vars(base).get("equations")
        if own is None and issubclass(base, Layer):
            own = getattr(beside(base, "equations"), f"{base.__name__}Equations", None)
        goes_back = "backward" in vars(base) and not is_ours(base.__module__)
        if own is not None or "forward" in vars(base) or goes_back:
            return own or LayerEquations
    return LayerEquations


# ---- descriptions that many layers have ----------------------------------------------------


def slope_latex(symbol: str) -> str:
    return slope(Symbol(symbol, symbol)).latex


DX, DY, DZ = (slope_latex(s) for s in "xyz")

INPUT = Description("x", "x", "forward", "input", "x = what the layer below gave", r"x")
INCOMING = Description(
    "∂L/∂y", DY, "backward", "gradient that comes in from above",
    "∂L/∂y = ∂L/∂x of the layer above", DY,
)  # fmt: skip


def forward(symbol: str, meaning: str, formula: str, latex: str) -> Description:
    return Description(symbol, symbol, "forward", meaning, formula, latex)


def output(formula: str, latex: str) -> Description:
    return forward("y", "output", formula, latex)


def outgoing(formula: str, latex: str) -> Description:
    return Description("∂L/∂x", DX, "backward", "gradient that goes out below", formula, latex)


def few(array: Array) -> Any:
    """The numbers of a factor, or None where there are too many to show."""
    return array.tolist() if array.size <= LARGEST else None
