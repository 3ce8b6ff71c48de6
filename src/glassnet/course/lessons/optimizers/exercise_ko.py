# glassnet lesson: optimizers
"""옵티마이저 네 가지. 작성한 뒤: glassnet check optimizers

공통: params와 grads는 같은 이름을 가진 배열의 딕셔너리입니다. update는 params의 배열을 바꾸고
grads는 바꾸지 않습니다. 기억해야 하는 것은 배열마다 따로 기억합니다.
"""

import numpy as np


class Momentum:
    """v ← μ·v - η·g,  w ← w + v.  처음에 v는 0입니다."""

    def __init__(self, lr=0.01, momentum=0.9):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class AdaGrad:
    """h ← h + g²,  w ← w - η·g / √(h + ε).  처음에 h는 0이고, ε = 1e-7."""

    def __init__(self, lr=0.01):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class RMSprop:
    """h ← ρ·h + (1 - ρ)·g²,  w ← w - η·g / √(h + ε).  처음에 h는 0이고, ε = 1e-7."""

    def __init__(self, lr=0.001, rho=0.9):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError


class Adam:
    """m ← β₁·m + (1 - β₁)·g,  v ← β₂·v + (1 - β₂)·g²,

    w ← w - η·√(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε).  처음에 m과 v는 0이고, 첫 갱신에서
    t = 1이며, ε = 1e-7.
    """

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999):
        raise NotImplementedError

    def update(self, params, grads):
        raise NotImplementedError
