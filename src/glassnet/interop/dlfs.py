"""The network of *Deep Learning from Scratch*, out of its pickle."""

from __future__ import annotations

from glassnet._core.storage import PathLike
from glassnet.interop import about
from glassnet.interop.pickles import load_dlfs_network
from glassnet.interop.reading import assemble, of_file
from glassnet.layers import Dense
from glassnet.layers.formats import Part
from glassnet.model import Sequential


def from_dlfs(
    path: PathLike, activation: str = "sigmoid", output_activation: str = "softmax"
) -> Sequential:
    """The network whose W1, b1, W2, b2 … a pickle of the book holds.

    The pickle says nothing of the functions between them: those of the book's digit network
    are the default. Nothing in the file is run.

    Raises:
        FileFormatError: anything but such weights.
        UnknownNameError: no activation of this name.
    """
    weights = load_dlfs_network(path)
    count = len(weights) // 2
    parts = []
    for n in range(1, count + 1):
        W, b = weights[f"W{n}"], weights[f"b{n}"]
        f = output_activation if n == count else activation
        parts.append(Part(Dense(W.shape[1], f), {"W": W, "b": b}))
    with of_file(path):
        return assemble(parts, (weights["W1"].shape[0],))


def read(path: PathLike) -> tuple[Sequential, about.Notes]:
    """The network; the pickle says nothing beside it."""
    return from_dlfs(path), {}
