"""Pixels along one line of an image: which stands for one outside, and which lie inside."""

from __future__ import annotations

from glassnet._core.jit import formula

CONSTANT, EDGE, REFLECT, WRAP = 0, 1, 2, 3  # what lies outside of an image
NOWHERE = -1


@formula
def folded(at: int, count: int, mode: int) -> int:
    """Which of ``count`` pixels in a row stands for number ``at``, which may lie outside."""
    if 0 <= at < count:
        return at
    if mode == CONSTANT:
        return NOWHERE
    if mode == EDGE:
        return 0 if at < 0 else count - 1
    if mode == WRAP:
        return at % count
    within = at % (2 * count)
    return within if within < count else 2 * count - 1 - within


@formula
def first_inside(start: float, step: float, end: float, count: int) -> int:
    """The first q of 0 … count with 0 ≤ start + step·q < end; count if there is none."""
    q = 0
    if start < 0.0 and step > 0.0:
        q = int(min(-start / step, float(count)))
    elif start >= end and step < 0.0:
        q = int(min((end - start) / step, float(count)))
    for _ in range(2):  # the rounding
        if q < count and not 0.0 <= start + step * q < end:
            q += 1
    return q if q < count and 0.0 <= start + step * q < end else count


@formula
def behind_last(start: float, step: float, end: float, first: int, count: int) -> int:
    """The q behind the last one that lies inside, from ``first``, which does, on."""
    q = count
    if step > 0.0:
        q = int(min((end - start) / step + 1.0, float(count)))
    elif step < 0.0:
        q = int(min(-start / step + 1.0, float(count)))
    while q > first + 1 and not 0.0 <= start + step * (q - 1) < end:
        q -= 1
    return q
