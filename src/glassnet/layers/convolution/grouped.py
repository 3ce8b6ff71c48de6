"""Convolutions in groups, and with strides and dilation at once: plain loops, shared over cores."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.convolution.axes import Axis
from glassnet.layers.convolution.kernels import convolve, input_gradient, kernel_gradient
from glassnet.layers.dense.kernels import sum_rows


class GroupedConvolution:
    """What :class:`FastConvolution` does, for any groups, strides and dilation."""

    def __init__(self, rows: Axis, columns: Axis, groups: int) -> None:
        self.axes = rows, columns
        self.steps = (rows.stride, columns.stride, rows.dilation, columns.dilation, groups)

    def forward(self, x: Array, W: Array, b: Array | None, floor: float, y: Array) -> None:
        """y ← max(x·W + b, floor)."""
        padded, W, y = self._pad(x), self._kernel(W), self._image(y)

        def work(here: slice, part: int, thread: int) -> None:
            out = y[here]
            convolve(padded[here], W, *self.steps, out)
            if b is not None:
                out += b
            if floor > -np.inf:
                np.maximum(out, floor, out=out)

        share_out(len(x), parts_of(len(x), W.size), work)

    def backward(
        self,
        x: Array,
        dy: Array,
        y: Array | None,
        winner: None,
        W: Array,
        dW: Array,
        db: Array | None,
        dx: Array | None,
    ) -> None:
        """dW, db and dx from dL/dy.  y: the output of ReLU, whose zeros pass no gradient."""
        n = len(x)
        dz = self._image(dy if y is None else np.where(y > 0, dy, dy.dtype.type(0)))
        padded, W = self._pad(x), self._kernel(W)
        dpadded = np.empty_like(padded if dx is not None else padded[:0])
        dWs = np.empty((parts_of(n, W.size), *W.shape), dW.dtype)

        def work(here: slice, part: int, thread: int) -> None:
            kernel_gradient(padded[here], dz[here], *self.steps, dWs[part])
            if dx is not None:
                input_gradient(dz[here], W, *self.steps, dpadded[here])

        share_out(n, len(dWs), work)
        dWs.sum(axis=0, out=self._kernel(dW))
        if db is not None:
            sum_rows(dz.reshape(-1, dz.shape[-1]), db)  # dL/db = Σ dL/dz, over samples and places
        if dx is not None:
            np.copyto(dx.reshape(n, *self._lengths(), -1), dpadded[self._inside()])

    def _lengths(self) -> tuple[int, ...]:
        return tuple(axis.length for axis in self.axes)

    def _image(self, z: Array) -> Array:
        rows, columns = self.axes
        return z.reshape(len(z), rows.windows, columns.windows, z.shape[-1])

    def _kernel(self, W: Array) -> Array:
        rows, columns = self.axes
        return W.reshape(rows.size, columns.size, *W.shape[-2:])

    def _inside(self) -> tuple[slice, ...]:
        """Where x lies in its padded array."""
        return slice(None), *(slice(a.before, a.before + a.length) for a in self.axes)

    def _pad(self, x: Array) -> Array:
        x = x.reshape(len(x), *self._lengths(), x.shape[-1])
        zeros: Any = [(axis.before, axis.after) for axis in self.axes]
        return np.pad(x, [(0, 0), *zeros, (0, 0)]) if np.any(zeros) else x
