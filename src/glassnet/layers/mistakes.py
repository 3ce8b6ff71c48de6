"""Classic mistakes that belong to one kind of layer: the base of ``mistakes.py`` beside it.

``layers/<kind>/mistakes.py`` holds a table ``MISTAKES``: name → what a wrong backward pass of this
kind makes of its gradients.  ``glassnet.explain`` makes them in a step; the texts are in the
catalogues of the languages, as those of every mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from glassnet._core.derivation import NamedArrays
from glassnet._core.types import Array
from glassnet.layers.base import Layer
from glassnet.layers.catalog import beside


class Wrong(NamedTuple):
    """A mistake of one kind of layer.

    Attributes:
        shows: whether this layer can make it, as a built layer.
        make: from the layer and the arrays of its step (x, z, dz or dy) to the arrays that are
            wrong: "dx", or the gradient of a parameter such as "dW".
    """

    shows: Callable[[Any], bool]
    make: Callable[[Any, NamedArrays], Mapping[str, Array]]


def wrong_start(before: int, after: int) -> int:
    """Where x does not begin: in front of its zeros, or with the larger part of them in front."""
    return after if after != before else 0


def mistake_of(layer: Layer, name: str) -> Wrong | None:
    """What a kind of layer says of one mistake; None where it can make no such."""
    module = beside(type(layer), "mistakes")
    found: Wrong | None = getattr(module, "MISTAKES", {}).get(name)
    return found if found is not None and found.shows(layer) else None
