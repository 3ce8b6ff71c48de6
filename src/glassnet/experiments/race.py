"""SGD, momentum, AdaGrad and Adam on x0²/20 + x1² from (-7, 2), 30 steps."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from glassnet import plots
from glassnet.calculus import RACE, Formula, race
from glassnet.experiments.result import Claim, Result, Setting

FORMULA = "x0^2/20 + x1^2"  # a valley twenty times as steep across as along


def run(setting: Setting) -> Result:
    """The race of *Deep Learning from Scratch*, chapter 6."""
    f = Formula.parse(FORMULA)
    runs = race(f, (-7.0, 2.0), RACE, steps=30)
    turns = {name: _turns(run.path) for name, run in runs.items()}
    numbers = {
        name: {
            "learning rate": RACE[name]["learning_rate"], "end x0": float(run.end[0]),
            "end x1": float(run.end[1]), "f": float(run.values[-1]), "turns": turns[name],
        }
        for name, run in runs.items()
    }  # fmt: skip
    sgd, momentum, adagrad = (runs[n].values[-1] for n in ("SGD", "Momentum", "AdaGrad"))
    claims = (
        Claim(
            f"The valley is steep across and flat along. SGD jumps from wall to wall: across the "
            f"valley it turns back {turns['SGD']} times in 30 steps, momentum "
            f"{turns['Momentum']} times, Adam {turns['Adam']}, AdaGrad {turns['AdaGrad']}.",
            turns["SGD"] >= 25 and turns["AdaGrad"] < 10 and turns["Momentum"] < 10,
        ),
        Claim(
            f"AdaGrad, which measures each direction by its own gradients, ends lowest: f = "
            f"{adagrad:.2g}, where SGD has {sgd:.2g} and momentum, which swings past, "
            f"{momentum:.2g}. "
            "All four began at f = 6.45.",
            adagrad == min(run.values[-1] for run in runs.values()) and sgd < 1,
        ),
    )

    def draw() -> Figure:
        return plots.race(f, runs, (-8, 8), (-4, 4))

    return Result(numbers, claims, {"race": draw})


def _turns(path: np.ndarray) -> int:
    """How often the step across the valley changes its sign."""
    across = np.sign(np.diff(path[:, 1]))
    return int((across[1:] * across[:-1] < 0).sum())
