"""Logic gates with the perceptron, and the one that it cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet import Perceptron, Sequential, layers, plots
from glassnet.experiments import pictures
from glassnet.experiments.result import Claim, Result, Setting

INPUTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
GATES = {"AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
BY_HAND: dict[str, tuple[list[float], float]] = {
    "AND": ([0.5, 0.5], -0.7),
    "NAND": ([-0.5, -0.5], 0.7),
    "OR": ([0.5, 0.5], -0.2),
}
PASSES = 1000  # of the perceptron rule, before XOR is given up


def xor_by_hand() -> Sequential:
    """XOR = AND(NAND, OR), as a network of two layers of steps."""
    model = Sequential([layers.Dense(2, "step"), layers.Dense(1, "step")], dtype="float64")
    model.build(2)
    values = model.parameters.view
    for layer, unit, gate in (("dense", 0, "NAND"), ("dense", 1, "OR"), ("dense_1", 0, "AND")):
        values(f"{layer}/W")[:, unit], values(f"{layer}/b")[unit] = BY_HAND[gate]
    return model


def xor_trained(seed: int, epochs: int = 500) -> Sequential:
    """XOR learned by gradient descent: eight tanh units, one sigmoid."""
    model = Sequential([layers.Dense(8, "tanh"), layers.Dense(1, "sigmoid")], seed=seed)
    model.compile({"name": "adam", "learning_rate": 0.05}, "binary_crossentropy")
    model.fit(INPUTS, GATES["XOR"], epochs=epochs, batch_size=4, verbose=0)
    return model


def run(setting: Setting) -> Result:
    """Each gate by hand and by the perceptron rule; XOR by one layer and by two."""
    start = np.random.default_rng(setting.seed).standard_normal(2)
    learned = {
        gate: Perceptron(start).fit(INPUTS, answers, max_passes=PASSES)
        for gate, answers in GATES.items()
    }
    numbers: dict[str, Any] = {}
    for gate, unit in learned.items():
        right = int((unit.predict(INPUTS) == GATES[gate]).sum())
        assert unit.w is not None
        w, b = BY_HAND.get(gate, (None, None))
        by_hand = None if w is None else int(
            (Perceptron(w, b or 0.0).predict(INPUTS) == GATES[gate]).sum()
        )  # fmt: skip
        numbers[gate] = {
            "by hand": "none exists" if by_hand is None else f"{by_hand} of 4",
            "by rule": f"{right} of 4", "passes": len(unit.mistakes), "w1": float(unit.w[0]),
            "w2": float(unit.w[1]), "b": unit.b,
        }  # fmt: skip
    hand, trained = xor_by_hand(), xor_trained(setting.seed)
    answers = np.array(GATES["XOR"])
    two_hand = int((hand.predict(INPUTS)[:, 0] == answers).sum())
    outputs = trained.predict(INPUTS)[:, 0]
    two_trained = int(((outputs > 0.5) == answers).sum())
    numbers["XOR, two layers"] = {"by hand": f"{two_hand} of 4", "trained": f"{two_trained} of 4"}
    simple = ("AND", "NAND", "OR")
    passes = max(len(learned[gate].mistakes) for gate in simple)
    claims = (
        Claim(
            f"AND, NAND and OR come out right with weights set by hand, and the perceptron rule "
            f"finds weights of its own within {passes} passes.",
            all(learned[g].converged and numbers[g]["by hand"] == "4 of 4" for g in simple),
        ),
        Claim(
            f"XOR fails with one unit: after {PASSES} passes the rule still makes mistakes, "
            f"{numbers['XOR']['by rule']} are right. No straight line parts its corners.",
            not learned["XOR"].converged and numbers["XOR"]["by rule"] != "4 of 4",
        ),
        Claim(
            f"Two layers do it: {two_hand} of 4 by hand, as AND(NAND, OR), and {two_trained} of 4 "
            f"when trained (outputs {', '.join(f'{v:.3f}' for v in outputs)}).",
            two_hand == 4 and two_trained == 4,
        ),
    )

    def one_layer() -> Figure:
        return pictures.boundaries(
            {gate: learned[gate].predict for gate in GATES},
            {gate: (INPUTS, GATES[gate]) for gate in GATES},
            title="One unit, by the perceptron rule", x_range=(-0.5, 1.5), y_range=(-0.5, 1.5),
        )  # fmt: skip

    def two_layers() -> Figure:
        return plots.decision_boundary(
            trained, INPUTS, GATES["XOR"], x_range=(-0.5, 1.5), y_range=(-0.5, 1.5),
            title="XOR by two layers, trained",
        )  # fmt: skip

    return Result(numbers, claims, {"one-layer": one_layer, "xor-two-layers": two_layers})
