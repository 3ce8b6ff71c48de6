"""A row of dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from glassnet import layers
from glassnet._core.settings import number, whole_number
from glassnet.errors import ConfigError
from glassnet.model import Sequential
from glassnet.networks.pieces import Settings, Stack


def mlp(
    input_shape: Sequence[int] = (28, 28),
    classes: int = 10,
    *,
    hidden: Sequence[int] = (128,),
    width: float = 1.0,
    dropout: float = 0.0,
    **settings: Unpack[Settings],
) -> Sequential:
    """Dense layers alone, over rows of numbers or over the pixels of an image.

        each of ``hidden``   Dense(units, relu), Dropout(dropout) if there is one
        Dense(classes, softmax)

    101,770 parameters for images of 28×28 and ten classes.

    Args:
        hidden: the units of each hidden layer; () for none.
        dropout: the share of each hidden layer's outputs to leave out while it learns.

    The other arguments, and the errors, are those of all networks: see ``glassnet.networks``.
    """
    dropout = number("mlp", "dropout", dropout, minimum=0.0, below=1.0)
    stack = Stack("mlp", input_shape, classes, width, settings)
    if not isinstance(hidden, list | tuple):
        raise ConfigError(
            f"mlp: hidden is {hidden!r}, but must be a list of units, as in (64, 32)."
        )
    changed = layers.augment(settings.get("augment", "none"), stack.input_shape)
    if changed:  # as images; rows of pixels are refused
        stack.add(layers.Reshape((*stack.input_shape[:2], -1)))
        stack.rescale()
        stack.add(*changed)
    if len(stack.input_shape) > 1:
        stack.add(layers.Flatten())
    if not changed:
        stack.rescale()
    for units in hidden:
        stack.add(stack.dense(whole_number("mlp", "each of hidden", units)))
        if dropout:
            stack.add(layers.Dropout(dropout))
    return stack.classify(0.0)
