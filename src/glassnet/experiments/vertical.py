"""Three clouds side by side: the article's training with its mistakes, and done right."""

from __future__ import annotations

import numpy as np

from glassnet import data
from glassnet.experiments import compared
from glassnet.experiments.published import INNER, LEARNING_RATE, OUTER, article_net
from glassnet.experiments.result import Claim, Result, Setting

BAYES = 0.936  # no classifier does better on such clouds
STEPS = 1000


def run(setting: Setting, outer: int = OUTER, inner: int = INNER) -> Result:
    """The article's network, 2-4-3, on 3 × 100 points."""
    points = data.vertical(100, seed=setting.seed)
    fresh = data.vertical(1000, seed=setting.seed + 1_000_000)
    runs = compared.trainings(points, setting, outer, inner)
    checked = compared.checks(points, setting.seed)

    setting.say("Training it right …")
    model = article_net(setting.seed)
    model.compile(
        {"name": "sgd", "learning_rate": 1.0}, "sparse_categorical_crossentropy", ["accuracy"]
    )
    model.fit(points.x, points.y, batch_size=300, epochs=STEPS, shuffle=False, verbose=0)
    own, new = model.evaluate(points.x, points.y), model.evaluate(fresh.x, fresh.y)
    numbers = compared.rows(runs, checked)
    numbers |= {
        f"right, {STEPS} steps, loss": own["loss"],
        f"right, {STEPS} steps, accuracy": own["accuracy"],
        "on 3,000 new points, loss": new["loss"],
        "on 3,000 new points, accuracy": new["accuracy"],
        "best possible accuracy": BAYES,
    }
    worse = runs[compared.PUBLISHED]
    n = outer * inner
    claims = (
        Claim(
            f"Done right, {STEPS} steps with learning rate 1 end at loss {own['loss']:.3f} and "
            f"accuracy {own['accuracy']:.3f}; on new points {new['accuracy']:.3f}, where no "
            f"classifier gets more than {BAYES} on average.",
            own["loss"] < 0.25 and new["accuracy"] > BAYES - 0.03,
        ),
        Claim(
            f"As published, {n:,} updates with learning rate {LEARNING_RATE} end at loss "
            f"{worse.end_loss:.3f}, where the same updates without the mistakes reach "
            f"{runs[compared.RIGHT].end_loss:.3f}. How bad it ends is luck: try other seeds.",
            not worse.end_loss < 1.2 * runs[compared.RIGHT].end_loss,
        ),
        compared.check_claim(checked),
    )
    shown = {"right": model, "as published": worse.model}
    drawn = compared.drawings(points, runs, inner)
    if np.isfinite(worse.model.parameters.values).all():
        drawn["answers"] = compared.answers("vertical: what the networks answer", points, shown)
    return Result(numbers, claims, drawn)
