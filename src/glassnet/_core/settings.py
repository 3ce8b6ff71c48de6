"""Settings checked where they are given: a number in its range, or an error that says so."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real  # NumPy's numbers are some, too, and NumPy takes time to load

from glassnet._core.habits import unknown
from glassnet.errors import ConfigError, UnknownNameError


def number(
    owner: str,
    name: str,
    value: object,
    *,
    above: float | None = None,
    minimum: float | None = None,
    below: float | None = None,
    maximum: float | None = None,
) -> float:
    """The setting ``name`` of ``owner`` as a float, if it is a finite number in its range.

    >>> number("adam", "beta_1", 0.9, minimum=0.0, below=1.0)
    0.9
    >>> number("adam", "beta_1", 9, minimum=0.0, below=1.0)
    Traceback (most recent call last):
    glassnet.errors.ConfigError: adam: beta_1 is 9, but must be a number at least 0 and below 1.

    Raises:
        ConfigError: not a number, not finite, or out of its range.
    """
    if not isinstance(value, bool) and isinstance(value, Real):
        x = float(value)
        if (
            math.isfinite(x)
            and (above is None or x > above)
            and (minimum is None or x >= minimum)
            and (below is None or x < below)
            and (maximum is None or x <= maximum)
        ):
            return x
    ends = {"above": above, "at least": minimum, "below": below, "at most": maximum}
    ranges = " and ".join(f"{word} {end:g}" for word, end in ends.items() if end is not None)
    kind = f"number {ranges}" if ranges else "finite number"
    raise ConfigError(f"{owner}: {name} is {value!r}, but must be a {kind}.")


def whole_number(owner: str, name: str, value: object, *, minimum: int = 1) -> int:
    """The setting ``name`` of ``owner`` as an int, if it is a whole number from ``minimum`` on.

    Raises:
        ConfigError: not a whole number, or too small.
    """
    if not isinstance(value, bool) and (
        isinstance(value, Integral) or (isinstance(value, float) and value.is_integer())
    ):
        whole = int(value)
        if whole >= minimum:
            return whole
    raise ConfigError(
        f"{owner}: {name} is {value!r}, but must be a whole number of at least {minimum}."
    )


def keywords_of(function: Callable[..., object]) -> list[str]:
    """The names of a function's arguments, those that ``**unknown`` catches left out."""
    parameters = list(inspect.signature(function).parameters.values())
    return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD and p.name != "self"]


def refuse_unknown(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Nothing, if every name in ``given`` is a setting that ``owner`` knows.

    Raises:
        UnknownNameError: names the first that is not, and the closest that is.
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise UnknownNameError(unknown(f"setting of {owner}", name, names))
