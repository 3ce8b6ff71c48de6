"""The layers of a network as a list, and names for those that were given none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex

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


class LayerList(list[Layer]):
    """Layers in their order.  Once they have weights, the list can no longer be changed."""

    def __init__(self, layers: Iterable[Layer] = (), locked: str = "") -> None:
        super().__init__()
        self._locked = ""
        self[:] = list(layers)
        self._locked = locked

    def lock(self, why: str) -> None:
        """From now on, whoever changes the list is told ``why`` not."""
        self._locked = why

    def _become(self, layers: list[Layer]) -> None:
        """Hold ``layers``, if that is possible.

        Raises:
            ConfigError: the list is locked, something is no layer, or two have one name.
        """
        if self._locked:
            raise ConfigError(self._locked)
        for layer in layers:
            if not isinstance(layer, Layer):
                raise ConfigError(f"expected a layer, as in layers.Dense(10), got {layer!r}.")
        name_apart(layers)
        super().__setitem__(slice(None), layers)

    # Every way of changing a list goes through _become.

    def append(self, layer: Layer) -> None:
        self._become([*self, layer])

    def extend(self, layers: Iterable[Layer]) -> None:
        self._become([*self, *layers])

    def insert(self, index: SupportsIndex, layer: Layer) -> None:
        self._become(_changed(self, "insert", index, layer))

    def pop(self, index: SupportsIndex = -1) -> Layer:
        layer = self[index]
        self._become(_changed(self, "pop", index))
        return layer

    def remove(self, layer: Layer) -> None:
        self._become(_changed(self, "remove", layer))

    def clear(self) -> None:
        self._become([])

    def reverse(self) -> None:
        self._become(self[::-1])

    def sort(self, **how: Any) -> None:
        self._become(sorted(self, **how))

    def __setitem__(self, index: Any, layers: Any) -> None:
        self._become(_changed(self, "__setitem__", index, layers))

    def __delitem__(self, index: Any) -> None:
        self._become(_changed(self, "__delitem__", index))

    def __iadd__(self, layers: Iterable[Layer]) -> LayerList:  # type: ignore[override,misc]
        self.extend(layers)
        return self

    def __imul__(self, times: SupportsIndex) -> LayerList:
        self._become(list(self) * times)
        return self

    def __reduce__(self) -> Any:
        return LayerList, (list(self), self._locked)


def _changed(layers: Iterable[Layer], how: str, *arguments: Any) -> list[Layer]:
    """A plain copy of ``layers``, changed by a method of ``list``."""
    copy = list(layers)
    getattr(copy, how)(*arguments)
    return copy
