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
from glassnet.layers.convolution.kernels import convolve, input_gradient, kernel_gradient
from glassnet.layers.dense.kernels import sum_rows
from glassnet.layers.windows import Windows, check_image, padding_word, sizes, windows_along


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
        self._saved: tuple[Array, Array, Array, Array] | None = None  # as in ConvolutionSaved

    @property
    def function(self) -> activations.Activation:
        return self.activation

    @property
    def saved(self) -> ConvolutionSaved | None:
        return None if self._saved is None else ConvolutionSaved(*self._saved)

    @property
    def output(self) -> Array | None:
        return None if self._saved is None else self._saved[3]

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
        x, padded, z = self._convolve(x)
        y = z
        if f.needs_z:  # the derivative reads z: keep it beside y
            self._add_bias(z)
            y = self.work.array("y", z.shape, z.dtype)
            np.copyto(y, z)
            f.forward_(self._rows(y))
        elif self.use_bias:
            f.biased_forward_(self._rows(y), self.b)  # y = f(z + b), in place
        else:
            f.forward_(self._rows(y))
        set_directly(self, "_saved", (x, padded, z, y))
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        if self._saved is None:
            raise self.no_forward()
        _, _, z, y = self._saved
        if not self.work.reuse:  # not in the training loop, which gives what fits
            dy = self.take_gradient(dy)
        f = self.activation
        dz = self.work.mine(dy)
        f.backward_(self._rows(z if f.needs_z else y), self._rows(dz))  # dL/dz = dL/dy·f'(z)
        return self.backward_logits(dz, need_dx)

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """z, for a loss that contains the activation."""
        x, padded, z = self._convolve(x)
        self._add_bias(z)
        set_directly(self, "_saved", (x, padded, z, z))
        return z

    def backward_logits(self, dz: Array, need_dx: bool = True) -> Array | None:
        """From dL/dz: the gradients of W and b, and dL/dx."""
        if self._saved is None:
            raise self.no_forward()
        x, padded = self._saved[:2]
        if self.use_bias:
            sum_rows(self._rows(dz), self.db)  # dL/db = Σ dL/dz, over samples and places
        kernel_gradient(self._image(padded), self._image(dz), *self._steps(), self._kernel(self.dW))
        if not need_dx:
            return None
        inside = self.work.array("dx_padded", padded.shape, dz.dtype)
        input_gradient(self._image(dz), self._kernel(self.W), *self._steps(), self._image(inside))
        if inside.shape == x.shape:
            return inside
        dx = self.work.array("dx", x.shape, dz.dtype)
        np.copyto(dx, inside[self._inside()])
        return dx

    # ---- a series is an image of one row --------------------------------------------------

    def _image(self, x: Array) -> Array:
        return x if self.rank == 2 else x[:, None]

    def _kernel(self, W: Array) -> Array:
        return W if self.rank == 2 else W[None]

    def _steps(self) -> tuple[int, int, int, int, int]:
        row = (1,) * (2 - self.rank)
        return (*row, *self.strides, *row, *self.dilation_rate, self.groups)  # type: ignore[return-value]

    def _rows(self, z: Array) -> Array:
        """A row for each place of each image, with a column for each filter."""
        return z.reshape(-1, z.shape[-1])

    # ---- zeros around ----------------------------------------------------------------------

    def _inside(self) -> tuple[slice, ...]:
        """Where x lies in its padded array."""
        places = [slice(axis.padding[0], axis.padding[0] + axis.length) for axis in self.windows]
        return (slice(None), *places)

    def _pad(self, x: Array) -> Array:
        if not any(sum(axis.padding) for axis in self.windows):
            return x
        lengths = (axis.length + sum(axis.padding) for axis in self.windows)
        padded = self.work.array("padded", (len(x), *lengths, x.shape[-1]), x.dtype)
        padded[...] = 0
        padded[self._inside()] = x
        return padded

    def _convolve(self, x: Array) -> tuple[Array, Array, Array]:
        """x in the layer's type, x with its zeros, and z without b."""
        x = self.take_input(x)
        padded = self._pad(x)
        assert self.output_shape is not None
        z = self.work.array("z", (len(x), *self.output_shape), x.dtype)
        convolve(self._image(padded), self._kernel(self.W), *self._steps(), self._image(z))
        return x, padded, z

    def _add_bias(self, z: Array) -> None:
        if self.use_bias:
            z += self.b

    # ---- the rest -------------------------------------------------------------------------

    def multiplications(self) -> int:
        """How many for one sample: a window's for each place and filter."""
        assert self.output_shape is not None
        return prod(self.output_shape) * prod(self.W.shape[:-1])

    def penalty(self) -> float:
        return self.kernel_regularizer.penalty(self.W) if self.kernel_regularizer else 0.0

    def add_penalty_gradient(self) -> None:
        if self.kernel_regularizer:
            self.kernel_regularizer.add_gradient(self.W, self.dW)

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
