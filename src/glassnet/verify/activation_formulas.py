"""The activations once more, written for clearness in float64 with SciPy's special functions.

Nothing here is used by a network: these are the formulas of the papers, in another form than
the one that is trained with, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import erfc, expit, ndtr

from glassnet._core.types import Array

Value = Callable[[Array], Array]
Pull = Callable[[Array, Array], Array]  # z, dL/dy → dL/dz


def _sech2(z: Array) -> Array:
    """1 / cosh²(z) = 4·σ(2z)·σ(-2z), which cannot overflow."""
    return np.asarray(4 * expit(2 * z) * expit(-2 * z))


def _elu(alpha: float, scale: float = 1.0) -> tuple[Value, Pull]:
    return (
        lambda z: scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z, dy: dy * scale * np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))),
    )


def _leaky(slope: float) -> tuple[Value, Pull]:
    return (
        lambda z: np.maximum(z, 0) + slope * np.minimum(z, 0),
        lambda z, dy: dy * np.where(z > 0, 1, slope),
    )


def log_sum_exp(z: Array) -> Array:
    """log Σⱼ exp(zⱼ) of each row, built up from pairs: log(eᵃ + eᵇ)."""
    return np.asarray(np.logaddexp.reduce(z, axis=-1, keepdims=True))


def _softmax(z: Array) -> Array:
    return np.asarray(np.exp(z - log_sum_exp(z)))


def _softmax_pull(z: Array, dy: Array) -> Array:
    """Row by row with the whole Jacobian: diag(y) - y·yᵀ."""
    y = _softmax(z)
    return np.array([(np.diag(row) - np.outer(row, row)) @ d for row, d in zip(y, dy)])


def _log_softmax_pull(z: Array, dy: Array) -> Array:
    """The Jacobian is ∂yᵢ/∂zⱼ = δᵢⱼ - softmax(z)ⱼ."""
    eye = np.eye(z.shape[-1])
    return np.array([(eye - row).T @ d for row, d in zip(_softmax(z), dy)])


# Klambauer et al. 2017, equation 14, with the fixed point's constants worked out.
_e, _c1, _c2 = math.e, float(erfc(math.sqrt(0.5))), float(erfc(math.sqrt(2)))
SELU_ALPHA = -math.sqrt(2 / math.pi) / (_c1 * math.sqrt(_e) - 1)
SELU_SCALE = (
    (1 - _c1 * math.sqrt(_e)) * math.sqrt(2 * math.pi)
    / math.sqrt(2 * _c2 * _e**2 + math.pi * _c1**2 * _e
                - 2 * (2 + math.pi) * _c1 * math.sqrt(_e) + math.pi + 2)
)  # fmt: skip

_ROOT = math.sqrt(2 / math.pi)


def _inner(z: Array) -> Array:
    return _ROOT * (z + 0.044715 * z**3)


def _gelu_tanh_pull(z: Array, dy: Array) -> Array:
    """With f = z·σ(2u): f' = σ(2u) + z·σ'(2u)·2u'"""
    u, slope = _inner(z), _ROOT * (1 + 3 * 0.044715 * z**2)
    pulled: Array = dy * (expit(2 * u) + z * _sech2(u) / 2 * slope)
    return pulled


def _gelu_pull(z: Array, dy: Array) -> Array:
    pulled: Array = dy * (ndtr(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    return pulled


_silu: tuple[Value, Pull] = (
    lambda z: z * expit(z),
    lambda z, dy: dy * expit(z) * (1 + z * expit(-z)),
)

# Every name of the table → its value, and its backward pass.
FORMULAS: dict[str, tuple[Value, Pull]] = {
    "step": (lambda z: (z > 0).astype(float), lambda z, dy: 0 * dy),
    "linear": (lambda z: z, lambda z, dy: dy),
    "sigmoid": (expit, lambda z, dy: dy * expit(z) * expit(-z)),
    "tanh": (
        lambda z: -np.sign(z) * np.expm1(-2 * np.abs(z)) / (1 + np.exp(-2 * np.abs(z))),
        lambda z, dy: dy * _sech2(z),
    ),
    "relu": _leaky(0.0),
    "relu6": (
        lambda z: np.clip(z, 0, 6),
        lambda z, dy: dy * ((z > 0) & (z < 6)),
    ),
    "leaky_relu": _leaky(0.2),
    "elu": _elu(1.0),
    "selu": _elu(SELU_ALPHA, SELU_SCALE),
    "gelu": (lambda z: z * ndtr(z), _gelu_pull),
    "gelu_tanh": (lambda z: z * expit(2 * _inner(z)), _gelu_tanh_pull),
    "exponential": (lambda z: np.exp(z / 2) ** 2, lambda z, dy: dy * np.exp(z / 2) ** 2),
    "silu": _silu,
    "swish": _silu,
    "softplus": (lambda z: np.logaddexp(0, z), lambda z, dy: dy * expit(z)),
    "softmax": (_softmax, _softmax_pull),
    "log_softmax": (lambda z: z - log_sum_exp(z), _log_softmax_pull),
}

# Settings other than the usual: name, settings, formula.
VARIANTS: list[tuple[str, dict[str, float], tuple[Value, Pull]]] = [
    ("leaky_relu", {"negative_slope": 0.01}, _leaky(0.01)),
    ("elu", {"alpha": 0.5}, _elu(0.5)),
]
