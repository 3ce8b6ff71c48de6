"""What is asked of initial weights."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray, numbers
from glassnet.course.lesson import CourseError

SIZES = ((50, 40), (200, 30), (20, 300))
SURE = 6.0  # standard errors
WIDTH, LAYERS = 300, 5


def _generator(t: Trial) -> np.random.Generator:
    return np.random.default_rng(int(t.rng.integers(1 << 30)))


def _drawn(t: Trial, n: int, m: int, rng: np.random.Generator) -> FloatArray:
    call = f"{t.part}({n}, {m}, rng)"
    got = numbers(t.call(n, m, rng), call)
    if got.shape != (n, m):
        raise CourseError("shape", call=call, got=got.shape, expected=(n, m))
    return got


def _around_zero(t: Trial, variance: Callable[[int, int], float]) -> None:
    for n, m in SIZES:
        mean = float(_drawn(t, n, m, _generator(t)).mean())
        error = SURE * (variance(n, m) / (n * m)) ** 0.5
        t.that(abs(mean) <= error, f"({n}, {m}): {mean:.2g} ≠ 0 ± {error:.2g}")


def _spread(t: Trial, variance: Callable[[int, int], float]) -> None:
    for n, m in SIZES:
        spread, expected = float(_drawn(t, n, m, _generator(t)).std()), variance(n, m) ** 0.5
        error = SURE * expected / (2 * n * m) ** 0.5
        says = f"({n}, {m}): {spread:.4f} ≠ {expected:.4f} ± {error:.4f}"
        t.that(abs(spread - expected) <= error, says)


def _seeds(t: Trial) -> None:
    one, same, other = (_drawn(t, 4, 3, np.random.default_rng(seed)) for seed in (5, 5, 6))
    t.that(np.array_equal(one, same), f"seed 5: {one[0, 0]:.4f} ≠ {same[0, 0]:.4f}")
    t.that(not np.array_equal(one, other), f"seed 5, seed 6: {one[0, 0]:.4f} = {other[0, 0]:.4f}")


def _comes_through(t: Trial, f: Callable[[FloatArray], Any], spread: float) -> None:
    """The spread behind the fifth layer beside that behind the first."""
    rng, x = _generator(t), spread * t.normal(60, WIDTH)
    found = []
    for _ in range(LAYERS):
        x = np.asarray(f(x @ _drawn(t, WIDTH, WIDTH, rng)))
        found.append(float(x.std()))
    says = " → ".join(f"{s:.3g}" for s in found)
    t.that(0.5 * found[0] <= found[-1] <= 2 * found[0] and found[-1] > 0, says)


def _relu(x: FloatArray) -> FloatArray:
    return np.clip(x, 0, None)


@check("xavier")
def xavier_around_zero(t: Trial) -> None:
    _around_zero(t, lambda n, m: 2 / (n + m))


@check("xavier")
def xavier_spread(t: Trial) -> None:
    _spread(t, lambda n, m: 2 / (n + m))


@check("xavier")
def xavier_seeds(t: Trial) -> None:
    _seeds(t)


@check("xavier")
def xavier_through_five_layers(t: Trial) -> None:
    _comes_through(t, np.tanh, 0.3)


@check("he")
def he_around_zero(t: Trial) -> None:
    _around_zero(t, lambda n, m: 2 / n)


@check("he")
def he_spread(t: Trial) -> None:
    _spread(t, lambda n, m: 2 / n)


@check("he")
def he_seeds(t: Trial) -> None:
    _seeds(t)


@check("he")
def he_through_five_layers(t: Trial) -> None:
    _comes_through(t, _relu, 1.0)


def _listed(got: Any) -> Any:
    return np.array(got, dtype=float) if isinstance(got, (list, tuple)) and got else got


@check("spreads")
def spreads_by_hand(t: Trial) -> None:
    x = np.array([[1.0], [3.0]])
    weights = [np.array([[2.0]]), np.array([[-1.0]])]
    got = _listed(t.call(x, weights, lambda z: z + 1))
    t.close(got, [2.0, 2.0], "spreads(x, weights, f)")
    got = _listed(t.call(x, [np.array([[-1.0]]), np.array([[5.0]])], _relu))
    t.close(got, [0.0, 0.0], "spreads(x, weights, relu)")


@check("spreads")
def spreads_of_random_layers(t: Trial) -> None:
    for widths in ((3, 2), (2, 4, 3), (3, 4, 4, 2)):
        x, expected = t.normal(6, widths[0]), list[float]()
        weights = [t.normal(n, m) for n, m in pairwise(widths)]
        h = x
        for W in weights:
            h = np.tanh(np.einsum("ni,io->no", h, W))
            expected.append(float(np.mean((h - h.mean()) ** 2) ** 0.5))
        got = _listed(t.call(x, weights, np.tanh))
        t.close(got, expected, "spreads(x, weights, tanh)", layers=len(weights))
