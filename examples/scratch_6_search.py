"""A learning rate and a weight decay, found by trying at random.

Deep Learning from Scratch, chapter 6. Both are drawn evenly by their powers of ten, and judged
on validation data, never on test data.
"""

import warnings

import numpy as np
from shared import Example

from glassnet import GlassnetError, Sequential, data, layers
from glassnet.plots.style import SEQUENTIAL, color_key, dress, figure, label

TRIALS = 30


def right(x, y, unseen, rate: float, l2: float) -> float:
    """What a network with these settings gets right of data that it has not seen."""
    model = Sequential(
        [layers.Flatten(), layers.Dense(50, "relu", kernel_regularizer=layers.L2(l2)),
         layers.Dense(10, "softmax")], seed=0
    )  # fmt: skip
    model.compile({"name": "sgd", "lr": rate}, "sparse_categorical_crossentropy", ["accuracy"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x, y, epochs=12, batch_size=50, verbose=0)
    except GlassnetError:  # 너무 큰 학습률
        return 0.0
    return model.evaluate(*unseen)["accuracy"]


def main() -> None:
    """Thirty trials, the best five, and all as a picture."""
    example = Example()
    images, rng = example.images(500), np.random.default_rng(0)
    x, x_val, y, y_val = data.train_test_split(images.x, images.y, test_size=0.3)
    rates, decays = 10 ** rng.uniform(-4, 0, TRIALS), 10 ** rng.uniform(-6, -1, TRIALS)
    found = np.array([right(x, y, (x_val, y_val), *pair) for pair in zip(rates, decays)])
    for i in found.argsort()[::-1][:5]:
        print(f"  {found[i]:.1%} with learning rate {rates[i]:.4f} and decay {decays[i]:.1e}")
    picture = figure(8, 5)
    ax = dress(picture.add_subplot())
    dots = ax.scatter(rates, decays, c=found, cmap=SEQUENTIAL, s=90, edgecolors="#1F2328")
    ax.set(xscale="log", yscale="log")
    label(ax, "The learning rate decides", "learning rate", "weight decay")
    color_key(ax, dots, "right on validation data")
    example.keep(picture)


if __name__ == "__main__":
    main()
