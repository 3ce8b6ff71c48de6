"""The loops of the losses.

Each goes once over the predictions. It fills ``losses`` with the loss lᵢ of each row, replaces
the predictions by ∂L/∂p, and returns L = (1/n) Σ wᵢ·lᵢ, summed in float64. An empty ``weights``
stands for wᵢ = 1. See ``_core.kernels`` for the rules of these loops.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet._core.exponential import exp, log
from glassnet._core.jit import kernel
from glassnet._core.types import Array
from glassnet.activations.softmax import exponentials, subtract_row_max


@kernel
def squared_error(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ (p - t)²    ∂lᵢ/∂p = 2·(p - t)/k"""
    n, k = p.shape
    number = p.dtype.type
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w * number(2) / number(n * k))
        row = number(0)
        for j in range(k):
            error = p[i, j] - t[i, j]
            row += error * error
            p[i, j] = scale * error
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def absolute_error(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ |p - t|    ∂lᵢ/∂p = sign(p - t)/k, 0 at p = t"""
    n, k = p.shape
    number = p.dtype.type
    zero = number(0)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            error = p[i, j] - t[i, j]
            row += abs(error)
            side = scale if error > zero else -scale
            p[i, j] = side if abs(error) > zero else error  # 0, or NaN
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def huber(t: Array, p: Array, weights: Array, losses: Array, delta: float) -> float:
    """lᵢ = (1/k) Σ e²/2 if |e| ≤ δ, else δ·|e| - δ²/2    ∂lᵢ/∂p = min(max(e, -δ), δ)/k"""
    n, k = p.shape
    number = p.dtype.type
    d, half = number(delta), number(0.5)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = number(0)
        for j in range(k):
            error = p[i, j] - t[i, j]
            bounded = d if error > d else (-d if error < -d else error)
            row += bounded * (error - half * bounded)
            p[i, j] = scale * bounded
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def hinge(t: Array, p: Array, weights: Array, losses: Array) -> float:
    """lᵢ = (1/k) Σ max(1 - t·p, 0)    ∂lᵢ/∂p = -t/k where t·p < 1; t = 0 counts as -1"""
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            sign = t[i, j] if t[i, j] != zero else -one
            short = one - sign * p[i, j]
            row += zero if short <= zero else short
            slope = -scale * sign if short > zero else short  # NaN goes on
            p[i, j] = zero if short <= zero else slope
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def binary_probabilities(
    t: Array, p: Array, weights: Array, losses: Array, smoothing: float, epsilon: float
) -> float:
    """lᵢ = -(1/k) Σ t·log c + (1 - t)·log(1 - c), with c = min(max(p, ε), 1 - ε)

    ∂lᵢ/∂p = ((1 - t)/(1 - c) - t/c)/k, and 0 where p is clipped. Smoothing: t ← t·(1 - s) + s/2
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low, high = number(epsilon), number(1.0 - epsilon)
    keep, add = number(1.0 - smoothing), number(0.5 * smoothing)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v = p[i, j]
            c = low if v < low else (high if v > high else v)
            target = t[i, j] * keep + add
            row -= target * math.log(c) + (one - target) * math.log(one - c)
            slope = (one - target) / (one - c) - target / c
            p[i, j] = zero if v < low or v > high else scale * slope
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def binary_logits(t: Array, z: Array, weights: Array, losses: Array, smoothing: float) -> float:
    """lᵢ = (1/k) Σ max(z, 0) - t·z + log(1 + e), with e = exp(-|z|)    ∂lᵢ/∂z = (σ(z) - t)/k"""
    n, k = z.shape
    number = z.dtype.type
    zero, one = number(0), number(1)
    keep, add = number(1.0 - smoothing), number(0.5 * smoothing)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v = z[i, j]
            e = exp(-abs(v))
            target = t[i, j] * keep + add
            row += v * ((one if v > zero else zero) - target) + number(math.log1p(e))
            probability = (one if v > zero else e) / (one + e)
            z[i, j] = scale * (probability - target)
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def softmax_classes(
    classes: Array, z: Array, weights: Array, losses: Array, smoothing: float
) -> float:
    """lᵢ = log Σ eᶻ - z at the class    ∂lᵢ/∂z = p - t, with p = eᶻ/Σ eᶻ and t = 1 at the class

    Smoothing: t = 1 - s + s/k at the class and s/k elsewhere.
    Stops with NaN at a class outside 0..k-1 (a pass over them beforehand would cost as much as
    an activation); the caller says which.
    """
    n, k = z.shape
    number = z.dtype.type
    on, off = number(1.0 - smoothing), number(smoothing / k)
    subtract_row_max(z)
    for i in range(n):
        c = classes[i]
        if c < 0 or c >= k:
            return math.nan
        losses[i] = -on * z[i, c]
        if smoothing != 0.0:
            for j in range(k):
                losses[i] -= off * z[i, j]
    exponentials(z)
    sums = np.empty(n, z.dtype)
    for i in range(n):
        sum_e = number(0)
        for j in range(k):
            sum_e += z[i, j]
        sums[i] = sum_e
    for i in range(n):  # a loop of its own: eight logarithms at a time
        losses[i] += log(sums[i])
        sums[i] = number(1) / (number(n) * sums[i])
    mean = number(1) / number(n)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        total += w * losses[i]
        over, less = w * sums[i], w * mean * off
        for j in range(k):
            z[i, j] = z[i, j] * over - less
        z[i, classes[i]] -= w * mean * on
    return float(total / n)


@kernel
def softmax_rows(t: Array, z: Array, weights: Array, losses: Array) -> float:
    """lᵢ = Σ t·(log Σ eᶻ - z)    ∂lᵢ/∂z = p·Σt - t, with p = eᶻ/Σ eᶻ"""
    n, k = z.shape
    number = z.dtype.type
    zero = number(0)
    subtract_row_max(z)
    for i in range(n):
        losses[i] = zero
        for j in range(k):  # 0·log 0 = 0
            losses[i] -= t[i, j] * z[i, j] if t[i, j] != zero else zero
    exponentials(z)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n))
        sum_e, sum_t = zero, zero
        for j in range(k):
            sum_e += z[i, j]
            sum_t += t[i, j]
        losses[i] += sum_t * log(sum_e)
        total += w * losses[i]
        over = scale * sum_t / sum_e
        for j in range(k):
            z[i, j] = z[i, j] * over - scale * t[i, j]
    return float(total / n)


