"""What is asked of a search: even draws by the logarithm, and a test set that is left alone."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

DRAWS = 2000
SURE = 1e-6  # so seldom would right draws look as uneven
# Kolmogorov and Smirnov's distance D = max |F_n - F|: P(D > d) ≤ 2·e^(-2nd²) (Massart 1990)
FARTHEST = float(np.sqrt(np.log(2 / SURE) / (2 * DRAWS)))
RANGES = ((1e-4, 1.0), (1e-8, 1e-2), (0.5, 50.0))


def _drawn(t: Trial, low: float, high: float) -> Any:
    rng = np.random.default_rng(int(t.rng.integers(1 << 30)))
    values = [t.call(rng, low, high) for _ in range(DRAWS)]
    return np.array([float(value) for value in values])


@check("draw")
def between(t: Trial) -> None:
    for low, high in RANGES:
        values = _drawn(t, low, high)
        worst = values[np.argmax(np.maximum(low - values, values - high))]
        inside = low * (1 - 1e-9) <= worst <= high * (1 + 1e-9)
        t.that(inside, f"draw(rng, {low:g}, {high:g}) = {worst:.5g}")


@check("draw")
def even_by_logarithm(t: Trial) -> None:
    for low, high in RANGES:
        places = np.log(_drawn(t, low, high) / low) / np.log(high / low)
        share = float((places < 0.5).mean())
        middle = (low * high) ** 0.5
        t.that(_distance(places) <= FARTHEST, f"P(< {middle:.3g}) = {share:.3f} ≠ 0.5")


def _distance(places: FloatArray) -> float:
    """D of numbers that should be even between 0 and 1."""
    ordered, steps = np.sort(places), np.arange(len(places) + 1) / len(places)
    return float(np.maximum(steps[1:] - ordered, ordered - steps[:-1]).max())


class Tables:
    """Three data sets, each known by its numbers, and models that write down what they saw."""

    def __init__(self, t: Trial, scores: dict[str, list[float]]) -> None:
        names = ("train", "val", "test")
        self.sets = [(np.full((2, 1), float(i)), np.full(2, float(i))) for i in range(3)]
        self.names, self.scores = names, scores
        self.candidates = [float(value) for value in t.rng.permutation(len(scores["val"])) + 1]
        self.fitted: list[str] = []
        self.tested: list[float] = []

    def fit(self, candidate: float, x: Any, y: Any) -> tuple[float, str]:
        self.fitted.append(self.names[int(x[0, 0])])
        return candidate, self.fitted[-1]

    def score(self, model: tuple[float, str], x: Any, y: Any) -> float:
        name = self.names[int(x[0, 0])]
        if name == "test":
            self.tested.append(model[0])
        spoiled = 0.0 if model[1] == "train" else 0.125
        return self.scores[name][self.candidates.index(model[0])] + spoiled

    def searched(self, t: Trial) -> list[float]:
        got = t.call(self.candidates, self.fit, self.score, *self.sets)
        t.notes.append(("fit, score", [len(self.fitted), len(self.tested)], ()))
        t.that(isinstance(got, tuple) and len(got) == 3, "search(…) ≠ (candidate, val, test)")
        return list(got)


SCORES = {
    "train": [0.75, 1.0, 0.875, 0.5],
    "val": [0.625, 0.375, 0.75, 0.25],
    "test": [0.875, 0.25, 0.5, 0.75],
}
EQUALS = {**SCORES, "val": [0.25, 0.75, 0.75, 0.5]}


@check("search")
def best_by_validation(t: Trial) -> None:
    tables = Tables(t, SCORES)
    got = tables.searched(t)
    t.close(float(got[0]), tables.candidates[2], "search(…)[0]")
    t.close(float(got[1]), 0.75, "search(…)[1]")
    t.close(float(got[2]), 0.5, "search(…)[2]")


@check("search")
def first_of_equals(t: Trial) -> None:
    tables = Tables(t, EQUALS)
    t.close(float(tables.searched(t)[0]), tables.candidates[1], "search(…)[0]")


@check("search")
def trained_on_train(t: Trial) -> None:
    tables = Tables(t, SCORES)
    tables.searched(t)
    others = [name for name in tables.fitted if name != "train"]
    t.that(not others, f"fit(candidate, *{''.join(others[:1])})")


@check("search")
def test_set_once(t: Trial) -> None:
    tables = Tables(t, SCORES)
    tables.searched(t)
    t.that(len(tables.tested) == 1, f"score(model, *test): {len(tables.tested)} ≠ 1")
