"""Three spiral arms: the article's training with its mistakes, and done right."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import Sequential, data, layers
from glassnet.experiments import compared
from glassnet.experiments.published import INNER, OUTER
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.runs import network, samples
from glassnet.runs.recipes import settings_for

STEPS = 10_000


def wide_net(seed: int) -> Sequential:
    """2-64-3 with Adam, the learning rate falling from 0.05."""
    spread = {"name": "random_normal", "stddev": 0.1}
    rate: dict[str, Any] = {
        "name": "inverse_time_decay", "initial_learning_rate": 0.05, "decay_steps": 1,
        "decay_rate": 5e-7,
    }  # fmt: skip
    model = Sequential(
        [
            layers.Dense(64, "relu", kernel_initializer=spread),
            layers.Dense(3, "softmax", kernel_initializer=spread),
        ],
        seed=seed,
    )
    model.compile(
        {"name": "adam", "learning_rate": rate}, "sparse_categorical_crossentropy", ["accuracy"]
    )
    return model


def run(setting: Setting, outer: int = OUTER, inner: int = INNER, steps: int = STEPS) -> Result:
    """The article's network, 2-4-3, on 3 × 100 points, and one of 64 hidden units."""
    points = data.spiral(100, seed=setting.seed)
    runs = compared.trainings(points, setting, outer, inner)
    checked = compared.checks(points, setting.seed)

    setting.say("Training a wider network …")
    model = wide_net(setting.seed)
    model.fit(points.x, points.y, batch_size=300, epochs=steps, shuffle=False, verbose=0)
    own = model.evaluate(points.x, points.y)
    setting.say("Training by the recipe of glassnet train …")
    settings = settings_for("spiral", {"seed": setting.seed})
    scaled = samples.load(settings)
    good = network.build(settings, scaled.data)
    good.fit(scaled.data, epochs=settings.epochs, batch_size=settings.batch_size, verbose=0)
    recipe = good.evaluate(*scaled.held_out)
    numbers = compared.rows(runs, checked)
    numbers |= {
        f"64 units, Adam, {steps:,} steps, loss": own["loss"],
        f"64 units, Adam, {steps:,} steps, accuracy": own["accuracy"],
        "by the recipe, on 3,000 new points, accuracy": recipe["accuracy"],
    }
    right, worse = runs[compared.RIGHT], runs[compared.PUBLISHED]
    claims = (
        Claim(
            f"Four hidden units are too few for the spiral, with mistakes or without: after "
            f"{outer * inner:,} updates the loss is {worse.end_loss:.3f} as published and "
            f"{right.end_loss:.3f} done right; guessing has ln 3 = 1.099.",
            right.end_loss > 0.9 and not worse.end_loss < 0.9,
        ),
        Claim(
            f"64 hidden units and Adam get {own['accuracy']:.3f} of the points right in "
            f"{steps:,} steps, where four units get {right.accuracy:.3f}. The recipe of "
            f"'glassnet train spiral' gets {recipe['accuracy']:.3f} of new points right.",
            own["accuracy"] > max(0.75, right.accuracy + 0.2),
        ),
        compared.check_claim(checked),
    )
    drawn = compared.drawings(points, runs, inner)
    shown = {"64 units, Adam": model, "4 units, done right": right.model}
    if np.isfinite(worse.model.parameters.values).all():
        shown["4 units, as published"] = worse.model
    drawn["answers"] = compared.answers("spiral: what the networks answer", points, shown)
    return Result(numbers, claims, drawn)
