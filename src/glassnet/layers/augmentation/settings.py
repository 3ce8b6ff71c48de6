"""The settings of augmentation as Keras takes them: one number, or two to draw between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet._core.registry import lookup
from glassnet._core.settings import number
from glassnet.errors import ConfigError
from glassnet.layers.augmentation.lines import CONSTANT, EDGE, REFLECT, WRAP

# What lies outside of an image: fill_value; the pixel at the edge; the image again, mirrored or
# from its other side.
FILL_MODES = {"constant": CONSTANT, "nearest": EDGE, "reflect": REFLECT, "wrap": WRAP}
INTERPOLATIONS = {"nearest": "nearest", "bilinear": "bilinear"}
FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")

Factor = float | Sequence[float]


def pair(owner: str, name: str, value: Any) -> tuple[Any, Any] | None:
    """A tuple or list of two; None for one number.

    Raises:
        ConfigError: a list of more or of fewer.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None
    if len(value) != 2:
        raise ConfigError(
            f"{owner}: {name} is {value!r}, but must be a number or two, (lowest, highest)."
        )
    return value[0], value[1]


def factor(
    owner: str, name: str, value: Any, minimum: float | None = -1.0, above: float | None = None
) -> tuple[float, float]:
    """The lowest and the highest of a factor: of one number f, -f and f.

    >>> factor("RandomRotation", "factor", 0.1), factor("RandomRotation", "factor", [0.2, -0.1])
    ((-0.1, 0.1), (-0.1, 0.2))

    Raises:
        ConfigError: not such numbers, or out of their range.
    """
    ends = pair(owner, name, value)
    limits: dict[str, Any] = {"minimum": minimum, "above": above, "maximum": 1.0}
    if ends is None:
        size = abs(number(owner, name, value, **limits))
        return number(owner, name, -size, **limits), size
    low, high = sorted(number(owner, name, end, **limits) for end in ends)
    return low, high


def spread(ends: tuple[float, float]) -> str:
    """Between which numbers is drawn, in words.

    >>> spread((-0.1, 0.1)), spread((0.8, 1.2))
    ('±0.1', '0.8 … 1.2')
    """
    low, high = (f"{end:.3g}" for end in ends)
    return f"±{high}" if ends[0] == -ends[1] else f"{low} … {high}"


def value_range(owner: str, value: Any) -> tuple[float, float]:
    """The smallest and the largest value of a pixel.

    Raises:
        ConfigError: not two numbers, or two that are equal.
    """
    ends = pair(owner, "value_range", value)
    if ends is None:
        raise ConfigError(
            f"{owner}: value_range is {value!r}, but must be two numbers, (black, white): (0, 1) "
            "or (0, 255)."
        )
    low, high = sorted(number(owner, "value_range", end) for end in ends)
    if low == high:
        raise ConfigError(f"{owner}: value_range is {value!r}, but black and white must differ.")
    return low, high


def word(owner: str, name: str, value: Any, known: Any) -> str:
    """One of the known words.

    Raises:
        UnknownNameError: another; names the closest.
    """
    lookup(f"{name} of {owner}", {each: each for each in known}, value)
    return str(value).lower()
