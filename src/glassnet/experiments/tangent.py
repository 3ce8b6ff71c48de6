"""f(x) = 0.01x² + 0.1x has the slope 0.2 at 5 and 0.3 at 10."""

from __future__ import annotations

from matplotlib.figure import Figure

from glassnet import plots
from glassnet.calculus import Formula, numerical_diff, tangent_line
from glassnet.experiments.result import Claim, Result, Setting

FORMULA = "0.01*x^2 + 0.1*x"
EXACT = {5: 0.2, 10: 0.3}  # f′(x) = 0.02x + 0.1


def run(setting: Setting) -> Result:
    """The slope by central differences, h = 1e-4, and the tangents at both points."""
    f = Formula.parse(FORMULA)
    slopes = {x: numerical_diff(f, x) for x in EXACT}
    error = max(abs(slopes[x] - EXACT[x]) for x in EXACT)
    numbers = {"f(x)": FORMULA, **{f"slope at {x}": s for x, s in slopes.items()}}
    numbers |= {f"tangent at {x}": str(tangent_line(f, x)) for x in EXACT}
    numbers["largest error"] = error
    text = (
        f"The tangents rise by {slopes[5]:.4f} and {slopes[10]:.4f}: the derivative 0.02x + 0.1 to "
        f"within {error:.0e}. Doubling the way along x does not double the slope."
    )

    def draw() -> Figure:
        title = "Slopes of 0.01x² + 0.1x"
        return plots.tangents(f, list(EXACT), (0, 20), title=title)

    return Result(numbers, (Claim(text, error < 1e-9),), {"tangent": draw})
