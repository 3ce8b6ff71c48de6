"""What is asked of the forward pass."""

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray

WIDTHS = ((2, 3, 2, 2), (2, 2, 2, 2), (4, 5, 3, 2), (1, 2, 4, 3))
CALL = "predict(network, x)"


def _network(t: Trial, widths: tuple[int, ...]) -> dict[str, FloatArray]:
    network = {}
    for i in (1, 2, 3):
        network[f"W{i}"] = t.normal(widths[i - 1], widths[i])
        network[f"b{i}"] = t.normal(widths[i])
    return network


def _scores(network: dict[str, FloatArray], x: FloatArray) -> FloatArray:
    for i in (1, 2):
        x = (1 + np.tanh((x @ network[f"W{i}"] + network[f"b{i}"]) / 2)) / 2
    return np.asarray(x @ network["W3"] + network["b3"])


@check("predict")
def by_hand(t: Trial) -> None:
    network = {
        "W1": np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), "b1": np.array([0.1, 0.2, 0.3]),
        "W2": np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]), "b2": np.array([0.1, 0.2]),
        "W3": np.array([[0.1, 0.3], [0.2, 0.4]]), "b3": np.array([0.1, 0.2]),
    }  # fmt: skip
    x = np.array([1.0, 0.5])
    t.close(t.call(network, x), [0.31682708, 0.69627909], CALL, 1e-7, x=x)


@check("predict")
def one_sample(t: Trial) -> None:
    for widths in WIDTHS:
        network, x = _network(t, widths), t.normal(widths[0])
        t.close(t.call(network, x), _scores(network, x), CALL, 1e-12)


@check("predict")
def batches(t: Trial) -> None:
    for widths in WIDTHS:
        network, x = _network(t, widths), t.normal(5, widths[0])
        t.close(t.call(network, x), _scores(network, x), CALL, 1e-12)
