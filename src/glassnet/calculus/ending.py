"""How a descent ended, in plain words: judged from its path, its values and its slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from glassnet.calculus.differences import usual_step
from glassnet.calculus.values import FloatArray, brief, number
from glassnet.errors import DataError

CONVERGED = "converged"
DIVERGED = "diverged"
OSCILLATING = "oscillating"
STALLED = "stalled"
STOPPED_SHORT = "stopped short"

FLAT = 1e-6  # a slope below this, and below this share of the first one, is an arrival


class Ending(NamedTuple):
    """How a walk ended.

    Attributes:
        status: one of the five above.
        reason: why, in a word, for who says it in another language.
        message: the same in a sentence, with the numbers and what to try.
    """

    status: str
    reason: str
    message: str


@dataclass
class Walk:
    """A descent while it runs: the points, f and the length of the gradient at each."""

    optimizer: str
    learning_rate: float
    path: list[FloatArray] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    slopes: list[float] = field(default_factory=list)

    def add(self, x: FloatArray, value: float, gradient: FloatArray) -> None:
        self.path.append(x)
        self.values.append(value)
        self.slopes.append(_length(gradient))

    @property
    def steps(self) -> int:
        return len(self.path) - 1

    @property
    def numbers(self) -> str:
        """What every message tells."""
        return (
            f"after {self.steps} step{'s' * (self.steps != 1)} "
            f"f went from {self.values[0]:.4g} to {self.values[-1]:.4g}, "
            f"the slope from {self.slopes[0]:.3g} to {self.slopes[-1]:.3g}"
        )

    @property
    def smaller(self) -> str:
        return f"Try a smaller learning rate than {self.learning_rate:g}."


def lost(walk: Walk, problem: str) -> Ending:
    """The walk broke off where f, or its slope, is no number any more."""
    words = f"step {walk.steps + 1} went too far: {problem} {walk.smaller}"
    return Ending(DIVERGED, "no number", words)


def judge(f: Callable[[Any], Any], walk: Walk) -> Ending:
    """How it ended, from where it went."""
    # What central differences cannot tell from 0.
    rounding = 1e-15 * abs(walk.values[-1]) / float(usual_step(np.abs(walk.path[-1]).max()))
    flat = walk.slopes[-1] <= max(FLAT * min(1.0, walk.slopes[0]), rounding)
    climbing = _climbing(walk)
    if flat and not climbing:
        return _arrived(f, walk)
    if walk.steps == 0:
        words = f"no steps were made; the slope is {walk.slopes[0]:.3g}."
        return Ending(STOPPED_SHORT, "no steps", words)
    return climbing or _not_moving(walk) or _bouncing(walk) or _short(walk)


def _arrived(f: Callable[[Any], Any], walk: Walk) -> Ending:
    """The slope is 0: a minimum, unless the surroundings say otherwise."""
    x, value = walk.path[-1], walk.values[-1]
    around = _surroundings(f, x)
    margin = 1e-14 * abs(value)
    for name, below, above in around:
        if max(below, above) < value - margin:
            return Ending(STALLED, "saddle", (
                f"the slope is {walk.slopes[-1]:.3g} at {brief(x)}, but f falls to both sides "
                f"of {name}: a maximum or a saddle. Start a little beside it."
            ))  # fmt: skip
    level = all(below == value == above for _, below, above in around)
    if around and level and value == walk.values[0]:
        words = f"f is flat around {brief(x)}: nothing to descend. Start elsewhere."
        return Ending(STALLED, "flat", words)
    return Ending(CONVERGED, "arrived", f"{walk.numbers}, at {brief(x)}.")


def _climbing(walk: Walk) -> Ending | None:
    if walk.steps == 0:
        return None
    values = np.array(walk.values)
    half = (len(values) + 1) // 2
    rounding = 1e-9 * float(np.abs(values[:half]).max())
    if values[-1] > values[0] and values[half:].max() > values[:half].max() + rounding:
        words = f"{walk.numbers}: the steps overshoot. {walk.smaller}"
        return Ending(DIVERGED, "overshoot", words)
    far = _length(walk.path[-1]) > 1e3 * (1 + _length(walk.path[0]))
    if far and walk.slopes[-1] > 10 * walk.slopes[0]:
        words = f"{walk.numbers}: f falls without end, at {brief(walk.path[-1])}."
        return Ending(DIVERGED, "endless", words)
    return None


def _not_moving(walk: Walk) -> Ending | None:
    moves = _moves(walk)
    if moves[-1] == 0:
        return Ending(STALLED, "no motion", (
            f"{walk.numbers}, but x = {brief(walk.path[-1])} no longer moves: a step is smaller "
            f"than the distance between floats there."
        ))  # fmt: skip
    short = moves.sum() < 1e-3 * max(1.0, _length(walk.path[0]))
    if walk.steps >= 10 and short and walk.slopes[-1] > 0.9 * walk.slopes[0]:
        plateau = walk.slopes[0] < 1e-3
        why = (
            "this is a plateau: start elsewhere"
            if plateau
            else f"the learning rate {walk.learning_rate:g} is too small"
        )
        words = f"{walk.numbers}; x moved by only {moves.sum():.2g}: {why}."
        return Ending(STALLED, "plateau" if plateau else "small rate", words)
    return None


def _bouncing(walk: Walk) -> Ending | None:
    """Steps that turn back and do not get shorter, while f gets no better."""
    if walk.steps < 6:
        return None
    half = walk.steps // 2
    values, lengths = np.array(walk.values), _moves(walk)
    better = values[: half + 1].min() - values[half + 1 :].min()
    no_gain = better <= 1e-6 * (values[0] - values.min())
    if _turning(walk) and no_gain and lengths[-2:].max() > 0.9 * lengths[half : half + 2].max():
        words = f"{walk.numbers}: the steps jump to and fro. {walk.smaller}"
        return Ending(OSCILLATING, "to and fro", words)
    return None


def _short(walk: Walk) -> Ending:
    turning = _turning(walk)
    words = (
        f"{walk.numbers}: not yet at the bottom. Try more steps, or a "
        f"{'smaller' if turning else 'larger'} learning rate than {walk.learning_rate:g}."
    )
    return Ending(STOPPED_SHORT, "turning" if turning else "slow", words)


def _turning(walk: Walk) -> bool:
    """In the second half, most steps go back against the one before."""
    steps = np.diff(np.stack(walk.path).reshape(walk.steps + 1, -1), axis=0)[walk.steps // 2 :]
    return len(steps) > 1 and float(np.mean((steps[1:] * steps[:-1]).sum(axis=1) < 0)) > 0.5


def _surroundings(f: Callable[[Any], Any], x: FloatArray) -> list[tuple[str, float, float]]:
    """f a little below and above x, along each coordinate (at most 100 of them)."""
    found = []
    for index in list(np.ndindex(x.shape))[:100]:
        pair = []
        for sign in (-1, 1):
            moved = x.copy()
            moved[index] += sign * 1e-3 * max(1.0, abs(float(x[index])))
            try:
                pair.append(number(f, moved, moved))
            except DataError:  # the edge of where f exists
                break
        if len(pair) == 2:
            name = f"x[{', '.join(map(str, index))}]" if index else "x"
            found.append((name, pair[0], pair[1]))
    return found


def _moves(walk: Walk) -> FloatArray:
    """How far each step went."""
    return np.array([_length(b - a) for a, b in zip(walk.path, walk.path[1:])])


def _length(vector: FloatArray) -> float:
    """The Euclidean length, without overflow on the way."""
    if vector.size <= 8:  # NumPy's calls take 20 times as long as the few numbers
        return math.hypot(*vector.ravel().tolist())
    largest = float(np.abs(vector).max())
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum((vector / largest) ** 2)))
