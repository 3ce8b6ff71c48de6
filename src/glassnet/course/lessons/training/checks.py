"""What is asked of batches and of the loop."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

CASES = ((6, 3), (7, 3), (10, 4), (5, 1), (3, 8))


def _generator(t: Trial) -> np.random.Generator:
    return np.random.default_rng(int(t.rng.integers(1 << 30)))


def _joined(got: Any) -> list[int]:
    return [int(i) for batch in got for i in np.ravel(batch)]


@check("batches")
def each_sample_once(t: Trial) -> None:
    for n, size in CASES:
        got = t.call(n, size, _generator(t))
        t.that(isinstance(got, (list, tuple)), f"return [batch, batch, …]; {type(got).__name__}")
        seen = sorted(_joined(got))
        t.that(seen == list(range(n)), f"n = {n}, size = {size}: {seen}")


@check("batches")
def sizes(t: Trial) -> None:
    for n, size in CASES:
        lengths = [len(batch) for batch in t.call(n, size, _generator(t))]
        expected = [min(size, n - i) for i in range(0, n, size)]
        t.that(lengths == expected, f"n = {n}, size = {size}: {lengths} ≠ {expected}")


@check("batches")
def another_order_each_time(t: Trial) -> None:
    rng = _generator(t)
    one, other = _joined(t.call(30, 10, rng)), _joined(t.call(30, 10, rng))
    t.that(one != other, f"{one[:5]} … = {other[:5]} …")
    t.that(one != list(range(30)), f"{one[:5]} …")


@check("batches")
def same_seed_same_order(t: Trial) -> None:
    one, other = (_joined(t.call(30, 10, np.random.default_rng(5))) for _ in range(2))
    t.that(one == other, f"{one[:5]} … ≠ {other[:5]} …")


class Line:
    """The mean squared error of x·w beside t, and which samples each gradient saw."""

    def __init__(self, t: Trial, n: int) -> None:
        self.x, self.w = t.normal(n, 2), t.normal(2)
        self.t = np.asarray(self.x @ np.array([1.0, -2.0])) + 0.1 * t.normal(n)
        self.seen: list[list[int]] = []

    def gradient(self, w: FloatArray, x: FloatArray, t: FloatArray) -> FloatArray:
        here = [int(np.argmin(np.abs(self.x - row).sum(axis=1))) for row in x]
        self.seen.append(here)
        return np.asarray(2 * x.T @ (x @ w - t) / len(x))

    def loss(self, w: FloatArray) -> float:
        return float(((self.x @ w - self.t) ** 2).mean())


def _batches(n: int, size: int, rng: np.random.Generator) -> list[Any]:
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def _trained(t: Trial, line: Line, epochs: int, size: int, seed: int) -> Any:
    with t.among(batches=_batches):
        return t.call(line.gradient, line.w, line.x, line.t, 0.1, epochs, size,
                      np.random.default_rng(seed))  # fmt: skip


@check("fit")
def weights_after_training(t: Trial) -> None:
    for n, epochs, size in ((6, 1, 3), (7, 2, 3), (5, 3, 5)):
        line, rng = Line(t, n), np.random.default_rng(1)
        w = line.w
        for _ in range(epochs):
            for batch in _batches(n, size, rng):
                rows, truth = line.x[batch], line.t[batch]
                w = w - 0.1 * 2 * np.einsum("ni,n->i", rows, rows @ w - truth) / len(batch)
        got = _trained(t, line, epochs, size, 1)
        t.close(got, w, f"fit(…, epochs={epochs}, size={size}, …)", 1e-9)


@check("fit")
def each_sample_once_an_epoch(t: Trial) -> None:
    line = Line(t, 7)
    _trained(t, line, 2, 3, 0)
    t.notes.append(("seen", [list(batch) for batch in line.seen], ()))
    for epoch in (line.seen[:3], line.seen[3:]):
        seen = sorted(_joined(epoch))
        t.that(seen == list(range(7)), f"n = 7: {seen}")
    t.that(line.seen[:3] != line.seen[3:], f"{line.seen[:3]} = {line.seen[3:]}")


@check("fit")
def loss_falls(t: Trial) -> None:
    for seed in range(3):
        line = Line(t, 40)
        before, after = line.loss(line.w), line.loss(_trained(t, line, 10, 10, seed))
        t.that(after < 0.5 * before, f"{before:.3g} → {after:.3g}")
