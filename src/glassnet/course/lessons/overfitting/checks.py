"""What is asked of dropout and of weight decay."""

from typing import Any

import numpy as np

from glassnet.course.judging.trial import Thing, Trial, check
from glassnet.course.judging.values import FloatArray, numbers

RATES = (0.2, 0.5, 0.8)
SHAPE = (60, 50)
SURE = 6.0  # standard errors
FACTORS = (0.01, 0.3)
SHAPES = {"W1": (3, 2), "b1": (2,), "W2": (2, 4), "b2": (4,)}
CALL = "forward(x)"


def _dropout(t: Trial, rate: float) -> Thing:
    return t.new(rate, np.random.default_rng(int(t.rng.integers(1 << 30))))


def _params(t: Trial) -> dict[str, FloatArray]:
    return {name: t.normal(*shape) for name, shape in SHAPES.items()}


def _near(t: Trial, got: float, expected: float, error: float) -> None:
    """As near as chance allows; ``error`` is the standard error."""
    t.that(abs(got - expected) <= SURE * error, f"{got:.3f} ≠ {expected:.3f} ± {SURE * error:.3f}")


@check("Dropout")
def kept_share(t: Trial) -> None:
    for rate in RATES:
        y = numbers(_dropout(t, rate).forward(np.ones(SHAPE), True), CALL)
        _near(t, float((y != 0).mean()), 1 - rate, (rate * (1 - rate) / y.size) ** 0.5)


@check("Dropout")
def mean_kept(t: Trial) -> None:
    for rate in RATES:
        y = numbers(_dropout(t, rate).forward(np.ones(SHAPE), True), CALL)
        _near(t, float(y.mean()), 1.0, (rate / (1 - rate) / y.size) ** 0.5)


@check("Dropout")
def scaled_or_zero(t: Trial) -> None:
    for rate in (0.0, *RATES):
        x = t.normal(6, 5)
        y = numbers(_dropout(t, rate).forward(x, True), CALL)
        if y.shape == x.shape:
            t.close(y, np.where(y == 0, 0, x / (1 - rate)), CALL, 1e-12, rate=rate)
        else:
            t.close(y, x, CALL)


@check("Dropout")
def another_mask_each_time(t: Trial) -> None:
    layer, x = _dropout(t, 0.5), np.ones((20, 30))
    one, other = (numbers(layer.forward(x, True), CALL) for _ in range(2))
    t.that(not np.array_equal(one, other), "forward(x) = forward(x)")
    t.that(not (one == one[0]).all(), "y[0] = y[1] = …")


@check("Dropout")
def same_mask_in_backward(t: Trial) -> None:
    for rate in RATES:
        layer, x, dout = _dropout(t, rate), np.ones((5, 8)), t.normal(5, 8)
        y = numbers(layer.forward(x, True), CALL)
        for _ in range(2):
            t.close(layer.backward(dout), dout * y, "backward(dout)", 1e-12, rate=rate)


@check("Dropout")
def nothing_at_inference(t: Trial) -> None:
    layer, x = _dropout(t, 0.5), t.normal(5, 8)
    layer.forward(x, True)
    t.close(layer.forward(x, False), x, "forward(x, False)", 1e-12)


@check("penalized_loss")
def loss_by_hand(t: Trial) -> None:
    params = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([10.0, 10.0])}
    t.close(t.call(1.0, params, 0.1), 1.5, "penalized_loss(1.0, params, 0.1)")


@check("penalized_loss")
def loss_of_two_layers(t: Trial) -> None:
    for l2 in (0.0, *FACTORS):
        params = _params(t)
        expected = 0.7 + l2 * sum(float(np.vdot(params[k], params[k])) for k in ("W1", "W2"))
        t.close(t.call(0.7, params, l2), expected, f"penalized_loss(0.7, params, {l2})")


def _entry(got: Any, name: str) -> Any:
    """One array of the dict that was returned; None where there is none."""
    return got.get(name) if isinstance(got, dict) else None


def _squares(a: FloatArray) -> float:
    return float((a**2).sum())


@check("penalized_gradients")
def gradients_by_hand(t: Trial) -> None:
    params = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([10.0, 10.0])}
    grads = {"W1": np.array([[0.5, 0.5]]), "b1": np.array([1.0, 2.0])}
    got = t.call(grads, params, 0.1)
    t.close(_entry(got, "W1"), [[0.7, 0.1]], "grads['W1']")
    t.close(_entry(got, "b1"), [1.0, 2.0], "grads['b1']")


@check("penalized_gradients")
def gradients_equal_differences(t: Trial) -> None:
    for l2 in FACTORS:
        params, grads = _params(t), _params(t)
        got = t.call(grads, params, l2)
        for name in SHAPES:
            factor = l2 if name.startswith("W") else 0.0
            slopes = factor * t.slope(_squares, params[name])
            t.close(_entry(got, name), grads[name] + slopes, f"grads[{name!r}]", 1e-7, l2=l2)
