"""Convolutional layers: Conv2D over images, Conv1D over series."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from glassnet import activations, initializers
from glassnet._core.attributes import set_directly
from glassnet._core.parameters import Weight
from glassnet._core.settings import whole_number
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError
from glassnet.layers import regularizers
from glassnet.layers.base import Layer, Shape
from glassnet.layers.convolution.axes import Axis
from glassnet.layers.convolution.fast import FastConvolution
from glassnet.layers.convolution.grouped import GroupedConvolution
from glassnet.layers.sight import Places, of_windows
from glassnet.layers.windows import Windows, check_image, padding_word, sizes, windows_along

# Functions that are max(z, floor), by class: a subclass computes something else.
FLOORS: dict[type, float] = {activations.Linear: -np.inf, activations.ReLU: 0.0}


class ConvolutionSaved(NamedTuple):
    """What backward needs: y = f(z).  Where y takes the place of z, z is y.

    padded: x with its zeros around; x itself where there are none.
    """

    x: Array
    padded: Array
    z: Array
    y: Array


class Convolution(Layer):
    """What Conv1D and Conv2D have in common: z[p] = Σ x[p·stride + a·dilation]·W[a] + b."""

    W: Array
    b: Array
    dW: Array
    db: Array

    _fixed: ClassVar[Mapping[str, str]] = {
        "windows": "they follow from the input's shape and the settings",
    }
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "bias": "It is called use_bias.",
        "in_channels": "Leave it out: it comes with the first data.",
        "out_channels": "It is called filters.",
    }

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        padding: str = "valid",
        dilation_rate: int | tuple[int, ...] = 1,
        groups: int = 1,
        activation: str | dict[str, Any] | activations.Activation | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        owner, rank = type(self).__name__, self.rank
        self.filters = whole_number(owner, "filters", filters)
        self.kernel_size = sizes(owner, "kernel_size", kernel_size, rank)
        self.strides = sizes(owner, "strides", strides, rank)
        self.padding = padding_word(owner, padding, rank)
        self.dilation_rate = sizes(owner, "dilation_rate", dilation_rate, rank)
        self.groups = whole_number(owner, "groups", groups)
        if self.filters % self.groups:
            raise ConfigError(
                f"{owner}: {self.filters} filters cannot be shared out over {self.groups} groups: "
                "filters must be a multiple of groups."
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.windows: tuple[Windows, ...] = ()
        self._saved: tuple[Array, Array, Array] | None = None  # x, z, y
        self._loops: FastConvolution | GroupedConvolution | None = None

    @property
    def function(self) -> activations.Activation:
        return self.activation

    @property
    def saved(self) -> ConvolutionSaved | None:
        if self._saved is None:
            return None
        x, z, y = self._saved
        return ConvolutionSaved(x, self._pad(x), z, y)

    def _pad(self, x: Array) -> Array:
        zeros = [axis.padding for axis in self.windows]
        return np.pad(x, [(0, 0), *zeros, (0, 0)]) if any(map(sum, zeros)) else x

    @property
    def output(self) -> Array | None:
        return None if self._saved is None else self._saved[2]

    def output_for(self, input_shape: Shape) -> Shape:
        check_image(self.title, input_shape, self.rank)
        channels = input_shape[-1]
        if channels % self.groups:
            raise ShapeError(
                f"{self.title}: {channels} channels cannot be shared out over {self.groups} "
                "groups: the channels must be a multiple of groups."
            )
        self.windows = windows_along(
            self.title, input_shape, self.kernel_size, self.strides, self.padding,
            self.dilation_rate, self._otherwise(),
        )  # fmt: skip
        return (*(axis.count for axis in self.windows), self.filters)

    def _otherwise(self) -> str:
        """PyTorch's first argument is the number of channels: its second is our first."""
        size, strides = set(self.kernel_size), set(self.strides)
        if strides == {1} or len(size) > 1 or len(strides) > 1:
            return ""
        (k,), (s,) = size, strides
        return (
            f" If PyTorch's Conv{self.rank}d({self.filters}, {k}, {s}) is meant: that is "
            f"{type(self).__name__}({k}, {s}), for the channels come with the data."
        )

    def weights(self) -> list[Weight]:
        assert self.input_shape is not None
        depth = self.input_shape[-1] // self.groups
        W = Weight("W", (*self.kernel_size, depth, self.filters), self.kernel_initializer)
        b = Weight("b", (self.filters,), self.bias_initializer)
        return [W, b] if self.use_bias else [W]

    def forward(self, x: Array, training: bool = False) -> Array:
        f = self.activation
        x = np.ascontiguousarray(self.take_input(x))
        floor = FLOORS.get(type(f))
        y = z = self._convolve(x, -np.inf if floor is None else floor)
        if floor is None:
            if f.needs_z:  # the derivative reads z: keep it beside y
                y = self.work.array("y", z.shape, z.dtype)
                np.copyto(y, z)
            f.forward_(self._rows(y))  # y = f(z), in place
        set_directly(self, "_saved", (x, z, y))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        x, z, y = self._saved
        f = self.activation
        if not self.work.reuse:  # not in the training loop, which gives what fits
            dy = self.take_gradient(dy)
        elif FLOORS.get(type(f)) == 0.0:
            return self._gradients(x, np.ascontiguousarray(dy), y, need_dx)
        dz = self.work.mine(dy)
        f.backward_(self._rows(z if f.needs_z else y), self._rows(dz))  # dL/dz = dL/dy·f'(z)
        return self.backward_logits(dz, need_dx)

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z, for a loss that contains the activation."""
        x = np.ascontiguousarray(self.take_input(x))
        z = self._convolve(x, -np.inf)
        set_directly(self, "_saved", (x, z, z))
        return z

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """From dL/dz: the gradients of W and b, and dL/dx."""
        if self._saved is None:
            raise self.no_forward()
        return self._gradients(self._saved[0], np.ascontiguousarray(dz), None, need_dx)

    def _convolve(self, x: Array, floor: float) -> Array:
        """max(x·W + b, floor) of every window."""
        assert self.output_shape is not None
        z = self.work.array("z", (len(x), *self.output_shape), x.dtype)
        b = self.b if self.use_bias else None
        self._compiled().forward(x, self.W, b, floor, z)
        return z

    def _gradients(self, x: Array, dy: Array, y: Array | None, need_dx: bool) -> Array | None:
        """dW, db and dL/dx from dL/dz; from dL/dy, where y = max(z, 0) is given."""
        dx = self.work.array("dx", x.shape, dy.dtype) if need_dx else None
        db = self.db if self.use_bias else None
        self._compiled().backward(x, dy, y, None, self.W, self.dW, db, dx)
        return dx

    def _compiled(self) -> FastConvolution | GroupedConvolution:
        if self._loops is None:
            loops: FastConvolution | GroupedConvolution
            if has_fast_loops(self):
                loops = fast_loops(self)
            else:
                loops = GroupedConvolution(*_axes(self), self.groups)
            set_directly(self, "_loops", loops)
        assert self._loops is not None
        return self._loops

    def _rows(self, z: Array) -> Array:
        """A row for each place of each image, with a column for each filter."""
        return z.reshape(-1, z.shape[-1])

    # ---- the rest -------------------------------------------------------------------------

    def reads(self, places: Places) -> Places:
        """Of each axis what the windows read; of the channels those of the filters' groups."""
        assert self.input_shape is not None
        depth = self.input_shape[-1] // self.groups
        if self.activation.elementwise:
            groups = np.unique(places[-1] // (self.filters // self.groups))
        else:
            groups = np.arange(self.groups)  # a softmax reads all filters
        channels = (groups[:, None] * depth + np.arange(depth)).ravel()
        return of_windows(self.windows, places[:-1], channels)

    def multiplications(self) -> int:
        """How many for one sample: a window's for each place and filter."""
        assert self.output_shape is not None
        return prod(self.output_shape) * prod(self.W.shape[:-1])

    def _has_changed(self, name: str) -> None:
        set_directly(self, "_loops", None)
        super()._has_changed(name)

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_loops": None}

    def numbers_kept(self) -> int:
        """Beside y and dL/dx, z or, where y tells f′, dL/dz."""
        beside = 0 if self.activation == activations.linear else prod(self.output_shape or ())
        return super().numbers_kept() + beside

    def penalty(self) -> float:
        return self.kernel_regularizer.penalty(self.W) if self.kernel_regularizer else 0.0

    def add_penalty_gradient(self) -> None:
        if self.kernel_regularizer:
            self.kernel_regularizer.add_gradient(self.W, self.dW)

    @property
    def restrains(self) -> bool:
        return self.kernel_regularizer is not None or self._defines_restraints(Convolution)

    def config(self) -> dict[str, Any]:
        f, regularizer = self.activation, self.kernel_regularizer
        return {
            "filters": self.filters,
            "kernel_size": list(self.kernel_size),
            "strides": list(self.strides),
            "padding": self.padding,
            "dilation_rate": list(self.dilation_rate),
            "groups": self.groups,
            "activation": f.get_config(),
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer.get_config(),
            "bias_initializer": self.bias_initializer.get_config(),
            "kernel_regularizer": regularizer.get_config() if regularizer else None,
        }


def has_fast_loops(layer: Convolution) -> bool:
    """Groups, and strides with dilation, go by plain loops."""
    return layer.groups == 1 and (max(layer.strides) == 1 or max(layer.dilation_rate) == 1)


def fast_loops(layer: Convolution, pooled: str | None = None) -> FastConvolution:
    """The fast loops for the layer's windows; ``pooled``: with 2×2 pooling on top, max or mean."""
    assert layer.input_shape is not None
    channels = layer.input_shape[-1]
    return FastConvolution(*_axes(layer), channels, layer.filters, pooled, layer.dtype)


def _axes(layer: Convolution) -> tuple[Axis, Axis]:
    """Rows and columns; a series is an image of one row."""
    *rows, columns = map(Axis.of, layer.windows)
    return rows[0] if rows else Axis(1, 1, 1, 1, 0, 0, 1), columns


class Conv2D(Convolution):
    """A small kernel moves over an image: each place of the output is f(its window·W + b).

        z[p, q, f] = Σ x[p·s + a·d - before, q·s + b·d - before, c]·W[a, b, c, f] + b[f]

    with s the strides, d the dilation, and before the zeros that padding puts in front.  As
    everywhere, the kernel is not flipped: it is a cross-correlation.  Words, defaults and results
    are those of Keras (LeCun et al., 1989).

    Shapes: x (n, rows, columns, channels), W (kernel rows, kernel columns, channels/groups,
    filters), b (filters,), y (n, out rows, out columns, filters).  With padding "valid" there
    are ⌊(rows - span)/s⌋ + 1 out rows, span = (kernel rows - 1)·d + 1, and what is left over at
    the edge is not read; with "same" ⌈rows/s⌉, and of an uneven number of zeros the larger part
    goes to the end.

    PyTorch has the channels first, W as (filters, channels, rows, columns), and pads as many
    zeros before as behind: with an even kernel, or with strides, its ``padding=1`` is
    ``ZeroPadding2D(1)`` and "valid" here, and not "same".

    Args:
        filters: how many channels come out.
        kernel_size, strides, dilation_rate: one number, or (rows, columns).
        padding: "valid" for none, "same" for zeros around.
        groups: the channels in so many parts, each with filters of its own; as many as there
            are channels: a depthwise convolution.
        activation: f, by name or value; None for none.
        use_bias: whether there is a b.
        kernel_initializer, bias_initializer: the W and b to begin with.
        kernel_regularizer: L1 or L2 on W, added to the loss.

    Raises:
        ConfigError: a setting out of its range, filters that groups do not divide.
        ShapeError: an input that is not (n, rows, columns, channels), channels that groups do
            not divide, a kernel larger than the image.

    >>> layer = Conv2D(1, 2, kernel_initializer="ones")
    >>> layer(np.arange(9.0).reshape(1, 3, 3, 1))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """

    kind: ClassVar[str] = "conv2d"
    rank: ClassVar[int] = 2


class Conv1D(Convolution):
    """A small kernel moves along a series: z[p, f] = Σ x[p·s + a·d - before, c]·W[a, c, f] + b[f].

    Shapes: x (n, steps, channels), W (kernel, channels/groups, filters), b (filters,),
    y (n, out steps, filters).  The rest is as in :class:`Conv2D`.

    >>> layer = Conv1D(1, 2, kernel_initializer="ones")
    >>> layer(np.arange(4.0).reshape(1, 4, 1))[0, :, 0]
    array([1., 3., 5.])
    """

    kind: ClassVar[str] = "conv1d"
    rank: ClassVar[int] = 1
