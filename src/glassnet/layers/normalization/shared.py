"""The loops of batch normalization over feature maps, their rows shared out over the cores."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet._core.team import parts_of, share_out
from glassnet._core.types import Array
from glassnet.layers.normalization import kernels

LARGE = 2**17  # numbers from which on more cores are faster


def parts_for(x: Array) -> int:
    """In how many parts the rows are taken; up to LARGE numbers go by the plain kernels."""
    return parts_of(len(x), x.shape[1])


def batch_moments(x: Array, mean: Array, variance: Array) -> None:
    """mean = Σᵢ xᵢ / n,  variance = Σᵢ (xᵢ - mean)² / n, for each column."""
    if x.size <= LARGE:
        kernels.batch_moments(x, mean, variance)
        return
    parts = parts_for(x)
    sums = np.empty((parts, x.shape[1]), x.dtype)
    share_out(len(x), parts, lambda here, part, _: kernels.sum_columns(x[here], sums[part]))
    np.divide(sums.sum(axis=0), len(x), out=mean)
    share_out(
        len(x), parts, lambda here, part, _: kernels.sum_squares_around(x[here], mean, sums[part])
    )
    np.divide(sums.sum(axis=0), len(x), out=variance)


def scale_and_shift(
    x: Array, mean: Array, inverse: Array, gamma: Array, beta: Array, normalised: Array, y: Array
) -> None:
    """x̂ = (x - mean)·inverse,  y = γ·x̂ + β."""
    if x.size <= LARGE:
        kernels.scale_and_shift(x, mean, inverse, gamma, beta, normalised, y)
        return

    def work(here: slice, part: int, thread: int) -> None:
        kernels.scale_and_shift(x[here], mean, inverse, gamma, beta, normalised[here], y[here])

    share_out(len(x), parts_for(x), work)


def sum_products(dy: Array, normalised: Array, dbeta: Array, dgamma: Array) -> None:
    """dβ = Σᵢ dyᵢ,  dγ = Σᵢ dyᵢ·x̂ᵢ, for each column."""
    if dy.size <= LARGE:
        kernels.sum_products(dy, normalised, dbeta, dgamma)
        return
    parts = parts_for(dy)
    sums = np.empty((2, parts, dy.shape[1]), dy.dtype)

    def work(here: slice, part: int, thread: int) -> None:
        kernels.sum_products(dy[here], normalised[here], sums[0, part], sums[1, part])

    share_out(len(dy), parts, work)
    np.sum(sums[0], axis=0, out=dbeta)
    np.sum(sums[1], axis=0, out=dgamma)


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
    sums = dbeta, dgamma
    if dy.size <= LARGE:
        kernels.batch_backward(dy, normalised, inverse, gamma, *sums, share, dx)
        return

    def work(here: slice, part: int, thread: int) -> None:
        kernels.batch_backward(dy[here], normalised[here], inverse, gamma, *sums, share, dx[here])

    share_out(len(dy), parts_for(dy), work)
