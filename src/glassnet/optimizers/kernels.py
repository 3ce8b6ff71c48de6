"""The update of each optimizer as one loop over flat vectors.

Each reads and writes every array once: an update is bound by memory, not by arithmetic.
The settings come as Python floats and take the type of the vector before the loop, so that a
float32 vector is updated in single precision, eight or sixteen numbers at a time. For the same
reason no literal number stands in a loop (it would be float64).

In all of them ``keep`` = 1 - η·λ, the decoupled weight decay of Loshchilov and Hutter (2019),
is applied to the weight before the step; without decay it is exactly 1.
All are elementwise: they may be called on slices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._core.jit import kernel

Array = NDArray[Any]


@kernel
def sgd(w: Array, g: Array, eta: float, keep: float) -> None:
    """w ← w - η·g"""
    number = w.dtype.type
    eta_, keep_ = number(eta), number(keep)
    for i in range(w.size):
        w[i] = keep_ * w[i] - eta_ * g[i]


@kernel
def momentum(w: Array, g: Array, u: Array, eta: float, mu: float, keep: float) -> None:
    """u ← μ·u - η·g,  w ← w + u"""
    number = w.dtype.type
    eta_, mu_, keep_ = number(eta), number(mu), number(keep)
    for i in range(w.size):
        u[i] = mu_ * u[i] - eta_ * g[i]
        w[i] = keep_ * w[i] + u[i]


@kernel
def nesterov(w: Array, g: Array, u: Array, eta: float, mu: float, keep: float) -> None:
    """u ← μ·u - η·g,  w ← w + μ·u - η·g,  the second with the new u"""
    number = w.dtype.type
    eta_, mu_, keep_ = number(eta), number(mu), number(keep)
    for i in range(w.size):
        u[i] = mu_ * u[i] - eta_ * g[i]
        w[i] = keep_ * w[i] + (mu_ * u[i] - eta_ * g[i])


@kernel
def adagrad(w: Array, g: Array, a: Array, eta: float, epsilon: float, keep: float) -> None:
    """a ← a + g²,  w ← w - η·g / √(a + ε)"""
    number = w.dtype.type
    eta_, epsilon_, keep_ = number(eta), number(epsilon), number(keep)
    for i in range(w.size):
        a[i] += g[i] * g[i]
        w[i] = keep_ * w[i] - eta_ * g[i] / np.sqrt(a[i] + epsilon_)


@kernel
def rmsprop(
    w: Array,
    g: Array,
    a: Array,
    mean: Array | None,
    u: Array | None,
    eta: float,
    rho: float,
    rest: float,
    mu: float,
    epsilon: float,
    keep: float,
) -> None:
    """a ← ρ·a + (1-ρ)·g²,  w ← w - η·g / √(a + ε)

    With ``mean``, the centred form: mean ← ρ·mean + (1-ρ)·g and √(a - mean² + ε).
    With ``u``, momentum: u ← μ·u + step and w ← w - u. Absent ones cost nothing: Numba drops
    the branch on None when it compiles.
    """
    number = w.dtype.type
    eta_, rho_, rest_ = number(eta), number(rho), number(rest)
    mu_, epsilon_, keep_ = number(mu), number(epsilon), number(keep)
    for i in range(w.size):
        a[i] = rho_ * a[i] + rest_ * (g[i] * g[i])
        variance = a[i]
        if mean is not None:
            mean[i] = rho_ * mean[i] + rest_ * g[i]
            variance = a[i] - mean[i] * mean[i]
        step = eta_ * g[i] / np.sqrt(variance + epsilon_)
        if u is not None:
            u[i] = mu_ * u[i] + step
            step = u[i]
        w[i] = keep_ * w[i] - step


@kernel
def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    alpha: float,
    rest_1: float,
    rest_2: float,
    epsilon: float,
    keep: float,
) -> None:
    """m ← m + (1-β₁)·(g - m),  v ← v + (1-β₂)·(g² - v),  w ← w - α·m / (√v + ε)"""
    number = w.dtype.type
    alpha_, rest_1_, rest_2_ = number(alpha), number(rest_1), number(rest_2)
    epsilon_, keep_ = number(epsilon), number(keep)
    for i in range(w.size):
        m[i] += rest_1_ * (g[i] - m[i])
        v[i] += rest_2_ * (g[i] * g[i] - v[i])
        w[i] = keep_ * w[i] - alpha_ * m[i] / (np.sqrt(v[i]) + epsilon_)


@kernel
def nadam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    share_m: float,
    share_g: float,
    correction: float,
    rest_1: float,
    rest_2: float,
    epsilon: float,
    keep: float,
) -> None:
    """m and v as in Adam,  w ← w - (a·m + b·g) / (√(c·v) + ε)"""
    number = w.dtype.type
    share_m_, share_g_, correction_ = number(share_m), number(share_g), number(correction)
    rest_1_, rest_2_ = number(rest_1), number(rest_2)
    epsilon_, keep_ = number(epsilon), number(keep)
    for i in range(w.size):
        m[i] += rest_1_ * (g[i] - m[i])
        v[i] += rest_2_ * (g[i] * g[i] - v[i])
        direction = share_m_ * m[i] + share_g_ * g[i]
        w[i] = keep_ * w[i] - direction / (np.sqrt(correction_ * v[i]) + epsilon_)
