"""Every initializer: the numbers where they are fixed, else the distribution they come from.

Random numbers cannot be compared one by one with another system. Their distribution can: the
largest distance between the share of numbers below x and what it should be (Kolmogorov and
Smirnov) exceeds √(log(2/α) / 2n) with a chance of α, here one in a billion.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from glassnet import initializers
from glassnet._core.types import Array
from glassnet.verify.bench import Bench
from glassnet.verify.measure import DTYPES, EXACT, FORMULA

SHAPE = (300, 500)
N = SHAPE[0] * SHAPE[1]
KOLMOGOROV = math.sqrt(math.log(2 / 1e-9) / 2 / N)
SPREAD = 6 / math.sqrt(2 * N)  # six standard errors of a standard deviation


def _uniform(a: float) -> tuple[Callable[[Array], Array], float, float]:
    return lambda x: np.clip((x + a) / (2 * a), 0, 1), a / math.sqrt(3), a


def _normal(sigma: float) -> tuple[Callable[[Array], Array], float, float]:
    return lambda x: ndtr(x / sigma), sigma, math.inf


def _truncated(sigma: float) -> tuple[Callable[[Array], Array], float, float]:
    """A normal cut at ±2 of its own deviations s; the variance left is s²·(1 - 4φ(2)/(2Φ(2)-1))."""
    inside = 2 * float(ndtr(2.0)) - 1
    phi = math.exp(-2) / math.sqrt(2 * math.pi)
    s = sigma / math.sqrt(1 - 4 * phi / inside)
    low = float(ndtr(-2.0))
    return lambda x: np.clip((ndtr(x / s) - low) / inside, 0, 1), sigma, 2 * s


_IN, _OUT = SHAPE
_GLOROT = _uniform(math.sqrt(6 / (_IN + _OUT)))
_HE, _LECUN = _truncated(math.sqrt(2 / _IN)), _truncated(math.sqrt(1 / _IN))

# Name → distribution function, standard deviation, the furthest from 0.
DISTRIBUTIONS: dict[str, tuple[Callable[[Array], Array], float, float]] = {
    "random_normal": _normal(0.05),
    "normal": _normal(0.05),
    "random_uniform": _uniform(0.05),
    "uniform": _uniform(0.05),
    "variance_scaling": _LECUN,
    "glorot_uniform": _GLOROT,
    "xavier": _GLOROT,
    "glorot_normal": _truncated(math.sqrt(2 / (_IN + _OUT))),
    "he_normal": _HE,
    "he": _HE,
    "he_uniform": _uniform(math.sqrt(6 / _IN)),
    "lecun_normal": _LECUN,
    "lecun": _LECUN,
    "lecun_uniform": _uniform(math.sqrt(3 / _IN)),
}
FIXED: dict[str, tuple[dict[str, float], float]] = {
    "zeros": ({}, 0.0), "ones": ({}, 1.0), "constant": ({"value": 0.75}, 0.75),
}  # fmt: skip


def check(bench: Bench) -> None:
    """One subject for each initializer of the table."""
    for name in initializers.INITIALIZERS:
        if name not in DISTRIBUTIONS and name not in FIXED and name != "orthogonal":
            bench.unknown(name)
            continue
        with bench.on(name):
            if name in FIXED:
                _fixed(bench, name)
            elif name == "orthogonal":
                _orthogonal(bench)
            else:
                _random(bench, name)


def _fixed(bench: Bench, name: str) -> None:
    settings, value = FIXED[name]
    for dtype in DTYPES:
        drawn = initializers.get({"name": name, **settings})((3, 4), bench.rng, dtype)
        bench.compare("values", EXACT, drawn, np.full((3, 4), value), "", dtype)


def _orthogonal(bench: Bench) -> None:
    """Qᵀ·Q = 1, or Q·Qᵀ = 1 for a wide matrix."""
    for dtype in DTYPES:
        for shape in ((7, 4), (4, 7), (5, 5)):
            q = initializers.get("orthogonal")(shape, bench.rng, dtype).astype(np.float64)
            product = q.T @ q if shape[0] >= shape[1] else q @ q.T
            bench.compare("right angles", FORMULA, product, np.eye(min(shape)), str(shape), dtype)


def _random(bench: Bench, name: str) -> None:
    share_below, deviation, furthest = DISTRIBUTIONS[name]
    drawn = initializers.get(name)(SHAPE, bench.rng, "float64").ravel()
    x = np.sort(drawn)
    steps = np.arange(N + 1) / N
    should = share_below(x)
    apart = max(np.max(np.abs(should - steps[1:])), np.max(np.abs(should - steps[:-1])))
    where = "largest distance of the distribution"
    bench.tally("distribution", FORMULA, "float64", KOLMOGOROV).note(float(apart), where, N)
    off = abs(float(drawn.std()) / deviation - 1)
    bench.tally("deviation", FORMULA, "float64", SPREAD).note(off, f"deviation {drawn.std():.6g}")
    beyond = float(max(np.abs(drawn).max() / furthest - 1, 0)) if furthest < math.inf else 0.0
    bench.tally("range", FORMULA).note(beyond, f"up to {np.abs(drawn).max():.6g}", N)
    narrow = initializers.get(name)((5, 6), np.random.default_rng(bench.seed), "float32")
    wide = initializers.get(name)((5, 6), np.random.default_rng(bench.seed), "float64")
    bench.compare("the same seed", EXACT, narrow, wide.astype(np.float32), "", "float32")
