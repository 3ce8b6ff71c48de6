"""Mistakes where the gradient leaves the loss."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.recorder import StepRecorder
from glassnet.model import Sequential


class SoftmaxTwice(Mistake):
    """dz = J·(p - t)/n, where (p - t)/n is the gradient through softmax already."""

    name = "softmax_twice"
    what = "dz = softmax.backward(p - t), though p - t has gone through the softmax already"

    def refuse(self, model: Sequential) -> str:
        if model.objective is not None and model.objective.fused:
            return ""
        return (
            "it needs softmax with cross-entropy (or sigmoid with binary cross-entropy) at the end"
        )

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        f = recorder.model.output_activation()
        assert f is not None
        return f.backward(recorder.last["y"], gradient)


class UnstableFormula(Mistake):
    """p by e^z as it stands, and the loss -log(p + 1e-7), in float32.

    For softmax dL/dp = -t / (p + 1e-7); for sigmoid (1 - t) / (1 - p + 1e-7) is added.  Where the
    truth has the probability q, the gradient becomes q / (q + 1e-7) of what it should be.  The
    loss that is shown stays the right one: it is the gradient that is made with the mistake.
    """

    name = "unstable_formula"
    what = "p = 1 / (1 + np.exp(-z)); loss = -np.log(p + 1e-7)   # in float32"
    least: ClassVar[Any] = np.float32(1e-7)

    def refuse(self, model: Sequential) -> str:
        return SoftmaxTwice().refuse(model)

    def remark(self, n: int) -> str:
        return "it shows where the network gives the truth less than about 1 %"

    def prepare(self, model: Sequential, x: Array, y: Array, weights: Array | None) -> Sequential:
        self.truth, self.weights = y, weights
        return model

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        objective, f = recorder.model.objective, recorder.model.output_activation()
        assert objective is not None and f is not None
        z = recorder.last["z"].astype(np.float32)

        # Far out on the logits the right gradient, (p - t)/n, is (1 - t)/n, or -t/n.
        far = np.full_like(gradient, 100.0)
        if f.elementwise:
            p = 1 / (1 + np.exp(-z))
            no = objective.loss.gradient(self.truth, far, self.weights)
            yes = -objective.loss.gradient(self.truth, -far, self.weights)
            dz = (no / (1 - p + self.least) - yes / (p + self.least)) * p * (1 - p)
        else:
            powers = np.exp(z)
            p = powers / powers.sum(axis=-1, keepdims=True)
            first, second = far.copy(), far.copy()
            first[..., 1:] = second[..., :1] = 0.0  # p is 1 in one class, and 0 in this one
            yes = -objective.loss.gradient(self.truth, first, self.weights)
            yes[..., :1] = -objective.loss.gradient(self.truth, second, self.weights)[..., :1]
            dp = -yes / (p + self.least)
            dz = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
        return np.asarray(dz, gradient.dtype)


class PredictionOverwritten(Mistake):
    """gradient = y_pred; gradient[...] -= t: the prediction itself is changed."""

    name = "prediction_overwritten"
    what = "gradient = y_pred; gradient[range(n), y] -= 1   # no copy: y_pred is changed"

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        last, objective = recorder.last, recorder.model.objective
        last.keep(y=gradient)
        y = last.layer.output
        if objective is not None and not objective.fused and y is not None:
            y[...] = gradient
        return gradient


class SumForMean(Mistake):
    """The gradient of the sum of the losses beside the mean loss."""

    name = "sum_for_mean"
    what = "loss = losses.sum(), shown or differentiated as if it were losses.mean()"

    def remark(self, n: int) -> str:
        return "with one sample the sum is the mean: pass two or more to see it" if n == 1 else ""

    def loss_gradient(self, recorder: StepRecorder, gradient: Array) -> Array:
        return np.asarray(gradient * gradient.dtype.type(len(gradient)))
