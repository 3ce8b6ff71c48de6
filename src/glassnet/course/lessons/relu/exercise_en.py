# glassnet lesson: relu
"""ReLU and sigmoid as layers, forward and backward. Then: glassnet check relu"""

import numpy as np


class ReLU:
    """max(x, 0), for each number of an array."""

    def forward(self, x):
        """x: an array of any shape. Returns the outputs, and keeps what backward needs."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy, of the shape of x. Returns dL/dx, and leaves dout as it is.

        At x = 0 the gradient is 0.
        """
        raise NotImplementedError


class Sigmoid:
    """1 / (1 + e⁻ˣ), for each number of an array."""

    def forward(self, x):
        """x: an array of any shape. Returns the outputs, and keeps what backward needs."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy, of the shape of x. Returns dL/dx, and leaves dout as it is."""
        raise NotImplementedError
