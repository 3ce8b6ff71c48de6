"""Names that the library's catalogues know, read when they are first needed.

The table of fields is made before the page is served, and importing the catalogues takes longer
than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any


class Catalogue(Sequence[str]):
    """A sequence of names that is read when it is first looked at.

    Args:
        read: gives the names; one that comes twice counts once.
        first: names that stand before all others.
    """

    def __init__(self, read: Callable[[], Iterable[str]], first: Sequence[str] = ()) -> None:
        self._read, self._first = read, first

    @cached_property
    def _names(self) -> tuple[str, ...]:
        names = list(dict.fromkeys(self._read()))
        return tuple(dict.fromkeys([*(name for name in self._first if name in names), *names]))

    def __getitem__(self, place: Any) -> Any:
        return self._names[place]

    def __len__(self) -> int:
        return len(self._names)


def _activations(trainable: bool) -> Iterable[str]:
    from glassnet.activations import ACTIVATIONS

    return [f.name for f in ACTIVATIONS.values() if f.elementwise and f.trainable >= trainable]


# How the lists begin: the best known first.
COMMON = (
    "relu", "tanh", "sigmoid", "leaky_relu", "gelu", "silu", "elu", "selu", "softplus",
    "linear", "step", "exponential", "gelu_tanh", "relu6",
)  # fmt: skip

CURVES = Catalogue(lambda: _activations(trainable=False), COMMON)  # what can be drawn as a curve
ACTIVATIONS = Catalogue(lambda: _activations(trainable=True), COMMON)  # of a hidden layer
