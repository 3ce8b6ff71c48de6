"""Through the layers and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.convolution.pooled import PooledConvolution
from glassnet.layers.dense.tiles import TiledDense
from glassnet.layers.ensemble.fast import EncodedEnsemble
from glassnet.layers.walk import lowest_that_learns, walk


class Passes:
    """Layers in the order in which the data flows.

    Args:
        layers: of a network that is built.
        join: compute two of them in one pass where that is the same and faster, and no gradient
            below the lowest layer that is not frozen.  What a layer keeps of its forward is then
            not there: it is the way of training and predicting, and whoever looks into the layers
            goes through them one by one.
        examine: a convolution and its pooling in one pass, as training has them compiled; all else
            layer by layer.  Backward may follow a forward that is not training.
    """

    def __init__(self, layers: Sequence[Layer], join: bool = False, examine: bool = False) -> None:
        self.passes: list[Any] = []
        self.lowest = 0
        self._pooled: list[PooledConvolution] = []
        lowest = lowest_that_learns(layers, frozen=not join)
        images = any(layer.rank for _, layer in walk(layers))
        i = 0
        while i < len(layers):
            both: Any = None
            # the last layer has a forward_logits of its own
            if (join or examine) and i + 2 < len(layers):
                both = PooledConvolution.of(layers[i], layers[i + 1], keeps=examine)
                self._pooled += [both] if both else []
            if join and i + 1 < len(layers):
                both = both or EncodedEnsemble.of(layers[i], layers[i + 1])
            if i == lowest or (both and i + 1 == lowest):
                self.lowest = len(self.passes)
            one = TiledDense.of(layers[i]) if join and images else None
            self.passes.append(both or one or layers[i])
            i += 2 if both else 1

    @property
    def cuts_rows(self) -> bool:
        """Whether many rows at once cost no memory but that of the output."""
        return all(getattr(each, "cuts_rows", False) for each in self.passes)

    def output_of(self, layer: Layer) -> Array | None:
        """What a layer gave in the last forward, where it is kept.

        Of a convolution in one pass with its pooling what that kept of it.
        """
        pooled = next((both for both in self._pooled if both.convolution is layer), None)
        return layer.output if pooled is None else pooled.output

    def numbers_kept(self) -> int:
        """How many numbers a step of training keeps for one sample."""
        return sum(each.numbers_kept() for each in self.passes)

    def forward(self, x: Array, training: bool = False) -> Array:
        """The output for a batch ``x`` of the network's own type."""
        for each in self.passes:
            x = each.forward(x, training)
        return x

    def forward_logits(self, x: Array, training: bool = False) -> Array:
        """The output before the last activation."""
        for each in self.passes[:-1]:
            x = each.forward(x, training)
        logits: Array = self.passes[-1].forward_logits(x, training)
        return logits

    def backward(self, dy: Array, from_logits: bool = False) -> None:
        """From dL/d(output), or dL/d(logits): write every gradient.

        It ends at the lowest layer that learns.
        """
        top = len(self.passes) - 1
        for i in range(top, self.lowest - 1, -1):
            if from_logits and i == top:
                dx = self.passes[i].backward_logits(dy, i > self.lowest)
            else:
                dx = self.passes[i].backward(dy, i > self.lowest)
            if dx is not None:
                dy = dx
