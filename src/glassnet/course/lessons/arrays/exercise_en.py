# glassnet lesson: arrays
"""x·W + b, for one sample and for a batch. Then: glassnet check arrays"""

import numpy as np


def affine(x, W, b):
    """x·W + b.

    x: one sample, shape (inputs,), or a batch, shape (n, inputs).
    W: shape (inputs, outputs). b: shape (outputs,), or given as a column (outputs, 1).
    Returns shape (outputs,) for one sample, (n, outputs) for a batch.
    """
    raise NotImplementedError
