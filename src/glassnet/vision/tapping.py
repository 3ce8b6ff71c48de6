"""What passes through chosen layers of a network, forward and backward.

The methods of the chosen layers are wrapped while it runs, and only then; nothing is computed a
second time. Blocks run their layers by the same methods, so those inside are reached as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.types import Array
from glassnet.layers import Layer
from glassnet.model.network import Network
from glassnet.vision.named import layer_named, layers_of

NUMBERS = 20_000_000  # outputs of all layers that are computed at once: 80 MB


@contextmanager
def tapped(layers: dict[str, Layer], kept: dict[str, Array], method: str) -> Iterator[None]:
    """Keep a copy of what ``method`` of the layers gives (forward) or gets (backward)."""
    for name, layer in layers.items():
        vars(layer)[method] = _tap(getattr(layer, method), name, kept, method == "backward")
    try:
        yield
    finally:
        for layer in layers.values():
            vars(layer).pop(method, None)


def _tap(
    run: Callable[..., Any], name: str, kept: dict[str, Array], incoming: bool
) -> Callable[..., Any]:
    def tap(x: Array, *more: Any, **options: Any) -> Any:
        if incoming:
            kept[name] = np.array(x)
            return run(x, *more, **options)
        y = run(x, *more, **options)
        kept[name] = np.array(y)  # a copy: layers reuse their arrays
        return y

    return tap


def layer_outputs(
    model: Network, x: ArrayLike, names: Iterable[str] | None = None
) -> dict[str, Array]:
    """Name → what the layer gives for the images ``x``, in prediction.

    Args:
        x: (n, …) as the network reads it.
        names: of layers; those inside blocks as ``"residual/conv2d"``. All, if not given.

    Raises:
        UnknownNameError: no such layer.
        ShapeError, DataError: x is not what the network was built for.
    """
    known = layers_of(model)
    wanted = list(known) if names is None else list(names)
    chosen = {name: layer_named(model, name) for name in wanted}
    inputs = model.take_input(x)
    size = max(1, NUMBERS // max(1, model.outputs_each))
    parts: dict[str, list[Array]] = {name: [] for name in wanted}
    for start in range(0, len(inputs), size):
        kept: dict[str, Array] = {}
        with tapped(chosen, kept, "forward"):
            y = inputs[start : start + size]
            for layer in model.layers:
                y = layer.forward(y)
        for name in wanted:
            parts[name].append(kept[name])
    return {name: np.concatenate(each) for name, each in parts.items()}
