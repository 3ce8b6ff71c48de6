"""Mini-batches of several sizes: updates, time, and what is learned in as many epochs."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from glassnet import Sequential, layers, plots
from glassnet.experiments import digits, pictures
from glassnet.experiments.digits import Digits
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.training.history import History

SIZES = (4, 16, 64, 256, 0)  # 0: all samples


def learn(images: Digits, size: int, seed: int, epochs: int) -> History:
    """One hidden layer of 64 ReLU units by plain SGD, learning rate 0.1."""
    model = Sequential(
        [layers.Dense(64, "relu", kernel_initializer="he_normal"), layers.Dense(10, "softmax")],
        seed=seed,
    )
    model.compile({"name": "sgd", "learning_rate": 0.1}, "sparse_categorical_crossentropy",
                  ["accuracy"])  # fmt: skip
    return model.fit(images.x, images.y, batch_size=size or len(images.x), epochs=epochs,
                     verbose=0, validation_data=images.validation,
                     evaluate_training=True)  # fmt: skip


def run(setting: Setting, epochs: int = 30) -> Result:
    """The same network and learning rate, as many epochs."""
    images = digits.load(setting)
    n = len(images.x)
    learn(images, 64, setting.seed, 1)  # what is done once only is not timed
    runs: dict[str, History] = {}
    numbers: dict[str, Any] = {}
    for size in SIZES:
        name = f"batches of {size}" if size else f"all {n:,} at once"
        setting.say(f"Learning {images.name}, {name} …")
        history = runs[name] = learn(images, size, setting.seed, epochs)
        numbers[name] = {
            "updates": epochs * -(-n // (size or n)), "loss": history.history["train_loss"][-1],
            "validation accuracy": history.history["val_accuracy"][-1],
            "seconds": history.seconds,
        }  # fmt: skip
    names = list(numbers)
    losses = [numbers[name]["loss"] for name in names]
    small, whole = numbers[names[0]], numbers[names[-1]]
    claims = (
        Claim(
            f"In {epochs} epochs small batches make more updates and get further: loss "
            f"{', '.join(f'{loss:.3g}' for loss in losses)} with {', '.join(names)}.",
            losses == sorted(losses),
        ),
        Claim(
            f"An epoch of all samples at once is quicker ({whole['seconds'] / epochs * 1000:.1f} "
            f"ms against {small['seconds'] / epochs * 1000:.1f} ms with the smallest batches), but "
            f"it makes one update only: accuracy {whole['validation accuracy']:.3f} against "
            f"{small['validation accuracy']:.3f}.",
            whole["seconds"] < small["seconds"]
            and whole["validation accuracy"] < small["validation accuracy"],
        ),
    )

    def by_epoch() -> Figure:
        shown = {
            name: {"loss": run.history["train_loss"], "accuracy": run.history["val_accuracy"]}
            for name, run in runs.items()
        }
        return plots.learning_curves(shown, log=True, title=f"{images.name}: batches of five sizes")

    def by_update() -> Figure:
        curves = {}
        for name, run in runs.items():
            each = numbers[name]["updates"] // epochs
            losses = run.history["train_loss"]
            curves[name] = ([each * (i + 1) for i in range(epochs)], losses)
        return pictures.lines(curves, title="The same by updates", x="updates", y="loss",
                              log_x=True, log_y=True)  # fmt: skip

    return Result(numbers, claims, {"by-epoch": by_epoch, "by-update": by_update})
