# glassnet lesson: pooling
"""Max pooling and flattening, forward and backward. Then: glassnet check pooling"""

import numpy as np


class MaxPool:
    """out[p, q, c] = the largest x[p·stride + a, q·stride + b, c], over a and b below size."""

    def __init__(self, size, stride):
        """A window is size×size pixels; the next one begins stride pixels further."""
        self.size, self.stride = size, stride

    def forward(self, x):
        """x: shape (n, rows, columns, channels), without padding.

        Returns shape (n, oh, ow, channels): whole windows only, each channel by itself.
        """
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dout, of the shape that forward returned. Returns dL/dx, of the shape of x.

        Of equal numbers the first one wins, row by row.
        """
        raise NotImplementedError


class Flatten:
    """Images as rows, for the dense layer above."""

    def forward(self, x):
        """x: shape (n, rows, columns, channels). Returns shape (n, rows·columns·channels).

        Within a row: row of the image, column, channel.
        """
        raise NotImplementedError

    def backward(self, dout):
        """dout: of the shape that forward returned. Returns dL/dx, of the shape of x."""
        raise NotImplementedError
