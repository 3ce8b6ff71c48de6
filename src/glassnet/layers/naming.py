"""Names for layers that were given none."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.errors import ConfigError
from glassnet.layers.base import Layer


def name_apart(layers: Sequence[Layer]) -> None:
    """Name the unnamed ones by their kind: dense, dense_1, dense_2 … (as Keras does).

    Raises:
        ConfigError: two layers were given the same name, or one layer stands in it twice.
    """
    taken: set[str] = set()
    for i, layer in enumerate(layers):
        if any(layer is other for other in layers[:i]):
            raise ConfigError(f"{layer.title} stands in the network twice: make a second one.")
        if layer.given_name in taken:
            raise ConfigError(f"two layers are called {layer.given_name!r}: name them apart.")
        if layer.given_name is not None:
            taken.add(layer.given_name)
    for layer in layers:
        if layer.given_name is None:
            name, count = layer.kind, 0
            while name in taken:
                count += 1
                name = f"{layer.kind}_{count}"
            layer.name = name
            taken.add(name)
