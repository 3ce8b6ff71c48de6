"""Weights alone into a network: named by the user, or found out on some pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import activations, data, interop, networks
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.activations import Activation
from glassnet.errors import ConfigError, FileFormatError
from glassnet.interop.torch import bare
from glassnet.model import Sequential

TRIED = 1000  # pictures that scalings and activations are tried on
CLOSE = 0.02  # of shares: relu, gelu and silu answer nearly alike with the same weights
USUAL = ("relu", "tanh", "sigmoid", "gelu", "silu")  # behind hidden layers, the likeliest first


@dataclass(frozen=True)
class Pictures:
    """Some samples of a data set, and what they are.

    Attributes:
        white: the largest number of a pixel; 1 for what are no bytes.
        answers: how many classes; 0 for numbers.
    """

    x: Array
    y: Array
    shape: tuple[int, ...]
    white: float
    answers: int

    @classmethod
    def of(cls, name: str, data_dir: str | None) -> Pictures:
        """Spread over the training samples of the data set."""
        loaded = data.load(name, data_dir=data_dir)
        rows = np.linspace(0, len(loaded.x) - 1, min(TRIED, len(loaded.x))).astype(np.int64)
        x = loaded.x[rows].astype(np.float32)
        white = float(loaded.image_max or 1)
        return cls(x, loaded.y[rows], loaded.x.shape[1:], white, loaded.n_classes or 0)

    def right(self, model: Sequential, divisor: float) -> float:
        """The share that the network answers right, with its inputs divided so."""
        x = self.x.reshape(len(self.x), *(model.input_shape or self.shape))
        f = model.output_activation()
        cut = 0.5 if f is not None and f.gives == "probabilities" else 0.0
        outputs = model.predict(x / np.float32(divisor))
        number = outputs.argmax(axis=1) if outputs.shape[1] > 1 else outputs[:, 0] > cut
        return float((number == self.y).mean())


def network(
    alone: bare.WeightsAloneError,
    source: PathLike,
    activation: str | None,
    name: str | None,
    data_name: str | None,
    data_dir: str | None,
    say: Callable[[str], object],
) -> Sequential:
    """The network that weights alone belong to.

    Args:
        activation: of the hidden layers; None: found out on some samples of ``data_name``.
        name: of one of ``glassnet.networks``; None: dense layers, by the shapes.

    Raises:
        ConfigError: nothing says which activation.
        FileFormatError: weights of another network.
    """
    pictures = None if data_name is None else Pictures.of(data_name, data_dir)
    if name is not None:
        return _named(name, source, activation, pictures)
    try:
        chain = bare.chain(alone.tensors)
    except FileFormatError as error:
        known = ", ".join(sorted(networks.NETWORKS))
        raise FileFormatError(
            f"{source}: {error}. Networks by name (--network): {known}."
        ) from None
    if activation is None and len(chain.units) == 2:
        activation = "linear"  # one layer: nothing is behind a hidden one
    if activation is not None:
        return _made(chain, source, activations.get(activation))
    if pictures is None or not pictures.answers:
        units = "-".join(map(str, chain.units))
        raise ConfigError(
            f"{source}: weights alone, which would be dense layers {units}. Which activation "
            f"stands between them they do not say. Name it: glassnet import {source} --activation "
            "relu; or name the data set of classes that they are for, and it is found out: --data "
            "mnist."
        )
    return _found_out(chain, source, pictures, say)


def _made(chain: bare.Chain, source: PathLike, f: Activation) -> Sequential:
    try:
        return chain.network(f)
    except FileFormatError as error:
        raise FileFormatError(f"{source}: {error}.") from None


def _found_out(
    chain: bare.Chain,
    source: PathLike,
    pictures: Pictures,
    say: Callable[[str], object],
) -> Sequential:
    """With the likeliest activation of those with which most samples are right."""
    right: dict[str, float] = {}
    for name in USUAL:
        model = _made(chain, source, activations.get(name))
        if np.prod(pictures.shape) != chain.units[0]:
            return model  # refused by what they are for
        right[name] = max(pictures.right(model, d) for d in {pictures.white, 1.0})
    close = [name for name in USUAL if right[name] > max(right.values()) - CLOSE]
    told = ", ".join(f"{name} {share:.1%}" for name, share in right.items())
    say(
        f"Which activation stands behind its hidden layers the file does not say. Of "
        f"{len(pictures.x):,} training samples are right with {told}: {close[0]} is "
        f"taken{', the most usual of those that are close' if close[1:] else ''}. If you know it, "
        "name it: --activation."
    )
    return _made(chain, source, activations.get(close[0]))


def _named(
    name: str, source: PathLike, activation: str | None, pictures: Pictures | None
) -> Sequential:
    """One of glassnet's networks, with these weights."""
    settings: dict[str, Any] = {} if activation is None else {"activation": activation}
    if pictures is not None:
        settings |= {"input_shape": pictures.shape, "classes": pictures.answers or 1}
    model = networks.get(name, image_max=None, **settings)
    interop.load_torch_weights(model, source)
    return model
