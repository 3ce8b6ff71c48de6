"""Gradient descent on a plain function, with the path it took and how it ended.

x ← x - η·∇f(x)            or the update of any of glassnet's optimizers
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.habits import LEARNING_RATE, one_rate
from glassnet._core.settings import keywords_of, refuse_unknown, whole_number
from glassnet.calculus.differences import numerical_gradient
from glassnet.calculus.ending import CONVERGED, Walk, judge, lost
from glassnet.calculus.values import FloatArray, as_float, brief, number
from glassnet.errors import ConfigError, DataError, ShapeError

if TYPE_CHECKING:
    from glassnet.optimizers.base import Optimizer

Function = Callable[[Any], Any]


# The race of Deep Learning from Scratch (chapter 6): on x²/20 + y² from (-7, 2), 30 steps.
# Its AdaGrad sums from 0, where Keras starts from 0.1.
RACE: dict[str, dict[str, Any]] = {
    "SGD": {"name": "sgd", "learning_rate": 0.95},
    "Momentum": {"name": "momentum", "learning_rate": 0.1},
    "AdaGrad": {"name": "adagrad", "learning_rate": 1.5, "initial_accumulator_value": 0.0},
    "Adam": {"name": "adam", "learning_rate": 0.3},
}


@dataclass(frozen=True)
class Descent:
    """Where a descent went; unpacks as ``end, path``.

    Attributes:
        end: the last point, of the shape of the start.
        path: (steps + 1, …) every point, the start first.
        values: (steps + 1,) f along the path.
        slopes: (steps + 1,) the length of the gradient along the path.
        status: "converged", "diverged", "oscillating", "stalled" or "stopped short".
        message: the same in a sentence, with the numbers and what to try.
        optimizer: its configuration.
        reason: why it ended so, in a word.
    """

    end: Any
    path: FloatArray
    values: FloatArray
    slopes: FloatArray
    status: str
    message: str
    optimizer: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def __iter__(self) -> Iterator[Any]:
        yield self.end
        yield self.path

    @property
    def steps(self) -> int:
        """Updates made."""
        return len(self.path) - 1

    @property
    def ok(self) -> bool:
        """It arrived."""
        return self.status == CONVERGED

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


def gradient_descent(
    f: Function,
    init_x: ArrayLike,
    learning_rate: float = 0.01,
    step_num: int = 100,
    optimizer: str | Mapping[str, Any] | Optimizer | None = None,
    gradient: Callable[[Any], ArrayLike] | None = None,
    **customary: Any,
) -> Descent:
    """Walk downhill from ``init_x``, which stays as it is.

    Args:
        f: takes x, returns one number.
        init_x: of any shape.
        learning_rate: η, also as ``lr``. An optimizer object, or a configuration that names
            one, brings its own.
        step_num: how many steps.
        optimizer: a name ("adam"), a configuration, or an object (which is copied and starts
            anew); None is plain gradient descent.
        gradient: ∇f, if it is known; otherwise central differences.

    >>> end, path = gradient_descent(lambda x: x[0]**2 + x[1]**2, [-3, 4], lr=0.1, step_num=20)
    >>> end.round(4).tolist(), path.shape
    ([-0.0346, 0.0461], (21, 2))

    Raises:
        ShapeError, DataError: f does not give one finite number at the start, or the
            gradient has another shape than x.
        ConfigError: learning_rate or step_num out of range, an unknown optimizer.
    """
    if customary:
        known = keywords_of(gradient_descent)
        customary = one_rate("gradient_descent", customary, known)
        learning_rate = customary.pop(LEARNING_RATE, learning_rate)
        refuse_unknown("gradient_descent", customary, known)
    x = as_float(init_x)
    if x.size == 0:
        raise ShapeError(f"gradient_descent: init_x is empty (shape {x.shape}).")
    steps = whole_number("gradient_descent", "step_num", step_num, minimum=0)
    mover = _optimizer(optimizer, learning_rate)
    mover.initialize(x.size, np.float64)
    nabla = _checked(gradient, x.shape) if gradient else lambda at: numerical_gradient(f, at)

    walk = Walk(mover.name, mover.current_learning_rate)
    problem = None
    slope = nabla(x.copy())
    walk.add(x, number(f, x.copy(), x), slope)
    for _ in range(steps):
        moved = x.copy()
        mover.step(moved.reshape(-1), slope.reshape(-1))
        try:  # what the start allowed can only fail because the walk went too far
            value = number(f, moved.copy(), moved)
            slope = nabla(moved.copy())
        except DataError as error:
            problem = str(error)
            break
        x = moved
        walk.add(x, value, slope)
    ending = lost(walk, problem) if problem else judge(f, walk)
    path = np.stack(walk.path)
    return Descent(
        end=path[-1].copy() if x.ndim else float(path[-1]),
        path=path,
        values=np.array(walk.values),
        slopes=np.array(walk.slopes),
        status=ending.status,
        message=ending.message,
        optimizer=mover.get_config(),
        reason=ending.reason,
    )


def race(
    f: Function,
    start: ArrayLike,
    optimizers: Mapping[str, Any] | Sequence[Any] | None = None,
    steps: int = 30,
    gradient: Callable[[Any], ArrayLike] | None = None,
) -> dict[str, Descent]:
    """Several optimizers from the same start: label -> ``Descent``.

    Args:
        optimizers: label -> name, configuration or object; or a row of them, which are then
            labelled by their names. None: the four of *Deep Learning from Scratch* (``RACE``).

    >>> runs = race(lambda x: x[0] ** 2 / 20 + x[1] ** 2, (-7, 2))
    >>> {label: run.end.round(2).tolist() for label, run in runs.items()}["SGD"]
    [-0.35, 0.08]

    Raises:
        ConfigError: no optimizers.
        ConfigError, ShapeError, DivergedError: as ``gradient_descent``.
    """
    chosen = RACE if optimizers is None else optimizers
    labelled = dict(chosen) if isinstance(chosen, Mapping) else _labels(chosen)
    if not labelled:
        raise ConfigError("race: no optimizers to compare.")
    return {
        label: gradient_descent(f, start, step_num=steps, optimizer=spec, gradient=gradient)
        for label, spec in labelled.items()
    }


def _optimizer(spec: Any, rate: float) -> Optimizer:
    from glassnet import optimizers  # not for a tangent

    if spec is None or isinstance(spec, str):
        return optimizers.get({"name": spec or "sgd", "learning_rate": rate})
    if isinstance(spec, Mapping):
        return optimizers.get({LEARNING_RATE: rate, **one_rate("optimizer", spec, [LEARNING_RATE])})
    return copy.deepcopy(optimizers.get(spec))


def _labels(specs: Sequence[Any]) -> dict[str, Any]:
    """A label for each: its name, numbered from the second of the same name on."""
    labelled: dict[str, Any] = {}
    for spec in [specs] if isinstance(specs, str) else specs:
        name = label = _optimizer(spec, 0.01).name
        count = 1
        while label in labelled:
            count += 1
            label = f"{name} {count}"
        labelled[label] = spec
    return labelled


def _checked(
    gradient: Callable[[Any], ArrayLike], shape: tuple[int, ...]
) -> Callable[[Any], FloatArray]:
    """``gradient`` with its answer checked."""

    def checked(x: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            slope = np.asarray(gradient(x))
        if slope.dtype.kind not in "biuf" or slope.shape != shape:
            raise ShapeError(
                f"the gradient at x = {brief(x)} is {slope.dtype} of shape {slope.shape}; "
                f"numbers of the shape of x, {shape}, were expected."
            )
        return as_float(slope)

    return checked
