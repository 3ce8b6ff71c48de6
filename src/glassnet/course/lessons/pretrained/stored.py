"""The trained network that the lesson reads, and pictures that it has not seen.

Where MNIST and the book's ``sample_weight.pkl`` are in the folder of GLASSNET_DATA it is these.
Else it is made here, always the same: digits of 8×8 pixels are drawn from the letters below,
moved about and blurred by noise, and a small network of the book's form learns them.
"""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FORMS = """
.###. ..#.. .###. ####. ...#. ##### .###. ##### .###. .###.
#...# .##.. #...# ....# ..##. #.... #.... ....# #...# #...#
#...# ..#.. ....# ....# .#.#. #.... #.... ...#. #...# #...#
#...# ..#.. ...#. .###. #..#. ####. ####. ...#. .###. .####
#...# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# ..#.. .#... ....# ...#. ....# #...# ..#.. #...# ....#
.###. .###. ##### ####. ...#. ####. .###. ..#.. .###. .###.
"""
WHITE, NOISE = 255, 48.0
LEARNED, SHOWN = 400, 300
WIDTHS = (64, 20, 15, 10)
STEPS, RATE, KEPT = 200, 0.5, 0.9
BOOK_SHARE = 0.9352  # of MNIST's 10,000 test pictures: 648 are wrong


class Stored(NamedTuple):
    """A trained network and pictures for it: (n, rows, columns) of 0 to ``white``."""

    weights: dict[str, NDArray[np.float64]]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    white: int
    share: float | None = None  # that it is known to read rightly


@cache
def stored() -> Stored:
    """The book's network with MNIST where they are on this machine, else the small one."""
    return of_the_book() or small()


def of_the_book() -> Stored | None:
    """The network of *Deep Learning from Scratch*, chapter 3; nothing is downloaded."""
    if not os.environ.get("GLASSNET_DATA"):
        return None  # without loading what reads such files: half a second of every check
    from glassnet.data.mnist import MNIST, find_files, unseen
    from glassnet.errors import GlassnetError
    from glassnet.interop.pickles import find_dlfs_network, load_dlfs_network

    place = find_dlfs_network()
    if place is None:
        return None
    try:
        files = find_files(MNIST, None)
        if files is None:
            return None
        return Stored(load_dlfs_network(place), *unseen(files), 255, BOOK_SHARE)
    except GlassnetError:
        return None


@cache
def small() -> Stored:
    """The network that is trained here."""
    rng = np.random.default_rng(0)
    images, labels = drawn(LEARNED, rng)
    weights = trained(images.reshape(LEARNED, -1) / WHITE, labels, rng)
    return Stored(weights, *drawn(SHOWN, rng), WHITE)


def drawn(n: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """So many digits, each somewhere else, some darker, all with noise."""
    lines = [line.split() for line in FORMS.split("\n") if line]
    letters = np.array([[[c == "#" for c in row[k]] for row in lines] for k in range(10)])
    labels = rng.integers(10, size=n)
    images = NOISE * rng.normal(size=(n, 8, 8))
    for image, label in zip(images, labels):
        row, column = rng.integers(2), 1 + rng.integers(2)
        image[row : row + 7, column : column + 5] += letters[label] * rng.uniform(0.5, 1) * WHITE
    return np.clip(images, 0, WHITE).astype(np.uint8), labels


def trained(
    x: NDArray[np.float64], labels: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """W1, b1, W2, b2, W3, b3: sigmoids, softmax at the end, gradient descent with momentum."""
    params = {}
    for i, (n, m) in enumerate(zip(WIDTHS, WIDTHS[1:]), 1):  # noqa: RUF007
        params[f"W{i}"] = rng.normal(0, 2 / n**0.5, (n, m))
        params[f"b{i}"] = np.zeros(m)
    truth, speed = np.eye(10)[labels], {name: 0.0 * value for name, value in params.items()}
    for _ in range(STEPS):
        outputs = [x]
        for i in (1, 2, 3):
            z = outputs[-1] @ params[f"W{i}"] + params[f"b{i}"]
            outputs.append(1 / (1 + np.exp(-z)) if i < 3 else z)
        e = np.exp(outputs[3] - outputs[3].max(axis=1, keepdims=True))
        dz = (e / e.sum(axis=1, keepdims=True) - truth) / len(x)
        grads = {}
        for i in (3, 2, 1):
            y = outputs[i - 1]
            grads[f"W{i}"], grads[f"b{i}"] = y.T @ dz, dz.sum(axis=0)
            dz = dz @ params[f"W{i}"].T * y * (1 - y)
        for name, g in grads.items():
            speed[name] = KEPT * speed[name] - RATE * g
            params[name] = params[name] + speed[name]
    return params
