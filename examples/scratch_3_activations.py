"""Step, sigmoid and ReLU; and a network of three layers computed by hand.

Deep Learning from Scratch, chapter 3. Without a bend between them, layers are one layer.
"""

import numpy as np
from shared import Example

from glassnet import Sequential, activations, layers, plots


def main() -> None:
    """The curves, softmax without overflow, and forward through 2-3-2-2."""
    example = Example()
    example.keep(plots.activation_curves(["step", "sigmoid", "relu"]))

    softmax = activations.get("softmax")
    scores = np.array([[1010.0, 1000.0, 990.0]])  # exp(1010)은 넘치지만 softmax는 괜찮다
    print("  softmax of 1010, 1000, 990:", softmax(scores)[0].round(6))

    model = Sequential(
        [layers.Dense(3, "sigmoid"), layers.Dense(2, "sigmoid"), layers.Dense(2)], dtype="float64"
    )
    model.build((2,))
    model.set_weights([
        [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3],
        [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2],
        [[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2],
    ])  # fmt: skip
    x = np.array([[1.0, 0.5]])
    h = x
    for layer in model.layers:  # 같은 계산을 NumPy로
        h = layer.W.T @ h[0] + layer.b
        h = (1 / (1 + np.exp(-h)) if layer is not model.layers[-1] else h)[None]
    print("  forward through 2-3-2-2:", model.predict(x)[0], "by hand:", h[0])


if __name__ == "__main__":
    main()
