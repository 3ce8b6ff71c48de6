"""A convolution and the pooling behind it in one pass."""

from __future__ import annotations

from math import prod

import numpy as np

from glassnet._core.types import Array
from glassnet.activations import ReLU
from glassnet.layers.base import Layer, goes_as
from glassnet.layers.convolution.layer import Conv2D, Convolution, fast_loops, has_fast_loops
from glassnet.layers.pooling.layer import AveragePooling, MaxPooling, Pooling

HOW: dict[type[Pooling], str] = {MaxPooling: "max", AveragePooling: "mean"}


class PooledConvolution:
    """y = the largest or the mean of each 2×2 places of ReLU(x·W + b): Conv2D, then pooling.

    The feature map between them is never written down, and what pooling drops at the edge is
    not computed.  The layers are asked as ever for their weights; what they kept of a forward
    of their own stays as it was.

    Args:
        keeps: what :meth:`backward` needs, of every forward and not of training alone.
    """

    def __init__(self, convolution: Conv2D, how: str, keeps: bool = False) -> None:
        self.convolution = convolution
        self.keeps = keeps
        self._fast = fast_loops(convolution, pooled=how)
        g = self._fast.geometry
        self._shape = g.out_rows // 2, g.out_columns // 2, g.filters
        self._saved: tuple[Array, Array, Array] | None = None  # x, y, winner

    @classmethod
    def of(cls, first: Layer, second: Layer, keeps: bool = False) -> PooledConvolution | None:
        """The two in one pass; None if that is not the same."""
        how = next((how for kind, how in HOW.items() if goes_as(second, kind)), None)
        if not (
            isinstance(first, Conv2D)
            and isinstance(second, Pooling)
            and how is not None
            and goes_as(first, Convolution)
            and has_fast_loops(first)
            and type(first.activation) is ReLU
            and second.pool_size == second.strides == (2, 2)
            and second.padding == "valid"
        ):
            return None
        return cls(first, how, keeps)

    @property
    def output(self) -> Array | None:
        """y of the last forward that was kept."""
        return None if self._saved is None else self._saved[1]

    def numbers_kept(self) -> int:
        """As every layer says it: y, its winners of a byte each, dL/dx, and of a mean dL/dz."""
        return (2 + 4 * self._fast.geometry.mean) * prod(self._shape) + prod(
            self.convolution.input_shape or ()
        )

    def forward(self, x: Array, training: bool = False) -> Array:
        """y for a batch; in training with what :meth:`backward` needs."""
        layer = self.convolution
        x = np.ascontiguousarray(layer.take_input(x))
        shape = (len(x), *self._shape)
        y = layer.work.array("pooled", shape, x.dtype)
        kept = training or self.keeps
        winner = layer.work.array("winner", shape, np.dtype(np.uint8)) if kept else None
        self._fast.forward(x, layer.W, layer.b if layer.use_bias else None, 0.0, y, winner)
        self._saved = None if winner is None else (x, y, winner)
        return y

    def backward(self, dy: Array, need_dx: bool = True) -> Array | None:
        """dW and db of the convolution, and dL/dx."""
        layer = self.convolution
        if self._saved is None:
            raise layer.no_forward()
        x, y, winner = self._saved
        dx = layer.work.array("dx", x.shape, dy.dtype) if need_dx else None
        db = layer.db if layer.use_bias else None
        dy = np.ascontiguousarray(dy).reshape(y.shape)
        self._fast.backward(x, dy, y, winner, layer.W, layer.dW, db, dx)
        return dx
