"""Gradient descent on x0² + x1² from (-3, 4): well, too fast, too short."""

from __future__ import annotations

from functools import partial

import numpy as np

from glassnet import plots
from glassnet.calculus import Formula, gradient_descent
from glassnet.experiments.result import Claim, Result, Setting

FORMULA = "x0^2 + x1^2"
START = (-3.0, 4.0)
# A step multiplies x by 1 - 2·lr: beyond lr = 1 it goes further out each time.
RUNS = {
    "well": {"lr": 0.1, "step_num": 20},
    "too fast": {"lr": 1.05, "step_num": 20},
    "too short": {"lr": 0.1, "step_num": 4},
    "too slow": {"lr": 0.001, "step_num": 20},
}


def run(setting: Setting) -> Result:
    """Four descents; each says itself how it ended."""
    f = Formula.parse(FORMULA)
    # the options are of several types, which a table of them does not tell mypy
    runs = {name: gradient_descent(f, START, **options) for name, options in RUNS.items()}  # type: ignore[arg-type]
    numbers = {
        name: {
            "learning rate": RUNS[name]["lr"], "steps": run.steps, "end x0": float(run.end[0]),
            "end x1": float(run.end[1]), "f": float(run.values[-1]), "how": run.status,
        }
        for name, run in runs.items()
    }  # fmt: skip
    end = runs["well"].end
    fast, short, slow = runs["too fast"], runs["too short"], runs["too slow"]
    far = float(np.linalg.norm(fast.end))
    claims = (
        Claim(
            f"With learning rate 0.1, 20 steps lead to ({end[0]:.4f}, {end[1]:.4f}), near the "
            "bottom at (0, 0).",
            bool(np.allclose(end, [-0.0346, 0.0461], atol=5e-5)),
        ),
        Claim(
            f"With 1.05 each step jumps over the bottom, further out than it came from: after 20 "
            f"steps {far:.1f} away, where it began at 5 ({fast.status}).",
            far > 5 and fast.status == "diverged",
        ),
        Claim(
            f"With 4 steps, or with learning rate 0.001, it stops on the slope, at f = "
            f"{short.values[-1]:.2f} and {slow.values[-1]:.2f} ({short.status}).",
            short.status == "stopped short" and short.values[-1] < slow.values[-1] < 25,
        ),
    )
    pictures = {
        f"descent-{name.replace(' ', '-')}": partial(
            plots.descent, f, run, *([(-5, 5)] * 2 if name != "too fast" else ()),
            title=f"{name.capitalize()}: learning rate {RUNS[name]['lr']}",
        )
        for name, run in runs.items()
    }  # fmt: skip
    return Result(numbers, claims, pictures)
