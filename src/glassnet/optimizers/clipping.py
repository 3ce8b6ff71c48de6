"""Gradients held within bounds, in a copy: what the caller holds stays as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet._core.settings import number
from glassnet._core.types import Array
from glassnet.errors import ConfigError


class Clipping:
    """One of three ways to keep a gradient from becoming too long, or none.

    clipnorm: each parameter tensor t on its own,  t · c / max(‖t‖, c).
    clipvalue: each number on its own,  min(max(g, -c), c).
    global_clipnorm: the whole gradient,  g · c / max(‖g‖, c)  (Pascanu, Mikolov, Bengio 2013).

    As in Keras. PyTorch's ``clip_grad_norm_`` divides by ‖g‖ + 10⁻⁶ instead.

    Raises:
        ConfigError: a bound that is not above 0, or more than one way.
    """

    def __init__(
        self,
        owner: str,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        bounds = {
            "clipnorm": clipnorm,
            "clipvalue": clipvalue,
            "global_clipnorm": global_clipnorm,
        }
        self.bounds = {
            name: None if bound is None else number(owner, name, bound, above=0.0)
            for name, bound in bounds.items()
        }
        given = [name for name, bound in self.bounds.items() if bound is not None]
        if len(given) > 1:
            raise ConfigError(f"{owner}: {' and '.join(given)} are given; give only one of them.")
        self.active = bool(given)
        self._owner = owner
        self.segments: list[slice] = []
        self._out = np.empty(0)

    def prepare(self, size: int, dtype: np.dtype[Any], segments: Sequence[slice] | None) -> None:
        """Make room for gradients of ``size`` numbers; ``segments``: where each tensor lies."""
        self.segments = [slice(0, size)] if segments is None else list(segments)
        edges = [(s.start, s.stop) for s in sorted(self.segments, key=lambda s: s.start)]
        if [0, *(stop for _, stop in edges)] != [*(start for start, _ in edges), size]:
            raise ConfigError(
                f"{self._owner}: the segments {edges} do not cover 0 to {size} one after the "
                "other. Give one slice for each parameter tensor."
            )
        self._out = np.empty(size if self.active else 0, dtype)

    def __call__(self, gradients: Array, runs: Sequence[slice] | None = None) -> Array:
        """The clipped gradients; outside of ``runs`` what comes is not read or written.

        The array is the same at each call.
        """
        g, out = gradients, self._out
        everything = [slice(0, g.size)] if runs is None else list(runs)
        if (bound := self.bounds["clipvalue"]) is not None:
            for run in everything:
                np.clip(g[run], -bound, bound, out=out[run])
        elif (bound := self.bounds["clipnorm"]) is not None:
            for piece in _common(self.segments, everything):
                _shorten(g, [piece], bound, out)
        elif (bound := self.bounds["global_clipnorm"]) is not None:
            _shorten(g, everything, bound, out)
        return out

    def get_config(self) -> dict[str, float | None]:
        """The bounds by name."""
        return dict(self.bounds)


def _common(segments: Sequence[slice], runs: Sequence[slice]) -> list[slice]:
    """What each segment has in common with each run."""
    pairs = [(max(s.start, r.start), min(s.stop, r.stop)) for s in segments for r in runs]
    return [slice(start, stop) for start, stop in pairs if start < stop]


def _shorten(g: Array, pieces: Sequence[slice], bound: float, out: Array) -> None:
    """out = g · bound / max(‖g‖, bound), where g are all ``pieces`` together."""
    length = norm(g, pieces)
    # As in Keras, an infinite length makes everything NaN, so that it is noticed.
    factor = bound / max(length, bound) if math.isfinite(length) else math.nan
    for piece in pieces:
        np.multiply(g[piece], g.dtype.type(factor), out=out[piece])


def norm(g: Array, pieces: Sequence[slice]) -> float:
    """‖g‖ = √Σ g² over ``pieces``, summed in float64: 10²⁰ in float32 does not overflow."""
    from glassnet._core.kernels import sum_of_squares  # Numba: not to name an optimizer

    return math.sqrt(sum(float(sum_of_squares(g[piece])) for piece in pieces))
