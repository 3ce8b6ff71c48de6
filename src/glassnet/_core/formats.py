"""What the engines of ``interop`` hand to those who say how a kind is written and read.

A ``formats.py`` of a layer and the file of an activation are asked by an engine and given one of
these, so that they import nothing of the formats themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
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

    def rows(self, op: str, x: str, **settings: Any) -> str:
        """A node whose output is rows (n, k), whatever ``x`` was."""
        ...

    def alike(self, a: str, b: str, shape: Any) -> tuple[str, str]:
        """Two values of one shape in glassnet, with their channels at the same place."""
        ...

    def channels_last(self, x: str, shape: Any) -> str:
        """``x`` as glassnet has it, with the channels of images last."""
        ...

    def activate(self, layer: Any, f: Any, z: str) -> str:
        """The nodes of the activation ``f``, which ends ``layer``."""
        ...

    def write(self, layer: Any, x: str) -> str:
        """The nodes of a layer inside the one that is being written."""
        ...


class OnnxNodes(Protocol):
    """The nodes of an ONNX file while they are read, from the input to the output.

    A file may have the channels of images first.  Which it does is told by the first operator
    that works along some of the axes; each reader says what it needs, and glassnet's layers get
    their channels last.

    Attributes:
        opset: whose meaning of the operators holds.
        shape: of one sample here, as glassnet's layers have it.
        order: for each axis of a sample in the file, which of glassnet's axes it is.
        as_stored: the shape of one sample in the file.
        batch: stands for the number of samples in shapes; fixed_batch: the number of samples
            that the file states, if it does.
        constants: the tensors in the file by name; None for those of a kind that is not read.
    """

    opset: int
    batch: int
    fixed_batch: int | None

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def order(self) -> tuple[int, ...]: ...

    @property
    def as_stored(self) -> tuple[int, ...]: ...

    @property
    def constants(self) -> Mapping[str, Array | None]: ...

    def of(self, node: Any) -> str:
        """What messages call the node."""
        ...

    def append(self, parts: Any, part: Any, order: tuple[int, ...] | None = None) -> None:
        """Append a layer that changes the shape or the order of the numbers.

        ``order`` is that of its output in the file: by default as before, or that of rows.
        """
        ...

    def channels_first(self, node: Any, rank: int) -> None:
        """The file has images with ``rank`` axes here, behind their channels; or refuse it."""
        ...

    def by_axis(self, values: Sequence[Any], neutral: Any) -> list[Any]:
        """What a node says for each axis (n, …), in the order (n, …places, channels)."""
        ...

    def reshape(self, node: Any, shape: Sequence[int], parts: Any) -> None:
        """Read that each sample gets this shape, in the order that the file has it."""
        ...

    def transpose(self, node: Any, order: Sequence[int]) -> None:
        """Read that the axes (n, …) take this order."""
        ...

    def per_channel(self, array: Array) -> Array | None:
        """The numbers that are added to the channels; None if some go elsewhere."""
        ...

    def reordered(self, array: Array) -> Array:
        """Weights with a row for each number of a sample, in glassnet's order of the numbers."""
        ...

    def scale(self, scale: Array, offset: Array, parts: Any) -> None:
        """Read y = scale·x + offset, with a number for each channel."""
        ...

    def whole_numbers(self, node: Any, place: int) -> list[int]:
        """The constant whole numbers that the node reads at this place."""
        ...

    def name(self, node: Any) -> str | None:
        """The name of the layer that glassnet wrote as this node."""
        ...

    def settings(self, node: Any, **expected: tuple[Any, ...]) -> dict[str, Any]:
        """The attributes of a node; refuses those that are none of the ``expected`` values."""
        ...

    def weight(self, node: Any, place: int) -> Array:
        """The constant floats that the node reads at this place."""
        ...

    def last_axis(self, node: Any, axis: int, to_the_end: bool = False) -> None:
        """Refuse an axis that is not glassnet's last one.

        ``to_the_end``: the node works along all axes from there on.
        """
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
        """Write this function (in C: or type) too; returns its name."""
        ...

    def write(self, layer: Any, x: str) -> str:
        """The steps of a layer inside the one that is being written; where its output is."""
        ...


class PythonSource(Source, Protocol):
    """A program in Python: an output is an expression or the name of a list."""

    def call(self, function: str, *arguments: Any, **settings: Any) -> str:
        """``function(arguments, setting=value)``."""
        ...

    def step(self, expression: str) -> str:
        """The step ``x = expression``."""
        ...

    def activate(self, layer: Any, f: Any, z: str) -> str:
        """The call of an activation around ``z``."""
        ...


class CSource(Source, Protocol):
    """A program in C: an output is the name of an array."""

    def call(
        self, function: str, sizes: Sequence[int], *arguments: Any, size: int | None = None
    ) -> str:
        """The step ``function(sizes, arguments, y)`` with a new array y of ``size`` numbers.

        Args:
            size: by default the last of the sizes.
        """
        ...

    def call_into(self, function: str, sizes: Sequence[int], *arguments: Any) -> None:
        """The step ``function(sizes, arguments)``; the last argument is what it changes."""
        ...

    def own(self, x: str, size: int) -> str:
        """``x``, or a copy of it where it is the caller's, or lent."""
        ...

    def lent(self, x: str) -> AbstractContextManager[None]:
        """As long as this lasts, nobody changes ``x``."""
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
