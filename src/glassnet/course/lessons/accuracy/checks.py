"""What is asked of accuracy, loss, and their slopes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray, numbers

CASES = ((1, 2, 2), (5, 3, 2), (7, 2, 4), (20, 3, 3))  # samples, inputs, classes
TINY = 1e-6
MOVED = 40  # weights that are moved a little, one at a time


class Task:
    """A random problem, and the right answers to it."""

    def __init__(self, t: Trial, n: int, inputs: int, classes: int) -> None:
        self.x, self.W = t.normal(n, inputs), t.normal(inputs, classes)
        self.labels = t.rng.integers(classes, size=n)

    def accuracy(self, W: FloatArray) -> float:
        scores = np.einsum("ni,ic->nc", self.x, W)
        best = [max(range(len(row)), key=lambda c: row[c]) for row in scores.tolist()]
        return float(np.mean([a == b for a, b in zip(best, self.labels.tolist())]))

    def loss(self, W: FloatArray) -> float:
        scores = np.einsum("ni,ic->nc", self.x, W)
        right = scores[np.arange(len(scores)), self.labels]
        return float((np.logaddexp.reduce(scores, axis=1) - right).mean())

    def probabilities(self) -> FloatArray:
        scores = np.einsum("ni,ic->nc", self.x, self.W)
        return np.asarray(np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None]))

    def place(self, t: Trial) -> tuple[int, int]:
        row, column = (int(t.rng.integers(n)) for n in self.W.shape)
        return row, column


def _one(got: Any, call: str) -> float:
    """What should be a single number, as one."""
    return float(numbers(got, call).sum())


def _still(t: Trial, f: Callable[[Task, FloatArray], float]) -> float:
    """The share of moved weights that leave f where it was."""
    still = 0
    for _ in range(MOVED):
        task = Task(t, 20, 2, 3)
        moved = task.W.copy()
        moved[task.place(t)] += TINY
        still += f(task, moved) == f(task, task.W)
    return still / MOVED


@check("accuracy")
def accuracy_by_hand(t: Trial) -> None:
    x, labels = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]]), np.array([0, 1, 1])
    t.close(t.call(np.eye(2), x, labels), 2 / 3, "accuracy(W, x, t)")


@check("accuracy")
def accuracy_of_random_networks(t: Trial) -> None:
    for case in CASES:
        task = Task(t, *case)
        got = t.call(task.W, task.x, task.labels)
        t.close(got, task.accuracy(task.W), "accuracy(W, x, t)", n=case[0])


@check("accuracy")
def stands_still(t: Trial) -> None:
    share = _still(t, lambda task, W: _one(t.call(W, task.x, task.labels), "accuracy(W, x, t)"))
    t.that(share >= 0.9, f"{share:.0%}")


@check("loss")
def loss_of_guessing(t: Trial) -> None:
    for classes in (2, 3, 10):
        got = t.call(np.zeros((2, classes)), t.normal(6, 2), np.arange(6) % classes)
        t.close(got, np.log(classes), "loss(0, x, t)", classes=classes)


@check("loss")
def loss_of_random_networks(t: Trial) -> None:
    for case in CASES:
        task = Task(t, *case)
        got = t.call(task.W, task.x, task.labels)
        t.close(got, task.loss(task.W), "loss(W, x, t)", n=case[0])


@check("loss")
def loss_of_large_scores(t: Trial) -> None:
    W, x = np.array([[1000.0, -1000.0]]), np.array([[1.0], [-1.0]])
    with t.quiet("loss(W, x, t)"):
        t.close(t.call(W, x, np.array([0, 1])), 0.0, "loss(W, x, t)")
        t.close(t.call(W, x, np.array([0, 0])), 1000.0, "loss(W, x, t)")


@check("loss")
def never_stands_still(t: Trial) -> None:
    share = _still(t, lambda task, W: _one(t.call(W, task.x, task.labels), "loss(W, x, t)"))
    t.that(share == 0, f"{share:.0%}")


@check("slope")
def slope_by_hand(t: Trial) -> None:
    W = np.array([[1.0, 3.0], [2.0, 0.0]])
    for place, expected in (((0, 1), 6.0), ((1, 0), 0.0)):
        t.close(t.call(lambda W: W[0, 1] ** 2, W, place), expected, f"slope(W[0, 1]², W, {place})")


@check("slope")
def slope_of_random_functions(t: Trial) -> None:
    for shape in ((1, 1), (2, 3), (4, 2)):
        W, factors = t.normal(*shape), t.normal(*shape)
        place = tuple(int(t.rng.integers(n)) for n in shape)
        got = t.call(lambda W, a=factors: float((a * np.sin(W)).sum()), W, place, 1e-3)
        expected = factors[place] * np.cos(W[place])
        t.close(got, expected, "slope(f, W, place, 0.001)", 1e-6, place=place)


@check("slope")
def of_accuracy_and_of_loss(t: Trial) -> None:
    flat = 0
    for _ in range(MOVED):
        task = Task(t, 20, 2, 3)
        place = task.place(t)
        flat += _one(t.call(task.accuracy, task.W, place), "slope(accuracy, W, place)") == 0
        wrong = task.probabilities() - np.eye(3)[task.labels]
        exact = float(np.mean(task.x[:, place[0]] * wrong[:, place[1]]))
        t.close(t.call(task.loss, task.W, place), exact, "slope(loss, W, place)", 1e-6)
    t.that(flat >= 0.9 * MOVED, f"{flat} / {MOVED}")


@check("gain")
def gain_by_hand(t: Trial) -> None:
    t.close(t.call([2.0, 1.0], 3), 0.09861228866810969, "gain([2.0, 1.0], 3)")
    t.close(t.call([0.5, 0.8], 2), np.log(2) - 0.8, "gain([0.5, 0.8], 2)")


@check("gain")
def hardly_learned(t: Trial) -> None:
    t.close(t.call([1.6, 1.10, 1.08], 3), 0.01861228866810969, "gain([1.6, 1.10, 1.08], 3)")


@check("gain")
def gain_of_random_losses(t: Trial) -> None:
    for classes in (2, 5, 10):
        losses = [float(a) for a in np.abs(t.normal(4))]
        expected = -np.log(1 / classes) - losses[-1]
        t.close(t.call(losses, classes), expected, "gain(losses, classes)", classes=classes)
