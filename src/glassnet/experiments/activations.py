"""Step, sigmoid and ReLU as curves."""

from __future__ import annotations

from functools import partial

import numpy as np

from glassnet import plots
from glassnet.activations import relu, sigmoid, step
from glassnet.experiments.result import Claim, Result, Setting


def run(setting: Setting) -> Result:
    """A few values, and the curves."""
    x = np.arange(-5.0, 5.0, 0.01)
    s = sigmoid(x)
    gap = float(np.abs(s - step(x))[np.abs(x) > 3].max())
    steepest = float(sigmoid.derivative(x).max())
    numbers = {
        name: {f"f({at})": float(f(at)) for at in (-5, -1, 0, 1, 5)}
        for name, f in (("step", step), ("sigmoid", sigmoid), ("relu", relu))
    }
    claims = (
        Claim(
            f"The sigmoid is a step without the jump: beyond |x| = 3 they differ by at most "
            f"{gap:.3f}. By hand: sigmoid(1) = {float(sigmoid(1.0)):.4f}, "
            f"sigmoid(5) = {float(sigmoid(5.0)):.4f}.",
            gap < 0.05 and abs(sigmoid(1.0) - 0.7311) < 5e-5 and abs(sigmoid(5.0) - 0.9933) < 5e-5,
        ),
        Claim(
            f"The step has slope 0 everywhere, so no gradient passes it. The sigmoid's slope is at "
            f"most {steepest:.2f}: each layer of them makes a gradient at least four times "
            "smaller. ReLU passes it whole for x > 0.",
            abs(steepest - 0.25) < 1e-6 and bool((relu.derivative(x[x > 0.001]) == 1).all()),
        ),
    )
    three = ["step", "sigmoid", "relu"]
    pictures = {
        "step": partial(plots.activation_curves, "step", -3, 3, 0.001, derivatives=False,
                        y_limits=(-0.1, 1.1), title="The step function"),
        "step-and-sigmoid": partial(plots.activation_curves, three[:2], -5, 5, derivatives=False,
                                    y_limits=(-0.1, 1.1), title="Step and sigmoid"),
        "all-three": partial(plots.activation_curves, three, -5, 5, derivatives=False,
                             y_limits=(-0.1, 5.1), title="Step, sigmoid and ReLU"),
    }  # fmt: skip
    return Result(numbers, claims, pictures)
