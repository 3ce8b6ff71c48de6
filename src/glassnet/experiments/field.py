"""The gradient of x0² + x1² at each point of the plane."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from glassnet import plots
from glassnet.calculus import Formula, gradient_field, numerical_gradient
from glassnet.experiments.result import Claim, Result, Setting

FORMULA = "x0^2 + x1^2"


def run(setting: Setting) -> Result:
    """The gradient at three points, and as arrows on a grid."""
    f = Formula.parse(FORMULA)
    points = ([3, 4], [0, 2], [3, 0])
    found = {f"gradient at {p}": numerical_gradient(f, p).tolist() for p in points}
    x0, x1, g0, g1 = gradient_field(f, (-2, 2), (-2, 2))
    away = (x0**2 + x1**2) > 1e-12
    # -∇f points at the origin: the cosine between -∇f and -x is 1
    lengths = np.hypot(g0, g1)[away] * np.hypot(x0, x1)[away]
    cosine = float(((g0 * x0 + g1 * x1)[away] / lengths).min())
    error = float(max(np.abs(g0 - 2 * x0).max(), np.abs(g1 - 2 * x1).max()))
    numbers = {"f(x0, x1)": FORMULA, **found, "largest error on the grid": error,
               "smallest cosine of -gradient and way to the bottom": cosine}  # fmt: skip
    steep = numerical_gradient(f, [3, 4])
    text = (
        f"At (3, 4) the gradient is ({steep[0]:.4f}, {steep[1]:.4f}). Against it every arrow "
        f"points at the bottom of the bowl (smallest cosine {cosine:.6f}), and the arrows get "
        "shorter on the way: the floor is flat there."
    )

    def arrows() -> Figure:
        title = "The way down, -∇f"
        return plots.gradient_field(f, (-2, 2), (-2, 2), title=title)

    def surface() -> Figure:
        run_down = [(-1.8 * 0.7**k, 1.8 * 0.7**k) for k in range(12)]
        return plots.surface(f, path=run_down, title="f(x0, x1) = x0² + x1²")

    holds = error < 1e-7 and cosine > 1 - 1e-9
    return Result(numbers, (Claim(text, holds),), {"field": arrows, "surface": surface})
