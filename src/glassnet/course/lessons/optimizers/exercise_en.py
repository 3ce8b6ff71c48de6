# glassnet lesson: optimizers
"""Four optimizers. Then: glassnet check optimizers

In each: params and grads are dicts of arrays with the same names. update changes the arrays of
params, and leaves grads as they are. What an optimizer remembers, it remembers for each array.
"""

import numpy as np


class Momentum:
    """v ← μ·v - η·g,  w ← w + v.  At first v is 0."""

    def __init__(self, lr=0.01, momentum=0.9):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class AdaGrad:
    """h ← h + g²,  w ← w - η·g / √(h + ε).  At first h is 0; ε = 1e-7."""

    def __init__(self, lr=0.01):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class RMSprop:
    """h ← ρ·h + (1 - ρ)·g²,  w ← w - η·g / √(h + ε).  At first h is 0; ε = 1e-7."""

    def __init__(self, lr=0.001, rho=0.9):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class Adam:
    """m ← β₁·m + (1 - β₁)·g,  v ← β₂·v + (1 - β₂)·g²,

    w ← w - η·√(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε).  At first m and v are 0; t = 1 in the
    first update; ε = 1e-7.
    """

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError
