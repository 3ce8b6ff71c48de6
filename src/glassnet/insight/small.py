"""What few rows can tell: intervals around shares and means."""

from __future__ import annotations

import math

Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations
FEW = 20  # rows, below which a group is called small


def wilson(hits: int, n: int, z: float = Z) -> tuple[float, float]:
    """Where the true share lies with 95 %, if ``hits`` of ``n`` were so (Wilson 1927).

    (p + z²/2n ± z·√(p·(1 - p)/n + z²/4n²)) / (1 + z²/n)

    >>> tuple(round(v, 3) for v in wilson(0, 10)), tuple(round(v, 3) for v in wilson(50, 100))
    ((0.0, 0.278), (0.404, 0.596))
    """
    p, square = hits / n, z * z
    half = z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    middle = p + square / (2 * n)
    low, high = (middle - half) / (1 + square / n), (middle + half) / (1 + square / n)
    return max(0.0, low), min(1.0, high)
