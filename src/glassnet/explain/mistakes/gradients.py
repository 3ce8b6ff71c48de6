"""Mistakes in the backward pass of the layers."""

from __future__ import annotations

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.recorder import Record, StepRecorder, trained_names
from glassnet.layers import Layer
from glassnet.model import Sequential


class MeanOfBiasGradient(Mistake):
    """db = mean(dz) where dz was divided by n already."""

    name = "mean_of_bias_gradient"
    what = "db = dz.mean(axis=0), though the loss was divided by n already"

    def refuse(self, model: Sequential) -> str:
        biased = any("b" in trained_names(layer) for layer in model.all_layers())
        return "" if biased else "no layer has a bias"

    def remark(self, n: int) -> str:
        return "with one sample the mean is the sum: pass two or more to see it" if n == 1 else ""

    def layer_gradients(self, recorder: StepRecorder, record: Record) -> None:
        if "b" in record.parameters:
            db: Array = getattr(record.layer, "db")  # noqa: B009  not every layer has one
            db /= len(record["dz"])


class UpdateInBackward(Mistake):
    """W ← W - η·dW inside backward, before dx = dz·Wᵀ."""

    name = "update_in_backward"
    what = "self.W -= lr * dW; return dz @ self.W.T   # W has changed already"

    def refuse(self, model: Sequential) -> str:
        products = sum("W" in trained_names(layer) for layer in model.all_layers())
        return "" if products > 1 else "it shows below another Dense: the network has only one"

    def passed_on(self, recorder: StepRecorder, record: Record, dx: Array) -> Array:
        if "W" not in record.parameters or "dz" not in record:
            return dx
        layer, rate = record.layer, recorder.model.optimizer.current_learning_rate
        W: Array = getattr(layer, "W")  # noqa: B009  not every layer has one
        names = [f"d{name}" for name in record.parameters]
        kept = {name: np.array(getattr(layer, name)) for name in names}
        before = W.copy()
        W -= layer.dtype.type(rate) * kept["dW"]
        changed = np.array(type(layer).backward_logits(layer, record["dz"].copy()))
        W[...] = before
        for name, gradient in kept.items():  # which the second pass has written once more
            getattr(layer, name)[...] = gradient
        return changed


class LeftoverGradient(Mistake):
    """Gradients are added up and never set to zero."""

    name = "leftover_gradient"
    what = "dW += x.T @ dz, and nobody sets dW to zero before the next batch"

    def all_gradients(self, recorder: StepRecorder) -> None:
        gradients = recorder.model.parameters.gradients
        gradients += gradients


class GradientOverwritten(Mistake):
    """dout[mask] = 0 changes an array that the way around the block needs as well."""

    name = "gradient_overwritten"
    what = "def backward(self, dout): dout[self.mask] = 0; return dout   # or dout *= 1 - y**2"

    def refuse(self, model: Sequential) -> str:
        blocks = [layer for layer in model.layers[1:] if layer.wiring == "around"]
        if not blocks:
            return "it shows where one array is read twice: put a Residual block behind a layer"
        if any(_scales_gradient(block.sublayers()[-1]) for block in blocks):
            return ""
        return "the block ends in a layer that passes the gradient on as it is: put a ReLU there"

    def passed_on(self, recorder: StepRecorder, record: Record, dx: Array) -> Array:
        if record.layer.wiring != "around":
            return dx
        # From the end of the block on, each layer writes into the one array, up to the first
        # that needs an array of another shape or more than one number for each.
        changed = record["dy"]
        for inner in reversed(recorder.inside(record)):
            if not _scales_gradient(inner.layer):
                break
            changed = inner["dz" if "dz" in inner else "dx"]
            if inner.parameters:
                break
        return np.asarray(dx - record["dy"] + changed)


def _scales_gradient(layer: Layer) -> bool:
    """Whether its backward pass multiplies each number of the gradient by one of its own."""
    return Record(layer.name, layer, None).equations.scales_gradient
