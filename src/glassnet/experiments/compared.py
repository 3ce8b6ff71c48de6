"""One data set with each of the published mistakes, with all of them, and with none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.data import Dataset
from glassnet.experiments import pictures, published
from glassnet.experiments.published import ALL, IN_WORDS, Outcome
from glassnet.experiments.result import Claim, Draw, Setting

RIGHT, PUBLISHED = "none", "all three, as published"


def trainings(data: Dataset, setting: Setting, outer: int, inner: int) -> dict[str, Outcome]:
    """The article's network on ``data``: mistakes by name -> what came of it."""
    found = {}
    choices: Mapping[str, tuple[str, ...]] = {
        RIGHT: (), **{IN_WORDS[m]: (m,) for m in ALL}, PUBLISHED: ALL
    }  # fmt: skip
    for name, mistakes in choices.items():
        setting.say(f"Training with mistakes: {name} …")
        model = published.article_net(setting.seed)
        found[name] = published.train(model, data, mistakes, outer, inner)
    return found


def checks(data: Dataset, seed: int) -> dict[str, str]:
    """Mistakes by name -> which gradients the check finds off."""
    found = {}
    for name, mistake in ((RIGHT, ""), *((IN_WORDS[m], m) for m in ALL)):
        verdicts = published.caught_by_the_check(data, mistake, seed)
        off = [parameter for parameter, verdict in verdicts.items() if verdict == "off"]
        found[name] = f"wrong in {', '.join(off)}" if off else "all right"
    return found


def rows(runs: Mapping[str, Outcome], checked: Mapping[str, str]) -> dict[str, Any]:
    """A line for each training."""
    return {
        f"mistakes: {name}": {
            "last printed loss": run.losses[-1], "loss": run.end_loss, "accuracy": run.accuracy,
            "gradient check": checked.get(name, "–"),
        }
        for name, run in runs.items()
    }  # fmt: skip


def check_claim(checked: Mapping[str, str]) -> Claim:
    """The gradient check catches each mistake, and is silent without one."""
    caught = [name for name in IN_WORDS.values() if checked[name] != "all right"]
    biases = checked[IN_WORDS["mean_of_bias_gradient"]]
    return Claim(
        f"The gradient check catches {len(caught)} of 3 mistakes and finds the right step "
        f"{checked[RIGHT]}. Of the third it shows the place: {biases}.",
        len(caught) == 3 and checked[RIGHT] == "all right" and "/W" not in biases,
    )


def drawings(data: Dataset, runs: Mapping[str, Outcome], inner: int) -> dict[str, Draw]:
    """The losses of all trainings."""

    def losses() -> Figure:
        curves = {
            f"mistakes: {name}" if name == RIGHT else name: (
                inner * np.arange(len(run.losses)), run.losses
            )
            for name, run in runs.items()
        }  # fmt: skip
        finite = [loss for run in runs.values() for loss in run.losses if np.isfinite(loss)]
        grown = not np.isfinite([run.losses[-1] for run in runs.values()]).all()
        return pictures.lines(
            curves, title=f"{data.name}: the loss with the mistakes and without",
            subtitle="the line that leaves the picture grows until it is NaN" if grown else None,
            x="updates", y="loss", limits=(0.9 * min(finite), min(3.0, 1.1 * max(finite))),
        )  # fmt: skip

    return {"losses": losses}


def answers(title: str, data: Dataset, models: Mapping[str, Any]) -> Draw:
    """What the models answer over the plane."""
    points = dict.fromkeys(models, (data.x, data.y))
    return partial(pictures.boundaries, models, points, title=title)
