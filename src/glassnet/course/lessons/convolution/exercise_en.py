# glassnet lesson: convolution
"""Convolution by im2col, forward and backward. Then: glassnet check convolution"""

import numpy as np


def im2col(x, kh, kw, stride, pad):
    """Every window of the images as a row.

    x: shape (n, rows, columns, channels), which gets pad zeros on each of its four sides.
    A window is kh×kw pixels; the next one begins stride pixels further.
    Returns shape (n·oh·ow, kh·kw·channels): the windows of the first image row by row, then those
    of the second. Within a row of the result: row of the window, column, channel.
    """
    raise NotImplementedError


def col2im(col, shape, kh, kw, stride, pad):
    """The way back: adds each number of col to the pixel that im2col took it from.

    shape: that of x. Returns an array of this shape, without the padding.
    """
    raise NotImplementedError


class Conv2D:
    """out[p, q, f] = Σ x[p·stride + a, q·stride + b, c]·W[a, b, c, f] + b[f], over a, b and c."""

    def __init__(self, W, b, stride=1, pad=0):
        """W: shape (kh, kw, channels, filters), b: shape (filters,)."""
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        """x: shape (n, rows, columns, channels). Returns shape (n, oh, ow, filters)."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dout, of the shape that forward returned.

        Puts dL/dW into self.dW and dL/db into self.db, returns dL/dx.
        """
        raise NotImplementedError