@kernel
def categorical_probabilities(
    t: Array, p: Array, weights: Array, losses: Array, epsilon: float
) -> float:
    """lᵢ = -Σ t·log c, with q = p/Σp and c = min(max(q, ε), 1 - ε)

    ∂lᵢ/∂p = (g - Σ g·q)/Σp, with g = ∂lᵢ/∂q = -t/q, and 0 where q is clipped
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low, high = number(epsilon), number(1.0 - epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        sum_p = zero
        for j in range(k):
            sum_p += p[i, j]
        scale = number(w / (number(n) * sum_p))
        row, sum_gq = zero, zero
        for j in range(k):
            target = t[i, j]
            q = p[i, j] / sum_p
            c = low if q < low else (high if q > high else q)
            if target != zero:
                row -= target * math.log(c)
            inside = zero if q < low or q > high else target
            sum_gq -= inside
            p[i, j] = -inside / c
        for j in range(k):
            p[i, j] = scale * (p[i, j] - sum_gq)
        losses[i] = row
        total += w * row
    return float(total / n)


@kernel
def poisson(
    t: Array, p: Array, weights: Array, losses: Array, epsilon: float, deviance: bool
) -> float:
    """lᵢ = (1/k) Σ p - t·log(p + ε)    ∂lᵢ/∂p = (1 - t/(p + ε))/k

    The deviance takes off what it is at p = t:  t - t·log t.
    """
    n, k = p.shape
    number = p.dtype.type
    zero, one, small = number(0), number(1), number(epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            v, u = p[i, j], t[i, j]
            row += v - u * math.log(v + small)
            if deviance:
                row -= u - u * math.log(u) if u > zero else zero
            p[i, j] = scale * (one - u / (v + small))
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def poisson_logits(
    t: Array, z: Array, e: Array, weights: Array, losses: Array, deviance: bool
) -> float:
    """lᵢ = (1/k) Σ e - t·z, with e = exp(z)    ∂lᵢ/∂z = (e - t)/k"""
    n, k = z.shape
    number = z.dtype.type
    zero = number(0)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else number(1)
        scale = number(w / number(n * k))
        row = zero
        for j in range(k):
            u = t[i, j]
            row += e[i, j] - u * z[i, j]
            if deviance:
                row -= u - u * math.log(u) if u > zero else zero
            z[i, j] = scale * (e[i, j] - u)
        losses[i] = row / number(k)
        total += w * losses[i]
    return float(total / n)


@kernel
def kl_divergence(t: Array, p: Array, weights: Array, losses: Array, epsilon: float) -> float:
    """lᵢ = Σ t·log(t/p), both clipped to [ε, 1]    ∂lᵢ/∂p = -t/p, and 0 where p is clipped"""
    n, k = p.shape
    number = p.dtype.type
    zero, one = number(0), number(1)
    low = number(epsilon)
    total = 0.0
    for i in range(n):
        w = weights[i] if weights.size else one
        scale = number(w / number(n))
        row = zero
        for j in range(k):
            v, u = p[i, j], t[i, j]
            c = low if v < low else (one if v > one else v)
            target = low if u < low else (one if u > one else u)
            row += target * math.log(target / c)
            p[i, j] = zero if v < low or v > one else -scale * target / c
        losses[i] = row
        total += w * row
    return float(total / n)


# --- checks of the targets ---------------------------------------------------------------


@kernel
def count_strange_signs(t: Array) -> int:
    """How many numbers are none of -1, 0 and 1; zeros are strange too where there are -1."""
    n, k = t.shape
    zero, one = t.dtype.type(0), t.dtype.type(1)
    strange, zeros, minuses = 0, 0, 0
    for i in range(n):
        for j in range(k):
            v = t[i, j]
            zeros += 1 if v == zero else 0
            minuses += 1 if v == -one else 0
            strange += 1 if abs(v) != one and v != zero else 0
    return strange + zeros if minuses else strange


@kernel
def count_improbable(t: Array) -> int:
    """How many numbers are below 0 or above 1."""
    n, k = t.shape
    zero, one = t.dtype.type(0), t.dtype.type(1)
    count = 0
    for i in range(n):
        for j in range(k):
            count += 1 if t[i, j] < zero or t[i, j] > one else 0
    return count
