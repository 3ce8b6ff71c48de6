"""What is asked of who uses a trained network."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.course.judging.trial import Trial, check
from glassnet.course.judging.values import FloatArray
from glassnet.course.lessons.pretrained.stored import Stored, stored

Weights = dict[str, FloatArray]
PIECES = (1, 7, 60)


def _random(t: Trial, *widths: int) -> Weights:
    network = {}
    for i in (1, 2, 3):
        network[f"W{i}"] = t.normal(widths[i - 1], widths[i])
        network[f"b{i}"] = t.normal(widths[i])
    return network


def probabilities(network: Any, x: Any) -> FloatArray:
    """The same in other words: a sigmoid is half of 1 + tanh(z/2)."""
    for i in (1, 2):
        z = np.tensordot(x, network[f"W{i}"], 1) + network[f"b{i}"]
        x = 0.5 + 0.5 * np.tanh(z / 2)
    z = np.tensordot(x, network["W3"], 1) + network["b3"]
    return np.asarray(np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None]))


def share(network: Any, images: Any, labels: Any, white: int) -> float:
    """Of the pictures that are read rightly."""
    rows = np.array([image.ravel() for image in images]) * (1.0 / white)
    answers = probabilities(network, rows).argmax(axis=1)
    return float(np.count_nonzero(answers == labels) / len(labels))


@check("init_network")
def same_arrays(t: Trial) -> None:
    for network in (_random(t, 4, 3, 2, 10), stored().weights):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = str(Path(folder) / "network.npz")
            np.savez(path, **network)  # type: ignore[arg-type]
            got = t.call(path)
        t.that(isinstance(got, dict), f"return {{'W1': …}}; {type(got).__name__}")
        t.that(set(got) == set(network), f"{sorted(map(str, got))} ≠ {sorted(network)}")
        for name, array in network.items():
            t.close(got[name], array, f"init_network(path)[{name!r}]", 1e-12)


@check("predict")
def by_hand(t: Trial) -> None:
    network = {
        "W1": np.array([[1.0]]), "b1": np.array([-1.0]), "W2": np.array([[4.0]]),
        "b2": np.array([-2.0]), "W3": np.array([[0.0, 2.0]]), "b3": np.array([0.0, -1.0]),
    }  # fmt: skip
    t.close(t.call(network, np.array([[1.0]])), [[0.5, 0.5]], "predict(network, x)")


@check("predict")
def random_networks(t: Trial) -> None:
    for widths in ((4, 3, 2, 10), (6, 5, 4, 10), (2, 2, 2, 3)):
        network, x = _random(t, *widths), t.rng.random((5, widths[0]))
        t.close(t.call(network, x), probabilities(network, x), "predict(network, x)")


@check("accuracy")
def pieces(t: Trial) -> None:
    all_of_them: Stored = stored()
    for n in PIECES:
        chosen = t.rng.permutation(len(all_of_them.labels))[:n]
        _accuracy(t, all_of_them, chosen)


@check("accuracy")
def all_pictures(t: Trial) -> None:
    known = stored()
    _accuracy(t, known, slice(None), known.share)


def _accuracy(t: Trial, known: Stored, chosen: Any, expected: float | None = None) -> None:
    images, labels = known.images[chosen], known.labels[chosen]
    with t.among(predict=probabilities):
        got = t.call(known.weights, images, labels, known.white)
    if expected is None:
        expected = share(known.weights, images, labels, known.white)
    t.close(got, expected, "accuracy(network, images, t, white)", 1e-12, n=len(labels))
