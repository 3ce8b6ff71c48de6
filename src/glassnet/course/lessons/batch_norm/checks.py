"""What is asked of batch normalization."""

from functools import partial

import numpy as np

from glassnet.course.judging.trial import Thing, Trial, check
from glassnet.course.judging.values import FloatArray, numbers

CASES = ((2, 3), (5, 2), (8, 1), (4, 4))  # samples, features
EPS = 1e-3
MOMENTUM = 0.8


class Norm:
    """The learner's layer with random γ and β, and the formula beside it."""

    def __init__(self, t: Trial, features: int) -> None:
        self.gamma, self.beta = 1 + 0.5 * t.normal(features), t.normal(features)
        self.layer: Thing = t.new(self.gamma, self.beta, MOMENTUM, EPS)

    def formula(
        self, x: FloatArray, gamma: FloatArray | None = None, beta: FloatArray | None = None
    ) -> FloatArray:
        """y in training."""
        mean = np.einsum("ni->i", x) / len(x)
        variance = np.einsum("ni,ni->i", x - mean, x - mean) / len(x)
        gamma, beta = self.gamma if gamma is None else gamma, self.beta if beta is None else beta
        return np.asarray(gamma * (x - mean) / (variance + EPS) ** 0.5 + beta)


def _by_gamma(norm: Norm, x: FloatArray, gamma: FloatArray) -> FloatArray:
    return norm.formula(x, gamma=gamma)


def _by_beta(norm: Norm, x: FloatArray, beta: FloatArray) -> FloatArray:
    return norm.formula(x, beta=beta)


def _batch(t: Trial, n: int, features: int) -> FloatArray:
    """Neither around 0 nor of spread 1."""
    return 3 * t.normal(features) + 2 * t.normal(n, features)


def _running(batches: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    mean, variance = np.zeros(batches[0].shape[1]), np.ones(batches[0].shape[1])
    for x in batches:
        center = np.einsum("ni->i", x) / len(x)
        spread = np.einsum("ni,ni->i", x - center, x - center) / len(x)
        mean = MOMENTUM * mean + (1 - MOMENTUM) * center
        variance = MOMENTUM * variance + (1 - MOMENTUM) * spread
    return mean, variance


@check("BatchNorm")
def mean_zero_spread_one(t: Trial) -> None:
    x = _batch(t, 50, 3)
    y = numbers(t.new(np.ones(3), np.zeros(3)).forward(x, True), "forward(x)")
    t.close(y.mean(axis=0), np.zeros(3), "forward(x).mean(axis=0)")
    t.close(y.std(axis=0), np.ones(3), "forward(x).std(axis=0)", 1e-3)


@check("BatchNorm")
def forward_in_training(t: Trial) -> None:
    for case in CASES:
        norm, x = Norm(t, case[1]), _batch(t, *case)
        t.close(norm.layer.forward(x, True), norm.formula(x), "forward(x)", x=x)


@check("BatchNorm")
def gradient_of_x(t: Trial) -> None:
    for case in CASES:
        norm, x, dout = Norm(t, case[1]), _batch(t, *case), t.normal(*case)
        norm.layer.forward(x, True)
        expected = t.pulled(norm.formula, x, dout)
        for _ in range(2):
            t.close(norm.layer.backward(dout), expected, "backward(dout)", 1e-6, x=x)


@check("BatchNorm")
def gradients_of_gamma_and_beta(t: Trial) -> None:
    for case in CASES:
        norm, x, dout = Norm(t, case[1]), _batch(t, *case), t.normal(*case)
        norm.layer.forward(x, True)
        norm.layer.backward(dout)
        dgamma = t.pulled(partial(_by_gamma, norm, x), norm.gamma, dout)
        dbeta = t.pulled(partial(_by_beta, norm, x), norm.beta, dout)
        t.close(norm.layer.value("dgamma"), dgamma, "dgamma", 1e-6)
        t.close(norm.layer.value("dbeta"), dbeta, "dbeta", 1e-6)


@check("BatchNorm")
def running_statistics(t: Trial) -> None:
    for count in (1, 3):
        norm, batches = Norm(t, 3), [_batch(t, 4, 3) for _ in range(count)]
        for x in batches:
            norm.layer.forward(x, True)
        mean, variance = _running(batches)
        t.close(norm.layer.value("running_mean"), mean, "running_mean", batches=count)
        t.close(norm.layer.value("running_var"), variance, "running_var", batches=count)


@check("BatchNorm")
def at_inference(t: Trial) -> None:
    norm, batches = Norm(t, 3), [_batch(t, 4, 3) for _ in range(2)]
    for x in batches:
        norm.layer.forward(x, True)
    mean, variance = _running(batches)
    new = _batch(t, 5, 3)
    expected = norm.gamma * (new - mean) / np.sqrt(variance + EPS) + norm.beta
    t.close(norm.layer.forward(new, False), expected, "forward(x, False)", x=new)
    t.close(norm.layer.forward(new[:1], False), expected[:1], "forward(x[:1], False)")


@check("BatchNorm")
def inference_leaves_no_trace(t: Trial) -> None:
    norm, batch = Norm(t, 3), _batch(t, 4, 3)
    norm.layer.forward(batch, True)
    for _ in range(2):
        norm.layer.forward(_batch(t, 4, 3), False)
    mean, variance = _running([batch])
    t.close(norm.layer.value("running_mean"), mean, "running_mean")
    t.close(norm.layer.value("running_var"), variance, "running_var")


@check("BatchNorm")
def batch_of_one(t: Trial) -> None:
    norm = Norm(t, 3)
    with t.quiet("forward(x)"):
        t.close(norm.layer.forward(_batch(t, 1, 3), True), norm.beta[None], "forward(x)")
        t.close(norm.layer.backward(t.normal(1, 3)), np.zeros((1, 3)), "backward(dout)")
