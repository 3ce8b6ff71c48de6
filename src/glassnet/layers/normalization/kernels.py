"""Loops of the normalizations: moments, scaling and shifting, and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.jit import kernel
from glassnet._core.types import Array


@kernel
def batch_moments(x: Array, mean: Array, variance: Array) -> None:
    """mean = Σᵢ xᵢ / n,  variance = Σᵢ (xᵢ - mean)² / n, for each column."""
    n, k = x.shape
    share = x.dtype.type(1) / x.dtype.type(n)
    mean[:] = 0
    variance[:] = 0
    for i in range(n):
        for j in range(k):
            mean[j] += x[i, j]
    for j in range(k):
        mean[j] *= share
    for i in range(n):
        for j in range(k):
            variance[j] += (x[i, j] - mean[j]) ** 2
    for j in range(k):
        variance[j] *= share


@kernel
def sum_columns(x: Array, total: Array) -> None:
    """total = Σᵢ xᵢ, for each column."""
    total[:] = 0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total[j] += x[i, j]


@kernel
def sum_squares_around(x: Array, mean: Array, total: Array) -> None:
    """total = Σᵢ (xᵢ - mean)², for each column."""
    total[:] = 0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total[j] += (x[i, j] - mean[j]) ** 2


@kernel
def scale_and_shift(
    x: Array, mean: Array, inverse: Array, gamma: Array, beta: Array, normalised: Array, y: Array
) -> None:
    """x̂ = (x - mean)·inverse,  y = γ·x̂ + β."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            normalised[i, j] = (x[i, j] - mean[j]) * inverse[j]
            y[i, j] = gamma[j] * normalised[i, j] + beta[j]


@kernel
def sum_products(dy: Array, normalised: Array, dbeta: Array, dgamma: Array) -> None:
    """dβ = Σᵢ dyᵢ,  dγ = Σᵢ dyᵢ·x̂ᵢ, for each column."""
    dbeta[:] = 0
    dgamma[:] = 0
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dbeta[j] += dy[i, j]
            dgamma[j] += dy[i, j] * normalised[i, j]


@kernel
def batch_backward(
    dy: Array,
    normalised: Array,
    inverse: Array,
    gamma: Array,
    dbeta: Array,
    dgamma: Array,
    share: Any,
    dx: Array,
) -> None:
    """dx = γ·inverse·(dy - dβ·share - x̂·dγ·share); share is 1/n, or 0 with running values."""
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            pull = (dbeta[j] + normalised[i, j] * dgamma[j]) * share
            dx[i, j] = gamma[j] * inverse[j] * (dy[i, j] - pull)


@kernel
def normalise_rows(
    x: Array, epsilon: Any, gamma: Array, beta: Array, inverse: Array, normalised: Array, y: Array
) -> None:
    """For each row: x̂ = (x - μ)·inverse with inverse = 1/√(σ² + ε),  y = γ·x̂ + β."""
    n, k = x.shape
    share = x.dtype.type(1) / x.dtype.type(k)
    for i in range(n):
        mean = x.dtype.type(0)
        variance = x.dtype.type(0)
        for j in range(k):
            mean += x[i, j]
        mean *= share
        for j in range(k):
            variance += (x[i, j] - mean) ** 2
        inverse[i] = 1 / np.sqrt(variance * share + epsilon)
        for j in range(k):
            normalised[i, j] = (x[i, j] - mean) * inverse[i]
            y[i, j] = gamma[j] * normalised[i, j] + beta[j]


@kernel
def rows_backward(dy: Array, normalised: Array, inverse: Array, gamma: Array, dx: Array) -> None:
    """With g = γ·dy, for each row: dx = inverse·(g - mean(g) - x̂·mean(g·x̂))."""
    n, k = dy.shape
    share = dy.dtype.type(1) / dy.dtype.type(k)
    for i in range(n):
        mean = dy.dtype.type(0)
        along = dy.dtype.type(0)
        for j in range(k):
            mean += gamma[j] * dy[i, j]
            along += gamma[j] * dy[i, j] * normalised[i, j]
        mean *= share
        along *= share
        for j in range(k):
            dx[i, j] = inverse[i] * (gamma[j] * dy[i, j] - mean - normalised[i, j] * along)
