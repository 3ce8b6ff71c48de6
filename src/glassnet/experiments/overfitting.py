"""Too few samples for too many weights, and two cures: weight decay and dropout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from glassnet import Sequential, layers, plots
from glassnet.experiments import digits
from glassnet.experiments.digits import Digits
from glassnet.experiments.result import Claim, Result, Setting
from glassnet.layers.columns import column
from glassnet.training.history import History

SAMPLES = 200
WRONG_LABELS = 0.1  # of the samples: nothing but learning by heart gets these right
DECAY = 0.003
DROPOUT = 0.5
CURES = ("none", "weight decay", "dropout")


def network(cure: str, seed: int) -> Sequential:
    """Two hidden layers of 128 ReLU units."""
    stack: list[layers.Layer] = []
    for units, activation in ((128, "relu"), (128, "relu"), (10, "softmax")):
        penalty = layers.L2(DECAY) if cure == "weight decay" else None
        stack += column(
            units,
            activation,
            dropout=DROPOUT if cure == "dropout" and activation == "relu" else 0.0,
            kernel_initializer="he_normal",
            kernel_regularizer=penalty,
        )
    model = Sequential(stack, seed=seed)
    model.compile({"name": "adam", "learning_rate": 0.003},
                  "sparse_categorical_crossentropy", ["accuracy"])  # fmt: skip
    return model


def learn(images: Digits, cure: str, seed: int, epochs: int) -> tuple[History, dict[str, float]]:
    """The curves, and at the end: cross-entropy and accuracy on both parts, penalty aside."""
    model = network(cure, seed)
    history = model.fit(images.x, images.y, batch_size=50, epochs=epochs, verbose=0,
                        evaluate_training=True, validation_data=images.validation)  # fmt: skip
    bare = network("none", seed)  # the same weights without penalty and dropout
    bare.build(images.x.shape[1:])
    bare.parameters.values[...] = model.parameters.values
    bare.classes = model.classes
    own, new = bare.evaluate(images.x, images.y), bare.evaluate(*images.validation)
    return history, {
        "training loss": own["loss"], "validation loss": new["loss"],
        "training accuracy": own["accuracy"], "validation accuracy": new["accuracy"],
        "gap of the losses": new["loss"] - own["loss"],
        "mean square of weights": float(np.mean(model.parameters.values**2)),
    }  # fmt: skip


def few(setting: Setting) -> Digits:
    """200 digits, a tenth of them with a wrong label; what is judged by has none."""
    images = digits.load(setting).first(SAMPLES)
    rng = np.random.default_rng(setting.seed)
    wrong = rng.permutation(SAMPLES)[: int(WRONG_LABELS * SAMPLES)]
    y = images.y.copy()
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    return replace(images, y=y)


def run(setting: Setting, epochs: int = 80) -> Result:
    """200 digits to learn from, the others to judge by."""
    images = few(setting)
    numbers, runs = {}, {}
    for cure in CURES:
        setting.say(f"Learning {SAMPLES} {images.name}, cure: {cure} …")
        runs[f"cure: {cure}"], numbers[f"cure: {cure}"] = learn(images, cure, setting.seed, epochs)
    sick, decay, dropout = numbers.values()
    claims = (
        Claim(
            f"{SAMPLES} samples are learned by heart, those with a wrong label too: accuracy "
            f"{sick['training accuracy']:.3f} on them, {sick['validation accuracy']:.3f} on "
            f"others; the loss on others is {sick['validation loss']:.2f}, "
            f"{sick['validation loss'] / sick['training loss']:.0f} "
            "times that on them.",
            sick["training accuracy"] > 0.99
            and sick["validation accuracy"] < 0.97
            and sick["validation loss"] > 10 * sick["training loss"],
        ),
        Claim(
            f"Weight decay keeps the weights small and brings the validation loss to "
            f"{decay['validation loss']:.2f}; dropout to {dropout['validation loss']:.2f} "
            f"(accuracy {decay['validation accuracy']:.3f} and "
            f"{dropout['validation accuracy']:.3f}).",
            max(decay["validation loss"], dropout["validation loss"]) < sick["validation loss"]
            and decay["mean square of weights"] < sick["mean square of weights"],
        ),
    )

    def curves(metric: str) -> Figure:
        shown = {
            name: {
                f"train_{metric}": run.history[f"train_{metric}"],
                f"val_{metric}": run.history[f"val_{metric}"],
            }
            for name, run in runs.items()
        }
        penalty = " with the penalty" if metric == "loss" else ""
        title = f"{SAMPLES} {images.name}: {metric}{penalty}, on the samples and on others"
        return plots.learning_curves(shown, title=title)

    return Result(numbers, claims, {
        "accuracy": lambda: curves("accuracy"), "loss": lambda: curves("loss"),
    })  # fmt: skip
