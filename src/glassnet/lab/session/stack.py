"""The field of the hidden layers: units, activation, dropout, batch norm and skip of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from glassnet.lab.catalogues import ACTIVATIONS
from glassnet.lab.kinds import Field, is_real

MOST_LAYERS = 6
MOST_UNITS = 16  # of a layer that are drawn, and that a person can give it
WIDEST = 512  # units of a layer that is opened: of a saved run, a link, a file
MOST_BETWEEN = 100_000  # weights between the hidden layers: a map is then made in 0.1 s

Hidden = tuple[int, str, float, bool, bool]  # units, activation, dropout, batch norm, skip


class Layers(Field):
    """The hidden layers: units, activation, dropout rate, batch normalization, skip.

    With a skip the layer is a block, and what comes into it goes around it as well:
    y = x + f(x·W + b).  Where it does not fit, the session drops it.
    """

    kind = "layers"

    def check(self, value: Any) -> tuple[Hidden, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > MOST_LAYERS:
            raise self.refuse(value, f"a list of at most {MOST_LAYERS} layers")
        checked = []
        for layer in value:
            if not isinstance(layer, (list, tuple)) or len(layer) not in (4, 5):
                raise self.refuse(
                    layer, "[units, activation, dropout, batch norm, skip] for each layer"
                )
            units, activation, dropout, norm, *around = layer
            skip = around[0] if around else False  # older files say nothing of it
            if not is_real(units) or units != units // 1 or not 1 <= units <= WIDEST:
                raise self.refuse(units, f"1 to {WIDEST} units for each layer")
            if activation not in ACTIVATIONS:
                raise self.refuse(activation, "an activation: " + ", ".join(ACTIVATIONS))
            if not is_real(dropout) or not 0 <= dropout <= 0.9:
                raise self.refuse(dropout, "a dropout rate from 0 to 0.9")
            if not isinstance(norm, bool):
                raise self.refuse(norm, "true or false for batch norm")
            if not isinstance(skip, bool):
                raise self.refuse(skip, "true or false for the skip connection")
            checked.append((int(units), str(activation), round(float(dropout), 2), norm, skip))
        if between([units for units, *_ in checked]) > MOST_BETWEEN:
            most = f"layers with at most {MOST_BETWEEN} weights between them"
            raise self.refuse(self.to_text(tuple(checked)), most)
        return tuple(checked)

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"activations": list(ACTIVATIONS)}

    def to_text(self, value: tuple[Hidden, ...]) -> str:
        """``8.relu,8.tanh.d20.bn.skip``: units, activation, dropout in percent, and so on."""
        return ",".join(
            f"{units}.{activation}"
            + (f".d{round(dropout * 100)}" if dropout else "")
            + (".bn" if norm else "")
            + (".skip" if skip else "")
            for units, activation, dropout, norm, skip in value
        )

    def from_text(self, text: str) -> Any:
        if not text:
            return ()
        layers = []
        for part in text.split(","):
            units, _, rest = part.partition(".")
            activation, *options = rest.split(".")
            dropout, norm, skip = 0.0, False, False
            for option in options:
                if option == "bn":
                    norm = True
                elif option == "skip":
                    skip = True
                elif option[:1] == "d" and option[1:].isascii() and option[1:].isdecimal():
                    dropout = int(option[1:4]) / 100
                else:
                    raise self.refuse(part, "as in 8.relu.d20.bn")
            if not (units.isascii() and units.isdecimal() and len(units) < 5):
                raise self.refuse(part, "as in 8.relu.d20.bn")
            layers.append((int(units), activation, dropout, norm, skip))
        return self.check(layers)


def between(units: Sequence[int]) -> int:
    """How many weights join layers of so many units.

    >>> between([8, 4, 2])
    40
    """
    return sum(a * b for a, b in pairwise(units))
