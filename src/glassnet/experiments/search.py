"""A search for the learning rate and the weight decay: 100 trials on 500 samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, layers
from glassnet._core.optional import require
from glassnet.errors import DivergedError, MissingDependencyError
from glassnet.experiments import digits
from glassnet.experiments.digits import Digits
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.plots import style

SAMPLES, TRIALS, BEST = 500, 100, 20
RATES = (1e-4, 1.0)  # between which the learning rate is drawn, evenly by its logarithm
DECAYS = (1e-8, 1e-2)


@dataclass(frozen=True)
class Trial:
    """One training: its settings, and the accuracies by epoch (none if it broke)."""

    learning_rate: float
    weight_decay: float
    training: list[float] = field(repr=False)
    validation: list[float] = field(repr=False)

    @property
    def accuracy(self) -> float:
        """Of the last epoch, on the validation samples."""
        return self.validation[-1] if self.validation else 0.0


def learn(images: Digits, rate: float, decay: float, seed: int, epochs: int) -> Trial:
    """Two hidden layers of 50 ReLU units by SGD."""
    model = Sequential(
        [
            layers.Dense(units, activation, kernel_initializer="he_normal",
                         kernel_regularizer=layers.L2(decay))
            for units, activation in ((50, "relu"), (50, "relu"), (10, "softmax"))
        ],
        seed=seed,
    )  # fmt: skip
    model.compile({"name": "sgd", "learning_rate": rate}, "sparse_categorical_crossentropy",
                  ["accuracy"])  # fmt: skip
    try:
        found = model.fit(images.x, images.y, batch_size=50, epochs=epochs, verbose=0,
                          validation_data=images.validation).history  # fmt: skip
    except DivergedError:
        return Trial(rate, decay, [], [])
    return Trial(rate, decay, found["accuracy"], found["val_accuracy"])


def at_random(try_: Callable[[float, float], Trial], trials: int, seed: int) -> list[Trial]:
    """Settings drawn evenly by their logarithm."""
    rng = np.random.default_rng(seed)
    low, high = np.log10([RATES, DECAYS]).T
    return [try_(*map(float, 10 ** rng.uniform(low, high))) for _ in range(trials)]


def by_optuna(try_: Callable[[float, float], Trial], trials: int, seed: int) -> list[Trial]:
    """Settings proposed by Optuna's tree of Parzen estimators, which learns from the trials.

    Raises:
        MissingDependencyError: Optuna is not installed.
    """
    optuna = require("optuna", extra="search")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found = []

    def objective(proposed: Any) -> float:
        rate = proposed.suggest_float("learning_rate", *RATES, log=True)
        decay = proposed.suggest_float("weight_decay", *DECAYS, log=True)
        found.append(try_(rate, decay))
        return found[-1].accuracy

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    return found


def run(setting: Setting, trials: int = TRIALS, epochs: int = 20, optuna: bool = True) -> Result:
    """100 trials, the best 20 as curves.

    Args:
        optuna: propose the settings with it if it is installed; otherwise at random.
    """
    images = digits.load(setting, most_test=300).first(SAMPLES)
    made = 0

    def try_(rate: float, decay: float) -> Trial:
        nonlocal made
        made += 1
        if made % 20 == 0:
            setting.say(f"Trial {made} of {trials} …")
        return learn(images, rate, decay, setting.seed, epochs)

    way = "Optuna"
    try:
        if not optuna:
            raise MissingDependencyError
        found = by_optuna(try_, trials, setting.seed)
    except MissingDependencyError:
        way = "at random"
        found = at_random(try_, trials, setting.seed)
    ranked = sorted(found, key=lambda trial: -trial.accuracy)
    best = ranked[: min(BEST, max(1, trials // 5))]
    rates = [trial.learning_rate for trial in best]
    decays = [trial.weight_decay for trial in best]
    of_rates, of_decays = np.log10(max(rates) / min(rates)), np.log10(max(decays) / min(decays))
    middle = float(np.median([trial.accuracy for trial in found]))
    numbers: dict[str, Any] = {
        "way": way, "data": f"{SAMPLES} of {images.name}", "trials": trials,
        "best accuracy": best[0].accuracy, "middle accuracy": middle,
        "worst accuracy": ranked[-1].accuracy,
    }  # fmt: skip
    numbers |= {
        f"best {i + 1}": {"accuracy": t.accuracy, "learning rate": t.learning_rate,
                          "weight decay": t.weight_decay}
        for i, t in enumerate(best[:5])
    }  # fmt: skip
    claims = (
        Claim(
            f"The learning rate decides: the best {len(best)} of {trials} have rates from "
            f"{min(rates):.2g} to {max(rates):.2g} ({of_rates:.1f} of the 4 powers of ten that "
            f"were searched); weight decay hardly matters: theirs go from {min(decays):.1g} to "
            f"{max(decays):.1g} ({of_decays:.1f} of 6).",
            of_rates < 2 and of_decays / 6 > of_rates / 4,
        ),
        Claim(
            f"The best trial gets {best[0].accuracy:.3f} of 300 other digits right, the worst "
            f"{ranked[-1].accuracy:.3f}.",
            best[0].accuracy > 0.85 and ranked[-1].accuracy < 0.5,
        ),
    )
    return Result(numbers, claims, {
        "best": lambda: draw_best(best), "trials": lambda: draw_all(found, best, way),
    })  # fmt: skip


def draw_best(best: list[Trial]) -> Figure:
    """Training and validation accuracy of the best trials, a panel each."""
    rows = -(-len(best) // 5)
    figure = style.figure(12, 2.3 * rows + 0.8)
    grid = figure.subplots(rows, 5, sharex=True, sharey=True, squeeze=False)
    for ax in grid.flat[len(best) :]:
        ax.set_visible(False)
    for i, (ax, trial) in enumerate(zip(grid.flat, best)):
        style.dress(ax)
        for k, (name, curve) in enumerate(
            (("training", trial.training), ("validation", trial.validation))
        ):
            ax.plot(range(1, len(curve) + 1), curve, color=style.line_color(k),
                    linestyle=style.line_style(k), linewidth=1.8, label=name)  # fmt: skip
        ax.set_ylim(0, 1.02)
        text = f"{i + 1}: {trial.accuracy:.3f}\nrate {trial.learning_rate:.2g}\n" \
               f"decay {trial.weight_decay:.1g}"  # fmt: skip
        ax.text(0.96, 0.06, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=8.5,
                color=style.INK)  # fmt: skip
        style.label(ax, x="epoch" if i + 5 >= len(best) else None,
                    y="accuracy" if i % 5 == 0 else None)  # fmt: skip
    handles, names = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=2, frameon=False)
    figure.suptitle(f"The best {len(best)} trials", fontsize=14, fontweight="bold",
                    color=style.INK, x=0.01, ha="left")  # fmt: skip
    return style.finish(figure)


def draw_all(found: list[Trial], best: list[Trial], way: str) -> Figure:
    """Every trial by its two settings, coloured by its accuracy."""
    figure, ax = style.figure_and_axes(None, 8.0, 5.2)
    x, y = [t.learning_rate for t in found], [t.weight_decay for t in found]
    drawn = ax.scatter(x, y, c=[t.accuracy for t in found], cmap=style.SEQUENTIAL, s=46,
                       edgecolors=style.FAINT, linewidths=0.6, zorder=3)  # fmt: skip
    ax.scatter([t.learning_rate for t in best], [t.weight_decay for t in best], s=110,
               facecolors="none", edgecolors=style.OKABE_ITO[3], linewidths=1.4, zorder=4,
               label=f"the best {len(best)}")  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    style.color_key(ax, drawn, "validation accuracy")
    style.label(ax, f"{len(found)} trials, {way}", "learning rate", "weight decay", room=18)
    style.legend(ax, loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return style.finish(figure)
