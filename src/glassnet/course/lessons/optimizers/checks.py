"""What is asked of the optimizers."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Thing, Trial, check
from glassnet.course.judging.values import FloatArray
from glassnet.verify.optimizer_formulas import OPINIONS

SHAPES = {"W": (2, 3), "b": (3,)}
STEPS = 20


def _update(optimizer: Thing, params: dict[str, FloatArray], grads: dict[str, FloatArray]) -> None:
    optimizer.update(params, grads, changes=(0,))


def _walk(t: Trial, name: str, arguments: tuple[float, ...], **settings: Any) -> None:
    """As many steps as ``STEPS``, beside the optimizer of the papers, one weight vector each."""
    optimizer = t.new(*arguments)
    params = {key: t.normal(*shape) for key, shape in SHAPES.items()}
    paths = {}
    gradients = [{key: t.normal(*shape) for key, shape in SHAPES.items()} for _ in range(STEPS)]
    for key, shape in SHAPES.items():
        flat = np.array([one[key].ravel() for one in gradients])
        path = OPINIONS[name].path(flat, params[key].ravel(), settings)
        paths[key] = [np.reshape(w, shape) for w in path]
    for step in range(STEPS):
        _update(optimizer, params, gradients[step])
        for key in SHAPES:
            t.close(params[key], paths[key][step], f"params[{key!r}]", 1e-9, step=step + 1)


def _first_step(t: Trial, arguments: tuple[float, ...], expected: list[float]) -> None:
    params = {"w": np.array([1.0, 1.0])}
    _update(t.new(*arguments), params, {"w": np.array([2.0, -0.5])})
    t.close(params["w"], expected, "params['w']", 1e-5)


@check("Momentum")
def momentum_by_hand(t: Trial) -> None:
    optimizer, params = t.new(0.1, 0.5), {"w": np.array([1.0])}
    for expected in (0.8, 0.5, 0.15):
        _update(optimizer, params, {"w": np.array([2.0])})
        t.close(params["w"], [expected], "params['w']")


@check("Momentum")
def momentum_walk(t: Trial) -> None:
    _walk(t, "momentum", (0.1, 0.8), learning_rate=0.1, momentum=0.8)


@check("AdaGrad")
def adagrad_first_step(t: Trial) -> None:
    _first_step(t, (0.1,), [0.9, 1.1])


@check("AdaGrad")
def adagrad_walk(t: Trial) -> None:
    _walk(t, "adagrad", (0.1,), learning_rate=0.1, initial_accumulator_value=0.0)


@check("RMSprop")
def rmsprop_first_step(t: Trial) -> None:
    step = 0.1 / np.sqrt(0.1)
    _first_step(t, (0.1, 0.9), [1 - step, 1 + step])


@check("RMSprop")
def rmsprop_walk(t: Trial) -> None:
    _walk(t, "rmsprop", (0.01, 0.9), learning_rate=0.01, rho=0.9)


@check("Adam")
def adam_first_step(t: Trial) -> None:
    _first_step(t, (0.1,), [0.9, 1.1])


@check("Adam")
def adam_walk(t: Trial) -> None:
    _walk(t, "adam", (0.1, 0.8, 0.99), learning_rate=0.1, beta_1=0.8, beta_2=0.99)
