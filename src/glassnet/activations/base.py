"""What all activations can do: bias, copies, checks, derivative and Jacobian."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from glassnet._core import custom
from glassnet._core.arrays import as_float, place, rows
from glassnet._core.attributes import is_ours
from glassnet._core.formats import OnnxGraph
from glassnet._core.guards import not_defined, writes_in_place
from glassnet._core.kernels import add_bias
from glassnet._core.types import Array
from glassnet.activations.counterpart import Counterpart
from glassnet.errors import ConfigError, ShapeError

# Of a function of a user's own that says nothing of itself.
FORMULAS = {
    "formula": "f(z) as the class defines it",
    "derivative_formula": "f'(z) as the class defines it",
    "latex": r"f(z)",
    "derivative_latex": r"f'(z)",
}
# What a subclass of a user's does not inherit: whoever writes it cannot know that it still holds.
SAID = (
    "biased_forward_", "c", "dies", "keras", "keras_layers", "note", "onnx", "python",
    "python_calls",
    "reach", "saturated", "sklearn", "to_onnx", "torch",
)  # fmt: skip


@dataclass(frozen=True)
class Activation:
    """y = f(z), and dL/dz from dL/dy.

    A subclass states both in place on C-contiguous matrices; this class does the rest.
    ``saved`` is what the backward pass reads: the output ``y``, or the input ``z`` (bias
    included) of those that declare ``needs_z``.

    Attributes:
        name: in the table, and in saved files.
        formula, derivative_formula: as text for a terminal; latex, derivative_latex: for a page.
        letters: setting → its letter in the formula.
        needs_z: the derivative is read off z, not off y.
        elementwise: yᵢ depends on zᵢ alone.
        trainable: its slope is not 0 everywhere.
        gives: what its outputs are: probabilities, their logarithms, or any values.
        reach: the numbers that its outputs lie between; values that lie outside cannot be learned.
        saturated: below the first and above the second of these outputs its slope is under 0.04.
        dies: it is flat at 0 for every z below 0, so that a unit may answer 0 for ever.
        initializer: the weights that suit it: He et al. (2015) for functions that cut off one
            half, Klambauer et al. (2017) for SELU, Glorot and Bengio (2010) for the others.
        keras: the name of the function in Keras, with the settings that it has by default here
            too; keras_layers: the layers of Keras that are it, the first one is written.
        torch: the module of ``torch.nn``; onnx: the operator, if one is enough (see to_onnx);
            sklearn: the name that scikit-learn's MLP has for it. Empty where there is none.
        c: z[i] afterwards, as an expression in C; if not elementwise, the lines of a function
            of ``int n`` and ``real *z``. Settings have their own names.
        python: the lines of a function of the list ``z`` in Python; python_calls: the other
            activations that they call.
        note: what a reader of the text in C and in Python must know beside the formula.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    derivative_formula: ClassVar[str]
    letters: ClassVar[Mapping[str, str]] = {}
    latex: ClassVar[str]
    derivative_latex: ClassVar[str]
    needs_z: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True
    trainable: ClassVar[bool] = True
    gives: ClassVar[Literal["values", "probabilities", "logarithms"]] = "values"
    reach: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    saturated: ClassVar[tuple[float, float] | None] = None
    dies: ClassVar[bool] = False
    initializer: ClassVar[str] = "glorot_uniform"

    keras: ClassVar[str] = ""
    keras_layers: ClassVar[tuple[Counterpart, ...]] = ()
    torch: ClassVar[Counterpart | None] = None
    onnx: ClassVar[Counterpart | None] = None
    sklearn: ClassVar[str] = ""
    c: ClassVar[str] = ""
    python: ClassVar[str] = ""
    python_calls: ClassVar[tuple[str, ...]] = ()
    note: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        custom.state_name(cls, "activation")
        custom.not_inherited(cls, {name: vars(Activation)[name] for name in SAID})
        if not is_ours(cls.__module__):
            writes_in_place(cls, "forward_", "z")
            writes_in_place(cls, "backward_", "saved, dy")
        if "forward_" in vars(cls):  # that of a mixin too: it was put there
            custom.not_inherited(cls, FORMULAS)

    def forward_(self, z: Array) -> None:
        """z ← f(z)"""
        raise not_defined(self, "forward_(z), which writes f(z) into z")

    def backward_(self, saved: Array, dy: Array) -> None:
        """dy ← dy · f'(z)"""
        raise not_defined(self, "backward_(saved, dy), which multiplies dy by f'")

    @property
    def also(self) -> tuple[str, ...]:
        """What Keras, PyTorch and scikit-learn call it."""
        classes = [layer.name for layer in self.keras_layers]
        torch = [] if self.torch is None else [self.torch.name]
        return tuple(name for name in (self.keras, self.sklearn, *torch, *classes) if name)

    @property
    def described(self) -> str:
        """The formula and the note, for the text in C and in Python."""
        return f"{self.formula}; {self.note}" if self.note else self.formula

    def to_onnx(self, graph: OnnxGraph, z: str) -> str | None:
        """Add f to an ONNX graph, after the value ``z``; the name of its output.

        None if ONNX cannot compute it. A function that is several operators overrides this.
        """
        if self.onnx is None:
            return None
        return str(graph.add(self.onnx.name, z, **self.onnx.written(self)))

    def biased_forward_(self, z: Array, bias: Array) -> None:
        """z ← f(z + bias)"""
        add_bias(z, bias)
        self.forward_(z)

    def forward(self, z: Array, bias: Array | None = None, out: Array | None = None) -> Array:
        """y = f(z + bias).  z: float32 or float64, any shape  bias: (k,), along the last axis

        ``out`` may be ``z`` itself; without it the result is a new array and ``z`` is untouched.

        Raises:
            ShapeError: bias or out do not fit z.
        """
        y = z if out is z else place(z, out)
        work = y if y.flags.c_contiguous else np.ascontiguousarray(y)
        matrix = work if work.ndim == 2 else rows(work)
        if bias is None:
            self.forward_(matrix)
        elif bias.shape == matrix.shape[1:]:
            self.biased_forward_(matrix, bias)
        else:
            raise ShapeError(
                f"{self.name}: bias has shape {bias.shape}, but the last axis of the input of "
                f"shape {z.shape} wants {matrix.shape[1:]}."
            )
        if work is not y:
            y[...] = work
        return y

    def backward(self, saved: Array, dy: Array, out: Array | None = None) -> Array:
        """dL/dz = dL/dy · f'(z).  saved, dy: of one shape

        ``out`` may be ``dy`` itself; without it the result is a new array and ``dy`` is untouched.

        Raises:
            ShapeError: saved, dy and out do not fit each other.
        """
        if saved.shape != dy.shape:
            raise ShapeError(
                f"{self.name}: dy has shape {dy.shape}, but the forward pass had {saved.shape}."
            )
        if out is saved and out is not dy:
            saved = saved.copy()
        dz = dy if out is dy else place(dy, out)
        work = dz if dz.flags.c_contiguous else np.ascontiguousarray(dz)
        if not saved.flags.c_contiguous:
            saved = np.ascontiguousarray(saved)
        if work.ndim == 2:
            self.backward_(saved, work)
        else:
            self.backward_(rows(saved), rows(work))
        if work is not dz:
            dz[...] = work
        return dz

    def __call__(self, z: Any) -> Any:
        """f(z) of anything that can become an array; a number gives a number.

        Raises:
            DataError: not numbers.
        """
        y = self.forward(as_float(z, self.name))
        return float(y) if y.ndim == 0 else y

    def derivative(self, z: Any) -> Any:
        """f'(z) of each element; a number gives a number.

        Raises:
            ConfigError: softmax and log-softmax mix the elements: they have a ``jacobian``.
            DataError: not numbers.
        """
        if not self.elementwise:
            raise ConfigError(
                f"{self.name} has no derivative by element, because each output depends on the "
                "whole row: use jacobian(z)."
            )
        array = as_float(z, self.name)
        saved = array if self.needs_z else self.forward(array)
        slope = self.backward(saved, np.ones_like(array))
        return float(slope) if slope.ndim == 0 else slope

    def jacobian(self, z: Any) -> Array:
        """J with Jᵢⱼ = ∂yᵢ/∂zⱼ.  z: (k,) gives (k, k); (n, k) gives (n, k, k)

        Row i of J is the backward pass of dy = eᵢ, so there is no second definition.
        """
        array = np.atleast_1d(as_float(z, self.name))
        saved = array if self.needs_z else self.forward(array)
        k = array.shape[-1]
        repeated = np.repeat(saved[..., np.newaxis, :], k, axis=-2)
        unit = np.broadcast_to(np.eye(k, dtype=array.dtype), repeated.shape)
        return self.backward(repeated, unit)

    def get_config(self) -> dict[str, Any]:
        """The name and the settings: what ``get`` needs to make it again."""
        return {"name": self.name, **custom.fields_of(self)}
