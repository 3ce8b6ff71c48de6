"""Settings checked where they are given: a number in its range, or an error that says so."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from functools import cache
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
        try:
            x = float(value)
        except OverflowError:  # a whole number of more than 308 digits
            x = math.inf
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
    raise ConfigError(f"{owner}: {name} is {in_short(value)}, but must be a {kind}.")


def in_short(value: object) -> str:
    """What a message shows of what came.

    A whole number of thousands of digits cannot even be written (``sys.set_int_max_str_digits``).
    """
    try:
        told = repr(value)
    except ValueError:
        return "a whole number of thousands of digits"
    return told if len(told) <= 200 else f"{told[:50]}… ({len(told):,} characters)"


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
        f"{owner}: {name} is {in_short(value)}, but must be a whole number of at least {minimum}."
    )


@cache
def keywords_of(function: Callable[..., object]) -> tuple[str, ...]:
    """The names of a function's arguments, those that ``**unknown`` catches left out."""
    parameters = list(inspect.signature(function).parameters.values())
    return tuple(p.name for p in parameters if p.kind is not p.VAR_KEYWORD and p.name != "self")


def refuse_unknown(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Nothing, if every name in ``given`` is a setting that ``owner`` knows.

    Raises:
        UnknownNameError: names the first that is not, and the closest that is.
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise UnknownNameError(unknown(f"setting of {owner}", name, names))
