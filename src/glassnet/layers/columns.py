"""A column of units: a dense layer and what usually stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet.layers.activation.layer import Activation
from glassnet.layers.base import Layer
from glassnet.layers.dense.layer import Dense
from glassnet.layers.dropout.layer import Dropout
from glassnet.layers.residual.layer import Residual


def column(
    units: int,
    activation: Any = None,
    *,
    normalization: Callable[..., Layer] | None = None,
    dropout: float = 0.0,
    skip: bool = False,
    name: str | None = None,
    dense: Callable[..., Layer] = Dense,
    **settings: Any,
) -> list[Layer]:
    """Dense, normalization, activation, dropout: those of them that are wanted.

    Without a normalization the activation is the dense layer's own; with one it follows it.

    Args:
        normalization: the class of one, or a function that makes it.
        skip: put all of it into one Residual, y = x + column(x).
        name: of the dense layer; the others are called ``name_norm``, ``name_activation``,
            ``name_dropout`` and ``name_skip``.
        dense: the class of the dense layer; ``settings``: its other settings.

    >>> from glassnet.layers import BatchNormalization
    >>> [layer.kind for layer in column(8, "relu", normalization=BatchNormalization, dropout=0.5)]
    ['dense', 'batch_normalization', 'activation', 'dropout']
    """

    def called(part: str) -> dict[str, Any]:
        return {} if name is None else {"name": f"{name}_{part}"}

    own = activation if normalization is None else None
    layers = [dense(units, own, name=name, **settings)]
    if normalization is not None:
        layers += [normalization(**called("norm")), Activation(activation, **called("activation"))]
    if dropout:
        layers.append(Dropout(dropout, **called("dropout")))
    return [Residual(layers, **called("skip"))] if skip else layers
