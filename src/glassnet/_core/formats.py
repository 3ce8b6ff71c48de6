"""What the engines of ``interop`` hand to those who say how a kind is written and read.

A ``formats.py`` of a layer and the file of an activation are asked by an engine and given one of
these, so that they import nothing of the formats themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from glassnet._core.types import Array
from glassnet.errors import FileFormatError

Config = dict[str, Any]


class OnnxGraph(Protocol):
    """An ONNX graph while it is written.  A value is known by its name, which is returned."""

    onnx: Any  # the package

    def constant(self, name: str, value: Any, dtype: Any = ...) -> str:
        """A tensor that is stored in the file; float32 unless ``dtype`` says otherwise."""
        ...

    def add(self, op: str, *inputs: str, **settings: Any) -> str:
        """A node of the operator ``op``, with one output."""
        ...

    def activate(self, layer: Any, f: Any, z: str) -> str:
        """The nodes of the activation ``f``, which ends ``layer``."""
        ...

    def write(self, layer: Any, x: str) -> str:
        """The nodes of a layer inside the one that is being written."""
        ...


class OnnxNodes(Protocol):
    """The nodes of an ONNX file while they are read, from the input to the output.

    Attributes:
        constants: the tensors in the file by name; None for those of a kind that is not read.
        rows: whether the values are rows (n, k) by now; who changes that says so here.
    """

    rows: bool

    @property
    def constants(self) -> Mapping[str, Array | None]: ...

    def name(self, node: Any) -> str | None:
        """The name of the layer that glassnet wrote as this node."""
        ...

    def settings(self, node: Any, **expected: tuple[Any, ...]) -> dict[str, Any]:
        """The attributes of a node; refuses those that are none of the ``expected`` values."""
        ...

    def weight(self, node: Any, place: int) -> Array:
        """The constant floats that the node reads at this place."""
        ...

    def last_axis(self, node: Any, axis: int) -> None:
        """Refuse an axis that is not the last one."""
        ...

    def add_activation(self, parts: Any, f: Any) -> None:
        """Into the layer before it if that has none, or as a layer of its own."""
        ...

    def part_of_formula(self, node: Any, x: str, parts: Any) -> None:
        """Read the node as part of an activation or a scaling, or refuse it."""
        ...

    def unsupported(self, node: Any) -> FileFormatError:
        """The error for an operator that is no layer, or not here."""
        ...


class KerasWords(Protocol):
    """Keras' descriptions of what layers are made of, written and read."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of a sample that the layer gets which is read now."""
        ...

    def wrapped(self, class_name: str, config: Config, module: str = ...) -> Config:
        """An object as Keras writes it."""
        ...

    def inside(self, spec: Config) -> Config:
        """The settings of an object that Keras wrote."""
        ...

    def activation(self, layer: Any, f: Any) -> Any:
        """The activation ``f`` of ``layer`` as Keras writes it."""
        ...

    def read_activation(self, spec: Any) -> Any:
        """The activation that Keras wrote."""
        ...

    def regularizer(self, penalty: Any) -> Any:
        """A penalty as Keras writes it; None for none."""
        ...

    def read_regularizer(self, spec: Any) -> Any:
        """The penalty that Keras wrote; None for none."""
        ...

    def need_channels_last(self, class_name: str, config: Config) -> None:
        """Refuse a layer whose images have their channels first."""
        ...


class TorchWords(Protocol):
    """What PyTorch calls things, and its tensors as arrays.

    Attributes:
        parts: what was read so far.
    """

    parts: list[Any]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape here of a sample that the module gets which is read now."""
        ...

    def shape_behind(self, shape: tuple[int, ...], read: bool = ...) -> tuple[int, ...]:
        """The shape of what comes out, with its channels first if PyTorch has them so.

        Args:
            read: the other way: ``shape`` is PyTorch's.
        """
        ...

    def activation(self, layer: Any, f: Any) -> list[tuple[str, Config]]:
        """The modules of the activation ``f`` of ``layer``: class names and settings."""
        ...

    def array(self, tensor: Any) -> Array:
        """A copy of a tensor; refused if it holds no floats."""
        ...


class Source(Protocol):
    """A program while it is written: the steps of ``predict``, its functions and weights.

    A function is given as its text, which is written once; its name is read off it.
    """

    steps: list[str]

    def next(self, what: str) -> int:
        """1, 2, 3 … for each kind of thing."""
        ...

    def keep(self, letter: str, array: Array, count: int) -> str:
        """Write these weights too; returns their name, such as W2."""
        ...

    def use(self, function: str) -> str:
        """Write this function too; returns its name."""
        ...

    def need_rows(self, layer: Any) -> None:
        """Refuse a layer that works along rows, but gets images."""
        ...

    def write(self, layer: Any, x: str) -> str:
        """The steps of a layer inside the one that is being written; where its output is."""
        ...


class PythonSource(Source, Protocol):
    """A program in Python: an output is an expression or the name of a list."""

    def call(self, function: str, *arguments: Any) -> str:
        """``function(arguments)``."""
        ...

    def step(self, expression: str) -> str:
        """The step ``x = expression``."""
        ...

    def activate(self, layer: Any, f: Any, z: str) -> str:
        """The call of an activation around ``z``."""
        ...


class CSource(Source, Protocol):
    """A program in C: an output is the name of an array."""

    def call(self, function: str, sizes: Sequence[int], *arguments: Any) -> str:
        """The step ``function(sizes, arguments, y)`` with a new array y of the last size."""
        ...

    def own(self, x: str, size: int) -> str:
        """``x``, or a copy of it where it is the caller's."""
        ...

    def copied(self, x: str, size: int) -> str:
        """A copy of ``x``."""
        ...

    def activate(self, layer: Any, f: Any, size: int, z: str) -> None:
        """The call of an activation that changes ``z``."""
        ...


class MlpChain(Protocol):
    """The dense layers of a scikit-learn MLP while they are gathered."""

    def dense(self, layer: Any, W: Array, b: Array) -> None: ...

    def rescale(self, layer: Any, scale: float, offset: float) -> None:
        """y = x·scale + offset, worked into the first dense layer."""
        ...
