"""Logic gates by perceptrons: AND, NAND and OR by one unit, XOR only by two layers.

Deep Learning from Scratch, chapter 2. A unit answers 1 where w·x + b > 0.
"""

import numpy as np
from shared import Example, plain

from glassnet import Perceptron, Sequential, layers, plots
from glassnet.plots.style import dress, figure

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
ANSWERS = {"AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def xor_of_gates() -> Sequential:
    """XOR(a, b) = AND(NAND(a, b), OR(a, b)): the weights are set by hand."""
    model = Sequential([layers.Dense(2, "step"), layers.Dense(1, "step")])
    model.build((2,))
    nand_and_or, gate_and = model.layers
    nand_and_or.W = [[-0.5, 0.5], [-0.5, 0.5]]  # 열: NAND, OR
    nand_and_or.b = [0.7, -0.2]
    gate_and.W = [[0.5], [0.5]]
    gate_and.b = [-0.7]
    return model


def main() -> None:
    """By the perceptron rule, by hand, and by training."""
    example = Example()
    picture = figure(13, 4)
    axes = picture.subplots(1, 4)
    for ax, (name, answers) in zip(axes, ANSWERS.items()):
        unit = Perceptron().fit(INPUTS, answers, max_passes=100)
        right = int((unit.predict(INPUTS) == answers).sum())
        print(f"  {name:<4} by one unit: {right} of 4, w {unit.w}, b {unit.b:g}")
        # 직선 하나로는 XOR을 나눌 수 없다
        plots.decision_boundary(
            unit.predict, INPUTS, answers, x_range=(-0.5, 1.5), y_range=(-0.5, 1.5),
            title=f"{name}: {right} of 4", resolution=120, ax=dress(ax),
        )  # fmt: skip
        plain(ax)
    example.keep(picture, "one-unit")

    by_hand = xor_of_gates()
    print("  XOR of three gates:", by_hand.predict(INPUTS)[:, 0].astype(int))
    learned = Sequential([layers.Dense(8, "tanh"), layers.Dense(1, "sigmoid")], seed=0)
    learned.compile({"name": "adam", "learning_rate": 0.05}, "binary_crossentropy")
    learned.fit(INPUTS, ANSWERS["XOR"], epochs=400, batch_size=4, verbose=0)
    print("  XOR learned:", learned.predict(INPUTS)[:, 0].round(3))
    picture = figure(9, 4)
    for ax, (name, model) in zip(
        picture.subplots(1, 2), {"of three gates": by_hand, "learned": learned}.items()
    ):
        plots.decision_boundary(
            model, INPUTS, ANSWERS["XOR"], x_range=(-0.5, 1.5), y_range=(-0.5, 1.5),
            title=f"XOR, {name}", resolution=120, ax=dress(ax),
        )  # fmt: skip
    example.keep(picture, "xor")


if __name__ == "__main__":
    main()
