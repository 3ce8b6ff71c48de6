# glassnet lesson: affine
"""An affine layer, x·W + b, forward and backward. Then: glassnet check affine"""

import numpy as np


class Affine:
    """x·W + b. W: shape (inputs, outputs), b: shape (outputs,)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """x: shape (n, inputs), a sample in each row. Returns shape (n, outputs)."""
        raise NotImplementedError

    def backward(self, dout):
        """dout: dL/dy, shape (n, outputs). L is a mean over the samples, so 1/n is in dout already.

        Puts dL/dW into self.dW and dL/db into self.db, returns dL/dx.
        """
        raise NotImplementedError
