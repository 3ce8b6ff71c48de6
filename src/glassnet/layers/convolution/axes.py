"""Windows along one axis of a convolution, and which of them meet a place of x."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.layers.windows import Windows


class Axis(NamedTuple):
    """The windows along rows or columns, and the zeros around what they read."""

    length: int
    size: int
    stride: int
    dilation: int
    before: int
    after: int
    windows: int

    @classmethod
    def of(cls, w: Windows) -> Axis:
        """The same, of a layer."""
        return cls(w.length, w.size, w.stride, w.dilation, *w.padding, w.count)


class Phase(NamedTuple):
    """Every stride-th place of x, whose gradient is a convolution of dL/dz with stride 1.

    Attributes:
        axis: of that convolution.
        z: the places of dL/dz that it reads: others met zeros around x only.
        x: those places.
        W: the places of the kernel that meet them.
    """

    axis: Axis
    z: slice
    x: slice
    W: slice


def phases(axis: Axis) -> list[Phase]:
    """One for each place of the stride.

    x[r] meets W[a] in window p = (r + before - a·dilation)/stride, so only those a with
    r + before ≡ a·dilation modulo the stride count: a = φ, φ + stride, …
    """
    found = []
    s, d = axis.stride, axis.dilation
    for phase in range(min(s, axis.size)):
        taps = len(range(phase, axis.size, s))
        first = -((phase - axis.before) // s)  # ⌈(before - φ)/stride⌉
        last = (axis.length - 1 + axis.before - phase) // s
        reach = (taps - 1) * d
        begin, end = max(first - reach, 0), min(last + 1, axis.windows)
        if last < first or end <= begin:
            continue  # no place, or none that a window of x meets
        before, after = begin - (first - reach), last + 1 - end
        along = Axis(end - begin, taps, 1, d, before, after, last - first + 1)
        x = slice(s * first + phase - axis.before, None, s)
        found.append(Phase(along, slice(begin, end), x, slice(phase, None, s)))
    return found
