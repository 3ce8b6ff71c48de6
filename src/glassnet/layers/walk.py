"""Layers of a network one by one, those inside blocks as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import TypeVar

from glassnet.layers.base import Layer

L = TypeVar("L", bound=Layer)


def walk(layers: Iterable[Layer], prefix: str = "") -> Iterator[tuple[str, Layer]]:
    """(path, layer) of every layer, depth first, a block before what it holds.

    The path is the start of the names of its parameters: ``"block/dense"``.
    """
    for layer in layers:
        path = f"{prefix}{layer.name}"
        yield path, layer
        yield from walk(layer.sublayers(), f"{path}/")


def of_class(layers: Iterable[Layer], kind: type[L]) -> list[L]:
    """Those of the layers that are of this class or of a subclass."""
    return [layer for layer in layers if isinstance(layer, kind)]


def outputs_each(layers: Iterable[Layer]) -> int:
    """How many numbers the outputs of the layers have for one sample, where they are new ones."""
    return sum(
        prod(layer.output_shape or ())
        for layer in layers
        if not layer.sublayers() and not layer.changes_scale_or_shape_only
    )


def lowest_that_learns(layers: Sequence[Layer], frozen: bool = True) -> int:
    """The first layer with trained weights: nobody reads the gradient below it.

    Args:
        frozen: whether frozen weights count, whose gradients are looked at and not used.
    """
    for i, layer in enumerate(layers):
        if any(w.trained and (w.trainable or frozen) for w in layer.named_weights()):
            return i
    return 0
